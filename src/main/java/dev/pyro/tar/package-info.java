/**
 * Tar archives, read strictly and written in one simple form.
 *
 * <p>Names are any bytes. In this package, and wherever its entries go, they are <em>raw</em>: strings in which each character stands for one byte
 * (ISO-8859-1); {@link dev.pyro.tar.ByteText} turns them into the form that guest paths have elsewhere. No {@code java.nio.file.Path} is ever made of
 * one.
 *
 * <p>Allowed dependencies: the JDK only.
 */
@NullMarked
package dev.pyro.tar;

import org.jspecify.annotations.NullMarked;
