/* A polity under random laws and citizens who try everything: a witness keeps its own book, and every reason the law can give is
 * met. Then who acts when, and citizens who do nothing. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "playing.h"
#include "witness.h"

/* --- citizens who try everything ---------------------------------------------------------------------------------------- */

enum { WILD_ACTS = 14 };

static civ_draws wild_draws(const civ_polity *p, uint32_t c)
{
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ, .entity = c, .epoch = (uint32_t)p->turn };
  return civ_draws_open(p->seed, &key);
}

/* Nearly always somebody, now and then nobody there is. */
static uint8_t anybody(civ_draws *d, const civ_polity *p)
{
  return civ_draw_chance(d, 0.97) ? (uint8_t)civ_draw_index(d, p->n) : (uint8_t)CIV_NO_CITIZEN;
}

static int64_t any_amount(civ_draws *d, int64_t of)
{
  static const double shares[] = { 0, 1e-6, 0.001, 0.01, 0.04, 0.2, 0.6, 1, 1.5 };
  const int64_t amount = (int64_t)((double)of * shares[civ_draw_index(d, 9)]);
  return civ_draw_chance(d, 0.02) ? -amount : amount;
}

static int64_t any_value(civ_draws *d, civ_param param)
{
  const civ_param_form *form = &civ_param_forms[param];
  if (civ_draw_chance(d, 0.03))
    return CIV_LAW_ILL;
  if (form->nullable && civ_draw_chance(d, 0.3))
    return CIV_LAW_NULL;
  switch (form->kind) {
  case CIV_PARAM_FRACTION:
    return civ_draw_index(d, 20) * 50000;
  case CIV_PARAM_INTEGER:
    return form->least + civ_draw_index(d, 6);
  case CIV_PARAM_CREDITS:
    return civ_draw_index(d, 4) * 4 * CIV_CREDIT;
  case CIV_PARAM_BOOL:
    return civ_draw_index(d, 2);
  default: {
    uint32_t words = 0;
    while (form->words[words] != NULL)
      words++;
    return civ_draw_index(d, words);
  }
  }
}

static civ_act proposal(civ_draws *d, const civ_polity *p, uint8_t me)
{
  civ_act act = { .kind = (uint8_t)civ_draw_index(d, 4), .payload = { .memo = "a matter" } };
  civ_motion_payload *asked = &act.payload;
  switch (act.kind) {
  case CIV_ACT_PROPOSE_SPEND:
    asked->beneficiary = civ_draw_chance(d, 0.3) ? me : civ_draw_chance(d, 0.3) ? CIV_PUBLIC : anybody(d, p);
    asked->amount = any_amount(d, p->treasury);
    break;
  case CIV_ACT_PROPOSE_AMENDMENT:
    asked->param = civ_draw_chance(d, 0.97) ? (uint8_t)civ_draw_index(d, CIV_PARAMS) : (uint8_t)CIV_NO_PARAM;
    asked->rule = asked->param < CIV_PARAMS ? civ_param_forms[asked->param].rule : 0;
    asked->value = asked->param < CIV_PARAMS ? any_value(d, (civ_param)asked->param) : 0;
    break;
  case CIV_ACT_PROPOSE_DISENFRANCHISE:
    asked->target = anybody(d, p);
    break;
  default:
    asked->office = civ_draw_chance(d, 0.97) ? (uint8_t)civ_draw_index(d, CIV_OFFICES) : (uint8_t)CIV_NO_OFFICE;
    asked->recall = civ_draw_chance(d, 0.3);
    asked->to = asked->recall && asked->office < CIV_OFFICES && civ_draw_chance(d, 0.8)
                    ? p->office[asked->office].holder
                    : anybody(d, p);
  }
  return act;
}

