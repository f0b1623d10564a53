#include "cli/sweep_report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/table.h"
#include "cli/terminal.h"

enum { MOST_CONFIGURATIONS = 60, MOST_DIFFERENCES = 100, CELL = 96 };
static const double sure = 0.05; /* corrected p-values below it are told */

static const civ_sweep_plan *plan_of(const civ_sweep_summary *s)
{
  return civ_sweep_rows_plan(s->rows);
}

static const civ_sweep_spec *spec_of(const civ_sweep_summary *s)
{
  return civ_sweep_plan_spec(plan_of(s));
}

/* --- numbers ------------------------------------------------------------------------------------------------------------------- */

/* Decimals that show two digits of a half-width. */
static int decimals_for(double half)
{
  if (!(half > 0) || !isfinite(half))
    return 4;
  const int n = 1 - (int)floor(log10(half));
  return n < 0 ? 0 : n > 6 ? 6 : n;
}

static double half_width(const civ_interval *interval)
{
  return interval->method != CIV_INTERVAL_NONE ? (interval->high - interval->low) / 2 : NAN;
}

/* A value without spread: as few digits as tell it. */
static void format_plain(char out[CELL], double value)
{
  snprintf(out, CELL, fabs(value - nearbyint(value)) < 1e-9 && fabs(value) < 1e9 ? "%.0f" : "%.4f", value);
}

static bool is_sure(const civ_sweep_estimate *e)
{
  return e->compared && e->p_holm < sure;
}

/* "0.3117 ± 0.0028 *" */
static void format_estimate(char out[CELL], const civ_sweep_estimate *e, const char *mark)
{
  const double half = half_width(&e->student);
  if (e->n == 0)
    strcpy(out, "-");
  else if (half > 0)
    snprintf(out, CELL, "%.*f \302\261 %.*f%s", decimals_for(half), e->mean, decimals_for(half), half, mark);
  else {
    format_plain(out, e->mean);
    strncat(out, mark, CELL - strlen(out) - 1);
  }
}

static void format_interval(char out[CELL], double value, const civ_interval *interval, bool sign)
{
  const int decimals = decimals_for(half_width(interval));
  const bool nothing = fabs(value) < 1e-9 && fabs(interval->low) < 1e-9 && fabs(interval->high) < 1e-9;
  if (nothing)
    strcpy(out, "0");
  else if (interval->method == CIV_INTERVAL_NONE)
    snprintf(out, CELL, sign ? "%+.4g" : "%.4g", value);
  else
    snprintf(out, CELL, sign ? "%+.*f [%+.*f, %+.*f]" : "%.*f [%.*f, %.*f]", decimals, value, decimals, interval->low,
             decimals, interval->high);
}

static void format_p(char out[CELL], double p)
{
  snprintf(out, CELL, p < 0.0001 ? "< 0.0001" : "%.4f", p);
}

/* Name of a configuration, terminated, cut where it is very long; free it. NULL: no memory. */
static char *name_of(const civ_sweep_plan *plan, uint64_t configuration)
{
  civ_buffer name = { 0 };
  civ_sweep_plan_name(plan, configuration, &name);
  return civ_buffer_take(&name, NULL);
}

static void print_title(FILE *out, const char *title)
{
  fprintf(out, "\n%s%s%s\n", civ_terminal_style(out, CIV_BOLD), title, civ_terminal_style(out, CIV_PLAIN));
}

/* --- before ---------------------------------------------------------------------------------------------------------------------- */

static void print_parameter(FILE *out, const civ_sweep_parameter *p, civ_buffer *text)
{
  text->length = 0;
  for (uint32_t k = 0; k < p->n && text->length < 60; k++) {
    civ_buffer_text(text, k > 0 ? ", " : "");
    civ_node_json(text, &p->values[k]);
  }
  if (p->n == 0) {
    civ_buffer_text(text, "from ");
    civ_buffer_real(text, p->min);
    civ_buffer_text(text, " to ");
    civ_buffer_real(text, p->max);
    civ_buffer_text(text, p->log ? ", log scale" : "");
  }
  if (!text->failed)
    fprintf(out, "  %-10s%s: %.*s%s\n", "varies", p->path, (int)(text->length < 70 ? text->length : 70), text->data,
            text->length >= 70 ? " ..." : "");
}

