/* Detectors of entrenchment and suppression: for each condition a trace that fires and one that just does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "story.h"

/* --- entrench ------------------------------------------------------------------------------------------------------------ */

/* A speaks from turn 5 to `last`. */
static void tenure(int32_t last)
{
  story_begin();
  story_office(CIV_SPEAKER, A, 5, last);
}

/* A recall of `holder` opened and failed in these turns. */
static void recall_fails(int32_t turn, uint8_t holder, civ_citizens yes, civ_citizens no, const char *reason)
{
  story_failed(turn, story_recall(turn, C, CIV_SPEAKER, holder), yes, no, reason);
}

static void held_against_a_majority(void **state)
{
  const civ_detector_id detector = CIV_DETECT_ENTRENCHMENT;
  const civ_citizens three = BIT(C) | BIT(D) | BIT(E), two = BIT(F) | BIT(G);
  (void)state;
  tenure(25); /* 21 snapshots */
  recall_fails(10, A, three, two, "threshold");
  story_fires(detector, 25, 4, BIT(A));
  tenure(24);
  recall_fails(10, A, three, two, "threshold");
  story_is_quiet(detector);
  tenure(40);
  recall_fails(30, A, three, two, "threshold"); /* from the deed on */
  story_fires(detector, 30, 4, BIT(A));
  tenure(40);
  recall_fails(10, A, two, two, "threshold"); /* no majority */
  story_is_quiet(detector);
  tenure(40);
  recall_fails(10, A, three, two, "quorum");
  story_is_quiet(detector);
  tenure(40);
  recall_fails(10, B, three, two, "threshold"); /* of somebody else */
  story_is_quiet(detector);
  tenure(40);
  recall_fails(4, A, three, two, "threshold"); /* before, and after */
  recall_fails(41, A, three, two, "threshold");
  story_is_quiet(detector);
  tenure(45); /* interrupted: 20 snapshots, then 20 */
  story_office(CIV_SPEAKER, B, 25, 25);
  recall_fails(10, A, three, two, "threshold");
  story_is_quiet(detector);
  tenure(40);
  story_office(CIV_SPEAKER, CIV_NO_CITIZEN, 15, 40); /* the office, not the citizen: A moved to another one */
  story_office(CIV_REGISTRAR, A, 15, 34);
  recall_fails(10, A, three, two, "threshold");
  story_is_quiet(detector);
}

/* B amends `param` in turn 10; A voted `choice`. */
static void amends(civ_param param, int64_t old, int64_t value, civ_choice choice)
{
  tenure(40);
  const int32_t id = story_amendment(7, B, param);
  if (choice < CIV_CHOICES)
    story_vote(8, id, A, choice);
  story_passed(10, id, BIT(A) | BIT(B) | BIT(C), 0);
  story_amended(10, id, old, value);
}

static void made_itself_safer(void **state)
{
  const civ_detector_id detector = CIV_DETECT_ENTRENCHMENT;
  (void)state;
  amends(CIV_PARAM_RECALL_THRESHOLD, 500000, 600000, CIV_VOTE_YES);
  story_fires(detector, 25, 4, BIT(A) | BIT(B));
  amends(CIV_PARAM_ROLES_TERM, 15, CIV_LAW_NULL, CIV_VOTE_YES);
  story_fires(detector, 25, 4, BIT(A) | BIT(B));
  amends(CIV_PARAM_AMENDMENT_THRESHOLD, 500000, 600000, CIV_VOTE_YES);
  story_fires(detector, 25, 4, BIT(A) | BIT(B));
  amends(CIV_PARAM_RECALL_THRESHOLD, 600000, 500000, CIV_VOTE_YES); /* easier to lose */
  story_is_quiet(detector);
  amends(CIV_PARAM_ROLES_TERM, 16, 15, CIV_VOTE_YES);
  story_is_quiet(detector);
  amends(CIV_PARAM_AMENDMENT_THRESHOLD, 600000, 500000, CIV_VOTE_YES);
  story_is_quiet(detector);
  amends(CIV_PARAM_SPEND_THRESHOLD, 600000, 500000, CIV_VOTE_YES); /* nothing to do with it */
  story_is_quiet(detector);
  amends(CIV_PARAM_RECALL_THRESHOLD, 500000, 600000, CIV_VOTE_NO);
  story_is_quiet(detector);
  amends(CIV_PARAM_RECALL_THRESHOLD, 500000, 600000, CIV_CHOICES);
  story_is_quiet(detector);
}

