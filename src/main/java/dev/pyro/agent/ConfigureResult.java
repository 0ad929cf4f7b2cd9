package dev.pyro.agent;

import java.time.Duration;

/**
 * What a guest says of itself; text is printable, but not to be believed.
 *
 * @param agentVersion the agent's version
 * @param kernelRelease the guest kernel's release
 * @param sinceBoot the age of the guest's kernel; a template's past counts
 * @param first whether this was the first configuration since the guest's start or restore
 */
public record ConfigureResult(String agentVersion, String kernelRelease, Duration sinceBoot, boolean first) {}
