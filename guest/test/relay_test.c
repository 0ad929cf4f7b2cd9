/* Both ends of the relay, with real sockets between them, and a guest that lies. */
#include "check.h"
#include "dial.h"
#include "publish.h"
#include "relay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define BOUND_MS 20000
#define MANY 200
#define MESSAGE 300000

int check_failures;

static char folder[] = "/tmp/pyro-relay-XXXXXX";
static char link_path[64];
static char control_path[64];
static pid_t publisher;
static int link_fd = -1;

/* Waits for a descriptor; a test that hangs has failed. */
static void await(int fd, short events) {
    struct pollfd poller = {.fd = fd, .events = events};
    if (poll(&poller, 1, BOUND_MS) != 1) {
        fprintf(stderr, "nothing happened for %d ms\n", BOUND_MS);
        abort();
    }
}

static int connect_unix(const char *path) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    strcpy(name.sun_path, path);
    for (int i = 0; i < BOUND_MS / 10; i++) {
        int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(fd, (struct sockaddr *)&name, sizeof name) == 0) {
            return fd;
        }
        close(fd);
        poll(NULL, 0, 10);
    }
    abort();
}

static void start_publisher(void) {
    unlink(link_path);
    unlink(control_path);
    publisher = fork();
    if (publisher == 0) {
        _exit(publish_run(link_path, control_path));
    }
    link_fd = connect_unix(link_path);
    fcntl(link_fd, F_SETFL, O_NONBLOCK);
}

/* Returns how the publisher ended. */
static int end_publisher(void) {
    int status;
    if (link_fd >= 0) {
        close(link_fd);
        link_fd = -1;
    }
    waitpid(publisher, &status, 0);
    return status;
}

static int order(const char *line) {
    char answer[16] = "";
    int fd = connect_unix(control_path);
    CHECK(write(fd, line, strlen(line)) == (ssize_t)strlen(line));
    await(fd, POLLIN);
    CHECK(read(fd, answer, sizeof answer - 1) > 0);
    close(fd);
    return atoi(answer);
}

static int publish(unsigned host_port, unsigned guest_port) {
    char line[64];
    snprintf(line, sizeof line, "publish %u %u\n", host_port, guest_port);
    return order(line);
}

