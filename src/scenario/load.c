#include "scenario/load.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/yaml.h"

enum { MOST_BYTES = 10 << 20 };

static void hear(void *self, civ_status code, uint32_t line, uint32_t column, const char *key, const char *text)
{
  civ_loading_say(self, CIV_ERROR, code, line, column, key, "%s", text);
}

static void assign_top(civ_loading *l, const civ_node *root)
{
  static const char *const others[] = { "agents", "success_criteria", NULL };
  civ_assign_block(l, civ_config_block(l->config, ""), root, "", others, true);
  civ_assign_agents(l, civ_node_member(root, "agents"));
  civ_assign_criteria(l, civ_node_member(root, "success_criteria"));
}

static void assign_root(civ_loading *l, const civ_node *root)
{
  char shown[96];
  if (root->kind == CIV_NODE_NULL) {
    civ_loading_say(l, CIV_ERROR, CIV_E_SYNTAX, 0, 0, "",
                    "no scenario: the file is empty; begin with scenario_id and agents");
    return;
  }
  if (root->kind != CIV_NODE_MAP) {
    civ_node_describe(root, shown, sizeof shown);
    civ_loading_say(l, CIV_ERROR, CIV_E_TYPE, root->line, root->column, "", "a scenario is a mapping of keys, not %s",
                    shown);
    return;
  }
  assign_top(l, root);
  if (civ_preset_apply(l->config) != CIV_OK) {
    civ_loading_no_memory(l);
    return;
  }
  const civ_node *list = civ_node_member(root, "agents");
  if ((!list || list->kind == CIV_NODE_NULL || (list->kind == CIV_NODE_LIST && list->n == 0)) &&
      !(l->flags & CIV_LOAD_ALLOW_EMPTY))
    civ_loading_say(
        l, CIV_ERROR, CIV_E_KEY, list ? list->line : 0, list ? list->column : 0, "agents",
        "no agents; add a list such as [{type: honest, count: 3}], or allow an empty run with --allow-empty");
  civ_check_config(l);
  civ_config_link(l->config);
}

static int by_place(const void *a, const void *b)
{
  const civ_diagnostic *x = a, *y = b;
  if (x->line != y->line)
    return x->line < y->line ? -1 : 1;
  if (x->column != y->column)
    return x->column < y->column ? -1 : 1;
  return x->severity != y->severity ? (int)y->severity - (int)x->severity : strcmp(x->key, y->key);
}

civ_status civ_scenario_parse(const civ_registry *registry, const char *file, const char *text, size_t length,
                              uint32_t flags, civ_config **out, civ_diagnostics *found, civ_error *err)
{
  civ_loading l = { .file = file, .flags = flags, .origin = CIV_ORIGIN_FILE, .found = found };
  civ_node root = { .kind = CIV_NODE_NULL };
  const civ_yaml_listener listener = { &l, hear };
  if (found)
    *found = (civ_diagnostics){ 0 };
  const civ_status created = civ_config_create(registry, &l.config, err);
  if (created != CIV_OK)
    return created;
  civ_arena arena = civ_arena_create(NULL);
  if (length > MOST_BYTES)
    civ_loading_say(&l, CIV_ERROR, CIV_E_LIMIT, 0, 0, "",
                    "the file is larger than 10 MiB; a scenario is a page of text");
  else if (civ_yaml_read(text, length, &arena, &listener, &root) == CIV_E_NOMEM)
    civ_loading_no_memory(&l);
  if (l.status == CIV_OK)
    assign_root(&l, &root);
  civ_arena_destroy(&arena);
  if (found && found->n)
    qsort(found->items, found->n, sizeof *found->items, by_place);
  if (l.status == CIV_OK) {
    *out = l.config;
    return CIV_OK;
  }
  civ_config_destroy(l.config);
  if (l.status == CIV_E_NOMEM)
    return civ_fail(err, CIV_E_NOMEM, file, "out of memory");
  if (err)
    *err = l.first;
  return l.status;
}

civ_status civ_scenario_load(const civ_registry *registry, const char *path, uint32_t flags, civ_config **out,
                             civ_diagnostics *found, civ_error *err)
{
  char *text;
  size_t length;
  if (found)
    *found = (civ_diagnostics){ 0 };
  civ_status status = civ_file_read(path, (size_t)MOST_BYTES + 1, &text, &length, err);
  if (status != CIV_OK)
    return status;
  status = civ_scenario_parse(registry, path, text, length, flags, out, found, err);
  civ_free(text);
  return status;
}
