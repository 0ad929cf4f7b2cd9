package dev.pyro.runtime;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The command lines with which a package is fetched, without root and without touching the host's own package state.
 *
 * @param state the folder of package lists of our own, or null for the host's lists
 */
record AptCommands(@org.jspecify.annotations.Nullable Path state) {
    /** Fetches the package lists into the folder of our own. */
    List<String> update() {
        return command("apt-get", "--quiet", "update");
    }

    /** Prints the record of the version of a package that would be installed. */
    List<String> show(String name) {
        return command("apt-cache", "show", "--no-all-versions", name);
    }

    /** Fetches a package into the current folder, telling its progress on standard output. */
    List<String> download(String name) {
        return command("apt-get", "--quiet", "-o", "APT::Status-Fd=1", "download", name);
    }

    private List<String> command(String program, String... arguments) {
        List<String> options = new ArrayList<>();
        if (state != null) {
            // The host's sources, keys and proxy stay in force; what is installed does not matter.
            options.addAll(List.of("-o", "Dir::State=" + state, "-o", "Dir::State::lists=" + state.resolve("lists")));
            options.addAll(List.of("-o", "Dir::State::status=/dev/null", "-o", "Dir::Cache=" + state.resolve("cache")));
            options.addAll(List.of("-o", "Acquire::Languages=none", "-o", "APT::Update::Post-Invoke-Success="));
        }
        options.addAll(List.of("-o", "Acquire::Retries=2", "-o", "Acquire::http::Timeout=30"));
        options.addAll(List.of("-o", "Acquire::https::Timeout=30"));
        // As root apt changes to a user who may not write into our folders.
        options.addAll(List.of("-o", "APT::Sandbox::User=" + System.getProperty("user.name")));
        return Stream.of(Stream.of(program), options.stream(), Stream.of(arguments))
                .flatMap(part -> part)
                .toList();
    }
}
