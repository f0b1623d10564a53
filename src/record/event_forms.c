/* event_forms.c - the forms of all built-in events: the one place where their members and order are said. */
#include "civitas/event.h"

#include <string.h>

/* clang-format off */
#define ES (CIV_FORM_EPOCH | CIV_FORM_STEP)
#define PAIR (CIV_FORM_INTERACTION | CIV_FORM_INITIATOR | CIV_FORM_COUNTERPARTY)
#define MEMBERS(...) (const civ_member[]){ __VA_ARGS__, { NULL, 0, false } }

#define REAL(name_) { name_, CIV_MEMBER_REAL, false }
#define INTEGER(name_) { name_, CIV_MEMBER_INTEGER, false }
#define OPT_INTEGER(name_) { name_, CIV_MEMBER_OPT_INTEGER, false }
#define BOOLEAN(name_) { name_, CIV_MEMBER_BOOLEAN, false }
#define TEXT(name_) { name_, CIV_MEMBER_TEXT, false }
#define JSON(name_) { name_, CIV_MEMBER_JSON, false }
#define OPEN(name_) { name_, CIV_MEMBER_OPEN, false }
#define CLOSE { "", CIV_MEMBER_CLOSE, false }

#define OBSERVABLES \
  REAL("task_progress_delta"), INTEGER("rework_count"), INTEGER("verifier_rejections"), INTEGER("tool_misuse_flags"), \
    REAL("counterparty_engagement_delta")
/* clang-format on */

const civ_event_form civ_event_forms[CIV_EVENT_BUILT_IN] = {
  [CIV_EVENT_LOG_OPENED] = { "log_opened", 0,
                             MEMBERS(INTEGER("format_version"), TEXT("engine_version"), INTEGER("results_version"),
                                     INTEGER("rng_version"), TEXT("detail")),
                             "first line of a run" },
  [CIV_EVENT_SIMULATION_STARTED] = { "simulation_started", 0,
                                     MEMBERS(INTEGER("n_epochs"), INTEGER("steps_per_epoch"), INTEGER("n_agents"),
                                             OPT_INTEGER("seed"), { "async", CIV_MEMBER_BOOLEAN, true }, JSON("config"),
                                             TEXT("config_sha256"), TEXT("engine_version")),
                                     "after all agents are registered" },
  [CIV_EVENT_AGENT_CREATED] = { "agent_created", CIV_FORM_AGENT | ES,
                                MEMBERS(TEXT("agent_type"), JSON("roles"), { "policy", CIV_MEMBER_TEXT, true }),
                                "at registration, before simulation_started; epoch 0, step 0" },
  [CIV_EVENT_INTERACTION_PROPOSED] = { "interaction_proposed", PAIR | ES,
                                       MEMBERS(TEXT("interaction_type"), REAL("v_hat"), REAL("p")),
                                       "a proposal is made; v_hat 0.0 and p 0.5 are placeholders" },
  [CIV_EVENT_PROXY_COMPUTED] = { "proxy_computed", PAIR | ES | CIV_FORM_FULL_ONLY,
                                 MEMBERS(OBSERVABLES, REAL("v_hat"), REAL("p")),
                                 "an answered proposal was measured; detail full only" },
  [CIV_EVENT_INTERACTION_ACCEPTED] = { "interaction_accepted", PAIR | ES, MEMBERS(REAL("p"), TEXT("decided_in")),
                                       "the counterparty accepted; first event of a completion" },
  [CIV_EVENT_INTERACTION_REJECTED] = { "interaction_rejected", PAIR | ES, MEMBERS(REAL("p"), TEXT("decided_in")),
                                       "the counterparty refused; first event of a completion" },
  [CIV_EVENT_GOVERNANCE_COST_APPLIED] = { "governance_cost_applied", PAIR | ES,
                                          MEMBERS(REAL("cost_a"), REAL("cost_b"), JSON("levers")),
                                          "a completion with a cost above 0; levers lists the contributing ones" },
  [CIV_EVENT_REPUTATION_UPDATED] = { "reputation_updated", CIV_FORM_AGENT | ES,
                                     MEMBERS(REAL("old_reputation"), REAL("new_reputation"), REAL("delta"),
                                             TEXT("reason")),
                                     "reputation moved; reason is interaction_outcome or governance" },
  [CIV_EVENT_TRANSFER_EXECUTED] = { "transfer_executed", PAIR | ES, MEMBERS(REAL("amount")),
                                    "an agreed transfer moved resources" },
  [CIV_EVENT_INTERACTION_COMPLETED] = { "interaction_completed", CIV_FORM_INTERACTION | ES,
                                        MEMBERS(BOOLEAN("accepted"), REAL("payoff_initiator"),
                                                REAL("payoff_counterparty")),
                                        "a completion, accepted or refused" },
  [CIV_EVENT_PAYOFF_COMPUTED] = { "payoff_computed", PAIR | ES,
                                  MEMBERS(REAL("payoff_initiator"), REAL("payoff_counterparty"), OPEN("components"),
                                          REAL("p"), REAL("v_hat"), REAL("tau"), BOOLEAN("accepted"), REAL("c_a"),
                                          REAL("c_b"), REAL("r_a"), REAL("r_b"), OBSERVABLES, CLOSE),
                                  "right after interaction_completed: everything the payoffs were made from" },
  [CIV_EVENT_AGENT_STATE_UPDATED] = { "agent_state_updated", CIV_FORM_AGENT | ES,
                                      MEMBERS(TEXT("agent_id"), TEXT("agent_type"), REAL("reputation"),
                                              REAL("resources"), INTEGER("interactions_initiated"),
                                              INTEGER("interactions_received"), INTEGER("interactions_accepted"),
                                              INTEGER("interactions_rejected"), REAL("total_payoff"),
                                              REAL("average_p_initiated"), REAL("average_p_received"),
                                              TEXT("true_type"), BOOLEAN("frozen")),
                                      "each agent in index order at the end of the run; in full also at epoch ends" },
  [CIV_EVENT_AGENT_FROZEN] = { "agent_frozen", CIV_FORM_AGENT | ES, MEMBERS(TEXT("lever"), OPT_INTEGER("until_epoch")),
                               "an agent became frozen" },
  [CIV_EVENT_AGENT_UNFROZEN] = { "agent_unfrozen", CIV_FORM_AGENT | ES,
                                 MEMBERS(TEXT("lever"), OPT_INTEGER("until_epoch")), "an agent is free again" },
  [CIV_EVENT_ACTION_REFUSED] = { "action_refused", CIV_FORM_AGENT | ES, MEMBERS(TEXT("action_type"), TEXT("reason")),
                                 "a safety rail or lever refused an action" },
  [CIV_EVENT_SIMULATION_PAUSED] = { "simulation_paused", CIV_FORM_EPOCH, MEMBERS(TEXT("reason"), REAL("value")),
                                    "the kill switch or a lever stopped the run after this epoch" },
  [CIV_EVENT_STEP_COMPLETED] = { "step_completed", ES, MEMBERS({ "digest", CIV_MEMBER_DIGEST, false }),
                                 "after every step: digest of the whole state" },
  [CIV_EVENT_EDGE_PRUNED] = { "edge_pruned", CIV_FORM_EPOCH, MEMBERS(INTEGER("count")),
                              "just before epoch_completed, if decay removed edges" },
  [CIV_EVENT_EPOCH_COMPLETED] = { "epoch_completed", CIV_FORM_EPOCH | CIV_FORM_FREE_PAYLOAD,
                                  (const civ_member[]){ { NULL, 0, false } }, "end of an epoch: its metrics" },
  [CIV_EVENT_SIMULATION_ENDED] = { "simulation_ended", 0,
                                   MEMBERS(INTEGER("total_epochs"), JSON("final_metrics"),
                                           { "totals", CIV_MEMBER_JSON, true }),
                                   "the end of a run" },
};

