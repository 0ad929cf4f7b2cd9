/**
 * Layers of images: read, checked, merged and unpacked to a root file system; and a root file system written as a layer.
 *
 * <p>Allowed dependencies: {@code oci}, {@code tar}, {@code disk}, {@code store}, {@code os}, {@code model}.
 */
@NullMarked
package dev.pyro.image;

import org.jspecify.annotations.NullMarked;
