/* A set of inode numbers. */
#ifndef PYRO_INODES_H
#define PYRO_INODES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero is the empty set. */
struct inodes {
    uint64_t *slots; /* 0: free */
    size_t capacity; /* a power of two */
    size_t count;
};

/* False when there is no memory. */
bool inodes_add(struct inodes *inodes, uint64_t inode);

bool inodes_has(const struct inodes *inodes, uint64_t inode);

void inodes_free(struct inodes *inodes);

#endif
