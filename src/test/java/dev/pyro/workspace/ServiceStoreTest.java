package dev.pyro.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.OutputListener.Stream;
import dev.pyro.model.PublishedPort;
import dev.pyro.model.PyroException;
import dev.pyro.model.Service;
import dev.pyro.model.ServiceEnd;
import dev.pyro.model.ServiceState;
import dev.pyro.os.ProcessIdentity;
import dev.pyro.workspace.ServiceOutput.Part;
import dev.pyro.workspace.ServiceRecord.Life;
import dev.pyro.workspace.ServiceRecord.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceStoreTest {
    private static final Instant STARTED = Instant.ofEpochMilli(1_767_323_045_678L);

    @TempDir
    Path folder;

    private ServiceStore store() {
        return new ServiceStore(folder.resolve("services-0"));
    }

    private static ServiceRecord starting(String name) {
        return new ServiceRecord(
                name,
                "0123456789ab",
                new ProcessIdentity(7, 8, "boot"),
                new Settings(
                        "serve \"x\"",
                        "/workspace",
                        new Service.Probe("http", "http://***/", Duration.ofSeconds(30), Duration.ofMillis(500))),
                List.of(new PublishedPort(18_080, 80), new PublishedPort(18_081, 81)),
                STARTED,
                new Life.Starting(ProcessIdentity.current()));
    }

    @Test
    void aRecordComesBackAsItWas() {
        ServiceRecord starting = starting("web");
        ServiceRecord ready = starting.withReady(STARTED.plusSeconds(1));
        for (ServiceRecord record : List.of(
                starting,
                ready,
                ready.withEnd(ServiceEnd.EXITED, STARTED.plusSeconds(2), 3),
                starting.withEnd(ServiceEnd.MACHINE_ENDED, null, null))) {
            store().put(record);
            assertThat(store().find("web")).contains(record);
        }
    }

    @Test
    void whatEndsAServiceSaysWhatItIsThen() {
        ServiceRecord starting = starting("web");
        ServiceRecord ready = starting.withReady(STARTED);
        assertThat(state(ready.withEnd(ServiceEnd.EXITED, null, null))).isEqualTo(ServiceState.EXITED);
        assertThat(state(ready.withEnd(ServiceEnd.MACHINE_ENDED, null, null))).isEqualTo(ServiceState.EXITED);
        assertThat(state(starting.withEnd(ServiceEnd.MACHINE_ENDED, null, null)))
                .isEqualTo(ServiceState.FAILED);
        assertThat(state(ready.withEnd(ServiceEnd.WORKSPACE_STOPPED, null, null)))
                .isEqualTo(ServiceState.STOPPED);
        assertThat(ready.withEnd(ServiceEnd.EXITED, null, null).ports()).isEmpty();
        assertThat(ready.withEnd(ServiceEnd.EXITED, null, null).readyAt()).isEqualTo(STARTED);
    }

    private static ServiceState state(ServiceRecord record) {
        return ((Life.Ended) record.life()).state();
    }

    @Test
    void theyComeInTheOrderInWhichTheyWereStarted() throws IOException {
        assertThat(store().all()).isEmpty();
        store().put(starting("b"));
        store().put(starting("a"));
        store().put(starting("z").withStartedAt(STARTED.minusSeconds(1)));
        store().putLog("z", Stream.STDOUT, new Part(new byte[] {1}, false));
        // A name may look like the file of another one.
        store().put(starting("z.stdout"));
        Files.writeString(folder.resolve("services-0").resolve(".x.json"), "{}");
        assertThat(store().all()).extracting(ServiceRecord::name).containsExactly("z", "a", "b", "z.stdout");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("services-0"))))
                .isEqualTo("rwx------");
    }

    @Test
    void aDamagedRecordHidesNoOtherAndSaysSo() throws IOException {
        store().put(starting("a"));
        for (String damaged : List.of(
                "",
                "{}",
                "{\"format_version\": 1}",
                Files.readString(file("a")).replace("\"guest_port\"", "\"guest\""),
                Files.readString(file("a")).replace("\"starting\"", "\"dreaming\""),
                Files.readString(file("a")))) {
            Files.writeString(file("b"), damaged);
            assertThatThrownBy(() -> store().find("b"))
                    .as(damaged)
                    .isInstanceOfSatisfying(
                            PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.RECORD_CORRUPT))
                    .hasMessageContaining(file("b").toString());
            assertThat(store().all()).extracting(ServiceRecord::name).containsExactly("a");
            assertThat(store().names()).containsExactly("a", "b");
        }
        Files.writeString(file("b"), "{\"format_version\": 99}");
        assertThatThrownBy(() -> store().find("b"))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.RECORD_TOO_NEW));
    }

    private Path file(String name) {
        return folder.resolve("services-0").resolve(name + ".json");
    }

    @Test
    void logsAreKeptAndGo() {
        store().put(starting("a"));
        assertThat(store().log("a", Stream.STDOUT)).isEmpty();
        store().putLog("a", Stream.STDOUT, new Part(new byte[] {'x'}, true));
        store().putLog("a", Stream.STDERR, new Part(new byte[0], false));
        assertThat(store().log("a", Stream.STDOUT)).hasValueSatisfying(part -> {
            assertThat(part.text()).isEqualTo("x");
            assertThat(part.cut()).isTrue();
        });
        assertThat(store().log("a", Stream.STDERR))
                .hasValueSatisfying(part -> assertThat(part.cut()).isFalse());
        store().delete("a");
        assertThat(folder.resolve("services-0")).isEmptyDirectory();
    }
}
