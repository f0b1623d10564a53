/* The epoch fold: against the batch metrics, the slow Gini, saved and restored, without memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "metric/epoch.h"
#include "samples.h"
#include "support/failing_allocator.h"

enum { AGENTS = 40 };

static civ_draws stream(uint32_t entity)
{
  return civ_draws_open(5, &(civ_draw_key){ .purpose = CIV_PURPOSE_FUZZ, .entity = entity });
}

static civ_epoch_metrics *create(civ_payoff_config payoff)
{
  civ_metrics_config config = civ_metrics_default();
  civ_epoch_metrics *m;
  assert_int_equal(civ_epoch_metrics_create(AGENTS, &payoff, &config, &civ_allocator_malloc, &m, NULL), CIV_OK);
  return m;
}

static void add_records(civ_epoch_metrics *m, const civ_payoff_config *c, const civ_interaction *r, size_t n)
{
  assert_int_equal(civ_epoch_metrics_reserve(m, (uint32_t)n, NULL), CIV_OK);
  for (size_t k = 0; k < n; ++k)
    civ_epoch_metrics_add(m, &r[k], civ_payoff_initiator(c, &r[k]), civ_payoff_counterparty(c, &r[k]));
}

/* Credited payoffs of a batch: both sides of accepted interactions. */
static size_t credited(const civ_payoff_config *c, const civ_interaction *r, size_t n, double *out)
{
  size_t count = 0;
  for (size_t k = 0; k < n; ++k)
    if (r[k].accepted) {
      out[count++] = civ_payoff_initiator(c, &r[k]);
      out[count++] = civ_payoff_counterparty(c, &r[k]);
    }
  return count;
}

static double slow_gini(const double *x, size_t n)
{
  double differences = 0.0, size = 0.0;
  for (size_t a = 0; a < n; ++a) {
    size += fabs(x[a]);
    for (size_t b = 0; b < n; ++b)
      differences += fabs(x[a] - x[b]);
  }
  return size == 0.0 ? 0.0 : differences / (2.0 * (double)n * size);
}

static double slow_std(const double *x, size_t n)
{
  double sum = 0.0, squares = 0.0;
  for (size_t k = 0; k < n; ++k)
    sum += x[k];
  for (size_t k = 0; k < n; ++k)
    squares += (x[k] - sum / (double)n) * (x[k] - sum / (double)n);
  return n < 2 ? 0.0 : sqrt(squares / (double)n);
}

static double slow_participation(const civ_interaction *r, size_t n)
{
  bool seen[AGENTS] = { false };
  double count = 0.0;
  for (size_t k = 0; k < n; ++k)
    seen[r[k].initiator] = seen[r[k].counterparty] = true;
  for (int a = 0; a < AGENTS; ++a)
    count += seen[a];
  return count / AGENTS;
}

static void agrees(const double *row, const civ_payoff_config *c, const civ_interaction *r, size_t n)
{
  civ_metrics_values v = values_of(r, n, *c, civ_metrics_default());
  double payoffs[600];
  size_t count = credited(c, r, n, payoffs);
  assert_near(row[CIV_EPOCH_TOTAL_INTERACTIONS], (double)v.total);
  assert_near(row[CIV_EPOCH_ACCEPTED_INTERACTIONS], (double)v.accepted);
  assert_near(row[CIV_EPOCH_REJECTED_INTERACTIONS], (double)v.rejected);
  assert_near(row[CIV_EPOCH_TOXICITY_RATE], v.toxicity_rate);
  assert_near(row[CIV_EPOCH_QUALITY_GAP], v.quality_gap);
  assert_near(row[CIV_EPOCH_AVG_PAYOFF], v.avg_initiator_payoff);
  assert_near(row[CIV_EPOCH_TOTAL_WELFARE], v.total_welfare);
  assert_near(row[CIV_EPOCH_CONDITIONAL_LOSS_INITIATOR], v.conditional_loss_initiator);
  assert_near(row[CIV_EPOCH_CONDITIONAL_LOSS_COUNTERPARTY], v.conditional_loss_counterparty);
  assert_near(row[CIV_EPOCH_SPREAD], v.spread);
  assert_near(row[CIV_EPOCH_AVERAGE_QUALITY], v.average_quality);
  assert_near(row[CIV_EPOCH_UNCERTAIN_FRACTION], v.uncertain_fraction);
  assert_near(row[CIV_EPOCH_ACCEPTANCE_RATE], v.acceptance_rate);
  assert_near(row[CIV_EPOCH_TOTAL_SOCIAL_SURPLUS], v.total_social_surplus);
  assert_near(row[CIV_EPOCH_AVG_PAYOFF_BOTH], count == 0 ? 0.0 : v.total_welfare / (double)count);
  assert_near(row[CIV_EPOCH_PAYOFF_STD], slow_std(payoffs, count));
  assert_near(row[CIV_EPOCH_GINI_COEFFICIENT], slow_gini(payoffs, count));
  assert_near(row[CIV_EPOCH_PARTICIPATION_RATE], slow_participation(r, n));
}

