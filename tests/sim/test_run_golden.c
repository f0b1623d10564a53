/* Results that must never move by themselves: final digest of the state and digest of the epoch metrics of some runs, as written down in
 * tests/data/golden_digests.txt. The same on every compiler, optimisation level and machine.
 *
 * They change with CIV_RESULTS_VERSION or CIV_RNG_VERSION and at no other time. To write them down anew, say why in the
 * change log, raise the version, and:
 *   build/tests/sim/test_sim_run_golden --print > tests/data/golden_digests.txt */
#include "play.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/file.h"
#include "metric/epoch.h"

#define FOUR(count)                                                                                                    \
  "agents:\n  - {type: honest, count: " count "}\n  - {type: opportunistic, count: " count "}\n"                       \
  "  - {type: deceptive, count: " count "}\n  - {type: adversarial, count: " count "}\n"
#define HEAD "scenario_id: golden\nsimulation: {seed: 1, "

static const struct {
  const char *name, *yaml;
} golden[] = {
  { "mixed", HEAD "n_epochs: 10, steps_per_epoch: 10}\n" FOUR("3") },
  { "random", HEAD "n_epochs: 6, steps_per_epoch: 10, schedule_mode: random}\n" FOUR("4") },
  { "priority", HEAD "n_epochs: 6, steps_per_epoch: 10, schedule_mode: priority}\n" FOUR("4") },
  { "simultaneous", HEAD "n_epochs: 6, steps_per_epoch: 10, turn_mode: simultaneous}\n" FOUR("5") },
  { "crowd", HEAD "n_epochs: 2, steps_per_epoch: 5, turn_mode: simultaneous, schedule_mode: random}\n" FOUR("250") },
  { "transfers",
    HEAD "n_epochs: 5, steps_per_epoch: 10, enable_transfers: true, payoffs_to_resources: true}\n"
         "payoff: {reputation_in_payoff: true, w_rep: 1.5, rho_a: 0.1, rho_b: 0.2, theta: 0.4}\n" FOUR("3") },
  { "learning",
    HEAD "n_epochs: 8, steps_per_epoch: 10, deceptive_learning: true, dead_bounties: true}\n"
         "proxy: {sigmoid_k: 3.5, rework_decay: 0.45, weights: {task_progress: 1, rework_penalty: -0.3}}\n" FOUR("3") },
  { "rails", HEAD "n_epochs: 5, steps_per_epoch: 10, seconds_per_step: 3600}\n"
                  "environment: {attention_scarcity: 0.6, initial_reputation: 0.1}\n"
                  "safety: {token_bucket_capacity: 2.5, token_bucket_refill: 0.4, budget_per_epoch: 4.2, "
                  "min_steps_between_posts: 2}\n" FOUR("3") },
  { "roles",
    HEAD "n_epochs: 5, steps_per_epoch: 10, roles_enabled: true}\nagents:\n"
         "  - {type: honest, count: 3, roles: [poster, moderator]}\n  - {type: deceptive, count: 3, roles: [poster]}\n"
         "  - {type: adversarial, count: 2, roles: [worker]}\n" },
};
static const uint64_t seeds[] = { 1, 42, INT64_MAX };

/* One line: name, seed, digest of the state, digest of epoch metrics, interactions. */
static void write_line(civ_buffer *out, const char *name, play *p, uint64_t seed)
{
  assert_int_equal(civ_config_set_seed(p->config, seed, NULL), CIV_OK);
  play_start(p, NULL);
  play_all(p);
  const civ_result r = play_result(p);
  uint64_t numbers = 0; /* of the metrics' own columns: parts may add theirs */
  for (uint32_t e = 0; e < r.epochs; e++)
    numbers = civ_digest(numbers, r.rows + (size_t)e * r.epoch_columns.n, CIV_EPOCH_COLUMNS * sizeof *r.rows);
  civ_buffer_format(out, "%s %" PRIu64 " %016" PRIx64 " %016" PRIx64 " %.0f\n", name, seed, r.digest, numbers,
                    play_total(p, "total_interactions"));
}

static char *all_lines(void)
{
  civ_buffer out = { 0 };
  for (size_t k = 0; k < sizeof golden / sizeof *golden; k++) {
    play p;
    play_load(&p, golden[k].yaml, NULL);
    for (size_t s = 0; s < sizeof seeds / sizeof *seeds; s++)
      write_line(&out, golden[k].name, &p, seeds[s]);
    play_close(&p);
  }
  return civ_buffer_take(&out, NULL);
}

static void results_are_what_they_were(void **state)
{
  char *then, *now = all_lines();
  size_t length;
  (void)state;
  assert_int_equal(civ_file_read(CIV_TEST_DATA "/golden_digests.txt", 1 << 20, &then, &length, NULL), CIV_OK);
  assert_string_equal(now, then);
  civ_free(now);
  civ_free(then);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = { cmocka_unit_test(results_are_what_they_were) };
  if (argc > 1 && strcmp(argv[1], "--print") == 0) {
    char *now = all_lines();
    fputs(now, stdout);
    civ_free(now);
    return 0;
  }
  return cmocka_run_group_tests(tests, NULL, NULL);
}
