package dev.pyro.environment;

import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.os.Host;
import dev.pyro.os.HostTools;
import dev.pyro.store.PyroPaths;
import java.util.Map;

/** Installs an environment and unpacks it, as a process of its own that can be run as another user and killed. */
final class EnvironmentMain {
    private EnvironmentMain() {}

    public static void main(String[] arguments) {
        Map<String, String> environment = System.getenv();
        EnvironmentStore store =
                EnvironmentStore.local(PyroPaths.of(environment), new HostTools(environment), environment);
        try {
            InstalledEnvironment installed = store.ensureInstalled(arguments[0], EnvironmentMain::print);
            System.out.println("digest=" + installed.digest());
            System.out.println("image=" + installed.rootfsImage());
            System.out.println("tree=" + store.treeOf(installed, Host.effectiveUid()));
        } catch (PyroException e) {
            System.out.println("failed=" + e.code() + " " + e.getMessage());
            System.exit(1);
        }
    }

    private static void print(Progress progress) {
        System.out.println("phase=" + progress.phase() + " fraction=" + progress.fraction() + " " + progress.detail());
    }
}
