package dev.pyro.workspace.diff;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Writes one path's part of a patch in git's form. */
final class PatchWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private PatchWriter() {}

    /** Returns the change from one blob to another, at least one of them; a change of kind is a deletion and a new file. */
    static byte[] section(String path, @Nullable GitBlob before, @Nullable GitBlob after) {
        PatchWriter writer = new PatchWriter();
        boolean kindChanges = before != null
                && after != null
                && (before.mode() == GitBlob.SYMLINK) != (after.mode() == GitBlob.SYMLINK);
        if (kindChanges) {
            writer.write(path, before, null);
            writer.write(path, null, after);
        } else {
            writer.write(path, before, after);
        }
        return writer.out.toByteArray();
    }

    /** Returns the change of nothing but the mode. */
    static byte[] modeSection(String path, int before, int after) {
        PatchWriter writer = new PatchWriter();
        writer.header(path);
        writer.modes(before, after);
        return writer.out.toByteArray();
    }

    private void write(String path, @Nullable GitBlob before, @Nullable GitBlob after) {
        header(path);
        if (before == null && after != null) {
            line("new file mode " + Integer.toOctalString(after.mode()));
        } else if (before != null && after == null) {
            line("deleted file mode " + Integer.toOctalString(before.mode()));
        } else if (before != null && after != null && before.mode() != after.mode()) {
            modes(before.mode(), after.mode());
        }
        byte[] old = before == null ? new byte[0] : before.content();
        byte[] now = after == null ? new byte[0] : after.content();
        if (before != null && after != null && Arrays.equals(old, now)) {
            return;
        }
        String mode = before != null && after != null && before.mode() == after.mode()
                ? " " + Integer.toOctalString(after.mode())
                : "";
        line("index " + id(before) + ".." + id(after) + mode);
        if (old.length == 0 && now.length == 0) {
            return;
        }
        // A tab after a name with a space tells other tools than git where the name ends.
        String end = path.indexOf(' ') >= 0 ? "\t" : "";
        line("--- " + (before == null ? "/dev/null" : GitQuoting.quote("a/", path) + end));
        line("+++ " + (after == null ? "/dev/null" : GitQuoting.quote("b/", path) + end));
        LineDiff.write(out, old, now);
    }

    private static String id(@Nullable GitBlob blob) {
        return blob == null ? GitBlob.NO_ID : blob.id();
    }

    private void header(String path) {
        line("diff --git " + GitQuoting.quote("a/", path) + " " + GitQuoting.quote("b/", path));
    }

    private void modes(int before, int after) {
        line("old mode " + Integer.toOctalString(before));
        line("new mode " + Integer.toOctalString(after));
    }

    private void line(String text) {
        out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        out.write('\n');
    }
}
