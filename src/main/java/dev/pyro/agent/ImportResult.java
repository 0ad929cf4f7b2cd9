package dev.pyro.agent;

/**
 * The end of an import.
 *
 * @param entries how many entries were unpacked
 * @param bytes how many bytes of content
 */
public record ImportResult(long entries, long bytes) {}
