package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.pyro.LocalPyro;
import dev.pyro.e2e.PyroLauncher.Outcome;
import dev.pyro.e2e.PyroLauncher.Running;
import dev.pyro.json.JsonReader;
import dev.pyro.model.Environment;
import dev.pyro.model.Progress;
import dev.pyro.oci.DockerRegistry;
import dev.pyro.os.Host;
import dev.pyro.os.HostCommand;
import dev.pyro.sdk.Pyro;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Environments from images as people meet them: a registry, images that people's programs made, and two hosts' caches. */
class ImageEndToEndIT {
    private static final Duration BOUND = Duration.ofMinutes(2);
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String BASE = "debian:12-base";

    /** A small system, and the same image in each of the forms that there are. */
    private static final String MAKE_IMAGES = """
            mkdir -p root/bin root/etc root/tmp root/srv root/proc root/dev
            cp "$(command -v busybox)" root/bin/busybox
            for name in sh cat echo id pwd sleep ls mkdir; do ln -s busybox "root/bin/$name"; done
            printf 'root:x:0:0::/:/bin/sh\\napp:x:1000:1000::/srv:/bin/sh\\n' >root/etc/passwd
            printf 'root:x:0:\\napp:x:1000:\\n' >root/etc/group
            tar --owner=0 --group=0 --mtime=@1600000000 -C root -cf base.tar .
            mkdir -p more/srv && echo hello >more/srv/hello
            tar --owner=1000 --group=1000 --mtime=@1600000001 -C more -cf more.tar ./srv
            umoci init --layout app
            umoci new --image app:1
            umoci raw add-layer --image app:1 base.tar
            umoci raw add-layer --image app:1 more.tar
            umoci config --image app:1 --os linux --architecture amd64 --config.user app \
                --config.env GREETING=hello --config.env PATH=/bin --config.workingdir /srv
            umoci new --image app:2
            umoci raw add-layer --image app:2 base.tar
            umoci config --image app:2 --os linux --architecture amd64 --config.env PATH=/bin
            copy() { skopeo --insecure-policy copy -q --dest-tls-verify=false "$@"; }
            copy --preserve-digests oci:app:1 docker://$HOST/team/app:1
            copy --preserve-digests oci:app:2 docker://$HOST/team/app:2
            copy --format v2s2 oci:app:1 docker://$HOST/team/docker:1
            copy --dest-compress --dest-compress-format zstd oci:app:1 dir:plain
            copy --dest-compress --dest-compress-format zstd dir:plain dir:zstd
            copy --preserve-digests dir:zstd docker://$HOST/team/zstd:1
            copy oci:app:1 docker-archive:app.tar:team/app:1
            """;

    @TempDir
    private static Path folder;

    private static DockerRegistry registry;
    private static Map<String, String> elsewhere;

    private @Nullable PyroLauncher pyro;

    @BeforeAll
    static void makeImages() throws IOException {
        // Root's QEMU runs as an unprivileged user, which must pass through.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        registry = DockerRegistry.start(folder.resolve("registry"), DockerRegistry.Kind.ANONYMOUS);
        new HostCommand(
                        List.of("sh", "-euc", MAKE_IMAGES),
                        folder,
                        Map.of("HOST", registry.host(), "XDG_RUNTIME_DIR", folder.toString()),
                        BOUND)
                .runOrFail("make images");
        putList();
        elsewhere = otherHost();
    }

    @AfterAll
    static void stop() {
        registry.close();
    }

    @AfterEach
    void nothingIsLeft() {
        PyroLauncher used = pyro;
        if (used != null) {
            used.awaitNothingLeft();
        }
    }

    /** A list for three platforms, of which the right one is neither the first nor the last. */
    private static void putList() throws IOException {
        String entry =
                "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d,\"platform\":{\"os\":\"linux\",\"architecture\":\"%s\"}}";
        String type = "application/vnd.oci.image.manifest.v1+json";
        HttpResponse<String> manifest = http("GET", "team/app/manifests/1", type, "");
        String digest = manifest.headers().firstValue("Docker-Content-Digest").orElseThrow();
        HttpResponse<String> other = http("GET", "team/app/manifests/2", type, "");
        String otherDigest = other.headers().firstValue("Docker-Content-Digest").orElseThrow();
        String list = "{\"schemaVersion\":2,\"manifests\":["
                + entry.formatted(type, otherDigest, other.body().length(), "arm64") + ","
                + entry.formatted(type, digest, manifest.body().length(), "amd64") + ","
                + entry.formatted(type, otherDigest, other.body().length(), "s390x") + "]}";
        assertThat(http("PUT", "team/app/manifests/list", "application/vnd.oci.image.index.v1+json", list)
                        .statusCode())
                .isEqualTo(201);
    }

