/* Small worlds: a ring lattice in which each edge may change its far end (Watts and Strogatz 1998, but one end stays and the
 * edge is moved at once, so that the number of edges is fixed and every agent keeps its own half). */
#include "world/network_inside.h"

/* Edge j of agent i goes to targets[i * half + j]; before rewiring, to i + j + 1. */
typedef struct lattice {
  uint32_t n, half;
  civ_agent *targets;
  uint64_t *matrix; /* of who knows whom, in dense graphs; NULL in sparse ones */
  size_t words;     /* per row of the matrix */
} lattice;

static void set_bit(lattice *l, civ_agent a, civ_agent b, bool on)
{
  const uint64_t bit_b = UINT64_C(1) << (b & 63), bit_a = UINT64_C(1) << (a & 63);
  uint64_t *of_a = &l->matrix[a * l->words + (b >> 6)], *of_b = &l->matrix[b * l->words + (a >> 6)];
  *of_a = on ? *of_a | bit_b : *of_a & ~bit_b;
  *of_b = on ? *of_b | bit_a : *of_b & ~bit_a;
}

/* The edge in question, i's j-th, is not counted. */
static bool knows(const lattice *l, civ_agent i, uint32_t j, civ_agent x)
{
  const civ_agent *mine = l->targets + (size_t)i * l->half, *theirs = l->targets + (size_t)x * l->half;
  for (uint32_t k = 0; k < l->half; k++)
    if ((k != j && mine[k] == x) || theirs[k] == i)
      return true;
  return false;
}

/* Uniform over those that i does not know: by drawing among all, where few are refused. */
static civ_agent draw_sparse(const lattice *l, civ_agent i, uint32_t j, civ_draws *draws)
{
  for (;;) {
    const civ_agent x = civ_draw_index(draws, l->n);
    if (x != i && !knows(l, i, j, x))
      return x;
  }
}

static uint64_t strangers(const lattice *l, civ_agent i, size_t word)
{
  uint64_t bits = ~l->matrix[i * l->words + word];
  if (word == i >> 6)
    bits &= ~(UINT64_C(1) << (i & 63));
  if (word == l->words - 1 && l->n % 64 != 0)
    bits &= (UINT64_C(1) << (l->n % 64)) - 1;
  return bits;
}

/* The same by counting them. */
static civ_agent draw_dense(const lattice *l, civ_agent i, civ_draws *draws)
{
  uint32_t count = 0;
  for (size_t w = 0; w < l->words; w++)
    count += (uint32_t)__builtin_popcountll(strangers(l, i, w));
  uint32_t nth = civ_draw_index(draws, count);
  for (size_t w = 0;; w++) {
    uint64_t bits = strangers(l, i, w);
    const uint32_t here = (uint32_t)__builtin_popcountll(bits);
    if (nth >= here) {
      nth -= here;
      continue;
    }
    while (nth-- > 0)
      bits &= bits - 1;
    return (civ_agent)(w * 64) + (civ_agent)__builtin_ctzll(bits);
  }
}

static void rewire(lattice *l, civ_agent i, uint32_t j, civ_draws *draws)
{
  civ_agent *target = &l->targets[(size_t)i * l->half + j];
  if (!l->matrix) {
    *target = draw_sparse(l, i, j, draws);
    return;
  }
  set_bit(l, i, *target, false);
  *target = draw_dense(l, i, draws);
  set_bit(l, i, *target, true);
}

static void lay(lattice *l)
{
  for (civ_agent i = 0; i < l->n; i++)
    for (uint32_t j = 0; j < l->half; j++) {
      l->targets[(size_t)i * l->half + j] = (civ_agent)(((uint64_t)i + j + 1) % l->n);
      if (l->matrix)
        set_bit(l, i, l->targets[(size_t)i * l->half + j], true);
    }
}

static civ_status hand_over(civ_network *net, const lattice *l)
{
  const uint64_t edges = (uint64_t)l->n * l->half;
  civ_agent *ends = civ_zeroed(net->allocator, 2 * edges + 1, sizeof *ends);
  if (!ends)
    return CIV_E_NOMEM;
  for (uint64_t k = 0; k < edges; k++) {
    ends[2 * k] = (civ_agent)(k / l->half);
    ends[2 * k + 1] = l->targets[k];
  }
  const civ_status st = civ_network_build(net, ends, edges);
  civ_release(net->allocator, ends, (2 * edges + 1) * sizeof *ends);
  return st;
}

civ_status civ_network_make_small_world(civ_network *net, civ_draws *draws, civ_error *err)
{
  enum { FEW = 4 }; /* dense: an agent knows more than one in so many */
  const int64_t k = net->rules.k_neighbors < (int64_t)net->n - 1 ? net->rules.k_neighbors : (int64_t)net->n - 1;
  lattice l = { .n = net->n, .half = k > 0 ? (uint32_t)(k / 2) : 0, .words = ((size_t)net->n + 63) / 64 };
  const size_t edges = (size_t)l.n * l.half, bits = l.half > l.n / FEW / 2 ? l.n * l.words : 0;
  if (edges > CIV_NETWORK_MOST_EDGES)
    return civ_fail(err, CIV_E_LIMIT, "network.k_neighbors", "%zu edges are more than the %d that fit; lower it", edges,
                    CIV_NETWORK_MOST_EDGES);
  l.targets = civ_zeroed(net->allocator, edges + 1, sizeof *l.targets);
  l.matrix = bits ? civ_zeroed(net->allocator, bits, sizeof *l.matrix) : NULL;
  civ_status st = !l.targets || (bits && !l.matrix) ? CIV_E_NOMEM : CIV_OK;
  if (st == CIV_OK) {
    lay(&l);
    for (civ_agent i = 0; i < l.n; i++)
      for (uint32_t j = 0; j < l.half; j++)
        if (civ_draw_chance(draws, net->rules.rewire_probability))
          rewire(&l, i, j, draws);
    st = hand_over(net, &l);
  }
  civ_release(net->allocator, l.targets, (edges + 1) * sizeof *l.targets);
  civ_release(net->allocator, l.matrix, bits * sizeof *l.matrix);
  return st == CIV_OK ? CIV_OK : civ_fail(err, st, "network", "out of memory for the edges of %u agents", net->n);
}
