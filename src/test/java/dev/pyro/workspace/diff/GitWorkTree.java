package dev.pyro.workspace.diff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.agent.GuestText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The real git, with a repository and a work tree of its own. Trees come and go as streams of git's, so that names may be any
 * bytes.
 */
final class GitWorkTree {
    private static final int TIMEOUT_SECONDS = 60;

    /** $1 to $4: stream of the two trees, patch, listing of what came out, and git's own diff. */
    private static final String SCRIPT = """
            set -eu
            git fast-import --quiet --force <"$1"
            rm -rf "$GIT_WORK_TREE" && mkdir "$GIT_WORK_TREE" && cd "$GIT_WORK_TREE"
            git read-tree before && git checkout-index --all --force
            [ ! -s "$2" ] || git apply "$2"
            git add --all . && git ls-files --stage -z >"$3"
            git diff --no-renames before after >"$4"
            """;

    private final Path folder;

    GitWorkTree(Path folder) throws IOException {
        this.folder = folder;
        Files.createDirectory(folder.resolve("work"));
        run(List.of("git", "init", "--quiet", "repository"));
    }

    /** What git made of a patch, as {@link MemoryTree#gitView} lists a tree, and git's own patch, as {@link GuestText} has it. */
    record Outcome(List<String> view, String ownPatch) {}

    /** Makes a work tree of the first tree and lets {@code git apply} change it by the patch. */
    Outcome apply(MemoryTree before, MemoryTree after, String patch) throws IOException {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        write(stream, "before", before);
        write(stream, "after", after);
        Files.write(folder.resolve("stream"), stream.toByteArray());
        Files.writeString(folder.resolve("patch"), patch);
        List<String> command = new ArrayList<>(List.of("sh", "-c", SCRIPT, "sh"));
        for (String file : List.of("stream", "patch", "listing", "diff")) {
            command.add(folder.resolve(file).toString());
        }
        run(command);
        return new Outcome(
                view(Files.readAllBytes(folder.resolve("listing"))),
                GuestText.decode(Files.readAllBytes(folder.resolve("diff"))));
    }

    private static void write(ByteArrayOutputStream stream, String branch, MemoryTree tree) {
        line(stream, "reset refs/heads/" + branch);
        line(stream, "commit refs/heads/" + branch);
        line(stream, "committer t <t@t> 0 +0000\ndata 0\ndeleteall");
        for (String path : tree.leaves()) {
            GitBlob blob = tree.blob(path);
            line(stream, "M " + Integer.toOctalString(blob.mode()) + " inline " + GitQuoting.quote("", path));
            line(stream, "data " + blob.content().length);
            stream.writeBytes(blob.content());
            line(stream, "");
        }
    }

    private static void line(ByteArrayOutputStream stream, String text) {
        stream.writeBytes((text + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> view(byte[] listing) {
        List<String> view = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < listing.length; i++) {
            if (listing[i] == 0) {
                String entry = GuestText.decode(Arrays.copyOfRange(listing, start, i));
                int tab = entry.indexOf('\t');
                String[] fields = entry.substring(0, tab).split(" ", -1);
                byte[] path = GuestText.encode(entry.substring(tab + 1));
                view.add(fields[0] + " " + fields[1] + " " + HexFormat.of().formatHex(path));
                start = i + 1;
            }
        }
        return view;
    }

    /** Runs a command in the folder; it must succeed. */
    void run(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment()
                .putAll(Map.of(
                        "HOME", folder.toString(),
                        "GIT_CONFIG_NOSYSTEM", "1",
                        "GIT_DIR", folder.resolve("repository/.git").toString(),
                        "GIT_WORK_TREE", folder.resolve("work").toString(),
                        "LC_ALL", "C"));
        Path output = folder.resolve("output");
        builder.redirectErrorStream(true).redirectOutput(output.toFile());
        try {
            Process process = builder.start();
            boolean ended = process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS);
            process.destroyForcibly();
            assertThat(ended).isTrue();
            assertThat(process.exitValue()).as(Files.readString(output)).isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
