package dev.pyro.machine.qemu;

import dev.pyro.disk.Qcow2;
import dev.pyro.machine.LogText;
import dev.pyro.machine.Machine;
import dev.pyro.machine.MachineBackend;
import dev.pyro.machine.MachineSpec;
import dev.pyro.machine.MachineSpec.NetworkMode;
import dev.pyro.machine.MachineSpec.StartMode;
import dev.pyro.machine.WorkVolumes;
import dev.pyro.machine.qemu.AcceleratorProbe.Choice;
import dev.pyro.machine.qemu.AcceleratorProbe.Verdict;
import dev.pyro.machine.qemu.MachineStarter.Boot;
import dev.pyro.machine.qemu.QemuCommandLine.GuestShape;
import dev.pyro.machine.qemu.QemuCommandLine.Memory;
import dev.pyro.machine.qemu.QemuCommandLine.WorkDisk;
import dev.pyro.machine.qemu.QemuLauncher.Launched;
import dev.pyro.machine.qemu.QemuProgram.Version;
import dev.pyro.model.Accelerator;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ExecutionMode;
import dev.pyro.model.Problem;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.Host;
import dev.pyro.os.HostCommand;
import dev.pyro.os.HostTool;
import dev.pyro.os.HostTools;
import dev.pyro.os.ProcessIdentity;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Virtual machines in QEMU's {@code microvm} board, under KVM or emulation. Safe for use by several threads.
 *
 * <p>A machine is one QEMU process (and one passt process where it has a network, one more where it publishes ports) that needs no other process of Pyro's; its
 * sockets and its record lie in its folder.
 */
public final class QemuBackend implements MachineBackend {
    private static final Duration CLOCK_TIMEOUT = Duration.ofSeconds(20);
    private static final long MAX_TSC_KHZ = 100_000_000;
    private static final String OPERATION = "run";

    private final QemuConfig config;
    private final HostTools tools;
    private final AcceleratorProbe accelerators;
    private final MachineStarter starter;
    private final TemplateStore templates;
    private final TemplateBuilder builder;
    private final QemuVolumes volumes;

    public QemuBackend(QemuConfig config) {
        this.config = config;
        this.tools = new HostTools(config.environment());
        this.accelerators = new AcceleratorProbe(config.paths(), config.environment());
        this.starter = new MachineStarter(new QemuLauncher(config.environment()), config.readiness(), new Qcow2(tools));
        this.templates = new TemplateStore(config.paths());
        this.builder = new TemplateBuilder(starter);
        this.volumes = new QemuVolumes(tools, BuildNamespace.ofThisUser());
    }

    @Override
    public String name() {
        return "qemu";
    }

    @Override
    public ExecutionMode executionMode() {
        return ExecutionMode.GUEST_VIRTIO;
    }

    @Override
    public Set<HostTool> tools(NetworkMode network) {
        Set<HostTool> tools =
                EnumSet.of(HostTool.QEMU, HostTool.QEMU_IMG, HostTool.BUSYBOX, HostTool.SETPRIV, HostTool.SETSID);
        if (network != NetworkMode.NONE) {
            tools.add(HostTool.PASST);
        }
        return tools;
    }

    @Override
    public Probe probe() {
        if (!Host.platform().equals(Host.SUPPORTED_PLATFORM)) {
            return unusable(
                    "QEMU guests need " + Host.SUPPORTED_PLATFORM + ", and this is " + Host.platform(),
                    "use such a host");
        }
        try {
            QemuProgram program = QemuProgram.find(config.environment());
            Version version = program.version();
            if (tools.find(HostTool.QEMU_IMG).isEmpty()) {
                return unusable("qemu-img is not installed", "apt-get install qemu-utils");
            }
            Choice choice =
                    accelerators.choose(program, () -> config.guestImage().apply(Progress.Listener.NONE));
            String reason = "QEMU " + version + " at " + program.path() + "; " + choice.reason();
            if (choice.usable() && choice.accelerator() == Accelerator.TCG) {
                GuestImage image = config.guestImage().apply(Progress.Listener.NONE);
                Verdict verdict = accelerators.emulation(program, image, measureClock(image.agent()));
                if (!verdict.usable()) {
                    return unusable(verdict.reason(), "reinstall QEMU: apt-get install --reinstall qemu-system-x86");
                }
            }
            return choice.usable()
                    ? new Probe(true, choice.accelerator(), reason, List.of())
                    : new Probe(
                            false,
                            choice.accelerator(),
                            reason,
                            List.of(new Problem(choice.reason(), "unset " + AcceleratorProbe.VARIABLE)));
        } catch (PyroException e) {
            if (e.code() == ErrorCode.INTERRUPTED) {
                throw e;
            }
            return unusable(e.getMessage(), "mend that, and run `pyro doctor` again");
        }
    }

    private static Probe unusable(String reason, String remedy) {
        return new Probe(false, null, reason, List.of(new Problem(reason, remedy)));
    }

