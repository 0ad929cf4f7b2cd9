package dev.pyro.os;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Problem;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the host's tools, and installs what is missing where this process may. Immutable; safe for use by several threads and
 * processes.
 */
public final class HostTools {
    /** Set to 1, it forbids installing packages. */
    public static final String NO_INSTALL = "PYRO_NO_INSTALL";

    private static final Duration VERSION_TIMEOUT = Duration.ofSeconds(20);
    private static final Pattern VERSION = Pattern.compile("\\d+(?:\\.\\d+)+");
    private static final int ELF_HEADER_BYTES = 64;
    private static final int MAX_PROGRAM_HEADERS = 64;
    private static final int PROGRAM_HEADER_BYTES = 56;
    private static final int PT_INTERP = 3;

    private final Function<String, Optional<Path>> search;
    private final PackageInstaller installer;

    /** Finds tools with this process's own variables. */
    public HostTools() {
        this(System.getenv());
    }

    /** Finds tools on the {@code PATH} of the given variables. */
    public HostTools(Map<String, String> environment) {
        this(
                name -> findProgram(name, environment),
                new PackageInstaller(environment, Host.isRoot(), Path.of("/var/lib/apt/lists")));
    }

    /** Finds a program on the {@code PATH}, or the one that a variable names in its place. */
    private static Optional<Path> findProgram(String name, Map<String, String> environment) {
        return HostTool.variableOf(name)
                .map(environment::get)
                .filter(path -> !path.isEmpty())
                .map(path -> Optional.of(Path.of(path)).filter(Files::isExecutable))
                .orElseGet(() -> Host.findProgram(name, environment));
    }

    HostTools(Function<String, Optional<Path>> search, PackageInstaller installer) {
        this.search = search;
        this.installer = installer;
    }

    /**
     * One tool of this host.
     *
     * @param tool which one
     * @param path where it is, or empty
     * @param version what it says of itself, or empty when it is missing or says nothing
     * @param problem what is wrong with it, or empty; that an optional one is missing is nothing wrong
     */
    public record Status(HostTool tool, Optional<Path> path, Optional<String> version, Optional<Problem> problem) {}

    /** Returns where a tool is. Looks at files only. */
    public Optional<Path> find(HostTool tool) {
        if (!tool.isProgram()) {
            Path file = Path.of(tool.program());
            return Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
        }
        return search.apply(tool.program()).filter(path -> !tool.mustBeStatic() || isStatic(path));
    }

    /**
     * Returns where a tool is.
     *
     * @throws PyroException {@link ErrorCode#HOST_TOOL_MISSING}, with the command that installs it
     */
    public Path path(HostTool tool) {
        return find(tool).orElseThrow(() -> missing(List.of(tool), ""));
    }

    /** Returns what a tool is like on this host, by running it. */
    public Status status(HostTool tool) {
        Optional<Path> path = find(tool);
        if (path.isEmpty() && tool.isOptional()) {
            return new Status(tool, path, Optional.empty(), Optional.empty());
        }
        if (path.isEmpty()) {
            Problem problem = new Problem(
                    tool.program() + " is missing; it " + tool.purpose(),
                    installer.commandFor(Set.of(tool.debianPackage())));
            return new Status(tool, path, Optional.empty(), Optional.of(problem));
        }
        if (!tool.isProgram()) {
            return new Status(tool, path, Optional.empty(), Optional.empty());
        }
        List<String> command = new ArrayList<>(List.of(path.get().toString()));
        if (!tool.versionArgument().isEmpty()) {
            command.add(tool.versionArgument());
        }
        String output;
        try {
            output = HostCommand.of(VERSION_TIMEOUT, command).run().output();
        } catch (PyroException e) {
            if (e.code() == ErrorCode.INTERRUPTED) {
                throw e;
            }
            Problem broken = new Problem(
                    path.get() + " does not run: " + e.getMessage(),
                    "reinstall it: " + installer.commandFor(Set.of(tool.debianPackage())));
            return new Status(tool, path, Optional.empty(), Optional.of(broken));
        }
        Optional<String> version = version(output);
        return new Status(tool, path, version, versionProblem(tool, path.get(), version));
    }

