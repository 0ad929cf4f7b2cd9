package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.e2e.PyroLauncher.Outcome;
import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Secrets as a user and an agent meet them: commands get them, and nothing else ever shows or keeps them. */
class SecretsIT extends WorkspaceFixture {
    private static final String TOKEN = "tok'3n-of-the-test";
    private static final String KEY_LINE = "MIIabcdefghijklmnopq";
    private static final String KEY = "-----BEGIN KEY-----\n" + KEY_LINE + "\n-----END KEY-----\n";

    /** What must not be anywhere. */
    private static final List<String> VALUES = List.of(TOKEN, KEY_LINE, "BEGIN KEY");

    private String id = "";

    private static void assertHidden(String text) {
        assertThat(text).doesNotContain(VALUES.toArray(String[]::new));
    }

    private Outcome exec(List<String> options, String... command) {
        List<String> line = new ArrayList<>(List.of("workspace", "exec", id));
        line.addAll(options);
        line.add("--");
        line.addAll(List.of(command));
        return pyro.run(line.toArray(String[]::new));
    }

    /** Runs a script that gets both secrets and must succeed, and returns what it shows. */
    private String shown(String script) {
        Outcome outcome = exec(List.of("--secret-env", "TOKEN", "--secret-env=KEY=CERT"), "sh", "-c", script);
        assertThat(outcome.exitCode()).as(outcome.stderr()).isZero();
        assertHidden(outcome.stderr());
        return outcome.stdout();
    }

    @ParameterizedTest
    @ValueSource(strings = {"qemu", "namespace"})
    void commandsGetThemAndNothingShowsThem(String backend) throws Exception {
        Path key = Files.writeString(folder.resolve("key.pem"), KEY);
        JsonReader created =
                createdJson(backend, "--disk-mib", "256", "--secret", "TOKEN=" + TOKEN, "--secret-file", "KEY=" + key);
        id = created.string("workspace_id");
        assertNamed(created);
        Files.delete(key);

        shownByTheCommandLine();
        shownOverMcp();
        assertRefusals();
        assertThat(pyro.ok("workspace", "status", id)).contains("Secrets: TOKEN (literal), KEY (file)\n");
        assertNamed(pyro.json("workspace", "list").array("workspaces"));
        assertHidden(pyro.ok("workspace", "logs", id)
                + Json.write(pyro.json("workspace", "logs", id).object()));
        assertKeptNowhere();

        assertNamed(pyro.json("workspace", "start", id));
        assertThat(shown("echo $TOKEN; printf %s \"$CERT\"")).isEqualTo("***\n***\n");
        assertNamed(pyro.json("workspace", "reset", id));
        assertThat(shown("echo $TOKEN")).isEqualTo("***\n");
        pyro.ok("workspace", "delete", id);
        assertThat(holders(pyro.state())).isEmpty();
    }

    private void shownByTheCommandLine() {
        assertThat(shown("printf %s \"$TOKEN\" | wc -c; printf %s \"$CERT\" | wc -c; env | grep -c '^KEY='; true"))
                .isEqualTo(TOKEN.length() + "\n" + KEY.length() + "\n0\n");
        assertThat(shown("echo a$TOKEN; echo \"$TOKEN\" >&2; printf %s \"$CERT\"; echo; echo \"$CERT\" | sed -n 2p"))
                .isEqualTo("a***\n***\n\n***\n");
        // In two writes, with a pause in which the first one arrives.
        assertThat(shown("printf 'x%.5s' \"$TOKEN\"; sleep 0.5; printf '%sy' \"${TOKEN#?????}\""))
                .isEqualTo("x***y");
        Outcome inTheCommand = exec(List.of(), "echo", TOKEN, KEY_LINE, "[]");
        assertThat(inTheCommand.stdout()).isEqualTo("*** *** []\n");
        assertThat(pyro.json("workspace", "status", id).object("last_command").string("command"))
                .isEqualTo("echo '***' *** '[]'");
        JsonReader json =
                pyro.json("workspace", "exec", id, "--secret-env", "TOKEN", "--", "sh", "-c", "echo $TOKEN >&2");
        assertThat(json.string("stderr")).isEqualTo("***\n");
        Outcome timeOut = exec(
                List.of("--secret-env", "TOKEN", "--timeout-seconds", "1"),
                "sh",
                "-c",
                "printf %.5s \"$TOKEN\"; sleep 60");
        assertThat(timeOut.exitCode()).isEqualTo(124);
        assertThat(timeOut.stdout()).isEqualTo(TOKEN.substring(0, 5));
    }