bool civ_sweep_report_head(FILE *out, const civ_sweep_plan *plan)
{
  const civ_sweep_spec *spec = civ_sweep_plan_spec(plan);
  const civ_scenario_config *scenario = civ_config_section(civ_sweep_plan_base(plan), "");
  civ_buffer text = { 0 };
  fprintf(out, "%s%s%s", civ_terminal_style(out, CIV_BOLD), spec->name, civ_terminal_style(out, CIV_PLAIN));
  fprintf(out, spec->description != NULL ? " - %s\n" : "\n", spec->description);
  if (strcmp(spec->name, scenario->scenario_id) != 0)
    fprintf(out, "  %-10s%s\n", "scenario", scenario->scenario_id);
  for (uint32_t k = 0; k < spec->n_parameters; k++)
    print_parameter(out, &spec->parameters[k], &text);
  fprintf(out, "  %-10s%llu configuration%s (%s) x %s%llu run%s\n", "runs",
          (unsigned long long)civ_sweep_plan_configurations(plan), civ_sweep_plan_configurations(plan) == 1 ? "" : "s",
          spec->n_configurations > 0 ? "by name" : civ_sweep_design_names[spec->design],
          spec->runs_per_config > 1 && spec->metrics[0].half_width > 0 ? "at most " : "",
          (unsigned long long)spec->runs_per_config, spec->runs_per_config == 1 ? "" : "s");
  if (!spec->has_seed_base)
    fprintf(out, "  %-10sthe scenario's, for every run\n", "seeds");
  else
    fprintf(out, "  %-10sfrom %llu, %s\n", "seeds", (unsigned long long)(spec->seed_base + 1),
            spec->seed_mode == CIV_SWEEP_COMMON ? "the same for every configuration" : "another one for every run");
  const bool ok = !text.failed;
  civ_buffer_free(&text);
  return ok;
}

/* --- configurations ---------------------------------------------------------------------------------------------------------------- */

/* Columns: labels, runs, metrics. The labels' values are cells of their own, so that they align. */
static bool fill_group(civ_table *table, const civ_sweep_summary *s, const civ_sweep_group *g)
{
  const civ_sweep_plan *plan = plan_of(s);
  civ_buffer value = { 0 };
  char cell[CELL];
  for (uint32_t k = 0; k < civ_sweep_plan_labels(plan); k++) {
    const civ_node node = civ_sweep_plan_value(plan, g->configuration, k);
    value.length = 0;
    if (node.kind == CIV_NODE_TEXT)
      civ_buffer_text(&value, node.text);
    else if (node.kind == CIV_NODE_REAL)
      civ_buffer_format(&value, "%.6g", node.real);
    else
      civ_node_json(&value, &node);
    civ_buffer_add(&value, "", 1);
    if (value.failed)
      break;
    civ_table_text(table, value.data);
  }
  const bool ok = !value.failed;
  civ_buffer_free(&value);
  if (g->n_failed > 0)
    snprintf(cell, sizeof cell, "%llu (%llu failed)", (unsigned long long)g->n_runs, (unsigned long long)g->n_failed);
  else
    snprintf(cell, sizeof cell, "%llu", (unsigned long long)g->n_runs);
  civ_table_text(table, cell);
  for (uint32_t m = 0; m < spec_of(s)->n_metrics; m++) {
    format_estimate(cell, &g->estimates[m], is_sure(&g->estimates[m]) ? " *" : s->compares ? "  " : "");
    civ_table_text(table, cell);
  }
  return ok;
}

static bool print_groups(FILE *out, const civ_sweep_summary *s)
{
  const civ_sweep_plan *plan = plan_of(s);
  const uint32_t labels = civ_sweep_plan_labels(plan), n = labels + 1 + spec_of(s)->n_metrics;
  civ_table_column *columns = calloc(n, sizeof *columns);
  for (uint32_t k = 0; columns != NULL && k < n; k++)
    columns[k] = k < labels    ? (civ_table_column){ civ_sweep_plan_label(plan, k), false, 0 }
                 : k == labels ? (civ_table_column){ "runs", true, 0 }
                               : (civ_table_column){ spec_of(s)->metrics[k - labels - 1].name, true, 1 };
  civ_table *table = columns != NULL ? civ_table_create(columns, n) : NULL;
  bool ok = table != NULL;
  for (uint64_t k = 0; ok && k < s->n_groups && k < MOST_CONFIGURATIONS; k++)
    ok = fill_group(table, s, &s->groups[k]);
  if (ok) {
    print_title(out, "Configurations");
    ok = civ_table_print(table, out, 2, civ_terminal_width(out));
  }
  if (ok && s->n_groups > MOST_CONFIGURATIONS)
    fprintf(out, "  ... and %llu more; --csv FILE writes every run\n",
            (unsigned long long)(s->n_groups - MOST_CONFIGURATIONS));
  civ_table_destroy(table);
  free(columns);
  return ok;
}

