#include "lab/sweep_file.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/names.h"
#include "base/number.h"
#include "base/yaml.h"
#include "lab/sweep_reading.h"

enum { MOST_BYTES = 10 << 20, MOST_REPLICATES = 1000000000, MOST_SAMPLES = 100000000, UNTIL_MOST = 1000 };

const char *const civ_sweep_design_names[] = { "grid",   "random", "latin_hypercube", "sobol", "sobol_indices",
                                               "morris", NULL };
const char *const civ_sweep_seed_mode_names[] = { "sequential", "common", NULL };

/* What a summary tells unless somebody asks for something else. */
static const civ_sweep_metric usual_metrics[] = {
  { .name = "total_welfare" },     { .name = "avg_toxicity" },           { .name = "n_frozen" },
  { .name = "honest_avg_payoff" }, { .name = "adversarial_avg_payoff" },
};

civ_sweep_spec civ_sweep_spec_default(void)
{
  return (civ_sweep_spec){ .name = "sweep",
                           .design_seed = 1,
                           .runs_per_config = 1,
                           .has_seed_base = true,
                           .seed_base = 42,
                           .metrics = usual_metrics,
                           .n_metrics = sizeof usual_metrics / sizeof *usual_metrics,
                           .batch = CIV_SWEEP_BATCH };
}

static void read_common(civ_sweep_reading *r, const civ_node *node)
{
  civ_sweep_read_settings(r, node, "common", &r->spec.common, &r->spec.n_common);
}

/* --- metrics ------------------------------------------------------------------------------------------------------------------- */

static civ_sweep_metric *find_metric(civ_sweep_metric *metrics, uint32_t n, const char *name)
{
  for (uint32_t k = 0; k < n; k++)
    if (strcmp(metrics[k].name, name) == 0)
      return &metrics[k];
  return NULL;
}

static void read_metrics(civ_sweep_reading *r, const civ_node *node)
{
  char shown[96];
  const bool list = node->kind == CIV_NODE_LIST;
  const uint32_t n = list ? node->n : 1;
  if (list && n == 0) {
    civ_sweep_complain(r, node, CIV_E_RANGE, "metrics", "no metrics; name at least one, such as [avg_toxicity]");
    return;
  }
  if (n > CIV_SWEEP_MOST_METRICS) {
    civ_sweep_complain(r, node, CIV_E_LIMIT, "metrics", "%u are more than %d", n, CIV_SWEEP_MOST_METRICS);
    return;
  }
  civ_sweep_metric *metrics = civ_sweep_take(r, CIV_SWEEP_MOST_METRICS, sizeof *metrics);
  uint32_t kept = 0;
  for (uint32_t k = 0; metrics != NULL && k < n; k++) {
    const civ_node *item = list ? &node->items[k] : node;
    if (item->kind != CIV_NODE_TEXT || item->length == 0) {
      civ_node_describe(item, shown, sizeof shown);
      civ_sweep_complain(r, item, CIV_E_TYPE, "metrics", "must be names such as avg_toxicity, not %s", shown);
    } else if (find_metric(metrics, kept, item->text) != NULL) {
      civ_sweep_complain(r, item, CIV_E_KEY, "metrics", "'%.60s' stands there twice", item->text);
    } else {
      metrics[kept++] = (civ_sweep_metric){ .name = item->text, .line = item->line, .column = item->column };
    }
  }
  r->spec.metrics = metrics;
  r->spec.n_metrics = metrics != NULL ? kept : 0;
}

static bool read_half_width(civ_sweep_reading *r, const civ_node *node, const char *key, double *out)
{
  if (!civ_sweep_read_real(r, node, key, out))
    return false;
  if (!(*out > 0))
    civ_sweep_complain(r, node, CIV_E_RANGE, key, "a half-width must be above 0");
  return *out > 0;
}

