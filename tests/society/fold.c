#include "fold.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- ranges ------------------------------------------------------------------------------------------------------------ */

/* A name ending in '*' stands for all that begin so. */
static const struct {
  const char *name;
  double low, high;
} ranges[] = {
  { "toxicity*", 0, 1 },
  { "mean_toxicity", 0, 1 },
  { "avg_toxicity", 0, 1 },
  { "quality_gap*", -1, 1 },
  { "mean_quality_gap", -1, 1 },
  { "avg_quality_gap", -1, 1 },
  { "average_quality*", 0, 1 },
  { "uncertain_fraction*", 0, 1 },
  { "acceptance_rate*", 0, 1 },
  { "high_quality_acceptance", 0, 1 },
  { "low_quality_acceptance", 0, 1 },
  { "participation_rate", 0, 1 },
  { "gini_coefficient", 0, 1 },
  { "payoff_std", 0, INFINITY },
  { "reputation_std", 0, INFINITY },
  { "total_interactions", 0, INFINITY },
  { "accepted_interactions", 0, INFINITY },
  { "rejected_interactions", 0, INFINITY },
  { "mean_total_*", 0, INFINITY },
  { "mean_accepted_interactions", 0, INFINITY },
  { "posts*", 0, INFINITY },
  { "votes*", 0, INFINITY },
  { "total_posts", 0, INFINITY },
  { "total_votes", 0, INFINITY },
  { "pending*", 0, INFINITY },
  { "frozen*", 0, INFINITY },
  { "freeze*", 0, INFINITY },
  { "unfreeze_orders", 0, INFINITY },
  { "n_*", 0, INFINITY },
  { "refused_actions", 0, INFINITY },
  { "final_blocked", 0, INFINITY },
  { "total_cost_*", 0, INFINITY },
  { "cost.*", 0, INFINITY },
  { "costed_interactions", 0, INFINITY },
  { "actions_*", 0, INFINITY },
  { "events:*", 0, INFINITY },
  { "initiated.*", 0, INFINITY },
  { "received.*", 0, INFINITY },
  { "epochs", 0, INFINITY },
  { "empty_epochs", 0, INFINITY },
};

static bool covers(const char *pattern, const char *name)
{
  const size_t n = strlen(pattern);
  return n && pattern[n - 1] == '*' ? strncmp(pattern, name, n - 1) == 0 : strcmp(pattern, name) == 0;
}

const char *range_fault(const char *name, double value)
{
  static _Thread_local char text[64];
  if (isnan(value) && strcmp(name, "composite.capability_concentration") == 0)
    return NULL; /* no part was completed */
  if (!isfinite(value))
    return "not a finite number";
  for (size_t k = 0; k < sizeof ranges / sizeof *ranges; k++)
    if (covers(ranges[k].name, name) && !(value >= ranges[k].low - 1e-12 && value <= ranges[k].high + 1e-12)) {
      snprintf(text, sizeof text, "outside [%g, %g]", ranges[k].low, ranges[k].high);
      return text;
    }
  return NULL;
}

/* --- the fold: first the means, then what is measured from them ---------------------------------------------------------------- */

typedef struct view {
  const ledger_entry *entries;
  size_t n;
} view;

typedef double (*quantity)(const ledger *l, const ledger_entry *e);

static double quality(const ledger *l, const ledger_entry *e)
{
  (void)l;
  return e->record.p;
}
static double payoff_a(const ledger *l, const ledger_entry *e)
{
  (void)l;
  return e->payoff_a;
}
static double payoff_b(const ledger *l, const ledger_entry *e)
{
  (void)l;
  return e->payoff_b;
}
static double both(const ledger *l, const ledger_entry *e)
{
  (void)l;
  return e->payoff_a + e->payoff_b;
}
static double social(const ledger *l, const ledger_entry *e)
{
  const civ_payoff_config *c = civ_config_section(l->config, "payoff");
  const double p = e->record.p;
  return p * c->s_plus - (1 - p) * c->s_minus - (1 - p) * c->h;
}
static double uncertain(const ledger *l, const ledger_entry *e)
{
  const civ_metrics_config *c = civ_config_section(l->config, "metrics");
  return 0.5 - c->uncertainty_band < e->record.p && e->record.p < 0.5 + c->uncertainty_band;
}

enum group { ALL, ACCEPTED, REFUSED };

static bool member(const ledger_entry *e, enum group g)
{
  return g == ALL || e->record.accepted == (g == ACCEPTED);
}

static size_t count(const view *v, enum group g)
{
  size_t n = 0;
  for (size_t k = 0; k < v->n; k++)
    n += member(&v->entries[k], g);
  return n;
}

static double sum(const ledger *l, const view *v, enum group g, quantity q)
{
  long double total = 0;
  for (size_t k = 0; k < v->n; k++)
    if (member(&v->entries[k], g))
      total += q(l, &v->entries[k]);
  return (double)total;
}

static double mean(const ledger *l, const view *v, enum group g, quantity q)
{
  const size_t n = count(v, g);
  return n ? sum(l, v, g, q) / (double)n : 0;
}

static double participants(const ledger *l, const view *v)
{
  uint8_t *seen = calloc(l->roster.n + 1, 1);
  uint32_t n = 0;
  for (size_t k = 0; k < v->n; k++) {
    n += !seen[v->entries[k].record.initiator];
    seen[v->entries[k].record.initiator] = 1;
    n += !seen[v->entries[k].record.counterparty];
    seen[v->entries[k].record.counterparty] = 1;
  }
  free(seen);
  return l->roster.n ? (double)n / l->roster.n : 0;
}

