#include "scenario/sections/sections.h"

#include <math.h>

#define MOST 2147483647
static const char *const policies[] = {
  "honest", "opportunistic", "deceptive", "adversarial", "adaptive", "llm", NULL
};
static const char *const self_trades[] = { "allow", "prevent", NULL };
static const char *const log_modes[] = { "none", "clearing", "all", NULL };

typedef struct hfn_policy {
  double activity;
  double base_latency_ms;
} hfn_policy;

#define T hfn_policy
static const civ_field hfn_policy_fields[] = {
  CIV_REAL(T, activity, "0.1", 0, 1, "probability", "chance of acting in a tick"),
  CIV_REAL(T, base_latency_ms, "20", 0, INFINITY, "ms", "delay of its orders"),
};
#undef T

static const civ_section civ_hfn_policy_section = { .name = "hfn.policies.*",
                                                    .doc = "Trading by one policy.",
                                                    .chapter = "high-frequency negotiation",
                                                    CIV_FIELDS(hfn_policy_fields),
                                                    .size = sizeof(hfn_policy) };

typedef struct hfn_config {
  bool enabled;
  double tick_duration_ms;
  int64_t max_orders_per_tick;
  double latency_noise_ms;
  bool priority_by_speed;
  int64_t batch_interval_ticks;
  int64_t halt_duration_ticks;
  int64_t ticks_per_step;
  civ_text_list resources;
  double initial_price;
  double fundamental;
  double valuation_noise;
  int64_t order_ttl_ticks;
  double initial_inventory;
  int32_t self_trade;
  double stress_impact;
  double interaction_fraction;
  int32_t log_ticks;
  civ_tree policies;
} hfn_config;

#define T hfn_config
static const civ_field hfn_config_fields[] = {
  CIV_BOOLEAN(T, enabled, "true", "false switches the section off"),
  CIV_REAL(T, tick_duration_ms, "100.0", 0, INFINITY, "ms", "length of a tick", .flags = CIV_FIELD_OPEN_MIN),
  CIV_INTEGER(T, max_orders_per_tick, "10", 1, MOST, "orders", "orders of one agent per tick"),
  CIV_REAL(T, latency_noise_ms, "10.0", 0, INFINITY, "ms", "random part of the delay"),
  CIV_BOOLEAN(T, priority_by_speed, "true", "faster orders go first"),
  CIV_INTEGER(T, batch_interval_ticks, "5", 1, MOST, "ticks", "ticks from one clearing to the next"),
  CIV_INTEGER(T, halt_duration_ticks, "20", 1, MOST, "ticks", "how long a halt lasts"),
  CIV_INTEGER(T, ticks_per_step, "5", 1, MOST, "ticks", "ticks in a step"),
  { .name = "resources",
    .unit = "",
    .kind = CIV_FIELD_LIST,
    .fallback = "[compute]",
    .choices = NULL,
    .offset = CIV_FIELD_AT(T, resources),
    .doc = "what is traded",
    .flags = CIV_FIELD_NON_EMPTY },
  CIV_REAL(T, initial_price, "1.0", 0, INFINITY, "credits", "first price", .flags = CIV_FIELD_OPEN_MIN),
  CIV_REAL(T, fundamental, "1.0", 0, INFINITY, "credits", "fair value", .flags = CIV_FIELD_OPEN_MIN),
  CIV_REAL(T, valuation_noise, "0.02", 0, INFINITY, "", "spread of reservation prices"),
  CIV_INTEGER(T, order_ttl_ticks, "20", 0, MOST, "ticks", "how long orders stay; 0 = for ever"),
  CIV_REAL(T, initial_inventory, "100", 0, INFINITY, "units", "stock of every agent at the start"),
  CIV_CHOICE(T, self_trade, "allow", self_trades, "whether an agent may trade with itself"),
  CIV_REAL(T, stress_impact, "0.6", 0, 1, "", "how much a crash lowers the quality of trades"),
  CIV_REAL(T, interaction_fraction, "1.0", 0, 1, "share", "part of the trades that become interactions"),
  CIV_CHOICE(T, log_ticks, "clearing", log_modes, "which ticks are written to the event log"),
  { .name = "policies",
    .unit = "",
    .kind = CIV_FIELD_TREE,
    .fallback = "null",
    .offset = CIV_FIELD_AT(T, policies),
    .doc = "numbers by policy; null = the built-in table",
    .items = &civ_hfn_policy_section,
    .flags = CIV_FIELD_NAMED,
    .choices = policies },
};
#undef T

const civ_section civ_hfn_section = { .name = "hfn",
                                      .doc = "High-frequency negotiation: an order book with batch clearing.",
                                      .chapter = "high-frequency negotiation",
                                      CIV_FIELDS(hfn_config_fields),
                                      .size = sizeof(hfn_config),
                                      .absent_is_off = true,
                                      .part = "hfn" };

typedef struct hfn_crash_config {
  double price_drop_threshold;
  int64_t window_ticks;
  double volume_spike_factor;
  bool require_volume_spike;
  int64_t rearm_ticks;
  double quality_drop_threshold;
  int64_t quality_min_trades;
  bool halt_on_quality;
} hfn_crash_config;

#define T hfn_crash_config
static const civ_field hfn_crash_config_fields[] = {
  CIV_REAL(T, price_drop_threshold, "0.1", 0, 1, "share", "fall of the price that counts as a crash",
           .flags = CIV_FIELD_OPEN_MIN),
  CIV_INTEGER(T, window_ticks, "10", 2, MOST, "ticks", "window the fall is looked for in"),
  CIV_REAL(T, volume_spike_factor, "3.0", 0, INFINITY, "factor", "volume that counts as a spike",
           .flags = CIV_FIELD_OPEN_MIN),
  CIV_BOOLEAN(T, require_volume_spike, "false", "a crash needs a spike too"),
  CIV_INTEGER(T, rearm_ticks, "0", 0, MOST, "ticks", "ticks before the next crash can be found"),
  CIV_REAL(T, quality_drop_threshold, "0.3", 0, 1, "p", "fall of mean p that counts as a loss of quality",
           .flags = CIV_FIELD_OPEN_MIN),
  CIV_INTEGER(T, quality_min_trades, "5", 1, MOST, "trades", "trades it takes to judge quality"),
  CIV_BOOLEAN(T, halt_on_quality, "false", "a loss of quality halts trading"),
};
#undef T

const civ_section civ_hfn_crash_section = { .name = "hfn.crash",
                                            .doc = "What counts as a flash crash.",
                                            .chapter = "high-frequency negotiation",
                                            CIV_FIELDS(hfn_crash_config_fields),
                                            .size = sizeof(hfn_crash_config) };
