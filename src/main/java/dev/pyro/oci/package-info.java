/**
 * Images as registries, layouts and archives hold them: references, manifests, the client of registries, credentials, and the store of blobs.
 *
 * <p>Allowed dependencies: {@code tar}, {@code os}, {@code store}, {@code json}, {@code model}.
 */
@NullMarked
package dev.pyro.oci;

import org.jspecify.annotations.NullMarked;
