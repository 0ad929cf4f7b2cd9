package dev.pyro.environment;

import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.model.ImageSettings;
import org.jspecify.annotations.Nullable;

/**
 * From which image the environment of a name was made.
 *
 * @param reference the image's canonical reference; null when it was built here from a Dockerfile
 * @param manifestDigest the digest of the image's manifest: what the reference stood for when it was resolved
 * @param pulledAt when it was resolved, in epoch seconds
 * @param settings how commands run in it
 */
public record ImageOrigin(@Nullable String reference, String manifestDigest, long pulledAt, ImageSettings settings) {
    public ImageOrigin {
        if (!EnvironmentLayout.isDigest(manifestDigest)) {
            throw new JsonFormatException("\"" + manifestDigest + "\" is no digest");
        }
    }

    /** Returns the record, as {@code docs/state-format.md} describes it. */
    JsonObject toJson() {
        return JsonObject.builder()
                .put("reference", reference)
                .put("manifest_digest", manifestDigest)
                .put("pulled_at", pulledAt)
                .put("config", ImageSettingsJson.write(settings))
                .build();
    }

    /** Reads the record; throws {@link JsonFormatException} when it is damaged. */
    static ImageOrigin read(JsonReader json) {
        return new ImageOrigin(
                json.nullableString("reference"),
                json.string("manifest_digest"),
                json.number("pulled_at"),
                ImageSettingsJson.read(json.object("config")));
    }
}
