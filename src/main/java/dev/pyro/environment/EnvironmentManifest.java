package dev.pyro.environment;

import dev.pyro.json.Json;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.FileStatus;
import dev.pyro.store.RecordFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The record of an installed environment, {@code environment.json}. It grows by optional fields only; another meaning takes a
 * new format version.
 *
 * @param name what users call it
 * @param version the version of its definition when it was made
 * @param digest what it contains
 * @param source where it came from
 * @param distribution the distribution's id
 * @param distributionVersion the distribution's version
 * @param packages the packages that were asked for by name
 * @param imageBytes the image's virtual size; a file of another size is not the one that was made
 * @param sizeBytes how much of the disk the image takes
 * @param createdAt when it was made, in epoch seconds
 * @param imageStamp the finished image's {@link FileStatus#stamp}; null in records of older versions
 */
record EnvironmentManifest(
        String name,
        String version,
        String digest,
        String source,
        String distribution,
        String distributionVersion,
        List<String> packages,
        long imageBytes,
        long sizeBytes,
        long createdAt,
        @Nullable String imageStamp) {
    static final long FORMAT_VERSION = 1;

    EnvironmentManifest {
        packages = List.copyOf(packages);
        if (!EnvironmentLayout.isDigest(digest)) {
            throw new JsonFormatException("\"" + digest + "\" is no digest");
        }
    }

    String toJson() {
        return Json.writePretty(JsonValue.JsonObject.builder()
                        .put("format_version", FORMAT_VERSION)
                        .put("name", name)
                        .put("version", version)
                        .put("digest", digest)
                        .put("source", source)
                        .put("distribution", distribution)
                        .put("distribution_version", distributionVersion)
                        .put("packages", JsonValue.JsonArray.ofStrings(packages))
                        .put("image_bytes", imageBytes)
                        .put("size_bytes", sizeBytes)
                        .put("created_at", createdAt)
                        .put("image_stamp", imageStamp)
                        .build())
                + "\n";
    }

    /**
     * Reads a manifest.
     *
     * @throws IOException when there is none
     * @throws JsonFormatException when it is damaged
     * @throws PyroException {@link ErrorCode#RECORD_TOO_NEW}
     */
    static EnvironmentManifest read(Path file) throws IOException {
        JsonReader reader = readRecord(file);
        return new EnvironmentManifest(
                reader.string("name"),
                reader.string("version"),
                reader.string("digest"),
                reader.string("source"),
                reader.string("distribution"),
                reader.string("distribution_version"),
                reader.strings("packages"),
                reader.number("image_bytes"),
                reader.number("size_bytes"),
                reader.number("created_at"),
                reader.nullableString("image_stamp"));
    }

    /**
     * Tells whether an image is the one that was made, and nobody has touched it since.
     *
     * @throws IOException when there is none
     */
    boolean describes(Path image) throws IOException {
        FileStatus status = FileStatus.of(image);
        return status.size() == imageBytes && (imageStamp == null || imageStamp.equals(status.stamp()));
    }

    private static JsonReader readRecord(Path file) throws IOException {
        JsonReader reader = RecordFile.read(file);
        long version = reader.number("format_version");
        if (version > FORMAT_VERSION) {
            throw new PyroException(
                    ErrorCode.RECORD_TOO_NEW,
                    file + " has format version " + version + ", and this Pyro knows " + FORMAT_VERSION
                            + "; use the newer Pyro that wrote it, or delete the environment's folder");
        }
        return reader;
    }
}
