/* cmd_metrics.c - soft and hard metrics of a file of interactions, of an event log, or of a fixture. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "civitas/civitas.h"
#include "cli/cli.h"
#include "cli/label_input.h"
#include "metric/reporter.h"
#include "record/interaction_json.h"

enum { PAYOFF_KEYS = 7 };

typedef struct metrics_options {
  bool json, verbose, strict;
  civ_opt_real threshold, band;
  int32_t fixture; /* 0 = none */
  civ_opt_integer count, seed;
  civ_texts overrides;
  civ_opt_real payoff[PAYOFF_KEYS];
} metrics_options;

static const char *const fixture_choices[] = { "none", "benign", "toxic", "uncertain", "mixed", "adversarial", NULL };

static const civ_option options[] = {
  CIV_OPTION_FLAG_(metrics_options, json, 0, "json", "print JSON: summary, comparison, and the metrics beyond them"),
  CIV_OPTION_FLAG_(metrics_options, verbose, 'v', "verbose", "also payoffs, welfare and warnings"),
  CIV_OPTION_REAL_(metrics_options, threshold, 't', "threshold", "P", "p from which on quality is high (0.5)"),
  CIV_OPTION_REAL_(metrics_options, band, 'b', "band", "B", "p closer to 0.5 than this is uncertain (0.2)"),
  CIV_OPTION_CHOICE_(metrics_options, fixture, 'f', "fixture", fixture_choices, "measure a fixture instead of a file"),
  CIV_OPTION_INTEGER_(metrics_options, count, 'n', "count", "N", 0, 100000000, "records of the fixture"),
  CIV_OPTION_INTEGER_(metrics_options, seed, 's', "seed", "S", 0, INT64_MAX, "seed of the fixture (0)"),
  CIV_OPTION_FLAG_(metrics_options, strict, 0, "strict", "an event log must be without a flaw"),
  CIV_OPTION_TEXTS_(metrics_options, overrides, 0, "override", "PATH=VALUE",
                    "set payoff.KEY or metrics.KEY, as in a scenario file"),
  CIV_OPTION_REAL_(metrics_options, payoff[0], 0, "payoff.s_plus", "X",
                   "surplus of an interaction that turns out well"),
  CIV_OPTION_REAL_(metrics_options, payoff[1], 0, "payoff.s_minus", "X", "loss of one that turns out badly"),
  CIV_OPTION_REAL_(metrics_options, payoff[2], 0, "payoff.h", "X", "harm to third parties when it does"),
  CIV_OPTION_REAL_(metrics_options, payoff[3], 0, "payoff.theta", "X", "the initiator's part of the surplus"),
  CIV_OPTION_REAL_(metrics_options, payoff[4], 0, "payoff.rho_a", "X", "the initiator's part of the harm"),
  CIV_OPTION_REAL_(metrics_options, payoff[5], 0, "payoff.rho_b", "X", "the counterparty's part of the harm"),
  CIV_OPTION_REAL_(metrics_options, payoff[6], 0, "payoff.w_rep", "X", "worth of one point of reputation"),
  { 0 },
};

const civ_command civ_command_metrics = {
  .name = "metrics",
  .summary = "soft and hard metrics of a batch of interactions",
  .arguments = "[FILE]",
  .least = 0,
  .most = 1,
  .options = options,
  .options_size = sizeof(metrics_options),
  .details = "FILE holds interaction records, one JSON object a line, or is an event log; its first line tells which. "
             "\"-\" is standard input. Of a log, the interactions that were completed count, and payoffs follow the "
             "configuration it carries; options win over it.",
  .example = "civitas metrics interactions.jsonl --verbose\ncivitas metrics runs/baseline-1/events.jsonl --json\n"
             "civitas metrics --fixture mixed --count 1000 --payoff.h=3",
  .run = civ_cmd_metrics,
};

/* --- input --------------------------------------------------------------------------------------------------------- */

