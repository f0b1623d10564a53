/* Laws of detectors, on traces of all default matchups. Turning the citizens round changes nothing but who is meant; quiet turns in
 * front shift the turn of a finding and nothing else. An idle citizen that joins makes the polity larger: detectors that count in
 * money or offices do not notice; those that count shares of citizens notice in one direction only:
 *
 *   thin-quorum, agenda-flooding   the same votes are a smaller share: found at least as early
 *   franchise-suppression          the same removals are a smaller share: found no earlier
 *   deadlock                       one more who can vote against the same need, but also one more whose no decides nothing: not
 *                                  compared when it can vote; unchanged when it cannot
 *   guard-loosening                unchanged but for the quorum's base, whose old need grows with the founding citizens: found at
 *                                  least as early */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "playing.h"

/* A copy whose parts may be changed. */
typedef struct copy {
  civ_trace trace;
  civ_arena arena;
  civ_snapshot *snapshots;
  civ_deed *deeds;
} copy;

static void copy_trace(const civ_trace *t, uint32_t quiet, uint32_t idle, copy *out)
{
  *out = (copy){ .trace = *t, .arena = civ_arena_create(NULL) };
  out->trace.n_citizens += idle;
  out->trace.n_snapshots += quiet;
  out->snapshots = civ_arena_take(&out->arena, out->trace.n_snapshots, sizeof *out->snapshots);
  out->deeds = civ_arena_take(&out->arena, t->n_deeds + 1, sizeof *out->deeds);
  memcpy(out->deeds, t->deeds, t->n_deeds * sizeof *t->deeds);
  for (uint32_t k = 0; k < out->trace.n_snapshots; k++) {
    const civ_snapshot *from = &t->snapshots[k < quiet ? 0 : k - quiet];
    int64_t *balances = civ_arena_take(&out->arena, out->trace.n_citizens, sizeof *balances);
    memcpy(balances, from->balances, t->n_citizens * sizeof *balances);
    out->snapshots[k] = *from;
    out->snapshots[k].turn = (int32_t)k;
    out->snapshots[k].balances = balances;
  }
  for (uint32_t k = 0; k < t->n_deeds; k++)
    out->deeds[k].turn += (int32_t)quiet, out->deeds[k].until += (int32_t)quiet;
  out->trace.snapshots = out->snapshots;
  out->trace.deeds = out->deeds;
}

typedef struct findings {
  uint32_t n;
  civ_exploit_finding of[CIV_DETECTORS];
} findings;

static findings detect(playing *p, const civ_trace *t)
{
  findings f;
  assert_int_equal(civ_detect(t, &p->detect, p->scratch, f.of, &f.n, NULL), CIV_OK);
  return f;
}

static const civ_exploit_finding *of(const findings *f, int detector)
{
  for (uint32_t k = 0; k < f->n; k++)
    if (f->of[k].detector == detector)
      return &f->of[k];
  return NULL;
}

/* Calls `law` with every trace of a few seeds of every capture matchup and what the suite says of it. */
static void for_all(playing *p, void (*law)(playing *p, const civ_trace *t, const findings *before))
{
  for (int m = 1; m < CIV_DEFAULT_MATCHUPS; m++)
    for (uint64_t seed = 500; seed < 500 + playing_times(60); seed++) {
      civ_trace t;
      playing_play(p, &civ_default_matchups[m].composition, seed, &t);
      const findings before = detect(p, &t);
      law(p, &t, &before);
    }
}

/* --- who is who ------------------------------------------------------------------------------------------------------------ */

static uint8_t turned(uint32_t n, uint8_t c)
{
  return c < n ? (uint8_t)(n - 1 - c) : c;
}

static civ_citizens all_turned(uint32_t n, civ_citizens set)
{
  civ_citizens out = 0;
  for (uint8_t c = 0; c < n; c++)
    if ((set >> c & 1) != 0)
      out |= civ_citizen_bit(turned(n, c));
  return out;
}

static void turn_deed(copy *k, uint32_t n, civ_deed *d)
{
  d->actor = turned(n, d->actor);
  d->citizen = turned(n, d->citizen);
  d->other = turned(n, d->other);
  d->yes = all_turned(n, d->yes);
  d->no = all_turned(n, d->no);
  d->abstain = all_turned(n, d->abstain);
  d->void_votes = all_turned(n, d->void_votes);
  if (d->payload == NULL)
    return;
  civ_motion_payload *payload = civ_arena_take(&k->arena, 1, sizeof *payload);
  *payload = *d->payload;
  payload->beneficiary = turned(n, payload->beneficiary);
  payload->target = turned(n, payload->target);
  payload->to = turned(n, payload->to);
  d->payload = payload;
}

static void turn_snapshot(copy *k, uint32_t n, civ_snapshot *s)
{
  civ_open_motion *open = civ_arena_take(&k->arena, s->n_open, sizeof *open);
  for (uint32_t i = 0; i < s->n_open; i++) {
    open[i] = s->open[i];
    open[i].proposer = turned(n, open[i].proposer);
  }
  s->open = open;
  s->enfranchised = all_turned(n, s->enfranchised);
  s->can_vote = all_turned(n, s->can_vote);
  for (int o = 0; o < CIV_OFFICES; o++)
    s->office[o] = turned(n, s->office[o]);
}

