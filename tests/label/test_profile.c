/* Observable profiles: exact consequences met by samples, fixed slots, and the step after the draw. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "civitas/label.h"

static civ_proxy default_proxy(void)
{
  civ_proxy proxy;
  civ_proxy_config config = civ_proxy_default();
  civ_proxy_weights weights = civ_proxy_weights_default();
  assert_int_equal(civ_proxy_init(&config, &weights, &proxy, NULL), CIV_OK);
  return proxy;
}

/* Moments of v_hat and p by enumeration of the counts and quadrature over the uniforms. */
typedef struct exact {
  civ_agent_type type;
  double reputation;
  bool accepted;
  double mean_v, sd_v, mean_p, sd_p, below_half, min_p, max_p;
} exact;
static const exact consequences[] = {
  { CIV_HONEST, -1.0, true, 0.410000, 0.143411, 0.690886, 0.060631, 0.000000, 0.598688, 0.775564 },
  { CIV_HONEST, -1.0, false, 0.370000, 0.142945, 0.673873, 0.062222, 0.000000, 0.589040, 0.753989 },
  { CIV_HONEST, 0.0, true, 0.485000, 0.147564, 0.721265, 0.058640, 0.000000, 0.617748, 0.811533 },
  { CIV_HONEST, 0.0, false, 0.425000, 0.146544, 0.697004, 0.061213, 0.000000, 0.603483, 0.782450 },
  { CIV_HONEST, 1.0, true, 0.560000, 0.153188, 0.749633, 0.056761, 0.000000, 0.636453, 0.842905 },
  { CIV_HONEST, 1.0, false, 0.480000, 0.151438, 0.719089, 0.060424, 0.000000, 0.617748, 0.808455 },
  { CIV_OPPORTUNISTIC, -1.0, true, 0.190333, 0.168993, 0.591238, 0.079208, 0.122583, 0.458099, 0.742691 },
  { CIV_OPPORTUNISTIC, -1.0, false, 0.181333, 0.168486, 0.587007, 0.079274, 0.141333, 0.458099, 0.731059 },
  { CIV_OPPORTUNISTIC, 0.0, true, 0.222833, 0.171714, 0.606363, 0.079282, 0.064583, 0.458099, 0.766741 },
  { CIV_OPPORTUNISTIC, 0.0, false, 0.209333, 0.170590, 0.600105, 0.079273, 0.083333, 0.458099, 0.750260 },
  { CIV_OPPORTUNISTIC, 1.0, true, 0.255333, 0.175452, 0.621231, 0.079662, 0.036750, 0.458099, 0.789182 },
  { CIV_OPPORTUNISTIC, 1.0, false, 0.237333, 0.173492, 0.613022, 0.079522, 0.054167, 0.458099, 0.768525 },
  { CIV_DECEPTIVE, -1.0, true, 0.225333, 0.168771, 0.607619, 0.077861, 0.050000, 0.478014, 0.753989 },
  { CIV_DECEPTIVE, -1.0, false, 0.205333, 0.168375, 0.598299, 0.078413, 0.091667, 0.478014, 0.738850 },
  { CIV_DECEPTIVE, 0.0, true, 0.275333, 0.171222, 0.630510, 0.076918, 0.006667, 0.488002, 0.782450 },
  { CIV_DECEPTIVE, 0.0, false, 0.245333, 0.170343, 0.616820, 0.077788, 0.033333, 0.488002, 0.761333 },
  { CIV_DECEPTIVE, 1.0, true, 0.325333, 0.174595, 0.652773, 0.076078, 0.000104, 0.498000, 0.808455 },
  { CIV_DECEPTIVE, 1.0, false, 0.285333, 0.173061, 0.634967, 0.077293, 0.004167, 0.498000, 0.782450 },
  { CIV_ADVERSARIAL, -1.0, true, -0.178400, 0.078881, 0.412253, 0.038101, 0.990625, 0.324230, 0.514996 },
  { CIV_ADVERSARIAL, -1.0, false, -0.178400, 0.078881, 0.412253, 0.038101, 0.990625, 0.324230, 0.514996 },
  { CIV_ADVERSARIAL, 0.0, true, -0.198400, 0.086200, 0.402765, 0.041285, 0.990625, 0.300609, 0.522485 },
  { CIV_ADVERSARIAL, 0.0, false, -0.198400, 0.086200, 0.402765, 0.041285, 0.990625, 0.300609, 0.522485 },
  { CIV_ADVERSARIAL, 1.0, true, -0.218400, 0.095510, 0.393418, 0.045314, 0.990250, 0.278001, 0.529964 },
  { CIV_ADVERSARIAL, 1.0, false, -0.218400, 0.095510, 0.393418, 0.045314, 0.990250, 0.278001, 0.529964 },
};

