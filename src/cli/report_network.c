/* report_network.c - civitas report network: how a run's network stood at its end, and what became of its edges. */
#include <stdio.h>

#include "cli/cli.h"
#include "cli/find_log.h"
#include "cli/report.h"
#include "cli/table.h"
#include "lab/network_report.h"

enum { STRONGEST = 10, FEW_EPOCHS = 20 };

static void print_metrics(const civ_network_story *s, const civ_network_metrics *m)
{
  printf("Network at the end\n");
  printf("  agents            %.0f\n", m->n_agents);
  printf("  edges             %.0f   (%llu at first; %llu worn off, %llu cut by bad reputation, %llu made)\n",
         m->n_edges, (unsigned long long)s->totals.initial_edges, (unsigned long long)s->totals.pruned,
         (unsigned long long)s->totals.disconnected, (unsigned long long)s->totals.created);
  printf("  density           %.4f   (edges, as a share of all that there could be)\n", m->density);
  printf("  average degree    %.4f   (neighbours of an agent)\n", m->average_degree);
  printf("  clustering        %.4f   (share of an agent's neighbours who know each other)\n", m->average_clustering);
  printf("  path length       %.4f   (hops between connected agents%s)\n", m->average_path_length,
         m->average_path_length_sampled > 0 ? ", estimated from some of them" : "");
  printf("  components        %.0f   (%s)\n", m->n_components,
         m->is_connected > 0 ? "everybody can reach everybody" : "parts without a way between them");
}

static bool print_strongest(const civ_network_story *s)
{
  static const civ_table_column columns[] = {
    { "agent", false, 0 }, { "type", false, 1 }, { "agent", false, 0 }, { "type", false, 1 }, { "weight", true, 0 }
  };
  civ_tie ties[STRONGEST];
  const uint32_t n = civ_network_strongest(s->net, ties, STRONGEST);
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof *columns);
  if (!table)
    return false;
  for (uint32_t k = 0; k < n; k++) {
    civ_table_text(table, s->names[ties[k].a]);
    civ_table_text(table, s->types[ties[k].a]);
    civ_table_text(table, s->names[ties[k].b]);
    civ_table_text(table, s->types[ties[k].b]);
    civ_table_real(table, ties[k].weight, 4);
  }
  return civ_report_table(table, "Strongest ties");
}

/* Every epoch of a short run; of a long one, evenly chosen ones and the last. */
static bool print_epochs(const civ_network_story *s)
{
  static const civ_table_column columns[] = { { "epoch", true, 0 },       { "edges", true, 0 },
                                              { "worn off", true, 0 },    { "cut", true, 1 },
                                              { "mean weight", true, 0 }, { "least weight", true, 0 } };
  const size_t stride = (s->n_epochs + FEW_EPOCHS - 1) / FEW_EPOCHS;
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof *columns);
  if (!table)
    return false;
  for (size_t k = 0; k < s->n_epochs; k++) {
    const civ_network_epoch *e = &s->epochs[k];
    if (k % stride != 0 && k + 1 != s->n_epochs)
      continue;
    civ_table_integer(table, e->epoch);
    civ_table_integer(table, (int64_t)e->n_edges);
    civ_table_integer(table, (int64_t)e->pruned);
    civ_table_integer(table, (int64_t)e->disconnected);
    civ_table_real(table, e->weights.mean, 4);
    civ_table_real(table, e->weights.least, 4);
  }
  return civ_report_table(table, "Epochs");
}

static civ_status print_text(const civ_network_story *s, civ_error *err)
{
  civ_network_metrics metrics;
  const civ_status st = civ_network_story_measure(s, &metrics, err);
  if (st != CIV_OK)
    return st;
  print_metrics(s, &metrics);
  return print_strongest(s) && print_epochs(s) ? CIV_OK : civ_fail(err, CIV_E_NOMEM, "report", "out of memory");
}

static civ_status print_json(const civ_network_story *s, civ_error *err)
{
  char *text;
  size_t length;
  const civ_status st = civ_network_story_json(s, &text, &length, err);
  if (st != CIV_OK)
    return st;
  fwrite(text, 1, length, stdout);
  putchar('\n');
  civ_free(text);
  return CIV_OK;
}

int civ_report_print_network(const civ_report_request *request)
{
  civ_network_story story;
  const civ_replay_target target = { &civ_network_story_sink, &story };
  bool complete;
  civ_log_counts counts;
  civ_error err;
  if (civ_network_story_begin(request->config, &story, &err) != CIV_OK)
    return civ_cli_fail(&err);
  civ_status st = civ_log_replay(request->log, request->run, request->strict, &target, 1, &complete, &counts, &err);
  if (st == CIV_OK) {
    civ_cli_tell_flaws(request->log, complete, &counts);
    st = request->json ? print_json(&story, &err) : print_text(&story, &err);
  }
  civ_network_story_free(&story);
  return st == CIV_OK ? CIV_EXIT_DONE : civ_cli_fail(&err);
}
