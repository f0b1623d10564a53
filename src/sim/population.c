#include "sim/population.h"

#include <assert.h>

#include "base/bytes.h"
#include "base/digest.h"

static civ_status make_columns(population *p, uint32_t n)
{
  const civ_allocator *a = p->allocator;
#define COLUMN(member) (p->member = civ_zeroed(a, n, sizeof *p->member)) == NULL
  if (COLUMN(type) || COLUMN(frozen) || COLUMN(policy) || COLUMN(reputation) || COLUMN(resources) ||
      COLUMN(total_payoff) || COLUMN(average_p_initiated) || COLUMN(average_p_received) || COLUMN(initiated) ||
      COLUMN(received) || COLUMN(accepted) || COLUMN(rejected) || COLUMN(freezes) || COLUMN(variant))
    return CIV_E_NOMEM;
#undef COLUMN
  return civ_indexset_init(&p->active, n, a);
}

civ_status civ_population_init(population *p, uint32_t n, const civ_allocator *allocator, const uint64_t *moment)
{
  *p = (population){ .allocator = allocator, .moment = moment };
  p->view.n = n;
  if (make_columns(p, n) != CIV_OK) {
    civ_population_fini(p);
    return CIV_E_NOMEM;
  }
  for (uint32_t i = 0; i < n; i++) {
    p->average_p_initiated[i] = 0.5;
    p->average_p_received[i] = 0.5;
    civ_indexset_add(&p->active, i);
  }
  p->view = (civ_population){ .n = n,
                              .type = p->type,
                              .reputation = p->reputation,
                              .resources = p->resources,
                              .total_payoff = p->total_payoff,
                              .average_p_initiated = p->average_p_initiated,
                              .average_p_received = p->average_p_received,
                              .initiated = p->initiated,
                              .received = p->received,
                              .accepted = p->accepted,
                              .rejected = p->rejected,
                              .frozen = p->frozen,
                              .policy = p->policy,
                              .name = p->name,
                              .variant = p->variant };
  return CIV_OK;
}

static void drop_watch(population *p, watch_state *w)
{
  civ_indexset_fini(&w->members);
  if (w->entered)
    civ_release(p->allocator, w->entered, p->view.n * sizeof *w->entered);
  civ_drop(p->allocator, (void **)&w->departures, &w->capacity, sizeof *w->departures);
}

void civ_population_fini(population *p)
{
  const size_t n = p->view.n;
  for (size_t k = 0; k < p->n_watches; k++)
    drop_watch(p, &p->watches[k]);
  civ_drop(p->allocator, (void **)&p->watches, &p->watches_capacity, sizeof *p->watches);
  civ_indexset_fini(&p->active);
#define COLUMN(member) civ_release(p->allocator, p->member, n * sizeof *p->member)
  COLUMN(type);
  COLUMN(frozen);
  COLUMN(policy);
  COLUMN(reputation);
  COLUMN(resources);
  COLUMN(total_payoff);
  COLUMN(average_p_initiated);
  COLUMN(average_p_received);
  COLUMN(initiated);
  COLUMN(received);
  COLUMN(accepted);
  COLUMN(rejected);
  COLUMN(freezes);
  COLUMN(variant);
#undef COLUMN
  *p = (population){ 0 };
}

static void update_watch(population *p, watch_state *w, civ_agent a)
{
  const bool is = !p->frozen[a] && w->test(&p->view, a, w->arg);
  const bool was = civ_indexset_has(&w->members, a);
  if (is == was)
    return;
  if (is) {
    civ_indexset_add(&w->members, a);
    if (w->history)
      w->entered[a] = *p->moment;
    return;
  }
  civ_indexset_drop(&w->members, a);
  if (!w->history)
    return;
  assert(w->n_departures < w->capacity && "civ_population_reserve makes room before every step");
  w->departures[w->n_departures++] = (watch_departure){ a, w->entered[a], *p->moment };
}

static void update_watches(population *p, civ_agent a)
{
  for (size_t k = 0; k < p->n_watches; k++)
    update_watch(p, &p->watches[k], a);
}

