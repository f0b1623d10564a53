#include "govern/governed.h"

#include "base/memory.h"

const civ_governance_config *civ_governance_of(const civ_host *host)
{
  return host->call->section(host, "governance");
}

static size_t column_bytes(const civ_governed *g)
{
  return ((size_t)g->agents + 1) * g->column_size;
}

void civ_governed_destroy(void *self)
{
  civ_governed *g = self;
  if (g == NULL)
    return;
  const civ_allocator *allocator = g->host->call->allocator(g->host);
  if (g->columns != NULL)
    civ_release(allocator, g->columns, column_bytes(g));
  civ_release(allocator, g, g->size);
}

civ_status civ_governed_create(civ_host *host, const char *lever, size_t size, size_t column_size, void **self,
                               civ_error *err)
{
  const civ_allocator *allocator = host->call->allocator(host);
  const uint32_t agents = host->call->population(host)->n;
  civ_governed *g = civ_zeroed(allocator, 1, size);
  if (g == NULL)
    return civ_fail(err, CIV_E_NOMEM, lever, "out of memory");
  g->host = host;
  g->rules = civ_governance_of(host);
  g->agents = agents;
  g->size = size;
  g->column_size = column_size;
  if (column_size > 0)
    g->columns = civ_zeroed(allocator, (size_t)agents + 1, column_size);
  if (column_size > 0 && g->columns == NULL) {
    civ_governed_destroy(g);
    return civ_fail(err, CIV_E_NOMEM, lever, "out of memory for the records of %u agents", agents);
  }
  *self = g;
  return CIV_OK;
}

civ_status civ_governed_misfit(const civ_governed *g, const char *lever, civ_error *err)
{
  return civ_fail(err, CIV_E_FORMAT, lever, "the checkpoint is not of a run of %u agents", g->agents);
}
