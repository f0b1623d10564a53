/* Sybil detection: agents that deal with the same others in the same proportions count as identities of one mind. They pay
 * with reputation and resources as long as they are found alike; groups that are too large take no turns. */
#include "govern/sybil_detection.h"

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/memory.h"
#include "govern/governed.h"
#include "govern/levers.h"
#include "metric/patterns.h"

enum { MOST_SHOWN = 64 };
static const double REPUTATION_PENALTY = 0.1, RESOURCE_PENALTY = 1.0;

/* Counts of one detection, or summed over the run. */
typedef struct tally {
  uint64_t clusters, flagged, blocked, largest;
  double reputation, resources;
} tally;

typedef struct sybil_detection {
  civ_governed
      base; /* must stay first; columns: uint32_t, size of the largest group of the last detection an agent is in */
  civ_patterns *patterns;
  civ_clusters groups;
  tally last, run;
  uint64_t realtime; /* interactions charged */
  uint64_t digest;   /* of every change so far */
  uint32_t epoch;
  uint16_t detected; /* number of the event form */
  civ_status failed; /* memory ran out where nothing could be said */
} sybil_detection;

static bool wanted(const civ_host *host)
{
  const civ_governance_config *rules = civ_governance_of(host);
  return rules != NULL && rules->sybil_detection_enabled;
}

static void destroy(void *self)
{
  sybil_detection *l = self;
  if (l == NULL)
    return;
  civ_patterns_destroy(l->patterns);
  civ_clusters_destroy(&l->groups);
  civ_governed_destroy(self);
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  void *made;
  civ_status st =
      civ_governed_create(host, civ_lever_sybil_detection.name, sizeof(sybil_detection), sizeof(uint32_t), &made, err);
  if (st != CIV_OK)
    return st;
  sybil_detection *l = made;
  const civ_allocator *allocator = host->call->allocator(host);
  l->groups = civ_clusters_create(allocator);
  l->patterns = civ_patterns_create(l->base.agents, l->base.rules->sybil_pattern == CIV_SYBIL_INITIATED, allocator);
  if (l->patterns == NULL) {
    destroy(l);
    return civ_fail(err, CIV_E_NOMEM, civ_lever_sybil_detection.name, "out of memory for the patterns of agents");
  }
  *self = made;
  return CIV_OK;
}

static civ_status reserve(void *self, const civ_demand *demand)
{
  sybil_detection *l = self;
  return l->failed != CIV_OK ? l->failed : civ_patterns_reserve(l->patterns, demand->completions);
}

static uint32_t *group_size(const sybil_detection *l, civ_agent a)
{
  return (uint32_t *)l->base.columns + a;
}

static bool admits(void *self, civ_agent a)
{
  const sybil_detection *l = self;
  return a >= l->base.agents || *group_size(l, a) <= l->base.rules->sybil_max_cluster_size;
}

bool civ_sybil_is_flagged(const void *self, civ_agent a)
{
  const sybil_detection *l = self;
  return a<l->base.agents && * group_size(l, a)> 0;
}

static void judge(void *self, const civ_interaction *record, civ_draws *draws, civ_effect *effect)
{
  sybil_detection *l = self;
  (void)draws;
  if (civ_patterns_add(l->patterns, record->initiator, record->counterparty) != CIV_OK)
    l->failed = CIV_E_NOMEM;
  l->digest = civ_digest_mix(l->digest, record->initiator, record->counterparty);
  if (!l->base.rules->sybil_realtime_penalty || !civ_sybil_is_flagged(l, record->initiator) ||
      !civ_sybil_is_flagged(l, record->counterparty))
    return;
  civ_effect_cost(effect, l->base.rules->sybil_realtime_rate, l->base.rules->sybil_realtime_rate);
  l->realtime++;
}

/* --- an epoch's begin: who is alike ---------------------------------------------------------------------------------------- */

static civ_status find_groups(const sybil_detection *l, civ_clusters *out)
{
  const civ_governance_config *rules = l->base.rules;
  const civ_allocator *allocator = l->base.host->call->allocator(l->base.host);
  const civ_similarity_rules similarity = { .measure = rules->sybil_similarity_metric == CIV_SYBIL_COSINE
                                                           ? CIV_SIMILARITY_COSINE
                                                           : CIV_SIMILARITY_L1_DOT,
                                            .threshold = rules->sybil_similarity_threshold,
                                            .min_interactions = (double)rules->sybil_min_interactions };
  uint32_t n;
  const civ_agent *order = civ_patterns_order(l->patterns, &n);
  civ_pattern *patterns = civ_zeroed(allocator, n, sizeof *patterns);
  if (patterns == NULL)
    return CIV_E_NOMEM;
  for (uint32_t k = 0; k < n; k++)
    patterns[k] = civ_patterns_of(l->patterns, order[k]);
  const civ_status st = civ_clusters_find(patterns, n, l->base.agents, &similarity, allocator, out);
  for (uint32_t k = 0; st == CIV_OK && out->n > 0 && k < out->start[out->n]; k++)
    out->members[k] = order[out->members[k]];
  civ_release(allocator, patterns, (n > 0 ? n * sizeof *patterns : 1));
  return st;
}