/* Standard deviation and Gini coefficient over all credited payoffs, by their definitions. */
static void spread_of_payoffs(const view *v, double *std, double *gini)
{
  double *x = malloc((2 * v->n + 1) * sizeof *x);
  size_t n = 0;
  for (size_t k = 0; k < v->n; k++)
    if (v->entries[k].record.accepted) {
      x[n++] = v->entries[k].payoff_a;
      x[n++] = v->entries[k].payoff_b;
    }
  long double total = 0, size = 0, squares = 0, differences = 0;
  for (size_t i = 0; i < n; i++) {
    total += x[i];
    size += fabs(x[i]);
  }
  for (size_t i = 0; i < n; i++) {
    squares += (x[i] - total / n) * (x[i] - total / n);
    for (size_t j = 0; j < n && n < 600; j++)
      differences += fabsl((long double)x[i] - x[j]);
  }
  *std = n > 1 ? (double)sqrtl(squares / n) : 0;
  *gini = n >= 600 ? NAN : n > 1 && size > 0 ? (double)(differences / (2 * n * size)) : 0;
  free(x);
}

static uint32_t column_of(const ledger *l, const char *name)
{
  uint32_t k = 0;
  while (k < l->columns.n && strcmp(l->columns.decls[k].name, name) != 0)
    k++;
  return k;
}

typedef struct check {
  const ledger *l;
  const double *row;
  double scale; /* size of the numbers that were summed */
  char *text;
  size_t size;
  bool failed;
} check;

static void expect(check *c, const char *name, double value)
{
  const uint32_t column = column_of(c->l, name);
  if (c->failed || isnan(value)) /* not computed here */
    return;
  if (column < c->l->columns.n && fabs(c->row[column] - value) <= 1e-9 * fmax(1, fmax(fabs(value), c->scale)))
    return;
  snprintf(c->text, c->size, "epoch %u: %s is %.17g, the records give %.17g", c->l->epoch, name,
           column < c->l->columns.n ? c->row[column] : NAN, value);
  c->failed = true;
}

static void expect_counts(check *c, const view *v)
{
  const ledger *l = c->l;
  expect(c, "epoch", l->epoch);
  expect(c, "total_interactions", (double)v->n);
  expect(c, "accepted_interactions", (double)count(v, ACCEPTED));
  expect(c, "rejected_interactions", (double)count(v, REFUSED));
  expect(c, "acceptance_rate", v->n ? (double)count(v, ACCEPTED) / (double)v->n : 0);
  expect(c, "uncertain_fraction", mean(l, v, ALL, uncertain));
  expect(c, "participation_rate", participants(l, v));
  expect(c, "n_agents", l->roster.n);
}

static void expect_qualities(check *c, const view *v)
{
  const ledger *l = c->l;
  const civ_payoff_config *payoff = civ_config_section(l->config, "payoff");
  const bool any = count(v, ACCEPTED) > 0, two = any && count(v, REFUSED) > 0;
  const double accepted = mean(l, v, ACCEPTED, quality);
  expect(c, "toxicity_rate", any ? 1 - accepted : 0);
  expect(c, "quality_gap", two ? accepted - mean(l, v, REFUSED, quality) : 0);
  expect(c, "average_quality", mean(l, v, ALL, quality));
  expect(c, "spread", any ? (payoff->s_plus + payoff->s_minus) * (mean(l, v, ALL, quality) - accepted) : 0);
}

static void expect_payoffs(check *c, const view *v)
{
  const ledger *l = c->l;
  const bool any = count(v, ACCEPTED) > 0;
  double std, gini;
  for (size_t k = 0; k < v->n; k++)
    c->scale += fabs(v->entries[k].payoff_a) + fabs(v->entries[k].payoff_b);
  spread_of_payoffs(v, &std, &gini);
  expect(c, "avg_payoff", mean(l, v, ACCEPTED, payoff_a));
  expect(c, "avg_payoff_both", mean(l, v, ACCEPTED, both) / 2);
  expect(c, "total_welfare", sum(l, v, ACCEPTED, both));
  expect(c, "total_social_surplus", sum(l, v, ACCEPTED, social));
  expect(c, "conditional_loss_initiator", any ? mean(l, v, ACCEPTED, payoff_a) - mean(l, v, ALL, payoff_a) : 0);
  expect(c, "conditional_loss_counterparty", any ? mean(l, v, ACCEPTED, payoff_b) - mean(l, v, ALL, payoff_b) : 0);
  expect(c, "payoff_std", std);
  expect(c, "gini_coefficient", gini);
}

const char *fold_check(const ledger *l, const double *row, char *text, size_t size)
{
  const view v = { l->n_entries > 0 ? l->entries + l->epoch_start : NULL, l->n_entries - l->epoch_start };
  check c = { .l = l, .row = row, .text = text, .size = size };
  expect_counts(&c, &v);
  expect_qualities(&c, &v);
  expect_payoffs(&c, &v);
  for (uint32_t k = 0; !c.failed && k < l->columns.n; k++) {
    const char *fault = range_fault(l->columns.decls[k].name, row[k]);
    if (fault) {
      snprintf(text, size, "epoch %u: %s is %.17g: %s", l->epoch, l->columns.decls[k].name, row[k], fault);
      c.failed = true;
    }
  }
  return c.failed ? text : NULL;
}
