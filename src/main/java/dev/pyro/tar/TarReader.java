package dev.pyro.tar;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads tar archives, strictly unless told otherwise: v7, ustar, pax and GNU, with long names and all forms of files with holes. What it does not know
 * it refuses. Not safe for use by several threads.
 *
 * <p>It is our own because names must come out as the bytes that they are: Commons Compress decodes the names of pax headers as UTF-8 and puts
 * U+FFFD where they are none, so that two names can become one. It also takes an archive that ends too early for a whole one.
 */
public final class TarReader {
    /** An extended header or a list of regions is at most this long. */
    static final int MAX_EXTENSION_BYTES = 1 << 20;

    private static final int MAX_EXTENSIONS_PER_ENTRY = 16;
    private static final long MAX_EXTENSION_BYTES_IN_ALL = 1L << 30;
    private static final long MAX_TRAILING_BYTES = 64L << 20;
    private static final int MODE_BITS = 07777;

    /** What ext4 can hold. */
    private static final long MIN_TIME = -(1L << 31);

    private static final long MAX_TIME = (1L << 33) + (1L << 32) - 1;

    private final InputStream in;
    private final boolean lenient;
    private final byte[] block = new byte[TarHeader.BLOCK];
    private PaxRecords global = new PaxRecords();
    private long extensionBytes;
    private long left;
    private int padding;
    private boolean ended;

    public TarReader(InputStream in) {
        this(in, false);
    }

    private TarReader(InputStream in, boolean lenient) {
        this.in = in;
        this.lenient = lenient;
    }

    /**
     * Reads an archive whose bytes are known to be all that there are, as the tools of containers do: it may end without a block of zeros wherever an
     * entry could begin, and the size of what has no content counts for nothing.
     */
    public static TarReader lenient(InputStream in) {
        return new TarReader(in, true);
    }

    /**
     * Returns the next entry, or null behind the last; what was not read of the content before is skipped.
     *
     * @throws BadArchiveException when it is damaged, or of a kind that is refused
     * @throws EOFException when the archive ends before its end
     */
    @Nullable
    public TarEntry next() throws IOException {
        if (ended) {
            return null;
        }
        in.skipNBytes(left);
        in.skipNBytes(padding);
        left = 0;
        padding = 0;
        PaxRecords records = new PaxRecords();
        for (int extensions = 0; extensions <= MAX_EXTENSIONS_PER_ENTRY; extensions++) {
            if (!readHeader(lenient && extensions == 0)) {
                ended = true;
                return null;
            }
            if (TarHeader.isZero(block)) {
                if (extensions > 0) {
                    throw new BadArchiveException("an extended header has no entry after it");
                }
                ended = true;
                requireZeros();
                return null;
            }
            if (!TarHeader.hasGoodChecksum(block)) {
                throw new BadArchiveException("a header is damaged: its checksum is wrong");
            }
            long size = TarHeader.number(block, TarHeader.SIZE_AT, TarHeader.NUMBER_SIZE);
            switch ((char) block[TarHeader.TYPE_AT]) {
                case 'x', 'X' -> records.parse(extension(size));
                case 'g' -> takeGlobal(extension(size));
                case 'L' -> records.put("path", untilNul(extension(size)));
                case 'K' -> records.put("linkpath", untilNul(extension(size)));
                default -> {
                    return entry(records, size);
                }
            }
        }
        throw new BadArchiveException("an entry has too many extended headers");
    }

