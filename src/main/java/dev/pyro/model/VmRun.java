package dev.pyro.model;

/**
 * One command in a virtual machine.
 *
 * @param vmId the machine
 * @param environment the environment's name
 * @param environmentVersion the version of the environment's definition
 * @param command the shell command line
 * @param executionMode how it was run
 * @param result how it ended
 * @param cleanup what became of the machine
 */
public record VmRun(
        VmId vmId,
        String environment,
        String environmentVersion,
        String command,
        ExecutionMode executionMode,
        ExecResult result,
        Cleanup cleanup) {
    /**
     * What became of a machine.
     *
     * @param deleted whether it was deleted
     * @param reason why, or why not, in a few lower-case words joined by underscores
     */
    public record Cleanup(boolean deleted, String reason) {}
}
