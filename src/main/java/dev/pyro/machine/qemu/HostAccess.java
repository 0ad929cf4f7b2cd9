package dev.pyro.machine.qemu;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.FileStatus;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds out beforehand what a machine's user may not reach, because QEMU's own message would not say what to do. */
final class HostAccess {
    private static final int READ = 4;
    private static final int ENTER = 1;

    private HostAccess() {}

    /**
     * Checks that the machine's user may read a file.
     *
     * @throws PyroException {@link ErrorCode#STORAGE_UNUSABLE} with the folder or file that stands in the way
     */
    static void requireReadable(Path file, Confinement confinement) {
        if (confinement.identity().isEmpty()) {
            return;
        }
        try {
            Path real = file.toRealPath();
            for (Path folder = real.getParent(); folder != null; folder = folder.getParent()) {
                if (!allows(folder, ENTER, confinement)) {
                    throw refused(folder, "x", file);
                }
            }
            if (!Files.isDirectory(real) && !allows(real, READ, confinement)) {
                throw refused(real, "r", file);
            }
        } catch (IOException e) {
            throw AtomicFiles.failure("read", file, e);
        }
    }

    private static boolean allows(Path path, int permission, Confinement confinement) throws IOException {
        FileStatus status = FileStatus.of(path);
        int user = confinement.identity().orElseThrow();
        if (status.uid() == user) {
            return (status.mode() >> 6 & permission) != 0;
        }
        if (status.gid() == user || confinement.groups().contains(status.gid())) {
            return (status.mode() >> 3 & permission) != 0;
        }
        return (status.mode() & permission) != 0;
    }

    private static PyroException refused(Path obstacle, String permission, Path file) {
        return new PyroException(
                ErrorCode.STORAGE_UNUSABLE,
                "QEMU runs as an unprivileged user, who may not " + (permission.equals("x") ? "enter" : "read") + " "
                        + obstacle + " (needed for " + file + "): set PYRO_CACHE_DIR and PYRO_STATE_DIR to folders that"
                        + " everybody may enter, such as /var/cache/pyro and /var/lib/pyro, or run `chmod o+"
                        + permission + " " + obstacle + "`");
    }
}
