package dev.pyro.workspace;

import dev.pyro.agent.AgentJobs;
import dev.pyro.agent.JobName;
import dev.pyro.agent.StartJob;
import dev.pyro.model.Arguments;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.NetworkPolicy;
import dev.pyro.model.OutputListener;
import dev.pyro.model.OutputListener.Stream;
import dev.pyro.model.PyroException;
import dev.pyro.model.ReadServiceLogs;
import dev.pyro.model.Readiness;
import dev.pyro.model.Service;
import dev.pyro.model.ServiceEnd;
import dev.pyro.model.ServiceList;
import dev.pyro.model.ServiceLogs;
import dev.pyro.model.StartService;
import dev.pyro.model.WorkspaceId;
import dev.pyro.os.InterruptAtShutdown;
import dev.pyro.store.InterProcessLock;
import dev.pyro.workspace.ServiceLedger.Known;
import dev.pyro.workspace.ServiceOutput.Part;
import dev.pyro.workspace.ServiceRecord.Settings;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** Commands that workspaces keep running. Safe for use by several threads and processes. */
public final class WorkspaceServices {
    /** Between asking a service to end and killing it. */
    static final Duration STOP_GRACE = Duration.ofSeconds(10);

    private final WorkspaceAccess access;
    private final ServiceLedger ledger;

    public WorkspaceServices(WorkspaceContext context) {
        this.access = context.workspaces();
        this.ledger = access.services();
    }

    /** Starts a service and returns when it is ready. */
    public Service start(WorkspaceId id, String name, String command, StartService options) {
        Service.requireName(name);
        Arguments.command(command);
        WorkspaceRecord workspace = access.store().get(id);
        access.requireRunning(workspace);
        if (!options.publishedPorts().isEmpty()) {
            requirePublishing(workspace);
        }
        Secrets secrets = access.secrets(workspace);
        SecretMask mask = secrets.mask();
        StartService resolved = resolved(options);
        StartJob job = CommandSettings.of(workspace)
                .service(name, command, resolved, secrets.environment(options.secretEnv()));
        access.store().touch(id, access.clock().instant());
        try (InterruptAtShutdown _ = new InterruptAtShutdown()) {
            new ServicePorts(access, ledger).claim(id, resolved.publishedPorts());
            return new ServiceStart(access, ledger, id, name, resolved).run(shown(command, resolved, mask), job, mask);
        } catch (PyroException e) {
            throw mask.failure(access.explain(workspace, e));
        } finally {
            access.store().touch(id, access.clock().instant());
        }
    }

    private static StartService resolved(StartService options) {
        return options.withCwd(GuestPaths.absolute(options.cwd()))
                .withReadiness(
                        options.readiness() instanceof Readiness.FileExists(String path)
                                ? new Readiness.FileExists(GuestPaths.absolute(path))
                                : options.readiness());
    }

    private static Settings shown(String command, StartService options, SecretMask mask) {
        String target = options.readiness().target();
        return new Settings(
                mask.text(command),
                mask.text(options.cwd()),
                new Service.Probe(
                        options.readiness().type(),
                        target == null ? null : mask.text(target),
                        options.readyTimeout(),
                        options.readyInterval()));
    }

    private static void requirePublishing(WorkspaceRecord workspace) {
        NetworkPolicy policy = workspace.origin().networkPolicy();
        if (policy != NetworkPolicy.EGRESS_PUBLISHED_PORTS) {
            throw new PyroException(
                    ErrorCode.NETWORK_POLICY_FORBIDS,
                    "workspace " + workspace.id() + " has the network policy " + policy.wireName()
                            + " and publishes no ports: create one with --network-policy "
                            + NetworkPolicy.EGRESS_PUBLISHED_PORTS.wireName());
        }
    }

    /** Returns all services, those too that have ended. */
    public ServiceList list(WorkspaceId id) {
        WorkspaceRecord workspace = access.store().get(id);
        return new ServiceList(
                id,
                settled(workspace).stream()
                        .map(known -> ServiceLedger.view(workspace, known))
                        .toList());
    }

    /** Returns what a service is now. */
    public Service status(WorkspaceId id, String name) {
        WorkspaceRecord workspace = access.store().get(id);
        return ServiceLedger.view(workspace, require(workspace, name));
    }

    /** Ends a service with all that it started; does nothing when it has ended. */
    public Service stop(WorkspaceId id, String name) {
        WorkspaceRecord workspace = access.store().get(id);
        Known known = require(workspace, name);
        if (known.record().hasEnded()) {
            return ServiceLedger.view(workspace, known);
        }
        access.withAgent(workspace, client -> end(client.jobs(), name));
        return explained(workspace, () -> {
            try (InterProcessLock _ = ledger.lock(id)) {
                Known now = find(workspace, name);
                // One that was being started would be written down by its starter, which may take a moment more.
                return ServiceLedger.view(
                        workspace, now.isStarting() && !now.isRunning() ? ended(workspace, now) : now);
            }
        });
    }

