package dev.pyro.tar;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What extended headers say about the entry after them. Values are raw: what was meant as UTF-8 is kept as the bytes that it is.
 *
 * <p>Of the many keys that exist only those are kept that change a name, a link, a size, a time or where the holes of a file are, and numbers of
 * owners and extended attributes, which reach an environment but no workspace.
 */
public final class PaxRecords {
    private static final String SPARSE = "GNU.sparse.";
    private static final int MAX_LENGTH_DIGITS = 9;

    static final String XATTR = "SCHILY.xattr.";

    /** The same of libarchive, with the name in the form of URLs and the value in base64. */
    private static final String XATTR_ENCODED = "LIBARCHIVE.xattr.";

    /** Attributes of other names are dropped in any case, so that it does not matter whether they are sound. */
    private static final String CAPABILITY = "security.capability";

    private static final String USER = "user.";

    private static final int HEX = 16;
    private static final Set<String> KNOWN = Set.of("path", "linkpath", "size", "mtime");
    private static final Set<String> OWNERS = Set.of("uid", "gid");

    /** No file has as many attributes; each takes more room in memory than in an archive. */
    private static final int MAX_KEPT = 1_000;

    private final Map<String, String> values = new HashMap<>();
    private final Map<String, String> owners = new HashMap<>();
    private final Map<String, byte[]> xattrs = new LinkedHashMap<>();

    /** Of the header that is parsed: raw values of libarchive's form. */
    private final Map<String, String> encoded = new LinkedHashMap<>();

    private final List<String> regions = new ArrayList<>();

    /** Takes the records of a header of the form "LENGTH KEY=VALUE\n". A later one counts more than an earlier one. */
    void parse(byte[] bytes) throws BadArchiveException {
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        int at = 0;
        while (at < text.length()) {
            int space = text.indexOf(' ', at);
            if (space <= at || space - at > MAX_LENGTH_DIGITS) {
                throw malformed();
            }
            long length = decimal(text.substring(at, space));
            int end = at + (int) length;
            if (length > text.length() - at || end - 1 <= space + 1 || text.charAt(end - 1) != '\n') {
                throw malformed();
            }
            int equals = text.indexOf('=', space);
            if (equals <= space + 1 || equals >= end - 1) {
                throw malformed();
            }
            take(text.substring(space + 1, equals), text.substring(equals + 1, end - 1));
            at = end;
        }
        // Usually both forms are there, in any order, and say the same.
        for (Map.Entry<String, String> attribute : encoded.entrySet()) {
            if (!xattrs.containsKey(attribute.getKey())) {
                xattrs.put(attribute.getKey(), decodedValue(attribute.getValue()));
            }
        }
        encoded.clear();
    }

    private void take(String key, String value) throws BadArchiveException {
        if (xattrs.size() + encoded.size() + values.size() >= MAX_KEPT) {
            throw new BadArchiveException("an extended header has more than " + MAX_KEPT + " records");
        }
        if (key.startsWith(XATTR)) {
            xattrs.put(key.substring(XATTR.length()), value.getBytes(StandardCharsets.ISO_8859_1));
            return;
        }
        if (key.startsWith(XATTR_ENCODED)) {
            String name = decodedName(key.substring(XATTR_ENCODED.length()));
            if (name.equals(CAPABILITY) || name.startsWith(USER)) {
                encoded.put(name, value);
            }
            return;
        }
        if (OWNERS.contains(key)) {
            owners.put(key, value);
            return;
        }
        if (!KNOWN.contains(key) && !key.startsWith(SPARSE)) {
            return;
        }
        if (value.indexOf('\0') >= 0) {
            throw new BadArchiveException("an extended header has a value with a NUL");
        }
        // In the oldest form each region is a pair of records of the same two names.
        if (key.equals(SPARSE + "offset") || key.equals(SPARSE + "numbytes")) {
            if (regions.size() >= 2 * SparseMap.MAX_REGIONS
                    || key.equals(SPARSE + "offset") != (regions.size() % 2 == 0)) {
                throw new BadArchiveException("an extended header has a malformed list of regions");
            }
            regions.add(value);
        } else {
            values.put(key, value);
        }
    }

