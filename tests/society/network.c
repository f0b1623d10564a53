/* network.c - the network: its totals agree, and following the records by its rules gives the same edges. */
#include <math.h>

#include "base/memory.h"
#include "society.h"
#include "world/network_report.h"

static bool expect_total(society *s, const civ_result *r, const char *name, double value)
{
  const double total = result_total(r, name);
  if (fabs(total - value) <= 1e-9 * fmax(1, fabs(value)))
    return true;
  return society_fail(s, "total %s is %.17g, the records say %.17g", name, total, value);
}

void draw_network(civ_draws *d, civ_buffer *out)
{
  static const char *const topologies[] = { "complete",    "ring",       "star",   "random_erdos_renyi",
                                            "small_world", "scale_free", "custom", NULL };
  if (!draw_maybe(d, 0.4))
    return;
  civ_buffer_text(out, "network:\n");
  put_choice(out, d, "topology", topologies);
  put_boolean(out, d, "dynamic");
  put_real(out, d, "edge_probability", 0, 1);
  put_integer(out, d, "k_neighbors", 2, 9);
  put_real(out, d, "rewire_probability", 0, 1);
  put_integer(out, d, "m_edges", 1, 4);
  put_real(out, d, "edge_strengthen_rate", 0, 1);
  put_real(out, d, "edge_decay_rate", 0, 0.6);
  put_real(out, d, "min_edge_weight", 0, 0.5);
  put_real(out, d, "max_edge_weight", 0.5, 2);
  if (draw_maybe(d, 0.3))
    put_real(out, d, "reputation_disconnect_threshold", -2, 0.5);
  if (draw_maybe(d, 0.2))
    civ_buffer_text(out, "  metrics: {exact_limit: 3, path_samples: 2}\n");
}

/* One epoch after the other; false when the edges of one are not those of the run. */
static bool follow_network(society *s, civ_network *net, const ledger *l, const civ_result *r)
{
  const uint32_t column = result_column(r, "network_metrics.n_edges");
  civ_network_totals totals = { 0 };
  size_t at = 0;
  for (uint32_t e = 0; e < r->epochs; e++) {
    for (; at < l->n_entries && l->entries[at].record.epoch == e; at++) {
      const civ_interaction *i = &l->entries[at].record;
      if (civ_network_reserve(net, 1, 1) != CIV_OK)
        return society_fail(s, "out of memory");
      civ_network_follow(net, i->initiator, i->counterparty, i->accepted, &totals);
    }
    totals.pruned += civ_network_decay(net);
    if (r->rows[(size_t)e * r->epoch_columns.n + column] != (double)civ_network_edges(net))
      return society_fail(s, "epoch %u ends with %g edges, the records say %llu", e,
                          r->rows[(size_t)e * r->epoch_columns.n + column], (unsigned long long)civ_network_edges(net));
  }
  return expect_total(s, r, "net_mean_weight", civ_network_weights(net).mean) &&
         expect_total(s, r, "net_min_weight", civ_network_weights(net).least) &&
         expect_total(s, r, "net_edges_pruned", (double)totals.pruned) &&
         expect_total(s, r, "net_stale_edge_completions", (double)totals.stale);
}

bool network_end(society *s, const ledger *l, const civ_result *r)
{
  const civ_network_config *rules = civ_config_section(s->config, "network");
  civ_network *net = NULL;
  if (!civ_config_given(s->config, "network"))
    return true;
  const double edges = result_total(r, "net_initial_n_edges") - result_total(r, "net_edges_pruned") -
                       result_total(r, "net_edges_disconnected") + result_total(r, "net_edges_created");
  if (r->epochs > 0 && !expect_total(s, r, "net_n_edges", edges))
    return false;
  if (rules->reputation_disconnect_threshold.set)
    return true;
  civ_draws draws = civ_network_draws(r->seed);
  bool fine = civ_network_create(rules, r->population->n, &civ_allocator_malloc, &net, NULL) == CIV_OK;
  fine = fine && civ_network_generate(net, &draws, NULL, NULL) == CIV_OK;
  fine = fine ? follow_network(s, net, l, r) : society_fail(s, "the network cannot be drawn again");
  civ_network_destroy(net);
  return fine;
}
