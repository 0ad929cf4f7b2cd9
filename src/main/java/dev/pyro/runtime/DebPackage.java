package dev.pyro.runtime;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.ar.ArArchiveEntry;
import org.apache.commons.compress.archivers.ar.ArArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** Reads the files of a Debian package; see deb(5). */
final class DebPackage {
    private static final int MAX_XZ_MEMORY_KIB = 256 * 1024;
    private static final int MAX_ENTRIES = 100_000;

    /** Looks at one regular file of the package. */
    interface FileReader {
        /**
         * Takes a file.
         *
         * @param path relative, without a leading dot, such as {@code boot/vmlinuz-6.1.0}
         * @param content is at its end when this returns, read or not
         */
        void read(String path, InputStream content) throws IOException;
    }

    private final Path file;

    DebPackage(Path file) {
        this.file = file;
    }

    /** Unpacks the package in memory, one file after the other. */
    void forEachFile(FileReader reader) throws IOException {
        try (ArArchiveInputStream archive =
                new ArArchiveInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            for (ArArchiveEntry part = archive.getNextEntry(); part != null; part = archive.getNextEntry()) {
                if (part.getName().startsWith("data.tar")) {
                    readData(uncompressed(part.getName(), archive), reader);
                    return;
                }
            }
        }
        throw new IOException(file + " is no Debian package: it has no data");
    }

    private InputStream uncompressed(String name, InputStream part) throws IOException {
        return switch (name.replace("/", "")) {
            case "data.tar.xz" -> new XZInputStream(part, MAX_XZ_MEMORY_KIB);
            case "data.tar.gz" -> new GZIPInputStream(part);
            case "data.tar" -> part;
            default -> throw new IOException(file + " is compressed in a way that Pyro does not read: " + name);
        };
    }

    private void readData(InputStream data, FileReader reader) throws IOException {
        TarArchiveInputStream tar = new TarArchiveInputStream(data);
        int entries = 0;
        for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
            if (++entries > MAX_ENTRIES) {
                throw new IOException(file + " holds more than " + MAX_ENTRIES + " files");
            }
            if (entry.isFile()) {
                String name = entry.getName();
                reader.read(name.startsWith("./") ? name.substring(2) : name, tar);
            }
        }
    }
}
