/* Fixtures: forms and ranges of every field, limits of large batches, refusals; and batches with their names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "civitas/fixture.h"

static civ_batch make(civ_fixture_def def)
{
  civ_batch batch = { 0 };
  assert_int_equal(civ_fixture_make(&def, &batch, NULL), CIV_OK);
  return batch;
}

static civ_batch large(civ_fixture_kind kind, uint32_t count)
{
  civ_fixture_def def = civ_fixture_default(kind);
  def.count = count;
  def.seed = 11;
  return make(def);
}

static void within(double x, double low, double high)
{
  assert_true(x >= low && x <= high);
}

static void has_name(const civ_batch *batch, civ_agent agent, const char *prefix, int low, int high)
{
  const char *name = batch->names[agent];
  int number = 0, used = 0;
  char format[40];
  snprintf(format, sizeof format, "%s%%d%%n", prefix);
  assert_int_equal(sscanf(name, format, &number, &used), 1);
  assert_int_equal(used, (int)strlen(name));
  within(number, low, high);
}

static void benign_records_are_as_described(void **unused)
{
  (void)unused;
  civ_batch batch = large(CIV_FIXTURE_BENIGN, 5000);
  assert_int_equal(batch.n, 5000);
  assert_int_equal(batch.n_names, 20);
  for (size_t k = 0; k < batch.n; ++k) {
    const civ_interaction *i = &batch.records[k];
    within(i->p, 0.7, 0.95);
    assert_true(i->v_hat == 2.0 * (i->p - 0.5));
    within(i->observables.task_progress_delta, 0.5, 1.0);
    assert_int_equal(
        i->observables.rework_count + i->observables.verifier_rejections + i->observables.tool_misuse_flags, 0);
    within(i->observables.counterparty_engagement_delta, 0.3, 0.8);
    within(i->tau, -0.1, 0.1);
    within(i->c_a, 0.01, 0.05);
    within(i->c_b, 0.01, 0.05);
    within(i->r_a, 0.1, 0.3);
    within(i->r_b, 0.05, 0.2);
    assert_int_equal(i->ground_truth, 1);
    assert_int_equal(i->id, k + 1);
    assert_int_equal(i->time_us, INT64_C(946684800000000) + (int64_t)k * 1000000);
    has_name(&batch, i->initiator, "agent_", 1, 10);
    has_name(&batch, i->counterparty, "agent_", 11, 20);
  }
  civ_batch_free(&batch);
}

static void toxic_records_are_as_described(void **unused)
{
  (void)unused;
  civ_batch batch = large(CIV_FIXTURE_TOXIC, 5000);
  for (size_t k = 0; k < batch.n; ++k) {
    const civ_interaction *i = &batch.records[k];
    within(i->p, 0.1, 0.4);
    within(i->observables.task_progress_delta, -0.5, 0.2);
    within(i->observables.rework_count, 2, 5);
    within(i->observables.verifier_rejections, 1, 3);
    within(i->observables.tool_misuse_flags, 0, 2);
    within(i->observables.counterparty_engagement_delta, -0.8, -0.2);
    within(i->tau, -0.3, 0.5);
    within(i->c_a, 0.05, 0.15);
    within(i->c_b, 0.1, 0.2);
    within(i->r_a, -0.2, 0.0);
    within(i->r_b, -0.3, -0.1);
    assert_int_equal(i->ground_truth, -1);
    has_name(&batch, i->initiator, "toxic_agent_", 1, 5);
    has_name(&batch, i->counterparty, "victim_agent_", 1, 10);
  }
  civ_batch_free(&batch);
}

static void uncertain_records_are_as_described(void **unused)
{
  (void)unused;
  civ_batch batch = large(CIV_FIXTURE_UNCERTAIN, 5000);
  double accepted = 0.0;
  for (size_t k = 0; k < batch.n; ++k) {
    const civ_interaction *i = &batch.records[k];
    within(i->p, 0.35, 0.65);
    assert_true(i->tau == 0.0 && i->c_a == 0.0 && i->r_b == 0.0);
    assert_int_equal(i->ground_truth, 0);
    assert_int_equal(i->observables.tool_misuse_flags, 0);
    within(i->observables.rework_count, 0, 2);
    within(i->observables.verifier_rejections, 0, 1);
    has_name(&batch, i->initiator, "agent_", 1, 20);
    accepted += i->accepted;
  }
  assert_true(fabs(accepted / 5000.0 - 0.5) < 5.0 * 0.5 / sqrt(5000.0));
  civ_batch_free(&batch);
}

static void mixed_counts_multiply_in_binary(void **unused)
{
  (void)unused;
  static const struct {
    uint32_t count;
    double fraction;
    size_t toxic;
  } cases[] = { { 100, 0.3, 30 }, { 100, 0.29, 28 }, { 7, 0.0, 0 }, { 7, 1.0, 7 }, { 0, 0.5, 0 } };
  for (size_t c = 0; c < sizeof cases / sizeof cases[0]; ++c) {
    civ_fixture_def def = civ_fixture_default(CIV_FIXTURE_MIXED);
    def.count = cases[c].count;
    def.toxic_fraction = cases[c].fraction;
    civ_batch batch = make(def);
    size_t toxic = 0;
    assert_int_equal(batch.n, cases[c].count);
    for (size_t k = 0; k < batch.n; ++k) {
      toxic += batch.records[k].ground_truth < 0;
      assert_int_equal(batch.records[k].time_us, def.start_us + (int64_t)k * 1000000);
    }
    assert_int_equal(toxic, cases[c].toxic);
    civ_batch_free(&batch);
  }
}

/* Positions of toxic records in a mixed batch are spread evenly: the mean position of a random subset. */
static void mixed_batches_are_shuffled(void **unused)
{
  (void)unused;
  civ_batch batch = large(CIV_FIXTURE_MIXED, 10000);
  double sum = 0.0, n = 0.0;
  for (size_t k = 0; k < batch.n; ++k)
    if (batch.records[k].ground_truth < 0) {
      sum += (double)k;
      n += 1.0;
    }
  double sd = sqrt(10000.0 * 10000.0 / 12.0 / n * 0.7);
  assert_true(fabs(sum / n - 4999.5) < 5.0 * sd);
  civ_batch_free(&batch);
}