civ_status civ_population_watch(population *p, civ_watch_test test, const void *arg, uint32_t *id)
{
  if (civ_grow(p->allocator, (void **)&p->watches, &p->watches_capacity, p->n_watches + 1, sizeof *p->watches) !=
      CIV_OK)
    return CIV_E_NOMEM;
  watch_state *w = &p->watches[p->n_watches];
  *w = (watch_state){ .test = test, .arg = arg };
  if (civ_indexset_init(&w->members, p->view.n, p->allocator) != CIV_OK)
    return CIV_E_NOMEM;
  for (civ_agent a = 0; a < p->view.n; a++)
    update_watch(p, w, a);
  *id = (uint32_t)p->n_watches++;
  return CIV_OK;
}

civ_status civ_population_watch_history(population *p, uint32_t id)
{
  watch_state *w = &p->watches[id];
  if (w->history)
    return CIV_OK;
  w->entered = civ_zeroed(p->allocator, p->view.n, sizeof *w->entered);
  if (!w->entered && p->view.n)
    return CIV_E_NOMEM;
  w->history = true;
  return CIV_OK;
}

civ_status civ_population_reserve(population *p, size_t changes)
{
  for (size_t k = 0; k < p->n_watches; k++) {
    watch_state *w = &p->watches[k];
    if (w->history && civ_grow(p->allocator, (void **)&w->departures, &w->capacity, w->n_departures + changes,
                               sizeof *w->departures) != CIV_OK)
      return CIV_E_NOMEM;
  }
  return CIV_OK;
}

/* a <- (a (n-1) + p) / n */
static double running_mean(double mean, uint32_t n, double label)
{
  return (mean * (double)(n - 1) + label) / (double)n;
}

void civ_population_record_initiated(population *p, civ_agent a, bool accepted, double label)
{
  const uint32_t n = ++p->initiated[a];
  if (accepted)
    p->accepted[a]++;
  else
    p->rejected[a]++;
  p->average_p_initiated[a] = running_mean(p->average_p_initiated[a], n, label);
}

void civ_population_record_received(population *p, civ_agent a, double label)
{
  const uint32_t n = ++p->received[a];
  p->average_p_received[a] = running_mean(p->average_p_received[a], n, label);
}

double civ_population_acceptance_rate(const population *p, civ_agent a)
{
  const uint32_t answered = p->accepted[a] + p->rejected[a];
  return answered ? (double)p->accepted[a] / answered : 0.0;
}

void civ_population_set_reputation(population *p, civ_agent a, double value)
{
  p->reputation[a] = value;
  update_watches(p, a);
}

void civ_population_set_resources(population *p, civ_agent a, double value)
{
  p->resources[a] = value;
  update_watches(p, a);
}

bool civ_population_set_frozen(population *p, civ_agent a, bool frozen)
{
  if ((p->frozen[a] != 0) == frozen)
    return false;
  p->frozen[a] = frozen;
  if (frozen) {
    civ_indexset_drop(&p->active, a);
    p->freezes[a]++;
    p->freezes_total++;
  } else {
    civ_indexset_add(&p->active, a);
  }
  update_watches(p, a);
  return true;
}

void civ_population_refresh(population *p)
{
  for (civ_agent a = 0; a < p->view.n; a++) {
    if (p->frozen[a])
      civ_indexset_drop(&p->active, a);
    else
      civ_indexset_add(&p->active, a);
    update_watches(p, a);
  }
}

uint64_t civ_population_digest(const population *p, uint64_t seed)
{
  const size_t n = p->view.n;
  uint64_t d = seed;
#define COLUMN(member) d = civ_digest(d, p->member, n * sizeof *p->member)
  COLUMN(frozen);
  COLUMN(reputation);
  COLUMN(resources);
  COLUMN(total_payoff);
  COLUMN(average_p_initiated);
  COLUMN(average_p_received);
  COLUMN(initiated);
  COLUMN(received);
  COLUMN(accepted);
  COLUMN(rejected);
#undef COLUMN
  return d;
}

