/* A citizen that does what is written, turn by turn, and lets everything else pass. */
#include "selfplay/episode.h"

uint32_t civ_script_length(const civ_script *script)
{
  return script != NULL ? script->n : 0;
}

typedef struct reader {
  uint32_t next; /* place in the script */
} reader;

static uint32_t act(void *memory, const civ_polity *p, const civ_seat *seat, uint8_t me, civ_act *out, uint32_t most)
{
  reader *r = memory;
  const civ_script *script = seat->script;
  uint32_t n = 0;
  (void)me;
  while (script != NULL && r->next < script->n && script->turns[r->next] < p->turn)
    r->next++;
  while (script != NULL && n < most && r->next < script->n && script->turns[r->next] == p->turn)
    out[n++] = script->acts[r->next++];
  return n;
}

const civ_citizen_policy civ_citizen_scripted = {
  .name = "script",
  .objective = "script",
  .memory_size = sizeof(reader),
  .act = act,
};
