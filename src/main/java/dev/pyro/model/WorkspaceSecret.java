package dev.pyro.model;

/**
 * A secret of a workspace, without its value.
 *
 * @param name its name
 * @param source where its value came from
 */
public record WorkspaceSecret(String name, SecretSource source) {}
