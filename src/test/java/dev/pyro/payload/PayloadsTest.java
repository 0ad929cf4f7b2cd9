package dev.pyro.payload;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.json.Json;
import dev.pyro.json.JsonReader;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.model.Accelerator;
import dev.pyro.model.DoctorReport;
import dev.pyro.model.Environment;
import dev.pyro.model.Environment.Installation;
import dev.pyro.model.ExecResult;
import dev.pyro.model.ExecutionMode;
import dev.pyro.model.Problem;
import dev.pyro.model.PrunedEnvironments;
import dev.pyro.model.PrunedEnvironments.Deleted;
import dev.pyro.model.PushedEnvironment;
import dev.pyro.model.ReapedVms;
import dev.pyro.model.Vm;
import dev.pyro.model.VmDeleted;
import dev.pyro.model.VmId;
import dev.pyro.model.VmNetworkInfo;
import dev.pyro.model.VmRun;
import dev.pyro.model.VmState;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Holds the payloads to the field lists of the interface contract. */
class PayloadsTest {
    private static final VmId ID = new VmId("vm-0123456789ab");

    private static void assertHasFields(JsonObject payload, String... fields) {
        assertThat(payload.members().keySet()).contains(fields);
    }

    @Test
    void run() {
        JsonObject payload = VmPayloads.run(new VmRun(
                ID,
                "debian:12",
                "1",
                "true",
                ExecutionMode.GUEST_VIRTIO,
                new ExecResult("o", "e", 3, Duration.ofMillis(1234), true, false, true),
                new VmRun.Cleanup(true, "run_finished")));
        assertThat(Json.write(payload))
                .isEqualTo("{\"cleanup\":{\"deleted\":true,\"reason\":\"run_finished\"},\"command\":\"true\","
                        + "\"duration_ms\":1234,\"environment\":\"debian:12\",\"environment_version\":\"1\","
                        + "\"execution_mode\":\"guest_virtio\",\"exit_code\":3,\"stderr\":\"e\","
                        + "\"stderr_truncated\":true,\"stdout\":\"o\",\"stdout_truncated\":false,"
                        + "\"timed_out\":true,\"vm_id\":\"vm-0123456789ab\"}");
    }

    @Test
    void vm() {
        JsonObject payload = VmPayloads.vm(new Vm(
                ID,
                "debian:12",
                VmState.CREATED,
                1,
                1024,
                Duration.ofMinutes(10),
                Instant.ofEpochSecond(100),
                Instant.ofEpochSecond(700),
                false,
                null,
                Map.of("k", "v")));
        assertThat(Json.write(payload))
                .isEqualTo("{\"created_at\":100,\"environment\":\"debian:12\",\"execution_mode\":null,"
                        + "\"expires_at\":700,\"mem_mib\":1024,\"metadata\":{\"k\":\"v\"},\"network_enabled\":false,"
                        + "\"state\":\"created\",\"ttl_seconds\":600,\"vcpu_count\":1,\"vm_id\":\"vm-0123456789ab\"}");
        assertHasFields(VmPayloads.deleted(new VmDeleted(ID, true, "x")), "vm_id", "deleted", "reason");
        assertHasFields(VmPayloads.reaped(new ReapedVms(List.of(ID))), "deleted_vm_ids", "count");
        assertHasFields(
                VmPayloads.networkInfo(new VmNetworkInfo(ID, true, "10.0.2.15", "10.0.2.2", true)),
                "vm_id",
                "network_enabled",
                "guest_ip",
                "gateway",
                "outbound_connectivity_expected");
    }

