package dev.pyro.workspace.diff;

import dev.pyro.agent.GuestText;
import dev.pyro.model.PyroException;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The names in a patch's headers, and the rules for what they may be. */
final class PatchNames {
    private static final int MAX_PATH_BYTES = 4_096;
    private static final int MAX_COMPONENT_BYTES = 255;
    private static final String NO_FILE = "/dev/null";
    private static final Pattern TIMESTAMP =
            Pattern.compile("(\\d{4})-(\\d\\d)-(\\d\\d) (\\d\\d):(\\d\\d):(\\d\\d)(?:\\.0+)? ([+-])(\\d\\d)(\\d\\d)");

    private PatchNames() {}

    /**
     * The name after {@code ---} or {@code +++}.
     *
     * @param name the name with its prefix, null for {@code /dev/null}
     * @param epoch whether it has the time stamp with which diff names a file that is not there
     */
    record Side(@Nullable String name, boolean epoch) {}

    /** Reads what stands after {@code ---} or {@code +++}. */
    static Side side(String text, int line) {
        if (text.startsWith("\"")) {
            GitQuoting.Unquoted unquoted = GitQuoting.unquote(text, 0);
            if (unquoted == null) {
                throw PatchRefusal.of(line, "the quoted name is malformed");
            }
            return new Side(unquoted.name(), isEpoch(text.substring(unquoted.end())));
        }
        int tab = text.indexOf('\t');
        String name = tab < 0 ? text : text.substring(0, tab);
        if (text.endsWith("\r")) {
            throw PatchRefusal.of(
                    line, "the header ends with a carriage return; turn the patch's own line ends back into newlines");
        }
        return new Side(name.equals(NO_FILE) ? null : name, tab >= 0 && isEpoch(text.substring(tab)));
    }

    /** Returns the path that {@code diff --git} names, null when that cannot be told. */
    static @Nullable String ofGitLine(String text) {
        if (text.startsWith("\"")) {
            GitQuoting.Unquoted first = GitQuoting.unquote(text, 0);
            if (first == null || !text.startsWith(" ", first.end())) {
                return null;
            }
            int second = first.end() + 1;
            return common(
                    first.name(), text.startsWith("\"", second) ? lastQuoted(text, second) : text.substring(second));
        }
        int quote = text.indexOf(" \"");
        if (quote >= 0) {
            return common(text.substring(0, quote), lastQuoted(text, quote + 1));
        }
        // Names may hold blanks: only two equal halves can be told apart.
        int middle = text.length() / 2;
        boolean halves = text.length() % 2 == 1 && text.charAt(middle) == ' ';
        return halves ? common(text.substring(0, middle), text.substring(middle + 1)) : null;
    }

    private static @Nullable String lastQuoted(String text, int start) {
        GitQuoting.Unquoted unquoted = GitQuoting.unquote(text, start);
        return unquoted == null || unquoted.end() != text.length() ? null : unquoted.name();
    }

    /** Returns the path that the old and the new name mean, null when they mean two. */
    static @Nullable String common(@Nullable String old, @Nullable String now) {
        if (old == null || now == null) {
            return null;
        }
        if (old.startsWith("a/") && now.startsWith("b/") && old.substring(2).equals(now.substring(2))) {
            return old.substring(2);
        }
        return old.equals(now) ? old : null;
    }

    /** Takes the prefix off the one name of a file that comes or goes. */
    static String withoutPrefix(String name, String prefix, @Nullable String gitName) {
        return name.startsWith(prefix) && !name.equals(gitName) ? name.substring(prefix.length()) : name;
    }

    /** Checks that a path is one below the workspace. */
    static String check(String path, int line) {
        PyroException outside = outside(path, line);
        if (outside != null) {
            throw outside;
        }
        if (path.indexOf('\0') >= 0) {
            throw PatchRefusal.of(line, "the name " + PatchRefusal.shown(path) + " holds a NUL");
        }
        int longest = 0;
        for (String component : path.split("/", -1)) {
            longest = Math.max(longest, GuestText.encode(component).length);
            if (component.isEmpty() || component.equals(".")) {
                throw PatchRefusal.of(
                        line, "the name " + PatchRefusal.shown(path) + " has an empty part or the part '.'");
            }
        }
        if (longest > MAX_COMPONENT_BYTES || GuestText.encode(path).length > MAX_PATH_BYTES) {
            throw PatchRefusal.of(line, "the name " + PatchRefusal.shown(path) + " is too long");
        }
        return path;
    }

    private static @Nullable PyroException outside(String path, int line) {
        boolean absolute = path.startsWith("/");
        boolean up = ("/" + path + "/").contains("/../");
        return absolute || up
                ? PatchRefusal.of(
                        line,
                        "the name " + PatchRefusal.shown(path) + " is " + (absolute ? "absolute" : "one with '..'")
                                + "; a patch changes files within the workspace only")
                : null;
    }

    private static boolean isEpoch(String text) {
        Matcher time = TIMESTAMP.matcher(text.strip());
        if (!time.matches()) {
            return false;
        }
        try {
            int zone = number(time, 8) * 60 + number(time, 9);
            long local = LocalDateTime.of(
                            number(time, 1),
                            number(time, 2),
                            number(time, 3),
                            number(time, 4),
                            number(time, 5),
                            number(time, 6))
                    .toEpochSecond(ZoneOffset.UTC);
            return local == ("-".equals(time.group(7)) ? -60L : 60L) * zone;
        } catch (DateTimeException e) {
            // No time at all.
            return false;
        }
    }

    private static int number(Matcher matcher, int group) {
        return Integer.parseInt(matcher.group(group));
    }
}
