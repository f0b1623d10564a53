/* Damage by hand and by the scripted repertoires; what a search ends with is seen by some detector in every episode, and damage on the
 * way that none explains is told of. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "playing.h"
#include "selfplay/search.h"

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

static civ_search_setup small_search(const playing *p)
{
  civ_search_setup setup = civ_search_default();
  setup.game = p->game;
  setup.detect = p->detect;
  setup.seed = 5;
  setup.generations = 12;
  setup.fresh = 30;
  return setup;
}

static civ_search_result search(const civ_search_setup *setup)
{
  civ_search_result result;
  civ_error err = { 0 };
  if (civ_search(setup, &result, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  return result;
}

/* Mean damage of a default matchup's capturers. */
static double scripted_damage(playing *p, int matchup, uint32_t seeds)
{
  const civ_composition *c = &civ_default_matchups[matchup].composition;
  const uint32_t n = civ_composition_size(c);
  const civ_citizens capturers = (civ_citizen_bit(n) - 1) & ~(civ_citizen_bit(c->count[0]) - 1);
  double sum = 0;
  for (uint64_t seed = 0; seed < seeds; seed++) {
    civ_trace t;
    playing_play(p, c, seed, &t);
    sum += civ_damage_of(&t, capturers).damage;
  }
  return sum / seeds;
}

/* Two perpetrators of five: a by-hand polity of two turns. */
static void damage_is_money_votes_and_offices(void **state)
{
  static const int64_t balances[5] = { 0 };
  const civ_citizens all = 31, perpetrators = 3;
  const civ_snapshot snapshots[] = {
    { .turn = 0,
      .balances = balances,
      .can_vote = all,
      .office = { 0, 0, 0 } }, /* before the first turn: not counted */
    { .turn = 1, .balances = balances, .can_vote = all, .office = { 0, 1, CIV_NO_CITIZEN } },
    { .turn = 2, .balances = balances, .can_vote = all & ~(1u << 4), .office = { 0, 1, 1 } },
  };
  const civ_deed deeds[] = {
    { .turn = 1, .kind = CIV_DEED_SPEND_PAID, .actor = 4, .other = 0, .amount = 100 },
    { .turn = 1, .kind = CIV_DEED_SPEND_PAID, .actor = 0, .other = 1, .amount = 50, .needy = true },
    { .turn = 1, .kind = CIV_DEED_SPEND_PAID, .actor = 0, .other = CIV_PUBLIC, .amount = 70 },
    { .turn = 1, .kind = CIV_DEED_SPEND_PAID, .actor = 0, .other = 3, .amount = 60 }, /* to somebody else */
    { .turn = 2, .kind = CIV_DEED_TRANSFER, .actor = 1, .citizen = CIV_TREASURY, .other = 1, .amount = 20 },
    { .turn = 2, .kind = CIV_DEED_TRANSFER, .actor = 4, .citizen = 4, .other = 1, .amount = 40 }, /* a gift */
  };
  const civ_trace t = {
    .n_citizens = 5, .initial_treasury = 480, .n_snapshots = 3, .snapshots = snapshots, .n_deeds = 6, .deeds = deeds
  };
  const civ_damage d = civ_damage_of(&t, perpetrators);
  (void)state;
  assert_true(d.taken == 0.25);
  assert_true(fabs(d.silenced - 1.0 / 6) < 1e-15); /* one of three, in one of two turns */
  assert_true(fabs(d.offices - 5.0 / 6) < 1e-15);  /* five of six office-turns, less two fifths of the citizens */
  assert_true(fabs(d.damage - (0.125 + 0.05 + 0.2 * (5.0 / 6 - 0.4))) < 1e-15);
  assert_true(civ_damage_of(&t, 1u << 2).damage == 0.3 * (1.0 / 4 / 2)); /* no office is no merit */
}

static void what_a_search_ends_with_is_seen(void **state)
{
  playing *p = *state;
  const civ_search_setup setup = small_search(p);
  const civ_search_result r = search(&setup);
  for (int m = 1; m <= 3; m++)
    assert_true(r.fresh.damage >= scripted_damage(p, m, 60));
  assert_true(r.fresh.damage > 0.3);
  assert_true(r.found > 1 - 1e-9);
  /* On the way the suite misses some: mostly treasurers who take a little every turn. Never the half of what the best pair does. */
  assert_true(!r.unexplained.met || r.unexplained.worst.damage < r.fresh.damage / 2);
}

static void repertoires_do_what_was_measured(void **state)
{
  static const double measured[] = { 0, 0.26, 0.05, 0.22 };
  for (int m = 1; m <= 3; m++) {
    const double is = scripted_damage(*state, m, 200);
    assert_true(is > measured[m] - 0.03 && is < measured[m] + 0.03);
  }
}

/* A suite that sees nothing leaves every damage unexplained. */
static void blind_detectors_are_told_of(void **state)
{
  civ_search_setup setup = small_search(*state);
  setup.generations = 4;
  setup.detect.drain_share = setup.detect.salami_share = setup.detect.reciprocal_share = 1;
  setup.detect.thin_quorum_share = setup.detect.franchise_share = 0;
  setup.detect.loosening_window = 0;
  const civ_search_result r = search(&setup);
  assert_true(r.unexplained.met && r.unexplained.episodes > 0);
  assert_true(r.unexplained.worst.damage >= CIV_UNEXPLAINED_LEAST && r.unexplained.severity >= 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(damage_is_money_votes_and_offices),
    cmocka_unit_test(repertoires_do_what_was_measured),
    cmocka_unit_test(what_a_search_ends_with_is_seen),
    cmocka_unit_test(blind_detectors_are_told_of),
  };
  return cmocka_run_group_tests_name("damage", tests, begin, end);
}
