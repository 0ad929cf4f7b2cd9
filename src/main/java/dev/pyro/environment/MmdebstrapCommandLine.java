package dev.pyro.environment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What mmdebstrap is to do; {@link #toList} is its command line.
 *
 * @param program where it is
 * @param root whether it runs as the host's root
 * @param entry the environment
 * @param sources lines of a {@code sources.list}; with none it takes the distribution's own servers, security included
 * @param keyring the keys that packages must be signed with, or empty for what the host's apt trusts
 * @param setupHook a script that it calls with the new root before anything is installed
 * @param tree the new root; does not exist yet
 */
record MmdebstrapCommandLine(
        Path program,
        boolean root,
        CatalogueEntry entry,
        List<String> sources,
        Optional<Path> keyring,
        Path setupHook,
        Path tree) {
    /** Manuals and translations are a third of a small system, and nobody reads them in a guest. Licences stay. */
    private static final List<String> LEFT_OUT = List.of(
            "path-exclude=/usr/share/man/*",
            "path-exclude=/usr/share/info/*",
            "path-exclude=/usr/share/lintian/*",
            "path-exclude=/usr/share/locale/*",
            "path-include=/usr/share/locale/locale.alias",
            "path-exclude=/usr/share/doc/*",
            "path-include=/usr/share/doc/*/copyright");

    MmdebstrapCommandLine {
        sources = List.copyOf(sources);
    }

    List<String> toList() {
        List<String> line = new ArrayList<>();
        line.add(program.toString());
        line.add("--verbose");
        line.add("--variant=minbase");
        // Both run in namespaces of Pyro's own. The second one makes do without device nodes.
        line.add(root ? "--mode=root" : "--mode=unshare");
        line.add("--format=directory");
        keyring.ifPresent(file -> line.add("--keyring=" + file));
        line.add("--include=" + String.join(",", entry.packages()));
        line.add("--aptopt=Acquire::Languages \"none\"");
        // A guest's packages are quickly had again; waiting for its disk at each file is not worth it.
        line.add("--dpkgopt=force-unsafe-io");
        LEFT_OUT.forEach(option -> line.add("--dpkgopt=" + option));
        // Downloaded packages stay for the next build, and may be there from the last one. The keyring is given above.
        line.add("--skip=check/signed-by,download/empty,essential/unlink,cleanup/apt/cache");
        line.add("--setup-hook=" + quoted(setupHook) + " \"$1\"");
        line.add(entry.suite());
        line.add(tree.toString());
        line.addAll(sources);
        return List.copyOf(line);
    }

    /** mmdebstrap hands a hook to a shell unless it names an executable; in quotes any path will do. */
    private static String quoted(Path path) {
        return "'" + path.toString().replace("'", "'\\''") + "'";
    }
}
