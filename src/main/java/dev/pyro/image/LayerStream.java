package dev.pyro.image;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.oci.Packing;
import dev.pyro.os.HostPipe;
import dev.pyro.os.HostTool;
import dev.pyro.os.HostTools;
import dev.pyro.tar.BadArchiveException;
import dev.pyro.tar.ByteText;
import dev.pyro.tar.GzipMembers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a layer's archive, compressed or not: what it is its first bytes tell, not what its manifest says. Not safe for use by several threads.
 */
final class LayerStream extends InputStream {
    private static final int BUFFER = 128 << 10;
    private static final Duration LIMIT = Duration.ofHours(2);

    /** A frame that asks for more memory is refused: 128 MiB is what zstd takes without being told otherwise. */
    private static final int ZSTD_MEMORY = 128 << 20;

    private static final int NOBODY = 65534;

    private final InputStream in;
    private final @Nullable HostPipe program;
    private final byte[] buffer = new byte[BUFFER];
    private int at;
    private int end;
    private final LayerBudget budget;

    private LayerStream(InputStream in, @Nullable HostPipe program, LayerBudget budget) {
        this.in = in;
        this.program = program;
        this.budget = budget;
    }

    /** Tells whether a layer is compressed with zstd, which takes a tool of the host. */
    static boolean isZstd(Path layer) throws IOException {
        return packing(layer) == Packing.ZSTD;
    }

    private static Packing packing(Path layer) throws IOException {
        try (InputStream in = Files.newInputStream(layer)) {
            return Packing.of(in.readNBytes(Packing.MAGIC_BYTES));
        }
    }

    /** Opens a layer. */
    static LayerStream open(Path layer, HostTools tools, boolean root, LayerBudget budget) throws IOException {
        Packing packing = packing(layer);
        if (packing == Packing.ZSTD) {
            HostPipe zstd = HostPipe.reading(layer, zstdLine(tools.path(HostTool.ZSTD), root), LIMIT);
            return new LayerStream(zstd.output(), zstd, budget);
        }
        InputStream file = Files.newInputStream(layer);
        if (packing != Packing.GZIP) {
            return new LayerStream(file, null, budget);
        }
        try {
            return new LayerStream(new GzipMembers(file, BUFFER), null, budget);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /** What reads hostile bytes gets nothing of ours: none of our variables, and where we can give it up, no power. */
    static List<String> zstdLine(Path zstd, boolean root) {
        List<String> line = new ArrayList<>(List.of("env", "-i", "LC_ALL=C"));
        line.add("setpriv");
        if (root) {
            line.addAll(List.of("--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"));
        }
        line.addAll(List.of("--no-new-privs", "--inh-caps=-all"));
        if (root) {
            line.add("--bounding-set=-all");
        }
        line.addAll(List.of(zstd.toString(), "-dcq", "--memory=" + ZSTD_MEMORY, "-"));
        return List.copyOf(line);
    }

    @Override
    public int read() throws IOException {
        if (at == end && !fill()) {
            return -1;
        }
        return buffer[at++] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (at == end && !fill()) {
            return -1;
        }
        int count = Math.min(length, end - at);
        System.arraycopy(buffer, at, target, offset, count);
        at += count;
        return count;
    }

    @Override
    public long skip(long wanted) throws IOException {
        if (wanted <= 0 || (at == end && !fill())) {
            return 0;
        }
        int count = (int) Math.min(wanted, end - at);
        at += count;
        return count;
    }

    private boolean fill() throws IOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new PyroException(ErrorCode.INTERRUPTED, "reading the layers was interrupted");
        }
        int count = in.read(buffer);
        if (count < 0) {
            requireGoodEnd();
            return false;
        }
        budget.take(count);
        at = 0;
        end = count;
        return true;
    }

    private void requireGoodEnd() throws BadArchiveException {
        if (program != null && program.await() != 0) {
            if (Thread.currentThread().isInterrupted()) {
                throw new PyroException(ErrorCode.INTERRUPTED, "reading the layers was interrupted");
            }
            throw new BadArchiveException("its zstd data are damaged or ask for too much memory ("
                    + ByteText.printable(program.errors()) + ")");
        }
    }

    @Override
    public void close() throws IOException {
        if (program != null) {
            program.close();
        } else {
            in.close();
        }
    }
}
