#include "ledger.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fold.h"

static void complain(ledger *l, const char *fmt, ...) CIV_PRINTF(2, 3);

static void complain(ledger *l, const char *fmt, ...)
{
  va_list args;
  if (l->broken)
    return;
  l->broken = true;
  va_start(args, fmt);
  vsnprintf(l->complaint, sizeof l->complaint, fmt, args);
  va_end(args);
}

/* Room for one more item behind `n`; a test may stop when memory ends. */
static void *room(void *items, size_t n, size_t *capacity, size_t size)
{
  if (n < *capacity)
    return items;
  *capacity = 2 * *capacity + 64;
  items = realloc(items, *capacity * size);
  if (!items)
    abort();
  return items;
}
#define ROOM(list, n, capacity) ((list) = room((list), (n), &(capacity), sizeof *(list)))

static uint32_t count_agents(const civ_config *config)
{
  uint32_t n, sum = 0;
  const civ_agent_entry *entries = civ_config_agents(config, &n);
  for (uint32_t k = 0; k < n; k++)
    sum += entries[k].count;
  return sum;
}

static void open_accounts(ledger *l)
{
  const civ_environment_config *environment = civ_config_section(l->config, "environment");
  const civ_safety_config *safety = civ_config_section(l->config, "safety");
  uint32_t n, a = 0;
  const civ_agent_entry *entries = civ_config_agents(l->config, &n);
  l->agents = calloc(count_agents(l->config) + 1, sizeof *l->agents);
  for (uint32_t k = 0; k < n; k++)
    for (uint32_t i = 0; i < entries[k].count; i++, a++) {
      const civ_opt_real reputation = entries[k].initial_reputation, resources = entries[k].initial_resources;
      l->agents[a].reputation = reputation.set ? reputation.value : environment->initial_reputation;
      l->agents[a].resources = resources.set ? resources.value : environment->initial_resources;
      l->agents[a].mean_initiated = l->agents[a].mean_received = 0.5;
      l->agents[a].tokens = safety->token_bucket_capacity.value;
    }
}

void ledger_init(ledger *l, const civ_config *config)
{
  *l = (ledger){ .config = config, .time_us = INT64_MIN };
  open_accounts(l);
}

void ledger_free(ledger *l)
{
  free(l->agents);
  free(l->entries);
  free(l->open);
  free(l->votes);
  free(l->digests);
  free(l->rows);
  *l = (ledger){ 0 };
}

/* --- proposals --------------------------------------------------------------------------------------------------------- */

static size_t find_open(const ledger *l, uint64_t id)
{
  size_t k = 0;
  while (k < l->n_open && l->open[k].id != id)
    k++;
  return k;
}

static void drop_open(ledger *l, size_t k)
{
  memmove(&l->open[k], &l->open[k + 1], (--l->n_open - k) * sizeof *l->open);
}

static void take_proposal(ledger *l, const civ_event *e)
{
  if (e->initiator == e->counterparty || e->initiator >= l->roster.n || e->counterparty >= l->roster.n)
    complain(l, "proposal i%llu from %u to %u", (unsigned long long)e->interaction, e->initiator, e->counterparty);
  if (e->interaction != ++l->proposed)
    complain(l, "proposal %llu carries the number %llu", (unsigned long long)l->proposed,
             (unsigned long long)e->interaction);
  ROOM(l->open, l->n_open, l->open_capacity);
  l->open[l->n_open++] = (ledger_proposal){ e->interaction, e->initiator, e->counterparty, e->epoch };
}

/* --- events of one completion, in their order ----------------------------------------------------------------------------- */

enum { MEASURED = 1, ANSWERED, COSTED, CREDITED, TRANSFERRED, COMPLETED, PAID };

static void advance(ledger *l, const civ_event *e, int from, int upto, int to)
{
  if (l->now == 0 && (to == MEASURED || to == ANSWERED))
    l->now = e->interaction, l->stage = 0;
  if (e->form->flags & CIV_FORM_INTERACTION && e->interaction != l->now)
    complain(l, "event %s of i%llu inside the completion of i%llu", e->form->name, (unsigned long long)e->interaction,
             (unsigned long long)l->now);
  if (l->stage < from || l->stage > upto)
    complain(l, "event %s comes at the wrong place in the completion of i%llu", e->form->name,
             (unsigned long long)l->now);
  l->stage = to;
}

