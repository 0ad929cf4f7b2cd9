package dev.pyro.agent;

/**
 * The end of a read.
 *
 * @param fileSizeBytes the size of the whole file
 * @param bytesRead how much of it was read
 */
public record ReadResult(long fileSizeBytes, long bytesRead) {}
