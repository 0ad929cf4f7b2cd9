package dev.pyro.bench;

import dev.pyro.LocalPyro;
import dev.pyro.model.WorkspaceFile;
import dev.pyro.model.WorkspaceId;
import dev.pyro.sdk.Pyro;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** Reads a file of a workspace by the facade, once for each line of its input, and prints the nanoseconds that it took. */
final class FacadeReads {
    private FacadeReads() {}

    /** Takes the workspace's id and the file's path. */
    public static void main(String[] arguments) throws IOException {
        Pyro pyro = LocalPyro.open();
        WorkspaceId id = new WorkspaceId(arguments[0]);
        try (BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            while (input.readLine() != null) {
                long start = System.nanoTime();
                pyro.readWorkspaceFile(id, arguments[1], WorkspaceFile.DEFAULT_MAX_BYTES);
                System.out.println(System.nanoTime() - start);
            }
        }
    }
}
