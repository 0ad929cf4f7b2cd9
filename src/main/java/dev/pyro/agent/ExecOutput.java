package dev.pyro.agent;

/**
 * Where a command's output goes, live. Both are called by the thread that called {@link AgentClient#exec}.
 *
 * @param stdout takes standard output
 * @param stderr takes standard error
 */
public record ExecOutput(ByteSink stdout, ByteSink stderr) {
    /** Drops all output. */
    public static final ExecOutput NONE = new ExecOutput(ByteSink.NONE, ByteSink.NONE);
}
