/* The summary of a sweep as one JSON object. Written straight into text: a sweep may have a million rows. */
#include <math.h>
#include <string.h>

#include "civitas/version.h"
#include "lab/sweep_summary.h"

/* --- pieces --------------------------------------------------------------------------------------------------------------------- */

static void key(civ_buffer *out, const char *before, const char *name)
{
  civ_buffer_text(out, before);
  civ_buffer_json_text(out, name, strlen(name));
  civ_buffer_text(out, ": ");
}

static void put_text(civ_buffer *out, const char *before, const char *name, const char *text)
{
  key(out, before, name);
  if (text != NULL)
    civ_buffer_json_text(out, text, strlen(text));
  else
    civ_buffer_text(out, "null");
}

static void put_real(civ_buffer *out, const char *before, const char *name, double value)
{
  key(out, before, name);
  civ_buffer_real(out, value);
}

static void put_count(civ_buffer *out, const char *before, const char *name, uint64_t value)
{
  key(out, before, name);
  civ_buffer_integer(out, (int64_t)value);
}

static void put_interval(civ_buffer *out, const char *before, const char *name, const civ_interval *interval)
{
  key(out, before, name);
  civ_buffer_text(out, "[");
  civ_buffer_real(out, interval->method != CIV_INTERVAL_NONE ? interval->low : NAN);
  civ_buffer_text(out, ", ");
  civ_buffer_real(out, interval->method != CIV_INTERVAL_NONE ? interval->high : NAN);
  civ_buffer_text(out, "]");
}

static void put_labels(civ_buffer *out, const civ_sweep_plan *plan, uint64_t configuration)
{
  for (uint32_t k = 0; k < civ_sweep_plan_labels(plan); k++) {
    const civ_node value = civ_sweep_plan_value(plan, configuration, k);
    key(out, k > 0 ? ", " : "", civ_sweep_plan_label(plan, k));
    civ_node_json(out, &value);
  }
}

static const char *comma_after_labels(const civ_sweep_plan *plan)
{
  return civ_sweep_plan_labels(plan) > 0 ? ", " : "";
}

/* --- groups --------------------------------------------------------------------------------------------------------------------- */

static void put_comparison(civ_buffer *out, const civ_sweep_estimate *e)
{
  const civ_difference *c = &e->comparison;
  key(out, ", ", "difference");
  put_real(out, "{", "mean", c->difference);
  put_real(out, ", ", "se", c->standard_error);
  put_interval(out, ", ", "ci95", &c->student);
  put_interval(out, ", ", "bootstrap95", &c->studentised);
  put_real(out, ", ", "effect", c->has_effect ? c->effect : NAN);
  put_real(out, ", ", "p", c->tested ? c->p : NAN);
  put_real(out, ", ", "p_holm", e->p_holm);
  key(out, ", ", "paired");
  civ_buffer_text(out, c->paired ? "true" : "false");
  put_count(out, ", ", "n", c->paired ? c->n : c->n_b);
  civ_buffer_text(out, "}");
}

static void put_estimate(civ_buffer *out, const char *before, const char *name, const civ_sweep_estimate *e)
{
  const bool spread = e->student.method != CIV_INTERVAL_NONE;
  key(out, before, name);
  put_count(out, "{", "n", e->n);
  put_real(out, ", ", "mean", e->n > 0 ? e->mean : NAN);
  put_real(out, ", ", "sd", spread ? e->sd : NAN);
  put_real(out, ", ", "se", spread ? e->standard_error : NAN);
  put_interval(out, ", ", "ci95", &e->student);
  put_interval(out, ", ", "bootstrap95", &e->studentised);
  if (e->compared)
    put_comparison(out, e);
  civ_buffer_text(out, "}");
}

