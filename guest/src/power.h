/* The end of the machine. */
#ifndef PYRO_POWER_H
#define PYRO_POWER_H

/* Ends every process, brings the disks into order and switches the machine off. */
_Noreturn void power_off(void);

/* Switches it off at once, when it could not even start. */
_Noreturn void power_off_now(void);

#endif
