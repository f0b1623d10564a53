#include "lab/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "base/threads.h"
#include "statistics/holm.h"

static civ_status no_memory(civ_error *err)
{
  return civ_fail(err, CIV_E_NOMEM, "compare", "out of memory");
}

static int find(const civ_columns *columns, const char *name)
{
  for (uint32_t k = 0; k < columns->n; k++)
    if (strcmp(columns->decls[k].name, name) == 0)
      return (int)k;
  return -1;
}

static double value_at(const civ_side *s, uint64_t run, uint32_t column)
{
  return s->values[run * s->columns.n + column];
}

/* --- which runs belong together ------------------------------------------------------------------------------------------------------ */

typedef struct place {
  uint64_t seed, run;
} place;

static int by_seed(const void *a, const void *b)
{
  const place *x = a, *y = b;
  return (x->seed > y->seed) - (x->seed < y->seed);
}

/* Runs in order of their seeds; NULL: no memory. */
static place *in_order(const civ_side *s)
{
  place *order = calloc(s->n + 1, sizeof *order);
  for (uint64_t k = 0; order != NULL && k < s->n; k++)
    order[k] = (place){ s->seeds[k], k };
  if (order != NULL)
    qsort(order, s->n, sizeof *order, by_seed);
  return order;
}

static bool doubled(const place *order, uint64_t n)
{
  for (uint64_t k = 1; k < n; k++)
    if (order[k].seed == order[k - 1].seed)
      return true;
  return false;
}

/* Runs of both sides, partner by partner, in order of seeds. */
typedef struct pairing {
  bool paired;
  uint64_t n, *a, *b;
} pairing;

static civ_status pair_up(const civ_side *a, const civ_side *b, civ_arena *arena, pairing *out, civ_error *err)
{
  place *x = in_order(a), *y = in_order(b);
  const uint64_t least = a->n < b->n ? a->n : b->n;
  *out =
      (pairing){ .a = civ_arena_take(arena, least, sizeof *out->a), .b = civ_arena_take(arena, least, sizeof *out->b) };
  const bool memory = x != NULL && y != NULL && out->a != NULL && out->b != NULL;
  if (memory && !doubled(x, a->n) && !doubled(y, b->n)) {
    for (uint64_t i = 0, k = 0; i < a->n && k < b->n;) {
      if (x[i].seed == y[k].seed) {
        out->a[out->n] = x[i++].run;
        out->b[out->n++] = y[k++].run;
      } else if (x[i].seed < y[k].seed) {
        i++;
      } else {
        k++;
      }
    }
    out->paired = out->n == least && least > 0;
  }
  free(x);
  free(y);
  return memory ? CIV_OK : no_memory(err);
}

/* --- which metrics -------------------------------------------------------------------------------------------------------------------- */

static civ_status check_metrics(const civ_sides *sides, const char *const *metrics, uint32_t n, civ_error *err)
{
  for (uint32_t k = 0; k < n; k++)
    for (uint32_t i = 0; i < sides->n; i++) {
      const civ_columns *columns = &sides->items[i].columns;
      civ_name_search search = civ_name_search_for(metrics[k]);
      if (find(columns, metrics[k]) >= 0)
        continue;
      for (uint32_t c = 0; c < columns->n; c++)
        civ_name_offer(&search, columns->decls[c].name);
      if (search.best != NULL)
        return civ_fail(err, CIV_E_KEY, sides->items[i].name, "has no total '%.60s'; did you mean '%s'?", metrics[k],
                        search.best);
      return civ_fail(err, CIV_E_KEY, sides->items[i].name,
                      "has no total '%.60s'; 'civitas run --json' shows the names", metrics[k]);
    }
  return CIV_OK;
}

