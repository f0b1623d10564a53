/* The table of what the fuzzer covers. A new world or lever adds a row to `society_worlds`, a new policy one to
 * `society_policies`; nothing else needs to change. */
#include <math.h>

#include "chaos.h"
#include "fold.h"
#include "society.h"

/* --- policies ---------------------------------------------------------------------------------------------------------- */

static void config_real(civ_buffer *out, civ_draws *d, const char *key)
{
  if (!draw_maybe(d, 0.6))
    return;
  civ_buffer_text(out, "    ");
  put_real(out, d, key, 0, 1);
}

static void draw_honest(civ_draws *d, civ_buffer *out)
{
  static const char *const keys[] = { "acceptance_threshold", "trust_weight", "post_probability", "vote_probability",
                                      "interact_probability" };
  for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
    config_real(out, d, keys[k]);
}

static void draw_opportunistic(civ_draws *d, civ_buffer *out)
{
  static const char *const keys[] = { "risk_tolerance", "post_probability", "vote_probability",
                                      "free_ride_probability" };
  for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
    config_real(out, d, keys[k]);
}

static void draw_deceptive(civ_draws *d, civ_buffer *out)
{
  static const char *const keys[] = { "exploitation_threshold", "facade_probability", "post_probability" };
  for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
    config_real(out, d, keys[k]);
  if (draw_maybe(d, 0.6)) {
    civ_buffer_text(out, "    ");
    put_integer(out, d, "trust_building_phase", 0, 6);
  }
}

static void draw_adversarial(civ_draws *d, civ_buffer *out)
{
  config_real(out, d, "post_probability");
  config_real(out, d, "attack_probability");
  if (draw_maybe(d, 0.5)) {
    civ_buffer_text(out, "    ");
    put_boolean(out, d, "target_honest");
  }
}

const society_policy society_policies[] = {
  { "honest", draw_honest },
  { "honest", draw_honest },
  { "opportunistic", draw_opportunistic },
  { "deceptive", draw_deceptive },
  { "adversarial", draw_adversarial },
  { "fool", NULL },
  { NULL, NULL },
};

/* --- the loop: limits, labels, payoffs ------------------------------------------------------------------------------------ */

static void draw_loop(civ_draws *d, civ_buffer *out)
{
  static const char *const limits[] = { "posts_per_epoch", "interactions_per_step", "votes_per_epoch",
                                        "tasks_per_epoch", "bounties_per_epoch",    "bids_per_epoch" };
  static const char *const weights[] = { "task_progress", "rework_penalty", "verifier_penalty", "engagement_signal" };
  static const char *const surpluses[] = { "s_plus", "s_minus", "h" };
  civ_buffer_text(out, "rate_limits:\n");
  put_limit(out, d, limits[0], 0, 10);
  for (size_t k = 1; k < sizeof limits / sizeof *limits; k++)
    if (draw_maybe(d, 0.4))
      put_limit(out, d, limits[k], 0, 6);
  if (draw_maybe(d, 0.6))
    put_limit(out, d, "proposal_ttl_epochs", 1, 2);
  civ_buffer_text(out, "payoff:\n");
  put_real(out, d, "theta", 0, 1);
  for (size_t k = 0; k < sizeof surpluses / sizeof *surpluses; k++)
    if (draw_maybe(d, 0.4))
      put_real(out, d, surpluses[k], 0, 100);
  if (draw_maybe(d, 0.3))
    put_real(out, d, "rho_a", 0, 1.5);
  if (draw_maybe(d, 0.3))
    put_real(out, d, "rho_b", 0, 1.5);
  if (draw_maybe(d, 0.3))
    put_real(out, d, "w_rep", -2, 4);
  if (draw_maybe(d, 0.4))
    put_boolean(out, d, "reputation_in_payoff");
  civ_buffer_text(out, "proxy:\n");
  put_real(out, d, "sigmoid_k", 0, 12);
  if (draw_maybe(d, 0.4))
    put_real(out, d, "rework_decay", 0, 1);
  if (draw_maybe(d, 0.4))
    put_real(out, d, "rejection_decay", 0, 1);
  if (draw_maybe(d, 0.4))
    put_real(out, d, "misuse_decay", 0, 1);
  if (draw_maybe(d, 0.4)) {
    civ_buffer_text(out, "  weights:\n");
    for (size_t k = 0; k < sizeof weights / sizeof *weights; k++) {
      civ_buffer_text(out, "  ");
      put_real(out, d, weights[k], -0.5, 2);
    }
  }
  if (draw_maybe(d, 0.3)) {
    civ_buffer_text(out, "metrics:\n");
    put_real(out, d, "quality_threshold", 0, 1);
    put_real(out, d, "uncertainty_band", 0, 0.5);
  }
}

