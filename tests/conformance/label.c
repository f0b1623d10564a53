/* label.c - how the cases of chapter 01 (labels, payoff, metrics) meet the library. */
#include <math.h>
#include <string.h>

#include "civitas/civitas.h"
#include "conformance.h"
#include "metric/reporter.h"

static double number(const json_t *object, const char *key)
{
  return json_number_value(json_object_get(object, key));
}

static double number_or(const json_t *object, const char *key, double otherwise)
{
  const json_t *value = json_object_get(object, key);
  return json_is_number(value) ? json_number_value(value) : otherwise;
}

static bool flag(const json_t *object, const char *key)
{
  return json_is_true(json_object_get(object, key));
}

/* Replaces the members of a struct of reals that the object names. */
static void take_reals(const civ_section *section, const json_t *object, void *values)
{
  for (uint32_t k = 0; k < section->n_fields; ++k) {
    const civ_field *field = &section->fields[k];
    const json_t *value = json_object_get(object, field->name);
    if (field->kind != CIV_FIELD_REAL || !json_is_number(value))
      continue;
    double x = json_number_value(value);
    memcpy((char *)values + field->offset, &x, sizeof x);
  }
}

static civ_payoff_config payoff_of(const json_t *object)
{
  civ_payoff_config config = civ_payoff_default();
  take_reals(&civ_payoff_section, object, &config);
  return config;
}

static civ_observables observables_of(const json_t *object)
{
  civ_observables o = { .task_progress_delta = number(object, "task_progress_delta"),
                        .counterparty_engagement_delta = number(object, "counterparty_engagement_delta"),
                        .rework_count = (int32_t)number(object, "rework_count"),
                        .verifier_rejections = (int32_t)number(object, "verifier_rejections"),
                        .tool_misuse_flags = (int32_t)number(object, "tool_misuse_flags") };
  return o;
}

static civ_interaction interaction_of(const json_t *object)
{
  civ_interaction i = civ_interaction_default();
  i.accepted = flag(object, "accepted");
  i.p = number(object, "p");
  i.tau = number(object, "tau");
  i.c_a = number(object, "c_a");
  i.c_b = number(object, "c_b");
  i.r_a = number(object, "r_a");
  i.r_b = number(object, "r_b");
  i.ground_truth = (int8_t)number(object, "ground_truth");
  return i;
}

/* The batch of a case; freed with civ_batch_free. */
static civ_batch batch_of(const conformance_case *c)
{
  civ_batch batch = { 0 };
  size_t k;
  json_t *item;
  json_array_foreach(json_object_get(c->input, "interactions"), k, item)
  {
    civ_interaction i = interaction_of(item);
    if (civ_batch_add(&batch, &i, NULL) != CIV_OK)
      break;
  }
  return batch;
}

static civ_metrics_values values_of(const civ_batch *batch, const civ_payoff_config *payoff,
                                    const civ_metrics_config *config)
{
  civ_metrics m;
  civ_metrics_values values;
  civ_metrics_init(&m, payoff, config);
  for (size_t k = 0; k < batch->n; ++k) {
    const civ_interaction *i = &batch->records[k];
    civ_metrics_add(&m, i, civ_payoff_initiator(payoff, i), civ_payoff_counterparty(payoff, i));
  }
  civ_metrics_read(&m, &values);
  return values;
}

/* --- sigmoid, proxy, observables ----------------------------------------------------------------------------------- */

static conformance_outcome run_sigmoid(const conformance_case *c)
{
  double v = number(c->input, "v_hat"), k = number_or(c->input, "k", 2.0);
  return conformance_answer(
      json_pack("{s:f, s:f}", "p", civ_sigmoid(v, k), "derivative", civ_sigmoid_derivative(v, k)));
}

static conformance_outcome run_inverse_sigmoid(const conformance_case *c)
{
  double v;
  if (civ_sigmoid_inverse(number(c->input, "p"), number_or(c->input, "k", 2.0), &v, NULL) != CIV_OK)
    return conformance_refuse();
  return conformance_answer(json_pack("{s:f}", "v_hat", v));
}

static conformance_outcome run_sigmoid_bounds(const conformance_case *c)
{
  double low, high;
  civ_sigmoid_bounds(number_or(c->input, "k", 2.0), &low, &high);
  return conformance_answer(json_pack("{s:f, s:f}", "p_min", low, "p_max", high));
}

