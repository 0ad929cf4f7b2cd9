package dev.pyro.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.os.HostTools;
import dev.pyro.tar.BadArchiveException;
import dev.pyro.tar.Tar;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.ZipException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerStreamTest {
    private static final int BOUND = 300_000;

    @TempDir
    Path folder;

    @Test
    void readsWhatIsCompressedAndWhatIsNot() throws IOException {
        byte[] content = "content".repeat(20_000).getBytes(StandardCharsets.US_ASCII);
        byte[] twice = new byte[2 * content.length];
        System.arraycopy(content, 0, twice, 0, content.length);
        System.arraycopy(content, 0, twice, content.length, content.length);
        byte[] packed = Tar.gzip(content);
        byte[] members = Arrays.copyOf(packed, 2 * packed.length);
        System.arraycopy(packed, 0, members, packed.length, packed.length);

        assertThat(read(content)).isEqualTo(content);
        assertThat(read(packed)).isEqualTo(content);
        assertThat(read(members)).isEqualTo(twice);
        assertThat(read(new byte[0])).isEmpty();
    }

    @Test
    void aBombIsRefusedBeforeItIsUnpacked() {
        byte[] bomb = Tar.gzip(new byte[BOUND + 1]);
        assertThat(bomb.length).isLessThan(1000);
        assertThatThrownBy(() -> read(bomb))
                .isInstanceOf(BadArchiveException.class)
                .hasMessageContaining("raise PYRO_MAX_IMAGE_MIB");
    }

    @Test
    void emptyMembersEndNoStack() throws IOException {
        byte[] empty = Tar.gzip(new byte[0]);
        ByteArrayOutputStream members = new ByteArrayOutputStream();
        for (int i = 0; i < 100_000; i++) {
            members.writeBytes(empty);
        }
        assertThatThrownBy(() -> read(members.toByteArray()))
                .isInstanceOf(BadArchiveException.class)
                .hasMessageContaining("too many empty parts");
        byte[] some = Arrays.copyOf(members.toByteArray(), 100 * empty.length);
        assertThat(read(some)).isEmpty();
    }

    @Test
    void allLayersShareOneBound() throws IOException {
        LayerBudget budget = budget();
        Path file = Files.write(folder.resolve("layer"), Tar.gzip(new byte[BOUND / 2 + 1]));
        try (LayerStream first = LayerStream.open(file, new HostTools(), false, budget)) {
            first.skipNBytes(BOUND / 2 + 1);
        }
        try (LayerStream second = LayerStream.open(file, new HostTools(), false, budget)) {
            assertThatThrownBy(second::readAllBytes).isInstanceOf(BadArchiveException.class);
        }
    }

    @Test
    void damageIsNoticed() {
        byte[] packed = Tar.gzip("content".repeat(2000).getBytes(StandardCharsets.US_ASCII));
        assertThatThrownBy(() -> read(Arrays.copyOf(packed, packed.length - 9))).isInstanceOf(EOFException.class);
        packed[packed.length - 8] ^= 1;
        assertThatThrownBy(() -> read(packed)).isInstanceOf(ZipException.class);
    }

    @Test
    void zstdHasNoPowerAndLittleMemory() {
        assertThat(LayerStream.zstdLine(Path.of("/usr/bin/zstd"), true))
                .containsExactly(
                        "env",
                        "-i",
                        "LC_ALL=C",
                        "setpriv",
                        "--reuid=65534",
                        "--regid=65534",
                        "--clear-groups",
                        "--no-new-privs",
                        "--inh-caps=-all",
                        "--bounding-set=-all",
                        "/usr/bin/zstd",
                        "-dcq",
                        "--memory=134217728",
                        "-");
        assertThat(LayerStream.zstdLine(Path.of("/usr/bin/zstd"), false))
                .containsExactly(
                        "env",
                        "-i",
                        "LC_ALL=C",
                        "setpriv",
                        "--no-new-privs",
                        "--inh-caps=-all",
                        "/usr/bin/zstd",
                        "-dcq",
                        "--memory=134217728",
                        "-");
    }

    private static LayerBudget budget() {
        return new LayerBudget(new UnpackBounds(BOUND, false, BOUND, 10, 10));
    }

    private byte[] read(byte[] layer) throws IOException {
        Path file = Files.write(folder.resolve("layer"), layer);
        try (LayerStream stream = LayerStream.open(file, new HostTools(), false, budget())) {
            return stream.readAllBytes();
        }
    }
}
