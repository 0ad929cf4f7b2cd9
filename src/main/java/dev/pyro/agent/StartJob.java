package dev.pyro.agent;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A job to start. Immutable.
 *
 * @param job its name
 * @param command a service's command line for the guest's shell; null for a shell
 * @param directory the working directory, an absolute path
 * @param environment variables beside the base ones
 * @param size a shell's terminal; null for a service
 * @param options as whom and how it is started
 */
public record StartJob(
        JobName job,
        @Nullable String command,
        String directory,
        Map<String, String> environment,
        @Nullable TerminalSize size,
        StartOptions options) {
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
        return new StartJob(JobName.shell(name), null, directory, environment, size, StartOptions.USUAL);
    }

    /** Returns a service. */
    public static StartJob service(String name, String command, String directory, Map<String, String> environment) {
        return new StartJob(JobName.service(name), command, directory, environment, null, StartOptions.USUAL);
    }

    /** The same as another user of the guest, {@code NAME|UID[:GROUP|GID]}; null for root. */
    public StartJob withUser(@Nullable String other) {
        return with(options.withUser(other));
    }

    /** The same with a service's command as plain arguments too, for a guest that has no {@code /bin/sh}. */
    public StartJob withArguments(List<String> other) {
        return with(options.withArguments(other));
    }

    /** The same in a login shell, or in a plain one. */
    public StartJob withLoginShell(boolean other) {
        return with(options.withLoginShell(other));
    }

    private StartJob with(StartOptions other) {
        return new StartJob(job, command, directory, environment, size, other);
    }
}
