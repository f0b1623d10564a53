#include "lab/aggregate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "statistics/statistics.h"

enum { SUMMARY_SAMPLE = 1000 };

/* What one agent did in the current epoch. */
typedef struct tally {
  double sum_p_initiated, sum_p_received, payoff, cumulative;
  uint32_t initiated, received;
} tally;

struct civ_aggregator {
  civ_history *history;
  uint32_t n_agents, n_kept;
  int32_t mode;
  tally *tallies;
  uint8_t *types;
  uint32_t *kept; /* agents whose snapshots are kept, ascending */
  uint64_t total, accepted;
  double sum_p_accepted, sum_p_rejected;
  double posts, votes; /* of all closed epochs */
  double *payoffs;     /* of the epoch */
  size_t n_payoffs, room_payoffs;
  bool failed;
};

bool civ_snapshot_mode_read(const char *text, uint64_t n_agents, uint64_t n_epochs, civ_snapshot_mode *mode,
                            uint32_t *sample)
{
  static const char *const words[] = { "all", "summary", "none", "auto" };
  static const civ_snapshot_mode modes[] = { CIV_SNAPSHOTS_ALL, CIV_SNAPSHOTS_SUMMARY, CIV_SNAPSHOTS_NONE };
  const uint64_t most = 1000000;
  *sample = SUMMARY_SAMPLE;
  if (text == NULL || strcmp(text, words[3]) == 0) {
    *mode = n_epochs == 0 || n_agents <= most / n_epochs ? CIV_SNAPSHOTS_ALL : CIV_SNAPSHOTS_SUMMARY;
    return true;
  }
  for (int k = 0; k < 3; k++)
    if (strcmp(text, words[k]) == 0) {
      *mode = modes[k];
      return true;
    }
  int64_t n;
  if (strncmp(text, "sample:", 7) != 0 || !civ_parse_integer(text + 7, strlen(text + 7), &n) || n < 1 || n > UINT32_MAX)
    return false;
  *mode = CIV_SNAPSHOTS_SAMPLE;
  *sample = (uint32_t)n;
  return true;
}

/* --- creation --------------------------------------------------------------------------------------------------------- */

/* Chooses `n` of the agents, ascending, each set equally likely (Knuth's selection sampling). */
static void choose_sample(civ_aggregator *a, uint32_t n, uint64_t seed)
{
  const civ_draw_key key = { .purpose = CIV_PURPOSE_SAMPLE };
  civ_draws draws = civ_draws_open(seed, &key);
  for (uint32_t i = 0; i < a->n_agents && a->n_kept < n; i++)
    if (civ_draw_index(&draws, a->n_agents - i) < n - a->n_kept)
      a->kept[a->n_kept++] = i;
}

static void choose_kept(civ_aggregator *a, const civ_aggregator_options *options)
{
  const uint32_t sample = options->mode == CIV_SNAPSHOTS_SUMMARY ? SUMMARY_SAMPLE : options->sample;
  if (options->mode == CIV_SNAPSHOTS_NONE)
    return;
  if (options->mode != CIV_SNAPSHOTS_ALL && sample < a->n_agents) {
    choose_sample(a, sample, options->seed);
    return;
  }
  for (a->n_kept = 0; a->n_kept < a->n_agents; a->n_kept++)
    a->kept[a->n_kept] = a->n_kept;
}

civ_aggregator *civ_aggregator_create(const civ_aggregator_options *options, civ_history *history)
{
  civ_aggregator *a = calloc(1, sizeof *a);
  if (a == NULL)
    return NULL;
  a->history = history;
  a->n_agents = options->n_agents;
  a->mode = options->mode;
  a->tallies = civ_zeroed(&civ_allocator_malloc, a->n_agents, sizeof *a->tallies);
  a->types = civ_zeroed(&civ_allocator_malloc, a->n_agents, sizeof *a->types);
  a->kept = civ_zeroed(&civ_allocator_malloc, a->n_agents, sizeof *a->kept);
  if (a->tallies == NULL || a->types == NULL || a->kept == NULL) {
    civ_aggregator_destroy(a);
    return NULL;
  }
  if (options->types != NULL)
    memcpy(a->types, options->types, a->n_agents);
  choose_kept(a, options);
  return a;
}

