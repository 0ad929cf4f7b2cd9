package dev.pyro.oci;

import dev.pyro.json.Json;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonNull;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ImageSettings;
import dev.pyro.model.PyroException;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Reads the configurations of images of strangers, within bounds. Stateless. */
final class ConfigReader {
    private static final int MAX_WORDS = 4_096;
    private static final int MAX_LABELS = 4_096;
    private static final int MAX_USER_CHARS = 256;
    private static final int MAX_PATH_CHARS = 4_095;
    private static final int MAX_TEXT_BYTES = 512 << 10;

    private static final int MAX_OTHERS_CHARS = 64 << 10;
    private static final Map<String, Class<? extends JsonValue>> OTHERS = Map.of(
            "ExposedPorts", JsonObject.class,
            "Healthcheck", JsonObject.class,
            "Shell", JsonArray.class,
            "StopSignal", JsonString.class,
            "Volumes", JsonObject.class);

    private ConfigReader() {}

    /**
     * Reads a configuration that was verified.
     *
     * @param what whose it is, for messages
     * @param layers how many layers the image has
     * @throws PyroException {@link ErrorCode#IMAGE_CORRUPT}, {@link ErrorCode#IMAGE_UNSUITABLE} when it is not for linux/amd64
     */
    static ImageConfig read(String what, Path file, int layers) {
        try (InputStream stream = Files.newInputStream(file)) {
            byte[] bytes = stream.readNBytes(ManifestReader.MAX_CONFIG_BYTES + 1);
            if (bytes.length > ManifestReader.MAX_CONFIG_BYTES) {
                throw new JsonFormatException("it is longer than " + ManifestReader.MAX_CONFIG_BYTES + " bytes");
            }
            return read(what, bytes, layers);
        } catch (JsonFormatException e) {
            throw corrupt(what, e);
        } catch (IOException e) {
            throw AtomicFiles.failure("read", file, e);
        }
    }

    /** Reads one that is in memory; what is malformed ends with a {@link PyroException} too. */
    static ImageConfig parse(String what, byte[] bytes, int layers) {
        try {
            return read(what, bytes, layers);
        } catch (JsonFormatException e) {
            throw corrupt(what, e);
        }
    }

    private static ImageConfig read(String what, byte[] bytes, int layers) {
        JsonReader json = new JsonReader(ManifestReader.object(bytes));
        requirePlatform(what, json);
        List<String> diffIds = json.object("rootfs").strings("diff_ids");
        if (diffIds.size() != layers || !diffIds.stream().allMatch(ReferenceParser::isDigest)) {
            throw new JsonFormatException("its diff_ids are not those of " + layers + " layers");
        }
        JsonReader config =
                json.find("config").isEmpty() ? new JsonReader(new JsonObject(Map.of())) : json.object("config");
        List<String> env = strings(config, "Env").stream()
                .filter(variable -> variable.indexOf('=') > 0)
                .toList();
        Map<String, String> labels = labels(config);
        List<String> entrypoint = strings(config, "Entrypoint");
        List<String> cmd = strings(config, "Cmd");
        // Also an empty word takes its room in the records that hold it.
        if (entrypoint.size() + cmd.size() > MAX_WORDS || labels.size() > MAX_LABELS) {
            throw new JsonFormatException("it has more words of a command or labels than can be");
        }
        requireSendable(what, env);
        requireShort(what, Stream.of(env, entrypoint, cmd, labels.keySet(), labels.values()));
        return new ImageConfig(
                env,
                text(config, "WorkingDir", MAX_PATH_CHARS),
                text(config, "User", MAX_USER_CHARS),
                entrypoint,
                cmd,
                labels,
                created(json.nullableString("created")),
                others(config),
                diffIds);
    }

