/* The processor's time-stamp counter. */
#ifndef PYRO_TSC_H
#define PYRO_TSC_H

#include <stdint.h>

/* Measures how many thousand ticks the counter makes in a second. */
uint64_t tsc_khz(void);

#endif
