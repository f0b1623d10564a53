#include "metric/patterns.h"

#include <string.h>

/* From how many noted interactions on `reserve` merges them, besides half as many as there are counts. */
enum { MANY = 1u << 16 };
static const double LEAST_COUNT = 0.01;

typedef struct tie {
  civ_agent owner, other;
} tie;

struct civ_patterns {
  const civ_allocator *allocator;
  uint32_t agents;
  bool initiated_only;
  tie *noted; /* as they came */
  size_t n_noted, noted_capacity;
  uint64_t *start; /* agents + 1: counts of a are at start[a] .. start[a + 1] - 1 */
  uint32_t *others;
  double *counts;
  size_t others_capacity, counts_capacity;
  civ_agent *order;
  uint8_t *ordered; /* per agent: stands in order */
  uint32_t n_ordered;
};

civ_patterns *civ_patterns_create(uint32_t agents, bool initiated_only, const civ_allocator *allocator)
{
  civ_patterns *p = civ_zeroed(allocator, 1, sizeof *p);
  if (!p)
    return NULL;
  *p = (civ_patterns){ .allocator = allocator, .agents = agents, .initiated_only = initiated_only };
  p->start = civ_zeroed(allocator, (size_t)agents + 1, sizeof *p->start);
  p->order = civ_zeroed(allocator, (size_t)agents + 1, sizeof *p->order);
  p->ordered = civ_zeroed(allocator, (size_t)agents + 1, 1);
  if (!p->start || !p->order || !p->ordered) {
    civ_patterns_destroy(p);
    return NULL;
  }
  return p;
}

void civ_patterns_destroy(civ_patterns *p)
{
  if (!p)
    return;
  const civ_allocator *allocator = p->allocator;
  const size_t n = (size_t)p->agents + 1;
  civ_drop(allocator, (void **)&p->noted, &p->noted_capacity, sizeof *p->noted);
  civ_drop(allocator, (void **)&p->others, &p->others_capacity, sizeof *p->others);
  civ_drop(allocator, (void **)&p->counts, &p->counts_capacity, sizeof *p->counts);
  civ_release(allocator, p->start, n * sizeof *p->start);
  civ_release(allocator, p->order, n * sizeof *p->order);
  civ_release(allocator, p->ordered, n);
  civ_release(allocator, p, sizeof *p);
}

/* --- noting ------------------------------------------------------------------------------------------------------------------ */

civ_status civ_patterns_reserve(civ_patterns *p, size_t more)
{
  if (p->n_noted > MANY + p->start[p->agents] / 2) {
    const civ_status st = civ_patterns_settle(p);
    if (st != CIV_OK)
      return st;
  }
  return civ_grow(p->allocator, (void **)&p->noted, &p->noted_capacity, p->n_noted + more, sizeof *p->noted);
}

civ_status civ_patterns_add(civ_patterns *p, civ_agent a, civ_agent b)
{
  const civ_status st =
      civ_grow(p->allocator, (void **)&p->noted, &p->noted_capacity, p->n_noted + 1, sizeof *p->noted);
  if (st == CIV_OK)
    p->noted[p->n_noted++] = (tie){ a, b };
  return st;
}

/* --- merging ----------------------------------------------------------------------------------------------------------------- */

/* What one merge works with. */
typedef struct merging {
  size_t n; /* ties: one or two for each noted interaction */
  tie *ties, *sorted;
  uint64_t *from; /* agents + 1 */
  uint32_t *others;
  double *counts;
  size_t ties_capacity, sorted_capacity, others_capacity, counts_capacity;
} merging;

static void merging_end(const civ_patterns *p, merging *m)
{
  civ_drop(p->allocator, (void **)&m->ties, &m->ties_capacity, sizeof *m->ties);
  civ_drop(p->allocator, (void **)&m->sorted, &m->sorted_capacity, sizeof *m->sorted);
  civ_drop(p->allocator, (void **)&m->others, &m->others_capacity, sizeof *m->others);
  civ_drop(p->allocator, (void **)&m->counts, &m->counts_capacity, sizeof *m->counts);
  civ_release(p->allocator, m->from, ((size_t)p->agents + 1) * sizeof *m->from);
}

static civ_status merging_begin(const civ_patterns *p, merging *m)
{
  *m = (merging){ .n = p->n_noted * (p->initiated_only ? 1 : 2) };
  const size_t most = p->start[p->agents] + m->n;
  civ_status st = civ_grow(p->allocator, (void **)&m->ties, &m->ties_capacity, m->n, sizeof *m->ties);
  if (st == CIV_OK)
    st = civ_grow(p->allocator, (void **)&m->sorted, &m->sorted_capacity, m->n, sizeof *m->sorted);
  if (st == CIV_OK)
    st = civ_grow(p->allocator, (void **)&m->others, &m->others_capacity, most, sizeof *m->others);
  if (st == CIV_OK)
    st = civ_grow(p->allocator, (void **)&m->counts, &m->counts_capacity, most, sizeof *m->counts);
  m->from = civ_zeroed(p->allocator, (size_t)p->agents + 1, sizeof *m->from);
  if (st != CIV_OK || !m->from) {
    merging_end(p, m);
    return CIV_E_NOMEM;
  }
  return CIV_OK;
}

