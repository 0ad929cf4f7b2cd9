package dev.pyro.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.cli.render.Terminal;
import dev.pyro.json.Json;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.sdk.Pyro;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PyroCliTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private static final Supplier<Pyro> NO_PYRO = PyroCliTest::noPyro;
    private static final Supplier<Pyro> FAILING = PyroCliTest::failing;

    private static Pyro noPyro() {
        throw new AssertionError("a usage error or help must not open Pyro");
    }

    private static Pyro failing() {
        throw new PyroException(ErrorCode.DISK_FULL, "the disk is full");
    }

    private int run(Supplier<Pyro> pyro, String... arguments) {
        return new PyroCli("1.2.3", pyro, new Terminal(Channels.newChannel(out), Channels.newChannel(err), false))
                .run(List.of(arguments));
    }

    private String stdout() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String stderr() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void versionIsOneLineOnStdout() {
        assertThat(run(NO_PYRO, "--version")).isZero();
        assertThat(stdout()).isEqualTo("pyro 1.2.3\n");
    }

    @Test
    void helpListsEveryCommandThoughOnlyOneBranchIsBuilt() {
        assertThat(run(NO_PYRO, "--help")).isZero();
        assertThat(stdout()).contains("run", "env", "doctor", "Disposable computers");
    }

    @ParameterizedTest
    @ValueSource(strings = {"run", "env list", "env pull", "env inspect", "env prune", "doctor", "env"})
    void everyCommandHasHelp(String command) {
        assertThat(run(NO_PYRO, (command + " --help").split(" "))).isZero();
        assertThat(stdout()).startsWith("Usage: pyro " + command);
        assertThat(stderr()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'' | a command is missing",
                "env | a command is missing",
                "rnu | rnu",
                "env lst | lst",
                "run debian:12 | required after `--`",
                "run debian:12 -- | required after `--`",
                "run -- true | ENVIRONMENT",
                "run debian:12 git -- true | git",
                "run --vcpu-count many debian:12 -- true | many",
                "run --wrong debian:12 -- true | --wrong",
                "env list -- true | nothing after `--`",
                "env inspect | ENVIRONMENT"
            })
    void aUsageErrorSaysWhatAndExitsWithTwo(String line, String expected) {
        assertThat(run(NO_PYRO, line.isEmpty() ? new String[0] : line.split(" ")))
                .isEqualTo(2);
        assertThat(stdout()).isEmpty();
        assertThat(stderr()).startsWith("[error] ").contains(expected).contains("--help");
    }

    @Test
    void aFailureIsOneLineWithoutStackTrace() {
        assertThat(run(FAILING, "env", "list")).isEqualTo(1);
        assertThat(stderr()).isEqualTo("[error] the disk is full\n");
        assertThat(stdout()).isEmpty();
    }

    @Test
    void aFailureUnderJsonIsOneDocumentOnStdout() {
        assertThat(run(FAILING, "env", "list", "--json")).isEqualTo(1);
        assertThat(stderr()).isEmpty();
        assertThat(stdout()).isEqualTo("""
                        {
                          "code": "DISK_FULL",
                          "error": "the disk is full",
                          "ok": false
                        }
                        """);
        assertThat(Json.parseObject(stdout()).bool("ok")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"env list --debug", "env --debug list", "--debug env list"})
    void debugAddsTheStackTraceWhereverItStands(String line) {
        assertThat(run(FAILING, line.split(" "))).isEqualTo(1);
        assertThat(stderr()).contains("PyroException", "[error] the disk is full");
    }

    @Test
    void aSizeOutOfRangeIsAnErrorOfTheFacadeNotOfTheCommandLine() {
        assertThat(run(NO_PYRO, "run", "--mem-mib", "1", "debian:12", "--", "true"))
                .isEqualTo(1);
        assertThat(stderr()).isEqualTo("[error] mem_mib must be between 128 and 65536, not 1\n");
    }

    @Test
    void aClosedStdoutEndsQuietlyAsSigpipeWould() {
        WritableByteChannel closed = new WritableByteChannel() {
            @Override
            public int write(ByteBuffer bytes) throws IOException {
                throw new IOException("Broken pipe");
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public void close() {}
        };
        int code = new PyroCli("1", FAILING, new Terminal(closed, Channels.newChannel(err), false))
                .run(List.of("env", "list", "--json"));
        assertThat(code).isEqualTo(141);
        assertThat(stderr()).isEmpty();
    }
}
