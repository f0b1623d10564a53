/* Operations of programs on single levers: each finds its lever, or says how to switch it on. */
#include "civitas/governance.h"

#include "govern/levers.h"
#include "govern/security.h"
#include "govern/sybil_detection.h"
#include "sim/run_state.h"

/* Which key switches a lever on. */
static const struct {
  const char *lever, *key;
} switches[] = {
  { "staking", "staking_enabled" },           { "circuit_breaker", "circuit_breaker_enabled" },
  { "transparency", "transparency_enabled" }, { "collusion_penalty", "collusion_detection_enabled" },
  { "security", "security_enabled" },         { "sybil_detection", "sybil_detection_enabled" },
};

static uint32_t find_lever(const civ_run *run, const char *name)
{
  for (uint32_t k = 0; k < run->n_levers; k++)
    if (strcmp(run->lever_names[k], name) == 0)
      return k;
  return CIV_NONE;
}

bool civ_governance_is_on(const civ_run *run, const char *lever)
{
  return find_lever(run, lever) != CIV_NONE;
}

static civ_status check_agent(const civ_run *run, civ_agent a, civ_error *err)
{
  if (a < run->people.view.n)
    return CIV_OK;
  return civ_fail(err, CIV_E_RANGE, "agent", "%u is not one of the run's %u agents", a, run->people.view.n);
}

/* The state of a lever, which then is the one that speaks. */
static civ_status need_lever(const civ_run *run, const char *name, uint32_t *number, civ_error *err)
{
  const char *key = name;
  *number = find_lever(run, name);
  if (*number != CIV_NONE)
    return CIV_OK;
  for (size_t k = 0; k < sizeof switches / sizeof *switches; k++)
    if (strcmp(switches[k].lever, name) == 0)
      key = switches[k].key;
  return civ_fail(err, CIV_E_STATE, "governance", "lever %s is off: set governance.%s: true", name, key);
}

static civ_status need_lever_and_agent(const civ_run *run, const char *name, civ_agent a, uint32_t *number,
                                       civ_error *err)
{
  const civ_status st = need_lever(run, name, number, err);
  return st == CIV_OK ? check_agent(run, a, err) : st;
}

/* Whether the run still takes orders. Begins it if it has not. */
static civ_status need_running(civ_run *run, civ_error *err)
{
  if (run->finished || run->end != CIV_RUNNING)
    return civ_fail(err, CIV_E_STATE, "run", "the run is over");
  return civ_run_begin(run, err);
}

/* Room for what one call of levers orders. */
static civ_status make_room(civ_run *run, civ_error *err)
{
  enum { ORDERS = 64 };
  if (civ_effect_reserve(&run->effect, ORDERS) == CIV_OK && civ_population_reserve(&run->people, ORDERS) == CIV_OK)
    return CIV_OK;
  return civ_fail(err, CIV_E_NOMEM, "governance", "out of memory");
}

/* --- all levers together ---------------------------------------------------------------------------------------------------- */

civ_status civ_governance_admits(const civ_run *run, civ_agent a, bool *out, civ_error *err)
{
  const civ_status st = check_agent(run, a, err);
  if (st == CIV_OK)
    *out = civ_sim_admits(run, a);
  return st;
}

civ_status civ_governance_vote_weight(const civ_run *run, civ_agent a, double *out, civ_error *err)
{
  const civ_status st = check_agent(run, a, err);
  if (st == CIV_OK)
    *out = run->host.call->vote_weight(&run->host, a);
  return st;
}

civ_status civ_governance_begin_epoch(civ_run *run, civ_error *err)
{
  const civ_status st = need_running(run, err);
  if (st != CIV_OK)
    return st;
  if (run->epoch_open)
    return civ_fail(err, CIV_E_STATE, "run", "epoch %u has begun already", run->epoch);
  if (run->epoch >= run->simulation->n_epochs)
    return civ_fail(err, CIV_E_STATE, "run", "the run has no epoch after its %lld",
                    (long long)run->simulation->n_epochs);
  return civ_sim_epoch_begin(run, err);
}

