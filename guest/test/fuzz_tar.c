/* Fuzzes the archive reader: what it hands on must keep the promises of struct tar_entry, whatever comes. */
#include "tar_reader.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct expectation {
    bool open;
    uint64_t left;
};

static void demand(bool condition) {
    if (!condition) {
        abort();
    }
}

static void check_name(const char *name) {
    demand(strlen(name) <= MAX_PATH && name[0] != '/');
    while (*name != '\0') {
        size_t length = strcspn(name, "/");
        demand(length > 0 && length <= 255 && strncmp(name, "../", 3) != 0 && strcmp(name, "..") != 0 &&
               strncmp(name, "./", 2) != 0 && strcmp(name, ".") != 0);
        name += length;
        if (*name == '/') {
            name++;
            demand(*name != '\0');
        }
    }
}

static bool begin(void *context, const struct tar_entry *entry, struct error *error) {
    (void)error;
    struct expectation *expectation = context;
    demand(!expectation->open);
    check_name(entry->name);
    demand(entry->name[0] != '\0' || entry->kind == TAR_DIRECTORY);
    demand(entry->kind == TAR_FILE || entry->size == 0);
    demand(entry->size <= INT64_MAX && entry->mtime_ns < 1000000000 && entry->mode <= 07777);
    if (entry->kind == TAR_HARD_LINK) {
        check_name(entry->target);
    }
    demand((entry->kind != TAR_HARD_LINK && entry->kind != TAR_SYMLINK) || entry->target[0] != '\0');
    expectation->open = true;
    expectation->left = entry->size;
    return true;
}

static bool content(void *context, const uint8_t *bytes, size_t length, struct error *error) {
    (void)bytes;
    (void)error;
    struct expectation *expectation = context;
    demand(expectation->open && length > 0 && length <= expectation->left);
    expectation->left -= length;
    return true;
}

static bool end(void *context, const struct tar_entry *entry, struct error *error) {
    (void)entry;
    (void)error;
    struct expectation *expectation = context;
    demand(expectation->open && expectation->left == 0);
    expectation->open = false;
    return true;
}

/* Puts the right checksum into every block, so that the fuzzer gets past it. */
static void seal(uint8_t *bytes, size_t size) {
    for (uint8_t *header = bytes; header + TAR_BLOCK <= bytes + size; header += TAR_BLOCK) {
        unsigned sum = 0;
        memset(header + 148, ' ', 8);
        for (int i = 0; i < TAR_BLOCK; i++) {
            sum += header[i];
        }
        for (int digit = 5; digit >= 0; digit--, sum /= 8) {
            header[148 + digit] = (uint8_t)('0' + sum % 8);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct tar_reader reader;
    if (size < 2) {
        return 0;
    }
    size_t piece = data[0] + 1U;
    bool sealed = (data[1] & 1) == 0;
    data += 2;
    size -= 2;
    uint8_t *copy = malloc(size + 1);
    demand(copy != NULL);
    memcpy(copy, data, size);
    if (sealed) {
        seal(copy, size);
    }
    struct expectation expectation = {.open = false};
    struct tar_sink sink = {.context = &expectation, .begin = begin, .content = content, .end = end};
    struct error error;
    tar_reader_init(&reader, sink);
    bool good = true;
    for (size_t at = 0; at < size && good; at += piece) {
        good = tar_reader_feed(&reader, copy + at, size - at < piece ? size - at : piece, &error);
    }
    if (good && tar_reader_finish(&reader, &error)) {
        demand(!expectation.open);
    }
    free(copy);
    return 0;
}