/* Stable order by owner or by other, by counting. */
static void sort_ties(const civ_patterns *p, merging *m, const tie *in, tie *out, bool by_owner)
{
  memset(m->from, 0, ((size_t)p->agents + 1) * sizeof *m->from);
  for (size_t i = 0; i < m->n; i++)
    m->from[(by_owner ? in[i].owner : in[i].other) + 1]++;
  for (uint32_t a = 0; a < p->agents; a++)
    m->from[a + 1] += m->from[a];
  for (size_t i = 0; i < m->n; i++)
    out[m->from[by_owner ? in[i].owner : in[i].other]++] = in[i];
}

static void note_order(civ_patterns *p, civ_agent a)
{
  if (p->ordered[a])
    return;
  p->ordered[a] = 1;
  p->order[p->n_ordered++] = a;
}

/* Adds one count to the merged ones: to the last where it is of the same counterparty. */
static void append(merging *m, uint64_t begin, uint64_t *end, uint32_t other, double count)
{
  if (*end > begin && m->others[*end - 1] == other) {
    m->counts[*end - 1] += count;
    return;
  }
  m->others[*end] = other;
  m->counts[(*end)++] = count;
}

static void merge(civ_patterns *p, merging *m)
{
  uint64_t end = 0, old = 0;
  size_t l = 0;
  for (civ_agent a = 0; a < p->agents; a++) {
    const uint64_t begin = end, old_end = p->start[a + 1];
    while (old < old_end || (l < m->n && m->ties[l].owner == a)) {
      const bool tied = l < m->n && m->ties[l].owner == a;
      if (old < old_end && (!tied || p->others[old] <= m->ties[l].other)) {
        append(m, begin, &end, p->others[old], p->counts[old]);
        old++;
      } else {
        append(m, begin, &end, m->ties[l++].other, 1);
      }
    }
    p->start[a] = begin;
  }
  p->start[p->agents] = end;
}

static void swap_blocks(civ_patterns *p, merging *m)
{
  uint32_t *others = p->others;
  double *counts = p->counts;
  const size_t others_capacity = p->others_capacity, counts_capacity = p->counts_capacity;
  p->others = m->others;
  p->others_capacity = m->others_capacity;
  p->counts = m->counts;
  p->counts_capacity = m->counts_capacity;
  m->others = others;
  m->others_capacity = others_capacity;
  m->counts = counts;
  m->counts_capacity = counts_capacity;
}

civ_status civ_patterns_settle(civ_patterns *p)
{
  merging m;
  if (p->n_noted == 0)
    return CIV_OK;
  if (merging_begin(p, &m) != CIV_OK)
    return CIV_E_NOMEM;
  size_t n = 0;
  for (size_t i = 0; i < p->n_noted; i++) {
    const tie it = p->noted[i];
    m.ties[n++] = it;
    note_order(p, it.owner);
    if (p->initiated_only)
      continue;
    m.ties[n++] = (tie){ it.other, it.owner };
    note_order(p, it.other);
  }
  sort_ties(p, &m, m.ties, m.sorted, false);
  sort_ties(p, &m, m.sorted, m.ties, true);
  merge(p, &m);
  swap_blocks(p, &m);
  p->n_noted = 0;
  merging_end(p, &m);
  return CIV_OK;
}

void civ_patterns_decay(civ_patterns *p, double factor)
{
  uint64_t kept = 0, i = 0;
  for (civ_agent a = 0; a < p->agents; a++) {
    const uint64_t end = p->start[a + 1];
    p->start[a] = kept;
    for (; i < end; i++) {
      const double count = p->counts[i] * factor;
      if (count < LEAST_COUNT)
        continue;
      p->others[kept] = p->others[i];
      p->counts[kept++] = count;
    }
  }
  p->start[p->agents] = kept;
}

void civ_patterns_clear(civ_patterns *p)
{
  p->n_noted = 0;
  p->n_ordered = 0;
  memset(p->start, 0, ((size_t)p->agents + 1) * sizeof *p->start);
  memset(p->ordered, 0, p->agents);
}

civ_pattern civ_patterns_of(const civ_patterns *p, civ_agent a)
{
  const uint64_t begin = p->start[a];
  if (p->start[a + 1] == begin)
    return (civ_pattern){ 0 };
  return (civ_pattern){ p->others + begin, p->counts + begin, (uint32_t)(p->start[a + 1] - begin) };
}

