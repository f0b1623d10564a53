/* The growing sets of adversaries against sets kept the slow way, turn by turn, over random societies: agents freeze and
 * thaw, fall and rise, adversaries miss turns, edges come and go; and the choice among visible targets. */
#include <math.h>

#include "one_agent.h"

enum { AGENTS = 14, ADVERSARIES = 4, STEPS = 60 };

typedef struct society {
  stage stage;
  stage_cast cast;
  failing_allocator memory;
  uint64_t chance;
  bool target[ADVERSARIES][AGENTS], ally[ADVERSARIES][AGENTS]; /* what rule 2 has added so far */
  bool edge[AGENTS][AGENTS];                                   /* ever given */
} society;

/* A script that takes the candidate it is told and remembers how many there were. */
typedef struct picker {
  civ_draw_script table;
  uint32_t pick, candidates;
} picker;

static double never(void *self)
{
  (void)self;
  return 0.99;
}

static double middle(void *self, double low, double high)
{
  (void)self;
  return (low + high) / 2;
}

static uint32_t pick(void *self, uint32_t n)
{
  picker *p = self;
  p->candidates = n;
  return p->pick % n;
}

static bool eligible(const society *s, civ_agent x)
{
  return s->stage.type[x] == CIV_HONEST && (s->stage.resources[x] > 50 || s->stage.reputation[x] > 0);
}

static bool sees(const society *s, civ_agent a, civ_agent x)
{
  return x != a && !s->stage.frozen[x] && (!s->stage.restricted || s->stage.permits[a][x]);
}

static society *open_society(uint64_t seed, bool restricted)
{
  society *s = calloc(1, sizeof *s);
  assert_non_null(s);
  s->chance = seed * 77 + 5;
  failing_allocator_init(&s->memory, SIZE_MAX);
  stage_init(&s->stage, AGENTS, &s->memory.allocator);
  s->stage.restricted = restricted;
  for (civ_agent a = 0; a < AGENTS; a++) {
    s->stage.type[a] = a < ADVERSARIES ? CIV_ADVERSARIAL : a == ADVERSARIES ? CIV_DECEPTIVE : CIV_HONEST;
    s->stage.resources[a] = a < ADVERSARIES ? 0 : chance_below(&s->chance, 3) * 50; /* no bait */
    s->stage.frozen[a] = chance_below(&s->chance, 4) == 0;
    for (civ_agent b = 0; b < a; b++)
      if (chance_below(&s->chance, 3) == 0)
        s->stage.permits[a][b] = s->stage.permits[b][a] = s->edge[a][b] = s->edge[b][a] = true;
  }
  assert_int_equal(stage_create(&s->stage, &civ_policy_adversarial, &s->cast, NULL), CIV_OK);
  for (civ_agent a = 0; a < ADVERSARIES; a++) {
    const parameter changed[] = {
      { "target_honest", a != 3 }, { "attack_probability", 0 }, { "post_probability", 0 }, { 0 }
    };
    enrol_with(&s->cast, a, changed);
  }
  return s;
}

static void close_society(society *s)
{
  stage_destroy(&s->cast);
  stage_fini(&s->stage);
  assert_int_equal(s->memory.blocks, 0);
  free(s);
}

static void shake(society *s)
{
  const civ_agent x = chance_below(&s->chance, AGENTS), y = chance_below(&s->chance, AGENTS);
  switch (chance_below(&s->chance, 5)) {
  case 0:
    stage_freeze(&s->stage, x, true);
    break;
  case 1:
    stage_freeze(&s->stage, x, false);
    break;
  case 2:
    stage_reputation(&s->stage, x, chance_below(&s->chance, 3) - 1.0);
    break;
  case 3:
    if (x >= ADVERSARIES)
      stage_resources(&s->stage, x, chance_below(&s->chance, 3) * 50);
    break;
  default: /* within a step edges only come back */
    s->stage.permits[x][y] = s->stage.permits[y][x] = s->edge[x][y] && chance_below(&s->chance, 2);
  }
}

static void new_edges(society *s)
{
  const civ_agent x = chance_below(&s->chance, AGENTS), y = chance_below(&s->chance, AGENTS);
  if (x != y)
    s->stage.permits[x][y] = s->stage.permits[y][x] = s->edge[x][y] = s->edge[y][x] = true;
}

static void check_sets(society *s)
{
  for (civ_agent a = 0; a < ADVERSARIES; a++) {
    const civ_view view = stage_view(&s->stage, a);
    for (civ_agent x = 0; x < AGENTS; x++) {
      assert_int_equal(civ_adversarial_targets(s->cast.self, &view, x), s->target[a][x]);
      assert_int_equal(civ_adversarial_allies(s->cast.self, &view, x), s->ally[a][x]);
    }
  }
}

