package dev.pyro.cli.render;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.model.Accelerator;
import dev.pyro.model.DoctorReport;
import dev.pyro.model.DoctorReport.Backend;
import dev.pyro.model.DoctorReport.Capabilities;
import dev.pyro.model.DoctorReport.Kvm;
import dev.pyro.model.DoctorReport.Networking;
import dev.pyro.model.DoctorReport.Tool;
import dev.pyro.model.ExecutionMode;
import dev.pyro.model.Problem;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class DoctorLinesTest {
    @Test
    void aGoodHost() {
        DoctorReport report = new DoctorReport(
                "linux-x86_64",
                true,
                new Kvm(true, true, false),
                Path.of("/cache"),
                new Capabilities(true, true, true),
                new Networking(true, false),
                List.of(new Backend("qemu", ExecutionMode.GUEST_VIRTIO, true, "QEMU runs")),
                "qemu",
                Accelerator.TCG,
                "no KVM",
                List.of(new Tool("passt", "network", "passt", false, true, "1.0", Path.of("/usr/bin/passt"))),
                List.of());
        assertThat(DoctorLines.report(report))
                .containsExactly(
                        "Platform: linux-x86_64",
                        "Runtime: PASS",
                        "KVM: exists=yes readable=yes writable=no",
                        "Environment cache: /cache",
                        "Capabilities: vm_boot=yes guest_exec=yes guest_network=yes",
                        "Networking: tun=yes ip_forward=no",
                        "Accelerator: tcg (no KVM)",
                        "Backend: qemu [usable] guest_virtio: QEMU runs (selected)",
                        "Tool: passt [ok] 1.0 /usr/bin/passt: network");
    }

    @Test
    void aBadHostSaysWhatIsMissingWhatIsBrokenAndWhatToDo() {
        DoctorReport report = new DoctorReport(
                "linux-x86_64",
                false,
                new Kvm(false, false, false),
                Path.of("/cache"),
                new Capabilities(false, false, false),
                new Networking(false, true),
                List.of(new Backend("qemu", ExecutionMode.GUEST_VIRTIO, false, "no QEMU")),
                null,
                null,
                "",
                List.of(
                        new Tool("passt", "network", "passt", false, false, null, null),
                        new Tool("qemu", "guests", "qemu-system-x86", false, false, "4.0", Path.of("/usr/bin/qemu")),
                        new Tool("bwrap", "namespaces", "bubblewrap", false, false, null, Path.of("/usr/bin/bwrap")),
                        new Tool("buildah", "Dockerfiles", "buildah", true, false, null, null)),
                List.of(new Problem("passt is missing", "apt-get install passt")));
        assertThat(DoctorLines.report(report))
                .contains(
                        "Runtime: FAIL",
                        "KVM: exists=no readable=no writable=no",
                        "Capabilities: vm_boot=no guest_exec=no guest_network=no",
                        "Networking: tun=no ip_forward=yes",
                        "Accelerator: none",
                        "Backend: qemu [not usable] guest_virtio: no QEMU",
                        "Tool: passt [missing] package passt: network",
                        "Tool: qemu [problem] 4.0 /usr/bin/qemu: guests",
                        "Tool: bwrap [problem] /usr/bin/bwrap: namespaces",
                        "Tool: buildah [not installed] package buildah: Dockerfiles")
                .endsWith("Issues:", "- passt is missing; apt-get install passt");
    }
}
