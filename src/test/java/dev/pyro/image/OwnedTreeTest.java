package dev.pyro.image;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OwnedTreeTest {
    @Test
    void anUnpackedFileBelongsToItsOwnerAloneAndHasNoSetuidBit() {
        assertThat(OwnedTree.mode(04755, false)).isEqualTo(0755);
        assertThat(OwnedTree.mode(02555, false)).isEqualTo(0755);
        assertThat(OwnedTree.mode(0640, false)).isEqualTo(0640);
        assertThat(OwnedTree.mode(0000, false)).isEqualTo(0600);
        assertThat(OwnedTree.mode(0444, false)).isEqualTo(0644);
        assertThat(OwnedTree.mode(0666, false)).isEqualTo(0644);
        assertThat(OwnedTree.mode(01777, true)).isEqualTo(0755);
        assertThat(OwnedTree.mode(0000, true)).isEqualTo(0700);
    }
}
