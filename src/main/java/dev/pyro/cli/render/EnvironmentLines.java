package dev.pyro.cli.render;

import dev.pyro.model.Environment;
import dev.pyro.model.Environment.Installation;
import dev.pyro.model.Environment.Registry;
import dev.pyro.model.EnvironmentCatalogue;
import dev.pyro.model.PrunedEnvironments;
import dev.pyro.model.PrunedEnvironments.Deleted;
import dev.pyro.model.PushedEnvironment;
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
            lines.add(Printable.line(environment.name()
                    + (environment.installation() == null ? " [not installed] " : " [installed] ")
                    + environment.description()));
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
        lines.add(Printable.line(heading + ": " + environment.name()));
        lines.add(("Version: " + environment.version()).strip());
        lines.add(("Distribution: " + environment.distribution() + " " + environment.distributionVersion()).strip());
        lines.add("Installed: " + (installed == null ? "no" : "yes"));
        lines.add("Cache dir: " + environment.cacheDir());
        lines.add(("Default packages: " + String.join(", ", environment.defaultPackages())).strip());
        lines.add(Printable.line("Description: " + environment.description()));
        if (installed != null) {
            lines.add("Install dir: " + installed.installDir());
            lines.add("Install manifest: " + installed.installManifest());
            if (installed.kernelImage() != null) {
                lines.add("Kernel image: " + installed.kernelImage());
            }
            lines.add("Rootfs image: " + installed.rootfsImage());
            if (environment.registry() != null && installed.imageDigest() != null) {
                lines.add("OCI source: " + source(environment.registry()));
            }
            lines.add("Source: " + installed.source());
            lines.add("Digest: " + installed.digest());
            if (installed.imageDigest() != null) {
                lines.add("Image digest: " + installed.imageDigest());
            }
            lines.add("Size: " + mib(installed.sizeBytes()));
        }
        return lines;
    }

    private static String source(Registry registry) {
        String separator = registry.reference().indexOf(':') < 0 ? ":" : "@";
        return registry.host() + "/" + registry.repository() + separator + registry.reference();
    }

    /** The lines of {@code env push}. */
    public static List<String> pushed(PushedEnvironment pushed) {
        return List.of(
                "Pushed: " + Printable.line(pushed.environment()) + " to " + pushed.reference(),
                "Image digest: " + pushed.imageDigest(),
                "Digest: " + pushed.digest(),
                "Size: " + mib(pushed.sizeBytes()) + " (" + mib(pushed.uploadedBytes()) + " uploaded)");
    }

    /** The lines of {@code env prune}. */
    public static List<String> pruned(PrunedEnvironments pruned) {
        List<String> lines = new ArrayList<>();
        int count = pruned.environments().size();
        lines.add((pruned.dryRun() ? "Would delete " : "Deleted ") + count + " cached environment "
                + (count == 1 ? "entry." : "entries."));
        pruned.environmentDirs().forEach(folder -> lines.add("- " + folder));
        if (count > 0) {
            lines.add("Environments: " + total(pruned.environments()));
        }
        if (pruned.images() > 0) {
            lines.add("Images: " + pruned.images());
        }
        if (pruned.layerBytes() > 0) {
            lines.add("Layers: " + pruned.layers() + ", " + mib(pruned.layerBytes()));
        }
        if (pruned.layersSkipped()) {
            lines.add("Layers: none, because an image is being unpacked; prune again when that is done");
        }
        if (!pruned.templates().isEmpty()) {
            lines.add("Templates: " + total(pruned.templates()));
        }
        lines.add((pruned.dryRun() ? "Would free: " : "Freed: ") + mib(pruned.freedBytes()));
        return lines;
    }

    private static String total(List<Deleted> deleted) {
        return deleted.size() + ", "
                + mib(deleted.stream().mapToLong(Deleted::bytes).sum());
    }

    private static String mib(long bytes) {
        return bytes / (1024 * 1024) + " MiB";
    }
}
