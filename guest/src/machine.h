/* What concerns the whole machine: whether it is configured, who holds its lease, when it must end. */
#ifndef PYRO_MACHINE_H
#define PYRO_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

enum machine_kind {
    MACHINE_VIRTUAL,   /* the agent is init of a virtual machine */
    MACHINE_NAMESPACES /* the agent is process 1 of a PID namespace */
};

void machine_init(enum machine_kind kind);
enum machine_kind machine_kind(void);

bool machine_configured(void);

/* Takes note that a CONFIGURE has succeeded; tells whether it was the first one. */
bool machine_set_configured(void);

/* The machine powers off when no request has run for so long; 0: never. */
void machine_set_idle_bound(uint32_t seconds);

/* Stand around every request. */
void machine_request_begins(void);
void machine_request_ends(void);

/* Asks the main loop to power the machine off; returns at once. */
void machine_power_off(void);

/* Makes the main loop look again at what it watches. */
void machine_wake(void);

/* The main loop: reaps processes, watches the idle bound and that of a freeze. Returns when the machine is to be
 * powered off. */
void machine_run(void);

#endif
