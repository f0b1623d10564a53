#include "scenario/sections/sections.h"

#include <math.h>

/* The names of events, and the short ones people write. */
static const char *const actions[] = { "noop",
                                       "post",
                                       "reply",
                                       "vote",
                                       "propose",
                                       "accept",
                                       "reject",
                                       "claim_task",
                                       "submit_output",
                                       "verify_output",
                                       "post_bounty",
                                       "place_bid",
                                       "accept_bid",
                                       "reject_bid",
                                       "withdraw_bid",
                                       "file_dispute",
                                       "propose_interaction",
                                       "accept_interaction",
                                       "reject_interaction",
                                       NULL };

static const char default_allowlists[] =
    "{planner: [post, reply, vote, propose, accept, reject, post_bounty, accept_bid, reject_bid], "
    "worker: [post, reply, vote, propose, accept, reject, claim_task, submit_output, place_bid, withdraw_bid, "
    "file_dispute], "
    "verifier: [vote, accept, reject, verify_output], "
    "poster: [post, reply, vote, accept, reject], "
    "moderator: [post, reply, vote, accept, reject]}";

static const char *const roles[] = { "planner", "worker", "verifier", "poster", "moderator", NULL };

#define MOST 2147483647
#define T    civ_safety_config
static const civ_field fields[] = {
  CIV_BOOLEAN(
      T, kill_switch_enabled, "true",
      "whether pause requests and kill switches work; where it is not given, simulation.enable_kill_switch decides"),
  CIV_OPT_REAL(T, kill_switch_toxicity, "null", 0, 1, "share", "ends the run after an epoch whose toxicity exceeds it",
               .flags = CIV_FIELD_OPEN_MIN),
  CIV_OPT_REAL(T, kill_switch_frozen_fraction, "null", 0, 1, "share",
               "ends the run after an epoch that leaves more than this share of agents frozen",
               .flags = CIV_FIELD_OPEN_MIN),
  CIV_OPT_REAL(T, token_bucket_capacity, "null", 0, INFINITY, "actions",
               "actions an agent can save up; each action costs one token; null = no bucket",
               .flags = CIV_FIELD_OPEN_MIN),
  CIV_REAL(T, token_bucket_refill, "0", 0, INFINITY, "actions", "tokens every agent gets before each step"),
  CIV_OPT_REAL(T, budget_per_epoch, "null", 0, INFINITY, "credits",
               "what one agent may spend on actions in an epoch; null = no budget"),
  { .name = "action_costs",
    .unit = "credits",
    .kind = CIV_FIELD_MAP_REAL,
    .choices = actions,
    .min = 0,
    .max = INFINITY,
    .fallback = "{post: 1, reply: 1, propose: 1, vote: 0.1}",
    .flags = CIV_FIELD_MERGE,
    .offset = CIV_FIELD_AT(T, action_costs),
    .doc = "what actions cost of the budget; actions not named keep their cost, which is 0 unless listed" },
  CIV_INTEGER(T, min_steps_between_posts, "0", 0, MOST, "steps", "steps between two posts or replies of one agent"),
  CIV_BOOLEAN(T, enforce_role_allowlists, "false", "refuses actions that no role of the agent allows"),
  { .name = "role_allowlists",
    .unit = "",
    .kind = CIV_FIELD_MAP_LIST,
    .choices = roles,
    .fallback = default_allowlists,
    .flags = CIV_FIELD_MERGE,
    .offset = CIV_FIELD_AT(T, role_allowlists),
    .doc = "actions each role may take; roles not named keep their list; doing nothing is always allowed" },
};
#undef T

const civ_section civ_safety_section = { .name = "safety",
                                         .doc = "Rails for runs that must not get out of hand; all off by default.",
                                         .chapter = "runtime",
                                         CIV_FIELDS(fields),
                                         .size = sizeof(civ_safety_config) };
