package dev.pyro.image;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.HostPipe;
import dev.pyro.tar.ByteText;
import dev.pyro.tar.TarWriter;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;

/** The host's tar, fed with an archive of ours. Stateless. */
final class TarProgram {
    private static final int BUFFER = 256 << 10;
    private static final Duration LIMIT = Duration.ofHours(2);

    /** At its end it gives all folders their times. */
    private static final Duration END_LIMIT = Duration.ofMinutes(10);

    private TarProgram() {}

    /** Writes an archive. */
    @FunctionalInterface
    interface Archive {
        void write(TarWriter out) throws EndedException;
    }

    /**
     * Runs tar until it has unpacked the whole archive.
     *
     * @param command its command line
     * @param what is unpacked
     * @throws PyroException {@link ErrorCode#DISK_FULL}, {@link ErrorCode#HOST_TOOL_FAILED}, {@link ErrorCode#HOST_UNSUPPORTED}, {@link
     *     ErrorCode#INTERRUPTED}, and what the archive throws
     */
    static void unpack(List<String> command, String what, Archive archive) {
        try (HostPipe tar = new HostPipe(command, true, LIMIT)) {
            boolean taken = true;
            try (Input input = new Input(new BufferedOutputStream(tar.input(), BUFFER))) {
                archive.write(new TarWriter(input));
            } catch (EndedException e) {
                taken = false;
            }
            int exitCode = tar.await(END_LIMIT);
            if (Thread.currentThread().isInterrupted()) {
                throw new PyroException(ErrorCode.INTERRUPTED, "unpacking " + what + " was interrupted");
            }
            if (exitCode != 0 || !taken) {
                throw failure(tar, what);
            }
            // It only warns of an attribute that the file system does not take.
            if (!tar.errors().isEmpty()) {
                throw new PyroException(
                        ErrorCode.HOST_UNSUPPORTED,
                        "the file system of the cache cannot hold all that " + what + " has: "
                                + ByteText.printable(tar.errors())
                                + "; put the cache (PYRO_CACHE_DIR) on an ext4, XFS or"
                                + " Btrfs");
            }
        }
    }

    private static PyroException failure(HostPipe tar, String what) {
        if (tar.saysDiskFull()) {
            return new PyroException(
                    ErrorCode.DISK_FULL,
                    "cannot unpack " + what
                            + ": the disk is full; free some room (`pyro env prune` helps) and try again");
        }
        return new PyroException(
                ErrorCode.HOST_TOOL_FAILED, "cannot unpack " + what + ": " + ByteText.printable(tar.errors()));
    }

    /** The program that reads has ended; its exit code tells why. */
    static final class EndedException extends IOException {
        private static final long serialVersionUID = 1;

        EndedException(IOException cause) {
            super(cause);
        }
    }

    /** Tells a failure to write from one to read. */
    private static final class Input extends FilterOutputStream {
        Input(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (IOException e) {
                throw new EndedException(e);
            }
        }

        @Override
        public void close() throws EndedException {
            try {
                out.close();
            } catch (IOException e) {
                throw new EndedException(e);
            }
        }
    }
}
