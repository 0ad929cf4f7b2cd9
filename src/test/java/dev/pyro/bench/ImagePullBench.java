package dev.pyro.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What it takes to pull an image from a registry on loopback and make an environment of it, against what people would do by hand: skopeo, umoci and
 * mke2fs. Both begin with nothing but the kernel.
 */
final class ImagePullBench {
    private static final String ENVIRONMENT = "debian:12";
    private static final double MIB = 1 << 20;
    private static final int MOST_RUNS = 5;
    private static final long LONGEST_SECONDS = 600;
    private static final long REGISTRY_STARTS_MILLIS = 30_000;

    /** Both sides work as the owner of all ids, in namespaces of their own. */
    private static final String INSIDE = """
            inside() {
                if [ "$(id -u)" = 0 ]; then map=; else map='--user --map-root-user --map-auto'; fi
                unshare $map --mount --pid --fork --kill-child -- sh -euc "$@"
            }
            """;

    /** Three layers of the environment's one, and an image with a fourth. */
    private static final String MAKE_IMAGES = INSIDE + """
            cd "$1"
            skopeo --insecure-policy copy -q --src-tls-verify=false "docker://$2/bench/whole:1" dir:whole
            inside '
                mkdir tree more
                file=$(ls -S whole | head -n 1)
                tar -xzf "whole/$file" --numeric-owner --same-owner --preserve-permissions -C tree
                pack() { tar --numeric-owner --sort=name -C tree "$@"; }
                pack -c --exclude=./usr/lib/x86_64-linux-gnu --exclude=./usr/lib/python3.11 --exclude=./usr/lib/git-core -f 1.tar .
                pack -cf 2.tar ./usr/lib/x86_64-linux-gnu
                pack -cf 3.tar ./usr/lib/python3.11 ./usr/lib/git-core
                head -c 1000000 /dev/urandom >more/random
                tar -C more -cf 4.tar random
                rm -rf tree more whole
            '
            umoci init --layout images
            for image in one:3 two:4; do
                name=${image%:*}
                umoci new --image "images:$name"
                for i in $(seq "${image#*:}"); do umoci raw add-layer --image "images:$name" "$i.tar"; done
                umoci config --image "images:$name" --os linux --architecture amd64
                skopeo --insecure-policy copy -q --preserve-digests --dest-tls-verify=false "oci:images:$name" "docker://$2/bench/$name:1"
            done
            rm -rf images ./*.tar
            """;

    private static final String BY_HAND = INSIDE + """
            cd "$1"
            skopeo --insecure-policy copy -q --src-tls-verify=false "docker://$2/bench/one:1" oci:layout:one
            inside '
                umoci unpack --image layout:one bundle >/dev/null 2>&1
                truncate -s 2G image
                mke2fs -q -F -t ext4 -b 4096 -d bundle/rootfs image
            '
            """;

    private final Path pyro;
    private final int runs;

    ImagePullBench(Path pyro, int runs) {
        this.pyro = pyro;
        this.runs = Math.min(runs, MOST_RUNS);
    }