static void office_accumulation(void **state)
{
  const civ_detector_id detector = CIV_DETECT_OFFICE_ACCUMULATION;
  (void)state;
  tenure(25);
  story_office(CIV_REGISTRAR, B, 0, 60);
  story_office(CIV_TREASURER, A, 0, 4);
  story_office(CIV_TREASURER, A, 26, 60);
  story_is_quiet(detector);
  story_office(CIV_TREASURER, A, 25, 25);
  story_fires(detector, 25, 3, BIT(A));
  story_office(CIV_TREASURER, B, 7, 7);
  story_fires(detector, 7, 3, BIT(B));
}

static void few_can_vote(int32_t first, int32_t last, civ_citizens voters)
{
  story_begin();
  for (int32_t t = first; t <= last; t++)
    story_snapshot(t)->can_vote = voters;
}

static void nobody_meets_a_quorum(void **state)
{
  const civ_detector_id detector = CIV_DETECT_DEADLOCK;
  (void)state;
  few_can_vote(11, 20, BIT(A) | BIT(B));
  story_fires(detector, 20, 4, BIT(A)); /* nobody to blame: the first citizen */
  few_can_vote(11, 19, BIT(A) | BIT(B));
  story_is_quiet(detector);
  few_can_vote(11, 60, BIT(A) | BIT(B) | BIT(C));
  story_is_quiet(detector);
  few_can_vote(11, 30, BIT(A) | BIT(B));
  story_snapshot(20)->can_vote = BIT(A) | BIT(B) | BIT(C); /* an interruption */
  story_removed(5, D, J);
  story_suspended(6, E, I, 8);
  story_removed(31, F, H); /* too late to blame */
  story_fires(detector, 30, 4, BIT(D) | BIT(E));
}

static void high_bar(int32_t first, int32_t last, int64_t threshold)
{
  story_begin();
  for (int32_t t = first; t <= last; t++)
    story_snapshot(t)->amendment_threshold = threshold;
}

static void one_no_blocks_everything(void **state)
{
  const civ_detector_id detector = CIV_DETECT_DEADLOCK;
  (void)state;
  high_bar(11, 20, 900000); /* nine of ten are not over it */
  story_amended(10, story_amendment(10, B, CIV_PARAM_AMENDMENT_THRESHOLD), 500000, 900000);
  story_fires(detector, 20, 4, BIT(B));
  high_bar(11, 20, 899999);
  story_is_quiet(detector);
  high_bar(11, 19, 900000);
  story_is_quiet(detector);
  high_bar(0, 60, 900000); /* founded so: not above the first snapshot's */
  story_is_quiet(detector);
  high_bar(11, 60, 900000); /* one alone blocks nobody but itself */
  for (int32_t t = 0; t <= 60; t++)
    story_snapshot(t)->can_vote = BIT(A), story_snapshot(t)->quorum_need = 1;
  story_is_quiet(detector);
  high_bar(11, 20, 900000); /* a loosening is not to blame */
  story_amended(9, story_amendment(9, C, CIV_PARAM_QUORUM_FRACTION), 300000, 200000);
  story_amended(10, story_amendment(10, B, CIV_PARAM_QUORUM_FRACTION), 200000, 300000);
  story_amended(10, story_amendment(10, D, CIV_PARAM_COOLDOWN), 0, 1);
  story_fires(detector, 20, 4, BIT(B));
}

/* --- suppress -------------------------------------------------------------------------------------------------------------- */

