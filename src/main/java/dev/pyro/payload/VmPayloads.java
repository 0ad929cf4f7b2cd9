package dev.pyro.payload;

import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.json.JsonValue.JsonString;
import dev.pyro.model.ExecResult;
import dev.pyro.model.ReapedVms;
import dev.pyro.model.Vm;
import dev.pyro.model.VmDeleted;
import dev.pyro.model.VmNetworkInfo;
import dev.pyro.model.VmRun;
import java.util.Map;
import java.util.stream.Collectors;

/** The payloads about virtual machines. Stateless. */
public final class VmPayloads {
    private VmPayloads() {}

    /** The payload of {@code run}, {@code vm_run} and {@code vm_exec}. */
    public static JsonObject run(VmRun run) {
        JsonValue.Builder builder = JsonObject.builder()
                .put("vm_id", run.vmId().value())
                .put("environment", run.environment())
                .put("environment_version", run.environmentVersion())
                .put("command", run.command())
                .put("execution_mode", run.executionMode().wireName())
                .put(
                        "cleanup",
                        JsonObject.builder()
                                .put("deleted", run.cleanup().deleted())
                                .put("reason", run.cleanup().reason())
                                .build());
        result(builder, run.result());
        return builder.build();
    }

    /** The payload of {@code vm_create}, {@code vm_start}, {@code vm_stop} and {@code vm_status}. */
    public static JsonObject vm(Vm vm) {
        return JsonObject.builder()
                .put("vm_id", vm.vmId().value())
                .put("environment", vm.environment())
                .put("state", vm.state().wireName())
                .put("vcpu_count", vm.vcpuCount())
                .put("mem_mib", vm.memMib())
                .put("ttl_seconds", vm.ttl().toSeconds())
                .put("created_at", vm.createdAt().getEpochSecond())
                .put("expires_at", vm.expiresAt().getEpochSecond())
                .put("network_enabled", vm.networkEnabled())
                .put(
                        "execution_mode",
                        vm.executionMode() == null ? null : vm.executionMode().wireName())
                .put("metadata", strings(vm.metadata()))
                .build();
    }

    /** The payload of {@code vm_delete}. */
    public static JsonObject deleted(VmDeleted deleted) {
        return JsonObject.builder()
                .put("vm_id", deleted.vmId().value())
                .put("deleted", deleted.deleted())
                .put("reason", deleted.reason())
                .build();
    }

    /** The payload of {@code vm_network_info}. */
    public static JsonObject networkInfo(VmNetworkInfo info) {
        return JsonObject.builder()
                .put("vm_id", info.vmId().value())
                .put("network_enabled", info.networkEnabled())
                .put("guest_ip", info.guestIp())
                .put("gateway", info.gateway())
                .put("outbound_connectivity_expected", info.outboundConnectivityExpected())
                .build();
    }

    /** The payload of {@code vm_reap_expired}. */
    public static JsonObject reaped(ReapedVms reaped) {
        return JsonObject.builder()
                .put(
                        "deleted_vm_ids",
                        JsonArray.ofStrings(reaped.deletedVmIds().stream()
                                .map(id -> id.value())
                                .toList()))
                .put("count", reaped.deletedVmIds().size())
                .build();
    }

    /** Sets the fields of how a command ended. */
    static void result(JsonValue.Builder builder, ExecResult result) {
        builder.put("stdout", result.stdout())
                .put("stderr", result.stderr())
                .put("exit_code", result.exitCode())
                .put("duration_ms", result.duration().toMillis())
                .put("timed_out", result.timedOut())
                .put("stdout_truncated", result.stdoutTruncated())
                .put("stderr_truncated", result.stderrTruncated());
    }

    /** Returns an object of strings. */
    static JsonObject strings(Map<String, String> map) {
        return new JsonObject(map.entrySet().stream()
                .collect(Collectors.toMap(
                        entry -> ByteText.visible(entry.getKey()),
                        entry -> new JsonString(ByteText.visible(entry.getValue())))));
    }
}
