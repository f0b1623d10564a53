#include "lab/json_report.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "civitas/version.h"
#include "lab/run_record.h"
#include "lab/statistics.h"

static void put_member(civ_buffer *out, const char *key, json_t *value)
{
  civ_buffer_format(out, "%s\n  \"%s\": ", out->length > 1 ? "," : "", key);
  civ_json_write_deep(out, value, 2, 1);
  json_decref(value);
}

static json_t *versions(void)
{
  json_t *object = json_object();
  json_object_set_new_nocheck(object, "version", json_string(civ_version()));
  json_object_set_new_nocheck(object, "results_version", json_integer(CIV_RESULTS_VERSION));
  json_object_set_new_nocheck(object, "rng_version", json_integer(CIV_RNG_VERSION));
  return object;
}

/* The effective configuration as a tree; NULL with err filled. */
static json_t *config_tree(const civ_config *config, civ_error *err)
{
  char *text;
  size_t length;
  json_error_t at;
  if (civ_config_json(config, &text, &length, err) != CIV_OK)
    return NULL;
  json_t *tree = json_loadb(text, length, 0, &at);
  civ_free(text);
  if (tree == NULL)
    civ_fail(err, CIV_E_NOMEM, "report", "the configuration does not read back: %s", at.text);
  return tree;
}

civ_status civ_json_report_begin(civ_json_report *report, const civ_config *config, civ_error *err)
{
  *report = (civ_json_report){ 0 };
  json_t *tree = config_tree(config, err);
  if (tree == NULL)
    return err != NULL ? err->code : CIV_E_NOMEM;
  const civ_scenario_config *scenario = civ_config_section(config, "");
  civ_buffer_text(&report->text, "{");
  put_member(&report->text, "civitas", versions());
  put_member(&report->text, "scenario_id",
             scenario->scenario_id != NULL ? json_string(scenario->scenario_id) : json_null());
  put_member(&report->text, "model", json_string(scenario->model == 0 ? "reference" : "causal"));
  put_member(&report->text, "config", tree);
  civ_buffer_text(&report->text, ",\n  \"runs\": [");
  return CIV_OK;
}

void civ_json_report_run(civ_json_report *report, const civ_run_record *run)
{
  json_t *tree = civ_run_record_json(run);
  civ_buffer_text(&report->text, report->n++ > 0 ? ",\n    " : "\n    ");
  civ_json_write_deep(&report->text, tree, 2, 2);
  json_decref(tree);
}

static json_t *summary_json(const civ_summary *s)
{
  json_t *object = json_object();
  json_object_set_new_nocheck(object, "n", json_integer((json_int_t)s->n));
  json_object_set_new_nocheck(object, "mean", s->n > 0 ? json_real(s->mean) : json_null());
  json_object_set_new_nocheck(object, "sd", s->spread ? json_real(s->sd) : json_null());
  json_object_set_new_nocheck(object, "ci95", s->spread ? json_pack("[f, f]", s->low, s->high) : json_null());
  const struct {
    const char *key;
    double value;
  } quantiles[] = { { "q05", s->q05 }, { "q25", s->q25 }, { "q50", s->q50 }, { "q75", s->q75 }, { "q95", s->q95 } };
  for (size_t k = 0; k < sizeof quantiles / sizeof *quantiles; k++)
    json_object_set_new_nocheck(object, quantiles[k].key, s->n > 0 ? json_real(quantiles[k].value) : json_null());
  return object;
}

void civ_json_report_end(civ_json_report *report, const civ_columns *totals, const civ_summary *summaries)
{
  json_t *summary = json_object();
  for (uint32_t k = 0; k < totals->n; k++)
    json_object_set_new_nocheck(summary, totals->decls[k].name, summary_json(&summaries[k]));
  civ_buffer_text(&report->text, report->n > 0 ? "\n  ]" : "]");
  put_member(&report->text, "summary", summary);
  civ_buffer_text(&report->text, "\n}\n");
}

void civ_json_report_free(civ_json_report *report)
{
  civ_buffer_free(&report->text);
}

civ_status civ_json_report_single(const civ_config *config, const civ_run_record *run, char **out, size_t *length,
                                  civ_error *err)
{
  civ_json_report report;
  civ_summary *summaries = civ_zeroed(&civ_allocator_malloc, run->total_columns.n, sizeof *summaries);
  if (summaries == NULL)
    return civ_fail(err, CIV_E_NOMEM, "report", "out of memory");
  civ_status status = civ_json_report_begin(&report, config, err);
  if (status == CIV_OK) {
    for (uint32_t k = 0; k < run->total_columns.n; k++) {
      double value = run->totals[k];
      summaries[k] = civ_summarise(&value, 1);
    }
    civ_json_report_run(&report, run);
    civ_json_report_end(&report, &run->total_columns, summaries);
    char *text = civ_buffer_take(&report.text, length);
    if (text == NULL)
      status = civ_fail(err, CIV_E_NOMEM, "report", "out of memory");
    else
      *out = text;
    civ_json_report_free(&report);
  }
  free(summaries);
  return status;
}