static void adversarial_batches_end_in_a_burst(void **unused)
{
  (void)unused;
  civ_batch batch = large(CIV_FIXTURE_ADVERSARIAL, 20000);
  double sum = 0.0, bad = 0.0;
  assert_int_equal(batch.n, 20020);
  for (size_t k = 0; k < batch.n; ++k) {
    const civ_interaction *i = &batch.records[k];
    if (k > 0) {
      int64_t pause = i->time_us - batch.records[k - 1].time_us;
      if (k > 20000)
        assert_int_equal(pause, 500000);
      else
        assert_true(pause == 1000000 || pause == 2000000 || pause == 3000000);
    }
    if (k < 20000) {
      within(i->p, 0.1, 0.95);
      assert_int_equal(i->ground_truth, i->p > 0.5 ? 1 : -1);
      has_name(&batch, i->counterparty, "honest_", 1, 10);
      sum += i->p;
      bad += i->ground_truth < 0;
    } else {
      within(i->p, 0.2, 0.45);
      assert_int_equal(i->type, CIV_TRADE);
      within(i->tau, 0.2, 0.5);
      has_name(&batch, i->initiator, "adversary_", 1, 3);
    }
  }
  assert_true(fabs(sum / 20000.0 - 0.7491509297389086) < 5.0 * 0.1 / sqrt(20000.0));
  double q = 0.006209665325776159;
  assert_true(fabs(bad / 20000.0 - q) < 5.0 * sqrt(q * (1.0 - q) / 20000.0));
  civ_batch_free(&batch);
}

static void equal_definitions_give_equal_batches(void **unused)
{
  (void)unused;
  for (int kind = 0; kind < CIV_FIXTURE_KINDS; ++kind) {
    civ_batch a = large((civ_fixture_kind)kind, 200), b = large((civ_fixture_kind)kind, 200);
    civ_fixture_def other = civ_fixture_default((civ_fixture_kind)kind);
    other.count = 200;
    other.seed = 12;
    civ_batch c = make(other);
    assert_int_equal(a.n, b.n);
    size_t same = 0;
    for (size_t k = 0; k < a.n; ++k) {
      assert_true(a.records[k].p == b.records[k].p && a.records[k].initiator == b.records[k].initiator);
      same += a.records[k].p == c.records[k].p;
    }
    assert_int_equal(same, 0);
    civ_batch_free(&a);
    civ_batch_free(&b);
    civ_batch_free(&c);
  }
}

