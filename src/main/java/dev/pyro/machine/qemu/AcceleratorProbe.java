package dev.pyro.machine.qemu;

import dev.pyro.json.Json;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.machine.LogText;
import dev.pyro.model.Accelerator;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.FileStatus;
import dev.pyro.os.Host;
import dev.pyro.os.HostCommand;
import dev.pyro.os.ProcessIdentity;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.AtomicFiles.Durability;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Chooses what executes the guests' instructions.
 *
 * <p>KVM is chosen only when a guest kernel has really booted under it: on some hosts {@code /dev/kvm} exists, and QEMU aborts or
 * the guest hangs. The answer is kept until the host reboots or QEMU, the kernel or the device's permissions change.
 */
final class AcceleratorProbe {
    static final String VARIABLE = "PYRO_ACCEL";

    private static final Path DEVICE = Path.of("/dev/kvm");
    private static final Duration BOOT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration EMULATION_TIMEOUT = Duration.ofSeconds(60);
    /** What a kernel without a root file system says when everything before that has worked. */
    private static final String BOOTED = "Unable to mount root fs";

    private final PyroPaths paths;
    private final Map<String, String> environment;

    AcceleratorProbe(PyroPaths paths, Map<String, String> environment) {
        this.paths = paths;
        this.environment = environment;
    }

    /**
     * What was chosen.
     *
     * @param accelerator it
     * @param reason why, in one sentence
     * @param usable whether it can be used; a user may have insisted on one that cannot
     */
    record Choice(Accelerator accelerator, String reason, boolean usable) {}

    /** Chooses; quick, unless KVM has to be tried for the first time. */
    Choice choose(QemuProgram program, Supplier<GuestImage> guestImage) {
        String wish = environment.getOrDefault(VARIABLE, "").strip().toLowerCase(Locale.ROOT);
        return switch (wish) {
            case "tcg" -> new Choice(Accelerator.TCG, VARIABLE + "=tcg asks for emulation", true);
            case "kvm" -> {
                Verdict verdict = kvm(program, guestImage);
                yield new Choice(
                        Accelerator.KVM, VARIABLE + "=kvm asks for KVM, and " + verdict.reason, verdict.usable);
            }
            case "", "auto" -> {
                Verdict verdict = kvm(program, guestImage);
                yield verdict.usable
                        ? new Choice(Accelerator.KVM, verdict.reason, true)
                        : new Choice(Accelerator.TCG, "emulation, because " + verdict.reason, true);
            }
            default ->
                throw new PyroException(
                        ErrorCode.INVALID_ARGUMENT,
                        VARIABLE + " is \"" + LogText.clean(wish) + "\"; it must be auto, kvm or tcg");
        };
    }

    /** Returns what a machine under KVM runs as: a member of the device's group, where that is what gives access. */
    static Confinement confinement(Accelerator accelerator) {
        Confinement confinement = Confinement.fresh();
        if (accelerator == Accelerator.KVM) {
            try {
                FileStatus device = FileStatus.of(DEVICE);
                boolean everybody = (device.mode() & 06) == 06;
                boolean group = (device.mode() & 060) == 060;
                if (!everybody && group) {
                    return confinement.withGroup(device.gid());
                }
            } catch (IOException e) {
                // It has gone; QEMU says so.
                return confinement;
            }
        }
        return confinement;
    }

    /** Whether KVM works, and why or why not. */
    record Verdict(boolean usable, String reason) {}

    private Verdict kvm(QemuProgram program, Supplier<GuestImage> guestImage) {
        if (!Files.exists(DEVICE)) {
            return new Verdict(false, DEVICE + " does not exist on this host");
        }
        String permissions;
        Confinement confinement = confinement(Accelerator.KVM);
        try {
            FileStatus device = FileStatus.of(DEVICE);
            permissions = "mode " + Integer.toOctalString(device.mode() & 07777) + ", owner " + device.uid()
                    + ", group " + device.gid();
            if (!mayOpen(device.mode(), confinement)) {
                return new Verdict(
                        false,
                        "the user that QEMU runs as may not open " + DEVICE + " (" + permissions
                                + "); give its group access, or join that group, to change that");
            }
        } catch (IOException e) {
            return new Verdict(false, DEVICE + " cannot be looked at: " + e.getMessage());
        }
        Path cache = paths.probes()
                .resolve("kvm-"
                        + TemplateKey.digest(String.join(
                                "\n",
                                ProcessIdentity.currentBootId(),
                                program.fingerprint(),
                                kernelRelease(),
                                permissions,
                                Integer.toString(Host.effectiveUid())))
                        + ".json");
        return readVerdict(cache).orElseGet(() -> {
            Verdict verdict = tryBoot(program, guestImage.get().kernel(), KVM_TRIAL, confinement, BOOT_TIMEOUT);
            writeVerdict(cache, verdict);
            return verdict;
        });
    }

