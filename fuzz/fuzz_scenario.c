/* fuzz_scenario.c - any bytes as a scenario: a config or clear complaints, and a config that reads back as itself. */
#include <stdlib.h>
#include <string.h>

#include "civitas/civitas.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_config(const civ_config *config)
{
  civ_config *copy = NULL;
  civ_error err;
  char digest[65], again[65];
  if (civ_config_copy(config, &copy, &err) != CIV_OK)
    return;
  if (civ_config_sha256(config, digest, &err) == CIV_OK && civ_config_sha256(copy, again, &err) == CIV_OK &&
      strcmp(digest, again) != 0)
    abort(); /* a copy must be the same configuration */
  civ_config_destroy(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  civ_registry *registry = NULL;
  civ_error err;
  if (civ_registry_create_default(&registry, &err) != CIV_OK)
    abort();
  for (uint32_t flags = 0; flags <= CIV_LOAD_LENIENT; flags += CIV_LOAD_LENIENT) {
    civ_config *config = NULL;
    civ_diagnostics found = { 0 };
    civ_status status =
        civ_scenario_parse(registry, "fuzz.yaml", (const char *)data, size, flags, &config, &found, &err);
    if ((status == CIV_OK) != (config != NULL) || (status != CIV_OK && status != CIV_E_NOMEM && found.n_errors == 0))
      abort(); /* either a config, or at least one complaint */
    if (status != CIV_OK && err.text[0] == '\0')
      abort();
    if (config != NULL)
      check_config(config);
    civ_config_destroy(config);
    civ_diagnostics_free(&found);
  }
  civ_registry_destroy(registry);
  return 0;
}
