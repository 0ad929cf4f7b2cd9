/* Fuzzes what a probe reads: the beginning of a server's answer, and what it is to connect to. */
#include "probe_target.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read of an answer does not change when more of it has come. */
static void read_status(const char *bytes, size_t length) {
    int known = 0;
    for (size_t i = 0; i <= length; i++) {
        int status = probe_http_status(bytes, i);
        if (status < -1 || status > 999 || (known != 0 && status != known)) {
            abort();
        }
        known = status;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char request[PROBE_MAX_REQUEST];
    struct probe_target target;
    struct error error;
    char *text = malloc(size + 1);
    if (text == NULL) {
        return 0;
    }
    memcpy(text, data, size);
    text[size] = '\0';
    if (probe_parse_address(text, &target, &error) && (target.count < 1 || target.count > PROBE_MAX_ADDRESSES)) {
        abort();
    }
    if (probe_parse_url(text, &target, request, &error)) {
        size_t length = strlen(request);
        if (length >= sizeof request - 1 || strcmp(request + length - 4, "\r\n\r\n") != 0) {
            abort();
        }
    }
    read_status(text, size < 64 ? size : 64);
    free(text);
    return 0;
}
