#include "base/pairs.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Entries are named by their number in order of first meeting, from 1; links, chains and slots hold it, 0 = none. */
typedef struct node {
  civ_pair pair;
  uint32_t older; /* the owner's meeting before */
  uint32_t child; /* first child in the heap */
  uint32_t next;  /* sibling to the right */
  uint32_t prev;  /* sibling to the left; of a first child, its parent; of a root, 0 */
} node;

/* What an entry takes without a heap. */
typedef struct plain_node {
  civ_pair pair;
  uint32_t older;
} plain_node;

typedef struct owner_heads {
  uint32_t newest, root;
} owner_heads;

struct civ_pairs {
  const civ_allocator *allocator;
  double (*score)(const civ_pair *pair);
  uint32_t owners;
  uint32_t slot_mask; /* number of slots - 1 */
  owner_heads *heads;
  uint8_t *entries; /* one array, so that comparing and linking an entry touch one place; nodes, or plain ones */
  size_t stride, count, room;
  /* Open addressing, linear probing, a power of two. What the mask leaves of a slot holds bits of the hash, so that the
   * entries of strangers need not be looked at. */
  uint32_t *slots;
};

enum { FEWEST_SLOTS = 16 };

static uint64_t hash(uint32_t owner, uint32_t other)
{
  uint64_t x = (uint64_t)owner << 32 | other; /* finalizer of SplitMix64 (Steele, Lea, Flood 2014) */
  x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
  x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
  return x ^ x >> 31;
}

static node *node_at(const civ_pairs *p, uint32_t entry)
{
  return (node *)(void *)(p->entries + (size_t)(entry - 1) * p->stride);
}

static uint32_t entry_of(const civ_pairs *p, const civ_pair *pair)
{
  return (uint32_t)((size_t)((const uint8_t *)pair - p->entries) / p->stride) + 1;
}

static size_t slot_count(const civ_pairs *p)
{
  return (size_t)p->slot_mask + 1;
}

/* heads: owners have a list of their entries, and with a score a best one. */
static civ_pairs *create(uint32_t owners, double (*score)(const civ_pair *pair), bool heads,
                         const civ_allocator *allocator)
{
  civ_pairs *p = civ_zeroed(allocator, 1, sizeof *p);
  if (p == NULL)
    return NULL;
  p->allocator = allocator;
  p->owners = owners;
  p->score = score;
  p->stride = !heads ? sizeof(civ_pair) : score != NULL ? sizeof(node) : sizeof(plain_node);
  p->slot_mask = FEWEST_SLOTS - 1;
  p->heads = heads ? civ_zeroed(allocator, (size_t)owners + 1, sizeof *p->heads) : NULL;
  p->slots = civ_zeroed(allocator, FEWEST_SLOTS, sizeof *p->slots);
  if ((heads && p->heads == NULL) || p->slots == NULL) {
    civ_pairs_destroy(p);
    return NULL;
  }
  return p;
}

civ_pairs *civ_pairs_create(uint32_t owners, double (*score)(const civ_pair *pair), const civ_allocator *allocator)
{
  return create(owners, score, true, allocator);
}

civ_pairs *civ_pairs_create_bare(uint32_t owners, const civ_allocator *allocator)
{
  return create(owners, NULL, false, allocator);
}

void civ_pairs_destroy(civ_pairs *p)
{
  if (p == NULL)
    return;
  const civ_allocator *a = p->allocator;
  if (p->heads != NULL)
    civ_release(a, p->heads, ((size_t)p->owners + 1) * sizeof *p->heads);
  civ_release(a, p->entries, p->room * p->stride);
  civ_release(a, p->slots, slot_count(p) * sizeof *p->slots);
  civ_release(a, p, sizeof *p);
}