static void put_group(civ_buffer *out, const civ_sweep_plan *plan, const civ_sweep_group *g)
{
  const civ_sweep_spec *spec = civ_sweep_plan_spec(plan);
  civ_buffer_text(out, "    {");
  put_labels(out, plan, g->configuration);
  put_count(out, comma_after_labels(plan), "n_runs", g->n_runs);
  put_count(out, ", ", "n_failed", g->n_failed);
  put_real(out, ", ", "mean_welfare", g->mean_welfare);
  put_real(out, ", ", "mean_toxicity", g->mean_toxicity);
  put_real(out, ", ", "mean_frozen", g->mean_frozen);
  put_real(out, ", ", "mean_honest_payoff", g->mean_honest_payoff);
  put_real(out, ", ", "mean_adversarial_payoff", g->mean_adversarial_payoff);
  key(out, ", ", "metrics");
  for (uint32_t m = 0; m < spec->n_metrics; m++)
    put_estimate(out, m > 0 ? ", " : "{", spec->metrics[m].name, &g->estimates[m]);
  civ_buffer_text(out, spec->n_metrics > 0 ? "}}" : "{}}");
}

static void put_groups(civ_buffer *out, const civ_sweep_summary *s)
{
  civ_buffer_text(out, ",\n  \"summaries\": [");
  for (uint64_t k = 0; k < s->n_groups; k++) {
    civ_buffer_text(out, k > 0 ? ",\n" : "\n");
    put_group(out, civ_sweep_rows_plan(s->rows), &s->groups[k]);
  }
  civ_buffer_text(out, s->n_groups > 0 ? "\n  ]" : "]");
}

/* --- sensitivity ------------------------------------------------------------------------------------------------------------------ */

static void put_index(civ_buffer *out, const char *before, const char *name, const civ_index *index)
{
  key(out, before, name);
  put_real(out, "{", "value", index->value);
  put_interval(out, ", ", "ci95", &index->interval);
  civ_buffer_text(out, "}");
}

static void put_parameter(civ_buffer *out, const civ_sweep_spec *spec, const civ_sweep_sensitivity *s, uint32_t k)
{
  key(out, k > 0 ? ", " : "{", spec->parameters[k].path);
  if (spec->design == CIV_SWEEP_SOBOL_INDICES) {
    put_index(out, "{", "first_order", &s->first[k]);
    put_index(out, ", ", "total_order", &s->total[k]);
  } else {
    put_index(out, "{", "mu", &s->effects[k].mu);
    put_index(out, ", ", "mu_star", &s->effects[k].mu_star);
    put_real(out, ", ", "sigma", s->effects[k].sigma);
    put_count(out, ", ", "n", s->effects[k].n);
  }
  civ_buffer_text(out, "}");
}

static void put_sensitivity(civ_buffer *out, const civ_sweep_summary *s)
{
  const civ_sweep_spec *spec = civ_sweep_plan_spec(civ_sweep_rows_plan(s->rows));
  for (uint32_t m = 0; m < spec->n_metrics; m++) {
    civ_buffer_text(out, m > 0 ? ",\n    " : ",\n  \"sensitivity\": {\n    ");
    key(out, "", spec->metrics[m].name);
    for (uint32_t k = 0; k < spec->n_parameters; k++)
      put_parameter(out, spec, &s->sensitivity[m], k);
    civ_buffer_text(out, "}");
  }
  civ_buffer_text(out, "\n  }");
}

/* --- rows ------------------------------------------------------------------------------------------------------------------------- */

static void put_row(civ_buffer *out, const civ_sweep_plan *plan, const civ_sweep_row *row)
{
  civ_buffer_text(out, "    {");
  put_labels(out, plan, row->place.configuration);
  put_count(out, comma_after_labels(plan), "run_index", row->place.run_index);
  put_count(out, ", ", "seed", row->place.seed);
  for (uint32_t k = 0; row->state == CIV_SWEEP_DONE && k < civ_sweep_plan_columns(plan); k++) {
    key(out, ", ", civ_sweep_plan_column(plan, k));
    if (civ_sweep_plan_column_is_integer(plan, k) && isfinite(row->values[k]))
      civ_buffer_integer(out, (int64_t)row->values[k]);
    else
      civ_buffer_real(out, row->values[k]);
  }
  if (row->state == CIV_SWEEP_DONE)
    put_text(out, ", ", "criteria", row->judged ? civ_outcome_names[row->outcome] : "none");
  else
    put_text(out, ", ", "error", row->error);
  civ_buffer_text(out, "}");
}