static civ_act vote_on_something(civ_draws *d, const civ_polity *p)
{
  civ_act act = { .kind = CIV_ACT_CAST_VOTE, .choice = CIV_VOTE_YES };
  const double u = civ_draw_uniform(d);
  act.choice = u < 0.55 ? CIV_VOTE_YES : u < 0.8 ? CIV_VOTE_NO : u < 0.98 ? CIV_VOTE_ABSTAIN : CIV_NO_CHOICE;
  if (p->n_open > 0 && civ_draw_chance(d, 0.8))
    act.proposal = p->open[civ_draw_index(d, p->n_open)];
  else if (civ_draw_chance(d, 0.5))
    act.proposal = (int32_t)civ_draw_index(d, p->n_motions + 3) - 1;
  else
    act.ref = (civ_motion_ref){ .proposer = anybody(d, p),
                                .kind = (uint8_t)civ_draw_index(d, CIV_MOTION_KINDS + 1),
                                .turn = (int32_t)civ_draw_index(d, 4) == 0 ? -1 : p->turn - 1,
                                .nth = (int32_t)civ_draw_index(d, 3) };
  return act;
}

static civ_act other_act(civ_draws *d, const civ_polity *p, uint8_t me)
{
  civ_act act = { .kind = CIV_ACT_TRANSFER, .to = anybody(d, p), .memo = "" };
  switch (civ_draw_index(d, 4)) {
  case 0:
    act.from_treasury = true;
    act.amount = any_amount(d, p->treasury / 10);
    break;
  case 1:
    act.amount = any_amount(d, p->balance[me]);
    break;
  case 2:
    act = vote_on_something(d, p);
    act.kind = CIV_ACT_CLOSE_VOTE;
    break;
  default:
    act.kind = civ_draw_chance(d, 0.9) ? CIV_ACT_SUSPEND : CIV_ACT_PASS;
  }
  return act;
}

static uint32_t act_wildly(void *memory, const civ_polity *p, const civ_seat *seat, uint8_t me, civ_act *out,
                           uint32_t most)
{
  civ_draws d = wild_draws(p, me);
  const uint32_t n = civ_draw_index(&d, WILD_ACTS + 1);
  uint32_t k = 0;
  (void)memory;
  (void)seat;
  for (; k < n && k < most; k++) {
    const double u = civ_draw_uniform(&d);
    out[k] = u < 0.65 ? vote_on_something(&d, p) : u < 0.85 ? proposal(&d, p, me) : other_act(&d, p, me);
  }
  return k;
}

static const civ_citizen_policy wild = { .name = "wild", .objective = "everything", .act = act_wildly };

/* --- random laws ------------------------------------------------------------------------------------------------------------ */

static void draw_law(civ_kernel *k, uint64_t seed)
{
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ, .other = 1 };
  civ_draws d = civ_draws_open(seed, &key);
  const double changed = civ_draw_uniform(&d); /* from the naive law to one with every parameter redrawn */
  for (int p = 0; p < CIV_PARAMS; p++) {
    const int64_t value = any_value(&d, (civ_param)p);
    if (civ_draw_chance(&d, changed) && value != CIV_LAW_ILL)
      k->law.value[p] = value;
  }
  k->law.protected_rules = (uint16_t)civ_draw_index(&d, 1u << CIV_RULES);
  /* Where nothing can pass, little is tried. */
  if (civ_draw_chance(&d, 0.6))
    k->law.value[CIV_PARAM_QUORUM_FRACTION] = 100000;
  assert_int_equal(civ_kernel_digest(k), CIV_OK);
}

static civ_physics draw_physics(const playing *p, uint64_t seed)
{
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ, .other = 2 };
  civ_draws d = civ_draws_open(seed, &key);
  civ_physics physics = civ_physics_of(&p->game.polity);
  physics.start_balance = civ_draw_index(&d, 40) * CIV_CREDIT + civ_draw_index(&d, 1000000);
  physics.shock_probability = civ_draw_index(&d, 2) * 0.1;
  physics.public_turns = 1 + (int32_t)civ_draw_index(&d, 20);
  physics.actions_per_turn = civ_draw_index(&d, 8);
  physics.tax = civ_draw_index(&d, 1000001);
  physics.base_income = civ_draw_index(&d, 3000000);
  physics.consumption = civ_draw_index(&d, 3000000);
  return physics;
}

