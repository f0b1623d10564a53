/* cmd_dump_config.c - the configuration a run would have: every key, and where its value comes from. */
#include <stdio.h>

#include "civitas/scenario.h"
#include "cli/cli.h"
#include "cli/scenario_input.h"

typedef struct dump_options {
  civ_texts overrides;
  bool reference, lenient, json;
} dump_options;

static const civ_option options[] = {
  CIV_OPTION_TEXTS_(dump_options, overrides, 0, "override", "PATH=VALUE", "set one key, as in a scenario file"),
  CIV_OPTION_FLAG_(dump_options, reference, 0, "reference", "take the scenario's reference variant"),
  CIV_OPTION_FLAG_(dump_options, lenient, 0, "lenient", "unknown keys are warnings"),
  CIV_OPTION_FLAG_(dump_options, json, 0, "json", "print the canonical JSON that logs and results carry"),
  { 0 },
};

const civ_command civ_command_dump_config = {
  .name = "dump-config",
  .summary = "print the whole configuration of a scenario, with the origin of every value",
  .arguments = "SCENARIO",
  .least = 1,
  .most = 1,
  .options = options,
  .options_size = sizeof(dump_options),
  .details =
      "The output is a scenario file itself: it loads again to the same configuration. The comment behind a key\n"
      "says where its value comes from: default, file:LINE, override, or preset.",
  .example = "civitas dump-config baseline --override payoff.theta=0.4 > mine.yaml",
  .run = civ_cmd_dump_config,
};

static int dump(const civ_config *config, bool json)
{
  char *text;
  size_t length;
  civ_error err = { 0 };
  const civ_status status =
      json ? civ_config_json(config, &text, &length, &err) : civ_config_dump(config, &text, &length, &err);
  if (status != CIV_OK)
    return civ_cli_fail(&err);
  const bool written =
      fwrite(text, 1, length, stdout) == length && (!json || putchar('\n') != EOF) && fflush(stdout) == 0;
  civ_free(text);
  if (!written)
    civ_cli_error("cannot write to standard output");
  return written ? CIV_EXIT_DONE : CIV_EXIT_FAILED;
}

int civ_cmd_dump_config(int argc, char **argv)
{
  dump_options o = { 0 };
  civ_scenario_input in;
  int code;
  if (!civ_cli_parse(&civ_command_dump_config, &argc, argv, &o, &code))
    return code;
  code = civ_cli_open_scenario(argv[1], o.reference, o.lenient, &o.overrides, &in);
  if (code == CIV_EXIT_DONE) {
    code = dump(in.config, o.json);
    civ_cli_close_scenario(&in);
  }
  civ_texts_free(&o.overrides);
  return code;
}
