package dev.pyro.runtime;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.tukaani.xz.XZInputStream;

/** One kernel module, unpacked. */
final class ModuleFile {
    private static final int MAX_BYTES = 64 * 1024 * 1024;
    private static final int MAX_XZ_MEMORY_KIB = 128 * 1024;

    private final String fileName;
    private final byte[] content;

    private ModuleFile(String fileName, byte[] content) {
        this.fileName = fileName;
        this.content = content;
    }

    /** Reads a module's file, which may be compressed. */
    static ModuleFile read(String path, InputStream stored) throws IOException {
        String file = path.substring(path.lastIndexOf('/') + 1);
        byte[] bytes = stored.readNBytes(MAX_BYTES);
        if (file.endsWith(".zst")) {
            throw new PyroException(
                    ErrorCode.RUNTIME_UNAVAILABLE,
                    "the kernel module " + path
                            + " is compressed with zstd, which Pyro does not read: set PYRO_KERNEL and"
                            + " PYRO_KERNEL_MODULES to a kernel whose modules are plain, .gz or .xz");
        }
        if (file.endsWith(".gz")) {
            bytes = unpack(path, new GZIPInputStream(new ByteArrayInputStream(bytes)));
        } else if (file.endsWith(".xz")) {
            bytes = unpack(path, new XZInputStream(new ByteArrayInputStream(bytes), MAX_XZ_MEMORY_KIB));
        }
        return new ModuleFile(file.substring(0, file.indexOf(".ko") + ".ko".length()), bytes);
    }

    private static byte[] unpack(String path, InputStream stream) throws IOException {
        try (stream) {
            byte[] bytes = stream.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new IOException("the module " + path + " is larger than " + MAX_BYTES + " bytes");
            }
            return bytes;
        }
    }

    String fileName() {
        return fileName;
    }

    byte[] content() {
        return content.clone();
    }

    /** Returns the names of the modules that must be loaded before this one. */
    List<String> dependencies() throws IOException {
        List<String> names = new ArrayList<>();
        for (String line : ElfFile.parse(content).strings(".modinfo")) {
            if (line.startsWith("depends=")) {
                for (String name : line.substring("depends=".length()).split(",")) {
                    if (!name.isEmpty()) {
                        names.add(name.replace('-', '_'));
                    }
                }
            }
        }
        return names;
    }
}
