package dev.pyro.oci;

import dev.pyro.json.Json;
import dev.pyro.json.JsonFormatException;
import dev.pyro.json.JsonReader;
import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import dev.pyro.os.ProcessTree;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * A program that keeps credentials, {@code docker-credential-NAME}, such as a desktop's key ring. Unlike the tools that Pyro brings or knows, it
 * gets all variables of this process: it may need a session's bus, or a folder of its own.
 */
final class CredentialProgram {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]+");
    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final int MAX_ANSWER_BYTES = 64 << 10;
    private static final int PIECE_BYTES = 8 << 10;
    private static final String IDENTITY_TOKEN = "<token>";
    private static final String NONE = "credentials not found";

    private final String program;
    private final Path namedBy;
    private final Map<String, String> environment;
    private final Duration bound;

    CredentialProgram(String name, Path namedBy, Map<String, String> environment) {
        this(name, namedBy, environment, BOUND);
    }

    CredentialProgram(String name, Path namedBy, Map<String, String> environment, Duration bound) {
        this.program = "docker-credential-" + name;
        this.namedBy = namedBy;
        this.environment = environment;
        this.bound = bound;
        if (!NAME.matcher(name).matches()) {
            throw failure("has a name that none can have: \"" + Arguments.printable(name) + "\"");
        }
    }

    /**
     * Asks for the credentials of a server; empty when it has none.
     *
     * @throws PyroException {@link ErrorCode#REGISTRY_DENIED} when it cannot be asked, {@link ErrorCode#INTERRUPTED}
     */
    Optional<Credential> get(String server) {
        ProcessBuilder builder =
                new ProcessBuilder(List.of(find().toString(), "get")).redirectError(ProcessBuilder.Redirect.DISCARD);
        Process process;
        try {
            process = builder.start();
        } catch (IOException e) {
            throw failure("cannot be started");
        }
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        Thread reader = Thread.ofPlatform().daemon().name("pyro-credentials").start(() -> collect(process, answer));
        try {
            tell(process, server);
            if (!process.waitFor(bound.toMillis(), TimeUnit.MILLISECONDS)) {
                throw failure("did not answer within " + bound.toSeconds() + " s");
            }
            // A descendant may hold the pipe open.
            reader.join(bound.toMillis());
            String text = text(answer);
            if (process.exitValue() != 0) {
                String line = text.strip().lines().findFirst().orElse("");
                if (line.contains(NONE)) {
                    return Optional.empty();
                }
                throw failure("failed" + (line.isEmpty() ? "" : ": " + Arguments.printable(line)));
            }
            return credential(text);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PyroException(ErrorCode.INTERRUPTED, program + " was interrupted", e);
        } finally {
            if (process.isAlive()) {
                ProcessTree.end(process);
            }
        }
    }

    private Path find() {
        for (String folder :
                environment.getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin").split(":")) {
            if (folder.startsWith("/")) {
                Path file = Path.of(folder, program);
                if (Files.isRegularFile(file) && Files.isExecutable(file)) {
                    return file;
                }
            }
        }
        throw failure("is not on the PATH");
    }

    private static void tell(Process process, String server) {
        try (OutputStream stream = process.getOutputStream()) {
            stream.write((server + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // One that ends before it has read everything says why by its exit code.
            return;
        }
    }

    private static void collect(Process process, ByteArrayOutputStream answer) {
        byte[] piece = new byte[PIECE_BYTES];
        try (InputStream stream = process.getInputStream()) {
            for (int count = stream.read(piece); count >= 0; count = stream.read(piece)) {
                synchronized (answer) {
                    // What is beyond the bound is read all the same, so that the program can end; it is no JSON then.
                    answer.write(piece, 0, Math.min(count, MAX_ANSWER_BYTES - answer.size()));
                }
            }
        } catch (IOException e) {
            // It was killed.
            return;
        }
    }

    private static String text(ByteArrayOutputStream answer) {
        synchronized (answer) {
            return answer.toString(StandardCharsets.UTF_8);
        }
    }

    private Optional<Credential> credential(String text) {
        try {
            JsonReader json = Json.parseObject(text);
            String user = Objects.requireNonNullElse(json.nullableString("Username"), "");
            String secret = Objects.requireNonNullElse(json.nullableString("Secret"), "");
            if (secret.isEmpty()) {
                return Optional.empty();
            }
            boolean token = user.equals(IDENTITY_TOKEN);
            return Optional.of(new Credential(token ? "" : user, secret, token, program));
        } catch (JsonFormatException e) {
            // Not the cause: it may quote the secret.
            throw failure("did not answer with credentials");
        }
    }

    private PyroException failure(String what) {
        return new PyroException(
                ErrorCode.REGISTRY_DENIED,
                "the credential helper " + Arguments.printable(program) + ", which " + namedBy + " names, " + what
                        + "; mend it, or name another file of credentials with " + AuthFiles.FILE_VARIABLE);
    }
}
