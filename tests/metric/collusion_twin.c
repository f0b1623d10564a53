#include "collusion_twin.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "civitas/fixture.h"

void history_put(history *h, civ_agent a, civ_agent b, double p, double cost, double seconds, bool accepted)
{
  civ_interaction record = civ_interaction_default();
  record.initiator = a;
  record.counterparty = b;
  record.p = p;
  record.c_a = record.c_b = cost;
  record.accepted = accepted;
  h->items[h->n++] = (dealing){ record, seconds };
}

civ_collusion *history_fold(const history *h, const civ_collusion_params *params, const civ_allocator *allocator)
{
  civ_collusion *c;
  assert_int_equal(civ_collusion_create(params, h->agents, h->agents, true, allocator, &c, NULL), CIV_OK);
  assert_int_equal(civ_collusion_reserve(c, h->n), CIV_OK);
  for (uint32_t k = 0; k < h->n; k++)
    civ_collusion_add(c, &h->items[k].record, h->items[k].seconds);
  return c;
}

civ_collusion_report history_analyse(civ_collusion *c, uint32_t agents)
{
  civ_collusion_report r;
  assert_int_equal(civ_collusion_report_init(&r, agents, &civ_allocator_malloc, NULL), CIV_OK);
  assert_int_equal(civ_collusion_analyse(c, &r), CIV_OK);
  return r;
}

civ_collusion_report history_report(const history *h, const civ_collusion_params *params)
{
  civ_collusion *c = history_fold(h, params, &civ_allocator_malloc);
  const civ_collusion_report r = history_analyse(c, h->agents);
  civ_collusion_destroy(c);
  return r;
}

void near(double x, double y)
{
  if (!(fabs(x - y) <= 1e-9 * fmax(1, fmax(fabs(x), fabs(y)))))
    fail_msg("%.17g is not %.17g", x, y);
}

/* --- the slow twin -------------------------------------------------------------------------------------------------------- */

static bool is_of(const civ_interaction *i, civ_agent a, civ_agent b)
{
  return (i->initiator == a && i->counterparty == b) || (i->initiator == b && i->counterparty == a);
}

static int find(const slow_report *r, civ_agent a, civ_agent b)
{
  for (uint32_t k = 0; k < r->n; k++)
    if (r->pairs[k].a == a && r->pairs[k].b == b)
      return (int)k;
  return -1;
}

static double mean(const double *x, uint32_t n)
{
  double sum = 0;
  for (uint32_t k = 0; k < n; k++)
    sum += x[k];
  return n > 0 ? sum / n : 0;
}

static double deviation(const double *x, uint32_t n)
{
  const double m = mean(x, n);
  double sum = 0;
  for (uint32_t k = 0; k < n; k++)
    sum += (x[k] - m) * (x[k] - m);
  return n > 0 ? sqrt(sum / n) : 0;
}

static double pearson(const double *x, const double *y, uint32_t n)
{
  const double mx = mean(x, n), my = mean(y, n), sx = deviation(x, n), sy = deviation(y, n);
  double sum = 0;
  if (n < 2 || sx <= 1e-12 * fmax(1, fabs(mx)) || sy <= 1e-12 * fmax(1, fabs(my)))
    return 0;
  for (uint32_t k = 0; k < n; k++)
    sum += (x[k] - mx) * (y[k] - my);
  return fmax(-1, fmin(1, sum / n / (sx * sy)));
}

static void slow_measure(const history *h, const civ_collusion_params *params, slow_pair *p)
{
  double x[MOST_DEALINGS], y[MOST_DEALINGS], gaps[MOST_DEALINGS] = { 0 }, p_a[MOST_DEALINGS], p_b[MOST_DEALINGS],
                                             last = 0;
  uint32_t n = 0, accepted = 0, n_a = 0, n_b = 0;
  for (uint32_t k = 0; k < h->n; k++) {
    const civ_interaction *i = &h->items[k].record;
    if (!is_of(i, p->a, p->b))
      continue;
    const bool first = i->initiator == p->a;
    const double from = -i->tau - (params->transfer_only ? 0 : i->c_a),
                 to = i->tau - (params->transfer_only ? 0 : i->c_b);
    x[n] = first ? from : to;
    y[n] = first ? to : from;
    if (first)
      p_a[n_a++] = i->p;
    else
      p_b[n_b++] = i->p;
    if (n > 0)
      gaps[n - 1] = h->items[k].seconds - last;
    last = h->items[k].seconds;
    accepted += i->accepted;
    n++;
  }
  p->acceptance = (double)accepted / n;
  p->benefit_a = mean(x, n);
  p->benefit_b = mean(y, n);
  p->kappa = pearson(x, y, n);
  p->p_a = n_a > 0 ? mean(p_a, n_a) : 0.5;
  p->p_b = n_b > 0 ? mean(p_b, n_b) : 0.5;
  p->gap = mean(gaps, n - 1);
  p->burstiness = p->gap > 0 ? deviation(gaps, n - 1) / p->gap : 0;
}

