/* replay_verify.c - does a log say what happened? Every epoch's metrics are computed again from its interactions. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "civitas/replay.h"
#include "lab/replay_head.h"
#include "metric/epoch.h"
#include "record/log_survey.h"

static const double tolerance = 1e-12;

static bool equal(double a, double b)
{
  return a == b || fabs(a - b) <= tolerance * fmax(fabs(a), fabs(b)) || (isnan(a) && isnan(b));
}

/* --- order -------------------------------------------------------------------------------------------------------------- */

typedef struct order {
  civ_interned proposed; /* ids */
  bool any;
  uint32_t epoch, step;
} order;

static bool completes(uint16_t type)
{
  return type == CIV_EVENT_INTERACTION_ACCEPTED || type == CIV_EVENT_INTERACTION_REJECTED ||
         type == CIV_EVENT_INTERACTION_COMPLETED || type == CIV_EVENT_PAYOFF_COMPUTED;
}

static civ_status check_time(order *o, const civ_log_record *r, const char *path, civ_error *err)
{
  if (!r->has_epoch)
    return CIV_OK;
  const uint32_t step = r->has_step ? r->step : o->step;
  if (o->any && (r->epoch < o->epoch || (r->epoch == o->epoch && step < o->step)))
    return civ_fail(err, CIV_E_DIVERGED, path, "line %llu: epoch %u, step %u comes after epoch %u, step %u",
                    (unsigned long long)r->line, r->epoch, step, o->epoch, o->step);
  o->step = r->has_step ? r->step : r->epoch > o->epoch ? 0 : o->step;
  o->epoch = r->epoch;
  o->any = true;
  return CIV_OK;
}

static civ_status check_record(order *o, const civ_log_record *r, const char *path, civ_error *err)
{
  uint32_t number;
  const civ_status st = check_time(o, r, path, err);
  if (st != CIV_OK || r->interaction_id == NULL)
    return st;
  if (r->type == CIV_EVENT_INTERACTION_PROPOSED && !civ_interned_add(&o->proposed, r->interaction_id, &number))
    return civ_fail(err, CIV_E_NOMEM, path, "no memory to verify the event log");
  if (completes(r->type) && civ_interned_find(&o->proposed, r->interaction_id) == UINT32_MAX)
    return civ_fail(err, CIV_E_DIVERGED, path, "line %llu: %s of interaction %.80s, which nobody proposed",
                    (unsigned long long)r->line, r->type_name, r->interaction_id);
  return CIV_OK;
}

/* Every line is an event; epochs and steps never go back; nothing is completed that was not proposed. */
static civ_status check_order(const char *path, uint32_t k, civ_error *err)
{
  civ_log_reader *reader;
  civ_run_finder finder = { 0 };
  order o = { .any = false };
  bool got = true;
  civ_status st = civ_log_open(path, true, &reader, err);
  if (st != CIV_OK)
    return st;
  while (st == CIV_OK && got && finder.run <= k) {
    civ_log_record record;
    st = civ_log_next(reader, NULL, &record, &got, err);
    if (st != CIV_OK || !got)
      break;
    civ_run_finder_show(&finder, &record);
    if (finder.run == k)
      st = check_record(&o, &record, path, err);
  }
  civ_log_reader_close(reader);
  civ_interned_free(&o.proposed);
  return st;
}

/* --- metrics -------------------------------------------------------------------------------------------------------------- */

typedef struct verifier {
  const char *path;
  const civ_payoff_config *payoff;
  const civ_metrics_config *config;
  civ_epoch_metrics *metrics;
  int columns[CIV_EPOCH_COLUMNS]; /* where the log's row has each; -1 = nowhere */
  uint32_t epochs;
  civ_status status; /* of an interaction, told at the epoch's end */
  civ_error error;
} verifier;

static civ_status begin(void *self, const civ_roster *roster, const civ_columns *columns, civ_error *err)
{
  verifier *v = self;
  for (int c = 0; c < CIV_EPOCH_COLUMNS; c++) {
    v->columns[c] = -1;
    for (uint32_t k = 0; k < columns->n; k++)
      if (strcmp(columns->decls[k].name, civ_epoch_metric_decls[c].name) == 0)
        v->columns[c] = (int)k;
  }
  return civ_epoch_metrics_create(roster->n, v->payoff, v->config, &civ_allocator_malloc, &v->metrics, err);
}