/* The slot of (owner, other), or the empty one where it would go; *mark is what it holds beside the entry's number. */
static uint32_t *find(const civ_pairs *p, uint32_t owner, uint32_t other, uint32_t *mark)
{
  const uint64_t h = hash(owner, other);
  const uint32_t mask = p->slot_mask;
  *mark = (uint32_t)(h >> 32) & ~mask;
  for (uint32_t i = (uint32_t)h & mask;; i = (i + 1) & mask) {
    uint32_t *slot = &p->slots[i];
    if (*slot == 0)
      return slot;
    if ((*slot & ~mask) != *mark)
      continue;
    const civ_pair *pair = &node_at(p, *slot & mask)->pair;
    if (pair->owner == owner && pair->other == other)
      return slot;
  }
}

/* Entries that n slots take: 7 of 10, so that numbers fit beside the mark and searches end soon. */
static size_t load_of(size_t n)
{
  return n / 10 * 7;
}

static civ_status widen(civ_pairs *p, size_t need)
{
  size_t n = slot_count(p);
  while (load_of(n) < need)
    n *= 2;
  if (n == slot_count(p))
    return CIV_OK;
  uint32_t *slots = civ_zeroed(p->allocator, n, sizeof *slots);
  if (slots == NULL)
    return CIV_E_NOMEM;
  civ_release(p->allocator, p->slots, slot_count(p) * sizeof *p->slots);
  p->slots = slots;
  p->slot_mask = (uint32_t)(n - 1);
  for (uint32_t entry = 1; entry <= p->count; entry++) {
    const civ_pair *pair = &node_at(p, entry)->pair;
    uint32_t mark;
    uint32_t *slot = find(p, pair->owner, pair->other, &mark);
    *slot = mark | entry;
  }
  return CIV_OK;
}

civ_status civ_pairs_reserve(civ_pairs *p, size_t more)
{
  if (more > load_of((size_t)1 << 32) - p->count)
    return CIV_E_LIMIT;
  void *entries = p->entries;
  const civ_status status = civ_grow(p->allocator, &entries, &p->room, p->count + more, p->stride);
  p->entries = entries;
  return status == CIV_OK ? widen(p, p->count + more) : status;
}

const civ_pair *civ_pairs_get(const civ_pairs *p, uint32_t owner, uint32_t other)
{
  uint32_t mark;
  const uint32_t slot = *find(p, owner, other, &mark);
  return slot == 0 ? NULL : &node_at(p, slot & p->slot_mask)->pair;
}

void civ_pairs_prefetch(const civ_pairs *p, uint32_t owner, uint32_t other)
{
  __builtin_prefetch(&p->slots[(uint32_t)hash(owner, other) & p->slot_mask]);
  if (p->heads != NULL)
    __builtin_prefetch(&p->heads[owner]);
}

void civ_pairs_prefetch_best(const civ_pairs *p, uint32_t owner)
{
  const uint32_t root = p->heads != NULL ? p->heads[owner].root : 0;
  if (root != 0)
    __builtin_prefetch(node_at(p, root));
}

void civ_pairs_prefetch_entry(const civ_pairs *p, uint32_t owner, uint32_t other)
{
  const uint32_t slot = p->slots[(uint32_t)hash(owner, other) & p->slot_mask];
  if (slot != 0)
    __builtin_prefetch(node_at(p, slot & p->slot_mask));
  civ_pairs_prefetch_best(p, owner);
}

static bool ahead(const civ_pairs *p, const node *x, const node *y)
{
  const double sx = p->score(&x->pair), sy = p->score(&y->pair);
  return sx != sy ? sx > sy : x->pair.other < y->pair.other;
}

/* Joins two trees whose roots have no siblings; returns the root. */
static uint32_t meld(civ_pairs *p, uint32_t a, uint32_t b)
{
  if (a == 0 || b == 0)
    return a + b;
  node *top = node_at(p, a), *below = node_at(p, b);
  uint32_t root = a, child = b;
  if (ahead(p, below, top)) {
    node *t = top;
    top = below;
    below = t;
    root = b;
    child = a;
  }
  below->next = top->child;
  below->prev = root;
  if (top->child != 0)
    node_at(p, top->child)->prev = child;
  top->child = child;
  return root;
}

