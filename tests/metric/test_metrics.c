/* Soft metrics: golden values, two-pass formulas over random batches, merging, empty cases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "samples.h"

static civ_draws stream(uint32_t entity)
{
  return civ_draws_open(5, &(civ_draw_key){ .purpose = CIV_PURPOSE_FUZZ, .entity = entity });
}

/* By name, so that the table reads like the page it comes from. */
#define FIELD(name)                                                                                                    \
  {                                                                                                                    \
#name, offsetof(civ_metrics_values, name)                                                                          \
  }
static const struct {
  const char *name;
  size_t offset;
} reals[] = {
  FIELD(toxicity_rate),
  FIELD(toxicity_rate_all),
  FIELD(conditional_loss_initiator),
  FIELD(conditional_loss_counterparty),
  FIELD(spread),
  FIELD(quality_gap),
  FIELD(uncertain_fraction),
  FIELD(average_quality),
  FIELD(average_quality_accepted),
  FIELD(high_quality_acceptance),
  FIELD(low_quality_acceptance),
  FIELD(toxicity_hard),
  FIELD(acceptance_rate),
  FIELD(total_welfare),
  FIELD(total_social_surplus),
  FIELD(avg_initiator_payoff),
  FIELD(avg_counterparty_payoff),
  FIELD(quality_variance),
  FIELD(quality_variance_accepted),
  FIELD(quality_std),
  FIELD(payoff_variance_initiator),
  FIELD(payoff_variance_counterparty),
  FIELD(cv_p),
  FIELD(cv_payoff_initiator),
  FIELD(cv_payoff_counterparty),
};
enum { REALS = sizeof reals / sizeof reals[0] };

static double real_at(const civ_metrics_values *v, size_t offset)
{
  double x;
  memcpy(&x, (const char *)v + offset, sizeof x);
  return x;
}

static const double first[REALS] = {
  0.40428571428571425,
  0.4741666666666666,
  0.13208333333333333,
  0.11053571428571424,
  -0.20964285714285713,
  0.16771428571428582,
  0.25,
  0.5258333333333334,
  0.5957142857142858,
  0.7142857142857143,
  0.4,
  0.2857142857142857,
  0.5833333333333334,
  5.49,
  -0.1499999999999999,
  0.33499999999999996,
  0.4492857142857143,
  0.09604097222222223,
  0.08896734693877552,
  0.30990477928264065,
  0.5012102430555556,
  0.2926005208333333,
  0.5893593266864798,
  3.4889299468006034,
  1.5968283834096684,
};
static const double second[REALS] = {
  0.40428571428571425,
  0.4741666666666666,
  0.27507738095238093,
  0.1765595238095238,
  -0.3144642857142857,
  0.16771428571428582,
  0.16666666666666666,
  0.5258333333333334,
  0.5957142857142858,
  0.6666666666666666,
  0.5,
  0.42857142857142855,
  0.5833333333333334,
  6.6425,
  1.1900000000000004,
  0.5987857142857143,
  0.3501428571428572,
  0.09604097222222223,
  0.08896734693877552,
  0.30990477928264065,
  1.6685201024305558,
  0.7516909097222224,
  0.5893593266864798,
  3.9903578278683622,
  4.994725499789893,
};

static void check(const civ_metrics_values *v, const double *expected)
{
  for (int k = 0; k < REALS; ++k) {
    double x = real_at(v, reals[k].offset);
    if (!(fabs(x - expected[k]) <= 1e-9))
      fail_msg("%s: %.17g, not %.17g", reals[k].name, x, expected[k]);
  }
  assert_near(v->calibration_error.value, -0.001);
  assert_near(v->brier_score.value, 0.08161);
  assert_near(v->expected_calibration_error.value, 0.221);
  assert_near(v->log_loss.value, 0.2815492882964363);
}

static void twelve_records_by_hand(void **unused)
{
  (void)unused;
  civ_interaction records[TWELVE];
  twelve_records(records);
  civ_metrics_values v = values_of(records, TWELVE, civ_payoff_default(), civ_metrics_default());
  check(&v, first);
  assert_int_equal(v.high_quality, 7);
  assert_int_equal(v.low_quality, 5);
  v = values_of(records, TWELVE, second_config(), (civ_metrics_config){ 0.6, 0.1 });
  check(&v, second);
  assert_int_equal(v.high_quality, 6);
  assert_int_equal(v.total, 12);
  assert_int_equal(v.rejected, 5);
  assert_int_equal(v.uncertain, 2);
}

