/* program.c - what a user's first program looks like: compiled against the installed library, as C11 and as C++17. */
#include <civitas/civitas.h>
#include <stdio.h>
#include <string.h>

static const char scenario[] = "scenario_id: first\n"
                               "simulation: {n_epochs: 5, steps_per_epoch: 10, seed: 1}\n"
                               "agents:\n"
                               "  - {type: honest, count: 3}\n"
                               "  - {type: deceptive, count: 1}\n";

int main(void)
{
  civ_registry *registry = NULL;
  civ_config *config = NULL;
  civ_run *run = NULL;
  civ_error err;
  civ_diagnostics found;
  civ_run_options options;
  civ_end end;
  civ_result result;
  memset(&found, 0, sizeof found);
  memset(&options, 0, sizeof options);
  civ_status status = civ_registry_create_default(&registry, &err);
  if (status == CIV_OK)
    status = civ_scenario_parse(registry, "first.yaml", scenario, sizeof scenario - 1, 0, &config, &found, &err);
  if (status == CIV_OK)
    status = civ_run_create(config, &options, &run, &err);
  if (status == CIV_OK)
    status = civ_run_all(run, &end, &err);
  if (status == CIV_OK)
    status = civ_run_result(run, &result, &err);
  if (status == CIV_OK)
    printf("civitas %s: %u epochs, %u agents\n", civ_version(), (unsigned)result.epochs,
           (unsigned)result.population->n);
  else
    fprintf(stderr, "%s: %s\n", err.where, err.text);
  civ_run_destroy(run);
  civ_config_destroy(config);
  civ_diagnostics_free(&found);
  civ_registry_destroy(registry);
  return status == CIV_OK ? 0 : 1;
}
