/* Citizens by their figures: what the five default matchups come to under the naive law, against figures measured with another
 * random stream; the honest alone raise no alarm, and capture shows. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "playing.h"

enum { BASELINE, DRAIN, ENTRENCH, SUPPRESS, MIXED, FIELDS = 10, MEASURED_SEEDS = 200 };

/* --- what was measured: mean, standard deviation, a unit of the last digit ------------------------------------------------ */

typedef struct figure {
  double mean, sd;
} figure;

typedef struct measured {
  const char *name;
  double unit;
  figure of[CIV_DEFAULT_MATCHUPS];
} measured;

static const measured fields[FIELDS] = {
  { "governance_score", 0.01, { { 97.28, 0.41 }, { 80.69, 3.85 }, { 93.03, 1.38 }, { 80.33, 2.90 }, { 65.36, 8.26 } } },
  { "treasury_final", 1, { { 958, 27 }, { 497, 130 }, { 970, 22 }, { 988, 20 }, { 105, 231 } } },
  { "solvency", 0.001, { { 0.982, 0.014 }, { 0.599, 0.096 }, { 0.987, 0.012 }, { 0.996, 0.005 }, { 0.407, 0.175 } } },
  { "empathy_ratio", 0.001, { { 1, 0 }, { 1, 0 }, { 1, 0 }, { 1, 0 }, { 0.946, 0.069 } } },
  { "empathy_floor_trough", 0.01, { { 1.12, 0.20 }, { 1.02, 0.12 }, { 1.06, 0.14 }, { 1.00, 0.01 }, { 0.77, 0.27 } } },
  { "franchise", 0.001, { { 1, 0 }, { 0.827, 0.036 }, { 1, 0 }, { 0.509, 0.071 }, { 0.666, 0.112 } } },
  { "contestability",
    0.001,
    { { 0.905, 0.010 }, { 0.874, 0.014 }, { 0.693, 0.066 }, { 0.642, 0.050 }, { 0.569, 0.068 } } },
  { "prosperity", 0.001, { { 0.976, 0.014 }, { 0.779, 0.092 }, { 0.967, 0.018 }, { 0.826, 0.042 }, { 0.772, 0.059 } } },
  /* Counts were given without a spread: those are of our own 2,000 episodes. */
  { "proposals", 1, { { 16, 3.5 }, { 38, 9.7 }, { 32, 6.2 }, { 362, 2.4 }, { 198, 24 } } },
  { "votes", 1, { { 95, 20 }, { 242, 61 }, { 218, 42 }, { 946, 83 }, { 897, 154 } } },
};

static const double shares[CIV_DETECTORS][CIV_DEFAULT_MATCHUPS] = {
  [CIV_DETECT_TREASURY_DRAIN] = { 0, 0.93, 0, 0, 0.96 },
  [CIV_DETECT_SELF_DEALING] = { 0, 0.90, 0, 0, 0.98 },
  [CIV_DETECT_RECIPROCAL_DEALING] = { 0, 0.20, 0, 0, 0 },
  [CIV_DETECT_SALAMI] = { 0, 0.04, 0, 0, 0.09 },
  [CIV_DETECT_THIN_QUORUM] = { 0, 0.06, 0, 1.00, 0.31 },
  [CIV_DETECT_GUARD_LOOSENING] = { 0, 0.28, 0.01, 0.09, 0.55 },
  [CIV_DETECT_ENTRENCHMENT] = { 0, 0, 0.99, 0, 1.00 },
  [CIV_DETECT_OFFICE_ACCUMULATION] = { 0, 0, 0.12, 0.01, 0.46 },
  [CIV_DETECT_FRANCHISE_SUPPRESSION] = { 0, 0, 0, 1.00, 0.93 },
  [CIV_DETECT_REGISTRAR_ABUSE] = { 0, 0, 0, 0.84, 0.97 },
  [CIV_DETECT_AGENDA_FLOODING] = { 0, 0, 0, 1.00, 1.00 },
  [CIV_DETECT_VOTE_BUYING] = { 0, 0.45, 0, 0, 0.07 },
  [CIV_DETECT_FLOOR_BREACH] = { 0, 0, 0, 0, 0.10 },
  [CIV_DETECT_DEADLOCK] = { 0, 0, 0.99, 0, 0.98 },
};

