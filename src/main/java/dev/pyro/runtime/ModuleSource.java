package dev.pyro.runtime;

import java.io.IOException;
import java.util.Map;
import java.util.Set;

/**
 * The modules of one kernel. A module's name has no suffix, and {@code _} where its file's name may have {@code -}.
 */
interface ModuleSource {
    /** A kernel that has everything built in. */
    ModuleSource NONE = new ModuleSource() {
        @Override
        public boolean isMonolithic() {
            return true;
        }

        @Override
        public Set<String> builtIn() {
            return Set.of();
        }

        @Override
        public Map<String, ModuleFile> read(Set<String> names) {
            return Map.of();
        }
    };

    /** Tells whether there are no modules at all, so that nothing can be said about what the kernel has. */
    default boolean isMonolithic() {
        return false;
    }

    /** Returns the names of the modules that are part of the kernel's image. */
    Set<String> builtIn() throws IOException;

    /** Returns those of these modules that exist, by their names. */
    Map<String, ModuleFile> read(Set<String> names) throws IOException;

    /** Returns the module's name that belongs to a file, such as {@code virtio_rng} for {@code …/virtio-rng.ko.xz}. */
    static String nameOf(String path) {
        String file = path.substring(path.lastIndexOf('/') + 1);
        int suffix = file.indexOf(".ko");
        return (suffix < 0 ? file : file.substring(0, suffix)).replace('-', '_');
    }

    /** Tells whether a path is that of a module. */
    static boolean isModule(String path) {
        return path.endsWith(".ko") || path.endsWith(".ko.gz") || path.endsWith(".ko.xz") || path.endsWith(".ko.zst");
    }
}
