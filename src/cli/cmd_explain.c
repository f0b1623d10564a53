/* cmd_explain.c - what a key of a scenario file means. */
#include <stdio.h>

#include "civitas/scenario.h"
#include "cli/cli.h"
#include "cli/scenario_input.h"

typedef struct explain_options {
  civ_texts overrides;
  bool markdown;
} explain_options;

static const civ_option options[] = {
  CIV_OPTION_TEXTS_(explain_options, overrides, 0, "override", "PATH=VALUE", "with SCENARIO: set one key first"),
  CIV_OPTION_FLAG_(explain_options, markdown, 0, "markdown", "print the reference of all keys as Markdown"),
  { 0 },
};

const civ_command civ_command_explain = {
  .name = "explain",
  .summary = "say what a key of a scenario file means",
  .arguments = "[PATH [SCENARIO]]",
  .least = 0,
  .most = 2,
  .options = options,
  .options_size = sizeof(explain_options),
  .details =
      "PATH is a key (payoff.theta), a section (payoff), agents, agents.TYPE, or success_criteria; without it all\n"
      "sections are listed. With SCENARIO the value there is shown too, and where it comes from.",
  .example = "civitas explain governance.audit_probability\n"
             "civitas explain payoff baseline\n"
             "civitas explain agents.honest",
  .run = civ_cmd_explain,
};

static int print_and_free(char *text)
{
  const bool written = fputs(text, stdout) >= 0 && fflush(stdout) == 0;
  civ_free(text);
  if (!written)
    civ_cli_error("cannot write to standard output");
  return written ? CIV_EXIT_DONE : CIV_EXIT_FAILED;
}

static int explain(const civ_config *config, const char *path, bool values)
{
  char *text;
  civ_error err = { 0 };
  return civ_explain(config, path, values, &text, &err) == CIV_OK ? print_and_free(text) : civ_cli_fail(&err);
}

/* Without a scenario: the tables alone. */
static int explain_tables(const char *path, bool markdown)
{
  civ_registry *registry;
  civ_config *config;
  civ_error err = { 0 };
  char *text;
  int code;
  if (civ_registry_create_default(&registry, &err) != CIV_OK)
    return civ_cli_fail(&err);
  if (markdown) {
    code = civ_explain_reference(registry, &text, &err) == CIV_OK ? print_and_free(text) : civ_cli_fail(&err);
  } else if (civ_config_create(registry, &config, &err) == CIV_OK) {
    code = explain(config, path, false);
    civ_config_destroy(config);
  } else {
    code = civ_cli_fail(&err);
  }
  civ_registry_destroy(registry);
  return code;
}

int civ_cmd_explain(int argc, char **argv)
{
  explain_options o = { 0 };
  civ_scenario_input in;
  int code;
  if (!civ_cli_parse(&civ_command_explain, &argc, argv, &o, &code))
    return code;
  if (o.markdown && argc > 1)
    code = civ_cli_misuse(&civ_command_explain, "--markdown prints everything; leave PATH out");
  else if (argc < 3)
    code = explain_tables(argc > 1 ? argv[1] : NULL, o.markdown);
  else if ((code = civ_cli_open_scenario(argv[2], false, false, &o.overrides, &in)) == CIV_EXIT_DONE) {
    code = explain(in.config, argv[1], true);
    civ_cli_close_scenario(&in);
  }
  civ_texts_free(&o.overrides);
  return code;
}
