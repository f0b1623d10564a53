/* Proposals as interactions between their proposer and the polity. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "civitas/label.h"
#include "playing.h"
#include "selfplay/labels.h"

enum { CITIZENS = 5, MOST = 16 };

/* A hand-made log: what was opened, refused and counted. */
typedef struct log {
  civ_trace trace;
  civ_kernel kernel;
  civ_snapshot snapshots[4];
  int64_t balances[CITIZENS];
  civ_deed deeds[MOST];
  civ_motion_payload payloads[MOST];
  civ_interaction labels[MOST];
  uint32_t n;
} log;

static void begin_log(log *l)
{
  static const char *const names[] = { "a", "b", "c", "d", "e" };
  memset(l, 0, sizeof *l);
  assert_int_equal(civ_kernel_naive(&l->kernel), CIV_OK);
  for (int c = 0; c < CITIZENS; c++)
    l->balances[c] = 20 * CIV_CREDIT;
  l->balances[4] = 3 * CIV_CREDIT; /* e is in need */
  for (int32_t t = 0; t < 4; t++)
    l->snapshots[t] =
        (civ_snapshot){ .turn = t, .treasury = CIV_CREDIT, .balances = l->balances, .floor_amount = 10 * CIV_CREDIT };
  l->trace = (civ_trace){ .n_citizens = CITIZENS,
                          .citizens = names,
                          .n_snapshots = 4,
                          .snapshots = l->snapshots,
                          .deeds = l->deeds,
                          .kernel = &l->kernel };
}

static void opened(log *l, int32_t id, uint8_t proposer, civ_motion_kind kind, civ_motion_payload payload)
{
  l->payloads[id] = payload;
  l->deeds[l->trace.n_deeds++] = (civ_deed){ .turn = 1,
                                             .kind = CIV_DEED_PROPOSAL_CREATED,
                                             .citizen = proposer,
                                             .motion = (uint8_t)kind,
                                             .proposal = id,
                                             .payload = &l->payloads[id] };
}

static void counted(log *l, int32_t id, uint8_t proposer, bool passed, uint32_t votes)
{
  l->deeds[l->trace.n_deeds++] =
      (civ_deed){ .turn = 2,
                  .kind = (uint8_t)(passed ? CIV_DEED_PROPOSAL_PASSED : CIV_DEED_PROPOSAL_FAILED),
                  .citizen = proposer,
                  .proposal = id,
                  .yes = (UINT64_C(1) << votes) - 1,
                  .base = CITIZENS };
}

static void refused(log *l, uint8_t citizen)
{
  l->deeds[l->trace.n_deeds++] = (civ_deed){ .turn = 1, .kind = CIV_DEED_ACTION_REFUSED, .citizen = citizen };
}

static void take(void *arg, const civ_interaction *record)
{
  log *l = arg;
  assert_true(l->n < MOST);
  l->labels[l->n++] = *record;
}

static void read_labels(log *l)
{
  civ_labeller *labeller = civ_labeller_create();
  assert_non_null(labeller);
  l->n = 0;
  assert_int_equal(civ_labels_of(labeller, &l->trace, take, l), CIV_OK);
  /* Nothing is remembered from one trace to the next. */
  const uint32_t n = l->n;
  const civ_interaction last = l->labels[n > 0 ? n - 1 : 0];
  l->n = 0;
  assert_int_equal(civ_labels_of(labeller, &l->trace, take, l), CIV_OK);
  assert_int_equal(l->n, n);
  if (n > 0)
    assert_memory_equal(&last.observables, &l->labels[n - 1].observables, sizeof last.observables);
  civ_labeller_destroy(labeller);
}

static double progress(civ_motion_kind kind, civ_motion_payload payload, bool breach)
{
  static log l;
  begin_log(&l);
  if (breach)
    l.deeds[l.trace.n_deeds++] = (civ_deed){ .turn = 1, .kind = CIV_DEED_BREACH_RECORDED, .citizen = 3 };
  opened(&l, 1, 0, kind, payload);
  counted(&l, 1, 0, true, 5);
  read_labels(&l);
  assert_int_equal(l.n, 1);
  assert_true(l.labels[0].observables.counterparty_engagement_delta == 1);
  return l.labels[0].observables.task_progress_delta;
}