/* Takes the first tree off a list of siblings. */
static uint32_t take_first(civ_pairs *p, uint32_t *list)
{
  const uint32_t first = *list;
  if (first != 0) {
    node *x = node_at(p, first);
    *list = x->next;
    x->next = x->prev = 0;
  }
  return first;
}

/* One tree of a list of siblings: pairs from left to right, then the pairs from right to left. */
static uint32_t meld_all(civ_pairs *p, uint32_t list)
{
  uint32_t melded = 0;
  while (list != 0) {
    const uint32_t first = take_first(p, &list), second = take_first(p, &list);
    const uint32_t tree = meld(p, first, second);
    node_at(p, tree)->next = melded;
    melded = tree;
  }
  uint32_t root = 0;
  while (melded != 0) {
    const uint32_t tree = take_first(p, &melded);
    root = meld(p, root, tree);
  }
  return root;
}

/* Takes one entry out of its owner's heap; its children stay. */
static void cut(civ_pairs *p, uint32_t *root, uint32_t entry)
{
  node *x = node_at(p, entry);
  const uint32_t orphans = meld_all(p, x->child);
  x->child = 0;
  if (*root == entry) {
    *root = orphans;
    return;
  }
  node *left = node_at(p, x->prev);
  if (left->child == entry)
    left->child = x->next;
  else
    left->next = x->next;
  if (x->next != 0)
    node_at(p, x->next)->prev = x->prev;
  x->next = x->prev = 0;
  *root = meld(p, *root, orphans);
}

void civ_pairs_changed(civ_pairs *p, civ_pair *pair)
{
  if (p->score == NULL)
    return;
  const uint32_t entry = entry_of(p, pair);
  uint32_t *root = &p->heads[pair->owner].root;
  if (*root == entry || node_at(p, entry)->prev != 0)
    cut(p, root, entry);
  if (p->score(pair) > -INFINITY)
    *root = meld(p, *root, entry);
}

/* Adds an entry that is not there, at its slot. */
static civ_pair *append(civ_pairs *p, uint32_t *slot, uint32_t mark, const civ_pair *pair)
{
  assert(p->count < p->room && pair->owner < p->owners && "touch needs reserve");
  const uint32_t entry = (uint32_t)++p->count;
  *slot = mark | entry;
  node *x = node_at(p, entry);
  x->pair = *pair;
  if (p->heads == NULL)
    return &x->pair;
  owner_heads *heads = &p->heads[pair->owner];
  x->older = heads->newest;
  heads->newest = entry;
  if (p->score != NULL) {
    x->child = x->next = x->prev = 0;
    if (p->score(pair) > -INFINITY)
      heads->root = meld(p, heads->root, entry);
  }
  return &x->pair;
}

civ_pair *civ_pairs_touch(civ_pairs *p, uint32_t owner, uint32_t other)
{
  uint32_t mark;
  uint32_t *slot = find(p, owner, other, &mark);
  if (*slot != 0)
    return &node_at(p, *slot & p->slot_mask)->pair;
  return append(p, slot, mark, &(civ_pair){ .owner = owner, .other = other });
}

/* The next entry to look at when nothing below `entry` is wanted: its right sibling, or that of the nearest ancestor
 * which has one; 0 at the end. */
static uint32_t step_over(const civ_pairs *p, uint32_t entry)
{
  while (entry != 0) {
    const node *x = node_at(p, entry);
    if (x->next != 0)
      return x->next;
    uint32_t left = x->prev; /* walk back along the siblings to the parent */
    while (left != 0 && node_at(p, left)->child != entry) {
      entry = left;
      left = node_at(p, entry)->prev;
    }
    entry = left;
  }
  return 0;
}

