#include "lab/log_reports.h"

#include "lab/capability_report.h"
#include "lab/collusion_report.h"
#include "lab/lever_reports.h"
#include "lab/market_report.h"
#include "lab/network_report.h"
#include "lab/security_report.h"

static civ_status no_memory(civ_error *err)
{
  return civ_fail(err, CIV_E_NOMEM, "report", "out of memory");
}

/* A summary that is read and told: the same few lines for every kind. */
#define FOLD_OF(kind, name, summary)                                                                                   \
  static civ_status name(const char *path, uint32_t k, bool strict, const civ_config *config, json_t **out,            \
                         civ_error *err)                                                                               \
  {                                                                                                                    \
    summary s;                                                                                                         \
    const civ_status st = civ_##kind##_read(path, k, strict, config, &s, err);                                         \
    if (st != CIV_OK)                                                                                                  \
      return st;                                                                                                       \
    *out = civ_##kind##_json(&s);                                                                                      \
    civ_##kind##_free(&s);                                                                                             \
    return *out != NULL ? CIV_OK : no_memory(err);                                                                     \
  }
FOLD_OF(market_story, read_market, civ_market_story)
FOLD_OF(capability_summary, read_capabilities, civ_capability_summary)
FOLD_OF(collusion_summary, read_collusion, civ_collusion_summary)
FOLD_OF(security_summary, read_security, civ_security_summary)

static civ_status read_network(const char *path, uint32_t k, bool strict, const civ_config *config, json_t **out,
                               civ_error *err)
{
  civ_network_story story;
  bool complete;
  civ_log_counts counts;
  const civ_replay_target target = { &civ_network_story_sink, &story };
  char *text = NULL;
  size_t length;
  civ_status st = civ_network_story_begin(config, &story, err);
  if (st != CIV_OK)
    return st;
  st = civ_log_replay(path, k, strict, &target, 1, &complete, &counts, err);
  if (st == CIV_OK)
    st = civ_network_story_json(&story, &text, &length, err);
  civ_network_story_free(&story);
  if (st != CIV_OK)
    return st;
  *out = json_loadb(text, length, 0, NULL);
  civ_free(text);
  json_object_del(*out, "network_epochs"); /* the run does not keep them */
  return *out != NULL ? CIV_OK : no_memory(err);
}

static bool has_market(const civ_config *config)
{
  const civ_marketplace_config *market = civ_config_section(config, "marketplace");
  return civ_config_given(config, "marketplace") && market->enabled;
}

static bool has_network(const civ_config *config)
{
  const civ_network_config *network = civ_config_section(config, "network");
  return civ_config_given(config, "network") && network->enabled;
}

static const civ_governance_config *rules_of(const civ_config *config)
{
  return civ_config_section(config, "governance");
}

static bool has_composite(const civ_config *config)
{
  return rules_of(config)->composite_tasks_enabled;
}

static bool has_collusion(const civ_config *config)
{
  return rules_of(config)->collusion_detection_enabled;
}

static bool has_security(const civ_config *config)
{
  return rules_of(config)->security_enabled;
}

static bool has_sybil(const civ_config *config)
{
  return rules_of(config)->sybil_detection_enabled;
}

static bool has_ledger(const civ_config *config)
{
  return rules_of(config)->transparency_enabled;
}

/* In the order in which the parts stand in a run. */
static const struct {
  bool (*on)(const civ_config *config);
  civ_status (*read)(const char *path, uint32_t k, bool strict, const civ_config *config, json_t **out, civ_error *err);
} folds[] = {
  { has_market, read_market },
  { has_composite, read_capabilities },
  { has_network, read_network },
  { has_collusion, read_collusion },
  { has_security, read_security },
  { has_sybil, civ_sybil_report_read },
  { has_ledger, civ_ledger_report_read },
};

civ_status civ_log_reports_read(const char *path, uint32_t k, bool strict, const civ_config *config, json_t **out,
                                civ_error *err)
{
  json_t *all = json_object();
  civ_status st = all != NULL ? CIV_OK : no_memory(err);
  for (size_t i = 0; st == CIV_OK && i < sizeof folds / sizeof *folds; i++) {
    json_t *one = NULL;
    if (!folds[i].on(config))
      continue;
    st = folds[i].read(path, k, strict, config, &one, err);
    if (st == CIV_OK && json_object_update(all, one) != 0)
      st = no_memory(err);
    json_decref(one);
  }
  if (st == CIV_OK)
    *out = all;
  else
    json_decref(all);
  return st;
}
