#include "agent/minds.h"

#include "base/digest.h"
#include "civitas/config.h"

/* The part that is the minds' own. */
static civ_status set_up(civ_minds *m)
{
  m->n_agents = m->host->call->population(m->host)->n;
  m->slots = civ_zeroed(m->allocator, (size_t)m->n_agents + 1, sizeof *m->slots);
  if (!m->slots)
    return CIV_E_NOMEM;
  for (uint32_t a = 0; a < m->n_agents; a++)
    m->slots[a] = CIV_NOBODY;
  return CIV_OK;
}

civ_status civ_minds_create(civ_host *host, const char *who, size_t size, size_t row_size, size_t config_size,
                            void **self, civ_error *err)
{
  const civ_allocator *allocator = host->call->allocator(host);
  civ_minds *m = civ_zeroed(allocator, 1, size);
  if (m)
    *m = (civ_minds){
      .host = host, .allocator = allocator, .size = size, .row_size = row_size, .config_size = config_size
    };
  if (!m || set_up(m) != CIV_OK) {
    if (m)
      civ_release(allocator, m, size);
    return civ_fail(err, CIV_E_NOMEM, "agents", "out of memory while setting up the %s", who);
  }
  *self = m;
  return CIV_OK;
}

void civ_minds_destroy(void *self)
{
  civ_minds *m = self;
  civ_release(m->allocator, m->slots, ((size_t)m->n_agents + 1) * sizeof *m->slots);
  civ_drop(m->allocator, (void **)&m->agents, &m->agents_capacity, sizeof *m->agents);
  civ_drop(m->allocator, (void **)&m->rows, &m->rows_capacity, m->row_size);
  if (m->config_size)
    civ_drop(m->allocator, (void **)&m->configs, &m->configs_capacity, m->config_size);
  civ_release(m->allocator, m, m->size);
}

/* Scenario entries of many agents hand in one set of parameters again and again: only the latest is compared. */
static civ_status keep_config(civ_minds *m, const void *config, uint32_t *index)
{
  *index = 0;
  if (m->config_size == 0)
    return CIV_OK;
  const size_t end = m->n_configs * m->config_size;
  if (m->n_configs > 0 && memcmp(m->configs + end - m->config_size, config, m->config_size) == 0) {
    *index = (uint32_t)m->n_configs - 1;
    return CIV_OK;
  }
  if (civ_grow(m->allocator, (void **)&m->configs, &m->configs_capacity, m->n_configs + 1, m->config_size) != CIV_OK)
    return CIV_E_NOMEM;
  memcpy(m->configs + end, config, m->config_size);
  *index = (uint32_t)m->n_configs++;
  return CIV_OK;
}

civ_status civ_minds_enrol(void *self, civ_agent a, const void *config, civ_error *err)
{
  civ_minds *m = self;
  if (a >= m->n_agents || m->slots[a] != CIV_NOBODY)
    return civ_fail(err, CIV_E_STATE, "agents", "agent %u %s", a,
                    a >= m->n_agents ? "is none of this run" : "was enrolled with its policy twice");
  uint32_t index;
  if (civ_grow(m->allocator, (void **)&m->rows, &m->rows_capacity, (size_t)m->n + 1, m->row_size) != CIV_OK ||
      civ_grow(m->allocator, (void **)&m->agents, &m->agents_capacity, (size_t)m->n + 1, sizeof *m->agents) != CIV_OK ||
      keep_config(m, config, &index) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "agents", "out of memory while enrolling agent %u", a);
  m->slots[a] = m->n;
  m->agents[m->n] = a;
  void *row = civ_minds_row(m, m->n++);
  memset(row, 0, m->row_size);
  if (m->config_size)
    ((civ_mind *)row)->config = index;
  return CIV_OK;
}

void civ_minds_learned(civ_minds *m, uint64_t what, uint64_t now)
{
  m->digest = civ_digest_mix(m->digest, what, now);
}

uint64_t civ_minds_digest(void *self)
{
  return ((const civ_minds *)self)->digest;
}

void civ_minds_foresee(const civ_minds *m, const civ_pairs *memory, civ_agent a, civ_agent x, civ_foresight when)
{
  if (x == CIV_NOBODY)
    return;
  if (when == CIV_FAR_AHEAD)
    civ_pairs_prefetch(memory, civ_minds_slot(m, a), x);
  else
    civ_pairs_prefetch_entry(memory, civ_minds_slot(m, a), x);
}

const civ_simulation_config *civ_minds_simulation(const civ_host *host)
{
  return host->call->section(host, "simulation");
}
