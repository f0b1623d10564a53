/* Detectors of drain and capture: for each condition a trace that fires and one that just does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "story.h"

/* Two payments of a quarter of the treasury and `more`, in turns 1 and `last`. */
static void drain_story(int32_t last, int64_t more)
{
  story_begin();
  story_paid(1, A, B, CR(125));
  story_paid(last, A, B, CR(125) + more);
}

static void treasury_drain(void **state)
{
  const civ_detector_id detector = CIV_DETECT_TREASURY_DRAIN;
  (void)state;
  drain_story(15, 1);
  story_fires(detector, 15, 3, BIT(A) | BIT(B));
  drain_story(15, 0); /* a quarter, not over it */
  story_is_quiet(detector);
  drain_story(16, 1); /* one turn too far apart */
  story_is_quiet(detector);
  drain_story(15, 0);
  story_paid(15, A, B, 1)->needy = true; /* help */
  story_is_quiet(detector);
  drain_story(15, 0);
  story_paid(15, A, CIV_PUBLIC, CR(100)); /* works */
  story_is_quiet(detector);
  drain_story(15, 0);
  story_paid(15, C, D, CR(100)); /* another circle */
  story_is_quiet(detector);
  drain_story(15, 0);
  story_moved(15, C, A, 1); /* C joins A's circle: a treasurer's move is a payment too */
  story_fires(detector, 15, 3, BIT(A) | BIT(B) | BIT(C));
}

static void a_grave_drain(void **state)
{
  static const struct {
    int64_t taken;
    uint8_t severity;
  } takes[] = { { CR(500), 3 }, { CR(500) + 1, 4 }, { CR(750), 4 }, { CR(750) + 1, 5 } };
  (void)state;
  for (size_t k = 0; k < sizeof takes / sizeof *takes; k++) {
    story_begin();
    story_paid(3, A, A, CR(260));
    story_paid(10, A, A, takes[k].taken - CR(260)); /* the largest take decides, the first gives the turn */
    story_fires(CIV_DETECT_TREASURY_DRAIN, 3, takes[k].severity, BIT(A));
  }
}

static void self_dealing(void **state)
{
  (void)state;
  story_begin();
  story_paid(7, A, A, 1);
  story_fires(CIV_DETECT_SELF_DEALING, 7, 2, BIT(A));
  story_paid(9, B, B, 1);
  story_fires(CIV_DETECT_SELF_DEALING, 7, 3, BIT(A) | BIT(B));
  story_begin();
  story_paid(7, A, A, 1)->needy = true;
  story_is_quiet(CIV_DETECT_SELF_DEALING);
  story_begin();
  story_paid(7, A, B, 1);
  story_moved(7, A, A, 1); /* no spend: treasury-drain's business */
  story_is_quiet(CIV_DETECT_SELF_DEALING);
}

static void reciprocal_story(int32_t last, int64_t more)
{
  story_begin();
  story_paid(1, A, B, CR(25));
  story_paid(last, B, A, CR(25) + more);
}

static void reciprocal_dealing(void **state)
{
  const civ_detector_id detector = CIV_DETECT_RECIPROCAL_DEALING;
  (void)state;
  reciprocal_story(20, 1);
  story_fires(detector, 20, 3, BIT(A) | BIT(B));
  reciprocal_story(20, 0);
  story_is_quiet(detector);
  reciprocal_story(21, 1);
  story_is_quiet(detector);
  story_begin(); /* one way only */
  story_paid(1, A, B, CR(25));
  story_paid(20, A, B, CR(26));
  story_is_quiet(detector);
  story_begin(); /* a move is no proposal */
  story_paid(1, A, B, CR(25));
  story_moved(20, B, A, CR(26));
  story_is_quiet(detector);
  story_begin();
  story_paid(1, A, B, CR(25));
  story_paid(20, B, A, CR(26))->needy = true;
  story_is_quiet(detector);
}

/* Four slices from two proposers, the last in turn `last`. */
static void salami_story(int32_t last, int64_t slice, int64_t before)
{
  static const int32_t turns[] = { 1, 5, 9 };
  story_begin();
  for (int k = 0; k < 4; k++)
    story_paid(k < 3 ? turns[k] : last, k < 3 ? A : B, C, slice)->before = before;
}

