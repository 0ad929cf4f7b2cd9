package dev.pyro.workspace;

import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.model.WorkspaceFile;
import dev.pyro.model.WorkspaceId;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** What counts as a text file, and how much of one is shown. Stateless. */
final class TextFiles {
    private static final int CONTINUATION_MASK = 0xC0;
    private static final int CONTINUATION = 0x80;
    private static final int MAX_CONTINUATIONS = 3;

    private TextFiles() {}

    /** Checks how much of a file is wanted. */
    static int requireMaxBytes(int maxBytes) {
        if (maxBytes < 1 || maxBytes > WorkspaceFile.LARGEST_MAX_BYTES) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "max_bytes must be between 1 and " + WorkspaceFile.LARGEST_MAX_BYTES + ", not " + maxBytes);
        }
        return maxBytes;
    }

    /**
     * Makes a text of a file's beginning; a character that the cut goes through is left out.
     *
     * @throws PyroException {@link ErrorCode#FILE_UNSUITABLE} when it is no UTF-8 or holds a NUL
     */
    static WorkspaceFile text(WorkspaceId id, String path, long sizeBytes, int maxBytes, ByteBuffer bytes) {
        boolean truncated = sizeBytes > bytes.remaining();
        ByteBuffer whole = bytes.duplicate();
        if (truncated) {
            whole.limit(completeLimit(whole));
        }
        try {
            String content = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(whole)
                    .toString();
            if (content.indexOf('\0') < 0) {
                return new WorkspaceFile(id, path, sizeBytes, maxBytes, content, truncated);
            }
        } catch (CharacterCodingException e) {
            // Reported below.
        }
        throw new PyroException(
                ErrorCode.FILE_UNSUITABLE,
                "\"" + Arguments.printable(path)
                        + "\" is no text file (it is not UTF-8, or holds a NUL byte); export it" + " instead");
    }

    /** The limit without a last character whose bytes are not all there. */
    private static int completeLimit(ByteBuffer bytes) {
        int end = bytes.limit();
        int start = end - 1;
        while (start > bytes.position()
                && end - start <= MAX_CONTINUATIONS
                && (bytes.get(start) & CONTINUATION_MASK) == CONTINUATION) {
            start--;
        }
        if (start < bytes.position()) {
            return end;
        }
        int lead = bytes.get(start) & 0xFF;
        int needed = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
        return needed > end - start ? start : end;
    }
}
