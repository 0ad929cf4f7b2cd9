package dev.pyro.disk;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.HostCommand;
import dev.pyro.os.HostTool;
import dev.pyro.os.HostTools;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** Makes copy-on-write disks with qemu-img. Immutable; safe for use by several threads. */
public final class Qcow2 {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    /** The format of the disk under an overlay. It is always named: guessing it from content would let a guest choose it. */
    public enum Format {
        RAW("raw"),
        QCOW2("qcow2");

        private final String wireName;

        Format(String wireName) {
            this.wireName = wireName;
        }

        /** Returns qemu's name of it. */
        public String wireName() {
            return wireName;
        }
    }

    private final HostTools tools;

    public Qcow2(HostTools tools) {
        this.tools = tools;
    }

    /**
     * Makes an overlay over a disk that is never written again.
     *
     * @param overlay does not exist yet
     * @param base an absolute path
     * @param sizeBytes the virtual size, at least the base's
     * @throws PyroException {@link ErrorCode#HOST_TOOL_FAILED}, {@link ErrorCode#HOST_TOOL_MISSING}
     */
    public void createOverlay(Path overlay, Path base, Format baseFormat, long sizeBytes) {
        HostCommand.of(
                        TIMEOUT,
                        Qcow2CommandLine.createOverlay(
                                tools.path(HostTool.QEMU_IMG),
                                overlay.toAbsolutePath(),
                                base.toAbsolutePath(),
                                baseFormat.wireName(),
                                sizeBytes))
                .runOrFail("make the disk " + overlay);
    }

    /**
     * Makes an overlay over a disk in the same folder, which it names relatively so that the folder may move. The base is not opened:
     * a machine may be writing it. The overlay survives a power failure.
     *
     * @param overlay does not exist yet
     * @param baseName the base's name in the overlay's folder
     * @param sizeBytes the virtual size, at least the base's
     * @throws PyroException {@link ErrorCode#HOST_TOOL_FAILED}, {@link ErrorCode#HOST_TOOL_MISSING}, {@link ErrorCode#DISK_FULL}; what
     *     is left of the overlay is deleted
     */
    public void createSibling(Path overlay, String baseName, Format baseFormat, long sizeBytes) {
        boolean created = false;
        try {
            HostCommand.Result result = HostCommand.of(
                            TIMEOUT,
                            Qcow2CommandLine.createSibling(
                                    tools.path(HostTool.QEMU_IMG),
                                    overlay.toAbsolutePath(),
                                    baseName,
                                    baseFormat.wireName(),
                                    sizeBytes))
                    .run();
            if (result.exitCode() != 0) {
                boolean full = result.output().contains("No space left on device");
                throw new PyroException(
                        full ? ErrorCode.DISK_FULL : ErrorCode.HOST_TOOL_FAILED,
                        "cannot make the disk " + overlay + ": "
                                + result.output().strip()
                                + (full ? "; free some room (`pyro env prune` helps) and try again" : ""));
            }
            DiskUsage.flush(overlay);
            created = true;
        } catch (IOException e) {
            throw AtomicFiles.failure("make the disk", overlay, e);
        } finally {
            if (!created) {
                AtomicFiles.deleteTree(overlay);
            }
        }
    }
}
