package dev.pyro.machine.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemplateStoreTest {
    private static final String KEY = "0123456789abcdef0123456789abcdef";

    @TempDir
    Path folder;

    private PyroPaths paths;
    private TemplateStore store;
    private final AtomicInteger builds = new AtomicInteger();

    @BeforeEach
    void openStore() {
        paths = new PyroPaths(folder.resolve("cache"), folder.resolve("state"));
        store = new TemplateStore(paths);
    }

    @Test
    void builtTemplateIsFoundAndNotBuiltAgain() {
        assertThat(store.find(KEY)).isEmpty();
        Template built = build(KEY);

        assertThat(built.tscKhz()).isEqualTo(2_500_000);
        assertThat(store.find(KEY)).contains(built);
        assertThat(build(KEY)).isEqualTo(built);
        assertThat(builds).hasValue(1);
        assertThat(paths.staging()).isEmptyDirectory();
    }

    @Test
    void threadsThatWantTheSameBuildItOnce() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Callable<Template>> wishes = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                wishes.add(() -> build(KEY));
            }
            for (Future<Template> wish : threads.invokeAll(wishes)) {
                assertThat(wish.get().key()).isEqualTo(KEY);
            }
        }
        assertThat(builds).hasValue(1);
    }

    @Test
    void damagedTemplateIsNotFoundAndIsReplaced() throws IOException {
        Template template = build(KEY);
        List<Damage> kinds = List.of(
                () -> Files.writeString(template.memory(), "x", StandardOpenOption.APPEND),
                () -> Files.writeString(template.memory(), "X"),
                () -> Files.writeString(template.state(), ""),
                () -> Files.delete(template.rootDisk()),
                () -> Files.writeString(template.directory().resolve("template.json"), "{"),
                () -> Files.delete(template.directory().resolve("template.json")));
        for (Damage damage : kinds) {
            damage.doIt();
            assertThat(store.find(KEY)).isEmpty();
            build(KEY);
            assertThat(store.find(KEY)).isPresent();
        }
        assertThat(builds).hasValue(1 + kinds.size());
    }

    @Test
    void restoredTimeOfModificationHidesNoWrite() throws IOException {
        Template template = build(KEY);
        FileTime before = Files.getLastModifiedTime(template.memory());
        Files.writeString(template.memory(), "RAM");
        Files.setLastModifiedTime(template.memory(), before);

        assertThat(store.find(KEY)).isEmpty();
    }

    @Test
    void templateThatProvedBrokenIsBuiltAgain() {
        Template first = build(KEY);
        Template second = store.build(KEY, Optional.of(first), () -> {}, this::fill);

        assertThat(second.build()).isNotEqualTo(first.build());
        assertThat(store.build(KEY, Optional.of(first), () -> {}, this::fill)).isEqualTo(second);
        assertThat(builds).hasValue(2);
    }

    @Test
    void failedOrKilledBuildLeavesNothing() throws IOException {
        Files.createDirectories(
                paths.staging().resolve("template-" + KEY + ".000000000000").resolve("machine"));
        assertThatThrownBy(() -> store.build(KEY, Optional.empty(), () -> {}, staging -> {
                    throw new PyroException(ErrorCode.MACHINE_START_FAILED, "no");
                }))
                .hasMessage("no");

        assertThat(paths.staging()).isEmptyDirectory();
        assertThat(paths.templates()).doesNotExist();
    }

    @Test
    void leastRecentlyUsedTemplatesAreDropped() throws IOException {
        for (int i = 0; i < TemplateStore.MAX_TEMPLATES; i++) {
            build("key" + i);
            Files.setLastModifiedTime(
                    paths.templates().resolve("key" + i).resolve("template.json"),
                    FileTime.from(Instant.now().minusSeconds(3600 + i)));
        }
        assertThat(store.find("key" + (TemplateStore.MAX_TEMPLATES - 1))).isPresent();
        build("another");

        assertThat(store.find("key" + (TemplateStore.MAX_TEMPLATES - 2))).isEmpty();
        assertThat(store.find("key" + (TemplateStore.MAX_TEMPLATES - 1))).isPresent();
        assertThat(paths.templates()).isDirectoryContaining("glob:**/another").isDirectoryContaining("glob:**/key0");
        assertThat(paths.staging()).isEmptyDirectory();
    }

    /** Something that happens to a template. */
    private interface Damage {
        void doIt() throws IOException;
    }

    private Template build(String key) {
        return store.build(key, Optional.empty(), () -> {}, staging -> fill(staging, key));
    }

    private void fill(Path staging) {
        fill(staging, KEY);
    }

    private void fill(Path staging, String key) {
        builds.incrementAndGet();
        try {
            Path template = Files.createDirectory(staging.resolve("template"));
            Files.writeString(template.resolve("ram"), "ram");
            Files.writeString(template.resolve("state"), "state");
            Files.writeString(template.resolve("root.qcow2"), "disk");
            Template.writeRecord(template, key, 2_500_000, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