static void take_reputation(ledger *l, const civ_event *e)
{
  ledger_agent *a = &l->agents[e->agent];
  const double old = e->values[0].real, now = e->values[1].real, delta = e->values[2].real;
  if (old != a->reputation || now != old + delta)
    complain(l, "agent %u: reputation %.17g became %.17g by %.17g, but it had %.17g", e->agent, old, now, delta,
             a->reputation);
  a->reputation = now;
  l->reputation_ordered += strcmp(e->values[3].text, "governance") == 0 ? delta : 0;
  if (strcmp(e->values[3].text, "interaction_outcome") != 0)
    return;
  advance(l, e, ANSWERED, COSTED, CREDITED);
  l->reputation_told = true;
  l->reputation_change = delta;
}

static void take_freeze(ledger *l, const civ_event *e, bool frozen)
{
  ledger_agent *a = &l->agents[e->agent];
  if (a->frozen == frozen)
    complain(l, "agent %u: %s, but it was already", e->agent, e->form->name);
  a->frozen = frozen;
  a->freezes += frozen;
  a->frozen_turn = l->turns;
  a->frozen_step = l->steps;
}

/* The collusion lever names whom it punishes at an epoch's start, and for what risk. */
static void take_collusion(ledger *l, const civ_event *e)
{
  const civ_governance_config *rules = civ_config_section(l->config, "governance");
  json_t *flagged = json_loads(e->values[10].text, 0, NULL);
  for (civ_agent a = 0; e->values[0].integer == 0 && a < l->roster.n; a++)
    l->agents[a].resources -=
        10 * rules->collusion_penalty_multiplier * json_number_value(json_object_get(flagged, l->roster.names[a]));
  json_decref(flagged);
}

/* The security lever names whom it punishes, and what reputation that takes; resources go with it. */
static void take_security(ledger *l, const civ_event *e)
{
  json_t *penalised = e->values[16].text != NULL ? json_loads(e->values[16].text, 0, NULL) : NULL;
  for (civ_agent a = 0; a < l->roster.n; a++)
    l->agents[a].resources -= 5 * json_number_value(json_object_get(penalised, l->roster.names[a]));
  json_decref(penalised);
}

/* The members of a group that behaves alike pay for it. (No society here is so large that a group has more than are named.) */
static void take_sybils(ledger *l, const civ_event *e)
{
  const civ_governance_config *rules = civ_config_section(l->config, "governance");
  json_t *members = e->values[1].text != NULL ? json_loads(e->values[1].text, 0, NULL) : NULL;
  for (size_t k = 0; k < json_array_size(members); k++)
    for (civ_agent a = 0; a < l->roster.n; a++)
      if (strcmp(l->roster.names[a], json_string_value(json_array_get(members, k))) == 0)
        l->agents[a].resources -= rules->sybil_penalty_multiplier;
  json_decref(members);
}

/* Everybody of a team that has done its task is paid. (A replay has no resources to compare.) */
static void take_payouts(ledger *l, const civ_event *e)
{
  if (e->form->flags & CIV_FORM_FREE_PAYLOAD)
    return;
  l->teams_paid++;
  json_t *payouts = json_loads(e->values[5].text, 0, NULL);
  for (civ_agent a = 0; a < l->roster.n; a++) {
    const double amount = json_number_value(json_object_get(payouts, l->roster.names[a]));
    l->agents[a].resources += amount;
    l->paid_for_teamwork += amount;
  }
  json_decref(payouts);
}

