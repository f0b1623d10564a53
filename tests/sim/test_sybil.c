/* The Sybil lever in whole runs: against groups found the slow way from the log's interactions, blocks and penalties as they
 * fall, checkpoints, and what it says. */
#include "play.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/json.h"
#include "metric/similarity.h"

enum { AGENTS = 10, EPOCHS = 8 };
#define PLACE                                                                                                          \
  "scenario_id: test\nsimulation: {seed: %u, n_epochs: 8, steps_per_epoch: 10}\nagents:\n  - {type: honest, count: "   \
  "4}\n"                                                                                                               \
  "  - {type: adversarial, count: 2}\n  - {type: opportunistic, count: 2}\n  - {type: deceptive, count: 2}\n"          \
  "governance:\n  sybil_detection_enabled: true\n%s"

static const char *scene(unsigned seed, const char *rules)
{
  static char text[4096];
  snprintf(text, sizeof text, PLACE, seed, rules);
  return text;
}

/* --- against the slow way -------------------------------------------------------------------------------------------------------- */

typedef struct rules {
  civ_similarity_measure measure;
  double threshold, decay, multiplier;
  bool initiated;
  double least;
  const char *text;
} rules;

static const rules cases[] = {
  { CIV_SIMILARITY_L1_DOT, 0.6, 1, 1, false, 0, "  sybil_similarity_threshold: 0.6\n" },
  { CIV_SIMILARITY_L1_DOT, 0.55, 0.5, 2, false, 0,
    "  sybil_similarity_threshold: 0.55\n  sybil_pattern_decay: 0.5\n  sybil_penalty_multiplier: 2\n" },
  { CIV_SIMILARITY_COSINE, 0.8, 1, 0.5, true, 5,
    "  sybil_similarity_metric: cosine\n  sybil_pattern: initiated\n  sybil_min_interactions: 5\n"
    "  sybil_penalty_multiplier: 0.5\n" },
  { CIV_SIMILARITY_COSINE, 0.7, 0, 1, false, 0,
    "  sybil_similarity_metric: cosine\n  sybil_similarity_threshold: 0.7\n  sybil_pattern_decay: 0\n" },
};

/* What the lever should know, kept by a witness of all interactions and events. */
typedef struct witness {
  const rules *rules;
  double counts[AGENTS][AGENTS];
  civ_agent order[AGENTS];
  uint32_t n_order;
  uint32_t epoch, seen;   /* events of the current epoch */
  uint32_t group[AGENTS]; /* 1 + number of the group, 0 = none */
  uint32_t size[AGENTS], groups;
  double reputation; /* taken so far */
  uint64_t blocked_turns;
} witness;

static void count(witness *w, civ_agent a, civ_agent b)
{
  uint32_t k = 0;
  w->counts[a][b]++;
  while (k < w->n_order && w->order[k] != a)
    k++;
  if (k == w->n_order)
    w->order[w->n_order++] = a;
}

static double similarity(const witness *w, civ_agent a, civ_agent b)
{
  civ_pattern p[2];
  uint32_t others[2][AGENTS];
  double counts[2][AGENTS];
  for (int i = 0; i < 2; i++) {
    const civ_agent x = i ? b : a;
    uint32_t n = 0;
    for (uint32_t k = 0; k < AGENTS; k++)
      if (w->counts[x][k] > 0) {
        others[i][n] = k;
        counts[i][n++] = w->counts[x][k];
      }
    p[i] = (civ_pattern){ others[i], counts[i], n };
  }
  return civ_pattern_similarity(&p[0], &p[1], w->rules->measure);
}

static bool compared(const witness *w, civ_agent a)
{
  double sum = 0;
  for (uint32_t k = 0; k < AGENTS; k++)
    sum += w->counts[a][k];
  return sum >= w->rules->least;
}

static void find_groups(witness *w)
{
  memset(w->group, 0, sizeof w->group);
  w->groups = 0;
  for (uint32_t i = 0; i < w->n_order; i++) {
    const civ_agent a = w->order[i];
    uint32_t n = 1;
    if (w->group[a] || !compared(w, a))
      continue;
    for (uint32_t j = i + 1; j < w->n_order; j++) {
      const civ_agent b = w->order[j];
      if (w->group[b] || !compared(w, b) || similarity(w, a, b) < w->rules->threshold)
        continue;
      w->group[b] = w->groups + 1;
      n++;
    }
    if (n < 2)
      continue;
    w->group[a] = w->groups + 1;
    w->size[w->groups++] = n;
    w->reputation += 0.1 * w->rules->multiplier * n;
  }
  for (uint32_t a = 0; a < AGENTS; a++)
    for (uint32_t b = 0; b < AGENTS; b++) {
      w->counts[a][b] *= w->rules->decay;
      if (w->counts[a][b] < 0.01)
        w->counts[a][b] = 0;
    }
}

