package dev.pyro.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.model.Progress;
import dev.pyro.os.HostCommand;
import dev.pyro.store.PyroPaths;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Fetches Debian's real kernel package. */
@Timeout(600)
class RuntimeBundlesIT {
    private static final String KERNEL = "linux-image-cloud-amd64";
    private static final AgentProgram AGENT = AgentProgram.of("not run here".getBytes(StandardCharsets.US_ASCII));

    @TempDir
    private Path folder;

    @Test
    void fetchesDebiansKernelAndFindsItAgain() throws IOException {
        PyroPaths paths = new PyroPaths(folder.resolve("cache"), folder.resolve("state"));
        RuntimeBundles bundles = new RuntimeBundles(
                paths, AGENT, null, List.of(new DebianCloudKernel()), listener -> Path.of("/bin/busybox"));
        List<String> phases = new ArrayList<>();

        RuntimeBundle built = bundles.ensure(progress -> phases.add(progress.operation() + " " + progress.phase()));

        assertThat(phases).contains("setup kernel", "setup initramfs").last().isEqualTo("setup initramfs");
        assertThat(built.kernelRelease()).endsWith("-cloud-amd64");
        assertThat(ElfFile.parse(Files.readAllBytes(built.kernel())).hasPvhEntry())
                .isTrue();
        assertThat(new InitramfsReader(built.initramfs()).text("modules/order").lines())
                .containsSubsequence("virtio_ring.ko", "virtio.ko", "virtio_mmio.ko")
                .containsSubsequence("virtio.ko", "virtio_blk.ko")
                .containsSubsequence("virtio.ko", "virtio_console.ko")
                .containsSubsequence("failover.ko", "net_failover.ko", "virtio_net.ko")
                .contains("virtio-rng.ko")
                .doesNotContain("ext4.ko");
        try (Stream<Path> left = Files.list(paths.staging())) {
            assertThat(left).isEmpty();
        }

        List<Progress> heard = new ArrayList<>();
        assertThat(bundles.ensure(heard::add)).isEqualTo(built);
        assertThat(heard).isEmpty();
    }

    @Test
    void fetchesPackageListsOfItsOwnWhenTheHostHasNone() throws IOException {
        Path state = Files.createDirectories(folder.resolve("apt"));
        Files.createDirectories(state.resolve("lists/partial"));
        Files.createDirectories(state.resolve("cache/archives/partial"));
        AptCommands apt = new AptCommands(state);
        assertThat(HostCommand.of(Duration.ofMinutes(1), apt.show(KERNEL)).run().exitCode())
                .isNotZero();

        HostCommand.of(Duration.ofMinutes(5), apt.update()).run();

        String record = HostCommand.of(Duration.ofMinutes(1), apt.show(KERNEL)).runOrFail("find the kernel's package");
        assertThat(DebianCloudKernel.parseDependency(record)).isPresent();
        // The package that only names the kernel's is a few kilobytes, and fetched the same way.
        new HostCommand(apt.download(KERNEL), folder, Map.of(), Duration.ofMinutes(10)).runOrFail("fetch a package");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).anyMatch(file -> file.toString().endsWith(".deb"));
        }
    }
}
