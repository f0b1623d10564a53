#include "cli/scenario_input.h"

#include <stdlib.h>
#include <string.h>

#include "cli/terminal.h"

void civ_cli_print_diagnostics(const civ_diagnostics *found)
{
  for (uint32_t k = 0; k < found->n; k++) {
    char text[2048];
    civ_diagnostic_format(&found->items[k], text, sizeof text);
    const civ_style style = found->items[k].severity == CIV_ERROR     ? CIV_RED
                            : found->items[k].severity == CIV_WARNING ? CIV_YELLOW
                                                                      : CIV_DIM;
    fprintf(stderr, "%s%s%s\n", civ_terminal_style(stderr, style), text, civ_terminal_style(stderr, CIV_PLAIN));
  }
  if (found->dropped > 0)
    fprintf(stderr, "... and %u more\n", found->dropped);
}

int civ_cli_override(civ_config *config, const char *path, const char *value)
{
  civ_error err = { 0 };
  return civ_config_set(config, path, value, CIV_ORIGIN_OVERRIDE, &err) == CIV_OK ? CIV_EXIT_DONE : civ_cli_fail(&err);
}

static int apply(civ_config *config, const civ_texts *overrides)
{
  int code = CIV_EXIT_DONE;
  for (uint32_t k = 0; code == CIV_EXIT_DONE && k < overrides->n; k++) {
    const char *text = overrides->items[k], *equals = strchr(text, '=');
    if (equals == NULL || equals == text) {
      civ_cli_error("--override takes PATH=VALUE, such as payoff.theta=0.4, not '%s'", text);
      return CIV_EXIT_MISUSED;
    }
    char *path = strndup(text, (size_t)(equals - text));
    if (path == NULL) {
      civ_cli_error("out of memory");
      return CIV_EXIT_FAILED;
    }
    code = civ_cli_override(config, path, equals + 1);
    free(path);
  }
  return code;
}

static int load(civ_scenario_input *in, bool lenient)
{
  civ_error err = { 0 };
  civ_diagnostics found = { 0 };
  civ_status status = civ_registry_create_default(&in->registry, &err);
  if (status != CIV_OK)
    return civ_cli_fail(&err);
  status = civ_scenario_load(in->registry, in->path, lenient ? CIV_LOAD_LENIENT : 0u, &in->config, &found, &err);
  civ_cli_print_diagnostics(&found);
  const bool told = found.n_errors > 0;
  civ_diagnostics_free(&found);
  if (status == CIV_OK)
    return CIV_EXIT_DONE;
  return told ? CIV_EXIT_MISUSED : civ_cli_fail(&err);
}

int civ_cli_open_scenario(const char *name, bool reference, bool lenient, const civ_texts *overrides,
                          civ_scenario_input *out)
{
  civ_error err = { 0 };
  civ_scenario_input in = { 0 };
  if (civ_cli_find_scenario(name, reference, &in.path, &err) != CIV_OK)
    return civ_cli_fail(&err);
  int code = load(&in, lenient);
  if (code == CIV_EXIT_DONE && overrides != NULL)
    code = apply(in.config, overrides);
  if (code == CIV_EXIT_DONE)
    *out = in;
  else
    civ_cli_close_scenario(&in);
  return code;
}

void civ_cli_close_scenario(civ_scenario_input *input)
{
  civ_config_destroy(input->config);
  civ_registry_destroy(input->registry);
  free(input->path);
  *input = (civ_scenario_input){ 0 };
}
