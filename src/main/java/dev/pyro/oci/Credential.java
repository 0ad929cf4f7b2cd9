package dev.pyro.oci;

/**
 * What a registry is asked with.
 *
 * @param username the user's name; empty for an identity token
 * @param secret the password, or the identity token
 * @param identityToken whether the secret is a token that is exchanged for others
 * @param origin where it was found, for messages
 */
public record Credential(String username, String secret, boolean identityToken, String origin) {
    /** Never shows the secret. */
    @Override
    public String toString() {
        return (identityToken ? "an identity token" : "the password of " + username) + " from " + origin;
    }
}
