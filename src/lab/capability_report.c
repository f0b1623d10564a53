#include "lab/capability_report.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/number.h"
#include "lab/roster.h"

/* The world's state rebuilt from what it told. */
typedef struct fold {
  const civ_config *config;
  uint32_t agents;
  const char **names;
  uint8_t *types;
  civ_capability_set *sets;
  uint8_t *joined; /* was in some team */
  uint32_t *parts;
  double *earnings;
  civ_composite_pool pool;
  civ_capabilities *analyser;
  uint64_t parts_finished;
  uint32_t most_finished;
  civ_status status;
  civ_error error;
} fold;

static void fail(fold *f, civ_status status, const char *what)
{
  if (f->status == CIV_OK)
    f->status = civ_fail(&f->error, status, "capabilities", "%s", what);
}

/* --- beginning -------------------------------------------------------------------------------------------------------------- */

static bool make_columns(fold *f, const civ_roster *roster)
{
  const size_t n = (size_t)roster->n + 1;
  f->names = civ_roster_names(roster);
  f->types = calloc(n, sizeof *f->types);
  f->sets = calloc(n, sizeof *f->sets);
  f->joined = calloc(n, sizeof *f->joined);
  f->parts = calloc(n, sizeof *f->parts);
  f->earnings = calloc(n, sizeof *f->earnings);
  f->analyser = civ_capabilities_create(roster->n, &civ_allocator_malloc);
  if (!f->names || !f->types || !f->sets || !f->joined || !f->parts || !f->earnings || !f->analyser)
    return false;
  memcpy(f->types, roster->types, roster->n);
  f->agents = roster->n;
  return true;
}

static civ_status begin(void *self, const civ_roster *roster, const civ_columns *columns, civ_error *err)
{
  fold *f = self;
  uint32_t n;
  civ_agent a = 0;
  (void)columns;
  if (!make_columns(f, roster))
    return civ_fail(err, CIV_E_NOMEM, "capabilities", "out of memory for %u agents", roster->n);
  const civ_agent_entry *entries = civ_config_agents(f->config, &n);
  for (uint32_t k = 0; k < n; k++) {
    civ_capability_set set = 0;
    for (uint32_t i = 0; i < entries[k].capabilities.n; i++)
      set |= civ_capability_of(entries[k].capabilities.items[i]);
    for (uint32_t i = 0; i < entries[k].count && a < f->agents; i++, a++) {
      f->sets[a] = set;
      if (set != 0)
        civ_capabilities_register(f->analyser, a, set);
    }
  }
  return CIV_OK;
}

/* --- events ------------------------------------------------------------------------------------------------------------------ */

static void create(fold *f, const json_t *payload, uint32_t epoch)
{
  const civ_composite_template type = civ_composite_template_of(civ_json_text(payload, "type", ""));
  if (type == CIV_COMPOSITE_TEMPLATES) {
    fail(f, CIV_E_FORMAT, "the log creates a composite task of a type this version does not know");
    return;
  }
  civ_composite_task t =
      civ_composite_make(type, civ_json_text(payload, "subject", ""), civ_json_real(payload, "bounty", -1),
                         civ_json_integer(payload, "deadline_epoch", -1));
  t.created_epoch = epoch;
  if (civ_composite_pool_reserve(&f->pool, 1) != CIV_OK) {
    fail(f, CIV_E_NOMEM, "out of memory for the composite tasks of the log");
    return;
  }
  civ_composite_pool_add(&f->pool, &t);
}

/* The task an event is about: "c1" is the first. */
static civ_composite_task *task_of(fold *f, const json_t *payload)
{
  const char *id = civ_json_text(payload, "task_id", "");
  int64_t number;
  civ_composite_task *t = NULL;
  if (id[0] == 'c' && civ_parse_integer(id + 1, strlen(id + 1), &number) && number > 0 && number <= UINT32_MAX)
    t = civ_composite_pool_find(&f->pool, (uint32_t)(number - 1));
  if (t == NULL)
    fail(f, CIV_E_FORMAT, "the log tells of a composite task that it never creates, or that is over");
  return t;
}

