/* security_state.c - the history as bytes and back. */
#include "metric/security_inside.h"

static void save_top(const security_top *top, civ_bytes *out)
{
  civ_bytes_put_u64(out, top->count);
  civ_bytes_put_u64(out, top->n);
  for (size_t k = 0; k < top->n; k++) {
    const security_instant *i = &top->items[k];
    const double reals[] = { i->risk, i->severity, i->confidence, i->seconds };
    for (int r = 0; r < 4; r++)
      civ_bytes_put_real(out, reals[r]);
    civ_bytes_put_u64(out, i->id);
    civ_bytes_put_u64(out, i->sequence);
    civ_bytes_put_u32(out, i->source);
    civ_bytes_put_u32(out, i->target);
  }
}

static void save_actors(const civ_security *s, civ_bytes *out)
{
  for (uint32_t a = 0; a < s->agents; a++) {
    const security_actor *x = &s->actors[a];
    civ_bytes_put_real(out, x->direct);
    civ_bytes_put_real(out, x->influence);
    const uint32_t whole[] = { x->initiated, x->boosts,     x->extractions, x->influences,
                               x->victims,   x->first_note, x->last_note };
    for (int k = 0; k < 7; k++)
      civ_bytes_put_u32(out, whole[k]);
  }
  civ_bytes_put_u32(out, s->n_initiators);
  civ_bytes_put_u32s(out, s->initiators, s->n_initiators);
}

void civ_security_save(const civ_security *s, civ_bytes *out)
{
  civ_bytes_put_u32(out, s->agents);
  civ_bytes_put_u64(out, s->count);
  civ_bytes_put_u64(out, s->digest);
  civ_bytes_put_real(out, s->last_seconds);
  civ_bytes_put_u8(out, s->unsorted);
  civ_pairs_save(s->pairs, out);
  save_actors(s, out);
  civ_bytes_put_u64(out, s->n_notes);
  for (size_t k = 0; k < s->n_notes; k++) {
    civ_bytes_put_u64(out, s->notes[k].id);
    civ_bytes_put_u32(out, s->notes[k].next);
    civ_bytes_put_u32(out, s->notes[k].counterparty);
  }
  civ_bytes_put_u64(out, s->n_edges);
  for (size_t k = 0; k < s->n_edges; k++) {
    civ_bytes_put_u32(out, s->edges[k].from);
    civ_bytes_put_u32(out, s->edges[k].to);
  }
  civ_bytes_put_u64(out, s->n_lows);
  for (size_t k = 0; k < s->n_lows; k++) {
    civ_bytes_put_real(out, s->lows[k].seconds);
    civ_bytes_put_u64(out, s->lows[k].id);
    civ_bytes_put_u32(out, s->lows[k].initiator);
    civ_bytes_put_u32(out, s->lows[k].counterparty);
  }
  save_top(&s->injections, out);
  save_top(&s->exfiltrations, out);
}

/* --- back ------------------------------------------------------------------------------------------------------------------ */

/* A count of items of `bytes` each that are really there, and room for them. */
static civ_status take_count(const civ_security *s, civ_bytes_reader *in, size_t bytes, void **items, size_t *capacity,
                             size_t size, size_t *n)
{
  const uint64_t count = civ_bytes_u64(in);
  if (in->failed || count > civ_bytes_left(in) / bytes || count >= SECURITY_NONE)
    return CIV_E_FORMAT;
  *n = 0;
  const civ_status st = civ_grow(s->allocator, items, capacity, (size_t)count, size);
  *n = st == CIV_OK ? (size_t)count : 0;
  return st;
}

static civ_status load_top(const civ_security *s, security_top *top, civ_bytes_reader *in)
{
  const uint64_t count = civ_bytes_u64(in);
  size_t n;
  const civ_status st = take_count(s, in, 56, (void **)&top->items, &top->capacity, sizeof *top->items, &n);
  if (st != CIV_OK)
    return st;
  bool fits = n <= CIV_SECURITY_LIST && n <= count;
  for (size_t k = 0; fits && k < n; k++) {
    security_instant *i = &top->items[k];
    double *reals[] = { &i->risk, &i->severity, &i->confidence, &i->seconds };
    for (int r = 0; r < 4; r++)
      *reals[r] = civ_bytes_real(in);
    i->id = civ_bytes_u64(in);
    i->sequence = civ_bytes_u64(in);
    i->source = civ_bytes_u32(in);
    i->target = civ_bytes_u32(in);
    fits = !in->failed && i->source < s->agents && i->target < s->agents;
  }
  top->n = fits ? n : 0;
  top->count = count;
  return fits ? CIV_OK : CIV_E_FORMAT;
}

