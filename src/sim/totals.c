/* What a run amounts to: one list of names and values, written once and walked twice (to declare, and to fill). */
#include "base/buffer.h"
#include "sim/run_state.h"

typedef struct totals_list {
  civ_run *run;
  civ_buffer names; /* while declaring: texts, one after the other, each terminated */
  bool declaring;
  civ_metric_decl *decls;
  size_t decls_capacity;
  uint32_t n;
  bool failed;
} totals_list;

/* Declares or fills one total, whose name is the parts put together (NULL-terminated). Names are made for every run of an
 * experiment, so they are joined without formatting. */
static void put_joined(totals_list *list, const char *const *parts, bool integer, const char *doc, double value)
{
  if (!list->declaring) {
    list->run->totals[list->n++] = value;
    return;
  }
  if (civ_grow(list->run->outer, (void **)&list->decls, &list->decls_capacity, list->n + 1, sizeof *list->decls) !=
      CIV_OK) {
    list->failed = true;
    return;
  }
  /* Texts may still move: keep the offset, and turn it into a pointer at the end. */
  list->decls[list->n++] = (civ_metric_decl){ (const char *)(uintptr_t)list->names.length, integer, doc };
  for (; *parts; parts++)
    civ_buffer_text(&list->names, *parts);
  civ_buffer_add(&list->names, "", 1);
}

static void put(totals_list *list, const char *name, bool integer, const char *doc, double value)
{
  put_joined(list, (const char *const[]){ name, NULL }, integer, doc, value);
}

static void put_of(totals_list *list, const char *what, const char *whose, bool integer, const char *doc, double value)
{
  put_joined(list, (const char *const[]){ what, whose, NULL }, integer, doc, value);
}

/* --- over the epochs ---------------------------------------------------------------------------------------------------- */

static double mean_of_column(const civ_run *run, uint32_t column)
{
  double sum = 0;
  for (uint32_t e = 0; e < run->epoch; e++)
    sum += run->rows[(size_t)e * run->n_columns + column];
  return run->epoch ? sum / run->epoch : 0;
}

static double last_of_column(const civ_run *run, uint32_t column)
{
  return run->epoch ? run->rows[(size_t)(run->epoch - 1) * run->n_columns + column] : 0;
}

static void put_epochs(totals_list *list)
{
  const civ_run *run = list->run;
  const double toxicity = mean_of_column(run, CIV_EPOCH_TOXICITY_RATE);
  const double gap = mean_of_column(run, CIV_EPOCH_QUALITY_GAP);
  const double interactions = mean_of_column(run, CIV_EPOCH_TOTAL_INTERACTIONS);
  const double accepted = mean_of_column(run, CIV_EPOCH_ACCEPTED_INTERACTIONS);
  put(list, "epochs", true, "closed epochs", run->epoch);
  put(list, "empty_epochs", true, "epochs without a completed interaction", (double)run->empty_epochs);
  put(list, "mean_toxicity", false, "mean over epochs of toxicity_rate, empty epochs as 0", toxicity);
  put(list, "mean_quality_gap", false, "mean over epochs of quality_gap, empty epochs as 0", gap);
  put(list, "mean_avg_payoff", false, "mean over epochs of avg_payoff (initiators)",
      mean_of_column(run, CIV_EPOCH_AVG_PAYOFF));
  put(list, "welfare_per_epoch", false, "mean over epochs of total_welfare",
      mean_of_column(run, CIV_EPOCH_TOTAL_WELFARE));
  put(list, "avg_toxicity", false, "the same as mean_toxicity, the name of sweeps", toxicity);
  put(list, "avg_quality_gap", false, "the same as mean_quality_gap, the name of sweeps", gap);
  put(list, "total_welfare", false, "sum over epochs of total_welfare",
      mean_of_column(run, CIV_EPOCH_TOTAL_WELFARE) * run->epoch);
  put(list, "mean_total_interactions", false, "completed interactions per epoch", interactions);
  put(list, "mean_accepted_interactions", false, "accepted interactions per epoch", accepted);
  put(list, "mean_total_posts", false, "mean over epochs of the cumulative count",
      mean_of_column(run, CIV_EPOCH_TOTAL_POSTS));
  put(list, "mean_total_votes", false, "mean over epochs of votes in force",
      mean_of_column(run, CIV_EPOCH_TOTAL_VOTES));
  put(list, "last_epoch_posts_metric", true, "total_posts of the last epoch",
      last_of_column(run, CIV_EPOCH_TOTAL_POSTS));
  put(list, "last_epoch_votes_metric", true, "total_votes of the last epoch",
      last_of_column(run, CIV_EPOCH_TOTAL_VOTES));
}

