package dev.pyro.environment;

import dev.pyro.json.Json;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.oci.ImageReference;
import dev.pyro.oci.RegistryReference;
import dev.pyro.store.RecordFile;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a name stands for: the record in {@code environments/names}. Where an environment came from is told here, because several
 * names can share the folder of one digest. It grows by optional fields only.
 *
 * @param name what users call it
 * @param digest what it contains
 * @param source {@code local}, {@code oci} or {@code dockerfile}; null in records of older versions, whose environments' manifests tell it
 * @param version the version of what was installed under this name; null likewise
 * @param image the image that it was made of, or null for one that was built from packages
 */
record NamedEnvironment(
        String name,
        String digest,
        @Nullable String source,
        @Nullable String version,
        @Nullable ImageOrigin image) {
    /** The source of what {@code env build} made. */
    static final String DOCKERFILE = "dockerfile";

    /** The source of images. */
    static final String OCI = "oci";

    private static final int FORMAT_VERSION = 1;

    NamedEnvironment {
        if (!EnvironmentLayout.isDigest(digest)) {
            throw new JsonFormatException("\"" + digest + "\" is no digest");
        }
    }

    /**
     * Tells whether it says what a tag of a registry stood for. A digest is what it is, and what is in a folder or an archive is looked up there
     * each time: that is nothing to keep in mind.
     */
    boolean pins() {
        return image != null
                && image.reference() != null
                && ImageReference.parse(image.reference(), Path.of("/")).orElse(null)
                        instanceof RegistryReference reference
                && reference.digest() == null;
    }

    String toJson() {
        JsonValue.Builder json = JsonObject.builder()
                .put("format_version", FORMAT_VERSION)
                .put("name", name)
                .put("digest", digest);
        if (source != null) {
            json.put("source", source);
        }
        if (version != null) {
            json.put("version", version);
        }
        if (image != null) {
            json.put("image", image.toJson());
        }
        return Json.writePretty(json.build()) + "\n";
    }

    /**
     * Reads a record.
     *
     * @throws IOException when there is none
     * @throws JsonFormatException when it is damaged
     * @throws dev.pyro.model.PyroException {@link dev.pyro.model.ErrorCode#RECORD_TOO_NEW}
     */
    static NamedEnvironment read(Path file) throws IOException {
        JsonReader json = RecordFile.read(file, FORMAT_VERSION);
        return new NamedEnvironment(
                json.string("name"),
                json.string("digest"),
                json.nullableString("source"),
                json.nullableString("version"),
                json.find("image").isPresent() ? ImageOrigin.read(json.object("image")) : null);
    }
}
