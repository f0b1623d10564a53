/* Parameters and settings of a sweep as they stand on a command line. */
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

/* Reads YAML text; `shown` is what the user wrote. */
static civ_status read_yaml(const char *path, const char *text, const char *shown, civ_arena *arena, civ_node *out,
                            civ_error *err)
{
  civ_error problem;
  const civ_status status = civ_yaml_read_value(text, arena, out, &problem);
  if (status == CIV_E_NOMEM)
    return civ_fail(err, CIV_E_NOMEM, path, "out of memory");
  if (status != CIV_OK)
    return civ_fail(err, CIV_E_SYNTAX, path, "'%.60s': %s", shown, problem.text);
  if (!civ_sweep_all_finite(out))
    return civ_fail(err, CIV_E_RANGE, path, "a value must be finite");
  return CIV_OK;
}

static civ_status parse_values(const char *path, const char *values, civ_arena *arena, civ_sweep_parameter *p,
                               civ_error *err)
{
  civ_buffer text = { 0 };
  civ_node list = { .kind = CIV_NODE_NULL };
  civ_buffer_format(&text, "[%s]", values);
  civ_buffer_add(&text, "", 1);
  const civ_status status = text.failed ? civ_fail(err, CIV_E_NOMEM, path, "out of memory")
                                        : read_yaml(path, text.data, values, arena, &list, err);
  civ_buffer_free(&text);
  if (status != CIV_OK)
    return status;
  if (list.kind != CIV_NODE_LIST)
    return civ_fail(err, CIV_E_SYNTAX, path,
                    "'%.60s' is no list of values; write them with commas between, such as 0,0.5,1", values);
  if (list.n == 1 && list.items[0].kind == CIV_NODE_LIST)
    list = list.items[0];
  if (list.n == 0)
    return civ_fail(err, CIV_E_RANGE, path, "no values; give at least one");
  p->values = list.items;
  p->n = list.n;
  return CIV_OK;
}

civ_status civ_sweep_setting_parse(const char *path, const char *value, civ_arena *arena, civ_sweep_setting *out,
                                   civ_error *err)
{
  civ_sweep_setting one = { .path = civ_arena_text(arena, path, strlen(path)), .value = { .kind = CIV_NODE_NULL } };
  if (one.path == NULL)
    return civ_fail(err, CIV_E_NOMEM, path, "out of memory");
  const civ_status status = read_yaml(path, value, value, arena, &one.value, err);
  if (status == CIV_OK)
    *out = one;
  return status;
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
