#include "probe_target.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define SCHEME "http://"
#define HTTP_PORT 80
#define MAX_HOST 64 /* longer than any address */
#define STATUS_LINE "HTTP/d.d ddd"

static void add_v4(struct probe_target *target, struct in_addr address, uint16_t port) {
    target->addresses[target->count++].v4 =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = address};
}

static void add_v6(struct probe_target *target, struct in6_addr address, uint16_t port) {
    target->addresses[target->count++].v6 =
        (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = address};
}

static bool parse_port(const char *text, size_t length, uint16_t *port) {
    unsigned value = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9' || value > UINT16_MAX) {
            return false;
        }
        value = value * 10 + (unsigned)(text[i] - '0');
    }
    *port = (uint16_t)value;
    return value > 0 && value <= UINT16_MAX;
}

/* The host, without the brackets. */
static bool add_host(struct probe_target *target, const char *host, bool bracketed, uint16_t port) {
    struct in_addr v4;
    struct in6_addr v6;
    target->count = 0;
    if (bracketed && inet_pton(AF_INET6, host, &v6) == 1) {
        add_v6(target, v6, port);
    } else if (!bracketed && inet_pton(AF_INET, host, &v4) == 1) {
        add_v4(target, v4, port);
    } else if (!bracketed && strcasecmp(host, "localhost") == 0) {
        add_v4(target, (struct in_addr){.s_addr = htonl(INADDR_LOOPBACK)}, port);
        add_v6(target, in6addr_loopback, port);
    }
    return target->count > 0;
}

/* Reads HOST[:PORT]; a port of 0 must be there. */
static bool parse_authority(const char *text, size_t length, uint16_t port, struct probe_target *target,
                            struct error *error) {
    bool bracketed = length > 0 && text[0] == '[';
    const char *begin = bracketed ? text + 1 : text;
    const char *end = memchr(begin, bracketed ? ']' : ':', length - (size_t)bracketed);
    if (end == NULL && !bracketed) {
        end = text + length;
    }
    char host[MAX_HOST];
    if (end == NULL || end == begin || (size_t)(end - begin) >= sizeof host) {
        return fail(error, ERROR_BAD_REQUEST, 0,
                    "`%.100s` does not begin with an IPv4 address, an IPv6 address in brackets or `localhost`", text);
    }
    memcpy(host, begin, (size_t)(end - begin));
    host[end - begin] = '\0';
    const char *rest = bracketed ? end + 1 : end;
    size_t left = length - (size_t)(rest - text);
    bool has_port = left == 0 ? port > 0 : rest[0] == ':' && parse_port(rest + 1, left - 1, &port);
    if (!has_port) {
        return fail(error, ERROR_BAD_REQUEST, 0, "`%.100s` has no port from 1 to 65535", text);
    }
    return add_host(target, host, bracketed, port) ||
           fail(error, ERROR_BAD_REQUEST, 0, "`%s` is no IPv4 address, no IPv6 address in brackets and not `localhost`",
                host);
}

bool probe_parse_address(const char *text, struct probe_target *target, struct error *error) {
    return parse_authority(text, strlen(text), 0, target, error);
}

/* Only what can stand in a request's first line. */
static bool is_printable(const char *text) {
    while (*text > ' ' && *text < 0x7f) {
        text++;
    }
    return *text == '\0';
}

bool probe_parse_url(const char *url, struct probe_target *target, char request[PROBE_MAX_REQUEST],
                     struct error *error) {
    if (strlen(url) > PROBE_MAX_URL) {
        return fail(error, ERROR_LIMIT, 0, "the URL has %zu bytes, more than %d", strlen(url), PROBE_MAX_URL);
    }
    if (strncasecmp(url, SCHEME, strlen(SCHEME)) != 0 || !is_printable(url)) {
        return fail(error, ERROR_BAD_REQUEST, 0, "`%.100s` is no http:// URL of printable ASCII characters", url);
    }
    const char *authority = url + strlen(SCHEME);
    size_t length = strcspn(authority, "/?#");
    const char *path = authority + length;
    if (!parse_authority(authority, length, HTTP_PORT, target, error)) {
        return false;
    }
    snprintf(request, PROBE_MAX_REQUEST,
             "GET %s%.*s HTTP/1.0\r\nHost: %.*s\r\nUser-Agent: pyro\r\nAccept: */*\r\nConnection: close\r\n\r\n",
             *path == '/' ? "" : "/", (int)strcspn(path, "#"), path, (int)length, authority);
    return true;
}

int probe_http_status(const char *bytes, size_t length) {
    static const char form[] = STATUS_LINE;
    int status = 0;
    for (size_t i = 0; i < sizeof form - 1; i++) {
        if (i == length) {
            return 0;
        }
        bool digit = bytes[i] >= '0' && bytes[i] <= '9';
        if (form[i] == 'd' ? !digit : bytes[i] != form[i]) {
            return -1;
        }
        status = digit ? 10 * status + bytes[i] - '0' : 0;
    }
    /* What follows must not be a fourth digit. */
    if (length == sizeof form - 1) {
        return 0;
    }
    char next = bytes[sizeof form - 1];
    return next == ' ' || next == '\r' || next == '\n' ? status : -1;
}

socklen_t probe_address_length(const union probe_address *address) {
    return address->any.sa_family == AF_INET ? sizeof address->v4 : sizeof address->v6;
}