    @Override
    public Machine start(MachineSpec spec, Progress.Listener listener) {
        QemuProgram program = QemuProgram.find(config.environment());
        GuestImage image = config.guestImage().apply(listener);
        Choice choice = accelerators.choose(program, () -> image);
        if (!choice.usable()) {
            throw new PyroException(
                    ErrorCode.GUEST_UNAVAILABLE,
                    choice.reason() + "; unset " + AcceleratorProbe.VARIABLE + " to let Pyro choose");
        }
        boolean fresh = !Files.exists(new MachineFolder(spec.directory()).rootDisk());
        return spec.startMode() == StartMode.TEMPLATE && fresh
                ? clone(spec, program, image, choice.accelerator(), listener)
                : boot(spec, program, image, choice.accelerator());
    }

    private Machine clone(
            MachineSpec spec,
            QemuProgram program,
            GuestImage image,
            Accelerator accelerator,
            Progress.Listener listener) {
        String key = TemplateKey.of(spec, program, image, accelerator);
        Optional<Template> found = templates.find(key);
        if (found.isPresent()) {
            try {
                return starter.restore(spec, program, image, accelerator, found.get());
            } catch (PyroException e) {
                boolean damaged = e.code() == ErrorCode.MACHINE_START_FAILED || e.code() == ErrorCode.STORAGE_UNUSABLE;
                if (!damaged || Thread.currentThread().isInterrupted()) {
                    throw e;
                }
                // A damaged template, or one that was dropped in this very moment: build it anew, once.
            }
        }
        Template template = templates.build(
                key, found, () -> listener.onProgress(Progress.of(OPERATION, "template-wait", spec.id())), staging -> {
                    listener.onProgress(Progress.of(OPERATION, "template", spec.id()));
                    DiskRoom.require(staging, DiskRoom.TEMPLATE_BYTES, "save a machine template");
                    try {
                        builder.build(staging, key, spec, program, image, shape(spec, image, accelerator));
                    } catch (PyroException e) {
                        throw DiskRoom.explain(e, staging);
                    }
                });
        return starter.restore(spec, program, image, accelerator, template);
    }

    private Machine boot(MachineSpec spec, QemuProgram program, GuestImage image, Accelerator accelerator) {
        program.version();
        MachineFolder folder = new MachineFolder(spec.directory());
        QemuCommandLine line = new QemuCommandLine(
                program.path(),
                spec.id(),
                shape(spec, image, accelerator),
                image.kernel(),
                image.initramfs(),
                new Memory.Anonymous(),
                folder.rootDiskFromSockets(),
                WorkDisk.of(spec),
                false);
        Boot boot = new Boot(
                spec.id(),
                folder,
                spec.root().image(),
                spec.rootDiskBytes(),
                line,
                AcceleratorProbe.confinement(accelerator),
                spec.leased(),
                image.agent());
        Launched launched;
        try {
            launched = starter.boot(boot);
        } catch (PyroException e) {
            throw DiskRoom.explain(e, spec.directory());
        }
        launched.control().close();
        return launched.machine();
    }

    private static GuestShape shape(MachineSpec spec, GuestImage image, Accelerator accelerator) {
        return new GuestShape(
                accelerator,
                spec.vcpuCount(),
                spec.memMib(),
                spec.network(),
                accelerator == Accelerator.TCG ? measureClock(image.agent()) : 0);
    }

    private static long measureClock(Path agent) {
        String output = HostCommand.of(CLOCK_TIMEOUT, List.of(agent.toString(), "--tsc-khz"))
                .runOrFail("measure the processor's clock")
                .strip();
        try {
            long khz = Long.parseLong(output);
            if (khz > 0 && khz <= MAX_TSC_KHZ) {
                return khz;
            }
        } catch (NumberFormatException e) {
            // Reported below.
        }
        throw new PyroException(
                ErrorCode.HOST_TOOL_FAILED,
                agent + " --tsc-khz printed \""
                        + LogText.clean(output.lines().findFirst().orElse("")) + "\" instead of a frequency");
    }

    @Override
    public WorkVolumes volumes() {
        return volumes;
    }

    @Override
    public void prune(boolean all, Predicate<Path> mayDelete) {
        templates.prune(all, mayDelete);
    }

    @Override
    public Optional<Machine> adopt(Path directory) {
        MachineFolder folder = new MachineFolder(directory.toAbsolutePath());
        Optional<MachineRecord> record = MachineRecord.read(folder.record());
        if (record.isEmpty()) {
            return Optional.empty();
        }
        if (!record.get().process().isAlive()) {
            // They end with it; this is for the moment in which they had no QEMU yet.
            record.get().companions().forEach(ProcessIdentity::kill);
            return Optional.empty();
        }
        return Optional.of(new QemuMachine(record.get(), folder, new ConsoleTail()));
    }
}
