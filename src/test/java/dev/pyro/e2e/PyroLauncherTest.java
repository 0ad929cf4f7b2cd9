package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a launcher takes for its own among the processes of the host, where other tests run at the same moment. */
class PyroLauncherTest {
    @TempDir
    Path folder;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void end() {
        processes.forEach(Process::destroyForcibly);
    }

    private Process processIn(Path directory) throws IOException {
        Process process = new ProcessBuilder("sleep", "60")
                .directory(Files.createDirectories(directory).toFile())
                .start();
        processes.add(process);
        return process;
    }

    @Test
    void whatWorksInTheSharedCacheMayBeAnothers() throws Exception {
        PyroLauncher pyro = new PyroLauncher(folder.resolve("state"));
        Process others = processIn(PyroLauncher.sharedCache());
        pyro.awaitNothingLeft();

        Process machine = processIn(pyro.state());
        assertThat(pyro.machineProcesses()).singleElement().asString().startsWith(machine.pid() + " ");
        pyro.killMachines();
        assertThat(machine.waitFor(10, TimeUnit.SECONDS)).isTrue();
        pyro.awaitNothingLeft();
        assertThat(others.isAlive()).isTrue();
    }

    @Test
    void whatWorksInACacheOfItsOwnIsItsOwn() throws Exception {
        Path cache = folder.resolve("cache");
        PyroLauncher pyro = new PyroLauncher(folder.resolve("state")).with("PYRO_CACHE_DIR", cache.toString());
        Process template = processIn(cache.resolve("staging"));
        assertThat(pyro.machineProcesses()).singleElement().asString().startsWith(template.pid() + " ");
        pyro.killMachines();
        assertThat(template.waitFor(200, TimeUnit.MILLISECONDS)).isFalse();
    }
}