/* Harm that got out, and answers that cost something: of the two data sources that charge. */
static void take_outside(ledger *l, const civ_event *e)
{
  const civ_boundaries_config *outside = civ_config_section(l->config, "boundaries");
  const civ_permeability_config *wall = civ_config_section(l->config, "permeability");
  double paid = 0;
  if (e->form->flags & CIV_FORM_FREE_PAYLOAD)
    return;
  if (strcmp(e->form->name, "spillover_detected") == 0 && !e->values[3].integer)
    paid = wall->spillover_penalty * e->values[2].real;
  else if (strcmp(e->form->name, "boundary_crossing") == 0 && outside->charge_access_cost &&
           strcmp(e->values[2].text, "inbound") == 0)
    paid = strcmp(e->values[0].text, "db") == 0 ? 2.5 : strcmp(e->values[0].text, "private_data") == 0 ? 0.01 : 0;
  l->agents[e->agent].resources -= paid;
  l->spent_outside += paid;
  l->crossings += strcmp(e->form->name, "boundary_crossing") == 0;
}

static void check_time(ledger *l, const civ_event *e)
{
  if (e->full_only)
    return;
  l->standard_events++;
  if (e->time_us <= l->time_us)
    complain(l, "event %s does not come after the one before it", e->form->name);
  l->time_us = e->time_us;
}

static void on_event(void *self, const civ_event *e)
{
  ledger *l = self;
  if (l->broken)
    return;
  check_time(l, e);
  switch (e->type) {
  case CIV_EVENT_INTERACTION_PROPOSED:
    take_proposal(l, e);
    break;
  case CIV_EVENT_PROXY_COMPUTED:
    advance(l, e, 0, 0, MEASURED);
    break;
  case CIV_EVENT_INTERACTION_ACCEPTED:
  case CIV_EVENT_INTERACTION_REJECTED:
    advance(l, e, 0, MEASURED, ANSWERED);
    break;
  case CIV_EVENT_GOVERNANCE_COST_APPLIED:
    advance(l, e, ANSWERED, ANSWERED, COSTED);
    break;
  case CIV_EVENT_TRANSFER_EXECUTED:
    advance(l, e, CREDITED, CREDITED, TRANSFERRED);
    l->transfer = e->values[0].real;
    break;
  case CIV_EVENT_INTERACTION_COMPLETED:
    advance(l, e, ANSWERED, TRANSFERRED, COMPLETED);
    break;
  case CIV_EVENT_PAYOFF_COMPUTED:
    advance(l, e, COMPLETED, COMPLETED, PAID);
    break;
  case CIV_EVENT_REPUTATION_UPDATED:
    take_reputation(l, e);
    break;
  case CIV_EVENT_AGENT_FROZEN:
  case CIV_EVENT_AGENT_UNFROZEN:
    take_freeze(l, e, e->type == CIV_EVENT_AGENT_FROZEN);
    break;
  case CIV_EVENT_ACTION_REFUSED:
    l->refused++;
    l->refused_epoch++;
    break;
  case CIV_EVENT_SIMULATION_PAUSED:
    l->paused = true;
    break;
  case CIV_EVENT_SIMULATION_ENDED:
    l->ended = true;
    break;
  default:
    if (e->form && strcmp(e->form->name, "stake_slashed") == 0 && e->agent < l->roster.n)
      l->agents[e->agent].resources -= e->values[0].real;
    if (e->form && strcmp(e->form->name, "collusion_report") == 0)
      take_collusion(l, e);
    if (e->form && strcmp(e->form->name, "security_report") == 0)
      take_security(l, e);
    if (e->form && strcmp(e->form->name, "sybil_detected") == 0)
      take_sybils(l, e);
    if (e->form && strcmp(e->form->name, "composite_task_completed") == 0)
      take_payouts(l, e);
    if (e->form && e->agent != CIV_NOBODY &&
        (strcmp(e->form->name, "spillover_detected") == 0 || strcmp(e->form->name, "boundary_crossing") == 0))
      take_outside(l, e);
    break;
  }
}

/* --- completions ------------------------------------------------------------------------------------------------------- */

static bool near(double a, double b, double scale)
{
  return fabs(a - b) <= 1e-9 * fmax(1, fmax(scale, fmax(fabs(a), fabs(b))));
}

