package dev.pyro.model;

import java.util.List;

/**
 * The virtual machines whose time was over.
 *
 * @param deletedVmIds those that were deleted
 */
public record ReapedVms(List<VmId> deletedVmIds) {
    public ReapedVms {
        deletedVmIds = List.copyOf(deletedVmIds);
    }
}
