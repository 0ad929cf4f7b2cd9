#include "client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

_Noreturn static void give_up(const char *what) {
    fprintf(stderr, "the test client gives up: %s\n", what);
    exit(1);
}

void request_start(struct request *request, uint16_t operation) {
    put_u16(request->bytes, operation);
    request->length = 2;
}

void request_bytes(struct request *request, uint16_t tag, const void *bytes, size_t length) {
    if (request->length + 6 + length > sizeof request->bytes) {
        give_up("the request is too long");
    }
    uint8_t *at = request->bytes + request->length;
    put_u16(at, tag);
    put_u32(at + 2, (uint32_t)length);
    if (length > 0) {
        memcpy(at + 6, bytes, length);
    }
    request->length += 6 + length;
}

void request_text(struct request *request, uint16_t tag, const char *text) {
    request_bytes(request, tag, text, strlen(text));
}

void request_u8(struct request *request, uint16_t tag, uint8_t value) {
    request_bytes(request, tag, &value, 1);
}

void request_u32(struct request *request, uint16_t tag, uint32_t value) {
    uint8_t bytes[4];
    put_u32(bytes, value);
    request_bytes(request, tag, bytes, sizeof bytes);
}

void request_u64(struct request *request, uint16_t tag, uint64_t value) {
    uint8_t bytes[8];
    put_u64(bytes, value);
    request_bytes(request, tag, bytes, sizeof bytes);
}

static void send_all(int fd, const uint8_t *bytes, size_t length) {
    while (length > 0) {
        ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
        if (sent <= 0) {
            give_up("the agent has closed the connection");
        }
        bytes += sent;
        length -= (size_t)sent;
    }
}

void client_send(int fd, uint8_t type, const void *payload, size_t length) {
    uint8_t header[FRAME_HEADER];
    put_u32(header, (uint32_t)type << 24);
    put_u32(header + 4, (uint32_t)length);
    send_all(fd, header, sizeof header);
    send_all(fd, payload, length);
}

static bool receive_all(int fd, uint8_t *bytes, size_t length) {
    while (length > 0) {
        ssize_t got = read(fd, bytes, length);
        if (got <= 0) {
            return false;
        }
        bytes += got;
        length -= (size_t)got;
    }
    return true;
}

bool client_hello(int fd) {
    uint8_t hello[HELLO_SIZE] = HELLO_MAGIC;
    uint8_t expected[FRAME_HEADER + HELLO_SIZE] = {FRAME_HELLO_ACK, 0, 0, 0, 0, 0, 0, HELLO_SIZE};
    put_u16(hello + MAGIC_SIZE, PROTOCOL_VERSION);
    if (getrandom(hello + MAGIC_SIZE + 2, NONCE_SIZE, 0) != NONCE_SIZE) {
        give_up("no random numbers");
    }
    memcpy(expected + FRAME_HEADER, ACK_MAGIC, MAGIC_SIZE);
    memcpy(expected + FRAME_HEADER + MAGIC_SIZE, hello + MAGIC_SIZE, 2 + NONCE_SIZE);
    client_send(fd, FRAME_HELLO, hello, sizeof hello);
    uint8_t window[sizeof expected];
    if (!receive_all(fd, window, sizeof window)) {
        return false;
    }
    while (memcmp(window, expected, sizeof window) != 0) {
        memmove(window, window + 1, sizeof window - 1);
        if (!receive_all(fd, window + sizeof window - 1, 1)) {
            return false;
        }
    }
    return true;
}

void client_request(int fd, const struct request *request) {
    client_send(fd, FRAME_REQUEST, request->bytes, request->length);
}

void client_input(int fd, const void *bytes, size_t length) {
    const uint8_t *at = bytes;
    while (length > 0) {
        size_t piece = length < MAX_DATA ? length : MAX_DATA;
        client_send(fd, FRAME_DATA, at, piece);
        at += piece;
        length -= piece;
    }
    client_send(fd, FRAME_END, NULL, 0);
}

static void keep(char *buffer, size_t capacity, size_t *used, const uint8_t *bytes, size_t length) {
    if (*used + length <= capacity) {
        memcpy(buffer + *used, bytes, length);
    }
    *used += length;
}

void client_reply(int fd, struct reply *reply) {
    reply->out_length = 0;
    reply->err_length = 0;
    for (;;) {
        uint8_t header[FRAME_HEADER];
        if (!receive_all(fd, header, sizeof header)) {
            give_up("the agent has closed the connection before it answered");
        }
        reply->type = header[0];
        reply->length = get_u32(header + 4);
        if (reply->length > sizeof reply->bytes || !receive_all(fd, reply->bytes, reply->length)) {
            give_up("a frame is too long or not complete");
        }
        if (reply->type == FRAME_STDERR) {
            keep(reply->err, sizeof reply->err, &reply->err_length, reply->bytes, reply->length);
        } else if (reply->type == FRAME_STDOUT || reply->type == FRAME_DATA_OUT || reply->type == FRAME_ENTRIES) {
            keep(reply->out, sizeof reply->out, &reply->out_length, reply->bytes, reply->length);
        } else {
            break;
        }
    }
    struct error error;
    if ((reply->type != FRAME_RESULT && reply->type != FRAME_ERROR) ||
        !fields_parse(&reply->fields, reply->bytes, reply->length, &error)) {
        give_up("a frame that nobody expects");
    }
}

uint64_t reply_number(const struct reply *reply, uint16_t tag) {
    size_t cursor = 0;
    struct slice value;
    if (!fields_next(&reply->fields, tag, &cursor, &value)) {
        give_up("a field is missing in the answer");
    }
    uint64_t number = 0;
    for (size_t i = 0; i < value.length; i++) {
        number = number << 8 | value.bytes[i];
    }
    return number;
}

const char *reply_message(struct reply *reply) {
    static char text[ERROR_MESSAGE_SIZE];
    size_t cursor = 0;
    struct slice value;
    struct error error;
    if (!fields_next(&reply->fields, 3, &cursor, &value) || !slice_text(value, "message", text, sizeof text, &error)) {
        return "";
    }
    return text;
}

unsigned reply_error(const struct reply *reply) {
    return reply->type == FRAME_RESULT ? 0 : (unsigned)reply_number(reply, 1);
}

void client_exec(int fd, const char *command, struct reply *reply) {
    static struct request request;
    request_start(&request, 2);
    request_text(&request, 1, command);
    client_request(fd, &request);
    client_reply(fd, reply);
}
