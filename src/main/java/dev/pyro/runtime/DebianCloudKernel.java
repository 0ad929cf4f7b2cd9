package dev.pyro.runtime;

import dev.pyro.model.ErrorCode;
import dev.pyro.model.Progress;
import dev.pyro.model.PyroException;
import dev.pyro.os.Host;
import dev.pyro.os.HostCommand;
import dev.pyro.store.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Debian's kernel for virtual machines, fetched as a package; apt checks its signature chain. */
final class DebianCloudKernel implements KernelSource {
    private static final String META_PACKAGE = "linux-image-cloud-amd64";
    private static final Pattern DEPENDENCY =
            Pattern.compile("(?m)^Depends:.*?\\b(linux-image-[a-z0-9.+-]*cloud-amd64[a-z0-9.+-]*)");
    private static final Pattern DOWNLOADED = Pattern.compile("dlstatus:\\d+:([0-9.]+):.*");
    private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(60);
    private static final Duration UPDATE_TIMEOUT = Duration.ofMinutes(5);
    private static final Duration DOWNLOAD_TIMEOUT = Duration.ofMinutes(15);

    @Override
    public Kernel obtain(Path staging, Progress.Listener listener) throws IOException {
        if (Host.findProgram("apt-get").isEmpty()
                || Host.findProgram("apt-cache").isEmpty()) {
            throw new PyroException(
                    ErrorCode.RUNTIME_UNAVAILABLE, "Debian's kernel package: this host has no apt-get to fetch it");
        }
        return read(fetch(staging, listener), staging, listener);
    }

    static Kernel read(Path deb, Path staging, Progress.Listener listener) throws IOException {
        listener.onProgress(new Progress("setup", "kernel", packageOf(deb), null, "unpacking"));
        Kernel kernel = PackagedKernel.read(deb, staging, KernelModules.LIKELY);
        Files.delete(deb);
        return kernel;
    }

    private static String packageOf(Path deb) {
        return String.valueOf(deb.getFileName()).replaceFirst("_.*", "");
    }

    /** With the host's package lists if they serve; they may be empty on a fresh machine, or name a version that is gone. */
    private static Path fetch(Path staging, Progress.Listener listener) throws IOException {
        AptCommands ofHost = new AptCommands(null);
        Optional<String> name = findPackage(ofHost);
        if (name.isPresent()) {
            try {
                return download(ofHost, name.get(), staging, listener);
            } catch (PyroException e) {
                if (e.code() == ErrorCode.INTERRUPTED) {
                    throw e;
                }
                listener.onProgress(
                        new Progress("setup", "kernel", name.get(), null, "not there; looking for a newer one"));
            }
        }
        listener.onProgress(new Progress("setup", "kernel", META_PACKAGE, null, "fetching package lists"));
        Path state = staging.resolve("apt");
        for (String folder : List.of("lists/partial", "cache/archives/partial")) {
            AtomicFiles.createDirectories(state.resolve(folder));
        }
        AptCommands ofOurOwn = new AptCommands(state);
        // Some third-party source may fail; what counts is whether the package is there afterwards.
        HostCommand.Result update =
                HostCommand.of(UPDATE_TIMEOUT, ofOurOwn.update()).run();
        name = findPackage(ofOurOwn);
        if (name.isEmpty()) {
            throw new PyroException(
                    ErrorCode.RUNTIME_UNAVAILABLE,
                    "Debian's kernel package: none of this host's apt sources has " + META_PACKAGE
                            + lastLine(update.output()));
        }
        return download(ofOurOwn, name.get(), staging, listener);
    }

    private static Optional<String> findPackage(AptCommands apt) {
        HostCommand.Result result =
                HostCommand.of(QUERY_TIMEOUT, apt.show(META_PACKAGE)).run();
        return result.exitCode() == 0 ? parseDependency(result.output()) : Optional.empty();
    }

    /** Returns the package with the kernel itself, on which the meta package depends. */
    static Optional<String> parseDependency(String record) {
        Matcher matcher = DEPENDENCY.matcher(record);
        return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    private static Path download(AptCommands apt, String name, Path staging, Progress.Listener listener)
            throws IOException {
        listener.onProgress(Progress.of("setup", "kernel", name));
        new HostCommand(apt.download(name), staging, Map.of(), DOWNLOAD_TIMEOUT)
                .runOrFail(
                        "fetch the package " + name,
                        line -> parseDownloaded(line)
                                .ifPresent(
                                        done -> listener.onProgress(new Progress("setup", "kernel", name, done, ""))));
        try (Stream<Path> files = Files.list(staging)) {
            return files.filter(file -> file.toString().endsWith(".deb"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("apt-get download left no package in " + staging));
        }
    }

    /** Returns the fraction that a line of apt's progress tells. */
    static Optional<Double> parseDownloaded(String line) {
        Matcher matcher = DOWNLOADED.matcher(line);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Math.clamp(Double.parseDouble(matcher.group(1)) / 100, 0, 1));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static String lastLine(String output) {
        return output.strip()
                .lines()
                .filter(line -> line.startsWith("E:") || line.startsWith("Err:") || line.startsWith("W:"))
                .reduce((first, second) -> second)
                .map(line -> " (" + line + ")")
                .orElse("");
    }
}
