/* calibration.c - metrics that need the whole batch at hand: histograms, calibration by any number of bins, rank statistics. */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "civitas/metrics.h"
#include "metric/bins.h"

static civ_status check_bins(int bins, civ_error *err)
{
  if (bins < 1)
    return civ_fail(err, CIV_E_RANGE, "bins", "%d is outside [1, infinity): at least one bin is needed", bins);
  return CIV_OK;
}

civ_status civ_quality_distribution(const civ_interaction *records, size_t n, int bins, civ_bin *out, size_t *n_out,
                                    civ_error *err)
{
  civ_status status = check_bins(bins, err);
  if (status != CIV_OK)
    return status;
  *n_out = n == 0 ? 0 : (size_t)bins;
  if (n == 0)
    return CIV_OK;
  double width = 1.0 / bins;
  for (int k = 0; k < bins; ++k)
    out[k] = (civ_bin){ k * width, (k + 1) * width, 0 };
  for (size_t i = 0; i < n; ++i) {
    int bin = civ_bin_index(records[i].p, bins);
    if (bin >= 0)
      out[bin].count += 1;
  }
  return CIV_OK;
}

/* Sums per bin in the members of the result: mean_predicted holds the sum of p, fraction_positive counts positives.
 * Returns how many records have a known truth. */
static uint64_t sum_bins(const civ_interaction *records, size_t n, int bins, civ_calibration_bin *out)
{
  uint64_t known = 0;
  for (int k = 0; k < bins; ++k)
    out[k] = (civ_calibration_bin){ 0.0, 0.0, 0 };
  for (size_t i = 0; i < n; ++i) {
    if (records[i].ground_truth == 0)
      continue;
    known += 1;
    int bin = civ_bin_index(records[i].p, bins);
    if (bin < 0)
      continue;
    out[bin].mean_predicted += records[i].p;
    out[bin].fraction_positive += records[i].ground_truth > 0 ? 1.0 : 0.0;
    out[bin].count += 1;
  }
  return known;
}

civ_status civ_calibration_curve(const civ_interaction *records, size_t n, int bins, civ_calibration_bin *out,
                                 size_t *n_out, civ_error *err)
{
  civ_status status = check_bins(bins, err);
  if (status != CIV_OK)
    return status;
  size_t known = 0;
  for (size_t i = 0; i < n; ++i)
    known += records[i].ground_truth != 0;
  *n_out = known == 0 ? 0 : (size_t)bins;
  if (known == 0)
    return CIV_OK;
  (void)sum_bins(records, n, bins, out);
  double width = 1.0 / bins;
  for (int k = 0; k < bins; ++k) {
    if (out[k].count == 0) {
      out[k].mean_predicted = k * width + width / 2.0;
    } else {
      out[k].mean_predicted /= (double)out[k].count;
      out[k].fraction_positive /= (double)out[k].count;
    }
  }
  return CIV_OK;
}

civ_status civ_expected_calibration_error(const civ_interaction *records, size_t n, int bins, civ_maybe *out,
                                          civ_error *err)
{
  civ_status status = check_bins(bins, err);
  if (status != CIV_OK)
    return status;
  const civ_allocator *memory = &civ_allocator_malloc;
  size_t bytes = (size_t)bins * sizeof(civ_calibration_bin);
  civ_calibration_bin *curve = civ_zeroed(memory, (size_t)bins, sizeof *curve);
  if (curve == NULL)
    return civ_fail(err, CIV_E_NOMEM, "expected_calibration_error", "no memory for %d bins", bins);
  (void)sum_bins(records, n, bins, curve);
  double total = 0.0, error = 0.0;
  for (int k = 0; k < bins; ++k)
    total += (double)curve[k].count;
  for (int k = 0; k < bins; ++k) {
    double count = (double)curve[k].count;
    if (count > 0.0)
      error += count / total * fabs(curve[k].mean_predicted / count - curve[k].fraction_positive / count);
  }
  *out = (civ_maybe){ total > 0.0, error };
  civ_release(memory, curve, bytes);
  return CIV_OK;
}

typedef struct ranked {
  double p;
  bool positive;
} ranked;

static int by_p(const void *a, const void *b)
{
  double x = ((const ranked *)a)->p, y = ((const ranked *)b)->p;
  return (x > y) - (x < y);
}

/* Sum over positives of their midranks (from 1) in `list`, sorted by p. */
static double positive_ranks(const ranked *list, size_t n)
{
  double sum = 0.0;
  for (size_t from = 0, to; from < n; from = to) {
    size_t positives = 0;
    for (to = from; to < n && list[to].p == list[from].p; ++to)
      positives += list[to].positive;
    sum += (double)positives * ((double)(from + 1 + to) / 2.0);
  }
  return sum;
}

civ_status civ_discrimination_auc(const civ_interaction *records, size_t n, civ_maybe *out, civ_error *err)
{
  size_t known = 0, positives = 0;
  for (size_t i = 0; i < n; ++i) {
    known += records[i].ground_truth != 0;
    positives += records[i].ground_truth > 0;
  }
  if (positives == 0 || positives == known) {
    *out = (civ_maybe){ false, 0.0 };
    return CIV_OK;
  }
  const civ_allocator *memory = &civ_allocator_malloc;
  ranked *list = civ_zeroed(memory, known, sizeof *list);
  if (list == NULL)
    return civ_fail(err, CIV_E_NOMEM, "discrimination_auc", "no memory for %zu records", known);
  size_t at = 0;
  for (size_t i = 0; i < n; ++i)
    if (records[i].ground_truth != 0)
      list[at++] = (ranked){ records[i].p, records[i].ground_truth > 0 };
  qsort(list, known, sizeof *list, by_p);
  double plus = (double)positives, minus = (double)(known - positives);
  *out = (civ_maybe){ true, (positive_ranks(list, known) - plus * (plus + 1.0) / 2.0) / (plus * minus) };
  civ_release(memory, list, known * sizeof *list);
  return CIV_OK;
}
