package dev.pyro.model;

/**
 * A signal that was sent.
 *
 * @param shell the shell, as it was then; what the signal does to it takes its time
 * @param signal the signal
 */
public record ShellSignalled(Shell shell, ShellSignal signal) {}
