/* security.c - the history: what is kept of each interaction. */
#include "metric/security.h"

#include <string.h>

#include "base/bits.h"
#include "base/digest.h"
#include "metric/security_inside.h"

const char *const civ_threat_names[CIV_THREAT_TYPES + 1] = {
  "prompt_injection", "exfiltration", "cross_agent_manipulation", "information_laundering", "contagion", "unknown"
};

static void clear_actors(civ_security *s)
{
  memset(s->actors, 0, s->agents * sizeof *s->actors);
  for (uint32_t a = 0; a < s->agents; a++)
    s->actors[a].first_note = s->actors[a].last_note = SECURITY_NONE;
}

civ_status civ_security_create(const civ_security_rules *rules, uint32_t agents, uint32_t listed,
                               const civ_allocator *allocator, civ_security **out, civ_error *err)
{
  civ_security *s = civ_zeroed(allocator, 1, sizeof *s);
  if (s != NULL) {
    s->rules = *rules;
    s->allocator = allocator;
    s->agents = agents;
    s->listed = listed;
    s->pairs = civ_pairs_create_bare(agents, allocator);
    s->actors = civ_zeroed(allocator, (size_t)agents + 1, sizeof *s->actors);
    s->initiators = civ_zeroed(allocator, (size_t)agents + 1, sizeof *s->initiators);
  }
  if (s == NULL || s->pairs == NULL || s->actors == NULL || s->initiators == NULL) {
    civ_security_destroy(s);
    return civ_fail(err, CIV_E_NOMEM, "security", "out of memory for the history of %u agents", agents);
  }
  clear_actors(s);
  *out = s;
  return CIV_OK;
}

void civ_security_destroy(civ_security *s)
{
  if (s == NULL)
    return;
  const civ_allocator *a = s->allocator;
  if (s->pairs != NULL)
    civ_pairs_destroy(s->pairs);
  civ_release(a, s->actors, ((size_t)s->agents + 1) * sizeof *s->actors);
  civ_release(a, s->initiators, ((size_t)s->agents + 1) * sizeof *s->initiators);
  civ_drop(a, (void **)&s->notes, &s->notes_capacity, sizeof *s->notes);
  civ_drop(a, (void **)&s->edges, &s->edges_capacity, sizeof *s->edges);
  civ_drop(a, (void **)&s->lows, &s->lows_capacity, sizeof *s->lows);
  civ_drop(a, (void **)&s->injections.items, &s->injections.capacity, sizeof *s->injections.items);
  civ_drop(a, (void **)&s->exfiltrations.items, &s->exfiltrations.capacity, sizeof *s->exfiltrations.items);
  civ_release(a, s, sizeof *s);
}

static civ_status reserve_top(const civ_allocator *a, security_top *top, size_t more)
{
  const size_t need = more < CIV_SECURITY_LIST - top->n ? top->n + more : CIV_SECURITY_LIST;
  return civ_grow(a, (void **)&top->items, &top->capacity, need, sizeof *top->items);
}

civ_status civ_security_reserve(civ_security *s, size_t more)
{
  const civ_allocator *a = s->allocator;
  if (more > SECURITY_NONE - s->n_notes)
    return CIV_E_LIMIT;
  civ_status st = civ_pairs_reserve(s->pairs, more);
  if (st == CIV_OK)
    st = civ_grow(a, (void **)&s->notes, &s->notes_capacity, s->n_notes + more, sizeof *s->notes);
  if (st == CIV_OK)
    st = civ_grow(a, (void **)&s->edges, &s->edges_capacity, s->n_edges + more, sizeof *s->edges);
  if (st == CIV_OK)
    st = civ_grow(a, (void **)&s->lows, &s->lows_capacity, s->n_lows + more, sizeof *s->lows);
  if (st == CIV_OK)
    st = reserve_top(a, &s->injections, more);
  if (st == CIV_OK)
    st = reserve_top(a, &s->exfiltrations, more);
  s->reserved = st == CIV_OK ? more : 0;
  return st;
}