    private static HttpResponse<String> http(String method, String path, String type, String body) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + registry.host() + "/v2/" + path))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .header(method.equals("GET") ? "Accept" : "Content-Type", type)
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The variables of a host that has kernels, so that nothing is fetched from anywhere else, and no environment. */
    private static Map<String, String> otherHost() throws IOException {
        Path cache = Files.createDirectory(cache());
        Files.setPosixFilePermissions(cache, PosixFilePermissions.fromString("rwxr-xr-x"));
        new PyroLauncher(folder.resolve("state")).ok("env", "pull", BASE);
        // A copy would not be taken for what was made.
        Files.createSymbolicLink(
                cache.resolve("runtimes"), PyroLauncher.sharedCache().resolve("runtimes"));
        return Map.of(
                "PYRO_CACHE_DIR",
                cache.toString(),
                "PYRO_STATE_DIR",
                folder.resolve("other").toString());
    }

    private PyroLauncher onOtherHost() {
        PyroLauncher there = new PyroLauncher(folder.resolve("other")).with("PYRO_CACHE_DIR", cache().toString());
        pyro = there;
        return there;
    }

    private static Environment pull(String name) {
        Pyro facade = LocalPyro.open(elsewhere);
        return facade.pullEnvironment(name, Progress.Listener.NONE);
    }

    private static String digest(Environment environment) {
        return Objects.requireNonNull(environment.installation()).digest();
    }

    @Test
    void whatOneHostPushesAnotherOnePullsAsTheSame() {
        PyroLauncher here = new PyroLauncher(folder.resolve("state"));
        String reference = registry.host() + "/pyro/" + BASE;
        JsonReader pushed = here.json("env", "push", BASE, reference);
        assertThat(pushed.string("reference")).isEqualTo(reference);
        assertThat(pushed.number("uploaded_bytes"))
                .isEqualTo(pushed.number("size_bytes"))
                .isPositive();

        PyroLauncher there = onOtherHost().with("PYRO_ENV_REGISTRY", registry.host() + "/pyro");
        JsonReader pulled = there.json("env", "pull", BASE);

        assertThat(pulled.string("digest")).isEqualTo(pushed.string("digest"));
        assertThat(pulled.string("image_digest")).isEqualTo(pushed.string("image_digest"));
        assertThat(pulled.string("name")).isEqualTo(BASE);
        assertThat(pulled.string("source")).isEqualTo("oci");
        assertThat(pulled.string("oci_registry")).isEqualTo(registry.host());
        assertThat(pulled.string("oci_repository")).isEqualTo("pyro/debian");
        assertThat(pulled.string("oci_reference")).isEqualTo("12-base");
        assertThat(there.fails("IMAGE_NOT_FOUND", "env", "pull", "debian:12-build"))
                .contains("PYRO_ENV_REGISTRY");

        // The layer is in the other host's store, and the registry has it.
        String again = there.ok("env", "push", BASE, registry.host() + "/pyro/copy");
        assertThat(again)
                .contains("Pushed: " + BASE + " to " + registry.host() + "/pyro/copy:latest", "Image digest: ");
        assertThat(there.fails("INVALID_ARGUMENT", "env", "push", BASE, reference + "@" + pushed.string("digest")))
                .contains("tag");
        assertThat(there.fails("UNKNOWN_ENVIRONMENT", "env", "push", "debian:12-build", reference))
                .contains("pyro env pull debian:12-build");
    }

    @Test
    void allFormsOfAnImageAreTheSameEnvironment() {
        String app = registry.host() + "/team/app:";
        String expected = digest(pull("oci:" + folder.resolve("app") + ":1"));
        for (String name : List.of(
                app + "1",
                app + "list",
                registry.host() + "/team/docker:1",
                registry.host() + "/team/zstd:1",
                "docker-archive:" + folder.resolve("app.tar"))) {
            assertThat(digest(pull(name))).as(name).isEqualTo(expected);
        }
    }

    @Test
    void anImageRunsAsItsAuthorMeantIt() {
        Outcome outcome = onOtherHost()
                .run(
                        "run",
                        registry.host() + "/team/app:1",
                        "--",
                        "sh",
                        "-c",
                        "echo $GREETING $(id -un) $(pwd) $(cat hello)");
        assertThat(outcome.stdout()).as(outcome.stderr()).isEqualTo("hello app /srv hello\n");
    }

    @Test
    void aDockerfileBecomesAnEnvironmentAndTheBaseOfAnother() throws IOException {
        PyroLauncher there = onOtherHost();
        Path context = Files.createDirectory(folder.resolve("tools"));
        Files.writeString(context.resolve("file"), "of the folder");
        Files.writeString(context.resolve("Dockerfile"), """
                FROM %s/team/app:2
                COPY file /file
                RUN echo made >/made
                LABEL a=b
                """.formatted(registry.host()));
        String built = there.ok("env", "build", context.toString());
        assertThat(built).contains("Built: tools\n", "Source: dockerfile\n");

        Files.writeString(context.resolve("Second"), """
                ARG BASE=nothing
                FROM ${BASE}
                ARG WORD
                RUN cat /file /made >/both && echo $WORD >>/both
                """);
        JsonReader second = there.json(
                "env",
                "build",
                "-f",
                context.resolve("Second").toString(),
                "-t",
                "tools:2",
                "--build-arg",
                "BASE=tools",
                "--build-arg",
                "WORD=word",
                context.toString());
        assertThat(HostCommand.of(
                                BOUND,
                                List.of(
                                        Host.findProgram("debugfs")
                                                .orElseThrow()
                                                .toString(),
                                        "-R",
                                        "cat /both",
                                        second.string("rootfs_image")))
                        .run()
                        .output())
                .endsWith("of the foldermade\nword\n");

        Files.writeString(context.resolve("Bad"), "FROM tools\nRUN echo last words; exit 7\n");
        assertThat(there.fails(
                        "IMAGE_BUILD_FAILED",
                        "env",
                        "build",
                        "-f",
                        context.resolve("Bad").toString(),
                        "-t",
                        "tools:2",
                        context.toString()))
                .contains("last words", "exit 7");
        assertThat(there.json("env", "inspect", "tools:2").string("digest")).isEqualTo(second.string("digest"));
        assertThat(staging()).isEmptyDirectory();
    }

    private static Path cache() {
        return folder.resolve("cache");
    }

    private static Path staging() {
        return cache().resolve("staging");
    }

    @Test
    void aBuildThatIsKilledOrCancelledLeavesNothing() throws Exception {
        PyroLauncher there = onOtherHost();
        Path context = Files.createDirectory(folder.resolve("slow"));
        Files.writeString(
                context.resolve("Dockerfile"), "FROM %s/team/app:2\nRUN sleep 600\n".formatted(registry.host()));
        for (String signal : List.of("KILL", "INT")) {
            Running running = there.start("env", "build", context.toString());
            await().atMost(BOUND)
                    .until(() -> running.err().toString(StandardCharsets.UTF_8).contains("RUN sleep 600"));
            running.signal(signal);
            assertThat(running.await(SOON).exitCode()).isNotZero();
            await().atMost(SOON)
                    .until(() -> ProcessHandle.allProcesses()
                            .noneMatch(process -> process.info()
                                    .commandLine()
                                    .orElse("")
                                    .contains(staging().toString())));
        }
        // The second one has deleted what the first one could not.
        assertThat(staging()).isEmptyDirectory();
        assertThat(there.ok("env", "list")).doesNotContain("slow");
    }

    @Test
    void withoutBuildahItIsSaidWhatIsMissing() throws IOException {
        assumeThat(Host.isRoot()).as("only root can hide a program").isTrue();
        Path context = Files.createDirectory(folder.resolve("hidden"));
        Files.writeString(context.resolve("Dockerfile"), "FROM scratch\n");
        PyroLauncher there = onOtherHost().with("PYRO_NO_INSTALL", "1");
        Outcome outcome = there.startProgram(List.of(
                        "unshare",
                        "--mount",
                        "sh",
                        "-c",
                        "mount --bind /dev/null \"$(command -v buildah)\" && exec \"$@\"",
                        "sh",
                        PyroLauncher.PROJECT.resolve("pyro").toString(),
                        "env",
                        "build",
                        context.toString()))
                .await();
        assertThat(outcome.exitCode()).isEqualTo(1);
        assertThat(outcome.stderr())
                .contains("buildah (builds environments from Dockerfiles)", "apt-get install", "buildah");
    }
}