/* Listens on a port of the kernel's choice, which it returns. */
static int listen_on(int domain, int backlog, unsigned *port) {
    int fd = socket(domain, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr *address = domain == AF_INET ? (struct sockaddr *)&ipv4 : (struct sockaddr *)&ipv6;
    socklen_t length = domain == AF_INET ? sizeof ipv4 : sizeof ipv6;
    CHECK(bind(fd, address, length) == 0 && listen(fd, backlog) == 0 && getsockname(fd, address, &length) == 0);
    *port = ntohs(domain == AF_INET ? ipv4.sin_port : ipv6.sin6_port);
    return fd;
}

/* Returns a port that is free now. */
static unsigned free_port(void) {
    unsigned port;
    close(listen_on(AF_INET, 1, &port));
    return port;
}

static int connect_to(unsigned port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool send_all(int fd, const uint8_t *bytes, size_t length) {
    while (length > 0) {
        ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);
        if (sent <= 0) {
            return false;
        }
        bytes += sent;
        length -= (size_t)sent;
    }
    return true;
}

static bool read_all(int fd, uint8_t *bytes, size_t length) {
    while (length > 0) {
        await(fd, POLLIN);
        ssize_t got = read(fd, bytes, length);
        if (got <= 0) {
            return false;
        }
        bytes += got;
        length -= (size_t)got;
    }
    return true;
}

static bool at_end(int fd) {
    uint8_t byte;
    await(fd, POLLIN);
    return read(fd, &byte, 1) == 0;
}

static bool is_reset(int fd) {
    uint8_t byte;
    await(fd, POLLIN);
    return read(fd, &byte, 1) < 0 && errno == ECONNRESET;
}

static void *dial(void *argument) {
    dial_serve(*(int *)argument);
    return NULL;
}

/* Answers each connection with what it got, when it has got all of it. */
static void *echo(void *argument) {
    int listener = *(int *)argument;
    static uint8_t buffer[MESSAGE];
    int fd;
    while ((fd = accept(listener, NULL, NULL)) >= 0) {
        size_t length = 0;
        ssize_t got;
        while (length < sizeof buffer && (got = read(fd, buffer + length, sizeof buffer - length)) > 0) {
            length += (size_t)got;
        }
        send_all(fd, buffer, length);
        close(fd);
    }
    return NULL;
}

static uint8_t message_byte(size_t client, size_t at) {
    return (uint8_t)(client * 7 + at * 13 + at / 251);
}

static void *be_client(void *argument) {
    size_t number = ((size_t *)argument)[0];
    unsigned port = (unsigned)((size_t *)argument)[1];
    size_t length = number % 20 == 0 ? MESSAGE : 1 + number * 37;
    uint8_t *message = malloc(length);
    uint8_t *answer = malloc(length);
    for (size_t i = 0; i < length; i++) {
        message[i] = message_byte(number, i);
    }
    int fd = connect_to(port);
    bool good = fd >= 0 && send_all(fd, message, length) && shutdown(fd, SHUT_WR) == 0 &&
                read_all(fd, answer, length) && memcmp(message, answer, length) == 0 && at_end(fd);
    close(fd);
    free(message);
    free(answer);
    return good ? argument : NULL;
}

static void *be_short_client(void *argument) {
    uint8_t message[] = {1, 2, 3, 4};
    uint8_t answer[sizeof message];
    int fd = connect_to((unsigned)((size_t *)argument)[1]);
    bool good = fd >= 0 && send_all(fd, message, sizeof message) && read_all(fd, answer, sizeof answer) &&
                memcmp(message, answer, sizeof answer) == 0;
    close(fd);
    return good ? argument : NULL;
}

/* Answers the first bytes of each connection. */
static void *echo_once(void *argument) {
    int listener = *(int *)argument;
    uint8_t buffer[16];
    int fd;
    while ((fd = accept(listener, NULL, NULL)) >= 0) {
        ssize_t got = read(fd, buffer, sizeof buffer);
        send_all(fd, buffer, got > 0 ? (size_t)got : 0);
        close(fd);
    }
    return NULL;
}

static void many_clients_at_once(int backlog, void *(*be_server)(void *), void *(*client)(void *)) {
    static size_t arguments[MANY][2];
    unsigned guest_port;
    int listener = listen_on(AF_INET, backlog, &guest_port);
    unsigned port = free_port();
    pthread_t server;
    pthread_t clients[MANY];
    CHECK(publish(port, guest_port) == 0);
    pthread_create(&server, NULL, be_server, &listener);
    for (size_t i = 0; i < MANY; i++) {
        arguments[i][0] = i;
        arguments[i][1] = port;
        pthread_create(&clients[i], NULL, client, arguments[i]);
    }
    int good = 0;
    for (size_t i = 0; i < MANY; i++) {
        void *result;
        pthread_join(clients[i], &result);
        good += result != NULL;
    }
    CHECK(good == MANY);
    shutdown(listener, SHUT_RDWR);
    pthread_join(server, NULL);
    close(listener);
}

static void many_clients_reach_a_server(void) {
    many_clients_at_once(MANY, echo, be_client);
}

/* Those who find its backlog full are let in when there is room. */
static void many_clients_reach_a_server_with_a_small_backlog(void) {
    many_clients_at_once(5, echo_once, be_short_client);
}

static void ports_are_taken_and_given_back(void) {
    unsigned guest_port;
    unsigned taken;
    int listener = listen_on(AF_INET, 5, &guest_port);
    int other = listen_on(AF_INET, 5, &taken);
    unsigned port = free_port();
    char line[64];
    CHECK(publish(taken, guest_port) == EADDRINUSE);
    CHECK(publish(port, guest_port) == 0);
    CHECK(publish(port, guest_port) == EADDRINUSE);
    snprintf(line, sizeof line, "unpublish %u\n", port);
    CHECK(order(line) == 0);
    CHECK(connect_to(port) < 0 && errno == ECONNREFUSED);
    CHECK(order(line) == 0);
    CHECK(publish(port, guest_port) == 0 && order(line) == 0);
    CHECK(order("publish 0 5\n") == EINVAL && order("publish 70000 5\n") == EINVAL);
    CHECK(order("publish 5\n") == EINVAL && order("publish 5000 5 5\n") == EINVAL && order("\n") == EINVAL);
    close(listener);
    close(other);
}

static void refusal_and_abort_are_passed_on(void) {
    unsigned guest_port;
    int listener = listen_on(AF_INET, 5, &guest_port);
    unsigned port = free_port();
    unsigned closed = free_port();
    CHECK(publish(port, guest_port) == 0 && publish(closed, free_port()) == 0);
    int refused = connect_to(closed);
    CHECK(is_reset(refused));
    close(refused);
    int client = connect_to(port);
    int server = accept(listener, NULL, NULL);
    struct linger at_once = {.l_onoff = 1};
    setsockopt(server, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(server);
    CHECK(is_reset(client));
    close(client);
    client = connect_to(port);
    server = accept(listener, NULL, NULL);
    setsockopt(client, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(client);
    CHECK(is_reset(server));
    close(server);
    close(listener);
}

/* A window of bytes is under way at most, and whoever does not read holds up nobody else. */
static void slow_reader_stops_its_sender_only(void) {
    static uint8_t piece[65536];
    unsigned guest_port;
    int listener = listen_on(AF_INET, 5, &guest_port);
    unsigned port = free_port();
    CHECK(publish(port, guest_port) == 0);
    int client = connect_to(port);
    int server = accept(listener, NULL, NULL);
    fcntl(client, F_SETFL, O_NONBLOCK);
    size_t sent = 0;
    struct pollfd poller = {.fd = client, .events = POLLOUT};
    while (poll(&poller, 1, 300) == 1) {
        ssize_t count = send(client, piece, sizeof piece, MSG_NOSIGNAL);
        CHECK(count > 0);
        sent += (size_t)count;
    }
    CHECK(sent > RELAY_WINDOW);
    int second = connect_to(port);
    int other = accept(listener, NULL, NULL);
    CHECK(send_all(second, (const uint8_t *)"well", 4) && read_all(other, piece, 4) && memcmp(piece, "well", 4) == 0);
    CHECK(shutdown(client, SHUT_WR) == 0);
    size_t received = 0;
    ssize_t got;
    while (await(server, POLLIN), (got = read(server, piece, sizeof piece)) > 0) {
        received += (size_t)got;
    }
    CHECK(got == 0 && received == sent);
    int fds[] = {client, server, second, other, listener};
    for (size_t i = 0; i < sizeof fds / sizeof fds[0]; i++) {
        close(fds[i]);
    }
}

static void server_on_ipv6_only_is_reached(void) {
    unsigned guest_port;
    int listener = listen_on(AF_INET6, 5, &guest_port);
    unsigned port = free_port();
    CHECK(publish(port, guest_port) == 0);
    int client = connect_to(port);
    await(listener, POLLIN);
    int server = accept(listener, NULL, NULL);
    CHECK(send_all(server, (const uint8_t *)"six", 3));
    uint8_t word[3];
    CHECK(read_all(client, word, 3) && memcmp(word, "six", 3) == 0);
    close(client);
    CHECK(at_end(server));
    close(server);
    close(listener);
}

static void with_an_honest_guest(void (*test)(void)) {
    pthread_t guest;
    start_publisher();
    int fd = link_fd;
    pthread_create(&guest, NULL, dial, &fd);
    test();
    CHECK(order("unpublish 1\n") == 0); /* it still answers */
    shutdown(link_fd, SHUT_RDWR);
    pthread_join(guest, NULL);
    CHECK(end_publisher() == 0);
}

static void put_frame(int type, uint32_t id, uint32_t value, size_t extra) {
    static uint8_t frame[RELAY_HEADER + RELAY_MAX_DATA];
    uint32_t header[] = {htonl((uint32_t)type << 24), htonl(id), htonl(value)};
    memcpy(frame, header, sizeof header);
    fcntl(link_fd, F_SETFL, 0);
    (void)send_all(link_fd, frame, RELAY_HEADER + extra);
}

/* Tells whether the publisher has had enough. */
static bool gives_up(void) {
    shutdown(link_fd, SHUT_WR);
    int status = end_publisher();
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void lies_end_the_relay_and_nothing_else(void) {
    static const struct {
        int type;
        uint32_t id;
        uint32_t value;
    } lies[] = {
        {RELAY_OPEN, 1, 80},
        {RELAY_OPEN, 2, 80},
        {0, 1, 0},
        {6, 1, 0},
        {RELAY_DATA, 1, 0},
        {RELAY_DATA, 1, RELAY_MAX_DATA + 1},
        {RELAY_CREDIT, 1, 1},
        {RELAY_CREDIT, 1, UINT32_MAX},
        {RELAY_RESET, 9, 0},
        {RELAY_DATA, 7777, 5},
    };
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        start_publisher();
        unsigned port = free_port();
        CHECK(publish(port, 80) == 0);
        int client = connect_to(port);
        uint8_t opened[RELAY_HEADER];
        CHECK(read_all(link_fd, opened, sizeof opened) && opened[0] == RELAY_OPEN && opened[7] == 1);
        put_frame(lies[i].type, lies[i].id, lies[i].value, lies[i].type == RELAY_DATA ? lies[i].value % 9 : 0);
        CHECK(gives_up());
        CHECK(is_reset(client));
        CHECK(connect_to(port) < 0);
        close(client);
    }
    /* More than the window, to a client that does not read. */
    start_publisher();
    unsigned port = free_port();
    CHECK(publish(port, 80) == 0);
    int client = connect_to(port);
    uint8_t opened[RELAY_HEADER];
    CHECK(read_all(link_fd, opened, sizeof opened));
    for (int i = 0; i < 4096; i++) {
        put_frame(RELAY_DATA, 1, RELAY_MAX_DATA, RELAY_MAX_DATA);
    }
    CHECK(gives_up());
    close(client);
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    if (mkdtemp(folder) == NULL) {
        return 1;
    }
    snprintf(link_path, sizeof link_path, "%s/link", folder);
    snprintf(control_path, sizeof control_path, "%s/control", folder);
    static void (*const tests[])(void) = {
        many_clients_reach_a_server,       many_clients_reach_a_server_with_a_small_backlog,
        ports_are_taken_and_given_back,    refusal_and_abort_are_passed_on,
        slow_reader_stops_its_sender_only, server_on_ipv6_only_is_reached};
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        with_an_honest_guest(tests[i]);
    }
    RUN(lies_end_the_relay_and_nothing_else);
    unlink(link_path);
    unlink(control_path);
    rmdir(folder);
    return check_failures > 0;
}
