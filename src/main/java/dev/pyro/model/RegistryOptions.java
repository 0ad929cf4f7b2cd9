package dev.pyro.model;

import java.nio.file.Path;
import java.util.List;

/**
 * How registries are reached, on top of what environment variables and the host's files say. Immutable.
 *
 * @param mirrors mirrors to ask first, each {@code [HOST=]URL}; without a host for docker.io
 * @param authorities files with certificates (PEM) that are trusted too
 * @param plainHosts hosts, each {@code HOST[:PORT]}, that are spoken to without TLS
 */
public record RegistryOptions(List<String> mirrors, List<Path> authorities, List<String> plainHosts) {
    /** Nothing on top. */
    public static final RegistryOptions NONE = new RegistryOptions(List.of(), List.of(), List.of());

    public RegistryOptions {
        mirrors = List.copyOf(mirrors);
        authorities = List.copyOf(authorities);
        plainHosts = List.copyOf(plainHosts);
    }
}
