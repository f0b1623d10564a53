#include "cli/interrupt.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>

/* A signal handler has nothing but globals to look at. */
static volatile sig_atomic_t interrupted;
static _Atomic(civ_run *) aimed_at;

static void handle(int number)
{
  (void)number;
  civ_run *run = atomic_load(&aimed_at);
  interrupted = 1;
  if (run != NULL)
    civ_run_interrupt(run);
}

void civ_interrupt_listen(void)
{
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = handle;
  action.sa_flags = SA_RESTART | (int)SA_RESETHAND;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
}

void civ_interrupt_aim(civ_run *run)
{
  atomic_store(&aimed_at, run);
  if (run != NULL && interrupted)
    civ_run_interrupt(run);
}

bool civ_interrupted(void)
{
  return interrupted != 0;
}
