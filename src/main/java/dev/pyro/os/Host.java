package dev.pyro.os;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Facts about this host and the user who runs Pyro. Stateless. */
public final class Host {
    /** The platform that this version of Pyro supports, in the form that {@code doctor --platform} takes. */
    public static final String SUPPORTED_PLATFORM = "linux-x86_64";

    private Host() {}

    /** Returns the name of this platform, such as {@code linux-x86_64}. */
    public static String platform() {
        String arch = System.getProperty("os.arch").equals("amd64") ? "x86_64" : System.getProperty("os.arch");
        return System.getProperty("os.name").toLowerCase(java.util.Locale.ROOT) + "-" + arch;
    }

    /** Tells whether this process runs as root. */
    public static boolean isRoot() {
        return effectiveUid() == 0;
    }

    /** Returns the user id that this process runs as. */
    public static int effectiveUid() {
        try {
            return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        } catch (IOException e) {
            throw new PyroException(ErrorCode.HOST_UNSUPPORTED, "cannot read /proc/self: /proc must be mounted", e);
        }
    }

    /** Returns the first executable file of this name on {@code PATH} or in the system's own folders. */
    public static Optional<Path> findProgram(String name) {
        return findProgram(name, System.getenv());
    }

    static Optional<Path> findProgram(String name, Map<String, String> environment) {
        // A user's PATH often lacks the sbin folders, where mke2fs and its like live.
        String path =
                environment.getOrDefault("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin";
        for (String folder : path.split(":")) {
            if (folder.startsWith("/")) {
                Path program = Path.of(folder, name);
                if (Files.isRegularFile(program) && Files.isExecutable(program)) {
                    return Optional.of(program);
                }
            }
        }
        return Optional.empty();
    }
}