const civ_pair *civ_pairs_best(const civ_pairs *p, uint32_t owner, bool (*keep)(const void *arg, const civ_pair *pair),
                               const void *arg)
{
  assert(p->score != NULL && owner < p->owners);
  const node *best = NULL;
  for (uint32_t entry = p->heads[owner].root; entry != 0;) {
    const node *x = node_at(p, entry);
    const bool better = best == NULL || ahead(p, x, best);
    const bool kept = better && (keep == NULL || keep(arg, &x->pair));
    if (kept)
      best = x;
    entry = better && !kept && x->child != 0 ? x->child : step_over(p, entry);
  }
  return best == NULL ? NULL : &best->pair;
}

const civ_pair *civ_pairs_first(const civ_pairs *p, uint32_t owner)
{
  assert(owner < p->owners && p->heads != NULL);
  const uint32_t entry = p->heads[owner].newest;
  return entry == 0 ? NULL : &node_at(p, entry)->pair;
}

const civ_pair *civ_pairs_next(const civ_pairs *p, const civ_pair *pair)
{
  const uint32_t older = ((const node *)(const void *)pair)->older;
  return older == 0 ? NULL : &node_at(p, older)->pair;
}

civ_pair *civ_pairs_at(const civ_pairs *p, size_t k)
{
  return &node_at(p, (uint32_t)k + 1)->pair;
}

size_t civ_pairs_count(const civ_pairs *p)
{
  return p->count;
}

void civ_pairs_clear(civ_pairs *p)
{
  p->count = 0;
  memset(p->slots, 0, slot_count(p) * sizeof *p->slots);
  if (p->heads != NULL)
    memset(p->heads, 0, ((size_t)p->owners + 1) * sizeof *p->heads);
}

void civ_pairs_save(const civ_pairs *p, civ_bytes *out)
{
  civ_bytes_put_u32(out, p->owners);
  civ_bytes_put_u64(out, p->count);
  for (uint32_t entry = 1; entry <= p->count; entry++) {
    const civ_pair *pair = &node_at(p, entry)->pair;
    civ_bytes_put_u32(out, pair->owner);
    civ_bytes_put_u32(out, pair->other);
    civ_bytes_put_u32(out, pair->count);
    civ_bytes_put_u32(out, pair->extra);
    civ_bytes_put_real(out, pair->value);
  }
}

static civ_status load_entries(civ_pairs *p, size_t count, civ_bytes_reader *in)
{
  const civ_status status = civ_pairs_reserve(p, count);
  if (status != CIV_OK)
    return status;
  for (; count > 0; count--) {
    civ_pair entry = { .owner = civ_bytes_u32(in) };
    entry.other = civ_bytes_u32(in);
    entry.count = civ_bytes_u32(in);
    entry.extra = civ_bytes_u32(in);
    entry.value = civ_bytes_real(in);
    if (in->failed || entry.owner >= p->owners)
      return CIV_E_FORMAT;
    uint32_t mark;
    uint32_t *slot = find(p, entry.owner, entry.other, &mark);
    if (*slot != 0)
      return CIV_E_FORMAT;
    append(p, slot, mark, &entry);
  }
  return CIV_OK;
}

civ_status civ_pairs_load(civ_pairs *p, civ_bytes_reader *in, civ_error *err)
{
  const uint32_t owners = civ_bytes_u32(in);
  const uint64_t count = civ_bytes_u64(in);
  if (in->failed || owners != p->owners || count > civ_bytes_left(in) / sizeof(civ_pair))
    return civ_fail(err, CIV_E_FORMAT, "state", "the pairs are cut off or not those of %u owners", p->owners);
  civ_pairs *made = create(p->owners, p->score, p->heads != NULL, p->allocator);
  const civ_status status = made == NULL ? CIV_E_NOMEM : load_entries(made, (size_t)count, in);
  if (status == CIV_OK) {
    const civ_pairs old = *p;
    *p = *made;
    *made = old;
  } else if (status == CIV_E_FORMAT)
    civ_fail(err, status, "state", "a pair is cut off, stands twice, or its owner is none");
  else
    civ_fail(err, status, "state", "no memory for %llu pairs", (unsigned long long)count);
  civ_pairs_destroy(made);
  return status;
}
