/* cmd_kernel.c - civitas kernel: constitutions checked, shown, compared. */
#include <stdlib.h>
#include <string.h>

#include "cli/game_input.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "selfplay/kernel_json.h"

typedef struct kernel_options {
  bool json, yaml, all;
} kernel_options;

static const civ_option options[] = {
  CIV_OPTION_FLAG_(kernel_options, json, 0, "json", "print JSON"),
  CIV_OPTION_FLAG_(kernel_options, yaml, 0, "yaml", "show: print the document, as a file would hold it"),
  CIV_OPTION_FLAG_(kernel_options, all, 'a', "all", "diff: also parameters that are the same"),
  { 0 },
};

const civ_command civ_command_kernel = {
  .name = "kernel",
  .summary = "check, show and compare constitutions for self-play",
  .arguments = "check FILE... | show KERNEL | diff A B",
  .least = 2,
  .most = UINT32_MAX,
  .options = options,
  .options_size = sizeof(kernel_options),
  .details = "  check  every file is read; what is wrong is said with file, line, key and value (exit code 2)\n"
             "  show   all parameters in force, which differ from the default, which clauses are protected\n"
             "  diff   parameter by parameter, and which way B goes: + tightens, - loosens, blank: neither;\n"
             "         exits with 3 where the laws differ\n"
             "\nA kernel is law as data: nine rules with parameters. KERNEL is a file, the name of a file in ./kernels "
             "or among the installed ones, 'naive' (built in) or 'hardened' (commonwealth-hardened).",
  .example = "civitas kernel check kernels/*.yaml\n"
             "civitas kernel show naive\n"
             "civitas kernel diff naive hardened",
  .run = civ_cmd_kernel,
};

static bool is_protected(const civ_kernel *k, uint8_t rule)
{
  return (k->law.protected_rules >> rule & 1) != 0;
}

static int no_memory(void)
{
  civ_cli_error("out of memory");
  return CIV_EXIT_FAILED;
}

/* --- check ----------------------------------------------------------------------------------------------------------------- */

static int check_one(const char *name, const kernel_options *o, json_t *list)
{
  civ_arena arena = civ_arena_create(NULL);
  civ_kernel kernel;
  civ_error err = { 0 };
  char *path = NULL;
  int code = CIV_EXIT_DONE;
  if (civ_cli_open_kernel(name, &arena, &kernel, &path, &err) != CIV_OK) {
    code = civ_cli_fail(&err);
    code = code == CIV_EXIT_FAILED && err.code == CIV_E_LIMIT ? CIV_EXIT_MISUSED : code;
    json_array_append_new(
        list, json_pack("{s:s, s:b, s:s, s:s}", "file", name, "ok", 0, "where", err.where, "error", err.text));
  } else {
    json_array_append_new(list, json_pack("{s:s, s:b, s:s, s:s, s:s}", "file", name, "ok", 1, "name", kernel.name,
                                          "version", kernel.version, "digest", kernel.digest));
    if (!o->json)
      printf("%s: %s %s, digest %s\n", path != NULL ? path : name, kernel.name, kernel.version, kernel.digest);
  }
  free(path);
  civ_arena_destroy(&arena);
  return code;
}

static int check(int n, char **names, const kernel_options *o)
{
  json_t *list = json_array();
  int code = CIV_EXIT_DONE;
  for (int k = 0; k < n; k++) {
    const int one = check_one(names[k], o, list);
    code = code == CIV_EXIT_DONE ? one : code;
  }
  if (o->json && civ_cli_print_json(list) != CIV_EXIT_DONE)
    code = CIV_EXIT_FAILED;
  json_decref(list);
  return code;
}

/* --- show --------------------------------------------------------------------------------------------------------------------- */

/* A parameter's value as a reader writes it. */
static void put_value(civ_table *table, civ_param param, int64_t value)
{
  char shown[64];
  civ_buffer text = { 0 };
  civ_param_write(&text, param, value);
  const bool quoted = text.length >= 2 && text.data[0] == '"';
  snprintf(shown, sizeof shown, "%.*s", (int)(text.length - (quoted ? 2 : 0)),
           text.data != NULL ? text.data + quoted : "");
  civ_table_text(table, shown);
  civ_buffer_free(&text);
}

static int print_table(const civ_table *table)
{
  return civ_table_print(table, stdout, 2, civ_terminal_width(stdout)) ? CIV_EXIT_DONE : no_memory();
}

