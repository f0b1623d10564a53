#include "world/boundary_rate.h"

static const double window_s = 60;

civ_status civ_rate_init(civ_rate_limiter *r, int64_t max_crossings, int64_t max_bytes, uint32_t keys,
                         const civ_allocator *allocator)
{
  *r = (civ_rate_limiter){
    .allocator = allocator, .max_crossings = max_crossings, .max_bytes = max_bytes, .keys = keys
  };
  r->count = civ_zeroed(allocator, (size_t)keys + 1, sizeof *r->count);
  r->bytes = civ_zeroed(allocator, (size_t)keys + 1, sizeof *r->bytes);
  return r->count != NULL && r->bytes != NULL ? CIV_OK : CIV_E_NOMEM;
}

void civ_rate_fini(civ_rate_limiter *r)
{
  if (r->allocator == NULL)
    return;
  civ_release(r->allocator, r->count, ((size_t)r->keys + 1) * sizeof *r->count);
  civ_release(r->allocator, r->bytes, ((size_t)r->keys + 1) * sizeof *r->bytes);
  civ_release(r->allocator, r->queue, r->room * sizeof *r->queue);
  *r = (civ_rate_limiter){ 0 };
}

civ_status civ_rate_reserve(civ_rate_limiter *r, size_t more)
{
  if (r->n + more <= r->room)
    return CIV_OK;
  size_t room = r->room * 2 > 64 ? r->room * 2 : 64;
  room = room < r->n + more ? r->n + more : room;
  civ_crossed *queue = civ_zeroed(r->allocator, room, sizeof *queue);
  if (queue == NULL)
    return CIV_E_NOMEM;
  for (size_t k = 0; k < r->n; k++)
    queue[k] = r->queue[(r->head + k) % r->room];
  civ_release(r->allocator, r->queue, r->room * sizeof *r->queue);
  r->queue = queue;
  r->room = room;
  r->head = 0;
  return CIV_OK;
}

static void forget(civ_rate_limiter *r, double now_s)
{
  while (r->n > 0) {
    const civ_crossed *oldest = &r->queue[r->head];
    if (oldest->at_s > now_s - window_s)
      return;
    r->count[oldest->key]--;
    r->bytes[oldest->key] -= oldest->bytes;
    r->head = r->head + 1 == r->room ? 0 : r->head + 1;
    r->n--;
  }
}

static void push(civ_rate_limiter *r, const civ_crossed *crossed)
{
  r->queue[(r->head + r->n++) % r->room] = *crossed;
  r->count[crossed->key]++;
  r->bytes[crossed->key] += crossed->bytes;
}

civ_boundary_code civ_rate_ask(civ_rate_limiter *r, uint32_t key, double now_s, uint64_t bytes)
{
  forget(r, now_s);
  if (r->count[key] >= r->max_crossings)
    return CIV_BOUNDARY_RATE_LIMIT;
  if (r->bytes[key] + bytes > (uint64_t)r->max_bytes)
    return CIV_BOUNDARY_BANDWIDTH;
  if (r->n == r->room && civ_rate_reserve(r, 1) != CIV_OK) /* a caller that has reserved never comes here */
    return CIV_BOUNDARY_RATE_LIMIT;
  push(r, &(civ_crossed){ now_s, bytes, key });
  return CIV_BOUNDARY_ALLOWED;
}

void civ_rate_save(const civ_rate_limiter *r, civ_bytes *out)
{
  civ_bytes_put_u64(out, r->n);
  for (size_t k = 0; k < r->n; k++) {
    const civ_crossed *c = &r->queue[(r->head + k) % r->room];
    civ_bytes_put_real(out, c->at_s);
    civ_bytes_put_u64(out, c->bytes);
    civ_bytes_put_u32(out, c->key);
  }
}

civ_status civ_rate_load(civ_rate_limiter *r, civ_bytes_reader *in, civ_error *err)
{
  const uint64_t n = civ_bytes_u64(in);
  enum { ENTRY_BYTES = 20 };
  if (n > civ_bytes_left(in) / ENTRY_BYTES)
    return civ_fail(err, CIV_E_FORMAT, "boundaries", "the checkpoint's rate limits are cut off");
  if (civ_rate_reserve(r, (size_t)n) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "boundaries", "out of memory for rate limits");
  for (uint64_t k = 0; k < n; k++) {
    civ_crossed c = { .at_s = civ_bytes_real(in) };
    c.bytes = civ_bytes_u64(in);
    c.key = civ_bytes_u32(in);
    if (c.key >= r->keys)
      return civ_fail(err, CIV_E_FORMAT, "boundaries", "the checkpoint's rate limits name an agent that is not there");
    push(r, &c);
  }
  return CIV_OK;
}