void civ_aggregator_destroy(civ_aggregator *a)
{
  if (a == NULL)
    return;
  free(a->tallies);
  free(a->types);
  free(a->kept);
  free(a->payoffs);
  free(a);
}

/* --- during an epoch ---------------------------------------------------------------------------------------------------- */

void civ_aggregator_interaction(civ_aggregator *a, civ_agent initiator, civ_agent counterparty, double p, bool accepted)
{
  a->total++;
  a->accepted += accepted;
  if (accepted)
    a->sum_p_accepted += p;
  else
    a->sum_p_rejected += p;
  if (initiator < a->n_agents) {
    a->tallies[initiator].initiated++;
    a->tallies[initiator].sum_p_initiated += p;
  }
  if (counterparty < a->n_agents) {
    a->tallies[counterparty].received++;
    a->tallies[counterparty].sum_p_received += p;
  }
}

void civ_aggregator_payoff(civ_aggregator *a, civ_agent agent, double payoff)
{
  void *block = a->payoffs;
  if (civ_grow(&civ_allocator_malloc, &block, &a->room_payoffs, a->n_payoffs + 1, sizeof *a->payoffs) != CIV_OK) {
    a->failed = true;
    return;
  }
  a->payoffs = block;
  a->payoffs[a->n_payoffs++] = payoff;
  if (agent < a->n_agents)
    a->tallies[agent].payoff += payoff;
}

static void hear(void *self, const civ_interaction *record, double payoff_a, double payoff_b)
{
  civ_aggregator *a = self;
  civ_aggregator_interaction(a, record->initiator, record->counterparty, record->p, record->accepted);
  if (record->accepted) {
    civ_aggregator_payoff(a, record->initiator, payoff_a);
    civ_aggregator_payoff(a, record->counterparty, payoff_b);
  }
}

const civ_sink civ_aggregator_sink = { .version = CIV_PART_VERSION, .name = "history", .interaction = hear };

/* --- end of an epoch ---------------------------------------------------------------------------------------------------- */

static uint64_t count_set(const uint8_t *flags, uint32_t n)
{
  uint64_t count = 0;
  for (uint32_t i = 0; flags != NULL && i < n; i++)
    count += flags[i] != 0;
  return count;
}

static void fill_interactions(const civ_aggregator *a, double *v)
{
  const double accepted = (double)a->accepted, rejected = (double)(a->total - a->accepted);
  v[CIV_COLUMN_total_interactions] = (double)a->total;
  v[CIV_COLUMN_accepted_interactions] = accepted;
  v[CIV_COLUMN_rejected_interactions] = rejected;
  v[CIV_COLUMN_toxicity_rate] = accepted > 0 ? 1.0 - a->sum_p_accepted / accepted : 0.0;
  v[CIV_COLUMN_quality_gap] =
      accepted > 0 && rejected > 0 ? a->sum_p_accepted / accepted - a->sum_p_rejected / rejected : 0.0;
  v[CIV_COLUMN_avg_p] = a->total > 0 ? (a->sum_p_accepted + a->sum_p_rejected) / (double)a->total : 0.5;
}

static void fill_payoffs(civ_aggregator *a, double *v)
{
  v[CIV_COLUMN_total_welfare] = civ_sum(a->payoffs, a->n_payoffs);
  v[CIV_COLUMN_avg_payoff] = civ_mean(a->payoffs, a->n_payoffs);
  v[CIV_COLUMN_payoff_std] = civ_population_sd(a->payoffs, a->n_payoffs);
  v[CIV_COLUMN_gini_coefficient] = civ_gini(a->payoffs, a->n_payoffs);
}

static void fill_agents(const civ_agent_states *states, double *v)
{
  v[CIV_COLUMN_n_agents] = states->n;
  v[CIV_COLUMN_n_frozen] = (double)count_set(states->frozen, states->n);
  if (states->quarantined) /* else what the row of metrics says */
    v[CIV_COLUMN_n_quarantined] = (double)count_set(states->quarantined, states->n);
  v[CIV_COLUMN_avg_reputation] = civ_mean(states->reputation, states->n);
  v[CIV_COLUMN_reputation_std] = civ_population_sd(states->reputation, states->n);
}