/* What chapter and verse say of the label, by the C library's exponential. */
static double expected_score(const ledger *l, const civ_observables *o)
{
  const civ_proxy_config *c = civ_config_section(l->config, "proxy");
  const civ_proxy_weights *w = civ_config_section(l->config, "proxy.weights");
  const double signals[4] = {
    fmax(-1, fmin(1, o->task_progress_delta)), 2 * pow(c->rework_decay, o->rework_count) - 1,
    (2 * pow(c->rejection_decay, o->verifier_rejections) - 1 + 2 * pow(c->misuse_decay, o->tool_misuse_flags) - 1) / 2,
    fmax(-1, fmin(1, o->counterparty_engagement_delta))
  };
  double weights[4] = { w->task_progress, w->rework_penalty, w->verifier_penalty, w->engagement_signal };
  double sum = 0, score = 0;
  for (int k = 0; k < 4; k++)
    sum += fabs(weights[k]);
  for (int k = 0; k < 4; k++)
    score += (sum > 0 ? weights[k] / sum : 0.25) * signals[k];
  return fmax(-1, fmin(1, score));
}

static void check_label(ledger *l, const civ_interaction *r)
{
  const civ_proxy_config *c = civ_config_section(l->config, "proxy");
  const double score = expected_score(l, &r->observables);
  if (!near(r->v_hat, score, 1))
    complain(l, "i%llu: v_hat %.17g, expected %.17g", (unsigned long long)r->id, r->v_hat, score);
  if (!(r->p >= 0 && r->p <= 1) || !near(r->p, 1 / (1 + exp(-c->sigmoid_k * score)), 1))
    complain(l, "i%llu: p %.17g does not follow from v_hat %.17g", (unsigned long long)r->id, r->p, r->v_hat);
}

static void check_payoffs(ledger *l, const ledger_entry *e)
{
  const civ_payoff_config *c = civ_config_section(l->config, "payoff");
  const civ_interaction *r = &e->record;
  const double surplus = r->p * c->s_plus - (1 - r->p) * c->s_minus, harm = (1 - r->p) * c->h;
  const double a = c->theta * surplus - r->tau - r->c_a - c->rho_a * harm + c->w_rep * r->r_a;
  const double b = (1 - c->theta) * surplus + r->tau - r->c_b - c->rho_b * harm + c->w_rep * r->r_b;
  const double scale = fabs(surplus) + c->rho_a * harm + c->rho_b * harm + fabs(r->tau) + fabs(r->c_a) + fabs(r->c_b) +
                       fabs(c->w_rep * r->r_a);
  if (!near(a, e->payoff_a, scale) || !near(b, e->payoff_b, scale))
    complain(l, "i%llu: payoffs %.17g and %.17g, expected %.17g and %.17g", (unsigned long long)r->id, e->payoff_a,
             e->payoff_b, a, b);
  if (!(r->c_a >= 0 && r->c_b >= 0))
    complain(l, "i%llu: costs %g and %g", (unsigned long long)r->id, r->c_a, r->c_b);
}

static void close_proposal(ledger *l, const civ_interaction *r)
{
  const size_t k = find_open(l, r->id);
  if (k == l->n_open) {
    complain(l, "i%llu is completed, but is no open proposal", (unsigned long long)r->id);
    return;
  }
  if (l->open[k].initiator != r->initiator || l->open[k].counterparty != r->counterparty)
    complain(l, "i%llu changed hands", (unsigned long long)r->id);
  drop_open(l, k);
  if (l->now != r->id || l->stage != PAID)
    complain(l, "i%llu: its record comes before its events are through", (unsigned long long)r->id);
  l->now = 0;
}

static double running(double mean, uint32_t n, double x)
{
  return (mean * (double)(n - 1) + x) / (double)n;
}

static void credit(ledger *l, civ_agent a, double payoff)
{
  const civ_simulation_config *simulation = civ_config_section(l->config, "simulation");
  l->agents[a].payoff += payoff;
  l->payoff_credited += payoff;
  if (simulation->payoffs_to_resources)
    l->agents[a].resources += payoff;
}

/* What is to change hands: what was offered, as far as the giver has it. */
static double due_transfer(const ledger *l, const civ_interaction *r)
{
  const civ_simulation_config *simulation = civ_config_section(l->config, "simulation");
  const double has = l->agents[r->tau > 0 ? r->initiator : r->counterparty].resources;
  const double amount = fmin(fabs(r->tau), fmax(0, has));
  return simulation->enable_transfers ? (r->tau > 0 ? amount : -amount) : 0;
}

