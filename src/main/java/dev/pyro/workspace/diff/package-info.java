/**
 * What changed in a tree of files, as entries and as a patch in git's form, and patches the other way: parsed, checked against the
 * files that are there, and turned into changes of files. No input or output but through {@link dev.pyro.workspace.diff.FileContents}
 * and {@link dev.pyro.workspace.diff.CurrentFiles}.
 *
 * <p>Paths are relative to the workspace and stand for any bytes, as {@link dev.pyro.agent.GuestText} has it.
 *
 * <p>Allowed dependencies: {@code agent}, {@code model}, JGit's line diff.
 */
@NullMarked
package dev.pyro.workspace.diff;

import org.jspecify.annotations.NullMarked;
