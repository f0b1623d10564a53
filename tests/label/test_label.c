/* Sigmoid and proxy: golden values, laws over random inputs, refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "civitas/label.h"

#define assert_near(a, b) assert_true(fabs((a) - (b)) <= 1e-9 * fmax(1.0, fabs(b)))

static civ_draws stream(uint32_t entity)
{
  return civ_draws_open(7, &(civ_draw_key){ .purpose = CIV_PURPOSE_FUZZ, .entity = entity });
}

static void sigmoid_by_hand(void **unused)
{
  (void)unused;
  static const double golden[][4] = {
    { 0.0, 2.0, 0.5, 0.5 },
    { 0.485, 2.0, 0.7251194977898231, 0.3986424234297157 },
    { -0.37, 2.0, 0.323004143761477, 0.4373449337487842 },
    { 1.0, 2.0, 0.8807970779778823, 0.20998717080701323 },
    { -1.0, 2.0, 0.11920292202211755, 0.209987170807013 },
    { 0.6, 5.0, 0.9525741268224334, 0.22588329865456 },
    { 25.0, 2.0, 0.9999999979388463, 4.1223073758387905e-09 },
    { -25.0, 1.0, 4.5397868702434395e-05, 4.5395807735951673e-05 },
  };
  for (size_t k = 0; k < sizeof golden / sizeof golden[0]; ++k) {
    assert_near(civ_sigmoid(golden[k][0], golden[k][1]), golden[k][2]);
    assert_near(civ_sigmoid_derivative(golden[k][0], golden[k][1]), golden[k][3]);
  }
}

static void sigmoid_has_limits_instead_of_overflow(void **unused)
{
  (void)unused;
  assert_true(civ_sigmoid(-10.0, 100.0) == 0.0);
  assert_true(civ_sigmoid(-1.0, 1e308) == 0.0);
  assert_true(civ_sigmoid(10.0, 1e300) == 1.0);
  assert_true(civ_sigmoid(0.7, 0.0) == 0.5);
  assert_true(civ_sigmoid(INFINITY, 2.0) == civ_sigmoid(10.0, 2.0));
  assert_true(civ_sigmoid(-INFINITY, 2.0) == civ_sigmoid(-10.0, 2.0));
  assert_true(isnan(civ_sigmoid(NAN, 2.0)));
}

static void sigmoid_laws(void **unused)
{
  (void)unused;
  civ_draws draws = stream(1);
  for (int n = 0; n < 200000; ++n) {
    double v = civ_draw_between(&draws, -1.0, 1.0), k = civ_draw_between(&draws, 0.01, 8.0), back;
    double p = civ_sigmoid(v, k);
    assert_true(p > 0.0 && p < 1.0);
    assert_near(p + civ_sigmoid(-v, k), 1.0);
    assert_near(civ_sigmoid(v, -k), 1.0 - p);
    assert_true(civ_sigmoid(v + 0.01, k) > p);
    assert_int_equal(civ_sigmoid_inverse(p, k, &back, NULL), CIV_OK);
    assert_true(fabs(back - v) < 1e-9);
    assert_near(p, 1.0 / (1.0 + exp(-k * v)));
  }
}

static void inverse_bounds_and_band_by_hand(void **unused)
{
  (void)unused;
  static const double inverse[][3] = { { 0.75, 2.0, 0.5493061443340549 },
                                       { 0.1, 2.0, -1.0986122886681098 },
                                       { 0.999, 4.0, 1.7266886946621383 },
                                       { 1e-12, 2.0, -13.815510557963774 } };
  double a, b;
  for (size_t k = 0; k < 4; ++k) {
    assert_int_equal(civ_sigmoid_inverse(inverse[k][0], inverse[k][1], &a, NULL), CIV_OK);
    assert_near(a, inverse[k][2]);
  }
  civ_sigmoid_bounds(0.5, &a, &b);
  assert_near(a, 0.3775406687981454);
  assert_near(b, 0.6224593312018546);
  assert_int_equal(civ_uncertainty_band(2.0, 0.1, &a, &b, NULL), CIV_OK);
  assert_near(a, -0.2027325540540821);
  assert_near(b, 0.20273255405408214);
  assert_int_equal(civ_uncertainty_band(5.0, 0.49, &a, &b, NULL), CIV_OK);
  assert_near(a, -0.9190239700269178);
}

static void refusals_name_the_value_and_change_nothing(void **unused)
{
  (void)unused;
  static const double wrong[] = { 0.0, 1.0, -0.1, 1.2, NAN };
  civ_error err;
  double a = 17.0, b = 18.0;
  for (size_t k = 0; k < 5; ++k) {
    assert_int_equal(civ_sigmoid_inverse(wrong[k], 2.0, &a, &err), CIV_E_RANGE);
    assert_string_equal(err.where, "p");
  }
  assert_int_equal(civ_sigmoid_inverse(0.5, 0.0, &a, &err), CIV_E_RANGE);
  assert_string_equal(err.where, "k");
  assert_int_equal(civ_uncertainty_band(2.0, 0.5, &a, &b, &err), CIV_E_RANGE);
  assert_string_equal(err.where, "threshold");
  assert_non_null(strstr(err.text, "0.5"));
  assert_int_equal(civ_uncertainty_band(2.0, -0.1, &a, &b, &err), CIV_E_RANGE);
  assert_int_equal(civ_uncertainty_band(2.0, NAN, &a, &b, NULL), CIV_E_RANGE);
  assert_int_equal(civ_uncertainty_band(0.0, 0.1, &a, &b, NULL), CIV_E_RANGE);
  assert_true(a == 17.0 && b == 18.0);
}

/* --- proxy --------------------------------------------------------------------------------------------------------- */