/* --- pooled over the run -------------------------------------------------------------------------------------------------- */

static void put_pooled(totals_list *list)
{
  const civ_run *run = list->run;
  civ_metrics_values v;
  civ_metrics_read(&run->metrics, &v);
  put(list, "total_interactions", true, "completed interactions", (double)v.total);
  put(list, "accepted_interactions", true, "accepted interactions", (double)v.accepted);
  put(list, "toxicity_rate_run", false, "mean of 1 - p over all accepted interactions of the run", v.toxicity_rate);
  put(list, "quality_gap_run", false, "mean p accepted - mean p refused over the run", v.quality_gap);
  put(list, "toxicity_hard", false, "share of accepted with p below the quality threshold", v.toxicity_hard);
  put(list, "acceptance_rate", false, "accepted / completed", v.acceptance_rate);
  put(list, "high_quality_acceptance", false, "share of accepted among p >= threshold", v.high_quality_acceptance);
  put(list, "low_quality_acceptance", false, "share of accepted among p < threshold", v.low_quality_acceptance);
  put(list, "average_quality", false, "mean p over completed interactions", v.average_quality);
  put(list, "spread", false, "(s_plus + s_minus) * (mean p over all - mean p over accepted)", v.spread);
  put(list, "conditional_loss_initiator", false, "mean payoff accepted - mean payoff over all, initiators",
      v.conditional_loss_initiator);
  put(list, "conditional_loss_counterparty", false, "mean payoff accepted - mean payoff over all, counterparties",
      v.conditional_loss_counterparty);
  put(list, "total_social_surplus", false, "sum over accepted of surplus - harm", v.total_social_surplus);
}

/* --- by type of agent ------------------------------------------------------------------------------------------------------ */

typedef struct type_sums {
  double n, payoff, reputation, resources, initiated, received, freezes;
} type_sums;

static void put_type(totals_list *list, const char *type, const type_sums *s)
{
  const double n = s->n > 0 ? s->n : 1;
  put_of(list, "payoff.", type, false, "mean total payoff of its agents", s->payoff / n);
  put_of(list, "reputation.", type, false, "mean final reputation of its agents", s->reputation / n);
  put_of(list, "resources.", type, false, "mean final resources of its agents", s->resources / n);
  put_of(list, "initiated.", type, false, "mean accepted interactions initiated", s->initiated / n);
  put_of(list, "received.", type, false, "mean accepted interactions received", s->received / n);
  put_of(list, "freezes_", type, true, "changes from active to frozen, summed over its agents", s->freezes);
}

static void sum_types(const civ_run *run, type_sums *sums)
{
  const population *p = &run->people;
  for (civ_agent a = 0; a < p->view.n; a++) {
    type_sums *s = &sums[p->policy[a]];
    s->n++;
    s->payoff += p->total_payoff[a];
    s->reputation += p->reputation[a];
    s->resources += p->resources[a];
    s->initiated += p->initiated[a];
    s->received += p->received[a];
    s->freezes += p->freezes[a];
  }
}

static void put_types(totals_list *list)
{
  const civ_run *run = list->run;
  type_sums sums[256] = { { 0 } };
  double resources = 0;
  sum_types(run, sums);
  for (uint32_t k = 0; k < run->n_policies; k++) {
    put_type(list, run->policies[k].table->name, &sums[k]);
    resources += sums[k].resources;
  }
  put(list, "final_total_resources", false, "sum of resources over all agents", resources);
}

static void put_actions(totals_list *list)
{
  const civ_run *run = list->run;
  for (uint32_t k = 0; k < run->n_policies; k++) {
    const char *type = run->policies[k].table->name;
    for (uint32_t kind = 0; kind < CIV_ACTION_KINDS; kind++) {
      const char *action = civ_action_names[kind];
      put_joined(list, (const char *const[]){ "actions_attempted:", type, ":", action, NULL }, true,
                 "own turns whose action was this", (double)run->attempted[k][kind]);
      put_joined(list, (const char *const[]){ "actions_succeeded:", type, ":", action, NULL }, true,
                 "those that succeeded", (double)run->succeeded[k][kind]);
    }
  }
}

