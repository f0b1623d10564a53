#include "lab/json_report.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "civitas/version.h"
#include "lab/run_record.h"
#include "statistics/statistics.h"

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

/* Hands on what is there, once it is worth a call. */
static void hand_on(civ_json_report *report, bool all)
{
  enum { ENOUGH = 1 << 16 };
  civ_buffer *text = &report->text;
  if (report->receiver.write == NULL || text->failed || (!all && text->length < ENOUGH))
    return;
  if (!report->refused && !report->receiver.write(report->receiver.self, text->data, text->length))
    report->refused = true;
  text->length = 0;
}

civ_status civ_json_report_begin(civ_json_report *report, const civ_config *config, const civ_text_receiver *receiver,
                                 civ_error *err)
{
  *report = (civ_json_report){ 0 };
  if (receiver != NULL)
    report->receiver = *receiver;
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

static void put_run_member(civ_buffer *out, const char *key, json_t *value)
{
  civ_buffer_format(out, ",\n      \"%s\": ", key);
  civ_json_write_deep(out, value, 2, 3);
  json_decref(value);
}

static void put_epochs(civ_json_report *report, const civ_run_record *run)
{
  const uint32_t n = run->rows != NULL ? run->n_epochs : 0;
  civ_buffer_text(&report->text, ",\n      \"epochs\": [");
  for (uint32_t e = 0; e < n; e++) {
    json_t *epoch = civ_run_record_epoch_json(run, e);
    civ_buffer_text(&report->text, e > 0 ? ",\n        " : "\n        ");
    civ_json_write_deep(&report->text, epoch, 2, 4);
    json_decref(epoch);
    hand_on(report, false);
  }
  civ_buffer_text(&report->text, n > 0 ? "\n      ]" : "]");
}

static void put_agents(civ_json_report *report, const civ_run_record *run)
{
  civ_buffer_text(&report->text, ",\n      \"agents\": [");
  for (uint32_t a = 0; a < run->n_agents; a++) {
    civ_buffer_text(&report->text, a > 0 ? ",\n        " : "\n        ");
    civ_agent_row_json(&run->agents[a], &report->text);
    hand_on(report, false);
  }
  civ_buffer_text(&report->text, run->n_agents > 0 ? "\n      ]" : "]");
}

void civ_json_report_run(civ_json_report *report, const civ_run_record *run)
{
  static const char *const ends[] = { "running", "done", "interrupted", "killed" };
  civ_buffer *out = &report->text;
  civ_buffer_text(out, report->n++ > 0 ? ",\n    {\n      \"seed\": " : "\n    {\n      \"seed\": ");
  civ_buffer_integer(out, (int64_t)run->seed);
  put_epochs(report, run);
  put_agents(report, run);
  put_run_member(out, "totals", civ_run_record_totals_json(run));
  put_run_member(out, "end", json_string(ends[run->end]));
  if (run->stop_reason != NULL) {
    put_run_member(out, "stop_reason", json_string(run->stop_reason));
    put_run_member(out, "stop_value", json_real(run->stop_value));
  }
  if (run->reports_length > 2)
    put_run_member(out, "reports", civ_run_record_reports_json(run));
  if (run->n_findings > 0)
    put_run_member(out, "criteria", civ_run_record_criteria_json(run));
  civ_buffer_text(out, "\n    }");
  hand_on(report, false);
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

civ_status civ_json_report_end(civ_json_report *report, const civ_columns *totals, const civ_summary *summaries,
                               civ_error *err)
{
  json_t *summary = json_object();
  for (uint32_t k = 0; k < totals->n; k++)
    json_object_set_new_nocheck(summary, totals->decls[k].name, summary_json(&summaries[k]));
  civ_buffer_text(&report->text, report->n > 0 ? "\n  ]" : "]");
  put_member(&report->text, "summary", summary);
  civ_buffer_text(&report->text, "\n}\n");
  hand_on(report, true);
  return report->text.failed ? civ_fail(err, CIV_E_NOMEM, "report", "out of memory") : CIV_OK;
}

void civ_json_report_free(civ_json_report *report)
{
  civ_buffer_free(&report->text);
}

/* --- one run ------------------------------------------------------------------------------------------------------------ */

static civ_status write_single(civ_json_report *report, const civ_config *config, const civ_run_record *run,
                               const civ_text_receiver *receiver, civ_error *err)
{
  civ_summary *summaries = civ_zeroed(&civ_allocator_malloc, run->total_columns.n, sizeof *summaries);
  if (summaries == NULL)
    return civ_fail(err, CIV_E_NOMEM, "report", "out of memory");
  civ_status status = civ_json_report_begin(report, config, receiver, err);
  if (status == CIV_OK) {
    for (uint32_t k = 0; k < run->total_columns.n; k++) {
      double value = run->totals[k];
      summaries[k] = civ_summarise(&value, 1);
    }
    civ_json_report_run(report, run);
    status = civ_json_report_end(report, &run->total_columns, summaries, err);
  }
  free(summaries);
  return status;
}

civ_status civ_json_report_write(const civ_config *config, const civ_run_record *run, const civ_text_receiver *receiver,
                                 civ_error *err)
{
  civ_json_report report = { 0 };
  const civ_status status = write_single(&report, config, run, receiver, err);
  civ_json_report_free(&report);
  return status;
}

civ_status civ_json_report_single(const civ_config *config, const civ_run_record *run, char **out, size_t *length,
                                  civ_error *err)
{
  civ_json_report report = { 0 };
  const civ_status status = write_single(&report, config, run, NULL, err);
  if (status == CIV_OK)
    *out = civ_buffer_take(&report.text, length);
  civ_json_report_free(&report);
  return status;
}
