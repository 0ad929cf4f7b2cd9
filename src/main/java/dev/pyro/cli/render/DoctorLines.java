package dev.pyro.cli.render;

import dev.pyro.model.DoctorReport;
import dev.pyro.model.Problem;
import java.util.ArrayList;
import java.util.List;

/** The human lines of {@code doctor}. Stateless. */
public final class DoctorLines {
    private DoctorLines() {}

    /** The lines of a report. */
    public static List<String> report(DoctorReport report) {
        List<String> lines = new ArrayList<>();
        lines.add("Platform: " + report.platform());
        lines.add("Runtime: " + (report.runtimeOk() ? "PASS" : "FAIL"));
        lines.add("KVM: exists=" + yesNo(report.kvm().exists()) + " readable="
                + yesNo(report.kvm().readable()) + " writable="
                + yesNo(report.kvm().writable()));
        lines.add("Environment cache: " + report.cacheDir());
        lines.add("Capabilities: vm_boot=" + yesNo(report.capabilities().supportsVmBoot()) + " guest_exec="
                + yesNo(report.capabilities().supportsGuestExec()) + " guest_network="
                + yesNo(report.capabilities().supportsGuestNetwork()));
        lines.add("Networking: tun=" + yesNo(report.networking().tunAvailable()) + " ip_forward="
                + yesNo(report.networking().ipForwardEnabled()));
        lines.add("Accelerator: "
                + (report.accelerator() == null
                        ? "none"
                        : report.accelerator().wireName() + " (" + report.accelerationReason() + ")"));
        for (DoctorReport.Backend backend : report.backends()) {
            lines.add("Backend: " + backend.name() + " [" + (backend.usable() ? "usable" : "not usable") + "] "
                    + backend.executionMode().wireName() + ": " + backend.reason()
                    + (backend.name().equals(report.selectedBackend()) ? " (selected)" : ""));
        }
        for (DoctorReport.Tool tool : report.tools()) {
            lines.add("Tool: " + tool.name() + " [" + state(tool) + "] "
                    + (tool.version() == null ? "" : tool.version() + " ")
                    + (tool.path() == null ? "package " + tool.debianPackage() : tool.path()) + ": " + tool.purpose());
        }
        if (!report.problems().isEmpty()) {
            lines.add("Issues:");
            for (Problem problem : report.problems()) {
                lines.add("- " + problem);
            }
        }
        return lines;
    }

    /** A tool that is there and of no use is not missing: installing it would not help. One that few need is not missed. */
    private static String state(DoctorReport.Tool tool) {
        if (tool.ok()) {
            return "ok";
        }
        if (tool.path() != null) {
            return "problem";
        }
        return tool.optional() ? "not installed" : "missing";
    }

    private static String yesNo(boolean value) {
        return value ? "yes" : "no";
    }
}
