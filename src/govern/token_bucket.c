/* Token bucket: each agent starts with a full bucket, gets some tokens before every step and pays one for each success. */
#include "base/bytes.h"
#include "base/memory.h"
#include "civitas/config.h"
#include "govern/credit.h"
#include "govern/levers.h"

/* What an agent had after it last paid; what it has now follows from the steps since. */
typedef struct bucket {
  civ_credit tokens;
  uint64_t step;
} bucket;

typedef struct token_bucket {
  civ_host *host;
  bucket *buckets;
  uint32_t agents;
  civ_credit capacity, refill, price;
  uint64_t step; /* refills so far */
} token_bucket;

static bool wanted(const civ_host *host)
{
  const civ_safety_config *safety = host->call->section(host, "safety");
  return safety != NULL && safety->token_bucket_capacity.set;
}

static void destroy(void *self)
{
  token_bucket *l = self;
  if (l == NULL)
    return;
  const civ_allocator *a = l->host->call->allocator(l->host);
  civ_release(a, l->buckets, ((size_t)l->agents + 1) * sizeof *l->buckets);
  civ_release(a, l, sizeof *l);
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  const civ_safety_config *safety = host->call->section(host, "safety");
  const civ_allocator *allocator = host->call->allocator(host);
  token_bucket *l = civ_zeroed(allocator, 1, sizeof *l);
  if (l == NULL)
    return civ_fail(err, CIV_E_NOMEM, "token_bucket", "out of memory");
  l->host = host;
  l->agents = host->call->population(host)->n;
  l->capacity = civ_credit_of(safety->token_bucket_capacity.value);
  l->refill = civ_credit_of(safety->token_bucket_refill);
  l->price = civ_credit_of(1);
  l->buckets = civ_zeroed(allocator, (size_t)l->agents + 1, sizeof *l->buckets);
  if (l->buckets == NULL) {
    destroy(l);
    return civ_fail(err, CIV_E_NOMEM, "token_bucket", "out of memory for the buckets of %u agents",
                    host->call->population(host)->n);
  }
  for (uint32_t a = 0; a < l->agents; a++)
    l->buckets[a].tokens = l->capacity;
  *self = l;
  return CIV_OK;
}

static civ_credit tokens_of(const token_bucket *l, civ_agent a)
{
  const bucket *b = &l->buckets[a];
  const civ_credit missing = l->capacity - b->tokens;
  const uint64_t steps = l->step - b->step;
  if (l->refill == 0 || steps == 0)
    return b->tokens;
  return steps > (uint64_t)(missing / l->refill) ? l->capacity : b->tokens + (civ_credit)steps * l->refill;
}

static bool is_free(const civ_action *action)
{
  return action->kind == CIV_ACTION_NOOP || action->kind == CIV_ACTION_ACCEPT || action->kind == CIV_ACTION_REJECT;
}

static const char *admits_action(void *self, civ_agent a, const civ_action *action)
{
  const token_bucket *l = self;
  return is_free(action) || tokens_of(l, a) >= l->price ? NULL : "token_bucket";
}

static void charge(void *self, civ_agent a, const civ_action *action)
{
  token_bucket *l = self;
  if (is_free(action))
    return;
  l->buckets[a].tokens = tokens_of(l, a) - l->price;
  l->buckets[a].step = l->step;
}

static void step_begin(void *self)
{
  token_bucket *l = self;
  l->step++;
}

static civ_status save(void *self, civ_bytes *out)
{
  const token_bucket *l = self;
  civ_bytes_put_u64(out, l->step);
  for (uint32_t a = 0; a < l->agents; a++) {
    civ_bytes_put_u64(out, (uint64_t)l->buckets[a].tokens);
    civ_bytes_put_u64(out, l->buckets[a].step);
  }
  return CIV_OK;
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  token_bucket *l = self;
  if (civ_bytes_left(in) != 8 + 16 * (size_t)l->agents)
    return civ_fail(err, CIV_E_FORMAT, "token_bucket", "the checkpoint is not of a run of %u agents", l->agents);
  l->step = civ_bytes_u64(in);
  for (uint32_t a = 0; a < l->agents; a++) {
    const civ_credit tokens = (civ_credit)civ_bytes_u64(in);
    l->buckets[a].tokens = tokens < 0 || tokens > l->capacity ? l->capacity : tokens;
    l->buckets[a].step = civ_bytes_u64(in);
  }
  return CIV_OK;
}

const civ_lever civ_lever_token_bucket = {
  .version = CIV_PART_VERSION,
  .name = "token_bucket",
  .doc = "Lets an agent act in bursts, but no faster in the long run than its bucket fills.",
  .wanted = wanted,
  .create = create,
  .destroy = destroy,
  .admits_action = admits_action,
  .charge = charge,
  .step_begin = step_begin,
  .save = save,
  .load = load,
};
