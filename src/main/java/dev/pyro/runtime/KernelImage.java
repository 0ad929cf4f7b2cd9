package dev.pyro.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A kernel's image: an ELF file, or a bzImage as the kernel's {@code Documentation/arch/x86/boot.rst} describes it. */
final class KernelImage {
    private static final int MAX_BYTES = 256 * 1024 * 1024;
    private static final int MAGIC_AT = 0x202;
    private static final int MAGIC = 0x53726448;
    private static final int VERSION_AT = 0x206;
    private static final int VERSION_WITH_PAYLOAD = 0x208;
    private static final int RELEASE_AT = 0x20e;
    private static final int SETUP_SECTORS_AT = 0x1f1;
    private static final int PAYLOAD_OFFSET_AT = 0x248;
    private static final int PAYLOAD_LENGTH_AT = 0x24c;
    private static final int SECTOR = 512;
    private static final int HEADER_LENGTH = 0x250;
    private static final int MAX_RELEASE = 64;
    private static final Pattern RELEASE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.+~_-]*");
    private static final Pattern BANNER = Pattern.compile("Linux version ([A-Za-z0-9][A-Za-z0-9.+~_-]*) ");

    private final byte[] bytes;

    private KernelImage(byte[] bytes) {
        this.bytes = bytes;
    }

    static KernelImage read(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException(file + " is larger than " + MAX_BYTES + " bytes, which no kernel is");
        }
        KernelImage image = new KernelImage(Files.readAllBytes(file));
        if (!image.isBzImage() && !ElfFile.isElf(image.bytes)) {
            throw new IOException(file + " is no kernel for x86_64: it is neither a bzImage nor an ELF image");
        }
        return image;
    }

    private boolean isBzImage() {
        return bytes.length >= HEADER_LENGTH && little().getInt(MAGIC_AT) == MAGIC;
    }

    /** Returns the release that the image names, or empty when it names none. */
    Optional<String> release() {
        if (isBzImage()) {
            int at = (little().getShort(RELEASE_AT) & 0xffff) + SECTOR;
            String text = text(at, MAX_RELEASE);
            Matcher matcher = RELEASE.matcher(text);
            return at != SECTOR && matcher.lookingAt() ? Optional.of(matcher.group()) : Optional.empty();
        }
        byte[] start = "Linux version ".getBytes(StandardCharsets.US_ASCII);
        for (int at = 0; at <= bytes.length - start.length; at++) {
            if (bytes[at] == start[0]
                    && ByteBuffer.wrap(bytes, at, start.length).equals(ByteBuffer.wrap(start))) {
                Matcher matcher = BANNER.matcher(text(at, start.length + MAX_RELEASE));
                if (matcher.lookingAt()) {
                    return Optional.of(matcher.group(1));
                }
            }
        }
        return Optional.empty();
    }

    private String text(int at, int longest) {
        int length = Math.max(0, Math.min(longest, bytes.length - at));
        return length == 0 ? "" : new String(bytes, at, length, StandardCharsets.ISO_8859_1);
    }

    /**
     * Returns what a guest boots: the ELF image within a bzImage when it is packed with LZ4 and can be entered directly, which saves the
     * guest from unpacking it, slowly under emulation; else the image as it is.
     */
    byte[] bootable() throws IOException {
        if (!isBzImage() || (little().getShort(VERSION_AT) & 0xffff) < VERSION_WITH_PAYLOAD) {
            return bytes.clone();
        }
        int sectors = bytes[SETUP_SECTORS_AT] & 0xff;
        long offset = (sectors == 0 ? 4 : sectors) * (long) SECTOR
                + SECTOR
                + (little().getInt(PAYLOAD_OFFSET_AT) & 0xffff_ffffL);
        long length = little().getInt(PAYLOAD_LENGTH_AT) & 0xffff_ffffL;
        if (length < 2 * Integer.BYTES || offset + length > bytes.length) {
            return bytes.clone();
        }
        ByteBuffer payload =
                ByteBuffer.wrap(bytes, (int) offset, (int) length).slice().order(ByteOrder.LITTLE_ENDIAN);
        if (!LegacyLz4.isPacked(payload)) {
            return bytes.clone();
        }
        // The kernel's build appends the length of the unpacked image.
        int unpacked = payload.getInt(payload.limit() - Integer.BYTES);
        if (unpacked <= 0 || unpacked > MAX_BYTES) {
            return bytes.clone();
        }
        byte[] elf = LegacyLz4.unpack(payload.limit(payload.limit() - Integer.BYTES), unpacked);
        return ElfFile.isElf(elf) && ElfFile.parse(elf).hasPvhEntry() ? elf : bytes.clone();
    }

    private ByteBuffer little() {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