/* The metrics of one comparison, in the first side's order or in that asked for. */
static civ_status choose(const civ_side *a, const civ_side *b, const char *const *metrics, uint32_t n_metrics,
                         civ_arena *arena, civ_side_contrasts *out, civ_error *err)
{
  const uint32_t most = n_metrics > 0 ? n_metrics : a->columns.n;
  out->contrasts = civ_arena_take(arena, most, sizeof *out->contrasts);
  if (out->contrasts == NULL)
    return no_memory(err);
  for (uint32_t k = 0; k < most; k++) {
    const char *name = n_metrics > 0 ? metrics[k] : a->columns.decls[k].name;
    const int at = find(&a->columns, name);
    if (find(&b->columns, name) < 0)
      out->only_a++;
    else
      out->contrasts[out->n++] =
          (civ_contrast){ .metric = a->columns.decls[at].name, .integer = a->columns.decls[at].integer, .p_holm = NAN };
  }
  for (uint32_t k = 0; n_metrics == 0 && k < b->columns.n; k++)
    out->only_b += find(&a->columns, b->columns.decls[k].name) < 0;
  return CIV_OK;
}

/* --- comparing -------------------------------------------------------------------------------------------------------------------------- */

typedef struct task {
  const civ_side *a, *b;
  const pairing *pairing;
  civ_contrast *contrast;
  uint32_t entity, other; /* of the bootstrap's draws: metric, side */
  civ_status status;
} task;

static void gather(const civ_side *s, const uint64_t *runs, uint64_t n, uint32_t column, double *out)
{
  for (uint64_t k = 0; k < n; k++)
    out[k] = value_at(s, runs != NULL ? runs[k] : k, column);
}

/* Nothing but rounding between them: sums of the same terms in another order part by a few units in the last place. */
static bool alike(double a, double b)
{
  return fabs(a - b) <= 1e-13 * fmax(fabs(a), fabs(b));
}

/* One value in all runs that have one. */
static bool all_equal(const double *values, uint64_t n)
{
  double first = NAN;
  for (uint64_t k = 0; k < n; k++) {
    if (!isfinite(values[k]))
      continue;
    if (isnan(first))
      first = values[k];
    else if (!alike(values[k], first))
      return false;
  }
  return true;
}

/* Seed by seed the same: nothing that another sign of a difference could change. */
static bool pairs_equal(const double *a, const double *b, uint64_t n)
{
  for (uint64_t k = 0; k < n; k++)
    if (isfinite(a[k]) && isfinite(b[k]) && !alike(a[k], b[k]))
      return false;
  return true;
}

static civ_status contrast(task *t)
{
  const pairing *p = t->pairing;
  const uint64_t n_a = p->paired ? p->n : t->a->n, n_b = p->paired ? p->n : t->b->n;
  double *values = calloc(n_a + n_b + 1, sizeof *values);
  civ_bootstrap options = civ_bootstrap_default(0);
  options.entity = t->entity;
  options.other = t->other;
  if (values == NULL)
    return CIV_E_NOMEM;
  gather(t->a, p->paired ? p->a : NULL, n_a, (uint32_t)find(&t->a->columns, t->contrast->metric), values);
  gather(t->b, p->paired ? p->b : NULL, n_b, (uint32_t)find(&t->b->columns, t->contrast->metric), values + n_a);
  t->contrast->equal = p->paired ? pairs_equal(values, values + n_a, n_a) : all_equal(values, n_a + n_b);
  const civ_status status =
      p->paired ? civ_compare_paired(values, values + n_a, n_a, &options, &t->contrast->comparison, NULL)
                : civ_compare_unpaired(values, n_a, values + n_a, n_b, &options, &t->contrast->comparison, NULL);
  free(values);
  return status;
}

static bool job(void *arg, uint64_t k, uint32_t worker)
{
  task *t = (task *)arg + k;
  (void)worker;
  t->status = contrast(t);
  return t->status == CIV_OK;
}

