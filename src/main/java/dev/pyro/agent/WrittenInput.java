package dev.pyro.agent;

/**
 * What became of typed input.
 *
 * @param bytes how much of it the shell's terminal took; what it did not take in time was dropped
 * @param state what the shell is now
 */
public record WrittenInput(long bytes, JobState state) {}