double result_total(const civ_result *r, const char *name)
{
  for (uint32_t k = 0; k < r->total_columns.n; k++)
    if (strcmp(r->total_columns.decls[k].name, name) == 0)
      return r->totals[k];
  return NAN;
}

uint32_t result_column(const civ_result *r, const char *name)
{
  for (uint32_t k = 0; k < r->epoch_columns.n; k++)
    if (strcmp(r->epoch_columns.decls[k].name, name) == 0)
      return k;
  return UINT32_MAX;
}

static bool expect_total(society *s, const civ_result *r, const char *name, double value, double scale)
{
  const double total = result_total(r, name);
  if (fabs(total - value) <= 1e-9 * fmax(1, fmax(fabs(value), scale)))
    return true;
  return society_fail(s, "total %s is %.17g, the records say %.17g", name, total, value);
}

/* What composite tasks brought to their teams. */
static double teamwork_paid(const civ_result *r)
{
  double sum = 0;
  for (uint32_t k = 0; k < r->total_columns.n; k++)
    if (strncmp(r->total_columns.decls[k].name, "composite.earnings.", 19) == 0)
      sum += r->totals[k];
  return sum;
}

static bool money_is_kept(society *s, const ledger *l, const civ_result *r)
{
  const civ_simulation_config *simulation = civ_config_section(s->config, "simulation");
  const double ordered = result_total(r, "res_delta.tyrant");
  double before = 0, now = 0, moved = fabs(l->transferred);
  ledger fresh;
  ledger_init(&fresh, s->config);
  for (civ_agent a = 0; a < r->population->n; a++) {
    before += fresh.agents[a].resources;
    now += r->population->resources[a];
    moved += fabs(r->population->resources[a]) + fabs(r->population->total_payoff[a]);
  }
  ledger_free(&fresh);
  const double gained = (simulation->payoffs_to_resources ? l->payoff_credited : 0) + (isnan(ordered) ? 0 : ordered) +
                        teamwork_paid(r) + result_total(r, "res_delta.sybil_detection") +
                        result_total(r, "res_delta.staking") + result_total(r, "res_delta.collusion_penalty") +
                        result_total(r, "res_delta.security") - market_holds(r) - l->spent_outside;
  if (fabs(before + gained - now) <= 1e-9 * fmax(1, moved + before + fabs(gained)))
    return true;
  return society_fail(s, "resources were %.17g, %.17g were gained, and now there are %.17g", before, gained, now);
}

static bool loop_step(society *s, const ledger *l, const civ_result *r)
{
  if (!ledger_agrees((ledger *)(uintptr_t)l, r->population, r->pending))
    return society_fail(s, "%s", l->complaint);
  if (r->agent_steps != l->turns || r->steps != l->steps || r->epochs != l->epoch)
    return society_fail(s, "%llu turns, %llu steps, %u epochs; the records say %llu, %llu, %u",
                        (unsigned long long)r->agent_steps, (unsigned long long)r->steps, r->epochs,
                        (unsigned long long)l->turns, (unsigned long long)l->steps, l->epoch);
  return money_is_kept(s, l, r);
}

static bool actions_add_up(society *s, const ledger *l, const civ_result *r)
{
  double attempted[CIV_ACTION_KINDS] = { 0 }, succeeded[CIV_ACTION_KINDS] = { 0 };
  for (uint32_t k = 0; k < r->total_columns.n; k++) {
    const char *name = r->total_columns.decls[k].name;
    double *sums = strncmp(name, "actions_attempted:", 18) == 0   ? attempted
                   : strncmp(name, "actions_succeeded:", 18) == 0 ? succeeded
                                                                  : NULL;
    for (int kind = 0; sums && kind < CIV_ACTION_KINDS; kind++)
      if (strcmp(strrchr(name, ':') + 1, civ_action_names[kind]) == 0)
        sums[kind] += r->totals[k];
  }
  for (int kind = 0; kind < CIV_ACTION_KINDS; kind++)
    if (attempted[kind] != (double)l->attempted[kind] || succeeded[kind] != (double)l->succeeded[kind])
      return society_fail(s, "%s: %g attempted, %g succeeded; the turns say %llu, %llu", civ_action_names[kind],
                          attempted[kind], succeeded[kind], (unsigned long long)l->attempted[kind],
                          (unsigned long long)l->succeeded[kind]);
  return true;
}