static void flag(sybil_detection *l)
{
  const civ_clusters *groups = &l->groups;
  memset(l->base.columns, 0, l->base.agents * sizeof(uint32_t));
  l->last = (tally){ .clusters = groups->n };
  for (uint32_t k = 0; k < groups->n; k++) {
    const uint32_t size = civ_clusters_size(groups, k);
    l->last.largest = size > l->last.largest ? size : l->last.largest;
    for (uint32_t i = groups->start[k]; i < groups->start[k + 1]; i++) {
      uint32_t *largest = group_size(l, groups->members[i]);
      *largest = size > *largest ? size : *largest;
    }
  }
  for (civ_agent a = 0; a < l->base.agents; a++) {
    l->last.flagged += *group_size(l, a) > 0;
    l->last.blocked += !admits(l, a);
  }
}

/* Names of the first members as a JSON list. */
static void list_members(const sybil_detection *l, uint32_t k, civ_buffer *out)
{
  const char *const *names = l->base.host->call->population(l->base.host)->name;
  const uint32_t begin = l->groups.start[k], size = civ_clusters_size(&l->groups, k);
  civ_buffer_text(out, "[");
  for (uint32_t i = 0; i < size && i < MOST_SHOWN; i++) {
    const char *name = names[l->groups.members[begin + i]];
    civ_buffer_text(out, i > 0 ? ", " : "");
    civ_buffer_json_text(out, name, strlen(name));
  }
  civ_buffer_add(out, "]", 2); /* with its end */
  out->length -= out->failed ? 0 : 1;
}

static bool is_blocked(const sybil_detection *l, uint32_t k)
{
  return civ_clusters_size(&l->groups, k) > l->base.rules->sybil_max_cluster_size;
}

static void announce(sybil_detection *l, uint32_t k)
{
  civ_buffer members = { 0 };
  civ_event event = civ_host_event(l->base.host, &l->detected, "sybil_detected", CIV_NOBODY);
  list_members(l, k, &members);
  if (members.failed)
    l->failed = CIV_E_NOMEM;
  event.values[0].integer = k;
  event.values[1].text = members.failed ? NULL : members.data;
  event.values[2].integer = civ_clusters_size(&l->groups, k);
  event.values[3].integer = is_blocked(l, k);
  event.values[4].real = l->base.rules->sybil_similarity_threshold;
  l->base.host->call->emit(l->base.host, &event);
  civ_buffer_free(&members);
}

static void punish(sybil_detection *l, uint32_t k, civ_effect *effect)
{
  const double multiplier = l->base.rules->sybil_penalty_multiplier;
  if (multiplier == 0)
    return;
  for (uint32_t i = l->groups.start[k]; i < l->groups.start[k + 1]; i++) {
    civ_effect_reputation(effect, l->groups.members[i], -REPUTATION_PENALTY * multiplier);
    civ_effect_resources(effect, l->groups.members[i], -RESOURCE_PENALTY * multiplier);
    l->last.reputation += REPUTATION_PENALTY * multiplier;
    l->last.resources += RESOURCE_PENALTY * multiplier;
  }
}

void civ_sybil_impose(void *self, civ_clusters *groups, civ_effect *effect)
{
  sybil_detection *l = self;
  civ_clusters_destroy(&l->groups);
  l->groups = *groups;
  *groups = civ_clusters_create(l->groups.allocator);
  flag(l);
  for (uint32_t k = 0; k < l->groups.n; k++) {
    announce(l, k);
    punish(l, k, effect);
  }
  l->run.clusters += l->last.clusters;
  l->run.flagged += l->last.flagged;
  l->run.blocked += l->last.blocked;
  l->run.largest = l->last.largest > l->run.largest ? l->last.largest : l->run.largest;
  l->run.reputation += l->last.reputation;
  l->run.resources += l->last.resources;
  l->digest = civ_digest_mix(l->digest, l->last.clusters, l->last.flagged << 32 | l->last.largest);
}

