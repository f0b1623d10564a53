/* minds.h - what all policies and roles are made of: whom they serve, a row of state for each, each set of parameters once.
 *
 * A policy's state begins with a civ_minds, so that creation, enrolment and the digest are said here for all of them.
 * Slots are given in order of enrolment, so a policy that serves one agent in ten keeps a tenth of the memory. What a turn
 * reads together lies together in one row: at a million agents the row is one cache line, separate columns would be many. */
#ifndef CIV_AGENT_MINDS_H
#define CIV_AGENT_MINDS_H

#include "base/bits.h"
#include "base/bytes.h"
#include "base/memory.h"
#include "base/pairs.h"
#include "civitas/part.h"

/* First member of a row where there are parameters. */
typedef struct civ_mind {
  uint32_t config; /* which of them */
} civ_mind;

/* First member of a policy's state. */
typedef struct civ_minds {
  civ_host *host;
  const civ_allocator *allocator;
  size_t size;     /* of the whole state */
  uint64_t digest; /* of everything learned so far */
  uint32_t *slots; /* of each agent of the run; CIV_NOBODY = another policy serves it */
  uint32_t n_agents;
  civ_agent *agents; /* of each slot */
  uint32_t n;        /* slots given */
  size_t agents_capacity;
  unsigned char *rows;
  size_t row_size, rows_capacity;
  unsigned char *configs;
  size_t config_size, n_configs, configs_capacity;
} civ_minds;

/* A cleared state of `size` bytes that begins with a civ_minds, for the agents of the host's run; config_size 0 = no
 * parameters. `who` names it in errors ("honest policy"). CIV_E_NOMEM leaves nothing behind. */
CIV_MUST_CHECK civ_status civ_minds_create(civ_host *host, const char *who, size_t size, size_t row_size,
                                           size_t config_size, void **self, civ_error *err);
/* Releases the state; what the policy has added to it must be released before. */
void civ_minds_destroy(void *self);

/* Gives `a` a slot and a cleared row (`enrol` of the tables). Rows may move: pointers to them hold until the next enrolment.
 * Equal parameters of neighbours are kept once. CIV_E_STATE: enrolled twice, or no agent of the run; CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_minds_enrol(void *self, civ_agent a, const void *config, civ_error *err);

/* Takes a change of what the policy knows into the digest. */
void civ_minds_learned(civ_minds *m, uint64_t what, uint64_t now);

/* The digest as it stands (`digest` of the tables). */
uint64_t civ_minds_digest(void *self);

static inline uint32_t civ_minds_slot(const civ_minds *m, civ_agent a)
{
  return m->slots[a];
}
static inline void *civ_minds_row(const civ_minds *m, uint32_t slot)
{
  return m->rows + (size_t)slot * m->row_size;
}
/* Row of an agent that is served here. */
static inline void *civ_minds_row_of(const civ_minds *m, civ_agent a)
{
  return civ_minds_row(m, civ_minds_slot(m, a));
}
/* Parameters of that slot. */
static inline const void *civ_minds_config(const civ_minds *m, uint32_t slot)
{
  const civ_mind *mind = civ_minds_row(m, slot);
  return m->configs + (size_t)mind->config * m->config_size;
}

/* Acquaintances that the minds served here can make in the coming step, at most: as counterparties one in each completion, as
 * initiators one for each proposal open before it and for each of their own turns. */
static inline size_t civ_minds_acquaintances(const civ_minds *m, const civ_demand *demand)
{
  return (size_t)demand->completions + demand->open + m->n;
}

/* What a remembers of x will be asked for (`foresee` of the tables); nothing for CIV_NOBODY. */
void civ_minds_foresee(const civ_minds *m, const civ_pairs *memory, civ_agent a, civ_agent x, civ_foresight when);

/* Values of section `simulation`. */
const struct civ_simulation_config *civ_minds_simulation(const civ_host *host);

#endif
