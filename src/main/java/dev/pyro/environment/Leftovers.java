package dev.pyro.environment;

import dev.pyro.model.PyroException;
import dev.pyro.os.BuildNamespace;
import dev.pyro.store.AtomicFiles;
import java.nio.file.Path;
import java.time.Duration;

/** Deletes what a build has made. Stateless. */
final class Leftovers {
    private static final Duration DELETE_TIMEOUT = Duration.ofMinutes(5);

    private Leftovers() {}

    /**
     * Deletes a tree whose files may belong to the ids of a build namespace; nothing happens when it does not exist. An interruption does not
     * stop it.
     */
    static void delete(BuildNamespace namespace, Path tree) {
        try {
            AtomicFiles.deleteTree(tree);
        } catch (PyroException e) {
            if (namespace.root()) {
                throw e;
            }
            // An ordinary user may not touch what belongs to his subordinate ids; inside the namespace he may.
            namespace.deleteTree(tree, DELETE_TIMEOUT);
        }
    }
}
