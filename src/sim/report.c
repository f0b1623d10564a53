/* What parts say of a run beyond numbers: the members of their reports, put together as one object. */
#include <assert.h>

#include "base/bytes.h"
#include "sim/run_state.h"

typedef struct gathering {
  civ_bytes *out;
  civ_bytes text; /* of one part */
  bool first;
} gathering;

static civ_status gather(gathering *g, civ_status (*report)(void *self, civ_bytes *out), void *self)
{
  if (report == NULL)
    return CIV_OK;
  g->text.length = 0;
  const civ_status st = report(self, &g->text);
  if (st != CIV_OK || g->text.failed)
    return st != CIV_OK ? st : CIV_E_NOMEM;
  assert(g->text.length >= 2 && g->text.data[0] == '{' && g->text.data[g->text.length - 1] == '}');
  if (g->text.length == 2)
    return CIV_OK;
  if (!g->first)
    civ_bytes_put_block(g->out, ", ", 2);
  g->first = false;
  civ_bytes_put_block(g->out, g->text.data + 1, g->text.length - 2);
  return CIV_OK;
}

civ_status civ_run_report(civ_run *run, civ_bytes *out, civ_error *err)
{
  gathering g = { .out = out, .first = true };
  const size_t start = out->length;
  civ_status st = CIV_OK;
  civ_bytes_put_block(out, "{", 1);
  for (uint32_t k = 0; st == CIV_OK && k < run->n_worlds; k++)
    st = gather(&g, run->worlds[k].table->report, run->worlds[k].self);
  for (uint32_t k = 0; st == CIV_OK && k < run->n_levers; k++)
    st = gather(&g, run->levers[k].table->report, run->levers[k].self);
  civ_bytes_put_block(out, "}", 1);
  civ_bytes_free(&g.text);
  if (st == CIV_OK && out->failed)
    st = CIV_E_NOMEM;
  if (st == CIV_OK)
    return CIV_OK;
  out->length = start;
  return civ_fail(err, st, "run", "out of memory while its parts report");
}
