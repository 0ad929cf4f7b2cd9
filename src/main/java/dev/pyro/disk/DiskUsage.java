package dev.pyro.disk;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.HostCommand;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;

/** How much of the disk files take, which for sparse ones is not their size. Stateless. */
public final class DiskUsage {
    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    private DiskUsage() {}

    /**
     * Returns how much of the disk a file or a whole tree takes, as far as this user can look.
     *
     * @throws PyroException {@link ErrorCode#HOST_TOOL_FAILED}
     */
    public static long allocatedBytes(Path path) {
        HostCommand.Result result = HostCommand.of(
                        TIMEOUT,
                        List.of("du", "--summarize", "--one-file-system", "--block-size=1", "--", path.toString()))
                .run();
        // Folders of subordinate ids are closed to an ordinary user; du says so, and counts the rest.
        List<String> lines = result.output().strip().lines().toList();
        String last = lines.isEmpty() ? "" : lines.getLast();
        int end = last.indexOf('\t');
        try {
            return Long.parseLong(last.substring(0, Math.max(0, end)));
        } catch (NumberFormatException e) {
            throw new PyroException(
                    ErrorCode.HOST_TOOL_FAILED,
                    "cannot measure " + path + ": " + result.output().strip(),
                    e);
        }
    }

    /** Makes sure that a file survives a power failure. */
    public static void flush(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
