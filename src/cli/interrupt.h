/* interrupt.h - Ctrl-C asks a run to finish its step; a second one ends the program at once. */
#ifndef CIV_CLI_INTERRUPT_H
#define CIV_CLI_INTERRUPT_H

#include "civitas/run.h"

void civ_interrupt_listen(void);      /* to SIGINT and SIGTERM from now on */
void civ_interrupt_aim(civ_run *run); /* which run is asked; NULL = none */
bool civ_interrupted(void);

#endif
