#include "lab/collusion_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "govern/levers.h"
#include "lab/roster.h"
#include "lab/settlement.h"

typedef struct fold {
  civ_collusion_summary *out;
  const civ_config *config;
  const civ_governance_config *rules;
  const civ_simulation_config *simulation;
  civ_collusion *seen;
  uint32_t epoch; /* that has begun last */
  json_t *alignments;
  civ_status failed;
  civ_error error;
} fold;

static void fail(fold *f, civ_status status)
{
  if (f->failed == CIV_OK)
    f->failed = civ_fail(&f->error, status, "collusion", "out of memory");
}

/* --- beginning ---------------------------------------------------------------------------------------------------------------- */

static civ_status begin(void *self, const civ_roster *roster, const civ_columns *columns, civ_error *err)
{
  fold *f = self;
  const civ_collusion_params params = civ_collusion_params_of(f->rules, f->simulation);
  (void)columns;
  f->out->n = roster->n;
  f->out->names = civ_roster_names(roster);
  if (f->out->names == NULL)
    return civ_fail(err, CIV_E_NOMEM, "collusion", "out of memory");
  civ_status status = civ_collusion_create(&params, roster->n, roster->n, false, &civ_allocator_malloc, &f->seen, err);
  if (status == CIV_OK)
    status = civ_collusion_report_init(&f->out->latest, roster->n, &civ_allocator_malloc, err);
  if (status == CIV_OK)
    status = civ_collusion_report_init(&f->out->end, roster->n, &civ_allocator_malloc, err);
  return status;
}

/* --- records ------------------------------------------------------------------------------------------------------------------- */

/* What the lever does at an epoch's start. */
static void analyse(fold *f)
{
  if (civ_collusion_interactions(f->seen) < (uint64_t)f->rules->collusion_min_interactions)
    return;
  const civ_status status = civ_collusion_analyse(f->seen, &f->out->latest);
  if (status != CIV_OK)
    fail(f, status);
  f->out->made = true;
  if (f->rules->collusion_clear_history_on_epoch)
    civ_collusion_clear(f->seen);
}

static void reach(fold *f, uint32_t epoch)
{
  for (; f->epoch < epoch; f->epoch++)
    analyse(f);
}

static void interaction(void *self, const civ_interaction *record, double payoff_a, double payoff_b)
{
  fold *f = self;
  (void)payoff_a;
  (void)payoff_b;
  reach(f, record->epoch);
  const civ_status status = civ_collusion_reserve(f->seen, 1);
  if (status != CIV_OK)
    fail(f, status);
  if (f->failed != CIV_OK)
    return;
  const uint64_t steps = record->epoch * (uint64_t)f->simulation->steps_per_epoch + record->step;
  civ_collusion_add(f->seen, record, (double)steps * f->simulation->seconds_per_step);
}

static void step(void *self, uint32_t epoch, uint32_t number, uint64_t digest)
{
  (void)number;
  (void)digest;
  reach(self, epoch);
}

/* Votes, and how groups voted, are what the run alone knows. */
static void take_votes(fold *f, const json_t *payload, civ_collusion_report *report)
{
  const json_t *alignments = json_object_get(payload, "voting_alignment");
  const json_t *voters = json_object_get(payload, "coordinated_voters");
  for (uint32_t k = 0; k < report->n_groups; k++)
    report->groups[k].voting_alignment = json_number_value(json_array_get(alignments, k));
  if (voters == NULL)
    return;
  civ_buffer text = { 0 };
  civ_json_write(&text, voters, 0);
  free(f->out->voters);
  f->out->voters = civ_buffer_take(&text, NULL);
  if (f->out->voters == NULL)
    fail(f, CIV_E_NOMEM);
}

static void event(void *self, const civ_event *e)
{
  fold *f = self;
  civ_interaction settled;
  if (f->failed == CIV_OK && civ_settlement_of(e, f->config, &settled))
    interaction(f, &settled, 0, 0);
  if (f->failed != CIV_OK || e->form == NULL || strcmp(e->form->name, "collusion_report") != 0 ||
      e->values[0].text == NULL)
    return;
  json_t *payload = json_loads(e->values[0].text, 0, NULL);
  if (json_is_true(json_object_get(payload, "complete"))) {
    json_decref(f->alignments);
    f->alignments = json_incref(payload);
  } else {
    reach(f, e->epoch);
    take_votes(f, payload, &f->out->latest);
  }
  json_decref(payload);
}

static const civ_sink fold_sink = {
  .version = CIV_PART_VERSION,
  .name = "collusion report",
  .wants_events = true,
  .begin = begin,
  .interaction = interaction,
  .event = event,
  .step = step,
};

/* --- the end ------------------------------------------------------------------------------------------------------------------- */

static civ_status finish(fold *f, civ_error *err)
{
  if (f->failed == CIV_OK) {
    const civ_status status = civ_collusion_analyse(f->seen, &f->out->end);
    if (status != CIV_OK)
      fail(f, status);
    else if (f->alignments != NULL)
      take_votes(f, f->alignments, &f->out->end);
  }
  if (f->failed != CIV_OK && err != NULL)
    *err = f->error;
  return f->failed;
}

civ_status civ_collusion_summary_read(const char *path, uint32_t k, bool strict, const civ_config *config,
                                      civ_collusion_summary *out, civ_error *err)
{
  civ_collusion_summary result = { 0 };
  fold f = { .out = &result,
             .config = config,
             .rules = civ_config_section(config, "governance"),
             .simulation = civ_config_section(config, "simulation") };
  const civ_replay_target target = { &fold_sink, &f };
  result.lever = f.rules->collusion_detection_enabled;
  civ_status status = civ_log_replay(path, k, strict, &target, 1, &result.complete, &result.counts, err);
  if (status == CIV_OK)
    status = finish(&f, err);
  civ_collusion_destroy(f.seen);
  json_decref(f.alignments);
  if (status == CIV_OK)
    *out = result;
  else
    civ_collusion_summary_free(&result);
  return status;
}

void civ_collusion_summary_free(civ_collusion_summary *s)
{
  civ_collusion_report_fini(&s->latest);
  civ_collusion_report_fini(&s->end);
  free(s->voters);
  free((void *)s->names);
  *s = (civ_collusion_summary){ 0 };
}

static json_t *tree_of(const civ_collusion_report *r, const char *const *names, const char *voters)
{
  civ_buffer text = { 0 };
  civ_collusion_report_json(r, names, voters, &text);
  return civ_json_of(&text);
}

json_t *civ_collusion_summary_json(const civ_collusion_summary *s)
{
  json_t *latest = s->made ? tree_of(&s->latest, s->names, NULL) : json_null();
  return json_pack("{s:o, s:o}", "collusion", latest, "collusion_end", tree_of(&s->end, s->names, s->voters));
}