static void empty_cases_are_zero_or_unknown(void **unused)
{
  (void)unused;
  civ_metrics_values v = values_of(NULL, 0, civ_payoff_default(), civ_metrics_default()), zero;
  memset(&zero, 0, sizeof zero);
  for (int k = 0; k < REALS; ++k)
    assert_true(real_at(&v, reals[k].offset) == 0.0);
  assert_false(v.brier_score.known || v.log_loss.known || v.calibration_error.known);
  assert_false(v.expected_calibration_error.known || v.maximum_calibration_error.known);
  civ_interaction refused = record_of(false, 0.8, 0, 0, 0, 0, 0, 0);
  v = values_of(&refused, 1, civ_payoff_default(), civ_metrics_default());
  assert_true(v.toxicity_rate == 0.0 && v.conditional_loss_initiator == 0.0 && v.spread == 0.0 && v.quality_gap == 0.0);
  assert_true(v.quality_variance == 0.0 && v.payoff_variance_initiator == 0.0 && v.total_welfare == 0.0);
  assert_near(v.toxicity_rate_all, 0.2);
  refused.accepted = true;
  v = values_of(&refused, 1, civ_payoff_default(), civ_metrics_default());
  assert_true(v.quality_gap == 0.0);
  assert_near(v.toxicity_rate, 0.2);
}

static void exact_zeros_stay_exact(void **unused)
{
  (void)unused;
  civ_interaction pair[2] = { record_of(true, 1.0, 1.0, 0, 0, 0, 0, 0), record_of(true, 1.0, 1.0, 0, 0, 0, 0, 0) };
  civ_metrics_values v = values_of(pair, 2, civ_payoff_default(), civ_metrics_default());
  assert_true(v.avg_initiator_payoff == 0.0 && v.cv_payoff_initiator == 0.0);
  assert_true(v.toxicity_rate == 0.0);
}

static void band_is_open_on_both_sides(void **unused)
{
  (void)unused;
  static const struct {
    double p, band;
    uint64_t uncertain;
  } cases[] = { { 0.3, 0.2, 0 }, { 0.7, 0.2, 0 }, { 0.30000000000000004, 0.2, 1 }, { 0.5, 0.0, 0 }, { 0.5, 0.1, 1 } };
  for (size_t k = 0; k < 5; ++k) {
    civ_interaction i = record_of(true, cases[k].p, 0, 0, 0, 0, 0, 0);
    civ_metrics_values v = values_of(&i, 1, civ_payoff_default(), (civ_metrics_config){ 0.5, cases[k].band });
    assert_int_equal(v.uncertain, cases[k].uncertain);
  }
}

static void log_loss_has_finite_extremes(void **unused)
{
  (void)unused;
  static const struct {
    double p;
    int truth;
    double loss;
  } cases[] = { { 0.0, 1, 34.538776394910684 },
                { 1.0, -1, 34.53957599234088 },
                { 1.0, 1, 9.992007221626415e-16 },
                { 0.0, -1, 9.992007221626415e-16 } };
  for (size_t k = 0; k < 4; ++k) {
    civ_interaction i = record_of(true, cases[k].p, 0, 0, 0, 0, 0, cases[k].truth);
    assert_near(values_of(&i, 1, civ_payoff_default(), civ_metrics_default()).log_loss.value, cases[k].loss);
  }
}

/* --- against the definitions, in two passes -------------------------------------------------------------------------- */

typedef double (*quantity)(const civ_payoff_config *c, const civ_interaction *i);
static double p_of(const civ_payoff_config *c, const civ_interaction *i)
{
  (void)c;
  return i->p;
}
static double surplus_of(const civ_payoff_config *c, const civ_interaction *i)
{
  return civ_expected_surplus(c, i->p);
}
static double social_of(const civ_payoff_config *c, const civ_interaction *i)
{
  return civ_social_surplus(c, i->p);
}
static double harm_of(const civ_payoff_config *c, const civ_interaction *i)
{
  return civ_expected_harm(c, i->p);
}
static double credit_of(const civ_payoff_config *c, const civ_interaction *i)
{
  return c->w_rep * i->r_a;
}

enum { ALL, ACCEPTED, REJECTED };
static bool belongs(const civ_interaction *i, int group)
{
  return group == ALL || (group == ACCEPTED) == i->accepted;
}

static double slow_mean(quantity q, const civ_payoff_config *c, const civ_interaction *r, size_t n, int group)
{
  long double sum = 0.0L;
  size_t count = 0;
  for (size_t k = 0; k < n; ++k)
    if (belongs(&r[k], group)) {
      sum += q(c, &r[k]);
      ++count;
    }
  return count == 0 ? 0.0 : (double)(sum / count);
}

static double slow_variance(quantity q, const civ_payoff_config *c, const civ_interaction *r, size_t n, int group)
{
  double mean = slow_mean(q, c, r, n, group);
  long double sum = 0.0L;
  size_t count = 0;
  for (size_t k = 0; k < n; ++k)
    if (belongs(&r[k], group)) {
      sum += (q(c, &r[k]) - mean) * (q(c, &r[k]) - mean);
      ++count;
    }
  return count < 2 ? 0.0 : (double)(sum / count);
}

