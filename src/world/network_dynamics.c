/* How ties change: use strengthens them, time wears them, what is too thin breaks, and whoever is in disgrace loses all. */
#include "world/network_inside.h"

bool civ_network_strengthen(civ_network *net, civ_agent a, civ_agent b)
{
  if (!net->rules.dynamic)
    return false;
  const bool there = civ_network_has(net, a, b);
  const double before = there ? civ_network_weight(net, a, b) : 0;
  return civ_network_add(net, a, b, before + net->rules.edge_strengthen_rate) && !there;
}

/* Takes what is too weak out of a row. */
static uint32_t prune_row(civ_network *net, network_row *row, double least)
{
  civ_agent *ends = net->ends + row->first;
  double *weights = net->weights + row->first;
  uint32_t stay = 0;
  for (uint32_t k = 0; k < row->count; k++) {
    ends[stay] = ends[k];
    weights[stay] = weights[k];
    stay += !(weights[k] < least);
  }
  const uint32_t cut = row->count - stay;
  row->count = stay;
  return cut;
}

/* Row by row, in place; both directions of an edge meet the same fate because they weigh the same. */
static uint64_t decay_rows(civ_network *net, double kept, double least)
{
  uint64_t cut = 0;
  for (civ_agent a = 0; a < net->n; a++) {
    network_row *row = &net->rows[a];
    double *weights = net->weights + row->first;
    uint32_t weak = 0;
    for (uint32_t k = 0; k < row->count; k++) {
      weights[k] *= kept;
      weak += weights[k] < least;
    }
    if (weak)
      cut += prune_row(net, row, least);
  }
  return cut / 2;
}

/* Decays the one weight and the entries; how many entries became too weak. */
static uint64_t decay_touched(civ_network *net, double kept, double least)
{
  const size_t n = civ_pairs_count(net->touched);
  uint64_t weak = 0;
  net->untouched *= kept;
  for (size_t k = 0; k < n; k++) {
    civ_pair *pair = civ_pairs_at(net->touched, k);
    pair->value *= kept;
    weak += pair->value < least;
  }
  return weak;
}

/* In a run no entry weighs less than the untouched do, so as long as these stay, all do; a caller may set any weight. */
static uint64_t decay_complete(civ_network *net, double kept, double least)
{
  const uint64_t before = net->n_edges, weak = decay_touched(net, kept, least);
  const bool survivors = net->untouched < least;
  if (weak == 0 && !survivors)
    return 0;
  if (civ_network_spell_out(net, survivors) != CIV_OK) {
    net->lacked = true;
    return 0;
  }
  uint64_t cut = 0;
  for (civ_agent a = 0; a < net->n; a++)
    cut += prune_row(net, &net->rows[a], least);
  net->n_edges -= cut / 2;
  return before - net->n_edges;
}

uint64_t civ_network_decay(civ_network *net)
{
  if (!net->rules.dynamic)
    return 0;
  const double kept = 1 - net->rules.edge_decay_rate, least = net->rules.min_edge_weight;
  uint64_t cut;
  if (net->complete) {
    cut = decay_complete(net, kept, least);
  } else {
    cut = decay_rows(net, kept, least);
    net->n_edges -= cut;
  }
  net->version += cut > 0;
  civ_network_changed(net, CIV_NOBODY, CIV_NOBODY, (double)cut);
  return cut;
}

uint64_t civ_network_disconnect(civ_network *net, civ_agent a, double reputation)
{
  const civ_opt_real threshold = net->rules.reputation_disconnect_threshold;
  if (!threshold.set || !(reputation < threshold.value) || a >= net->n || civ_network_degree(net, a) == 0)
    return 0;
  if (civ_network_spell_out(net, false) != CIV_OK) {
    net->lacked = true;
    return 0;
  }
  const uint32_t cut = net->rows[a].count;
  while (net->rows[a].count > 0)
    if (civ_network_remove(net, a, net->ends[net->rows[a].first + net->rows[a].count - 1]) != CIV_OK)
      break; /* cannot be: the edges are written out */
  return cut;
}

bool civ_network_is_lasting(const civ_network *net, int64_t epochs)
{
  double weight = network_initial_weight(net);
  if (net->rules.reputation_disconnect_threshold.set)
    return false;
  if (!net->rules.dynamic || net->rules.edge_decay_rate == 0)
    return !net->rules.dynamic || !(weight < net->rules.min_edge_weight);
  for (int64_t k = 0; k < epochs && !(weight < net->rules.min_edge_weight); k++) {
    const double next = weight * (1 - net->rules.edge_decay_rate);
    if (next == weight)
      break;
    weight = next;
  }
  return !(weight < net->rules.min_edge_weight);
}

typedef struct weighing {
  double sum, least;
} weighing;

static bool weigh(void *self, civ_agent a, civ_agent b, double weight)
{
  weighing *w = self;
  (void)a;
  (void)b;
  w->sum += weight;
  w->least = weight < w->least ? weight : w->least;
  return true;
}

civ_weights civ_network_weights(const civ_network *net)
{
  weighing w = { 0, net->rules.max_edge_weight };
  if (net->n_edges == 0)
    return (civ_weights){ 0, 0 };
  double rest;
  const uint64_t others = civ_network_each_known(net, weigh, &w, &rest);
  if (others > 0) {
    w.sum += rest * (double)others;
    w.least = rest < w.least ? rest : w.least;
  }
  return (civ_weights){ w.sum / (double)net->n_edges, w.least };
}
