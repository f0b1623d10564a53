#include "scenario/sections/sections.h"

#include <math.h>

#define MOST 2147483647
static const char *const settlements[] = { "none", "on_submission", NULL };

#define T civ_marketplace_config
static const civ_field marketplace_config_fields[] = {
  CIV_BOOLEAN(T, enabled, "true", "false switches the section off"),
  CIV_REAL(T, escrow_fee_rate, "0.02", 0, 1, "share", "fee on escrows that are paid out"),
  CIV_REAL(T, min_bounty_amount, "1.0", 0, INFINITY, "credits", "smallest reward a bounty may offer"),
  CIV_INTEGER(T, max_bids_per_bounty, "10", 1, MOST, "bids", "bids a bounty takes"),
  CIV_INTEGER(T, bid_deadline_epochs, "3", 0, MOST, "epochs", "how long bids are taken", .flags = CIV_FIELD_NO_EFFECT),
  CIV_INTEGER(T, dispute_resolution_epochs, "2", 0, MOST, "epochs", "how long a dispute stays open"),
  CIV_BOOLEAN(T, auto_expire_bounties, "true", "bounties past their deadline are closed and refunded"),
  CIV_REAL(T, dispute_default_split, "0.5", 0, 1, "share",
           "part of the escrow the worker gets from an unresolved dispute"),
  CIV_CHOICE(T, settlement, "none", settlements, "when escrows are paid out in a run"),
  CIV_BOOLEAN(T, reserve_tasks, "false", "tasks of accepted bids are reserved for the bidder"),
};
#undef T

const civ_section civ_marketplace_section = { .name = "marketplace",
                                              .doc = "Bounties, bids, escrow and disputes.",
                                              .chapter = "marketplace",
                                              CIV_FIELDS(marketplace_config_fields),
                                              .size = sizeof(civ_marketplace_config),
                                              .absent_is_off = true,
                                              .part = "marketplace" };
