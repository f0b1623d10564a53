/* A constitution from its document: every clause, rule and parameter known and in range, or one sentence about the first that
 * is not. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/names.h"
#include "base/yaml.h"
#include "selfplay/kernel.h"

enum { MOST_BYTES = 1 << 20, SHOWN = 96 };

typedef struct reading {
  const char *file;
  civ_arena *arena;
  civ_kernel kernel;
  const civ_node *rule_at[CIV_RULES]; /* where a clause names the rule; NULL = not yet */
  civ_status status;
  civ_error *err;
} reading;

/* The first problem is the one that is told. */
static void say(reading *r, civ_status code, uint32_t line, uint32_t column, const char *fmt, ...) CIV_PRINTF(5, 6);
static void say(reading *r, civ_status code, uint32_t line, uint32_t column, const char *fmt, ...)
{
  char where[sizeof((civ_error *)0)->where], text[sizeof((civ_error *)0)->text];
  va_list args;
  if (r->status != CIV_OK)
    return;
  if (line > 0)
    snprintf(where, sizeof where, "%s:%u:%u", r->file, line, column);
  else
    snprintf(where, sizeof where, "%s", r->file);
  va_start(args, fmt);
  vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  r->status = civ_fail(r->err, code, where, "%s", text);
}

static void hear(void *self, civ_status code, uint32_t line, uint32_t column, const char *key, const char *text)
{
  say(self, code, line, column, "%s%s%s", key, *key != '\0' ? ": " : "", text);
}

static const char *keep(reading *r, const civ_node *node)
{
  const char *text = civ_arena_text(r->arena, node->text, node->length);
  if (text == NULL)
    say(r, CIV_E_NOMEM, 0, 0, "out of memory");
  return text;
}

/* A text, or NULL where the key is absent; a number written without quotes is taken as it stands. */
static const char *read_text(reading *r, const civ_node *map, const char *key, const char *what)
{
  char shown[SHOWN];
  const civ_node *node = civ_node_member(map, key);
  if (node == NULL || node->kind == CIV_NODE_NULL)
    return NULL;
  if (node->kind != CIV_NODE_LIST && node->kind != CIV_NODE_MAP)
    return keep(r, node);
  civ_node_describe(node, shown, sizeof shown);
  say(r, CIV_E_TYPE, node->line, node->column, "%s%s is a text, not %s", what, key, shown);
  return NULL;
}

/* Every key of `map` is one of `known`. */
static void check_keys(reading *r, const civ_node *map, const char *const *known, const char *what)
{
  for (uint32_t k = 0; k < map->n && r->status == CIV_OK; k++) {
    const civ_key *key = &map->keys[k];
    bool found = false;
    for (size_t i = 0; known[i] != NULL && !found; i++)
      found = strcmp(known[i], key->text) == 0;
    if (found)
      continue;
    const char *near = civ_name_nearest(key->text, known);
    say(r, CIV_E_KEY, key->line, key->column, "%s has no key '%s'%s%s%s", what, key->text,
        near != NULL ? "; did you mean '" : "", near != NULL ? near : "", near != NULL ? "'?" : "");
  }
}

/* --- head ------------------------------------------------------------------------------------------------------------------- */

/* One number of a version: digits, no leading zero. */
static const char *skip_number(const char *p)
{
  if (!isdigit((unsigned char)*p) || (*p == '0' && isdigit((unsigned char)p[1])))
    return NULL;
  while (isdigit((unsigned char)*p))
    p++;
  return p;
}

static bool is_semver(const char *p)
{
  for (int part = 0; part < 3 && p != NULL; part++) {
    p = skip_number(p);
    if (p != NULL && part < 2)
      p = *p == '.' ? p + 1 : NULL;
  }
  return p != NULL && *p == '\0';
}

static void read_version(reading *r, const civ_node *root)
{
  const civ_node *version = civ_node_member(root, "version"), *semver = civ_node_member(root, "semver");
  const civ_node *node = version != NULL ? version : semver;
  if (version != NULL && semver != NULL) {
    say(r, CIV_E_KEY, semver->line, semver->column, "version is given already at line %u; drop semver", version->line);
    return;
  }
  const char *text = read_text(r, root, version != NULL ? "version" : "semver", "");
  if (text != NULL && !is_semver(text))
    say(r, CIV_E_SYNTAX, node->line, node->column, "the version %s is not MAJOR.MINOR.PATCH, such as 0.1.0", text);
  r->kernel.version = text != NULL ? text : "0.1.0";
}

static void read_head(reading *r, const civ_node *root)
{
  static const char *const known[] = { "name", "version", "semver", "preamble", "clauses", NULL };
  check_keys(r, root, known, "a kernel");
  r->kernel.name = read_text(r, root, "name", "");
  if (r->status == CIV_OK && (r->kernel.name == NULL || *r->kernel.name == '\0'))
    say(r, CIV_E_KEY, root->line, root->column, "the kernel has no name; add a line such as name: commonwealth");
  read_version(r, root);
  r->kernel.preamble = read_text(r, root, "preamble", "");
}

