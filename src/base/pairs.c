#include "base/pairs.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Entries are named by their number in order of first meeting; links, chains and slots hold the number + 1, 0 = none. */
typedef struct links {
  uint32_t child; /* first child */
  uint32_t next;  /* sibling to the right */
  uint32_t prev;  /* sibling to the left; of a first child, its parent; of a root, 0 */
} links;

struct civ_pairs {
  const civ_allocator *allocator;
  double (*score)(const civ_pair *pair);
  uint32_t owners;
  uint32_t *newest; /* per owner */
  uint32_t *roots;  /* per owner; NULL without a heap */
  civ_pair *entries;
  uint32_t *older; /* per entry: the owner's meeting before */
  links *links;
  size_t count, entries_room, older_room, links_room;
  uint32_t *slots; /* open addressing, linear probing; a power of two */
  size_t slot_count;
};

enum { FEWEST_SLOTS = 16 };

static size_t hash(uint32_t owner, uint32_t other)
{
  uint64_t x = (uint64_t)owner << 32 | other; /* finalizer of SplitMix64 (Steele, Lea, Flood 2014) */
  x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
  x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
  return (size_t)(x ^ x >> 31);
}

civ_pairs *civ_pairs_create(uint32_t owners, double (*score)(const civ_pair *pair), const civ_allocator *allocator)
{
  civ_pairs *p = civ_zeroed(allocator, 1, sizeof *p);
  if (p == NULL)
    return NULL;
  p->allocator = allocator;
  p->owners = owners;
  p->score = score;
  p->slot_count = FEWEST_SLOTS;
  p->newest = civ_zeroed(allocator, (size_t)owners + 1, sizeof *p->newest);
  p->slots = civ_zeroed(allocator, p->slot_count, sizeof *p->slots);
  if (score != NULL)
    p->roots = civ_zeroed(allocator, (size_t)owners + 1, sizeof *p->roots);
  if (p->newest == NULL || p->slots == NULL || (score != NULL && p->roots == NULL)) {
    civ_pairs_destroy(p);
    return NULL;
  }
  return p;
}

void civ_pairs_destroy(civ_pairs *p)
{
  if (p == NULL)
    return;
  const civ_allocator *a = p->allocator;
  civ_release(a, p->newest, ((size_t)p->owners + 1) * sizeof *p->newest);
  civ_release(a, p->roots, ((size_t)p->owners + 1) * sizeof *p->roots);
  civ_release(a, p->entries, p->entries_room * sizeof *p->entries);
  civ_release(a, p->older, p->older_room * sizeof *p->older);
  civ_release(a, p->links, p->links_room * sizeof *p->links);
  civ_release(a, p->slots, p->slot_count * sizeof *p->slots);
  civ_release(a, p, sizeof *p);
}

/* The slot of (owner, other), or the empty one where it would go. */
static uint32_t *find(const civ_pairs *p, uint32_t owner, uint32_t other)
{
  const size_t mask = p->slot_count - 1;
  for (size_t i = hash(owner, other) & mask;; i = (i + 1) & mask) {
    uint32_t *slot = &p->slots[i];
    if (*slot == 0)
      return slot;
    const civ_pair *entry = &p->entries[*slot - 1];
    if (entry->owner == owner && entry->other == other)
      return slot;
  }
}

/* At most 7 of 10 slots are taken. */
static civ_status widen(civ_pairs *p, size_t need)
{
  size_t count = p->slot_count;
  while (count / 10 * 7 + count % 10 * 7 / 10 < need)
    count *= 2;
  if (count == p->slot_count)
    return CIV_OK;
  uint32_t *slots = civ_zeroed(p->allocator, count, sizeof *slots);
  if (slots == NULL)
    return CIV_E_NOMEM;
  civ_release(p->allocator, p->slots, p->slot_count * sizeof *p->slots);
  p->slots = slots;
  p->slot_count = count;
  for (size_t i = 0; i < p->count; i++)
    *find(p, p->entries[i].owner, p->entries[i].other) = (uint32_t)i + 1;
  return CIV_OK;
}

static civ_status grow(const civ_pairs *p, void *block, size_t *room, size_t need, size_t size)
{
  void *grown;
  memcpy(&grown, block, sizeof grown);
  const civ_status status = civ_grow(p->allocator, &grown, room, need, size);
  memcpy(block, &grown, sizeof grown);
  return status;
}

civ_status civ_pairs_reserve(civ_pairs *p, size_t more)
{
  if (more > UINT32_MAX - 1 - p->count)
    return CIV_E_LIMIT;
  const size_t need = p->count + more;
  civ_status status = grow(p, &p->entries, &p->entries_room, need, sizeof *p->entries);
  if (status == CIV_OK)
    status = grow(p, &p->older, &p->older_room, need, sizeof *p->older);
  if (status == CIV_OK && p->score != NULL)
    status = grow(p, &p->links, &p->links_room, need, sizeof *p->links);
  return status == CIV_OK ? widen(p, need) : status;
}

const civ_pair *civ_pairs_get(const civ_pairs *p, uint32_t owner, uint32_t other)
{
  const uint32_t entry = *find(p, owner, other);
  return entry == 0 ? NULL : &p->entries[entry - 1];
}

/* Is entry a in front of entry b? */
static bool ahead(const civ_pairs *p, uint32_t a, uint32_t b)
{
  const civ_pair *x = &p->entries[a - 1], *y = &p->entries[b - 1];
  const double sx = p->score(x), sy = p->score(y);
  return sx != sy ? sx > sy : x->other < y->other;
}

