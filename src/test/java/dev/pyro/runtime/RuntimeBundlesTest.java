package dev.pyro.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.os.FileStatus;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RuntimeBundlesTest {
    private static final AgentProgram AGENT = agent("agent");

    @TempDir
    private Path folder;

    private PyroPaths paths;
    private KernelTree tree;
    private Path busybox;
    private final AtomicInteger builds = new AtomicInteger();

    @BeforeEach
    void makeKernel() throws IOException {
        paths = new PyroPaths(folder.resolve("cache"), folder.resolve("state"));
        tree = KernelTree.make(folder);
        busybox = Files.write(folder.resolve("busybox"), Elves.staticProgram());
    }

    private static AgentProgram agent(String content) {
        return AgentProgram.of(content.getBytes(StandardCharsets.UTF_8));
    }

    private RuntimeBundles bundles(AgentProgram agent) {
        KernelSource counting = (staging, listener) -> {
            builds.incrementAndGet();
            return new ConfiguredKernel(tree.image(), tree.modules()).obtain(staging, listener);
        };
        return new RuntimeBundles(paths, agent, null, List.of(counting), listener -> busybox);
    }

    private RuntimeBundles configured() {
        return new RuntimeBundles(
                paths, AGENT, new ConfiguredKernel(tree.image(), tree.modules()), List.of(), listener -> busybox);
    }

    private static PyroException failure(ErrorCode code, RuntimeBundles bundles) {
        List<PyroException> thrown = new ArrayList<>();
        assertThatExceptionOfType(PyroException.class)
                .isThrownBy(() -> bundles.ensure(Progress.Listener.NONE))
                .satisfies(e -> {
                    assertThat(e.code()).describedAs(e.getMessage()).isEqualTo(code);
                    thrown.add(e);
                });
        return thrown.getFirst();
    }

    @Test
    void buildsABundle() throws IOException {
        List<String> phases = new ArrayList<>();
        RuntimeBundle bundle = bundles(AGENT).ensure(progress -> phases.add(progress.phase()));

        assertThat(phases).containsExactly("kernel", "initramfs");
        assertThat(bundle.kernelRelease()).isEqualTo(KernelTree.RELEASE);
        assertThat(bundle.kernel())
                .hasSameBinaryContentAs(tree.image())
                .hasParent(bundle.initramfs().getParent());
        assertThat(bundle.agent()).hasContent("agent").isExecutable();
        assertThat(bundle.digest()).matches("sha256:[0-9a-f]{64}");
        InitramfsReader initramfs = new InitramfsReader(bundle.initramfs());
        assertThat(List.copyOf(initramfs.entries().keySet()))
                .isSorted()
                .contains("init", "bin/busybox", "dev", "dev/console", "dev/null", "proc", "newroot", "modules/order")
                .contains("modules/virtio-rng.ko");
        assertThat(initramfs.text("init")).isEqualTo("agent");
        assertThat(initramfs.content("bin/busybox")).isEqualTo(Elves.staticProgram());
        assertThat(initramfs.text("modules/order"))
                .startsWith("virtio_ring.ko\nvirtio.ko\n")
                .endsWith("_net.ko\n");
        CpioArchiveEntry console = entry(initramfs, "dev/console");
        assertThat(console.isCharacterDevice()).isTrue();
        assertThat(console.getRemoteDeviceMaj()).isEqualTo(5);
        assertThat(console.getRemoteDeviceMin()).isEqualTo(1);
        assertThat(entry(initramfs, "init").getMode() & 0b111_111_111).isEqualTo(0b111_101_101);
        assertThat(entry(initramfs, "proc").isDirectory()).isTrue();
        assertThat(initramfs.entries().values())
                .allSatisfy(entry -> assertThat(entry.getTime()).isZero());
    }

    private static CpioArchiveEntry entry(InitramfsReader initramfs, String name) {
        return java.util.Objects.requireNonNull(initramfs.entries().get(name));
    }

    @Test
    void findsABundleAgain() {
        RuntimeBundle first = bundles(AGENT).ensure(Progress.Listener.NONE);
        List<Progress> heard = new ArrayList<>();
        assertThat(bundles(AGENT).ensure(heard::add)).isEqualTo(first);
        assertThat(bundles(AGENT).find()).hasValue(first);
        assertThat(heard).isEmpty();
        assertThat(builds).hasValue(1);
    }

    @Test
    void givesTheSameContentTheSameBytes() throws IOException {
        RuntimeBundle first = bundles(AGENT).ensure(Progress.Listener.NONE);
        byte[] initramfs = Files.readAllBytes(first.initramfs());
        PyroPaths elsewhere = new PyroPaths(folder.resolve("cache2"), folder.resolve("state"));
        paths = elsewhere;
        RuntimeBundle second = bundles(AGENT).ensure(Progress.Listener.NONE);
        assertThat(second.digest()).isEqualTo(first.digest());
        assertThat(second.initramfs()).hasBinaryContent(initramfs);
    }

    @Test
    void buildsAnewForAnotherAgentOrKernel() throws IOException {
        RuntimeBundle first = bundles(AGENT).ensure(Progress.Listener.NONE);
        RuntimeBundle other = bundles(agent("another")).ensure(Progress.Listener.NONE);
        assertThat(other.digest()).isNotEqualTo(first.digest());

        RuntimeBundle named = configured().ensure(Progress.Listener.NONE);
        assertThat(named).isEqualTo(first);
        tree.module("virtio.ko", "virtio_ring,virtio_ring");
        Files.setLastModifiedTime(tree.image(), FileTime.fromMillis(1));
        assertThat(configured().ensure(Progress.Listener.NONE).digest()).isNotEqualTo(first.digest());
        assertThat(bundles(AGENT).ensure(Progress.Listener.NONE)).isEqualTo(first);
    }

    @Test
    void rebuildsWhatIsDamaged() throws IOException {
        RuntimeBundle bundle = bundles(AGENT).ensure(Progress.Listener.NONE);
        byte[] initramfs = Files.readAllBytes(bundle.initramfs());
        Path pointer;
        try (Stream<Path> files = Files.list(paths.runtimes())) {
            pointer = files.filter(file -> file.toString().endsWith(".json"))
                    .findFirst()
                    .orElseThrow();
        }
        List<Callable<Path>> damages = List.of(
                () -> Files.writeString(bundle.initramfs(), "half"),
                () -> Files.write(bundle.kernel(), new byte[0]),
                () -> {
                    Files.delete(bundle.agent());
                    return bundle.agent();
                },
                () -> Files.writeString(pointer, "{\"format_version\": 1"),
                () -> Files.writeString(pointer, "{\"format_version\": 1, \"digest\": \"sha256:../../x\"}"),
                () -> Files.writeString(pointer, "{}"),
                () -> Files.write(pointer, new byte[] {'{', (byte) 0xFF, '}'}),
                () -> Files.write(pointer, new byte[] {(byte) 0xff, 0}),
                () -> {
                    Files.delete(pointer);
                    return pointer;
                });
        int expected = 1;
        for (Callable<Path> damage : damages) {
            try {
                damage.call();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
            assertThat(bundles(AGENT).find()).isEmpty();
            assertThat(bundles(AGENT).ensure(Progress.Listener.NONE)).isEqualTo(bundle);
            assertThat(builds).hasValue(++expected);
            assertThat(bundle.initramfs()).hasBinaryContent(initramfs);
        }
        assertThat(paths.staging()).isEmptyDirectory();
    }

    @Test
    void rebuildsWhatSomebodyTouched() throws IOException {
        RuntimeBundle bundle = bundles(AGENT).ensure(Progress.Listener.NONE);
        int expected = 1;
        for (Path file : List.of(bundle.kernel(), bundle.initramfs(), bundle.agent())) {
            byte[] good = Files.readAllBytes(file);
            Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
            List<Callable<Path>> damages = List.of(
                    () -> Files.write(file, new byte[good.length]),
                    () -> Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------")));
            for (Callable<Path> damage : damages) {
                String stamp = FileStatus.of(file).stamp();
                // The kernel's clock for files has ticks of some milliseconds.
                await().untilAsserted(() -> {
                    damage.call();
                    assertThat(FileStatus.of(file).stamp()).isNotEqualTo(stamp);
                });
                assertThat(bundles(AGENT).find()).isEmpty();
                assertThat(bundles(AGENT).ensure(Progress.Listener.NONE)).isEqualTo(bundle);
                assertThat(builds).hasValue(++expected);
                assertThat(file).hasBinaryContent(good);
                assertThat(Files.getPosixFilePermissions(file)).isEqualTo(mode);
                assertThat(bundles(AGENT).find()).hasValue(bundle);
            }
        }
    }

    @Test
    void aRecordWithoutStampsOpensAsBefore() throws IOException {
        RuntimeBundle bundle = bundles(AGENT).ensure(Progress.Listener.NONE);
        try (Stream<Path> files = Files.list(paths.runtimes())) {
            Path pointer = files.filter(file -> file.toString().endsWith(".json"))
                    .findFirst()
                    .orElseThrow();
            String record = Files.readString(pointer);
            assertThat(record).contains("\"files\"");
            Files.writeString(pointer, record.replace("\"files\"", "\"unknown\""));
        }
        assertThat(bundles(AGENT).find()).hasValue(bundle);
        Files.writeString(bundle.initramfs(), "half");
        assertThat(bundles(AGENT).find()).isEmpty();
    }

    @Test
    void deletesWhatKilledBuildsHaveLeft() throws IOException {
        Path bundle = paths.staging().resolve("runtime.0123");
        Path agent = paths.staging().resolve("agent.0123");
        Path foreign = Files.createDirectories(paths.staging().resolve("environment.0123"));
        Files.writeString(Files.createDirectories(bundle).resolve("kernel"), "half");
        Files.createDirectories(agent);

        bundles(AGENT).ensure(Progress.Listener.NONE);
        assertThat(bundle).doesNotExist();
        assertThat(bundles(AGENT).agent()).hasContent("agent");
        assertThat(agent).doesNotExist();

        Files.createDirectories(bundle);
        Files.createDirectories(agent);
        bundles(AGENT).prune(_ -> false);
        assertThat(bundle).as("a trial deletes nothing").exists();
        assertThat(agent).exists();
        bundles(AGENT).prune(_ -> true);
        assertThat(paths.staging()).isDirectoryContaining(foreign::equals);
        assertThat(bundle).doesNotExist();
        assertThat(agent).doesNotExist();
    }

    @Test
    void buildsOnceForAllWhoWantIt() throws Exception {
        List<String> phases = Collections.synchronizedList(new ArrayList<>());
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Callable<RuntimeBundle>> calls =
                    Collections.nCopies(4, () -> bundles(AGENT).ensure(progress -> phases.add(progress.phase())));
            List<RuntimeBundle> results = new ArrayList<>();
            for (Future<RuntimeBundle> future : threads.invokeAll(calls)) {
                results.add(future.get());
            }
            assertThat(results).containsOnly(results.getFirst());
        }
        assertThat(builds).hasValue(1);
        assertThat(phases).containsOnlyOnce("kernel");
    }

    @Test
    void triesTheNextKernelAndNamesAllReasons() {
        KernelSource offline = (staging, listener) -> {
            throw new PyroException(ErrorCode.HOST_TOOL_FAILED, "cannot fetch: no network");
        };
        KernelSource broken = (staging, listener) -> {
            throw new IOException("not a package");
        };
        KernelSource own = new HostKernel(folder.resolve("boot"), folder.resolve("lib"));
        RuntimeBundles none =
                new RuntimeBundles(paths, AGENT, null, List.of(offline, broken, own), listener -> busybox);
        assertThat(failure(ErrorCode.RUNTIME_UNAVAILABLE, none))
                .hasMessageContaining("no network")
                .hasMessageContaining("not a package")
                .hasMessageContaining(folder.resolve("boot").toString())
                .hasMessageContaining("PYRO_KERNEL");
        assertThat(paths.staging()).isEmptyDirectory();

        KernelSource last = new ConfiguredKernel(tree.image(), tree.modules());
        RuntimeBundles some =
                new RuntimeBundles(paths, AGENT, null, List.of(offline, broken, last), listener -> busybox);
        assertThat(some.ensure(Progress.Listener.NONE).kernelRelease()).isEqualTo(KernelTree.RELEASE);
    }

    @Test
    void refusesAKernelThatIsNone() throws IOException {
        Files.writeString(tree.image(), "hello");
        assertThat(failure(ErrorCode.RUNTIME_UNAVAILABLE, configured()))
                .hasMessageContaining(tree.image().toString())
                .hasMessageContaining("neither a bzImage nor an ELF image");
        Files.delete(tree.image());
        assertThat(failure(ErrorCode.RUNTIME_UNAVAILABLE, configured())).hasMessageContaining("no such file");
    }

    @Test
    void refusesABusyboxThatIsMissingOrNeedsALinker() throws IOException {
        Files.write(busybox, Elves.dynamicProgram());
        assertThat(failure(ErrorCode.HOST_TOOL_MISSING, bundles(AGENT))).hasMessageContaining("busybox-static");
        Files.delete(busybox);
        assertThat(failure(ErrorCode.HOST_TOOL_MISSING, bundles(AGENT))).hasMessageContaining("busybox-static");
        assertThat(builds).hasValue(0);
    }
}
