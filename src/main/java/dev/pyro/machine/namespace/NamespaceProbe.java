package dev.pyro.machine.namespace;

import dev.pyro.json.Json;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.machine.EnvironmentRoot;
import dev.pyro.machine.MachineBackend.Probe;
import dev.pyro.machine.MachineSpec;
import dev.pyro.machine.MachineSpec.NetworkMode;
import dev.pyro.machine.MachineSpec.StartMode;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.Problem;
import dev.pyro.model.PyroException;
import dev.pyro.os.Host;
import dev.pyro.os.ProcessIdentity;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;

/**
 * Tells whether machines can be run here, by running one with an empty root.
 *
 * <p>That it works is remembered until the next boot of the host, or until one of the programs changes. That it does not is not: the
 * user may have mended it.
 */
final class NamespaceProbe {
    /** A record is some 300 bytes. */
    private static final int MAX_BYTES = 64 * 1024;

    private static final int MEM_MIB = 128;

    private static final Probe USABLE = new Probe(
            true,
            null,
            "commands can run in Linux namespaces on the host's kernel, without a network; this is weaker than a virtual machine",
            List.of());

    private final NamespaceConfig config;

    NamespaceProbe(NamespaceConfig config) {
        this.config = config;
    }

    Probe run() {
        try {
            String key = key();
            if (!isKnown(key)) {
                runMachine();
                remember(key);
            }
            return USABLE;
        } catch (StartRefusedException e) {
            return unusable(e.problem());
        } catch (PyroException e) {
            if (e.code() == ErrorCode.INTERRUPTED) {
                throw e;
            }
            return unusable(new Problem(e.getMessage(), ""));
        }
    }

    private static Probe unusable(Problem problem) {
        return new Probe(false, null, "Linux namespaces cannot be used: " + problem.description(), List.of(problem));
    }

    private void runMachine() throws StartRefusedException {
        Path folder = AtomicFiles.createStaging(config.scratch(), "probe");
        try {
            Path tree = Files.createDirectory(folder.resolve("tree"));
            Path machine = Files.createDirectory(folder.resolve("machine"));
            if (Host.isRoot()) {
                Files.setAttribute(tree, "unix:uid", NamespaceBackend.MACHINE_UID);
            }
            MachineSpec spec = new MachineSpec(
                    "probe",
                    machine,
                    new EmptyRoot(tree),
                    1,
                    MEM_MIB,
                    MachineSpec.DEFAULT_ROOT_DISK_BYTES,
                    MachineSpec.DEFAULT_WORK_DISK_BYTES,
                    NetworkMode.NONE,
                    null,
                    true,
                    StartMode.COLD);
            new NamespaceLauncher(config).launch(spec).stop();
        } catch (IOException e) {
            throw AtomicFiles.failure("prepare", folder, e);
        } finally {
            AtomicFiles.deleteTree(folder);
        }
    }

    /** Returns what the result depends on. */
    private String key() {
        try {
            return String.join(
                    " ",
                    ProcessIdentity.currentBootId(),
                    fingerprint(NamespaceTools.find(config.programs()).bubblewrap()),
                    fingerprint(config.agent().get()),
                    config.scratch().toString());
        } catch (IOException e) {
            throw new PyroException(ErrorCode.STORAGE_UNUSABLE, "cannot look at " + e.getMessage(), e);
        }
    }

    private static String fingerprint(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return file + ":" + attributes.size() + ":"
                + attributes.lastModifiedTime().toMillis();
    }

    private Path memory() {
        return config.probes().resolve("namespace-" + Host.effectiveUid() + ".json");
    }

    private boolean isKnown(String key) {
        try {
            return Files.size(memory()) <= MAX_BYTES
                    && Json.parseObject(Files.readString(memory()))
                            .string("usable_with")
                            .equals(key);
        } catch (IOException | JsonFormatException e) {
            return false;
        }
    }

    private void remember(String key) {
        JsonObject json = JsonObject.builder()
                .put("format_version", 1)
                .put("usable_with", key)
                .build();
        AtomicFiles.write(memory(), Json.write(json) + "\n", AtomicFiles.Durability.PROCESS);
    }

    /** A root with nothing in it: the agent needs nothing of it to start. */
    private record EmptyRoot(Path folder) implements EnvironmentRoot {
        @Override
        public Path tree(int uid) {
            return folder;
        }

        @Override
        public String digest() {
            return "sha256:" + "0".repeat(64);
        }

        @Override
        public Path image() {
            throw new UnsupportedOperationException("namespaces start from a folder");
        }
    }
}
