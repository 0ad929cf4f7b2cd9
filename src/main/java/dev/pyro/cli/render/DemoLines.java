package dev.pyro.cli.render;

/** The lines of {@code pyro demo ollama}. Stateless. */
public final class DemoLines {
    private static final int MAX_STEP_CHARS = 600;
    private static final int MAX_STDOUT_CHARS = 4000;

    private DemoLines() {}

    /** One step. */
    public static String step(String who, String what) {
        return "[" + who + "] " + Printable.line(cut(what, MAX_STEP_CHARS));
    }

    /** What came of it. */
    public static String summary(long exitCode, boolean fallbackUsed, String executionMode) {
        return new SummaryLine("summary")
                .put("exit_code", exitCode)
                .put("fallback_used", String.valueOf(fallbackUsed))
                .put("execution_mode", executionMode)
                .toString();
    }

    /** What the command printed, on one line. */
    public static String stdout(String stdout) {
        return new SummaryLine("summary")
                .put("stdout", cut(stdout.strip(), MAX_STDOUT_CHARS))
                .toString();
    }

    private static String cut(String text, int max) {
        int points = text.codePointCount(0, text.length());
        return points <= max ? text : text.substring(0, text.offsetByCodePoints(0, max)) + "…";
    }
}
