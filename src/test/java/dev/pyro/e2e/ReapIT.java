package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.LocalPyro;
import dev.pyro.model.CreateVm;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ExecVm;
import dev.pyro.model.PyroException;
import dev.pyro.model.VmId;
import dev.pyro.model.VmRun;
import dev.pyro.sdk.Pyro;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the end of a machine's time to live ends, and what it does not. */
class ReapIT {
    @TempDir
    Path folder;

    private Pyro open(String backend) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("PYRO_CACHE_DIR", PyroLauncher.sharedCache().toString());
        environment.put("PYRO_STATE_DIR", folder.resolve("state").toString());
        environment.put("PYRO_BACKEND", backend);
        return LocalPyro.open(environment);
    }

    /** Puts a machine's last use so far back that its time to live is over. */
    private void expire(VmId id) throws IOException {
        Path record = folder.resolve("state/vms/" + id.value() + "/vm.json");
        String json = Files.readString(record);
        Files.writeString(record, json.replaceFirst("(\"last_activity_at_ms\": )\\d+", "$11000"));
        assertThat(Files.readString(record)).contains("\"last_activity_at_ms\": 1000");
    }

    @ParameterizedTest
    @ValueSource(strings = {"qemu", "namespace"})
    void aMachineThatIsInUseIsNotReapedAndAnIdleOneIs(String backend) throws Exception {
        Pyro pyro = open(backend);
        VmId id = pyro.createVm("debian:12", CreateVm.defaults().withMemMib(512).withAllowHostCompat(true))
                .vmId();
        pyro.startVm(id);
        CountDownLatch running = new CountDownLatch(1);
        CompletableFuture<VmRun> run = CompletableFuture.supplyAsync(() -> pyro.execVm(
                id,
                "echo up; while [ ! -e /tmp/go ]; do sleep 0.1; done",
                ExecVm.defaults(),
                (stream, bytes) -> running.countDown()));
        assertThat(running.await(30, TimeUnit.SECONDS)).isTrue();
        expire(id);
        assertThat(open(backend).reapExpired().deletedVmIds()).isEmpty();
        pyro.execVm(id, "touch /tmp/go", ExecVm.defaults());
        assertThat(run.get(30, TimeUnit.SECONDS).result().exitCode()).isZero();

        assertThat(pyro.reapExpired().deletedVmIds()).isEmpty();
        expire(id);
        assertThat(pyro.reapExpired().deletedVmIds()).containsExactly(id);
        assertThatThrownBy(() -> pyro.statusVm(id))
                .isInstanceOfSatisfying(
                        PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VM_NOT_FOUND));
        new PyroLauncher(folder.resolve("state")).awaitNoProcess();
    }

    @Test
    void askingForAMachineThatDoesNotExistLeavesNoFile() throws IOException {
        Pyro pyro = open("namespace");
        VmId unknown = new VmId("vm-00000000000b");
        for (Runnable call :
                new Runnable[] {() -> pyro.startVm(unknown), () -> pyro.stopVm(unknown), () -> pyro.deleteVm(unknown)
                }) {
            assertThatThrownBy(call::run)
                    .isInstanceOfSatisfying(
                            PyroException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VM_NOT_FOUND));
        }
        assertThat(folder.resolve("state/locks/vm-00000000000b.lock")).doesNotExist();
    }
}