const civ_agent *civ_patterns_order(const civ_patterns *p, uint32_t *n)
{
  *n = p->n_ordered;
  return p->order;
}

/* --- as bytes ---------------------------------------------------------------------------------------------------------------- */

void civ_patterns_save(const civ_patterns *p, civ_bytes *out)
{
  const size_t n = p->start[p->agents];
  civ_bytes_put_u64(out, p->n_noted);
  for (size_t i = 0; i < p->n_noted; i++) {
    civ_bytes_put_u32(out, p->noted[i].owner);
    civ_bytes_put_u32(out, p->noted[i].other);
  }
  civ_bytes_put_u32(out, p->n_ordered);
  civ_bytes_put_u32s(out, p->order, p->n_ordered);
  civ_bytes_put_u64s(out, p->start, (size_t)p->agents + 1);
  civ_bytes_put_u32s(out, p->others, n);
  civ_bytes_put_reals(out, p->counts, n);
}

static civ_status misfit(const civ_patterns *p, civ_error *err)
{
  return civ_fail(err, CIV_E_FORMAT, "patterns", "the checkpoint is not of a run of %u agents", p->agents);
}

static civ_status load_noted(civ_patterns *p, civ_bytes_reader *in)
{
  const uint64_t n = civ_bytes_u64(in);
  if (in->failed || n > civ_bytes_left(in) / sizeof(tie))
    return CIV_E_FORMAT;
  if (civ_grow(p->allocator, (void **)&p->noted, &p->noted_capacity, n, sizeof *p->noted) != CIV_OK)
    return CIV_E_NOMEM;
  for (p->n_noted = 0; p->n_noted < n; p->n_noted++) {
    const tie it = { civ_bytes_u32(in), civ_bytes_u32(in) };
    if (it.owner >= p->agents || it.other >= p->agents)
      return CIV_E_FORMAT;
    p->noted[p->n_noted] = it;
  }
  return CIV_OK;
}

static bool load_order(civ_patterns *p, civ_bytes_reader *in)
{
  p->n_ordered = civ_bytes_u32(in);
  if (in->failed || p->n_ordered > p->agents || !civ_bytes_u32s(in, p->order, p->n_ordered))
    return false;
  memset(p->ordered, 0, p->agents);
  for (uint32_t k = 0; k < p->n_ordered; k++) {
    if (p->order[k] >= p->agents || p->ordered[p->order[k]])
      return false;
    p->ordered[p->order[k]] = 1;
  }
  return true;
}

static bool is_sound(const civ_patterns *p)
{
  for (civ_agent a = 0; a < p->agents; a++)
    for (uint64_t i = p->start[a]; i < p->start[a + 1]; i++)
      if (p->others[i] >= p->agents || !(p->counts[i] > 0) || (i > p->start[a] && p->others[i] <= p->others[i - 1]))
        return false;
  return true;
}

static civ_status load_counts(civ_patterns *p, civ_bytes_reader *in)
{
  if (!civ_bytes_u64s(in, p->start, (size_t)p->agents + 1) || p->start[0] != 0)
    return CIV_E_FORMAT;
  for (civ_agent a = 0; a < p->agents; a++)
    if (p->start[a + 1] < p->start[a])
      return CIV_E_FORMAT;
  const uint64_t n = p->start[p->agents];
  if (n > civ_bytes_left(in) / sizeof *p->counts)
    return CIV_E_FORMAT;
  if (civ_grow(p->allocator, (void **)&p->others, &p->others_capacity, n, sizeof *p->others) != CIV_OK ||
      civ_grow(p->allocator, (void **)&p->counts, &p->counts_capacity, n, sizeof *p->counts) != CIV_OK)
    return CIV_E_NOMEM;
  if (!civ_bytes_u32s(in, p->others, n) || !civ_bytes_reals(in, p->counts, n) || !is_sound(p))
    return CIV_E_FORMAT;
  return CIV_OK;
}

civ_status civ_patterns_load(civ_patterns *p, civ_bytes_reader *in, civ_error *err)
{
  civ_status st = load_noted(p, in);
  if (st == CIV_OK && !load_order(p, in))
    st = CIV_E_FORMAT;
  if (st == CIV_OK)
    st = load_counts(p, in);
  if (st == CIV_OK)
    return CIV_OK;
  if (st == CIV_E_NOMEM)
    return civ_fail(err, CIV_E_NOMEM, "patterns", "out of memory while loading a checkpoint");
  p->n_noted = p->n_ordered = 0; /* nothing of it may be read */
  memset(p->start, 0, ((size_t)p->agents + 1) * sizeof *p->start);
  return misfit(p, err);
}
