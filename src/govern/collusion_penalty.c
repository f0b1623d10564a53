/* Collusion penalty: at every epoch's start all dealings so far are analysed, and agents whose risk reaches the threshold pay
 * with reputation and resources; with real-time penalties two such agents also pay whenever they deal, with whomever of them. */
#include <math.h>
#include <string.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "govern/governed.h"
#include "govern/levers.h"
#include "metric/collusion.h"

static const double RESOURCES_PER_REPUTATION = 10; /* what a point of reputation costs besides */
enum { MOST_NAMED = 1000 };                        /* flagged agents an event names */

typedef struct collusion_penalty {
  civ_governed base; /* must stay first; columns: how often each was penalised */
  civ_collusion *seen;
  civ_collusion_report latest, end; /* end: scratch of the analysis that nobody is punished for */
  double seconds_per_step;
  uint64_t steps_per_epoch;
  uint64_t charged, penalties, reports; /* reports 0: there is no latest one */
  civ_buffer voters;                    /* JSON of coordinated voters, terminated, when `seen` had this digest */
  uint64_t voters_of;
  uint16_t event; /* number of the event form */
  bool failed;    /* memory ran out where nothing can be returned; told at the next step */
} collusion_penalty;

static bool wanted(const civ_host *host)
{
  const civ_governance_config *rules = civ_governance_of(host);
  return rules != NULL && rules->collusion_detection_enabled;
}

/* Where everything happens at once the window covers everything. */
civ_collusion_params civ_collusion_params_of(const civ_governance_config *rules,
                                             const civ_simulation_config *simulation)
{
  civ_collusion_params params = civ_collusion_defaults();
  params.frequency_threshold = rules->collusion_frequency_threshold;
  params.correlation_threshold = rules->collusion_correlation_threshold;
  params.score_threshold = rules->collusion_score_threshold;
  params.min_interactions = (uint32_t)rules->collusion_min_interactions;
  if (!(simulation->seconds_per_step > 0))
    params.window_seconds = INFINITY;
  params.transfer_only = rules->collusion_benefit_basis == 1;
  return params;
}

static void destroy(void *self)
{
  collusion_penalty *l = self;
  if (l == NULL)
    return;
  civ_collusion_destroy(l->seen);
  civ_collusion_report_fini(&l->latest);
  civ_collusion_report_fini(&l->end);
  civ_buffer_free(&l->voters);
  civ_governed_destroy(l);
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  const civ_simulation_config *simulation = host->call->section(host, "simulation");
  const civ_allocator *allocator = host->call->allocator(host);
  void *made;
  civ_status status = civ_governed_create(host, civ_lever_collusion_penalty.name, sizeof(collusion_penalty),
                                          sizeof(uint32_t), &made, err);
  if (status != CIV_OK)
    return status;
  collusion_penalty *l = made;
  const civ_collusion_params params = civ_collusion_params_of(l->base.rules, simulation);
  l->seconds_per_step = simulation->seconds_per_step;
  l->steps_per_epoch = (uint64_t)simulation->steps_per_epoch;
  status = civ_collusion_create(&params, l->base.agents, l->base.agents, true, allocator, &l->seen, err);
  if (status == CIV_OK)
    status = civ_collusion_report_init(&l->latest, l->base.agents, allocator, err);
  if (status == CIV_OK)
    status = civ_collusion_report_init(&l->end, l->base.agents, allocator, err);
  if (status != CIV_OK)
    destroy(l);
  else
    *self = l;
  return status;
}

/* A turn completes at most one proposal or settles at most one bounty. */
static civ_status reserve(void *self, const civ_demand *demand)
{
  collusion_penalty *l = self;
  return l->failed ? CIV_E_NOMEM : civ_collusion_reserve(l->seen, (size_t)demand->completions + demand->turns);
}

/* --- events ------------------------------------------------------------------------------------------------------------------ */

static void put_flagged(const collusion_penalty *l, const civ_collusion_report *r, civ_buffer *out)
{
  const char *const *names = l->base.host->call->population(l->base.host)->name;
  uint32_t named = 0;
  civ_buffer_text(out, "{");
  for (civ_agent a = 0; a < l->base.agents && named < MOST_NAMED; a++) {
    if (r->interactions == 0 || r->risk[a] < l->base.rules->collusion_score_threshold)
      continue;
    civ_buffer_text(out, named++ > 0 ? ", " : "");
    civ_buffer_json_text(out, names[a], strlen(names[a]));
    civ_buffer_text(out, ": ");
    civ_buffer_real(out, r->risk[a]);
  }
  civ_buffer_text(out, "}");
  civ_buffer_add(out, "", 1);
}

