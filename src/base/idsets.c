#include "base/idsets.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* A slot holds (id + 1) * 2 + bit, or 0. Blocks are counted in units of 8 slots; a block of class c has 8 << c. */
enum { UNIT = 8, CLASSES = 27, MOST_ID = INT32_MAX - 1, MOST_MEMBERS = (1 << 27) - 1 };

/* No block yet: size_class 0 and block NONE. */
typedef struct head {
  uint32_t block; /* first unit in the store */
  uint32_t size_class : 5, count : 27;
} head;

static const uint32_t NONE = UINT32_MAX;

struct civ_idsets {
  const civ_allocator *allocator;
  head *heads;
  uint32_t owners;
  uint32_t free_blocks[CLASSES]; /* first of each class; its first slot holds the next */
  uint32_t *store;
  size_t capacity; /* units */
  size_t used;     /* units ever handed out */
  size_t growth;   /* units that the next put of every owner could take, summed */
};

static uint32_t slots_of(const head *h)
{
  return UNIT << h->size_class;
}

/* Size class of the block after this one: 8 slots, then 32, then always twice as many. Where all sets grow alike, the blocks
 * they leave behind are of no use to anybody; going past 16 leaves a third of them. */
static uint32_t next_class(const head *h)
{
  if (h->block == NONE)
    return 0;
  return h->size_class == 0 ? 2 : h->size_class + 1u;
}

/* Units the next new member of this owner takes. */
static size_t growth_of(const head *h)
{
  if (h->block != NONE && h->count < slots_of(h) / 4 * 3)
    return 0;
  return (size_t)1 << next_class(h);
}

static uint32_t *block_of(const civ_idsets *s, const head *h)
{
  return s->store + (size_t)h->block * UNIT;
}

static uint32_t home_of(const head *h, uint32_t id)
{
  return id * UINT32_C(0x9E3779B1) >> (29 - h->size_class);
}

civ_idsets *civ_idsets_create(uint32_t owners, const civ_allocator *allocator)
{
  civ_idsets *s = civ_zeroed(allocator, 1, sizeof *s);
  if (s == NULL)
    return NULL;
  s->allocator = allocator;
  s->owners = owners;
  s->heads = civ_zeroed(allocator, (size_t)owners + 1, sizeof *s->heads);
  if (s->heads == NULL) {
    civ_idsets_destroy(s);
    return NULL;
  }
  civ_idsets_clear(s);
  return s;
}

void civ_idsets_clear(civ_idsets *s)
{
  s->used = 0;
  s->growth = s->owners;
  for (int i = 0; i < CLASSES; i++)
    s->free_blocks[i] = NONE;
  for (uint32_t i = 0; i < s->owners; i++)
    s->heads[i] = (head){ .block = NONE };
}

void civ_idsets_destroy(civ_idsets *s)
{
  if (s == NULL)
    return;
  const civ_allocator *allocator = s->allocator;
  civ_release(allocator, s->heads, ((size_t)s->owners + 1) * sizeof *s->heads);
  civ_release(allocator, s->store, s->capacity * UNIT * sizeof *s->store);
  civ_release(allocator, s, sizeof *s);
}

/* Room for `units` more at the end of the store. */
static civ_status extend(civ_idsets *s, size_t units)
{
  if (s->capacity - s->used >= units)
    return CIV_OK;
  if (units > NONE - s->used)
    return CIV_E_LIMIT;
  void *store = s->store;
  size_t capacity = s->capacity;
  const civ_status status = civ_grow(s->allocator, &store, &capacity, s->used + units, UNIT * sizeof *s->store);
  s->store = store;
  s->capacity = capacity;
  return status;
}

civ_status civ_idsets_reserve(civ_idsets *s)
{
  return extend(s, s->growth);
}

