package dev.pyro.agent;

/**
 * One of the jobs of a guest.
 *
 * @param job its name
 * @param state what it is now
 */
public record NamedJob(JobName job, JobState state) {}
