package dev.pyro.image;

import dev.pyro.tar.BadArchiveException;
import dev.pyro.tar.SparseMap;
import dev.pyro.tar.TarEntry;

/**
 * An entry of a layer that keeps every rule which needs no look at other entries.
 *
 * @param name what its name means
 * @param entry what it is, with the attributes that are kept
 */
record LayerEntry(LayerName name, TarEntry entry) {
    /** What an entry takes that has hardly a name. */
    private static final int ENTRY_BYTES = 400;

    /** What an array and its place in a list take beside the bytes. */
    private static final int COMPONENT_BYTES = 32;

    private static final int REGION_BYTES = 2 * Long.BYTES;

    /**
     * Checks an entry.
     *
     * @throws BadArchiveException when it is refused
     */
    static LayerEntry of(TarEntry entry) throws BadArchiveException {
        LayerName name = LayerRules.name(entry);
        if (name.role() != LayerName.Role.ENTRY) {
            return new LayerEntry(name, bare(entry));
        }
        if (LayerRules.isUsualDevice(entry, name.components())) {
            return new LayerEntry(new LayerName(LayerName.Role.DEVICE, name.components()), bare(entry));
        }
        LayerRules.requireUsable(entry);
        return new LayerEntry(
                name,
                new TarEntry(
                        entry.path(),
                        entry.kind(),
                        entry.mode(),
                        entry.uid(),
                        entry.gid(),
                        entry.size(),
                        LayerRules.time(entry),
                        entry.target(),
                        LayerRules.xattrs(entry),
                        null,
                        entry.sparse()));
    }

    /** Returns what is left of an entry of which only the name counts. */
    private static TarEntry bare(TarEntry entry) {
        return new TarEntry(entry.path(), entry.kind(), entry.mode(), 0, 0, "", null);
    }

    /** Returns about how many bytes it takes in memory. */
    int weight() {
        SparseMap sparse = entry.sparse();
        return ENTRY_BYTES
                + 2 * entry.path().length()
                + (sparse == null ? 0 : REGION_BYTES * sparse.count())
                + COMPONENT_BYTES * name.components().size()
                + entry.target().length()
                + entry.xattrs().entrySet().stream()
                        .mapToInt(
                                one -> ThingTable.XATTR_OVERHEAD + one.getKey().length() + one.getValue().length)
                        .sum();
    }
}
