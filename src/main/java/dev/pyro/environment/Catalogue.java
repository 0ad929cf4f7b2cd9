package dev.pyro.environment;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * The environments that Pyro knows. Immutable.
 *
 * @param version changes when any entry changes
 * @param entries in the order in which they are shown
 */
public record Catalogue(String version, List<CatalogueEntry> entries) {
    private static final List<String> MINIMAL = List.of("apt", "bash", "coreutils");

    private static final List<String> USUAL = List.of(
            "bzip2",
            "ca-certificates",
            "curl",
            "file",
            "git",
            "iproute2",
            "iputils-ping",
            "less",
            "netbase",
            "openssh-client",
            "patch",
            "procps",
            "python3",
            "tzdata",
            "unzip",
            "xz-utils");

    private static final List<String> BUILD = plus(USUAL, "build-essential", "cmake", "pkg-config", "python3-venv");

    public Catalogue {
        entries = List.copyOf(entries);
    }

    /** Returns the catalogue of this version of Pyro. */
    public static Catalogue builtIn() {
        return new Catalogue(
                "1.1.0",
                List.of(
                        debian12("debian:12", "Debian 12 with git, curl, Python and the usual tools.", USUAL),
                        debian12("debian:12-base", "Debian 12, as small as it works.", MINIMAL),
                        debian12("debian:12-build", "Debian 12 with compilers and build tools.", BUILD)));
    }

    /** Returns an entry. */
    public Optional<CatalogueEntry> find(String name) {
        return entries.stream().filter(entry -> entry.name().equals(name)).findFirst();
    }

    /** Returns the names of the entries, in their order. */
    List<String> names() {
        return entries.stream().map(CatalogueEntry::name).toList();
    }

    private static CatalogueEntry debian12(String name, String description, List<String> packages) {
        return new CatalogueEntry(name, "1.1.0", description, "debian", "12", "bookworm", packages);
    }

    private static List<String> plus(List<String> packages, String... more) {
        List<String> all = new ArrayList<>(packages);
        Collections.addAll(all, more);
        Collections.sort(all);
        return all;
    }
}
