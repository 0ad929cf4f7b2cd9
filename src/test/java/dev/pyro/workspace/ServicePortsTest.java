package dev.pyro.workspace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pyro.machine.Machine;
import dev.pyro.model.ErrorCode;
import dev.pyro.model.PublishPort;
import dev.pyro.model.PublishedPort;
import dev.pyro.model.PyroException;
import dev.pyro.os.ProcessIdentity;
import java.nio.channels.ByteChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** In which order ports are published, and what is known of them at each moment. */
class ServicePortsTest {
    private final List<PublishedPort> published = new ArrayList<>();
    private final List<List<PublishedPort>> announced = new ArrayList<>();
    private int refusals;

    private List<PublishedPort> publish(PublishPort... wanted) {
        return ServicePorts.publish(new Publisher(), List.of(wanted), ports -> {
            // Never published before it was announced.
            assertThat(ports).containsAll(published);
            announced.add(List.copyOf(ports));
        });
    }

    @Test
    void thoseThatLeaveNoChoiceComeFirst() {
        List<PublishedPort> ports = publish(new PublishPort(80, null), new PublishPort(81, 18_081));
        assertThat(ports).isEqualTo(published);
        assertThat(ports.getFirst()).isEqualTo(new PublishedPort(18_081, 81));
        assertThat(ports.getLast().guestPort()).isEqualTo(80);
        assertThat(ports.getLast().hostPort()).isGreaterThanOrEqualTo(PublishPort.MIN_HOST_PORT);
        assertThat(announced).hasSize(2).last().isEqualTo(ports);
    }

    @Test
    void anotherFreePortIsTakenWhenSomebodyWasFaster() {
        refusals = 3;
        assertThat(publish(new PublishPort(80, null))).isEqualTo(published);
        assertThat(announced).hasSize(4);
    }

    @Test
    void aPortThatWasAskedForIsNotReplaced() {
        refusals = 1;
        assertThatThrownBy(() -> publish(new PublishPort(81, 18_081), new PublishPort(80, null)))
                .hasMessage("taken");
        assertThat(announced).containsExactly(List.of(new PublishedPort(18_081, 81)));
    }

    @Test
    void theSearchEnds() {
        refusals = Integer.MAX_VALUE;
        assertThatThrownBy(() -> publish(new PublishPort(80, null))).hasMessage("taken");
        assertThat(announced).hasSize(16);
    }

    /** A machine that can do nothing but publish. */
    private final class Publisher implements Machine {
        @Override
        public void publish(int hostPort, int guestPort) {
            if (refusals > 0) {
                refusals--;
                throw new PyroException(ErrorCode.PORT_UNAVAILABLE, "taken");
            }
            published.add(new PublishedPort(hostPort, guestPort));
        }

        @Override
        public void unpublish(int hostPort) {
            throw new AssertionError();
        }

        @Override
        public String id() {
            return "publisher";
        }

        @Override
        public ProcessIdentity process() {
            return ProcessIdentity.current();
        }

        @Override
        public boolean isAlive() {
            return true;
        }

        @Override
        public Optional<GuestNetwork> network() {
            return Optional.empty();
        }

        @Override
        public ByteChannel openChannel(Duration timeout) {
            throw new AssertionError();
        }

        @Override
        public boolean isInUse() {
            return false;
        }

        @Override
        public String logTail() {
            return "";
        }

        @Override
        public void stop() {
            throw new AssertionError();
        }
    }
}
