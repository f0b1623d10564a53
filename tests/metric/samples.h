/* samples.h - twelve records with known metrics, and batches drawn at random. */
#ifndef CIV_TESTS_METRIC_SAMPLES_H
#define CIV_TESTS_METRIC_SAMPLES_H

#include <math.h>

#include "civitas/fixture.h"
#include "civitas/metrics.h"

#define assert_near(a, b) assert_true(fabs((a) - (b)) <= 1e-9 * fmax(1.0, fabs(b)))

static inline civ_interaction record_of(bool accepted, double p, double tau, double c_a, double c_b, double r_a,
                                        double r_b, int ground_truth)
{
  civ_interaction i = civ_interaction_default();
  i.accepted = accepted;
  i.p = p;
  i.tau = tau;
  i.c_a = c_a;
  i.c_b = c_b;
  i.r_a = r_a;
  i.r_b = r_b;
  i.ground_truth = (int8_t)ground_truth;
  return i;
}

enum { TWELVE = 12 };
static inline void twelve_records(civ_interaction out[TWELVE])
{
  out[0] = record_of(true, 0.9, 0.1, 0.02, 0.03, 0.2, 0.1, 1);
  out[1] = record_of(true, 0.75, 0.0, 0.01, 0.01, 0.1, 0.05, 1);
  out[2] = record_of(true, 0.3, -0.2, 0.05, 0.1, -0.1, -0.2, -1);
  out[3] = record_of(false, 0.8, 0.05, 0, 0, 0, 0, 1);
  out[4] = record_of(false, 0.2, 0.3, 0.1, 0, 0, 0, -1);
  out[5] = record_of(true, 0.5, 0, 0, 0, 0, 0, -1);
  out[6] = record_of(true, 0.62, 0.15, 0.03, 0.04, 0.05, 0.02, 0);
  out[7] = record_of(false, 0.44, 0, 0, 0.02, -0.05, 0, 1);
  out[8] = record_of(true, 0.1, 0.4, 0.2, 0.05, -0.2, -0.1, -1);
  out[9] = record_of(true, 1.0, 0, 0, 0, 0.3, 0.3, 1);
  out[10] = record_of(false, 0.0, 0, 0, 0, -0.3, 0, -1);
  out[11] = record_of(false, 0.7, -0.1, 0.02, 0.02, 0.1, 0, 0);
}

static inline civ_payoff_config second_config(void)
{
  civ_payoff_config c = civ_payoff_default();
  c.s_plus = 3.0;
  c.s_minus = 1.5;
  c.h = 2.5;
  c.theta = 0.6;
  c.rho_a = 0.1;
  c.rho_b = 0.2;
  c.w_rep = 2.0;
  return c;
}

static inline void add_all(civ_metrics *m, const civ_interaction *records, size_t n)
{
  for (size_t k = 0; k < n; ++k)
    civ_metrics_add(m, &records[k], civ_payoff_initiator(&m->payoff, &records[k]),
                    civ_payoff_counterparty(&m->payoff, &records[k]));
}

static inline civ_metrics_values values_of(const civ_interaction *records, size_t n, civ_payoff_config payoff,
                                           civ_metrics_config config)
{
  civ_metrics m;
  civ_metrics_values v;
  civ_metrics_init(&m, &payoff, &config);
  add_all(&m, records, n);
  civ_metrics_read(&m, &v);
  return v;
}

static inline void random_records(civ_draws *d, civ_interaction *out, size_t n)
{
  static const double round_p[] = { 0.0, 0.1, 0.3, 0.5, 0.6, 0.7, 1.0 };
  for (size_t k = 0; k < n; ++k) {
    out[k] = record_of(civ_draw_chance(d, 0.6), civ_draw_uniform(d), civ_draw_between(d, -1, 1), civ_draw_uniform(d),
                       civ_draw_uniform(d), civ_draw_between(d, -1, 1), civ_draw_between(d, -1, 1),
                       (int)civ_draw_index(d, 3) - 1);
    if (civ_draw_chance(d, 0.3))
      out[k].p = round_p[civ_draw_index(d, 7)];
    out[k].initiator = civ_draw_index(d, 40);
    out[k].counterparty = civ_draw_index(d, 40);
  }
}

#endif
