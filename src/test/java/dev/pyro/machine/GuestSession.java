package dev.pyro.machine;

import dev.pyro.agent.AgentClient;
import dev.pyro.agent.ConfigureRequest;
import dev.pyro.agent.ExecOutput;
import dev.pyro.agent.ExecRequest;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** Runs commands in a machine that this session configures first. */
public final class GuestSession implements AutoCloseable {
    /** How long anything in a guest may take; emulation on a busy host is slow. */
    public static final Duration BOUND = Duration.ofSeconds(60);

    /** A command's exit code, and its standard output and error as they came. */
    public record Outcome(int exitCode, String output) {}

    private final AgentClient agent;

    private GuestSession(AgentClient agent) {
        this.agent = agent;
    }

    /** Opens the first session of a machine. */
    public static GuestSession first(Machine machine, boolean lease) {
        return first(machine, lease, ConfigureRequest.NOTHING);
    }

    /** Opens the first session of a leased machine that has a workspace. */
    public static GuestSession inWorkspace(Machine machine) {
        return first(machine, true, ConfigureRequest.NOTHING.withWorkspaceMount("/workspace"));
    }

    private static GuestSession first(Machine machine, boolean lease, ConfigureRequest basis) {
        byte[] id = new byte[16];
        ThreadLocalRandom.current().nextBytes(id);
        ConfigureRequest request = basis.withHostname("guest")
                .withMachineId(HexFormat.of().formatHex(id))
                .withLease(lease);
        if (machine.network().isPresent()) {
            Machine.GuestNetwork network = machine.network().get();
            request = request.withNetwork(
                    List.of(new ConfigureRequest.Card(
                            network.hardwareAddress(), network.address(), network.prefixLength(), network.gateway())),
                    network.nameServers().stream()
                            .map(server -> "nameserver " + server)
                            .toList());
        }
        GuestSession session = further(machine);
        session.agent.configure(request);
        return session;
    }

    /** Opens a session of a machine that was configured before. */
    public static GuestSession further(Machine machine) {
        return new GuestSession(AgentClient.connect(machine.id(), machine::openChannel, BOUND));
    }

    /** Runs one command. */
    public Outcome run(String command) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        int exitCode = agent.exec(
                        ExecRequest.of(command).withTimeout(BOUND),
                        new ExecOutput(bytes -> append(output, bytes), bytes -> append(output, bytes)))
                .exitCode();
        return new Outcome(exitCode, output.toString(StandardCharsets.UTF_8).strip());
    }

    /** Returns the agent's client. */
    public AgentClient agent() {
        return agent;
    }

    private static void append(ByteArrayOutputStream output, ByteBuffer bytes) {
        byte[] chunk = new byte[bytes.remaining()];
        bytes.get(chunk);
        output.writeBytes(chunk);
    }

    @Override
    public void close() {
        agent.close();
    }
}