static conformance_outcome run_uncertainty_band(const conformance_case *c)
{
  double low, high;
  if (civ_uncertainty_band(number_or(c->input, "k", 2.0), number_or(c->input, "threshold", 0.1), &low, &high, NULL) !=
      CIV_OK)
    return conformance_refuse();
  return conformance_answer(json_pack("{s:f, s:f}", "v_min", low, "v_max", high));
}

static conformance_outcome run_weights_normalise(const conformance_case *c)
{
  civ_proxy_weights w = civ_proxy_weights_default();
  take_reals(&civ_proxy_weights_section, c->input, &w);
  w = civ_proxy_weights_normalise(w);
  return conformance_answer(json_pack("{s:f, s:f, s:f, s:f}", "task_progress", w.task_progress, "rework_penalty",
                                      w.rework_penalty, "verifier_penalty", w.verifier_penalty, "engagement_signal",
                                      w.engagement_signal));
}

static conformance_outcome run_proxy_labels(const conformance_case *c)
{
  const json_t *given = json_object_get(c->input, "config");
  civ_proxy_config config = civ_proxy_default();
  civ_proxy_weights weights = civ_proxy_weights_default();
  take_reals(&civ_proxy_section, given, &config);
  take_reals(&civ_proxy_weights_section, json_object_get(given, "weights"), &weights);
  civ_proxy proxy;
  if (civ_proxy_init(&config, &weights, &proxy, NULL) != CIV_OK)
    return conformance_refuse();
  civ_observables o = observables_of(json_object_get(c->input, "observables"));
  double v_hat, p;
  civ_proxy_label(&proxy, &o, &v_hat, &p);
  return conformance_answer(json_pack("{s:f, s:f}", "v_hat", v_hat, "p", p));
}

static bool default_proxy(double k, civ_proxy *proxy)
{
  civ_proxy_config config = civ_proxy_default();
  civ_proxy_weights weights = civ_proxy_weights_default();
  config.sigmoid_k = k;
  return civ_proxy_init(&config, &weights, proxy, NULL) == CIV_OK;
}

static conformance_outcome run_observables_from_base(const conformance_case *c)
{
  civ_proxy proxy;
  if (!default_proxy(2.0, &proxy))
    return conformance_refuse();
  civ_observables o = civ_observables_settle(observables_of(json_object_get(c->input, "base")),
                                             number(c->input, "initiator_reputation"), flag(c->input, "accepted"));
  double v_hat, p;
  civ_proxy_label(&proxy, &o, &v_hat, &p);
  return conformance_answer(json_pack("{s:f, s:i, s:i, s:i, s:f, s:f, s:f}", "task_progress_delta",
                                      o.task_progress_delta, "rework_count", (int)o.rework_count, "verifier_rejections",
                                      (int)o.verifier_rejections, "tool_misuse_flags", (int)o.tool_misuse_flags,
                                      "counterparty_engagement_delta", o.counterparty_engagement_delta, "v_hat", v_hat,
                                      "p", p));
}

/* Population standard deviation from sums. */
static double spread(double sum, double squares, double n)
{
  return sqrt(fmax(squares / n - sum / n * (sum / n), 0.0));
}

static civ_agent_type type_of(const json_t *name)
{
  int type = 0;
  while (type + 1 < CIV_AGENT_TYPES && strcmp(json_string_value(name), civ_agent_type_names[type]) != 0)
    ++type;
  return (civ_agent_type)type;
}

/* The expectation is exact, our answer a sample: the runner compares them by the rule for samples. */
static conformance_outcome run_observable_moments(const conformance_case *c)
{
  enum { DRAWS = 400000 };
  civ_agent_type type = type_of(json_object_get(c->input, "agent_type"));
  double reputation = number(c->input, "initiator_reputation");
  bool accepted = flag(c->input, "accepted");
  civ_proxy proxy;
  if (!default_proxy(number_or(c->input, "sigmoid_k", 2.0), &proxy))
    return conformance_refuse();
  double sum_v = 0.0, squares_v = 0.0, sum_p = 0.0, squares_p = 0.0;
  for (uint32_t k = 0; k < DRAWS; ++k) {
    civ_draw_key key = { .purpose = CIV_PURPOSE_OBSERVABLES, .entity = k, .other = (uint32_t)type };
    civ_draws draws = civ_draws_open(1, &key);
    civ_observables o = civ_observables_settle(civ_profile_draw(type, &draws), reputation, accepted);
    double v, p;
    civ_proxy_label(&proxy, &o, &v, &p);
    sum_v += v;
    squares_v += v * v;
    sum_p += p;
    squares_p += p * p;
  }
  return conformance_answer(json_pack("{s:i, s:f, s:f, s:f, s:f}", "draws", (int)DRAWS, "mean_v_hat", sum_v / DRAWS,
                                      "sd_v_hat", spread(sum_v, squares_v, DRAWS), "mean_p", sum_p / DRAWS, "sd_p",
                                      spread(sum_p, squares_p, DRAWS)));
}

