package dev.pyro;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartupTrainingTest {
    @TempDir
    Path folder;

    /** In a process of its own, as the launcher runs it: from a jar, with empty folders. */
    @Test
    void goesThroughToItsEnd() throws Exception {
        Path classes = Path.of(StartupTraining.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Path jar = folder.resolve("pyro.jar");
        run("jar", "--create", "--file", jar.toString(), "-C", classes.toString(), ".");
        String libraries = System.getProperty("java.class.path");
        run("java", "-cp", jar + ":" + libraries, StartupTraining.class.getName());
    }

    private void run(String program, String... arguments) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(arguments);
        builder.command()
                .addFirst(
                        Path.of(System.getProperty("java.home"), "bin", program).toString());
        builder.environment().put("PYRO_CACHE_DIR", folder.resolve("cache").toString());
        builder.environment().put("PYRO_STATE_DIR", folder.resolve("state").toString());
        Path output = folder.resolve("output");
        builder.redirectErrorStream(true).redirectOutput(output.toFile());
        Process process = builder.start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(output).content().doesNotContain("not loaded", "[pull]");
            assertThat(process.exitValue())
                    .as(java.nio.file.Files.readString(output))
                    .isZero();
        } finally {
            process.destroyForcibly();
        }
    }
}
