package dev.pyro.workspace.diff;

import dev.pyro.agent.GuestText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Paths below the workspace: their order, their parts, and which of them git takes. */
final class PathNames {
    /** The order of the paths' bytes, which is git's. */
    static final Comparator<String> BYTE_ORDER = PathNames::compare;

    /** A component that git takes for its own folder, also one that a Windows file system would. */
    private static final Pattern GIT_FOLDER = Pattern.compile("(?i)(\\.git|git~1)[. ]*([\\\\:].*)?", Pattern.DOTALL);

    private static final Pattern SHORT_NAME = Pattern.compile("(?i)gi[^/]*~.*", Pattern.DOTALL);

    private PathNames() {}

    /** Tells whether git applies a patch to this path. It never does to what looks like its own files. */
    static boolean isTakenByGit(String path, boolean link) {
        for (String component : path.split("/", -1)) {
            if (GIT_FOLDER.matcher(component).matches()) {
                return false;
            }
            boolean modules = component.toLowerCase(Locale.ROOT).startsWith(".gitmodules")
                    || SHORT_NAME.matcher(component).matches();
            if (link && modules) {
                return false;
            }
        }
        return true;
    }

    /** Returns the path of the directory that a path is in, empty for the root. */
    static String parent(String path) {
        return path.substring(0, Math.max(path.lastIndexOf('/'), 0));
    }

    /** Returns the directories that a path is in, the nearest first, without the root. */
    static List<String> ancestors(String path) {
        List<String> ancestors = new ArrayList<>();
        for (String at = parent(path); !at.isEmpty(); at = parent(at)) {
            ancestors.add(at);
        }
        return ancestors;
    }

    private static int compare(String left, String right) {
        int length = Math.min(left.length(), right.length());
        for (int i = 0; i < length; i++) {
            char a = left.charAt(i);
            char b = right.charAt(i);
            if (a != b) {
                // Among ASCII characters the order of the characters is that of the bytes.
                return a < 0x80 && b < 0x80
                        ? a - b
                        : Arrays.compareUnsigned(GuestText.encode(left), GuestText.encode(right));
            }
        }
        return left.length() - right.length();
    }
}