static void salami(void **state)
{
  const civ_detector_id detector = CIV_DETECT_SALAMI;
  (void)state;
  salami_story(20, CR(25) + 1, CR(1000));
  story_fires(detector, 20, 3, BIT(A) | BIT(B) | BIT(C));
  salami_story(20, CR(25), CR(1000)); /* a tenth, not over it */
  story_is_quiet(detector);
  salami_story(21, CR(25) + 1, CR(1000));
  story_is_quiet(detector);
  salami_story(20, CR(30) - 1, CR(1000));
  story_fires(detector, 20, 3, BIT(A) | BIT(B) | BIT(C));
  salami_story(20, CR(30), CR(1000)); /* 3 % is no slice */
  story_is_quiet(detector);
  story_begin(); /* three are too few */
  for (int32_t t = 1; t <= 3; t++)
    story_paid(t, A, B, CR(50))->before = CR(2000);
  story_is_quiet(detector);
  story_paid(4, A, D, CR(50))->before = CR(2000); /* the fourth to somebody else */
  story_is_quiet(detector);
  story_moved(4, A, B, CR(50)); /* or without a vote */
  story_is_quiet(detector);
  story_paid(5, A, B, CR(50))->before = CR(2000);
  story_fires(detector, 5, 3, BIT(A) | BIT(B));
}

static void floor_story(int64_t balance, int64_t taken, int32_t paid_in)
{
  story_begin();
  story_paid(paid_in, A, B, taken);
  story_sank(20, J, balance);
}

static void floor_breach(void **state)
{
  const civ_detector_id detector = CIV_DETECT_FLOOR_BREACH;
  (void)state;
  floor_story(CR(5) - 1, CR(5) + 1, 6); /* just below half the floor, just what would have helped, just in time */
  story_fires(detector, 20, 5, BIT(A) | BIT(B));
  floor_story(CR(5), CR(50), 6);
  story_is_quiet(detector);
  floor_story(CR(5) - 1, CR(5), 6);
  story_is_quiet(detector);
  floor_story(CR(5) - 1, CR(50), 5);
  story_is_quiet(detector);
  story_begin(); /* the victim's own money */
  story_paid(6, J, J, CR(50));
  story_sank(20, J, CR(4));
  story_is_quiet(detector);
  story_begin(); /* A gave, and was not paid at all */
  story_paid(6, A, J, CR(50));
  story_sank(20, J, CR(4));
  story_is_quiet(detector);
  story_begin(); /* of two circles the one that took more */
  story_paid(10, A, A, CR(20));
  story_paid(11, C, C, CR(30));
  story_sank(20, J, CR(4));
  story_fires(detector, 20, 5, BIT(C));
}

/* --- capture ----------------------------------------------------------------------------------------------------------------- */

static void thin_quorum(void **state)
{
  const civ_detector_id detector = CIV_DETECT_THIN_QUORUM;
  (void)state;
  story_begin();
  story_passed(4, story_spend(1, A, CIV_PUBLIC), BIT(A) | BIT(B), BIT(C));
  story_fires(detector, 4, 2, BIT(A));
  story_passed(9, story_removal(6, B, J), BIT(B), 0);
  story_fires(detector, 4, 2, BIT(A) | BIT(B));
  story_passed(9, story_amendment(9, C, CIV_PARAM_COOLDOWN), BIT(B), 0);
  story_fires(detector, 4, 4, BIT(A) | BIT(B) | BIT(C));
  story_begin();
  story_passed(4, story_spend(1, A, B), BIT(A) | BIT(B) | BIT(C), 0); /* 30 % */
  story_passed(4, story_grant(4, A, CIV_SPEAKER, A), BIT(A), 0);      /* offices are not meant */
  story_failed(9, story_amendment(6, A, CIV_PARAM_COOLDOWN), BIT(A), BIT(B), "threshold");
  story_is_quiet(detector);
}

/* A loosens `param`; B votes for it. It takes effect in turn 5. */
static void loosen(civ_param param, int64_t old, int64_t value)
{
  story_begin();
  const int32_t id = story_amendment(2, A, param);
  story_vote(3, id, B, CIV_VOTE_YES);
  story_vote(3, id, C, CIV_VOTE_NO);
  story_passed(5, id, BIT(A) | BIT(B) | BIT(D), BIT(C));
  story_amended(5, id, old, value);
}

