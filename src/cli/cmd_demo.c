/* cmd_demo.c - civitas demo: a first society, run without any file. */
#include <string.h>

#include "civitas/scenario.h"
#include "cli/cli.h"
#include "cli/interrupt.h"
#include "cli/run_report.h"
#include "cli/run_session.h"

static const char mvp[] = "scenario_id: mvp_demo\n"
                          "description: five agents under the default rules\n"
                          "simulation: {n_epochs: 10, steps_per_epoch: 10, seed: 42}\n"
                          "agents:\n"
                          "  - {type: honest, count: 3}\n"
                          "  - {type: opportunistic, count: 1}\n"
                          "  - {type: deceptive, count: 1}\n"
                          "success_criteria: {min_agents: 5, min_epochs: 10}\n";

const civ_command civ_command_demo = {
  .name = "demo",
  .summary = "run a built-in demonstration",
  .arguments = "mvp",
  .least = 1,
  .most = 1,
  .details = "mvp: three honest agents, an opportunistic and a deceptive one, 10 epochs of 10 steps, seed 42. It "
             "writes no files.",
  .example = "civitas demo mvp",
  .run = civ_cmd_demo,
};

static int run_text(const char *text)
{
  civ_error err = { 0 };
  civ_registry *registry = NULL;
  civ_config *config = NULL;
  civ_diagnostics found = { 0 };
  civ_status status = civ_registry_create_default(&registry, &err);
  if (status == CIV_OK)
    status = civ_scenario_parse(registry, "demo", text, strlen(text), 0, &config, &found, &err);
  civ_diagnostics_free(&found);
  int code = status == CIV_OK ? CIV_EXIT_DONE : civ_cli_fail(&err);
  if (code == CIV_EXIT_DONE) {
    const civ_simulation_config *simulation = civ_config_section(config, "simulation");
    const civ_session_options session = { .threads = 1 };
    const civ_run_manner manner = { .check = true };
    civ_report_head(stdout, config, (uint64_t)simulation->seed.value, 1);
    civ_interrupt_listen();
    code = civ_cli_run_session(config, &session, &manner);
  }
  civ_config_destroy(config);
  civ_registry_destroy(registry);
  return code == CIV_EXIT_DIFFERS ? CIV_EXIT_FAILED : code;
}

int civ_cmd_demo(int argc, char **argv)
{
  int code;
  if (!civ_cli_parse(&civ_command_demo, &argc, argv, NULL, &code))
    return code;
  if (strcmp(argv[1], "mvp") != 0)
    return civ_cli_misuse(&civ_command_demo, "there is no demo '%s'; mvp is one", argv[1]);
  return run_text(mvp);
}