static void compare_with_definitions(const civ_metrics_values *v, const civ_payoff_config *c, const civ_interaction *r,
                                     size_t n)
{
  size_t accepted = 0;
  for (size_t k = 0; k < n; ++k)
    accepted += r[k].accepted;
  bool any = accepted != 0;
  double p_all = slow_mean(p_of, c, r, n, ALL), p_accepted = slow_mean(p_of, c, r, n, ACCEPTED);
  assert_near(v->average_quality, p_all);
  assert_near(v->average_quality_accepted, p_accepted);
  assert_near(v->average_quality_rejected, slow_mean(p_of, c, r, n, REJECTED));
  assert_near(v->toxicity_rate, any ? 1.0 - p_accepted : 0.0);
  assert_near(v->quality_gap, any && accepted < n ? p_accepted - slow_mean(p_of, c, r, n, REJECTED) : 0.0);
  assert_near(v->spread, any ? (c->s_plus + c->s_minus) * (p_all - p_accepted) : 0.0);
  quantity both[] = { civ_payoff_initiator, civ_payoff_counterparty };
  double loss[2];
  for (int s = 0; s < 2; ++s)
    loss[s] = any ? slow_mean(both[s], c, r, n, ACCEPTED) - slow_mean(both[s], c, r, n, ALL) : 0.0;
  assert_near(v->conditional_loss_initiator, loss[0]);
  assert_near(v->conditional_loss_counterparty, loss[1]);
  assert_near(v->total_welfare, (double)accepted * slow_mean(civ_total_welfare, c, r, n, ACCEPTED));
  assert_near(v->total_social_surplus, (double)accepted * slow_mean(social_of, c, r, n, ACCEPTED));
  assert_near(v->total_expected_harm, (double)accepted * slow_mean(harm_of, c, r, n, ACCEPTED));
  assert_near(v->reputation_payoff_initiator, slow_mean(credit_of, c, r, n, ACCEPTED));
  double surplus = slow_mean(surplus_of, c, r, n, ACCEPTED) - slow_mean(surplus_of, c, r, n, ALL);
  double social = slow_mean(social_of, c, r, n, ACCEPTED) - slow_mean(social_of, c, r, n, ALL);
  assert_near(v->conditional_surplus, any ? surplus : 0.0);
  assert_near(v->conditional_social_surplus, any ? social : 0.0);
  assert_near(v->quality_variance, slow_variance(p_of, c, r, n, ALL));
  assert_near(v->quality_variance_accepted, slow_variance(p_of, c, r, n, ACCEPTED));
  assert_near(v->payoff_variance_initiator, slow_variance(civ_payoff_initiator, c, r, n, ALL));
  assert_near(v->payoff_variance_counterparty, slow_variance(civ_payoff_counterparty, c, r, n, ALL));
  if (any && accepted < n)
    assert_near(v->spread, -(c->s_plus + c->s_minus) * (double)(n - accepted) / (double)n * v->quality_gap);
}

static civ_payoff_config random_config(civ_draws *d)
{
  civ_payoff_config c = civ_payoff_default();
  c.s_plus = civ_draw_between(d, 0, 4);
  c.s_minus = civ_draw_between(d, 0, 4);
  c.h = civ_draw_between(d, 0, 4);
  c.theta = civ_draw_uniform(d);
  c.rho_a = civ_draw_uniform(d);
  c.rho_b = civ_draw_uniform(d);
  c.w_rep = civ_draw_between(d, -2, 2);
  return c;
}

static void random_batches_meet_the_definitions(void **unused)
{
  (void)unused;
  civ_draws d = stream(1);
  civ_interaction records[300];
  for (int round = 0; round < 2000; ++round) {
    size_t n = civ_draw_index(&d, round % 10 == 0 ? 300 : 12);
    civ_payoff_config c = random_config(&d);
    civ_metrics_config config = { civ_draw_uniform(&d), civ_draw_between(&d, 0, 0.5) };
    random_records(&d, records, n);
    civ_metrics_values v = values_of(records, n, c, config);
    compare_with_definitions(&v, &c, records, n);
    assert_true(v.toxicity_rate >= 0.0 && v.toxicity_rate <= 1.0 && fabs(v.quality_gap) <= 1.0);
    assert_int_equal(v.high_quality + v.low_quality, n);
    assert_int_equal(v.accepted + v.rejected, n);
  }
}

static void losses_are_shares_of_the_spread_when_nothing_else_pays(void **unused)
{
  (void)unused;
  civ_draws d = stream(2);
  civ_interaction records[50];
  for (int round = 0; round < 500; ++round) {
    civ_payoff_config c = random_config(&d);
    c.rho_a = c.rho_b = 0.0;
    random_records(&d, records, 50);
    for (int k = 0; k < 50; ++k)
      records[k] = record_of(records[k].accepted, records[k].p, 0, 0, 0, 0, 0, 0);
    civ_metrics_values v = values_of(records, 50, c, civ_metrics_default());
    assert_near(v.conditional_loss_initiator, -c.theta * v.spread);
    assert_near(v.conditional_loss_counterparty, -(1.0 - c.theta) * v.spread);
  }
}