static void epoch_begin(void *self, uint32_t epoch, civ_effect *effect)
{
  sybil_detection *l = self;
  civ_clusters found = civ_clusters_create(l->base.host->call->allocator(l->base.host));
  l->epoch = epoch;
  if (civ_patterns_settle(l->patterns) != CIV_OK || find_groups(l, &found) != CIV_OK) {
    civ_clusters_destroy(&found);
    l->failed = CIV_E_NOMEM; /* said by the next `reserve`, which comes before anybody acts */
    return;
  }
  civ_sybil_impose(l, &found, effect);
  if (l->base.rules->sybil_pattern_decay < 1)
    civ_patterns_decay(l->patterns, l->base.rules->sybil_pattern_decay);
}

/* --- what it says ---------------------------------------------------------------------------------------------------------- */

const civ_clusters *civ_sybil_clusters(const void *self)
{
  return &((const sybil_detection *)self)->groups;
}

void civ_sybil_clear(void *self)
{
  sybil_detection *l = self;
  civ_patterns_clear(l->patterns);
  l->groups.n = 0;
  flag(l);
  l->digest = civ_digest_mix(l->digest, UINT64_MAX, l->epoch);
}

static void put_tally(const tally *t, double *values)
{
  values[0] = (double)t->clusters;
  values[1] = (double)t->flagged;
  values[2] = (double)t->blocked;
  values[3] = (double)t->largest;
  values[4] = t->reputation;
  values[5] = t->resources;
}

static void epoch_report(void *self, double *values)
{
  put_tally(&((const sybil_detection *)self)->last, values);
}

static void total_report(void *self, double *values)
{
  const sybil_detection *l = self;
  put_tally(&l->run, values);
  values[6] = (double)l->realtime;
  values[7] = (double)l->last.clusters;
}

static double agent_total(void *self, uint32_t k, civ_agent a)
{
  (void)k;
  return civ_sybil_is_flagged(self, a);
}

static void report_cluster(const sybil_detection *l, uint32_t k, civ_buffer *text)
{
  civ_buffer_format(text, "%s{\"cluster\": %u, \"size\": %u, \"blocked\": %s, \"members\": ", k > 0 ? ", " : "",
                    (unsigned)k, (unsigned)civ_clusters_size(&l->groups, k), is_blocked(l, k) ? "true" : "false");
  list_members(l, k, text);
  civ_buffer_text(text, "}");
}

static civ_status report(void *self, civ_bytes *out)
{
  enum { MOST_CLUSTERS = 1000 };
  const sybil_detection *l = self;
  const civ_governance_config *rules = l->base.rules;
  civ_buffer text = { 0 };
  civ_buffer_format(&text, "{\"sybil\": {\"epoch\": %u, \"similarity_metric\": \"%s\", \"similarity_threshold\": ",
                    (unsigned)l->epoch, rules->sybil_similarity_metric == CIV_SYBIL_COSINE ? "cosine" : "l1_dot");
  civ_buffer_real(&text, rules->sybil_similarity_threshold);
  civ_buffer_format(
      &text, ", \"n_clusters\": %u, \"n_flagged\": %u, \"n_blocked\": %u, \"largest\": %u, \"clusters\": [",
      (unsigned)l->last.clusters, (unsigned)l->last.flagged, (unsigned)l->last.blocked, (unsigned)l->last.largest);
  for (uint32_t k = 0; k < l->groups.n && k < MOST_CLUSTERS; k++)
    report_cluster(l, k, &text);
  civ_buffer_text(&text, "]}}");
  return civ_buffer_deliver(&text, out);
}

/* --- as bytes ---------------------------------------------------------------------------------------------------------------- */

static uint64_t digest(void *self)
{
  const sybil_detection *l = self;
  return civ_digest_mix(l->digest, l->realtime, l->epoch);
}

static void save_tally(const tally *t, civ_bytes *out)
{
  civ_bytes_put_u64(out, t->clusters);
  civ_bytes_put_u64(out, t->flagged);
  civ_bytes_put_u64(out, t->blocked);
  civ_bytes_put_u64(out, t->largest);
  civ_bytes_put_real(out, t->reputation);
  civ_bytes_put_real(out, t->resources);
}

static tally load_tally(civ_bytes_reader *in)
{
  tally t;
  t.clusters = civ_bytes_u64(in);
  t.flagged = civ_bytes_u64(in);
  t.blocked = civ_bytes_u64(in);
  t.largest = civ_bytes_u64(in);
  t.reputation = civ_bytes_real(in);
  t.resources = civ_bytes_real(in);
  return t;
}

