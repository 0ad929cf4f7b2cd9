package dev.pyro.machine.qemu;

import dev.pyro.machine.MachineSpec;
import dev.pyro.model.Accelerator;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** The name of a template: a digest of everything that a machine's saved state depends on. Stateless. */
final class TemplateKey {
    /** Changes with what a template saves and how. */
    private static final int FORMAT = 3;

    private static final int HEX_DIGITS = 32;
    private static final int MAX_CPUINFO_LINES = 64;

    private TemplateKey() {}

    /** Returns the key of the template that a machine is cloned from. */
    static String of(MachineSpec spec, QemuProgram program, GuestImage image, Accelerator accelerator) {
        List<String> parts = new ArrayList<>();
        parts.add("format " + FORMAT);
        parts.add("root " + spec.root().digest() + " " + fingerprint(spec.root().image()));
        parts.add("root disk " + spec.rootDiskBytes());
        // Processors, memory, devices and the kernel's arguments. A machine of another layout would not wake up from
        // this state.
        parts.add("machine " + QemuCommandLine.layout(accelerator, spec));
        parts.add("qemu " + program.fingerprint());
        parts.add("guest " + image.digest());
        if (accelerator == Accelerator.KVM) {
            // The guest sees the host's own processor.
            parts.add("processor " + processor());
        }
        return digest(String.join("\n", parts));
    }

    /** Returns the first hex digits of a text's SHA-256. */
    static String digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, HEX_DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The same packages give another image when it is built again, and the guest's memory holds parts of this one. */
    private static String fingerprint(Path image) {
        try {
            return image.toRealPath() + " " + Files.size(image) + " "
                    + Files.getLastModifiedTime(image).toMillis();
        } catch (IOException e) {
            throw AtomicFiles.failure("read", image, e);
        }
    }

    private static String processor() {
        Path file = Path.of("/proc/cpuinfo");
        try (java.util.stream.Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
            return String.join(
                    "\n",
                    lines.limit(MAX_CPUINFO_LINES)
                            .takeWhile(line -> !line.isBlank())
                            .filter(line -> line.startsWith("model name")
                                    || line.startsWith("stepping")
                                    || line.startsWith("microcode")
                                    || line.startsWith("flags"))
                            .toList());
        } catch (IOException | java.io.UncheckedIOException e) {
            return "unknown";
        }
    }
}