static void print_legend(FILE *out, const civ_sweep_summary *s)
{
  bool spread = false;
  for (uint64_t k = 0; k < s->n_groups; k++)
    for (uint32_t m = 0; m < spec_of(s)->n_metrics; m++)
      spread = spread || s->groups[k].estimates[m].student.method != CIV_INTERVAL_NONE;
  if (spread)
    fputs("  mean \302\261 half-width of its 95 % interval (Student's t)\n", out);
  else if (!spec_of(s)->has_seed_base)
    fputs("  all runs have one seed: there is nothing to tell chance by\n", out);
  else
    fputs("  one run each: no intervals; --runs N makes more\n", out);
}

/* --- differences -------------------------------------------------------------------------------------------------------------------- */

/* Comparisons that were tested; those that are sure. */
static uint64_t count_tests(const civ_sweep_summary *s, uint64_t *sure_ones)
{
  uint64_t n = 0;
  *sure_ones = 0;
  for (uint64_t k = 0; k < s->n_groups; k++)
    for (uint32_t m = 0; m < spec_of(s)->n_metrics; m++) {
      n += s->groups[k].estimates[m].compared && s->groups[k].estimates[m].comparison.tested;
      *sure_ones += is_sure(&s->groups[k].estimates[m]);
    }
  return n;
}

static bool fill_difference(civ_table *table, const civ_sweep_summary *s, const civ_sweep_group *g, uint32_t m)
{
  const civ_sweep_estimate *e = &g->estimates[m];
  char cell[CELL];
  char *name = name_of(plan_of(s), g->configuration);
  if (name == NULL)
    return false;
  civ_table_text(table, name);
  free(name);
  civ_table_text(table, spec_of(s)->metrics[m].name);
  format_interval(cell, e->comparison.difference, &e->comparison.student, true);
  civ_table_text(table, cell);
  if (e->comparison.has_effect)
    snprintf(cell, sizeof cell, "%+.2f", e->comparison.effect);
  else
    strcpy(cell, "-");
  civ_table_text(table, cell);
  format_p(cell, e->p_holm);
  civ_table_text(table, cell);
  return true;
}

static bool print_sure(FILE *out, const civ_sweep_summary *s, uint64_t n)
{
  static const civ_table_column columns[] = { { "configuration", false, 0 },
                                              { "metric", false, 0 },
                                              { "difference [95 %]", true, 0 },
                                              { "effect", true, 1 },
                                              { "p (Holm)", true, 0 } };
  civ_table *table = civ_table_create(columns, 5);
  uint64_t told = 0;
  bool ok = table != NULL;
  for (uint64_t k = 0; ok && k < s->n_groups; k++)
    for (uint32_t m = 0; ok && m < spec_of(s)->n_metrics && told < MOST_DIFFERENCES; m++)
      if (is_sure(&s->groups[k].estimates[m])) {
        ok = fill_difference(table, s, &s->groups[k], m);
        told++;
      }
  if (ok)
    ok = civ_table_print(table, out, 2, civ_terminal_width(out));
  if (ok && n > told)
    fprintf(out, "  ... and %llu more; --json tells all\n", (unsigned long long)(n - told));
  civ_table_destroy(table);
  return ok;
}

static bool print_differences(FILE *out, const civ_sweep_summary *s)
{
  uint64_t sure_ones;
  const uint64_t tests = count_tests(s, &sure_ones);
  if (tests == 0)
    return true;
  char *name = name_of(plan_of(s), civ_sweep_plan_baseline(plan_of(s)));
  if (name == NULL)
    return false;
  fprintf(out, "  * differs from '%s': p < 0.05 after Holm's correction over %llu comparisons\n", name,
          (unsigned long long)tests);
  fprintf(out, "\n%sDifferences from '%s'%s (%s)\n", civ_terminal_style(out, CIV_BOLD), name,
          civ_terminal_style(out, CIV_PLAIN),
          s->paired ? "seed by seed; interval and p by Student's t; effect: mean / sd of the differences"
                    : "independent seeds; interval and p by Welch's t; effect: Hedges' g");
  free(name);
  if (sure_ones == 0) {
    fputs("  none that these runs can tell from chance\n", out);
    return true;
  }
  return print_sure(out, s, sure_ones);
}

/* --- sensitivity ---------------------------------------------------------------------------------------------------------------------- */

static void fill_sensitivity(civ_table *table, const civ_sweep_spec *spec, const civ_sweep_sensitivity *one, uint32_t k)
{
  char cell[CELL];
  civ_table_text(table, spec->parameters[k].path);
  if (spec->design == CIV_SWEEP_SOBOL_INDICES) {
    format_interval(cell, one->first[k].value, &one->first[k].interval, false);
    civ_table_text(table, cell);
    format_interval(cell, one->total[k].value, &one->total[k].interval, false);
    civ_table_text(table, cell);
    return;
  }
  format_interval(cell, one->effects[k].mu_star.value, &one->effects[k].mu_star.interval, false);
  civ_table_text(table, cell);
  format_interval(cell, one->effects[k].mu.value, &one->effects[k].mu.interval, true);
  civ_table_text(table, cell);
  snprintf(cell, sizeof cell, "%.4g", one->effects[k].sigma);
  civ_table_text(table, cell);
}

