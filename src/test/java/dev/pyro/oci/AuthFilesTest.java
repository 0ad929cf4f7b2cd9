package dev.pyro.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthFilesTest {
    @TempDir
    private Path folder;

    private static String auth(String text) {
        return "{\"auth\":\"" + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)) + "\"}";
    }

    private Optional<Credential> find(String json, String host, String repository) {
        try {
            Path file = Files.writeString(folder.resolve("auth.json"), json);
            return new AuthFiles(Map.of(AuthFiles.FILE_VARIABLE, file.toString(), "PATH", folder + ":/usr/bin:/bin"))
                    .find(host, repository);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void helper(String name, String script) throws IOException {
        Path file = Files.writeString(folder.resolve("docker-credential-" + name), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    @ParameterizedTest
    @CsvSource({
        "r.org, r.org, a/b, true",
        "r.org/a, r.org, a/b, true",
        "r.org/a/b, r.org, a/b, true",
        "r.org/a/b/c, r.org, a/b, false",
        "r.org/ab, r.org, a/b, false",
        "https://r.org, r.org, a/b, true",
        "https://r.org/v1/, r.org, a/b, true",
        "http://r.org/v2, r.org, a/b, true",
        "r.org:5000, r.org:5000, a, true",
        "r.org:5000, r.org, a, false",
        "r.org, r.org:5000, a, false",
        "evil.r.org, r.org, a, false",
        "https://index.docker.io/v1/, docker.io, library/debian, true",
        "docker.io, docker.io, library/debian, true",
        "docker.io/library, docker.io, library/debian, true",
        "index.docker.io, docker.io, library/debian, true",
        "https://index.docker.io/v1/, r.org, library/debian, false"
    })
    void findsTheEntryOfARegistry(String key, String host, String repository, boolean found) {
        Optional<Credential> credential =
                find("{\"auths\":{\"" + key + "\":" + auth("u:p:with:colons") + "}}", host, repository);
        assertThat(credential.isPresent()).isEqualTo(found);
        credential.ifPresent(it -> {
            assertThat(it.username()).isEqualTo("u");
            assertThat(it.secret()).isEqualTo("p:with:colons");
            assertThat(it.toString()).doesNotContain("colons");
        });
    }

    @Test
    void theMostSpecificEntryCounts() {
        String json = "{\"auths\":{\"r.org\":" + auth("host:1") + ",\"r.org/a/b\":" + auth("two:2") + ",\"r.org/a\":"
                + auth("one:3") + ",\"https://r.org\":" + auth("url:4") + "}}";
        assertThat(find(json, "r.org", "a/b/c").orElseThrow().username()).isEqualTo("two");
        assertThat(find(json, "r.org", "a/c").orElseThrow().username()).isEqualTo("one");
        assertThat(find(json, "r.org", "c").orElseThrow().username()).isEqualTo("host");
    }

    @Test
    void readsAllFormsOfEntries() {
        assertThat(find("{}", "r.org", "a")).isEmpty();
        assertThat(find("{\"auths\":{}}", "r.org", "a")).isEmpty();
        assertThat(find("{\"auths\":{\"r.org\":{}}}", "r.org", "a")).isEmpty();
        assertThat(find("{\"auths\":{\"r.org\":{\"username\":\"u\",\"password\":\"p\"}}}", "r.org", "a")
                        .orElseThrow()
                        .secret())
                .isEqualTo("p");
        Credential token = find("{\"auths\":{\"r.org\":{\"identitytoken\":\"t\"}}}", "r.org", "a")
                .orElseThrow();
        assertThat(token.identityToken()).isTrue();
        assertThat(token.secret()).isEqualTo("t");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{\"auths\":[]}",
                "{\"auths\":{\"r.org\":{\"auth\":\"secret!\"}}}",
                "{\"auths\":{\"r.org\":{\"auth\":\"c2VjcmV0\"}}}",
                "{\"auths\":{\"r.org\":{\"auth\":7}}}",
                "{\"credHelpers\":{\"r.org\":7}}",
                "{\"auths\":secret}"
            })
    void damagedFilesAreNamedAndNotQuoted(String json) {
        PyroException failure =
                Objects.requireNonNull(catchThrowableOfType(PyroException.class, () -> find(json, "r.org", "a")));
        assertThat(failure.code()).isEqualTo(ErrorCode.REGISTRY_DENIED);
        assertThat(failure)
                .hasMessageContaining(folder.resolve("auth.json").toString())
                .hasMessageNotContaining("secret");
        assertThat(failure.getCause()).isNull();
    }

    @Test
    void readsTheFilesInTheirOrder() throws IOException {
        Path runtime = folder.resolve("run/containers/auth.json");
        Path config = folder.resolve("config/containers/auth.json");
        Path docker = folder.resolve("home/.docker/config.json");
        Map<String, String> environment = Map.of(
                "HOME", folder.resolve("home").toString(),
                "XDG_RUNTIME_DIR", folder.resolve("run").toString(),
                "XDG_CONFIG_HOME", folder.resolve("config").toString());
        assertThat(AuthFiles.files(environment)).startsWith(runtime).containsSubsequence(config, docker);
        assertThat(AuthFiles.files(Map.of("HOME", "/h", "DOCKER_CONFIG", "/d")))
                .containsSubsequence(Path.of("/h/.config/containers/auth.json"), Path.of("/d/config.json"))
                .doesNotContain(Path.of("/h/.docker/config.json"));
        assertThat(AuthFiles.files(Map.of("HOME", "/h", AuthFiles.FILE_VARIABLE, "/x")))
                .containsExactly(Path.of("/x"));
        for (Path file : new Path[] {runtime, config, docker}) {
            Files.createDirectories(file.getParent());
        }
        Files.writeString(
                docker, "{\"auths\":{\"r.org\":" + auth("docker:1") + ",\"s.org\":" + auth("docker:1") + "}}");
        Files.writeString(config, "{\"auths\":{\"r.org\":" + auth("config:1") + "}}");
        Files.writeString(runtime, "{\"auths\":{\"other.org\":" + auth("runtime:1") + "}}");
        AuthFiles files = new AuthFiles(environment);
        assertThat(files.find("r.org", "a").orElseThrow().username()).isEqualTo("config");
        Credential second = files.find("s.org", "a").orElseThrow();
        assertThat(second.username()).isEqualTo("docker");
        assertThat(second.origin()).isEqualTo(docker.toString());
        assertThat(files.find("t.org", "a")).isEmpty();
    }

    @Test
    void asksAHelper() throws IOException {
        helper(
                "keys",
                "read server; echo \"{\\\"ServerURL\\\":\\\"$server\\\",\\\"Username\\\":\\\"$server\\\",\\\"Secret\\\":\\\"s\\\"}\"");
        Credential own =
                find("{\"credHelpers\":{\"r.org\":\"keys\"}}", "r.org", "a").orElseThrow();
        assertThat(own).isEqualTo(new Credential("r.org", "s", false, "docker-credential-keys"));
        assertThat(find("{\"credHelpers\":{\"r.org\":\"keys\"}}", "s.org", "a")).isEmpty();
        assertThat(find("{\"credsStore\":\"keys\",\"auths\":{\"docker.io\":{}}}", "docker.io", "a")
                        .orElseThrow()
                        .username())
                .isEqualTo("https://index.docker.io/v1/");
        assertThat(find("{\"credsStore\":\"keys\",\"auths\":{\"r.org\":" + auth("u:p") + "}}", "r.org", "a")
                        .orElseThrow()
                        .username())
                .isEqualTo("u");

        helper("token", "echo '{\"Username\":\"<token>\",\"Secret\":\"t\"}'");
        assertThat(find("{\"credsStore\":\"token\"}", "r.org", "a")
                        .orElseThrow()
                        .identityToken())
                .isTrue();

        helper("none", "echo 'credentials not found in native keychain'; exit 1");
        assertThat(find("{\"credsStore\":\"none\"}", "r.org", "a")).isEmpty();
    }

    @Test
    void saysWhyAHelperFails() throws IOException {
        helper("locked", "echo the key ring is locked; echo more; exit 3");
        helper("silly", "echo 'secret: not JSON'");
        helper("much", "head -c 200000 /dev/zero");
        for (Map.Entry<String, String> each : Map.of(
                        "locked", "failed: the key ring is locked;",
                        "silly", "did not answer with credentials",
                        "much", "did not answer with credentials",
                        "missing", "is not on the PATH",
                        "../x", "has a name that none can have")
                .entrySet()) {
            PyroException failure = Objects.requireNonNull(catchThrowableOfType(
                    PyroException.class, () -> find("{\"credsStore\":\"" + each.getKey() + "\"}", "r.org", "a")));
            assertThat(failure.code()).isEqualTo(ErrorCode.REGISTRY_DENIED);
            assertThat(failure).hasMessageContaining(each.getValue()).hasMessageNotContaining("secret");
        }
    }

    @Test
    void aHelperThatDoesNotEndIsEnded() throws IOException {
        helper("slow", "echo $$ > " + folder + "/pid; exec tail -f /dev/null");
        CredentialProgram helper =
                new CredentialProgram("slow", folder, Map.of("PATH", folder.toString()), Duration.ofMillis(300));
        PyroException failure =
                Objects.requireNonNull(catchThrowableOfType(PyroException.class, () -> helper.get("r.org")));
        assertThat(failure).hasMessageContaining("did not answer");
        assertThat(Path.of("/proc", Files.readString(folder.resolve("pid")).strip()))
                .doesNotExist();
    }
}
