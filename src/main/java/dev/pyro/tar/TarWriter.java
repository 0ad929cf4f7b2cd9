package dev.pyro.tar;

import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes tar archives entry by entry, in the one form of {@link TarHeaders}: the same entries give the same bytes. It buffers nothing and closes
 * nothing. Not safe for use by several threads.
 */
public final class TarWriter {
    private final OutputStream out;
    private final HoleForm form;
    private long left;
    private int padding;

    public TarWriter(OutputStream out) {
        this(out, HoleForm.GNU);
    }

    /** Writes holes in a form. */
    public TarWriter(OutputStream out, HoleForm form) {
        this.out = out;
        this.form = form;
    }

    /**
     * Begins the next entry. {@link TarEntry#storedBytes} bytes of content must follow when it is a file: a file with holes is written with them.
     *
     * @throws IllegalStateException when content of the entry before is missing
     */
    public void entry(TarEntry entry) throws IOException {
        finish();
        out.write(TarHeaders.of(entry, entry.sparse(), form));
        if (entry.kind() == EntryKind.FILE) {
            left = entry.storedBytes();
            padding = TarHeader.padding(left);
        }
    }

    /** Writes the next bytes of the present entry's content. */
    public void content(byte[] bytes, int offset, int length) throws IOException {
        if (length > left) {
            throw new IllegalStateException("more content than the entry has");
        }
        out.write(bytes, offset, length);
        left -= length;
    }

    /** Writes the end of the archive. */
    public void end() throws IOException {
        finish();
        out.write(new byte[2 * TarHeader.BLOCK]);
    }

    private void finish() throws IOException {
        if (left > 0) {
            throw new IllegalStateException(left + " bytes of content are missing");
        }
        out.write(new byte[padding]);
        padding = 0;
    }
}