/* --- one interaction ------------------------------------------------------------------------------------------------------ */

/* Interactions with one counterparty influence it as a series: from the third on those with p < 0.5 count, the earlier ones
 * too. */
static void note_manipulation(security_actor *a, civ_pair *pair, const civ_interaction *r)
{
  const bool boost = r->accepted && r->p < 0.4 && r->r_a > 0;
  const bool extraction = r->accepted && r->tau < -1 && r->p < 0.5;
  const bool was_victim = (pair->extra & SECURITY_HARMED) != 0;
  a->boosts += boost;
  a->extractions += extraction;
  pair->value += r->p < 0.5;
  if (pair->count == 3)
    a->influences += (uint32_t)pair->value;
  else if (pair->count > 3)
    a->influences += r->p < 0.5;
  if (!was_victim && (boost || extraction || (pair->count >= 3 && pair->value > 0))) {
    pair->extra |= SECURITY_HARMED;
    a->victims++;
  }
}

static void keep_evidence(civ_security *s, security_actor *a, const civ_pair *pair, const civ_interaction *r)
{
  const uint32_t accepted = pair->extra & ~SECURITY_HARMED;
  if ((r->accepted ? accepted : pair->count - accepted) > s->rules.evidence)
    return;
  const uint32_t at = (uint32_t)s->n_notes++;
  s->notes[at] = (security_note){ .id = r->id,
                                  .next = SECURITY_NONE,
                                  .counterparty = r->counterparty | (r->accepted ? SECURITY_ACCEPTED : 0) };
  if (a->last_note == SECURITY_NONE)
    a->first_note = at;
  else
    s->notes[a->last_note].next = at;
  a->last_note = at;
}

static void note_pair(civ_security *s, const civ_interaction *r)
{
  security_actor *a = &s->actors[r->initiator];
  civ_pair *pair = civ_pairs_touch(s->pairs, r->initiator, r->counterparty);
  pair->count++;
  if (r->accepted) {
    if ((pair->extra & ~SECURITY_HARMED) == 0)
      s->edges[s->n_edges++] = (security_edge){ r->initiator, r->counterparty };
    pair->extra++;
  }
  if (a->initiated++ == 0)
    s->initiators[s->n_initiators++] = r->initiator;
  a->influence += r->r_a;
  note_manipulation(a, pair, r);
  keep_evidence(s, a, pair, r);
}

civ_status civ_security_note(civ_security *s, const civ_interaction *r, double seconds)
{
  if (r->initiator >= s->agents || r->counterparty >= s->agents)
    return CIV_E_RANGE;
  const civ_status st = s->reserved > 0 ? CIV_OK : civ_security_reserve(s, 1);
  if (st != CIV_OK)
    return st;
  s->reserved--;
  s->unsorted |= s->count > 0 && seconds < s->last_seconds;
  s->last_seconds = seconds;
  s->count++;
  civ_security_note_instants(s, r, seconds);
  note_pair(s, r);
  if (r->accepted && r->p < 0.3)
    s->lows[s->n_lows++] = (security_low){ seconds, r->id, r->initiator, r->counterparty };
  s->digest = civ_digest_mix(s->digest, r->id << 1 | r->accepted, (uint64_t)r->initiator << 32 | r->counterparty);
  s->digest = civ_digest_mix(s->digest, civ_real_bits(r->p), civ_real_bits(seconds));
  return CIV_OK;
}

uint64_t civ_security_count(const civ_security *s)
{
  return s->count;
}

uint64_t civ_security_digest(const civ_security *s)
{
  return civ_digest_mix(s->digest, s->count, s->n_edges);
}

void civ_security_clear(civ_security *s)
{
  civ_pairs_clear(s->pairs);
  clear_actors(s);
  s->n_initiators = 0;
  s->n_notes = s->n_edges = s->n_lows = 0;
  s->injections.n = s->exfiltrations.n = 0;
  s->injections.count = s->exfiltrations.count = 0;
  s->count = 0;
  s->unsorted = false;
}