/* All rows, or those of failed runs. */
static void put_rows(civ_buffer *out, const civ_sweep_summary *s, const char *name, bool failed_only)
{
  const civ_sweep_plan *plan = civ_sweep_rows_plan(s->rows);
  bool begun = false;
  key(out, ",\n  ", name);
  civ_buffer_text(out, "[");
  for (uint64_t k = 0; k < civ_sweep_plan_runs(plan) && !out->failed; k++) {
    const civ_sweep_row row = civ_sweep_rows_at(s->rows, k);
    if (row.state == CIV_SWEEP_NOT_RUN || (failed_only && row.state != CIV_SWEEP_FAILED))
      continue;
    civ_buffer_text(out, begun ? ",\n" : "\n");
    put_row(out, plan, &row);
    begun = true;
  }
  civ_buffer_text(out, begun ? "\n  ]" : "]");
}

/* --- the whole ---------------------------------------------------------------------------------------------------------------------- */

static void put_head(civ_buffer *out, const civ_sweep_summary *s)
{
  const civ_sweep_plan *plan = civ_sweep_rows_plan(s->rows);
  const civ_sweep_spec *spec = civ_sweep_plan_spec(plan);
  const civ_scenario_config *scenario = civ_config_section(civ_sweep_plan_base(plan), "");
  civ_buffer name = { 0 };
  civ_buffer_format(out, "{\n  \"civitas\": {\"version\": \"%s\", \"results_version\": %d}", CIV_VERSION,
                    CIV_RESULTS_VERSION);
  put_text(out, ",\n  ", "sweep", spec->name);
  put_text(out, ",\n  ", "scenario_id", scenario->scenario_id);
  put_text(out, ",\n  ", "plan_sha256", civ_sweep_plan_digest(plan));
  put_text(out, ",\n  ", "design", civ_sweep_design_names[spec->design]);
  put_count(out, ",\n  ", "runs_per_config", spec->runs_per_config);
  put_text(out, ",\n  ", "seed_mode", civ_sweep_seed_mode_names[spec->seed_mode]);
  key(out, ",\n  ", "seed_base");
  if (spec->has_seed_base)
    civ_buffer_integer(out, (int64_t)spec->seed_base);
  else
    civ_buffer_text(out, "null");
  put_count(out, ",\n  ", "total_runs", s->n_runs + s->n_failed);
  put_count(out, ",\n  ", "failed_runs", s->n_failed);
  put_count(out, ",\n  ", "param_combinations", s->n_groups);
  if (s->compares && s->n_groups > 0)
    civ_sweep_plan_name(plan, civ_sweep_plan_baseline(plan), &name);
  civ_buffer_add(&name, "", 1);
  out->failed |= name.failed;
  put_text(out, ",\n  ", "baseline", s->compares && s->n_groups > 0 && !name.failed ? name.data : NULL);
  civ_buffer_free(&name);
}

civ_status civ_sweep_summary_json(const civ_sweep_summary *summary, bool with_runs, civ_buffer *out, civ_error *err)
{
  put_head(out, summary);
  put_groups(out, summary);
  if (summary->sensitivity != NULL)
    put_sensitivity(out, summary);
  put_rows(out, summary, "failures", true);
  if (with_runs)
    put_rows(out, summary, "runs", false);
  civ_buffer_text(out, "\n}\n");
  return out->failed ? civ_fail(err, CIV_E_NOMEM, "summary", "out of memory") : CIV_OK;
}
