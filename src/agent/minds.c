#include "agent/minds.h"

#include "civitas/config.h"

civ_status civ_minds_init(civ_minds *m, const civ_host *host, size_t row_size, size_t config_size)
{
  const civ_allocator *allocator = host->call->allocator(host);
  const uint32_t n = host->call->population(host)->n;
  *m = (civ_minds){ .allocator = allocator, .n_agents = n, .row_size = row_size, .config_size = config_size };
  m->slots = civ_zeroed(allocator, (size_t)n + 1, sizeof *m->slots);
  if (!m->slots)
    return CIV_E_NOMEM;
  for (uint32_t a = 0; a < n; a++)
    m->slots[a] = CIV_NOBODY;
  return CIV_OK;
}

void civ_minds_fini(civ_minds *m)
{
  if (!m->allocator)
    return;
  civ_release(m->allocator, m->slots, ((size_t)m->n_agents + 1) * sizeof *m->slots);
  civ_drop(m->allocator, (void **)&m->agents, &m->agents_capacity, sizeof *m->agents);
  civ_drop(m->allocator, (void **)&m->rows, &m->rows_capacity, m->row_size);
  if (m->config_size)
    civ_drop(m->allocator, (void **)&m->configs, &m->configs_capacity, m->config_size);
  *m = (civ_minds){ 0 };
}

/* Scenario entries of many agents hand in one set of parameters again and again: only the latest is compared. */
static civ_status keep_config(civ_minds *m, const void *config, uint32_t *index)
{
  *index = 0;
  if (m->config_size == 0)
    return CIV_OK;
  if (m->n_configs > 0 && memcmp(civ_minds_config(m, (uint32_t)m->n_configs - 1), config, m->config_size) == 0) {
    *index = (uint32_t)m->n_configs - 1;
    return CIV_OK;
  }
  if (civ_grow(m->allocator, (void **)&m->configs, &m->configs_capacity, m->n_configs + 1, m->config_size) != CIV_OK)
    return CIV_E_NOMEM;
  memcpy(m->configs + m->n_configs * m->config_size, config, m->config_size);
  *index = (uint32_t)m->n_configs++;
  return CIV_OK;
}

civ_status civ_minds_enrol(civ_minds *m, civ_agent a, const void *config, void **row, uint32_t *config_index,
                           civ_error *err)
{
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
  *row = civ_minds_row(m, m->n++);
  memset(*row, 0, m->row_size);
  *config_index = index;
  return CIV_OK;
}

const civ_simulation_config *civ_minds_simulation(const civ_host *host)
{
  return host->call->section(host, "simulation");
}