static void refusals_name_the_field(void **unused)
{
  (void)unused;
  const struct {
    const char *where;
    size_t offset;
    double value;
  } wrong[] = {
    { "min_p", offsetof(civ_fixture_def, min_p), -0.1 },
    { "max_p", offsetof(civ_fixture_def, max_p), 0.2 },
    { "max_p", offsetof(civ_fixture_def, max_p), NAN },
    { "acceptance", offsetof(civ_fixture_def, acceptance), 1.1 },
    { "band", offsetof(civ_fixture_def, band), 0.6 },
    { "toxic_fraction", offsetof(civ_fixture_def, toxic_fraction), NAN },
  };
  civ_batch batch = { 0 };
  civ_error err;
  for (size_t k = 0; k < sizeof wrong / sizeof wrong[0]; ++k) {
    civ_fixture_def def = civ_fixture_default(CIV_FIXTURE_BENIGN);
    memcpy((char *)&def + wrong[k].offset, &wrong[k].value, sizeof(double));
    assert_int_equal(civ_fixture_make(&def, &batch, &err), CIV_E_RANGE);
    assert_string_equal(err.where, wrong[k].where);
    assert_int_equal(batch.n, 0);
  }
  civ_fixture_def def = civ_fixture_default(CIV_FIXTURE_BENIGN);
  def.kind = 99;
  assert_int_equal(civ_fixture_make(&def, &batch, &err), CIV_E_RANGE);
}

static bool over_seven_tenths(void *arg, double p)
{
  *(int *)arg += 1;
  return p > 0.7;
}

static void observables_become_records(void **unused)
{
  (void)unused;
  civ_proxy proxy;
  civ_proxy_config config = civ_proxy_default();
  civ_proxy_weights weights = civ_proxy_weights_default();
  assert_int_equal(civ_proxy_init(&config, &weights, &proxy, NULL), CIV_OK);
  civ_observables list[12];
  for (int k = 0; k < 12; ++k)
    list[k] = (civ_observables){ 0.7 - 0.2 * k, 0.4, 1, 0, 0 };
  civ_batch batch = { 0 };
  int asked = 0;
  assert_int_equal(civ_fixture_from_observables(list, 12, &proxy, NULL, NULL, 0, &batch, NULL), CIV_OK);
  assert_int_equal(batch.n, 12);
  assert_true(fabs(batch.records[0].p - 0.7231218051243898) < 1e-9);
  for (size_t k = 0; k < 12; ++k) {
    const civ_interaction *i = &batch.records[k];
    assert_int_equal(i->accepted, i->p > 0.5);
    assert_int_equal(i->type, CIV_COLLABORATION);
    assert_int_equal(i->time_us, (int64_t)k * 1000000);
    has_name(&batch, i->initiator, "agent_", (int)k % 10, (int)k % 10);
    has_name(&batch, i->counterparty, "agent_", (int)(k + 5) % 10, (int)(k + 5) % 10);
  }
  civ_batch_free(&batch);
  assert_int_equal(civ_fixture_from_observables(list, 12, &proxy, over_seven_tenths, &asked, 0, &batch, NULL), CIV_OK);
  assert_int_equal(asked, 12);
  assert_true(batch.records[0].accepted && !batch.records[1].accepted);
  civ_batch_free(&batch);
}

static void names_are_interned_once(void **unused)
{
  (void)unused;
  civ_batch batch = { 0 };
  for (int round = 0; round < 2; ++round)
    for (int k = 0; k < 5000; ++k) {
      char name[16];
      civ_agent agent;
      int length = snprintf(name, sizeof name, "a%d", k);
      assert_int_equal(civ_batch_name(&batch, name, (size_t)length, &agent, NULL), CIV_OK);
      assert_int_equal(agent, k);
    }
  assert_int_equal(batch.n_names, 5000);
  civ_agent agent;
  assert_int_equal(civ_batch_name(&batch, "a12345", 3, &agent, NULL), CIV_OK);
  assert_int_equal(agent, 12);
  civ_batch_free(&batch);
  assert_null(batch.names);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(benign_records_are_as_described),      cmocka_unit_test(toxic_records_are_as_described),
    cmocka_unit_test(uncertain_records_are_as_described),   cmocka_unit_test(mixed_counts_multiply_in_binary),
    cmocka_unit_test(mixed_batches_are_shuffled),           cmocka_unit_test(adversarial_batches_end_in_a_burst),
    cmocka_unit_test(equal_definitions_give_equal_batches), cmocka_unit_test(refusals_name_the_field),
    cmocka_unit_test(observables_become_records),           cmocka_unit_test(names_are_interned_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
