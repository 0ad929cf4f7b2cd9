/* Reads what nobody wants any more, so that the processes that a command left behind can go on writing. */
#ifndef PYRO_DRAIN_H
#define PYRO_DRAIN_H

/* Takes the reading end of a non-blocking pipe over, and closes it when its last writer has gone. */
void drain_adopt(int fd);

#endif
