package dev.pyro.model;

import java.nio.file.Path;
import java.util.List;

/**
 * What a clean-up of the cache removed, or would remove.
 *
 * @param dryRun whether nothing was removed, and this is what would be
 * @param environments the environments that were deleted
 * @param images how many records of images went, whose environments are gone
 * @param layers how many blobs of images went, which no image is made of any more
 * @param layerBytes how much of the disk those took, and downloads that were broken off
 * @param layersSkipped whether no layer was looked at, because somebody unpacks an image and may read any of them
 * @param templates the memory templates that were deleted
 * @param freedBytes how much of the disk all of it took: the above, kernels, downloaded packages and remains of dead processes
 */
public record PrunedEnvironments(
        boolean dryRun,
        List<Deleted> environments,
        int images,
        int layers,
        long layerBytes,
        boolean layersSkipped,
        List<Deleted> templates,
        long freedBytes) {
    public PrunedEnvironments {
        environments = List.copyOf(environments);
        templates = List.copyOf(templates);
    }

    /**
     * A folder that is gone.
     *
     * @param path where it was
     * @param bytes how much of the disk it took
     */
    public record Deleted(Path path, long bytes) {}

    /** Returns the folders of the environments that were deleted. */
    public List<Path> environmentDirs() {
        return environments.stream().map(Deleted::path).toList();
    }

    /** The same, and templates and kernels that went with them. */
    public PrunedEnvironments with(List<Deleted> deletedTemplates, long otherBytes) {
        return new PrunedEnvironments(
                dryRun,
                environments,
                images,
                layers,
                layerBytes,
                layersSkipped,
                deletedTemplates,
                freedBytes + deletedTemplates.stream().mapToLong(Deleted::bytes).sum() + otherBytes);
    }
}