    private static boolean end(AgentJobs jobs, String name) {
        try {
            jobs.stop(JobName.service(name), STOP_GRACE, false);
            return true;
        } catch (PyroException e) {
            if (!ServiceLedger.isUnknown(e)) {
                throw e;
            }
            // Its starter has not come that far, or has removed it.
            return false;
        }
    }

    private Known ended(WorkspaceRecord workspace, Known known) {
        access.running(workspace)
                .ifPresent(
                        machine -> ServiceLedger.release(machine, known.record().ports()));
        return Known.ended(ledger.end(workspace, known.record(), ServiceEnd.STOP_REQUESTED, known.job()));
    }

    /** Returns what a service wrote, the end of it. */
    public ServiceLogs logs(WorkspaceId id, String name, ReadServiceLogs options) {
        WorkspaceRecord workspace = access.store().get(id);
        Known known = require(workspace, name);
        ServiceOutput output = isInGuest(workspace, known)
                ? access.withAgent(workspace, client -> read(client.jobs(), workspace, name))
                : ServiceOutput.kept(ledger.store(workspace), name);
        Part stdout = output.part(Stream.STDOUT).tail(options.tailLines());
        Part stderr = output.part(Stream.STDERR).tail(options.tailLines());
        return new ServiceLogs(
                ServiceLedger.view(workspace, known),
                stdout.text(),
                stderr.text(),
                options.tailLines(),
                stdout.cut() || stderr.cut());
    }

    private ServiceOutput read(AgentJobs jobs, WorkspaceRecord workspace, String name) {
        try {
            return ServiceOutput.of(jobs, name, access.secrets(workspace).mask());
        } catch (PyroException e) {
            if (!ServiceLedger.isUnknown(e)) {
                throw e;
            }
            return ServiceOutput.lost();
        }
    }

    /** Passes on what a service wrote and writes, until it ends, and returns what it is then. */
    public Service follow(WorkspaceId id, String name, ReadServiceLogs options, OutputListener listener) {
        WorkspaceRecord workspace = access.store().get(id);
        Known known = require(workspace, name);
        SecretMask mask = access.secrets(workspace).mask();
        if (isInGuest(workspace, known)) {
            access.withAgent(workspace, client -> {
                ServiceOutput.follow(client.jobs(), name, mask, options.tailLines(), listener);
                return known;
            });
        } else {
            ServiceOutput output = ServiceOutput.kept(ledger.store(workspace), name);
            for (Stream stream : Stream.values()) {
                listener.onOutput(
                        stream,
                        ByteBuffer.wrap(
                                output.part(stream).tail(options.tailLines()).bytes()));
            }
        }
        return ServiceLedger.view(workspace, require(workspace, name));
    }

    /** Tells whether the machine that runs is the one that a service was started in: its guest keeps what it wrote. */
    private boolean isInGuest(WorkspaceRecord workspace, Known known) {
        return access.running(workspace)
                .filter(machine -> ServiceLedger.belongsTo(known.record(), machine))
                .isPresent();
    }

    private List<Known> settled(WorkspaceRecord workspace) {
        return explained(workspace, () -> {
            try (InterProcessLock _ = ledger.lock(workspace.id())) {
                return ledger.settle(access.store().get(workspace.id()));
            }
        });
    }

    private Known require(WorkspaceRecord workspace, String name) {
        Service.requireName(name);
        return explained(workspace, () -> {
            try (InterProcessLock _ = ledger.lock(workspace.id())) {
                return find(access.store().get(workspace.id()), name);
            }
        });
    }

    private Known find(WorkspaceRecord workspace, String name) {
        List<Known> services = ledger.settle(workspace);
        return services.stream()
                .filter(service -> service.record().name().equals(name))
                .findFirst()
                .orElseThrow(() -> notFound(workspace, name));
    }

    private PyroException notFound(WorkspaceRecord workspace, String name) {
        // One whose record cannot be read says so.
        ledger.store(workspace).find(name);
        List<String> names = ledger.store(workspace).names();
        return new PyroException(
                ErrorCode.SERVICE_NOT_FOUND,
                "workspace " + workspace.id() + " has no service \"" + name + "\"; it has "
                        + (names.isEmpty() ? "none" : names.stream().collect(Collectors.joining(", "))));
    }

    /** Says why, when it failed because somebody took the workspace away; no lock is held any more. */
    private <T> T explained(WorkspaceRecord workspace, Supplier<T> action) {
        try {
            return action.get();
        } catch (PyroException e) {
            throw access.explain(workspace, e);
        }
    }
}
