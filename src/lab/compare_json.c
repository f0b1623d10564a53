/* compare_json.c - a comparison as JSON. */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "civitas/version.h"
#include "lab/compare.h"

static json_t *number(double x)
{
  return isfinite(x) ? json_real(x) : json_null();
}

static json_t *ends(const civ_interval *i)
{
  return i->method != CIV_INTERVAL_NONE ? json_pack("[f, f]", i->low, i->high) : json_null();
}

static json_t *contrast_json(const civ_contrast *c, bool paired)
{
  const civ_difference *x = &c->comparison;
  json_t *object = json_object();
  json_object_set_new_nocheck(object, "metric", json_string(c->metric));
  json_object_set_new_nocheck(object, "equal", json_boolean(c->equal));
  json_object_set_new_nocheck(object, "n_a", json_integer((json_int_t)x->n_a));
  json_object_set_new_nocheck(object, "n_b", json_integer((json_int_t)x->n_b));
  json_object_set_new_nocheck(object, "mean_a", x->n_a > 0 ? number(x->mean_a) : json_null());
  json_object_set_new_nocheck(object, "mean_b", x->n_b > 0 ? number(x->mean_b) : json_null());
  json_object_set_new_nocheck(object, "difference", x->n_a > 0 && x->n_b > 0 ? number(x->difference) : json_null());
  json_object_set_new_nocheck(object, "standard_error", x->tested ? number(x->standard_error) : json_null());
  json_object_set_new_nocheck(object, "ci95", ends(&x->student));
  json_object_set_new_nocheck(object, "bootstrap95", ends(&x->studentised));
  json_object_set_new_nocheck(object, "bootstrap95_method",
                              json_string(civ_interval_method_names[x->studentised.method]));
  json_object_set_new_nocheck(object, "effect", x->has_effect ? number(x->effect) : json_null());
  json_object_set_new_nocheck(object, "effect_kind", json_string(paired ? "d_z" : "hedges_g"));
  json_object_set_new_nocheck(object, "p", x->tested ? number(x->p) : json_null());
  json_object_set_new_nocheck(object, "p_holm", number(c->p_holm));
  return object;
}

static json_t *side_json(const civ_side *s)
{
  json_t *object = json_object();
  json_object_set_new_nocheck(object, "name", json_string(s->name));
  json_object_set_new_nocheck(object, "kind", json_string(s->kind));
  json_object_set_new_nocheck(object, "n_runs", json_integer((json_int_t)s->n));
  json_object_set_new_nocheck(object, "n_failed", json_integer((json_int_t)s->n_failed));
  return object;
}

static json_t *contrasts_json(const civ_side_contrasts *s)
{
  json_t *object = side_json(s->side), *metrics = json_array();
  json_object_set_new_nocheck(object, "paired", json_boolean(s->paired));
  json_object_set_new_nocheck(object, "n_pairs", json_integer((json_int_t)s->n_pairs));
  json_object_set_new_nocheck(object, "without_partner",
                              json_pack("[I, I]", (json_int_t)s->left_a, (json_int_t)s->left_b));
  json_object_set_new_nocheck(object, "totals_of_one_side",
                              json_pack("[I, I]", (json_int_t)s->only_a, (json_int_t)s->only_b));
  for (uint32_t k = 0; k < s->n; k++)
    json_array_append_new(metrics, contrast_json(&s->contrasts[k], s->paired));
  json_object_set_new_nocheck(object, "metrics", metrics);
  return object;
}

void civ_contrasts_json(const civ_sides *sides, const civ_contrasts *c, civ_buffer *out)
{
  json_t *object = json_object(), *list = json_array();
  json_object_set_new_nocheck(
      object, "civitas", json_pack("{s: s, s: i}", "version", civ_version(), "results_version", CIV_RESULTS_VERSION));
  json_object_set_new_nocheck(object, "baseline", side_json(&sides->items[0]));
  for (uint32_t k = 0; k < c->n; k++)
    json_array_append_new(list, contrasts_json(&c->sides[k]));
  json_object_set_new_nocheck(object, "comparisons", list);
  json_object_set_new_nocheck(object, "n_tested", json_integer((json_int_t)c->n_tested));
  civ_json_write(out, object, 2);
  civ_buffer_text(out, "\n");
  json_decref(object);
}
