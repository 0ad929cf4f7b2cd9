package dev.pyro.mcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.mcp.PayloadSamples.Size;
import dev.pyro.model.ArtifactType;
import dev.pyro.model.ExecResult;
import dev.pyro.model.OutputListener;
import dev.pyro.model.OutputListener.Stream;
import dev.pyro.model.WorkspaceFile;
import dev.pyro.model.WorkspaceFiles;
import dev.pyro.model.WorkspaceId;
import dev.pyro.model.WorkspaceLogs;
import dev.pyro.payload.WorkspaceFilePayloads;
import dev.pyro.payload.WorkspacePayloads;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever a tool comes to, what a client gets is small enough, whole JSON, and says what it lacks. */
class ResultBoundsTest {
    private static final int SEEDS = 5;
    private static final WorkspaceId ID = new WorkspaceId("ws-0123456789ab");

    private static int bytes(ToolResult result) {
        return Json.write(result.payload()).getBytes(StandardCharsets.UTF_8).length;
    }

    private static List<String> notes(ToolResult result) {
        JsonReader payload = new JsonReader(result.payload());
        return payload.find("notes").isPresent() ? payload.strings("notes") : List.of();
    }

    @TestFactory
    java.util.stream.Stream<DynamicTest> everyResultIsSmallEnough() {
        return ToolTable.tools(ToolProfile.WORKSPACE_FULL).stream()
                .map(tool -> DynamicTest.dynamicTest(tool.name(), () -> {
                    for (int seed = 0; seed < SEEDS; seed++) {
                        ToolAnswer answer = new PayloadSamples(Size.HUGE, seed).answer(tool.name());
                        ToolResult result = ResultBounds.bound(answer);

                        assertThat(bytes(result)).isLessThanOrEqualTo(ResultBounds.MAX_CONTENT_BYTES);
                        assertThat(Json.parse(Json.write(result.payload()))).isEqualTo(result.payload());
                        boolean cut = answer.output() != null || JsonSize.of(answer.payload()) > bytes(result);
                        assertThat(new JsonReader(result.payload())
                                        .find("result_truncated")
                                        .isPresent())
                                .isEqualTo(cut);
                        assertThat(notes(result).isEmpty()).isNotEqualTo(cut);
                    }
                }));
    }

    @TestFactory
    java.util.stream.Stream<DynamicTest> whatFitsIsNotTouched() {
        return ToolTable.tools(ToolProfile.WORKSPACE_FULL).stream()
                .map(tool -> DynamicTest.dynamicTest(tool.name(), () -> {
                    ToolAnswer answer = new PayloadSamples(Size.USUAL, 1).answer(tool.name());
                    ToolResult result = ResultBounds.bound(answer);
                    assertThat(notes(result)).isEmpty();
                    assertThat(result.payload().members().keySet())
                            .isEqualTo(answer.payload().members().keySet());
                    if (answer.output() == null) {
                        assertThat(result.payload()).isEqualTo(answer.payload());
                    } else {
                        JsonReader payload = new JsonReader(result.payload());
                        assertThat(payload.string("stdout")).isEqualTo("some text");
                        assertThat(payload.bool("stdout_truncated")).isFalse();
                    }
                }));
    }

