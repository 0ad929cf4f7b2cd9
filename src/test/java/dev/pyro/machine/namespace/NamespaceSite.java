package dev.pyro.machine.namespace;

import dev.pyro.machine.Machine;
import dev.pyro.machine.MachineSpec;
import dev.pyro.machine.MachineSpec.NetworkMode;
import dev.pyro.machine.MachineSpec.StartMode;
import dev.pyro.model.Progress;
import dev.pyro.os.HostCommand;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * A place for machines of one test: a root, an agent, a back end.
 *
 * @param base the folder of everything
 * @param root what the machines start from
 * @param backend runs them
 */
record NamespaceSite(Path base, BusyboxTree root, NamespaceBackend backend) {
    /** Makes a place in an existing folder. */
    static NamespaceSite create(Path base) throws IOException {
        // Everybody may pass: when root runs the tests, machines run as another user.
        Files.setPosixFilePermissions(base, PosixFilePermissions.fromString("rwxr-xr-x"));
        return of(base, BusyboxTree.create(base.resolve("tree")), agent(base.resolve("agent")));
    }

    /** Finds a place that another process has made. */
    static NamespaceSite existing(Path base) {
        return of(base, new BusyboxTree(base.resolve("tree")), base.resolve("agent"));
    }

    private static NamespaceSite of(Path base, BusyboxTree root, Path agent) {
        return new NamespaceSite(
                base,
                root,
                new NamespaceBackend(NamespaceConfig.of(() -> agent, base.resolve("probes"), base.resolve("staging"))));
    }

    private static Path agent(Path file) throws IOException {
        try (InputStream agent = Objects.requireNonNull(
                NamespaceSite.class.getResourceAsStream("/dev/pyro/runtime/pyro-agent"), "no agent was built")) {
            Files.copy(agent, file);
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        return file;
    }

    Path directory(String id) {
        return base.resolve("vms").resolve(id);
    }

    MachineSpec spec(String id, boolean leased) {
        try {
            return new MachineSpec(
                    id,
                    Files.createDirectories(directory(id)),
                    root,
                    1,
                    256,
                    MachineSpec.DEFAULT_ROOT_DISK_BYTES,
                    MachineSpec.DEFAULT_WORK_DISK_BYTES,
                    NetworkMode.NONE,
                    null,
                    leased,
                    StartMode.TEMPLATE);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    Machine start(String id, boolean leased) {
        return backend.start(spec(id, leased), Progress.Listener.NONE);
    }

    /** Returns the command lines of the processes on the host that mention this place. */
    List<String> processes() {
        return HostCommand.of(Duration.ofSeconds(10), List.of("ps", "-eo", "pid,args", "-ww"))
                .runOrFail("list processes")
                .lines()
                .filter(line -> line.contains(base.toString()) && line.contains("bwrap"))
                .toList();
    }
}
