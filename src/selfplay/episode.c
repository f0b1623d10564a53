#include "selfplay/episode.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "selfplay/polity_inside.h"

enum { SPARE_ACTS = 16, ALIGNMENT = 16 };

struct civ_episode {
  civ_polity polity;
  const char *names[CIV_CITIZENS_MOST];
  civ_snapshot *snapshots;
  size_t snapshots_capacity;
  int64_t *balances; /* snapshots x citizens */
  size_t balances_capacity;
  civ_open_motion *open; /* of all snapshots, one after the other */
  size_t open_capacity, n_open;
  civ_act *acts; /* of all citizens, one after the other */
  size_t acts_capacity;
  uint8_t *memories;
  size_t memories_capacity;
  size_t memory_at[CIV_CITIZENS_MOST];
};

civ_episode *civ_episode_create(void)
{
  return calloc(1, sizeof(civ_episode));
}

void civ_episode_destroy(civ_episode *e)
{
  if (e == NULL)
    return;
  civ_polity_release(&e->polity);
  civ_drop(&civ_allocator_malloc, (void **)&e->snapshots, &e->snapshots_capacity, sizeof *e->snapshots);
  civ_drop(&civ_allocator_malloc, (void **)&e->balances, &e->balances_capacity, sizeof *e->balances);
  civ_drop(&civ_allocator_malloc, (void **)&e->open, &e->open_capacity, sizeof *e->open);
  civ_drop(&civ_allocator_malloc, (void **)&e->acts, &e->acts_capacity, sizeof *e->acts);
  civ_drop(&civ_allocator_malloc, (void **)&e->memories, &e->memories_capacity, 1);
  free(e);
}

/* --- snapshots ---------------------------------------------------------------------------------------------------------------- */

static bool take_open(civ_episode *e)
{
  const civ_polity *p = &e->polity;
  if (civ_grow(&civ_allocator_malloc, (void **)&e->open, &e->open_capacity, e->n_open + p->n_open, sizeof *e->open) !=
      CIV_OK)
    return false;
  for (uint32_t k = 0; k < p->n_open; k++) {
    const civ_motion *m = &p->motions[p->open[k] - 1];
    e->open[e->n_open++] = (civ_open_motion){ .id = m->id, .proposer = m->proposer, .kind = m->kind };
  }
  return true;
}

static bool snap(civ_episode *e)
{
  const civ_polity *p = &e->polity;
  civ_snapshot *s = &e->snapshots[p->turn];
  int64_t *balances = e->balances + (size_t)p->turn * p->n;
  memcpy(balances, p->balance, p->n * sizeof *balances);
  *s = (civ_snapshot){ .turn = p->turn,
                       .treasury = p->treasury,
                       .balances = balances,
                       .enfranchised = p->enfranchised,
                       .can_vote = civ_polity_voters(p),
                       .n_open = p->n_open,
                       .floor_shortfall = civ_polity_shortfall(p),
                       .floor_amount = p->law.value[CIV_PARAM_FLOOR_AMOUNT],
                       .quorum_need = civ_polity_need(p),
                       .amendment_threshold = p->law.value[CIV_PARAM_AMENDMENT_THRESHOLD],
                       .recall_threshold = p->law.value[CIV_PARAM_RECALL_THRESHOLD],
                       .output = p->output,
                       .produced = p->produced,
                       .consumed = p->consumed,
                       .sunk = p->sunk,
                       .bonds = p->bonds };
  for (int k = 0; k < CIV_OFFICES; k++)
    s->office[k] = p->office[k].holder;
  return take_open(e);
}

/* Money is conserved to the last unit, and nobody owes any. */
static bool conserved(const civ_polity *p)
{
  int64_t sum = p->treasury + p->bonds + p->sunk + p->consumed - p->produced;
  bool owed = p->treasury < 0 || p->bonds < 0;
  for (uint32_t c = 0; c < p->n; c++) {
    sum += p->balance[c];
    owed = owed || p->balance[c] < 0;
  }
  return !owed && sum == p->initial_treasury + (int64_t)p->n * p->physics.start_balance;
}

/* --- a turn --------------------------------------------------------------------------------------------------------------------- */

/* All choose from the same state; acts of citizen c stand at first[c] .. first[c + 1] - 1. */
static bool choose(civ_episode *e, const civ_episode_setup *setup, size_t first[CIV_CITIZENS_MOST + 1])
{
  const civ_polity *p = &e->polity;
  size_t n = 0;
  for (uint32_t c = 0; c < p->n; c++) {
    const civ_seat *seat = &setup->seats[c];
    const size_t most = p->n_open + SPARE_ACTS + civ_script_length(seat->script);
    if (civ_grow(&civ_allocator_malloc, (void **)&e->acts, &e->acts_capacity, n + most, sizeof *e->acts) != CIV_OK)
      return false;
    first[c] = n;
    n += seat->policy->act(e->memories + e->memory_at[c], p, seat, (uint8_t)c, e->acts + n, (uint32_t)most);
  }
  first[p->n] = n;
  return true;
}

