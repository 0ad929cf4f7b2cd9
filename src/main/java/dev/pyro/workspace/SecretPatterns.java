package dev.pyro.workspace;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The forms in which the value of a secret is recognised. Stateless.
 *
 * <p>The value without the newlines at its end, which a file of one line has and a shell's substitution takes away; the same as a terminal
 * shows it, with a carriage return before each newline; and, because tools print keys and certificates in parts, each line of a longer value
 * of several. Each of them also as it stands within single quotes of a shell, as the command line quotes words for the guest. A value of
 * nothing but white space is not recognised: all spaces would have to go.
 */
final class SecretPatterns {
    /** A shorter line of a value of several lines may be anything, such as a brace. */
    static final int MIN_LINE_BYTES = 8;

    private static final String QUOTE = "'";

    /** How a single quote is written within single quotes: as Pyro does it, and as most people do. */
    private static final List<String> QUOTED_QUOTES = List.of("'\"'\"'", "'\\''");

    private SecretPatterns() {}

    /** Returns the patterns of all values, none of them empty and none twice. */
    static List<byte[]> of(Collection<String> values) {
        Set<String> forms = new LinkedHashSet<>();
        for (String value : values) {
            String trimmed = withoutLineEnd(value);
            addQuoted(trimmed, forms);
            if (trimmed.indexOf('\n') >= 0) {
                forms.add(trimmed.replace("\n", "\r\n"));
                for (String line : trimmed.split("\n", -1)) {
                    addLine(withoutLineEnd(line), forms);
                }
            }
        }
        forms.removeIf(String::isBlank);
        List<byte[]> patterns = new ArrayList<>();
        forms.forEach(form -> patterns.add(form.getBytes(StandardCharsets.UTF_8)));
        return patterns;
    }

    private static void addLine(String line, Set<String> forms) {
        if (line.getBytes(StandardCharsets.UTF_8).length >= MIN_LINE_BYTES) {
            addQuoted(line, forms);
        }
    }

    private static void addQuoted(String form, Set<String> forms) {
        forms.add(form);
        QUOTED_QUOTES.forEach(quoted -> forms.add(form.replace(QUOTE, quoted)));
    }

    private static String withoutLineEnd(String text) {
        int end = text.length();
        while (end > 0 && (text.charAt(end - 1) == '\n' || text.charAt(end - 1) == '\r')) {
            end--;
        }
        return text.substring(0, end);
    }
}