typedef struct wild_game {
  civ_kernel kernel;
  civ_seat seats[CIV_CITIZENS_MOST];
  char names[CIV_CITIZENS_MOST][8];
  civ_episode_setup setup;
} wild_game;

static void set_up(const playing *p, uint64_t seed, wild_game *g)
{
  g->kernel = p->kernel;
  draw_law(&g->kernel, seed);
  const uint32_t n = seed % 50 == 0 ? CIV_CITIZENS_MOST : 1 + (uint32_t)(seed % 11);
  for (uint32_t c = 0; c < n; c++) {
    snprintf(g->names[c], sizeof g->names[c], "c%u", c);
    g->seats[c] = (civ_seat){ .name = g->names[c], .policy = &wild };
  }
  g->setup = (civ_episode_setup){ .kernel = &g->kernel,
                                  .physics = draw_physics(p, seed),
                                  .seats = g->seats,
                                  .n_seats = n,
                                  .turns = (int32_t)(seed % 60),
                                  .initial_treasury = (int64_t)(seed % 7) * 200 * CIV_CREDIT,
                                  .seed = seed,
                                  .listed_order = seed % 3 == 0 };
}

/* --- reasons ------------------------------------------------------------------------------------------------------------------ */

typedef struct reason {
  uint8_t rule; /* K number - 1 */
  const char *text;
  uint64_t met;
} reason;

#define R(k, text)                                                                                                     \
  {                                                                                                                    \
    k - 1, text, 0                                                                                                     \
  }
static reason refusals[] = {
  R(1, "not_enfranchised"),
  R(2, "too_many_actions"),
  R(2, "max_open"),
  R(2, "cooldown"),
  R(2, "bond"),
  R(2, "not_open"),
  R(2, "already_voted"),
  R(2, "choice"),
  R(3, "quorum"),
  R(4, "malformed"),
  R(4, "self_dealing"),
  R(4, "treasury_short"),
  R(4, "cap"),
  R(4, "window_cap"),
  R(4, "private_cap"),
  R(4, "recused"),
  R(9, "reserve"),
  R(5, "malformed"),
  R(5, "ratchet"),
  R(5, "ceiling"),
  R(5, "retry"),
  R(6, "malformed"),
  R(6, "already"),
  R(6, "no_finding"),
  R(6, "max_fraction"),
  R(6, "target_votes"),
  R(7, "malformed"),
  R(7, "not_holder"),
  R(7, "occupied"),
  R(7, "not_enfranchised"),
  R(7, "max_per_citizen"),
  R(7, "suspended"),
  R(7, "not_treasurer"),
  R(7, "treasurer_limit"),
  R(7, "not_speaker"),
  R(7, "not_registrar"),
  R(7, "no_power"),
  R(7, "registrar_cooldown"),
  R(8, "malformed"),
  R(8, "disabled"),
  R(8, "balance"),
};
static reason failures[] = {
  R(3, "quorum"),
  R(4, "threshold"),
  R(5, "threshold"),
  R(6, "threshold"),
  R(7, "threshold"),
  R(4, "unlawful:self_dealing"),
  R(4, "unlawful:treasury_short"),
  R(4, "unlawful:cap"),
  R(4, "unlawful:window_cap"),
  R(4, "unlawful:private_cap"),
  R(9, "unlawful:reserve"),
  R(5, "unlawful:ratchet"),
  R(5, "unlawful:ceiling"),
  R(6, "unlawful:already"),
  R(6, "unlawful:no_finding"),
  R(6, "unlawful:max_fraction"),
  R(7, "unlawful:not_holder"),
  R(7, "unlawful:occupied"),
  R(7, "unlawful:not_enfranchised"),
  R(7, "unlawful:max_per_citizen"),
};
enum { REFUSALS = sizeof refusals / sizeof *refusals, FAILURES = sizeof failures / sizeof *failures };

