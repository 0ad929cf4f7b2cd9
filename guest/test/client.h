/* The host's side of the protocol, for tests. It gives up, loudly, on anything that a test does not expect. */
#ifndef PYRO_TEST_CLIENT_H
#define PYRO_TEST_CLIENT_H

#include "fields.h"
#include "wire.h"

#include <stdbool.h>

#define CLIENT_MAX_FIELDS 262144

struct request {
    size_t length;
    uint8_t bytes[2 + CLIENT_MAX_FIELDS];
};

/* What came in answer to a request: the final frame, and the bytes of the frames before it. */
struct reply {
    uint8_t type;
    struct fields fields;
    size_t length;
    size_t out_length;
    size_t err_length;
    uint8_t bytes[MAX_PAYLOAD];
    char out[4 << 20];
    char err[1 << 16];
};

void request_start(struct request *request, uint16_t operation);
void request_bytes(struct request *request, uint16_t tag, const void *bytes, size_t length);
void request_text(struct request *request, uint16_t tag, const char *text);
void request_u8(struct request *request, uint16_t tag, uint8_t value);
void request_u32(struct request *request, uint16_t tag, uint32_t value);
void request_u64(struct request *request, uint16_t tag, uint64_t value);

void client_send(int fd, uint8_t type, const void *payload, size_t length);

/* Says hello and reads up to the answer, dropping what comes before; tells whether it came. */
bool client_hello(int fd);

void client_request(int fd, const struct request *request);

/* Sends an input stream and its end. */
void client_input(int fd, const void *bytes, size_t length);

/* Reads up to the RESULT or ERROR. Output beyond the buffers is counted and dropped. */
void client_reply(int fd, struct reply *reply);

/* The fields of the reply. */
uint64_t reply_number(const struct reply *reply, uint16_t tag);
const char *reply_message(struct reply *reply);
unsigned reply_error(const struct reply *reply); /* 0 for a RESULT */

/* A whole EXEC without input. */
void client_exec(int fd, const char *command, struct reply *reply);

#endif
