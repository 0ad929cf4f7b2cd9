package dev.pyro.environment;

import java.util.List;

/**
 * An environment that Pyro knows how to make.
 *
 * @param name what users call it, such as {@code debian:12}
 * @param version the version of its definition
 * @param description one line for a person
 * @param distribution the distribution's id, such as {@code debian}
 * @param distributionVersion the distribution's version, such as {@code 12}
 * @param suite the archive's name of that version, such as {@code bookworm}
 * @param packages the packages that are asked for by name
 */
public record CatalogueEntry(
        String name,
        String version,
        String description,
        String distribution,
        String distributionVersion,
        String suite,
        List<String> packages) {
    public CatalogueEntry {
        packages = List.copyOf(packages);
    }
}
