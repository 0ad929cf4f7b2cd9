package dev.pyro.runtime;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.os.HostTool;
import dev.pyro.os.HostTools;
import dev.pyro.store.AtomicFiles;
import dev.pyro.store.InterProcessLock;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The cache of runtime bundles: builds one at the first use and finds it again later. Safe for use by several threads and processes, of
 * which one builds while the others wait.
 *
 * <p>The kernel is the one that {@code PYRO_KERNEL} names, with the modules of {@code PYRO_KERNEL_MODULES}; else Debian's kernel for virtual
 * machines, fetched as a package; else the host's own.
 */
public final class RuntimeBundles {
    private static final Duration LOCK_TIMEOUT = Duration.ofMinutes(20);
    private static final String AGENT_STAGING_PREFIX = "agent";

    private static final Duration PRUNE_AFTER = Duration.ofDays(1);
    private static final Duration AGENT_LOCK_TIMEOUT = Duration.ofSeconds(30);

    private final PyroPaths paths;
    private final AgentProgram agent;
    private final @Nullable ConfiguredKernel configured;
    // Null for the standard ones, which a warm start need not load.
    private final @Nullable List<KernelSource> others;
    private final Function<Progress.Listener, Path> busybox;

    /**
     * The bundles of this build of Pyro.
     *
     * @param environment this process's variables, of which {@code PYRO_KERNEL} and {@code PYRO_KERNEL_MODULES} count
     */
    public RuntimeBundles(PyroPaths paths, HostTools tools, Map<String, String> environment) {
        this(paths, AgentProgram.ofClassPath(), configured(environment), null, listener -> {
            tools.require(List.of(HostTool.BUSYBOX), listener);
            return tools.path(HostTool.BUSYBOX);
        });
    }

    RuntimeBundles(
            PyroPaths paths,
            AgentProgram agent,
            @Nullable ConfiguredKernel configured,
            @Nullable List<KernelSource> others,
            Function<Progress.Listener, Path> busybox) {
        this.paths = paths;
        this.agent = agent;
        this.configured = configured;
        this.others = others;
        this.busybox = busybox;
    }

    private static @Nullable ConfiguredKernel configured(Map<String, String> environment) {
        String image = environment.getOrDefault("PYRO_KERNEL", "");
        String modules = environment.getOrDefault("PYRO_KERNEL_MODULES", "");
        if (image.isEmpty()) {
            return null;
        }
        return new ConfiguredKernel(Path.of(image), modules.isEmpty() ? null : Path.of(modules));
    }

    /**
     * Returns the bundle, from the cache or built now. From the cache it takes about a millisecond, and the listener hears nothing.
     *
     * @throws PyroException {@link ErrorCode#RUNTIME_UNAVAILABLE} when no kernel can be had, {@link ErrorCode#HOST_TOOL_MISSING} without a
     *     static busybox, {@link ErrorCode#LOCK_TIMEOUT} when another process builds for longer than any build takes
     */
    public RuntimeBundle ensure(Progress.Listener listener) {
        Path pointer = paths.runtimes().resolve("current-" + key() + ".json");
        Optional<RuntimeBundle> cached = find(pointer);
        if (cached.isPresent()) {
            return cached.get();
        }
        Runnable onWait = () -> listener.onProgress(new Progress(
                "setup", "wait", "runtime", null, "another process builds the guest's kernel and initramfs"));
        Path lockFile = paths.cacheLocks().resolve("runtime.lock");
        try (InterProcessLock _ = InterProcessLock.acquire(lockFile, "the runtime bundle", LOCK_TIMEOUT, onWait)) {
            cached = find(pointer);
            if (cached.isPresent()) {
                return cached.get();
            }
            deleteStaging(BundleBuild.STAGING_PREFIX, _ -> true);
            BundleRecord built = new BundleBuild(paths, agent, kernels(), busybox.apply(listener)).run(listener);
            AtomicFiles.write(pointer, built.toJson(), AtomicFiles.Durability.POWER);
            return built.bundle();
        }
    }

