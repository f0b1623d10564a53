/* The report of a network, and its names in tables. */
#include "world/network_report.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "base/digest.h"
#include "base/json.h"

static civ_draw_key key(civ_purpose purpose, uint32_t epoch)
{
  return (
      civ_draw_key){ .purpose = (uint32_t)purpose, .entity = (uint32_t)civ_digest(0, "network", 7), .epoch = epoch };
}

civ_draws civ_network_draws(uint64_t seed)
{
  const civ_draw_key own = key(CIV_PURPOSE_WORLD, 0);
  return civ_draws_open(seed, &own);
}

civ_draws civ_network_sample_draws(uint64_t seed, uint32_t epoch)
{
  const civ_draw_key own = key(CIV_PURPOSE_SAMPLE, epoch);
  return civ_draws_open(seed, &own);
}

void civ_network_follow(civ_network *net, civ_agent initiator, civ_agent counterparty, bool accepted,
                        civ_network_totals *totals)
{
  if (!accepted)
    return;
  totals->stale += !civ_network_has(net, initiator, counterparty);
  totals->created += civ_network_strengthen(net, initiator, counterparty);
}

/* --- names ---------------------------------------------------------------------------------------------------------------- */

const civ_metric_decl civ_network_metric_decls[] = {
  { "network_metrics.n_agents", true, "agents of the network" },
  { "network_metrics.n_edges", true, "edges, after the epoch's decay" },
  { "network_metrics.average_degree", false, "mean number of neighbours" },
  { "network_metrics.average_clustering", false, "mean share of an agent's neighbours who know each other" },
  { "network_metrics.average_path_length", false, "mean hops between agents that are connected" },
  { "network_metrics.is_connected", false, "1: everybody can be reached from everybody" },
  { "network_metrics.n_components", true, "parts between which there is no way" },
  { "network_metrics.density", false, "edges, as a share of all that there could be" },
  { "network_metrics.average_path_length_sampled", true, "1: path lengths were estimated from some agents" },
  { NULL, false, NULL }
};

const civ_metric_decl civ_network_total_decls[] = {
  { "net_n_agents", true, "agents of the network" },
  { "net_n_edges", true, "edges after the last epoch" },
  { "net_average_degree", false, "mean number of neighbours after the last epoch" },
  { "net_average_clustering", false, "mean clustering after the last epoch" },
  { "net_average_path_length", false, "mean hops between connected agents after the last epoch" },
  { "net_is_connected", false, "1: everybody can be reached from everybody after the last epoch" },
  { "net_n_components", true, "parts after the last epoch" },
  { "net_density", false, "edges after the last epoch, as a share of all that there could be" },
  { "net_mean_weight", false, "mean weight of the edges left; 0 without edges" },
  { "net_min_weight", false, "least weight of the edges left; 0 without edges" },
  { "net_initial_n_edges", true, "edges right after generation" },
  { "net_edges_pruned", true, "edges that decay cut" },
  { "net_edges_disconnected", true, "edges that bad reputation cut" },
  { "net_edges_created", true, "edges made by interactions that outlived theirs" },
  { "net_stale_edge_completions", true, "accepted interactions whose edge was gone when they were completed" },
  { NULL, false, NULL }
};

void civ_network_put_totals(const civ_network *net, const civ_network_metrics *metrics,
                            const civ_network_totals *totals, double *values)
{
  const civ_weights weights = civ_network_weights(net);
  const double all[] = { metrics->n_agents,
                         metrics->n_edges,
                         metrics->average_degree,
                         metrics->average_clustering,
                         metrics->average_path_length,
                         metrics->is_connected,
                         metrics->n_components,
                         metrics->density,
                         weights.mean,
                         weights.least,
                         (double)totals->initial_edges,
                         (double)totals->pruned,
                         (double)totals->disconnected,
                         (double)totals->created,
                         (double)totals->stale };
  for (size_t k = 0; k < sizeof all / sizeof *all; k++)
    values[k] = all[k];
}

/* --- the report ------------------------------------------------------------------------------------------------------------- */

static void put_metrics(civ_buffer *out, const civ_network_metrics *metrics)
{
  const double *values = (const double *)metrics;
  civ_buffer_text(out, "\"metrics\": {");
  for (size_t k = 0; k < CIV_NETWORK_METRICS; k++) {
    const civ_metric_decl *decl = &civ_network_metric_decls[k];
    civ_buffer_format(out, "%s\"%s\": ", k ? ", " : "", strchr(decl->name, '.') + 1);
    if (decl->integer)
      civ_buffer_integer(out, (int64_t)values[k]);
    else
      civ_buffer_real(out, values[k]);
  }
  civ_buffer_text(out, "}");
}

