#include "sim/proposals.h"

#include <string.h>

#include "base/bytes.h"
#include "base/digest.h"

civ_status civ_proposals_init(proposals *p, uint32_t agents, const civ_allocator *allocator)
{
  *p = (proposals){ .allocator = allocator, .agents = agents };
  p->head = civ_zeroed(allocator, agents, sizeof *p->head);
  p->tail = civ_zeroed(allocator, agents, sizeof *p->tail);
  if (agents && (!p->head || !p->tail)) {
    civ_proposals_fini(p);
    return CIV_E_NOMEM;
  }
  for (uint32_t a = 0; a < agents; a++)
    p->head[a] = p->tail[a] = CIV_NONE;
  return CIV_OK;
}

void civ_proposals_fini(proposals *p)
{
  const size_t c = p->capacity;
  if (!p->allocator)
    return;
  civ_release(p->allocator, p->items, c * sizeof *p->items);
  civ_release(p->allocator, p->next, c * sizeof *p->next);
  civ_release(p->allocator, p->prev, c * sizeof *p->prev);
  civ_release(p->allocator, p->open, c * sizeof *p->open);
  civ_drop(p->allocator, (void **)&p->texts, &p->texts_capacity, 1);
  civ_release(p->allocator, p->head, p->agents * sizeof *p->head);
  civ_release(p->allocator, p->tail, p->agents * sizeof *p->tail);
  *p = (proposals){ 0 };
}

/* Grows one column of the table from `old` to `wanted` rows; *column stays usable on failure. */
static bool grow_column(const civ_allocator *a, void **column, size_t old, size_t wanted, size_t size)
{
  void *grown = a->resize(a->ctx, *column, old * size, wanted * size);
  if (!grown && wanted)
    return false;
  *column = grown;
  return true;
}

civ_status civ_proposals_reserve(proposals *p, size_t more)
{
  const size_t need = p->n + more, old = p->capacity;
  if (need <= old)
    return CIV_OK;
  if (need >= CIV_NONE)
    return CIV_E_LIMIT;
  const size_t wanted = need > 2 * old ? need : 2 * old;
  /* A column that has grown while a later one failed keeps more rows than the table counts: shrink it back. */
  if (!grow_column(p->allocator, (void **)&p->items, old, wanted, sizeof *p->items))
    return CIV_E_NOMEM;
  if (!grow_column(p->allocator, (void **)&p->next, old, wanted, sizeof *p->next))
    goto undo_items;
  if (!grow_column(p->allocator, (void **)&p->prev, old, wanted, sizeof *p->prev))
    goto undo_next;
  if (!grow_column(p->allocator, (void **)&p->open, old, wanted, sizeof *p->open))
    goto undo_prev;
  p->capacity = wanted;
  return CIV_OK;
undo_prev:
  grow_column(p->allocator, (void **)&p->prev, wanted, old, sizeof *p->prev);
undo_next:
  grow_column(p->allocator, (void **)&p->next, wanted, old, sizeof *p->next);
undo_items:
  grow_column(p->allocator, (void **)&p->items, wanted, old, sizeof *p->items);
  return CIV_E_NOMEM;
}

static void enqueue(proposals *p, uint32_t index)
{
  const civ_agent to = p->items[index].counterparty;
  p->next[index] = CIV_NONE;
  p->prev[index] = p->tail[to];
  if (p->tail[to] == CIV_NONE)
    p->head[to] = index;
  else
    p->next[p->tail[to]] = index;
  p->tail[to] = index;
}

const civ_proposal *civ_proposals_add(proposals *p, const civ_proposal *proposal)
{
  const uint32_t index = p->n++;
  p->items[index] = *proposal;
  p->items[index].index = index;
  p->open[index] = 1;
  p->n_open++;
  enqueue(p, index);
  return &p->items[index];
}

void civ_proposals_close(proposals *p, uint32_t index)
{
  const civ_agent to = p->items[index].counterparty;
  const uint32_t next = p->next[index], prev = p->prev[index];
  if (prev == CIV_NONE)
    p->head[to] = next;
  else
    p->next[prev] = next;
  if (next == CIV_NONE)
    p->tail[to] = prev;
  else
    p->prev[next] = prev;
  p->open[index] = 0;
  p->n_open--;
}

