package dev.pyro.environment;

import dev.pyro.environment.EnvironmentRequest.Built;
import dev.pyro.environment.EnvironmentRequest.Catalogued;
import dev.pyro.environment.EnvironmentRequest.Imaged;
import dev.pyro.json.JsonFormatException;
import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.oci.ImageReference;
import dev.pyro.oci.RegistryReference;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The names of environments: what a person can mean by one, and what it stands for on this host. Safe for use by several threads and
 * processes; needs no network.
 */
final class EnvironmentNames {
    /** What {@code env build -t} takes: the form of an image's name without a host. */
    private static final Pattern BUILT =
            Pattern.compile("(?=.{1,120}$)[a-z0-9]+([._/-][a-z0-9]+)*(:[A-Za-z0-9_][A-Za-z0-9._-]{0,62})?");

    private static final String LATEST = ":latest";

    private final EnvironmentLayout layout;
    private final Catalogue catalogue;
    private final Path workingDirectory;

    /**
     * Reads the names of a cache.
     *
     * @param workingDirectory what the relative folders of layouts and archives are relative to
     */
    EnvironmentNames(EnvironmentLayout layout, Catalogue catalogue, Path workingDirectory) {
        this.layout = layout;
        this.catalogue = catalogue;
        this.workingDirectory = workingDirectory;
    }

    /**
     * Finds out what is meant: an environment of the catalogue, else one that was built here under this name, else an image.
     *
     * @throws PyroException {@link ErrorCode#UNKNOWN_ENVIRONMENT}, with the names that are known, when it can be none of these
     */
    EnvironmentRequest parse(String text) {
        Optional<EnvironmentRequest> own = own(text);
        if (own.isPresent()) {
            return own.get();
        }
        Optional<ImageReference> reference =
                isPrintable(text) ? ImageReference.parse(text, workingDirectory) : Optional.empty();
        if (reference.isPresent()) {
            return new Imaged(reference.get(), shownName(reference.get()));
        }
        List<String> known = new ArrayList<>(catalogue.names());
        installedElsewhere().forEach(named -> known.add(Arguments.printable(named.name())));
        throw new PyroException(
                ErrorCode.UNKNOWN_ENVIRONMENT,
                "unknown environment \"" + Arguments.printableName(text) + "\"; the known ones are "
                        + String.join(", ", known)
                        + "; an image is given as [HOST/]NAME[:TAG][@DIGEST], oci:DIR[:TAG] or "
                        + "docker-archive:FILE");
    }

    /** A folder's name may hold anything, and this one is shown on terminals. */
    private static boolean isPrintable(String text) {
        return text.codePoints().noneMatch(Character::isISOControl);
    }

    /** The names that mean the same wherever they are said, whatever images there are. */
    private Optional<EnvironmentRequest> own(String text) {
        Optional<CatalogueEntry> entry = catalogue.find(text);
        if (entry.isPresent()) {
            return Optional.of(new Catalogued(entry.get()));
        }
        Built built = built(text);
        return isBuiltName(text)
                        && read(file(built))
                                .filter(named -> NamedEnvironment.DOCKERFILE.equals(named.source()))
                                .isPresent()
                ? Optional.of(built)
                : Optional.empty();
    }

    /** Returns what is built here under a name: as for images, {@code app} and {@code app:latest} are one. */
    static Built built(String text) {
        return new Built(text.endsWith(LATEST) ? text.substring(0, text.length() - LATEST.length()) : text);
    }

    /** Tells whether this can be the name of something that is built here; it hides no registry, layout or archive. */
    boolean isBuiltName(String text) {
        return BUILT.matcher(text).matches()
                && catalogue.find(text).isEmpty()
                && ImageReference.parse(text, workingDirectory)
                        .filter(reference -> reference instanceof RegistryReference registry && !registry.hostGiven())
                        .isPresent()
                && !EnvironmentLayout.isImageNameFile(layout.name(text));
    }

    private String shownName(ImageReference reference) {
        String familiar = reference.familiar();
        return own(familiar).isPresent() ? reference.canonical() : familiar;
    }

    /** Returns the file that says what a name stands for. */
    Path file(EnvironmentRequest request) {
        return switch (request) {
            case Catalogued(CatalogueEntry entry) -> layout.name(entry.name());
            case Built(String name) -> layout.name(name);
            case Imaged(ImageReference reference, String _) -> layout.imageName(reference.canonical());
        };
    }

    /** Returns what a name stands for; empty when nothing was installed under it or the record is damaged. */
    Optional<NamedEnvironment> find(EnvironmentRequest request) {
        return read(file(request)).map(named -> shown(named, request.name()));
    }

    /** Returns the environment that a name stands for; empty when it is not installed or not whole. */
    Optional<InstalledEnvironment> installed(EnvironmentRequest request) {
        return find(request).flatMap(named -> EnvironmentFolders.find(layout, named));
    }

    /** Returns the names that something was installed under and that are not the catalogue's, sorted. */
    List<EnvironmentRequest> others() {
        List<EnvironmentRequest> requests = new ArrayList<>();
        for (NamedEnvironment named : installedElsewhere()) {
            ImageOrigin image = named.image();
            if (image == null || image.reference() == null) {
                requests.add(new Built(named.name()));
            } else {
                ImageReference.parse(image.reference(), workingDirectory)
                        .ifPresent(reference -> requests.add(new Imaged(reference, shownName(reference))));
            }
        }
        requests.sort(Comparator.comparing(EnvironmentRequest::name));
        return requests;
    }

    private List<NamedEnvironment> installedElsewhere() {
        return Staging.children(layout.names()).stream()
                .filter(file -> !file.getFileName().toString().startsWith("."))
                .flatMap(file -> readUnlessTooNew(file).filter(named -> isPlaceOf(file, named)).stream())
                .filter(named -> EnvironmentFolders.find(layout, named).isPresent())
                .sorted(Comparator.comparing(NamedEnvironment::name))
                .toList();
    }

    /** A record in another's place means nothing. */
    private boolean isPlaceOf(Path file, NamedEnvironment named) {
        if (EnvironmentLayout.isImageNameFile(file)) {
            ImageOrigin image = named.image();
            return image != null
                    && image.reference() != null
                    && layout.imageName(image.reference()).equals(file);
        }
        return NamedEnvironment.DOCKERFILE.equals(named.source())
                && isBuiltName(named.name())
                && layout.name(named.name()).equals(file);
    }

    /** Reads a record; empty when there is none or it is damaged. */
    static Optional<NamedEnvironment> read(Path file) {
        try {
            return Optional.of(NamedEnvironment.read(file));
        } catch (NoSuchFileException | JsonFormatException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw AtomicFiles.failure("read", file, e);
        }
    }

    private static Optional<NamedEnvironment> readUnlessTooNew(Path file) {
        try {
            return read(file);
        } catch (PyroException e) {
            if (e.code() == ErrorCode.RECORD_TOO_NEW) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Returns what a record says, under the name that is asked for. */
    static NamedEnvironment shown(NamedEnvironment named, String name) {
        return new NamedEnvironment(name, named.digest(), named.source(), named.version(), named.image());
    }
}
