/* Checks that go on after a failure, so that one run shows all of them. */
#ifndef PYRO_CHECK_H
#define PYRO_CHECK_H

#include <stdio.h>

extern int check_failures;

#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition);                                    \
            check_failures++;                                                                                          \
        }                                                                                                              \
    } while (0)

#define RUN(test)                                                                                                      \
    do {                                                                                                               \
        fprintf(stderr, "%s\n", #test);                                                                                \
        test();                                                                                                        \
    } while (0)

#endif