int civ_idsets_get(const civ_idsets *s, uint32_t owner, uint32_t id)
{
  assert(owner < s->owners);
  const head *h = &s->heads[owner];
  if (h->block == NONE)
    return -1;
  const uint32_t *slots = block_of(s, h);
  const uint32_t mask = slots_of(h) - 1;
  for (uint32_t i = home_of(h, id);; i = (i + 1) & mask) {
    const uint32_t slot = slots[i];
    if (slot >> 1 == id + 1)
      return (int)(slot & 1);
    if (slot == 0)
      return -1;
  }
}

/* The slot of id, or the empty one where it would go. */
static uint32_t *find(uint32_t *slots, const head *h, uint32_t id)
{
  const uint32_t mask = slots_of(h) - 1;
  uint32_t i = home_of(h, id);
  while (slots[i] != 0 && slots[i] >> 1 != id + 1)
    i = (i + 1) & mask;
  return &slots[i];
}

/* An empty block of a class; NONE if reserve has not made room for it. */
static uint32_t take_block(civ_idsets *s, uint32_t size_class)
{
  uint32_t block = s->free_blocks[size_class];
  if (block != NONE)
    s->free_blocks[size_class] = s->store[(size_t)block * UNIT];
  else {
    const size_t units = (size_t)1 << size_class;
    if (s->capacity - s->used < units)
      return NONE;
    block = (uint32_t)s->used;
    s->used += units;
  }
  memset(s->store + (size_t)block * UNIT, 0, sizeof *s->store * UNIT << size_class);
  return block;
}

static void move_to(civ_idsets *s, head *h, uint32_t block, uint32_t size_class)
{
  const head old = *h;
  h->block = block;
  h->size_class = size_class & 31;
  if (old.block == NONE)
    return;
  const uint32_t *from = block_of(s, &old);
  uint32_t *to = block_of(s, h);
  for (uint32_t i = 0; i < slots_of(&old); i++)
    if (from[i] != 0)
      *find(to, h, (from[i] >> 1) - 1) = from[i];
  s->store[(size_t)old.block * UNIT] = s->free_blocks[old.size_class];
  s->free_blocks[old.size_class] = old.block;
}

/* Makes room for one more member. Beyond what was reserved the block fills up past its usual load. */
static void make_room(civ_idsets *s, head *h)
{
  const size_t units = growth_of(h);
  if (units == 0)
    return;
  const uint32_t size_class = next_class(h);
  const uint32_t block = take_block(s, size_class);
  if (block != NONE)
    move_to(s, h, block, size_class);
  else if (h->block == NONE || h->count + 2u > slots_of(h))
    abort(); /* put without reserve: a programming error */
}

int civ_idsets_put(civ_idsets *s, uint32_t owner, uint32_t id, bool bit)
{
  assert(owner < s->owners && id <= MOST_ID);
  head *h = &s->heads[owner];
  const uint32_t slot = (id + 1) << 1 | bit;
  if (h->block != NONE) {
    uint32_t *at = find(block_of(s, h), h, id);
    if (*at != 0) {
      const int before = (int)(*at & 1);
      *at = slot;
      return before;
    }
  }
  assert(h->count < MOST_MEMBERS);
  s->growth -= growth_of(h);
  make_room(s, h);
  *find(block_of(s, h), h, id) = slot;
  h->count++;
  s->growth += growth_of(h);
  return -1;
}

int civ_idsets_drop(civ_idsets *s, uint32_t owner, uint32_t id)
{
  assert(owner < s->owners);
  head *h = &s->heads[owner];
  if (h->block == NONE)
    return -1;
  uint32_t *slots = block_of(s, h);
  uint32_t *at = find(slots, h, id);
  if (*at == 0)
    return -1;
  const int before = (int)(*at & 1);
  const uint32_t mask = slots_of(h) - 1;
  uint32_t hole = (uint32_t)(at - slots);
  for (uint32_t i = (hole + 1) & mask; slots[i] != 0; i = (i + 1) & mask) {
    const uint32_t home = home_of(h, (slots[i] >> 1) - 1);
    if (((i - home) & mask) >= ((i - hole) & mask)) { /* its home does not lie between hole and i */
      slots[hole] = slots[i];
      hole = i;
    }
  }
  slots[hole] = 0;
  s->growth -= growth_of(h);
  h->count--;
  s->growth += growth_of(h);
  return before;
}