    @Test
    void environments() {
        Environment absent =
                new Environment("debian:12", "1", "d", "debian", "12", List.of("git"), Path.of("/cache"), null, null);
        String[] fields = {
            "name",
            "version",
            "description",
            "distribution",
            "distribution_version",
            "default_packages",
            "installed",
            "cache_dir",
            "install_dir",
            "install_manifest",
            "kernel_image",
            "rootfs_image",
            "oci_registry",
            "oci_repository",
            "oci_reference",
            "source",
            "digest",
            "image_digest",
            "size_bytes"
        };
        assertHasFields(EnvironmentPayloads.environment(absent), fields);
        assertThat(new JsonReader(EnvironmentPayloads.environment(absent)).bool("installed"))
                .isFalse();
        Installation installation = new Installation(
                Path.of("/cache/x"),
                Path.of("/cache/x/e"),
                null,
                Path.of("/cache/x/r"),
                "oci",
                "sha256:1",
                5,
                "sha256:2");
        Environment installed = new Environment(
                "debian:12",
                "1",
                "d",
                "debian",
                "12",
                List.of("git"),
                Path.of("/cache"),
                installation,
                new Environment.Registry("localhost:5000", "team/app", "1"));
        JsonReader reader = new JsonReader(EnvironmentPayloads.environment(installed));
        assertHasFields(reader.object(), fields);
        assertThat(reader.string("rootfs_image")).isEqualTo("/cache/x/r");
        assertThat(reader.number("size_bytes")).isEqualTo(5);
        assertThat(reader.nullableString("kernel_image")).isNull();
        assertThat(reader.string("oci_registry")).isEqualTo("localhost:5000");
        assertThat(reader.string("oci_repository")).isEqualTo("team/app");
        assertThat(reader.string("oci_reference")).isEqualTo("1");
        assertThat(reader.string("image_digest")).isEqualTo("sha256:2");
        JsonReader pruned = new JsonReader(EnvironmentPayloads.pruned(new PrunedEnvironments(
                true,
                List.of(new Deleted(Path.of("/a"), 3)),
                1,
                2,
                4,
                true,
                List.of(new Deleted(Path.of("/t"), 5)),
                12)));
        assertHasFields(
                pruned.object(),
                "count",
                "deleted_environment_dirs",
                "deleted_environment_bytes",
                "deleted_images",
                "deleted_blobs",
                "deleted_blob_bytes",
                "blobs_skipped",
                "deleted_templates",
                "deleted_template_bytes",
                "freed_bytes",
                "dry_run");
        assertThat(pruned.strings("deleted_environment_dirs")).containsExactly("/a");
        assertThat(pruned.number("deleted_blob_bytes")).isEqualTo(4);
        assertThat(pruned.bool("blobs_skipped")).isTrue();
        assertThat(pruned.bool("dry_run")).isTrue();
    }

    @Test
    void pushed() {
        JsonReader payload = new JsonReader(EnvironmentPayloads.pushed(
                new PushedEnvironment("debian:12", "localhost:5000/a:1", "sha256:tree", "sha256:image", 5, 3)));
        assertThat(payload.string("environment")).isEqualTo("debian:12");
        assertThat(payload.string("reference")).isEqualTo("localhost:5000/a:1");
        assertThat(payload.string("digest")).isEqualTo("sha256:tree");
        assertThat(payload.string("image_digest")).isEqualTo("sha256:image");
        assertThat(payload.number("size_bytes")).isEqualTo(5);
        assertThat(payload.number("uploaded_bytes")).isEqualTo(3);
    }

    @Test
    void doctor() {
        JsonReader payload = new JsonReader(DoctorPayloads.report(new DoctorReport(
                "linux-x86_64",
                true,
                new DoctorReport.Kvm(true, true, false),
                Path.of("/cache"),
                new DoctorReport.Capabilities(true, true, false),
                new DoctorReport.Networking(true, false),
                List.of(new DoctorReport.Backend("qemu", ExecutionMode.GUEST_VIRTIO, true, "r")),
                "qemu",
                Accelerator.TCG,
                "no KVM",
                List.of(new DoctorReport.Tool("passt", "p", "passt", false, false, null, null)),
                List.of(new Problem("passt is missing", "install it")))));
        assertHasFields(payload.object(), "platform", "runtime_ok", "kvm", "runtime", "networking", "issues");
        assertHasFields(payload.object("kvm").object(), "exists", "readable", "writable");
        assertHasFields(payload.object("runtime").object(), "cache_dir", "capabilities");
        assertHasFields(
                payload.object("runtime").object("capabilities").object(),
                "supports_vm_boot",
                "supports_guest_exec",
                "supports_guest_network");
        assertHasFields(payload.object("networking").object(), "tun_available", "ip_forward_enabled");
        assertThat(payload.strings("issues")).containsExactly("passt is missing; install it");
        assertThat(payload.string("accelerator")).isEqualTo("tcg");
    }
}
