/* history_report.c - a history in words. */
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "lab/history_text.h"
#include "statistics/statistics.h"

static void put_time(civ_buffer *out, const char *label, bool known, int64_t us)
{
  char text[CIV_NUMBER_MAX];
  civ_buffer_format(out, "%s: ", label);
  if (known)
    civ_buffer_add(out, text, civ_format_time(text, us));
  else
    civ_buffer_text(out, "not available");
  civ_buffer_text(out, "\n");
}

static void put_head(const civ_history *h, civ_buffer *out)
{
  civ_buffer_format(out, "Simulation: %s\n", h->simulation_id);
  put_time(out, "Started", h->started, h->started_us);
  put_time(out, "Ended", h->ended, h->ended_us);
  if (h->started && h->ended)
    civ_buffer_format(out, "Duration: %.6f s (simulated)\n", (double)(h->ended_us - h->started_us) / 1e6);
  else
    civ_buffer_text(out, "Duration: not available\n");
  civ_buffer_format(out, "\nConfiguration\n  Epochs: %llu\n  Steps per Epoch: %llu\n  Agents: %llu\n",
                    (unsigned long long)h->n_epochs, (unsigned long long)h->steps_per_epoch,
                    (unsigned long long)h->n_agents);
  if (h->seeded)
    civ_buffer_format(out, "  Seed: %llu\n", (unsigned long long)h->seed);
  else
    civ_buffer_text(out, "  Seed: none\n");
}

static void put_final(const civ_history *h, civ_buffer *out)
{
  const double *first = h->epochs[0].values, *last = h->epochs[h->n_epoch_snapshots - 1].values;
  civ_buffer_format(
      out,
      "\nLast Epoch\n  Toxicity Rate: %.4f\n  Quality Gap: %.4f\n  Total Welfare: %.2f\n  Avg Payoff: %.2f\n"
      "  Gini Coefficient: %.4f\n  Threat Level: %.4f\n  Collusion Risk: %.4f\n",
      last[CIV_COLUMN_toxicity_rate], last[CIV_COLUMN_quality_gap], last[CIV_COLUMN_total_welfare],
      last[CIV_COLUMN_avg_payoff], last[CIV_COLUMN_gini_coefficient], last[CIV_COLUMN_ecosystem_threat_level],
      last[CIV_COLUMN_ecosystem_collusion_risk]);
  civ_buffer_format(
      out, "\nFirst -> Last\n  Toxicity: %.4f -> %.4f\n  Welfare: %.2f -> %.2f\n  Avg Reputation: %.2f -> %.2f\n",
      first[CIV_COLUMN_toxicity_rate], last[CIV_COLUMN_toxicity_rate], first[CIV_COLUMN_total_welfare],
      last[CIV_COLUMN_total_welfare], first[CIV_COLUMN_avg_reputation], last[CIV_COLUMN_avg_reputation]);
}

static void put_aggregate(const civ_history *h, civ_buffer *out)
{
  const size_t n = h->n_epoch_snapshots;
  double *values = civ_zeroed(&civ_allocator_malloc, n, sizeof *values);
  if (values == NULL) {
    out->failed = true;
    return;
  }
  civ_history_series(h, "total_interactions", values);
  const double total = civ_sum(values, n);
  civ_history_series(h, "accepted_interactions", values);
  const double accepted = civ_sum(values, n);
  civ_buffer_format(out, "\nAll Epochs\n  Total Interactions: %.0f\n  Acceptance Rate: %.2f%%\n", total,
                    total > 0 ? 100.0 * accepted / total : 0.0);
  civ_history_series(h, "toxicity_rate", values);
  civ_buffer_format(out, "  Avg Toxicity: %.4f (std: %.4f)\n", civ_mean(values, n), civ_population_sd(values, n));
  civ_history_series(h, "total_welfare", values);
  civ_buffer_format(out, "  Avg Welfare: %.2f (std: %.2f)\n", civ_mean(values, n), civ_population_sd(values, n));
  free(values);
}

/* Last snapshot of every agent, for sorting by name. */
typedef struct standing {
  const char *name;
  const civ_agent_snapshot *last;
} standing;

static int by_name(const void *a, const void *b)
{
  return strcmp(((const standing *)a)->name, ((const standing *)b)->name);
}

static void put_agents(const civ_history *h, civ_buffer *out)
{
  standing *all = civ_zeroed(&civ_allocator_malloc, h->n_names, sizeof *all);
  if (all == NULL) {
    out->failed = true;
    return;
  }
  for (size_t i = 0; i < h->n_agent_snapshots; i++) {
    standing *s = &all[h->agents[i].agent];
    s->name = h->names[h->agents[i].agent];
    if (s->last == NULL || h->agents[i].epoch >= s->last->epoch)
      s->last = &h->agents[i];
  }
  size_t n = 0;
  for (uint32_t k = 0; k < h->n_names; k++)
    if (all[k].last != NULL)
      all[n++] = all[k];
  qsort(all, n, sizeof *all, by_name);
  civ_buffer_text(out, "\nAgents\n");
  for (size_t k = 0; k < n; k++)
    civ_buffer_format(out, "  %s: reputation %.2f, payoff %.2f, %s\n", all[k].name, all[k].last->reputation,
                      all[k].last->total_payoff,
                      all[k].last->frozen        ? "FROZEN"
                      : all[k].last->quarantined ? "QUARANTINED"
                                                 : "active");
  free(all);
}

void civ_history_report(const civ_history *h, civ_buffer *out)
{
  put_head(h, out);
  if (h->n_epoch_snapshots > 0) {
    put_final(h, out);
    put_aggregate(h, out);
  }
  if (h->n_agent_snapshots > 0)
    put_agents(h, out);
}