uint32_t civ_idsets_count(const civ_idsets *s, uint32_t owner)
{
  assert(owner < s->owners);
  return s->heads[owner].count;
}

void civ_idsets_prefetch(const civ_idsets *s, uint32_t owner)
{
  const head *h = &s->heads[owner];
  if (h->block == NONE)
    return;
  const uint32_t *block = block_of(s, h);
  __builtin_prefetch(block);
  __builtin_prefetch(block + 16); /* the next cache line: most sets in use have 32 slots */
}

static int by_number(const void *a, const void *b)
{
  const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

/* Slots of one owner in ascending order into out. */
static void list_slots(const civ_idsets *s, const head *h, uint32_t *out)
{
  uint32_t n = 0;
  if (h->block == NONE)
    return;
  const uint32_t *slots = block_of(s, h);
  for (uint32_t i = 0; i < slots_of(h); i++)
    if (slots[i] != 0)
      out[n++] = slots[i];
  qsort(out, n, sizeof *out, by_number);
}

void civ_idsets_list(const civ_idsets *s, uint32_t owner, uint32_t *ids, uint8_t *bits)
{
  assert(owner < s->owners);
  const head *h = &s->heads[owner];
  list_slots(s, h, ids);
  for (uint32_t i = 0; i < h->count; i++) {
    bits[i] = ids[i] & 1;
    ids[i] = (ids[i] >> 1) - 1;
  }
}

void civ_idsets_save(const civ_idsets *s, civ_bytes *out)
{
  uint32_t most = 0;
  for (uint32_t i = 0; i < s->owners; i++)
    most = s->heads[i].count > most ? s->heads[i].count : most;
  uint32_t *slots = malloc(((size_t)most + 1) * sizeof *slots);
  if (slots == NULL) {
    out->failed = true;
    return;
  }
  civ_bytes_put_u32(out, s->owners);
  for (uint32_t i = 0; i < s->owners; i++) {
    list_slots(s, &s->heads[i], slots);
    civ_bytes_put_u32s(out, slots, s->heads[i].count);
  }
  free(slots);
}

/* Members of one owner, written ascending; false for anything else. */
static civ_status load_owner(civ_idsets *s, uint32_t owner, civ_bytes_reader *in)
{
  uint64_t count = civ_bytes_u64(in);
  uint64_t least = 2;
  if (count > civ_bytes_left(in) / sizeof(uint32_t))
    return CIV_E_FORMAT;
  for (; count > 0; count--) {
    const uint32_t slot = civ_bytes_u32(in);
    if (slot < least)
      return CIV_E_FORMAT;
    least = ((uint64_t)slot | 1) + 1;
    const civ_status status = extend(s, growth_of(&s->heads[owner]));
    if (status != CIV_OK)
      return status;
    civ_idsets_put(s, owner, (slot >> 1) - 1, slot & 1);
  }
  return in->failed ? CIV_E_FORMAT : CIV_OK;
}

static void swap(civ_idsets *a, civ_idsets *b)
{
  const civ_idsets t = *a;
  *a = *b;
  *b = t;
}

civ_status civ_idsets_load(civ_idsets *s, civ_bytes_reader *in, civ_error *err)
{
  if (civ_bytes_u32(in) != s->owners || in->failed)
    return civ_fail(err, CIV_E_FORMAT, "state", "the sets are not those of %u owners", s->owners);
  civ_idsets *made = civ_idsets_create(s->owners, s->allocator);
  civ_status status = made == NULL ? CIV_E_NOMEM : CIV_OK;
  for (uint32_t i = 0; status == CIV_OK && i < s->owners; i++)
    status = load_owner(made, i, in);
  if (status == CIV_OK)
    swap(s, made);
  else if (status == CIV_E_FORMAT)
    civ_fail(err, status, "state", "the members of a set are cut off or not in ascending order");
  else
    civ_fail(err, status, "state", "no memory for the sets of %u owners", s->owners);
  civ_idsets_destroy(made);
  return status;
}