    List<Row> pull() {
        Path folder = WorkspaceBench.scratch();
        try {
            Files.setPosixFilePermissions(folder, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
            try (Registry registry = Registry.start(folder)) {
                return measure(folder, registry);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            script("rm -rf --one-file-system \"$1\"", folder.toString());
        }
    }

    private List<Row> measure(Path folder, Registry registry) {
        // The kernel lies in the folder of its bundle.
        Path kernel = Path.of(
                reported(launch(Map.of(), "env", "pull", ENVIRONMENT, "--json").output(), "kernel_image"));
        Path runtimes = kernel.resolve("../..").normalize();
        launch(Map.of(), "env", "push", ENVIRONMENT, registry.host() + "/bench/whole:1");
        script(MAKE_IMAGES, folder.toString(), registry.host());
        double[] ours = new double[runs];
        double[] byHand = new double[runs];
        double[] peaks = new double[runs];
        double served = 0;
        for (int i = 0; i <= runs; i++) {
            Path cache = folder.resolve("cache");
            Path work = folder.resolve("work");
            script(
                    "mkdir \"$1\" \"$2\" && ln -s \"$3\" \"$1\"",
                    cache.toString(),
                    work.toString(),
                    runtimes.toString());
            Map<String, String> variables = Map.of("PYRO_CACHE_DIR", cache.toString());
            Launch.Outcome outcome = launch(variables, "env", "pull", registry.host() + "/bench/one:1");
            double seconds = script(BY_HAND, work.toString(), registry.host());
            // The first round only fills the host's own cache of files.
            if (i > 0) {
                ours[i - 1] = outcome.seconds();
                peaks[i - 1] = outcome.peakRssBytes() / MIB;
                byHand[i - 1] = seconds;
            }
            if (i == runs) {
                long before = registry.servedBytes();
                launch(variables, "env", "pull", registry.host() + "/bench/two:1");
                served = (registry.servedBytes() - before) / MIB;
            }
            script(
                    INSIDE + "inside 'rm -rf --one-file-system \"$0\" \"$1\"' \"$1\" \"$2\"",
                    cache.toString(),
                    work.toString());
        }
        return List.of(
                Row.seconds("image-pull", "`env pull` of " + ENVIRONMENT + " in three layers, empty cache", ours, ""),
                Row.seconds("image-pull", "`skopeo copy`, `umoci unpack` and `mke2fs -d`", byHand, ""),
                Row.ratio("image-pull", "ratio", ours, byHand, "≤ 1.5"),
                Row.of("image-pull", "peak resident memory, heap of 128 MiB", peaks, "%.0f MiB", ""),
                Row.of(
                        "image-pull",
                        "served for an image of the same layers and one of 1.0 MiB",
                        new double[] {served},
                        "%.1f MiB",
                        "< 1.5 MiB"));
    }

    private Launch.Outcome launch(Map<String, String> variables, String... arguments) {
        return Launch.start(pyro, variables, List.of(arguments)).finish();
    }

    private static String reported(String json, String key) {
        Matcher matcher = Pattern.compile("\"" + key + "\": *\"([^\"]+)\"").matcher(json);
        if (!matcher.find()) {
            throw new IllegalStateException("no " + key + " in: " + json);
        }
        return matcher.group(1);
    }

    /** Runs a script that must succeed, and returns how many seconds it took. */
    private static double script(String script, String... arguments) {
        List<String> command = new ArrayList<>(List.of("sh", "-euc", script, "sh"));
        command.addAll(List.of(arguments));
        try {
            long start = System.nanoTime();
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(Path.of("/dev/null").toFile())
                    .start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IllegalStateException("a script failed: " + output);
            }
            return (System.nanoTime() - start) / 1e9;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Debian's registry on a free port of the loopback interface. */
    private record Registry(Process process, int port, Path log) implements AutoCloseable {
        private static final Pattern GET_BLOB = Pattern.compile("\"GET /v2/\\S+/blobs/\\S+ HTTP/1\\.1\" 20\\d (\\d+)");

        static Registry start(Path folder) throws IOException {
            int port;
            try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                port = socket.getLocalPort();
            }
            Path configuration =
                    Files.writeString(folder.resolve("registry.yml"), """
                    version: 0.1
                    log:
                      level: warn
                    storage:
                      filesystem:
                        rootdirectory: %s
                    http:
                      addr: 127.0.0.1:%d
                    """.formatted(folder.resolve("registry"), port));
            Path log = folder.resolve("access.log");
            Process process = new ProcessBuilder("docker-registry", "serve", configuration.toString())
                    .redirectOutput(log.toFile())
                    .redirectError(folder.resolve("registry.log").toFile())
                    .start();
            Registry registry = new Registry(process, port, log);
            long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(REGISTRY_STARTS_MILLIS);
            while (!registry.listens()) {
                if (!process.isAlive() || System.nanoTime() > end) {
                    process.destroyForcibly();
                    throw new IllegalStateException(
                            "docker-registry does not run: " + Files.readString(folder.resolve("registry.log")));
                }
                Thread.onSpinWait();
            }
            return registry;
        }

        private boolean listens() {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
                return true;
            } catch (IOException e) {
                return false;
            }
        }

        String host() {
            return "localhost:" + port;
        }

        /** Returns how many bytes of blobs it has sent so far. */
        long servedBytes() {
            try {
                return Files.readAllLines(log).stream()
                        .map(line -> Optional.of(GET_BLOB.matcher(line)).filter(Matcher::find))
                        .mapToLong(match -> match.map(found -> Long.parseLong(found.group(1)))
                                .orElse(0L))
                        .sum();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            process.destroy();
            process.onExit().join();
        }
    }
}
