/**
 * Machines made of Linux namespaces: bubblewrap and the guest agent, the opt-in fallback behind {@code --allow-host-compat}.
 *
 * <p>Allowed dependencies: {@code machine}, {@code agent} (its texts), {@code disk}, {@code store}, {@code os}, {@code json}, {@code model}; no other back end.
 */
@NullMarked
package dev.pyro.machine.namespace;

import org.jspecify.annotations.NullMarked;
