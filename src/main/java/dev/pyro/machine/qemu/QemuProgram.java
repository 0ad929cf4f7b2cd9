package dev.pyro.machine.qemu;

import dev.pyro.machine.LogText;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.Host;
import dev.pyro.os.HostCommand;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The QEMU executable of this host.
 *
 * @param path where it is
 * @param fingerprint its real path, size and time of change, which is known without running it
 */
record QemuProgram(Path path, String fingerprint) {
    static final String NAME = "qemu-system-x86_64";

    /** Names another executable than the one on {@code PATH}. */
    static final String PATH_VARIABLE = "PYRO_QEMU";

    private static final Duration VERSION_TIMEOUT = Duration.ofSeconds(20);
    private static final Pattern VERSION = Pattern.compile("QEMU emulator version (\\d{1,4})\\.(\\d{1,4})");

    /** QEMU's version. */
    record Version(int major, int minor) implements Comparable<Version> {
        /** The first one that Pyro runs on: it brought the network back end {@code stream}. */
        static final Version OLDEST = new Version(7, 2);

        /** The first one that can start a clone from a memory file that it may not write. */
        static final Version READ_ONLY_MEMORY = new Version(8, 2);

        boolean isAtLeast(Version other) {
            return compareTo(other) >= 0;
        }

        @Override
        public int compareTo(Version other) {
            return major == other.major ? Integer.compare(minor, other.minor) : Integer.compare(major, other.major);
        }

        @Override
        public String toString() {
            return major + "." + minor;
        }
    }

    /**
     * Finds it.
     *
     * @throws PyroException {@link ErrorCode#HOST_TOOL_MISSING}
     */
    static QemuProgram find(Map<String, String> environment) {
        Path path = find(environment, PATH_VARIABLE, NAME)
                .orElseThrow(() -> new PyroException(
                        ErrorCode.HOST_TOOL_MISSING,
                        NAME + " is not installed, and a guest needs it; run `apt-get install qemu-system-x86"
                                + " qemu-utils`"));
        try {
            Path real = path.toRealPath();
            return new QemuProgram(
                    path,
                    real + " " + Files.size(real) + " "
                            + Files.getLastModifiedTime(real).toMillis());
        } catch (IOException e) {
            throw AtomicFiles.failure("read", path, e);
        }
    }

    /** Finds a host program, or the one that a variable names. */
    static Optional<Path> find(Map<String, String> environment, String variable, String name) {
        String explicit = environment.get(variable);
        if (explicit != null && !explicit.isEmpty()) {
            return Optional.of(Path.of(explicit)).filter(Files::isExecutable);
        }
        return Host.findProgram(name);
    }

    /**
     * Asks it for its version.
     *
     * @throws PyroException {@link ErrorCode#HOST_UNSUPPORTED} when it is too old, {@link ErrorCode#HOST_TOOL_FAILED}
     */
    Version version() {
        String output = HostCommand.of(VERSION_TIMEOUT, List.of(path.toString(), "--version"))
                .runOrFail("find out the version of QEMU");
        Matcher matcher = VERSION.matcher(output);
        if (!matcher.find()) {
            throw new PyroException(
                    ErrorCode.HOST_TOOL_FAILED,
                    path + " --version printed no version but: "
                            + LogText.clean(output.lines().findFirst().orElse("")));
        }
        Version version = new Version(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
        if (!version.isAtLeast(Version.OLDEST)) {
            throw new PyroException(
                    ErrorCode.HOST_UNSUPPORTED,
                    path + " is version " + version + " and Pyro needs " + Version.OLDEST
                            + " or later; install a newer QEMU and name it with " + PATH_VARIABLE);
        }
        return version;
    }
}
