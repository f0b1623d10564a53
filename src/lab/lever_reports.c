#include "lab/lever_reports.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

static civ_status no_memory(civ_error *err)
{
  return civ_fail(err, CIV_E_NOMEM, "report", "out of memory");
}

/* What an event of this name says, in a log of any version; NULL: it is another event. */
static json_t *payload_of(const civ_event *e, const char *name)
{
  if (e->form == NULL || strcmp(e->form->name, name) != 0 || e->values[0].text == NULL)
    return NULL;
  return json_loads(e->values[0].text, 0, NULL);
}

/* --- groups that behave alike ------------------------------------------------------------------------------------------------- */

/* The groups of the epoch that has begun last; every group is told by an event of its own at the epoch's start, in order. */
typedef struct groups {
  json_t *clusters;
  uint32_t epoch; /* that has begun last */
  int64_t n, flagged, blocked, largest;
} groups;

static void reach_epoch(groups *g, uint32_t epoch)
{
  if (epoch == g->epoch)
    return;
  json_array_clear(g->clusters);
  g->n = g->flagged = g->blocked = g->largest = 0;
  g->epoch = epoch;
}

/* An agent is in one group at most, so that sizes add up. */
static void group_told(void *self, const civ_event *e)
{
  enum { MOST_CLUSTERS = 1000 }; /* as in the run's report */
  groups *g = self;
  json_t *told = payload_of(e, "sybil_detected");
  if (told == NULL)
    return;
  reach_epoch(g, e->epoch);
  const int64_t size = civ_json_integer(told, "size", 0);
  const bool blocked = civ_json_bool(told, "blocked", false);
  g->n++;
  g->flagged += size;
  g->blocked += blocked ? size : 0;
  g->largest = size > g->largest ? size : g->largest;
  if (g->n <= MOST_CLUSTERS)
    json_array_append_new(g->clusters,
                          json_pack("{s:I, s:I, s:b, s:O?}", "cluster",
                                    (json_int_t)civ_json_integer(told, "cluster", 0), "size", (json_int_t)size,
                                    "blocked", (int)blocked, "members", json_object_get(told, "members")));
  json_decref(told);
}

static void group_step(void *self, uint32_t epoch, uint32_t step, uint64_t digest)
{
  (void)step;
  (void)digest;
  reach_epoch(self, epoch);
}

static civ_status group_epoch(void *self, uint32_t epoch, const double *row, civ_error *err)
{
  (void)row;
  (void)err;
  reach_epoch(self, epoch); /* an epoch may be without steps */
  return CIV_OK;
}

civ_status civ_sybil_report_read(const char *path, uint32_t k, bool strict, const civ_config *config, json_t **out,
                                 civ_error *err)
{
  static const civ_sink sink = { .version = CIV_PART_VERSION,
                                 .name = "sybil report",
                                 .wants_events = true,
                                 .event = group_told,
                                 .step = group_step,
                                 .epoch = group_epoch };
  const civ_governance_config *rules = civ_config_section(config, "governance");
  groups g = { .clusters = json_array() };
  bool complete;
  civ_log_counts counts;
  const civ_replay_target target = { &sink, &g };
  civ_status st =
      g.clusters != NULL ? civ_log_replay(path, k, strict, &target, 1, &complete, &counts, err) : no_memory(err);
  if (st == CIV_OK) {
    *out = json_pack("{s:{s:I, s:s, s:f, s:I, s:I, s:I, s:I, s:O}}", "sybil", "epoch", (json_int_t)g.epoch,
                     "similarity_metric", rules->sybil_similarity_metric == CIV_SYBIL_COSINE ? "cosine" : "l1_dot",
                     "similarity_threshold", rules->sybil_similarity_threshold, "n_clusters", (json_int_t)g.n,
                     "n_flagged", (json_int_t)g.flagged, "n_blocked", (json_int_t)g.blocked, "largest",
                     (json_int_t)g.largest, "clusters", g.clusters);
    st = *out != NULL ? CIV_OK : no_memory(err);
  }
  json_decref(g.clusters);
  return st;
}

/* --- the public ledger --------------------------------------------------------------------------------------------------------- */

typedef struct standing {
  char *name;
  uint64_t rows;
  double sum_p;
} standing;

typedef struct ledger {
  standing *agents;
  uint32_t n;
  uint64_t rows;
  double sum_p;
} ledger;

static civ_status ledger_begin(void *self, const civ_roster *roster, const civ_columns *columns, civ_error *err)
{
  ledger *l = self;
  (void)columns;
  l->agents = calloc((size_t)roster->n + 1, sizeof *l->agents);
  for (; l->agents != NULL && l->n < roster->n; l->n++)
    if ((l->agents[l->n].name = strdup(roster->names[l->n])) == NULL)
      return no_memory(err);
  return l->agents != NULL ? CIV_OK : no_memory(err);
}

static void ledger_row(void *self, const civ_event *e)
{
  ledger *l = self;
  json_t *entry = e->initiator < l->n ? payload_of(e, "ledger_entry") : NULL;
  if (entry == NULL)
    return;
  const double p = civ_json_real(entry, "p", 0);
  json_decref(entry);
  l->rows++;
  l->sum_p += p;
  l->agents[e->initiator].rows++;
  l->agents[e->initiator].sum_p += p;
}

static json_t *ledger_json(const ledger *l)
{
  enum { MOST_INITIATORS = 1000 }; /* as in the run's report */
  json_t *list = json_array();
  json_int_t n = 0;
  for (uint32_t a = 0; a < l->n; a++) {
    const standing *s = &l->agents[a];
    if (s->rows > 0 && n++ < MOST_INITIATORS)
      json_array_append_new(list, json_pack("{s:s, s:I, s:f}", "agent", s->name, "ledger_count", (json_int_t)s->rows,
                                            "ledger_mean_p", s->sum_p / (double)s->rows));
  }
  return json_pack("{s:{s:I, s:f, s:o, s:I}}", "ledger", "rows", (json_int_t)l->rows, "mean_p",
                   l->rows > 0 ? l->sum_p / (double)l->rows : 0.0, "initiators", list, "n_initiators", n);
}

civ_status civ_ledger_report_read(const char *path, uint32_t k, bool strict, const civ_config *config, json_t **out,
                                  civ_error *err)
{
  static const civ_sink sink = { .version = CIV_PART_VERSION,
                                 .name = "ledger report",
                                 .wants_events = true,
                                 .begin = ledger_begin,
                                 .event = ledger_row };
  ledger l = { 0 };
  bool complete;
  civ_log_counts counts;
  const civ_replay_target target = { &sink, &l };
  (void)config;
  civ_status st = civ_log_replay(path, k, strict, &target, 1, &complete, &counts, err);
  if (st == CIV_OK) {
    *out = ledger_json(&l);
    st = *out != NULL ? CIV_OK : no_memory(err);
  }
  for (uint32_t a = 0; a < l.n; a++)
    free(l.agents[a].name);
  free(l.agents);
  return st;
}
