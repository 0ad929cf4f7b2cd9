/*
 * FREEZE and THAW, and the gate that everything passes that changes files or starts commands on the agent's own part:
 * a freeze finds none of it half done, and while it lasts nothing new begins.
 */
#ifndef PYRO_FREEZE_H
#define PYRO_FREEZE_H

#include "session.h"

/* Stand around what changes files or starts a command. The first waits as long as a freeze lasts. */
void freeze_gate_enter(void);
void freeze_gate_leave(void);

/* Ends the freeze of a session that is over. */
void freeze_session_ends(struct session *session);

/* Ends a freeze whose bound is over. Tells when to look again, or a negative number. Called by the main loop only. */
int64_t freeze_watch(void);

/* Ends a freeze before the machine ends. */
void freeze_end(void);

#endif
