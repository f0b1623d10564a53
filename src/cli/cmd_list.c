/* cmd_list.c - the scenarios at hand, and the names of sweeps. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "civitas/scenario.h"
#include "cli/cli.h"
#include "cli/paths.h"
#include "cli/table.h"
#include "cli/terminal.h"

typedef struct list_options {
  const char *dir;
  bool json;
} list_options;

static const civ_option options[] = {
  CIV_OPTION_TEXT_(list_options, dir, 0, "dir", "DIR", "look in DIR (./scenarios, then the installed ones)"),
  CIV_OPTION_FLAG_(list_options, json, 0, "json", "print JSON"),
  { 0 },
};

const civ_command civ_command_list = {
  .name = "list",
  .summary = "list the scenarios and sweeps at hand",
  .options = options,
  .options_size = sizeof(list_options),
  .example = "civitas list --json",
  .run = civ_cmd_list,
};

/* --- files -------------------------------------------------------------------------------------------------------------- */

typedef struct paths {
  char **items;
  size_t n;
  bool failed;
} paths;

static int is_scenario(const struct dirent *entry)
{
  const size_t n = strlen(entry->d_name);
  return n > 5 && strcmp(entry->d_name + n - 5, ".yaml") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
  return strcmp((*a)->d_name, (*b)->d_name);
}

static void free_paths(paths *p)
{
  for (size_t k = 0; k < p->n; k++)
    free(p->items[k]);
  free(p->items);
}

/* false: there is no such folder (errno). */
static bool find_files(const char *dir, paths *out)
{
  struct dirent **entries;
  const int n = scandir(dir, &entries, is_scenario, by_name);
  if (n < 0)
    return false;
  out->items = calloc((size_t)n + 1, sizeof *out->items);
  out->failed = out->items == NULL;
  for (int k = 0; k < n; k++) {
    if (!out->failed && asprintf(&out->items[out->n], "%s/%s", dir, entries[k]->d_name) >= 0)
      out->n++;
    else
      out->failed = true;
    free(entries[k]);
  }
  free(entries);
  return true;
}

/* --- what is told of each ------------------------------------------------------------------------------------------------ */

typedef struct summary {
  const char *path;
  civ_config *config; /* NULL: it does not load */
  char fault[512];
  uint64_t agents;
  bool llm;
} summary;

static summary summarise(const civ_registry *registry, const char *path)
{
  summary s = { .path = path };
  civ_error err = { 0 };
  uint32_t n = 0;
  if (civ_scenario_load(registry, path, CIV_LOAD_ALLOW_EMPTY, &s.config, NULL, &err) != CIV_OK) {
    snprintf(s.fault, sizeof s.fault, "does not load: %s", err.text);
    return s;
  }
  const civ_agent_entry *entries = civ_config_agents(s.config, &n);
  for (uint32_t k = 0; k < n; k++) {
    s.agents += entries[k].count;
    s.llm = s.llm || (entries[k].count > 0 && strcmp(entries[k].type, "llm") == 0);
  }
  return s;
}

static void add_row(civ_table *table, const summary *s)
{
  if (!s->config) {
    civ_table_text(table, s->path);
    civ_table_text(table, "-");
    civ_table_text(table, "-");
    civ_table_text(table, "-");
    civ_table_text(table, "");
    civ_table_text(table, s->fault);
    return;
  }
  const civ_scenario_config *top = civ_config_section(s->config, "");
  const civ_simulation_config *simulation = civ_config_section(s->config, "simulation");
  civ_table_text(table, s->path);
  civ_table_text(table, top->scenario_id);
  civ_table_integer(table, (int64_t)s->agents);
  civ_table_integer(table, simulation->n_epochs);
  civ_table_text(table, s->llm ? "yes" : "");
  civ_table_text(table, top->description ? top->description : "");
}

static json_t *tree_of(const summary *s)
{
  if (!s->config)
    return json_pack("{s:s, s:s}", "path", s->path, "error", s->fault);
  const civ_scenario_config *top = civ_config_section(s->config, "");
  const civ_simulation_config *simulation = civ_config_section(s->config, "simulation");
  return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:b}", "path", s->path, "scenario_id", top->scenario_id,
                   "description", top->description ? top->description : "", "motif", top->motif ? top->motif : "",
                   "agents", (json_int_t)s->agents, "epochs", (json_int_t)simulation->n_epochs, "steps_per_epoch",
                   (json_int_t)simulation->steps_per_epoch, "uses_llm", (int)s->llm);
}

/* --- printing ------------------------------------------------------------------------------------------------------------ */

static int print_table(const civ_registry *registry, const paths *files)
{
  static const civ_table_column columns[] = { { "file", false, 0 },  { "id", false, 3 },  { "agents", true, 2 },
                                              { "epochs", true, 2 }, { "LLM", false, 4 }, { "description", false, 5 } };
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof columns[0]);
  if (!table)
    return civ_cli_no_memory();
  for (size_t k = 0; k < files->n; k++) {
    const summary s = summarise(registry, files->items[k]);
    add_row(table, &s);
    civ_config_destroy(s.config);
  }
  const bool printed = civ_table_print(table, stdout, 0, civ_terminal_width(stdout));
  civ_table_destroy(table);
  return printed ? CIV_EXIT_DONE : CIV_EXIT_FAILED;
}

/* One line: names of the sweeps, as 'civitas sweep' takes them. */
static void print_sweeps(void)
{
  paths files = { 0 };
  if (!find_files("sweeps", &files) && !find_files(CIV_DATA_FOLDER "/sweeps", &files))
    return;
  for (size_t k = 0; k < files.n; k++) {
    const char *slash = strrchr(files.items[k], '/');
    printf("%s%.*s", k > 0 ? ", " : "\nsweeps ('civitas sweep NAME'): ", (int)(strlen(slash + 1) - 5), slash + 1);
  }
  if (files.n > 0)
    putchar('\n');
  free_paths(&files);
}

static int print_json(const civ_registry *registry, const paths *files)
{
  json_t *list = json_array();
  for (size_t k = 0; k < files->n; k++) {
    const summary s = summarise(registry, files->items[k]);
    json_array_append_new(list, tree_of(&s));
    civ_config_destroy(s.config);
  }
  return civ_cli_print_tree(list);
}

int civ_cmd_list(int argc, char **argv)
{
  list_options o = { 0 };
  paths files = { 0 };
  civ_registry *registry;
  civ_error err = { 0 };
  int code;
  if (!civ_cli_parse(&civ_command_list, &argc, argv, &o, &code))
    return code;
  const char *dir = o.dir ? o.dir : "scenarios";
  if (!find_files(dir, &files) && (o.dir || !find_files(dir = CIV_DATA_FOLDER "/scenarios", &files))) {
    civ_cli_error("cannot read the folder %s: %s", dir, strerror(errno));
    return CIV_EXIT_FAILED;
  }
  if (files.failed) {
    free_paths(&files);
    return civ_cli_no_memory();
  }
  if (civ_registry_create_default(&registry, &err) != CIV_OK) {
    free_paths(&files);
    return civ_cli_fail(&err);
  }
  if (o.json)
    code = print_json(registry, &files);
  else if (files.n == 0)
    code = printf("no scenarios in %s\n", dir) > 0 ? CIV_EXIT_DONE : CIV_EXIT_FAILED;
  else
    code = print_table(registry, &files);
  if (code == CIV_EXIT_DONE && !o.json && o.dir == NULL)
    print_sweeps();
  civ_registry_destroy(registry);
  free_paths(&files);
  return code;
}
