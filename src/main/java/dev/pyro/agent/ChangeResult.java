package dev.pyro.agent;

/**
 * The end of a batch of changes.
 *
 * @param changes how many there were
 * @param bytes how many bytes of content
 */
public record ChangeResult(long changes, long bytes) {}