civ_status civ_governance_judge(civ_run *run, civ_interaction *record, civ_error *err)
{
  civ_status st = check_agent(run, record->initiator, err);
  if (st == CIV_OK)
    st = check_agent(run, record->counterparty, err);
  if (st == CIV_OK && record->initiator == record->counterparty)
    st = civ_fail(err, CIV_E_RANGE, "record", "%s cannot deal with itself", run->people.view.name[record->initiator]);
  if (st == CIV_OK)
    st = need_running(run, err);
  if (st == CIV_OK)
    st = civ_sim_reserve(run, err);
  if (st == CIV_OK)
    civ_sim_judge(run, record);
  return st;
}

/* --- single levers ------------------------------------------------------------------------------------------------------------- */

civ_status civ_governance_slash(civ_run *run, civ_agent a, const char *reason, double *taken, civ_error *err)
{
  uint32_t number;
  civ_status st = need_lever_and_agent(run, civ_lever_staking.name, a, &number, err);
  if (st == CIV_OK)
    st = need_running(run, err);
  if (st == CIV_OK)
    st = make_room(run, err);
  if (st != CIV_OK)
    return st;
  const double before = run->people.resources[a];
  civ_effect_clear(&run->effect);
  run->effect.lever = number;
  civ_staking_slash(run->levers[number].self, a, reason ? reason : "violation", &run->effect);
  civ_sim_apply_effect(run);
  if (taken)
    *taken = before - run->people.resources[a];
  return CIV_OK;
}

civ_status civ_governance_breaker_status(const civ_run *run, civ_agent a, civ_governance_breaker *out, civ_error *err)
{
  uint32_t number;
  const civ_status st = need_lever_and_agent(run, civ_lever_circuit_breaker.name, a, &number, err);
  if (st != CIV_OK)
    return st;
  const civ_breaker_status now = civ_circuit_breaker_status(run->levers[number].self, a);
  *out = (civ_governance_breaker){ .violations = now.violations,
                                   .freeze_until_epoch = now.freeze_until_epoch,
                                   .average_toxicity = now.average_toxicity,
                                   .is_frozen = now.freeze_until_epoch >= 0 };
  return CIV_OK;
}

static bool is_quarantined(const civ_run *run, civ_agent a)
{
  const uint32_t number = find_lever(run, civ_lever_security.name);
  return number != CIV_NONE && civ_monitor_quarantined(civ_security_monitor(run->levers[number].self), a);
}

civ_status civ_governance_breaker_reset(civ_run *run, civ_agent a, civ_error *err)
{
  uint32_t number;
  civ_status st = need_lever_and_agent(run, civ_lever_circuit_breaker.name, a, &number, err);
  if (st == CIV_OK)
    st = need_running(run, err);
  if (st == CIV_OK)
    st = make_room(run, err);
  if (st != CIV_OK)
    return st;
  civ_circuit_breaker_reset(run->levers[number].self, a);
  civ_effect_clear(&run->effect);
  run->effect.lever = number;
  if (run->people.frozen[a] && !is_quarantined(run, a))
    civ_effect_unfreeze(&run->effect, a);
  civ_sim_apply_effect(run);
  return CIV_OK;
}

civ_status civ_governance_ledger(const civ_run *run, civ_agent a, uint32_t *count, double *mean_p, civ_error *err)
{
  uint32_t number;
  const civ_status st = need_lever_and_agent(run, civ_lever_transparency.name, a, &number, err);
  if (st != CIV_OK)
    return st;
  *count = run->ledger->count(run->ledger->self, a);
  *mean_p = run->ledger->mean_p(run->ledger->self, a);
  return CIV_OK;
}

civ_status civ_governance_sybil_clusters(const civ_run *run, uint32_t *n, civ_error *err)
{
  uint32_t number;
  const civ_status st = need_lever(run, civ_lever_sybil_detection.name, &number, err);
  if (st == CIV_OK)
    *n = civ_sybil_clusters(run->levers[number].self)->n;
  return st;
}

civ_status civ_governance_sybil_cluster(const civ_run *run, uint32_t k, const civ_agent **members, uint32_t *n,
                                        civ_error *err)
{
  uint32_t number;
  const civ_status st = need_lever(run, civ_lever_sybil_detection.name, &number, err);
  if (st != CIV_OK)
    return st;
  const civ_clusters *groups = civ_sybil_clusters(run->levers[number].self);
  if (k >= groups->n)
    return civ_fail(err, CIV_E_RANGE, "cluster", "%u is not one of the %u groups found", k, groups->n);
  *members = groups->members + groups->start[k];
  *n = civ_clusters_size(groups, k);
  return CIV_OK;
}

