package dev.pyro.bench;

import dev.pyro.LocalPyro;
import dev.pyro.model.OpenShell;
import dev.pyro.model.ReadShell;
import dev.pyro.model.ShellAttachment;
import dev.pyro.model.ShellId;
import dev.pyro.model.ShellInput;
import dev.pyro.model.WorkspaceId;
import dev.pyro.sdk.Pyro;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Types a word into a shell of a workspace and waits for its echo, once for each line of its input, and prints the nanoseconds that it took: by the
 * facade's calls, and over connections to the agent that are there already, which is what the guest and the way to it take.
 */
final class FacadeShells {
    private static final Duration LONGEST = Duration.ofSeconds(30);
    private static final int MAX_WAITING = 1024;

    private FacadeShells() {}

    /** Takes the workspace's id. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Pyro pyro = LocalPyro.open();
        WorkspaceId id = new WorkspaceId(arguments[0]);
        ShellId shell = pyro.openShell(id, OpenShell.defaults()).shellId();
        pyro.writeShell(id, shell, "exec cat > /dev/null", true);
        pyro.readShell(id, shell, ReadShell.defaults().withWaitIdle(Duration.ofSeconds(1)));
        try (ShellAttachment attachment = pyro.attachShell(id, shell, OpenShell.DEFAULT_COLS, OpenShell.DEFAULT_ROWS);
                BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            BlockingQueue<String> heard = new ArrayBlockingQueue<>(MAX_WAITING);
            Thread.ofPlatform()
                    .daemon()
                    .start(() -> attachment.follow(bytes -> {
                        if (!heard.offer(StandardCharsets.UTF_8.decode(bytes).toString())) {
                            throw new IllegalStateException("nobody listens");
                        }
                    }));
            int number = 0;
            while (input.readLine() != null) {
                number++;
                long byFacade = facade(pyro, id, shell, "facade-" + number);
                System.out.println(byFacade + " " + raw(attachment, heard, "raw-" + number));
            }
        }
        pyro.closeShell(id, shell);
    }

    private static long facade(Pyro pyro, WorkspaceId id, ShellId shell, String word) {
        long start = System.nanoTime();
        ShellInput typed = pyro.writeShell(id, shell, word, true);
        pyro.readShell(
                id,
                shell,
                ReadShell.defaults().withCursor(typed.shell().endCursor()).withWaitFor(word + "\r\n"));
        return System.nanoTime() - start;
    }

    private static long raw(ShellAttachment attachment, BlockingQueue<String> heard, String word)
            throws InterruptedException {
        long start = System.nanoTime();
        attachment.write((word + "\n").getBytes(StandardCharsets.UTF_8));
        StringBuilder output = new StringBuilder();
        while (output.indexOf(word + "\r\n") < 0) {
            String more = heard.poll(LONGEST.toSeconds(), TimeUnit.SECONDS);
            if (more == null) {
                throw new IllegalStateException("no echo of " + word + " in: " + output);
            }
            output.append(more);
        }
        return System.nanoTime() - start;
    }
}