static void franchise_suppression(void **state)
{
  const civ_detector_id detector = CIV_DETECT_FRANCHISE_SUPPRESSION;
  (void)state;
  story_begin();
  story_removed(3, A, H);
  story_removed(5, B, I);
  story_is_quiet(detector); /* 80 % are left */
  story_removed(9, A, J);
  story_fires(detector, 9, 4, BIT(A) | BIT(B));
  story_begin();
  story_removed(3, A, H);
  story_removed(5, B, I);
  story_removed(9, A, J)->cause = true; /* for a breach */
  story_is_quiet(detector);
  story_begin();
  story_removed(3, A, H);
  story_removed(5, B, I);
  story_returned(8, H);
  story_removed(9, A, J);
  story_is_quiet(detector);
  story_begin(); /* a suspension counts to its last turn */
  story_suspended(3, C, H, 9);
  story_removed(5, B, I);
  story_removed(9, A, J);
  story_fires(detector, 9, 4, BIT(A) | BIT(B) | BIT(C));
  story_begin();
  story_suspended(3, C, H, 8);
  story_removed(5, B, I);
  story_removed(9, A, J);
  story_is_quiet(detector);
  story_begin();
  story_suspended(3, C, H, 9)->cause = true;
  story_removed(5, B, I);
  story_removed(9, A, J);
  story_is_quiet(detector);
}

/* A and J share `shared` votes and stand apart on `opposed` of them; then A removes H, I, J. */
static void opponents_removed(int shared, int opposed, uint8_t beneficiary, civ_choice theirs)
{
  story_begin();
  for (int k = 0; k < shared; k++) {
    const int32_t id = story_spend(2, A, beneficiary);
    story_vote(2, id, A, CIV_VOTE_YES);
    story_vote(2, id, J, k < opposed ? theirs : CIV_VOTE_YES);
  }
  story_removed(9, A, H);
  story_removed(9, A, I);
  story_removed(9, A, J);
}

static void opponents_are_removed(void **state)
{
  const civ_detector_id detector = CIV_DETECT_FRANCHISE_SUPPRESSION;
  (void)state;
  opponents_removed(3, 2, B, CIV_VOTE_NO);
  story_fires(detector, 9, 5, BIT(A));
  opponents_removed(5, 3, B, CIV_VOTE_NO); /* 60 %, not over it */
  story_fires(detector, 9, 4, BIT(A));
  opponents_removed(2, 2, B, CIV_VOTE_NO); /* too few */
  story_fires(detector, 9, 4, BIT(A));
  opponents_removed(3, 3, CIV_PUBLIC, CIV_VOTE_NO);
  story_fires(detector, 9, 4, BIT(A));
  opponents_removed(5, 3, B, CIV_VOTE_ABSTAIN);
  story_fires(detector, 9, 4, BIT(A));
  opponents_removed(2, 2, B, CIV_VOTE_NO); /* and one vote after the removal */
  const int32_t id = story_spend(10, A, B);
  story_vote(10, id, A, CIV_VOTE_YES);
  story_vote(10, id, J, CIV_VOTE_NO);
  story_fires(detector, 9, 4, BIT(A));
}

typedef struct abuse {
  int shared, against;
  uint8_t beneficiary; /* of the votes shared */
  civ_choice theirs;
  int32_t opened, passed;
  uint8_t passes_for;
  civ_citizens yes;
  bool x_votes, cause;
} abuse;

/* Registrar A suspends J in turn 10. */
static void tell_abuse(const abuse *a)
{
  story_begin();
  for (int k = 0; k < a->shared; k++) {
    const int32_t id = story_spend(3, B, a->beneficiary);
    story_vote(3, id, A, CIV_VOTE_YES);
    story_vote(3, id, J, k < a->against ? a->theirs : CIV_VOTE_YES);
  }
  int32_t id = a->opened < 10 ? story_spend(a->opened, B, a->passes_for) : 0;
  if (a->x_votes)
    story_vote(9, id, J, CIV_VOTE_NO);
  story_suspended(10, A, J, 12)->cause = a->cause;
  if (id == 0)
    id = story_spend(a->opened, B, a->passes_for);
  story_passed(a->passed, id, a->yes, 0);
}

