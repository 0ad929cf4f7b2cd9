package dev.pyro.payload;

import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonArray;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.model.DoctorReport;
import dev.pyro.model.DoctorReport.Backend;
import dev.pyro.model.DoctorReport.Tool;
import dev.pyro.model.Problem;
import java.util.List;
import java.util.function.Function;

/** The payload of {@code doctor}. Stateless. */
public final class DoctorPayloads {
    private DoctorPayloads() {}

    /** The payload of {@code doctor}. */
    public static JsonObject report(DoctorReport report) {
        return JsonObject.builder()
                .put("platform", report.platform())
                .put("runtime_ok", report.runtimeOk())
                .put(
                        "kvm",
                        JsonObject.builder()
                                .put("exists", report.kvm().exists())
                                .put("readable", report.kvm().readable())
                                .put("writable", report.kvm().writable())
                                .build())
                .put(
                        "runtime",
                        JsonObject.builder()
                                .put("cache_dir", report.cacheDir().toString())
                                .put("capabilities", capabilities(report))
                                .build())
                .put(
                        "networking",
                        JsonObject.builder()
                                .put("tun_available", report.networking().tunAvailable())
                                .put("ip_forward_enabled", report.networking().ipForwardEnabled())
                                .build())
                .put(
                        "issues",
                        JsonArray.ofStrings(report.problems().stream()
                                .map(Problem::toString)
                                .toList()))
                .put(
                        "accelerator",
                        report.accelerator() == null
                                ? null
                                : report.accelerator().wireName())
                .put("accelerator_reason", report.accelerationReason())
                .put("backend", report.selectedBackend())
                .put("backends", array(report.backends(), DoctorPayloads::backend))
                .put("tools", array(report.tools(), DoctorPayloads::tool))
                .build();
    }

    private static JsonObject capabilities(DoctorReport report) {
        return JsonObject.builder()
                .put("supports_vm_boot", report.capabilities().supportsVmBoot())
                .put("supports_guest_exec", report.capabilities().supportsGuestExec())
                .put("supports_guest_network", report.capabilities().supportsGuestNetwork())
                .build();
    }

    private static JsonObject backend(Backend backend) {
        return JsonObject.builder()
                .put("name", backend.name())
                .put("execution_mode", backend.executionMode().wireName())
                .put("usable", backend.usable())
                .put("reason", backend.reason())
                .build();
    }

    private static JsonObject tool(Tool tool) {
        return JsonObject.builder()
                .put("name", tool.name())
                .put("purpose", tool.purpose())
                .put("debian_package", tool.debianPackage())
                .put("optional", tool.optional())
                .put("ok", tool.ok())
                .put("version", tool.version())
                .put("path", tool.path() == null ? null : tool.path().toString())
                .build();
    }

    private static <T> JsonArray array(List<T> elements, Function<T, JsonValue> map) {
        return new JsonArray(elements.stream().map(map).toList());
    }
}
