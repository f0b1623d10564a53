/* What varies in a sweep file: settings, parameters, configurations. */
#include <stdio.h>
#include <string.h>

#include "base/names.h"
#include "base/number.h"
#include "lab/sweep_reading.h"

static bool check_value(civ_sweep_reading *r, const civ_node *node, const char *key)
{
  if (!civ_sweep_all_finite(node))
    civ_sweep_complain(r, node, CIV_E_RANGE, key, "a value must be finite");
  return civ_sweep_all_finite(node);
}

/* A mapping path: value. */
void civ_sweep_read_settings(civ_sweep_reading *r, const civ_node *node, const char *key, const civ_sweep_setting **out,
                             uint32_t *n)
{
  char shown[96];
  if (node->kind == CIV_NODE_NULL)
    return;
  if (node->kind != CIV_NODE_MAP) {
    civ_node_describe(node, shown, sizeof shown);
    civ_sweep_complain(r, node, CIV_E_TYPE, key, "must be a mapping of paths to values, such as {payoff.h: 2}, not %s",
                       shown);
    return;
  }
  civ_sweep_setting *settings = civ_sweep_take(r, node->n, sizeof *settings);
  if (settings == NULL)
    return;
  for (uint32_t k = 0; k < node->n; k++) {
    const civ_key *name = &node->keys[k];
    check_value(r, &node->items[k], civ_sweep_below(key, name->text).text);
    settings[k] = (civ_sweep_setting){ name->text, node->items[k], name->line, name->column };
  }
  *out = settings;
  *n = node->n;
}

/* --- parameters ------------------------------------------------------------------------------------------------------------- */

static void read_values(civ_sweep_reading *r, const civ_node *list, const char *key, civ_sweep_parameter *p)
{
  if (list->n == 0)
    civ_sweep_complain(r, list, CIV_E_RANGE, key, "no values; give at least one");
  for (uint32_t k = 0; k < list->n; k++)
    check_value(r, &list->items[k], key);
  p->values = list->items;
  p->n = list->n;
}

static void check_range(civ_sweep_reading *r, const civ_node *at, const char *key, const civ_sweep_parameter *p)
{
  char low[CIV_NUMBER_MAX + 1], high[CIV_NUMBER_MAX + 1];
  low[civ_format_real(low, p->min)] = '\0';
  high[civ_format_real(high, p->max)] = '\0';
  if (!(p->min < p->max))
    civ_sweep_complain(r, at, CIV_E_RANGE, key, "min %s is not below max %s", low, high);
  else if (p->log && !(p->min > 0))
    civ_sweep_complain(r, at, CIV_E_RANGE, key, "a log scale needs min above 0, not %s", low);
}

/* {values: [...]} or {min, max, scale, integer}. */
static void read_described(civ_sweep_reading *r, const civ_node *map, const char *key, civ_sweep_parameter *p)
{
  static const char *const known[] = { "values", "min", "max", "scale", "integer", NULL };
  static const char *const scales[] = { "linear", "log", NULL };
  bool low = false, high = false, valid = true;
  int32_t scale = 0;
  const civ_node *values = civ_node_member(map, "values");
  for (uint32_t k = 0; k < map->n; k++) {
    const civ_key *name = &map->keys[k];
    const civ_node *node = &map->items[k];
    const civ_dotted here = civ_sweep_below(key, name->text);
    if (strcmp(name->text, "min") == 0)
      valid = civ_sweep_read_real(r, node, here.text, &p->min) && valid, low = true;
    else if (strcmp(name->text, "max") == 0)
      valid = civ_sweep_read_real(r, node, here.text, &p->max) && valid, high = true;
    else if (strcmp(name->text, "scale") == 0)
      valid = civ_sweep_read_choice(r, node, here.text, scales, &scale) && valid;
    else if (strcmp(name->text, "integer") == 0)
      valid = civ_sweep_read_bool(r, node, here.text, &p->integer) && valid;
    else if (strcmp(name->text, "values") != 0) {
      const char *near = civ_name_nearest(name->text, known);
      civ_loading_say(&r->l, CIV_ERROR, CIV_E_KEY, name->line, name->column, here.text,
                      near != NULL ? "unknown key; did you mean '%s'?"
                                   : "unknown key; known are values, or min, max, scale, integer",
                      near);
      valid = false;
    }
  }
  p->log = scale == 1;
  if (values != NULL && map->n > 1) {
    civ_sweep_complain(r, map, CIV_E_KEY, key, "values go alone, or min and max without values");
    p->min = p->max = 0; /* no range that anything more could be said of */
  } else if (values != NULL && values->kind == CIV_NODE_LIST)
    read_values(r, values, key, p);
  else if (values != NULL)
    civ_sweep_complain(r, values, CIV_E_TYPE, civ_sweep_below(key, "values").text, "must be a list");
  else if (valid && (!low || !high))
    civ_sweep_complain(r, map, CIV_E_KEY, key, "a range needs both min and max");
  else if (valid)
    check_range(r, map, key, p);
}

