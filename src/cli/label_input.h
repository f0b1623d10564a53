/* label_input.h - what the commands label, metrics and fixture share: a file or standard input read whole, and sections of
 * numbers set from the command line. */
#ifndef CIV_CLI_LABEL_INPUT_H
#define CIV_CLI_LABEL_INPUT_H

#include <jansson.h>

#include "civitas/label.h"
#include "civitas/metrics.h"
#include "civitas/payoff.h"

/* The rules a command works by; all at their defaults to begin with. */
typedef struct civ_cli_rules {
  civ_proxy_config proxy;
  civ_proxy_weights weights;
  civ_payoff_config payoff;
  civ_metrics_config metrics;
} civ_cli_rules;

civ_cli_rules civ_cli_rules_default(void);
/* Sets one value from "payoff.h=3", checked like the same text in a scenario file; paths of sections proxy, proxy.weights,
 * payoff and metrics. CIV_E_SYNTAX without "=", CIV_E_KEY with the nearest known path, CIV_E_TYPE, CIV_E_RANGE. */
CIV_MUST_CHECK civ_status civ_cli_rules_override(civ_cli_rules *rules, const char *setting, civ_error *err);
/* All of `n` settings in order; payoff.sigmoid_k counts as proxy.sigmoid_k. */
CIV_MUST_CHECK civ_status civ_cli_rules_set(civ_cli_rules *rules, const char *const *settings, uint32_t n,
                                            civ_error *err);

/* Takes the same sections from a configuration as JSON, sections nested by name (as logs carry it); what it does not have
 * stays. NULL changes nothing. CIV_E_RANGE for a value outside its range. */
CIV_MUST_CHECK civ_status civ_cli_rules_from_config(civ_cli_rules *rules, const json_t *config, civ_error *err);

/* The whole of a file, or of standard input for "-". Free with free. */
CIV_MUST_CHECK civ_status civ_cli_read_input(const char *path, char **text, size_t *length, civ_error *err);

#endif
