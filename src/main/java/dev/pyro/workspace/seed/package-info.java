/**
 * What goes from the host into a workspace, and out of it: directories, tar archives and their manifests.
 *
 * <p>Names are any bytes. Inside this package they are <em>raw</em>: strings in which each character stands for one byte (ISO-8859-1); outside
 * they have the form that {@link dev.pyro.tar.ByteText} makes. No {@code java.nio.file.Path} is ever made of one.
 *
 * <p>Allowed dependencies: {@code tar}, {@code model}, {@code os}, {@code store}.
 */
@NullMarked
package dev.pyro.workspace.seed;

import org.jspecify.annotations.NullMarked;
