package dev.pyro.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.pyro.LocalPyro;
import dev.pyro.model.CreateWorkspace;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.ExecWorkspace;
import dev.pyro.model.PublishPort;
import dev.pyro.model.PublishedPort;
import dev.pyro.model.PyroException;
import dev.pyro.model.ReadServiceLogs;
import dev.pyro.model.Service;
import dev.pyro.model.StartService;
import dev.pyro.model.WorkspaceId;
import dev.pyro.sdk.Pyro;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What tests do with services again and again, through the facade. */
abstract class ServiceFixture extends WorkspaceFixture {
    protected static final Duration BOUND = Duration.ofSeconds(60);

    /** One that runs until it is killed, with a descendant in a session of its own; both write down that they live. */
    protected static final String STUBBORN = "trap '' TERM HUP; echo up; setsid sh -c 'trap \"\" TERM HUP;"
            + " while :; do date +%s%N >/tmp/beat; sleep 0.05; done' & while :; do sleep 0.1; done";

    /** Makes a facade that works on this test's folder. */
    protected Pyro facade(String backend) {
        pyro.with("PYRO_BACKEND", backend);
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.putAll(pyro.environment());
        return LocalPyro.open(environment);
    }

    protected static CreateWorkspace small() {
        return CreateWorkspace.defaults().withMemMib(512).withAllowHostCompat(true);
    }

    protected static StartService publishing(PublishPort... ports) {
        return StartService.defaults().withPublishedPorts(List.of(ports));
    }

    /** A call that must fail with a code; returns its message. */
    protected static String fails(ErrorCode code, Runnable call) {
        PyroException failure = catchThrowableOfType(PyroException.class, call::run);
        assertThat(failure).as("a failure with " + code).isNotNull();
        assertThat(failure.code()).as(failure.getMessage()).isEqualTo(code);
        return failure.getMessage();
    }

    protected static String sh(Pyro facade, WorkspaceId id, String script) {
        return facade.execWorkspace(id, script, ExecWorkspace.defaults())
                .result()
                .stdout();
    }

    protected static String logs(Pyro facade, WorkspaceId id, String name) {
        return facade.logsService(id, name, ReadServiceLogs.defaults()).stdout();
    }

    protected static int hostPort(Service service) {
        return service.publishedPorts().getFirst().hostPort();
    }

    /** Nothing of {@link #STUBBORN} lives. */
    protected static void requireNoBeat(Pyro facade, WorkspaceId id) {
        await().atMost(BOUND)
                .untilAsserted(() -> assertThat(sh(facade, id, "cat /tmp/beat 2>/dev/null; sleep 0.3"))
                        .isEqualTo(sh(facade, id, "cat /tmp/beat 2>/dev/null")));
    }

    /** Tells whether something of the host's could listen on a port. */
    protected static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.ofLiteral(PublishedPort.HOST))) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    /** Returns a port that was free a moment ago. */
    protected static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.ofLiteral(PublishedPort.HOST))) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
