/* compare_input.c - runs to be compared, from folders, logs, files of run --json and results stores. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "base/names.h"
#include "base/number.h"
#include "lab/compare.h"
#include "lab/log_history.h"
#include "lab/run_folder.h"
#include "lab/store.h"

static const size_t most_bytes = (size_t)1 << 32;

static civ_status no_memory(civ_error *err)
{
  return civ_fail(err, CIV_E_NOMEM, "compare", "out of memory");
}

/* --- building a side ------------------------------------------------------------------------------------------------------------------- */

/* The next side, empty; NULL: no memory. Valid until the next call. */
static civ_side *next_side(civ_sides *sides, const char *name, const char *kind)
{
  if (sides->n == sides->room) {
    const uint32_t room = sides->room > 0 ? 2 * sides->room : 8;
    civ_side *items = realloc(sides->items, room * sizeof *items);
    if (items == NULL)
      return NULL;
    sides->items = items;
    sides->room = room;
  }
  civ_side *s = &sides->items[sides->n];
  *s = (civ_side){ .arena = civ_arena_create(NULL), .kind = kind };
  s->name = civ_arena_text(&s->arena, name, strlen(name));
  if (s->name == NULL)
    return NULL;
  sides->n++;
  return s;
}

static civ_status take_columns(civ_side *s, const civ_columns *columns)
{
  civ_metric_decl *decls = civ_arena_take(&s->arena, columns->n, sizeof *decls);
  for (uint32_t k = 0; decls != NULL && k < columns->n; k++) {
    decls[k].integer = columns->decls[k].integer;
    decls[k].name = civ_arena_text(&s->arena, columns->decls[k].name, strlen(columns->decls[k].name));
  }
  s->columns = (civ_columns){ .n = columns->n, .decls = decls };
  return s->arena.failed ? CIV_E_NOMEM : CIV_OK;
}

/* Value of the side's column k in a run that may have other columns. */
static double value_of(const civ_side *s, uint32_t k, const civ_columns *columns, const double *totals)
{
  if (k < columns->n && strcmp(columns->decls[k].name, s->columns.decls[k].name) == 0)
    return totals[k];
  for (uint32_t i = 0; i < columns->n; i++)
    if (strcmp(columns->decls[i].name, s->columns.decls[k].name) == 0)
      return totals[i];
  return NAN;
}

static civ_status add_run(civ_side *s, uint64_t seed, const civ_columns *columns, const double *totals)
{
  if (s->n == 0 && take_columns(s, columns) != CIV_OK)
    return CIV_E_NOMEM;
  if ((s->n & (s->n - 1)) == 0) { /* room doubles at powers of two */
    const uint64_t room = s->n > 0 ? 2 * s->n : 1;
    uint64_t *seeds = realloc(s->seeds, room * sizeof *seeds);
    if (seeds != NULL)
      s->seeds = seeds;
    double *values = realloc(s->values, (room * s->columns.n + 1) * sizeof *values);
    if (values != NULL)
      s->values = values;
    if (seeds == NULL || values == NULL)
      return CIV_E_NOMEM;
  }
  s->seeds[s->n] = seed;
  for (uint32_t k = 0; k < s->columns.n; k++)
    s->values[s->n * s->columns.n + k] = value_of(s, k, columns, totals);
  s->n++;
  return CIV_OK;
}

void civ_sides_free(civ_sides *sides)
{
  for (uint32_t k = 0; k < sides->n; k++) {
    free(sides->items[k].seeds);
    free(sides->items[k].values);
    civ_arena_destroy(&sides->items[k].arena);
  }
  free(sides->items);
  *sides = (civ_sides){ 0 };
}

/* --- files of run --json ------------------------------------------------------------------------------------------------------------------ */

static civ_status add_json_run(civ_side *s, const json_t *run)
{
  const json_t *totals = json_object_get(run, "totals");
  const size_t n = json_object_size(totals);
  const char *end = civ_json_text(run, "end", "done");
  if (n == 0 || strcmp(end, "interrupted") == 0 || strcmp(end, "running") == 0) {
    s->n_failed++;
    return CIV_OK;
  }
  civ_metric_decl *decls = calloc(n, sizeof *decls);
  double *values = calloc(n, sizeof *values);
  civ_columns columns = { .n = (uint32_t)n, .decls = decls };
  civ_status status = decls != NULL && values != NULL ? CIV_OK : CIV_E_NOMEM;
  uint32_t k = 0;
  const char *key;
  json_t *value;
  if (status == CIV_OK) {
    json_object_foreach((json_t *)totals, key, value)
    {
      decls[k] = (civ_metric_decl){ key, json_is_integer(value), NULL };
      values[k++] = json_is_number(value) ? json_number_value(value) : NAN;
    }
    status = add_run(s, (uint64_t)civ_json_integer(run, "seed", 0), &columns, values);
  }
  free(decls);
  free(values);
  return status;
}