/* --- governance and parts ---------------------------------------------------------------------------------------------------- */

static uint32_t count_blocked(const civ_run *run)
{
  uint32_t n = 0;
  if (run->levers_admit.n)
    for (civ_agent a = 0; a < run->people.view.n; a++)
      n += !civ_sim_admits(run, a);
  return n;
}

/* Levers whose accounts every run reports, 0 where they are off, so that results of different rules line up. */
static const char *const always_accounted[] = { "transaction_tax", "reputation_decay",  "staking",  "circuit_breaker",
                                                "random_audit",    "collusion_penalty", "security", "sybil_detection" };
enum { ALWAYS_ACCOUNTED = sizeof always_accounted / sizeof *always_accounted };

static void put_account(totals_list *list, const char *lever, const lever_account *account)
{
  put_of(list, "cost.", lever, false, "costs it laid on both sides", account->cost);
  put_of(list, "rep_delta.", lever, false, "reputation it moved", account->reputation);
  put_of(list, "res_delta.", lever, false, "resources it moved", account->resources);
  put_of(list, "cost_a.", lever, false, "costs it laid on initiators", account->cost_a);
  put_of(list, "cost_b.", lever, false, "costs it laid on counterparties", account->cost_b);
  put_of(list, "freezes.", lever, true, "agents named in its freeze orders", (double)account->freezes);
  put_of(list, "unfreezes.", lever, true, "agents named in its thaw orders", (double)account->thaws);
}

static bool is_always_accounted(const char *lever)
{
  for (uint32_t k = 0; k < ALWAYS_ACCOUNTED; k++)
    if (strcmp(always_accounted[k], lever) == 0)
      return true;
  return false;
}

static void put_accounts(totals_list *list)
{
  static const lever_account nothing = { 0 };
  const civ_run *run = list->run;
  for (uint32_t i = 0; i < ALWAYS_ACCOUNTED; i++) {
    const lever_account *account = &nothing;
    for (uint32_t k = 0; k < run->n_levers; k++)
      if (strcmp(run->lever_names[k], always_accounted[i]) == 0)
        account = &run->effect.accounts[k];
    put_account(list, always_accounted[i], account);
  }
  for (uint32_t k = 0; k < run->n_levers; k++)
    if (run->levers[k].table->accounted && !is_always_accounted(run->lever_names[k]))
      put_account(list, run->lever_names[k], &run->effect.accounts[k]);
}

/* Types whose punishment is a false positive. */
static void find_benign(const civ_run *run, bool benign[256])
{
  const civ_governance_config *rules = civ_config_section(run->config, "governance");
  for (uint32_t k = 0; rules && k < rules->security_benign_types.n; k++)
    for (uint32_t type = 0; civ_agent_type_names[type]; type++)
      if (strcmp(civ_agent_type_names[type], rules->security_benign_types.items[k]) == 0)
        benign[type] = true;
}

static void put_penalties(totals_list *list)
{
  const civ_run *run = list->run;
  bool benign[256] = { false };
  double malicious = 0;
  if (!run->effect.penalties)
    return;
  find_benign(run, benign);
  for (civ_agent a = 0; a < run->people.view.n; a++)
    malicious += benign[run->people.type[a]] ? 0 : run->effect.penalties[a];
  put(list, "penalty_total_malicious", false,
      "what collusion, security and Sybil levers took from reputations of the malicious and charged them", malicious);
}

static void put_governance(totals_list *list)
{
  const civ_run *run = list->run;
  put(list, "pending_at_end", true, "proposals still open at the end", run->open.n_open);
  put(list, "frozen", true, "agents frozen at the end", run->people.view.n - run->people.active.count);
  put(list, "frozen_agent_epochs", true, "sum over epoch ends of frozen agents", (double)run->frozen_agent_epochs);
  put(list, "freezes_total", true, "changes from active to frozen", (double)run->people.freezes_total);
  put(list, "freeze_orders", true, "agents named in freeze orders", (double)run->effect.freeze_orders);
  put(list, "unfreeze_orders", true, "agents named in thaw orders", (double)run->effect.unfreeze_orders);
  put(list, "final_blocked", true, "agents refused by an admission rule at the end", count_blocked(run));
  put(list, "total_cost_a", false, "sum of governance costs of initiators", run->total_cost_a);
  put(list, "total_cost_b", false, "sum of governance costs of counterparties", run->total_cost_b);
  put(list, "costed_interactions", true, "interactions with a governance cost", (double)run->costed_interactions);
  put(list, "refused_actions", true, "actions refused by limits and rails", (double)run->refused_total);
  put_accounts(list);
  put_penalties(list);
}

