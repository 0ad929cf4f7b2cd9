package dev.pyro.workspace.diff;

import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;

/** Why a patch is not taken; each refusal names the place. */
final class PatchRefusal {
    private PatchRefusal() {}

    /** The patch itself is at fault. */
    static PyroException of(int line, String problem) {
        return new PyroException(
                ErrorCode.PATCH_REFUSED, "line " + line + " of the patch: " + problem + "; nothing was changed");
    }

    /** The patch does not fit the files that are there. */
    static PyroException notApplicable(int line, String problem) {
        return new PyroException(
                ErrorCode.PATCH_DOES_NOT_APPLY,
                "the patch does not apply (line " + line + " of it): " + problem + "; nothing was changed");
    }

    /** A path as it stands in a message. */
    static String shown(String path) {
        return "'" + Arguments.printable(path) + "'";
    }
}