static civ_status save(void *self, civ_bytes *out)
{
  const sybil_detection *l = self;
  civ_bytes_put_u64(out, l->realtime);
  civ_bytes_put_u64(out, l->digest);
  civ_bytes_put_u32(out, l->epoch);
  save_tally(&l->last, out);
  save_tally(&l->run, out);
  civ_bytes_put_u32(out, l->groups.n);
  for (uint32_t k = 0; k < l->groups.n; k++) {
    civ_bytes_put_u32(out, civ_clusters_size(&l->groups, k));
    civ_bytes_put_u32s(out, l->groups.members + l->groups.start[k], civ_clusters_size(&l->groups, k));
  }
  civ_patterns_save(l->patterns, out);
  return CIV_OK;
}

static civ_status load_group(sybil_detection *l, civ_bytes_reader *in, uint32_t *room)
{
  const uint32_t n = civ_bytes_u32(in);
  if (in->failed || n > l->base.agents || !civ_bytes_u32s(in, room, n))
    return CIV_E_FORMAT;
  for (uint32_t i = 0; i < n; i++)
    if (room[i] >= l->base.agents)
      return CIV_E_FORMAT;
  return civ_clusters_add(&l->groups, room, n);
}

static civ_status load_groups(sybil_detection *l, civ_bytes_reader *in)
{
  const civ_allocator *allocator = l->base.host->call->allocator(l->base.host);
  const size_t bytes = ((size_t)l->base.agents + 1) * sizeof(uint32_t);
  uint32_t *room = civ_zeroed(allocator, 1, bytes);
  civ_status st = room != NULL ? CIV_OK : CIV_E_NOMEM;
  const uint32_t n = civ_bytes_u32(in);
  for (uint32_t k = 0; st == CIV_OK && k < n; k++)
    st = load_group(l, in, room);
  civ_release(allocator, room, bytes);
  return st;
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  sybil_detection *l = self;
  l->realtime = civ_bytes_u64(in);
  l->digest = civ_bytes_u64(in);
  l->epoch = civ_bytes_u32(in);
  const tally last = load_tally(in);
  l->run = load_tally(in);
  const civ_status st = load_groups(l, in);
  if (st == CIV_E_NOMEM)
    return civ_fail(err, CIV_E_NOMEM, civ_lever_sybil_detection.name, "out of memory while loading a checkpoint");
  if (st != CIV_OK)
    return civ_governed_misfit(&l->base, civ_lever_sybil_detection.name, err);
  flag(l);
  l->last = last;
  return civ_patterns_load(l->patterns, in, err);
}

static const civ_member detected_members[] = { { "cluster", CIV_MEMBER_INTEGER, false },
                                               { "members", CIV_MEMBER_JSON, false },
                                               { "size", CIV_MEMBER_INTEGER, false },
                                               { "blocked", CIV_MEMBER_BOOLEAN, false },
                                               { "similarity_threshold", CIV_MEMBER_REAL, false },
                                               { NULL, 0, false } };
static const civ_event_form events[] = {
  { "sybil_detected", CIV_FORM_EPOCH | CIV_FORM_STEP, detected_members,
    "a group of agents that behave alike, at an epoch's begin (the first 64 members)" },
  { NULL, 0, NULL, NULL }
};
#define TALLY(prefix)                                                                                                  \
  { prefix "clusters", true, "groups of agents that behave alike" },                                                   \
      { prefix "flagged", true, "agents in such groups" },                                                             \
      { prefix "blocked", true, "agents that take no turns because their group is too large" },                        \
      { prefix "largest", true, "members of the largest group" },                                                      \
      { prefix "penalty_reputation", false, "reputation taken from them" },                                            \
  {                                                                                                                    \
    prefix "penalty_resources", false, "resources taken from them"                                                     \
  }
static const civ_metric_decl epoch_metrics[] = { TALLY("sybil_"), { NULL, false, NULL } };
static const civ_metric_decl totals[] = {
  TALLY("sybil_"),
  { "lever_sybil_realtime", true, "interactions charged a real-time Sybil cost" },
  { "sybil.clusters", true, "groups of the last detection" },
  { NULL, false, NULL },
};
static const civ_metric_decl agent_totals[] = {
  { "sybil.flagged.", true, "its agents in groups of the last detection" }, { NULL, false, NULL }
};

const civ_lever civ_lever_sybil_detection = {
  .version = CIV_PART_VERSION,
  .name = "sybil_detection",
  .doc = "Identities that behave alike pay for it; large groups of them take no turns.",
  .events = events,
  .epoch_metrics = epoch_metrics,
  .totals = totals,
  .agent_totals = agent_totals,
  .accounted = true,
  .wanted = wanted,
  .create = create,
  .destroy = destroy,
  .reserve = reserve,
  .admits = admits,
  .judge = judge,
  .epoch_begin = epoch_begin,
  .epoch_report = epoch_report,
  .total_report = total_report,
  .agent_total = agent_total,
  .report = report,
  .digest = digest,
  .save = save,
  .load = load,
};