static civ_status add_json(civ_sides *sides, const char *name, const char *kind, const char *path, civ_error *err)
{
  char *text;
  size_t length;
  json_error_t at;
  civ_status status = civ_file_read(path, most_bytes, &text, &length, err);
  if (status != CIV_OK)
    return status;
  json_t *root = json_loadb(text, length, 0, &at);
  civ_free(text);
  const json_t *runs = json_object_get(root, "runs");
  civ_side *s = json_is_array(runs) ? next_side(sides, name, kind) : NULL;
  if (root == NULL)
    status = civ_fail(err, CIV_E_FORMAT, path, "line %d: this is no JSON: %s", at.line, at.text);
  else if (!json_is_array(runs))
    status = civ_fail(err, CIV_E_FORMAT, path,
                      "neither an event log nor the output of 'civitas run --json': it has no list of runs");
  else if (s == NULL)
    status = no_memory(err);
  size_t k;
  json_t *run;
  if (status == CIV_OK)
    json_array_foreach((json_t *)runs, k, run)
    {
      if (status == CIV_OK && add_json_run(s, run) != CIV_OK)
        status = no_memory(err);
    }
  json_decref(root);
  return status;
}

/* --- event logs ---------------------------------------------------------------------------------------------------------------------------- */

static civ_status add_log(civ_sides *sides, const char *name, const char *path, const civ_registry *registry,
                          civ_error *err)
{
  civ_log_history h;
  civ_status status = civ_log_history_read(path, 1, false, registry, &h, err);
  if (status != CIV_OK)
    return status;
  if (!h.complete || h.record.totals == NULL) {
    status = civ_fail(err, CIV_E_STATE, path,
                      "the log has no end, so its totals are not known; finish the run with 'civitas "
                      "resume FOLDER'");
  } else {
    civ_side *s = next_side(sides, name, "log");
    if (s == NULL || add_run(s, h.record.seed, &h.record.total_columns, h.record.totals) != CIV_OK)
      status = no_memory(err);
  }
  civ_log_history_free(&h);
  return status;
}

/* A log has one record per line, the output of run --json one object over many lines. */
static civ_status is_log(const char *path, bool *log, civ_error *err)
{
  char head[8];
  const size_t length = strlen(path);
  FILE *file = fopen(path, "rb");
  if (file == NULL)
    return civ_fail(err, CIV_E_IO, path,
                    "cannot be read: %s; name a run folder, an event log, a file of 'civitas run --json', "
                    "or STORE:ID",
                    strerror(errno));
  const size_t n = fread(head, 1, sizeof head, file);
  fclose(file);
  *log = length > 4 && strcmp(path + length - 4, ".zst") == 0;
  if (*log)
    return CIV_OK;
  if (n == sizeof head && memcmp(head, "SQLite f", n) == 0)
    return civ_fail(err, CIV_E_FORMAT, path,
                    "this is a results store: name an experiment in it, such as %s:1 ('civitas results ls -s %s')",
                    path, path);
  if (n < 2 || head[0] != '{')
    return civ_fail(err, CIV_E_FORMAT, path, "neither an event log nor the output of 'civitas run --json'");
  *log = head[1] != '\n' && head[1] != '\r';
  return CIV_OK;
}

/* --- results stores -------------------------------------------------------------------------------------------------------------------------- */

typedef struct filling {
  civ_sides *sides;
  const char *prefix; /* of the sides' names: the argument up to the experiment */
  const char *wanted; /* configuration; NULL = all */
  uint32_t first;     /* side of the first configuration taken */
  uint32_t *side_of;  /* configuration -> side + 1 */
  uint32_t n_configurations;
  civ_name_search search;
  char nearest[96];
  civ_status status;
  civ_error *err;
} filling;

static bool add_set(void *arg, const civ_store_set *set)
{
  filling *f = arg;
  char number[CIV_NUMBER_MAX + 1], name[512];
  number[civ_format_unsigned(number, set->number)] = '\0';
  if (f->wanted != NULL && strcmp(f->wanted, set->name) != 0 && strcmp(f->wanted, number) != 0) {
    f->search.best = NULL;
    const int before = f->search.distance;
    civ_name_offer(&f->search, set->name);
    if (f->search.distance < before)
      snprintf(f->nearest, sizeof f->nearest, "%s", set->name);
    return true;
  }
  snprintf(name, sizeof name, "%s%s%s", f->prefix, set->name[0] != '\0' ? "/" : "", set->name);
  civ_side *s = next_side(f->sides, name, "store");
  if (s == NULL || set->number >= f->n_configurations) {
    f->status = no_memory(f->err);
    return false;
  }
  s->n_failed = set->n_failed;
  f->side_of[set->number] = f->sides->n;
  return true;
}

static bool add_stored(void *arg, const civ_stored_run *run)
{
  filling *f = arg;
  const uint32_t side = run->configuration < f->n_configurations ? f->side_of[run->configuration] : 0;
  if (side == 0 || run->error != NULL)
    return true;
  if (add_run(&f->sides->items[side - 1], run->record.seed, &run->record.total_columns, run->record.totals) != CIV_OK)
    f->status = no_memory(f->err);
  return f->status == CIV_OK;
}

