package dev.pyro.agent;

/**
 * The end of a walk.
 *
 * @param entries how many entries there were
 * @param truncated whether the bound on their number cut it
 */
public record WalkResult(long entries, boolean truncated) {}