static bool is_note(uint32_t note, size_t n)
{
  return note == SECURITY_NONE || note < n;
}

static bool load_actors(civ_security *s, civ_bytes_reader *in)
{
  for (uint32_t a = 0; a < s->agents && !in->failed; a++) {
    security_actor *x = &s->actors[a];
    x->direct = civ_bytes_real(in);
    x->influence = civ_bytes_real(in);
    uint32_t *whole[] = { &x->initiated, &x->boosts,     &x->extractions, &x->influences,
                          &x->victims,   &x->first_note, &x->last_note };
    for (int k = 0; k < 7; k++)
      *whole[k] = civ_bytes_u32(in);
  }
  s->n_initiators = civ_bytes_u32(in);
  if (in->failed || s->n_initiators > s->agents || !civ_bytes_u32s(in, s->initiators, s->n_initiators))
    return false;
  for (uint32_t k = 0; k < s->n_initiators; k++)
    if (s->initiators[k] >= s->agents)
      return false;
  return true;
}

static civ_status load_notes(civ_security *s, civ_bytes_reader *in)
{
  const civ_status st = take_count(s, in, 16, (void **)&s->notes, &s->notes_capacity, sizeof *s->notes, &s->n_notes);
  bool fits = st == CIV_OK;
  for (size_t k = 0; fits && k < s->n_notes; k++) {
    s->notes[k].id = civ_bytes_u64(in);
    s->notes[k].next = civ_bytes_u32(in);
    s->notes[k].counterparty = civ_bytes_u32(in);
    /* lists lead onwards, so that they end */
    fits = !in->failed && is_note(s->notes[k].next, s->n_notes) && s->notes[k].next > k &&
           (s->notes[k].counterparty & ~SECURITY_ACCEPTED) < s->agents;
  }
  for (uint32_t a = 0; fits && a < s->agents; a++)
    fits = is_note(s->actors[a].first_note, s->n_notes) && is_note(s->actors[a].last_note, s->n_notes);
  return st != CIV_OK ? st : fits ? CIV_OK : CIV_E_FORMAT;
}

static civ_status load_edges(civ_security *s, civ_bytes_reader *in)
{
  civ_status st = take_count(s, in, 8, (void **)&s->edges, &s->edges_capacity, sizeof *s->edges, &s->n_edges);
  for (size_t k = 0; st == CIV_OK && k < s->n_edges; k++) {
    s->edges[k].from = civ_bytes_u32(in);
    s->edges[k].to = civ_bytes_u32(in);
    if (in->failed || s->edges[k].from >= s->agents || s->edges[k].to >= s->agents)
      st = CIV_E_FORMAT;
  }
  return st;
}

static civ_status load_lows(civ_security *s, civ_bytes_reader *in)
{
  civ_status st = take_count(s, in, 24, (void **)&s->lows, &s->lows_capacity, sizeof *s->lows, &s->n_lows);
  for (size_t k = 0; st == CIV_OK && k < s->n_lows; k++) {
    s->lows[k].seconds = civ_bytes_real(in);
    s->lows[k].id = civ_bytes_u64(in);
    s->lows[k].initiator = civ_bytes_u32(in);
    s->lows[k].counterparty = civ_bytes_u32(in);
    if (in->failed || s->lows[k].initiator >= s->agents || s->lows[k].counterparty >= s->agents)
      st = CIV_E_FORMAT;
  }
  return st;
}

civ_status civ_security_load(civ_security *s, civ_bytes_reader *in, civ_error *err)
{
  if (civ_bytes_u32(in) != s->agents || in->failed)
    return civ_fail(err, CIV_E_FORMAT, "security", "the checkpoint is not of a run of %u agents", s->agents);
  s->reserved = 0;
  s->count = civ_bytes_u64(in);
  s->digest = civ_bytes_u64(in);
  s->last_seconds = civ_bytes_real(in);
  s->unsorted = civ_bytes_u8(in) != 0;
  civ_status st = civ_pairs_load(s->pairs, in, err);
  if (st != CIV_OK)
    return st;
  st = load_actors(s, in) ? load_notes(s, in) : CIV_E_FORMAT;
  if (st == CIV_OK)
    st = load_edges(s, in);
  if (st == CIV_OK)
    st = load_lows(s, in);
  if (st == CIV_OK)
    st = load_top(s, &s->injections, in);
  if (st == CIV_OK)
    st = load_top(s, &s->exfiltrations, in);
  if (st == CIV_OK)
    return CIV_OK;
  return civ_fail(err, st, "security",
                  st == CIV_E_FORMAT ? "the history in the checkpoint is broken" : "out of memory for the history");
}
