package dev.pyro.disk;

import java.io.IOException;

/** A disk or its file system is not what it should be: the guest, or a fault of the host, has damaged it. */
final class DamagedDiskException extends IOException {
    private static final long serialVersionUID = 1L;

    DamagedDiskException(String message) {
        super(message);
    }
}