/* --- clauses ---------------------------------------------------------------------------------------------------------------- */

/* "a fraction: at least 0 and below 1", for messages. */
static void describe_range(civ_param param, char *out, size_t size)
{
  const civ_param_form *form = &civ_param_forms[param];
  const char *or_null = form->nullable ? ", or null" : "";
  civ_buffer words = { 0 };
  switch (form->kind) {
  case CIV_PARAM_FRACTION:
    snprintf(out, size, "a share of at least 0 and below 1%s", or_null);
    break;
  case CIV_PARAM_INTEGER:
    snprintf(out, size, "a whole number from %d to 1000%s", (int)form->least, or_null);
    break;
  case CIV_PARAM_CREDITS:
    snprintf(out, size, "an amount from 0 to 1000000 credits%s", or_null);
    break;
  case CIV_PARAM_BOOL:
    snprintf(out, size, "true or false");
    break;
  default:
    for (size_t k = 0; form->words[k] != NULL; k++)
      civ_buffer_format(&words, "%s%s", k > 0 ? ", " : "", form->words[k]);
    snprintf(out, size, "one of: %.*s", (int)words.length, words.data != NULL ? words.data : "");
  }
  civ_buffer_free(&words);
}

static void unknown_param(reading *r, const char *id, civ_rule rule, const civ_key *key)
{
  civ_name_search search = civ_name_search_for(key->text);
  for (int p = 0; p < CIV_PARAMS; p++)
    if (civ_param_forms[p].rule == rule)
      civ_name_offer(&search, civ_param_forms[p].name);
  say(r, CIV_E_KEY, key->line, key->column, "%s: the rule %s has no parameter '%s'%s%s%s", id, civ_rule_names[rule],
      key->text, search.best != NULL ? "; did you mean '" : "", search.best != NULL ? search.best : "",
      search.best != NULL ? "'?" : "");
}

static void read_params(reading *r, const civ_node *clause, const char *id, civ_rule rule)
{
  char shown[SHOWN], range[SHOWN];
  const civ_node *params = civ_node_member(clause, "params");
  if (params == NULL || params->kind == CIV_NODE_NULL)
    return;
  if (params->kind != CIV_NODE_MAP) {
    civ_node_describe(params, shown, sizeof shown);
    say(r, CIV_E_TYPE, params->line, params->column, "%s: params is a mapping of parameters, not %s", id, shown);
    return;
  }
  for (uint32_t k = 0; k < params->n && r->status == CIV_OK; k++) {
    const civ_node *value = &params->items[k];
    const civ_param param = civ_param_find(rule, params->keys[k].text);
    if (param == CIV_NO_PARAM) {
      unknown_param(r, id, rule, &params->keys[k]);
      return;
    }
    r->kernel.law.value[param] = civ_param_read(param, value);
    if (r->kernel.law.value[param] != CIV_LAW_ILL)
      continue;
    civ_node_describe(value, shown, sizeof shown);
    describe_range(param, range, sizeof range);
    say(r, CIV_E_RANGE, value->line, value->column, "%s: %s is %s; it must be %s", id, params->keys[k].text, shown,
        range);
  }
}

static void read_protected(reading *r, const civ_node *clause, const char *id, civ_rule rule)
{
  char shown[SHOWN];
  const civ_node *node = civ_node_member(clause, "protected");
  if (node == NULL || node->kind == CIV_NODE_NULL)
    return;
  if (node->kind != CIV_NODE_BOOLEAN) {
    civ_node_describe(node, shown, sizeof shown);
    say(r, CIV_E_TYPE, node->line, node->column, "%s: protected is true or false, not %s", id, shown);
  } else if (node->boolean) {
    r->kernel.law.protected_rules |= (uint16_t)(1u << rule);
  }
}

static civ_rule read_rule(reading *r, const civ_node *clause, const char *id)
{
  char shown[SHOWN];
  const civ_node *node = civ_node_member(clause, "rule");
  if (node == NULL) {
    say(r, CIV_E_KEY, clause->line, clause->column,
        "%s has no rule; add one of franchise, proposal, quorum, spend, "
        "amendment, disenfranchise, roles, transfer, floor",
        id);
    return CIV_NO_RULE;
  }
  const civ_rule rule = node->kind == CIV_NODE_TEXT ? civ_rule_find(node->text) : CIV_NO_RULE;
  if (rule == CIV_NO_RULE) {
    const char *near = node->kind == CIV_NODE_TEXT ? civ_name_nearest(node->text, civ_rule_names) : NULL;
    civ_node_describe(node, shown, sizeof shown);
    say(r, CIV_E_KEY, node->line, node->column, "%s: there is no rule %s%s%s%s", id, shown,
        near != NULL ? "; did you mean '" : "", near != NULL ? near : "", near != NULL ? "'?" : "");
  }
  return rule;
}

