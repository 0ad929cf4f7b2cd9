package dev.pyro.environment;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.PyroException;
import java.util.List;
import java.util.regex.Pattern;

/** Turns the output of a build that failed into the error that the user sees. */
final class BuildFailure {
    private static final int LINES_IN_MESSAGE = 12;

    private static final Pattern DISK_FULL =
            Pattern.compile("No space left on device|enough free space in|Disk quota exceeded");
    private static final Pattern NETWORK = Pattern.compile(
            "Temporary failure resolving|Could not resolve|Could not connect|Connection (?:timed out|refused|failed)"
                    + "|Unable to connect|Network is unreachable|Failed to fetch");
    private static final Pattern SIGNATURE = Pattern.compile(
            "NO_PUBKEY|is not signed|not valid yet|is expired|EXPKEYSIG|BADSIG|couldn't be verified|signatures were invalid");

    /** The lines that tell why; the rest of the output is what went well. */
    private static final Pattern TELLING = Pattern.compile(
            "^(?:E: |W: |Err:|dpkg: error|mount: |chroot: |tar: |touch: |unshare: |.*\\berror\\b).*",
            Pattern.CASE_INSENSITIVE);

    private BuildFailure() {}

    /**
     * Returns the error.
     *
     * @param name the environment
     * @param output what the tool printed
     */
    static PyroException of(String name, String output) {
        if (DISK_FULL.matcher(output).find()) {
            return new PyroException(
                    ErrorCode.DISK_FULL,
                    "cannot build the environment " + name
                            + ": the disk is full; free some room (`pyro env prune` helps) and try again");
        }
        return new PyroException(
                ErrorCode.ENVIRONMENT_BUILD_FAILED,
                "cannot build the environment " + name + ": " + reason(output) + "\n  "
                        + String.join("\n  ", lastLines(output)));
    }

    /** Tells whether the next try had better not trust what this one has downloaded. */
    static boolean mayBeDamagedPackage(String output) {
        return !DISK_FULL.matcher(output).find()
                && !NETWORK.matcher(output).find()
                && !SIGNATURE.matcher(output).find();
    }

    private static String reason(String output) {
        if (SIGNATURE.matcher(output).find()) {
            return "the package lists have no valid signature; check this host's clock and the package"
                    + " debian-archive-keyring";
        }
        if (NETWORK.matcher(output).find()) {
            return "the packages cannot be fetched; check the network and the proxy (http_proxy), or name a mirror in "
                    + PackageSources.MIRROR + ", and run it again: what was fetched is kept";
        }
        return "mmdebstrap failed; run it again, and if it fails the same way, these lines say why";
    }

    private static List<String> lastLines(String output) {
        List<String> lines = output.strip().lines().toList();
        List<String> telling =
                lines.stream().filter(line -> TELLING.matcher(line).matches()).toList();
        List<String> shown = telling.isEmpty() ? lines : telling;
        return shown.subList(Math.max(0, shown.size() - LINES_IN_MESSAGE), shown.size());
    }
}