/* An event log begins with an object that has an event_type, or is compressed. */
static bool is_log(const char *text, size_t length)
{
  static const unsigned char compressed[] = { 0x28, 0xb5, 0x2f, 0xfd };
  if (length >= sizeof compressed && memcmp(text, compressed, sizeof compressed) == 0)
    return true;
  const char *end = memchr(text, '\n', length);
  json_t *first = json_loadb(text, end != NULL ? (size_t)(end - text) : length, 0, NULL);
  bool answer = json_object_get(first, "event_type") != NULL;
  json_decref(first);
  return answer;
}

static void tell_flaws(const char *path, const civ_log_counts *counts, uint64_t dropped)
{
  if (counts->malformed != 0)
    civ_cli_error("%s: left out what is no event, from line %llu on: %llu in all", path,
                  (unsigned long long)counts->first_malformed_line, (unsigned long long)counts->malformed);
  if (counts->truncated_tail != 0)
    civ_cli_error("%s: the last line is cut short and was left out", path);
  if (dropped != 0)
    civ_cli_error("%s: left out interactions of an unknown type: %llu", path, (unsigned long long)dropped);
}

static civ_status take_rebuilt(const civ_rebuilt *rebuilt, civ_batch *batch, civ_error *err)
{
  civ_status status = CIV_OK;
  for (size_t k = 0; k < rebuilt->n && status == CIV_OK; ++k)
    if (rebuilt->completed[k])
      status = civ_batch_add(batch, &rebuilt->records[k], err);
  return status;
}

static civ_status open_log(const char *path, const char *text, size_t length, bool strict, civ_log_reader **reader,
                           civ_error *err)
{
  return strcmp(path, "-") == 0 ? civ_log_open_text(text, length, strict, reader, err)
                                : civ_log_open(path, strict, reader, err);
}

/* The rules of the run are those its first event says; a log without them leaves the defaults. */
static civ_status take_log_rules(civ_log_reader *reader, civ_cli_rules *rules, civ_error *err)
{
  static const char *const types[] = { "simulation_started" };
  const civ_log_filter filter = { .types = types, .n_types = 1 };
  civ_log_record record;
  bool got = false;
  civ_status status = civ_log_next(reader, &filter, &record, &got, err);
  if (status == CIV_OK && got)
    status = civ_cli_rules_from_config(rules, json_object_get(record.payload, "config"), err);
  return status;
}

static civ_status take_log_records(civ_log_reader *reader, const char *path, civ_batch *batch, civ_error *err)
{
  civ_rebuilt rebuilt;
  civ_status status = civ_log_rebuild(reader, &rebuilt, err);
  if (status != CIV_OK)
    return status;
  civ_log_counts counts = civ_log_reader_counts(reader);
  tell_flaws(path, &counts, rebuilt.dropped);
  status = take_rebuilt(&rebuilt, batch, err);
  civ_rebuilt_free(&rebuilt);
  return status;
}

static civ_status read_log(const char *path, const char *text, size_t length, bool strict, civ_cli_rules *rules,
                           civ_batch *batch, civ_error *err)
{
  civ_log_reader *reader;
  civ_status status = open_log(path, text, length, strict, &reader, err);
  if (status != CIV_OK)
    return status;
  status = take_log_rules(reader, rules, err);
  civ_log_reader_close(reader);
  if (status == CIV_OK)
    status = open_log(path, text, length, strict, &reader, err);
  if (status != CIV_OK)
    return status;
  status = take_log_records(reader, path, batch, err);
  civ_log_reader_close(reader);
  return status;
}

static civ_status read_file(const char *path, bool strict, civ_cli_rules *rules, civ_batch *batch, civ_error *err)
{
  char *text;
  size_t length;
  civ_status status = civ_cli_read_input(path, &text, &length, err);
  if (status != CIV_OK)
    return status;
  if (is_log(text, length))
    status = read_log(path, text, length, strict, rules, batch, err);
  else
    status = civ_interactions_read(text, length, strcmp(path, "-") == 0 ? "standard input" : path, batch, err);
  free(text);
  return status;
}