static void settle(ledger *l, const ledger_entry *e, bool with_events)
{
  const civ_interaction *r = &e->record;
  ledger_agent *a = &l->agents[r->initiator], *b = &l->agents[r->counterparty];
  if (!r->accepted) {
    l->rejected++;
    a->rejected++;
    return;
  }
  l->accepted++;
  a->accepted++;
  a->mean_initiated = running(a->mean_initiated, ++a->initiated, r->p);
  b->mean_received = running(b->mean_received, ++b->received, r->p);
  credit(l, r->initiator, e->payoff_a);
  credit(l, r->counterparty, e->payoff_b);
  if (!with_events)
    return;
  if (!l->reputation_told || l->reputation_change != (r->p - 0.5) - r->c_a)
    complain(l, "i%llu: reputation moved by %.17g", (unsigned long long)r->id, l->reputation_change);
  const double due = due_transfer(l, r);
  if (l->resources_hidden ? fabs(l->transfer) > fabs(r->tau) || l->transfer * r->tau < 0 : l->transfer != due)
    complain(l, "i%llu: %.17g was offered, %.17g transferred", (unsigned long long)r->id, r->tau, l->transfer);
  const double amount = fabs(l->transfer);
  (l->transfer > 0 ? a : b)->resources -= amount;
  (l->transfer > 0 ? b : a)->resources += amount;
  l->transferred += amount;
  l->transfers += amount > 0;
}

static void keep(ledger *l, const civ_interaction *record, double payoff_a, double payoff_b, bool with_events)
{
  if (l->broken)
    return;
  ROOM(l->entries, l->n_entries, l->entries_capacity);
  ledger_entry *e = &l->entries[l->n_entries++];
  *e = (ledger_entry){ *record, payoff_a, payoff_b };
  check_label(l, record);
  check_payoffs(l, e);
  if (with_events)
    close_proposal(l, record);
  settle(l, e, with_events);
  l->transfer = 0;
  l->reputation_told = false;
}

static void on_interaction(void *self, const civ_interaction *record, double payoff_a, double payoff_b)
{
  keep(self, record, payoff_a, payoff_b, true);
}

static void on_interaction_quietly(void *self, const civ_interaction *record, double payoff_a, double payoff_b)
{
  keep(self, record, payoff_a, payoff_b, false);
}

/* --- steps and epochs ----------------------------------------------------------------------------------------------------- */

static void on_step(void *self, uint32_t epoch, uint32_t step, uint64_t digest)
{
  ledger *l = self;
  (void)step;
  if (l->now)
    complain(l, "a step ends within the completion of i%llu", (unsigned long long)l->now);
  if (epoch != l->epoch)
    complain(l, "a step of epoch %u within epoch %u", epoch, l->epoch);
  ROOM(l->digests, l->n_digests, l->digests_capacity);
  l->digests[l->n_digests++] = digest;
  l->steps++;
  for (civ_agent a = 0; a < l->roster.n; a++)
    l->agents[a].proposals_now = 0;
}

static void expire(ledger *l)
{
  const civ_rate_limits_config *limits = civ_config_section(l->config, "rate_limits");
  if (!limits->proposal_ttl_epochs.set)
    return;
  size_t kept = 0;
  for (size_t k = 0; k < l->n_open; k++)
    if ((int64_t)l->epoch + 1 - l->open[k].epoch < limits->proposal_ttl_epochs.value)
      l->open[kept++] = l->open[k];
  l->expired += l->n_open - kept;
  l->n_open = kept;
}

static civ_status on_epoch(void *self, uint32_t epoch, const double *row, civ_error *err)
{
  ledger *l = self;
  (void)err;
  if (epoch != l->epoch)
    complain(l, "epoch %u is closed after %u epochs", epoch, l->epoch);
  if (!l->broken)
    l->broken = fold_check(l, row, l->complaint, sizeof l->complaint) != NULL;
  for (uint32_t k = 0; k < l->columns.n; k++) {
    ROOM(l->rows, l->n_rows, l->rows_capacity);
    l->rows[l->n_rows++] = row[k];
  }
  l->epoch_start = l->n_entries;
  expire(l);
  l->epoch++;
  l->refused_epoch = 0;
  for (civ_agent a = 0; a < l->roster.n; a++)
    l->agents[a].posts = l->agents[a].votes = l->agents[a].claims = 0, l->agents[a].spent = 0;
  return CIV_OK;
}

