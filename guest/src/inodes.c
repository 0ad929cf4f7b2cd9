#include "inodes.h"

#include <stdlib.h>

#define FIRST_CAPACITY 256

static size_t slot_of(const struct inodes *inodes, uint64_t inode) {
    size_t slot = (size_t)(inode * 0x9e3779b97f4a7c15ULL >> 20) & (inodes->capacity - 1);
    while (inodes->slots[slot] != 0 && inodes->slots[slot] != inode) {
        slot = (slot + 1) & (inodes->capacity - 1);
    }
    return slot;
}

static bool grow(struct inodes *inodes) {
    struct inodes grown = {.capacity = inodes->capacity == 0 ? FIRST_CAPACITY : 2 * inodes->capacity};
    grown.slots = calloc(grown.capacity, sizeof *grown.slots);
    if (grown.slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < inodes->capacity; i++) {
        if (inodes->slots[i] != 0) {
            grown.slots[slot_of(&grown, inodes->slots[i])] = inodes->slots[i];
        }
    }
    grown.count = inodes->count;
    free(inodes->slots);
    *inodes = grown;
    return true;
}

bool inodes_add(struct inodes *inodes, uint64_t inode) {
    if (2 * inodes->count >= inodes->capacity && !grow(inodes)) {
        return false;
    }
    size_t slot = slot_of(inodes, inode);
    inodes->count += inodes->slots[slot] == 0;
    inodes->slots[slot] = inode;
    return true;
}

bool inodes_has(const struct inodes *inodes, uint64_t inode) {
    return inodes->capacity > 0 && inode != 0 && inodes->slots[slot_of(inodes, inode)] == inode;
}

void inodes_free(struct inodes *inodes) {
    free(inodes->slots);
    *inodes = (struct inodes){0};
}
