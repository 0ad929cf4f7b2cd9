#include "paths.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 64

static bool no_memory(struct error *error) {
    return fail(error, ERROR_IO, ENOMEM, "no memory for paths");
}

/* FNV-1a. */
static uint64_t hash_of(const char *path) {
    uint64_t hash = 0xcbf29ce484222325ULL;
    for (; *path != '\0'; path++) {
        hash = (hash ^ (uint8_t)*path) * 0x100000001b3ULL;
    }
    return hash ^ hash >> 32;
}

/* Finds the slot of a path, or the free one where it belongs. There is always a free one. */
static size_t *slot_of(const struct paths *set, const char *path) {
    size_t slot = (size_t)hash_of(path) & (set->slot_count - 1);
    while (set->slots[slot] != 0 && strcmp(set->paths[set->slots[slot] - 1], path) != 0) {
        slot = (slot + 1) & (set->slot_count - 1);
    }
    return &set->slots[slot];
}

static bool grow(struct paths *set, struct error *error) {
    size_t capacity = set->capacity == 0 ? FIRST_CAPACITY : 2 * set->capacity;
    char **paths = realloc(set->paths, capacity * sizeof *paths);
    if (paths == NULL) {
        return no_memory(error);
    }
    set->paths = paths;
    size_t *slots = calloc(2 * capacity, sizeof *slots);
    if (slots == NULL) {
        return no_memory(error);
    }
    free(set->slots);
    set->slots = slots;
    set->slot_count = 2 * capacity;
    set->capacity = capacity;
    for (size_t i = 0; i < set->count; i++) {
        *slot_of(set, set->paths[i]) = i + 1;
    }
    return true;
}

bool paths_add(struct paths *set, const char *path, size_t *index, bool *added, struct error *error) {
    if (set->count == set->capacity && !grow(set, error)) {
        return false;
    }
    size_t *slot = slot_of(set, path);
    *added = *slot == 0;
    if (*added) {
        char *copy = strdup(path);
        if (copy == NULL) {
            return no_memory(error);
        }
        set->paths[set->count++] = copy;
        *slot = set->count;
    }
    *index = *slot - 1;
    return true;
}

bool paths_has(const struct paths *set, const char *path) {
    return set->count > 0 && *slot_of(set, path) != 0;
}

void paths_free(struct paths *set) {
    for (size_t i = 0; i < set->count; i++) {
        free(set->paths[i]);
    }
    free(set->paths);
    free(set->slots);
    *set = (struct paths){0};
}
