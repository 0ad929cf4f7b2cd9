package dev.pyro.environment;

import dev.pyro.environment.EnvironmentRequest.Built;
import dev.pyro.environment.EnvironmentRequest.Catalogued;
import dev.pyro.environment.EnvironmentRequest.Imaged;
import dev.pyro.model.Environment;
import dev.pyro.model.Environment.Installation;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.oci.ImageReference;
import dev.pyro.oci.RegistryReference;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a person is shown of environments, installed or not. Needs no network. */
public final class EnvironmentDescriptions {
    private static final int MAX_TITLE_CHARS = 200;

    private final EnvironmentLayout layout;
    private final Catalogue catalogue;
    private final EnvironmentNames names;
    private final Optional<CatalogueRegistry> registry;

    EnvironmentDescriptions(
            EnvironmentLayout layout,
            Catalogue catalogue,
            EnvironmentNames names,
            Optional<CatalogueRegistry> registry) {
        this.layout = layout;
        this.catalogue = catalogue;
        this.names = names;
        this.registry = registry;
    }

    /**
     * Returns the catalogue, and behind it what else is installed, sorted by name.
     *
     * @param kernelImage the kernel that boots them, or null until one was fetched
     * @throws PyroException {@link ErrorCode#INVALID_ARGUMENT} when the variable that names the catalogue's registry names none
     */
    public List<Environment> all(@Nullable Path kernelImage) {
        List<EnvironmentRequest> requests = new ArrayList<>();
        catalogue.entries().forEach(entry -> requests.add(new Catalogued(entry)));
        requests.addAll(names.others());
        return requests.stream().map(request -> describe(request, kernelImage)).toList();
    }

    /**
     * Returns one environment. Of an image that is not installed no more is known than its reference.
     *
     * @throws PyroException {@link ErrorCode#UNKNOWN_ENVIRONMENT}, {@link ErrorCode#INVALID_ARGUMENT}
     */
    public Environment of(String name, @Nullable Path kernelImage) {
        return describe(names.parse(name), kernelImage);
    }

    private Environment describe(EnvironmentRequest request, @Nullable Path kernelImage) {
        Optional<InstalledEnvironment> installed = names.installed(request);
        Optional<EnvironmentManifest> manifest = installed.flatMap(found -> EnvironmentFolders.open(found.directory()));
        @Nullable
        Installation installation =
                installed.map(found -> installation(found, kernelImage)).orElse(null);
        return switch (request) {
            case Catalogued(CatalogueEntry entry) -> {
                Optional<Environment.Registry> asked = registry.map(it -> origin(it.reference(entry)));
                yield new Environment(
                        entry.name(),
                        installed
                                .filter(found -> found.image() != null)
                                .map(InstalledEnvironment::version)
                                .orElse(entry.version()),
                        entry.description(),
                        entry.distribution(),
                        entry.distributionVersion(),
                        entry.packages(),
                        layout.paths().environments(),
                        installation,
                        origin(installed).or(() -> asked).orElse(null));
            }
            case Built(String name) ->
                new Environment(
                        name,
                        installed.map(InstalledEnvironment::version).orElse(""),
                        title(installed).orElse("Built on this host from a Dockerfile."),
                        manifest.map(EnvironmentManifest::distribution).orElse(ImageFacts.UNKNOWN_DISTRIBUTION),
                        manifest.map(EnvironmentManifest::distributionVersion).orElse(""),
                        List.of(),
                        layout.paths().environments(),
                        installation,
                        null);
            case Imaged(ImageReference reference, String name) ->
                new Environment(
                        name,
                        installed.map(InstalledEnvironment::version).orElse(""),
                        title(installed).orElse("Image " + reference.canonical()),
                        manifest.map(EnvironmentManifest::distribution).orElse(ImageFacts.UNKNOWN_DISTRIBUTION),
                        manifest.map(EnvironmentManifest::distributionVersion).orElse(""),
                        List.of(),
                        layout.paths().environments(),
                        installation,
                        reference instanceof RegistryReference it ? origin(it) : null);
        };
    }

    private static Installation installation(InstalledEnvironment installed, @Nullable Path kernelImage) {
        ImageOrigin image = installed.image();
        return new Installation(
                installed.directory(),
                installed.manifest(),
                kernelImage,
                installed.rootfsImage(),
                installed.source(),
                installed.digest(),
                installed.sizeBytes(),
                image == null ? null : image.manifestDigest());
    }

    /** Where the image that is installed came from; empty when it came from no registry. */
    private static Optional<Environment.Registry> origin(Optional<InstalledEnvironment> installed) {
        return installed
                .flatMap(found -> Optional.ofNullable(found.image()))
                .flatMap(image -> Optional.ofNullable(image.reference()))
                .flatMap(text -> ImageReference.parse(text, Path.of("/")))
                .filter(RegistryReference.class::isInstance)
                .map(reference -> origin((RegistryReference) reference));
    }

    private static Environment.Registry origin(RegistryReference reference) {
        return new Environment.Registry(reference.host(), reference.repository(), reference.target());
    }

    private static Optional<String> title(Optional<InstalledEnvironment> installed) {
        return installed
                .flatMap(found -> Optional.ofNullable(found.image()))
                .flatMap(image -> Optional.ofNullable(image.settings().labels().get(ImageLabels.TITLE)))
                .map(String::strip)
                .filter(title -> !title.isEmpty())
                .map(title -> title.length() <= MAX_TITLE_CHARS ? title : title.substring(0, MAX_TITLE_CHARS));
    }
}
