/* What the members of a kept group have in common: how they vote, and whom they deal with outside. Of large groups members are
 * taken at even distances, for every member is compared with every other. */
#include <stdlib.h>
#include <string.h>

#include "metric/collusion_inside.h"

enum { COMPARED = 256, COMMON_TARGETS = 3 };

typedef struct sample {
  civ_agent members[COMPARED];
  uint32_t n;
} sample;

static sample sample_of(const civ_collusion_report *r, const civ_collusion_group *g)
{
  sample s = { .n = g->size < COMPARED ? g->size : COMPARED };
  for (uint32_t k = 0; k < s.n; k++)
    s.members[k] = r->members[g->first + (uint32_t)((uint64_t)k * g->size / s.n)];
  return s;
}

/* --- votes ------------------------------------------------------------------------------------------------------------------ */

static agreement agree(const ballots *b, uint32_t x, uint32_t y)
{
  agreement both = { 0 };
  size_t i = b->first[x], k = b->first[y];
  while (i < b->first[x + 1] && k < b->first[y + 1]) {
    const uint32_t t = b->targets[i], u = b->targets[k];
    both.common += t == u;
    both.equal += t == u && b->up[i] == b->up[k];
    i += t <= u;
    k += u <= t;
  }
  return both;
}

static civ_status compare_votes(const civ_collusion *c, const sample *s, civ_collusion_group *g)
{
  ballots b;
  const civ_status status = civ_collusion_ballots(c, s->members, s->n, &b);
  double sum = 0;
  uint32_t pairs = 0;
  if (status != CIV_OK)
    return status;
  for (uint32_t x = 0; x < s->n; x++)
    for (uint32_t y = x + 1; y < s->n; y++) {
      const agreement both = agree(&b, x, y);
      if (both.common < COMMON_TARGETS)
        continue;
      sum += (double)both.equal / both.common;
      pairs++;
    }
  g->voting_alignment = pairs > 0 ? sum / pairs : 0;
  civ_collusion_ballots_free(c, &b);
  return CIV_OK;
}

/* --- outside counterparties -------------------------------------------------------------------------------------------------- */

/* (place of a member in the sample, agent outside). */
typedef struct contact {
  uint32_t member;
  civ_agent outside;
} contact;

typedef struct contacts {
  contact *items;
  size_t n, room;
} contacts;

static int by_contact(const void *x, const void *y)
{
  const contact *a = x, *b = y;
  if (a->member != b->member)
    return a->member < b->member ? -1 : 1;
  return (a->outside > b->outside) - (a->outside < b->outside);
}

static int find_agent(const civ_agent *list, uint32_t n, civ_agent a)
{
  uint32_t low = 0, high = n;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (list[middle] < a)
      low = middle + 1;
    else
      high = middle;
  }
  return low < n && list[low] == a ? (int)low : -1;
}

static civ_status add_contact(const civ_collusion *c, const civ_agent *members, const civ_collusion_group *g,
                              const sample *s, civ_agent a, civ_agent other, contacts *out)
{
  const int place = find_agent(s->members, s->n, a);
  if (place < 0 || find_agent(members, g->size, other) >= 0)
    return CIV_OK;
  if (civ_grow(c->allocator, (void **)&out->items, &out->room, out->n + 1, sizeof *out->items) != CIV_OK)
    return CIV_E_NOMEM;
  out->items[out->n++] = (contact){ (uint32_t)place, other };
  return CIV_OK;
}

static civ_status find_contacts(const civ_collusion *c, const civ_agent *members, const civ_collusion_group *g,
                                const sample *s, contacts *out)
{
  civ_status status = CIV_OK;
  for (size_t k = 0; status == CIV_OK && k < c->n_pairs; k++) {
    const pair_record *r = &c->pairs[k];
    status = add_contact(c, members, g, s, r->low, r->high, out);
    if (status == CIV_OK)
      status = add_contact(c, members, g, s, r->high, r->low, out);
  }
  return status;
}

/* Jaccard index of [x, y) and [y, z); < 0 when both are empty. */
static double jaccard(const contact *x, const contact *x_end, const contact *y, const contact *y_end)
{
  size_t common = 0, all = 0;
  while (x < x_end && y < y_end) {
    const civ_agent a = x->outside, b = y->outside;
    common += a == b;
    all++;
    x += a <= b;
    y += b <= a;
  }
  all += (size_t)(x_end - x) + (size_t)(y_end - y);
  return all > 0 ? (double)common / (double)all : -1;
}

static double mean_overlap(const contacts *all, const sample *s)
{
  const contact *first[COMPARED + 1];
  const contact *at = all->items, *end = all->items + all->n;
  double sum = 0;
  uint32_t pairs = 0;
  for (uint32_t k = 0; k <= s->n; k++) {
    while (at < end && at->member < k)
      at++;
    first[k] = at;
  }
  for (uint32_t x = 0; x < s->n; x++)
    for (uint32_t y = x + 1; y < s->n; y++) {
      const double overlap = jaccard(first[x], first[x + 1], first[y], first[y + 1]);
      sum += overlap > 0 ? overlap : 0;
      pairs += overlap >= 0;
    }
  return pairs > 0 ? sum / pairs : 0;
}

static civ_status compare_contacts(const civ_collusion *c, const civ_collusion_report *r, const sample *s,
                                   civ_collusion_group *g)
{
  contacts all = { 0 };
  const civ_status status = find_contacts(c, r->members + g->first, g, s, &all);
  if (status == CIV_OK && all.n > 0) {
    qsort(all.items, all.n, sizeof *all.items, by_contact);
    g->target_overlap = mean_overlap(&all, s);
  }
  civ_drop(c->allocator, (void **)&all.items, &all.room, sizeof *all.items);
  return status;
}

civ_status civ_collusion_groups_compare(const civ_collusion *c, civ_collusion_report *r)
{
  civ_status status = CIV_OK;
  for (uint32_t k = 0; status == CIV_OK && k < r->n_groups; k++) {
    const sample s = sample_of(r, &r->groups[k]);
    if (c->votes != NULL)
      status = compare_votes(c, &s, &r->groups[k]);
    if (status == CIV_OK)
      status = compare_contacts(c, r, &s, &r->groups[k]);
  }
  return status;
}