static void slow_find_pairs(const history *h, slow_report *r)
{
  for (uint32_t k = 0; k < h->n; k++) {
    const civ_agent x = h->items[k].record.initiator, y = h->items[k].record.counterparty;
    const civ_agent a = x < y ? x : y, b = x < y ? y : x;
    int at = find(r, a, b);
    if (at < 0) {
      at = (int)r->n++;
      r->pairs[at] = (slow_pair){ .a = a, .b = b, .order = (uint32_t)at };
    }
    r->pairs[at].n++;
  }
}

static double slow_score(const civ_collusion_params *params, const slow_pair *p)
{
  const double f = p->z > 0 ? fmin(1, p->z / params->frequency_threshold) : 0, mean_p = (p->p_a + p->p_b) / 2;
  const double q = p->acceptance > 0.5 ? fmax(0, 2 * (0.5 - mean_p)) : 0;
  return (0.25 * f + 0.3 * fmax(0, p->kappa) + 0.2 * fmax(0, 2 * (p->acceptance - 0.5)) + 0.25 * q) *
         fmin(1, p->n / 10.0);
}

static int slow_order(const void *x, const void *y)
{
  const slow_pair *a = x, *b = y;
  if (a->score != b->score)
    return a->score > b->score ? -1 : 1;
  return a->order < b->order ? -1 : 1;
}

static double slow_overlap(const history *h, const slow_group *g)
{
  double sum = 0;
  uint32_t pairs = 0;
  bool met[MOST_AGENTS][MOST_AGENTS] = { { false } };
  for (uint32_t k = 0; k < h->n; k++) {
    const civ_agent a = h->items[k].record.initiator, b = h->items[k].record.counterparty;
    met[a][b] = met[b][a] = true;
  }
  for (civ_agent a = 0; a < h->agents; a++)
    for (civ_agent b = a + 1; b < h->agents; b++) {
      uint32_t common = 0, all = 0;
      for (civ_agent x = 0; g->member[a] && g->member[b] && x < h->agents; x++)
        if (!g->member[x]) {
          common += met[a][x] && met[b][x];
          all += met[a][x] || met[b][x];
        }
      if (all > 0) {
        sum += (double)common / all;
        pairs++;
      }
    }
  return pairs > 0 ? sum / pairs : 0;
}

static void slow_judge(const history *h, slow_group *g)
{
  double inside[MOST_DEALINGS], outside[MOST_DEALINGS];
  uint32_t n_in = 0, n_out = 0;
  for (uint32_t k = 0; k < h->n; k++) {
    const civ_interaction *i = &h->items[k].record;
    if (g->member[i->initiator] && g->member[i->counterparty])
      inside[n_in++] = i->p;
    else if (g->member[i->initiator] || g->member[i->counterparty])
      outside[n_out++] = i->p;
  }
  g->internal_rate = n_in + n_out > 0 ? (double)n_in / (n_in + n_out) : 0;
  g->p_internal = n_in > 0 ? mean(inside, n_in) : 0.5;
  g->p_external = n_out > 0 ? mean(outside, n_out) : 0.5;
  g->score = (0.4 * fmax(0, 2 * (g->internal_rate - 0.5)) + 0.6 * fmax(0, g->p_internal - g->p_external)) *
             (0.5 + 0.5 * fmin(1, g->size / 5.0));
  g->overlap = slow_overlap(h, g);
}

/* Components of the suspicious pairs, discovered along them; then sorted, stably. */
static void slow_groups(const history *h, const civ_collusion_params *params, slow_report *r)
{
  bool done[MOST_AGENTS] = { false };
  for (uint32_t k = 0; k < r->flagged; k++) {
    slow_group g = { .size = 0 };
    if (done[r->pairs[k].a])
      continue;
    g.member[r->pairs[k].a] = true;
    for (bool grew = true; grew;) {
      grew = false;
      for (uint32_t e = 0; e < r->flagged; e++) {
        const civ_agent a = r->pairs[e].a, b = r->pairs[e].b;
        if (g.member[a] != g.member[b])
          grew = g.member[a] = g.member[b] = true;
      }
    }
    for (civ_agent a = 0; a < h->agents; a++) {
      g.size += g.member[a];
      done[a] = done[a] || g.member[a];
    }
    slow_judge(h, &g);
    if (g.size < 2 || g.score < params->score_threshold)
      continue;
    uint32_t at = r->n_groups++;
    for (; at > 0 && r->groups[at - 1].score < g.score; at--)
      r->groups[at] = r->groups[at - 1];
    r->groups[at] = g;
  }
}