void civ_proposals_compact(proposals *p)
{
  if (p->n_open == 0) {
    p->n = 0;
    return;
  }
  uint32_t kept = 0;
  for (uint32_t i = 0; i < p->n; i++) {
    if (!p->open[i])
      continue;
    const civ_agent to = p->items[i].counterparty;
    p->head[to] = p->tail[to] = CIV_NONE;
    p->items[kept] = p->items[i];
    p->items[kept].index = kept;
    p->open[kept] = 1;
    kept++;
  }
  p->n = kept;
  for (uint32_t i = 0; i < kept; i++)
    enqueue(p, i);
}

uint64_t civ_proposals_digest(const proposals *p, uint64_t seed)
{
  uint64_t d = seed;
  for (uint32_t i = 0; i < p->n; i++)
    if (p->open[i])
      d = civ_digest_mix(d, p->items[i].id, (uint64_t)p->items[i].initiator << 32 | p->items[i].counterparty);
  return d;
}

void civ_proposals_save(const proposals *p, civ_bytes *out)
{
  civ_bytes_open(out, "PROP");
  civ_bytes_put_u32(out, p->n);
  for (uint32_t i = 0; i < p->n; i++) {
    const civ_proposal *q = &p->items[i];
    civ_bytes_put_u64(out, q->id);
    civ_bytes_put_u32(out, q->initiator);
    civ_bytes_put_u32(out, q->counterparty);
    civ_bytes_put_u8(out, q->type);
    civ_bytes_put_u32(out, q->epoch);
    civ_bytes_put_u32(out, q->step);
    civ_bytes_put_u32(out, q->ordinal);
    civ_bytes_put_real(out, q->transfer);
    civ_bytes_put_real(out, q->claim);
    civ_bytes_put_real(out, q->conduct);
    civ_bytes_put_real(out, q->intent);
    civ_bytes_put_u32(out, q->content.length);
    civ_bytes_put_block(out, q->content.data, q->content.length);
  }
  civ_bytes_close(out);
}

/* Reads one proposal; its text goes behind the `used` characters of the texts kept so far. */
static civ_status load_one(proposals *p, civ_bytes_reader *in, size_t *used, civ_error *err)
{
  civ_proposal q = { 0 };
  q.id = civ_bytes_u64(in);
  q.initiator = civ_bytes_u32(in);
  q.counterparty = civ_bytes_u32(in);
  q.type = civ_bytes_u8(in);
  q.epoch = civ_bytes_u32(in);
  q.step = civ_bytes_u32(in);
  q.ordinal = civ_bytes_u32(in);
  q.transfer = civ_bytes_real(in);
  q.claim = civ_bytes_real(in);
  q.conduct = civ_bytes_real(in);
  q.intent = civ_bytes_real(in);
  q.content.length = civ_bytes_u32(in);
  if (q.initiator >= p->agents || q.counterparty >= p->agents || q.type >= CIV_INTERACTION_TYPES ||
      q.content.length > civ_bytes_left(in))
    return civ_fail(err, CIV_E_FORMAT, "checkpoint",
                    "an open proposal names an agent, type or text that does not exist");
  if (q.content.length) {
    q.content.data = p->texts + *used;
    civ_bytes_block(in, p->texts + *used, q.content.length);
    *used += q.content.length;
  }
  civ_proposals_add(p, &q);
  return CIV_OK;
}

civ_status civ_proposals_load(proposals *p, civ_bytes_reader *in, civ_error *err)
{
  civ_status st = civ_bytes_enter(in, "PROP", err);
  if (st != CIV_OK)
    return st;
  const uint32_t n = civ_bytes_u32(in);
  if (n > civ_bytes_left(in) / 65)
    return civ_fail(err, CIV_E_FORMAT, "checkpoint", "it claims %u open proposals, more than it holds", n);
  if (civ_proposals_reserve(p, n) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "checkpoint", "out of memory while loading proposals");
  /* Texts are shorter than what is left of the chunk, so this block holds all of them without moving. */
  if (civ_grow(p->allocator, (void **)&p->texts, &p->texts_capacity, civ_bytes_left(in), 1) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "checkpoint", "out of memory while loading proposals");
  size_t used = 0;
  for (uint32_t i = 0; i < n; i++) {
    st = load_one(p, in, &used, err);
    if (st != CIV_OK)
      return st;
  }
  return civ_bytes_leave(in, err);
}
