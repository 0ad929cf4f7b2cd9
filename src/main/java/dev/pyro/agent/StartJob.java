package dev.pyro.agent;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A job to start. Immutable.
 *
 * @param job its name
 * @param command a service's command line for {@code /bin/sh -lc}; null for a shell
 * @param directory the working directory, an absolute path
 * @param environment variables beside the base ones
 * @param size a shell's terminal; null for a service
 */
public record StartJob(
        JobName job,
        @Nullable String command,
        String directory,
        Map<String, String> environment,
        @Nullable TerminalSize size) {
    public StartJob {
        environment = Map.copyOf(environment);
    }

    /** Returns the names of the variables only: their values may be secrets. */
    @Override
    public String toString() {
        return "StartJob[" + job + ", " + directory + ", " + environment.keySet() + "]";
    }

    /** Returns a shell. */
    public static StartJob shell(String name, String directory, Map<String, String> environment, TerminalSize size) {
        return new StartJob(JobName.shell(name), null, directory, environment, size);
    }

    /** Returns a service. */
    public static StartJob service(String name, String command, String directory, Map<String, String> environment) {
        return new StartJob(JobName.service(name), command, directory, environment, null);
    }
}
