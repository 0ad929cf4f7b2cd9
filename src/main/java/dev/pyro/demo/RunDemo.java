package dev.pyro.demo;

import dev.pyro.json.JsonValue;
import dev.pyro.json.JsonValue.JsonObject;
import dev.pyro.model.CreateVm;
import dev.pyro.model.OutputListener;
import dev.pyro.model.Progress;
import dev.pyro.model.RunInVm;
import dev.pyro.model.VmRun;
import dev.pyro.payload.VmPayloads;
import dev.pyro.sdk.Pyro;

/**
 * Runs a command in a machine of its own. With a network it also tries to reach the outside from another one, and reports what came of
 * that: on a host without the outside nothing fails. Whatever happens to this process, no machine stays.
 */
public final class RunDemo {
    static final String ENVIRONMENT = "debian:12";
    static final String COMMAND = "git --version";

    private static final String OUTSIDE = "https://example.org/";
    private static final int OUTSIDE_SECONDS = 10;
    private static final int MAX_DETAIL_CHARS = 500;

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
        this.options = CreateVm.defaults().withNetwork(network).withAllowHostCompat(allowHostCompat);
        this.progress = progress;
    }

    /** Does it, and returns the payload of a run with {@code network_enabled} and {@code outbound} besides. */
    public JsonObject run() {
        JsonValue.Builder payload = JsonObject.builder();
        VmPayloads.run(runInVm(COMMAND)).members().forEach(payload::put);
        return payload.put("network_enabled", options.network())
                .put("outbound", options.network() ? outbound() : null)
                .build();
    }

    private VmRun runInVm(String command) {
        return pyro.runInVm(
                ENVIRONMENT,
                command,
                RunInVm.defaults().withMachine(options),
                OutputListener.NONE,
                step -> progress.onProgress(
                        new Progress("demo", step.phase(), step.subject(), step.fraction(), step.detail())));
    }

    private JsonObject outbound() {
        VmRun run = runInVm("curl --silent --show-error --output /dev/null --write-out '%{http_code}' --max-time "
                + OUTSIDE_SECONDS + " " + OUTSIDE);
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
}