    @Test
    void ofACommandsOutputTheMiddleIsLeftOut() {
        CommandOutput output = new CommandOutput(OutputListener.NONE);
        StringBuilder all = new StringBuilder();
        for (int line = 1; line <= 50_000; line++) {
            all.append("line ").append(line).append('\n');
        }
        output.onOutput(Stream.STDOUT, ByteBuffer.wrap(all.toString().getBytes(StandardCharsets.UTF_8)));
        output.onOutput(Stream.STDERR, ByteBuffer.wrap("a warning\n".getBytes(StandardCharsets.UTF_8)));

        ToolResult result = ResultBounds.bound(output.answer(payload(), "Do this."));

        JsonReader payload = new JsonReader(result.payload());
        String stdout = payload.string("stdout");
        assertThat(stdout).startsWith("line 1\nline 2\n").endsWith("line 49999\nline 50000\n");
        assertThat(payload.string("stderr")).isEqualTo("a warning\n");
        assertThat(payload.bool("stdout_truncated")).isTrue();
        assertThat(payload.bool("stderr_truncated")).isFalse();
        assertThat(payload.strings("truncated_fields")).containsExactly("stdout");
        assertThat(bytes(result)).isGreaterThan(ResultBounds.MAX_CONTENT_BYTES * 8 / 10);
        String marker = stdout.lines()
                .filter(line -> line.startsWith("[..."))
                .findFirst()
                .orElseThrow();
        long missing = Long.parseLong(marker.replaceAll("\\D", ""));
        assertThat(stdout.length() - marker.length() - 1 + missing).isEqualTo(all.length());
        assertThat(notes(result))
                .containsExactly(missing + " bytes are left out of stdout, where it says so. Do this.");
    }

    @Test
    void ofAServicesLogsTheBeginningIsLeftOut() {
        StringBuilder all = new StringBuilder();
        for (int line = 1; line <= 50_000; line++) {
            all.append("line ").append(line).append('\n');
        }
        JsonObject payload = JsonObject.builder()
                .put("command", "serve")
                .put("stdout", all.toString())
                .put("stderr", "a warning\n")
                .put("truncated", false)
                .build();

        ToolResult result = ResultBounds.bound(ServiceTools.logsAnswer(payload));

        JsonReader bounded = new JsonReader(result.payload());
        String stdout = bounded.string("stdout");
        assertThat(stdout).startsWith("line ").endsWith("line 49999\nline 50000\n");
        assertThat(all.toString()).endsWith("\n" + stdout);
        assertThat(bounded.string("stderr")).isEqualTo("a warning\n");
        assertThat(bounded.bool("truncated")).isTrue();
        assertThat(bounded.strings("truncated_fields")).containsExactly("stdout");
        assertThat(notes(result).getFirst())
                .startsWith("stdout holds only its last " + stdout.length() + " bytes. For older lines");
        assertThat(bytes(result)).isGreaterThan(ResultBounds.MAX_CONTENT_BYTES * 8 / 10);
    }

    @Test
    void bothStreamsShareTheRoom() {
        CommandOutput output = new CommandOutput(OutputListener.NONE);
        byte[] bytes = "x".repeat(100_000).getBytes(StandardCharsets.UTF_8);
        output.onOutput(Stream.STDOUT, ByteBuffer.wrap(bytes));
        output.onOutput(Stream.STDERR, ByteBuffer.wrap(bytes));

        ToolResult result = ResultBounds.bound(output.answer(payload(), "Do this."));

        JsonReader payload = new JsonReader(result.payload());
        assertThat(payload.string("stdout"))
                .hasSameSizeAs(payload.string("stderr"))
                .hasSizeGreaterThan(15_000);
        assertThat(notes(result)).hasSize(2);
        assertThat(notes(result).getFirst()).endsWith("Do this.");
        assertThat(notes(result).getLast()).doesNotContain("Do this.");
    }

