/**
 * One-shot runs, virtual machines and workspaces: the place where environments, machines and the agent come together.
 *
 * <p>Allowed dependencies: {@code workspace.diff}, {@code workspace.seed}, {@code environment}, {@code oci}, {@code runtime}, {@code machine}, {@code agent}, {@code disk}, {@code store}, {@code os}, {@code json}, {@code model}.
 */
@NullMarked
package dev.pyro.workspace;

import org.jspecify.annotations.NullMarked;