    /** What says nothing is taken for what it should be: such images exist, and the guest will tell. */
    private static void requirePlatform(String what, JsonReader json) {
        String os = Objects.requireNonNullElse(json.nullableString("os"), "");
        String architecture = Objects.requireNonNullElse(json.nullableString("architecture"), "");
        if (!(os.isEmpty() || os.equals("linux")) || !(architecture.isEmpty() || architecture.equals("amd64"))) {
            throw ManifestReader.unsuitable(
                    what,
                    "is for " + Arguments.printable(os + "/" + architecture) + " only; name an image for linux/amd64");
        }
    }

    /** With more of them a command that is long, or has variables of its own, could not be run. */
    private static void requireSendable(String what, List<String> env) {
        long bytes = env.stream()
                .mapToLong(variable ->
                        ImageSettings.VARIABLE_OVERHEAD_BYTES + variable.getBytes(StandardCharsets.UTF_8).length)
                .sum();
        if (env.size() > ImageSettings.MAX_VARIABLES || bytes > ImageSettings.MAX_VARIABLES_BYTES) {
            throw ManifestReader.unsuitable(
                    what,
                    "has " + env.size() + " variables of " + bytes + " bytes, and may have "
                            + ImageSettings.MAX_VARIABLES + " variables of " + ImageSettings.MAX_VARIABLES_BYTES
                            + " bytes, because a command and its own variables must fit into one request beside them;"
                            + " build it with fewer, or put them into a file in the image");
        }
    }

    /** All of it gets into records, which are bounded: counted as JSON has it. */
    private static void requireShort(String what, Stream<Collection<String>> texts) {
        long length = texts.flatMap(Collection::stream)
                .mapToLong(text -> Json.write(new JsonString(text)).getBytes(StandardCharsets.UTF_8).length)
                .sum();
        if (length > MAX_TEXT_BYTES) {
            throw ManifestReader.unsuitable(
                    what,
                    "has variables and labels of " + length + " bytes, and may have " + MAX_TEXT_BYTES
                            + "; build it with fewer labels");
        }
    }

    private static List<String> strings(JsonReader config, String name) {
        List<String> strings = config.find(name).isEmpty() ? List.of() : config.strings(name);
        strings.forEach(ConfigReader::requireNoNul);
        return strings;
    }

    /** What is not of its kind, and all of it where it is too long for a record, is left out: no machine needs it. */
    private static JsonObject others(JsonReader config) {
        JsonValue.Builder kept = JsonObject.builder();
        OTHERS.forEach(
                (name, kind) -> config.find(name).filter(kind::isInstance).ifPresent(value -> kept.put(name, value)));
        JsonObject others = kept.build();
        return Json.writePretty(others).length() > MAX_OTHERS_CHARS ? new JsonObject(Map.of()) : others;
    }

    private static Map<String, String> labels(JsonReader config) {
        if (config.find("Labels").isEmpty()) {
            return Map.of();
        }
        JsonReader members = config.object("Labels");
        Map<String, String> labels = new LinkedHashMap<>();
        members.object().members().forEach((name, value) -> {
            if (!(value instanceof JsonNull)) {
                labels.put(name, members.string(name));
            }
        });
        labels.keySet().forEach(ConfigReader::requireNoNul);
        labels.values().forEach(ConfigReader::requireNoNul);
        return labels;
    }

    private static @Nullable String text(JsonReader config, String name, int maxChars) {
        String text = config.nullableString(name);
        if (text == null || text.isEmpty()) {
            return null;
        }
        requireNoNul(text);
        if (text.length() > maxChars) {
            throw new JsonFormatException("its " + name + " is longer than " + maxChars + " characters");
        }
        return text;
    }

    private static void requireNoNul(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new JsonFormatException("it holds a NUL");
        }
    }

    private static @Nullable Instant created(@Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            // Nothing depends on it.
            return null;
        }
    }

    private static PyroException corrupt(String what, JsonFormatException e) {
        return new PyroException(
                ErrorCode.IMAGE_CORRUPT,
                "the configuration of " + what + " is not one: " + Arguments.printable(String.valueOf(e.getMessage()))
                        + "; whoever published the image has to push it again",
                e);
    }
}