void civ_sweep_read_parameters(civ_sweep_reading *r, const civ_node *node)
{
  char shown[96];
  civ_node_describe(node, shown, sizeof shown);
  if (node->kind == CIV_NODE_NULL)
    return;
  if (node->kind != CIV_NODE_MAP) {
    civ_sweep_complain(r, node, CIV_E_TYPE, "parameters",
                       "must be a mapping of paths to lists of values, such as {payoff.h: [1, 2]}, not %s", shown);
    return;
  }
  civ_sweep_parameter *parameters = civ_sweep_take(r, node->n, sizeof *parameters);
  for (uint32_t k = 0; parameters != NULL && k < node->n; k++) {
    const civ_key *name = &node->keys[k];
    const civ_node *value = &node->items[k];
    const civ_dotted here = civ_sweep_below("parameters", name->text);
    civ_sweep_parameter *p = &parameters[k];
    *p = (civ_sweep_parameter){ .path = name->text, .line = name->line, .column = name->column };
    civ_node_describe(value, shown, sizeof shown);
    if (value->kind == CIV_NODE_LIST)
      read_values(r, value, here.text, p);
    else if (value->kind == CIV_NODE_MAP)
      read_described(r, value, here.text, p);
    else
      civ_sweep_complain(r, value, CIV_E_TYPE, here.text, "must be a list of values, such as [%s], or {min: 0, max: 1}",
                         value->kind == CIV_NODE_TEXT ? value->text : shown);
  }
  r->spec.parameters = parameters;
  r->spec.n_parameters = parameters != NULL ? node->n : 0;
}

/* --- configurations ----------------------------------------------------------------------------------------------------------- */

static void read_configuration(civ_sweep_reading *r, const civ_node *node, uint32_t k, civ_sweep_configuration *out)
{
  static const char *const known[] = { "name", "set", NULL };
  const civ_dotted here = civ_sweep_item_of("configurations", k);
  char shown[96];
  if (node->kind != CIV_NODE_MAP) {
    civ_node_describe(node, shown, sizeof shown);
    civ_sweep_complain(r, node, CIV_E_TYPE, here.text, "must be a mapping {name: ..., set: {path: value}}, not %s",
                       shown);
    return;
  }
  *out = (civ_sweep_configuration){ .line = node->line, .column = node->column };
  for (uint32_t i = 0; i < node->n; i++) {
    const civ_key *name = &node->keys[i];
    const civ_dotted inside = civ_sweep_below(here.text, name->text);
    if (strcmp(name->text, "name") == 0)
      civ_sweep_read_text(r, &node->items[i], inside.text, &out->name);
    else if (strcmp(name->text, "set") == 0)
      civ_sweep_read_settings(r, &node->items[i], inside.text, &out->set, &out->n);
    else if (civ_name_nearest(name->text, known) != NULL)
      civ_loading_say(&r->l, CIV_ERROR, CIV_E_KEY, name->line, name->column, inside.text,
                      "unknown key; did you mean '%s'?", civ_name_nearest(name->text, known));
    else
      civ_loading_say(&r->l, CIV_ERROR, CIV_E_KEY, name->line, name->column, inside.text,
                      "unknown key; paths and values go below 'set'");
  }
  if (civ_node_member(node, "name") == NULL)
    civ_sweep_complain(r, node, CIV_E_KEY, here.text, "a configuration needs a name");
}

static void check_names(civ_sweep_reading *r, const civ_sweep_configuration *all, uint32_t n)
{
  for (uint32_t k = 1; k < n; k++)
    for (uint32_t i = 0; all[k].name != NULL && i < k; i++)
      if (all[i].name != NULL && strcmp(all[i].name, all[k].name) == 0) {
        civ_loading_say(&r->l, CIV_ERROR, CIV_E_KEY, all[k].line, all[k].column,
                        civ_sweep_item_of("configurations", k).text,
                        "the name '%.60s' is taken by the configuration at line %u", all[k].name, all[i].line);
        break;
      }
}

void civ_sweep_read_configurations(civ_sweep_reading *r, const civ_node *node)
{
  enum { MOST_NAMED = 10000 };
  char shown[96];
  if (node->kind == CIV_NODE_NULL)
    return;
  if (node->kind != CIV_NODE_LIST || node->n == 0) {
    civ_node_describe(node, shown, sizeof shown);
    civ_sweep_complain(r, node, CIV_E_TYPE, "configurations",
                       "must be a list such as [{name: taxed, set: {payoff.h: 3}}], not %s",
                       node->kind == CIV_NODE_LIST ? "an empty one" : shown);
    return;
  }
  if (node->n > MOST_NAMED) {
    civ_sweep_complain(r, node, CIV_E_LIMIT, "configurations", "%u are more than %d; let parameters make them", node->n,
                       MOST_NAMED);
    return;
  }
  civ_sweep_configuration *all = civ_sweep_take(r, node->n, sizeof *all);
  if (all == NULL)
    return;
  for (uint32_t k = 0; k < node->n; k++)
    read_configuration(r, &node->items[k], k, &all[k]);
  check_names(r, all, node->n);
  r->spec.configurations = all;
  r->spec.n_configurations = node->n;
}
