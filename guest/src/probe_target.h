/* What a probe connects to, and what it reads there. Knows nothing of descriptors, so that it can be fuzzed. */
#ifndef PYRO_PROBE_TARGET_H
#define PYRO_PROBE_TARGET_H

#include "error.h"

#include <netinet/in.h>
#include <stddef.h>

#define PROBE_MAX_URL 2048
#define PROBE_MAX_REQUEST (PROBE_MAX_URL + 512)
#define PROBE_MAX_ADDRESSES 2

union probe_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* Where to connect to, the first one first. */
struct probe_target {
    union probe_address addresses[PROBE_MAX_ADDRESSES];
    int count;
};

/* Reads HOST:PORT: an IPv4 address, a bracketed IPv6 address or `localhost`, and a number. */
bool probe_parse_address(const char *text, struct probe_target *target, struct error *error);

/* Reads an http:// URL, whose host is as above and whose port may be left out, and writes the request for it. */
bool probe_parse_url(const char *url, struct probe_target *target, char request[PROBE_MAX_REQUEST],
                     struct error *error);

/* Reads the beginning of an answer: its status; 0 when more of it is needed; -1 when it is no HTTP. */
int probe_http_status(const char *bytes, size_t length);

socklen_t probe_address_length(const union probe_address *address);

#endif
