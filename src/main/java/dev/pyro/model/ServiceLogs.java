package dev.pyro.model;

import org.jspecify.annotations.Nullable;

/**
 * What a service wrote.
 *
 * @param service the service
 * @param stdout the end of its standard output as UTF-8, where other bytes become U+FFFD, without the values of secrets
 * @param stderr the end of its standard error, likewise
 * @param tailLines how many lines of each stream were asked for, or null for all that are kept
 * @param truncated whether there was more than is here
 */
public record ServiceLogs(
        Service service,
        String stdout,
        String stderr,
        @Nullable Integer tailLines,
        boolean truncated) {}