civ_status civ_governance_sybil_flagged(const civ_run *run, civ_agent a, bool *out, civ_error *err)
{
  uint32_t number;
  const civ_status st = need_lever_and_agent(run, civ_lever_sybil_detection.name, a, &number, err);
  if (st == CIV_OK)
    *out = civ_sybil_is_flagged(run->levers[number].self, a);
  return st;
}

civ_status civ_governance_sybil_clear(civ_run *run, civ_error *err)
{
  uint32_t number;
  const civ_status st = need_lever(run, civ_lever_sybil_detection.name, &number, err);
  if (st == CIV_OK)
    civ_sybil_clear(run->levers[number].self);
  return st;
}

/* --- collusion ---------------------------------------------------------------------------------------------------------- */

civ_status civ_governance_collusion_risk(const civ_run *run, civ_agent a, double *out, civ_error *err)
{
  uint32_t number;
  const civ_status st = need_lever_and_agent(run, civ_lever_collusion_penalty.name, a, &number, err);
  if (st != CIV_OK)
    return st;
  const civ_collusion_report *report = civ_collusion_penalty_report(run->levers[number].self);
  *out = report != NULL ? report->risk[a] : 0;
  return CIV_OK;
}

civ_status civ_governance_collusion_clear(civ_run *run, civ_error *err)
{
  uint32_t number;
  const civ_status st = need_lever(run, civ_lever_collusion_penalty.name, &number, err);
  if (st == CIV_OK)
    civ_collusion_penalty_forget(run->levers[number].self);
  return st;
}

/* --- security ------------------------------------------------------------------------------------------------------------- */

civ_status civ_governance_quarantined(const civ_run *run, civ_agent a, bool *out, civ_error *err)
{
  uint32_t number;
  const civ_status st = need_lever_and_agent(run, civ_lever_security.name, a, &number, err);
  if (st == CIV_OK)
    *out = is_quarantined(run, a);
  return st;
}

civ_status civ_governance_release(civ_run *run, civ_agent a, bool *released, civ_error *err)
{
  uint32_t number;
  civ_status st = need_lever_and_agent(run, civ_lever_security.name, a, &number, err);
  if (st == CIV_OK)
    st = need_running(run, err);
  if (st == CIV_OK)
    st = make_room(run, err);
  if (st != CIV_OK)
    return st;
  const uint32_t breaker = find_lever(run, civ_lever_circuit_breaker.name);
  const bool held =
      breaker != CIV_NONE && civ_circuit_breaker_status(run->levers[breaker].self, a).freeze_until_epoch >= 0;
  civ_effect_clear(&run->effect);
  run->effect.lever = number;
  const bool was = civ_security_release(run->levers[number].self, a, held, &run->effect);
  civ_sim_apply_effect(run);
  if (released)
    *released = was;
  return CIV_OK;
}

civ_status civ_governance_security_clear(civ_run *run, civ_error *err)
{
  uint32_t number;
  const civ_status st = need_lever(run, civ_lever_security.name, &number, err);
  if (st == CIV_OK)
    civ_monitor_clear(civ_security_monitor(run->levers[number].self));
  return st;
}

civ_status civ_governance_action_at(const civ_run *run, uint32_t k, civ_governance_action *out, uint32_t *n,
                                    civ_error *err)
{
  static const char *const kinds[] = {
    [CIV_CONTAIN_QUARANTINE] = "quarantine", [CIV_CONTAIN_CHAIN] = "contain_chain", [CIV_CONTAIN_RELEASE] = "release"
  };
  uint32_t number, kept;
  uint64_t count;
  const civ_status st = need_lever(run, civ_lever_security.name, &number, err);
  if (st != CIV_OK)
    return st;
  const civ_containment_action *actions =
      civ_monitor_actions(civ_security_monitor(run->levers[number].self), &kept, &count);
  if (n)
    *n = kept;
  if (k >= kept)
    return civ_fail(err, CIV_E_RANGE, "action", "%u is not one of the %u actions kept", k, kept);
  *out = (civ_governance_action){
    .kind = kinds[actions[k].kind], .subject = actions[k].what, .epoch = actions[k].epoch, .score = actions[k].score
  };
  return CIV_OK;
}
