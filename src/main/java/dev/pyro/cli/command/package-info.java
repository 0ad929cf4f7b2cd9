/**
 * What every command is made of: its interface, what it works with, and the options and arguments that several commands share.
 *
 * <p>Allowed dependencies: {@code cli.render}, {@code sdk}, {@code json}, {@code model}, picocli.
 */
@NullMarked
package dev.pyro.cli.command;

import org.jspecify.annotations.NullMarked;