static void add_seen(society *s, civ_agent a)
{
  for (civ_agent x = 0; x < AGENTS; x++) {
    s->target[a][x] |= a != 3 && sees(s, a, x) && eligible(s, x);
    s->ally[a][x] |= sees(s, a, x) && s->stage.type[x] == CIV_ADVERSARIAL;
  }
}

/* A turn without attack, post or vote proposes a trade to a visible target, or else to anybody visible. */
static void take_turn(society *s, civ_agent a)
{
  add_seen(s, a);
  civ_agent targets[AGENTS], anybody[AGENTS];
  uint32_t n_targets = 0, n_anybody = 0;
  for (civ_agent x = 0; x < AGENTS; x++) {
    if (sees(s, a, x))
      anybody[n_anybody++] = x;
    if (sees(s, a, x) && s->target[a][x])
      targets[n_targets++] = x;
  }
  const civ_agent *from = n_targets ? targets : anybody;
  const uint32_t n = n_targets ? n_targets : n_anybody;
  picker p = { .table = { never, pick, middle, &p }, .pick = chance_below(&s->chance, AGENTS) };
  civ_draws draws = civ_draws_scripted(&p.table);
  civ_action action = civ_action_make(CIV_ACTION_NOOP);
  const civ_view view = stage_turn(&s->stage, a);
  failing_allocator_seal(&s->memory);
  s->cast.policy->act(s->cast.self, &view, &draws, &action);
  s->cast.policy->done(s->cast.self, a, &action, true);
  failing_allocator_unseal(&s->memory);
  assert_int_equal(action.kind, n ? CIV_ACTION_PROPOSE : CIV_ACTION_NOOP);
  if (n) {
    assert_int_equal(p.candidates, n);
    assert_int_equal(action.counterparty, from[p.pick % n]);
  }
}

static void live(society *s)
{
  assert_int_equal(stage_ready(&s->cast, 20), CIV_OK);
  for (uint32_t step = 0; step < STEPS; step++) {
    for (uint32_t k = chance_below(&s->chance, 6); k > 0; k--)
      shake(s);
    if (chance_below(&s->chance, 3) == 0)
      new_edges(s);
    check_sets(s);
    assert_int_equal(stage_ready(&s->cast, 20), CIV_OK);
    check_sets(s);
    const uint32_t first = chance_below(&s->chance, AGENTS);
    for (uint32_t k = 0; k < AGENTS; k++) {
      const civ_agent a = (first + k) % AGENTS;
      if (s->stage.frozen[a] || (a < ADVERSARIES && chance_below(&s->chance, 3) == 0))
        continue;
      if (a < ADVERSARIES)
        take_turn(s, a);
      else
        stage_turn(&s->stage, a);
      for (uint32_t i = chance_below(&s->chance, 3); i > 0; i--)
        shake(s);
      check_sets(s);
    }
  }
}

static void sets_grow_as_by_hand(void **state)
{
  (void)state;
  for (uint64_t seed = 0; seed < 150; seed++)
    for (int restricted = 0; restricted < 2; restricted++) {
      society *s = open_society(seed, restricted);
      live(s);
      close_society(s);
    }
}

/* More fallen targets than are looked at one by one: drawing and refusing must be as uniform. */
static void many_fallen_targets(void **state)
{
  (void)state;
  enum { MANY = 160, DRAWS = 80000 };
  one_agent *t = one_agent_open(MANY);
  uint32_t count[MANY] = { 0 };
  t->stage.resources[0] = 0;
  for (civ_agent x = 1; x < MANY; x++)
    stage_resources(&t->stage, x, x % 4 == 0 ? 0 : 100); /* a quarter is never worth it */
  one_agent_cast(t, &civ_policy_adversarial,
                 (const parameter[]){ { "attack_probability", 0 }, { "post_probability", 0 }, { 0 } });
  one_agent_script(t, NULL, 0, 0.99, NULL);
  for (civ_agent x = 1; x < MANY; x++)
    stage_resources(&t->stage, x, x < 10 && x % 4 ? 100 : 0); /* nearly all that were worth it have fallen */
  one_agent_ready(t);
  for (uint32_t k = 0; k < DRAWS; k++) {
    const civ_draw_key key = { .purpose = CIV_PURPOSE_TURN, .epoch = k };
    civ_draws draws = civ_draws_open(13, &key);
    count[one_agent_act(t, &draws).counterparty]++;
  }
  const double expected = (double)DRAWS / (MANY - 1 - (MANY - 1) / 4);
  for (civ_agent x = 1; x < MANY; x++)
    assert_true(x % 4 == 0 ? count[x] == 0 : fabs(count[x] - expected) <= 5 * sqrt(expected));
  one_agent_close(t);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(sets_grow_as_by_hand),
    cmocka_unit_test(many_fallen_targets),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
