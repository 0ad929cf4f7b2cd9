package dev.pyro.agent;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;

/**
 * A place in the guest's file system that the agent does not leave: links in {@code path} are followed, but never out of {@code base}.
 *
 * <p>Names that are no UTF-8 are written as in {@link WalkEntry#path}.
 *
 * @param base an absolute path
 * @param path a path below it; empty for the base itself
 */
public record GuestLocation(String base, String path) {
    public GuestLocation {
        if (!base.startsWith("/")) {
            throw new PyroException(ErrorCode.INVALID_ARGUMENT, "the guest folder '" + base + "' is not absolute");
        }
        check(base);
        check(path);
    }

    @Override
    public String toString() {
        if (path.isEmpty()) {
            return base;
        }
        return base.endsWith("/") ? base + path : base + "/" + path;
    }

    private static void check(String path) {
        if (path.indexOf('\0') >= 0) {
            throw new PyroException(ErrorCode.INVALID_ARGUMENT, "a guest path holds a NUL byte");
        }
        if (GuestText.encode(path).length > Wire.MAX_PATH) {
            throw new PyroException(
                    ErrorCode.INVALID_ARGUMENT, "a guest path is longer than " + Wire.MAX_PATH + " bytes");
        }
    }
}
