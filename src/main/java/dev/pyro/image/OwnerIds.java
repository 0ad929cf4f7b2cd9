package dev.pyro.image;

/**
 * Whom files belong to.
 *
 * @param uid the user's number, unsigned
 * @param gid the group's number, unsigned
 */
public record OwnerIds(int uid, int gid) {}
