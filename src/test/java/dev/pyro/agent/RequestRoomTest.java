package dev.pyro.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pyro.model.Arguments;
import dev.pyro.model.ImageSettings;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** What the program lets in elsewhere, one request carries. */
class RequestRoomTest {
    private static final int ROOM_FOR_THE_CALL = 60 << 10;

    @Test
    void anImagesVariablesLeaveRoomForTheLongestCommandAndForTheCalls() {
        ByteBuffer buffer = ByteBuffer.allocate(Wire.MAX_PAYLOAD);
        FieldWriter out = new FieldWriter(buffer, "exec");
        out.string(1, "x".repeat(Arguments.MAX_COMMAND_BYTES)).string(2, "d".repeat(Wire.MAX_PATH));
        int each = ImageSettings.MAX_VARIABLES_BYTES / ImageSettings.MAX_VARIABLES;
        int before = buffer.position();
        for (int i = 0; i < ImageSettings.MAX_VARIABLES; i++) {
            out.string(3, "v".repeat(each - ImageSettings.VARIABLE_OVERHEAD_BYTES));
        }
        assertThat(buffer.position() - before).isEqualTo(each * ImageSettings.MAX_VARIABLES);
        assertThat(buffer.remaining()).isGreaterThan(ROOM_FOR_THE_CALL);
        assertThat(Wire.MAX_VARIABLES - ImageSettings.MAX_VARIABLES).isGreaterThan(Arguments.MAX_SECRETS);
    }
}