/* --- payoff -------------------------------------------------------------------------------------------------------- */

static json_t *breakdown(const civ_payoff_breakdown *b)
{
  return json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "expected_surplus", b->expected_surplus, "expected_harm",
                   b->expected_harm, "surplus_share", b->surplus_share, "transfer", b->transfer, "governance_cost",
                   b->governance_cost, "externality_cost", b->externality_cost, "reputation_bonus", b->reputation_bonus,
                   "total", b->total);
}

static conformance_outcome run_payoff(const conformance_case *c)
{
  civ_payoff_config config = payoff_of(json_object_get(c->input, "config"));
  if (civ_payoff_check(&config, NULL) != CIV_OK)
    return conformance_refuse();
  civ_interaction i = interaction_of(json_object_get(c->input, "interaction"));
  civ_payoff_breakdown a = civ_payoff_explain_initiator(&config, &i), b = civ_payoff_explain_counterparty(&config, &i);
  return conformance_answer(
      json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:o, s:o}", "expected_surplus", civ_expected_surplus(&config, i.p),
                "expected_harm", civ_expected_harm(&config, i.p), "payoff_initiator", civ_payoff_initiator(&config, &i),
                "payoff_counterparty", civ_payoff_counterparty(&config, &i), "total_welfare",
                civ_total_welfare(&config, &i), "social_surplus", civ_social_surplus(&config, i.p),
                "breakdown_initiator", breakdown(&a), "breakdown_counterparty", breakdown(&b)));
}

static conformance_outcome run_break_even(const conformance_case *c)
{
  civ_payoff_config config = payoff_of(json_object_get(c->input, "config"));
  if (civ_payoff_check(&config, NULL) != CIV_OK)
    return conformance_refuse();
  civ_maybe own = { false, 0.0 }, social = { false, 0.0 };
  own.known = civ_break_even_p(&config, &own.value);
  social.known = civ_social_break_even_p(&config, &social.value);
  return conformance_answer(
      json_pack("{s:o, s:o}", "break_even_p", civ_report_maybe(own), "social_break_even_p", civ_report_maybe(social)));
}

/* --- metrics ------------------------------------------------------------------------------------------------------- */

static json_t *all_metrics(const civ_batch *batch, const civ_metrics_values *v)
{
  civ_maybe auc = { false, 0.0 }, ece = { false, 0.0 };
  if (civ_discrimination_auc(batch->records, batch->n, &auc, NULL) != CIV_OK ||
      civ_expected_calibration_error(batch->records, batch->n, 5, &ece, NULL) != CIV_OK)
    return NULL;
  return json_pack("{s:o, s:f, s:f, s:f, s:f, s:f, s:o, s:o, s:{s:f, s:f, s:f}, s:I, s:o}", "summary",
                   civ_report_summary_tree(v), "toxicity_rate_all", v->toxicity_rate_all, "average_quality_accepted",
                   v->average_quality_accepted, "quality_variance_accepted", v->quality_variance_accepted,
                   "quality_std", v->quality_std, "quality_std_accepted", v->quality_std_accepted, "discrimination_auc",
                   civ_report_maybe(auc), "expected_calibration_error_5", civ_report_maybe(ece),
                   "coefficient_of_variation", "cv_p", v->cv_p, "cv_payoff_initiator", v->cv_payoff_initiator,
                   "cv_payoff_counterparty", v->cv_payoff_counterparty, "uncertain_count", (json_int_t)v->uncertain,
                   "compare_soft_hard", civ_report_comparison_tree(v));
}

