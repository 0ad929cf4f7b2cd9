package dev.pyro.runtime;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/** The guest agent, as it travels in this program's jar. */
final class AgentProgram {
    private static final String RESOURCE = "pyro-agent";
    private static final String JAR_ENTRY = "dev/pyro/runtime/pyro-agent";
    private static final int MAX_BYTES = 16 * 1024 * 1024;

    private final byte @Nullable [] given;

    private AgentProgram(byte @Nullable [] given) {
        this.given = given;
    }

    /** An agent that is no resource. */
    static AgentProgram of(byte[] content) {
        return new AgentProgram(content.clone());
    }

    static AgentProgram ofClassPath() {
        return new AgentProgram(null);
    }

    byte[] content() {
        if (given != null) {
            return given.clone();
        }
        try (InputStream stream = AgentProgram.class.getResourceAsStream(RESOURCE)) {
            if (stream == null) {
                throw new PyroException(
                        ErrorCode.RUNTIME_UNAVAILABLE,
                        "this build of Pyro lacks the guest agent: install musl-tools and make, and build it again");
            }
            return stream.readNBytes(MAX_BYTES);
        } catch (IOException e) {
            throw new PyroException(ErrorCode.INTERNAL, "cannot read the guest agent from Pyro's own jar", e);
        }
    }

    /**
     * Returns a name for this very build. A checksum is enough: nobody but the jar's maker chooses the content. Each start of the program
     * pays for it, so it comes from the jar's table of contents where there is a jar; the class loader has that in memory already.
     */
    String identity() {
        if (given == null) {
            for (String element : System.getProperty("java.class.path", "").split(File.pathSeparator)) {
                if (element.endsWith(".jar")) {
                    String name = identityIn(element);
                    if (name != null) {
                        return name;
                    }
                }
            }
        }
        byte[] content = content();
        CRC32 checksum = new CRC32();
        checksum.update(content);
        return identity(checksum.getValue(), content.length);
    }

    private static @Nullable String identityIn(String jar) {
        try (ZipFile file = new ZipFile(jar)) {
            ZipEntry entry = file.getEntry(JAR_ENTRY);
            return entry == null ? null : identity(entry.getCrc(), entry.getSize());
        } catch (IOException e) {
            // A class path may name jars that do not exist.
            return null;
        }
    }

    private static String identity(long checksum, long length) {
        // No format string: the first use of one costs more than the checksum.
        HexFormat hex = HexFormat.of();
        return hex.toHexDigits((int) checksum) + hex.toHexDigits((int) length);
    }
}
