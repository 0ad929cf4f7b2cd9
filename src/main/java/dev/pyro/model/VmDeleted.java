package dev.pyro.model;

/**
 * A virtual machine that is no more.
 *
 * @param vmId its id
 * @param deleted always true
 * @param reason why, in a few lower-case words joined by underscores
 */
public record VmDeleted(VmId vmId, boolean deleted, String reason) {}
