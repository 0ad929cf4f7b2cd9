package dev.pyro.model;

/**
 * An environment that was put into a registry.
 *
 * @param environment its name here
 * @param reference the image's name there, in full
 * @param digest what the environment contains; whoever pulls the image gets the same
 * @param imageDigest the digest of the image's manifest
 * @param sizeBytes how large the image is
 * @param uploadedBytes how much of it the registry did not have yet
 */
public record PushedEnvironment(
        String environment, String reference, String digest, String imageDigest, long sizeBytes, long uploadedBytes) {}