static bool count_sets(void *arg, const civ_store_entry *entry)
{
  *(uint32_t *)arg = (uint32_t)entry->n_configurations;
  return false;
}

static civ_status fill_from(filling *f, civ_store *store, int64_t id)
{
  civ_status status = civ_store_experiments(store, id, count_sets, &f->n_configurations, f->err);
  if (status != CIV_OK)
    return status;
  f->side_of = calloc(f->n_configurations + 1, sizeof *f->side_of);
  if (f->side_of == NULL)
    return no_memory(f->err);
  const uint32_t before = f->sides->n;
  status = civ_store_configurations(store, id, add_set, f, f->err);
  if (status == CIV_OK)
    status = f->status;
  if (status == CIV_OK && f->sides->n == before)
    return f->nearest[0] != '\0'
               ? civ_fail(f->err, CIV_E_KEY, f->prefix, "there is no configuration '%.60s'; did you mean '%s'?",
                          f->wanted, f->nearest)
               : civ_fail(f->err, CIV_E_KEY, f->prefix,
                          "there is no configuration '%.60s'; 'civitas results show %lld' lists "
                          "them",
                          f->wanted, (long long)id);
  if (status == CIV_OK)
    status = civ_store_runs(store, id, -1, add_stored, f, f->err);
  return status == CIV_OK ? f->status : status;
}

/* Takes STORE:ID or STORE:ID/CONFIGURATION apart; NULL: it is none. `colon` is the last one before an ID. */
static const char *colon_of(const char *what)
{
  for (const char *colon = strrchr(what, ':'); colon != NULL && colon > what;) {
    const size_t digits = strspn(colon + 1, "0123456789");
    if (digits > 0 && digits < 19 && (colon[1 + digits] == '\0' || colon[1 + digits] == '/'))
      return colon;
    const char *earlier = NULL;
    for (const char *c = what; c < colon; c++)
      earlier = *c == ':' ? c : earlier;
    colon = earlier;
  }
  return NULL;
}

static civ_status add_store(civ_sides *sides, const char *what, const char *colon, civ_error *err)
{
  civ_store *store;
  const char *slash = strchr(colon, '/');
  char *path = strndup(what, (size_t)(colon - what)),
       *prefix = strndup(what, slash != NULL ? (size_t)(slash - what) : strlen(what));
  filling f = { .sides = sides,
                .prefix = prefix,
                .wanted = slash != NULL ? slash + 1 : NULL,
                .search = civ_name_search_for(slash != NULL ? slash + 1 : ""),
                .err = err };
  int64_t id = 0;
  civ_status status =
      path != NULL && prefix != NULL ? civ_store_open(path, CIV_STORE_READ, &store, err) : no_memory(err);
  if (status == CIV_OK) {
    (void)civ_parse_integer(colon + 1, strspn(colon + 1, "0123456789"), &id);
    status = fill_from(&f, store, id);
    (void)civ_store_close(store, NULL);
  }
  free(f.side_of);
  free(path);
  free(prefix);
  return status;
}

/* --- the door ---------------------------------------------------------------------------------------------------------------------------------- */

static civ_status add_folder(civ_sides *sides, const char *folder, const civ_registry *registry, civ_error *err)
{
  char *summary = civ_run_folder_file(folder, CIV_FILE_SUMMARY, NULL),
       *log = civ_run_folder_file(folder, CIV_FILE_EVENTS, NULL);
  civ_status status = CIV_OK;
  if (summary == NULL || log == NULL)
    status = no_memory(err);
  else if (civ_file_exists(summary))
    status = add_json(sides, folder, "folder", summary, err);
  else if (civ_file_exists(log))
    status = add_log(sides, folder, log, registry, err);
  else
    status = civ_fail(err, CIV_E_IO, folder, "this folder holds no run: neither %s nor %s", CIV_FILE_SUMMARY,
                      CIV_FILE_EVENTS);
  free(summary);
  free(log);
  return status;
}

static civ_status add_file(civ_sides *sides, const char *path, const civ_registry *registry, civ_error *err)
{
  bool log = false;
  const civ_status status = is_log(path, &log, err);
  if (status != CIV_OK)
    return status;
  return log ? add_log(sides, path, path, registry, err) : add_json(sides, path, "json", path, err);
}

civ_status civ_sides_add(civ_sides *sides, const char *what, const civ_registry *registry, civ_error *err)
{
  struct stat info;
  const uint32_t before = sides->n;
  const char *colon = colon_of(what);
  civ_status status;
  if (stat(what, &info) == 0)
    status = S_ISDIR(info.st_mode) ? add_folder(sides, what, registry, err) : add_file(sides, what, registry, err);
  else
    status = colon != NULL ? add_store(sides, what, colon, err) : add_file(sides, what, registry, err);
  for (uint32_t k = before; status == CIV_OK && k < sides->n; k++)
    if (sides->items[k].n == 0)
      status = civ_fail(err, CIV_E_STATE, sides->items[k].name, "there is no finished run in it%s",
                        sides->items[k].n_failed > 0 ? "; those that are there failed or were interrupted" : "");
  return status;
}
