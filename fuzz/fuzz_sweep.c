/* fuzz_sweep.c - any bytes as a sweep file: read or refused with a sentence; what is read is planned or refused likewise, and a
 * plan answers for each of its runs. */
#include <stdlib.h>
#include <string.h>

#include "civitas/scenario.h"
#include "lab/sweep_rows.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libfyaml 0.7 leaks its growing buffer where a long quoted scalar ends in an error. The unit tests look for leaks of ours. */
const char *__lsan_default_suppressions(void)
{
  return "leak:libfyaml\n";
}

static const char scenario[] = "scenario_id: fuzz\nsimulation: {seed: 1}\nagents:\n  - {type: honest, count: 2}\n";

/* Small enough to be planned in no time. */
static bool is_small(const civ_sweep_spec *s)
{
  uint64_t n = s->samples + 1;
  for (uint32_t k = 0; k < s->n_parameters; k++)
    n = n > 64 ? n : n * (s->parameters[k].n + 1);
  return n <= 64 && s->n_configurations <= 16 && s->n_parameters <= 8;
}

static void ask(const civ_sweep_plan *plan)
{
  civ_buffer text = { 0 };
  const uint64_t runs = civ_sweep_plan_runs(plan);
  for (uint64_t k = 0; k < runs && k < 100; k++) {
    const civ_sweep_place place = civ_sweep_plan_place(plan, k);
    if (place.configuration >= civ_sweep_plan_configurations(plan) ||
        place.run_index >= civ_sweep_plan_replicates(plan) || place.seed > INT64_MAX)
      abort();
    civ_sweep_plan_settings(plan, place.configuration, &text);
  }
  if (civ_sweep_plan_baseline(plan) >= civ_sweep_plan_configurations(plan) || strlen(civ_sweep_plan_digest(plan)) != 64)
    abort();
  civ_buffer_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  civ_registry *registry = NULL;
  civ_config *config = NULL;
  civ_sweep_plan *plan = NULL;
  civ_arena arena = civ_arena_create(NULL);
  civ_diagnostics found = { 0 };
  civ_error err = { 0 };
  civ_sweep_spec spec;
  civ_sweep_is_sweep((const char *)data, size);
  if (civ_registry_create_default(&registry, &err) != CIV_OK ||
      civ_scenario_parse(registry, "fuzz.yaml", scenario, sizeof scenario - 1, 0, &config, NULL, &err) != CIV_OK)
    abort();
  const civ_status status = civ_sweep_parse("fuzz.yaml", (const char *)data, size, &arena, &spec, &found, &err);
  if ((status == CIV_OK) != (found.n_errors == 0) || (status != CIV_OK && err.text[0] == '\0'))
    abort();
  if (status == CIV_OK && is_small(&spec)) {
    if (civ_sweep_plan_create(&spec, config, "fuzz.yaml", &plan, &err) == CIV_OK)
      ask(plan);
    else if (err.text[0] == '\0')
      abort();
  }
  civ_sweep_plan_destroy(plan);
  civ_diagnostics_free(&found);
  civ_config_destroy(config);
  civ_registry_destroy(registry);
  civ_arena_destroy(&arena);
  return 0;
}