static civ_status on_begin(void *self, const civ_roster *roster, const civ_columns *columns, civ_error *err)
{
  ledger *l = self;
  (void)err;
  if (roster->n != count_agents(l->config))
    complain(l, "the roster has %u agents", roster->n);
  l->roster = *roster;
  l->columns = *columns;
  return CIV_OK;
}

const civ_sink ledger_sink = { .version = CIV_PART_VERSION,
                               .name = "ledger",
                               .wants_events = true,
                               .wants_full = true,
                               .wants_digest = true,
                               .begin = on_begin,
                               .interaction = on_interaction,
                               .event = on_event,
                               .step = on_step,
                               .epoch = on_epoch };
const civ_sink ledger_quiet_sink = { .version = CIV_PART_VERSION,
                                     .name = "quiet ledger",
                                     .wants_digest = true,
                                     .begin = on_begin,
                                     .interaction = on_interaction_quietly,
                                     .step = on_step,
                                     .epoch = on_epoch };

/* --- actions ----------------------------------------------------------------------------------------------------------- */

static int compare_votes(const void *a, const void *b)
{
  const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return (x > y) - (x < y);
}

static void take_vote(ledger *l, civ_agent a, uint32_t post)
{
  const uint64_t vote = (uint64_t)a << 32 | post;
  if (l->n_votes && bsearch(&vote, l->votes, l->n_votes, sizeof vote, compare_votes))
    return;
  ROOM(l->votes, l->n_votes, l->votes_capacity);
  size_t k = l->n_votes++;
  while (k > 0 && l->votes[k - 1] > vote) {
    l->votes[k] = l->votes[k - 1];
    k--;
  }
  l->votes[k] = vote;
}

static double cost_of(const ledger *l, uint8_t kind)
{
  static const char *const shorter[CIV_ACTION_KINDS] = {
    [CIV_ACTION_PROPOSE] = "propose", [CIV_ACTION_ACCEPT] = "accept", [CIV_ACTION_REJECT] = "reject"
  };
  const civ_safety_config *safety = civ_config_section(l->config, "safety");
  double cost = 0;
  for (uint32_t k = 0; k < safety->action_costs.n; k++) {
    const char *name = safety->action_costs.names[k];
    if (strcmp(name, civ_action_names[kind]) == 0 || (shorter[kind] && strcmp(name, shorter[kind]) == 0))
      cost = safety->action_costs.values[k];
  }
  return cost;
}

static void check_limit(ledger *l, civ_agent a, const char *what, uint64_t used, civ_opt_integer limit)
{
  const civ_simulation_config *simulation = civ_config_section(l->config, "simulation");
  if (simulation->enable_rate_limits && limit.set && used > (uint64_t)limit.value)
    complain(l, "agent %u made %llu %s, the limit is %lld", a, (unsigned long long)used, what, (long long)limit.value);
}

static void spend(ledger *l, civ_agent a, uint8_t kind)
{
  const civ_safety_config *safety = civ_config_section(l->config, "safety");
  ledger_agent *own = &l->agents[a];
  own->spent += cost_of(l, kind);
  if (safety->budget_per_epoch.set && own->spent > safety->budget_per_epoch.value + 1e-6 * (1 + own->spent))
    complain(l, "agent %u spent %g of a budget of %g", a, own->spent, safety->budget_per_epoch.value);
  if (!safety->token_bucket_capacity.set || kind == CIV_ACTION_ACCEPT || kind == CIV_ACTION_REJECT)
    return;
  for (; own->tokens_step < l->steps + 1; own->tokens_step++)
    own->tokens = fmin(safety->token_bucket_capacity.value, own->tokens + safety->token_bucket_refill);
  own->tokens -= 1;
  if (own->tokens < -1e-6)
    complain(l, "agent %u acted without a token", a);
}