/* What a log cannot tell of itself, for it holds no votes. */
static void put_alignments(const civ_collusion_report *r, civ_buffer *out)
{
  civ_buffer_text(out, "[");
  for (uint32_t k = 0; k < r->n_groups; k++) {
    civ_buffer_text(out, k > 0 ? ", " : "");
    civ_buffer_real(out, r->groups[k].voting_alignment);
  }
  civ_buffer_text(out, "]");
  civ_buffer_add(out, "", 1);
}

static void emit_report(collusion_penalty *l, const civ_collusion_report *r, bool at_end, uint64_t penalties,
                        double penalty, const char *voters)
{
  civ_buffer flagged = { 0 }, alignments = { 0 };
  civ_event event = civ_host_event(l->base.host, &l->event, "collusion_report", CIV_NOBODY);
  civ_value *v = event.values;
  if (l->base.host->call->listened(l->base.host)) {
    put_flagged(l, r, &flagged);
    put_alignments(r, &alignments);
  }
  v[0].integer = at_end;
  v[1].integer = (int64_t)r->interactions;
  v[2].integer = (int64_t)r->pairs;
  v[3].integer = (int64_t)r->analysed;
  v[4].real = r->ecosystem_risk;
  v[5].real = r->average_score;
  v[6].real = r->max_score;
  v[7].integer = (int64_t)r->n_flagged_pairs;
  v[8].integer = (int64_t)r->n_flagged_groups;
  v[9].integer = (int64_t)r->n_flagged_agents;
  v[10].text = flagged.data;
  v[11].integer = (int64_t)penalties;
  v[12].real = penalty;
  v[13].text = r->n_groups > 0 ? alignments.data : NULL;
  v[14].text = voters;
  if (flagged.failed || alignments.failed)
    l->failed = true;
  else
    l->base.host->call->emit(l->base.host, &event);
  civ_buffer_free(&flagged);
  civ_buffer_free(&alignments);
}

/* --- the rule ---------------------------------------------------------------------------------------------------------------- */

static double penalise(collusion_penalty *l, civ_effect *effect, uint64_t *penalised)
{
  const civ_governance_config *rules = l->base.rules;
  uint32_t *times = l->base.columns;
  double sum = 0;
  *penalised = 0;
  for (civ_agent a = 0; a < l->base.agents; a++) {
    const double penalty = l->latest.risk[a] * rules->collusion_penalty_multiplier;
    if (l->latest.risk[a] < rules->collusion_score_threshold || !(penalty > 0))
      continue;
    civ_effect_reputation(effect, a, -penalty);
    civ_effect_resources(effect, a, -RESOURCES_PER_REPUTATION * penalty);
    times[a]++;
    ++*penalised;
    sum += penalty;
  }
  l->penalties += *penalised;
  return sum;
}

static void epoch_begin(void *self, uint32_t epoch, civ_effect *effect)
{
  collusion_penalty *l = self;
  uint64_t penalised;
  (void)epoch;
  if (civ_collusion_interactions(l->seen) < (uint64_t)l->base.rules->collusion_min_interactions)
    return;
  if (civ_collusion_analyse(l->seen, &l->latest) != CIV_OK) {
    l->failed = true;
    return;
  }
  l->reports++;
  const double penalty = penalise(l, effect, &penalised);
  emit_report(l, &l->latest, false, penalised, penalty, NULL);
  if (l->base.rules->collusion_clear_history_on_epoch)
    civ_collusion_clear(l->seen);
}

static void judge(void *self, const civ_interaction *record, civ_draws *draws, civ_effect *effect)
{
  collusion_penalty *l = self;
  const civ_governance_config *rules = l->base.rules;
  (void)draws;
  if (!rules->collusion_realtime_penalty || l->reports == 0)
    return;
  const double a = l->latest.risk[record->initiator], b = l->latest.risk[record->counterparty];
  const double cost = rules->collusion_realtime_rate * (a + b) / 2;
  if (a < rules->collusion_score_threshold || b < rules->collusion_score_threshold || !(cost > 0))
    return;
  l->charged++;
  civ_effect_cost(effect, cost, cost);
}

/* When all have judged the record carries its final costs. */
static void judged(void *self, const civ_interaction *record, civ_effect *effect)
{
  collusion_penalty *l = self;
  uint32_t epoch, step;
  (void)effect;
  l->base.host->call->now(l->base.host, &epoch, &step);
  civ_collusion_add(l->seen, record, (double)(epoch * l->steps_per_epoch + step) * l->seconds_per_step);
}

static void charge(void *self, civ_agent a, const civ_action *action)
{
  collusion_penalty *l = self;
  if (action->kind == CIV_ACTION_VOTE)
    civ_collusion_vote(l->seen, a, action->target, action->vote_direction > 0);
}

