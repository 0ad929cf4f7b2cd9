package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.cli.PyroInProcess;
import dev.pyro.model.Progress;
import dev.pyro.oci.DockerRegistry;
import dev.pyro.oci.TestImage;
import dev.pyro.oci.TestImages;
import dev.pyro.os.HostCommand;
import dev.pyro.os.HostTools;
import dev.pyro.runtime.RuntimeBundles;
import dev.pyro.store.PyroPaths;
import dev.pyro.tar.Tar;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The options, variables and logins for registries, from the command line to a real registry. No guest boots. */
class RegistryCommandsIT {
    private static final Duration BOUND = Duration.ofMinutes(1);
    private static final String WRONG = "quite-wrong";

    @TempDir
    private static Path folder;

    private static DockerRegistry guarded;
    private static DockerRegistry plain;

    @BeforeAll
    static void start() throws IOException {
        // What builds root's file systems runs as an unprivileged user, which must pass through.
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        guarded = DockerRegistry.start(folder.resolve("guarded"), DockerRegistry.Kind.BASIC_TLS);
        plain = DockerRegistry.start(folder.resolve("plain"), DockerRegistry.Kind.ANONYMOUS);
        takeTheSharedKernel();
        TestImages images = new TestImages(folder.resolve("layout"));
        images.add(
                "1",
                TestImage.of(
                        new Tar().file("etc/passwd", "root:x:0:0::/:/bin/sh\n").end()));
        Path certificates = Files.createDirectories(folder.resolve("certificates"));
        Files.copy(guarded.authority(), certificates.resolve("ca.crt"));
        copy(
                images,
                guarded,
                "--dest-cert-dir=" + certificates,
                "--dest-creds=" + DockerRegistry.USER + ":" + DockerRegistry.PASSWORD);
        copy(images, plain, "--dest-tls-verify=false");
    }

    /** Without one, an installation would fetch it from Debian. */
    private static void takeTheSharedKernel() throws IOException {
        Map<String, String> shared = new HashMap<>(System.getenv());
        shared.putAll(new PyroLauncher(folder.resolve("state")).environment());
        new RuntimeBundles(PyroPaths.of(shared), new HostTools(shared), shared).ensure(Progress.Listener.NONE);
        Files.createSymbolicLink(
                Files.createDirectories(folder.resolve("cache")).resolve("runtimes"),
                PyroLauncher.sharedCache().resolve("runtimes"));
    }

    private static void copy(TestImages images, DockerRegistry registry, String... options) {
        List<String> line = new ArrayList<>(List.of("skopeo", "--insecure-policy", "copy", "-q"));
        line.addAll(List.of(options));
        line.addAll(List.of(images.reference("1"), "docker://" + registry.host() + "/team/app:1"));
        HostCommand.of(BOUND, line).runOrFail("push an image");
    }

    @AfterAll
    static void stop() {
        guarded.close();
        plain.close();
    }

    /** A user of the one cache, so that the one image is unpacked once, who has logged in as {@code docker login} does it. */
    private static PyroLauncher user(Function<Path, PyroLauncher> form, String name, String password)
            throws IOException {
        String login = Base64.getEncoder()
                .encodeToString((DockerRegistry.USER + ":" + password).getBytes(StandardCharsets.UTF_8));
        Path home = folder.resolve(name);
        Files.writeString(
                Files.createDirectories(home.resolve(".docker")).resolve("config.json"),
                "{\"auths\":{\"" + guarded.host() + "\":{\"auth\":\"" + login + "\"}}}");
        PyroLauncher pyro = form.apply(home.resolve("state"))
                .with("PYRO_CACHE_DIR", folder.resolve("cache").toString())
                .with("HOME", home.toString());
        for (String variable : List.of("REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "DOCKER_CONFIG")) {
            pyro.with(variable, "");
        }
        return pyro;
    }

    @Test
    void optionsAndALoginLeadToARegistry() throws IOException {
        String image = guarded.host() + "/team/app:1";
        String authority = guarded.authority().toString();
        PyroLauncher pyro = user(PyroInProcess::new, "right", DockerRegistry.PASSWORD);
        assertThat(pyro.fails("REGISTRY_UNAVAILABLE", "env", "pull", image))
                .contains("the certificate of " + guarded.host() + " is not trusted here", "--registry-ca");

        PyroLauncher stranger = user(PyroInProcess::new, "wrong", WRONG);
        assertThat(stranger.fails("REGISTRY_DENIED", "env", "pull", image, "--registry-ca", authority))
                .contains(guarded.host() + " refuses the credentials from ", "/.docker/config.json")
                .doesNotContain(WRONG);

        String digest =
                pyro.json("env", "pull", image, "--registry-ca", authority).string("image_digest");
        assertThat(pyro.json(
                                "env",
                                "pull",
                                "team/app:1",
                                "--registry-ca",
                                authority,
                                "--registry-mirror",
                                "https://" + guarded.host())
                        .string("image_digest"))
                .as("Docker Hub is not asked")
                .isEqualTo(digest);
    }

    @Test
    void variablesLeadToARegistry() throws IOException {
        PyroLauncher pyro = user(PyroLauncher::new, "variables", DockerRegistry.PASSWORD)
                .with("PYRO_REGISTRY_CA", guarded.authority().toString())
                .with("PYRO_REGISTRY_MIRROR", "registry.example=https://" + guarded.host());
        assertThat(pyro.json("env", "pull", "registry.example/team/app:1").string("oci_registry"))
                .isEqualTo("registry.example");

        // Docker's registry takes a question for a proxy as one for itself: a host without TLS that is not this
        // machine's.
        pyro.with("HTTP_PROXY", "http://" + plain.host()).with("NO_PROXY", "");
        assertThat(pyro.json("env", "pull", "plain.example/team/app:1", "--plain-http", "plain.example")
                        .string("oci_registry"))
                .isEqualTo("plain.example");
        pyro.with("PYRO_REGISTRY_MIRROR", "https://user:s3cret@" + guarded.host());
        assertThat(pyro.fails("INVALID_ARGUMENT", "env", "pull", "team/app:1"))
                .contains("***@" + guarded.host())
                .doesNotContain("s3cret");
    }
}
