package dev.pyro.oci;

/**
 * Names a blob by what it holds, as the OCI image specification's descriptor does.
 *
 * @param mediaType what it is said to be; never trusted for its compression
 * @param digest {@code sha256:} and 64 hex digits
 * @param size its bytes, not negative
 */
public record Descriptor(String mediaType, String digest, long size) {}
