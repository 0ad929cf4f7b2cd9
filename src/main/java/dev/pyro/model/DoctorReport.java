package dev.pyro.model;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What this host can do for Pyro.
 *
 * @param platform the platform that was looked at
 * @param runtimeOk whether a guest can run
 * @param kvm the state of {@code /dev/kvm}
 * @param cacheDir where environments and templates are kept
 * @param capabilities what a guest can do here
 * @param networking the host's network
 * @param backends each way to run machines
 * @param selectedBackend the one that will be used, or null when none can
 * @param accelerator what will execute a guest's instructions, or null
 * @param accelerationReason why this accelerator
 * @param tools each program that Pyro uses, found or not
 * @param problems what stands in the way or could be better, each with its remedy
 */
public record DoctorReport(
        String platform,
        boolean runtimeOk,
        Kvm kvm,
        Path cacheDir,
        Capabilities capabilities,
        Networking networking,
        List<Backend> backends,
        @Nullable String selectedBackend,
        @Nullable Accelerator accelerator,
        String accelerationReason,
        List<Tool> tools,
        List<Problem> problems) {
    public DoctorReport {
        backends = List.copyOf(backends);
        tools = List.copyOf(tools);
        problems = List.copyOf(problems);
    }

    /** Whether {@code /dev/kvm} is there, and what this user may do with it. */
    public record Kvm(boolean exists, boolean readable, boolean writable) {}

    /** What a guest can do here. */
    public record Capabilities(boolean supportsVmBoot, boolean supportsGuestExec, boolean supportsGuestNetwork) {}

    /** The host's network. */
    public record Networking(boolean tunAvailable, boolean ipForwardEnabled) {}

    /** One way to run machines. */
    public record Backend(String name, ExecutionMode executionMode, boolean usable, String reason) {}

    /** One program; version and path are null when it was not found. An optional one is used for some environments only. */
    public record Tool(
            String name,
            String purpose,
            String debianPackage,
            boolean optional,
            boolean ok,
            @Nullable String version,
            @Nullable Path path) {}
}
