package dev.pyro.agent;

/**
 * What a file system held when it was frozen. Both are 0 in namespaces, where the workspace has no file system of its own.
 *
 * @param usedInodes how many inodes are in use, about the number of files
 * @param usedBytes how many bytes are in use
 */
public record FreezeResult(long usedInodes, long usedBytes) {}
