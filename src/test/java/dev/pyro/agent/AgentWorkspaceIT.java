package dev.pyro.agent;

import static dev.pyro.agent.Failures.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;
import static org.awaitility.Awaitility.await;

import dev.pyro.model.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the client does with a workspace, against the real agent in namespaces: the workspace is a folder that the test sees. */
@Timeout(120)
class AgentWorkspaceIT {
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final String BASE = "/workspace";
    private static final GuestLocation TOP = new GuestLocation(BASE, "");

    @TempDir
    private Path folder;

    private NamespacedAgent agent;
    private AgentClient client;

    @BeforeEach
    void start() throws IOException {
        agent = NamespacedAgent.start(folder);
        client = agent.connect(BOUND);
        client.configure(ConfigureRequest.NOTHING.withHostname("box").withWorkspaceMount(BASE));
        Files.createDirectories(file("d"));
        Files.writeString(file("d/f"), "old");
        Files.writeString(file("d/g"), "goes");
    }

    @AfterEach
    void stop() {
        client.close();
        agent.close();
    }

    private Path file(String name) {
        return agent.workspace().resolve(name);
    }

    private static FileContent text(String text) {
        return FileContent.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private void refused(AgentRefusal.Reason reason, Runnable request) {
        assertThat(failure(ErrorCode.GUEST_ERROR, request).getCause())
                .asInstanceOf(type(AgentRefusal.class))
                .satisfies(refusal -> assertThat(refusal.reason()).isEqualTo(reason));
    }

    private List<String> names() {
        List<String> names = new ArrayList<>();
        client.walk(new WalkRequest(TOP, WalkRequest.EVERYTHING, false, 100), entry -> {
            assertThat(entry.changedNanos()).isPositive();
            names.add(entry.path());
        });
        return names;
    }

    @Test
    void changesFilesAllOrNothing() throws IOException {
        List<FileChange> changes = List.of(
                new FileChange.Delete("d/g"),
                new FileChange.Write("d/f", 0b111_000_000, text("new")),
                new FileChange.Write("n/\uDCFF", 0b110_000_000, text("any name")),
                new FileChange.Link("n/l", "../d/f"));

        assertThat(client.change(new ChangeRequest(TOP, changes, 1000))).isEqualTo(new ChangeResult(4, 17));
        assertThat(Files.readString(file("d/f"))).isEqualTo("new");
        assertThat(Files.isExecutable(file("d/f"))).isTrue();
        assertThat(Files.readString(file("n/l"))).isEqualTo("new");
        assertThat(names()).containsExactly("", "d", "d/f", "n", "n/l", "n/\uDCFF");

        List<FileChange> bad = List.of(new FileChange.Write("d/f", 0, text("never")), new FileChange.Delete("missing"));
        refused(AgentRefusal.Reason.NOT_FOUND, () -> client.change(new ChangeRequest(TOP, bad, 1000)));
        refused(AgentRefusal.Reason.LIMIT, () -> client.change(new ChangeRequest(TOP, changes.subList(1, 2), 2)));
        assertThat(Files.readString(file("d/f"))).isEqualTo("new");
        assertThat(names()).hasSize(6);
    }

    @Test
    void anUnreadableContentEndsTheConnectionAndChangesNothing() {
        FileContent broken = FileContent.of(1, () -> {
            throw new IOException("gone");
        });
        List<FileChange> changes =
                List.of(new FileChange.Write("d/f", 0, text("never")), new FileChange.Write("x", 0, broken));
        failure(ErrorCode.STORAGE_UNUSABLE, () -> client.change(new ChangeRequest(TOP, changes, 10)));
        client.close();
        client = agent.connect(BOUND);
        assertThat(names()).containsExactly("", "d", "d/f", "d/g");
        assertThat(file("d/f")).hasContent("old");
    }

    @Test
    void importsAllOrNothing() throws IOException {
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        client.exportTree(new ExportRequest(new GuestLocation(BASE, "d"), 1000), ByteSink.of(archive));
        GuestLocation made = new GuestLocation(BASE, "a/b");
        byte[] bytes = archive.toByteArray();
        refused(
                AgentRefusal.Reason.NOT_FOUND,
                () -> client.importTree(ImportRequest.direct(made, 10, 100), new ByteArrayInputStream(bytes)));
        // A bound that is met in the middle: what came before goes, and the directories too.
        refused(
                AgentRefusal.Reason.LIMIT,
                () -> client.importTree(ImportRequest.staged(made, 2, 100), new ByteArrayInputStream(bytes)));
        assertThat(names()).containsExactly("", "d", "d/f", "d/g");

        client.importTree(ImportRequest.staged(made, 10, 100), new ByteArrayInputStream(bytes));
        Files.writeString(file("d/f"), "changed");
        Files.writeString(file("d/own"), "stays");
        client.importTree(ImportRequest.staged(TOP, 10, 100), new ByteArrayInputStream(bytes));

        assertThat(file("a/b/d/g")).hasContent("goes");
        assertThat(file("d/f")).hasContent("old");
        assertThat(names()).contains("d/own", "a/b/d/f").hasSize(10);
    }

    @Test
    void standsStillWhileItIsFrozen() {
        Path counter = file("counter");
        try (AgentClient writer = agent.connect(BOUND)) {
            Thread.ofVirtual()
                    .start(() -> failure(
                            ErrorCode.INTERRUPTED,
                            () -> writer.exec(
                                    ExecRequest.of("while :; do echo x >> /workspace/counter; done"),
                                    ExecOutput.NONE)));
            awaitGrowth(counter);

            assertThat(client.freeze(BASE, Duration.ofSeconds(30))).isEqualTo(new FreezeResult(0, 0));
            long size = counter.toFile().length();
            await().during(Duration.ofMillis(200))
                    .atMost(BOUND)
                    .until(() -> counter.toFile().length() == size);
            assertThat(client.thaw()).isTrue();
            awaitGrowth(counter);

            client.freeze(BASE, Duration.ofMillis(100));
            awaitGrowth(counter);
            assertThat(client.thaw()).isFalse();
            refused(AgentRefusal.Reason.BAD_REQUEST, client::thaw);
            failure(ErrorCode.INVALID_ARGUMENT, () -> client.freeze(BASE, Duration.ofSeconds(31)));
        }
    }

    private static void awaitGrowth(Path file) {
        long size = file.toFile().length();
        await().atMost(BOUND).until(() -> file.toFile().length() > size);
    }
}