/* The category each capturing matchup is named for; mixed-capture is judged by the number of categories. */
static const civ_exploit_category own_category[CIV_DEFAULT_MATCHUPS] = {
  [DRAIN] = CIV_EXPLOIT_DRAIN, [ENTRENCH] = CIV_EXPLOIT_ENTRENCH, [SUPPRESS] = CIV_EXPLOIT_SUPPRESS
};

/* --- playing them --------------------------------------------------------------------------------------------------------- */

typedef struct gathered {
  double n, sum[FIELDS], squares[FIELDS];
  uint32_t found[CIV_DETECTORS], with_category[CIV_EXPLOIT_CATEGORIES], two_categories, any;
} gathered;

static void add(gathered *g, uint32_t field, double x)
{
  g->sum[field] += x;
  g->squares[field] += x * x;
}

static double mean(const gathered *g, uint32_t field)
{
  return g->sum[field] / g->n;
}

/* Half the width of the 95 % interval of a mean, by the normal distribution. */
static double half_width(const gathered *g, uint32_t field)
{
  const double m = mean(g, field);
  return 1.96 * sqrt((g->squares[field] / g->n - m * m) / (g->n - 1));
}

static void gather_findings(gathered *g, const playing *p)
{
  uint32_t categories = 0;
  for (uint32_t k = 0; k < p->n_found; k++) {
    g->found[p->found[k].detector]++;
    categories |= 1u << p->found[k].category;
  }
  for (uint32_t k = 0; k < CIV_EXPLOIT_CATEGORIES; k++)
    g->with_category[k] += categories >> k & 1;
  g->two_categories += __builtin_popcount(categories) >= 2;
  g->any += p->n_found > 0;
}

static gathered gather(playing *p, const civ_composition *composition, uint64_t first_seed, uint32_t seeds)
{
  gathered g = { .n = seeds };
  for (uint64_t seed = first_seed; seed < first_seed + seeds; seed++) {
    civ_trace trace;
    playing_play(p, composition, seed, &trace);
    const civ_score s = civ_score_of(&trace);
    const double values[] = { s.governance_score,     s.treasury_final, s.solvency,       s.empathy_ratio,
                              s.empathy_floor_trough, s.franchise,      s.contestability, s.prosperity };
    uint32_t proposals = 0, votes = 0;
    for (uint32_t k = 0; k < trace.n_deeds; k++) {
      proposals += trace.deeds[k].kind == CIV_DEED_PROPOSAL_CREATED;
      votes += trace.deeds[k].kind == CIV_DEED_VOTE_CAST;
    }
    for (uint32_t f = 0; f < sizeof values / sizeof *values; f++)
      add(&g, f, values[f]);
    add(&g, 8, proposals);
    add(&g, 9, votes);
    gather_findings(&g, p);
  }
  return g;
}

static gathered all[CIV_DEFAULT_MATCHUPS];

static int play_all(void **state)
{
  static playing p;
  playing_begin(&p);
  *state = &p;
  for (int m = 0; m < CIV_DEFAULT_MATCHUPS; m++)
    all[m] = gather(&p, &civ_default_matchups[m].composition, 0, playing_times(1000));
  return 0;
}

static int put_away(void **state)
{
  playing_end(*state);
  return 0;
}

/* --- the figures -------------------------------------------------------------------------------------------------------------- */

static void fields_are_as_measured(void **state)
{
  uint32_t off = 0;
  (void)state;
  for (int m = 0; m < CIV_DEFAULT_MATCHUPS; m++)
    for (uint32_t f = 0; f < FIELDS; f++) {
      const figure *was = &fields[f].of[m];
      /* Four standard errors of a difference; mean and spread were rounded to a unit. */
      const double sd = was->sd + fields[f].unit / 2;
      const double slack = 4 * sd * sqrt(1 / all[m].n + 1.0 / MEASURED_SEEDS) + fields[f].unit / 2;
      if (fabs(mean(&all[m], f) - was->mean) > slack) {
        print_error("%s %s: %g, measured %g +- %g\n", civ_default_matchups[m].name, fields[f].name, mean(&all[m], f),
                    was->mean, slack);
        off++;
      }
    }
  assert_int_equal(off, 0);
}