static int show_params(const civ_kernel *k)
{
  static const civ_table_column columns[] = {
    { "clause", false, 0 }, { "parameter", false, 0 }, { "value", true, 0 },
    { "default", true, 2 }, { "", false, 0 },          { "what it sets", false, 3 },
  };
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof *columns);
  if (table == NULL)
    return no_memory();
  for (int c = 0; c < CIV_RULES; c++)
    for (int p = 0; p < CIV_PARAMS; p++) {
      const civ_param_form *form = &civ_param_forms[p];
      const bool same = k->law.value[p] == form->otherwise;
      if (form->rule != k->clauses[c].rule)
        continue;
      civ_table_text(table, k->clauses[c].id);
      civ_table_text(table, form->name);
      put_value(table, (civ_param)p, k->law.value[p]);
      put_value(table, (civ_param)p, form->otherwise);
      civ_table_text(table, same ? "" : "*");
      civ_table_text(table, form->doc);
    }
  const int code = print_table(table);
  civ_table_destroy(table);
  return code;
}

static int show_yaml(const civ_kernel *k)
{
  civ_buffer text = { 0 };
  civ_kernel_write(&text, k);
  const bool failed = text.failed;
  if (!failed)
    fwrite(text.data, 1, text.length, stdout);
  civ_buffer_free(&text);
  return failed ? no_memory() : CIV_EXIT_DONE;
}

static int show_json(const civ_kernel *k)
{
  json_t *json = civ_kernel_json(k);
  json_object_set_new(json, "digest", json_string(k->digest));
  const int code = json != NULL ? civ_cli_print_json(json) : no_memory();
  json_decref(json);
  return code;
}

static int show(int n, char **names, const kernel_options *o)
{
  (void)n;
  civ_arena arena = civ_arena_create(NULL);
  civ_kernel k;
  civ_error err = { 0 };
  char *path = NULL;
  int code;
  if (civ_cli_open_kernel(names[0], &arena, &k, &path, &err) != CIV_OK) {
    code = civ_cli_fail(&err);
  } else if (o->json) {
    code = show_json(&k);
  } else if (o->yaml) {
    code = show_yaml(&k);
  } else {
    printf("%s %s\n", k.name, k.version);
    if (k.preamble != NULL)
      printf("  %s\n", k.preamble);
    printf("  digest     %s\n  protected ", k.digest);
    for (int c = 0; c < CIV_RULES; c++)
      if (is_protected(&k, k.clauses[c].rule))
        printf(" %s", k.clauses[c].id);
    puts(k.law.protected_rules == 0 ? " no clause\n" : "\n");
    code = show_params(&k);
  }
  free(path);
  civ_arena_destroy(&arena);
  return code;
}

/* --- diff --------------------------------------------------------------------------------------------------------------------- */

static const char *sign_of(int direction)
{
  return direction > 0 ? "+" : direction < 0 ? "-" : "";
}

static int diff_json(const civ_kernel *a, const civ_kernel *b)
{
  json_t *changes = json_array(), *protections = json_array();
  for (int p = 0; p < CIV_PARAMS; p++) {
    const int64_t x = a->law.value[p], y = b->law.value[p];
    if (x != y)
      json_array_append_new(changes, json_pack("{s:s, s:s, s:o, s:o, s:i}", "clause",
                                               civ_kernel_clause_id(b, (civ_rule)civ_param_forms[p].rule), "param",
                                               civ_param_forms[p].name, "a", civ_param_json((civ_param)p, x), "b",
                                               civ_param_json((civ_param)p, y), "direction",
                                               civ_law_direction((civ_param)p, x, y)));
  }
  for (uint8_t r = 0; r < CIV_RULES; r++)
    if (is_protected(a, r) != is_protected(b, r))
      json_array_append_new(protections, json_pack("{s:s, s:b, s:b}", "clause", civ_kernel_clause_id(b, (civ_rule)r),
                                                   "a", (int)is_protected(a, r), "b", (int)is_protected(b, r)));
  json_t *json =
      json_pack("{s:{s:s, s:s, s:s}, s:{s:s, s:s, s:s}, s:b, s:o, s:o}", "a", "name", a->name, "version", a->version,
                "digest", a->digest, "b", "name", b->name, "version", b->version, "digest", b->digest, "same",
                (int)(strcmp(a->digest, b->digest) == 0), "changes", changes, "protection", protections);
  const int code = json != NULL ? civ_cli_print_json(json) : no_memory();
  json_decref(json);
  return code;
}

static void put_protection(civ_table *table, const civ_kernel *a, const civ_kernel *b, uint8_t rule)
{
  const bool x = is_protected(a, rule), y = is_protected(b, rule);
  civ_table_text(table, x == y ? "" : y ? "+" : "-");
  civ_table_text(table, civ_kernel_clause_id(b, (civ_rule)rule));
  civ_table_text(table, "protected");
  civ_table_text(table, x ? "true" : "false");
  civ_table_text(table, y ? "true" : "false");
}

