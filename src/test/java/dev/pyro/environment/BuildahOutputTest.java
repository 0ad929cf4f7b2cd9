package dev.pyro.environment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.os.HostCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BuildahOutputTest {
    private final List<String> details = new ArrayList<>();
    private final BuildahOutput output = new BuildahOutput(
            "app",
            Map.of("debian:12", "/s/base-0:base"),
            (Progress progress) -> details.add(progress.phase() + " " + progress.detail()));

    @Test
    void stepsAreProgressInTheWordsOfTheFile() {
        output.line("Getting image source signatures");
        output.line("[1/2] STEP 1/2: FROM oci:/s/base-0:base AS one");
        output.line("STEP 2/2: RUN echo \u001b[31m");
        output.line("out STEP 1/1: x");

        assertThat(details)
                .containsExactly("build [1/2] STEP 1/2: FROM debian:12 AS one", "build STEP 2/2: RUN echo ?[31m");
    }

    @Test
    void aFailureHasTheLastLinesWithoutWhatIsSaidOfCopies() {
        String lines = IntStream.range(0, 30).mapToObj(i -> "line " + i + "\n").collect(Collectors.joining());
        PyroException failure = output.failure(new HostCommand.Result(
                7, lines + "Copying blob sha256:0\n\nError: building at STEP \"RUN x\": exit status 7\n"));

        assertThat(failure.code()).isEqualTo(ErrorCode.IMAGE_BUILD_FAILED);
        assertThat(failure.getMessage().lines())
                .hasSize(13)
                .first()
                .isEqualTo(
                        "cannot build the environment app: buildah ended with exit code 7; these are its last lines");
        assertThat(failure.getMessage())
                .contains("\n  line 29\n  Error: building")
                .doesNotContain("line 18", "Copying");
    }

    @Test
    void aFullDiskIsNamed() {
        PyroException failure =
                output.failure(new HostCommand.Result(125, "Error: write /x: no space left on device\n"));
        assertThat(failure.code()).isEqualTo(ErrorCode.DISK_FULL);
        assertThat(failure).hasMessageContaining("pyro env prune");
    }
}
