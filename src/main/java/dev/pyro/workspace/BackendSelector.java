package dev.pyro.workspace;

import dev.pyro.machine.MachineBackend;
import dev.pyro.machine.MachineSpec.NetworkMode;
import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ExecutionMode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.os.HostTools;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Chooses what runs a machine: the first back end that runs a real guest here; host-compatible ones only when the caller allows
 * it and no real guest can be had. {@code PYRO_BACKEND} narrows the choice to one. Safe for use by several threads.
 */
public final class BackendSelector {
    private static final String VARIABLE = "PYRO_BACKEND";

    private final List<MachineBackend> backends;
    private final HostTools tools;
    private final Map<String, String> environment;

    /** @param backends in the order of preference, real guests first */
    public BackendSelector(List<MachineBackend> backends, HostTools tools, Map<String, String> environment) {
        this.backends = List.copyOf(backends);
        this.tools = tools;
        this.environment = Map.copyOf(environment);
    }

    /**
     * Returns the back end to start a machine with. What it needs of the host's tools is installed where this process may.
     *
     * @throws PyroException {@link ErrorCode#GUEST_UNAVAILABLE} with the reason of each back end; {@link
     *     ErrorCode#INVALID_ARGUMENT} when {@code PYRO_BACKEND} names none
     */
    public MachineBackend select(boolean allowHostCompat, NetworkMode network, Progress.Listener listener) {
        List<String> reasons = new ArrayList<>();
        List<MachineBackend> candidates = candidates();
        for (MachineBackend backend : candidates) {
            if (backend.executionMode() == ExecutionMode.HOST_COMPAT && !allowHostCompat) {
                reasons.add(backend.name()
                        + ": not allowed; it shares the host's kernel, and is used only with --allow-host-compat");
                continue;
            }
            try {
                tools.require(backend.tools(NetworkMode.NONE), listener);
            } catch (PyroException e) {
                if (e.code() == ErrorCode.INTERRUPTED) {
                    throw e;
                }
                reasons.add(backend.name() + ": " + e.getMessage());
                continue;
            }
            // Where there is nothing to choose, the start itself says what is wrong; a probe would cost every run its
            // time.
            if (!allowHostCompat || candidates.size() == 1) {
                return withNetwork(backend, network, listener);
            }
            MachineBackend.Probe probe = backend.probe();
            if (probe.usable()) {
                return withNetwork(backend, network, listener);
            }
            reasons.add(backend.name() + ": " + probe.reason());
        }
        throw new PyroException(
                ErrorCode.GUEST_UNAVAILABLE,
                "no guest can be run on this host; `pyro doctor` says more\n  " + String.join("\n  ", reasons));
    }

    private MachineBackend withNetwork(MachineBackend backend, NetworkMode network, Progress.Listener listener) {
        try {
            tools.require(backend.tools(network), listener);
            return backend;
        } catch (PyroException e) {
            if (e.code() != ErrorCode.HOST_TOOL_MISSING) {
                throw e;
            }
            throw new PyroException(
                    ErrorCode.NETWORK_UNAVAILABLE, "the machine cannot have a network: " + e.getMessage(), e);
        }
    }

    /** Returns the back end that would run a real guest now, without installing anything. */
    public Optional<MachineBackend> current() {
        return candidates().stream()
                .filter(backend -> backend.executionMode() != ExecutionMode.HOST_COMPAT)
                .filter(backend -> backend.probe().usable())
                .findFirst();
    }

    /** Returns the back end of this name, as a record remembers it. */
    public MachineBackend named(String name) {
        return backends.stream()
                .filter(backend -> backend.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new PyroException(
                        ErrorCode.RECORD_CORRUPT, "the record names the unknown back end \"" + name + "\""));
    }

    /** Returns every back end, in the order of preference. */
    public List<MachineBackend> all() {
        return backends;
    }

    private List<MachineBackend> candidates() {
        String wanted = environment.get(VARIABLE);
        if (wanted == null || wanted.isEmpty()) {
            return backends;
        }
        List<MachineBackend> named = backends.stream()
                .filter(backend -> backend.name().equals(wanted))
                .toList();
        if (named.isEmpty()) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    VARIABLE + " must be one of "
                            + backends.stream().map(MachineBackend::name).collect(Collectors.joining(", ")) + ", not \""
                            + Arguments.printable(wanted) + "\"");
        }
        return named;
    }
}