/* Who acts when: a permutation drawn for the turn, the speaker in front of it. */
static void order_citizens(const civ_polity *p, bool listed, uint8_t order[CIV_CITIZENS_MOST])
{
  const uint8_t speaker = p->office[CIV_SPEAKER].holder;
  civ_draws draws = civ_polity_draws_at(p, 0, CIV_DRAW_ORDER, 0, (uint32_t)p->turn);
  uint64_t bits = 0;
  for (uint32_t c = 0; c < p->n; c++)
    order[c] = (uint8_t)c;
  for (uint32_t k = p->n; !listed && k > 1; k--) {
    /* Half a number each; of at most 64 places none is likelier than another by more than 2^-26. */
    bits = (p->n - k) % 2 == 0 ? civ_draw_bits(&draws) : bits >> 32;
    const uint32_t other = (uint32_t)((uint64_t)(uint32_t)bits * k >> 32);
    const uint8_t swapped = order[k - 1];
    order[k - 1] = order[other];
    order[other] = swapped;
  }
  for (uint32_t k = 0; speaker != CIV_NO_CITIZEN && k < p->n; k++)
    if (order[k] == speaker) {
      memmove(order + 1, order, k);
      order[0] = speaker;
      break;
    }
}

static void apply(civ_episode *e, const civ_episode_setup *setup, const size_t first[CIV_CITIZENS_MOST + 1])
{
  civ_polity *p = &e->polity;
  uint8_t order[CIV_CITIZENS_MOST] = { 0 };
  order_citizens(p, setup->listed_order, order);
  for (uint32_t k = 0; k < p->n; k++) {
    const uint8_t c = order[k];
    const civ_seat *seat = &setup->seats[c];
    uint32_t others = 0;
    for (size_t a = first[c]; a < first[c + 1]; a++) {
      const char *reason;
      const bool done = civ_polity_act(p, c, &e->acts[a], others, &reason);
      others += e->acts[a].kind != CIV_ACT_CAST_VOTE && e->acts[a].kind != CIV_ACT_PASS;
      if (!done && seat->policy->refused != NULL)
        seat->policy->refused(e->memories + e->memory_at[c], p, c, &e->acts[a], reason);
    }
  }
}

static bool take_turn(civ_episode *e, const civ_episode_setup *setup, int32_t turn)
{
  civ_polity *p = &e->polity;
  size_t first[CIV_CITIZENS_MOST + 1];
  const uint32_t from = p->n_deeds;
  civ_polity_open_turn(p, turn);
  if (!choose(e, setup, first))
    return false;
  apply(e, setup, first);
  if (p->failed)
    return false;
  civ_polity_count(p);
  civ_polity_tick(p);
  if (p->failed || !snap(e))
    return false;
  for (uint32_t c = 0; c < p->n; c++)
    if (setup->seats[c].policy->observe != NULL)
      setup->seats[c].policy->observe(e->memories + e->memory_at[c], p, (uint8_t)c, from);
  return !p->failed;
}

/* --- the whole --------------------------------------------------------------------------------------------------------------------- */

static civ_status prepare(civ_episode *e, const civ_episode_setup *setup)
{
  size_t memory = 0;
  for (uint32_t c = 0; c < setup->n_seats; c++) {
    e->names[c] = setup->seats[c].name;
    e->memory_at[c] = memory;
    memory += (setup->seats[c].policy->memory_size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }
  const size_t snapshots = (size_t)setup->turns + 1;
  if (civ_grow(&civ_allocator_malloc, (void **)&e->memories, &e->memories_capacity, memory + 1, 1) != CIV_OK ||
      civ_grow(&civ_allocator_malloc, (void **)&e->snapshots, &e->snapshots_capacity, snapshots,
               sizeof *e->snapshots) != CIV_OK ||
      civ_grow(&civ_allocator_malloc, (void **)&e->balances, &e->balances_capacity, snapshots * setup->n_seats,
               sizeof *e->balances) != CIV_OK)
    return CIV_E_NOMEM;
  memset(e->memories, 0, memory);
  e->n_open = 0;
  civ_polity_found(&e->polity, setup->kernel, &setup->physics, e->names, setup->n_seats, setup->initial_treasury,
                   setup->turns, setup->seed);
  return e->polity.failed ? CIV_E_NOMEM : CIV_OK;
}

/* Lists have stopped moving: what pointed into them by place now does so by address. */
static void settle(civ_episode *e, const civ_episode_setup *setup, civ_trace *trace)
{
  civ_polity *p = &e->polity;
  size_t open = 0;
  for (int32_t t = 0; t <= setup->turns; t++) {
    e->snapshots[t].open = e->n_open > 0 ? &e->open[open] : NULL;
    open += e->snapshots[t].n_open;
  }
  for (uint32_t k = 0; k < p->n_motions; k++)
    p->deeds[p->motions[k].created].payload = &p->motions[k].payload;
  *trace = (civ_trace){ .n_citizens = p->n,
                        .citizens = e->names,
                        .initial_treasury = p->initial_treasury,
                        .norm_income = p->physics.norm_income,
                        .n_snapshots = (uint32_t)setup->turns + 1,
                        .snapshots = e->snapshots,
                        .n_deeds = p->n_deeds,
                        .deeds = p->deeds,
                        .kernel = setup->kernel };
}

civ_status civ_episode_play(civ_episode *e, const civ_episode_setup *setup, civ_trace *trace, civ_error *err)
{
  civ_status status = prepare(e, setup);
  if (status == CIV_OK && !snap(e))
    status = CIV_E_NOMEM;
  for (int32_t t = 1; t <= setup->turns && status == CIV_OK; t++) {
    if (!take_turn(e, setup, t))
      status = CIV_E_NOMEM;
    else if (!conserved(&e->polity))
      return civ_fail(err, CIV_E_DIVERGED, "episode", "money was not conserved in turn %d with seed %llu", (int)t,
                      (unsigned long long)setup->seed);
  }
  if (status != CIV_OK)
    return civ_fail(err, status, "episode", "out of memory");
  settle(e, setup, trace);
  return CIV_OK;
}