static bool loop_end(society *s, const ledger *l, const civ_result *r)
{
  double welfare = 0, freezes = 0, standard = 0, cost_a = 0, cost_b = 0;
  for (size_t k = 0; k < l->n_entries; k++) {
    const ledger_entry *e = &l->entries[k];
    welfare += e->record.accepted ? e->payoff_a + e->payoff_b : 0;
    cost_a += e->record.c_a;
    cost_b += e->record.c_b;
  }
  for (civ_agent a = 0; a < r->population->n; a++)
    freezes += l->agents[a].freezes;
  for (uint32_t k = 0; k < r->total_columns.n; k++) {
    const char *name = r->total_columns.decls[k].name, *fault = range_fault(name, r->totals[k]);
    if (fault)
      return society_fail(s, "total %s is %.17g: %s", name, r->totals[k], fault);
    if (strncmp(name, "events:", 7) == 0)
      standard += r->totals[k];
  }
  if (standard != (double)l->standard_events)
    return society_fail(s, "%g events were counted, %llu were told", standard, (unsigned long long)l->standard_events);
  return expect_total(s, r, "total_interactions", (double)l->n_entries, 0) &&
         expect_total(s, r, "accepted_interactions", (double)l->accepted, 0) &&
         expect_total(s, r, "pending_at_end", (double)l->n_open, 0) &&
         expect_total(s, r, "refused_actions", (double)l->refused, 0) && expect_total(s, r, "epochs", l->epoch, 0) &&
         expect_total(s, r, "freezes_total", freezes, 0) && expect_total(s, r, "total_cost_a", cost_a, 0) &&
         expect_total(s, r, "total_cost_b", cost_b, 0) &&
         expect_total(s, r, "total_welfare", welfare, l->payoff_credited) && actions_add_up(s, l, r);
}

/* --- feed -------------------------------------------------------------------------------------------------------------- */

static void draw_feed(civ_draws *d, civ_buffer *out)
{
  civ_buffer_text(out, "environment:\n");
  put_real(out, d, "initial_resources", 0, 150);
  if (draw_maybe(d, 0.5)) {
    civ_buffer_text(out, "  attention_scarcity: ");
    civ_buffer_real(out, civ_draw_index(d, 20) / 20.0);
    civ_buffer_text(out, "\n");
  }
  if (draw_maybe(d, 0.4))
    put_real(out, d, "initial_reputation", -1, 1);
}

static bool feed_step(society *s, const ledger *l, const civ_result *r)
{
  return expect_total(s, r, "posts", (double)l->posts, 0) && expect_total(s, r, "votes", (double)l->n_votes, 0);
}

/* --- tasks ------------------------------------------------------------------------------------------------------------- */

static void draw_tasks(civ_draws *d, civ_buffer *out)
{
  if (!draw_maybe(d, 0.5))
    return;
  civ_buffer_text(out, "errands:\n");
  put_integer(out, d, "per_epoch", 0, 12);
}

/* --- safety rails: the ledger checks them turn by turn ---------------------------------------------------------------------- */

static void draw_costs(civ_draws *d, civ_buffer *out)
{
  static const char *const actions[] = { "post", "vote", "propose", "accept", "noop", "claim_task", "reply" };
  civ_buffer_text(out, "  action_costs: {");
  for (size_t k = 0; k < sizeof actions / sizeof *actions; k++)
    if (k == 0 || draw_maybe(d, 0.5)) {
      civ_buffer_format(out, "%s%s: ", k ? ", " : "", actions[k]);
      civ_buffer_real(out, civ_draw_index(d, 30) / 10.0);
    }
  civ_buffer_text(out, "}\n");
}

