package dev.pyro.oci;

import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.Host;
import dev.pyro.store.RecordFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The credentials that {@code docker login}, {@code podman login} and their like have written, and those that their helpers hold. The first
 * file that has an entry for a registry counts. Stateless; safe for use by several threads.
 */
public final class AuthFiles implements Credentials {
    /** Names the one file that is read. */
    public static final String FILE_VARIABLE = "REGISTRY_AUTH_FILE";

    private static final String DOCKER_HUB_KEY = "https://index.docker.io/v1/";

    private final List<Path> files;
    private final Map<String, String> environment;

    /** The files that environment variables call for; touches none. */
    public AuthFiles(Map<String, String> environment) {
        this.files = files(environment);
        this.environment = Map.copyOf(environment);
    }

    @Override
    public Optional<Credential> find(String host, String repository) {
        for (Path file : files) {
            Optional<Credential> credential = find(file, host, repository);
            if (credential.isPresent()) {
                return credential;
            }
        }
        return Optional.empty();
    }

    /** Returns the files in the order in which they are read. */
    static List<Path> files(Map<String, String> environment) {
        try {
            String explicit = environment.getOrDefault(FILE_VARIABLE, "");
            if (!explicit.isEmpty()) {
                return List.of(Path.of(explicit));
            }
            List<Path> files = new ArrayList<>();
            String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
            if (runtime.startsWith("/")) {
                files.add(Path.of(runtime, "containers", "auth.json"));
            }
            files.add(Path.of("/run/containers/" + Host.effectiveUid() + "/auth.json"));
            String home = environment.getOrDefault("HOME", "");
            String config = environment.getOrDefault("XDG_CONFIG_HOME", "");
            if (config.startsWith("/")) {
                files.add(Path.of(config, "containers", "auth.json"));
            } else if (home.startsWith("/")) {
                files.add(Path.of(home, ".config", "containers", "auth.json"));
            }
            String docker = environment.getOrDefault("DOCKER_CONFIG", "");
            if (!docker.isEmpty()) {
                files.add(Path.of(docker, "config.json"));
            } else if (home.startsWith("/")) {
                files.add(Path.of(home, ".docker", "config.json"));
            }
            return List.copyOf(files);
        } catch (InvalidPathException e) {
            throw new PyroException(
                    ErrorCode.REGISTRY_DENIED,
                    "a variable that should name a folder with credentials of registries holds no path: look at "
                            + FILE_VARIABLE + ", XDG_RUNTIME_DIR, XDG_CONFIG_HOME and DOCKER_CONFIG",
                    e);
        }
    }

    private Optional<Credential> find(Path file, String host, String repository) {
        try {
            // Not a pipe, which could keep us waiting for ever.
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            if (!Files.isRegularFile(file)) {
                throw new JsonFormatException("it is no file");
            }
            JsonReader json = RecordFile.read(file);
            Optional<String> helper = helperOf(json, host);
            if (helper.isPresent()) {
                return ask(helper.get(), host, file);
            }
            Optional<Credential> written = written(json, file, host, repository);
            if (written.isPresent()) {
                return written;
            }
            String store = json.nullableString("credsStore");
            return store == null || store.isEmpty() ? Optional.empty() : ask(store, host, file);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (JsonFormatException | IOException e) {
            throw new PyroException(
                    ErrorCode.REGISTRY_DENIED,
                    "the credentials of registries in " + file + " cannot be read: " + reason(e)
                            + "; mend that file, or name another one with " + FILE_VARIABLE);
        }
    }

    /** An exception of the parser may quote what the file holds: only its kind is told, and it is no cause either. */
    private static String reason(Exception e) {
        return e instanceof JsonFormatException
                ? "it is not the JSON that it should be"
                : "the system refuses to read it";
    }

    private static Optional<String> helperOf(JsonReader json, String host) {
        if (json.find("credHelpers").isEmpty()) {
            return Optional.empty();
        }
        Map<String, String> helpers = json.stringMap("credHelpers");
        for (String key : keys(host, "")) {
            String helper = helpers.get(key);
            if (helper != null && !helper.isEmpty()) {
                return Optional.of(helper);
            }
        }
        return Optional.empty();
    }

    private Optional<Credential> ask(String helper, String host, Path file) {
        String server = host.equals(RegistryReference.DOCKER_HUB) ? DOCKER_HUB_KEY : host;
        return new CredentialProgram(helper, file, environment).get(server);
    }

    private static Optional<Credential> written(JsonReader json, Path file, String host, String repository) {
        if (json.find("auths").isEmpty()) {
            return Optional.empty();
        }
        Map<String, JsonValue> auths = json.object("auths").object().members();
        for (String key : keys(host, repository)) {
            if (auths.get(key) instanceof JsonObject entry) {
                Optional<Credential> credential = credential(new JsonReader(entry), file);
                if (credential.isPresent()) {
                    return credential;
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<Credential> credential(JsonReader entry, Path file) {
        String token = entry.nullableString("identitytoken");
        if (token != null && !token.isEmpty()) {
            return Optional.of(new Credential("", token, true, file.toString()));
        }
        String auth = entry.nullableString("auth");
        if (auth == null || auth.isEmpty()) {
            return pair(entry.nullableString("username"), entry.nullableString("password"), file);
        }
        String text;
        try {
            text = new String(Base64.getDecoder().decode(auth.strip()), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new JsonFormatException("\"auth\" is not base64", e);
        }
        // A password may hold colons, and Docker pads with NUL.
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new JsonFormatException("\"auth\" is not USER:PASSWORD");
        }
        return pair(text.substring(0, colon), text.substring(colon + 1).replaceAll("\0+$", ""), file);
    }

    private static Optional<Credential> pair(@Nullable String user, @Nullable String password, Path file) {
        if (user == null || user.isEmpty() || password == null) {
            return Optional.empty();
        }
        return Optional.of(new Credential(user, password, false, file.toString()));
    }

    /** Returns the keys that may stand for a repository, the most specific first. */
    static List<String> keys(String host, String repository) {
        List<String> keys = new ArrayList<>();
        for (String path = repository; !path.isEmpty(); path = path.substring(0, Math.max(0, path.lastIndexOf('/')))) {
            keys.add(host + "/" + path);
        }
        List<String> hosts = host.equals(RegistryReference.DOCKER_HUB)
                ? List.of(host, "index.docker.io", "registry-1.docker.io")
                : List.of(host);
        for (String name : hosts) {
            keys.add(name);
            for (String scheme : List.of("https://", "http://", "")) {
                for (String end : List.of("", "/", "/v1", "/v1/", "/v2", "/v2/")) {
                    keys.add(scheme + name + end);
                }
            }
        }
        return keys.stream().distinct().toList();
    }
}