/* {metric: half-width}, or one half-width where there is one metric. Metrics named only here are looked at too. */
static void read_until(civ_sweep_reading *r, const civ_node *node)
{
  const bool own = civ_node_member(r->root, "metrics") != NULL;
  civ_sweep_metric *metrics = civ_sweep_take(r, CIV_SWEEP_MOST_METRICS, sizeof *metrics);
  uint32_t n = own ? r->spec.n_metrics : 0;
  if (metrics == NULL)
    return;
  if (n > 0)
    memcpy(metrics, r->spec.metrics, n * sizeof *metrics);
  if (node->kind != CIV_NODE_MAP) {
    if (n != 1)
      civ_sweep_complain(r, node, CIV_E_TYPE, "until_ci", "name the metric, as in {avg_toxicity: 0.01}");
    else
      read_half_width(r, node, "until_ci", &metrics[0].half_width);
  }
  for (uint32_t k = 0; node->kind == CIV_NODE_MAP && k < node->n; k++) {
    const civ_key *key = &node->keys[k];
    civ_sweep_metric *m = find_metric(metrics, n, key->text);
    if (m == NULL && n == CIV_SWEEP_MOST_METRICS) {
      civ_sweep_complain(r, node, CIV_E_LIMIT, "until_ci", "more than %d metrics", CIV_SWEEP_MOST_METRICS);
      return;
    }
    if (m == NULL) {
      m = &metrics[n++];
      *m = (civ_sweep_metric){ .name = key->text, .line = key->line, .column = key->column };
    }
    read_half_width(r, &node->items[k], civ_sweep_below("until_ci", key->text).text, &m->half_width);
  }
  if (n == 0)
    return;
  r->spec.metrics = metrics;
  r->spec.n_metrics = n;
  if (civ_node_member(r->root, "runs_per_config") == NULL)
    r->spec.runs_per_config = UNTIL_MOST;
}

/* --- the other keys ------------------------------------------------------------------------------------------------------------ */

static void read_name(civ_sweep_reading *r, const civ_node *node)
{
  civ_sweep_read_text(r, node, "sweep_id", &r->spec.name);
}

static void read_description(civ_sweep_reading *r, const civ_node *node)
{
  civ_sweep_read_text(r, node, "description", &r->spec.description);
}

static void read_base(civ_sweep_reading *r, const civ_node *node)
{
  civ_sweep_read_text(r, node, "base", &r->spec.base);
  r->spec.base_line = node->line;
  r->spec.base_column = node->column;
}

static void read_design(civ_sweep_reading *r, const civ_node *node)
{
  civ_sweep_read_choice(r, node, "design", civ_sweep_design_names, &r->spec.design);
}

static void read_samples(civ_sweep_reading *r, const civ_node *node)
{
  civ_sweep_read_count(r, node, "samples", 1, MOST_SAMPLES, &r->spec.samples);
}

static void read_design_seed(civ_sweep_reading *r, const civ_node *node)
{
  civ_sweep_read_count(r, node, "seed", 0, INT64_MAX, &r->spec.design_seed);
}

static void read_replicates(civ_sweep_reading *r, const civ_node *node)
{
  civ_sweep_read_count(r, node, "runs_per_config", 0, MOST_REPLICATES, &r->spec.runs_per_config);
}

static void read_seed_base(civ_sweep_reading *r, const civ_node *node)
{
  r->spec.has_seed_base = node->kind != CIV_NODE_NULL;
  if (r->spec.has_seed_base)
    civ_sweep_read_count(r, node, "seed_base", 0, INT64_MAX, &r->spec.seed_base);
}

static void read_seed_mode(civ_sweep_reading *r, const civ_node *node)
{
  civ_sweep_read_choice(r, node, "seed_mode", civ_sweep_seed_mode_names, &r->spec.seed_mode);
}

static void read_baseline(civ_sweep_reading *r, const civ_node *node)
{
  civ_sweep_read_text(r, node, "baseline", &r->spec.baseline);
}

static void read_batch(civ_sweep_reading *r, const civ_node *node)
{
  civ_sweep_read_count(r, node, "batch", 2, MOST_REPLICATES, &r->spec.batch);
}