/* --- queries ------------------------------------------------------------------------------------------------------------------ */

const civ_collusion_report *civ_collusion_penalty_report(const void *self)
{
  const collusion_penalty *l = self;
  return l->reports > 0 ? &l->latest : NULL;
}

uint64_t civ_collusion_penalty_history(const void *self)
{
  return civ_collusion_interactions(((const collusion_penalty *)self)->seen);
}

void civ_collusion_penalty_forget(void *self)
{
  collusion_penalty *l = self;
  civ_collusion_clear(l->seen);
  l->reports = 0;
}

/* --- the whole history ---------------------------------------------------------------------------------------------------------- */

/* Searched once for the end of the run and its report. */
static civ_status find_voters(collusion_penalty *l)
{
  static const char purpose[] = "coordinated_voters";
  const civ_host *host = l->base.host;
  const char *const *names = host->call->population(host)->name;
  const civ_draw_key key = { .purpose = CIV_PURPOSE_SAMPLE,
                             .entity = (uint32_t)civ_digest(0, purpose, sizeof purpose - 1) };
  civ_draws draws = civ_draws_open(host->call->seed(host), &key);
  civ_coordination coordination = { 0 };
  if (l->voters.length > 0 && l->voters_of == civ_collusion_digest(l->seen))
    return CIV_OK;
  const civ_status status = civ_collusion_coordination(l->seen, names, &draws, &coordination);
  if (status != CIV_OK)
    return status;
  civ_buffer_free(&l->voters);
  civ_collusion_voters_json(&coordination, names, &l->voters);
  civ_buffer_add(&l->voters, "", 1);
  civ_coordination_free(&coordination);
  l->voters_of = civ_collusion_digest(l->seen);
  if (!l->voters.failed)
    return CIV_OK;
  civ_buffer_free(&l->voters);
  return CIV_E_NOMEM;
}

/* Analyses everything into l->end. */
static civ_status analyse_all(collusion_penalty *l)
{
  const civ_status status = civ_collusion_analyse(l->seen, &l->end);
  return status == CIV_OK ? find_voters(l) : status;
}

static void finish(void *self)
{
  collusion_penalty *l = self;
  if (!l->base.host->call->listened(l->base.host))
    emit_report(l, &l->end, true, 0, 0, NULL); /* it counts */
  else if (analyse_all(l) == CIV_OK)
    emit_report(l, &l->end, true, 0, 0, l->voters.data);
}

static civ_status report(void *self, civ_bytes *out)
{
  collusion_penalty *l = self;
  const char *const *names = l->base.host->call->population(l->base.host)->name;
  civ_buffer text = { 0 };
  const civ_status status = analyse_all(l);
  if (status != CIV_OK)
    return status;
  civ_buffer_text(&text, "{\"collusion\": ");
  if (l->reports > 0)
    civ_collusion_report_json(&l->latest, names, NULL, &text);
  else
    civ_buffer_text(&text, "null");
  civ_buffer_text(&text, ", \"collusion_end\": ");
  civ_collusion_report_json(&l->end, names, l->voters.data, &text);
  civ_buffer_text(&text, "}");
  return civ_buffer_deliver(&text, out);
}

/* --- numbers -------------------------------------------------------------------------------------------------------------------- */

static void epoch_report(void *self, double *values)
{
  const civ_collusion_report *r = civ_collusion_penalty_report(self);
  values[0] = r != NULL ? r->ecosystem_risk : 0;
  values[1] = r != NULL ? (double)r->n_flagged_pairs : 0;
}

static void total_report(void *self, double *values)
{
  static const civ_collusion_report none = { 0 };
  const collusion_penalty *l = self;
  const civ_collusion_report *r = l->reports > 0 ? &l->latest : &none;
  values[0] = values[5] = r->ecosystem_risk;
  values[1] = values[6] = (double)r->n_flagged_pairs;
  values[2] = (double)r->n_flagged_groups;
  values[3] = r->average_score;
  values[4] = r->max_score;
  values[7] = (double)l->charged;
  values[8] = (double)l->penalties;
}

static double agent_total(void *self, uint32_t k, civ_agent a)
{
  const collusion_penalty *l = self;
  if (k == 1)
    return ((const uint32_t *)l->base.columns)[a];
  return l->reports > 0 && l->latest.interactions > 0 && l->latest.risk[a] >= l->base.rules->collusion_score_threshold;
}

/* --- state ---------------------------------------------------------------------------------------------------------------------- */

static uint64_t digest(void *self)
{
  const collusion_penalty *l = self;
  return civ_digest_mix(civ_collusion_digest(l->seen), l->reports << 32 | l->penalties, l->charged);
}

