package dev.pyro.cli.mcp;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which variables go into a client's configuration, so that the server sees the same folders and back ends as the command line does: a client
 * may start it without any. A variable that is not named here stays out, whatever it is called, since such files are shared and kept:
 * tokens, keys, and what may hold one. Stateless.
 */
final class PassedSettings {
    /** Folders that may be given relative to the current one, which is not the client's. */
    private static final Set<String> FOLDERS = Set.of("PYRO_CACHE_DIR", "PYRO_STATE_DIR");

    private static final Set<String> OTHERS = Set.of(
            "PYRO_ACCEL",
            "PYRO_BACKEND",
            "PYRO_DEBIAN_MIRROR",
            "PYRO_DEBIAN_SECURITY_MIRROR",
            "PYRO_ENV_REGISTRY",
            "PYRO_KERNEL",
            "PYRO_KERNEL_MODULES",
            "PYRO_MAX_ACTIVE_VMS",
            "PYRO_MAX_IMAGE_MIB",
            "PYRO_NO_INSTALL",
            "PYRO_PASST",
            "PYRO_PLAIN_HTTP",
            "PYRO_QEMU",
            "PYRO_REGISTRY_CA",
            "PYRO_REGISTRY_MIRROR",
            "PYRO_START",
            "PYRO_WORKSPACE_DISK_MIB",
            "XDG_CACHE_HOME",
            "XDG_STATE_HOME");

    private PassedSettings() {}

    /** Returns those of the given variables that have a value. */
    static Map<String, String> of(Map<String, String> environment) {
        Map<String, String> settings = new TreeMap<>();
        environment.forEach((name, value) -> {
            if (!value.isEmpty() && FOLDERS.contains(name)) {
                settings.put(name, Path.of(value).toAbsolutePath().normalize().toString());
            } else if (!value.isEmpty() && OTHERS.contains(name)) {
                settings.put(name, value);
            }
        });
        return settings;
    }
}