static void complete(fold *f, const civ_composite_task *t)
{
  double payouts[CIV_MOST_TEAM];
  civ_done_subtask parts[CIV_MOST_SUBTASKS];
  const civ_done_task done = civ_composite_done(t, parts);
  if (civ_capabilities_reserve(f->analyser, CIV_MOST_TEAM, CIV_MOST_TEAM * CIV_MOST_TEAM) != CIV_OK) {
    fail(f, CIV_E_NOMEM, "out of memory for the profiles of agents");
    return;
  }
  civ_capabilities_record(f->analyser, &done);
  civ_composite_payouts(t, payouts);
  for (uint32_t k = 0; k < t->n_participants; k++)
    f->earnings[t->participants[k]] += payouts[k];
}

static void work(fold *f, civ_composite_task *t, const civ_event *e, const json_t *payload, bool completed)
{
  const uint32_t s = (uint32_t)civ_json_integer(payload, "subtask_index", CIV_MOST_SUBTASKS);
  if (!completed && s < t->n_subtasks && (civ_composite_available(t) >> s & 1u) &&
      civ_composite_member(t, e->agent) != CIV_MOST_TEAM && civ_composite_assign(t, s, e->agent) &&
      civ_composite_start(t, s))
    return;
  if (completed && s < t->n_subtasks && t->subtasks[s].worker == e->agent) {
    t->subtasks[s].actual_steps = (uint32_t)civ_json_integer(payload, "actual_steps", 0);
    if (civ_composite_finish(t, s, civ_json_real(payload, "quality_score", 0), e->epoch)) {
      f->parts_finished++;
      if (++f->parts[e->agent] > f->most_finished)
        f->most_finished = f->parts[e->agent];
      if (t->status == CIV_COMPOSITE_COMPLETED)
        complete(f, t);
      return;
    }
  }
  fail(f, CIV_E_FORMAT, "the log tells of work on a part of a composite task that could not be worked on");
}

static void take(fold *f, const civ_event *e, const json_t *payload)
{
  const char *name = e->form->name;
  const bool claimed = strcmp(name, "subtask_claimed") == 0, completed = strcmp(name, "subtask_completed") == 0;
  const bool joined = strcmp(name, "composite_task_joined") == 0, expired = strcmp(name, "composite_task_expired") == 0;
  if (!claimed && !completed && !joined && !expired)
    return;
  civ_composite_task *t = task_of(f, payload);
  if (t == NULL)
    return;
  if (expired) {
    civ_composite_expire(t);
    return;
  }
  if (e->agent >= f->agents) {
    fail(f, CIV_E_FORMAT, "the log tells of an agent in a composite task that it never creates");
    return;
  }
  if (joined && civ_composite_join(t, e->agent))
    f->joined[e->agent] = 1;
  else if (joined)
    fail(f, CIV_E_FORMAT, "the log lets an agent join a composite task that has no room for it");
  else
    work(f, t, e, payload, completed);
}

static void event(void *self, const civ_event *e)
{
  fold *f = self;
  if (f->status != CIV_OK || e->form == NULL || e->values[0].text == NULL ||
      !(e->form->flags & CIV_FORM_FREE_PAYLOAD) ||
      (strncmp(e->form->name, "composite_task_", 15) != 0 && strncmp(e->form->name, "subtask_", 8) != 0))
    return;
  json_t *payload = json_loads(e->values[0].text, 0, NULL);
  if (strcmp(e->form->name, "composite_task_created") == 0)
    create(f, payload, e->epoch);
  else
    take(f, e, payload);
  json_decref(payload);
}

/* The run forgets tasks that are over here; so sums are added up in the same order. */
static civ_status epoch(void *self, uint32_t number, const double *row, civ_error *err)
{
  fold *f = self;
  (void)number;
  (void)row;
  (void)err;
  civ_composite_pool_forget(&f->pool);
  return CIV_OK;
}

