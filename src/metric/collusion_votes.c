/* Voters who vote alike. */
#include <stdlib.h>
#include <string.h>

#include "metric/collusion_inside.h"

enum { COMMON_TARGETS = 3 };

/* --- ballots ---------------------------------------------------------------------------------------------------------------- */

void civ_collusion_ballots_free(const civ_collusion *c, ballots *b)
{
  civ_release(c->allocator, b->targets, b->room * sizeof *b->targets);
  civ_release(c->allocator, b->up, b->room * sizeof *b->up);
  civ_release(c->allocator, b->first, (b->n + 1) * sizeof *b->first);
  *b = (ballots){ 0 };
}

civ_status civ_collusion_ballots(const civ_collusion *c, const civ_agent *voters, uint32_t n, ballots *out)
{
  ballots b = { .n = n };
  size_t total = 0;
  for (uint32_t k = 0; k < n; k++)
    total += civ_idsets_count(c->votes, voters[k]);
  b.room = total + 1;
  b.targets = civ_zeroed(c->allocator, b.room, sizeof *b.targets);
  b.up = civ_zeroed(c->allocator, b.room, sizeof *b.up);
  b.first = civ_zeroed(c->allocator, b.n + 1, sizeof *b.first);
  if (b.targets == NULL || b.up == NULL || b.first == NULL) {
    civ_collusion_ballots_free(c, &b);
    return CIV_E_NOMEM;
  }
  for (uint32_t k = 0; k < n; k++) {
    civ_idsets_list(c->votes, voters[k], b.targets + b.first[k], b.up + b.first[k]);
    b.first[k + 1] = b.first[k] + civ_idsets_count(c->votes, voters[k]);
  }
  *out = b;
  return CIV_OK;
}

/* --- who is compared --------------------------------------------------------------------------------------------------------- */

/* All voters in index order, or so many of them, drawn without replacement. Returns how many there are in all. */
static uint32_t choose_voters(const civ_collusion *c, civ_draws *draws, civ_agent *voters, uint32_t *n)
{
  uint32_t total = 0, left = CIV_COLLUSION_VOTERS, rest;
  for (civ_agent a = 0; a < c->agents; a++)
    total += civ_idsets_count(c->votes, a) >= COMMON_TARGETS;
  rest = total;
  *n = 0;
  for (civ_agent a = 0; a < c->agents; a++) {
    if (civ_idsets_count(c->votes, a) < COMMON_TARGETS)
      continue;
    if (total <= CIV_COLLUSION_VOTERS || civ_draw_index(draws, rest--) < left) {
      voters[(*n)++] = a;
      left--;
    }
  }
  return total;
}

/* --- comparing ---------------------------------------------------------------------------------------------------------------- */

/* One vote, to be sorted by target. */
typedef struct vote {
  uint32_t target, voter; /* voter: place among the chosen */
  bool up;
} vote;

static int by_target(const void *x, const void *y)
{
  const vote *a = x, *b = y;
  if (a->target != b->target)
    return a->target < b->target ? -1 : 1;
  return (a->voter > b->voter) - (a->voter < b->voter);
}

/* Place of (x, y), x < y, in the triangle over n voters. */
static size_t cell_of(size_t x, size_t y, size_t n)
{
  return x * (2 * n - x - 1) / 2 + (y - x - 1);
}

/* Votes on one target: [first, end) of the sorted votes. */
static size_t end_of_target(const vote *votes, size_t n_votes, size_t first)
{
  size_t end = first + 1;
  while (end < n_votes && votes[end].target == votes[first].target)
    end++;
  return end;
}

/* Comparing all pairs of a target's voters costs half their number squared, comparing everybody by bits a 64th of everybody's. */
static bool is_popular(size_t voters, uint32_t n)
{
  return voters * 5 > n;
}

static void count_by_pairs(const vote *votes, size_t n_votes, uint32_t n, agreement *cells)
{
  for (size_t first = 0, end; first < n_votes; first = end) {
    end = end_of_target(votes, n_votes, first);
    if (is_popular(end - first, n))
      continue;
    for (size_t i = first; i < end; i++)
      for (size_t k = i + 1; k < end; k++) {
        agreement *cell = &cells[cell_of(votes[i].voter, votes[k].voter, n)];
        cell->common++;
        cell->equal += votes[i].up == votes[k].up;
      }
  }
}

/* Of up to 64 targets who voted, and who voted up. */
typedef struct bits {
  uint64_t voted, up;
} bits;

static void count_bits(const bits *of, uint32_t n, agreement *cells)
{
  size_t at = 0;
  for (uint32_t x = 0; x < n; x++)
    for (uint32_t y = x + 1; y < n; y++, at++) {
      const uint64_t common = of[x].voted & of[y].voted;
      cells[at].common += (uint32_t)__builtin_popcountll(common);
      cells[at].equal += (uint32_t)__builtin_popcountll(common & ~(of[x].up ^ of[y].up));
    }
}

