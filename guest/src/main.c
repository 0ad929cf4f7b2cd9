/*
 * The guest agent: process 1 of a machine, which does what the host asks for over a framed protocol
 * (docs/guest-protocol.md).
 *
 *   boot or namespaces   make the machine's root
 *   ports or listener    one thread for each host connection
 *     session            handshake, one request after another
 *       configure exec walk read write import export freeze thaw change
 *     job              shells and services, which outlive their session
 *   dial                 connects clients of published ports with servers in the guest
 *   machine              the main loop: reaps processes, ends the machine
 *   power                switches it off
 */
#include "boot.h"
#include "frame_filter.h"
#include "listener.h"
#include "machine.h"
#include "namespaces.h"
#include "ports.h"
#include "power.h"
#include "process_tree.h"
#include "publish.h"
#include "reaper.h"
#include "tsc.h"
#include "wire.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define USAGE                                                                                                          \
    "usage: pyro-agent --namespace SOCKET --lower DIR --upper DIR [--workspace DIR] | --filter-network SOCKET "        \
    "ADDRESS "                                                                                                         \
    "GATEWAY PROGRAM [ARGUMENT...] | --publish-ports SOCKET CONTROL | --tsc-khz | --version\n"

static bool start_virtual(struct error *error) {
    return boot(error) && (process_tree_init(), ports_serve(error));
}

static bool start_namespaces(char **arguments, struct error *error) {
    int listener;
    if (!listener_bind(arguments[2], &listener, error) ||
        !namespaces_enter(arguments[4], arguments[6], arguments[7] == NULL ? NULL : arguments[8], error)) {
        return false;
    }
    process_tree_init();
    return listener_serve(listener, error);
}

static int run_machine(enum machine_kind kind, char **arguments) {
    struct error error;
    umask(022);
    reaper_init();
    machine_init(kind);
    bool started = kind == MACHINE_VIRTUAL ? start_virtual(&error) : start_namespaces(arguments, &error);
    if (!started) {
        fprintf(stderr, "pyro-agent: %s\n", error.message);
        if (kind == MACHINE_NAMESPACES) {
            return 1;
        }
        power_off_now();
    }
    machine_run();
    power_off();
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("pyro-agent %s (protocol %d)\n", AGENT_VERSION, PROTOCOL_VERSION);
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "--tsc-khz") == 0) {
        printf("%" PRIu64 "\n", tsc_khz());
        return 0;
    }
    if (argc >= 6 && strcmp(argv[1], "--filter-network") == 0) {
        return frame_filter_run(argv[2], argv[3], argv[4], argv + 5);
    }
    if (argc == 4 && strcmp(argv[1], "--publish-ports") == 0) {
        return publish_run(argv[2], argv[3]);
    }
    if ((argc == 7 || (argc == 9 && strcmp(argv[7], "--workspace") == 0)) && strcmp(argv[1], "--namespace") == 0 &&
        strcmp(argv[3], "--lower") == 0 && strcmp(argv[5], "--upper") == 0 && getpid() == 1) {
        return run_machine(MACHINE_NAMESPACES, argv);
    }
    /* The kernel may pass words of its command line on, so that init takes whatever comes. */
    if (getpid() == 1 && strcmp(argv[0], "/init") == 0) {
        return run_machine(MACHINE_VIRTUAL, argv);
    }
    fputs(USAGE, stderr);
    return 2;
}
