/* The guest's end of the relay: connects those who come through published ports with servers in the guest. */
#ifndef PYRO_DIAL_H
#define PYRO_DIAL_H

/* Relays over a port of the machine until its other end is closed. */
void dial_serve(int port);

#endif
