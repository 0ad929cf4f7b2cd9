package dev.pyro.environment;

import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import dev.pyro.model.ImageSettings;
import org.jspecify.annotations.Nullable;

/**
 * An image's settings as records hold them: {@code config} of images and names, {@code image} of machines and workspaces. Stateless.
 */
public final class ImageSettingsJson {
    /** The number behind it, all bits set, means "nobody" to the kernel. */
    private static final long MAX_ID = 0xffff_fffeL;

    private ImageSettingsJson() {}

    /** Returns the settings as an object. */
    public static JsonObject write(ImageSettings settings) {
        JsonValue.Builder labels = JsonObject.builder();
        settings.labels().forEach((name, value) -> labels.put(name, new JsonString(value)));
        return JsonObject.builder()
                .put("env", JsonArray.ofStrings(settings.env()))
                .put("working_dir", settings.workingDir())
                .put("user", settings.user())
                .putNullable("uid", number(settings.uid()))
                .putNullable("gid", number(settings.gid()))
                .put("entrypoint", JsonArray.ofStrings(settings.entrypoint()))
                .put("cmd", JsonArray.ofStrings(settings.cmd()))
                .put("labels", labels.build())
                .put("login_shell", settings.loginShell())
                .build();
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws JsonFormatException when it is damaged
     */
    public static ImageSettings read(JsonReader json) {
        return new ImageSettings(
                json.strings("env"),
                json.nullableString("working_dir"),
                json.nullableString("user"),
                id(json, "uid"),
                id(json, "gid"),
                json.strings("entrypoint"),
                json.strings("cmd"),
                json.stringMap("labels"),
                json.bool("login_shell"));
    }

    private static @Nullable Long number(@Nullable Integer id) {
        return id == null ? null : Integer.toUnsignedLong(id);
    }

    private static @Nullable Integer id(JsonReader json, String name) {
        Long number = json.nullableNumber(name);
        if (number == null) {
            return null;
        }
        if (number < 0 || number > MAX_ID) {
            throw new JsonFormatException("member \"" + name + "\" is not the number of a user or a group");
        }
        return number.intValue();
    }
}