const char *const civ_event_part_names[] = {
  "bounty_posted",
  "bid_placed",
  "bid_accepted",
  "bid_rejected",
  "escrow_created",
  "escrow_released",
  "escrow_refunded",
  "dispute_filed",
  "dispute_resolved",
  "bid_withdrawn",
  "bounty_expired",
  "wash_trade_flagged",
  "auction_started",
  "auction_bid",
  "auction_completed",
  "mission_proposed",
  "mission_joined",
  "mission_completed",
  "mission_failed",
  "spillover_detected",
  "permeability_adjusted",
  "hfn_tick",
  "flash_crash_detected",
  "hfn_halt",
  "identity_created",
  "credential_issued",
  "sybil_detected",
  "stake_slashed",
  "ledger_entry",
  "moderation_review",
  "collusion_report",
  "security_report",
  "agent_quarantined",
  "agent_released",
  "security_trust",
  "composite_task_created",
  "composite_task_joined",
  "subtask_claimed",
  "subtask_completed",
  "composite_task_completed",
  "composite_task_expired",
  "boundary_crossing",
  "boundary_blocked",
  "leakage_detected",
  "network_agent_disconnected",
  "polity_snapshot",
  "proposal_created",
  "vote_cast",
  "transfer",
  "vote_closed",
  "vote_suspended",
  "proposal_passed",
  "proposal_failed",
  "spend_paid",
  "amendment_applied",
  "amendment_lapsed",
  "disenfranchised",
  "enfranchised",
  "role_granted",
  "role_ended",
  "breach_recorded",
  "floor_top_up",
  "floor_breached",
  NULL,
};

uint16_t civ_event_type_of(const char *name)
{
  for (uint16_t t = 0; t < CIV_EVENT_BUILT_IN; t++)
    if (strcmp(civ_event_forms[t].name, name) == 0)
      return t;
  for (const char *const *part = civ_event_part_names; *part != NULL; part++)
    if (strcmp(*part, name) == 0)
      return CIV_EVENT_OF_PART;
  return CIV_EVENT_UNKNOWN;
}