    /**
     * Returns the guest agent alone, a static program, from the cache or unpacked now. Needs no kernel.
     *
     * @throws PyroException {@link ErrorCode#LOCK_TIMEOUT}, {@link ErrorCode#STORAGE_UNUSABLE}, {@link ErrorCode#DISK_FULL}
     */
    public Path agent() {
        Path folder = agentFolder();
        Path program = folder.resolve(BundleRecord.AGENT);
        if (Files.isExecutable(program)) {
            return program;
        }
        try (InterProcessLock _ =
                InterProcessLock.acquire(agentLock(), "the guest agent", AGENT_LOCK_TIMEOUT, () -> {})) {
            if (!Files.isExecutable(program)) {
                deleteStaging(AGENT_STAGING_PREFIX, _ -> true);
                Path staged = AtomicFiles.createStaging(paths.staging(), AGENT_STAGING_PREFIX);
                Path file = Files.write(staged.resolve(BundleRecord.AGENT), agent.content());
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
                BundleBuild.sync(file);
                AtomicFiles.deleteTree(folder);
                AtomicFiles.publish(staged, folder);
            }
            return program;
        } catch (IOException e) {
            throw AtomicFiles.failure("write", program, e);
        }
    }

    /** Returns the bundle when it is in the cache, without building it. */
    public Optional<RuntimeBundle> find() {
        return find(paths.runtimes().resolve("current-" + key() + ".json"));
    }

    /**
     * Deletes the bundles and agents of other builds of Pyro and of other kernels, unless they are of today, and what killed builds
     * have left.
     *
     * @param mayDelete hears of each file and folder before it is deleted, and can keep it
     */
    public void prune(Predicate<Path> mayDelete) {
        Path current = paths.runtimes().resolve("current-" + key() + ".json");
        Set<Path> kept = new HashSet<>(Set.of(current, agentFolder()));
        find().ifPresent(bundle -> kept.add(AtomicFiles.parent(bundle.kernel())));
        // Where there is nothing, no lock is asked for: its file may not be there, and a full disk has no room for it.
        if (!children(paths.runtimes()).isEmpty() || hasStaging(BundleBuild.STAGING_PREFIX)) {
            Path lockFile = paths.cacheLocks().resolve("runtime.lock");
            try (InterProcessLock _ =
                    InterProcessLock.acquire(lockFile, "the runtime bundle", LOCK_TIMEOUT, () -> {})) {
                deleteStaging(BundleBuild.STAGING_PREFIX, mayDelete);
                for (Path entry : children(paths.runtimes())) {
                    if (!kept.contains(entry) && isOld(entry) && mayDelete.test(entry)) {
                        AtomicFiles.deleteTree(entry);
                    }
                }
            }
        }
        if (hasStaging(AGENT_STAGING_PREFIX)) {
            try (InterProcessLock _ =
                    InterProcessLock.acquire(agentLock(), "the guest agent", AGENT_LOCK_TIMEOUT, () -> {})) {
                deleteStaging(AGENT_STAGING_PREFIX, mayDelete);
            }
        }
    }

    private boolean hasStaging(String prefix) {
        return children(paths.staging()).stream().anyMatch(staged -> isStaging(staged, prefix));
    }

    private static boolean isStaging(Path folder, String prefix) {
        return folder.getFileName().toString().startsWith(prefix + ".");
    }

    /** Deletes what killed builds have left: whoever holds the lock under which such folders are made has made none yet. */
    private void deleteStaging(String prefix, Predicate<Path> mayDelete) {
        for (Path staged : children(paths.staging())) {
            if (isStaging(staged, prefix) && mayDelete.test(staged)) {
                AtomicFiles.deleteTree(staged);
            }
        }
    }

    private Path agentLock() {
        return paths.cacheLocks().resolve("agent.lock");
    }

    private static boolean isOld(Path entry) {
        try {
            return Files.getLastModifiedTime(entry)
                    .toInstant()
                    .isBefore(Instant.now().minus(PRUNE_AFTER));
        } catch (IOException e) {
            return false;
        }
    }

    private static List<Path> children(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> children = Files.list(folder)) {
            return children.toList();
        } catch (IOException e) {
            throw AtomicFiles.failure("list", folder, e);
        }
    }

    private Path agentFolder() {
        return paths.runtimes().resolve("agent-" + agent.identity());
    }

    private Optional<RuntimeBundle> find(Path pointer) {
        try {
            BundleRecord found = BundleRecord.read(pointer, paths.runtimes()).orElse(null);
            return found == null ? Optional.empty() : Optional.of(found.bundle());
        } catch (IOException e) {
            throw AtomicFiles.failure("read", pointer, e);
        }
    }

    private List<KernelSource> kernels() {
        if (configured != null) {
            return List.of(configured);
        }
        return others == null ? List.of(new DebianCloudKernel(), HostKernel.ofSystem()) : others;
    }

    private String key() {
        String kernel = "auto";
        if (configured != null) {
            CRC32 checksum = new CRC32();
            checksum.update(configured.identity().getBytes(StandardCharsets.UTF_8));
            kernel = HexFormat.of().toHexDigits((int) checksum.getValue());
        }
        return agent.identity() + "-" + kernel;
    }
}