enum { DRAWS = 200000 };

static civ_observables draw(civ_agent_type type, uint32_t k)
{
  civ_draw_key key = { .purpose = CIV_PURPOSE_OBSERVABLES, .entity = k, .epoch = (uint32_t)type };
  civ_draws draws = civ_draws_open(2024, &key);
  return civ_profile_draw(type, &draws);
}

static void check_mean(double sum, double mean, double sd)
{
  assert_true(fabs(sum / DRAWS - mean) < 5.0 * sd / sqrt(DRAWS) + 1e-6);
}

static void check_sd(double sum, double squares, double sd)
{
  double found = sqrt(squares / DRAWS - sum / DRAWS * (sum / DRAWS));
  assert_true(fabs(found - sd) < 0.01 * sd);
}

static void meets(const exact *e, const civ_proxy *proxy)
{
  double v_sum = 0, v_squares = 0, p_sum = 0, p_squares = 0, below = 0, least = 1, most = 0;
  for (uint32_t k = 0; k < DRAWS; ++k) {
    civ_observables o = civ_observables_settle(draw(e->type, k), e->reputation, e->accepted);
    double v, p;
    civ_proxy_label(proxy, &o, &v, &p);
    v_sum += v;
    v_squares += v * v;
    p_sum += p;
    p_squares += p * p;
    below += p < 0.5;
    least = fmin(least, p);
    most = fmax(most, p);
  }
  check_mean(v_sum, e->mean_v, e->sd_v);
  check_mean(p_sum, e->mean_p, e->sd_p);
  check_sd(v_sum, v_squares, e->sd_v);
  check_sd(p_sum, p_squares, e->sd_p);
  check_mean(below, e->below_half, sqrt(e->below_half * (1.0 - e->below_half)));
  assert_true(least >= e->min_p - 1e-6 && least < e->min_p + 0.02);
  assert_true(most <= e->max_p + 1e-6 && most > e->max_p - 0.02);
}

static void samples_meet_the_exact_consequences(void **unused)
{
  (void)unused;
  civ_proxy proxy = default_proxy();
  for (size_t k = 0; k < sizeof consequences / sizeof consequences[0]; ++k)
    meets(&consequences[k], &proxy);
}

/* Every profile reads each signal from the same place of the stream, whatever the others need: the uniform behind a signal,
 * worked back from its value, is the same in all. */
static void profiles_do_not_shift_each_others_numbers(void **unused)
{
  (void)unused;
  static const double low[] = { 0.3, 0.1, 0.2, -0.3 }, high[] = { 0.8, 0.5, 0.6, 0.2 };
  static const double from[] = { 0.2, -0.2, 0.0, -0.5 }, to[] = { 0.6, 0.3, 0.4, -0.1 };
  for (uint32_t k = 0; k < 1000; ++k) {
    civ_draw_key key = { .purpose = CIV_PURPOSE_OBSERVABLES, .entity = k };
    civ_observables o[CIV_AGENT_TYPES];
    double progress[CIV_AGENT_TYPES], engagement[CIV_AGENT_TYPES];
    for (int t = 0; t < CIV_AGENT_TYPES; ++t) {
      civ_draws draws = civ_draws_open(9, &key);
      o[t] = civ_profile_draw((civ_agent_type)t, &draws);
      progress[t] = (o[t].task_progress_delta - low[t]) / (high[t] - low[t]);
      engagement[t] = (o[t].counterparty_engagement_delta - from[t]) / (to[t] - from[t]);
      assert_true(fabs(progress[t] - progress[0]) < 1e-14);
      assert_true(fabs(engagement[t] - engagement[0]) < 1e-14);
    }
    assert_int_equal(o[CIV_OPPORTUNISTIC].rework_count, o[CIV_DECEPTIVE].rework_count);
    assert_int_equal(o[CIV_OPPORTUNISTIC].rework_count + 1, o[CIV_ADVERSARIAL].rework_count);
    assert_int_equal(o[CIV_OPPORTUNISTIC].verifier_rejections + 1, o[CIV_ADVERSARIAL].verifier_rejections);
    assert_int_equal(o[CIV_HONEST].verifier_rejections + o[CIV_HONEST].tool_misuse_flags, 0);
  }
}

