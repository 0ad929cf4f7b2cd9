package dev.pyro.machine.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.machine.GuestSession;
import dev.pyro.machine.Machine;
import dev.pyro.machine.MachineSite;
import dev.pyro.machine.MachineSpec;
import dev.pyro.machine.MachineSpec.NetworkMode;
import dev.pyro.machine.MachineSpec.StartMode;
import dev.pyro.machine.OtherProcess;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Templates of real machines: built once, side by side, rebuilt when they are damaged. Each test finds one, and leaves it whole. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(300)
class QemuTemplateIT {
    private final QemuSite site = new QemuSite(MachineSite.createFolder());
    private final List<String> phases = new CopyOnWriteArrayList<>();
    private final AtomicInteger machines = new AtomicInteger();

    @BeforeAll
    void prepare() throws IOException {
        site.prepare();
        assertThat(runOnce()).isEqualTo("works");
    }

    @BeforeEach
    void forgetPhases() {
        phases.clear();
    }

    @AfterAll
    void delete() {
        site.delete();
    }

    @Test
    void threadsAndProcessesThatWantTheSameTemplateBuildItOnce() throws Exception {
        AtomicFiles.deleteTree(site.paths().templates());
        List<String> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(2);
                OtherProcess other = OtherProcess.start(site, "start-stop", newId())) {
            List<Callable<String>> starts = List.of(() -> runOnce(), () -> runOnce());
            for (Future<String> start : threads.invokeAll(starts)) {
                assertThat(start.get()).isEqualTo("works");
            }
            other.awaitWord("stopped");
            all.addAll(other.words());
        }
        all.addAll(phases.stream().map(phase -> "progress " + phase).toList());

        assertThat(all).filteredOn("progress template"::equals).hasSize(1);
        assertThat(templates()).hasSize(1);
        assertThat(site.paths().staging()).isEmptyDirectory();
    }

    @Test
    void templatesOfTwoSizesLieSideBySide() throws IOException {
        Path template = template();
        MachineSpec spec = site.spec(newId(), true, StartMode.TEMPLATE);
        Machine larger = site.backend()
                .start(
                        new MachineSpec(
                                spec.id(),
                                spec.directory(),
                                spec.root(),
                                2,
                                384,
                                spec.rootDiskBytes(),
                                MachineSpec.DEFAULT_WORK_DISK_BYTES,
                                NetworkMode.NONE,
                                null,
                                true,
                                StartMode.TEMPLATE),
                        progress -> phases.add(progress.phase()));
        try (GuestSession session = GuestSession.first(larger, true)) {
            assertThat(session.run("nproc").output()).isEqualTo("2");
        } finally {
            larger.stop();
        }
        assertThat(runOnce()).isEqualTo("works");

        assertThat(phases).containsExactly("template");
        List<Path> added = new ArrayList<>(templates());
        assertThat(added.remove(template)).isTrue();
        assertThat(added).hasSize(1);
        AtomicFiles.deleteTree(added.getFirst());
    }

    @Test
    void damagedTemplateIsBuiltAgain() throws IOException {
        truncate(template().resolve("ram"));
        assertThat(runOnce()).isEqualTo("works");
        Files.writeString(template().resolve("template.json"), "{\"format_version\": 1");
        assertThat(runOnce()).isEqualTo("works");

        assertThat(phases).containsExactly("template", "template");
        assertThat(templates()).hasSize(1);
    }

    @Test
    void templateThatDoesNotRestoreIsBuiltAgainOnce() throws IOException {
        // Garbage that the record vouches for, as if the template had been saved wrongly.
        Path state = template().resolve("state");
        Files.setAttribute(state, "unix:mode", 0600);
        Files.writeString(state, "garbage", StandardOpenOption.TRUNCATE_EXISTING);
        Template before = Template.read(template(), template().getFileName().toString())
                .orElseGet(() ->
                        new Template(template(), template().getFileName().toString(), clockOf(template()), false, ""));
        Template.writeRecord(template(), before.key(), before.tscKhz(), before.readOnlyMemory());
        assertThat(Template.read(template(), before.key())).isPresent();

        assertThat(runOnce()).isEqualTo("works");
        assertThat(phases).containsExactly("template");
        assertThat(runOnce()).isEqualTo("works");
        assertThat(phases).containsExactly("template");
    }

    private static long clockOf(Path template) {
        try {
            return dev.pyro.json.Json.parseObject(Files.readString(template.resolve("template.json")))
                    .number("tsc_khz");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private String runOnce() {
        Machine machine = site.backend()
                .start(site.spec(newId(), true, StartMode.TEMPLATE), progress -> phases.add(progress.phase()));
        try (GuestSession session = GuestSession.first(machine, true)) {
            return session.run("echo works").output();
        } finally {
            machine.stop();
        }
    }

    /** A machine that was there before is booted with its own disk. */
    private String newId() {
        return "vm-%012x".formatted(machines.incrementAndGet());
    }

    private Path template() {
        return templates().getFirst();
    }

    private List<Path> templates() {
        try (var folders = Files.list(site.paths().templates())) {
            return folders.toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void truncate(Path file) throws IOException {
        try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
            access.setLength(access.length() / 2);
        }
    }
}
