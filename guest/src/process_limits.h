/* What the kernel allows a process beside its user's rights: as much as in a container, where programs are tried. */
#ifndef PYRO_PROCESS_LIMITS_H
#define PYRO_PROCESS_LIMITS_H

/*
 * How many descriptors a process may have, from here on: 1024, because select() takes no more and some programs close
 * all that they may have; and a hard limit up to which a program that needs more raises it by itself. A hard limit
 * that may not be raised stays.
 */
void process_limits_set_descriptors(void);

/* What only a kernel of the machine's own can be told: low ports, pings and as many processes as it can for everyone.
 */
void process_limits_open_kernel(void);

#endif
