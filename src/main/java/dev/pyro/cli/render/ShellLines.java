package dev.pyro.cli.render;

import dev.pyro.model.Shell;
import dev.pyro.model.ShellClosed;
import dev.pyro.model.ShellInput;
import dev.pyro.model.ShellList;
import dev.pyro.model.ShellOutput;
import dev.pyro.model.ShellSignalled;
import java.util.List;

/** The human lines about the shells of workspaces. What users and guests wrote is printable in them. Stateless. */
public final class ShellLines {
    private ShellLines() {}

    /** The line of {@code workspace shell open}, for standard error. */
    public static String opened(Shell shell) {
        return line("open", shell).toString();
    }

    /** The lines of {@code workspace shell list}. */
    public static List<String> list(ShellList list) {
        if (list.shells().isEmpty()) {
            return List.of("No workspace shells found.");
        }
        return list.shells().stream().map(ShellLines::listed).toList();
    }

    private static String listed(Shell shell) {
        return shell.shellId() + " [" + shell.state().wireName() + "] cwd=" + Printable.line(shell.cwd()) + " cols="
                + shell.cols() + " rows=" + shell.rows()
                + (shell.exitCode() == null ? "" : " exit_code=" + shell.exitCode());
    }

    /** The line of {@code workspace shell read}, for standard error. */
    public static String read(ShellOutput output) {
        Shell shell = output.shell();
        SummaryLine line = identified("read", shell)
                .put("cursor", output.cursor())
                .put("next_cursor", output.nextCursor())
                .put("truncated", output.truncated())
                .put("execution_mode", shell.executionMode().wireName());
        Boolean satisfied = output.waitSatisfied();
        if (satisfied != null) {
            line.put("wait_satisfied", satisfied.booleanValue());
        }
        return withExitCode(line, shell);
    }

    /** The line of {@code workspace shell write}, for standard error. */
    public static String written(ShellInput input) {
        return line("write", input.shell())
                .put("input_length", input.inputLength())
                .put("end_cursor", input.shell().endCursor())
                .toString();
    }

    /** The line of {@code workspace shell signal}, for standard error. */
    public static String signalled(ShellSignalled signalled) {
        return line("signal", signalled.shell())
                .put("signal", signalled.signal().name())
                .toString();
    }

    /** The line of {@code workspace shell close}, for standard error. */
    public static String closed(ShellClosed closed) {
        return withExitCode(line("close", closed.shell()), closed.shell());
    }

    /**
     * The lines of {@code workspace shell attach} before and after, for standard error.
     *
     * @param outcome what the terminal does now: it is attached, it has left, or the shell has ended
     */
    public static String attachment(Shell shell, String outcome) {
        return withExitCode(identified("attach", shell), shell) + " " + outcome;
    }

    private static SummaryLine line(String command, Shell shell) {
        return identified(command, shell)
                .put("cwd", shell.cwd())
                .put("cols", shell.cols())
                .put("rows", shell.rows())
                .put("execution_mode", shell.executionMode().wireName());
    }

    private static SummaryLine identified(String command, Shell shell) {
        return new SummaryLine("workspace-shell-" + command)
                .put("workspace_id", shell.workspaceId())
                .put("shell_id", shell.shellId())
                .put("state", shell.state().wireName());
    }

    private static String withExitCode(SummaryLine line, Shell shell) {
        return (shell.exitCode() == null ? line : line.put("exit_code", shell.exitCode())).toString();
    }
}