/* Read in this order, whatever the file's: until_ci looks at metrics and runs_per_config. */
static const struct {
  const char *name;
  void (*read)(civ_sweep_reading *r, const civ_node *node);
} keys[] = {
  { "sweep_id", read_name },
  { "description", read_description },
  { "base", read_base },
  { "common", read_common },
  { "parameters", civ_sweep_read_parameters },
  { "configurations", civ_sweep_read_configurations },
  { "design", read_design },
  { "samples", read_samples },
  { "seed", read_design_seed },
  { "runs_per_config", read_replicates },
  { "seed_base", read_seed_base },
  { "seed_mode", read_seed_mode },
  { "metrics", read_metrics },
  { "baseline", read_baseline },
  { "batch", read_batch },
  { "until_ci", read_until },
};
enum { KEYS = sizeof keys / sizeof *keys };

static void check_keys(civ_sweep_reading *r)
{
  for (uint32_t k = 0; k < r->root->n; k++) {
    const civ_key *key = &r->root->keys[k];
    civ_name_search search = civ_name_search_for(key->text);
    for (uint32_t i = 0; i < KEYS; i++)
      civ_name_offer(&search, keys[i].name);
    if (search.best != NULL && strcmp(search.best, key->text) == 0)
      continue;
    civ_loading_say(
        &r->l, CIV_ERROR, CIV_E_KEY, key->line, key->column, key->text,
        search.best != NULL
            ? "unknown key of a sweep; did you mean '%s'?"
            : "unknown key of a sweep; what all runs set goes below 'common', what varies below 'parameters'",
        search.best);
  }
}

/* --- what no single key can see ------------------------------------------------------------------------------------------------- */

static void check_design(civ_sweep_reading *r)
{
  const civ_sweep_spec *s = &r->spec;
  const civ_node *design = civ_node_member(r->root, "design"), *samples = civ_node_member(r->root, "samples"),
                 *named = civ_node_member(r->root, "configurations"), *seed = civ_node_member(r->root, "seed");
  const char *name = civ_sweep_design_names[s->design];
  if (s->n_parameters > 0 && s->n_configurations > 0)
    civ_sweep_complain(r, named, CIV_E_KEY, "configurations", "parameters and configurations exclude each other");
  if (s->design == CIV_SWEEP_GRID) {
    if (samples != NULL)
      civ_sweep_complain(r, samples, CIV_E_KEY, "samples",
                         "a grid has as many points as its values make; remove it or choose a design such as sobol");
    if (seed != NULL)
      civ_sweep_complain(r, seed, CIV_E_KEY, "seed", "a grid draws nothing; the runs' seeds follow from seed_base");
    for (uint32_t k = 0; k < s->n_parameters; k++)
      if (s->parameters[k].n == 0 && s->parameters[k].min < s->parameters[k].max)
        civ_loading_say(&r->l, CIV_ERROR, CIV_E_KEY, s->parameters[k].line, s->parameters[k].column,
                        civ_sweep_below("parameters", s->parameters[k].path).text,
                        "a grid needs values; give a list, or choose a design such as latin_hypercube");
    return;
  }
  if (s->n_parameters == 0)
    civ_sweep_complain(r, design, CIV_E_KEY, "design", "%s needs parameters", name);
  if (samples == NULL)
    civ_sweep_complain(r, design, CIV_E_KEY, "samples", "%s needs it: how many %s to take", name,
                       s->design == CIV_SWEEP_MORRIS ? "trajectories" : "points");
}

static void assign(civ_sweep_reading *r)
{
  check_keys(r);
  for (uint32_t k = 0; k < KEYS; k++) {
    const civ_node *node = civ_node_member(r->root, keys[k].name);
    if (node != NULL)
      keys[k].read(r, node);
  }
  check_design(r);
}

