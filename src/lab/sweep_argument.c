/* A parameter of a sweep as it stands on a command line. */
#include <string.h>

#include "base/number.h"
#include "base/yaml.h"
#include "lab/sweep_reading.h"

static bool parse_range(const char *values, civ_sweep_parameter *p)
{
  const char *dots = strstr(values, "..");
  return dots != NULL && civ_parse_real(values, (size_t)(dots - values), &p->min) &&
         civ_parse_real(dots + 2, strlen(dots + 2), &p->max);
}

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
  for (uint32_t k = 0; (node->kind == CIV_NODE_LIST || node->kind == CIV_NODE_MAP) && k < node->n; k++)
    forget_places(&node->items[k]);
}

static civ_status parse_values(const char *path, const char *values, civ_arena *arena, civ_sweep_parameter *p,
                               civ_error *err)
{
  civ_buffer text = { 0 };
  civ_node list = { .kind = CIV_NODE_NULL };
  civ_error problem = { .code = CIV_OK };
  const civ_yaml_listener listener = { &problem, hear_first };
  civ_buffer_format(&text, "[%s]", values);
  civ_status status = text.failed ? CIV_E_NOMEM : civ_yaml_read(text.data, text.length, arena, &listener, &list);
  civ_buffer_free(&text);
  if (status == CIV_E_NOMEM)
    return civ_fail(err, CIV_E_NOMEM, path, "out of memory");
  if (status != CIV_OK || list.kind != CIV_NODE_LIST)
    return civ_fail(err, CIV_E_SYNTAX, path, "the values '%.60s': %s", values,
                    problem.text[0] != '\0' ? problem.text : "write them with commas between, such as 0,0.5,1");
  if (list.n == 1 && list.items[0].kind == CIV_NODE_LIST)
    list = list.items[0];
  if (list.n == 0)
    return civ_fail(err, CIV_E_RANGE, path, "no values; give at least one");
  if (!civ_sweep_all_finite(&list))
    return civ_fail(err, CIV_E_RANGE, path, "a value must be finite");
  forget_places(&list);
  p->values = list.items;
  p->n = list.n;
  return CIV_OK;
}

civ_status civ_sweep_parameter_parse(const char *path, const char *values, civ_arena *arena, civ_sweep_parameter *out,
                                     civ_error *err)
{
  civ_sweep_parameter p = { .path = civ_arena_text(arena, path, strlen(path)) };
  if (p.path == NULL)
    return civ_fail(err, CIV_E_NOMEM, path, "out of memory");
  if (parse_range(values, &p)) {
    if (!(p.min < p.max))
      return civ_fail(err, CIV_E_RANGE, path, "the range %.60s is empty", values);
  } else {
    const civ_status status = parse_values(path, values, arena, &p, err);
    if (status != CIV_OK)
      return status;
  }
  *out = p;
  return CIV_OK;
}