typedef struct proxy_case {
  civ_proxy_weights weights;
  civ_proxy_config config; /* k, rework, rejection, misuse */
  civ_observables o;       /* progress, engagement, rework, rejections, misuse */
  double v_hat, p;
} proxy_case;

#define WEIGHTS                                                                                                        \
  {                                                                                                                    \
    0.4, 0.2, 0.2, 0.2                                                                                                 \
  }
#define DEFAULTS                                                                                                       \
  {                                                                                                                    \
    2.0, 0.3, 0.4, 0.5                                                                                                 \
  }
static const proxy_case golden[] = {
  { WEIGHTS, DEFAULTS, { 0.0, 0.0, 0, 0, 0 }, 0.4, 0.6899744811276125 },
  { WEIGHTS, DEFAULTS, { 0.7, 0.4, 1, 0, 0 }, 0.48, 0.7231218051243898 },
  { WEIGHTS, DEFAULTS, { 1.0, 1.0, 0, 0, 0 }, 1.0, 0.8807970779778823 },
  { WEIGHTS, DEFAULTS, { -1.0, -1.0, 10, 10, 10 }, -0.99978135402, 0.1192488425187925 },
  { WEIGHTS, DEFAULTS, { -0.5, -0.6, 5, 3, 2 }, -0.656228, 0.21207615665781956 },
  { WEIGHTS, DEFAULTS, { 3.7, -2.5, 0, 2, 0 }, 0.432, 0.7034956909518112 },
  { WEIGHTS, DEFAULTS, { 0.412, -0.05, 2, 1, 1 }, -0.0292, 0.485404148099938 },
  { WEIGHTS, { 5.0, 0.3, 0.4, 0.5 }, { 0.412, -0.05, 2, 1, 1 }, -0.0292, 0.46356469825935587 },
  { { 2.0, 1.0, 1.0, 0.0 }, DEFAULTS, { 0.55, 0.9, 1, 0, 1 }, 0.3, 0.6456563062257954 },
  { { -1.0, 1.0, 1.0, 1.0 }, DEFAULTS, { 0.8, 0.2, 0, 1, 0 }, 0.2, 0.598687660112452 },
  { { 0.0, 0.0, 0.0, 0.0 }, DEFAULTS, { 0.8, -0.2, 1, 1, 0 }, 0.15, 0.574442516811659 },
  { WEIGHTS, { 2.0, 0.8, 0.1, 0.9 }, { 0.3, 0.1, 3, 1, 2 }, 0.1268, 0.5630623843348206 },
  { WEIGHTS, { 2.0, 0.0, 0.4, 0.5 }, { 0.2, 0.0, 1, 0, 0 }, 0.08, 0.5399148845555657 },
};

static void proxy_by_hand(void **unused)
{
  (void)unused;
  for (size_t k = 0; k < sizeof golden / sizeof golden[0]; ++k) {
    civ_proxy proxy;
    double v_hat, p;
    assert_int_equal(civ_proxy_init(&golden[k].config, &golden[k].weights, &proxy, NULL), CIV_OK);
    civ_proxy_label(&proxy, &golden[k].o, &v_hat, &p);
    assert_near(v_hat, golden[k].v_hat);
    assert_near(p, golden[k].p);
  }
}

static double slow_signal(int n, double decay)
{
  return n == 0 ? 1.0 : 2.0 * pow(decay, n) - 1.0;
}

