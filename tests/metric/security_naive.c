#include "security_naive.h"

#include <math.h>
#include <string.h>

typedef struct history {
  const civ_security_rules *rules;
  uint32_t agents, listed, n;
  const civ_interaction *r;
  const double *seconds;
  naive_report *out;
} history;

static void accuse(const history *h, uint32_t source, double risk)
{
  if (source < h->listed)
    h->out->scores[source] = fmax(h->out->scores[source], risk);
}

static void suffer(const history *h, uint32_t target, double risk)
{
  if (target < h->listed)
    h->out->scores[target] = fmax(h->out->scores[target], 0.3 * risk);
}

static void single_interactions(const history *h)
{
  for (uint32_t k = 0; k < h->n; k++) {
    const civ_interaction *r = &h->r[k];
    double s = 0;
    if (r->accepted && r->p < 0.3)
      s += 0.3 * (0.3 - r->p) / 0.3;
    if (r->observables.tool_misuse_flags > 0)
      s += fmin(0.4, 0.2 * r->observables.tool_misuse_flags);
    if (r->observables.verifier_rejections > 0)
      s += fmin(0.3, 0.15 * r->observables.verifier_rejections);
    s = fmin(1, s);
    if (s >= h->rules->injection_threshold) {
      h->out->injections++;
      accuse(h, r->initiator, s * fmin(0.9, s + 0.2));
      suffer(h, r->counterparty, s * fmin(0.9, s + 0.2));
    }
    if (r->observables.tool_misuse_flags >= 2) {
      const double risk = fmin(1, 0.3 * r->observables.tool_misuse_flags) * 0.6;
      h->out->exfiltrations++;
      accuse(h, r->initiator, risk);
      suffer(h, r->counterparty, risk);
    }
  }
}

static uint32_t initiated_with(const history *h, uint32_t a, uint32_t b)
{
  uint32_t n = 0;
  for (uint32_t k = 0; k < h->n; k++)
    n += h->r[k].initiator == a && (b == UINT32_MAX || h->r[k].counterparty == b);
  return n;
}

static void one_manipulator(const history *h, uint32_t m)
{
  naive_pattern p = { .manipulator = m };
  uint32_t success = 0, techniques[3] = { 0 }, total = initiated_with(h, m, UINT32_MAX);
  bool any = false;
  for (uint32_t k = 0; k < h->n; k++) {
    const civ_interaction *r = &h->r[k];
    if (r->initiator != m)
      continue;
    p.influence += r->r_a;
    const bool boost = r->accepted && r->p < 0.4 && r->r_a > 0, take = r->accepted && r->tau < -1 && r->p < 0.5;
    const bool target = initiated_with(h, m, r->counterparty) >= 3 && r->p < 0.5;
    success += boost + take;
    techniques[0] += boost;
    techniques[1] += take;
    techniques[2] += target;
    if (boost || take || target)
      any = p.victim[r->counterparty] = true;
  }
  if (total < 3 || !any)
    return;
  p.rate = fmin(1, (double)success / total);
  if (p.rate < h->rules->manipulation_threshold)
    return;
  for (int t = 1; t < 3; t++)
    if (techniques[t] > techniques[p.technique])
      p.technique = t;
  const double risk = p.rate * fmin(0.9, 0.5 + 0.4 * p.rate);
  accuse(h, m, risk);
  for (uint32_t v = 0; v < h->agents; v++)
    if (p.victim[v])
      suffer(h, v, risk);
  h->out->patterns[h->out->n_patterns++] = p;
}

static void manipulators(const history *h)
{
  bool seen[NAIVE_AGENTS] = { false };
  for (uint32_t k = 0; k < h->n; k++)
    if (!seen[h->r[k].initiator]) {
      seen[h->r[k].initiator] = true;
      one_manipulator(h, h->r[k].initiator);
    }
}

static bool first_agreement(const history *h, uint32_t k)
{
  for (uint32_t i = 0; i < k; i++)
    if (h->r[i].accepted && h->r[i].initiator == h->r[k].initiator && h->r[i].counterparty == h->r[k].counterparty)
      return false;
  return h->r[k].accepted;
}

static void launderers(const history *h, const double *trust)
{
  for (uint32_t s = 0; s < h->listed; s++) {
    uint32_t queue[NAIVE_AGENTS], parent[NAIVE_AGENTS], depth[NAIVE_AGENTS] = { 0 }, n = 1;
    bool seen[NAIVE_AGENTS] = { false };
    queue[0] = s;
    seen[s] = true;
    for (uint32_t at = 0; at < n; at++)
      for (uint32_t k = 0; k < h->n; k++) {
        const uint32_t u = queue[at], v = h->r[k].counterparty;
        if (h->r[k].initiator != u || !first_agreement(h, k) || seen[v])
          continue;
        seen[v] = true;
        parent[v] = u;
        depth[v] = depth[u] + 1;
        queue[n++] = v;
        if (!(trust[v] > trust[s] + h->rules->laundering_gap) || depth[v] + 1 < h->rules->min_chain)
          continue;
        naive_path p = { .source = s, .destination = v, .gain = trust[v] - trust[s], .n_between = depth[v] - 1 };
        for (uint32_t x = u, i = p.n_between; i-- > 0; x = parent[x])
          p.between[i] = x;
        const double risk = fmin(1, p.gain / 0.5) * fmin(0.8, 0.4 + p.gain);
        accuse(h, s, risk);
        suffer(h, v, risk);
        h->out->paths[h->out->n_paths++] = p;
      }
  }
}