    @Test
    void ofAFileTheHeadIsKeptAndTheNoteSaysWhereToReadOn() {
        String content = "0123456789abcdé".repeat(5_000);
        WorkspaceFile file = new WorkspaceFile(ID, "/workspace/f", 80_000, 65_536, content, false);

        ToolResult result = ResultBounds.bound(ToolAnswer.of(WorkspaceFilePayloads.file(file))
                .withAdvice("content", kept -> "Read on at " + (kept + 1) + "."));

        JsonReader payload = new JsonReader(result.payload());
        String kept = payload.string("content");
        int bytes = kept.getBytes(StandardCharsets.UTF_8).length;
        assertThat(content).startsWith(kept);
        assertThat(bytes).isGreaterThan(30_000);
        assertThat(payload.bool("truncated")).isTrue();
        assertThat(payload.number("size_bytes")).isEqualTo(80_000);
        assertThat(notes(result))
                .containsExactly("content holds only its first " + bytes + " bytes. Read on at " + (bytes + 1) + ".");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "/workspace/src/main.py | /workspace/src/main.py",
                "/workspace/my notes $HOME.txt | '/workspace/my notes $HOME.txt'",
                "/workspace/it's | FILE",
                "/workspace/caf\udce9 | FILE"
            })
    void theAdviceNamesTheFile(String path, String word) {
        WorkspaceFile file = new WorkspaceFile(ID, path, 80_000, 65_536, "", true);

        assertThat(FileTools.readOn(file, 12)).isEqualTo("`tail -c +13 " + word + " | head -c 30000`.");
    }

    @Test
    void ofAListTheFirstAreKept() {
        WorkspaceFiles files = new WorkspaceFiles(
                ID,
                "/workspace",
                true,
                IntStream.range(0, 5_000)
                        .mapToObj(i -> new WorkspaceFiles.Entry("/workspace/" + i, ArtifactType.FILE, i, null))
                        .toList());

        ToolResult result = ResultBounds.bound(FileTools.listAnswer(files));

        int kept = new JsonReader(result.payload()).array("entries").size();
        assertThat(kept).isGreaterThan(300);
        assertThat(notes(result)).containsExactly("entries holds only the first " + kept + " of 5000.");
    }

    @Test
    void ofLogsTheNewestAreKeptWithTheEndsOfTheirOutput() {
        WorkspaceLogs logs = new WorkspaceLogs(
                ID,
                IntStream.rangeClosed(1, 100)
                        .mapToObj(i -> new WorkspaceLogs.Entry(
                                i,
                                "command " + i,
                                "/workspace",
                                Instant.EPOCH,
                                new ExecResult(
                                        "first\n" + "x\n".repeat(50_000) + "last\n",
                                        "",
                                        0,
                                        Duration.ZERO,
                                        false,
                                        false,
                                        false)))
                        .toList());

        ToolResult result =
                ResultBounds.bound(ToolAnswer.of(WorkspacePayloads.logs(logs)).withNewestLast());

        JsonReader payload = new JsonReader(result.payload());
        List<JsonReader> entries = payload.array("entries").stream()
                .map(entry -> new JsonReader((JsonObject) entry))
                .toList();
        assertThat(payload.number("count")).isEqualTo(100);
        assertThat(entries.getLast().number("sequence")).isEqualTo(100);
        assertThat(entries).hasSizeGreaterThan(5).allSatisfy(entry -> {
            assertThat(entry.string("stdout")).startsWith("first\n").endsWith("last\n");
            assertThat(entry.bool("stdout_truncated")).isTrue();
            assertThat(entry.bool("stderr_truncated")).isFalse();
        });
        assertThat(payload.strings("truncated_fields")).containsExactly("entries[].stdout", "entries");
    }

    @Test
    void aLongMessageKeepsItsEnds() {
        String message = ResultBounds.message("cannot: " + "x".repeat(1_000_000) + " do this");

        assertThat(message).hasSizeLessThan(10_000).startsWith("cannot: ").endsWith(" do this");
    }

    @Test
    void theSizeOfJsonIsThatOfItsText() {
        for (Size size : Size.values()) {
            for (Tool tool : ToolTable.tools(ToolProfile.WORKSPACE_FULL)) {
                JsonObject payload =
                        new PayloadSamples(size, 1).answer(tool.name()).payload();
                assertThat(JsonSize.of(payload)).isEqualTo(Json.write(payload).getBytes(StandardCharsets.UTF_8).length);
            }
        }
        JsonArray escapes = JsonArray.ofStrings(List.of("\u0000\b\t\n\f\r\u001f\"\\/\u007f\u0080", ""));
        assertThat(JsonSize.of(escapes)).isEqualTo(Json.write(escapes).getBytes(StandardCharsets.UTF_8).length);
    }

    private static JsonObject payload() {
        return new PayloadSamples(Size.BARE, 0).answer("vm_run").payload();
    }
}