/* An unknown reason fails: nothing is refused without a clause that says so. */
static void note_reason(reason *known, size_t n, const civ_deed *d)
{
  for (size_t k = 0; k < n; k++)
    if (known[k].rule == d->rule && strcmp(known[k].text, d->reason) == 0) {
      known[k].met++;
      return;
    }
  fail_msg("K%d says '%s'", d->rule + 1, d->reason);
}

static uint64_t kinds_met[CIV_DEEDS];

static void note_reasons(const civ_trace *t)
{
  for (uint32_t k = 0; k < t->n_deeds; k++) {
    const civ_deed *d = &t->deeds[k];
    kinds_met[d->kind]++;
    if (d->kind == CIV_DEED_ACTION_REFUSED)
      note_reason(refusals, REFUSALS, d);
    else if (d->kind == CIV_DEED_PROPOSAL_FAILED)
      note_reason(failures, FAILURES, d);
  }
}

static void every_reason_was_met(reason *known, size_t n)
{
  for (size_t k = 0; k < n; k++)
    if (known[k].met == 0)
      fail_msg("K%d '%s' was never met", known[k].rule + 1, known[k].text);
}

/* --- tests ----------------------------------------------------------------------------------------------------------------------- */

static void the_law_is_kept_whatever_is_tried(void **state)
{
  playing *p = *state;
  static wild_game g;
  for (uint64_t seed = 0; seed < playing_times(4000); seed++) {
    civ_trace trace;
    civ_error err = { 0 };
    set_up(p, seed, &g);
    if (civ_episode_play(p->episode, &g.setup, &trace, &err) != CIV_OK)
      fail_msg("seed %d: %s", (int)seed, err.text);
    witness_episode(&trace, &g.setup.physics);
    note_reasons(&trace);
    assert_int_equal(civ_detect(&trace, &p->detect, p->scratch, p->found, &p->n_found, &err), CIV_OK);
    const civ_score score = civ_score_of(&trace);
    assert_true(score.governance_score >= 0 && score.governance_score <= 100 + 1e-9);
  }
}

static void every_reason_is_met(void **state)
{
  (void)state;
  every_reason_was_met(refusals, REFUSALS);
  every_reason_was_met(failures, FAILURES);
  for (int k = 0; k < CIV_DEEDS; k++)
    if (kinds_met[k] == 0)
      fail_msg("%s never happened", civ_deed_names[k]);
}

static void default_matchups_keep_the_law(void **state)
{
  playing *p = *state;
  const civ_physics physics = civ_physics_of(&p->game.polity);
  for (int m = 0; m < CIV_DEFAULT_MATCHUPS; m++)
    for (uint64_t seed = 0; seed < playing_times(100); seed++) {
      civ_trace trace;
      playing_play(p, &civ_default_matchups[m].composition, seed, &trace);
      witness_episode(&trace, &physics);
    }
}

static bool same_deeds(const civ_trace *a, const civ_deed *deeds, uint32_t n)
{
  if (a->n_deeds != n)
    return false;
  for (uint32_t k = 0; k < n; k++) {
    const civ_deed *x = &a->deeds[k], *y = &deeds[k];
    if (x->turn != y->turn || x->kind != y->kind || x->actor != y->actor || x->citizen != y->citizen ||
        x->other != y->other || x->amount != y->amount || x->proposal != y->proposal || x->yes != y->yes ||
        x->reason != y->reason)
      return false;
  }
  return true;
}

static void an_episode_is_a_function_of_its_seed(void **state)
{
  playing *p = *state;
  static wild_game g;
  for (uint64_t seed = 100; seed < 120; seed++) {
    civ_trace first, again;
    civ_episode *fresh = civ_episode_create();
    set_up(p, seed, &g);
    assert_int_equal(civ_episode_play(fresh, &g.setup, &first, NULL), CIV_OK);
    /* The other workspace has played thousands before. */
    assert_int_equal(civ_episode_play(p->episode, &g.setup, &again, NULL), CIV_OK);
    assert_true(same_deeds(&again, first.deeds, first.n_deeds));
    civ_episode_destroy(fresh);
  }
}

