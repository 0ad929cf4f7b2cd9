package dev.pyro.machine.namespace;

import dev.pyro.agent.AgentClient;
import dev.pyro.agent.ConfigureRequest;
import dev.pyro.agent.ExecOutput;
import dev.pyro.agent.ExecRequest;
import dev.pyro.machine.Machine;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Runs commands in a machine. */
final class GuestShell implements AutoCloseable {
    /** A command's exit code, and its standard output and error as they came. */
    record Outcome(int exitCode, String output) {}

    private static final Duration BOUND = Duration.ofSeconds(20);

    private final AgentClient agent;

    private GuestShell(AgentClient agent) {
        this.agent = agent;
    }

    static GuestShell open(Machine machine, boolean lease) {
        AgentClient agent = AgentClient.connect(machine.id(), machine::openChannel, BOUND);
        agent.configure(ConfigureRequest.NOTHING.withHostname("guest").withLease(lease));
        return new GuestShell(agent);
    }

    /** Runs one command in a session of its own. */
    static Outcome runIn(Machine machine, String command) {
        try (GuestShell shell = open(machine, false)) {
            return shell.run(command);
        }
    }

    Outcome run(String command) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        int exitCode = agent.exec(
                        ExecRequest.of(command).withTimeout(BOUND),
                        new ExecOutput(bytes -> append(output, bytes), bytes -> append(output, bytes)))
                .exitCode();
        return new Outcome(exitCode, output.toString(StandardCharsets.UTF_8).strip());
    }

    void shutDown() {
        agent.shutdown();
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
