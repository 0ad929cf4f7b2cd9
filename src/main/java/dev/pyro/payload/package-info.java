/**
 * The JSON payloads of the interface contract, made from the records of {@code model}: the one mapper that the command line and
 * MCP share.
 *
 * <p>Allowed dependencies: {@code json}, {@code model}.
 */
@NullMarked
package dev.pyro.payload;

import org.jspecify.annotations.NullMarked;
