package dev.pyro.machine.qemu;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Tells a full disk from other failures: QEMU only dies of it, with SIGBUS and without a word. Stateless. */
final class DiskRoom {
    /** The memory that a guest touches while it boots, its disk and its state. */
    static final long TEMPLATE_BYTES = 256L << 20;

    /** With less than this left, a failure is taken to come from it. */
    private static final long NEARLY_FULL_BYTES = 4L << 20;

    private DiskRoom() {}

    /**
     * Checks that there is room.
     *
     * @throws PyroException {@link ErrorCode#DISK_FULL}
     */
    static void require(Path folder, long bytes, String purpose) {
        long free = free(folder);
        if (free < bytes) {
            throw new PyroException(
                    ErrorCode.DISK_FULL,
                    "cannot " + purpose + " in " + folder + ": it needs " + (bytes >> 20) + " MiB, and " + (free >> 20)
                            + " MiB are free; free some room (`pyro env prune` helps), or set PYRO_CACHE_DIR to a larger"
                            + " disk");
        }
    }

    /** Returns the failure, or a full disk where that is the reason for it. */
    static PyroException explain(PyroException failure, Path folder) {
        if (failure.code() != ErrorCode.MACHINE_START_FAILED && failure.code() != ErrorCode.HOST_TOOL_FAILED) {
            return failure;
        }
        String message = String.valueOf(failure.getMessage());
        String lower = message.toLowerCase(Locale.ROOT);
        if (lower.contains("no space left")
                || lower.contains("disk quota exceeded")
                || free(folder) < NEARLY_FULL_BYTES) {
            return new PyroException(
                    ErrorCode.DISK_FULL,
                    "the disk of " + folder + " is full; free some room (`pyro env prune` helps) and try again: "
                            + message,
                    failure);
        }
        return failure;
    }

    private static long free(Path folder) {
        try {
            return Files.getFileStore(folder).getUsableSpace();
        } catch (IOException e) {
            throw AtomicFiles.failure("look at", folder, e);
        }
    }
}