    private void shownOverMcp() throws IOException {
        try (McpStdioClient client = new McpStdioClient(pyro, "workspace-full")) {
            JsonObject arguments = JsonObject.builder()
                    .put("workspace_id", id)
                    .put("command", "echo " + KEY_LINE + "; echo \"$TOKEN\"; sleep 1; seq 20000; echo \"$TOKEN\"")
                    .put(
                            "secret_env",
                            JsonObject.builder().put("TOKEN", "TOKEN").build())
                    .build();
            client.call("exec", "workspace_exec", arguments);
            client.awaitProgress("exec", "***\n");
            JsonReader payload = client.await(message -> {
                        assertHidden(Json.write(message.object()));
                        return message.find("result").isPresent();
                    })
                    .object("result")
                    .object("structuredContent");
            assertThat(payload.string("stdout")).startsWith("***\n***\n1\n").endsWith("20000\n***\n");
            assertThat(payload.string("command")).startsWith("echo ***; echo");
            assertHidden(Json.write(payload.object()));
            JsonObject workspace = JsonObject.builder().put("workspace_id", id).build();
            JsonReader logs = client.ok("logs", "workspace_logs", workspace);
            assertThat(logs.array("entries")).isNotEmpty();
            assertHidden(Json.write(logs.object()));
            assertNamed(client.ok("status", "workspace_status", workspace));
        }
    }

    private void assertRefusals() {
        assertThat(pyro.fails("SECRET_NOT_FOUND", "workspace", "exec", id, "--secret-env", "TOKENS", "--", "true"))
                .isEqualTo("workspace " + id + " has no secret TOKENS; it has KEY, TOKEN");
        Outcome value = exec(List.of("--debug", "--secret-env", "TOKEN=" + TOKEN), "true");
        assertThat(value.exitCode()).isEqualTo(1);
        assertThat(value.stderr()).contains("the secret TOKEN is to become a variable whose name is none");
        assertHidden(value.stderr());
        assertThat(pyro.fails(
                        "INVALID_ARGUMENT",
                        "workspace",
                        "exec",
                        id,
                        "--secret-env=TOKEN=A",
                        "--secret-env=KEY=A",
                        "--",
                        "true"))
                .isEqualTo("two secrets are to become the variable A");
    }

    /** Looks into everything that the workspace has and gives away; it is stopped at the end. */
    private void assertKeptNowhere() throws IOException {
        pyro.ok("workspace", "snapshot", "create", id, "after");
        pyro.ok("workspace", "exec", id, "--", "sh", "-c", "echo changed > file");
        assertHidden(pyro.ok("workspace", "diff", id));
        Path out = Files.createDirectory(folder.resolve("out"));
        pyro.ok("workspace", "export", id, ".", "--output", out.resolve("tree").toString());
        pyro.ok("workspace", "stop", id);
        pyro.ok(
                "workspace",
                "disk",
                "export",
                id,
                "--output",
                out.resolve("disk").toString());

        assertThat(holders(out)).isEmpty();
        Path secrets = record(id).resolveSibling("secrets");
        assertThat(holders(pyro.state())).containsExactly(secrets.resolve("KEY"), secrets.resolve("TOKEN"));
        assertThat(secrets.resolve("TOKEN")).hasContent(TOKEN);
        assertThat(secrets.resolve("KEY")).hasContent(KEY);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(secrets)))
                .isEqualTo("rwx------");
        for (Path file : List.of(secrets.resolve("KEY"), secrets.resolve("TOKEN"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        }
    }

    /** Returns the files below a folder that hold a value, in order. */
    private static List<Path> holders(Path folder) {
        String patterns = VALUES.stream().map(value -> "-e \"" + value + "\"").collect(Collectors.joining(" "));
        return host(folder, "LC_ALL=C grep -rlF " + patterns + " . || true")
                .lines()
                .map(name -> folder.resolve(name).normalize())
                .sorted()
                .toList();
    }

    private static void assertNamed(List<JsonValue> workspaces) {
        workspaces.forEach(workspace -> assertNamed(new JsonReader((JsonObject) workspace)));
    }

    private static void assertNamed(JsonReader workspace) {
        assertThat(Json.write(workspace.object()))
                .contains("\"secrets\":[{\"name\":\"TOKEN\",\"source_kind\":\"literal\"},"
                        + "{\"name\":\"KEY\",\"source_kind\":\"file\"}]");
        assertHidden(Json.write(workspace.object()));
    }

    @Test
    void whatCannotBeASecretMakesNoWorkspace() throws IOException {
        pyro.with("PYRO_BACKEND", "namespace");
        Path binary = Files.write(folder.resolve("binary"), new byte[] {'a', (byte) 0xff});
        Path large = Files.writeString(folder.resolve("large"), "a".repeat(1 << 20));
        for (String[] bad : new String[][] {
            {"--secret", "1A=" + TOKEN},
            {"--secret-file", "A=" + binary},
            {"--secret-file", "A=" + large},
            {"--secret-file", "A=/dev/zero"},
            {"--secret-file", "A=/dev/null"},
            {"--secret-file", "A=" + folder},
            {"--secret-file", "A=" + folder.resolve("none")}
        }) {
            assertHidden(pyro.fails("INVALID_ARGUMENT", creation(bad)));
        }
        String[] many = IntStream.range(0, 65)
                .mapToObj(number -> "--secret=S" + number + "=" + TOKEN)
                .toArray(String[]::new);
        assertHidden(pyro.fails("INVALID_ARGUMENT", creation(many)));
        assertThat(pyro.state().resolve("workspaces")).doesNotExist();
    }
}
