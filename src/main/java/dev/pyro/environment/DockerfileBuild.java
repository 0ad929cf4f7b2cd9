package dev.pyro.environment;

import dev.pyro.model.Arguments;
import dev.pyro.model.BuildEnvironment;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.Problem;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.oci.LayoutReference;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.HostCommand;
import dev.pyro.os.HostTool;
import dev.pyro.os.HostTools;
import dev.pyro.os.InterruptAtShutdown;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.InterProcessLock;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Builds environments from Dockerfiles with buildah: as root, or as an ordinary user with his subordinate ids. The images that a file begins with are
 * fetched as those of environments are, and Pyro's own names mean the same in it as elsewhere.
 *
 * <p>All of buildah runs in namespaces that end with this process, and writes to one staging folder only, so that nothing stays however this process
 * ends. Safe for use by several threads and processes; they build one after the other.
 */
public final class DockerfileBuild {
    private static final Duration BUILD_TIMEOUT = Duration.ofHours(2);
    private static final Duration BUILD_WAIT = Duration.ofMinutes(150);
    private static final int MAX_FILE_BYTES = 1 << 20;
    private static final List<String> FILE_NAMES = List.of("Dockerfile", "Containerfile");

    private final EnvironmentStore store;
    private final HostTools tools;
    private final BuildNamespace namespace;

    DockerfileBuild(EnvironmentStore store, HostTools tools, BuildNamespace namespace) {
        this.store = store;
        this.tools = tools;
        this.namespace = namespace;
    }

    /** Builds with the host's tools, for a store. */
    public static DockerfileBuild local(EnvironmentStore store, HostTools tools) {
        return new DockerfileBuild(store, tools, BuildNamespace.ofThisUser());
    }

    /**
     * Builds an environment and installs it.
     *
     * @param context the folder that the file copies from
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT}, {@link ErrorCode#HOST_TOOL_MISSING} when there is no buildah, {@link
     *     ErrorCode#HOST_UNSUPPORTED}, {@link ErrorCode#IMAGE_BUILD_FAILED} with the build's last lines, {@link ErrorCode#DISK_FULL}, {@link
     *     ErrorCode#INTERRUPTED}, and what {@link EnvironmentStore#ensureInstalled} throws, for the images that the file begins with
     */
    public InstalledEnvironment build(Path context, BuildEnvironment options, Progress.Listener listener) {
        Path folder = context.toAbsolutePath().normalize();
        if (!Files.isDirectory(folder)) {
            throw invalid("cannot build from " + shown(folder) + ": it is no folder");
        }
        String name = name(folder, options);
        store.requireBuildName(name);
        Path file = file(folder, options);
        String text = read(file);
        requireTools(listener);
        EnvironmentLayout layout = store.layout();
        // Ctrl-C too ends with an empty staging folder.
        try (InterruptAtShutdown _ = new InterruptAtShutdown();
                InterProcessLock _ = InterProcessLock.acquire(
                        layout.dockerfileLock(),
                        "the build of Dockerfiles",
                        BUILD_WAIT,
                        () -> listener.onProgress(new Progress(
                                "build",
                                "wait",
                                name,
                                null,
                                "waits for another process that builds from a Dockerfile")))) {
            new Staging(layout, namespace).delete(EnvironmentLayout.DOCKERFILE_STAGING_PREFIX);
            Path stage =
                    AtomicFiles.createStaging(layout.paths().staging(), EnvironmentLayout.DOCKERFILE_STAGING_PREFIX);
            try {
                // What is built has setuid bits, and nobody else may look in.
                Files.setPosixFilePermissions(stage, PosixFilePermissions.fromString("rwx------"));
                Map<String, String> bases = new DockerfileBases(store, stage, options.registries(), listener)
                        .of(DockerfileImages.of(text, options.arguments()));
                Path built = run(
                        new BuildahCommandLine(
                                tools.path(HostTool.BUILDAH), stage, file, folder, bases, options.arguments()),
                        name,
                        listener);
                InstalledEnvironment installed =
                        store.installBuilt(name, new LayoutReference(built, BuildahCommandLine.TAG), listener);
                listener.onProgress(Progress.of("build", "ready", name));
                return installed;
            } catch (IOException e) {
                throw AtomicFiles.failure("prepare", stage, e);
            } finally {
                Leftovers.delete(namespace, stage);
            }
        }
    }

    private Path run(BuildahCommandLine commandLine, String name, Progress.Listener listener) throws IOException {
        Files.createDirectory(commandLine.temporary());
        BuildahOutput output = new BuildahOutput(name, commandLine.bases(), listener);
        HostCommand.Result result;
        try {
            result = namespace.run(
                    new HostCommand(commandLine.toList(), null, commandLine.variables(), BUILD_TIMEOUT), output::line);
        } catch (PyroException e) {
            throw e.code() == ErrorCode.HOST_TOOL_FAILED
                    ? new PyroException(
                            ErrorCode.IMAGE_BUILD_FAILED,
                            "cannot build the environment " + name + ": " + e.getMessage(),
                            e)
                    : e;
        }
        if (result.exitCode() != 0 || !Files.isDirectory(commandLine.layout())) {
            throw output.failure(result);
        }
        return commandLine.layout();
    }

    private void requireTools(Progress.Listener listener) {
        List<HostTool> needed = new ArrayList<>(namespace.tools());
        needed.add(HostTool.BUILDAH);
        tools.require(needed, listener);
        Problem problem = tools.status(HostTool.BUILDAH).problem().orElse(null);
        if (problem != null) {
            throw new PyroException(ErrorCode.HOST_UNSUPPORTED, "cannot build from a Dockerfile: " + problem);
        }
        namespace.requireUsable();
    }

    private static String name(Path folder, BuildEnvironment options) {
        if (options.name() != null) {
            return options.name();
        }
        Path last = folder.getFileName();
        return last == null ? "" : last.toString().toLowerCase(Locale.ROOT);
    }

    private static Path file(Path folder, BuildEnvironment options) {
        if (options.file() != null) {
            Path file = options.file().toAbsolutePath().normalize();
            if (!Files.isRegularFile(file)) {
                throw invalid("there is no file " + shown(file));
            }
            return file;
        }
        return FILE_NAMES.stream()
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .orElseThrow(() -> invalid("there is no " + String.join(" and no ", FILE_NAMES) + " in " + shown(folder)
                        + "; name one with -f"));
    }

    private static String read(Path file) {
        try (InputStream stream = Files.newInputStream(file)) {
            byte[] bytes = stream.readNBytes(MAX_FILE_BYTES + 1);
            if (bytes.length > MAX_FILE_BYTES) {
                throw invalid(shown(file) + " is no Dockerfile: it has more than " + MAX_FILE_BYTES + " bytes");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT, "cannot read " + shown(file) + ": " + e.getMessage(), e);
        }
    }

    private static String shown(Path path) {
        return Arguments.printable(path.toString());
    }

    private static PyroException invalid(String message) {
        return new PyroException(ErrorCode.INVALID_ARGUMENT, message);
    }
}