/* --- who acts when -------------------------------------------------------------------------------------------------------------- */

enum { PETITIONERS = 5, PETITION_TURNS = 250 };

static uint32_t petition(void *memory, const civ_polity *p, const civ_seat *seat, uint8_t me, civ_act *out,
                         uint32_t most)
{
  (void)memory;
  (void)seat;
  (void)most;
  (void)me;
  out[0] = (civ_act){ .kind = CIV_ACT_PROPOSE_SPEND, .payload = { .beneficiary = CIV_PUBLIC, .amount = 1 } };
  if (p->turn != 1)
    return 1;
  out[0] = (civ_act){ .kind = CIV_ACT_PROPOSE_ROLE_GRANT, .payload = { .office = CIV_SPEAKER, .to = 3 } };
  return me == 0;
}

static uint32_t petition_and_elect(void *memory, const civ_polity *p, const civ_seat *seat, uint8_t me, civ_act *out,
                                   uint32_t most)
{
  if (p->turn == 2) {
    out[0] = (civ_act){ .kind = CIV_ACT_CAST_VOTE, .proposal = 1, .choice = CIV_VOTE_YES };
    return 1;
  }
  return petition(memory, p, seat, me, out, most);
}

static void play_petitioners(playing *p, bool listed, bool speaker, civ_trace *trace)
{
  static const char *const names[] = { "a", "b", "c", "d", "e" };
  static civ_citizen_policy policy = { .name = "petitioner", .objective = "petition" };
  static civ_seat seats[PETITIONERS];
  policy.act = speaker ? petition_and_elect : petition;
  for (uint32_t c = 0; c < PETITIONERS; c++)
    seats[c] = (civ_seat){ .name = names[c], .policy = &policy };
  const civ_episode_setup setup = { .kernel = &p->kernel,
                                    .physics = civ_physics_of(&p->game.polity),
                                    .seats = seats,
                                    .n_seats = PETITIONERS,
                                    .turns = PETITION_TURNS,
                                    .initial_treasury = 1000 * CIV_CREDIT,
                                    .seed = 7,
                                    .listed_order = listed };
  assert_int_equal(civ_episode_play(p->episode, &setup, trace, NULL), CIV_OK);
}

/* How often each citizen acted in each place of a turn, over the turns from `first` on. */
static uint32_t count_places(const civ_trace *t, int32_t first, uint32_t places[PETITIONERS][PETITIONERS])
{
  uint32_t turns = 0, place = 0;
  int32_t turn = -1;
  memset(places, 0, PETITIONERS * sizeof *places);
  for (uint32_t k = 0; k < t->n_deeds; k++) {
    const civ_deed *d = &t->deeds[k];
    if (d->kind != CIV_DEED_PROPOSAL_CREATED || d->turn < first)
      continue;
    if (d->turn != turn)
      place = 0, turns++;
    turn = d->turn;
    places[place++][d->citizen]++;
  }
  return turns;
}

static void listed_order_is_the_list(void **state)
{
  civ_trace t;
  uint32_t places[PETITIONERS][PETITIONERS];
  play_petitioners(*state, true, false, &t);
  const uint32_t turns = count_places(&t, 2, places);
  assert_int_equal(turns, PETITION_TURNS - 1);
  for (uint32_t k = 0; k < PETITIONERS; k++)
    assert_int_equal(places[k][k], turns);
}