static int by_number(const void *a, const void *b)
{
  const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

/* {"value": how often, ...} of ascending numbers. */
static void put_counts(civ_buffer *out, const char *name, const uint32_t *sorted, uint32_t n)
{
  civ_buffer_format(out, ", \"%s\": {", name);
  for (uint32_t k = 0; k < n;) {
    uint32_t end = k;
    while (end < n && sorted[end] == sorted[k])
      end++;
    civ_buffer_format(out, "%s\"%u\": %u", k ? ", " : "", sorted[k], end - k);
    k = end;
  }
  civ_buffer_text(out, "}");
}

/* Degrees, and sizes of components, each with how often they occur. */
static civ_status put_spreads(civ_buffer *out, const civ_network *net)
{
  const uint32_t n = civ_network_size(net);
  uint32_t *numbers = calloc((size_t)n + 1, sizeof *numbers), *sizes = calloc((size_t)n + 1, sizeof *sizes);
  uint32_t n_components = 0;
  civ_status st = numbers && sizes ? CIV_OK : CIV_E_NOMEM;
  if (st == CIV_OK) {
    for (civ_agent a = 0; a < n; a++)
      numbers[a] = civ_network_degree(net, a);
    qsort(numbers, n, sizeof *numbers, by_number);
    put_counts(out, "degree_distribution", numbers, n);
    st = civ_network_measure_each(net, NULL, numbers, &n_components, NULL);
  }
  if (st == CIV_OK) {
    for (civ_agent a = 0; a < n; a++)
      sizes[numbers[a]]++;
    qsort(sizes, n_components, sizeof *sizes, by_number);
    put_counts(out, "component_sizes", sizes, n_components);
  }
  free(numbers);
  free(sizes);
  return st;
}

enum { BINS = 10 };

typedef struct histogram {
  double most;
  uint64_t counts[BINS];
} histogram;

static int bin_of(const histogram *h, double weight)
{
  const int bin = (int)(weight / h->most * BINS);
  return bin < BINS ? bin : BINS - 1;
}

static bool count_weight(void *self, civ_agent a, civ_agent b, double weight)
{
  histogram *h = self;
  (void)a;
  (void)b;
  h->counts[bin_of(h, weight)]++;
  return true;
}

static void put_weights(civ_buffer *out, const civ_network *net)
{
  const civ_weights weights = civ_network_weights(net);
  histogram h = { .most = civ_network_most_weight(net) };
  double rest;
  const uint64_t others = civ_network_each_known(net, count_weight, &h, &rest);
  h.counts[bin_of(&h, others ? rest : 0)] += others;
  civ_buffer_text(out, ", \"weights\": {\"mean\": ");
  civ_buffer_real(out, weights.mean);
  civ_buffer_text(out, ", \"least\": ");
  civ_buffer_real(out, weights.least);
  civ_buffer_text(out, ", \"most_possible\": ");
  civ_buffer_real(out, h.most);
  civ_buffer_text(out, ", \"tenths\": [");
  for (int k = 0; k < BINS; k++)
    civ_buffer_format(out, "%s%llu", k ? ", " : "", (unsigned long long)h.counts[k]);
  civ_buffer_text(out, "]}");
}

static void put_happened(civ_buffer *out, const civ_network_totals *t)
{
  civ_buffer_format(out,
                    ", \"initial_edges\": %llu, \"edges_pruned\": %llu, \"edges_disconnected\": %llu, "
                    "\"edges_created\": %llu, \"stale_edge_completions\": %llu",
                    (unsigned long long)t->initial_edges, (unsigned long long)t->pruned,
                    (unsigned long long)t->disconnected, (unsigned long long)t->created, (unsigned long long)t->stale);
}

civ_status civ_network_put_report(const civ_network *net, const civ_network_metrics *metrics,
                                  const civ_network_totals *totals, civ_bytes *out)
{
  civ_buffer text = { 0 };
  civ_buffer_text(&text, "{\"network\": {");
  put_metrics(&text, metrics);
  text.failed |= put_spreads(&text, net) != CIV_OK;
  put_weights(&text, net);
  put_happened(&text, totals);
  civ_buffer_text(&text, "}}");
  return civ_buffer_deliver(&text, out);
}

/* --- checkpoints ------------------------------------------------------------------------------------------------------------ */

void civ_network_totals_save(const civ_network_totals *t, civ_bytes *out)
{
  civ_bytes_put_u64(out, t->initial_edges);
  civ_bytes_put_u64(out, t->pruned);
  civ_bytes_put_u64(out, t->disconnected);
  civ_bytes_put_u64(out, t->stale);
  civ_bytes_put_u64(out, t->created);
}

void civ_network_totals_load(civ_network_totals *t, civ_bytes_reader *in)
{
  t->initial_edges = civ_bytes_u64(in);
  t->pruned = civ_bytes_u64(in);
  t->disconnected = civ_bytes_u64(in);
  t->stale = civ_bytes_u64(in);
  t->created = civ_bytes_u64(in);
}
