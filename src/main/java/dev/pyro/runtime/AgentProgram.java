package dev.pyro.runtime;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/** The guest agent, as it travels in this program's jar. */
final class AgentProgram {
    private static final String RESOURCE = "pyro-agent";
    private static final int MAX_BYTES = 16 * 1024 * 1024;

    private final byte[] content;

    AgentProgram(byte[] content) {
        this.content = content.clone();
    }

    static AgentProgram ofClassPath() {
        try (InputStream stream = AgentProgram.class.getResourceAsStream(RESOURCE)) {
            if (stream == null) {
                throw new PyroException(
                        ErrorCode.RUNTIME_UNAVAILABLE,
                        "this build of Pyro lacks the guest agent: build it again with musl-tools and make installed");
            }
            return new AgentProgram(stream.readNBytes(MAX_BYTES));
        } catch (IOException e) {
            throw new PyroException(ErrorCode.INTERNAL, "cannot read the guest agent from Pyro's own jar", e);
        }
    }

    byte[] content() {
        return content.clone();
    }

    /**
     * Returns a name for this very build. Checksums are enough: nobody but the jar's maker chooses the content, and each start of the
     * program pays for it.
     */
    String identity() {
        CRC32 first = new CRC32();
        first.update(content);
        CRC32C second = new CRC32C();
        second.update(content);
        return String.format("%08x%08x%x", first.getValue(), second.getValue(), content.length);
    }
}