static void take_post(ledger *l, civ_agent a)
{
  const civ_safety_config *safety = civ_config_section(l->config, "safety");
  ledger_agent *own = &l->agents[a];
  l->posts++;
  own->posts++;
  if (own->last_post_step && l->steps + 1 - own->last_post_step < (uint64_t)safety->min_steps_between_posts)
    complain(l, "agent %u posted again after %llu steps", a, (unsigned long long)(l->steps + 1 - own->last_post_step));
  own->last_post_step = l->steps + 1;
}

static void on_turn(void *self, uint32_t epoch, uint32_t step, civ_agent a, const civ_action *action, bool ok)
{
  ledger *l = self;
  const civ_rate_limits_config *limits = civ_config_section(l->config, "rate_limits");
  const civ_simulation_config *simulation = civ_config_section(l->config, "simulation");
  ledger_agent *own = &l->agents[a];
  (void)step;
  if (l->broken)
    return;
  if (epoch != l->epoch)
    complain(l, "agent %u acts in epoch %u within epoch %u", a, epoch, l->epoch);
  const bool just_now = own->frozen_turn == l->turns && own->frozen_step == l->steps; /* by what it did itself */
  if (own->frozen && !just_now && simulation->turn_mode == CIV_SEQUENTIAL)
    complain(l, "agent %u acts though it is frozen", a);
  const civ_agent other = action->counterparty;
  if (action->kind == CIV_ACTION_PROPOSE && simulation->turn_mode == CIV_SEQUENTIAL && other < l->roster.n &&
      l->agents[other].frozen && strcmp(l->roster.variants[a], "fool") != 0)
    complain(l, "agent %u proposes to agent %u, who is frozen and should not be seen", a, other);
  l->turns++;
  l->attempted[action->kind]++;
  l->succeeded[action->kind] += ok;
  if (!ok || action->kind == CIV_ACTION_NOOP)
    return;
  spend(l, a, action->kind);
  if (action->kind == CIV_ACTION_POST || action->kind == CIV_ACTION_REPLY)
    take_post(l, a);
  if (action->kind == CIV_ACTION_VOTE) {
    own->votes++;
    take_vote(l, a, action->target);
  }
  own->claims += action->kind == CIV_ACTION_CLAIM_TASK;
  own->proposals_now += action->kind == CIV_ACTION_PROPOSE;
  check_limit(l, a, "posts", own->posts, limits->posts_per_epoch);
  check_limit(l, a, "votes", own->votes, limits->votes_per_epoch);
  check_limit(l, a, "claims", own->claims, limits->tasks_per_epoch);
  check_limit(l, a, "proposals in a step", own->proposals_now, limits->interactions_per_step);
}

civ_run_hooks ledger_hooks(ledger *l)
{
  return (civ_run_hooks){ .self = l, .turn = on_turn };
}

/* --- comparing ----------------------------------------------------------------------------------------------------------- */

static bool same_real(ledger *l, civ_agent a, const char *what, double mine, double theirs)
{
  if (mine == theirs && isfinite(mine))
    return true;
  complain(l, "agent %u: %s is %.17g, the records say %.17g", a, what, theirs, mine);
  return false;
}

/* What several levers take of an agent in one go is added up first: that rounds otherwise than one after the other. */
static bool same_resources(ledger *l, civ_agent a, double theirs)
{
  ledger_agent *own = &l->agents[a];
  if (fabs(own->resources - theirs) <= 1e-9 * fmax(1, fabs(theirs)))
    own->resources = theirs;
  return same_real(l, a, "resources", own->resources, theirs);
}