static civ_agent_snapshot snapshot_of(const civ_aggregator *a, uint32_t epoch, const civ_agent_states *states,
                                      uint32_t i)
{
  const tally *t = &a->tallies[i];
  return (civ_agent_snapshot){
    .agent = i,
    .epoch = epoch,
    .reputation = states->reputation[i],
    .resources = states->resources[i],
    .avg_p_initiated = t->initiated > 0 ? t->sum_p_initiated / t->initiated : 0.5,
    .avg_p_received = t->received > 0 ? t->sum_p_received / t->received : 0.5,
    .total_payoff = t->payoff,
    .cumulative_payoff = t->cumulative,
    .initiated = t->initiated,
    .received = t->received,
    .frozen = states->frozen != NULL && states->frozen[i] != 0,
    .quarantined = states->quarantined != NULL && states->quarantined[i] != 0,
  };
}

static double spread_value(const civ_aggregator *a, const civ_agent_states *states, int quantity, uint32_t i)
{
  switch (quantity) {
  case 0:
    return states->reputation[i];
  case 1:
    return states->resources[i];
  case 2:
    return a->tallies[i].payoff;
  default:
    return (double)a->tallies[i].initiated + (double)a->tallies[i].received;
  }
}

static civ_spread spread_of(double *values, uint64_t n)
{
  static const double levels[CIV_SPREAD_QUANTILES] = { 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99 };
  civ_spread s = { .mean = civ_mean(values, n), .sd = civ_population_sd(values, n) };
  qsort(values, n, sizeof *values, civ_compare_reals);
  for (int q = 0; q < CIV_SPREAD_QUANTILES; q++)
    s.quantiles[q] = civ_quantile(values, n, levels[q]);
  return s;
}

/* Per type: how the four quantities are spread over its agents. */
static civ_status add_spreads(civ_aggregator *a, uint32_t epoch, const civ_agent_states *states)
{
  double *values = civ_zeroed(&civ_allocator_malloc, states->n, sizeof *values);
  if (values == NULL)
    return CIV_E_NOMEM;
  civ_status status = CIV_OK;
  for (uint8_t type = 0; status == CIV_OK && type < CIV_AGENT_TYPES; type++) {
    civ_type_snapshot s = { .epoch = epoch, .type = type };
    for (int q = 0; q < CIV_SPREAD_QUANTITIES; q++) {
      s.count = 0;
      for (uint32_t i = 0; i < states->n; i++)
        if (a->types[i] == type)
          values[s.count++] = spread_value(a, states, q, i);
      if (s.count > 0)
        s.spreads[q] = spread_of(values, s.count);
    }
    if (s.count > 0)
      status = civ_history_add_spread(a->history, &s);
  }
  free(values);
  return status;
}

static void clear_epoch(civ_aggregator *a)
{
  for (uint32_t i = 0; i < a->n_agents; i++)
    a->tallies[i] = (tally){ .cumulative = a->tallies[i].cumulative };
  a->total = a->accepted = 0;
  a->sum_p_accepted = a->sum_p_rejected = 0;
  a->n_payoffs = 0;
}

civ_status civ_aggregator_close_epoch(civ_aggregator *a, const civ_epoch_snapshot *known,
                                      const civ_agent_states *states, civ_error *err)
{
  civ_epoch_snapshot s = *known;
  fill_interactions(a, s.values);
  fill_payoffs(a, s.values);
  fill_agents(states, s.values);
  a->posts += s.values[CIV_COLUMN_total_posts];
  a->votes += s.values[CIV_COLUMN_total_votes];
  for (uint32_t i = 0; i < a->n_agents; i++)
    a->tallies[i].cumulative += a->tallies[i].payoff;
  civ_status status = a->failed ? CIV_E_NOMEM : civ_history_add_epoch(a->history, &s);
  for (uint32_t k = 0; status == CIV_OK && k < a->n_kept && a->kept[k] < states->n; k++) {
    const civ_agent_snapshot agent = snapshot_of(a, s.epoch, states, a->kept[k]);
    status = civ_history_add_agent(a->history, &agent);
  }
  if (status == CIV_OK && a->mode == CIV_SNAPSHOTS_SUMMARY)
    status = add_spreads(a, s.epoch, states);
  clear_epoch(a);
  return status == CIV_OK ? CIV_OK : civ_fail(err, status, "history", "out of memory at the end of epoch %u", s.epoch);
}

/* --- columns of others ---------------------------------------------------------------------------------------------------- */