static conformance_outcome run_metrics(const conformance_case *c)
{
  civ_payoff_config payoff = payoff_of(json_object_get(c->input, "config"));
  civ_metrics_config config = civ_metrics_default();
  take_reals(&civ_metrics_section, c->input, &config);
  if (civ_payoff_check(&payoff, NULL) != CIV_OK || civ_metrics_check(&config, NULL) != CIV_OK)
    return conformance_refuse();
  civ_batch batch = batch_of(c);
  civ_metrics_values v = values_of(&batch, &payoff, &config);
  json_t *answer = all_metrics(&batch, &v);
  civ_batch_free(&batch);
  return answer != NULL ? conformance_answer(answer) : conformance_refuse();
}

enum { MOST_BINS = 4096 };

static conformance_outcome run_quality_distribution(const conformance_case *c)
{
  static civ_bin bins[MOST_BINS];
  int m = (int)number_or(c->input, "bins", 10.0);
  civ_batch batch = batch_of(c);
  size_t n = 0;
  civ_status status = m > MOST_BINS ? CIV_E_LIMIT : civ_quality_distribution(batch.records, batch.n, m, bins, &n, NULL);
  civ_batch_free(&batch);
  if (status != CIV_OK)
    return conformance_refuse();
  json_t *list = json_array();
  for (size_t k = 0; k < n; ++k)
    json_array_append_new(list, json_pack("[f, f, I]", bins[k].start, bins[k].end, (json_int_t)bins[k].count));
  return conformance_answer(list);
}

static conformance_outcome run_calibration_curve(const conformance_case *c)
{
  static civ_calibration_bin bins[MOST_BINS];
  int m = (int)number_or(c->input, "bins", 10.0);
  civ_batch batch = batch_of(c);
  size_t n = 0;
  civ_status status = m > MOST_BINS ? CIV_E_LIMIT : civ_calibration_curve(batch.records, batch.n, m, bins, &n, NULL);
  civ_batch_free(&batch);
  if (status != CIV_OK)
    return conformance_refuse();
  json_t *list = json_array();
  for (size_t k = 0; k < n; ++k)
    json_array_append_new(
        list, json_pack("[f, f, I]", bins[k].mean_predicted, bins[k].fraction_positive, (json_int_t)bins[k].count));
  return conformance_answer(list);
}

static conformance_outcome run_metrics_report(const conformance_case *c)
{
  civ_payoff_config payoff = civ_payoff_default();
  civ_metrics_config config = civ_metrics_default();
  civ_batch batch = batch_of(c);
  civ_metrics_values v = values_of(&batch, &payoff, &config);
  civ_batch_free(&batch);
  char *text;
  size_t length;
  if (civ_report_text(&v, &config, flag(c->input, "verbose"), &text, &length, NULL) != CIV_OK)
    return conformance_refuse();
  json_t *answer = json_pack("{s:s%}", "text", text, length);
  civ_free(text);
  return conformance_answer(answer);
}

static conformance_outcome run_log_loss(const conformance_case *c)
{
  civ_payoff_config payoff = civ_payoff_default();
  civ_metrics_config config = civ_metrics_default();
  civ_batch batch = batch_of(c);
  civ_metrics_values v = values_of(&batch, &payoff, &config);
  civ_batch_free(&batch);
  return conformance_answer(json_pack("{s:o, s:o}", "log_loss", civ_report_maybe(v.log_loss), "brier_score",
                                      civ_report_maybe(v.brier_score)));
}

static conformance_outcome run_interaction_flags(const conformance_case *c)
{
  civ_interaction i = civ_interaction_default();
  i.p = number(c->input, "p");
  return conformance_answer(
      json_pack("{s:b, s:b}", "uncertain", (int)civ_interaction_uncertain(&i, number_or(c->input, "band", 0.2)),
                "high_quality", (int)civ_interaction_high_quality(&i, number_or(c->input, "threshold", 0.5))));
}

const conformance_adapter conformance_label[] = {
  { "sigmoid", run_sigmoid },
  { "inverse_sigmoid", run_inverse_sigmoid },
  { "sigmoid_bounds", run_sigmoid_bounds },
  { "uncertainty_band", run_uncertainty_band },
  { "weights_normalise", run_weights_normalise },
  { "proxy_labels", run_proxy_labels },
  { "observables_from_base", run_observables_from_base },
  { "observable_moments", run_observable_moments },
  { "payoff", run_payoff },
  { "break_even", run_break_even },
  { "metrics", run_metrics },
  { "quality_distribution", run_quality_distribution },
  { "calibration_curve", run_calibration_curve },
  { "metrics_report", run_metrics_report },
  { "log_loss", run_log_loss },
  { "interaction_flags", run_interaction_flags },
  { NULL, NULL },
};