static const civ_sink fold_sink = { .version = CIV_PART_VERSION,
                                    .name = "capability report",
                                    .wants_events = true,
                                    .begin = begin,
                                    .event = event,
                                    .epoch = epoch };

/* --- the end ----------------------------------------------------------------------------------------------------------------- */

static int by_earnings(const void *a, const void *b)
{
  const civ_capability_row *x = a, *y = b;
  if (x->earnings != y->earnings)
    return x->earnings < y->earnings ? 1 : -1;
  return (x->agent > y->agent) - (x->agent < y->agent);
}

static civ_status list_rows(fold *f, civ_capability_summary *out)
{
  size_t n = 0;
  for (civ_agent a = 0; a < f->agents; a++)
    n += f->joined[a];
  out->rows = calloc(n + 1, sizeof *out->rows);
  if (out->rows == NULL)
    return CIV_E_NOMEM;
  for (civ_agent a = 0; a < f->agents; a++) {
    if (!f->joined[a])
      continue;
    civ_capability_row *row = &out->rows[out->n_rows++];
    row->agent = a;
    row->name = f->names[a];
    row->parts = f->parts[a];
    row->profile = civ_capabilities_profile(f->analyser, a);
    row->earnings = f->earnings[a];
  }
  qsort(out->rows, out->n_rows, sizeof *out->rows, by_earnings);
  out->names = f->names;
  f->names = NULL;
  return CIV_OK;
}

static civ_status finish(fold *f, civ_capability_summary *out, civ_error *err)
{
  civ_composite_summary *s = &out->figures;
  if (f->status != CIV_OK) {
    if (err != NULL)
      *err = f->error;
    return f->status;
  }
  s->pool = civ_composite_pool_count(&f->pool);
  s->metrics = civ_capabilities_read(f->analyser);
  s->parts_finished = f->parts_finished;
  s->most_finished = f->most_finished;
  for (civ_agent a = 0; a < f->agents; a++) {
    civ_composite_by_type *t = &s->by_type[f->types[a] < CIV_AGENT_TYPES ? f->types[a] : CIV_HONEST];
    t->agents++;
    t->capable += f->sets[a] != 0;
    t->parts += f->parts[a];
    t->earnings += f->earnings[a];
  }
  return list_rows(f, out) == CIV_OK ? CIV_OK : civ_fail(err, CIV_E_NOMEM, "capabilities", "out of memory");
}

static void free_fold(fold *f)
{
  free((void *)f->names);
  free(f->types);
  free(f->sets);
  free(f->joined);
  free(f->parts);
  free(f->earnings);
  civ_composite_pool_fini(&f->pool);
  civ_capabilities_destroy(f->analyser);
}

civ_status civ_capability_summary_read(const char *path, uint32_t k, bool strict, const civ_config *config,
                                       civ_capability_summary *out, civ_error *err)
{
  const civ_governance_config *governance = civ_config_section(config, "governance");
  civ_capability_summary result = { .on = governance->composite_tasks_enabled };
  fold f = { .config = config };
  const civ_replay_target target = { &fold_sink, &f };
  civ_composite_pool_init(&f.pool, &civ_allocator_malloc);
  civ_status status = civ_log_replay(path, k, strict, &target, 1, &result.complete, &result.counts, err);
  if (status == CIV_OK)
    status = finish(&f, &result, err);
  free_fold(&f);
  if (status == CIV_OK)
    *out = result;
  else
    civ_capability_summary_free(&result);
  return status;
}

void civ_capability_summary_free(civ_capability_summary *s)
{
  free((void *)s->names);
  free(s->rows);
  *s = (civ_capability_summary){ 0 };
}

json_t *civ_capability_summary_json(const civ_capability_summary *s)
{
  civ_buffer text = { 0 };
  civ_buffer_text(&text, "{\"capabilities\": ");
  if (s->on)
    civ_composite_summary_json(&s->figures, &text);
  else
    civ_buffer_text(&text, "null");
  civ_buffer_text(&text, "}");
  return civ_json_of(&text);
}
