package dev.pyro.workspace.diff;

import dev.pyro.workspace.diff.FilePatch.Action;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads a whole patch; text between the files' parts, such as a mail's, is skipped as git skips it. */
final class PatchParser {
    /** The most paths of one patch. */
    static final int MAX_FILES = 100_000;

    /** The most hunks of one patch. */
    static final int MAX_HUNKS = 200_000;

    private final PatchLines lines;
    private final boolean allowModeOnly;
    private final Map<String, FilePatch> byPath = new HashMap<>();
    private final List<FilePatch> files = new ArrayList<>();
    private int hunks;

    private PatchParser(byte[] text, boolean allowModeOnly) {
        this.lines = new PatchLines(text);
        this.allowModeOnly = allowModeOnly;
    }

    static List<FilePatch> parse(byte[] text, boolean allowModeOnly) {
        checkText(text);
        PatchParser parser = new PatchParser(text, allowModeOnly);
        parser.parse();
        if (parser.files.isEmpty()) {
            throw PatchRefusal.of(1, "there is no change in it; a unified diff is needed (diff -u, git diff)");
        }
        return parser.files;
    }

    private static void checkText(byte[] text) {
        int line = 1;
        for (byte b : text) {
            if (b == 0) {
                throw PatchRefusal.of(line, "it holds a NUL; only text can be patched");
            }
            line += b == '\n' ? 1 : 0;
        }
    }

    private void parse() {
        while (!lines.isDone()) {
            boolean plain = lines.startsWith("--- ");
            if (plain && !lines.followingStartsWith("+++ ")) {
                throw PatchRefusal.of(lines.number(), "the line '---' is not followed by a line '+++'");
            }
            if (plain || lines.startsWith("diff --git ")) {
                parseFile();
            } else {
                checkProse();
                lines.next();
            }
        }
    }

    private void parseFile() {
        PatchHeader header = PatchHeader.parse(lines);
        String path = header.path();
        refuseBinary(path);
        List<Hunk> ofFile = new ArrayList<>();
        while (!lines.isDone() && lines.startsWith("@@ ")) {
            hunks++;
            if (hunks > MAX_HUNKS) {
                throw PatchRefusal.of(lines.number(), "it has more than " + MAX_HUNKS + " hunks; cut it in parts");
            }
            ofFile.add(HunkParser.parse(lines, path, ofFile.size() + 1));
        }
        add(header.build(path, ofFile));
    }

    private void add(FilePatch file) {
        if (files.size() >= MAX_FILES) {
            throw PatchRefusal.of(file.line(), "it has more than " + MAX_FILES + " files; cut it in parts");
        }
        if (file.action() == Action.CHANGE_MODE && !allowModeOnly) {
            throw PatchRefusal.of(
                    file.line(), "nothing but the mode of " + file.label() + " changes, which is not taken");
        }
        FilePatch earlier = byPath.put(file.path(), file);
        // The one way to write a change of kind.
        boolean kindChanges = earlier != null
                && earlier.action() == Action.DELETE
                && file.action() == Action.CREATE
                && earlier.isLink() != file.isLink();
        if (earlier != null && !kindChanges) {
            throw PatchRefusal.of(
                    file.line(), file.label() + " is in the patch twice, first at line " + earlier.line());
        }
        files.add(file);
    }

    private void refuseBinary(String path) {
        if (!lines.isDone() && (lines.startsWith("GIT binary patch") || lines.startsWith("Binary files "))) {
            throw PatchRefusal.of(
                    lines.number(),
                    PatchRefusal.shown(path) + " is changed as a binary file; only text can be patched");
        }
    }

    /** Lines that a reader would take for a change must not be skipped. */
    private void checkProse() {
        if (lines.startsWith("@@ -")) {
            throw PatchRefusal.of(
                    lines.number(), "this hunk has no file: '--- a/NAME' and '+++ b/NAME' must come before");
        }
        if (lines.startsWith("GIT binary patch")
                || (lines.startsWith("Binary files ") && lines.text().endsWith(" differ"))) {
            throw PatchRefusal.of(lines.number(), "a binary file is changed; only text can be patched");
        }
        if (lines.startsWith("diff --cc ") || lines.startsWith("diff --combined ") || lines.startsWith("@@@ ")) {
            throw PatchRefusal.of(lines.number(), "this is the combined diff of a merge; make one against one parent");
        }
    }
}