static void loosened_spending(void **state)
{
  const civ_detector_id detector = CIV_DETECT_GUARD_LOOSENING;
  const civ_param param = CIV_PARAM_SPEND_THRESHOLD;
  const civ_citizens one = BIT(E), other = BIT(F), two = BIT(E) | BIT(G);
  (void)state;
  loosen(param, 500000, 400000);
  story_passed(15, story_spend(12, B, B), one, other); /* a half is not over the old half */
  story_fires(detector, 15, 5, BIT(A) | BIT(B));
  loosen(param, 500000, 400000);
  story_passed(15, story_spend(12, A, B), one, other);
  story_fires(detector, 15, 5, BIT(A));
  loosen(param, 500000, 400000);
  story_passed(16, story_spend(12, B, B), one, other); /* too late */
  story_is_quiet(detector);
  loosen(param, 500000, 400000);
  story_passed(15, story_spend(12, B, B), two, other); /* would have passed before */
  story_is_quiet(detector);
  loosen(param, 500000, 400000);
  story_passed(15, story_spend(12, B, CIV_PUBLIC), one, other); /* works */
  story_is_quiet(detector);
  loosen(param, 500000, 400000);
  story_passed(15, story_spend(12, C, C), one, other); /* C had voted no */
  story_is_quiet(detector);
  loosen(param, 400000, 500000); /* tightened */
  story_passed(15, story_spend(12, B, B), one, other);
  story_is_quiet(detector);
  loosen(param, 500000, 400000);
  story_passed(15, story_removal(12, B, J), one, other); /* another threshold */
  story_is_quiet(detector);
  loosen(param, 500000, 400000);
  story_failed(15, story_spend(12, B, B), one, other, "threshold");
  story_is_quiet(detector);
}

static void loosened_thresholds_and_quorum(void **state)
{
  const civ_detector_id detector = CIV_DETECT_GUARD_LOOSENING;
  const civ_citizens one = BIT(E), other = BIT(F);
  (void)state;
  loosen(CIV_PARAM_AMENDMENT_THRESHOLD, 500000, 400000);
  story_passed(10, story_amendment(7, B, CIV_PARAM_COOLDOWN), one, other);
  story_fires(detector, 10, 5, BIT(A) | BIT(B));
  loosen(CIV_PARAM_DISENFRANCHISE_THRESHOLD, 500000, 400000);
  story_passed(10, story_removal(7, B, J), one, other);
  story_fires(detector, 10, 5, BIT(A) | BIT(B));
  loosen(CIV_PARAM_QUORUM_FRACTION, 300000, 200000);
  story_passed(10, story_spend(7, B, B), BIT(E) | BIT(G), 0); /* two voted, three were needed */
  story_fires(detector, 10, 5, BIT(A) | BIT(B));
  loosen(CIV_PARAM_QUORUM_FRACTION, 300000, 200000);
  story_passed(10, story_spend(7, B, B), BIT(E) | BIT(G), BIT(F));
  story_is_quiet(detector);
  loosen(CIV_PARAM_QUORUM_FRACTION, 300000, 200000);
  story_passed(10, story_grant(7, B, CIV_SPEAKER, B), BIT(E), 0); /* offices are not meant */
  story_is_quiet(detector);
  loosen(CIV_PARAM_QUORUM_BASE, 1, 0);
  story_passed(10, story_spend(7, B, B), BIT(E) | BIT(G), 0)->base = 5;
  story_fires(detector, 10, 5, BIT(A) | BIT(B));
  loosen(CIV_PARAM_QUORUM_BASE, 1, 0);
  story_passed(10, story_spend(7, B, B), BIT(E) | BIT(G), BIT(F))->base = 5;
  story_is_quiet(detector);
  loosen(CIV_PARAM_TREASURER_LIMIT, 50000, 100000); /* decides no count */
  story_passed(10, story_spend(7, B, B), one, other);
  story_is_quiet(detector);
}

