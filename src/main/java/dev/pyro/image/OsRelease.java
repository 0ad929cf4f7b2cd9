package dev.pyro.image;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code os-release}. Pure; the file is anybody's, and a line that is none of it is left out. */
final class OsRelease {
    static final String PATH = "etc/os-release";
    static final String OTHER_PATH = "usr/lib/os-release";

    private static final int MAX_FIELDS = 256;
    private static final int MAX_VALUE_CHARS = 1024;
    private static final Pattern LINE =
            Pattern.compile("([A-Z][A-Z0-9_]*)=(?:\"((?:[^\"\\\\]++|\\\\.)*+)\"|'([^']*)'|([^\\s\"']*))\\s*");
    private static final Pattern ESCAPED = Pattern.compile("\\\\([\\\\\"$`])");

    private OsRelease() {}

    static Map<String, String> parse(byte[] content) {
        Map<String, String> fields = new HashMap<>();
        new String(content, StandardCharsets.UTF_8).lines().limit(MAX_FIELDS).forEach(line -> {
            Matcher matcher = LINE.matcher(line);
            if (line.length() <= MAX_VALUE_CHARS && matcher.matches()) {
                for (int group = 2; group <= matcher.groupCount(); group++) {
                    if (matcher.group(group) != null) {
                        fields.put(
                                matcher.group(1),
                                ESCAPED.matcher(matcher.group(group)).replaceAll("$1"));
                    }
                }
            }
        });
        return fields;
    }
}
