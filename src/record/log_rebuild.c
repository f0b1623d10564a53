/* log_rebuild.c - all interactions of a log, by the time of their proposal. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "record/log_partial.h"
#include "record/log_reader.h"

static civ_status no_memory(civ_error *err)
{
  return civ_fail(err, CIV_E_NOMEM, "event log", "no memory for the interactions of the event log");
}

static civ_status collect(civ_log_reader *reader, civ_partials *partials, civ_error *err)
{
  for (;;) {
    civ_log_record record;
    civ_partial *touched;
    const char *wrong;
    bool got;
    civ_status st = civ_log_next(reader, NULL, &record, &got, err);
    if (st != CIV_OK || !got)
      return st;
    st = civ_partials_take(partials, &record, &touched, &wrong, err);
    if (st != CIV_OK)
      return st;
    if (wrong != NULL && civ_log_reader_strict(reader))
      return civ_log_reader_fail(reader, err, wrong);
  }
}

static int by_time(const void *a, const void *b)
{
  const civ_partial *x = *(civ_partial *const *)a, *y = *(civ_partial *const *)b;
  if (x->record.time_us != y->record.time_us)
    return x->record.time_us < y->record.time_us ? -1 : 1;
  return x->order < y->order ? -1 : x->order > y->order;
}

static civ_partial **in_order(const civ_partials *p)
{
  civ_partial **all = malloc((p->n + 1) * sizeof *all);
  size_t n = 0;
  if (all == NULL)
    return NULL;
  for (size_t b = 0; b < p->n_buckets; b++)
    for (civ_partial *one = p->buckets[b]; one != NULL; one = one->next)
      all[n++] = one;
  qsort(all, n, sizeof *all, by_time);
  return all;
}

static bool make_room(civ_rebuilt *out, size_t n)
{
  out->records = calloc(n + 1, sizeof *out->records);
  out->ids = calloc(n + 1, sizeof *out->ids);
  out->completed = calloc(n + 1, sizeof *out->completed);
  out->payoff_a = calloc(n + 1, sizeof *out->payoff_a);
  out->payoff_b = calloc(n + 1, sizeof *out->payoff_b);
  return out->records != NULL && out->ids != NULL && out->completed != NULL && out->payoff_a != NULL &&
         out->payoff_b != NULL;
}

static bool keep(civ_rebuilt *out, civ_interned *names, const civ_partial *one)
{
  civ_interaction *record = &out->records[out->n];
  *record = one->record;
  record->id = out->n + 1;
  out->ids[out->n] = strdup(one->id);
  out->completed[out->n] = one->completed;
  out->payoff_a[out->n] = one->payoff_a;
  out->payoff_b[out->n] = one->payoff_b;
  if (out->ids[out->n++] == NULL)
    return false;
  return civ_interned_add(names, one->initiator, &record->initiator) &&
         civ_interned_add(names, one->counterparty, &record->counterparty);
}

static civ_status arrange(const civ_partials *partials, civ_rebuilt *out, civ_error *err)
{
  civ_partial **all = in_order(partials);
  civ_interned names = { 0 };
  bool done = all != NULL && make_room(out, partials->n);
  for (size_t k = 0; done && k < partials->n; k++)
    if (all[k]->unusable)
      out->dropped++;
    else
      done = keep(out, &names, all[k]);
  free(all);
  out->names = names.items;
  out->n_names = names.n;
  free(names.slots);
  return done ? CIV_OK : no_memory(err);
}

civ_status civ_log_rebuild(civ_log_reader *reader, civ_rebuilt *out, civ_error *err)
{
  civ_partials partials = { 0 };
  civ_rebuilt rebuilt = { 0 };
  civ_status st = collect(reader, &partials, err);
  if (st == CIV_OK)
    st = arrange(&partials, &rebuilt, err);
  civ_partials_free(&partials);
  if (st == CIV_OK)
    *out = rebuilt;
  else
    civ_rebuilt_free(&rebuilt);
  return st;
}

void civ_rebuilt_free(civ_rebuilt *rebuilt)
{
  for (size_t k = 0; k < rebuilt->n; k++)
    free(rebuilt->ids[k]);
  for (uint32_t k = 0; k < rebuilt->n_names; k++)
    free(rebuilt->names[k]);
  free(rebuilt->records);
  free(rebuilt->ids);
  free(rebuilt->completed);
  free(rebuilt->payoff_a);
  free(rebuilt->payoff_b);
  free(rebuilt->names);
  *rebuilt = (civ_rebuilt){ 0 };
}
