package dev.pyro.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.cpio.CpioArchiveEntry;
import org.apache.commons.compress.archivers.cpio.CpioArchiveInputStream;

/** Reads an initial RAM disk back. */
final class InitramfsReader {
    private final Map<String, CpioArchiveEntry> entries = new LinkedHashMap<>();
    private final Map<String, byte[]> contents = new LinkedHashMap<>();

    InitramfsReader(Path file) throws IOException {
        try (InputStream stream = new GZIPInputStream(Files.newInputStream(file));
                CpioArchiveInputStream archive = new CpioArchiveInputStream(stream)) {
            for (CpioArchiveEntry entry = archive.getNextEntry(); entry != null; entry = archive.getNextEntry()) {
                entries.put(entry.getName(), entry);
                contents.put(entry.getName(), archive.readAllBytes());
            }
        }
    }

    Map<String, CpioArchiveEntry> entries() {
        return entries;
    }

    byte[] content(String name) {
        return Objects.requireNonNull(contents.get(name), name);
    }

    String text(String name) {
        return new String(content(name), StandardCharsets.UTF_8);
    }
}
