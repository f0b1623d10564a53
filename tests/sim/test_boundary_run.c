/* Boundaries and permeability in whole runs: a side channel that touches nothing, the same however it is run. */
#include "play.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "civitas/scenario.h"
#include "sim/run_state.h"
#include "support/failing_allocator.h"

#define SOCIETY                                                                                                        \
  "agents:\n  - {type: honest, count: 4}\n  - {type: opportunistic, count: 2}\n  - {type: deceptive, count: 2}\n"      \
  "  - {type: adversarial, count: 2}\n"
#define LENGTH ", n_epochs: 5, steps_per_epoch: 8"
#define OUTSIDE                                                                                                        \
  "boundaries:\n  enabled: true\n  activity: {request_probability: 0.6}\n  max_interactions_per_epoch: 30\n"           \
  "  entities: [{entity_id: bot, name: Bot, entity_type: agent}]\n"                                                    \
  "  policies: [{kind: rate_limit, name: slow, max_crossings_per_minute: 2}]\n  minutes_per_step: 0.5\n"
#define WALL "permeability: {contagion_rate: 1, base_permeability: 0.9}\n"

static const char *const variants[] = {
  SEED LENGTH "}\n" SOCIETY OUTSIDE,
  SEED LENGTH ", schedule_mode: random}\n" SOCIETY OUTSIDE "  charge_access_cost: true\n" WALL,
  SEED LENGTH ", schedule_mode: priority, turn_mode: simultaneous}\n" SOCIETY OUTSIDE
              "permeability: {contagion_rate: 1, spillover_penalty: 2, threat_source: frozen_share}\n",
};
enum { VARIANTS = sizeof variants / sizeof *variants };

static bool told_elsewhere(const char *name)
{
  return strncmp(name, "boundar", 7) == 0 || strncmp(name, "leakage", 7) == 0 || strncmp(name, "perm_", 5) == 0 ||
         strncmp(name, "events:", 7) == 0;
}

/* Every figure of the run without an outside is there with it, and the same to the bit. */
static void the_outside_touches_nothing(void **state)
{
  static const char *const modes[] = { "}\n", ", schedule_mode: random, turn_mode: simultaneous}\n" };
  (void)state;
  for (int k = 0; k < 2; k++) {
    char plain[2048], with[4096];
    play off, on;
    snprintf(plain, sizeof plain, SEED LENGTH "%s" SOCIETY, modes[k]);
    snprintf(with, sizeof with, "%s" OUTSIDE WALL, plain);
    play_open(&off, plain, NULL);
    play_open(&on, with, NULL);
    play_all(&off);
    play_all(&on);
    const civ_result r = play_result(&off);
    for (uint32_t i = 0; i < r.total_columns.n; i++)
      if (!told_elsewhere(r.total_columns.decls[i].name))
        assert_true(play_total(&on, r.total_columns.decls[i].name) == r.totals[i] || isnan(r.totals[i]));
    assert_true(play_total(&on, "boundary_flows") > 20);
    assert_true(play_total(&on, "perm_spillovers") + play_total(&on, "perm_blocked") > 0);
    play_close(&off);
    play_close(&on);
  }
}

static void off_it_leaves_no_trace(void **state)
{
  play plain, keys;
  (void)state;
  play_open(&plain, SEED LENGTH "}\n" SOCIETY, NULL);
  play_open(&keys,
            SEED LENGTH "}\n" SOCIETY "boundaries: {enabled: false, minutes_per_step: 3}\n"
                        "permeability: {enabled: false, contagion_rate: 1}\n",
            NULL);
  play_all(&plain);
  play_all(&keys);
  assert_true(civ_run_digest(plain.run) == civ_run_digest(keys.run));
  play_close(&plain);
  play_close(&keys);
}

static void the_books_agree(void **state)
{
  (void)state;
  for (int k = 0; k < VARIANTS; k++) {
    play p;
    double crossings = 0, leaks = 0;
    play_open(&p, variants[k], NULL);
    play_all(&p);
    for (uint32_t e = 0; e < 5; e++) {
      crossings += play_cell(&p, e, "boundary_crossings");
      leaks += play_cell(&p, e, "boundary_metrics.leakage_events");
      assert_true(play_cell(&p, e, "boundary_crossings") == play_cell(&p, e, "boundary_metrics.crossings"));
    }
    assert_true(crossings == play_total(&p, "boundary_flows"));
    assert_true(leaks == play_total(&p, "leakage_events"));
    assert_true(play_total(&p, "events:boundary_blocked") == play_total(&p, "boundary_blocked_attempts"));
    assert_true(play_total(&p, "events:boundary_crossing") ==
                play_total(&p, "boundary_flows") - play_total(&p, "boundary.flows.blocked"));
    assert_true(play_total(&p, "events:leakage_detected") == play_total(&p, "leakage_events"));
    assert_true(play_total(&p, "boundary_external_interactions") <= 5 * 30);
    assert_true(play_total(&p, "boundaries_enabled") == 1);
    play_close(&p);
  }
}

