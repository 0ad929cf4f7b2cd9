package dev.pyro.machine.namespace;

import java.nio.file.Path;

/**
 * Where the namespace back end keeps its files: the one class that knows the layout inside a machine's folder.
 *
 * <p>Only {@link #root} and {@link #socketFolder} belong to the user that the machine runs as; nothing else of the machine's
 * folder is visible in it.
 *
 * @param directory the machine's folder
 */
record NamespacePaths(Path directory) {
    /** Sockets have short names: Linux takes 107 bytes, and the machine's folder needs most of them. */
    static final int MAX_SOCKET_PATH_BYTES = 107;

    /** The name of the socket inside {@link #socketFolder}. */
    static final String SOCKET_NAME = "agent";

    Path record() {
        return directory.resolve("namespace.json");
    }

    Path log() {
        return directory.resolve("namespace.log");
    }

    /** The machine's own disk, kept when it stops: what differs from the environment's root. */
    Path root() {
        return directory.resolve("root");
    }

    /** The files that the machine has changed. */
    Path overlayUpper() {
        return root().resolve("upper");
    }

    /** The kernel's part of the overlay, worth nothing once the machine has ended. */
    Path overlayWork() {
        return root().resolve("work");
    }

    Path socketFolder() {
        return directory.resolve("s");
    }

    Path socket() {
        return socketFolder().resolve(SOCKET_NAME);
    }

    /** The locks of the sessions: who holds one may have a connection. */
    Path sessionLocks() {
        return directory.resolve("sessions");
    }
}