static civ_status correct(civ_contrasts *c, uint64_t n, civ_error *err)
{
  double *p = calloc(n + 1, sizeof *p);
  uint64_t k = 0;
  if (p == NULL)
    return no_memory(err);
  for (uint32_t s = 0; s < c->n; s++)
    for (uint32_t i = 0; i < c->sides[s].n; i++) {
      const civ_contrast *one = &c->sides[s].contrasts[i];
      const bool tested = one->comparison.tested && !one->equal;
      p[k++] = tested ? one->comparison.p : NAN;
      c->n_tested += tested;
    }
  const civ_status status = civ_holm(p, n, p, NULL, err);
  k = 0;
  for (uint32_t s = 0; status == CIV_OK && s < c->n; s++)
    for (uint32_t i = 0; i < c->sides[s].n; i++)
      c->sides[s].contrasts[i].p_holm = p[k++];
  free(p);
  return status;
}

static civ_status compare_all(civ_contrasts *c, const civ_sides *sides, const pairing *pairings, uint32_t threads,
                              civ_error *err)
{
  uint64_t n = 0, k = 0;
  for (uint32_t s = 0; s < c->n; s++)
    n += c->sides[s].n;
  task *tasks = calloc(n + 1, sizeof *tasks);
  if (tasks == NULL)
    return no_memory(err);
  for (uint32_t s = 0; s < c->n; s++)
    for (uint32_t i = 0; i < c->sides[s].n; i++)
      tasks[k++] = (task){ .a = &sides->items[0],
                           .b = c->sides[s].side,
                           .pairing = &pairings[s],
                           .contrast = &c->sides[s].contrasts[i],
                           .entity = i,
                           .other = s };
  civ_parallel_for(threads > 0 ? threads : civ_cores(), n, job, tasks);
  civ_status status = CIV_OK;
  for (k = 0; status == CIV_OK && k < n; k++)
    status = tasks[k].status;
  free(tasks);
  if (status != CIV_OK)
    return civ_fail(err, status, "compare", status == CIV_E_NOMEM ? "out of memory" : "too many runs");
  return correct(c, n, err);
}

static civ_status fill(civ_contrasts *c, const civ_sides *sides, const char *const *metrics, uint32_t n_metrics,
                       uint32_t threads, civ_error *err)
{
  const civ_side *first = &sides->items[0];
  civ_status status = check_metrics(sides, metrics, n_metrics, err);
  c->n = sides->n - 1;
  c->sides = civ_arena_take(&c->arena, c->n, sizeof *c->sides);
  pairing *pairings = civ_arena_take(&c->arena, c->n, sizeof *pairings);
  if (status == CIV_OK && (c->sides == NULL || pairings == NULL))
    status = no_memory(err);
  for (uint32_t s = 0; status == CIV_OK && s < c->n; s++) {
    civ_side_contrasts *one = &c->sides[s];
    one->side = &sides->items[s + 1];
    status = pair_up(first, one->side, &c->arena, &pairings[s], err);
    if (status != CIV_OK)
      break;
    one->paired = pairings[s].paired;
    one->n_pairs = one->paired ? pairings[s].n : 0;
    one->left_a = one->paired ? first->n - one->n_pairs : 0;
    one->left_b = one->paired ? one->side->n - one->n_pairs : 0;
    status = choose(first, one->side, metrics, n_metrics, &c->arena, one, err);
  }
  return status == CIV_OK ? compare_all(c, sides, pairings, threads, err) : status;
}

civ_status civ_contrast_sides(const civ_sides *sides, const char *const *metrics, uint32_t n_metrics, uint32_t threads,
                              civ_contrasts **out, civ_error *err)
{
  if (sides->n < 2)
    return civ_fail(err, CIV_E_RANGE, sides->n == 1 ? sides->items[0].name : "compare",
                    "one set of runs alone cannot be compared; name another");
  civ_contrasts *c = calloc(1, sizeof *c);
  if (c == NULL)
    return no_memory(err);
  c->arena = civ_arena_create(NULL);
  const civ_status status = fill(c, sides, metrics, n_metrics, threads, err);
  if (status == CIV_OK)
    *out = c;
  else
    civ_contrasts_destroy(c);
  return status;
}

void civ_contrasts_destroy(civ_contrasts *c)
{
  if (c == NULL)
    return;
  civ_arena_destroy(&c->arena);
  free(c);
}
