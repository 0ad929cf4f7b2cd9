package dev.pyro.workspace.seed;

import dev.pyro.model.ArtifactType;
import org.jspecify.annotations.Nullable;

/**
 * One file, directory or link of a baseline.
 *
 * @param path below the workspace's folder, without a slash at either end, in the form of guest paths
 * @param type what it is, never {@link ArtifactType#OTHER}
 * @param mode permission bits; of a link they mean nothing
 * @param size bytes of content of a file or bytes of a link's target, 0 for a directory
 * @param mtimeSeconds when its content was changed last
 * @param linkTarget where a link leads, in the form of guest paths; null for everything else
 */
public record ManifestEntry(
        String path,
        ArtifactType type,
        int mode,
        long size,
        long mtimeSeconds,
        @Nullable String linkTarget) {}