static bool is_low(const civ_interaction *r)
{
  return r->accepted && r->p < 0.3;
}

static bool on(const civ_chain *c, uint32_t x)
{
  for (uint32_t k = 0; k < c->n_path; k++)
    if (c->path[k] == x)
      return true;
  return false;
}

static uint32_t chains_of(const history *h, const uint32_t *order, civ_chain *chains)
{
  uint32_t kept = 0;
  for (uint32_t i = 0; i < h->n; i++) {
    const civ_interaction *x = &h->r[order[i]];
    uint32_t followers[NAIVE_MOST], n = 0;
    for (uint32_t j = i + 1; is_low(x) && j < h->n; j++)
      if (is_low(&h->r[order[j]]) && h->r[order[j]].initiator == x->counterparty)
        followers[n++] = order[j];
    if (n < 2)
      continue;
    civ_chain c = {
      .origin = x->initiator, .path = { x->initiator, x->counterparty }, .n_path = 2, .ids = { x->id }, .n_ids = 1
    };
    for (uint32_t f = 0; f < n && f < 5; f++)
      if (!on(&c, h->r[followers[f]].counterparty)) {
        c.path[c.n_path++] = h->r[followers[f]].counterparty;
        c.ids[c.n_ids++] = h->r[followers[f]].id;
      }
    if (c.n_path < h->rules->min_chain)
      continue;
    c.velocity = c.n_ids / ((h->seconds[followers[n - 1]] - h->seconds[order[i]]) / 60 + 0.01);
    if (c.velocity < h->rules->contagion_velocity)
      continue;
    c.depth = c.n_path - 1;
    c.spread = c.n_path;
    c.number = kept;
    chains[kept++] = c;
  }
  return kept;
}

static bool is_within(const civ_chain *small, const civ_chain *big)
{
  for (uint32_t k = 0; k < small->n_path; k++)
    if (!on(big, small->path[k]))
      return false;
  return true;
}

static void contagion(const history *h)
{
  static civ_chain found[NAIVE_MOST];
  uint32_t order[NAIVE_MOST];
  for (uint32_t k = 0; k < h->n; k++) { /* insertion: stable */
    uint32_t at = k;
    for (; at > 0 && h->seconds[order[at - 1]] > h->seconds[k]; at--)
      order[at] = order[at - 1];
    order[at] = k;
  }
  const uint32_t n = h->n < h->rules->min_chain ? 0 : chains_of(h, order, found);
  for (uint32_t depth = 6; depth > 0; depth--)
    for (uint32_t k = 0; k < n; k++) {
      bool covered = found[k].depth != depth;
      for (uint32_t i = 0; i < h->out->n_chains; i++)
        covered |= is_within(&found[k], &h->out->chains[i]);
      if (!covered)
        h->out->chains[h->out->n_chains++] = found[k];
    }
  for (uint32_t k = 0; k < h->out->n_chains; k++) {
    const civ_chain *c = &h->out->chains[k];
    const double risk = fmin(1, c->depth / 5.0) * fmin(0.9, 0.5 + c->velocity / 10);
    accuse(h, c->origin, risk);
    for (uint32_t i = 1; i < c->n_path; i++)
      suffer(h, c->path[i], risk);
    if (c->depth > h->out->depth)
      h->out->depth = c->depth;
  }
}

void naive_analyse(const civ_security_rules *rules, uint32_t agents, uint32_t listed, const civ_interaction *records,
                   const double *seconds, uint32_t n, const double *trust, naive_report *out)
{
  const history h = { rules, agents, listed, n, records, seconds, out };
  memset(out, 0, sizeof *out);
  if (n == 0)
    return;
  single_interactions(&h);
  manipulators(&h);
  launderers(&h, trust);
  contagion(&h);
  for (uint32_t a = 0; a < listed; a++)
    out->flagged += out->scores[a] >= rules->manipulation_threshold;
  const double threats = out->injections + out->exfiltrations + out->n_patterns + out->n_paths + out->n_chains;
  if (listed > 0)
    out->level = fmin(1, 0.25 * (threats / (5.0 * listed)) + 0.25 * out->flagged / listed +
                             0.30 * fmin(1, out->depth / 5.0) + 0.20 * ((double)out->n_patterns / listed));
}