static void random_epochs_meet_the_definitions(void **unused)
{
  (void)unused;
  civ_draws d = stream(20);
  civ_payoff_config c = second_config();
  civ_epoch_metrics *m = create(c);
  civ_interaction records[300];
  double row[CIV_EPOCH_COLUMNS];
  for (uint32_t epoch = 0; epoch < 500; ++epoch) {
    size_t n = civ_draw_index(&d, epoch % 5 == 0 ? 300 : 10);
    random_records(&d, records, n);
    add_records(m, &c, records, n);
    row[CIV_EPOCH_TOTAL_POSTS] = 71.0;
    row[CIV_EPOCH_TOTAL_VOTES] = 72.0;
    civ_epoch_metrics_read(m, epoch, row);
    assert_true(row[CIV_EPOCH_EPOCH] == epoch);
    assert_true(row[CIV_EPOCH_TOTAL_POSTS] == 71.0 && row[CIV_EPOCH_TOTAL_VOTES] == 72.0);
    agrees(row, &c, records, n);
    civ_epoch_metrics_reset(m);
  }
  civ_epoch_metrics_destroy(m);
}

static void an_empty_epoch_is_all_zeros(void **unused)
{
  (void)unused;
  civ_epoch_metrics *m = create(civ_payoff_default());
  double row[CIV_EPOCH_COLUMNS];
  for (int k = 0; k < CIV_EPOCH_COLUMNS; ++k)
    row[k] = 5.0;
  civ_epoch_metrics_read(m, 3, row);
  for (int k = 1; k < CIV_EPOCH_COLUMNS; ++k)
    assert_true(row[k] == (k == CIV_EPOCH_TOTAL_POSTS || k == CIV_EPOCH_TOTAL_VOTES ? 5.0 : 0.0));
  civ_epoch_metrics_destroy(m);
}

static void inequality_by_hand(void **unused)
{
  (void)unused;
  static const struct {
    double payoffs[6];
    int n;
    double gini;
  } cases[] = { { { 10, 10, 10, 10 }, 4, 0.0 }, { { 0, 0, 0, 100 }, 4, 0.75 }, { { 0, 100 }, 2, 0.5 },
                { { 1, 2, 3, 4 }, 4, 0.25 },    { { -1, 1 }, 2, 0.5 },         { { -0.4, 0.15 }, 2, 0.5 },
                { { 0, 0 }, 2, 0.0 },           { { -5, 1, 10, 0 }, 4, 0.75 } };
  civ_epoch_metrics *m = create(civ_payoff_default());
  double row[CIV_EPOCH_COLUMNS];
  for (size_t c = 0; c < sizeof cases / sizeof cases[0]; ++c) {
    civ_interaction i = record_of(true, 0.5, 0, 0, 0, 0, 0, 0);
    assert_int_equal(civ_epoch_metrics_reserve(m, 3, NULL), CIV_OK);
    for (int k = 0; k < cases[c].n; k += 2)
      civ_epoch_metrics_add(m, &i, cases[c].payoffs[k], cases[c].payoffs[k + 1]);
    civ_epoch_metrics_read(m, 0, row);
    if (c != 7)
      assert_near(row[CIV_EPOCH_GINI_COEFFICIENT], cases[c].gini);
    else
      assert_near(row[CIV_EPOCH_GINI_COEFFICIENT], slow_gini(cases[c].payoffs, 4));
    civ_epoch_metrics_reset(m);
  }
  civ_epoch_metrics_destroy(m);
}