void slow_analyse(const history *h, const civ_collusion_params *params, slow_report *r)
{
  double counts[MOST_AGENTS * MOST_AGENTS] = { 0 }, in_groups = 0;
  slow_pair kept[MOST_AGENTS * MOST_AGENTS];
  memset(r, 0, sizeof *r);
  slow_find_pairs(h, r);
  for (uint32_t k = 0; k < r->n; k++)
    counts[k] = r->pairs[k].n;
  const double m = mean(counts, r->n), sd = deviation(counts, r->n);
  for (uint32_t k = 0; k < r->n; k++) {
    slow_pair *p = &r->pairs[k];
    if (p->n < params->min_interactions)
      continue;
    slow_measure(h, params, p);
    p->z = sd > 0 ? (p->n - m) / sd : 0;
    p->score = slow_score(params, p);
    r->analysed++;
    r->sum += p->score;
    r->most = fmax(r->most, p->score);
    r->risk[p->a] = fmax(r->risk[p->a], p->score);
    r->risk[p->b] = fmax(r->risk[p->b], p->score);
    if (p->score >= params->score_threshold)
      kept[r->flagged++] = *p;
  }
  memcpy(r->pairs, kept, r->flagged * sizeof *kept);
  qsort(r->pairs, r->flagged, sizeof *r->pairs, slow_order);
  slow_groups(h, params, r);
  for (uint32_t g = 0; g < r->n_groups; g++)
    for (civ_agent a = 0; a < h->agents; a++)
      if (r->groups[g].member[a]) {
        in_groups++;
        r->risk[a] = fmax(r->risk[a], r->groups[g].score);
      }
  if (r->analysed > 0)
    r->ecosystem = fmin(1, 0.3 * r->flagged / (h->agents * (h->agents - 1) / 2.0) + 0.3 * in_groups / h->agents +
                               (r->n_groups > 0 ? 0.4 * r->groups[0].score : 0));
}

double slow_clustering(const history *h, civ_agent a, double window)
{
  double t[2 * MOST_DEALINGS], near_sum = 0;
  uint32_t n = 0;
  for (uint32_t k = 0; k < h->n; k++) {
    if (h->items[k].record.initiator == a)
      t[n++] = h->items[k].seconds;
    if (h->items[k].record.counterparty == a)
      t[n++] = h->items[k].seconds;
  }
  for (uint32_t i = 0; i < n; i++)
    for (uint32_t k = 0; k < n; k++)
      near_sum += fabs(t[i] - t[k]) <= window;
  return n < 3 ? 0 : (near_sum / n - 1) / (n - 1);
}

/* --- random histories ------------------------------------------------------------------------------------------------------------ */

civ_draws history_stream(uint32_t trial)
{
  return civ_draws_open(17, &(civ_draw_key){ .purpose = CIV_PURPOSE_FUZZ, .entity = trial });
}

history history_draw(uint32_t trial)
{
  civ_draws d = history_stream(trial);
  history h = { .agents = 2 + civ_draw_index(&d, MOST_AGENTS - 2) };
  const uint32_t n = civ_draw_index(&d, MOST_DEALINGS), circle = 1 + civ_draw_index(&d, 5);
  const double outside = civ_draw_uniform(&d) * 0.5, even = civ_draw_uniform(&d), pause = civ_draw_index(&d, 3);
  double seconds = 0;
  while (h.n < n) {
    const civ_agent a = civ_draw_index(&d, h.agents);
    const bool away = civ_draw_chance(&d, outside);
    const civ_agent b =
        away ? civ_draw_index(&d, h.agents) : (a / circle * circle + civ_draw_index(&d, circle)) % h.agents;
    history_put(&h, a, b, away ? civ_draw_uniform(&d) * 0.5 : civ_draw_uniform(&d), civ_draw_uniform(&d) * 0.1, seconds,
                civ_draw_chance(&d, 0.8));
    civ_interaction *i = &h.items[h.n - 1].record;
    if (civ_draw_chance(&d, even))
      i->c_b = civ_draw_uniform(&d);
    if (civ_draw_chance(&d, 0.3))
      i->tau = civ_draw_between(&d, -2, 2);
    seconds += pause * civ_draw_index(&d, 40);
  }
  return h;
}

civ_collusion_params history_params(uint32_t trial)
{
  civ_draws d = history_stream(1000 + trial);
  civ_collusion_params params = civ_collusion_defaults();
  params.frequency_threshold = civ_draw_between(&d, 0.2, 3);
  params.score_threshold = civ_draw_between(&d, 0.05, 0.5);
  params.min_interactions = 1 + civ_draw_index(&d, 5);
  params.transfer_only = civ_draw_chance(&d, 0.3);
  return params;
}
