/**
 * The commands of {@code pyro workspace}.
 *
 * <p>Allowed dependencies: {@code cli.command}, {@code cli.render}, {@code cli.terminal}, {@code sdk}, {@code payload}, {@code json}, {@code model},
 * picocli.
 */
@NullMarked
package dev.pyro.cli.workspace;

import org.jspecify.annotations.NullMarked;
