/* What knows nothing of processes and files. */
#include "unit_test.h"
#include "abi.h"
#include "check.h"
#include "fields.h"
#include "frame.h"
#include "frame_filter.h"
#include "host_addresses.h"
#include "inodes.h"
#include "probe_target.h"
#include "ring.h"
#include "sha256.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int check_failures;

static struct frame_reader frames;

/* Feeds bytes one at a time; returns the last status. */
static enum frame_status feed(const uint8_t *bytes, size_t length, struct frame *frame) {
    enum frame_status status = FRAME_PARTIAL;
    frames.have = 0;
    for (size_t i = 0; i < length && status == FRAME_PARTIAL; i++) {
        size_t wanted;
        *frame_reader_space(&frames, &wanted) = bytes[i];
        CHECK(wanted > 0);
        status = frame_reader_filled(&frames, 1, frame);
    }
    return status;
}

static void frames_are_put_together_byte_by_byte(void) {
    const uint8_t data[] = {FRAME_DATA, 0, 0, 0, 0, 0, 0, 3, 'a', 'b', 'c'};
    struct frame frame;
    CHECK(feed(data, sizeof data - 1, &frame) == FRAME_PARTIAL);
    CHECK(feed(data, sizeof data, &frame) == FRAME_COMPLETE);
    CHECK(frame.type == FRAME_DATA && frame.length == 3 && memcmp(frame.payload, "abc", 3) == 0);
}

static void frames_that_no_host_sends_are_refused(void) {
    const uint8_t bad[][8] = {
        {0x77, 0, 0, 0, 0, 0, 0, 0},
        {FRAME_RESULT, 0, 0, 0, 0, 0, 0, 0},
        {FRAME_DATA, 1, 0, 0, 0, 0, 0, 1},
        {FRAME_DATA, 0, 0, 1, 0, 0, 0, 1},
        {FRAME_DATA, 0, 0, 0, 0, 0, 0, 0},
        {FRAME_DATA, 0, 0, 0, 0, 1, 0, 1},
        {FRAME_REQUEST, 0, 0, 0, 0, 4, 0, 1},
        {FRAME_REQUEST, 0, 0, 0, 0, 0, 0, 1},
        {FRAME_END, 0, 0, 0, 0, 0, 0, 1},
        {FRAME_HELLO, 0, 0, 0, 0, 0, 0, 27},
        {FRAME_REQUEST, 0, 0, 0, 255, 255, 255, 255},
    };
    struct frame frame;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(feed(bad[i], 8, &frame) == FRAME_BAD);
    }
}

static void fields_are_found_and_checked(void) {
    struct answer answer = {.length = 0};
    answer_u32(&answer, 1, 7);
    answer_bytes(&answer, 2, "x", 1);
    answer_bytes(&answer, 2, "y", 1);
    answer_bytes(&answer, 9, "", 0);
    struct fields fields;
    struct error error;
    bool present;
    uint32_t number = 0;
    uint64_t big = 0;
    struct slice value;
    CHECK(fields_parse(&fields, answer.bytes, answer.length, &error));
    CHECK(fields_u32(&fields, 1, &number, &present, &error) && present && number == 7);
    CHECK(!fields_u64(&fields, 1, &big, &present, &error) && error.code == ERROR_BAD_REQUEST);
    CHECK(!fields_bytes(&fields, 2, &value, &present, &error) && error.code == ERROR_BAD_REQUEST);
    CHECK(fields_bytes(&fields, 9, &value, &present, &error) && present && value.length == 0);
    CHECK(fields_bytes(&fields, 8, &value, &present, &error) && !present);
    size_t cursor = 0;
    CHECK(fields_next(&fields, 2, &cursor, &value) && value.bytes[0] == 'x');
    CHECK(fields_next(&fields, 2, &cursor, &value) && value.bytes[0] == 'y');
    CHECK(!fields_next(&fields, 2, &cursor, &value));
    for (size_t length = 1; length < answer.length; length++) {
        bool whole = length == 10 || length == 17 || length == 24;
        CHECK(fields_parse(&fields, answer.bytes, length, &error) == whole);
    }
}

static void texts_hold_no_nul(void) {
    char buffer[8];
    struct error error;
    CHECK(slice_text((struct slice){(const uint8_t *)"abc", 3}, "x", buffer, 4, &error) && strcmp(buffer, "abc") == 0);
    CHECK(!slice_text((struct slice){(const uint8_t *)"abcd", 4}, "x", buffer, 4, &error) && error.code == ERROR_LIMIT);
    CHECK(!slice_text((struct slice){(const uint8_t *)"a\0c", 3}, "x", buffer, 8, &error) &&
          error.code == ERROR_BAD_REQUEST);
    CHECK(slice_text((struct slice){NULL, 0}, "x", buffer, 8, &error) && buffer[0] == '\0');
}

