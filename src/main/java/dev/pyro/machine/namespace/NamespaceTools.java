package dev.pyro.machine.namespace;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/**
 * The host programs that start a machine.
 *
 * @param bubblewrap makes the namespaces
 * @param choom offers the machine first to the kernel's out-of-memory killer
 * @param prlimit bounds each process
 * @param setpriv changes from root to an unprivileged user
 */
record NamespaceTools(Path bubblewrap, Path choom, Path prlimit, Path setpriv) {
    /**
     * Finds them all.
     *
     * @throws PyroException {@link ErrorCode#HOST_TOOL_MISSING} with the command that installs the one that is missing
     */
    static NamespaceTools find(Function<String, Optional<Path>> programs) {
        return new NamespaceTools(
                require(programs, "bwrap", "bubblewrap"),
                require(programs, "choom", "util-linux"),
                require(programs, "prlimit", "util-linux"),
                require(programs, "setpriv", "util-linux"));
    }

    private static Path require(Function<String, Optional<Path>> programs, String name, String debianPackage) {
        return programs.apply(name)
                .orElseThrow(() -> new PyroException(
                        ErrorCode.HOST_TOOL_MISSING,
                        "the program " + name
                                + ", which the namespace back end needs, is not on this host; install it: "
                                + "apt-get install " + debianPackage));
    }
}