/* Looking does not disturb: an epoch read at every record ends with the same bits as one read at its end. */
static void reading_changes_no_later_answer(void **unused)
{
  (void)unused;
  civ_draws d = stream(21);
  civ_payoff_config c = second_config();
  civ_epoch_metrics *watched = create(c), *left_alone = create(c);
  civ_interaction records[200];
  double a[CIV_EPOCH_COLUMNS] = { 0 }, b[CIV_EPOCH_COLUMNS] = { 0 };
  random_records(&d, records, 200);
  for (int k = 0; k < 200; ++k) {
    add_records(watched, &c, &records[k], 1);
    civ_epoch_metrics_read(watched, 1, a);
  }
  add_records(left_alone, &c, records, 200);
  civ_epoch_metrics_read(left_alone, 1, b);
  assert_memory_equal(a, b, sizeof a);
  civ_epoch_metrics_destroy(watched);
  civ_epoch_metrics_destroy(left_alone);
}

static void saved_state_goes_on_with_the_same_bits(void **unused)
{
  (void)unused;
  civ_draws d = stream(22);
  civ_payoff_config c = second_config();
  civ_interaction records[100];
  random_records(&d, records, 100);
  for (size_t cut = 0; cut <= 100; cut += 25) {
    civ_epoch_metrics *first = create(c), *second = create(c);
    double a[CIV_EPOCH_COLUMNS] = { 0 }, b[CIV_EPOCH_COLUMNS] = { 0 };
    civ_bytes bytes = { 0 };
    add_records(first, &c, records, cut);
    add_records(second, &c, records, 7); /* load forgets what was there */
    civ_bytes_open(&bytes, "TEST");
    civ_epoch_metrics_save(first, &bytes);
    civ_bytes_close(&bytes);
    civ_bytes_reader reader = { .data = bytes.data, .length = bytes.length };
    assert_int_equal(civ_bytes_enter(&reader, "TEST", NULL), CIV_OK);
    assert_int_equal(civ_epoch_metrics_load(second, &reader, NULL), CIV_OK);
    assert_int_equal(civ_bytes_leave(&reader, NULL), CIV_OK);
    add_records(first, &c, records + cut, 100 - cut);
    add_records(second, &c, records + cut, 100 - cut);
    civ_epoch_metrics_read(first, 2, a);
    civ_epoch_metrics_read(second, 2, b);
    assert_memory_equal(a, b, sizeof a);
    civ_bytes_free(&bytes);
    civ_epoch_metrics_destroy(first);
    civ_epoch_metrics_destroy(second);
  }
}

/* A chunk whose content is cut at any place is refused, never believed. */
static void cut_state_is_refused(void **unused)
{
  (void)unused;
  civ_draws d = stream(23);
  civ_payoff_config c = second_config();
  civ_interaction records[20];
  civ_epoch_metrics *m = create(c), *target = create(c);
  civ_bytes whole = { 0 };
  random_records(&d, records, 20);
  add_records(m, &c, records, 20);
  civ_bytes_open(&whole, "FULL");
  size_t head = whole.length;
  civ_epoch_metrics_save(m, &whole);
  size_t size = whole.length - head;
  for (size_t keep = 0; keep < size; ++keep) {
    civ_bytes part = { 0 };
    civ_error err;
    civ_bytes_open(&part, "PART");
    civ_bytes_put_block(&part, whole.data + head, keep);
    civ_bytes_close(&part);
    civ_bytes_reader reader = { .data = part.data, .length = part.length };
    assert_int_equal(civ_bytes_enter(&reader, "PART", NULL), CIV_OK);
    assert_int_equal(civ_epoch_metrics_load(target, &reader, &err), CIV_E_FORMAT);
    civ_bytes_free(&part);
  }
  civ_bytes_free(&whole);
  civ_epoch_metrics_destroy(m);
  civ_epoch_metrics_destroy(target);
}

static void lack_of_memory_is_told_and_leaves_nothing(void **unused)
{
  (void)unused;
  civ_payoff_config c = civ_payoff_default();
  civ_metrics_config config = civ_metrics_default();
  for (size_t k = 0;; ++k) {
    failing_allocator f;
    failing_allocator_init(&f, k);
    civ_epoch_metrics *m = NULL;
    civ_error err;
    civ_status status = civ_epoch_metrics_create(AGENTS, &c, &config, &f.allocator, &m, &err);
    if (status != CIV_OK) {
      assert_int_equal(status, CIV_E_NOMEM);
      assert_null(m);
    } else {
      status = civ_epoch_metrics_reserve(m, 100, &err);
      if (status == CIV_OK) {
        civ_interaction i = record_of(true, 0.5, 0, 0, 0, 0, 0, 0);
        double row[CIV_EPOCH_COLUMNS] = { 0 };
        failing_allocator_seal(&f);
        for (int n = 0; n < 100; ++n)
          civ_epoch_metrics_add(m, &i, 1.0, n);
        civ_epoch_metrics_read(m, 0, row);
        civ_epoch_metrics_reset(m);
        failing_allocator_unseal(&f);
      }
      civ_epoch_metrics_destroy(m);
    }
    assert_int_equal(f.bytes, 0);
    if (status == CIV_OK)
      break;
    assert_int_equal(status, CIV_E_NOMEM);
  }
}

