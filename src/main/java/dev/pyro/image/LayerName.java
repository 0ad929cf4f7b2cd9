package dev.pyro.image;

import java.util.List;

/**
 * What the name of a layer's entry means.
 *
 * @param role what the entry does
 * @param components of the name, raw: of what is made or hidden, or of the folder that is opaque; empty for the top
 */
record LayerName(Role role, List<byte[]> components) {
    LayerName {
        components = List.copyOf(components);
    }

    /** What an entry does. */
    enum Role {
        /** It is there. */
        ENTRY,
        /** It hides something of the layers below. */
        WHITEOUT,
        /** It hides everything that the layers below have in a folder. */
        OPAQUE,
        /** It is a device that every machine has; what is there in its place is gone. */
        DEVICE,
        /** It is a union file system's own and means nothing. */
        DROPPED
    }

    byte[] last() {
        return components.getLast();
    }

    List<byte[]> folder() {
        return components.subList(0, components.size() - 1);
    }
}
