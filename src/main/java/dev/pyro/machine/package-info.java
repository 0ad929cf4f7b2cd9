/**
 * What a virtual machine is, whatever runs it. The back ends are the packages below this one.
 *
 * <p>Allowed dependencies: {@code disk}, {@code store}, {@code os}, {@code json}, {@code model}; no back end may know another.
 */
@NullMarked
package dev.pyro.machine;

import org.jspecify.annotations.NullMarked;