static void see_interaction(void *self, const civ_interaction *r, double payoff_a, double payoff_b)
{
  witness *w = self;
  (void)payoff_a;
  (void)payoff_b;
  count(w, r->initiator, r->counterparty);
  if (!w->rules->initiated)
    count(w, r->counterparty, r->initiator);
}

static void see_event(void *self, const civ_event *e)
{
  witness *w = self;
  if (strcmp(e->form->name, "sybil_detected") != 0)
    return;
  assert_int_equal(e->step, 0);
  assert_int_equal(e->values[0].integer, w->seen);
  assert_true(w->seen < w->groups);
  assert_int_equal(e->values[2].integer, w->size[w->seen]);
  assert_int_equal(e->values[3].integer, w->size[w->seen] > 3);
  assert_true(e->values[4].real == w->rules->threshold);
  json_t *members = json_loads(e->values[1].text, 0, NULL);
  assert_int_equal(json_array_size(members), w->size[w->seen]);
  json_decref(members);
  w->seen++;
}

static civ_status see_epoch(void *self, uint32_t epoch, const double *row, civ_error *err)
{
  witness *w = self;
  (void)row;
  (void)err;
  assert_int_equal(w->seen, w->groups);
  w->epoch = epoch + 1;
  w->seen = 0;
  find_groups(w); /* what the next epoch's begin will find */
  return CIV_OK;
}

static void see_turn(void *self, uint32_t epoch, uint32_t step, civ_agent a, const civ_action *action, bool ok)
{
  witness *w = self;
  (void)epoch;
  (void)step;
  (void)action;
  (void)ok;
  w->blocked_turns += w->group[a] && w->size[w->group[a] - 1] > 3;
}

static void groups_are_those_found_the_slow_way(void **state)
{
  static const civ_sink eyes = { .version = CIV_PART_VERSION,
                                 .name = "eyes",
                                 .wants_events = true,
                                 .interaction = see_interaction,
                                 .event = see_event,
                                 .epoch = see_epoch };
  double all = 0, blocked = 0;
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
    for (unsigned seed = 1; seed <= 8; seed++) {
      play p;
      witness w = { .rules = &cases[k] };
      const civ_run_hooks hooks = { .self = &w, .turn = see_turn };
      play_open(&p, scene(seed, cases[k].text), NULL);
      assert_int_equal(civ_run_attach(p.run, &eyes, &w, NULL), CIV_OK);
      assert_int_equal(civ_run_hook(p.run, &hooks, NULL), CIV_OK);
      play_all(&p);
      double last = 0; /* the witness has already looked into the epoch after the last */
      for (uint32_t g = 0; g < w.groups; g++)
        last += 0.1 * cases[k].multiplier * w.size[g];
      assert_true(fabs(play_total(&p, "sybil_penalty_reputation") - (w.reputation - last)) < 1e-9);
      assert_true(fabs(play_total(&p, "rep_delta.sybil_detection") + (w.reputation - last)) < 1e-9);
      assert_true(fabs(play_total(&p, "res_delta.sybil_detection") + 10 * (w.reputation - last)) < 1e-9);
      assert_int_equal(w.blocked_turns, 0);
      all += play_total(&p, "sybil_clusters");
      blocked += play_total(&p, "sybil_blocked");
      play_close(&p);
    }
  assert_true(all > 100 && blocked > 20);
}

/* --- what it says ------------------------------------------------------------------------------------------------------------------ */