/* What is taken for harm and for answers is what is missing at the end. */
static void costs_and_penalties_are_paid(void **state)
{
  play p;
  (void)state;
  play_open(&p, SEED LENGTH "}\n" SOCIETY OUTSIDE "permeability: {contagion_rate: 1, spillover_penalty: 2}\n", NULL);
  play_all(&p);
  assert_true(play_total(&p, "perm_harm") > 0);
  assert_true(fabs(1000 - 2 * play_total(&p, "perm_harm") - play_total(&p, "final_total_resources")) < 1e-9);
  play_close(&p);
  play_open(&p,
            SEED LENGTH "}\n" SOCIETY
                        "boundaries:\n  enabled: true\n  default_world: false\n  charge_access_cost: true\n"
                        "  entities: [{entity_id: db, name: DB, entity_type: data_source, access_cost: 3}]\n",
            NULL);
  play_all(&p);
  const double answered = play_total(&p, "boundary_external_interactions");
  assert_true(answered > 10);
  assert_true(fabs(1000 - 3 * answered - play_total(&p, "final_total_resources")) < 1e-9);
  play_close(&p);
}

/* The wall closes as toxicity rises; a constant threat stays what it is; without trust or threat it is the base. */
static void the_wall_follows_its_rules(void **state)
{
  play p;
  (void)state;
  play_open(&p, SEED LENGTH "}\n" SOCIETY "permeability: {threat_smoothing: 1, trust_source: constant}\n", NULL);
  play_all(&p);
  assert_true(play_cell(&p, 0, "perm_effective") == 0.5 * 0.75 && play_cell(&p, 0, "perm_threat") == 0);
  for (uint32_t e = 1; e < 5; e++) {
    const double x = play_cell(&p, e - 1, "toxicity_rate");
    assert_true(fabs(play_cell(&p, e, "perm_threat") - x) < 1e-12);
    assert_true(fabs(play_cell(&p, e, "perm_effective") - 0.5 * (1 - x) * 0.75) < 1e-12);
  }
  assert_true(play_total(&p, "events:permeability_adjusted") == 5);
  play_close(&p);
  play_open(&p,
            SEED LENGTH "}\n" SOCIETY "permeability: {threat_source: constant, threat_level: 0.4, adaptive: false}\n",
            NULL);
  play_all(&p);
  for (uint32_t e = 0; e < 5; e++)
    assert_true(play_cell(&p, e, "perm_threat") == 0.4 && play_cell(&p, e, "perm_effective") == 0.5);
  assert_true(play_total(&p, "events:permeability_adjusted") == 0);
  play_close(&p);
}

/* A wall that lets nothing through stops every request that policies let pass. */
static void a_shut_wall_stops_everything(void **state)
{
  play p;
  (void)state;
  play_open(&p, SEED LENGTH "}\n" SOCIETY OUTSIDE "permeability: {base_permeability: 0}\n", NULL);
  play_all(&p);
  assert_true(play_total(&p, "boundary_external_interactions") == 0);
  assert_true(play_total(&p, "boundary.flows.inbound") == 0);
  assert_true(play_total(&p, "boundary.blocked_by_permeability") > 10);
  assert_true(play_total(&p, "boundary.requests") == play_total(&p, "boundary_blocked_attempts"));
  play_close(&p);
}

/* --- the same, however it is run ------------------------------------------------------------------------------------------------- */

static void threads_change_nothing(void **state)
{
  play p;
  (void)state;
  play_load(&p,
            SEED
            ", n_epochs: 3, steps_per_epoch: 6, turn_mode: simultaneous}\nagents:\n  - {type: honest, count: 300}\n"
            "  - {type: adversarial, count: 300}\n" OUTSIDE WALL,
            NULL);
  play_same_on_threads(&p);
  play_close(&p);
}

static void every_checkpoint_goes_on(void **state)
{
  (void)state;
  for (int k = 0; k < VARIANTS; k++) {
    play p;
    play_open(&p, variants[k], NULL);
    play_all(&p);
    char *reports = play_reports(&p);
    assert_non_null(strstr(reports, "\"boundary\": {\"external_world\": {"));
    free(reports);
    play_resumes_anywhere(&p, 5);
    play_close(&p);
  }
}

/* --- memory --------------------------------------------------------------------------------------------------------------------- */

static void steps_take_no_memory(void **state)
{
  (void)state;
  for (int k = 0; k < VARIANTS; k++) {
    play p;
    play_open(&p, variants[k], NULL);
    play_all(&p);
    assert_true(p.run->refused_growth == 0);
    play_close(&p);
  }
}

static void a_run_without_memory_says_so(void **state)
{
  play p;
  failing_allocator probe;
  (void)state;
  play_open(&p, variants[1], NULL);
  play_all(&p);
  failing_allocator_init(&probe, SIZE_MAX);
  const civ_run_options counted = { .allocator = &probe.allocator };
  play_start(&p, &counted);
  const size_t created = probe.requests;
  civ_run_destroy(p.run);
  p.run = NULL;
  for (size_t at = 0; at < created; at++) {
    failing_allocator f;
    civ_run *run = NULL;
    civ_error err = { 0 };
    failing_allocator_init(&f, at);
    const civ_run_options options = { .allocator = &f.allocator };
    assert_int_equal(civ_run_create(p.config, &options, &run, &err), CIV_E_NOMEM);
    assert_int_equal(f.blocks, 0);
  }
  play_close(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_outside_touches_nothing),
    cmocka_unit_test(off_it_leaves_no_trace),
    cmocka_unit_test(the_books_agree),
    cmocka_unit_test(costs_and_penalties_are_paid),
    cmocka_unit_test(the_wall_follows_its_rules),
    cmocka_unit_test(a_shut_wall_stops_everything),
    cmocka_unit_test(threads_change_nothing),
    cmocka_unit_test(every_checkpoint_goes_on),
    cmocka_unit_test(steps_take_no_memory),
    cmocka_unit_test(a_run_without_memory_says_so),
  };
  return cmocka_run_group_tests_name("boundary run", tests, NULL, NULL);
}
