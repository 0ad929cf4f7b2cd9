package dev.pyro.agent;

/**
 * The end of a write.
 *
 * @param bytesWritten the file's new size
 * @param created whether the file did not exist before
 */
public record WriteResult(long bytesWritten, boolean created) {}
