package dev.pyro.environment;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DockerfileImagesTest {
    @Test
    void readsTheImagesOfStagesOnce() {
        assertThat(names("""
                # syntax=docker/dockerfile:1
                from debian:12 as build
                RUN make \\
                  # FROM comment:1

                  FROM=x all
                FROM --platform=linux/amd64 localhost:5000/team/app@sha256:%s
                COPY --from=build /a /a
                COPY --chown=1:1 --from=busybox:1.36 /b /b
                COPY --from=0 /c /c
                COPY --from=debian:12 /d /d
                FROM BUILD
                FROM scratch
                """.formatted("0".repeat(64))))
                .containsExactly("debian:12", "localhost:5000/team/app@sha256:" + "0".repeat(64), "busybox:1.36");
    }

    @Test
    void givesVariablesTheirValues() {
        String file = """
                ARG VERSION=12 NAME="debian"
                ARG BASE=${NAME}:$VERSION
                ARG UNSET
                FROM $BASE
                FROM ${NAME}:${UNSET:-11}
                FROM python:3${VERSION:+.12}-slim
                FROM other:$UNSET
                FROM $TARGETARCH/x
                FROM a${b
                """;
        assertThat(DockerfileImages.of(file, Map.of()))
                .containsExactly(
                        new DockerfileImages.Base("$BASE", "debian:12"),
                        new DockerfileImages.Base("${NAME}:${UNSET:-11}", "debian:11"),
                        new DockerfileImages.Base("python:3${VERSION:+.12}-slim", "python:3.12-slim"));
        assertThat(DockerfileImages.of(file, Map.of("VERSION", "13", "UNSET", "10", "UNKNOWN", "1")))
                .extracting(DockerfileImages.Base::name)
                .containsExactly("debian:13", "debian:10", "python:3.12-slim", "other:10");
    }

    @Test
    void variablesOfAStageAreNotTheFilesOwn() {
        assertThat(names("FROM a:1\nARG B=b:1\nFROM $B\n")).containsExactly("a:1");
    }

    @Test
    void readsTheImagesThatCommandsMount() {
        assertThat(names("""
                FROM a:1 AS first
                RUN --network=none --mount=type=bind,from=b:1,source=/x,target=/y \\
                    --mount=type=cache,target=/z,from=c:1 --mount=from=first,target=/w \\
                    --mount=type=secret,id=s make --mount=from=d:1
                RUN make --mount=type=bind,from=e:1
                """)).containsExactly("a:1", "b:1", "c:1");
    }

    @Test
    void takesAnotherEscapeAndPassesOverHereDocuments() {
        assertThat(names("# escape=`\nFROM `\n  a:1\nRUN dir \\\nFROM b:1")).containsExactly("a:1", "b:1");
        assertThat(names("""
                FROM a:1
                RUN <<EOF cat >x <<-'END'
                FROM b:1
                EOF
                FROM c:1
                \tEND
                FROM d:1
                RUN echo $((1 <<shift))
                FROM e:1
                """)).containsExactly("a:1", "d:1", "e:1");
    }

    @Test
    void anythingElseIsNoneOfItsBusiness() {
        assertThat(names("")).isEmpty();
        assertThat(names("FROM")).isEmpty();
        assertThat(names("\\")).isEmpty();
        assertThat(names("FROM a:1 \\")).containsExactly("a:1");
        assertThat(names("FRO a:1\r\nFROM b:1\r\n")).containsExactly("b:1");
    }

    private static List<String> names(String file) {
        return DockerfileImages.of(file, Map.of()).stream()
                .map(DockerfileImages.Base::name)
                .toList();
    }
}
