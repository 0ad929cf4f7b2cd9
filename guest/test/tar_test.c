/* Archives: read in pieces, refused, and written. */
#include "check.h"
#include "tar_build.h"
#include "tar_writer.h"
#include "unit_test.h"

#include <errno.h>
#include <stdlib.h>

/* What a reader has found. */
struct found {
    int begun;
    int ended;
    size_t content;
    struct tar_entry last;
};

static bool found_begin(void *context, const struct tar_entry *entry, struct error *error) {
    (void)error;
    struct found *found = context;
    found->begun++;
    found->last = *entry;
    return true;
}

static bool found_content(void *context, const uint8_t *bytes, size_t length, struct error *error) {
    (void)bytes;
    (void)error;
    ((struct found *)context)->content += length;
    return true;
}

static bool found_end(void *context, const struct tar_entry *entry, struct error *error) {
    (void)entry;
    (void)error;
    ((struct found *)context)->ended++;
    return true;
}

static struct archive archive;
static struct tar_reader reader;
static struct found found;

/* Reads the archive in pieces of a size; tells whether it is good. */
static bool read_archive(size_t piece) {
    struct error error = {0};
    struct tar_sink sink = {.context = &found, .begin = found_begin, .content = found_content, .end = found_end};
    memset(&found, 0, sizeof found);
    tar_reader_init(&reader, sink);
    for (size_t at = 0; at < archive.length; at += piece) {
        size_t length = archive.length - at < piece ? archive.length - at : piece;
        if (!tar_reader_feed(&reader, archive.bytes + at, length, &error)) {
            CHECK(error.code == ERROR_BAD_ARCHIVE);
            return false;
        }
    }
    return tar_reader_finish(&reader, &error);
}

void good_archives_are_read(void) {
    archive.length = 0;
    tar_add(&archive, '5', "./", "", NULL);
    tar_add(&archive, '5', "./d/", "", NULL);
    tar_add(&archive, '0', "./d//f", "", "hello");
    tar_add(&archive, '1', "d/h", "./d/f", NULL);
    tar_add(&archive, '2', "d/s", "../../anywhere", NULL);
    tar_add(&archive, 'x', "pax", "", "13 path=a/b/\n20 mtime=-1.2500000\n12 size=3\n\n");
    archive.length -= 2 * TAR_BLOCK;
    tar_add(&archive, 'x', "pax", "", "12 path=a/b\n18 mtime=-1.25000\n");
    tar_add(&archive, '0', "short", "", "0123456789");
    tar_end(&archive);
    for (size_t piece = 1; piece < 2000; piece += 37) {
        CHECK(read_archive(piece));
        CHECK(found.begun == 6 && found.ended == 6 && found.content == 15);
        CHECK(strcmp(found.last.name, "a/b") == 0 && found.last.mtime_s == -2 && found.last.mtime_ns == 750000000);
    }
}

static void one_entry(char type, const char *name, const char *target, const char *content, bool good) {
    archive.length = 0;
    tar_add(&archive, type, name, target, content);
    tar_end(&archive);
    if (read_archive(700) != good) {
        fprintf(stderr, "type %c name %s target %s\n", type, name, target);
        check_failures++;
    }
}

void bad_entries_are_refused(void) {
    one_entry('0', "a", "", "x", true);
    one_entry('0', "/a", "", "x", false);
    one_entry('0', "..", "", "x", false);
    one_entry('0', "a/../b", "", "x", false);
    one_entry('0', "a/..", "", "x", false);
    one_entry('0', "..a/b..", "", "x", true);
    one_entry('0', "", "", "x", false);
    one_entry('0', "./", "", "x", false);
    one_entry('1', "a", "", NULL, false);
    one_entry('1', "a", "/etc/passwd", NULL, false);
    one_entry('1', "a", "../b", NULL, false);
    one_entry('2', "a", "", NULL, false);
    one_entry('2', "a", "/etc", NULL, true);
    one_entry('2', "a", "b", "content", false);
    one_entry('3', "a", "", NULL, false);
    one_entry('4', "a", "", NULL, false);
    one_entry('6', "a", "", NULL, false);
    one_entry('S', "a", "", NULL, false);
    one_entry('x', "p", "", "9 path=\n", false);
    one_entry('x', "p", "", "nonsense", false);
    one_entry('x', "p", "", "99999999999999999999 path=a\n", false);
    one_entry('x', "p", "", "23 GNU.sparse.major=1\n\n", false);
}

void damaged_archives_are_refused(void) {
    archive.length = 0;
    uint8_t *header = tar_add(&archive, '0', "a", "", "x");
    CHECK(!read_archive(512)); /* no end */
    tar_end(&archive);
    header[0] = 'b';
    CHECK(!read_archive(512)); /* wrong checksum */
    memset(header + 124, 0xff, 12);
    tar_seal(header);
    CHECK(!read_archive(512)); /* negative size */
    memcpy(header + 124, "0000000000z", 12);
    tar_seal(header);
    CHECK(!read_archive(512)); /* malformed size */
    archive.length = 0;
    CHECK(!read_archive(512)); /* nothing at all */
}

/* What is written is read again, whatever does not fit into ustar's fields. */
static void round_trip(const char *name, const char *target, enum tar_kind kind, uint64_t size, int64_t mtime) {
    static struct tar_entry entry;
    static uint8_t headers[TAR_MAX_HEADERS];
    entry = (struct tar_entry){.kind = kind, .mode = 04755, .size = size, .mtime_s = mtime};
    strcpy(entry.name, name);
    strcpy(entry.target, target);
    struct tar_owner owner = {.uid = 4000000000U, .gid = 5};
    size_t length = tar_write_headers(headers, &entry, owner);
    struct error error;
    struct tar_sink sink = {.context = &found, .begin = found_begin, .content = found_content, .end = found_end};
    memset(&found, 0, sizeof found);
    tar_reader_init(&reader, sink);
    CHECK(length % TAR_BLOCK == 0 && tar_reader_feed(&reader, headers, length, &error));
    CHECK(found.begun == 1 && found.last.kind == kind && found.last.size == size && found.last.mtime_s == mtime);
    CHECK(found.last.mode == 04755 && strcmp(found.last.name, name) == 0 && strcmp(found.last.target, target) == 0);
}

void written_headers_are_read_again(void) {
    static char name[MAX_PATH + 1];
    static char target[MAX_PATH];
    for (size_t length = 1; length <= 4090; length += length < 300 ? 1 : 97) {
        for (size_t i = 0; i < length; i++) {
            name[i] = i % 60 == 59 && i + 1 < length ? '/' : 'n';
            target[i] = 't';
        }
        name[length] = '\0';
        target[length] = '\0';
        round_trip(name, "", TAR_FILE, 12345, 1);
        round_trip(name, "", TAR_DIRECTORY, 0, 1);
        round_trip("l", target, TAR_SYMLINK, 0, 1);
    }
    round_trip("big", "", TAR_FILE, 077777777777, 077777777777);
    round_trip("bigger", "", TAR_FILE, 1ULL << 40, 1LL << 40);
    round_trip("old", "", TAR_FILE, 1, -5);
}