void civ_population_save(const population *p, civ_bytes *out)
{
  const size_t n = p->view.n;
  civ_bytes_open(out, "POPU");
  civ_bytes_put_u32(out, p->view.n);
  civ_bytes_put_block(out, p->frozen, n);
  civ_bytes_put_reals(out, p->reputation, n);
  civ_bytes_put_reals(out, p->resources, n);
  civ_bytes_put_reals(out, p->total_payoff, n);
  civ_bytes_put_reals(out, p->average_p_initiated, n);
  civ_bytes_put_reals(out, p->average_p_received, n);
  civ_bytes_put_u32s(out, p->initiated, n);
  civ_bytes_put_u32s(out, p->received, n);
  civ_bytes_put_u32s(out, p->accepted, n);
  civ_bytes_put_u32s(out, p->rejected, n);
  civ_bytes_put_u32s(out, p->freezes, n);
  civ_bytes_put_u64(out, p->freezes_total);
  civ_bytes_close(out);
  civ_bytes_open(out, "WTCH");
  civ_bytes_put_u32(out, (uint32_t)p->n_watches);
  for (size_t k = 0; k < p->n_watches; k++) {
    const watch_state *w = &p->watches[k];
    civ_bytes_put_u8(out, w->history);
    if (!w->history)
      continue;
    civ_bytes_put_u64s(out, w->entered, n);
    civ_bytes_put_u64(out, w->n_departures);
    for (size_t i = 0; i < w->n_departures; i++) {
      civ_bytes_put_u32(out, w->departures[i].x);
      civ_bytes_put_u64(out, w->departures[i].entered);
      civ_bytes_put_u64(out, w->departures[i].left);
    }
  }
  civ_bytes_close(out);
}

static civ_status load_watch(population *p, watch_state *w, civ_bytes_reader *in, civ_error *err)
{
  if ((civ_bytes_u8(in) != 0) != w->history)
    return civ_fail(err, CIV_E_FORMAT, "checkpoint", "its watches differ from those of this version");
  if (!w->history)
    return CIV_OK;
  civ_bytes_u64s(in, w->entered, p->view.n);
  const uint64_t n = civ_bytes_u64(in);
  if (n > civ_bytes_left(in) / 20)
    return civ_fail(err, CIV_E_FORMAT, "checkpoint", "a watch claims more departures than the file holds");
  w->n_departures = 0;
  if (civ_grow(p->allocator, (void **)&w->departures, &w->capacity, n, sizeof *w->departures) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "checkpoint", "out of memory while loading watches");
  for (uint64_t i = 0; i < n; i++) {
    w->departures[i].x = civ_bytes_u32(in);
    w->departures[i].entered = civ_bytes_u64(in);
    w->departures[i].left = civ_bytes_u64(in);
    if (w->departures[i].x >= p->view.n)
      return civ_fail(err, CIV_E_FORMAT, "checkpoint", "a watch names agent %u of %u", w->departures[i].x, p->view.n);
  }
  w->n_departures = n;
  return CIV_OK;
}

civ_status civ_population_load(population *p, civ_bytes_reader *in, civ_error *err)
{
  const size_t n = p->view.n;
  civ_status st = civ_bytes_enter(in, "POPU", err);
  if (st != CIV_OK)
    return st;
  if (civ_bytes_u32(in) != n)
    return civ_fail(err, CIV_E_FORMAT, "checkpoint", "it holds another number of agents");
  civ_bytes_block(in, p->frozen, n);
  civ_bytes_reals(in, p->reputation, n);
  civ_bytes_reals(in, p->resources, n);
  civ_bytes_reals(in, p->total_payoff, n);
  civ_bytes_reals(in, p->average_p_initiated, n);
  civ_bytes_reals(in, p->average_p_received, n);
  civ_bytes_u32s(in, p->initiated, n);
  civ_bytes_u32s(in, p->received, n);
  civ_bytes_u32s(in, p->accepted, n);
  civ_bytes_u32s(in, p->rejected, n);
  civ_bytes_u32s(in, p->freezes, n);
  p->freezes_total = civ_bytes_u64(in);
  st = civ_bytes_leave(in, err);
  if (st != CIV_OK)
    return st;
  /* Memberships follow from the state; histories of membership do not, and are read after it. */
  for (size_t i = 0; i < n; i++)
    p->frozen[i] = p->frozen[i] != 0;
  if (civ_population_reserve(p, n) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "checkpoint", "out of memory while loading watches");
  civ_population_refresh(p);
  st = civ_bytes_enter(in, "WTCH", err);
  if (st != CIV_OK)
    return st;
  if (civ_bytes_u32(in) != p->n_watches)
    return civ_fail(err, CIV_E_FORMAT, "checkpoint", "its watches differ from those of this version");
  for (size_t k = 0; k < p->n_watches; k++) {
    st = load_watch(p, &p->watches[k], in, err);
    if (st != CIV_OK)
      return st;
  }
  return civ_bytes_leave(in, err);
}