/* Among equals the lowest citizen is named: where two were equal the other one may be named now. */
static void citizens_turned_round(playing *p, const civ_trace *t, const findings *before)
{
  copy k;
  copy_trace(t, 0, 0, &k);
  for (uint32_t i = 0; i < t->n_deeds; i++)
    turn_deed(&k, t->n_citizens, &k.deeds[i]);
  for (uint32_t i = 0; i < t->n_snapshots; i++)
    turn_snapshot(&k, t->n_citizens, &k.snapshots[i]);
  const findings after = detect(p, &k.trace);
  assert_int_equal(after.n, before->n);
  for (uint32_t i = 0; i < after.n; i++) {
    const civ_exploit_finding *a = &after.of[i], *b = &before->of[i];
    assert_int_equal(a->detector, b->detector);
    assert_int_equal(a->turn, b->turn);
    assert_int_equal(a->severity, b->severity);
    if (a->detector != CIV_DETECT_TREASURY_DRAIN && a->detector != CIV_DETECT_FLOOR_BREACH &&
        a->detector != CIV_DETECT_AGENDA_FLOODING)
      assert_true(a->actors == all_turned(t->n_citizens, b->actors));
  }
  civ_arena_destroy(&k.arena);
}

static void names_do_not_matter(void **state)
{
  for_all(*state, citizens_turned_round);
}

/* --- when ------------------------------------------------------------------------------------------------------------------ */

static void turns_shifted(playing *p, const civ_trace *t, const findings *before)
{
  enum { QUIET = 7 };
  copy k;
  copy_trace(t, QUIET, 0, &k);
  const findings after = detect(p, &k.trace);
  assert_int_equal(after.n, before->n);
  for (uint32_t i = 0; i < after.n; i++) {
    civ_exploit_finding b = before->of[i];
    b.turn += QUIET;
    assert_int_equal(after.of[i].turn, b.turn);
    assert_true(after.of[i].actors == b.actors && after.of[i].severity == b.severity &&
                after.of[i].detector == b.detector && after.of[i].n_evidence == b.n_evidence);
  }
  civ_arena_destroy(&k.arena);
}

static void quiet_turns_shift_findings(void **state)
{
  for_all(*state, turns_shifted);
}

/* --- an idle citizen ---------------------------------------------------------------------------------------------------------- */

typedef enum relation { UNCHANGED, NO_LATER, NO_EARLIER, FREE } relation;
static const relation relations[CIV_DETECTORS] = {
  [CIV_DETECT_THIN_QUORUM] = NO_LATER,
  [CIV_DETECT_GUARD_LOOSENING] = NO_LATER,
  [CIV_DETECT_AGENDA_FLOODING] = NO_LATER,
  [CIV_DETECT_FRANCHISE_SUPPRESSION] = NO_EARLIER,
  [CIV_DETECT_DEADLOCK] = FREE,
};

static int32_t turn_of(const civ_exploit_finding *f)
{
  return f != NULL ? f->turn : INT32_MAX;
}

static void join(playing *p, const civ_trace *t, const findings *before, bool votes)
{
  copy k;
  copy_trace(t, 0, 1, &k);
  for (uint32_t i = 0; i < t->n_snapshots; i++) {
    const civ_citizens idle = civ_citizen_bit(t->n_citizens);
    k.snapshots[i].enfranchised |= votes ? idle : 0;
    k.snapshots[i].can_vote |= votes ? idle : 0;
  }
  const findings after = detect(p, &k.trace);
  for (int d = 0; d < CIV_DETECTORS; d++) {
    const civ_exploit_finding *a = of(&after, d), *b = of(before, d);
    const relation r = d == CIV_DETECT_DEADLOCK && !votes ? UNCHANGED : relations[d];
    if (r == UNCHANGED) {
      assert_int_equal(turn_of(a), turn_of(b));
      assert_true(a == NULL || (a->actors == b->actors && a->severity == b->severity));
    } else if (r == NO_LATER)
      assert_true(turn_of(a) <= turn_of(b));
    else if (r == NO_EARLIER)
      assert_true(turn_of(a) >= turn_of(b));
  }
  civ_arena_destroy(&k.arena);
}

static void an_idle_voter(playing *p, const civ_trace *t, const findings *before)
{
  join(p, t, before, true);
}

static void an_idle_onlooker(playing *p, const civ_trace *t, const findings *before)
{
  join(p, t, before, false);
}

static void idle_citizens_change_shares_only(void **state)
{
  for_all(*state, an_idle_voter);
  for_all(*state, an_idle_onlooker);
}

/* --- memory ------------------------------------------------------------------------------------------------------------------- */

/* With a fresh docket and with one that has read thousands of other traces. */
static void read_with_fresh_memory(playing *p, const civ_trace *t, const findings *before)
{
  findings fresh;
  assert_int_equal(civ_detect(t, &p->detect, NULL, fresh.of, &fresh.n, NULL), CIV_OK);
  assert_int_equal(fresh.n, before->n);
  for (uint32_t k = 0; k < fresh.n; k++)
    assert_true(fresh.of[k].turn == before->of[k].turn && fresh.of[k].actors == before->of[k].actors &&
                strcmp(fresh.of[k].summary, before->of[k].summary) == 0);
}

static void a_suite_remembers_nothing(void **state)
{
  for_all(*state, read_with_fresh_memory);
}

static int begin(void **state)
{
  static playing p;
  playing_begin(&p);
  *state = &p;
  return 0;
}

static int end(void **state)
{
  playing_end(*state);
  return 0;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(names_do_not_matter),
    cmocka_unit_test(quiet_turns_shift_findings),
    cmocka_unit_test(idle_citizens_change_shares_only),
    cmocka_unit_test(a_suite_remembers_nothing),
  };
  return cmocka_run_group_tests_name("laws of detectors", tests, begin, end);
}
