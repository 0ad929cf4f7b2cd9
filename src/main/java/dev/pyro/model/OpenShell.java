package dev.pyro.model;

import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is optional in opening a shell. Immutable; start from {@link #defaults}.
 *
 * @param cwd the directory that it starts in; a relative one is one in {@code /workspace}
 * @param cols the columns of its terminal, 1 to {@link #MAX_SIZE}
 * @param rows the rows of its terminal, 1 to {@link #MAX_SIZE}
 * @param secretEnv the variable's name for each secret's name that the shell is to have
 * @param term the kind of terminal that programs in it take it for: the value of {@code TERM}
 * @param user as whom it runs, {@code NAME|UID[:GROUP|GID]} of the guest, or null for the image's user, root where it has none
 */
public record OpenShell(
        String cwd,
        int cols,
        int rows,
        Map<String, String> secretEnv,
        String term,
        @Nullable String user) {
    public static final int DEFAULT_COLS = 120;
    public static final int DEFAULT_ROWS = 30;
    public static final int MAX_SIZE = 1000;

    /** Programs write no colours and do not move the cursor: what they write can be read as it is. */
    public static final String DEFAULT_TERM = "dumb";

    private static final Pattern TERM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9+._-]{0,63}");

    /** Throws {@link ErrorCode#INVALID_ARGUMENT} when a value is out of its range. */
    public OpenShell {
        Arguments.range("cols", cols, 1, MAX_SIZE);
        Arguments.range("rows", rows, 1, MAX_SIZE);
        if (!TERM.matcher(term).matches()) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT,
                    "term must be the name of a kind of terminal, such as dumb or xterm-256color, not \""
                            + Arguments.printable(term) + "\"");
        }
        secretEnv = Arguments.secretEnv(secretEnv);
        Arguments.user(user);
    }

    /** Returns a shell in {@code /workspace} on a plain terminal of 120 columns and 30 rows, without secrets. */
    public static OpenShell defaults() {
        return new OpenShell(Workspace.PATH, DEFAULT_COLS, DEFAULT_ROWS, Map.of(), DEFAULT_TERM, null);
    }

    public OpenShell withCwd(String directory) {
        return new OpenShell(directory, cols, rows, secretEnv, term, user);
    }

    /** Sets columns and rows. */
    public OpenShell withSize(int columns, int lines) {
        return new OpenShell(cwd, columns, lines, secretEnv, term, user);
    }

    public OpenShell withSecretEnv(Map<String, String> variables) {
        return new OpenShell(cwd, cols, rows, variables, term, user);
    }

    public OpenShell withTerm(String name) {
        return new OpenShell(cwd, cols, rows, secretEnv, name, user);
    }

    /** Opens it as another user of the guest; null for the image's own. */
    public OpenShell withUser(@Nullable String name) {
        return new OpenShell(cwd, cols, rows, secretEnv, term, name);
    }
}