/* Joins two trees whose roots have no siblings; returns the root. */
static uint32_t meld(civ_pairs *p, uint32_t a, uint32_t b)
{
  if (a == 0 || b == 0)
    return a + b;
  if (ahead(p, b, a)) {
    const uint32_t t = a;
    a = b;
    b = t;
  }
  links *top = &p->links[a - 1], *below = &p->links[b - 1];
  below->next = top->child;
  below->prev = a;
  if (top->child != 0)
    p->links[top->child - 1].prev = b;
  top->child = b;
  return a;
}

/* Takes the first tree off a list of siblings. */
static uint32_t take_first(civ_pairs *p, uint32_t *list)
{
  const uint32_t first = *list;
  if (first != 0) {
    links *l = &p->links[first - 1];
    *list = l->next;
    l->next = l->prev = 0;
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
    p->links[tree - 1].next = melded;
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
  links *l = &p->links[entry - 1];
  const uint32_t orphans = meld_all(p, l->child);
  l->child = 0;
  if (*root == entry) {
    *root = orphans;
    return;
  }
  links *left = &p->links[l->prev - 1];
  if (left->child == entry)
    left->child = l->next;
  else
    left->next = l->next;
  if (l->next != 0)
    p->links[l->next - 1].prev = l->prev;
  l->next = l->prev = 0;
  *root = meld(p, *root, orphans);
}

void civ_pairs_changed(civ_pairs *p, civ_pair *pair)
{
  if (p->score == NULL)
    return;
  const uint32_t entry = (uint32_t)(pair - p->entries) + 1;
  uint32_t *root = &p->roots[pair->owner];
  if (*root == entry || p->links[entry - 1].prev != 0)
    cut(p, root, entry);
  if (p->score(pair) > -INFINITY)
    *root = meld(p, *root, entry);
}

/* Adds an entry that is not there, at `slot`. */
static civ_pair *append(civ_pairs *p, uint32_t *slot, const civ_pair *pair)
{
  assert(p->count < p->entries_room && pair->owner < p->owners && "touch needs reserve");
  const size_t at = p->count++;
  *slot = (uint32_t)at + 1;
  p->entries[at] = *pair;
  p->older[at] = p->newest[pair->owner];
  p->newest[pair->owner] = *slot;
  if (p->score != NULL)
    p->links[at] = (links){ 0 };
  civ_pairs_changed(p, &p->entries[at]);
  return &p->entries[at];
}

civ_pair *civ_pairs_touch(civ_pairs *p, uint32_t owner, uint32_t other)
{
  uint32_t *slot = find(p, owner, other);
  if (*slot != 0)
    return &p->entries[*slot - 1];
  return append(p, slot, &(civ_pair){ .owner = owner, .other = other });
}

/* The next entry to look at when nothing below `entry` is wanted: its right sibling, or that of the nearest ancestor
 * which has one; 0 at the end. */
static uint32_t step_over(const civ_pairs *p, uint32_t entry)
{
  while (entry != 0) {
    if (p->links[entry - 1].next != 0)
      return p->links[entry - 1].next;
    uint32_t left = p->links[entry - 1].prev; /* walk back along the siblings to the parent */
    while (left != 0 && p->links[left - 1].child != entry) {
      entry = left;
      left = p->links[entry - 1].prev;
    }
    entry = left;
  }
  return 0;
}

const civ_pair *civ_pairs_best(const civ_pairs *p, uint32_t owner, bool (*keep)(const void *arg, const civ_pair *pair),
                               const void *arg)
{
  assert(p->score != NULL && owner < p->owners);
  uint32_t best = 0;
  for (uint32_t entry = p->roots[owner]; entry != 0;) {
    const bool better = best == 0 || ahead(p, entry, best);
    const bool kept = better && (keep == NULL || keep(arg, &p->entries[entry - 1]));
    if (kept)
      best = entry;
    const uint32_t child = p->links[entry - 1].child;
    entry = better && !kept && child != 0 ? child : step_over(p, entry);
  }
  return best == 0 ? NULL : &p->entries[best - 1];
}

const civ_pair *civ_pairs_first(const civ_pairs *p, uint32_t owner)
{
  assert(owner < p->owners);
  const uint32_t entry = p->newest[owner];
  return entry == 0 ? NULL : &p->entries[entry - 1];
}

const civ_pair *civ_pairs_next(const civ_pairs *p, const civ_pair *pair)
{
  const uint32_t entry = p->older[pair - p->entries];
  return entry == 0 ? NULL : &p->entries[entry - 1];
}

size_t civ_pairs_count(const civ_pairs *p)
{
  return p->count;
}

void civ_pairs_save(const civ_pairs *p, civ_bytes *out)
{
  civ_bytes_put_u32(out, p->owners);
  civ_bytes_put_u64(out, p->count);
  for (size_t i = 0; i < p->count; i++) {
    const civ_pair *entry = &p->entries[i];
    civ_bytes_put_u32(out, entry->owner);
    civ_bytes_put_u32(out, entry->other);
    civ_bytes_put_u32(out, entry->count);
    civ_bytes_put_u32(out, entry->extra);
    civ_bytes_put_real(out, entry->value);
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
    uint32_t *slot = find(p, entry.owner, entry.other);
    if (*slot != 0)
      return CIV_E_FORMAT;
    append(p, slot, &entry);
  }
  return CIV_OK;
}

civ_status civ_pairs_load(civ_pairs *p, civ_bytes_reader *in, civ_error *err)
{
  const uint32_t owners = civ_bytes_u32(in);
  const uint64_t count = civ_bytes_u64(in);
  if (in->failed || owners != p->owners || count > civ_bytes_left(in) / sizeof(civ_pair))
    return civ_fail(err, CIV_E_FORMAT, "state", "the pairs are cut off or not those of %u owners", p->owners);
  civ_pairs *made = civ_pairs_create(p->owners, p->score, p->allocator);
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
