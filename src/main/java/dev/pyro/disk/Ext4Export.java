package dev.pyro.disk;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.HostCommand;
import dev.pyro.os.HostTool;
import dev.pyro.os.HostTools;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Makes one raw sparse file of a disk that a machine has used, sound again. Immutable; safe for use by several threads. */
public final class Ext4Export {
    private static final Duration CHECK_TIMEOUT = Duration.ofMinutes(20);
    private static final long CHECK_MEMORY_BYTES = 2L << 30;

    /** e2fsck's bits for what it has mended. */
    private static final int MENDED = 1 | 2;

    /**
     * Runs e2fsck as a user who owns nothing but the image, and reaches it through a descriptor only: whatever the file system makes of
     * e2fsck, it finds no network, no right and no other file of Pyro's.
     */
    private static final String CHECK = """
            chown "$2:$2" "$1" || exit 120
            unshare --net --ipc -- prlimit --core=0 --cpu="$3" --as="$4" --fsize="$5" -- \
                setpriv --reuid="$2" --regid="$2" --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all -- \
                "$6" -f -y /proc/self/fd/0 <>"$1"
            code=$?
            chown 0:0 "$1" || exit 120
            exit $code
            """;

    private final HostTools tools;
    private final BuildNamespace namespace;

    public Ext4Export(HostTools tools, BuildNamespace namespace) {
        this.tools = tools;
        this.namespace = namespace;
    }

    /**
     * Copies a disk, replays its journal and mends what a sudden end of the machine has left.
     *
     * @param image does not exist yet
     * @param user who the check runs as: a user of the build namespace whom nothing belongs to
     * @throws PyroException {@link ErrorCode#DISK_FULL}, {@link ErrorCode#HOST_TOOL_FAILED}, {@link ErrorCode#STORAGE_UNUSABLE}; no
     *     image is left then
     */
    public void write(List<DiskLayer> layers, Path image, int user) {
        boolean done = false;
        try {
            DiskChain.copy(layers, image);
            check(image, user);
            done = true;
        } catch (IOException e) {
            throw e instanceof DamagedDiskException
                    ? DiskChain.failure("the disk", image, e)
                    : AtomicFiles.failure("write", image, e);
        } finally {
            if (!done) {
                AtomicFiles.deleteTree(image);
            }
        }
    }

    private void check(Path image, int user) throws IOException {
        HostCommand.Result result = namespace.run(
                new HostCommand(
                        commandLine(tools.path(HostTool.E2FSCK), image, user, Files.size(image)),
                        null,
                        Map.of(),
                        CHECK_TIMEOUT),
                line -> {});
        if ((result.exitCode() & ~MENDED) != 0) {
            throw new PyroException(
                    ErrorCode.HOST_TOOL_FAILED,
                    "the file system of the machine cannot be mended for the export: e2fsck ended with exit code "
                            + result.exitCode() + ": " + lastLine(result.output())
                            + "; start from a snapshot, or look at single files");
        }
    }

    static List<String> commandLine(Path e2fsck, Path image, int user, long imageBytes) {
        return List.of(
                "sh",
                "-c",
                CHECK,
                "sh",
                image.toAbsolutePath().toString(),
                Integer.toString(user),
                Long.toString(CHECK_TIMEOUT.toSeconds()),
                Long.toString(CHECK_MEMORY_BYTES),
                Long.toString(imageBytes),
                e2fsck.toString());
    }

    private static String lastLine(String output) {
        List<String> lines = output.strip().lines().toList();
        return lines.isEmpty() ? "it said nothing" : dev.pyro.model.Arguments.printable(lines.getLast());
    }
}
