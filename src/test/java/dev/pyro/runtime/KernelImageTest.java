package dev.pyro.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KernelImageTest {
    @TempDir
    private Path folder;

    private KernelImage image(byte[] bytes) throws IOException {
        return KernelImage.read(Files.write(folder.resolve("image"), bytes));
    }

    /** Packs without looking for repetitions: a block of literals, then the unpacked length as the kernel's build appends it. */
    private static byte[] packed(byte[] content, int claimedLength) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.write(0xf0);
        int more = content.length - 15;
        for (; more >= 255; more -= 255) {
            block.write(255);
        }
        block.write(more);
        block.writeBytes(content);
        ByteBuffer payload = ByteBuffer.allocate(12 + block.size()).order(ByteOrder.LITTLE_ENDIAN);
        payload.putInt(0x184c2102).putInt(block.size()).put(block.toByteArray()).putInt(claimedLength);
        return payload.array();
    }

    @Test
    void readsTheRelease() throws IOException {
        assertThat(image(KernelTree.bzImage(new byte[0])).release()).hasValue(KernelTree.RELEASE);
        byte[] elf = Arrays.copyOf(Elves.kernel(), 4096);
        byte[] banner = "LLinux version 6.9.1+ (x@y)\n".getBytes(StandardCharsets.US_ASCII);
        assertThat(image(elf).release()).isEmpty();
        System.arraycopy(banner, 0, elf, 1000, banner.length);
        assertThat(image(elf).release()).hasValue("6.9.1+");
    }

    @Test
    void unpacksAKernelThatCanBeEnteredDirectly() throws IOException {
        byte[] elf = Elves.kernel();
        assertThat(image(KernelTree.bzImage(packed(elf, elf.length))).bootable())
                .isEqualTo(elf);
        assertThat(image(elf).bootable()).isEqualTo(elf);
    }

    @Test
    void keepsAnImageThatItCannotUnpack() throws IOException {
        byte[] other = KernelTree.bzImage(new byte[100]);
        assertThat(image(other).bootable()).isEqualTo(other);
        byte[] noEntry = Elves.staticProgram();
        byte[] unsuitable = KernelTree.bzImage(packed(noEntry, noEntry.length));
        assertThat(image(unsuitable).bootable()).isEqualTo(unsuitable);
    }

    @Test
    void refusesADamagedImage() {
        byte[] elf = Elves.kernel();
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() ->
                        image(KernelTree.bzImage(packed(elf, elf.length + 1))).bootable());
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> image(new byte[4096]));
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> image(new byte[0]));
    }

    @Test
    void unpacksRepetitions() throws IOException {
        // Two literals, a match that overlaps itself, a match that does not, and literals at the end.
        byte[] block = HexFormat.of().parseHex("24" + "6162" + "0200" + "02" + "0800" + "30" + "787978");
        ByteBuffer data = ByteBuffer.allocate(8 + block.length).order(ByteOrder.LITTLE_ENDIAN);
        data.putInt(0x184c2102).putInt(block.length).put(block).flip();
        assertThat(LegacyLz4.unpack(data, 19))
                .asString(StandardCharsets.US_ASCII)
                .isEqualTo("abababababababab" + "xyx");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1061", "106100", "10610500", "10610000", "f0ff", "f0ffffffffff61", "9061"})
    void refusesDamagedData(String block) {
        byte[] bytes = HexFormat.of().parseHex(block);
        ByteBuffer data = ByteBuffer.allocate(8 + bytes.length).order(ByteOrder.LITTLE_ENDIAN);
        data.putInt(0x184c2102).putInt(bytes.length).put(bytes).flip();
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> LegacyLz4.unpack(data, 1000));
    }
}