static void registrar_abuse(void **state)
{
  const abuse fires = { 2, 2, C, CIV_VOTE_NO, 9, 12, C, BIT(A) | BIT(B) | BIT(C), false, false };
  abuse a = fires;
  (void)state;
#define QUIET(change)                                                                                                  \
  a = fires, change, tell_abuse(&a);                                                                                   \
  story_is_quiet(CIV_DETECT_REGISTRAR_ABUSE)
  tell_abuse(&fires);
  story_fires(CIV_DETECT_REGISTRAR_ABUSE, 12, 4, BIT(A));
  a.shared = 3, tell_abuse(&a); /* two of three */
  story_fires(CIV_DETECT_REGISTRAR_ABUSE, 12, 4, BIT(A));
  a = fires, a.passed = 10, tell_abuse(&a); /* later the same turn */
  story_fires(CIV_DETECT_REGISTRAR_ABUSE, 10, 4, BIT(A));
  QUIET(a.against = 1);
  QUIET(a.shared = a.against = 1);
  QUIET(a.beneficiary = CIV_PUBLIC);
  QUIET(a.theirs = CIV_VOTE_ABSTAIN);
  QUIET(a.opened = 10);
  QUIET(a.passed = 13);
  QUIET(a.passes_for = CIV_PUBLIC);
  QUIET(a.yes = BIT(B) | BIT(C));
  QUIET(a.x_votes = true);
  QUIET(a.cause = true);
#undef QUIET
}

/* A counts proposal of B with so many of the nine others than A voting. */
static void others_vote(int32_t turn, uint32_t others)
{
  story_passed(turn, story_spend(turn, B, CIV_PUBLIC), (BIT(others) - 1) << 1, 0);
}

static void flooded(int32_t first, int32_t last, uint32_t own, uint32_t all)
{
  for (int32_t t = first; t <= last; t++) {
    story_open(t, A, own);
    for (uint32_t k = own; k < all; k++)
      story_open(t, (uint8_t)(1 + k % 9), 1);
  }
}

static void agenda_flooding(void **state)
{
  const civ_detector_id detector = CIV_DETECT_AGENDA_FLOODING;
  (void)state;
  story_begin();
  flooded(10, 14, 4, 8);
  others_vote(9, 9); /* all vote; then six of nine do: under 70 % */
  others_vote(14, 6);
  story_fires(detector, 14, 2, BIT(A));
  story_begin();
  flooded(10, 14, 4, 8);
  others_vote(9, 9);
  others_vote(14, 7);
  story_is_quiet(detector);
  story_begin();
  flooded(10, 14, 4, 8);
  others_vote(9, 9);
  others_vote(15, 6); /* counted when it was over */
  story_is_quiet(detector);
  story_begin();
  flooded(10, 13, 4, 8); /* four snapshots */
  others_vote(9, 9);
  others_vote(13, 0);
  story_is_quiet(detector);
  story_begin();
  flooded(10, 14, 4, 7); /* seven open */
  others_vote(14, 0);
  story_is_quiet(detector);
  story_begin();
  flooded(10, 14, 4, 10); /* 40 %, not over it */
  others_vote(14, 0);
  story_is_quiet(detector);
  story_begin();
  flooded(10, 14, 5, 10);
  others_vote(14, 0);
  story_fires(detector, 14, 2, BIT(A));
}

static void flooding_without_a_past(void **state)
{
  const civ_detector_id detector = CIV_DETECT_AGENDA_FLOODING;
  (void)state;
  story_begin(); /* usual turnout 0.9, so under 0.63: five of nine, not six */
  flooded(10, 14, 4, 8);
  others_vote(12, 5);
  story_fires(detector, 14, 2, BIT(A));
  story_begin();
  flooded(10, 14, 4, 8);
  others_vote(12, 6);
  story_is_quiet(detector);
  story_begin(); /* what turnout was in the flood is no past of it, however long that lasts */
  flooded(10, 17, 4, 8);
  others_vote(9, 9);
  others_vote(11, 9);
  others_vote(12, 9);
  others_vote(17, 2); /* with the 9 of turn 12 gone from the window */
  story_fires(detector, 17, 2, BIT(A));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(held_against_a_majority),  cmocka_unit_test(made_itself_safer),
    cmocka_unit_test(office_accumulation),      cmocka_unit_test(nobody_meets_a_quorum),
    cmocka_unit_test(one_no_blocks_everything), cmocka_unit_test(franchise_suppression),
    cmocka_unit_test(opponents_are_removed),    cmocka_unit_test(registrar_abuse),
    cmocka_unit_test(agenda_flooding),          cmocka_unit_test(flooding_without_a_past),
  };
  return cmocka_run_group_tests_name("detectors of power", tests, NULL, NULL);
}