typedef struct closed_rows {
  double rows[3][CIV_EPOCH_COLUMNS];
  uint32_t n;
} closed_rows;

static civ_status keep_row(void *arg, uint32_t epoch, const double *computed, const double *logged, civ_error *err)
{
  closed_rows *kept = arg;
  (void)logged;
  (void)err;
  assert_int_equal(epoch, kept->n);
  memcpy(kept->rows[kept->n++], computed, sizeof kept->rows[0]);
  return CIV_OK;
}

static void the_sink_is_the_same_fold(void **unused)
{
  (void)unused;
  civ_draws d = stream(24);
  civ_payoff_config c = second_config();
  civ_epoch_metrics *live = create(c);
  closed_rows kept = { .n = 0 };
  civ_epoch_metrics_feed feed = { .metrics = create(c), .closed = keep_row, .arg = &kept };
  const civ_sink *sink = &civ_epoch_metrics_sink;
  civ_roster roster = { .n = AGENTS };
  civ_interaction records[60];
  assert_int_equal(sink->begin(&feed, &roster, NULL, NULL), CIV_OK);
  for (uint32_t epoch = 0; epoch < 3; ++epoch) {
    double row[CIV_EPOCH_COLUMNS] = { [CIV_EPOCH_TOTAL_POSTS] = 4.0 + epoch };
    random_records(&d, records, 60);
    add_records(live, &c, records, 60);
    civ_epoch_metrics_read(live, epoch, row);
    civ_epoch_metrics_reset(live);
    for (int k = 0; k < 60; ++k)
      sink->interaction(&feed, &records[k], civ_payoff_initiator(&c, &records[k]),
                        civ_payoff_counterparty(&c, &records[k]));
    assert_int_equal(sink->epoch(&feed, epoch, row, NULL), CIV_OK);
    assert_memory_equal(kept.rows[epoch], row, sizeof row);
  }
  civ_error err;
  roster.n = AGENTS + 1;
  assert_int_equal(sink->begin(&feed, &roster, NULL, &err), CIV_E_STATE);
  civ_epoch_metrics_destroy(feed.metrics);
  civ_epoch_metrics_destroy(live);
}

static void columns_are_named_in_order(void **unused)
{
  (void)unused;
  assert_string_equal(civ_epoch_metric_decls[CIV_EPOCH_EPOCH].name, "epoch");
  assert_string_equal(civ_epoch_metric_decls[CIV_EPOCH_TOXICITY_RATE].name, "toxicity_rate");
  assert_string_equal(civ_epoch_metric_decls[CIV_EPOCH_SPREAD].name, "spread");
  assert_string_equal(civ_epoch_metric_decls[CIV_EPOCH_GINI_COEFFICIENT].name, "gini_coefficient");
  assert_string_equal(civ_epoch_metric_decls[CIV_EPOCH_REJECTED_INTERACTIONS].name, "rejected_interactions");
  for (int k = 0; k < CIV_EPOCH_COLUMNS; ++k)
    assert_non_null(civ_epoch_metric_decls[k].doc);
  assert_null(civ_epoch_metric_decls[CIV_EPOCH_COLUMNS].name);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(random_epochs_meet_the_definitions),
    cmocka_unit_test(an_empty_epoch_is_all_zeros),
    cmocka_unit_test(inequality_by_hand),
    cmocka_unit_test(reading_changes_no_later_answer),
    cmocka_unit_test(saved_state_goes_on_with_the_same_bits),
    cmocka_unit_test(cut_state_is_refused),
    cmocka_unit_test(lack_of_memory_is_told_and_leaves_nothing),
    cmocka_unit_test(the_sink_is_the_same_fold),
    cmocka_unit_test(columns_are_named_in_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