/* --- merging --------------------------------------------------------------------------------------------------------- */

static void same_values(const civ_metrics_values *a, const civ_metrics_values *b)
{
  for (int k = 0; k < REALS; ++k)
    assert_near(real_at(a, reals[k].offset), real_at(b, reals[k].offset));
  assert_int_equal(a->total, b->total);
  assert_int_equal(a->uncertain, b->uncertain);
  assert_int_equal(a->log_loss.known, b->log_loss.known);
  assert_near(a->log_loss.value, b->log_loss.value);
  assert_near(a->expected_calibration_error.value, b->expected_calibration_error.value);
}

static void merged_parts_equal_the_whole_in_any_order(void **unused)
{
  (void)unused;
  civ_draws d = stream(3);
  civ_interaction records[200];
  for (int round = 0; round < 300; ++round) {
    civ_payoff_config c = random_config(&d);
    civ_metrics_config config = civ_metrics_default();
    size_t n = civ_draw_index(&d, 200), cut = civ_draw_index(&d, (uint32_t)n + 1),
           cut2 = civ_draw_index(&d, (uint32_t)cut + 1);
    random_records(&d, records, n);
    civ_metrics part[3], forwards, backwards;
    for (int k = 0; k < 3; ++k)
      civ_metrics_init(&part[k], &c, &config);
    add_all(&part[0], records, cut2);
    add_all(&part[1], records + cut2, cut - cut2);
    add_all(&part[2], records + cut, n - cut);
    civ_metrics_init(&forwards, &c, &config);
    civ_metrics_init(&backwards, &c, &config);
    for (int k = 0; k < 3; ++k) {
      civ_metrics_merge(&forwards, &part[k]);
      civ_metrics_merge(&backwards, &part[2 - k]);
    }
    civ_metrics_values whole = values_of(records, n, c, config), a, b;
    civ_metrics_read(&forwards, &a);
    civ_metrics_read(&backwards, &b);
    same_values(&a, &whole);
    same_values(&b, &whole);
  }
}

/* Second moments hold far from zero, where the difference of two large sums would be noise. */
static void variance_survives_a_large_offset(void **unused)
{
  (void)unused;
  civ_draws d = stream(4);
  civ_metrics m;
  civ_payoff_config c = civ_payoff_default();
  civ_metrics_config config = civ_metrics_default();
  civ_metrics_init(&m, &c, &config);
  double sum = 0.0, squares = 0.0;
  for (int k = 0; k < 100000; ++k) {
    double x = civ_draw_uniform(&d) - 0.5;
    civ_interaction i = record_of(true, 0.5, 0, 0, 0, 0, 0, 0);
    civ_metrics_add(&m, &i, 1e9 + x, 0.0);
    sum += x;
    squares += x * x;
  }
  civ_metrics_values v;
  civ_metrics_read(&m, &v);
  double variance = squares / 1e5 - sum / 1e5 * (sum / 1e5);
  assert_true(fabs(v.payoff_variance_initiator - variance) < 1e-4 * variance);
}

static void config_is_checked_by_key(void **unused)
{
  (void)unused;
  civ_error err;
  assert_int_equal(civ_metrics_check(&(civ_metrics_config){ 0.5, 0.2 }, &err), CIV_OK);
  assert_int_equal(civ_metrics_check(&(civ_metrics_config){ 1.5, 0.2 }, &err), CIV_E_RANGE);
  assert_string_equal(err.where, "metrics.quality_threshold");
  assert_int_equal(civ_metrics_check(&(civ_metrics_config){ 0.5, 0.6 }, &err), CIV_E_RANGE);
  assert_string_equal(err.where, "metrics.uncertainty_band");
  assert_int_equal(civ_metrics_check(&(civ_metrics_config){ NAN, 0.2 }, NULL), CIV_E_RANGE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(twelve_records_by_hand),
    cmocka_unit_test(empty_cases_are_zero_or_unknown),
    cmocka_unit_test(exact_zeros_stay_exact),
    cmocka_unit_test(band_is_open_on_both_sides),
    cmocka_unit_test(log_loss_has_finite_extremes),
    cmocka_unit_test(random_batches_meet_the_definitions),
    cmocka_unit_test(losses_are_shares_of_the_spread_when_nothing_else_pays),
    cmocka_unit_test(merged_parts_equal_the_whole_in_any_order),
    cmocka_unit_test(variance_survives_a_large_offset),
    cmocka_unit_test(config_is_checked_by_key),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
