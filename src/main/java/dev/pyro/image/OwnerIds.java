package dev.pyro.image;

/**
 * Whom files belong to.
 *
 * @param uid the user's number
 * @param gid the group's number
 */
public record OwnerIds(int uid, int gid) {}