    private static boolean mayOpen(int mode, Confinement confinement) {
        if (confinement.identity().isEmpty()) {
            return Files.isReadable(DEVICE) && Files.isWritable(DEVICE);
        }
        return (mode & 06) == 06 || !confinement.groups().isEmpty();
    }

    /**
     * Tells whether a guest boots under emulation, by booting one; the result is kept for this boot of the host.
     *
     * @param tscKhz what the guest's kernel is told of the host's clock
     */
    Verdict emulation(QemuProgram program, GuestImage image, long tscKhz) {
        Path cache = paths.probes()
                .resolve("tcg-"
                        + TemplateKey.digest(String.join(
                                "\n",
                                ProcessIdentity.currentBootId(),
                                program.fingerprint(),
                                image.digest(),
                                Integer.toString(Host.effectiveUid())))
                        + ".json");
        return readVerdict(cache).orElseGet(() -> {
            Trial trial = new Trial(
                    "emulation",
                    List.of("-accel", "tcg,thread=multi", "-cpu", "max,-erms"),
                    QemuCommandLine.emulatedClock(tscKhz));
            Verdict verdict = tryBoot(program, image.kernel(), trial, confinement(Accelerator.TCG), EMULATION_TIMEOUT);
            writeVerdict(cache, verdict);
            return verdict;
        });
    }

    /**
     * One way to boot a guest on trial.
     *
     * @param name for messages
     * @param processor QEMU's arguments about accelerator and processor
     * @param kernelArguments what the kernel has to be told besides
     */
    record Trial(String name, List<String> processor, String kernelArguments) {}

    static final Trial KVM_TRIAL = new Trial("KVM", List.of("-accel", "kvm", "-cpu", "host"), "");

    /** In a session of its own: a signal from the terminal must not look like an accelerator that does not work. */
    private static List<String> trialLine(List<String> qemu, Confinement confinement) {
        return Stream.concat(Stream.of("setsid"), confinement.wrap(qemu, Optional.empty()).stream())
                .toList();
    }

    /** Boots a kernel that has nothing to run: it must get as far as to say so. */
    static Verdict tryBoot(QemuProgram program, Path kernel, Trial trial, Confinement confinement, Duration timeout) {
        HostAccess.requireReadable(kernel, confinement);
        List<String> line = new ArrayList<>(List.of(program.path().toString(), "-M", "microvm,acpi=on"));
        line.addAll(trial.processor());
        line.addAll(List.of("-m", "128", "-nodefaults", "-no-user-config"));
        line.addAll(List.of("-display", "none", "-no-reboot", "-bios", "qboot.rom", "-serial", "stdio"));
        line.addAll(List.of("-kernel", kernel.toString()));
        line.addAll(List.of("-append", ("console=ttyS0 reboot=t panic=-1 pci=off " + trial.kernelArguments()).strip()));
        try {
            HostCommand.Result result =
                    HostCommand.of(timeout, trialLine(line, confinement)).run();
            if (result.output().contains(BOOTED)) {
                return new Verdict(true, "a guest kernel boots under " + trial.name());
            }
            String last = LogText.tail(result.output()).lines().reduce("", (first, second) -> second);
            return new Verdict(
                    false,
                    "a guest does not boot under " + trial.name() + " (exit code " + result.exitCode() + ": " + last
                            + ")");
        } catch (PyroException e) {
            if (e.code() != ErrorCode.HOST_TOOL_FAILED) {
                throw e;
            }
            return new Verdict(
                    false,
                    "a guest kernel did not boot under " + trial.name() + " within " + timeout.toSeconds() + " s");
        }
    }

    private static String kernelRelease() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip();
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static Optional<Verdict> readVerdict(Path cache) {
        try {
            JsonReader json = Json.parseObject(Files.readString(cache));
            return Optional.of(new Verdict(json.bool("usable"), json.string("reason")));
        } catch (IOException | JsonFormatException e) {
            return Optional.empty();
        }
    }

    private static void writeVerdict(Path cache, Verdict verdict) {
        AtomicFiles.write(
                cache,
                Json.writePretty(JsonObject.builder()
                                .put("format_version", 1)
                                .put("usable", verdict.usable)
                                .put("reason", verdict.reason)
                                .build())
                        + "\n",
                Durability.PROCESS);
    }
}