static bool agent_agrees(ledger *l, const civ_population *p, civ_agent a)
{
  const ledger_agent *own = &l->agents[a];
  if (own->initiated != p->initiated[a] || own->received != p->received[a] || own->accepted != p->accepted[a] ||
      own->rejected != p->rejected[a] || own->frozen != (p->frozen[a] != 0)) {
    complain(l, "agent %u: initiated %u received %u accepted %u rejected %u frozen %u, the records say %u %u %u %u %u",
             a, p->initiated[a], p->received[a], p->accepted[a], p->rejected[a], p->frozen[a], own->initiated,
             own->received, own->accepted, own->rejected, own->frozen);
    return false;
  }
  return same_real(l, a, "total_payoff", own->payoff, p->total_payoff[a]) &&
         same_real(l, a, "reputation", own->reputation, p->reputation[a]) &&
         same_real(l, a, "average_p_initiated", own->mean_initiated, p->average_p_initiated[a]) &&
         same_real(l, a, "average_p_received", own->mean_received, p->average_p_received[a]) &&
         (l->resources_hidden || same_resources(l, a, p->resources[a]));
}

bool ledger_agrees(ledger *l, const civ_population *people, uint64_t pending)
{
  uint64_t initiated = 0, received = 0;
  for (civ_agent a = 0; !l->broken && a < people->n; a++) {
    agent_agrees(l, people, a);
    initiated += people->initiated[a];
    received += people->received[a];
  }
  if (!l->broken && (initiated != received || initiated != l->accepted))
    complain(l, "initiated %llu, received %llu, accepted %llu", (unsigned long long)initiated,
             (unsigned long long)received, (unsigned long long)l->accepted);
  if (!l->broken && (l->n_open != pending || l->accepted + l->rejected + l->expired + pending != l->proposed))
    complain(l, "proposed %llu, accepted %llu, rejected %llu, expired %llu, pending %llu",
             (unsigned long long)l->proposed, (unsigned long long)l->accepted, (unsigned long long)l->rejected,
             (unsigned long long)l->expired, (unsigned long long)pending);
  return !l->broken;
}

static bool same_entry(const ledger_entry *a, const ledger_entry *b)
{
  const civ_interaction *x = &a->record, *y = &b->record;
  const civ_observables *o = &x->observables, *q = &y->observables;
  return x->id == y->id && x->time_us == y->time_us && x->initiator == y->initiator &&
         x->counterparty == y->counterparty && x->epoch == y->epoch && x->step == y->step && x->type == y->type &&
         x->accepted == y->accepted && x->decided_in == y->decided_in && x->v_hat == y->v_hat && x->p == y->p &&
         x->tau == y->tau && x->c_a == y->c_a && x->c_b == y->c_b && x->r_a == y->r_a && x->r_b == y->r_b &&
         o->task_progress_delta == q->task_progress_delta && o->rework_count == q->rework_count &&
         o->verifier_rejections == q->verifier_rejections && o->tool_misuse_flags == q->tool_misuse_flags &&
         o->counterparty_engagement_delta == q->counterparty_engagement_delta && a->payoff_a == b->payoff_a &&
         a->payoff_b == b->payoff_b;
}

bool ledger_same(ledger *l, const ledger *other)
{
  if (other->broken)
    complain(l, "%s", other->complaint);
  if (l->n_entries != other->n_entries || l->n_digests != other->n_digests || l->epoch != other->epoch ||
      l->n_rows != other->n_rows || l->roster.n != other->roster.n)
    complain(l, "%zu interactions, %zu steps, %u epochs, %zu cells, %u agents; the other has %zu, %zu, %u, %zu, %u",
             l->n_entries, l->n_digests, l->epoch, l->n_rows, l->roster.n, other->n_entries, other->n_digests,
             other->epoch, other->n_rows, other->roster.n);
  for (size_t k = 0; !l->broken && k < l->n_entries; k++)
    if (!same_entry(&l->entries[k], &other->entries[k]))
      complain(l, "interaction %zu differs (i%llu)", k, (unsigned long long)l->entries[k].record.id);
  for (size_t k = 0; !l->broken && k < l->n_digests; k++)
    if (l->digests[k] != other->digests[k])
      complain(l, "the state after step %zu differs", k);
  for (size_t k = 0; !l->broken && k < l->n_rows; k++)
    if (l->rows[k] != other->rows[k])
      complain(l, "epoch %zu: %s is %.17g, the other has %.17g", k / l->columns.n,
               l->columns.decls[k % l->columns.n].name, l->rows[k], other->rows[k]);
  return !l->broken;
}