    private static String decodedName(String name) {
        StringBuilder decoded = new StringBuilder(name.length());
        int at = 0;
        while (at < name.length()) {
            char c = name.charAt(at++);
            if (c == '%' && at + 2 <= name.length()) {
                int high = Character.digit(name.charAt(at), HEX);
                int low = Character.digit(name.charAt(at + 1), HEX);
                if (high >= 0 && low >= 0) {
                    c = (char) (high * HEX + low);
                    at += 2;
                }
            }
            decoded.append(c);
        }
        return decoded.toString();
    }

    private static byte[] decodedValue(String value) throws BadArchiveException {
        try {
            return Base64.getDecoder().decode(value);
        } catch (IllegalArgumentException e) {
            throw new BadArchiveException("an extended header has an attribute that is not in base64");
        }
    }

    /** Sets what a GNU header for long names says. */
    void put(String key, String value) {
        values.putIfAbsent(key, value);
    }

    /** Returns a value, null when there is none or an empty one, which takes back what was said before. */
    @Nullable
    String get(String key) {
        String value = values.get(key);
        return value == null || value.isEmpty() ? null : value;
    }

    @Nullable
    String sparse(String key) {
        return get(SPARSE + key);
    }

    boolean isSparse() {
        return !regions.isEmpty() || values.keySet().stream().anyMatch(key -> key.startsWith(SPARSE));
    }

    /** Returns the number of an owner, null when there is none. */
    @Nullable
    String owner(String key) {
        return owners.get(key);
    }

    /** Returns extended attributes by their names; values are any bytes. */
    Map<String, byte[]> xattrs() {
        return xattrs;
    }

    /** Tells whether nothing is said but of owners and attributes. */
    boolean isEmpty() {
        return values.isEmpty() && regions.isEmpty();
    }

    /** Returns the regions that the records themselves list: offset and length of each. */
    List<Long> regions() throws BadArchiveException {
        String map = sparse("map");
        List<Long> numbers = new ArrayList<>();
        if (map == null) {
            for (String region : regions) {
                numbers.add(decimal(region));
            }
            return numbers;
        }
        for (int start = 0; start <= map.length(); ) {
            int comma = map.indexOf(',', start);
            int end = comma < 0 ? map.length() : comma;
            numbers.add(decimal(map.substring(start, end)));
            SparseMap.requireFew(numbers.size());
            start = end + 1;
        }
        return numbers;
    }

    /** Returns whole seconds of a decimal time, rounded down. */
    public static long seconds(String text) throws BadArchiveException {
        boolean negative = text.startsWith("-");
        int point = text.indexOf('.');
        String whole = text.substring(negative ? 1 : 0, point < 0 ? text.length() : point);
        String fraction = point < 0 ? "" : text.substring(point + 1);
        boolean zero = true;
        for (int i = 0; i < fraction.length(); i++) {
            char c = fraction.charAt(i);
            if (c < '0' || c > '9') {
                throw malformed();
            }
            zero &= c == '0';
        }
        long seconds = decimal(whole);
        return negative ? -seconds - (zero ? 0 : 1) : seconds;
    }

    static long decimal(String digits) throws BadArchiveException {
        long value = 0;
        for (int i = 0; i < digits.length(); i++) {
            int digit = digits.charAt(i) - '0';
            if (digit < 0 || digit > 9 || value > (Long.MAX_VALUE - digit) / 10) {
                throw malformed();
            }
            value = value * 10 + digit;
        }
        if (digits.isEmpty()) {
            throw malformed();
        }
        return value;
    }

    private static BadArchiveException malformed() {
        return new BadArchiveException("an extended header is malformed");
    }
}