    /**
     * Makes sure that tools are there: installs what is missing when this process may, saying so on the listener. Costs a few
     * file look-ups when nothing is missing. Does not look at versions; {@link #status} does.
     *
     * @throws PyroException {@link ErrorCode#HOST_TOOL_MISSING} naming each tool, its purpose and the command that installs it
     */
    public void require(Collection<HostTool> tools, Progress.Listener listener) {
        List<HostTool> missing = missingOf(tools);
        if (missing.isEmpty()) {
            return;
        }
        Optional<String> obstacle = installer.obstacle();
        if (obstacle.isPresent()) {
            throw missing(missing, "; Pyro does not install them itself: " + obstacle.get());
        }
        Set<String> packages = new TreeSet<>();
        for (HostTool tool : missing) {
            if (packages.add(tool.debianPackage())) {
                listener.onProgress(new Progress("setup", "install", tool.debianPackage(), null, tool.purpose()));
            }
        }
        Optional<String> failure =
                installer.install(packages, () -> missingOf(tools).isEmpty(), listener);
        List<HostTool> stillMissing = missingOf(tools);
        if (!stillMissing.isEmpty()) {
            throw missing(
                    stillMissing,
                    failure.map(text -> "; installing them failed: " + text).orElse(""));
        }
    }

    private List<HostTool> missingOf(Collection<HostTool> tools) {
        Set<HostTool> missing = EnumSet.noneOf(HostTool.class);
        tools.stream().filter(tool -> find(tool).isEmpty()).forEach(missing::add);
        return List.copyOf(missing);
    }

    private PyroException missing(List<HostTool> tools, String reason) {
        Set<String> packages = new TreeSet<>();
        List<String> names = new ArrayList<>();
        for (HostTool tool : tools) {
            packages.add(tool.debianPackage());
            names.add(tool.program() + " (" + tool.purpose() + ")");
        }
        return new PyroException(
                ErrorCode.HOST_TOOL_MISSING,
                "this host lacks " + String.join(", ", names) + "; run `" + installer.commandFor(packages) + "`"
                        + reason);
    }

    /** Looks at the first line only: what follows may name a licence with a version. */
    static Optional<String> version(String output) {
        Matcher matcher = VERSION.matcher(output.lines().findFirst().orElse(""));
        return matcher.find() ? Optional.of(matcher.group()) : Optional.empty();
    }

    private Optional<Problem> versionProblem(HostTool tool, Path path, Optional<String> version) {
        String minimum = tool.minimumVersion();
        if (minimum.isEmpty() || (version.isPresent() && compareVersions(version.get(), minimum) >= 0)) {
            return Optional.empty();
        }
        return Optional.of(new Problem(
                path + " is version " + version.orElse("unknown") + "; Pyro needs " + minimum + " or newer",
                "upgrade the package " + tool.debianPackage() + ", or put a newer " + tool.program() + " on PATH"));
    }

    static int compareVersions(String left, String right) {
        String[] lefts = left.split("\\.");
        String[] rights = right.split("\\.");
        for (int i = 0; i < Math.max(lefts.length, rights.length); i++) {
            int difference = Long.compare(
                    i < lefts.length ? Long.parseLong(lefts[i]) : 0, i < rights.length ? Long.parseLong(rights[i]) : 0);
            if (difference != 0) {
                return difference;
            }
        }
        return 0;
    }

    /** Tells whether an ELF program asks for no dynamic linker. */
    static boolean isStatic(Path program) {
        // Not a channel: an interrupted caller would take the program for missing.
        try (InputStream file = Files.newInputStream(program)) {
            ByteBuffer header = ByteBuffer.wrap(
                            file.readNBytes(ELF_HEADER_BYTES + MAX_PROGRAM_HEADERS * PROGRAM_HEADER_BYTES))
                    .order(ByteOrder.LITTLE_ENDIAN);
            if (header.remaining() < ELF_HEADER_BYTES || header.getInt(0) != 0x464c457f) {
                return false;
            }
            long offset = header.getLong(32);
            int size = Short.toUnsignedInt(header.getShort(54));
            int headers = Short.toUnsignedInt(header.getShort(56));
            for (int i = 0; i < headers; i++) {
                long at = offset + (long) i * size;
                if (at < 0 || at + 4 > header.limit() || header.getInt((int) at) == PT_INTERP) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