static civ_status save(void *self, civ_bytes *out)
{
  const collusion_penalty *l = self;
  civ_bytes_put_u64(out, l->charged);
  civ_bytes_put_u64(out, l->penalties);
  civ_bytes_put_u64(out, l->reports);
  civ_bytes_put_u32s(out, l->base.columns, l->base.agents);
  civ_collusion_save(l->seen, out);
  civ_collusion_report_save(&l->latest, out);
  return CIV_OK;
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  collusion_penalty *l = self;
  l->charged = civ_bytes_u64(in);
  l->penalties = civ_bytes_u64(in);
  l->reports = civ_bytes_u64(in);
  if (!civ_bytes_u32s(in, l->base.columns, l->base.agents))
    return civ_governed_misfit(&l->base, civ_lever_collusion_penalty.name, err);
  const civ_status status = civ_collusion_load(l->seen, in, err);
  return status == CIV_OK ? civ_collusion_report_load(&l->latest, in, err) : status;
}

/* --- declarations ---------------------------------------------------------------------------------------------------------------- */

static const civ_member report_members[] = { { "complete", CIV_MEMBER_BOOLEAN, false },
                                             { "interactions", CIV_MEMBER_INTEGER, false },
                                             { "pairs", CIV_MEMBER_INTEGER, false },
                                             { "analysed_pairs", CIV_MEMBER_INTEGER, false },
                                             { "ecosystem_collusion_risk", CIV_MEMBER_REAL, false },
                                             { "avg_pair_collusion_score", CIV_MEMBER_REAL, false },
                                             { "max_pair_collusion_score", CIV_MEMBER_REAL, false },
                                             { "n_flagged_pairs", CIV_MEMBER_INTEGER, false },
                                             { "n_flagged_groups", CIV_MEMBER_INTEGER, false },
                                             { "n_flagged_agents", CIV_MEMBER_INTEGER, false },
                                             { "flagged_agents", CIV_MEMBER_JSON, false },
                                             { "penalties", CIV_MEMBER_INTEGER, false },
                                             { "penalty_total", CIV_MEMBER_REAL, false },
                                             { "voting_alignment", CIV_MEMBER_JSON, true },
                                             { "coordinated_voters", CIV_MEMBER_JSON, true },
                                             { NULL, 0, false } };
static const civ_event_form events[] = {
  { "collusion_report", CIV_FORM_EPOCH | CIV_FORM_STEP, report_members,
    "after each analysis at an epoch's start, and, with `complete`, once more at the end of the run" },
  { NULL, 0, NULL, NULL }
};
static const civ_metric_decl epoch_metrics[] = {
  { "collusion_metrics.ecosystem_collusion_risk", false, "risk of collusion in the report at the epoch's start" },
  { "collusion_metrics.n_flagged_pairs", true, "suspicious pairs in it" },
  { NULL, false, NULL }
};
static const civ_metric_decl totals[] = {
  { "collusion.ecosystem_risk", false, "risk of collusion in the last report at an epoch's start; 0 without one" },
  { "collusion.flagged_pairs", true, "suspicious pairs in it" },
  { "collusion.flagged_groups", true, "suspicious groups in it" },
  { "collusion.avg_pair_score", false, "mean score of the analysed pairs in it" },
  { "collusion.max_pair_score", false, "highest score of a pair in it" },
  { "collusion_ecosystem_risk_last", false, "the same as collusion.ecosystem_risk" },
  { "collusion_flagged_pairs_last", true, "the same as collusion.flagged_pairs" },
  { "lever_collusion_realtime", true, "interactions charged because both sides were flagged" },
  { "lever_collusion_epoch_penalties", true, "penalties at epoch starts, counted by agent and epoch" },
  { NULL, false, NULL }
};
static const civ_metric_decl agent_totals[] = {
  { "collusion.flagged.", true, "its agents with a risk at the threshold in the last report" },
  { "lever_collusion_on_", true, "penalties of the collusion lever at epoch starts against its agents" },
  { NULL, false, NULL }
};

const civ_lever civ_lever_collusion_penalty = {
  .version = CIV_PART_VERSION,
  .name = "collusion_penalty",
  .doc = "Punishes agents that deal with each other more often, more alike and worse than others do.",
  .events = events,
  .epoch_metrics = epoch_metrics,
  .totals = totals,
  .agent_totals = agent_totals,
  .accounted = true,
  .wanted = wanted,
  .create = create,
  .destroy = destroy,
  .reserve = reserve,
  .charge = charge,
  .judge = judge,
  .judged = judged,
  .epoch_begin = epoch_begin,
  .epoch_report = epoch_report,
  .total_report = total_report,
  .agent_total = agent_total,
  .finish = finish,
  .report = report,
  .digest = digest,
  .save = save,
  .load = load,
};