/* --count of an adversarial fixture is shared 3 : 2 between honest records and attacks, as in the usual batch. */
static civ_status make_fixture(const metrics_options *o, civ_batch *batch, civ_error *err)
{
  civ_fixture_def def = civ_fixture_default((civ_fixture_kind)(o->fixture - 1));
  if (o->count.set) {
    def.count = (uint32_t)o->count.value;
    if (def.kind == CIV_FIXTURE_ADVERSARIAL) {
      def.attacks = def.count / 5 * 2 + def.count % 5 * 2 / 5;
      def.count -= def.attacks;
    }
  }
  if (o->seed.set)
    def.seed = (uint64_t)o->seed.value;
  return civ_fixture_make(&def, batch, err);
}

/* --- rules --------------------------------------------------------------------------------------------------------- */

static civ_status take_rules(const metrics_options *o, civ_cli_rules *rules, civ_error *err)
{
  civ_status status = civ_cli_rules_set(rules, o->overrides.items, o->overrides.n, err);
  double *const values[PAYOFF_KEYS] = { &rules->payoff.s_plus, &rules->payoff.s_minus, &rules->payoff.h,
                                        &rules->payoff.theta,  &rules->payoff.rho_a,   &rules->payoff.rho_b,
                                        &rules->payoff.w_rep };
  for (int k = 0; k < PAYOFF_KEYS; ++k)
    if (o->payoff[k].set)
      *values[k] = o->payoff[k].value;
  if (o->threshold.set)
    rules->metrics.quality_threshold = o->threshold.value;
  if (o->band.set)
    rules->metrics.uncertainty_band = o->band.value;
  if (status == CIV_OK)
    status = civ_payoff_check(&rules->payoff, err);
  if (status == CIV_OK)
    status = civ_metrics_check(&rules->metrics, err);
  return status;
}

/* --- output -------------------------------------------------------------------------------------------------------- */

static json_t *distribution(const civ_batch *batch)
{
  civ_bin bins[CIV_METRIC_BINS];
  size_t n = 0;
  json_t *list = json_array();
  if (civ_quality_distribution(batch->records, batch->n, CIV_METRIC_BINS, bins, &n, NULL) == CIV_OK)
    for (size_t k = 0; k < n; ++k)
      json_array_append_new(list, json_pack("[f, f, I]", bins[k].start, bins[k].end, (json_int_t)bins[k].count));
  return list;
}

static json_t *calibration(const civ_batch *batch)
{
  civ_calibration_bin bins[CIV_METRIC_BINS];
  size_t n = 0;
  json_t *list = json_array();
  if (civ_calibration_curve(batch->records, batch->n, CIV_METRIC_BINS, bins, &n, NULL) == CIV_OK)
    for (size_t k = 0; k < n; ++k)
      json_array_append_new(
          list, json_pack("[f, f, I]", bins[k].mean_predicted, bins[k].fraction_positive, (json_int_t)bins[k].count));
  return list;
}