static void draw_allowlists(civ_draws *d, civ_buffer *out)
{
  put_boolean(out, d, "enforce_role_allowlists");
  if (draw_maybe(d, 0.5))
    civ_buffer_format(out, "  role_allowlists: {%s: [post, vote%s], %s: []}\n", civ_role_names[civ_draw_index(d, 2)],
                      draw_maybe(d, 0.5) ? ", propose, accept" : "", civ_role_names[2 + civ_draw_index(d, 3)]);
}

static void draw_rails(civ_draws *d, civ_buffer *out)
{
  if (!draw_maybe(d, 0.6))
    return;
  civ_buffer_text(out, "safety:\n");
  put_boolean(out, d, "kill_switch_enabled");
  if (draw_maybe(d, 0.15))
    put_real(out, d, "kill_switch_toxicity", 0.1, 1);
  if (draw_maybe(d, 0.15))
    put_real(out, d, "kill_switch_frozen_fraction", 0.1, 1);
  if (draw_maybe(d, 0.4)) {
    put_real(out, d, "token_bucket_capacity", 0.5, 6);
    put_real(out, d, "token_bucket_refill", 0, 2);
  }
  if (draw_maybe(d, 0.4))
    put_real(out, d, "budget_per_epoch", 0, 8);
  if (draw_maybe(d, 0.4))
    draw_costs(d, out);
  if (draw_maybe(d, 0.3))
    put_integer(out, d, "min_steps_between_posts", 0, 5);
  if (draw_maybe(d, 0.3))
    draw_allowlists(d, out);
}

static bool rails_end(society *s, const ledger *l, const civ_result *r)
{
  const civ_safety_config *safety = civ_config_section(s->config, "safety");
  const uint32_t toxicity = result_column(r, "toxicity_rate");
  if ((r->end == CIV_END_KILLED) != l->paused)
    return society_fail(s, "the run %s, but simulation_paused was %stold",
                        r->end == CIV_END_KILLED ? "was killed" : "ran", l->paused ? "" : "not ");
  for (uint32_t e = 0; safety->kill_switch_enabled && safety->kill_switch_toxicity.set && e < r->epochs; e++)
    if (r->rows[(size_t)e * r->epoch_columns.n + toxicity] > safety->kill_switch_toxicity.value && e + 1 < r->epochs)
      return society_fail(s, "epoch %u was too toxic, but the run went on", e);
  return true;
}

/* --- disorder ---------------------------------------------------------------------------------------------------------- */

static void draw_chaos(civ_draws *d, civ_buffer *out)
{
  static const char *const orders[] = { "cost", "freeze", "thaw", "reputation", "resources", "refuse", "block" };
  if (draw_maybe(d, 0.3)) {
    civ_buffer_text(out, "ring:\n");
    put_integer(out, d, "reach", draw_maybe(d, 0.1) ? 0 : 1, 6);
  }
  if (!draw_maybe(d, 0.5))
    return;
  civ_buffer_text(out, "tyrant:\n");
  for (size_t k = 0; k < sizeof orders / sizeof *orders; k++)
    if (draw_maybe(d, 0.6))
      put_real(out, d, orders[k], 0, k == 1 ? 0.8 : draw_maybe(d, 0.2) ? 1 : 0.3);
  put_real(out, d, "stop", 0, 0.1);
}

/* What levers say they ordered is what arrived, and nobody met whom he could not see. */
static bool chaos_end(society *s, const ledger *l, const civ_result *r)
{
  double costs = 0, reputation = 0, cost_told = 0, reputation_told = 0;
  for (size_t k = 0; k < l->n_entries; k++) {
    const civ_interaction *i = &l->entries[k].record;
    costs += i->c_a + i->c_b;
    if (!chaos_may_meet(s->config, r->population->n, i->initiator, i->counterparty))
      return society_fail(s, "i%llu: %u met %u across the ring", (unsigned long long)i->id, i->initiator,
                          i->counterparty);
  }
  for (uint32_t k = 0; k < r->total_columns.n; k++) {
    const char *name = r->total_columns.decls[k].name;
    cost_told += strncmp(name, "cost.", 5) == 0 ? r->totals[k] : 0;
    reputation += strncmp(name, "rep_delta.", 10) == 0 ? r->totals[k] : 0;
  }
  reputation_told = l->reputation_ordered;
  if (fabs(costs - cost_told) > 1e-9 * fmax(1, costs) ||
      fabs(reputation - reputation_told) > 1e-9 * (double)(1 + l->turns))
    return society_fail(s, "levers took %.17g and moved %.17g; the records say %.17g and %.17g", cost_told, reputation,
                        costs, reputation_told);
  return true;
}

