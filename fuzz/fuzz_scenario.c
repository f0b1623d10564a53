/* fuzz_scenario.c - any bytes as a scenario: a config or clear complaints, and a config that reads back as itself. */
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

/* What is printed of a config must read back to it, as YAML and as JSON. */
static void check_printed(const civ_registry *registry, const civ_config *config)
{
  char digest[65], again[65], *texts[2] = { NULL, NULL };
  size_t lengths[2];
  civ_error err;
  if (civ_config_sha256(config, digest, &err) != CIV_OK ||
      civ_config_dump(config, &texts[0], &lengths[0], &err) != CIV_OK ||
      civ_config_json(config, &texts[1], &lengths[1], &err) != CIV_OK)
    abort();
  for (int k = 0; k < 2; k++) {
    civ_config *read = NULL;
    if (civ_scenario_parse(registry, "again", texts[k], lengths[k], CIV_LOAD_ALLOW_EMPTY, &read, NULL, &err) !=
            CIV_OK ||
        civ_config_sha256(read, again, &err) != CIV_OK || strcmp(digest, again) != 0)
      abort();
    civ_config_destroy(read);
    civ_free(texts[k]);
  }
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
    if (config != NULL) {
      check_config(config);
      check_printed(registry, config);
    }
    civ_config_destroy(config);
    civ_diagnostics_free(&found);
  }
  civ_registry_destroy(registry);
  return 0;
}
