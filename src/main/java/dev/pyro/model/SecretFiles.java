package dev.pyro.model;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Reads the values of secrets from files of the host. Stateless. */
final class SecretFiles {
    /** How long anything but a plain file may take to give its value: a pipe may have nobody at its other end. */
    static final Duration PIPE_BOUND = Duration.ofSeconds(60);

    private SecretFiles() {}

    static String read(String name, Path file) {
        return read(name, file, PIPE_BOUND);
    }

    static String read(String name, Path file, Duration pipeBound) {
        String what = "\"" + Arguments.printable(file.toString()) + "\"";
        if (Files.isDirectory(file)) {
            throw invalid(name, what + " is a directory, not a file", null);
        }
        return Files.exists(file) && !Files.isRegularFile(file)
                ? readWithin(pipeBound, name, what, file)
                : open(name, what, file);
    }

    static String read(String name, String what, InputStream stream) {
        byte[] bytes;
        try {
            bytes = stream.readNBytes(Secret.MAX_BYTES + 1);
        } catch (IOException e) {
            throw invalid(name, "cannot read " + what + ": " + e.getMessage(), e);
        }
        if (bytes.length > Secret.MAX_BYTES) {
            throw invalid(
                    name,
                    what + " is longer than " + Secret.MAX_BYTES + " bytes, the most that a secret may have",
                    null);
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw invalid(name, what + " is no UTF-8 text; give it encoded, as base64 does", e);
        }
    }

    private static String open(String name, String what, Path file) {
        try (InputStream stream = Files.newInputStream(file)) {
            return read(name, what, stream);
        } catch (NoSuchFileException e) {
            throw invalid(name, "there is no file " + what + " on this host", e);
        } catch (AccessDeniedException e) {
            throw invalid(name, "you may not read " + what, e);
        } catch (IOException e) {
            throw invalid(name, "cannot read " + what + ": " + e.getMessage(), e);
        }
    }

    /** On a thread of its own, which is left behind where opening or reading never ends. */
    private static String readWithin(Duration bound, String name, String what, Path file) {
        FutureTask<String> reading = new FutureTask<>(() -> open(name, what, file));
        Thread.ofPlatform().daemon().name("read-secret").start(reading);
        try {
            return reading.get(bound.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw invalid(name, what + " is no plain file, and gave no end within " + bound.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PyroException(ErrorCode.INTERRUPTED, "interrupted while " + what + " was read", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof PyroException failure) {
                throw failure;
            }
            throw new IllegalStateException("reading " + what + " failed", e);
        }
    }

    private static PyroException invalid(String name, String problem, @Nullable Throwable cause) {
        return new PyroException(ErrorCode.INVALID_ARGUMENT, "the secret " + name + ": " + problem, cause);
    }
}
