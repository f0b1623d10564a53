/* The fold: one record per pair that met, found through an index of pairs; nothing is kept of single interactions. */
#include "metric/collusion.h"

#include <math.h>
#include <string.h>

#include "base/digest.h"
#include "metric/collusion_inside.h"

civ_collusion_params civ_collusion_defaults(void)
{
  return (civ_collusion_params){ .frequency_threshold = 2,
                                 .correlation_threshold = 0.7,
                                 .score_threshold = 0.5,
                                 .min_interactions = 3,
                                 .window_seconds = 60,
                                 .vote_alignment = 0.8 };
}

/* --- making and taking down ---------------------------------------------------------------------------------------------- */

void civ_collusion_destroy(civ_collusion *c)
{
  if (c == NULL)
    return;
  const civ_allocator *a = c->allocator;
  civ_pairs_destroy(c->index);
  civ_idsets_destroy(c->votes);
  civ_drop(a, (void **)&c->pairs, &c->room_pairs, sizeof *c->pairs);
  civ_drop(a, (void **)&c->recent, &c->room_recent, sizeof *c->recent);
  civ_release(a, c->people, ((size_t)c->agents + 1) * sizeof *c->people);
  civ_release(a, c->components, ((size_t)c->agents + 1) * sizeof *c->components);
  civ_release(a, c, sizeof *c);
}

civ_status civ_collusion_create(const civ_collusion_params *params, uint32_t agents, uint32_t listed, bool votes,
                                const civ_allocator *allocator, civ_collusion **out, civ_error *err)
{
  civ_collusion *c = civ_zeroed(allocator, 1, sizeof *c);
  if (c == NULL)
    return civ_fail(err, CIV_E_NOMEM, "collusion", "out of memory");
  c->allocator = allocator;
  c->params = *params;
  c->agents = agents;
  c->listed = listed;
  c->index = civ_pairs_create_bare(agents, allocator);
  c->people = civ_zeroed(allocator, (size_t)agents + 1, sizeof *c->people);
  c->components = civ_zeroed(allocator, (size_t)agents + 1, sizeof *c->components);
  c->votes = votes ? civ_idsets_create(agents, allocator) : NULL;
  if (c->index == NULL || c->people == NULL || c->components == NULL || (votes && c->votes == NULL)) {
    civ_collusion_destroy(c);
    return civ_fail(err, CIV_E_NOMEM, "collusion", "out of memory for the records of %u agents", agents);
  }
  *out = c;
  return CIV_OK;
}

/* --- taking in ----------------------------------------------------------------------------------------------------------- */

/* Whether an event is ever out of another's window. Where none is, none need be remembered. */
static bool expires(const civ_collusion *c)
{
  return isfinite(c->params.window_seconds);
}

/* Events that no later one can be near to make way. */
static void close_up(civ_collusion *c)
{
  if (c->first_recent == 0)
    return;
  memmove(c->recent, c->recent + c->first_recent, (c->n_recent - c->first_recent) * sizeof *c->recent);
  c->n_recent -= c->first_recent;
  c->first_recent = 0;
}

civ_status civ_collusion_reserve(civ_collusion *c, size_t interactions)
{
  civ_status status = civ_pairs_reserve(c->index, interactions);
  if (status == CIV_OK)
    status = civ_grow(c->allocator, (void **)&c->pairs, &c->room_pairs, c->n_pairs + interactions, sizeof *c->pairs);
  if (status == CIV_OK && expires(c) && c->n_recent + 2 * interactions > c->room_recent) {
    close_up(c);
    status =
        civ_grow(c->allocator, (void **)&c->recent, &c->room_recent, c->n_recent + 2 * interactions, sizeof *c->recent);
  }
  if (status == CIV_OK && c->votes != NULL)
    status = civ_idsets_reserve(c->votes);
  return status;
}

