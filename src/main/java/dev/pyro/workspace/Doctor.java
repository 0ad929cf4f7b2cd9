package dev.pyro.workspace;

import dev.pyro.environment.CatalogueEntry;
import dev.pyro.machine.MachineBackend;
import dev.pyro.model.Accelerator;
import dev.pyro.model.Arguments;
import dev.pyro.model.DoctorReport;
import dev.pyro.model.DoctorReport.Backend;
import dev.pyro.model.DoctorReport.Capabilities;
import dev.pyro.model.DoctorReport.Kvm;
import dev.pyro.model.DoctorReport.Networking;
import dev.pyro.model.DoctorReport.Tool;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.Problem;
import dev.pyro.model.PyroException;
import dev.pyro.os.Host;
import dev.pyro.os.HostTool;
import dev.pyro.os.HostTools;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds out what this host can do, by running the real thing: every tool, every back end, and, when an environment is installed, a
 * guest with a command in it. Safe for use by several threads.
 */
public final class Doctor {
    private static final Path KVM = Path.of("/dev/kvm");
    private static final Path TUN = Path.of("/dev/net/tun");
    private static final Path IP_FORWARD = Path.of("/proc/sys/net/ipv4/ip_forward");

    private final PyroPaths paths;
    private final HostTools tools;
    private final WorkspaceContext context;
    private final OneShotRuns runs;

    public Doctor(PyroPaths paths, HostTools tools, WorkspaceContext context, OneShotRuns runs) {
        this.paths = paths;
        this.tools = tools;
        this.context = context;
        this.runs = runs;
    }

    /** What was found out about the back ends. */
    private record Backends(
            List<Backend> all,
            @Nullable String selected,
            @Nullable Accelerator accelerator,
            String reason) {}

    /** Examines this host as one of the given platform. */
    public DoctorReport examine(String platform) {
        List<Problem> problems = new ArrayList<>();
        boolean supported =
                platform.equals(Host.SUPPORTED_PLATFORM) && Host.platform().equals(platform);
        if (!supported) {
            problems.add(new Problem(
                    "the platform " + Arguments.printable(platform) + " is not supported here: this host is "
                            + Host.platform(),
                    "Pyro runs on " + Host.SUPPORTED_PLATFORM));
        }
        List<HostTools.Status> statuses = statuses();
        statuses.forEach(status -> status.problem().ifPresent(problems::add));
        Backends backends = backends(problems);
        boolean guestRuns = supported && backends.selected() != null && guestRuns(problems);
        return new DoctorReport(
                platform,
                guestRuns,
                new Kvm(Files.exists(KVM), Files.isReadable(KVM), Files.isWritable(KVM)),
                paths.environments(),
                new Capabilities(guestRuns, guestRuns, guestRuns && isFine(statuses, HostTool.PASST)),
                new Networking(Files.exists(TUN), ipForwardEnabled()),
                backends.all(),
                backends.selected(),
                backends.accelerator(),
                backends.reason(),
                statuses.stream().map(Doctor::tool).toList(),
                problems);
    }

    private List<HostTools.Status> statuses() {
        return Arrays.stream(HostTool.values())
                .filter(tool -> tool != HostTool.NEWUIDMAP || !Host.isRoot())
                .map(tools::status)
                .toList();
    }

    private Backends backends(List<Problem> problems) {
        List<Backend> all = new ArrayList<>();
        MachineBackend selected = context.backends().current().orElse(null);
        @Nullable Accelerator accelerator = null;
        String reason = "no back end can run a guest";
        for (MachineBackend backend : context.backends().all()) {
            MachineBackend.Probe probe = backend.probe();
            all.add(new Backend(backend.name(), backend.executionMode(), probe.usable(), probe.reason()));
            problems.addAll(probe.problems());
            if (backend.equals(selected)) {
                accelerator = probe.accelerator();
                reason = probe.reason();
            }
        }
        return new Backends(all, selected == null ? null : selected.name(), accelerator, reason);
    }

    /** Runs {@code true} in a guest of the first installed environment; without one, the probe of the back end must do. */
    private boolean guestRuns(List<Problem> problems) {
        Optional<String> installed = context.environments().catalogue().entries().stream()
                .map(CatalogueEntry::name)
                .filter(name -> context.environments().find(name).isPresent())
                .findFirst();
        if (installed.isEmpty()) {
            return true;
        }
        try {
            int exitCode = runs.tryOut(installed.get());
            if (exitCode == 0) {
                return true;
            }
            problems.add(new Problem(
                    "a guest of " + installed.get() + " ran `true` with exit code " + exitCode,
                    "install it anew: pyro env prune --all"));
        } catch (PyroException e) {
            if (e.code() == ErrorCode.INTERRUPTED) {
                throw e;
            }
            problems.add(new Problem(
                    "a guest of " + installed.get() + " does not run: " + e.getMessage(),
                    "mend that, and run `pyro doctor` again"));
        }
        return false;
    }

    private static boolean isFine(List<HostTools.Status> statuses, HostTool tool) {
        return statuses.stream()
                .anyMatch(status -> status.tool() == tool
                        && status.path().isPresent()
                        && status.problem().isEmpty());
    }

    private static Tool tool(HostTools.Status status) {
        return new Tool(
                status.tool().program(),
                status.tool().purpose(),
                status.tool().debianPackage(),
                status.tool().isOptional(),
                status.path().isPresent() && status.problem().isEmpty(),
                status.version().orElse(null),
                status.path().orElse(null));
    }

    private static boolean ipForwardEnabled() {
        try {
            return Files.readString(IP_FORWARD).strip().equals("1");
        } catch (IOException e) {
            return false;
        }
    }
}
