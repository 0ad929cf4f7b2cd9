package dev.pyro.workspace.diff;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.pyro.agent.GuestText;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.io.ByteArrayOutputStream;
import java.util.Set;

/**
 * Whatever a patch holds, it is taken or refused with one of two codes; and what is taken can be carried out within the tree.
 *
 * <p>In a normal test run this repeats the inputs beside this class. To search for new ones:
 * {@code JAZZER_FUZZ=1 mvn test -Dtest=PatchFuzzTest -DargLine=-Djazzer.max_duration=60s}
 */
class PatchFuzzTest {
    private static final Set<ErrorCode> REFUSALS = Set.of(ErrorCode.PATCH_REFUSED, ErrorCode.PATCH_DOES_NOT_APPLY);

    @FuzzTest(maxDuration = "10m")
    void survivesAnyPatch(byte[] data) {
        try {
            Patch patch = Patch.parse(data, Patch.ModeOnly.ALLOWED);
            MemoryTree tree = treeFor(patch);
            PatchPlan plan = PatchPlan.of(patch, tree);
            plan.changes().forEach(PatchFuzzTest::check);
            tree.apply(plan.changes());
        } catch (PyroException e) {
            if (!REFUSALS.contains(e.code())) {
                throw e;
            }
        }
    }

    /** Makes a tree which the patch has a chance to fit. */
    private static MemoryTree treeFor(Patch patch) {
        MemoryTree tree = new MemoryTree().file("present", "1\n2\n3\n4\n5\n").link("link", "present");
        for (FilePatch file : patch.files()) {
            boolean free = PathNames.ancestors(file.path()).stream()
                    .noneMatch(ancestor -> tree.leaves().contains(ancestor));
            if (file.action() == FilePatch.Action.CREATE
                    || !free
                    || tree.paths().contains(file.path())) {
                continue;
            }
            ByteArrayOutputStream content = new ByteArrayOutputStream();
            file.hunks().forEach(hunk -> content.writeBytes(hunk.oldImage(patch.text())));
            if (file.isLink()) {
                tree.link(file.path(), GuestText.decode(content.toByteArray()));
            } else {
                tree.file(file.path(), 0644, content.toByteArray());
            }
        }
        return tree;
    }

    private static void check(FileChange change) {
        String path = "/" + change.path() + "/";
        if (path.contains("/../") || path.contains("/./") || path.contains("//") || path.contains("\0")) {
            throw new IllegalStateException("a path that leads out: " + change.path());
        }
    }
}
