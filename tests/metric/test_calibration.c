/* Histograms, calibration curves and rank statistics: golden values, the slow definitions, refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "samples.h"

static void p_in_tenths_falls_where_binary_products_put_it(void **unused)
{
  (void)unused;
  static const int bin_of[] = { 0, 1, 2, 2, 4, 5, 5, 6, 8, 9, 9 };
  for (int k = 0; k <= 10; ++k) {
    civ_interaction i = record_of(true, k / 10.0, 0, 0, 0, 0, 0, 0);
    civ_bin bins[10];
    size_t n;
    assert_int_equal(civ_quality_distribution(&i, 1, 10, bins, &n, NULL), CIV_OK);
    for (int b = 0; b < 10; ++b)
      assert_int_equal(bins[b].count, b == bin_of[k]);
  }
}

static void twelve_records_by_hand(void **unused)
{
  (void)unused;
  static const uint64_t counts[] = { 1, 1, 2, 0, 1, 1, 2, 1, 1, 2 };
  static const double curve[4][3] = { { 0.1, 0.0, 3 }, { 0.37, 0.5, 2 }, { 0.5, 0.0, 1 }, { 0.8625, 1.0, 4 } };
  civ_interaction records[TWELVE];
  civ_bin bins[10];
  civ_calibration_bin calibration[4];
  civ_maybe value;
  size_t n;
  twelve_records(records);
  assert_int_equal(civ_quality_distribution(records, TWELVE, 10, bins, &n, NULL), CIV_OK);
  assert_int_equal(n, 10);
  for (int k = 0; k < 10; ++k)
    assert_int_equal(bins[k].count, counts[k]);
  assert_int_equal(civ_calibration_curve(records, TWELVE, 4, calibration, &n, NULL), CIV_OK);
  assert_int_equal(n, 4);
  for (int k = 0; k < 4; ++k) {
    assert_near(calibration[k].mean_predicted, curve[k][0]);
    assert_near(calibration[k].fraction_positive, curve[k][1]);
    assert_int_equal(calibration[k].count, (int)curve[k][2]);
  }
  assert_int_equal(civ_discrimination_auc(records, TWELVE, &value, NULL), CIV_OK);
  assert_true(value.known);
  assert_near(value.value, 0.96);
  assert_int_equal(civ_expected_calibration_error(records, TWELVE, 5, &value, NULL), CIV_OK);
  assert_near(value.value, 0.121);
  assert_int_equal(civ_expected_calibration_error(records, TWELVE, 10, &value, NULL), CIV_OK);
  assert_near(value.value, 0.221);
}

static void nothing_known_gives_nothing(void **unused)
{
  (void)unused;
  civ_interaction i = record_of(true, 0.4, 0, 0, 0, 0, 0, 0);
  civ_calibration_bin calibration[4];
  civ_bin bins[4];
  civ_maybe value = { true, 1.0 };
  size_t n = 9;
  assert_int_equal(civ_quality_distribution(NULL, 0, 4, bins, &n, NULL), CIV_OK);
  assert_int_equal(n, 0);
  assert_int_equal(civ_calibration_curve(&i, 1, 4, calibration, &n, NULL), CIV_OK);
  assert_int_equal(n, 0);
  assert_int_equal(civ_expected_calibration_error(&i, 1, 4, &value, NULL), CIV_OK);
  assert_false(value.known);
  value.known = true;
  assert_int_equal(civ_discrimination_auc(&i, 1, &value, NULL), CIV_OK);
  assert_false(value.known);
  i.ground_truth = 1;
  assert_int_equal(civ_discrimination_auc(&i, 1, &value, NULL), CIV_OK);
  assert_false(value.known);
  assert_int_equal(civ_calibration_curve(&i, 1, 4, calibration, &n, NULL), CIV_OK);
  assert_near(calibration[0].mean_predicted, 0.125);
  assert_int_equal(calibration[0].count, 0);
}

static void fewer_than_one_bin_is_refused(void **unused)
{
  (void)unused;
  civ_interaction i = record_of(true, 0.4, 0, 0, 0, 0, 0, 1);
  civ_calibration_bin calibration[1] = { { 7.0, 7.0, 7 } };
  civ_bin bins[1] = { { 7.0, 7.0, 7 } };
  civ_maybe value = { true, 7.0 };
  civ_error err;
  size_t n = 9;
  for (int m = 0; m > -3; --m) {
    assert_int_equal(civ_quality_distribution(&i, 1, m, bins, &n, &err), CIV_E_RANGE);
    assert_int_equal(civ_calibration_curve(&i, 1, m, calibration, &n, &err), CIV_E_RANGE);
    assert_int_equal(civ_expected_calibration_error(&i, 1, m, &value, &err), CIV_E_RANGE);
    assert_string_equal(err.where, "bins");
  }
  assert_true(n == 9 && bins[0].count == 7 && calibration[0].count == 7 && value.value == 7.0);
}

/* The definition: scan every bin. */
static int slow_bin(double p, int m)
{
  double w = 1.0 / m;
  if (p == 1.0)
    return m - 1;
  for (int i = 0; i < m; ++i)
    if (i * w <= p && p < (i + 1) * w)
      return i;
  return -1;
}

static double slow_auc(const civ_interaction *r, size_t n)
{
  double right = 0.0, pairs = 0.0;
  for (size_t a = 0; a < n; ++a)
    for (size_t b = 0; b < n; ++b)
      if (r[a].ground_truth > 0 && r[b].ground_truth < 0) {
        pairs += 1.0;
        right += r[a].p > r[b].p ? 1.0 : r[a].p == r[b].p ? 0.5 : 0.0;
      }
  return pairs == 0.0 ? -1.0 : right / pairs;
}

static void random_batches_meet_the_definitions(void **unused)
{
  (void)unused;
  civ_draws d = civ_draws_open(5, &(civ_draw_key){ .purpose = CIV_PURPOSE_FUZZ, .entity = 9 });
  civ_interaction records[80];
  for (int round = 0; round < 3000; ++round) {
    size_t n = civ_draw_index(&d, 80), n_out;
    int m = 1 + (int)civ_draw_index(&d, 60);
    random_records(&d, records, n);
    for (size_t k = 0; k < n; ++k)
      if (civ_draw_chance(&d, 0.3))
        records[k].p = fmin(1.0, (int)civ_draw_index(&d, (uint32_t)m + 1) * (1.0 / m));
    civ_bin bins[64];
    uint64_t counts[64] = { 0 };
    assert_int_equal(civ_quality_distribution(records, n, m, bins, &n_out, NULL), CIV_OK);
    for (size_t k = 0; k < n; ++k)
      if (slow_bin(records[k].p, m) >= 0)
        counts[slow_bin(records[k].p, m)] += 1;
    for (size_t b = 0; b < n_out; ++b)
      assert_int_equal(bins[b].count, counts[b]);
    civ_maybe auc;
    assert_int_equal(civ_discrimination_auc(records, n, &auc, NULL), CIV_OK);
    double expected = slow_auc(records, n);
    assert_int_equal(auc.known, expected >= 0.0);
    if (auc.known)
      assert_near(auc.value, expected);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(p_in_tenths_falls_where_binary_products_put_it),
    cmocka_unit_test(twelve_records_by_hand),
    cmocka_unit_test(nothing_known_gives_nothing),
    cmocka_unit_test(fewer_than_one_bin_is_refused),
    cmocka_unit_test(random_batches_meet_the_definitions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