    /** Reads the next bytes of the present entry's stored content; returns -1 behind the last. */
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (left == 0) {
            return -1;
        }
        int count = in.read(buffer, offset, (int) Math.min(length, left));
        if (count < 0) {
            throw new EOFException();
        }
        left -= count;
        return count;
    }

    /** Global headers, as `git archive` writes them for a comment, may say nothing that changes what an entry is. */
    private void takeGlobal(byte[] bytes) throws BadArchiveException {
        PaxRecords records = new PaxRecords();
        records.parse(bytes);
        global = records;
        if (!records.isEmpty()) {
            throw new BadArchiveException(
                    "a global header sets names, sizes or times for all entries, which is not taken");
        }
    }

    /** Reads the next header; returns false where the stream ends and may. */
    private boolean readHeader(boolean mayEnd) throws IOException {
        int count = in.readNBytes(block, 0, TarHeader.BLOCK);
        if (count < TarHeader.BLOCK && !(mayEnd && count == 0)) {
            throw new EOFException();
        }
        return count > 0;
    }

    private void readBlock() throws IOException {
        if (in.readNBytes(block, 0, TarHeader.BLOCK) < TarHeader.BLOCK) {
            throw new EOFException();
        }
    }

    private byte[] extension(long size) throws IOException {
        extensionBytes += size;
        if (size < 0 || size > MAX_EXTENSION_BYTES || extensionBytes > MAX_EXTENSION_BYTES_IN_ALL) {
            throw new BadArchiveException("an extended header is too long");
        }
        byte[] bytes = in.readNBytes((int) size);
        if (bytes.length < size) {
            throw new EOFException();
        }
        in.skipNBytes(TarHeader.padding(size));
        return bytes;
    }

    private static String untilNul(byte[] bytes) {
        return TarHeader.text(bytes, 0, bytes.length);
    }

    private TarEntry entry(PaxRecords records, long sizeOfHeader) throws IOException {
        String path = Objects.requireNonNullElseGet(records.get("path"), this::nameOfHeader);
        String sparseName = records.sparse("name");
        if (sparseName != null) {
            path = sparseName;
        }
        String target = Objects.requireNonNullElseGet(
                records.get("linkpath"), () -> TarHeader.text(block, TarHeader.TARGET_AT, TarHeader.NAME_SIZE));
        EntryKind kind = kind((char) block[TarHeader.TYPE_AT], path);
        long size = size(records, sizeOfHeader);
        if (size < 0) {
            throw new BadArchiveException(path, "has a negative size");
        }
        String timeText = records.get("mtime");
        long mtime = timeText == null
                ? TarHeader.number(block, TarHeader.MTIME_AT, TarHeader.NUMBER_SIZE)
                : PaxRecords.seconds(timeText);
        mtime = Math.clamp(mtime, MIN_TIME, MAX_TIME);
        int mode = (int) TarHeader.number(block, TarHeader.MODE_AT, TarHeader.MODE_SIZE) & MODE_BITS;
        boolean link = kind == EntryKind.SYMLINK || kind == EntryKind.HARD_LINK;
        TarEntry entry = new TarEntry(
                path,
                kind,
                mode,
                owner(records, "uid", TarHeader.UID_AT),
                owner(records, "gid", TarHeader.GID_AT),
                size,
                mtime,
                link ? target : "",
                records.xattrs(),
                kind.isSpecial() ? device() : null,
                null);
        if (kind != EntryKind.FILE) {
            if (size != 0 || records.isSparse()) {
                throw new BadArchiveException(path, "is no file and has content");
            }
            return entry;
        }
        left = size;
        padding = TarHeader.padding(size);
        if (block[TarHeader.TYPE_AT] == 'S') {
            long real = TarHeader.number(block, TarHeader.GNU_REAL_SIZE_AT, TarHeader.NUMBER_SIZE);
            return sparse(entry.withHoles(real, new SparseMap(gnuRegions())));
        }
        return records.isSparse()
                ? sparse(entry.withHoles(realSize(records), new SparseMap(paxRegions(records))))
                : entry;
    }

    private long size(PaxRecords records, long sizeOfHeader) throws BadArchiveException {
        char type = (char) block[TarHeader.TYPE_AT];
        if (lenient && type >= '1' && type <= '6') {
            return 0;
        }
        String text = records.get("size");
        return text == null ? sizeOfHeader : PaxRecords.decimal(text);
    }

    /** A number that makes no sense is no reason to refuse an archive whose owners nobody asks for. */
    private long owner(PaxRecords records, String key, int at) {
        try {
            String text = Objects.requireNonNullElseGet(
                    records.owner(key), () -> Objects.requireNonNullElse(global.owner(key), ""));
            long number = text.isEmpty() ? TarHeader.number(block, at, TarHeader.MODE_SIZE) : PaxRecords.decimal(text);
            return number < 0 ? TarEntry.NO_NUMBER : number;
        } catch (BadArchiveException e) {
            return TarEntry.NO_NUMBER;
        }
    }

    private TarEntry.@Nullable Device device() {
        try {
            return new TarEntry.Device(
                    TarHeader.number(block, TarHeader.DEVICE_MAJOR_AT, TarHeader.MODE_SIZE),
                    TarHeader.number(block, TarHeader.DEVICE_MINOR_AT, TarHeader.MODE_SIZE));
        } catch (BadArchiveException e) {
            return null;
        }
    }

    private String nameOfHeader() {
        String name = TarHeader.text(block, 0, TarHeader.NAME_SIZE);
        // GNU's own magic has a space in place of the NUL, and other things in place of the prefix.
        boolean ustar = TarHeader.text(block, TarHeader.MAGIC_AT, 6).equals("ustar");
        String prefix = ustar ? TarHeader.text(block, TarHeader.PREFIX_AT, TarHeader.PREFIX_SIZE) : "";
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    private static EntryKind kind(char type, String path) throws BadArchiveException {
        return switch (type) {
            case '\0', '0' -> path.endsWith("/") ? EntryKind.DIRECTORY : EntryKind.FILE;
            case '7', 'S' -> EntryKind.FILE;
            case '1' -> EntryKind.HARD_LINK;
            case '2' -> EntryKind.SYMLINK;
            case '5' -> EntryKind.DIRECTORY;
            case '3' -> EntryKind.CHARACTER_DEVICE;
            case '4' -> EntryKind.BLOCK_DEVICE;
            case '6' -> EntryKind.FIFO;
            default -> throw new BadArchiveException(path, "is of a kind that is not known");
        };
    }

    private TarEntry sparse(TarEntry entry) throws BadArchiveException {
        SparseMap map = Objects.requireNonNull(entry.sparse());
        if (entry.size() < 0 || !map.fits(entry.size()) || map.dataBytes() != left) {
            throw new BadArchiveException(entry.path(), "has holes that do not fit its size");
        }
        return entry;
    }

    private static long realSize(PaxRecords records) throws BadArchiveException {
        String text = Objects.requireNonNullElseGet(
                records.sparse("realsize"), () -> Objects.requireNonNullElse(records.sparse("size"), ""));
        return PaxRecords.decimal(text);
    }

    private long[] gnuRegions() throws IOException {
        List<Long> regions = new ArrayList<>();
        takeGnuRegions(block, TarHeader.GNU_SPARSE_AT, TarHeader.GNU_SPARSE_REGIONS, regions);
        boolean more = block[TarHeader.GNU_EXTENDED_AT] != 0;
        while (more) {
            readBlock();
            takeGnuRegions(block, 0, TarHeader.GNU_MORE_REGIONS, regions);
            more = block[TarHeader.GNU_MORE_EXTENDED_AT] != 0;
        }
        return array(regions);
    }

    private static void takeGnuRegions(byte[] block, int at, int count, List<Long> regions) throws BadArchiveException {
        for (int i = 0; i < count; i++) {
            int field = at + i * 2 * TarHeader.NUMBER_SIZE;
            if (block[field + TarHeader.NUMBER_SIZE] == 0) {
                return;
            }
            regions.add(TarHeader.number(block, field, TarHeader.NUMBER_SIZE));
            regions.add(TarHeader.number(block, field + TarHeader.NUMBER_SIZE, TarHeader.NUMBER_SIZE));
            SparseMap.requireFew(regions.size());
        }
    }

    private long[] paxRegions(PaxRecords records) throws IOException {
        List<Long> regions = new ArrayList<>();
        if ("1".equals(records.sparse("major"))) {
            readRegionsBeforeContent(regions);
        } else {
            regions.addAll(records.regions());
        }
        return array(regions);
    }

    /** In the newest form the content begins with the list of its regions: decimal numbers, one a line, filled up to a block. */
    private void readRegionsBeforeContent(List<Long> regions) throws IOException {
        StringBuilder digits = new StringBuilder();
        long wanted = -1;
        int at = TarHeader.BLOCK;
        while (wanted < 0 || regions.size() < wanted) {
            if (at == TarHeader.BLOCK) {
                if (left < TarHeader.BLOCK) {
                    throw new BadArchiveException("the list of a file's holes is cut off");
                }
                readBlock();
                left -= TarHeader.BLOCK;
                at = 0;
            }
            char c = (char) (block[at++] & 0xff);
            if (c != '\n') {
                digits.append(c);
                if (digits.length() > 20) {
                    throw new BadArchiveException("the list of a file's holes is malformed");
                }
                continue;
            }
            long number = PaxRecords.decimal(digits.toString());
            digits.setLength(0);
            if (wanted >= 0) {
                regions.add(number);
            } else {
                wanted = 2 * Math.min(number, SparseMap.MAX_REGIONS + 1);
                SparseMap.requireFew(wanted);
            }
        }
    }

    private static long[] array(List<Long> regions) {
        return regions.stream().mapToLong(Long::longValue).toArray();
    }

    private void requireZeros() throws IOException {
        byte[] buffer = new byte[8192];
        long total = 0;
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
            total += count;
            for (int i = 0; i < count; i++) {
                if (buffer[i] != 0) {
                    throw new BadArchiveException("there is something behind the end of the archive");
                }
            }
            if (total > MAX_TRAILING_BYTES) {
                throw new BadArchiveException("there is too much behind the end of the archive");
            }
        }
    }
}