static bool print_sensitivity(FILE *out, const civ_sweep_summary *s)
{
  static const civ_table_column indices[] = { { "parameter", false, 0 },
                                              { "first order [95 %]", true, 0 },
                                              { "total order [95 %]", true, 0 } };
  static const civ_table_column effects[] = {
    { "parameter", false, 0 }, { "mu* [95 %]", true, 0 }, { "mu [95 %]", true, 0 }, { "sigma", true, 0 }
  };
  const civ_sweep_spec *spec = spec_of(s);
  const bool sobol = spec->design == CIV_SWEEP_SOBOL_INDICES;
  bool ok = true;
  for (uint32_t m = 0; ok && m < spec->n_metrics; m++) {
    civ_table *table = civ_table_create(sobol ? indices : effects, sobol ? 3 : 4);
    ok = table != NULL;
    for (uint32_t k = 0; ok && k < spec->n_parameters; k++)
      fill_sensitivity(table, spec, &s->sensitivity[m], k);
    if (ok) {
      fprintf(out, "\n%s%s of %s%s\n", civ_terminal_style(out, CIV_BOLD),
              sobol ? "Shares of the variance" : "Elementary effects, per whole range,", spec->metrics[m].name,
              civ_terminal_style(out, CIV_PLAIN));
      if (sobol && !s->sensitivity[m].indices.defined)
        fputs("  the metric does not vary\n", out);
      ok = civ_table_print(table, out, 2, civ_terminal_width(out));
    }
    civ_table_destroy(table);
  }
  return ok;
}

bool civ_sweep_report(FILE *out, const civ_sweep_summary *summary)
{
  if (summary->n_groups == 0) {
    fputs("\nNo run was made.\n", out);
    return true;
  }
  if (summary->sensitivity != NULL)
    return print_sensitivity(out, summary);
  if (!print_groups(out, summary))
    return false;
  print_legend(out, summary);
  return print_differences(out, summary);
}

/* --- Markdown --------------------------------------------------------------------------------------------------------------------------- */

static void markdown_text(civ_buffer *out, const char *text)
{
  for (; *text != '\0'; text++)
    civ_buffer_format(out, *text == '|' ? "\\%c" : "%c", *text);
}

static void markdown_group(civ_buffer *out, const civ_sweep_summary *s, const civ_sweep_group *g)
{
  char cell[CELL];
  civ_buffer_text(out, "| ");
  char *name = name_of(plan_of(s), g->configuration);
  markdown_text(out, name != NULL ? name : "");
  out->failed |= name == NULL;
  free(name);
  for (uint32_t m = 0; m < spec_of(s)->n_metrics; m++) {
    const bool bold = is_sure(&g->estimates[m]);
    format_estimate(cell, &g->estimates[m], "");
    civ_buffer_format(out, bold ? " | **%s**" : " | %s", cell);
  }
  civ_buffer_text(out, " |\n");
}

bool civ_sweep_markdown(civ_buffer *out, const civ_sweep_summary *summary)
{
  const civ_sweep_spec *spec = spec_of(summary);
  uint64_t sure_ones;
  const uint64_t tests = count_tests(summary, &sure_ones);
  civ_buffer_text(out, "| configuration");
  for (uint32_t m = 0; m < spec->n_metrics; m++) {
    civ_buffer_text(out, " | ");
    markdown_text(out, spec->metrics[m].name);
  }
  civ_buffer_text(out, " |\n|---");
  for (uint32_t m = 0; m < spec->n_metrics; m++)
    civ_buffer_text(out, "|---:");
  civ_buffer_text(out, "|\n");
  for (uint64_t k = 0; k < summary->n_groups; k++)
    markdown_group(out, summary, &summary->groups[k]);
  civ_buffer_format(
      out, "\nMeans \302\261 half-width of the 95 %% interval (Student's t) over %llu runs of each configuration%s.",
      (unsigned long long)spec->runs_per_config, spec->seed_mode == CIV_SWEEP_COMMON ? ", the same seeds for all" : "");
  if (tests > 0) {
    char *name = name_of(plan_of(summary), civ_sweep_plan_baseline(plan_of(summary)));
    out->failed |= name == NULL;
    civ_buffer_format(out, " Bold: differs from `%s`%s, p < 0.05 after Holm's correction over %llu comparisons.",
                      name != NULL ? name : "", summary->paired ? " seed by seed" : "", (unsigned long long)tests);
    free(name);
  }
  civ_buffer_text(out, "\n");
  return !out->failed;
}