static void detectors_fire_as_often_as_measured(void **state)
{
  uint32_t off = 0;
  (void)state;
  for (int m = 0; m < CIV_DEFAULT_MATCHUPS; m++)
    for (int d = 0; d < CIV_DETECTORS; d++) {
      const double was = shares[d][m], is = all[m].found[d] / all[m].n;
      /* The tolerance is of a thousand seeds; fewer (under a sanitizer) add the chance of their own. */
      const double chance = all[m].n < 1000 ? 3 * sqrt(was * (1 - was) / all[m].n) : 0;
      if (fabs(is - was) > (was > 0.2 && was < 0.8 ? 0.15 : 0.1) + chance) {
        print_error("%s %s: %g, measured %g\n", civ_default_matchups[m].name, civ_detectors[d].name, is, was);
        off++;
      }
    }
  assert_int_equal(off, 0);
}

static void capture_is_found_in_its_own_category(void **state)
{
  (void)state;
  for (int m = DRAIN; m <= SUPPRESS; m++)
    assert_true(all[m].with_category[own_category[m]] >= 0.95 * all[m].n);
  assert_true(all[MIXED].two_categories >= 0.95 * all[MIXED].n);
}

static void capture_costs_a_polity(void **state)
{
  (void)state;
  for (int m = DRAIN; m <= MIXED; m++)
    assert_true(mean(&all[m], 0) + half_width(&all[m], 0) < mean(&all[BASELINE], 0) - half_width(&all[BASELINE], 0));
}

/* --- no false alarms --------------------------------------------------------------------------------------------------------- */

static void the_honest_raise_no_alarm(void **state)
{
  const gathered fresh = gather(*state, &civ_default_matchups[BASELINE].composition, 100000, playing_times(2000));
  assert_int_equal(all[BASELINE].any, 0);
  assert_int_equal(fresh.any, 0);
}

static void nor_do_few_or_many(void **state)
{
  static const struct {
    uint32_t honest, seeds;
    double score; /* measured */
  } polities[] = { { 4, 200, 96.99 }, { 10, 200, 97.13 }, { 20, 60, 96.27 } };
  for (size_t k = 0; k < sizeof polities / sizeof *polities; k++) {
    const civ_composition composition = { { polities[k].honest } };
    const gathered g = gather(*state, &composition, 0, playing_times(polities[k].seeds));
    assert_int_equal(g.any, 0);
    /* The spread of the measured ones was not given: ours stands for it. */
    const double error = half_width(&g, 0) / 1.96, other = error * sqrt(g.n / polities[k].seeds);
    assert_true(fabs(mean(&g, 0) - polities[k].score) < 4 * hypot(error, other));
  }
}

static void a_treasury_of_honest_citizens_stays(void **state)
{
  playing *p = *state;
  for (uint64_t seed = 0; seed < playing_times(200); seed++) {
    civ_trace trace;
    playing_play(p, &civ_default_matchups[BASELINE].composition, seed, &trace);
    const int64_t last = trace.snapshots[trace.n_snapshots - 1].treasury;
    assert_true(last > 750 * CIV_CREDIT && last < 1050 * CIV_CREDIT); /* measured in 200 episodes: 861 to 1014 */
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(fields_are_as_measured),
    cmocka_unit_test(detectors_fire_as_often_as_measured),
    cmocka_unit_test(capture_is_found_in_its_own_category),
    cmocka_unit_test(capture_costs_a_polity),
    cmocka_unit_test(the_honest_raise_no_alarm),
    cmocka_unit_test(nor_do_few_or_many),
    cmocka_unit_test(a_treasury_of_honest_citizens_stays),
  };
  return cmocka_run_group_tests_name("citizens", tests, play_all, put_away);
}
