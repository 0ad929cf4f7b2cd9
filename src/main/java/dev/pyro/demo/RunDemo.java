package dev.pyro.demo;

import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.model.CreateVm;
import dev.pyro.model.ExecVm;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.model.VmDeleted;
import dev.pyro.model.VmId;
import dev.pyro.model.VmNetworkInfo;
import dev.pyro.model.VmRun;
import dev.pyro.payload.VmPayloads;
import dev.pyro.sdk.Pyro;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Creates a machine, runs a command in it, and deletes it. With a network it also tries to reach the outside, and reports what came of
 * that: on a host without the outside nothing fails.
 */
public final class RunDemo {
    static final String ENVIRONMENT = "debian:12";
    static final String COMMAND = "git --version";

    private static final String OUTSIDE = "https://example.org/";
    private static final int OUTSIDE_SECONDS = 10;
    private static final int MAX_DETAIL_CHARS = 500;

    /** A demonstration that is killed leaves its machine for no longer than this. */
    private static final Duration TTL = Duration.ofMinutes(1);

    private final Pyro pyro;
    private final CreateVm options;
    private final Progress.Listener progress;

    /**
     * @param network whether the machine may reach the outside
     * @param allowHostCompat whether Linux namespaces may stand in where no guest can be had
     * @param progress hears of the steps
     */
    public RunDemo(Pyro pyro, boolean network, boolean allowHostCompat, Progress.Listener progress) {
        this.pyro = pyro;
        this.options = CreateVm.defaults().withTtl(TTL).withNetwork(network).withAllowHostCompat(allowHostCompat);
        this.progress = progress;
    }

    /** What a command in the machine was, and what is known of its network. */
    private record Visit(
            VmRun run, VmNetworkInfo network, @Nullable JsonObject outbound) {}

    /** Does it, and returns the payload of a run with {@code network_info} and {@code outbound} besides. */
    public JsonObject run() {
        if (pyro.inspectEnvironment(ENVIRONMENT).installation() == null) {
            pyro.pullEnvironment(ENVIRONMENT, progress);
        }
        progress.onProgress(Progress.of("demo", "create", ENVIRONMENT));
        VmId id = pyro.createVm(ENVIRONMENT, options).vmId();
        Visit visit;
        try {
            visit = visit(id);
        } catch (RuntimeException | Error e) {
            deleteAfter(id, e);
            throw e;
        }
        VmDeleted deleted = pyro.deleteVm(id);
        VmRun run = visit.run();
        JsonValue.Builder payload = JsonObject.builder();
        VmPayloads.run(new VmRun(
                        run.vmId(),
                        run.environment(),
                        run.environmentVersion(),
                        run.command(),
                        run.executionMode(),
                        run.result(),
                        new VmRun.Cleanup(deleted.deleted(), deleted.reason())))
                .members()
                .forEach(payload::put);
        return payload.put("network_info", VmPayloads.networkInfo(visit.network()))
                .put("outbound", visit.outbound())
                .build();
    }

    private Visit visit(VmId id) {
        step("start", id);
        pyro.startVm(id);
        VmNetworkInfo network = pyro.networkInfoVm(id);
        step("execute", id);
        VmRun run = pyro.execVm(id, COMMAND, ExecVm.defaults());
        return new Visit(run, network, options.network() ? outbound(id) : null);
    }

    private JsonObject outbound(VmId id) {
        step("outbound", id);
        String command = "curl --silent --show-error --output /dev/null --write-out '%{http_code}' --max-time "
                + OUTSIDE_SECONDS + " " + OUTSIDE;
        VmRun run = pyro.execVm(id, command, ExecVm.defaults());
        boolean reached = run.result().exitCode() == 0;
        String detail = run.result().stderr().strip();
        return JsonObject.builder()
                .put("url", OUTSIDE)
                .put("reached", reached)
                .put("http_status", reached ? run.result().stdout().strip() : null)
                .put("detail", detail.substring(0, Math.min(detail.length(), MAX_DETAIL_CHARS)))
                .put("duration_ms", run.result().duration().toMillis())
                .build();
    }

    private void step(String phase, VmId id) {
        progress.onProgress(Progress.of("demo", phase, id.value()));
    }

    private void deleteAfter(VmId id, Throwable failure) {
        // An interrupted thread cannot wait for the machine's end.
        boolean interrupted = Thread.interrupted();
        try {
            pyro.deleteVm(id);
        } catch (PyroException e) {
            failure.addSuppressed(e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
