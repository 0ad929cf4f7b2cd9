/**
 * What the commands print: human lines and JSON documents.
 *
 * <p>Allowed dependencies: {@code payload}, {@code json}, {@code model}.
 */
@NullMarked
package dev.pyro.cli.render;

import org.jspecify.annotations.NullMarked;