/* --- levers of governance: their laws are the chaos row's, and their own counts must agree with the log's -------------------- */

static void draw_collusion(civ_draws *d, civ_buffer *out)
{
  static const char *const bases[] = { "net_transfer", "transfer_only", NULL };
  if (!draw_maybe(d, 0.4))
    return;
  civ_buffer_text(out, "  collusion_detection_enabled: true\n");
  put_real(out, d, "collusion_score_threshold", 0, 0.6);
  put_real(out, d, "collusion_frequency_threshold", 0.1, 3);
  put_integer(out, d, "collusion_min_interactions", 1, 4);
  put_real(out, d, "collusion_penalty_multiplier", 0, 2);
  put_boolean(out, d, "collusion_realtime_penalty");
  put_boolean(out, d, "collusion_clear_history_on_epoch");
  put_choice(out, d, "collusion_benefit_basis", bases);
}

static void draw_security(civ_draws *d, civ_buffer *out)
{
  static const char *const sources[] = { "auto", "reputation", "bounded", NULL };
  if (!draw_maybe(d, 0.4))
    return;
  civ_buffer_text(out, "  security_enabled: true\n");
  put_real(out, d, "security_injection_threshold", 0, 0.5);
  put_real(out, d, "security_manipulation_threshold", 0, 0.7);
  put_real(out, d, "security_laundering_trust_gap", 0, 0.6);
  put_real(out, d, "security_contagion_velocity", 0.1, 5);
  put_integer(out, d, "security_min_chain_length", 2, 5);
  put_integer(out, d, "security_min_interactions", 1, 10);
  put_real(out, d, "security_penalty_threshold", 0, 0.6);
  put_real(out, d, "security_quarantine_threshold", 0.2, 1);
  put_real(out, d, "security_penalty_multiplier", 0, 2);
  put_boolean(out, d, "security_realtime_penalty");
  put_real(out, d, "security_realtime_threshold", 0, 0.6);
  put_boolean(out, d, "security_clear_history_on_epoch");
  put_choice(out, d, "security_trust_source", sources);
  put_boolean(out, d, "security_content_scan");
  put_integer(out, d, "security_laundering_exact_limit", 1, 20);
  put_integer(out, d, "security_laundering_samples", 1, 20);
}

static void draw_sybils(civ_draws *d, civ_buffer *out)
{
  static const char *const metrics[] = { "l1_dot", "cosine", NULL }, *const patterns[] = { "both", "initiated", NULL };
  if (!draw_maybe(d, 0.3))
    return;
  civ_buffer_text(out, "  sybil_detection_enabled: true\n");
  put_real(out, d, "sybil_similarity_threshold", 0, 1);
  put_real(out, d, "sybil_penalty_multiplier", 0, 3);
  put_boolean(out, d, "sybil_realtime_penalty");
  put_integer(out, d, "sybil_max_cluster_size", 1, 6);
  put_choice(out, d, "sybil_similarity_metric", metrics);
  put_choice(out, d, "sybil_pattern", patterns);
  put_integer(out, d, "sybil_min_interactions", 0, 5);
  put_real(out, d, "sybil_pattern_decay", 0, 1);
}

static void draw_levers(civ_draws *d, civ_buffer *out)
{
  static const char *const triggers[] = { "none", "low_quality", "audit", "freeze", NULL };
  if (!draw_maybe(d, 0.6))
    return;
  civ_buffer_text(out, "governance:\n");
  put_real(out, d, "transaction_tax_rate", 0, 0.3);
  put_real(out, d, "transaction_tax_split", 0, 1);
  put_real(out, d, "reputation_decay_rate", 0.5, 1);
  if (draw_maybe(d, 0.4)) {
    civ_buffer_text(out, "  staking_enabled: true\n");
    put_real(out, d, "min_stake_to_participate", 0, 110);
    put_choice(out, d, "stake_slash_trigger", triggers);
    put_real(out, d, "stake_slash_rate", 0, 1);
  }
  put_boolean(out, d, "circuit_breaker_enabled");
  put_real(out, d, "freeze_threshold_toxicity", 0.2, 0.8);
  put_integer(out, d, "freeze_threshold_violations", 1, 3);
  put_integer(out, d, "freeze_duration_epochs", 1, 3);
  put_boolean(out, d, "audit_enabled");
  put_real(out, d, "audit_probability", 0, 1);
  put_real(out, d, "audit_threshold_p", 0, 1);
  if (draw_maybe(d, 0.3)) {
    civ_buffer_text(out, "  bandwidth_cap_enabled: true\n");
    put_integer(out, d, "bandwidth_cap", 0, 12);
  }
  put_boolean(out, d, "transparency_enabled");
  put_boolean(out, d, "moderator_enabled");
  put_boolean(out, d, "vote_normalization_enabled");
  put_boolean(out, d, "vote_weight_in_ranking");
  if (draw_maybe(d, 0.3))
    put_real(out, d, "vote_weight_cap", 0.5, 5);
  draw_collusion(d, out);
  draw_sybils(d, out);
  draw_security(d, out);
  put_boolean(out, d, "composite_tasks_enabled");
}