static void progress_is_what_a_proposal_is_for(void **state)
{
  const uint8_t spend = CIV_PARAM_SPEND_THRESHOLD, voters = CIV_PARAM_VOTING_WINDOW;
  (void)state;
  assert_true(progress(CIV_MOTION_SPEND, (civ_motion_payload){ .beneficiary = CIV_PUBLIC }, false) == 0.5);
  assert_true(progress(CIV_MOTION_SPEND, (civ_motion_payload){ .beneficiary = 4 }, false) == 0.5);
  assert_true(progress(CIV_MOTION_SPEND, (civ_motion_payload){ .beneficiary = 2 }, false) == -1);
  assert_true(progress(CIV_MOTION_AMENDMENT, (civ_motion_payload){ .param = spend, .value = 600000 }, false) == 0.5);
  assert_true(progress(CIV_MOTION_AMENDMENT, (civ_motion_payload){ .param = spend, .value = 400000 }, false) == -0.5);
  assert_true(progress(CIV_MOTION_AMENDMENT, (civ_motion_payload){ .param = voters, .value = 5 }, false) == 0);
  assert_true(progress(CIV_MOTION_DISENFRANCHISE, (civ_motion_payload){ .target = 3 }, false) == -1);
  assert_true(progress(CIV_MOTION_DISENFRANCHISE, (civ_motion_payload){ .target = 3 }, true) == 0.5);
  assert_true(progress(CIV_MOTION_ROLE_GRANT, (civ_motion_payload){ .to = 3 }, false) == 0.25);
}

static void rework_rejections_and_turnout_are_counted(void **state)
{
  static log l;
  const civ_motion_payload works = { .beneficiary = CIV_PUBLIC };
  (void)state;
  begin_log(&l);
  refused(&l, 0);
  refused(&l, 0);
  refused(&l, 1); /* another's */
  opened(&l, 1, 0, CIV_MOTION_SPEND, works);
  opened(&l, 2, 0, CIV_MOTION_SPEND, works);
  opened(&l, 3, 0, CIV_MOTION_SPEND, (civ_motion_payload){ .beneficiary = 2 });
  opened(&l, 4, 1, CIV_MOTION_SPEND, works);
  counted(&l, 1, 0, false, 1);
  counted(&l, 2, 0, true, 4);  /* its proposer failed once in this matter */
  counted(&l, 3, 0, false, 0); /* never in that one */
  counted(&l, 4, 1, true, 5);  /* nor has the other citizen */
  read_labels(&l);
  static const struct {
    int rework, rejections;
    double engagement;
    bool accepted;
  } expected[] = { { 0, 2, 2 * 0.2 - 1, false }, { 1, 0, 2 * 0.8 - 1, true }, { 0, 0, -1, false }, { 0, 1, 1, true } };
  assert_int_equal(l.n, 4);
  for (uint32_t k = 0; k < 4; k++) {
    assert_int_equal(l.labels[k].observables.rework_count, expected[k].rework);
    assert_int_equal(l.labels[k].observables.verifier_rejections, expected[k].rejections);
    assert_true(l.labels[k].observables.counterparty_engagement_delta == expected[k].engagement);
    assert_int_equal(l.labels[k].accepted, expected[k].accepted);
    assert_int_equal(l.labels[k].counterparty, CITIZENS); /* the polity */
    assert_int_equal(l.labels[k].initiator, k < 3 ? 0 : 1);
    assert_int_equal(l.labels[k].step, 2);
  }
}

typedef struct sums {
  uint32_t n;
  double p;
} sums;

static void add(void *arg, const civ_interaction *record)
{
  sums *s = arg;
  assert_true(record->p > 0 && record->p < 1 && record->v_hat >= -1 && record->v_hat <= 1);
  s->n++;
  s->p += record->p;
}

/* Every decided proposal of an episode once; what capturers propose is worse than what the honest do. */
static void episodes_are_labelled(void **state)
{
  static playing p;
  civ_labeller *labeller = civ_labeller_create();
  double quality[CIV_DEFAULT_MATCHUPS];
  (void)state;
  playing_begin(&p);
  for (int m = 0; m < CIV_DEFAULT_MATCHUPS; m++) {
    sums s = { 0 };
    uint32_t decided = 0;
    for (uint64_t seed = 0; seed < 50; seed++) {
      civ_trace t;
      playing_play(&p, &civ_default_matchups[m].composition, seed, &t);
      assert_int_equal(civ_labels_of(labeller, &t, add, &s), CIV_OK);
      for (uint32_t k = 0; k < t.n_deeds; k++)
        decided += t.deeds[k].kind == CIV_DEED_PROPOSAL_PASSED || t.deeds[k].kind == CIV_DEED_PROPOSAL_FAILED;
    }
    assert_int_equal(s.n, decided);
    quality[m] = s.p / s.n;
  }
  for (int m = 1; m < CIV_DEFAULT_MATCHUPS; m++)
    assert_true(quality[m] < quality[0]);
  civ_labeller_destroy(labeller);
  playing_end(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(progress_is_what_a_proposal_is_for),
    cmocka_unit_test(rework_rejections_and_turnout_are_counted),
    cmocka_unit_test(episodes_are_labelled),
  };
  return cmocka_run_group_tests_name("labels", tests, NULL, NULL);
}