static void hash_is(const char *text, size_t repeat, size_t piece, const char *expected) {
    struct sha256 hash;
    uint8_t digest[SHA256_SIZE];
    char hex[2 * SHA256_SIZE + 1];
    sha256_init(&hash);
    size_t length = strlen(text);
    for (size_t i = 0; i < repeat; i++) {
        for (size_t at = 0; at < length; at += piece) {
            sha256_update(&hash, (const uint8_t *)text + at, length - at < piece ? length - at : piece);
        }
    }
    sha256_final(&hash, digest);
    for (int i = 0; i < SHA256_SIZE; i++) {
        sprintf(hex + 2 * i, "%02x", digest[i]);
    }
    CHECK(strcmp(hex, expected) == 0);
}

static void sha256_gives_the_published_digests(void) {
    const char *longer = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    const char *longest =
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmn"
        "opqrstnopqrstu";
    hash_is("", 1, 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    hash_is("abc", 1, 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    for (size_t piece = 1; piece < 70; piece++) {
        hash_is(longer, 1, piece, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
        hash_is(longest, 1, piece, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
    }
    hash_is("aaaaaaaaaa", 100000, 7, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void inode_sets_remember(void) {
    struct inodes inodes = {0};
    CHECK(!inodes_has(&inodes, 5));
    for (uint64_t i = 1; i < 10000; i++) {
        CHECK(inodes_add(&inodes, i * i * 4096));
    }
    for (uint64_t i = 1; i < 10000; i++) {
        CHECK(inodes_has(&inodes, i * i * 4096) && !inodes_has(&inodes, i * i * 4096 + 1));
    }
    inodes_free(&inodes);
}

static bool is_own(const uint8_t *address) {
    static const uint8_t own[4] = {192, 0, 2, 7};
    return memcmp(address, own, sizeof own) == 0;
}

static bool allows(uint16_t type, const uint8_t source[4], const uint8_t target[4], size_t length) {
    uint8_t frame[64] = {0};
    frame[12] = (uint8_t)(type >> 8);
    frame[13] = (uint8_t)type;
    frame[14] = 0x45;
    memcpy(frame + 26, source, 4);
    memcpy(frame + 30, target, 4);
    return frame_filter_allows(frame, length, is_own);
}

static void frames_to_the_host_itself_are_dropped(void) {
    static const uint8_t guest[4] = {10, 0, 2, 15};
    static const uint8_t good[][4] = {{1, 1, 1, 1},   {10, 0, 2, 2},  {126, 255, 255, 255},
                                      {128, 0, 0, 1}, {223, 1, 2, 3}, {192, 0, 2, 8}};
    static const uint8_t bad[][4] = {{127, 0, 0, 1}, {127, 255, 255, 255}, {0, 0, 0, 0},
                                     {0, 1, 2, 3},   {224, 0, 0, 1},       {255, 255, 255, 255}};
    static const uint8_t own[4] = {192, 0, 2, 7};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        CHECK(allows(0x0800, guest, good[i], 64));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(!allows(0x0800, guest, bad[i], 64));
        CHECK(!allows(0x0800, bad[i], guest, 64));
    }
    CHECK(!allows(0x0800, guest, own, 64) && allows(0x0800, own, good[0], 64));
    CHECK(allows(0x0806, guest, guest, 42) && !allows(0x0806, guest, guest, 41));
    CHECK(!allows(0x86dd, guest, good[0], 64) && !allows(0x8100, guest, good[0], 64));
    for (size_t length = 0; length < 34; length++) {
        CHECK(!allows(0x0800, guest, good[0], length));
    }
}

static uint8_t stream_byte(uint64_t cursor) {
    return (uint8_t)(cursor * 31 + cursor / 251);
}

/* Appends the next bytes of a stream whose every byte is known. */
static void append(struct ring *ring, size_t length) {
    uint8_t *bytes = malloc(length);
    for (size_t i = 0; i < length; i++) {
        bytes[i] = stream_byte(ring->end + i);
    }
    ring_append(ring, bytes, length);
    free(bytes);
}

/* Tells whether all that a ring keeps is what was appended. */
static bool holds_the_stream(const struct ring *ring) {
    size_t kept = (size_t)(ring->end - ring->begin);
    uint8_t *bytes = malloc(kept + 1);
    bool same = ring_read(ring, ring->begin, bytes, kept + 1) == kept;
    for (size_t i = 0; i < kept; i++) {
        same = same && bytes[i] == stream_byte(ring->begin + i);
    }
    free(bytes);
    return same;
}

static void rings_keep_the_last_bytes(void) {
    static const size_t lengths[] = {1, 4095, 1, 1, 10000, 0, 65536, 300000, 700000, 65536, 1, 5000000, 3};
    struct ring ring = {.bytes = NULL};
    uint64_t end = 0;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        append(&ring, lengths[i]);
        end += lengths[i];
        CHECK(ring.end == end && ring.begin == (end < RING_MOST ? 0 : end - RING_MOST) && holds_the_stream(&ring));
        CHECK(ring.capacity <= RING_MOST && ring.capacity < 2 * end + 8192);
    }
    uint8_t byte;
    CHECK(ring_read(&ring, ring.end - 1, &byte, 1) == 1 && byte == stream_byte(ring.end - 1));
    CHECK(ring_read(&ring, ring.begin - 1, &byte, 1) == 0 && ring_read(&ring, ring.end, &byte, 1) == 0);
    CHECK(ring_read(&ring, UINT64_MAX, &byte, 1) == 0 && ring_read(&ring, ring.begin, &byte, 0) == 0);
    ring_free(&ring);
    CHECK(ring.end == 0 && ring_read(&ring, 0, &byte, 1) == 0);
}

static bool is_address(const char *text, int count, int family, uint16_t port) {
    struct probe_target target;
    struct error error;
    return probe_parse_address(text, &target, &error) && target.count == count &&
           target.addresses[0].any.sa_family == family && target.addresses[0].v4.sin_port == htons(port);
}

static void probe_addresses_are_read(void) {
    static const char *const bad[] = {
        "",        ":1",      "1.2.3:4",     "1.2.3.4",     "1.2.3.4:",    "1.2.3.4:x",
        "[::1:80", "[::1]80", "[::1]:65536", "1.2.3.4:0",   "::1:80",      "[1.2.3.4]:1",
        "name:80", "[]:80",   "[",           "1.2.3.4: 80", "a@1.2.3.4:1", "1.2.3.4:99999999999"};
    struct probe_target target;
    struct error error;
    CHECK(is_address("127.0.0.1:1", 1, AF_INET, 1) && is_address("[::1]:65535", 1, AF_INET6, 65535));
    CHECK(is_address("localhost:8080", 2, AF_INET, 8080) && is_address("LOCALHOST:8080", 2, AF_INET, 8080));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(!probe_parse_address(bad[i], &target, &error) && error.code == ERROR_BAD_REQUEST);
    }
}

static bool asks(const char *url, uint16_t port, const char *begin) {
    char request[PROBE_MAX_REQUEST];
    struct probe_target target;
    struct error error;
    return probe_parse_url(url, &target, request, &error) && target.addresses[0].v4.sin_port == htons(port) &&
           strncmp(request, begin, strlen(begin)) == 0;
}

static void probe_urls_become_requests(void) {
    static const char *const bad[] = {"",
                                      "http://",
                                      "https://1.2.3.4/",
                                      "1.2.3.4/",
                                      "http:///x",
                                      "http://a b/",
                                      "http://[::1",
                                      "http://h/",
                                      "http://1.2.3.4/\r\nX: y",
                                      "http://1.2.3.4:/",
                                      "http://u@1.2.3.4/",
                                      "http://1.2.3.4/\xc3\xa4"};
    static char long_url[PROBE_MAX_URL + 2] = "http://1.2.3.4/";
    char request[PROBE_MAX_REQUEST];
    struct probe_target target;
    struct error error;
    CHECK(asks("http://127.0.0.1", 80, "GET / HTTP/1.0\r\nHost: 127.0.0.1\r\n"));
    CHECK(asks("HTTP://localhost:81?q#f", 81, "GET /?q HTTP/1.0\r\nHost: localhost:81\r\n"));
    CHECK(asks("http://[::1]:82/a/b?c=d#e", 82, "GET /a/b?c=d HTTP/1.0\r\nHost: [::1]:82\r\n"));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(!probe_parse_url(bad[i], &target, request, &error) && error.code == ERROR_BAD_REQUEST);
    }
    memset(long_url + strlen(long_url), 'x', sizeof long_url - 1 - strlen(long_url));
    CHECK(!probe_parse_url(long_url, &target, request, &error) && error.code == ERROR_LIMIT);
    long_url[PROBE_MAX_URL] = '\0';
    CHECK(probe_parse_url(long_url, &target, request, &error) && strstr(request, "\r\n\r\n") != NULL);
}

static void statuses_are_read(void) {
    static const char *const bad[] = {"H1",
                                      "HTTP/1.1  200 OK",
                                      "http/1.1 200 OK",
                                      "HTTP/11 200 OK",
                                      "HTTP/1.1 2000",
                                      "HTTP/1.1 20 ",
                                      "HTTP/1.1 -10 ",
                                      "SSH-2.0",
                                      "\n"};
    static const char whole[] = "HTTP/1.1 404 Not Found\r\n";
    for (size_t i = 0; i < sizeof whole; i++) {
        CHECK(probe_http_status(whole, i) == (i < 13 ? 0 : 404));
    }
    CHECK(probe_http_status("HTTP/1.0 200\r\n", 14) == 200 && probe_http_status("HTTP/2.0 301\n", 13) == 301);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(probe_http_status(bad[i], strlen(bad[i])) == -1);
    }
}

/* Appends a message of the kernel's to an answer; returns the answer's length. */
static size_t put_route(uint8_t *answer, size_t at, uint8_t table, uint8_t type, uint8_t bits, const char *address) {
    struct {
        struct abi_netlink_header header;
        struct abi_route route;
        struct abi_attribute attribute;
        struct in_addr destination;
    } message = {.header = {.length = sizeof message, .type = ABI_MESSAGE_NEW_ROUTE},
                 .route = {.family = AF_INET, .destination_length = bits, .table = table, .type = type},
                 .attribute = {.length = sizeof message.attribute + 4, .type = ABI_ATTRIBUTE_DESTINATION}};
    inet_pton(AF_INET, address, &message.destination);
    memcpy(answer + at, &message, sizeof message);
    return at + sizeof message;
}

static void host_addresses_are_read_from_the_kernels_answer(void) {
    static struct host_network networks[HOST_ADDRESSES_MAX];
    uint8_t answer[1024];
    size_t count = 0;
    size_t length = put_route(answer, 0, 255, 2, 32, "192.0.2.7");
    length = put_route(answer, length, 255, 2, 8, "127.0.0.0");
    length = put_route(answer, length, 255, 3, 32, "192.0.2.255"); /* a broadcast address */
    length = put_route(answer, length, 254, 2, 32, "192.0.2.9");   /* of another table */
    CHECK(host_addresses_read(answer, length, networks, &count) == HOST_ADDRESSES_MORE && count == 2);
    CHECK(networks[0].address == 0xc0000207 && networks[0].mask == 0xffffffff);
    CHECK(networks[1].address == 0x7f000000 && networks[1].mask == 0xff000000);
    struct abi_netlink_header done = {.length = sizeof done, .type = ABI_MESSAGE_DONE};
    memcpy(answer + length, &done, sizeof done);
    CHECK(host_addresses_read(answer, length + sizeof done, networks, &count) == HOST_ADDRESSES_DONE && count == 4);
    for (size_t cut = 1; cut < length; cut++) {
        count = 0;
        enum host_addresses_status status = host_addresses_read(answer, cut, networks, &count);
        CHECK(status == HOST_ADDRESSES_BAD || (status == HOST_ADDRESSES_MORE && count <= 2));
    }
    count = HOST_ADDRESSES_MAX;
    CHECK(host_addresses_read(answer, length, networks, &count) == HOST_ADDRESSES_BAD && errno == E2BIG);
    done.flags = ABI_FLAG_DUMP_INTERRUPTED;
    memcpy(answer, &done, sizeof done);
    CHECK(host_addresses_read(answer, sizeof done, networks, &count) == HOST_ADDRESSES_BAD && errno == EAGAIN);
}

static void host_addresses_are_known(void) {
    static const uint8_t loopback[4] = {127, 0, 0, 1};
    static const uint8_t documentation[4] = {203, 0, 113, 201};
    CHECK(host_addresses_watch());
    CHECK(host_addresses_have(loopback) && !host_addresses_have(documentation));
}

int main(void) {
    RUN(users_are_found);
    RUN(users_are_the_same_as_on_the_host);
    RUN(users_that_are_not_there_are_unknown);
    RUN(users_need_no_files);
    RUN(users_are_bounded);
    RUN(root_needs_no_readable_files);
    RUN(new_directories_are_given);
    RUN(other_directories_are_not_given);
    RUN(what_is_in_run_is_copied);
    RUN(what_is_too_much_for_run_is_left_out);
    RUN(half_a_file_does_not_come_to_run);
    RUN(what_cannot_be_given_does_not_come_to_run);
    RUN(stand_ins_are_the_agents_own);
    RUN(rings_keep_the_last_bytes);
    RUN(probe_addresses_are_read);
    RUN(probe_urls_become_requests);
    RUN(statuses_are_read);
    RUN(host_addresses_are_read_from_the_kernels_answer);
    RUN(host_addresses_are_known);
    RUN(frames_to_the_host_itself_are_dropped);
    RUN(frames_are_put_together_byte_by_byte);
    RUN(frames_that_no_host_sends_are_refused);
    RUN(fields_are_found_and_checked);
    RUN(texts_hold_no_nul);
    RUN(sha256_gives_the_published_digests);
    RUN(inode_sets_remember);
    RUN(good_archives_are_read);
    RUN(bad_entries_are_refused);
    RUN(damaged_archives_are_refused);
    RUN(written_headers_are_read_again);
    return check_failures > 0;
}
