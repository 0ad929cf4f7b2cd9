package dev.pyro.workspace;

import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.model.WorkspaceId;
import dev.pyro.workspace.WorkspaceRecord.Life;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What people call workspaces, and which one they mean. Safe for use by several threads and processes. */
final class WorkspaceNames {
    private static final int MAX_NEAR_MATCHES = 8;

    /** So many wrong letters are taken for a slip. */
    private static final int MAX_TYPOS = 2;

    private final WorkspaceStore store;

    WorkspaceNames(WorkspaceStore store) {
        this.store = store;
    }

    /**
     * Makes sure that no other workspace has a name; the caller holds {@link WorkspaceStore#lockNames}.
     *
     * @throws PyroException {@link ErrorCode#WORKSPACE_NAME_TAKEN}
     */
    void requireFree(@Nullable String name, WorkspaceId self) {
        if (name == null) {
            return;
        }
        for (WorkspaceRecord record : store.all()) {
            boolean dead = record.life() instanceof Life.Creating(var creator) && !creator.isAlive();
            if (!record.id().equals(self) && !dead && name.equals(record.title().name())) {
                throw new PyroException(
                        ErrorCode.WORKSPACE_NAME_TAKEN,
                        "the name \"" + Arguments.printable(name) + "\" is that of workspace " + record.id()
                                + ": choose another one, or delete that workspace");
            }
        }
    }

    /**
     * Returns the workspace that a text stands for: an id, the beginning of exactly one, or a name.
     *
     * @throws PyroException {@link ErrorCode#WORKSPACE_NOT_FOUND}, with those that could be meant
     */
    WorkspaceId resolve(String reference) {
        Optional<WorkspaceId> exact = WorkspaceId.find(reference);
        if (exact.isPresent()) {
            if (store.find(exact.get()).isPresent()) {
                return exact.get();
            }
            throw unknown(reference, "");
        }
        List<WorkspaceRecord> made = store.all().stream()
                .filter(record -> !(record.life() instanceof Life.Creating))
                .toList();
        for (WorkspaceRecord record : made) {
            if (reference.equals(record.title().name())) {
                return record.id();
            }
        }
        List<WorkspaceRecord> beginning = made.stream()
                .filter(record -> !reference.isEmpty() && record.id().value().startsWith(reference))
                .toList();
        if (beginning.size() == 1) {
            return beginning.getFirst().id();
        }
        if (beginning.size() > 1) {
            throw new PyroException(
                    ErrorCode.WORKSPACE_NOT_FOUND,
                    "\"" + Arguments.printable(reference) + "\" is the beginning of several workspaces: "
                            + names(beginning));
        }
        List<WorkspaceRecord> near = made.stream()
                .filter(record -> record.title().name() != null
                        && isNear(reference, record.title().name()))
                .toList();
        throw unknown(reference, near.isEmpty() ? "" : "; did you mean " + names(near) + "?");
    }

    private PyroException unknown(String reference, String hint) {
        List<WorkspaceRecord> near = !hint.isEmpty()
                ? List.of()
                : store.all().stream()
                        .filter(record -> !(record.life() instanceof Life.Creating))
                        .filter(record -> isNear(reference, record.id().value()))
                        .toList();
        return new PyroException(
                ErrorCode.WORKSPACE_NOT_FOUND,
                "no workspace \"" + Arguments.printable(reference) + "\": it was deleted, or its time to live was over"
                        + (near.isEmpty() ? hint : "; did you mean " + names(near) + "?")
                        + "; `pyro workspace list` (over MCP: workspace_list) shows them all");
    }

    private static String names(List<WorkspaceRecord> records) {
        return records.stream()
                        .limit(MAX_NEAR_MATCHES)
                        .map(record -> record.title().name() == null
                                ? record.id().value()
                                : record.id() + " ("
                                        + Arguments.printable(Objects.requireNonNull(
                                                record.title().name())) + ")")
                        .collect(Collectors.joining(", "))
                + (records.size() > MAX_NEAR_MATCHES ? ", …" : "");
    }

    /** Tells whether somebody may have meant the one by the other: one contains the other, or few letters differ. */
    private static boolean isNear(String wanted, String have) {
        if (wanted.isEmpty() || wanted.length() > 2 * Arguments.MAX_NAME_CHARS) {
            return false;
        }
        String a = wanted.toLowerCase(Locale.ROOT);
        String b = have.toLowerCase(Locale.ROOT);
        if (b.contains(a) || (b.length() > 2 && a.contains(b))) {
            return true;
        }
        return b.length() > MAX_TYPOS && typos(a, b) <= MAX_TYPOS;
    }

    /** Returns how many letters have to be put in, left out or changed to make the one of the other. */
    private static int typos(String a, String b) {
        int[] row = IntStream.rangeClosed(0, b.length()).toArray();
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int changed = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(changed, Math.min(row[j - 1], row[j]) + 1);
            }
        }
        return row[b.length()];
    }
}