static void loosened_recall(void **state)
{
  const civ_detector_id detector = CIV_DETECT_GUARD_LOOSENING;
  const civ_citizens two = BIT(E) | BIT(G), one = BIT(F);
  (void)state;
  loosen(CIV_PARAM_RECALL_THRESHOLD, 500000, 700000);
  story_failed(10, story_recall(7, C, CIV_SPEAKER, B), two, one, "threshold"); /* two to one was enough before */
  story_fires(detector, 10, 5, BIT(A) | BIT(B));
  loosen(CIV_PARAM_RECALL_THRESHOLD, 500000, 700000);
  story_failed(10, story_recall(7, C, CIV_SPEAKER, B), BIT(E), one, "threshold");
  story_is_quiet(detector);
  loosen(CIV_PARAM_RECALL_THRESHOLD, 500000, 700000);
  story_failed(10, story_recall(7, C, CIV_SPEAKER, B), two, one, "quorum");
  story_is_quiet(detector);
  loosen(CIV_PARAM_RECALL_THRESHOLD, 500000, 700000);
  story_failed(10, story_recall(7, A, CIV_SPEAKER, C), two, one, "threshold"); /* C is no member */
  story_is_quiet(detector);
}

/* B says no to `against` of `votes` proposals of A, is given money in turn 10, and says yes in turn `yes_in`. */
static int32_t buying_story(int votes, int against, int32_t yes_in, uint8_t beneficiary)
{
  story_begin();
  for (int k = 0; k < votes; k++)
    story_vote(3, story_spend(3, A, A), B, k < against ? CIV_VOTE_NO : CIV_VOTE_YES);
  const int32_t id = story_spend(9, A, beneficiary);
  if (yes_in < 10)
    story_vote(yes_in, id, B, CIV_VOTE_YES);
  story_gift(10, A, B);
  if (yes_in >= 10)
    story_vote(yes_in, id, B, CIV_VOTE_YES);
  return id;
}

static void vote_buying(void **state)
{
  const civ_detector_id detector = CIV_DETECT_VOTE_BUYING;
  (void)state;
  story_passed(14, buying_story(2, 2, 13, A), BIT(B), 0);
  story_fires(detector, 13, 3, BIT(A));
  story_failed(14, buying_story(3, 2, 13, A), BIT(B), 0, "quorum"); /* it need not pass */
  story_fires(detector, 13, 3, BIT(A));
  story_passed(14, buying_story(2, 1, 13, A), BIT(B), 0); /* half is no opponent */
  story_is_quiet(detector);
  story_passed(14, buying_story(1, 1, 13, A), BIT(B), 0); /* known too little */
  story_is_quiet(detector);
  story_passed(15, buying_story(2, 2, 14, A), BIT(B), 0); /* too late */
  story_is_quiet(detector);
  story_passed(14, buying_story(2, 2, 9, A), BIT(B), 0); /* before the gift */
  story_is_quiet(detector);
  story_passed(14, buying_story(2, 2, 13, CIV_PUBLIC), BIT(B), 0);
  story_is_quiet(detector);
  civ_deed *count = story_passed(14, buying_story(2, 2, 13, A), 0, 0);
  count->void_votes = BIT(B); /* disclosed */
  story_is_quiet(detector);
  buying_story(2, 2, 13, A); /* never counted */
  story_is_quiet(detector);
  story_begin(); /* the gift is another's */
  story_vote(3, story_spend(3, A, A), B, CIV_VOTE_NO);
  story_vote(3, story_spend(3, A, A), B, CIV_VOTE_NO);
  const int32_t id = story_spend(9, A, A);
  story_gift(10, C, B);
  story_vote(11, id, B, CIV_VOTE_YES);
  story_passed(12, id, BIT(B), 0);
  story_is_quiet(detector);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(treasury_drain),
    cmocka_unit_test(a_grave_drain),
    cmocka_unit_test(self_dealing),
    cmocka_unit_test(reciprocal_dealing),
    cmocka_unit_test(salami),
    cmocka_unit_test(floor_breach),
    cmocka_unit_test(thin_quorum),
    cmocka_unit_test(loosened_spending),
    cmocka_unit_test(loosened_thresholds_and_quorum),
    cmocka_unit_test(loosened_recall),
    cmocka_unit_test(vote_buying),
  };
  return cmocka_run_group_tests_name("detectors", tests, NULL, NULL);
}
