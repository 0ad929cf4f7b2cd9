package dev.pyro.machine.namespace;

import dev.pyro.os.Host;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What the namespace back end needs to know.
 *
 * @param agent gives the guest agent, a static executable that every user can read; asked for with the first machine or probe
 * @param probes the folder of the results of costly probes
 * @param scratch a folder on the file system where machines are kept, for the machine that a probe starts
 * @param programs finds a program of the host by its name
 */
public record NamespaceConfig(
        Supplier<Path> agent, Path probes, Path scratch, Function<String, Optional<Path>> programs) {
    public NamespaceConfig {
        Objects.requireNonNull(agent, "agent");
        probes = probes.toAbsolutePath();
        scratch = scratch.toAbsolutePath();
        Objects.requireNonNull(programs, "programs");
    }

    /** A configuration that finds the host's programs where the system keeps them. */
    public static NamespaceConfig of(Supplier<Path> agent, Path probes, Path scratch) {
        return new NamespaceConfig(agent, probes, scratch, Host::findProgram);
    }
}
