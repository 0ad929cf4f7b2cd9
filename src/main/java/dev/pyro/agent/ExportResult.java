package dev.pyro.agent;

/**
 * The end of an export.
 *
 * @param entries how many entries the archive has, as the guest says
 * @param bytes how many bytes of content, as the guest says
 * @param kind what was packed
 */
public record ExportResult(long entries, long bytes, GuestFileKind kind) {}
