package dev.pyro.cli.command;

import dev.pyro.cli.render.Terminal;
import dev.pyro.model.OutputListener;

/** Passes a guest's output on as it comes. Stateless. */
public final class LiveOutput {
    private LiveOutput() {}

    /** Returns a listener that writes each stream of the guest's command to the same one of this process. */
    public static OutputListener to(Terminal terminal) {
        return (stream, bytes) -> {
            switch (stream) {
                case STDOUT -> terminal.writeOut(bytes);
                case STDERR -> terminal.writeErr(bytes);
            }
        };
    }
}