static void put_part(totals_list *list, const civ_metric_decl *decls, void *self,
                     void (*report)(void *self, double *values))
{
  double values[128] = { 0 };
  uint32_t n = 0;
  while (decls && decls[n].name && n < 128)
    n++;
  if (n && report && !list->declaring)
    report(self, values);
  for (uint32_t k = 0; k < n; k++)
    put(list, decls[k].name, decls[k].integer, decls[k].doc, values[k]);
}

/* What a lever counts by agent, summed over the agents of each kind. */
static void put_lever_by_kind(totals_list *list, const lever_slot *l)
{
  const civ_run *run = list->run;
  for (uint32_t i = 0; l->table->agent_totals && l->table->agent_totals[i].name; i++) {
    const civ_metric_decl *decl = &l->table->agent_totals[i];
    double sums[256] = { 0 };
    for (civ_agent a = 0; a < run->people.view.n; a++)
      sums[run->people.policy[a]] += l->table->agent_total(l->self, i, a);
    for (uint32_t k = 0; k < run->n_policies; k++)
      put_of(list, decl->name, run->policies[k].table->name, decl->integer, decl->doc, sums[k]);
  }
}

/* What worlds that this scenario does not want have to say all the same: nothing happened. */
static void put_absent(totals_list *list)
{
  const civ_run *run = list->run;
  const civ_world *table;
  for (uint32_t k = 0; (table = civ_registry_world(civ_config_registry(run->config), k)) != NULL; k++) {
    uint32_t at = 0;
    while (at < run->n_worlds && run->worlds[at].table != table)
      at++;
    if (at == run->n_worlds)
      put_part(list, table->totals_when_off, NULL, NULL);
  }
}

static void put_all(totals_list *list)
{
  civ_run *run = list->run;
  put_epochs(list);
  put_pooled(list);
  for (uint32_t k = 0; k < run->n_worlds; k++)
    put_part(list, run->worlds[k].table->totals, run->worlds[k].self, run->worlds[k].table->total_report);
  put_absent(list);
  put_governance(list);
  for (uint32_t k = 0; k < run->n_levers; k++)
    put_part(list, run->levers[k].table->totals, run->levers[k].self, run->levers[k].table->total_report);
  for (uint32_t k = 0; k < run->n_levers; k++)
    put_lever_by_kind(list, &run->levers[k]);
  put_types(list);
  put_actions(list);
  for (uint32_t k = 0; k < run->n_event_forms; k++)
    if (!(run->event_forms[k]->flags & CIV_FORM_FULL_ONLY))
      put_of(list, "events:", run->event_forms[k]->name, true, "events of this type in a standard log",
             (double)run->event_count[k]);
}

civ_status civ_sim_totals_init(civ_run *run, civ_error *err)
{
  totals_list list = { .run = run, .declaring = true };
  put_all(&list);
  char *names = civ_buffer_take(&list.names, NULL);
  double *totals = civ_zeroed(run->outer, list.n, sizeof *totals);
  if (list.failed || !names || !totals) {
    civ_free(names);
    civ_release(run->outer, totals, list.n * sizeof *totals);
    civ_drop(run->outer, (void **)&list.decls, &list.decls_capacity, sizeof *list.decls);
    return civ_fail(err, CIV_E_NOMEM, "run", "out of memory while preparing the totals");
  }
  for (uint32_t k = 0; k < list.n; k++)
    list.decls[k].name = names + (uintptr_t)list.decls[k].name;
  run->total_names = names;
  run->total_decls = list.decls;
  run->total_decls_capacity = list.decls_capacity;
  run->totals = totals;
  run->n_totals = list.n;
  return CIV_OK;
}

void civ_sim_totals(civ_run *run)
{
  totals_list list = { .run = run };
  put_all(&list);
}
