import dev.pyro.LocalPyro;
import dev.pyro.model.CreateVm;
import dev.pyro.model.ExecVm;
import dev.pyro.model.RunInVm;
import dev.pyro.model.Vm;
import dev.pyro.model.VmRun;
import dev.pyro.sdk.Pyro;
import java.time.Duration;

/** One command in a fresh machine, then a machine that is kept for several. */
public final class RunOneCommand {
    private RunOneCommand() {}

    public static void main(String[] arguments) {
        Pyro pyro = LocalPyro.open();

        VmRun run = pyro.runInVm(
                "debian:12", "git --version", RunInVm.defaults().withTimeout(Duration.ofSeconds(60)));
        System.out.print(run.result().stdout());

        Vm vm = pyro.createVm("debian:12", CreateVm.defaults().withMemMib(512));
        try {
            pyro.startVm(vm.vmId());
            pyro.execVm(vm.vmId(), "echo kept > /root/note", ExecVm.defaults());
            VmRun second = pyro.execVm(vm.vmId(), "cat /root/note; exit 3", ExecVm.defaults());
            System.out.print(second.result().stdout());
            System.out.println("exit code " + second.result().exitCode());
        } finally {
            pyro.deleteVm(vm.vmId());
        }
    }
}
