#include "scenario/sections/sections.h"

#include <math.h>

#define MOST 2147483647
static const char *const policies[] = {
  "honest", "opportunistic", "deceptive", "adversarial", "adaptive", "llm", NULL
};
static const char *const methods[] = { "proportional_response", "tatonnement", NULL };
static const char *const endowment_modes[] = { "equal", "reputation", NULL };

typedef struct auction_policy {
  double exchange_probability;
  double offered_share;
} auction_policy;

#define T auction_policy
static const civ_field auction_policy_fields[] = {
  CIV_REAL(T, exchange_probability, "0", 0, 1, "probability", "chance of a proposal after an auction"),
  CIV_REAL(T, offered_share, "0", -INFINITY, INFINITY, "share", "part of the fair transfer that is offered"),
};
#undef T

static const civ_section civ_auction_policy_section = { .name = "auction.policies.*",
                                                        .doc = "Trade after an auction by one policy.",
                                                        .chapter = "auction",
                                                        CIV_FIELDS(auction_policy_fields),
                                                        .size = sizeof(auction_policy) };

typedef struct auction_config {
  bool enabled;
  double initial_endowment;
  int64_t max_rounds;
  double price_adjustment_rate;
  double convergence_tolerance;
  double envy_tolerance;
  int32_t method;
  int64_t interval_epochs;
  civ_real_map resources;
  bool supply_per_agent;
  double valuation_min;
  double valuation_max;
  int32_t endowment_mode;
  double reputation_weight;
  bool exchange;
  double exchange_transfer_scale;
  double utility_credit;
  bool log_bids;
  civ_tree policies;
} auction_config;

#define T auction_config
static const civ_field auction_config_fields[] = {
  CIV_BOOLEAN(T, enabled, "true", "false switches the section off"),
  CIV_REAL(T, initial_endowment, "100.0", 0, INFINITY, "tokens", "budget of a bidder", .flags = CIV_FIELD_OPEN_MIN),
  CIV_INTEGER(T, max_rounds, "50", 1, MOST, "rounds", "rounds before the auction gives up"),
  CIV_REAL(T, price_adjustment_rate, "0.1", 0, 1, "share", "how fast prices follow excess demand",
           .flags = CIV_FIELD_OPEN_MIN),
  CIV_REAL(T, convergence_tolerance, "0.01", 0, INFINITY, "share", "excess demand that counts as none",
           .flags = CIV_FIELD_OPEN_MIN),
  CIV_REAL(T, envy_tolerance, "0.05", 0, INFINITY, "utility", "envy that counts as none"),
  CIV_CHOICE(T, method, "proportional_response", methods, "how prices are found"),
  CIV_INTEGER(T, interval_epochs, "1", 1, MOST, "epochs", "epochs from one auction to the next"),
  { .name = "resources",
    .unit = "units",
    .kind = CIV_FIELD_MAP_REAL,
    .fallback = "{compute: 5, data: 10, bandwidth: 7.5}",
    .choices = NULL,
    .min = 0,
    .max = INFINITY,
    .offset = CIV_FIELD_AT(T, resources),
    .doc = "what is auctioned, with its supply",
    .flags = CIV_FIELD_OPEN_MIN | CIV_FIELD_NON_EMPTY },
  CIV_BOOLEAN(T, supply_per_agent, "true", "supplies are multiplied by the number of bidders"),
  CIV_REAL(T, valuation_min, "0.5", 0, INFINITY, "", "least an agent values a unit"),
  CIV_REAL(T, valuation_max, "2.0", 0, INFINITY, "", "most an agent values a unit"),
  CIV_CHOICE(T, endowment_mode, "equal", endowment_modes, "whether reputation decides the budget"),
  CIV_REAL(T, reputation_weight, "0.5", 0, 1, "share", "how much it decides"),
  CIV_BOOLEAN(T, exchange, "true", "agents trade after an auction"),
  CIV_REAL(T, exchange_transfer_scale, "0.1", 0, INFINITY, "", "size of transfers in that trade"),
  CIV_REAL(T, utility_credit, "0.05", 0, INFINITY, "credits", "resources per point of utility at the end of an epoch"),
  CIV_BOOLEAN(T, log_bids, "false", "bids are written to the event log"),
  { .name = "policies",
    .unit = "",
    .kind = CIV_FIELD_TREE,
    .fallback = "null",
    .offset = CIV_FIELD_AT(T, policies),
    .doc = "numbers by policy; null = the built-in table",
    .items = &civ_auction_policy_section,
    .flags = CIV_FIELD_NAMED,
    .choices = policies },
};
#undef T

const civ_section civ_auction_section = { .name = "auction",
                                          .doc = "An auction of resources that aims at freedom from envy.",
                                          .chapter = "auction",
                                          CIV_FIELDS(auction_config_fields),
                                          .size = sizeof(auction_config),
                                          .absent_is_off = true,
                                          .part = "auction" };
