#include "scenario/sections/llm.h"

#include <math.h>

#include "scenario/sections/sections.h"

/* --- one agent's block ------------------------------------------------------------------------------------------------ */

static const char *const providers[] = { "anthropic", "openai", "ollama", NULL };
static const char *const personas[] = { "honest", "strategic", "adversarial", "open", NULL };
static const char *const omitted[] = { "omit", NULL };
static const char *const structured[] = { "none", "json", "schema", "tool", "auto", NULL };
static const char *const profiles[] = { "persona", "honest", "opportunistic", "deceptive", "adversarial", NULL };

#define MOST 2147483647

typedef struct agent_llm {
  int32_t provider;
  const char *model;
  int32_t persona;
  civ_opt_real temperature;
  int64_t max_tokens;
  double timeout;
  int64_t max_retries;
  double retry_base_delay;
  const char *base_url, *api_key, *system_prompt;
  bool cost_tracking;
  int32_t structured_output, observable_profile;
  civ_tree provider_options;
} agent_llm;

#define T agent_llm
static const civ_field agent_fields[] = {
  CIV_CHOICE(T, provider, "anthropic", providers, "who serves the model", .flags = CIV_FIELD_ANY_CASE),
  CIV_TEXT(T, model, "null", "name of the model; null = the provider's default", .flags = CIV_FIELD_NON_EMPTY),
  CIV_CHOICE(T, persona, "open", personas, "character the prompts give the agent", .flags = CIV_FIELD_ANY_CASE),
  CIV_OPT_REAL(T, temperature, "0.7", 0, 2, "", "randomness of replies; anthropic takes up to 1; omit = not sent",
               .choices = omitted),
  CIV_INTEGER(T, max_tokens, "512", 1, MOST, "tokens", "longest reply"),
  CIV_REAL(T, timeout, "30.0", 0, INFINITY, "seconds", "how long to wait for a reply", .flags = CIV_FIELD_OPEN_MIN),
  CIV_INTEGER(T, max_retries, "3", 0, MOST, "", "attempts after the first"),
  CIV_REAL(T, retry_base_delay, "1.0", 0, INFINITY, "seconds", "first pause between attempts; it doubles"),
  CIV_TEXT(T, base_url, "null", "address of the service; null = the provider's own"),
  CIV_TEXT(T, api_key, "null", "key of the service; better kept in the environment", .flags = CIV_FIELD_SECRET),
  CIV_TEXT(T, system_prompt, "null", "replaces the text of the persona"),
  CIV_BOOLEAN(T, cost_tracking, "true", "whether tokens and costs are added up"),
  CIV_CHOICE(T, structured_output, "auto", structured, "how the form of replies is asked for"),
  CIV_CHOICE(T, observable_profile, "persona", profiles, "which profile the agent's observables follow"),
  CIV_TREE(T, provider_options, "further members of the request, passed through"),
};
#undef T

const civ_section civ_agent_llm_section = { .name = "agents[].llm",
                                            .doc = "The language model behind one group of agents.",
                                            .chapter = "llm",
                                            CIV_FIELDS(agent_fields),
                                            .size = sizeof(agent_llm) };

/* --- the run's block -------------------------------------------------------------------------------------------------- */

static const char *const roles[] = { "planner", "worker", "verifier", "poster", "moderator", NULL };
static const char *const purposes[] = { "act", "accept", NULL };
static const char *const decision_modes[] = { "snapshot_llm", "sequential", "snapshot_all", NULL };
static const char *const mismatches[] = { "strict", "warn", "ignore", NULL };
static const char *const failures[] = { "noop", "stop", NULL };

typedef struct llm_price {
  double input, output, cached_input;
} llm_price;
static const civ_field price_fields[] = {
  CIV_REAL(llm_price, input, "0", 0, INFINITY, "USD per million tokens", "price of tokens sent"),
  CIV_REAL(llm_price, output, "0", 0, INFINITY, "USD per million tokens", "price of tokens received"),
  CIV_REAL(llm_price, cached_input, "0", 0, INFINITY, "USD per million tokens", "price of tokens sent again"),
};
static const civ_section price_section = { .name = "llm.prices[]",
                                           .doc = "Prices of one model.",
                                           .chapter = "llm",
                                           CIV_FIELDS(price_fields),
                                           .size = sizeof(llm_price) };

typedef struct llm_config {
  civ_tree defaults, roles, purposes;
  int64_t max_concurrency;
  civ_opt_real requests_per_minute, tokens_per_minute;
  int32_t decision_mode;
  const char *record, *replay;
  int32_t replay_mismatch, on_failure;
  int64_t max_consecutive_failures;
  civ_tree prices;
  bool log_text;
} llm_config;

