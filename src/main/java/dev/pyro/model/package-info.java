/**
 * The words of Pyro: ids, requests, results and errors, as immutable records and sealed types.
 *
 * <p>Allowed dependencies: the JDK only. Every other package may use this one.
 */
@NullMarked
package dev.pyro.model;

import org.jspecify.annotations.NullMarked;
