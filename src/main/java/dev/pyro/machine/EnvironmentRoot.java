package dev.pyro.machine;

import java.nio.file.Path;

/** The root file system that a machine starts from, read-only and shared. Implementations are safe for use by several threads. */
public interface EnvironmentRoot {
    /** Returns what the file system is, as {@code sha256:} and 64 hex digits; equal digests mean equal content. */
    String digest();

    /** Returns the raw ext4 image. */
    Path image();

    /**
     * Returns the same content as a folder that belongs to one user; it is unpacked on first use and may take seconds then.
     *
     * @param uid the user who owns every file of it
     */
    Path tree(int uid);
}