#define T llm_config
static const civ_field fields[] = {
  CIV_TREE(T, defaults, "keys of agents[].llm for all language-model agents", .items = &civ_agent_llm_section,
           .flags = CIV_FIELD_ONE),
  CIV_TREE(T, roles, "the same by primary role", .items = &civ_agent_llm_section, .flags = CIV_FIELD_NAMED,
           .choices = roles),
  CIV_TREE(T, purposes, "the same by kind of decision", .items = &civ_agent_llm_section, .flags = CIV_FIELD_NAMED,
           .choices = purposes),
  CIV_INTEGER(T, max_concurrency, "8", 1, 256, "requests", "requests in flight to one service"),
  CIV_OPT_REAL(T, requests_per_minute, "null", 0, INFINITY, "requests", "limit per service; null = none",
               .flags = CIV_FIELD_OPEN_MIN),
  CIV_OPT_REAL(T, tokens_per_minute, "null", 0, INFINITY, "tokens", "limit per service; null = none",
               .flags = CIV_FIELD_OPEN_MIN),
  CIV_CHOICE(T, decision_mode, "snapshot_llm", decision_modes, "who decides on the state at the start of the step"),
  CIV_TEXT(T, record, "null", "file to which requests and replies are recorded; null = none"),
  CIV_TEXT(T, replay, "null", "file from which replies are taken instead of a service; null = none"),
  CIV_CHOICE(T, replay_mismatch, "strict", mismatches, "what happens when a request differs from the recorded one"),
  CIV_CHOICE(T, on_failure, "noop", failures, "after the last attempt: the agent does nothing, or the run ends"),
  CIV_INTEGER(T, max_consecutive_failures, "10", 0, MOST, "",
              "failures after which an agent's calls are switched off; 0 = never"),
  CIV_TREE(T, prices, "prices by model, before the built-in ones", .items = &price_section, .flags = CIV_FIELD_NAMED),
  CIV_BOOLEAN(T, log_text, "false", "whether prompts and replies go into the event log"),
};
#undef T

const civ_section civ_llm_section = { .name = "llm",
                                      .doc = "Language-model agents: what holds for the whole run.",
                                      .chapter = "llm",
                                      CIV_FIELDS(fields),
                                      .size = sizeof(llm_config),
                                      .absent_is_off = true };

/* --- budget ----------------------------------------------------------------------------------------------------------- */

static const char *const exhausted[] = { "noop", "stop", NULL };

typedef struct llm_limits {
  civ_opt_real max_cost_usd;
  civ_opt_integer max_requests, max_tokens;
  civ_opt_real max_wall_seconds;
} llm_limits;
#define LIMITS(T)                                                                                                      \
  CIV_OPT_REAL(T, max_cost_usd, "null", 0, INFINITY, "USD", "most that may be spent; null = no limit"),                \
      CIV_OPT_INTEGER(T, max_requests, "null", 0, MOST, "requests", "most requests; null = no limit"),                 \
      CIV_OPT_INTEGER(T, max_tokens, "null", 0, 0x1p53, "tokens", "most tokens sent and received; null = no limit"),   \
      CIV_OPT_REAL(T, max_wall_seconds, "null", 0, INFINITY, "seconds", "longest real time; null = no limit")

static const civ_field per_agent_fields[] = { LIMITS(llm_limits) };
static const civ_section per_agent_section = { .name = "llm.budget.per_agent",
                                               .doc = "The same limits for each agent.",
                                               .chapter = "llm",
                                               CIV_FIELDS(per_agent_fields),
                                               .size = sizeof(llm_limits) };

typedef struct llm_budget {
  civ_opt_real max_cost_usd;
  civ_opt_integer max_requests, max_tokens;
  civ_opt_real max_wall_seconds;
  civ_tree per_agent;
  int32_t on_exhausted;
} llm_budget;

static const civ_field budget_fields[] = {
  LIMITS(llm_budget),
  CIV_TREE(llm_budget, per_agent, "the same limits for each agent", .items = &per_agent_section,
           .flags = CIV_FIELD_ONE),
  CIV_CHOICE(llm_budget, on_exhausted, "noop", exhausted,
             "when a limit is reached: agents do nothing more, or the run stops"),
};
const civ_section civ_llm_budget_section = { .name = "llm.budget",
                                             .doc = "Limits of what language models may use.",
                                             .chapter = "llm",
                                             CIV_FIELDS(budget_fields),
                                             .size = sizeof(llm_budget) };
