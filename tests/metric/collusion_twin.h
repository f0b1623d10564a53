/* collusion_twin.h - histories of dealings, and the analysis of collusion in the slow way: from the list, for every number. */
#ifndef CIV_TESTS_COLLUSION_TWIN_H
#define CIV_TESTS_COLLUSION_TWIN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "metric/collusion.h"

enum { MOST_AGENTS = 24, MOST_DEALINGS = 600 };

typedef struct dealing {
  civ_interaction record;
  double seconds;
} dealing;

typedef struct history {
  dealing items[MOST_DEALINGS];
  uint32_t n, agents;
} history;

/* One dealing more. */
void history_put(history *h, civ_agent a, civ_agent b, double p, double cost, double seconds, bool accepted);
/* Random ones: circles of friends who deal mostly with each other, some of them well; everybody now and then with anybody. */
civ_draws history_stream(uint32_t trial);
history history_draw(uint32_t trial);
civ_collusion_params history_params(uint32_t trial);

/* The fold of a history, and its report. Both fail the test when they cannot be made. */
civ_collusion *history_fold(const history *h, const civ_collusion_params *params, const civ_allocator *allocator);
civ_collusion_report history_analyse(civ_collusion *c, uint32_t agents);
civ_collusion_report history_report(const history *h, const civ_collusion_params *params);
/* x and y are equal within 1e-9. */
void near(double x, double y);

/* --- the slow twin: every number from the list of dealings ------------------------------------------------------------------ */

typedef struct slow_pair {
  civ_agent a, b; /* by index */
  uint32_t n, order;
  double z, acceptance, kappa, p_a, p_b, gap, burstiness, benefit_a, benefit_b, score;
} slow_pair;

typedef struct slow_group {
  bool member[MOST_AGENTS];
  uint32_t size;
  double internal_rate, p_internal, p_external, score, overlap;
} slow_group;

typedef struct slow_report {
  slow_pair pairs[MOST_AGENTS * MOST_AGENTS];
  slow_group groups[MOST_AGENTS];
  uint32_t n, analysed, flagged, n_groups;
  double risk[MOST_AGENTS], sum, most, ecosystem;
} slow_report;

void slow_analyse(const history *h, const civ_collusion_params *params, slow_report *r);
double slow_clustering(const history *h, civ_agent a, double window);

#endif
