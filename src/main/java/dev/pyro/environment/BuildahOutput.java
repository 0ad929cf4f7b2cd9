package dev.pyro.environment;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.os.HostCommand;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what buildah prints: its steps, and why it failed. */
final class BuildahOutput {
    private static final int LINES_IN_MESSAGE = 12;
    private static final Pattern STEP = Pattern.compile("(?:\\[\\d+/\\d+] )?STEP \\d+/\\d+: .*");
    private static final Pattern DISK_FULL =
            Pattern.compile("no space left on device|disk quota exceeded", Pattern.CASE_INSENSITIVE);

    /** What it says about the images that it copies around. */
    private static final Pattern CHATTER = Pattern.compile(
            "Getting image source signatures|Copying (?:blob|config) .*|Writing manifest to .*|Storing signatures");

    private static final Pattern CONTROL = Pattern.compile("[\\p{Cntrl}\\p{Cf}]");
    private static final int MAX_LINE_CHARS = 400;

    private final String name;
    private final Map<String, String> bases;
    private final Progress.Listener listener;

    /**
     * Reads the output of one build.
     *
     * @param bases as {@link BuildahCommandLine} has them; a person is shown what the file says
     */
    BuildahOutput(String name, Map<String, String> bases, Progress.Listener listener) {
        this.name = name;
        this.bases = bases;
        this.listener = listener;
    }

    /** Hears one line. */
    void line(String line) {
        if (STEP.matcher(line).matches()) {
            listener.onProgress(new Progress("build", "build", name, null, shown(line)));
        }
    }

    private String shown(String line) {
        String shown = line;
        for (Map.Entry<String, String> base : bases.entrySet()) {
            shown = shown.replace("oci:" + base.getValue(), base.getKey());
        }
        shown = CONTROL.matcher(shown).replaceAll("?");
        return shown.length() <= MAX_LINE_CHARS ? shown : shown.substring(0, MAX_LINE_CHARS) + "…";
    }

    /** Returns the error of a build that failed. */
    PyroException failure(HostCommand.Result result) {
        List<String> lines = result.output()
                .lines()
                .map(String::stripTrailing)
                .filter(line -> !line.isEmpty() && !CHATTER.matcher(line).matches())
                .map(this::shown)
                .toList();
        Matcher full = DISK_FULL.matcher(result.output());
        String message = "cannot build the environment " + name + ": "
                + (full.find()
                        ? "the disk is full; free some room (`pyro env prune` helps) and try again"
                        : "buildah ended with exit code " + result.exitCode() + "; these are its last lines");
        return new PyroException(
                full.reset().find() ? ErrorCode.DISK_FULL : ErrorCode.IMAGE_BUILD_FAILED,
                message + "\n  "
                        + String.join(
                                "\n  ", lines.subList(Math.max(0, lines.size() - LINES_IN_MESSAGE), lines.size())));
    }
}