static void the_speaker_comes_first(void **state)
{
  civ_trace t;
  uint32_t places[PETITIONERS][PETITIONERS];
  static const uint32_t order[] = { 3, 0, 1, 2, 4 };
  play_petitioners(*state, true, true, &t);
  uint32_t turns = count_places(&t, 6, places);
  for (uint32_t k = 0; k < PETITIONERS; k++)
    assert_int_equal(places[k][order[k]], turns);
  play_petitioners(*state, false, true, &t);
  turns = count_places(&t, 6, places);
  assert_int_equal(places[0][3], turns);
  for (uint32_t c = 0; c < PETITIONERS; c++)
    assert_true(c == 3 || (places[1][c] > turns / 6 && places[1][c] < turns / 3));
}

static void drawn_order_is_fair(void **state)
{
  civ_trace t;
  uint32_t places[PETITIONERS][PETITIONERS];
  play_petitioners(*state, false, false, &t);
  const uint32_t turns = count_places(&t, 2, places);
  const double expected = turns / (double)PETITIONERS, sd = sqrt(expected * (1 - 1.0 / PETITIONERS));
  for (uint32_t k = 0; k < PETITIONERS; k++)
    for (uint32_t c = 0; c < PETITIONERS; c++)
      assert_true(fabs(places[k][c] - expected) < 4.5 * sd);
}

/* --- doing nothing -------------------------------------------------------------------------------------------------------------- */

static void the_idle_sink_to_the_floor(void **state)
{
  playing *p = *state;
  civ_trace t;
  civ_seat seats[6];
  for (uint32_t c = 0; c < 6; c++)
    seats[c] = (civ_seat){ .name = "idle", .policy = &civ_citizen_scripted };
  civ_episode_setup setup = { .kernel = &p->kernel,
                              .physics = civ_physics_of(&p->game.polity),
                              .seats = seats,
                              .n_seats = 6,
                              .turns = 60,
                              .initial_treasury = 1000 * CIV_CREDIT };
  setup.physics.shock_probability = 0;
  assert_int_equal(civ_episode_play(p->episode, &setup, &t, NULL), CIV_OK);
  witness_episode(&t, &setup.physics);
  /* Ten turns of 2 less 0.5 tax less 1.5 consumption; then 1.2 less 0.3 less 1.5 = -0.6, down to the floor of 10. */
  int64_t balance = 20000000, treasury = 1000 * CIV_CREDIT;
  for (uint32_t k = 1; k < t.n_snapshots; k++) {
    treasury += k <= 10 ? 6 * 500000 : 6 * 300000;
    balance -= k <= 10 ? 0 : 600000;
    if (balance < 10000000) {
      treasury -= 6 * (10000000 - balance);
      balance = 10000000;
    }
    assert_int_equal(t.snapshots[k].treasury, treasury);
    assert_int_equal(t.snapshots[k].balances[0], balance);
    assert_int_equal(t.snapshots[k].balances[5], balance);
  }
  for (uint32_t k = 0; k < t.n_deeds; k++)
    assert_int_equal(t.deeds[k].kind, CIV_DEED_FLOOR_TOP_UP);
}

static void no_turns_leave_the_founding(void **state)
{
  playing *p = *state;
  civ_trace t;
  p->game.turns = 0;
  playing_play(p, &civ_default_matchups[0].composition, 1, &t);
  p->game.turns = 60;
  assert_int_equal(t.n_snapshots, 1);
  assert_int_equal(t.n_deeds, 0);
  assert_int_equal(p->n_found, 0);
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
    cmocka_unit_test(the_law_is_kept_whatever_is_tried),
    cmocka_unit_test(every_reason_is_met),
    cmocka_unit_test(default_matchups_keep_the_law),
    cmocka_unit_test(an_episode_is_a_function_of_its_seed),
    cmocka_unit_test(listed_order_is_the_list),
    cmocka_unit_test(the_speaker_comes_first),
    cmocka_unit_test(drawn_order_is_fair),
    cmocka_unit_test(the_idle_sink_to_the_floor),
    cmocka_unit_test(no_turns_leave_the_founding),
  };
  return cmocka_run_group_tests_name("polity", tests, begin, end);
}