/* What the collusion lever took agrees with itself, and with what a fold over the records finds. */
static bool collusion_end(society *s, const ledger *l, const civ_result *r)
{
  const civ_governance_config *rules = civ_config_section(s->config, "governance");
  const double reputation = result_total(r, "rep_delta.collusion_penalty");
  double charged = 0, on_types = 0;
  if (!rules->collusion_detection_enabled)
    return true;
  for (uint32_t k = 0; k < r->total_columns.n; k++)
    if (strncmp(r->total_columns.decls[k].name, "lever_collusion_on_", 19) == 0)
      on_types += r->totals[k];
  for (size_t k = 0; k < l->n_entries; k++)
    charged += l->entries[k].record.c_a > 0 && l->entries[k].record.c_b > 0;
  if (on_types != result_total(r, "lever_collusion_epoch_penalties"))
    return society_fail(s, "the collusion lever punished %g times, and %g by type",
                        result_total(r, "lever_collusion_epoch_penalties"), on_types);
  if (result_total(r, "lever_collusion_realtime") > charged)
    return society_fail(s, "the collusion lever charged %g of %g interactions with costs",
                        result_total(r, "lever_collusion_realtime"), charged);
  return expect_total(s, r, "res_delta.collusion_penalty", 10 * reputation, 10 * fabs(reputation));
}

static bool levers_end(society *s, const ledger *l, const civ_result *r)
{
  static const char *const same[][2] = { { "ledger_rows", "events:ledger_entry" },
                                         { "lever_reviews", "events:moderation_review" },
                                         { "lever_slashes", "events:stake_slashed" },
                                         { "sybil_clusters", "events:sybil_detected" },
                                         { "security.n_quarantined", "events:agent_quarantined" },
                                         { "freeze_events", "lever_freezes" } };
  double taxed = 0;
  const civ_governance_config *rules = civ_config_section(s->config, "governance");
  for (size_t k = 0; k < l->n_entries; k++) {
    const civ_interaction *i = &l->entries[k].record;
    taxed += i->accepted ? rules->transaction_tax_rate * (fmax(3 * i->p - 1, 0) + fabs(i->tau)) : 0;
  }
  if (fabs(taxed - result_total(r, "cost.transaction_tax")) > 1e-9 * (1 + taxed))
    return society_fail(s, "the tax took %.17g of what owes %.17g", result_total(r, "cost.transaction_tax"), taxed);
  for (size_t k = 0; k < sizeof same / sizeof *same; k++) {
    const double a = result_total(r, same[k][0]), b = result_total(r, same[k][1]);
    if (!isnan(a) && a != b)
      return society_fail(s, "%s is %g, but %s is %g", same[k][0], a, same[k][1], b);
  }
  return collusion_end(s, l, r);
}

const society_world society_worlds[] = {
  { "loop", draw_loop, loop_step, loop_end },
  { "feed", draw_feed, feed_step, NULL },
  { "tasks", draw_tasks, NULL, NULL },
  { "safety", draw_rails, NULL, rails_end },
  { "levers", draw_levers, NULL, levers_end },
  { "network", draw_network, NULL, network_end },
  { "chaos", draw_chaos, NULL, chaos_end },
  { "composite tasks", draw_composite, NULL, composite_end },
  { "marketplace", draw_market, market_step, NULL },
  { "boundaries", draw_boundary, NULL, boundary_end },
  { NULL, NULL, NULL, NULL },
};
