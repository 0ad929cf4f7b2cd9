package dev.pyro.disk;

import java.nio.file.Path;
import java.util.List;

/** The command lines for copy-on-write disks. */
final class Qcow2CommandLine {
    private Qcow2CommandLine() {}

    /** Makes an overlay: reads fall through to the base, writes stay in the overlay. */
    static List<String> createOverlay(Path program, Path overlay, Path base, String baseFormat, long sizeBytes) {
        return List.of(
                program.toString(),
                "create",
                "-q",
                "-f",
                "qcow2",
                "-F",
                baseFormat,
                "-b",
                base.toString(),
                overlay.toString(),
                Long.toString(sizeBytes));
    }

    /** Makes an overlay without a look at its base, whose name is relative to the overlay. */
    static List<String> createSibling(Path program, Path overlay, String baseName, String baseFormat, long sizeBytes) {
        return List.of(
                program.toString(),
                "create",
                "-q",
                "-u",
                "-f",
                "qcow2",
                "-F",
                baseFormat,
                "-b",
                baseName,
                overlay.toString(),
                Long.toString(sizeBytes));
    }
}