/* Metrics that the dual report leaves out. */
static json_t *additional(const civ_batch *batch, const civ_metrics_values *v)
{
  civ_maybe auc = { false, 0.0 };
  if (civ_discrimination_auc(batch->records, batch->n, &auc, NULL) != CIV_OK)
    return NULL;
  json_t *tree = json_pack(
      "{s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:I}", "toxicity_rate_all", v->toxicity_rate_all,
      "average_quality_accepted", v->average_quality_accepted, "average_quality_rejected", v->average_quality_rejected,
      "quality_variance_accepted", v->quality_variance_accepted, "quality_std", v->quality_std, "quality_std_accepted",
      v->quality_std_accepted, "cv_p", v->cv_p, "cv_payoff_initiator", v->cv_payoff_initiator, "cv_payoff_counterparty",
      v->cv_payoff_counterparty, "uncertain_count", (json_int_t)v->uncertain);
  json_t *more = json_pack("{s:f, s:f, s:f, s:f, s:o, s:o, s:o, s:o}", "conditional_surplus", v->conditional_surplus,
                           "conditional_social_surplus", v->conditional_social_surplus, "total_expected_harm",
                           v->total_expected_harm, "reputation_payoff_initiator", v->reputation_payoff_initiator,
                           "discrimination_auc", civ_report_maybe(auc), "maximum_calibration_error",
                           civ_report_maybe(v->maximum_calibration_error), "quality_distribution", distribution(batch),
                           "calibration_curve", calibration(batch));
  json_object_update(tree, more);
  json_decref(more);
  return tree;
}

static int print_json(const char *source, const civ_batch *batch, const civ_metrics_values *v)
{
  json_t *tree = json_pack("{s:s, s:o, s:o, s:o}", "source", source, "summary", civ_report_summary_tree(v),
                           "comparison", civ_report_comparison_tree(v), "additional", additional(batch, v));
  return civ_cli_print_tree(tree);
}

static int print_text(const civ_metrics_values *v, const civ_metrics_config *config, bool verbose)
{
  char *text;
  size_t length;
  civ_error err;
  if (civ_report_text(v, config, verbose, &text, &length, &err) != CIV_OK)
    return civ_cli_fail(&err);
  bool good = fwrite(text, 1, length, stdout) == length && putchar('\n') != EOF && fflush(stdout) == 0;
  civ_free(text);
  if (good)
    return CIV_EXIT_DONE;
  civ_cli_error("the report could not be written to standard output");
  return CIV_EXIT_FAILED;
}

static civ_metrics_values measure(const civ_batch *batch, const civ_cli_rules *rules)
{
  civ_metrics m;
  civ_metrics_values values;
  civ_metrics_init(&m, &rules->payoff, &rules->metrics);
  for (size_t k = 0; k < batch->n; ++k) {
    const civ_interaction *i = &batch->records[k];
    civ_metrics_add(&m, i, civ_payoff_initiator(&rules->payoff, i), civ_payoff_counterparty(&rules->payoff, i));
  }
  civ_metrics_read(&m, &values);
  return values;
}

static int run(const metrics_options *o, const char *path)
{
  civ_cli_rules rules = civ_cli_rules_default();
  civ_batch batch = { 0 };
  civ_error err;
  civ_status status = path != NULL ? read_file(path, o->strict, &rules, &batch, &err) : make_fixture(o, &batch, &err);
  if (status == CIV_OK)
    status = take_rules(o, &rules, &err);
  if (status != CIV_OK) {
    civ_batch_free(&batch);
    return civ_cli_fail(&err);
  }
  civ_metrics_values values = measure(&batch, &rules);
  int code = o->json ? print_json(path != NULL ? path : fixture_choices[o->fixture], &batch, &values)
                     : print_text(&values, &rules.metrics, o->verbose);
  civ_batch_free(&batch);
  return code;
}

int civ_cmd_metrics(int argc, char **argv)
{
  metrics_options o = { 0 };
  int code;
  if (!civ_cli_parse(&civ_command_metrics, &argc, argv, &o, &code))
    return code;
  const char *path = argc > 1 ? argv[1] : NULL;
  if (path == NULL && o.fixture == 0)
    code = civ_cli_misuse(&civ_command_metrics, "a FILE or --fixture NAME is needed");
  else if (path != NULL && o.fixture != 0)
    code = civ_cli_misuse(&civ_command_metrics, "a FILE and --fixture exclude each other");
  else if (path != NULL && (o.count.set || o.seed.set))
    code = civ_cli_misuse(&civ_command_metrics, "--count and --seed belong to --fixture");
  else
    code = run(&o, path);
  civ_texts_free(&o.overrides);
  return code;
}