/* Signals of one draw are independent: no pair of them is correlated beyond chance. */
static void signals_are_independent(void **unused)
{
  (void)unused;
  double sum[5] = { 0 }, products[5][5] = { { 0 } };
  for (uint32_t k = 0; k < DRAWS; ++k) {
    civ_observables o = draw(CIV_ADVERSARIAL, k);
    const double x[5] = { o.task_progress_delta, o.rework_count, o.verifier_rejections, o.tool_misuse_flags,
                          o.counterparty_engagement_delta };
    for (int a = 0; a < 5; ++a) {
      sum[a] += x[a];
      for (int b = 0; b < 5; ++b)
        products[a][b] += x[a] * x[b];
    }
  }
  for (int a = 0; a < 5; ++a)
    for (int b = 0; b < a; ++b) {
      double covariance = products[a][b] / DRAWS - sum[a] / DRAWS * (sum[b] / DRAWS);
      double scale = sqrt((products[a][a] / DRAWS - sum[a] / DRAWS * (sum[a] / DRAWS)) *
                          (products[b][b] / DRAWS - sum[b] / DRAWS * (sum[b] / DRAWS)));
      assert_true(fabs(covariance / scale) < 5.0 / sqrt(DRAWS));
    }
}

typedef struct script_state {
  int uniforms, indices, betweens;
} script_state;

static double scripted_between(void *self, double low, double high)
{
  ((script_state *)self)->betweens += 1;
  return (low + high) / 2.0;
}

static uint32_t scripted_index(void *self, uint32_t n)
{
  ((script_state *)self)->indices += 1;
  return n - 1;
}

static void a_script_is_asked_only_for_what_a_profile_draws(void **unused)
{
  (void)unused;
  static const int asked[] = { 1, 2, 2, 3 };
  for (int t = 0; t < CIV_AGENT_TYPES; ++t) {
    script_state state = { 0, 0, 0 };
    civ_draw_script script = { NULL, scripted_index, scripted_between, &state };
    civ_draws draws = civ_draws_scripted(&script);
    (void)civ_profile_draw((civ_agent_type)t, &draws);
    assert_int_equal(state.betweens, 2);
    assert_int_equal(state.indices, asked[t]);
  }
}

static void settling_scales_and_cuts(void **unused)
{
  (void)unused;
  civ_proxy proxy = default_proxy();
  static const struct {
    civ_observables base;
    double reputation;
    bool accepted;
    double progress, engagement, v_hat, p;
  } golden[] = {
    { { 0.6, 0.5, 1, 0, 0 }, 0.0, true, 0.45, 0.375, 0.375, 0.679178699175393 },
    { { 0.6, 0.5, 1, 0, 0 }, 0.0, false, 0.45, 0.0, 0.3, 0.6456563062257954 },
    { { 0.6, 0.5, 1, 0, 0 }, 4.2, true, 0.6, 0.5, 0.46, 0.7150421057009897 },
    { { 0.6, 0.5, 1, 0, 0 }, -3.0, true, 0.3, 0.25, 0.29, 0.6410674063348171 },
    { { -0.2, -0.4, 2, 1, 1 }, -1.0, false, -0.1, -0.2, -0.264, 0.3709834769552774 },
    { { -0.2, -0.4, 2, 1, 1 }, 0.36, true, -0.168, -0.336, -0.3184, 0.3459702615439051 },
  };
  for (size_t k = 0; k < sizeof golden / sizeof golden[0]; ++k) {
    civ_observables o = civ_observables_settle(golden[k].base, golden[k].reputation, golden[k].accepted);
    double v_hat, p;
    civ_proxy_label(&proxy, &o, &v_hat, &p);
    assert_true(fabs(o.task_progress_delta - golden[k].progress) < 1e-9);
    assert_true(fabs(o.counterparty_engagement_delta - golden[k].engagement) < 1e-9);
    assert_true(fabs(v_hat - golden[k].v_hat) < 1e-9);
    assert_true(fabs(p - golden[k].p) < 1e-9);
    assert_int_equal(o.rework_count, golden[k].base.rework_count);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(samples_meet_the_exact_consequences),
    cmocka_unit_test(profiles_do_not_shift_each_others_numbers),
    cmocka_unit_test(signals_are_independent),
    cmocka_unit_test(a_script_is_asked_only_for_what_a_profile_draws),
    cmocka_unit_test(settling_scales_and_cuts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