static pair_record *record_of(civ_collusion *c, civ_agent x, civ_agent y)
{
  const uint32_t low = x < y ? x : y, high = x < y ? y : x;
  civ_pair *entry = civ_pairs_touch(c->index, low, high);
  if (entry->count == 0) {
    c->pairs[c->n_pairs] = (pair_record){ .low = low, .high = high };
    entry->count = (uint32_t)++c->n_pairs;
  }
  return &c->pairs[entry->count - 1];
}

static void add_benefits(pair_record *r, double low, double high)
{
  const double d_low = low - r->mean_low, d_high = high - r->mean_high;
  r->mean_low += d_low / r->n;
  r->mean_high += d_high / r->n;
  r->m2_low += d_low * (low - r->mean_low);
  r->m2_high += d_high * (high - r->mean_high);
  r->co += d_low * (high - r->mean_high);
}

static void add_gap(pair_record *r, double seconds)
{
  if (r->n > 1) {
    const double gap = seconds - r->last, d = gap - r->gap_mean;
    r->gap_mean += d / (r->n - 1);
    r->gap_m2 += d * (gap - r->gap_mean);
  }
  r->last = seconds;
}

static void add_event(civ_collusion *c, civ_agent a, double p, double seconds)
{
  agent_record *agent = &c->people[a];
  agent->near += 2 * (uint64_t)(agent->n - agent->expired) + 1;
  agent->n++;
  agent->p += p;
  if (expires(c))
    c->recent[c->n_recent++] = (recent_event){ .seconds = seconds, .agent = a };
}

static void let_expire(civ_collusion *c, double now)
{
  while (c->first_recent < c->n_recent && now - c->recent[c->first_recent].seconds > c->params.window_seconds)
    c->people[c->recent[c->first_recent++].agent].expired++;
}

void civ_collusion_add(civ_collusion *c, const civ_interaction *i, double seconds)
{
  const bool from_low = i->initiator <= i->counterparty;
  const double costs_a = c->params.transfer_only ? 0 : i->c_a, costs_b = c->params.transfer_only ? 0 : i->c_b;
  const double initiator = 0.0 - i->tau - costs_a, counterparty = i->tau - costs_b;
  pair_record *r = record_of(c, i->initiator, i->counterparty);
  c->interactions++;
  c->squares += 2 * (uint64_t)r->n + 1;
  r->n++;
  r->accepted += i->accepted;
  r->from_low += from_low;
  *(from_low ? &r->p_low : &r->p_high) += i->p;
  add_benefits(r, from_low ? initiator : counterparty, from_low ? counterparty : initiator);
  add_gap(r, seconds);
  let_expire(c, seconds);
  add_event(c, i->initiator, i->p, seconds);
  add_event(c, i->counterparty, i->p, seconds);
  uint64_t words[3];
  memcpy(words, (const double[]){ i->p, initiator, counterparty }, sizeof words);
  c->digest = civ_digest_mix(c->digest, (uint64_t)i->initiator << 32 | i->counterparty, words[0] ^ i->accepted);
  c->digest = civ_digest_mix(c->digest, words[1], words[2]);
}

void civ_collusion_vote(civ_collusion *c, civ_agent voter, uint32_t target, bool up)
{
  if (c->votes == NULL)
    return;
  civ_idsets_put(c->votes, voter, target, up);
  c->digest = civ_digest_mix(c->digest, (uint64_t)voter << 32 | target, up);
}

void civ_collusion_clear(civ_collusion *c)
{
  civ_pairs_clear(c->index);
  c->n_pairs = c->first_recent = c->n_recent = 0;
  c->interactions = c->squares = 0;
  memset(c->people, 0, ((size_t)c->agents + 1) * sizeof *c->people);
  if (c->votes != NULL)
    civ_idsets_clear(c->votes);
  c->digest = civ_digest_mix(c->digest, UINT64_MAX, 0);
}

uint64_t civ_collusion_interactions(const civ_collusion *c)
{
  return c->interactions;
}

uint64_t civ_collusion_digest(const civ_collusion *c)
{
  return civ_digest_mix(c->digest, c->interactions, c->n_pairs);
}
