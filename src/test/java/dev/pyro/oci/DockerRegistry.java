package dev.pyro.oci;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A registry as many run it: Debian's {@code docker-registry} on a free port of the loopback interface. It ends with {@link #close}; its
 * content stays in its folder.
 */
public final class DockerRegistry implements AutoCloseable {
    /** Who may log in where a login is asked for. The password has what trips up careless readers: a colon and a blank. */
    public static final String USER = "pyro";

    public static final String PASSWORD = "pa:ss word";

    private static final String HTPASSWD = "pyro:$2y$05$mR8nCP.XwUG4zkWiSzWl6umOhhVDEqsubQ7vm1Zlu.MW7vSSPA72m";
    private static final Pattern GET_BLOB = Pattern.compile(
            "\"GET (?<path>/v2/\\S+/blobs/(?<digest>sha256:[0-9a-f]{64})) HTTP/1\\.1\" (?<status>\\d+) (?<bytes>\\d+)");

    /** What it asks of its clients. */
    public enum Kind {
        /** Nothing. */
        ANONYMOUS,
        /** A user's name and password. */
        BASIC,
        /** To trust an authority of its own. */
        TLS,
        /** Both. */
        BASIC_TLS;

        private boolean hasTls() {
            return this == TLS || this == BASIC_TLS;
        }
    }

    private final Path folder;
    private final Kind kind;
    private final int port;
    private @Nullable Process process;

    private DockerRegistry(Path folder, Kind kind, int port) {
        this.folder = folder;
        this.kind = kind;
        this.port = port;
    }

    /**
     * Starts one, and returns when it answers.
     *
     * @param folder holds its configuration, content and log; is made when it is missing
     */
    public static DockerRegistry start(Path folder, Kind kind) {
        try {
            Files.createDirectories(folder);
            DockerRegistry registry = new DockerRegistry(folder, kind, freePort());
            if (kind.hasTls() && !Files.exists(registry.authority())) {
                registry.makeCertificate();
            }
            Files.writeString(folder.resolve("htpasswd"), HTPASSWD + "\n");
            Files.writeString(folder.resolve("config.yml"), registry.configuration());
            registry.restart();
            return registry;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Returns what references begin with: {@code localhost:PORT}. */
    public String host() {
        return "localhost:" + port;
    }

    /** Returns the file with the certificate to trust, of one with TLS. */
    public Path authority() {
        return folder.resolve("ca.crt");
    }

    /** Returns the lines of its access log, in Apache's combined form. */
    public List<String> accessLog() {
        try {
            return Files.readAllLines(folder.resolve("access.log"));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Empties the access log. */
    public void forgetAccesses() {
        try {
            Files.writeString(folder.resolve("access.log"), "");
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Returns how many bytes of a blob were sent, to whomever. */
    public long bytesServed(String digest) {
        return servings(digest).stream().mapToLong(Long::longValue).sum();
    }

    /** Returns how many bytes each request for a blob has got that was answered. */
    public List<Long> servings(String digest) {
        return accessLog().stream()
                .map(GET_BLOB::matcher)
                .filter(Matcher::find)
                .filter(line -> line.group("digest").equals(digest)
                        && line.group("status").startsWith("20"))
                .map(line -> Long.parseLong(line.group("bytes")))
                .toList();
    }

    /** Kills it in the middle of whatever it does. */
    public void kill() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
            try {
                assertThat(running.waitFor(20, SECONDS)).isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
            process = null;
        }
    }

    /** Starts it again after {@link #kill}, on the same port and with the same content. */
    public void restart() throws IOException {
        Process started = new ProcessBuilder(
                        "docker-registry", "serve", folder.resolve("config.yml").toString())
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("access.log").toFile()))
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        folder.resolve("registry.log").toFile()))
                .start();
        process = started;
        await().atMost(30, SECONDS).until(() -> {
            assertThat(started.isAlive())
                    .as(folder.resolve("registry.log").toString())
                    .isTrue();
            return listens();
        });
    }

    private boolean listens() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private String configuration() {
        StringBuilder yaml = new StringBuilder(
                        "version: 0.1\nlog:\n  level: warn\nstorage:\n  filesystem:\n    rootdirectory: ")
                .append(folder.resolve("content"))
                .append("\n  delete:\n    enabled: true\nhttp:\n  addr: 127.0.0.1:")
                .append(port)
                .append('\n');
        if (kind.hasTls()) {
            yaml.append("  tls:\n    certificate: ")
                    .append(authority())
                    .append("\n    key: ")
                    .append(folder.resolve("ca.key"))
                    .append('\n');
        }
        if (kind == Kind.BASIC || kind == Kind.BASIC_TLS) {
            yaml.append("auth:\n  htpasswd:\n    realm: tests\n    path: ")
                    .append(folder.resolve("htpasswd"))
                    .append('\n');
        }
        return yaml.toString();
    }

    private void makeCertificate() throws IOException {
        Process openssl = new ProcessBuilder(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "ec",
                        "-pkeyopt",
                        "ec_paramgen_curve:P-256",
                        "-nodes",
                        "-days",
                        "2",
                        "-subj",
                        "/CN=Pyro tests",
                        "-addext",
                        "subjectAltName=DNS:localhost,IP:127.0.0.1",
                        "-keyout",
                        folder.resolve("ca.key").toString(),
                        "-out",
                        authority().toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("openssl.log").toFile())
                .start();
        try {
            assertThat(openssl.waitFor()).isZero();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        kill();
    }
}
