#include <string.h>

#include "base/yaml.h"

static void hear_first(void *self, civ_status code, uint32_t line, uint32_t column, const char *key, const char *text)
{
  civ_error *err = self;
  (void)line;
  (void)column;
  (void)key;
  if (err->code == CIV_OK)
    civ_fail(err, code, "", "%s", text);
}

static void forget_places(civ_node *node)
{
  node->line = node->column = 0;
  for (uint32_t k = 0; (node->kind == CIV_NODE_LIST || node->kind == CIV_NODE_MAP) && k < node->n; k++) {
    if (node->kind == CIV_NODE_MAP)
      node->keys[k].line = node->keys[k].column = 0;
    forget_places(&node->items[k]);
  }
}

civ_status civ_yaml_read_value(const char *text, civ_arena *arena, civ_node *value, civ_error *err)
{
  civ_error first = { .code = CIV_OK };
  const civ_yaml_listener listener = { &first, hear_first };
  const civ_status status = civ_yaml_read(text, strlen(text), arena, &listener, value);
  if (status == CIV_OK)
    forget_places(value);
  else if (first.code == CIV_OK)
    civ_fail(err, status, "", "out of memory");
  else
    *err = first;
  return status;
}