static void read_root(civ_sweep_reading *r)
{
  char shown[96];
  if (r->root->kind == CIV_NODE_MAP) {
    assign(r);
    return;
  }
  civ_node_describe(r->root, shown, sizeof shown);
  if (r->root->kind == CIV_NODE_NULL)
    civ_loading_say(&r->l, CIV_ERROR, CIV_E_SYNTAX, 0, 0, "",
                    "no sweep: the file is empty; begin with base and parameters");
  else
    civ_sweep_complain(r, r->root, CIV_E_TYPE, "", "a sweep is a mapping of keys, not %s", shown);
}

/* --- the doors ------------------------------------------------------------------------------------------------------------------ */

static void hear(void *self, civ_status code, uint32_t line, uint32_t column, const char *key, const char *text)
{
  civ_loading_say(self, CIV_ERROR, code, line, column, key, "%s", text);
}

/* A file's name without folder and ending. */
static const char *name_of(const char *file, civ_arena *arena)
{
  const char *slash = strrchr(file, '/'), *start = slash != NULL ? slash + 1 : file, *dot = strrchr(start, '.');
  const size_t n = dot != NULL && dot > start ? (size_t)(dot - start) : strlen(start);
  return civ_arena_text(arena, start, n);
}

static int by_place(const void *a, const void *b)
{
  const civ_diagnostic *x = a, *y = b;
  return x->line != y->line ? (x->line < y->line ? -1 : 1) : (x->column > y->column) - (x->column < y->column);
}

civ_status civ_sweep_parse(const char *file, const char *text, size_t length, civ_arena *arena, civ_sweep_spec *out,
                           civ_diagnostics *found, civ_error *err)
{
  civ_node root = { .kind = CIV_NODE_NULL };
  civ_sweep_reading r = {
    .l = { .file = file, .found = found }, .arena = arena, .spec = civ_sweep_spec_default(), .root = &root
  };
  const civ_yaml_listener listener = { &r.l, hear };
  if (found != NULL)
    *found = (civ_diagnostics){ 0 };
  r.spec.name = name_of(file, arena);
  if (r.spec.name == NULL)
    civ_loading_no_memory(&r.l);
  else if (length > MOST_BYTES)
    civ_loading_say(&r.l, CIV_ERROR, CIV_E_LIMIT, 0, 0, "",
                    "the file is larger than 10 MiB; a sweep is a page of text");
  else if (civ_yaml_read(text, length, arena, &listener, &root) == CIV_E_NOMEM)
    civ_loading_no_memory(&r.l);
  if (r.l.status == CIV_OK)
    read_root(&r);
  if (found != NULL && found->n > 0)
    qsort(found->items, found->n, sizeof *found->items, by_place);
  if (r.l.status == CIV_E_NOMEM)
    return civ_fail(err, CIV_E_NOMEM, file, "out of memory");
  if (r.l.status == CIV_OK)
    *out = r.spec;
  else if (err != NULL)
    *err = r.l.first;
  return r.l.status;
}

civ_status civ_sweep_load(const char *path, civ_arena *arena, civ_sweep_spec *out, civ_diagnostics *found,
                          civ_error *err)
{
  char *text;
  size_t length;
  if (found != NULL)
    *found = (civ_diagnostics){ 0 };
  civ_status status = civ_file_read(path, (size_t)MOST_BYTES + 1, &text, &length, err);
  if (status != CIV_OK)
    return status;
  status = civ_sweep_parse(path, text, length, arena, out, found, err);
  civ_free(text);
  return status;
}

bool civ_sweep_is_sweep(const char *text, size_t length)
{
  civ_arena arena = civ_arena_create(NULL);
  civ_node root = { .kind = CIV_NODE_NULL };
  const bool read = length <= MOST_BYTES && civ_yaml_read(text, length, &arena, NULL, &root) == CIV_OK;
  const bool scenario =
      read && (civ_node_member(&root, "agents") != NULL || civ_node_member(&root, "scenario_id") != NULL);
  civ_arena_destroy(&arena);
  return !scenario;
}
