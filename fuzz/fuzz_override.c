/* fuzz_override.c - any bytes as PATH=VALUE: the config changes, or stays byte for byte what it was. */
#include <stdlib.h>
#include <string.h>

#include "civitas/civitas.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libfyaml 0.7 leaks its growing buffer where a long quoted scalar ends in an error. The unit tests look for leaks of ours. */
const char *__lsan_default_suppressions(void)
{
  return "leak:libfyaml\n";
}

static const char scenario[] = "scenario_id: fuzz\nsimulation: {seed: 1}\nagents:\n  - {type: honest, count: 2}\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  civ_registry *registry = NULL;
  civ_config *config = NULL;
  civ_diagnostics found = { 0 };
  civ_error err;
  char before[65], after[65];
  char *text = malloc(size + 1);
  if (text == NULL || civ_registry_create_default(&registry, &err) != CIV_OK ||
      civ_scenario_parse(registry, "fuzz.yaml", scenario, sizeof scenario - 1, 0, &config, &found, &err) != CIV_OK ||
      civ_config_sha256(config, before, &err) != CIV_OK)
    abort();
  memcpy(text, data, size);
  text[size] = '\0';
  char *equals = strchr(text, '=');
  if (equals != NULL)
    *equals = '\0';
  civ_status status = civ_config_set(config, text, equals == NULL ? "" : equals + 1, CIV_ORIGIN_OVERRIDE, &err);
  if (civ_config_sha256(config, after, &err) != CIV_OK || (status != CIV_OK && strcmp(before, after) != 0))
    abort(); /* a refused override must leave the config as it was */
  free(text);
  civ_config_destroy(config);
  civ_diagnostics_free(&found);
  civ_registry_destroy(registry);
  return 0;
}