static const char *read_id(reading *r, const civ_node *clause, uint32_t at)
{
  const char *id = read_text(r, clause, "id", "");
  if (r->status == CIV_OK && (id == NULL || *id == '\0'))
    say(r, CIV_E_KEY, clause->line, clause->column, "clause %u has no id; add one such as K%u.name", at + 1, at + 1);
  for (uint32_t k = 0; k < at && r->status == CIV_OK; k++)
    if (strcmp(r->kernel.clauses[k].id, id) == 0)
      say(r, CIV_E_KEY, clause->line, clause->column, "the id %s stands twice; every clause has an id of its own", id);
  return id;
}

static void read_clause(reading *r, const civ_node *node, uint32_t at)
{
  static const char *const known[] = { "id", "title", "text", "rule", "params", "protected", NULL };
  char shown[SHOWN];
  if (node->kind != CIV_NODE_MAP) {
    civ_node_describe(node, shown, sizeof shown);
    say(r, CIV_E_TYPE, node->line, node->column, "a clause is a mapping with id, rule and params, not %s", shown);
    return;
  }
  check_keys(r, node, known, "a clause");
  civ_clause *clause = &r->kernel.clauses[at];
  clause->id = read_id(r, node, at);
  clause->title = read_text(r, node, "title", "");
  clause->text = read_text(r, node, "text", "");
  if (r->status != CIV_OK)
    return;
  const civ_rule rule = read_rule(r, node, clause->id);
  if (rule == CIV_NO_RULE)
    return;
  clause->rule = (uint8_t)rule;
  const civ_node *here = civ_node_member(node, "rule"), *there = r->rule_at[rule];
  if (there != NULL) {
    say(r, CIV_E_KEY, there->line, there->column,
        "the rule %s stands here and at line %u; each rule has exactly one clause", civ_rule_names[rule], here->line);
    return;
  }
  r->rule_at[rule] = here;
  r->kernel.clause_of[rule] = (uint8_t)at;
  read_params(r, node, clause->id, rule);
  read_protected(r, node, clause->id, rule);
}

static void read_clauses(reading *r, const civ_node *root)
{
  const civ_node *list = civ_node_member(root, "clauses");
  if (list == NULL || list->kind != CIV_NODE_LIST) {
    say(r, list == NULL ? CIV_E_KEY : CIV_E_TYPE, list != NULL ? list->line : root->line,
        list != NULL ? list->column : root->column, "a kernel needs clauses: a list with one clause for each rule");
    return;
  }
  for (uint32_t k = 0; k < list->n && r->status == CIV_OK; k++)
    if (k < CIV_RULES)
      read_clause(r, &list->items[k], k);
    else
      say(r, CIV_E_LIMIT, list->items[k].line, list->items[k].column,
          "more than %d clauses; each of the nine rules has exactly one", CIV_RULES);
  for (int rule = 0; rule < CIV_RULES && r->status == CIV_OK; rule++)
    if (r->rule_at[rule] == NULL)
      say(r, CIV_E_KEY, list->line, list->column, "the rule %s has no clause; each of the nine rules has exactly one",
          civ_rule_names[rule]);
}

/* --- the document ------------------------------------------------------------------------------------------------------------ */

static void read_root(reading *r, const civ_node *root)
{
  char shown[SHOWN];
  if (root->kind != CIV_NODE_MAP) {
    civ_node_describe(root, shown, sizeof shown);
    say(r, CIV_E_TYPE, root->line, root->column, "a kernel is a mapping with name, version and clauses, not %s", shown);
    return;
  }
  read_head(r, root);
  if (r->status == CIV_OK)
    read_clauses(r, root);
  if (r->status == CIV_OK && civ_kernel_digest(&r->kernel) != CIV_OK)
    say(r, CIV_E_NOMEM, 0, 0, "out of memory");
}

civ_status civ_kernel_read(const char *text, size_t length, const char *where, civ_arena *arena, civ_kernel *out,
                           civ_error *err)
{
  reading r = { .file = where, .arena = arena, .err = err, .kernel = { .law = civ_law_default() } };
  const civ_yaml_listener listener = { &r, hear };
  civ_arena nodes = civ_arena_create(NULL);
  civ_node root = { .kind = CIV_NODE_NULL };
  if (length > MOST_BYTES)
    say(&r, CIV_E_LIMIT, 0, 0, "the file is larger than 1 MiB; a kernel is a page of law");
  else if (civ_yaml_read(text, length, &nodes, &listener, &root) == CIV_E_NOMEM)
    say(&r, CIV_E_NOMEM, 0, 0, "out of memory");
  if (r.status == CIV_OK)
    read_root(&r, &root);
  civ_arena_destroy(&nodes);
  if (r.status == CIV_OK)
    *out = r.kernel;
  return r.status;
}

civ_status civ_kernel_load(const char *path, civ_arena *arena, civ_kernel *out, civ_error *err)
{
  char *text;
  size_t length;
  civ_status status = civ_file_read(path, (size_t)MOST_BYTES + 1, &text, &length, err);
  if (status != CIV_OK)
    return status;
  status = civ_kernel_read(text, length, path, arena, out, err);
  civ_free(text);
  return status;
}
