/* Fuzzes the reader of CHANGE records: what it hands on must keep the promises of struct change_record. */
#include "change_reader.h"

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

static bool begin(void *context, const struct change_record *record, struct error *error) {
    (void)error;
    struct expectation *expectation = context;
    demand(!expectation->open && record->mode <= 07777 && record->path[0] != '\0');
    demand(record->action != CHANGE_LINK || (record->size >= 1 && record->size <= MAX_TARGET));
    demand(record->action != CHANGE_DELETE || record->size == 0);
    for (const char *name = record->path; *name != '\0';) {
        size_t length = strcspn(name, "/");
        demand(length > 0 && length <= 255 && !(length == 1 && name[0] == '.') &&
               !(length == 2 && name[0] == '.' && name[1] == '.'));
        name += length;
        demand(*name == '\0' || name[1] != '\0');
        name += *name == '/';
    }
    expectation->open = true;
    expectation->left = record->size;
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

static bool end(void *context, const struct change_record *record, struct error *error) {
    (void)record;
    (void)error;
    struct expectation *expectation = context;
    demand(expectation->open && expectation->left == 0);
    expectation->open = false;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct change_reader reader;
    if (size < 1) {
        return 0;
    }
    size_t piece = data[0] + 1U;
    data++;
    size--;
    struct expectation expectation = {.open = false};
    struct change_sink sink = {.context = &expectation, .begin = begin, .content = content, .end = end};
    struct error error;
    change_reader_init(&reader, sink);
    bool good = true;
    for (size_t at = 0; at < size && good; at += piece) {
        good = change_reader_feed(&reader, data + at, size - at < piece ? size - at : piece, &error);
    }
    if (good && change_reader_finish(&reader, &error)) {
        demand(!expectation.open);
    }
    return 0;
}