static void compare_payoff(verifier *v, const civ_interaction *r, const char *whose, double logged, double computed)
{
  if (v->status == CIV_OK && !equal(logged, computed))
    v->status =
        civ_fail(&v->error, CIV_E_DIVERGED, v->path,
                 "epoch %u, step %u, interaction i%llu: payoff_%s is %.17g in the log, %.17g from its components",
                 r->epoch, r->step, (unsigned long long)r->id, whose, logged, computed);
}

static void add(void *self, const civ_interaction *r, double payoff_a, double payoff_b)
{
  verifier *v = self;
  if (v->status == CIV_OK)
    v->status = civ_epoch_metrics_reserve(v->metrics, 1, &v->error);
  if (v->status != CIV_OK)
    return;
  compare_payoff(v, r, "initiator", payoff_a, civ_payoff_initiator(v->payoff, r));
  compare_payoff(v, r, "counterparty", payoff_b, civ_payoff_counterparty(v->payoff, r));
  civ_epoch_metrics_add(v->metrics, r, payoff_a, payoff_b);
}

static civ_status compare_epoch(void *self, uint32_t epoch, const double *row, civ_error *err)
{
  verifier *v = self;
  double computed[CIV_EPOCH_COLUMNS] = { 0 };
  if (v->status != CIV_OK) {
    if (err != NULL)
      *err = v->error;
    return v->status;
  }
  civ_epoch_metrics_read(v->metrics, epoch, computed);
  for (int c = 0; c < CIV_EPOCH_COLUMNS; c++) {
    if (v->columns[c] < 0 || c == CIV_EPOCH_TOTAL_POSTS || c == CIV_EPOCH_TOTAL_VOTES)
      continue; /* the feed's counts have no events */
    const double logged = row[v->columns[c]];
    if (civ_epoch_metric_decls[c].integer ? logged != computed[c] : !equal(logged, computed[c]))
      return civ_fail(err, CIV_E_DIVERGED, v->path, "epoch %u: %s is %.17g in the log, %.17g from its interactions",
                      epoch, civ_epoch_metric_decls[c].name, logged, computed[c]);
  }
  civ_epoch_metrics_reset(v->metrics);
  v->epochs++;
  return CIV_OK;
}

static const civ_sink verifier_sink = {
  .version = CIV_PART_VERSION, .name = "verify", .begin = begin, .interaction = add, .epoch = compare_epoch
};

static civ_status check_metrics(const char *path, uint32_t k, const civ_registry *registry, uint32_t *epochs,
                                bool *complete, civ_error *err)
{
  civ_config *config;
  civ_log_counts counts;
  int32_t detail;
  civ_status st = civ_replay_head_read(path, k, registry, &config, &detail, err);
  if (st != CIV_OK)
    return st;
  verifier v = { .path = path,
                 .payoff = civ_config_section(config, "payoff"),
                 .config = civ_config_section(config, "metrics") };
  const civ_replay_target target = { &verifier_sink, &v };
  st = civ_log_replay(path, k, true, &target, 1, complete, &counts, err);
  if (st == CIV_OK)
    *epochs = v.epochs;
  civ_epoch_metrics_destroy(v.metrics);
  civ_config_destroy(config);
  return st;
}

civ_status civ_log_verify(const char *path, uint32_t k, uint32_t *epochs, bool *complete, civ_error *err)
{
  civ_registry *registry;
  civ_status st = civ_registry_create_default(&registry, err);
  if (st != CIV_OK)
    return st;
  st = check_order(path, k, err);
  if (st == CIV_OK)
    st = check_metrics(path, k, registry, epochs, complete, err);
  civ_registry_destroy(registry);
  if (st == CIV_E_FORMAT) { /* a line that is no event, or cannot be: the log does not hold what it should */
    st = CIV_E_DIVERGED;
    if (err != NULL)
      err->code = st;
  }
  return st;
}
