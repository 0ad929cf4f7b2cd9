package dev.pyro.cli.render;

import dev.pyro.model.Environment;
import dev.pyro.model.Environment.Installation;
import dev.pyro.model.EnvironmentCatalogue;
import dev.pyro.model.PrunedEnvironments;
import java.util.ArrayList;
import java.util.List;

/** The human lines about environments. Stateless. */
public final class EnvironmentLines {
    private EnvironmentLines() {}

    /** The lines of {@code env list}. */
    public static List<String> catalogue(EnvironmentCatalogue catalogue) {
        List<String> lines = new ArrayList<>();
        lines.add("Catalog version: " + catalogue.catalogVersion());
        if (catalogue.environments().isEmpty()) {
            lines.add("No environments found.");
        }
        for (Environment environment : catalogue.environments()) {
            lines.add(environment.name()
                    + (environment.installation() == null ? " [not installed] " : " [installed] ")
                    + environment.description());
        }
        return lines;
    }

    /**
     * The lines of {@code env pull} and {@code env inspect}.
     *
     * @param heading the first line's label
     */
    public static List<String> environment(String heading, Environment environment) {
        List<String> lines = new ArrayList<>();
        Installation installed = environment.installation();
        lines.add(heading + ": " + environment.name());
        lines.add("Version: " + environment.version());
        lines.add("Distribution: " + environment.distribution() + " " + environment.distributionVersion());
        lines.add("Installed: " + (installed == null ? "no" : "yes"));
        lines.add("Cache dir: " + environment.cacheDir());
        lines.add("Default packages: " + String.join(", ", environment.defaultPackages()));
        lines.add("Description: " + environment.description());
        if (installed != null) {
            lines.add("Install dir: " + installed.installDir());
            lines.add("Install manifest: " + installed.installManifest());
            if (installed.kernelImage() != null) {
                lines.add("Kernel image: " + installed.kernelImage());
            }
            lines.add("Rootfs image: " + installed.rootfsImage());
            lines.add("Source: " + installed.source());
            lines.add("Digest: " + installed.digest());
            lines.add("Size: " + installed.sizeBytes() / (1024 * 1024) + " MiB");
        }
        return lines;
    }

    /** The lines of {@code env prune}. */
    public static List<String> pruned(PrunedEnvironments pruned) {
        List<String> lines = new ArrayList<>();
        int count = pruned.deletedEnvironmentDirs().size();
        lines.add("Deleted " + count + " cached environment " + (count == 1 ? "entry." : "entries."));
        pruned.deletedEnvironmentDirs().forEach(folder -> lines.add("- " + folder));
        return lines;
    }
}
