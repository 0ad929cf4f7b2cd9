package dev.pyro.json;

import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;

/** Objects as people write them: with comments, blanks and commas in any place. */
final class RandomJson {
    private static final List<String> NAMES = List.of("servers", "pyro", "a", "b // no", "c /*", "}{\\\"");
    private static final List<String> GAPS =
            List.of("", "", " ", "\n", "\n  ", " // one } \"\n", "/* two, */", "\r\n\t", " /* a\n b */ ");
    private static final Pattern COMMENT = Pattern.compile("// one|/\\* two|/\\* a");

    private RandomJson() {}

    static String document(Random random) {
        StringBuilder text = new StringBuilder();
        object(random, text, 3);
        return text + gap(random);
    }

    static long comments(String text) {
        return COMMENT.matcher(text).results().count();
    }

    private static void object(Random random, StringBuilder text, int depth) {
        text.append('{').append(gap(random));
        int members = random.nextInt(4);
        for (int i = 0; i < members; i++) {
            String name = NAMES.get(random.nextInt(NAMES.size()));
            text.append('"')
                    .append(name)
                    .append('"')
                    .append(gap(random))
                    .append(':')
                    .append(gap(random));
            boolean mustBeObject = name.equals("servers") || name.equals("pyro");
            if (mustBeObject || (depth > 0 && random.nextBoolean())) {
                object(random, text, depth - 1);
            } else {
                text.append(
                        List.of("1.0", "\"// x\"", "null", "[1, /* two */ {}]").get(random.nextInt(4)));
            }
            text.append(gap(random));
            if (i < members - 1 || random.nextInt(4) == 0) {
                text.append(',').append(gap(random));
            }
        }
        text.append('}');
    }

    private static String gap(Random random) {
        return GAPS.get(random.nextInt(GAPS.size()));
    }
}