static int diff_table(const civ_kernel *a, const civ_kernel *b, bool all)
{
  static const civ_table_column columns[] = {
    { "", false, 0 }, { "clause", false, 0 }, { "parameter", false, 0 }, { "a", true, 0 }, { "b", true, 0 },
  };
  uint32_t tighter = 0, looser = 0, neither = 0;
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof *columns);
  if (table == NULL)
    return no_memory();
  for (uint8_t r = 0; r < CIV_RULES; r++) {
    for (int p = 0; p < CIV_PARAMS; p++) {
      const int64_t x = a->law.value[p], y = b->law.value[p];
      if (civ_param_forms[p].rule != r || (x == y && !all))
        continue;
      const int direction = civ_law_direction((civ_param)p, x, y);
      tighter += direction > 0;
      looser += direction < 0;
      neither += x != y && direction == 0;
      civ_table_text(table, sign_of(direction));
      civ_table_text(table, civ_kernel_clause_id(b, (civ_rule)r));
      civ_table_text(table, civ_param_forms[p].name);
      put_value(table, (civ_param)p, x);
      put_value(table, (civ_param)p, y);
    }
    if (all || is_protected(a, r) != is_protected(b, r))
      put_protection(table, a, b, r);
    tighter += !is_protected(a, r) && is_protected(b, r);
    looser += is_protected(a, r) && !is_protected(b, r);
  }
  const int code = print_table(table);
  civ_table_destroy(table);
  printf("\n%u tighter, %u looser, %u neither\n", tighter, looser, neither);
  return code;
}

static int diff_kernels(const civ_kernel *a, const civ_kernel *b, const kernel_options *o)
{
  const bool same = strcmp(a->digest, b->digest) == 0;
  int code;
  if (o->json) {
    code = diff_json(a, b);
  } else {
    printf("a  %s %s  %s\nb  %s %s  %s\n", a->name, a->version, a->digest, b->name, b->version, b->digest);
    if (same && !o->all) {
      puts("the same law");
      return CIV_EXIT_DONE;
    }
    putchar('\n');
    code = diff_table(a, b, o->all);
  }
  return code != CIV_EXIT_DONE ? code : same ? CIV_EXIT_DONE : CIV_EXIT_DIFFERS;
}

static int diff(int n, char **names, const kernel_options *o)
{
  (void)n;
  civ_arena arena = civ_arena_create(NULL);
  civ_kernel kernels[2];
  civ_error err = { 0 };
  char *paths[2] = { NULL, NULL };
  civ_status status = CIV_OK;
  for (int k = 0; k < 2 && status == CIV_OK; k++)
    status = civ_cli_open_kernel(names[k], &arena, &kernels[k], &paths[k], &err);
  const int code = status == CIV_OK ? diff_kernels(&kernels[0], &kernels[1], o) : civ_cli_fail(&err);
  free(paths[0]);
  free(paths[1]);
  civ_arena_destroy(&arena);
  return code;
}

/* --- the command ------------------------------------------------------------------------------------------------------------- */

typedef struct action {
  const char *name;
  int least, most; /* arguments after the action */
  int (*run)(int n, char **names, const kernel_options *o);
  const char *usage;
} action;

static const action actions[] = {
  { "check", 1, INT32_MAX, check, "kernel check FILE..." },
  { "show", 1, 1, show, "kernel show KERNEL" },
  { "diff", 2, 2, diff, "kernel diff A B" },
};
enum { ACTIONS = sizeof actions / sizeof actions[0] };

static const char *action_name(const void *arg, size_t k)
{
  (void)arg;
  return k < ACTIONS ? actions[k].name : NULL;
}

static const action *find_action(const char *name)
{
  const int k = civ_cli_find_action(&civ_command_kernel, name, action_name, NULL);
  return k >= 0 ? &actions[k] : NULL;
}

int civ_cmd_kernel(int argc, char **argv)
{
  kernel_options o = { 0 };
  int code;
  if (!civ_cli_parse(&civ_command_kernel, &argc, argv, &o, &code))
    return code;
  const action *a = find_action(argv[1]);
  if (a == NULL)
    return CIV_EXIT_MISUSED;
  if (argc - 2 < a->least || argc - 2 > a->most)
    return civ_cli_misuse(&civ_command_kernel, "use: civitas %s", a->usage);
  if (o.yaml && (o.json || a->run != show))
    return civ_cli_misuse(&civ_command_kernel, "--yaml is for show, and excludes --json");
  if (o.all && a->run != diff)
    return civ_cli_misuse(&civ_command_kernel, "--all is for diff");
  return a->run(argc - 2, argv + 2, &o);
}