/* Popular targets, 64 at a time. */
static void count_by_bits(const vote *votes, size_t n_votes, uint32_t n, agreement *cells)
{
  bits of[CIV_COLLUSION_VOTERS] = { { 0, 0 } };
  uint32_t targets = 0;
  for (size_t first = 0, end; first < n_votes; first = end) {
    end = end_of_target(votes, n_votes, first);
    if (!is_popular(end - first, n))
      continue;
    for (size_t i = first; i < end; i++) {
      of[votes[i].voter].voted |= UINT64_C(1) << targets;
      of[votes[i].voter].up |= (uint64_t)votes[i].up << targets;
    }
    if (++targets == 64) {
      count_bits(of, n, cells);
      memset(of, 0, sizeof of);
      targets = 0;
    }
  }
  if (targets > 0)
    count_bits(of, n, cells);
}

static int by_alignment(const void *x, const void *y, void *arg)
{
  const civ_coordinated_pair *a = x, *b = y;
  const char *const *names = arg;
  if (a->alignment != b->alignment)
    return a->alignment > b->alignment ? -1 : 1;
  const int by_first = strcmp(names[a->a], names[b->a]);
  return by_first != 0 ? by_first : strcmp(names[a->b], names[b->b]);
}

/* The first pairs so far: a heap with the last of them in front. Returns the new number of its pairs. */
static uint32_t offer(civ_coordinated_pair *heap, uint32_t n, const civ_coordinated_pair *pair, void *names)
{
  uint32_t at = n;
  if (n < CIV_COLLUSION_LISTED) {
    for (; at > 0 && by_alignment(&heap[(at - 1) / 2], pair, names) < 0; at = (at - 1) / 2)
      heap[at] = heap[(at - 1) / 2];
    heap[at] = *pair;
    return n + 1;
  }
  if (by_alignment(pair, &heap[0], names) > 0)
    return n;
  at = 0;
  for (uint32_t child = 1; child < n; child = 2 * at + 1) {
    child += child + 1 < n && by_alignment(&heap[child], &heap[child + 1], names) < 0;
    if (by_alignment(&heap[child], pair, names) < 0)
      break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = *pair;
  return n;
}

static double alignment_of(const agreement *cell)
{
  return cell->common < COMMON_TARGETS ? -1 : (double)cell->equal / cell->common;
}

static civ_status list_pairs(const civ_collusion *c, const civ_agent *voters, uint32_t n, const agreement *cells,
                             const char *const *names, civ_coordination *out)
{
  const double least = c->params.vote_alignment;
  void *const order = (void *)(uintptr_t)names;
  size_t at = 0;
  out->pairs = calloc(CIV_COLLUSION_LISTED, sizeof *out->pairs);
  if (out->pairs == NULL)
    return CIV_E_NOMEM;
  for (uint32_t x = 0; x < n; x++)
    for (uint32_t y = x + 1; y < n; y++, at++) {
      const double alignment = alignment_of(&cells[at]);
      if (alignment < least)
        continue;
      const bool in_order = strcmp(names[voters[x]], names[voters[y]]) < 0;
      const civ_coordinated_pair pair = { voters[in_order ? x : y], voters[in_order ? y : x], alignment };
      out->n = offer(out->pairs, out->n, &pair, order);
      out->total++;
    }
  qsort_r(out->pairs, out->n, sizeof *out->pairs, by_alignment, order);
  return CIV_OK;
}

static civ_status compare(const civ_collusion *c, const civ_agent *voters, uint32_t n, const char *const *names,
                          civ_coordination *out)
{
  const size_t n_cells = (size_t)n * (n - 1) / 2;
  ballots b;
  civ_status status = civ_collusion_ballots(c, voters, n, &b);
  if (status != CIV_OK)
    return status;
  const size_t n_votes = b.first[n];
  vote *votes = calloc(n_votes + 1, sizeof *votes);
  agreement *cells = calloc(n_cells + 1, sizeof *cells);
  status = votes == NULL || cells == NULL ? CIV_E_NOMEM : CIV_OK;
  for (uint32_t k = 0; status == CIV_OK && k < n; k++)
    for (size_t i = b.first[k]; i < b.first[k + 1]; i++)
      votes[i] = (vote){ b.targets[i], k, b.up[i] != 0 };
  civ_collusion_ballots_free(c, &b);
  if (status == CIV_OK) {
    qsort(votes, n_votes, sizeof *votes, by_target);
    count_by_pairs(votes, n_votes, n, cells);
    count_by_bits(votes, n_votes, n, cells);
    status = list_pairs(c, voters, n, cells, names, out);
  }
  free(votes);
  free(cells);
  return status;
}

civ_status civ_collusion_coordination(const civ_collusion *c, const char *const *names, civ_draws *draws,
                                      civ_coordination *out)
{
  civ_agent voters[CIV_COLLUSION_VOTERS];
  civ_coordination result = { 0 };
  uint32_t n = 0;
  if (c->votes != NULL)
    result.estimated = choose_voters(c, draws, voters, &n) > CIV_COLLUSION_VOTERS;
  const civ_status status = n > 1 ? compare(c, voters, n, names, &result) : CIV_OK;
  if (status == CIV_OK)
    *out = result;
  return status;
}

void civ_coordination_free(civ_coordination *v)
{
  free(v->pairs);
  *v = (civ_coordination){ 0 };
}
