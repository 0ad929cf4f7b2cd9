package dev.pyro.agent;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The records of a batch of changes, one after the other, as they go over the wire. Contents are opened one at a time. */
final class ChangeStream extends InputStream {
    private static final int WRITE = 1;
    private static final int LINK = 2;
    private static final int DELETE = 3;
    private static final int HEADER = 1 + Integer.BYTES + Long.BYTES + Short.BYTES;

    private final Iterator<FileChange> changes;
    private InputStream header = nullInputStream();
    private @Nullable FileChange change;
    private @Nullable InputStream content;
    private long left;

    ChangeStream(List<FileChange> changes) {
        this.changes = changes.iterator();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        int length = read(one, 0, 1);
        return length < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (true) {
            int got = header.read(bytes, offset, length);
            if (got > 0) {
                return got;
            }
            if (content != null) {
                got = readContent(content, bytes, offset, length);
                if (got > 0) {
                    return got;
                }
                close();
            }
            if (!changes.hasNext()) {
                return -1;
            }
            begin(changes.next());
        }
    }

    private int readContent(InputStream in, byte[] bytes, int offset, int length) throws IOException {
        int got = in.read(bytes, offset, length);
        left -= Math.max(got, 0);
        if (left < 0 || (got < 0 && left > 0)) {
            String path = change == null ? "" : change.path();
            throw new IOException("the content of '" + path + "' has changed its size while it was sent");
        }
        return got;
    }

    private void begin(FileChange next) throws IOException {
        change = next;
        switch (next) {
            case FileChange.Write write -> {
                left = write.content().sizeBytes();
                header = header(WRITE, write.mode(), left, write.path());
                content = write.content().open();
            }
            case FileChange.Link link -> {
                byte[] target = GuestText.encode(link.target());
                left = target.length;
                header = header(LINK, 0, left, link.path());
                content = new ByteArrayInputStream(target);
            }
            case FileChange.Delete delete -> header = header(DELETE, 0, 0, delete.path());
        }
    }

    private static InputStream header(int action, int mode, long size, String path) {
        byte[] name = GuestText.encode(path);
        byte[] header = new byte[HEADER + name.length];
        ByteBuffer.wrap(header)
                .put((byte) action)
                .putInt(mode)
                .putLong(size)
                .putShort((short) name.length)
                .put(name);
        return new ByteArrayInputStream(header);
    }

    @Override
    public void close() throws IOException {
        InputStream open = content;
        content = null;
        if (open != null) {
            open.close();
        }
    }
}