civ_epoch_snapshot civ_aggregator_know(const civ_aggregator *a, uint32_t epoch, int64_t time_us,
                                       const civ_columns *columns, const double *row)
{
  static const struct {
    const char *name;
    int column;
  } same[] = {
    { "avg_payoff", CIV_COLUMN_avg_payoff_initiator },
    { "tasks_completed", CIV_COLUMN_total_tasks_completed },
    { "network_metrics.n_edges", CIV_COLUMN_n_edges },
    { "network_metrics.average_degree", CIV_COLUMN_avg_degree },
    { "network_metrics.average_clustering", CIV_COLUMN_avg_clustering },
    { "network_metrics.n_components", CIV_COLUMN_n_components },
    { "security_metrics.ecosystem_threat_level", CIV_COLUMN_ecosystem_threat_level },
    { "security_metrics.active_threats", CIV_COLUMN_active_threats },
    { "security_metrics.contagion_depth", CIV_COLUMN_contagion_depth },
    { "collusion_metrics.ecosystem_collusion_risk", CIV_COLUMN_ecosystem_collusion_risk },
    { "collusion_metrics.n_flagged_pairs", CIV_COLUMN_n_flagged_pairs },
    { "capability_metrics.avg_coordination_score", CIV_COLUMN_avg_coordination_score },
    { "capability_metrics.avg_synergy_score", CIV_COLUMN_avg_synergy_score },
    { "capability_metrics.tasks_completed", CIV_COLUMN_tasks_completed },
    { "security_metrics.n_quarantined", CIV_COLUMN_n_quarantined },
    { "n_quarantined", CIV_COLUMN_n_quarantined },
    { "governance_cost_assessed", CIV_COLUMN_governance_cost_assessed },
    { "governance_cost_paid", CIV_COLUMN_governance_cost_paid },
  };
  civ_epoch_snapshot s = civ_epoch_snapshot_blank(epoch);
  s.time_us = time_us;
  for (uint32_t k = 0; k < columns->n; k++) {
    const char *name = columns->decls[k].name;
    if (strcmp(name, "total_posts") == 0)
      s.values[CIV_COLUMN_total_posts] = row[k] - a->posts;
    if (strcmp(name, "total_votes") == 0)
      s.values[CIV_COLUMN_total_votes] = row[k] - a->votes;
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
      if (strcmp(name, same[i].name) == 0 && isfinite(row[k]))
        s.values[same[i].column] = row[k];
  }
  return s;
}

/* --- checkpoints ------------------------------------------------------------------------------------------------------------ */

void civ_aggregator_save(const civ_aggregator *a, civ_bytes *out)
{
  const civ_history *h = a->history;
  civ_bytes_open(out, "HIST");
  civ_bytes_put_u32(out, a->n_agents);
  for (uint32_t i = 0; i < a->n_agents; i++)
    civ_bytes_put_real(out, a->tallies[i].cumulative);
  civ_bytes_put_u64(out, h->n_epoch_snapshots);
  for (size_t i = 0; i < h->n_epoch_snapshots; i++) {
    civ_bytes_put_u32(out, h->epochs[i].epoch);
    civ_bytes_put_u64(out, (uint64_t)h->epochs[i].time_us);
    for (int k = 0; k < CIV_N_EPOCH_COLUMNS; k++)
      civ_bytes_put_real(out, h->epochs[i].values[k]);
  }
  civ_bytes_put_u64(out, h->n_agent_snapshots);
  for (size_t i = 0; i < h->n_agent_snapshots; i++) {
    const civ_agent_snapshot *s = &h->agents[i];
    const double reals[] = { s->reputation,     s->resources,    s->avg_p_initiated,
                             s->avg_p_received, s->total_payoff, s->cumulative_payoff };
    civ_bytes_put_u32(out, s->agent);
    civ_bytes_put_u32(out, s->epoch);
    for (size_t k = 0; k < sizeof reals / sizeof *reals; k++)
      civ_bytes_put_real(out, reals[k]);
    civ_bytes_put_u32(out, s->initiated);
    civ_bytes_put_u32(out, s->received);
    civ_bytes_put_u8(out, (uint8_t)(s->frozen | s->quarantined << 1));
  }
  civ_bytes_put_u64(out, h->n_spreads);
  for (size_t i = 0; i < h->n_spreads; i++) {
    const civ_type_snapshot *s = &h->spreads[i];
    civ_bytes_put_u32(out, s->epoch);
    civ_bytes_put_u32(out, s->count);
    civ_bytes_put_u8(out, s->type);
    for (int q = 0; q < CIV_SPREAD_QUANTITIES; q++) {
      civ_bytes_put_real(out, s->spreads[q].mean);
      civ_bytes_put_real(out, s->spreads[q].sd);
      for (int k = 0; k < CIV_SPREAD_QUANTILES; k++)
        civ_bytes_put_real(out, s->spreads[q].quantiles[k]);
    }
  }
  civ_bytes_close(out);
}