/* The table and what lies behind it follow one formula; v_hat stays in [-1, 1]; more bad events never help. */
static void proxy_laws(void **unused)
{
  (void)unused;
  civ_draws draws = stream(2);
  for (int n = 0; n < 50000; ++n) {
    civ_proxy_config config = { civ_draw_between(&draws, 0.0, 6.0), civ_draw_uniform(&draws), civ_draw_uniform(&draws),
                                civ_draw_uniform(&draws) };
    civ_proxy_weights w = { civ_draw_uniform(&draws), civ_draw_uniform(&draws), civ_draw_uniform(&draws),
                            civ_draw_uniform(&draws) };
    civ_observables o = { civ_draw_between(&draws, -3.0, 3.0), civ_draw_between(&draws, -3.0, 3.0),
                          (int32_t)civ_draw_index(&draws, 40), (int32_t)civ_draw_index(&draws, 40),
                          (int32_t)civ_draw_index(&draws, 40) };
    civ_proxy proxy;
    double v, p, worse, unused_p;
    assert_int_equal(civ_proxy_init(&config, &w, &proxy, NULL), CIV_OK);
    civ_proxy_label(&proxy, &o, &v, &p);
    double sum = w.task_progress + w.rework_penalty + w.verifier_penalty + w.engagement_signal;
    double expected = w.task_progress * fmin(fmax(o.task_progress_delta, -1), 1) +
                      w.rework_penalty * slow_signal(o.rework_count, config.rework_decay) +
                      w.verifier_penalty * 0.5 *
                          (slow_signal(o.verifier_rejections, config.rejection_decay) +
                           slow_signal(o.tool_misuse_flags, config.misuse_decay)) +
                      w.engagement_signal * fmin(fmax(o.counterparty_engagement_delta, -1), 1);
    assert_near(v, fmin(fmax(expected / sum, -1.0), 1.0));
    assert_true(v >= -1.0 && v <= 1.0 && p >= 0.0 && p <= 1.0);
    o.rework_count += 1;
    o.tool_misuse_flags += 1;
    civ_proxy_label(&proxy, &o, &worse, &unused_p);
    assert_true(worse <= v);
  }
}

static void weights_are_normalised_by_absolute_values(void **unused)
{
  (void)unused;
  civ_proxy_weights w = civ_proxy_weights_normalise((civ_proxy_weights){ -3.0, 1.0, 0.0, 4.0 });
  assert_near(w.task_progress, -0.375);
  assert_near(w.engagement_signal, 0.5);
  w = civ_proxy_weights_normalise((civ_proxy_weights){ 1e308, 1e308, -1e308, 1e308 });
  assert_near(w.task_progress, 0.25);
  assert_near(w.verifier_penalty, -0.25);
}

static void counts_without_end_reach_the_limit(void **unused)
{
  (void)unused;
  civ_proxy proxy;
  civ_proxy_config config = civ_proxy_default();
  civ_proxy_weights weights = civ_proxy_weights_default();
  civ_observables o = { 0.0, 0.0, INT32_MAX, INT32_MAX, INT32_MAX };
  double v, p;
  assert_int_equal(civ_proxy_init(&config, &weights, &proxy, NULL), CIV_OK);
  civ_proxy_label(&proxy, &o, &v, &p);
  assert_near(v, -0.4);
}

static void proxy_refuses_by_key(void **unused)
{
  (void)unused;
  const struct {
    const char *where;
    double value;
    size_t offset;
  } wrong[] = {
    { "proxy.sigmoid_k", -0.5, offsetof(civ_proxy_config, sigmoid_k) },
    { "proxy.sigmoid_k", NAN, offsetof(civ_proxy_config, sigmoid_k) },
    { "proxy.sigmoid_k", INFINITY, offsetof(civ_proxy_config, sigmoid_k) },
    { "proxy.rework_decay", 1.5, offsetof(civ_proxy_config, rework_decay) },
    { "proxy.rejection_decay", -0.1, offsetof(civ_proxy_config, rejection_decay) },
    { "proxy.misuse_decay", NAN, offsetof(civ_proxy_config, misuse_decay) },
  };
  for (size_t k = 0; k < sizeof wrong / sizeof wrong[0]; ++k) {
    civ_proxy_config config = civ_proxy_default();
    civ_proxy_weights weights = civ_proxy_weights_default();
    civ_proxy proxy, before;
    civ_error err;
    memset(&proxy, 0x5a, sizeof proxy);
    before = proxy;
    memcpy((char *)&config + wrong[k].offset, &wrong[k].value, sizeof(double));
    assert_int_equal(civ_proxy_init(&config, &weights, &proxy, &err), CIV_E_RANGE);
    assert_string_equal(err.where, wrong[k].where);
    assert_memory_equal(&proxy, &before, sizeof proxy);
  }
  civ_proxy_config config = civ_proxy_default();
  civ_proxy_weights weights = { NAN, 0.2, 0.2, 0.2 };
  civ_proxy proxy;
  civ_error err;
  assert_int_equal(civ_proxy_init(&config, &weights, &proxy, &err), CIV_E_RANGE);
  assert_string_equal(err.where, "proxy.weights.task_progress");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(sigmoid_by_hand),
    cmocka_unit_test(sigmoid_has_limits_instead_of_overflow),
    cmocka_unit_test(sigmoid_laws),
    cmocka_unit_test(inverse_bounds_and_band_by_hand),
    cmocka_unit_test(refusals_name_the_value_and_change_nothing),
    cmocka_unit_test(proxy_by_hand),
    cmocka_unit_test(proxy_laws),
    cmocka_unit_test(weights_are_normalised_by_absolute_values),
    cmocka_unit_test(counts_without_end_reach_the_limit),
    cmocka_unit_test(proxy_refuses_by_key),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
