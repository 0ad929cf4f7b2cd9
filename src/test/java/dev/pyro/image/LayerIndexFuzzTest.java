package dev.pyro.image;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.pyro.tar.EntryKind;
import dev.pyro.tar.Tar;
import dev.pyro.tar.TarEntry;
import dev.pyro.tar.TarReader;
import dev.pyro.tar.TarWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Whatever layers hold, in whatever order, what is written of them is an archive in which every name lies inside, comes once, lies in a folder that came
 * before, and where links come last; or the layers are refused.
 *
 * <p>The first byte says where the input is cut into layers. In a normal test run this repeats the inputs beside this class. To search for new ones:
 * {@code JAZZER_FUZZ=1 mvn test -Dtest=LayerIndexFuzzTest -DargLine=-Djazzer.max_duration=60s}
 */
class LayerIndexFuzzTest {
    private static final int BLOCK = 512;
    private static final UnpackBounds BOUNDS = new UnpackBounds(1 << 20, false, 1 << 20, 1000, 1 << 16);

    @FuzzTest(maxDuration = "10m")
    void whatIsWrittenLeadsNowhere(byte[] data) throws IOException {
        if (data.length == 0) {
            return;
        }
        byte[][] layers = layers(data);
        byte[] made;
        try {
            made = write(Layers.merge(BOUNDS, layers), layers);
        } catch (IOException e) {
            return;
        }
        check(made);
    }

    private static byte[][] layers(byte[] data) {
        byte[] all = Tar.withChecksums(Arrays.copyOfRange(data, 1, data.length));
        int cut = Math.min(all.length, (data[0] & 0xff) * BLOCK);
        return new byte[][] {ended(all, 0, cut), ended(all, cut, all.length)};
    }

    private static byte[] ended(byte[] all, int from, int to) {
        return Arrays.copyOf(Arrays.copyOfRange(all, from, to), (to - from + BLOCK - 1) / BLOCK * BLOCK + 2 * BLOCK);
    }

    private static byte[] write(MergedTree tree, byte[]... layers) throws IOException {
        ByteArrayOutputStream made = new ByteArrayOutputStream();
        TarWriter out = new TarWriter(made);
        TreeWriter writer = new TreeWriter(tree);
        writer.watch("etc/passwd");
        writer.writeFolders(out);
        int file = 0;
        for (int layer = 0; layer < layers.length; layer++) {
            int end = writer.endOf(layer, file);
            writer.writeFiles(
                    file, end, TarReader.lenient(new ByteArrayInputStream(layers[layer])), out, fraction -> {});
            file = end;
        }
        writer.writeLinks(out);
        out.end();
        return made.toByteArray();
    }

    private static void check(byte[] archive) throws IOException {
        Map<String, EntryKind> seen = new HashMap<>();
        boolean links = false;
        TarReader reader = new TarReader(new ByteArrayInputStream(archive));
        for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
            String path = entry.path().endsWith("/")
                    ? entry.path().substring(0, entry.path().length() - 1)
                    : entry.path();
            if (seen.isEmpty()) {
                require(path.equals(".") && entry.kind() == EntryKind.DIRECTORY, "the top is not first", path);
                seen.put("", EntryKind.DIRECTORY);
                continue;
            }
            require(!path.isEmpty() && !path.startsWith("/") && path.indexOf('\0') < 0, "no name", path);
            for (String component : path.split("/", -1)) {
                require(!component.isEmpty() && !component.equals(".") && !component.equals(".."), "a way out", path);
            }
            String folder = path.substring(0, Math.max(0, path.lastIndexOf('/')));
            require(seen.get(folder) == EntryKind.DIRECTORY, "no folder before", path);
            require(!path.equals("lost+found"), "the file system's own", path);
            links |= entry.kind() == EntryKind.SYMLINK;
            require(!links || entry.kind() == EntryKind.SYMLINK, "something behind a link", path);
            if (entry.kind() == EntryKind.HARD_LINK) {
                require(seen.get(entry.target()) == EntryKind.FILE, "a link to no file", path);
            }
            require(
                    entry.kind() != EntryKind.CHARACTER_DEVICE && entry.kind() != EntryKind.BLOCK_DEVICE,
                    "a device",
                    path);
            require(seen.put(path, entry.kind()) == null, "twice", path);
        }
    }

    private static void require(boolean good, String problem, String path) {
        if (!good) {
            throw new IllegalStateException(problem + ": " + path);
        }
    }
}