static civ_status load_epochs(civ_history *h, civ_bytes_reader *in)
{
  civ_status status = CIV_OK;
  for (uint64_t n = civ_bytes_u64(in); n > 0 && status == CIV_OK && !in->failed; n--) {
    civ_epoch_snapshot s = { .epoch = civ_bytes_u32(in) };
    s.time_us = (int64_t)civ_bytes_u64(in);
    for (int k = 0; k < CIV_N_EPOCH_COLUMNS; k++)
      s.values[k] = civ_bytes_real(in);
    if (!in->failed)
      status = civ_history_add_epoch(h, &s);
  }
  return status;
}

static civ_status load_agents(civ_history *h, civ_bytes_reader *in)
{
  civ_status status = CIV_OK;
  for (uint64_t n = civ_bytes_u64(in); n > 0 && status == CIV_OK && !in->failed; n--) {
    civ_agent_snapshot s = { .agent = civ_bytes_u32(in) };
    s.epoch = civ_bytes_u32(in);
    s.reputation = civ_bytes_real(in);
    s.resources = civ_bytes_real(in);
    s.avg_p_initiated = civ_bytes_real(in);
    s.avg_p_received = civ_bytes_real(in);
    s.total_payoff = civ_bytes_real(in);
    s.cumulative_payoff = civ_bytes_real(in);
    s.initiated = civ_bytes_u32(in);
    s.received = civ_bytes_u32(in);
    const uint8_t flags = civ_bytes_u8(in);
    s.frozen = flags & 1;
    s.quarantined = (flags & 2) != 0;
    if (s.agent >= h->n_names)
      in->failed = true;
    else if (!in->failed)
      status = civ_history_add_agent(h, &s);
  }
  return status;
}

static civ_status load_spreads(civ_history *h, civ_bytes_reader *in)
{
  civ_status status = CIV_OK;
  for (uint64_t n = civ_bytes_u64(in); n > 0 && status == CIV_OK && !in->failed; n--) {
    civ_type_snapshot s = { .epoch = civ_bytes_u32(in) };
    s.count = civ_bytes_u32(in);
    s.type = civ_bytes_u8(in);
    for (int q = 0; q < CIV_SPREAD_QUANTITIES; q++) {
      s.spreads[q].mean = civ_bytes_real(in);
      s.spreads[q].sd = civ_bytes_real(in);
      for (int k = 0; k < CIV_SPREAD_QUANTILES; k++)
        s.spreads[q].quantiles[k] = civ_bytes_real(in);
    }
    if (s.type >= CIV_AGENT_TYPES)
      in->failed = true;
    else if (!in->failed)
      status = civ_history_add_spread(h, &s);
  }
  return status;
}

civ_status civ_aggregator_load(civ_aggregator *a, civ_bytes_reader *in, civ_error *err)
{
  civ_status status = civ_bytes_enter(in, "HIST", err);
  if (status != CIV_OK)
    return status;
  if (civ_bytes_u32(in) != a->n_agents)
    return civ_fail(err, CIV_E_FORMAT, "checkpoint", "its history is of another number of agents");
  for (uint32_t i = 0; i < a->n_agents; i++)
    a->tallies[i].cumulative = civ_bytes_real(in);
  status = load_epochs(a->history, in);
  for (size_t k = 0; k < a->history->n_epoch_snapshots; k++) {
    a->posts += a->history->epochs[k].values[CIV_COLUMN_total_posts];
    a->votes += a->history->epochs[k].values[CIV_COLUMN_total_votes];
  }
  if (status == CIV_OK)
    status = load_agents(a->history, in);
  if (status == CIV_OK)
    status = load_spreads(a->history, in);
  if (status != CIV_OK)
    return civ_fail(err, status, "checkpoint", "out of memory");
  return civ_bytes_leave(in, err);
}
