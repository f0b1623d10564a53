/* Everything this library has built in, entered by the same door as a plug-in's parts. Order of worlds and levers is part of
 * the results. */
#include "agent/policies.h"
#include "civitas/registry.h"
#include "govern/levers.h"
#include "govern/security.h"
#include "govern/sybil_detection.h"
#include "world/worlds.h"

static civ_status add_policies(civ_registry *r, civ_error *err)
{
  static const civ_policy *const policies[] = { &civ_policy_honest, &civ_policy_opportunistic, &civ_policy_deceptive,
                                                &civ_policy_adversarial };
  static const civ_policy *const roles[CIV_ROLES] = { [CIV_PLANNER] = &civ_role_planner,
                                                      [CIV_WORKER] = &civ_role_worker,
                                                      [CIV_VERIFIER] = &civ_role_verifier,
                                                      [CIV_POSTER] = &civ_role_poster,
                                                      [CIV_MODERATOR] = &civ_role_moderator };
  civ_status st = CIV_OK;
  for (size_t k = 0; st == CIV_OK && k < sizeof policies / sizeof *policies; k++)
    st = civ_registry_add_policy(r, policies[k], err);
  for (int k = 0; st == CIV_OK && k < CIV_ROLES; k++)
    st = civ_registry_set_role(r, (civ_role)k, roles[k], err);
  return st;
}

static civ_status add_worlds(civ_registry *r, civ_error *err)
{
  /* Market, composite tasks, network: what ends with an epoch ends in this order. After a completion the network comes before
   * the spillover; the boundary finds the wall when it is made. */
  static const civ_world *const worlds[] = { &civ_world_feed,        &civ_world_tasks,
                                             &civ_world_marketplace, &civ_world_composite_tasks,
                                             &civ_world_network,     &civ_world_permeability,
                                             &civ_world_boundaries };
  civ_status st = CIV_OK;
  for (size_t k = 0; st == CIV_OK && k < sizeof worlds / sizeof *worlds; k++)
    st = civ_registry_add_world(r, worlds[k], err);
  return st;
}

/* An action is checked in this order: allowlist, rate limit, token bucket, spacing and budget. Behind the rails the levers of
 * governance, in the order in which they judge an interaction. */
static civ_status add_levers(civ_registry *r, civ_error *err)
{
  static const civ_lever *const levers[] = {
    &civ_lever_role_allowlist,    &civ_lever_rate_limits,     &civ_lever_token_bucket,      &civ_lever_action_budget,
    &civ_lever_kill_switch,       &civ_lever_transaction_tax, &civ_lever_reputation_decay,  &civ_lever_staking,
    &civ_lever_circuit_breaker,   &civ_lever_random_audit,    &civ_lever_collusion_penalty, &civ_lever_security,
    &civ_lever_sybil_detection,   &civ_lever_bandwidth_cap,   &civ_lever_transparency,      &civ_lever_moderator,
    &civ_lever_vote_normalization
  };
  civ_status st = CIV_OK;
  for (size_t k = 0; st == CIV_OK && k < sizeof levers / sizeof *levers; k++)
    st = civ_registry_add_lever(r, levers[k], err);
  return st;
}

civ_status civ_registry_create_default(civ_registry **out, civ_error *err)
{
  civ_registry *r = civ_registry_create();
  if (!r)
    return civ_fail(err, CIV_E_NOMEM, "registry", "out of memory while listing the built-in parts");
  civ_status st = add_policies(r, err);
  if (st == CIV_OK)
    st = add_worlds(r, err);
  if (st == CIV_OK)
    st = add_levers(r, err);
  if (st == CIV_OK)
    st = civ_registry_set_generator(r, &civ_generator_reference, err);
  if (st != CIV_OK) {
    civ_registry_destroy(r);
    return st;
  }
  *out = r;
  return CIV_OK;
}
