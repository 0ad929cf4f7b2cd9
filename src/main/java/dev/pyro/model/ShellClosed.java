package dev.pyro.model;

/**
 * A shell that is gone.
 *
 * @param shell what it was at last
 * @param closed always true: otherwise there is an exception
 */
public record ShellClosed(Shell shell, boolean closed) {}
