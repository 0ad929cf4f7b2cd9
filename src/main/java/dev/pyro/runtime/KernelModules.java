package dev.pyro.runtime;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds out which modules a guest needs, and in which order they must be loaded. */
final class KernelModules {
    /** What is taken along where the kernel has it as a module; ext4 asks for a checksum by name, which no dependency tells. */
    private static final Set<String> WELCOME = Set.of("crc32c_generic", "virtio_rng");

    /** What a guest needs; what these depend on comes before them. */
    private static final List<String> ORDER = List.of(
            "crc32c_generic", "virtio_mmio", "virtio_blk", "virtio_console", "virtio_rng", "ext4", "virtio_net");

    /** What a first look takes, so that one look is enough for most kernels: it may mean to unpack a whole package. */
    static final Set<String> LIKELY = Set.of(
            "crc32c_generic",
            "virtio_mmio",
            "virtio_blk",
            "virtio_console",
            "virtio_rng",
            "ext4",
            "virtio_net",
            "virtio_ring",
            "virtio",
            "failover",
            "net_failover",
            "crc16",
            "mbcache",
            "jbd2");

    /** A chain of dependencies is never longer; one more look is needed for each link. */
    private static final int MAX_LOOKS = 16;

    private final String release;
    private final ModuleSource source;
    private final Map<String, ModuleFile> files = new HashMap<>();
    private final Map<String, List<String>> dependencies = new HashMap<>();

    private KernelModules(String release, ModuleSource source) {
        this.release = release;
        this.source = source;
    }

    /**
     * Returns the modules in the order in which they are to be loaded.
     *
     * @throws PyroException {@link ErrorCode#RUNTIME_UNAVAILABLE} when the kernel lacks one that a guest needs
     */
    static List<ModuleFile> select(String release, ModuleSource source) throws IOException {
        return source.isMonolithic() ? List.of() : new KernelModules(release, source).select();
    }

    private List<ModuleFile> select() throws IOException {
        Set<String> builtIn = source.builtIn();
        Set<String> missing = new LinkedHashSet<>(LIKELY);
        missing.removeAll(builtIn);
        for (int look = 0; look < MAX_LOOKS && !missing.isEmpty(); look++) {
            files.putAll(source.read(missing));
            Set<String> unread = new LinkedHashSet<>();
            for (Map.Entry<String, ModuleFile> file : files.entrySet()) {
                if (!dependencies.containsKey(file.getKey())) {
                    List<String> needs = new ArrayList<>(file.getValue().dependencies());
                    needs.removeAll(builtIn);
                    dependencies.put(file.getKey(), needs);
                    unread.addAll(needs);
                }
            }
            unread.removeAll(files.keySet());
            missing = unread;
        }
        Set<String> order = new LinkedHashSet<>();
        for (String name : ORDER) {
            if (files.containsKey(name)) {
                append(name, order, 0);
            } else if (!WELCOME.contains(name) && !builtIn.contains(name)) {
                throw lacking(name);
            }
        }
        return order.stream().map(this::file).toList();
    }

    private void append(String name, Set<String> order, int depth) {
        if (depth > MAX_LOOKS || !files.containsKey(name)) {
            throw lacking(name);
        }
        for (String dependency : dependencies.getOrDefault(name, List.of())) {
            if (!order.contains(dependency)) {
                append(dependency, order, depth + 1);
            }
        }
        order.add(name);
    }

    private ModuleFile file(String name) {
        ModuleFile file = files.get(name);
        if (file == null) {
            throw lacking(name);
        }
        return file;
    }

    private PyroException lacking(String name) {
        return new PyroException(
                ErrorCode.RUNTIME_UNAVAILABLE,
                "the kernel " + release + " has no driver " + name
                        + ", neither built in nor as a module that can be loaded: set PYRO_KERNEL and PYRO_KERNEL_MODULES to a"
                        + " kernel for virtual machines, such as Debian's linux-image-cloud-amd64");
    }
}
