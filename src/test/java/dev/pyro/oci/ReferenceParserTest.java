package dev.pyro.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReferenceParserTest {
    private static final String HEX = "0123456789abcdef".repeat(4);
    private static final Path HERE = Path.of("/work/here");

    private static Optional<ImageReference> parse(String text) {
        return ImageReference.parse(text.replace("HEX", HEX), HERE);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            python:3.12-slim                 | docker.io/library/python:3.12-slim              | python:3.12-slim
            alpine                           | docker.io/library/alpine:latest                 | alpine:latest
            docker.io/library/alpine:latest  | docker.io/library/alpine:latest                 | alpine:latest
            index.docker.io/alpine           | docker.io/library/alpine:latest                 | alpine:latest
            docker.io/alpine                 | docker.io/library/alpine:latest                 | alpine:latest
            grafana/grafana                  | docker.io/grafana/grafana:latest                | grafana/grafana:latest
            library/a/b:1                    | docker.io/library/a/b:1                         | library/a/b:1
            a@sha256:HEX                     | docker.io/library/a@sha256:HEX                  | a@sha256:HEX
            a:1@sha256:HEX                   | docker.io/library/a:1@sha256:HEX                | a:1@sha256:HEX
            ghcr.io/a/b/c:V_1.2-x            | ghcr.io/a/b/c:V_1.2-x                           | ghcr.io/a/b/c:V_1.2-x
            GHCR.io/a/b                      | ghcr.io/a/b:latest                              | ghcr.io/a/b:latest
            LOCALHOST/a                      | localhost/a:latest                              | localhost/a:latest
            localhost/app                    | localhost/app:latest                            | localhost/app:latest
            localhost:5000/team/app:1        | localhost:5000/team/app:1                       | localhost:5000/team/app:1
            127.0.0.1:5000/a                 | 127.0.0.1:5000/a:latest                         | 127.0.0.1:5000/a:latest
            [::1]:5000/a:2                   | [::1]:5000/a:2                                  | [::1]:5000/a:2
            a__b/c-d--e.f_g                  | docker.io/a__b/c-d--e.f_g:latest                | a__b/c-d--e.f_g:latest
            docker.io/localhost/x            | docker.io/localhost/x:latest                    | docker.io/localhost/x:latest
            docker.io/a.b/x                  | docker.io/a.b/x:latest                          | docker.io/a.b/x:latest
            docker.io/oci:1                  | docker.io/library/oci:1                         | docker.io/library/oci:1
            """)
    void readsReferencesOfRegistries(String text, String canonical, String familiar) {
        ImageReference reference = parse(text).orElseThrow();
        assertThat(reference.canonical()).isEqualTo(canonical.replace("HEX", HEX));
        assertThat(reference.familiar()).isEqualTo(familiar.replace("HEX", HEX));
        // Both forms name the same image again.
        assertThat(parse(reference.canonical()).orElseThrow().canonical()).isEqualTo(reference.canonical());
        assertThat(parse(reference.familiar()).orElseThrow().canonical()).isEqualTo(reference.canonical());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "/",
                "a/",
                "/a",
                "a//b",
                "A",
                "Registry/a",
                "debian 12",
                "../../etc",
                "./a",
                "a/../b",
                "a:",
                "a:.x",
                "a:-x",
                "a@",
                "a@sha256:abc",
                "a@sha512:HEXHEX",
                "a@sha256:HEX@sha256:HEX",
                "a@SHA256:HEX",
                "a___b",
                "a..b",
                "a._b",
                "-a",
                "a-",
                "host:0/a",
                "host:65536/a",
                "host:/a",
                "host:x/a",
                "-host.org/a",
                "user@host.org/a",
                "https://host.org/a",
                "docker://alpine",
                "[::1/a",
                "[:::]/a",
                "999.1.1.1/a",
                "oci:a\u001b[2J",
                "[]/a",
                "ho$t.org/a",
                "a\n",
                "a\u0000b",
                "ä",
                "oci:",
                "oci::tag",
                "oci:dir:",
                "oci:dir:a b",
                "oci:a\u0000b",
                "docker-archive:",
                "docker-archive:x.tar:",
                "docker-archive:x.tar:Not A Reference"
            })
    void othersAreNone(String text) {
        assertThat(parse(text)).isEmpty();
    }

    @Test
    void lengthsAreBounded() {
        assertThat(parse("a".repeat(247))).isPresent();
        assertThat(parse("a".repeat(248))).isEmpty();
        assertThat(parse("a:" + "t".repeat(128))).isPresent();
        assertThat(parse("a:" + "t".repeat(129))).isEmpty();
        assertThat(parse("a.b-".repeat(100_000))).isEmpty();
        assertThat(parse("h".repeat(256) + ".org/a")).isEmpty();
    }

    @Test
    void knowsWhetherTheHostWasWritten() {
        assertThat(parse("a").orElseThrow())
                .isEqualTo(new RegistryReference("docker.io", "library/a", "latest", null, false));
        assertThat(parse("docker.io/a").orElseThrow())
                .isEqualTo(new RegistryReference("docker.io", "library/a", "latest", null, true));
    }

    @Test
    void theDigestCountsWhereBothAreGiven() {
        assertThat(((RegistryReference) parse("a:1@sha256:HEX").orElseThrow()).target())
                .isEqualTo("sha256:" + HEX);
        assertThat(((RegistryReference) parse("a:1").orElseThrow()).target()).isEqualTo("1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            oci:layout            | /work/here/layout    | -
            oci:layout:1          | /work/here/layout    | 1
            oci:../x/./y:v:1      | /work/x/y:v          | 1
            oci:/a/b              | /a/b                 | -
            oci:/a:b/c            | /a:b/c               | -
            oci:/a:b/c:d          | /a:b/c               | d
            """)
    void readsLayouts(String text, String directory, String tag) {
        ImageReference reference = parse(text).orElseThrow();
        assertThat(reference).isEqualTo(new LayoutReference(Path.of(directory), tag));
        assertThat(parse(reference.canonical())).contains(reference);
        assertThat(reference.familiar()).isEqualTo(reference.canonical());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
            docker-archive:x.tar                    | /work/here/x.tar | -
            docker-archive:/a/x.tar:debian:12       | /a/x.tar         | debian:12
            docker-archive:/a/x.tar:host:5000/a/b:1 | /a/x.tar         | host:5000/a/b:1
            """)
    void readsArchives(String text, String file, String reference) {
        ImageReference read = parse(text).orElseThrow();
        assertThat(read).isEqualTo(new ArchiveReference(Path.of(file), reference));
        assertThat(parse(read.canonical())).contains(read);
    }

    @Test
    void aReferenceCannotBeMadeOfOtherThings() {
        assertThatThrownBy(() -> new RegistryReference("ho st", "a", "1", null, true))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RegistryReference("host", "a", null, null, true))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
