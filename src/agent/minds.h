/* minds.h - whom a policy serves: a slot for each agent, a row of state per slot, each set of parameters once.
 *
 * Slots are given in order of enrolment, so a policy that serves one agent in ten keeps a tenth of the memory. What a turn
 * reads together lies together in one row: at a million agents the row is one cache line, separate columns would be many. */
#ifndef CIV_AGENT_MINDS_H
#define CIV_AGENT_MINDS_H

#include "base/bytes.h"
#include "base/memory.h"
#include "civitas/part.h"

typedef struct civ_minds {
  const civ_allocator *allocator;
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

/* Prepares for the agents of the host's run; config_size 0 = no parameters. CIV_E_NOMEM leaves nothing behind. */
CIV_MUST_CHECK civ_status civ_minds_init(civ_minds *m, const civ_host *host, size_t row_size, size_t config_size);
void civ_minds_fini(civ_minds *m);

/* Gives `a` a slot, *row (cleared, valid until the next enrolment) and the number of its parameters in *config_index.
 * Equal parameters of neighbours are kept once. CIV_E_STATE: enrolled twice, or no agent of the run; CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_minds_enrol(civ_minds *m, civ_agent a, const void *config, void **row,
                                          uint32_t *config_index, civ_error *err);

static inline uint32_t civ_minds_slot(const civ_minds *m, civ_agent a)
{
  return m->slots[a];
}
static inline void *civ_minds_row(const civ_minds *m, uint32_t slot)
{
  return m->rows + (size_t)slot * m->row_size;
}
static inline const void *civ_minds_config(const civ_minds *m, uint32_t index)
{
  return m->configs + (size_t)index * m->config_size;
}

/* Acquaintances that the minds served here can make in the coming step, at most: as counterparties one in each completion, as
 * initiators one for each proposal open before it and for each of their own turns. */
static inline size_t civ_minds_acquaintances(const civ_minds *m, const civ_demand *demand)
{
  return (size_t)demand->completions + demand->open + m->n;
}

/* A real as it goes into a digest. */
static inline uint64_t civ_bits(double x)
{
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

/* Values of section `simulation`. */
const struct civ_simulation_config *civ_minds_simulation(const civ_host *host);

#endif