static void report_and_columns_agree(void **state)
{
  play p;
  civ_bytes bytes = { 0 };
  (void)state;
  play_open(&p, scene(3, "  sybil_similarity_threshold: 0.6\n  sybil_realtime_penalty: true\n"), NULL);
  play_all(&p);
  assert_int_equal(civ_run_report(p.run, &bytes, NULL), CIV_OK);
  json_t *reports = json_loadb((const char *)bytes.data, bytes.length, 0, NULL),
         *sybil = json_object_get(reports, "sybil");
  const json_t *clusters = json_object_get(sybil, "clusters");
  const uint32_t last = EPOCHS - 1;
  size_t members = 0;
  for (size_t k = 0; k < json_array_size(clusters); k++)
    members += json_array_size(json_object_get(json_array_get(clusters, k), "members"));
  assert_int_equal(civ_json_integer(sybil, "epoch", -1), last);
  assert_true((double)json_array_size(clusters) == play_cell(&p, last, "sybil_clusters"));
  assert_true((double)members == play_cell(&p, last, "sybil_flagged"));
  assert_true((double)civ_json_integer(sybil, "n_blocked", -1) == play_cell(&p, last, "sybil_blocked"));
  assert_true((double)civ_json_integer(sybil, "largest", -1) == play_cell(&p, last, "sybil_largest"));
  assert_true(play_total(&p, "sybil.flagged.honest") + play_total(&p, "sybil.flagged.adversarial") +
                  play_total(&p, "sybil.flagged.opportunistic") + play_total(&p, "sybil.flagged.deceptive") ==
              (double)members);
  assert_true(fabs(play_total(&p, "cost.sybil_detection") - 0.2 * play_total(&p, "lever_sybil_realtime")) < 1e-9);
  assert_true(play_total(&p, "sybil_clusters") == play_total(&p, "events:sybil_detected"));
  json_decref(reports);
  civ_bytes_free(&bytes);
  play_close(&p);
}

static void one_cluster_of_all_shows_64(void **state)
{
  play p;
  civ_bytes bytes = { 0 };
  (void)state;
  play_open(&p,
            "scenario_id: test\nsimulation: {seed: 1, n_epochs: 3, steps_per_epoch: 10}\nagents: [{type: honest, "
            "count: 90}]\n"
            "governance: {sybil_detection_enabled: true, sybil_similarity_threshold: 0}\n",
            NULL);
  play_all(&p);
  assert_int_equal(civ_run_report(p.run, &bytes, NULL), CIV_OK);
  json_t *reports = json_loadb((const char *)bytes.data, bytes.length, 0, NULL);
  const json_t *cluster = json_array_get(json_object_get(json_object_get(reports, "sybil"), "clusters"), 0);
  assert_int_equal(json_array_size(json_object_get(cluster, "members")), 64);
  assert_true(civ_json_integer(cluster, "size", 0) > 64 && civ_json_bool(cluster, "blocked", false));
  assert_true(play_total(&p, "final_blocked") == play_cell(&p, 2, "sybil_blocked"));
  json_decref(reports);
  civ_bytes_free(&bytes);
  play_close(&p);
}

/* --- checkpoints and memory --------------------------------------------------------------------------------------------------------- */

static void a_run_goes_on_from_a_checkpoint(void **state)
{
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
    for (uint32_t half = 0; half < EPOCHS; half += 3) {
      play p;
      civ_bytes bytes = { 0 };
      civ_end end;
      play_open(&p, scene(5, cases[k].text), NULL);
      assert_int_equal(civ_run_begin(p.run, NULL), CIV_OK);
      for (uint32_t e = 0; e < half; e++)
        assert_int_equal(civ_run_epoch(p.run, &end, NULL), CIV_OK);
      assert_int_equal(civ_run_save(p.run, &bytes, NULL), CIV_OK);
      play_all(&p);
      const civ_result straight = play_result(&p);
      const uint32_t n = straight.total_columns.n;
      double *totals = malloc(n * sizeof *totals);
      memcpy(totals, straight.totals, n * sizeof *totals);
      const uint64_t digest = straight.digest;
      play_start(&p, NULL);
      civ_bytes_reader in = { .data = bytes.data, .length = bytes.length };
      assert_int_equal(civ_run_load(p.run, &in, NULL), CIV_OK);
      play_all(&p);
      assert_true(play_result(&p).digest == digest);
      assert_memory_equal(totals, play_result(&p).totals, n * sizeof *totals);
      free(totals);
      civ_bytes_free(&bytes);
      play_close(&p);
    }
}

static void lack_of_memory_is_clean(void **state)
{
  play p;
  (void)state;
  play_load(&p, scene(2, "  sybil_similarity_threshold: 0.5\n"), NULL);
  play_clean_without_memory(&p);
  play_close(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(groups_are_those_found_the_slow_way),
    cmocka_unit_test(report_and_columns_agree),
    cmocka_unit_test(one_cluster_of_all_shows_64),
    cmocka_unit_test(a_run_goes_on_from_a_checkpoint),
    cmocka_unit_test(lack_of_memory_is_clean),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
