package dev.pyro.mcp.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.mcp.server.CallRegistry;
import dev.pyro.mcp.server.ToolServer;
import io.modelcontextprotocol.spec.McpSchema.ClientCapabilities;
import io.modelcontextprotocol.spec.McpSchema.Implementation;
import io.modelcontextprotocol.spec.McpStreamableServerSession;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Map;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.Test;

class HttpSessionTest {
    @Test
    void anEndedSessionOpensNoStream() {
        HttpSession session = new HttpSession(
                new McpStreamableServerSession(
                        "s",
                        ClientCapabilities.builder().build(),
                        Implementation.builder("test", "1").build(),
                        Duration.ofSeconds(1),
                        Map.of(),
                        Map.of()),
                new CallRegistry());
        // Nothing of a request or a response that is not opened is looked at.
        EventStream stream = new EventStream(
                ToolServer.MAPPER, untouched(Request.class), untouched(Response.class), Callback.NOOP, session::closed);
        session.end();
        assertThatThrownBy(() -> session.open(stream))
                .isInstanceOfSatisfying(
                        HttpFailure.class, e -> assertThat(e.status()).isEqualTo(404));
        session.end();
        assertThat(session.idleNanos()).as("it has no stream").isPositive();
    }

    private static <T> T untouched(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (_, _, _) -> null));
    }
}
