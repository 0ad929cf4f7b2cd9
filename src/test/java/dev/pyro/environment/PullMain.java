package dev.pyro.environment;

import dev.pyro.model.PyroException;
import dev.pyro.os.HostTools;
import dev.pyro.store.PyroPaths;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Pulls an environment, as a process of its own that can be killed. */
final class PullMain {
    private PullMain() {}

    public static void main(String[] arguments) {
        Map<String, String> environment = System.getenv();
        EnvironmentStore store =
                EnvironmentStore.local(PyroPaths.of(environment), new HostTools(environment), environment);
        Set<String> phases = new HashSet<>();
        try {
            InstalledEnvironment installed = store.pull(arguments[0], step -> {
                if (phases.add(step.phase())) {
                    System.out.println("phase=" + step.phase());
                }
            });
            System.out.println("digest=" + installed.digest());
        } catch (PyroException e) {
            System.out.println("failed=" + e.code() + " " + e.getMessage());
            System.exit(1);
        }
    }
}
