package dev.pyro.environment;

import dev.pyro.disk.Ext4Images;
import dev.pyro.disk.TreeMeasure;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.os.BuildNamespace;
import dev.pyro.os.HostCommand;
import dev.pyro.os.HostTool;
import dev.pyro.os.HostTools;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Builds root file systems from Debian packages with mmdebstrap: as root, or as an ordinary user with his subordinate ids.
 *
 * <p>All of it runs in namespaces that end with this process, so that nothing stays mounted and nothing goes on running, however
 * this process ends. Only one build may use the folder of downloaded packages at a time; the caller sees to that.
 */
public final class LocalEnvironmentSource implements EnvironmentSource {
    private static final Duration BUILD_TIMEOUT = Duration.ofMinutes(60);
    private static final Duration FINISH_TIMEOUT = Duration.ofMinutes(20);
    private static final Pattern EPOCH = Pattern.compile("(?m)^epoch=([0-9]{1,18})$");

    private final HostTools tools;
    private final BuildNamespace namespace;
    private final Path packages;
    private final Map<String, String> environment;

    /**
     * Builds with the host's tools.
     *
     * @param packages the folder of downloaded packages, which is kept between builds
     * @param environment the variables that choose mirrors
     */
    public LocalEnvironmentSource(
            HostTools tools, BuildNamespace namespace, Path packages, Map<String, String> environment) {
        this.tools = tools;
        this.namespace = namespace;
        this.packages = packages.toAbsolutePath();
        this.environment = Map.copyOf(environment);
    }

    @Override
    public String name() {
        return "local";
    }

    @Override
    public RootFilesystem build(CatalogueEntry entry, Path directory, Progress.Listener listener) {
        List<String> sources = PackageSources.of(entry, environment);
        requireTools(listener);
        Path tree = directory.resolve("tree");
        Path work = AtomicFiles.createDirectories(directory.resolve("work"));
        try {
            Path setup = script(work, "setup.sh");
            Path finish = script(work, "finish.sh");
            Path marker = work.resolve("started");
            AtomicFiles.write(marker, "", AtomicFiles.Durability.PROCESS);
            BuildProgress progress = new BuildProgress(entry.name(), listener);
            bootstrap(entry, sources, setup, tree, work, progress);
            progress.enter("image", "makes the disk image");
            long epoch = finish(entry, finish, tree, marker);
            TreeMeasure measure = measure(entry, tree);
            Path image = directory.resolve("rootfs.ext4");
            new Ext4Images(tools, namespace).build(tree, measure.content(), image, Ext4Images.Top.usual(epoch));
            return new RootFilesystem(image, measure.digest());
        } finally {
            Leftovers.delete(namespace, tree);
            Leftovers.delete(namespace, work);
        }
    }

    private void requireTools(Progress.Listener listener) {
        List<HostTool> needed = new ArrayList<>(namespace.tools());
        needed.addAll(List.of(
                HostTool.MMDEBSTRAP, HostTool.MKE2FS, HostTool.APT_GET, HostTool.DPKG_DEB, HostTool.DEBIAN_KEYRING));
        tools.require(needed, listener);
        namespace.requireUsable();
    }

    private void bootstrap(
            CatalogueEntry entry, List<String> sources, Path setup, Path tree, Path work, BuildProgress progress) {
        AtomicFiles.createDirectories(packages);
        Path temporary = AtomicFiles.createDirectories(work.resolve("tmp"));
        MmdebstrapCommandLine commandLine = new MmdebstrapCommandLine(
                tools.path(HostTool.MMDEBSTRAP),
                namespace.root(),
                entry,
                sources,
                tools.find(HostTool.DEBIAN_KEYRING),
                setup,
                tree);
        Map<String, String> variables = new HashMap<>();
        variables.put("PYRO_PACKAGES", packages.toString());
        variables.put("TMPDIR", temporary.toString());
        variables.put("DEBIAN_FRONTEND", "noninteractive");
        String output =
                runInside(entry, new HostCommand(commandLine.toList(), null, variables, BUILD_TIMEOUT), progress);
        if (!Files.isDirectory(tree.resolve("usr"))) {
            throw BuildFailure.of(entry.name(), output);
        }
    }

    private long finish(CatalogueEntry entry, Path finish, Path tree, Path marker) {
        List<String> command =
                List.of("sh", finish.toString(), tree.toString(), marker.toString(), entry.name(), entry.version());
        String output = runInside(entry, HostCommand.of(FINISH_TIMEOUT, command), line -> {});
        Matcher epoch = EPOCH.matcher(output);
        if (!epoch.find()) {
            throw BuildFailure.of(entry.name(), output);
        }
        return Long.parseLong(epoch.group(1));
    }

    private TreeMeasure measure(CatalogueEntry entry, Path tree) {
        HostCommand command = HostCommand.of(FINISH_TIMEOUT, TreeMeasure.commandLine(tree));
        String output = runInside(entry, command, line -> {});
        return TreeMeasure.parse(output).orElseThrow(() -> BuildFailure.of(entry.name(), output));
    }

    private String runInside(CatalogueEntry entry, HostCommand command, Consumer<String> onLine) {
        HostCommand.Result result;
        try {
            result = namespace.run(command, onLine);
        } catch (PyroException e) {
            if (e.code() != ErrorCode.HOST_TOOL_FAILED) {
                throw e;
            }
            throw new PyroException(
                    ErrorCode.ENVIRONMENT_BUILD_FAILED,
                    "cannot build the environment " + entry.name() + ": " + e.getMessage(),
                    e);
        }
        if (result.exitCode() != 0) {
            if (BuildFailure.mayBeDamagedPackage(result.output())) {
                // A package that a power failure has damaged has the right size, which is all that apt looks at.
                Leftovers.delete(namespace, packages);
            }
            throw BuildFailure.of(entry.name(), result.output());
        }
        return result.output();
    }

    private static Path script(Path work, String name) {
        Path script = work.resolve(name);
        try (InputStream content = LocalEnvironmentSource.class.getResourceAsStream(name)) {
            if (content == null) {
                throw new PyroException(ErrorCode.INTERNAL, "the program lacks its script " + name + "; rebuild it");
            }
            Files.copy(content, script, StandardCopyOption.REPLACE_EXISTING);
            if (!script.toFile().setExecutable(true, false)) {
                throw new IOException("cannot make it executable");
            }
            return script;
        } catch (IOException e) {
            throw AtomicFiles.failure("write", script, e);
        }
    }
}
