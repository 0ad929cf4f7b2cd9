package dev.pyro.machine.namespace;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/**
 * The command line that copies a tree so that the copy belongs to one user. Modes, times, links, holes and extended attributes are kept;
 * blocks are shared where the file system can.
 *
 * <p>It does not wait for the disk: to flush a file system takes as long as everything that others have just written to it, and a
 * machine may stand still meanwhile. The kernel has written it all within a minute.
 *
 * @param source the tree
 * @param target what there is of it is replaced
 * @param owner who the copy belongs to, or empty for the user that runs it
 */
record CopyCommandLine(Path source, Path target, OptionalInt owner) {
    private static final String PREPARE = "rm -rf -- \"$1\" && mkdir -m 0700 -- \"$1\"";
    private static final String GIVE = " && chown \"$2:$2\" -- \"$1\"";
    private static final String COPY = " && shift 2 && exec \"$@\"";

    List<String> tokens() {
        List<String> tokens = new ArrayList<>(List.of("sh", "-c"));
        tokens.add(PREPARE + (owner.isPresent() ? GIVE : "") + COPY);
        tokens.addAll(
                List.of("sh", target.toString(), owner.isPresent() ? Integer.toString(owner.getAsInt()) : "nobody"));
        // As its owner, so that no file has to be given away, which would take the setuid bit from it; and he may read
        // everything.
        owner.ifPresent(user -> tokens.addAll(List.of(
                "setpriv",
                "--reuid",
                Integer.toString(user),
                "--regid",
                Integer.toString(user),
                "--clear-groups",
                "--inh-caps",
                "-all,+dac_read_search",
                "--ambient-caps",
                "+dac_read_search",
                "--")));
        tokens.addAll(List.of("cp", "-R", "--no-dereference", "--preserve=mode,timestamps,links,xattr"));
        tokens.addAll(List.of("--reflink=auto", "--no-target-directory", "--", source.toString(), target.toString()));
        return List.copyOf(tokens);
    }
}
