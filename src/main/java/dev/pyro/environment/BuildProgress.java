package dev.pyro.environment;

import dev.pyro.model.Progress;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns what mmdebstrap, apt and dpkg print into steps of progress. Not safe for use by several threads. */
final class BuildProgress implements Consumer<String> {
    private static final Pattern NEEDED =
            Pattern.compile("Need to get ([0-9.,]+) (B|kB|MB|GB)(?:/.*)? of archives\\..*");
    private static final Pattern FETCHED = Pattern.compile("Get:\\d+ .* \\[([0-9.,]+) (B|kB|MB|GB)]");
    private static final Pattern TO_INSTALL = Pattern.compile("\\d+ upgraded, (\\d+) newly installed, .*");
    private static final Pattern HANDLED = Pattern.compile("(?:Unpacking|Setting up) (\\S+) .*");

    /** A step smaller than this is not worth a call. */
    private static final double STEP = 0.01;

    private final String environment;
    private final Progress.Listener listener;

    private String phase = "";
    private double shown;
    private double neededBytes;
    private double fetchedBytes;
    private int packages;
    private int steps;

    BuildProgress(String environment, Progress.Listener listener) {
        this.environment = environment;
        this.listener = listener;
    }

    @Override
    public void accept(String line) {
        if (line.startsWith("I: running apt-get update")) {
            enter("index", "reads the package lists");
        } else if (line.startsWith("I: downloading packages")) {
            enter("download", "fetches packages");
        } else if (line.startsWith("I: extracting archives")) {
            enter("install", "installs the essential packages");
        } else if (line.startsWith("I: installing remaining packages")) {
            enter("download", "fetches the other packages");
        } else if (line.startsWith("I: cleaning")) {
            enter("image", "makes the disk image");
        } else {
            count(line);
        }
    }

    private void count(String line) {
        Matcher needed = NEEDED.matcher(line);
        Matcher toInstall = TO_INSTALL.matcher(line);
        Matcher fetched = FETCHED.matcher(line);
        Matcher handled = HANDLED.matcher(line);
        if (needed.matches()) {
            neededBytes = bytes(needed);
            fetchedBytes = 0;
        } else if (toInstall.matches()) {
            packages = Integer.parseInt(toInstall.group(1));
            steps = 0;
        } else if (phase.equals("download") && fetched.matches()) {
            fetchedBytes += bytes(fetched);
            advance(neededBytes == 0 ? 0 : fetchedBytes / neededBytes, "");
        } else if (handled.matches()) {
            if (!phase.equals("install")) {
                enter("install", "installs the other packages");
            }
            steps++;
            // Each package is unpacked once and set up once.
            advance(packages == 0 ? 0 : steps / (2.0 * packages), handled.group(1));
        }
    }

    /** Starts a phase. */
    void enter(String name, String detail) {
        phase = name;
        shown = 0;
        listener.onProgress(new Progress("pull", name, environment, null, detail));
    }

    private void advance(double fraction, String detail) {
        double bounded = Math.min(1, fraction);
        if (bounded >= shown + STEP) {
            shown = bounded;
            listener.onProgress(new Progress("pull", phase, environment, bounded, detail));
        }
    }

    private static double bytes(Matcher matcher) {
        double number = Double.parseDouble(matcher.group(1).replace(",", ""));
        return number
                * switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
                    case "kb" -> 1e3;
                    case "mb" -> 1e6;
                    case "gb" -> 1e9;
                    default -> 1;
                };
    }
}
