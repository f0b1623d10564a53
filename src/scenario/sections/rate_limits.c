#include "scenario/sections/sections.h"

#define MOST 2147483647
#define T    civ_rate_limits_config
static const civ_field fields[] = {
  CIV_OPT_INTEGER(T, posts_per_epoch, "10", 0, MOST, "posts",
                  "posts and replies of one agent in an epoch; null = unlimited"),
  CIV_OPT_INTEGER(T, interactions_per_step, "5", 0, MOST, "proposals",
                  "proposals of one agent in a step; null = unlimited"),
  CIV_OPT_INTEGER(T, votes_per_epoch, "50", 0, MOST, "votes", "votes of one agent in an epoch; null = unlimited"),
  CIV_OPT_INTEGER(T, tasks_per_epoch, "3", 0, MOST, "claims",
                  "tasks one agent may claim in an epoch; null = unlimited"),
  CIV_OPT_INTEGER(T, bounties_per_epoch, "3", 0, MOST, "bounties",
                  "bounties one agent may post in an epoch; null = unlimited"),
  CIV_OPT_INTEGER(T, bids_per_epoch, "5", 0, MOST, "bids", "bids one agent may place in an epoch; null = unlimited"),
  CIV_OPT_INTEGER(T, proposal_ttl_epochs, "null", 1, MOST, "epochs",
                  "how long a proposal may wait for an answer; null = for ever"),
};
#undef T

const civ_section civ_rate_limits_section = { .name = "rate_limits",
                                              .doc = "How often one agent may act.",
                                              .chapter = "runtime",
                                              CIV_FIELDS(fields),
                                              .size = sizeof(civ_rate_limits_config) };
