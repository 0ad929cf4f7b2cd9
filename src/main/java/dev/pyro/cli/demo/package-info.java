/**
 * The commands of {@code pyro demo}.
 *
 * <p>Allowed dependencies: {@code cli.command}, {@code cli.render}, {@code demo}, {@code sdk}, {@code json}, {@code model}, picocli.
 */
@NullMarked
package dev.pyro.cli.demo;

import org.jspecify.annotations.NullMarked;
