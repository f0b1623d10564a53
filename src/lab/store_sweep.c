#include "lab/store_sweep.h"

#include <stdlib.h>
#include <string.h>

struct civ_store_sweep {
  civ_store *store;
  civ_sweep_receiver receiver;
  civ_store_detail detail;
  const civ_sweep_plan *plan;
  int64_t experiment;
  uint64_t known;
};

static civ_status no_memory(civ_error *err)
{
  return civ_fail(err, CIV_E_NOMEM, "store", "out of memory");
}

/* --- the definition as text ------------------------------------------------------------------------------------------------------ */

static void put_key(civ_buffer *out, const char *key)
{
  civ_buffer_text(out, out->length > 1 && out->data[out->length - 1] != '{' ? ", " : "");
  civ_buffer_json_text(out, key, strlen(key));
  civ_buffer_text(out, ": ");
}

static void put_text(civ_buffer *out, const char *key, const char *text)
{
  if (text == NULL)
    return;
  put_key(out, key);
  civ_buffer_json_text(out, text, strlen(text));
}

static void put_count(civ_buffer *out, const char *key, uint64_t count)
{
  put_key(out, key);
  civ_buffer_integer(out, (int64_t)count);
}

static void put_settings(civ_buffer *out, const char *key, const civ_sweep_setting *set, uint32_t n)
{
  put_key(out, key);
  civ_buffer_text(out, "{");
  for (uint32_t k = 0; k < n; k++) {
    put_key(out, set[k].path);
    civ_node_json(out, &set[k].value);
  }
  civ_buffer_text(out, "}");
}

static void put_parameter(civ_buffer *out, const civ_sweep_parameter *p)
{
  put_key(out, p->path);
  if (p->n == 0) {
    civ_buffer_text(out, "{\"min\": ");
    civ_buffer_real(out, p->min);
    civ_buffer_text(out, ", \"max\": ");
    civ_buffer_real(out, p->max);
    civ_buffer_format(out, ", \"scale\": \"%s\", \"integer\": %s}", p->log ? "log" : "linear",
                      p->integer ? "true" : "false");
    return;
  }
  civ_buffer_text(out, "[");
  for (uint32_t k = 0; k < p->n; k++) {
    civ_buffer_text(out, k > 0 ? ", " : "");
    civ_node_json(out, &p->values[k]);
  }
  civ_buffer_text(out, "]");
}

static void put_varied(civ_buffer *out, const civ_sweep_spec *spec)
{
  if (spec->n_parameters > 0) {
    put_key(out, "parameters");
    civ_buffer_text(out, "{");
    for (uint32_t k = 0; k < spec->n_parameters; k++)
      put_parameter(out, &spec->parameters[k]);
    civ_buffer_text(out, "}");
  }
  if (spec->n_configurations > 0) {
    put_key(out, "configurations");
    civ_buffer_text(out, "[");
    for (uint32_t k = 0; k < spec->n_configurations; k++) {
      const civ_sweep_configuration *c = &spec->configurations[k];
      civ_buffer_text(out, k > 0 ? ", {" : "{");
      put_text(out, "name", c->name);
      put_settings(out, "set", c->set, c->n);
      civ_buffer_text(out, "}");
    }
    civ_buffer_text(out, "]");
  }
}

static void put_metrics(civ_buffer *out, const civ_sweep_spec *spec)
{
  bool until = false;
  put_key(out, "metrics");
  civ_buffer_text(out, "[");
  for (uint32_t k = 0; k < spec->n_metrics; k++) {
    civ_buffer_text(out, k > 0 ? ", " : "");
    civ_buffer_json_text(out, spec->metrics[k].name, strlen(spec->metrics[k].name));
    until = until || spec->metrics[k].half_width > 0;
  }
  civ_buffer_text(out, "]");
  if (!until)
    return;
  put_key(out, "until_ci");
  civ_buffer_text(out, "{");
  for (uint32_t k = 0; k < spec->n_metrics; k++)
    if (spec->metrics[k].half_width > 0) {
      put_key(out, spec->metrics[k].name);
      civ_buffer_real(out, spec->metrics[k].half_width);
    }
  civ_buffer_text(out, "}");
}

void civ_sweep_spec_json(const civ_sweep_spec *spec, civ_buffer *out)
{
  civ_buffer_text(out, "{");
  put_text(out, "sweep_id", spec->name);
  put_text(out, "description", spec->description);
  put_text(out, "base", spec->base);
  if (spec->n_common > 0)
    put_settings(out, "common", spec->common, spec->n_common);
  put_varied(out, spec);
  put_text(out, "design", civ_sweep_design_names[spec->design]);
  if (spec->design != CIV_SWEEP_GRID) {
    put_count(out, "samples", spec->samples);
    put_count(out, "seed", spec->design_seed);
  }
  put_count(out, "runs_per_config", spec->runs_per_config);
  put_key(out, "seed_base");
  if (spec->has_seed_base)
    civ_buffer_integer(out, (int64_t)spec->seed_base);
  else
    civ_buffer_text(out, "null");
  put_text(out, "seed_mode", civ_sweep_seed_mode_names[spec->seed_mode]);
  put_metrics(out, spec);
  put_text(out, "baseline", spec->baseline);
  put_count(out, "batch", spec->batch);
  civ_buffer_text(out, "}");
}

/* --- receiving ---------------------------------------------------------------------------------------------------------------------- */

static civ_status describe_configuration(const civ_sweep_plan *plan, uint64_t c, civ_arena *arena,
                                         civ_store_configuration *out, civ_error *err)
{
  civ_config *config;
  civ_buffer name = { 0 }, settings = { 0 };
  civ_status status = civ_sweep_plan_config(plan, c, &config, err);
  if (status != CIV_OK)
    return status;
  status = civ_store_digest(config, out->sha256, err);
  civ_config_destroy(config);
  civ_sweep_plan_name(plan, c, &name);
  civ_sweep_plan_settings(plan, c, &settings);
  if (status == CIV_OK && !name.failed && !settings.failed) {
    out->name = civ_arena_text(arena, name.data, name.length);
    out->parameters = civ_arena_text(arena, settings.data, settings.length);
  }
  civ_buffer_free(&name);
  civ_buffer_free(&settings);
  return status != CIV_OK || (out->name != NULL && out->parameters != NULL) ? status : no_memory(err);
}

static civ_status describe_columns(const civ_sweep_plan *plan, civ_arena *arena, civ_columns *out)
{
  const uint32_t n = civ_sweep_plan_columns(plan);
  civ_metric_decl *decls = civ_arena_take(arena, n, sizeof *decls);
  if (decls == NULL)
    return CIV_E_NOMEM;
  for (uint32_t k = 0; k < n; k++)
    decls[k] = (civ_metric_decl){ civ_sweep_plan_column(plan, k), civ_sweep_plan_column_is_integer(plan, k), NULL };
  *out = (civ_columns){ .n = n, .decls = decls };
  return CIV_OK;
}

static civ_status begin_experiment(civ_store_sweep *s, civ_arena *arena, const char *config, const char *plan,
                                   civ_error *err)
{
  const uint64_t n = civ_sweep_plan_configurations(s->plan);
  const civ_scenario_config *scenario = civ_config_section(civ_sweep_plan_base(s->plan), "");
  civ_store_experiment e = {
    .digest = civ_sweep_plan_digest(s->plan),
    .name = civ_sweep_plan_spec(s->plan)->name,
    .kind = "sweep",
    .scenario_id = scenario->scenario_id != NULL ? scenario->scenario_id : "",
    .config = config,
    .plan = plan,
    .detail = s->detail,
    .n_runs = civ_sweep_plan_runs(s->plan),
    .n_configurations = (uint32_t)n,
  };
  if (n > UINT32_MAX)
    return civ_fail(err, CIV_E_LIMIT, "store", "%llu configurations are more than a results store takes",
                    (unsigned long long)n);
  civ_store_configuration *configurations = civ_arena_take(arena, n, sizeof *configurations);
  if (configurations == NULL || describe_columns(s->plan, arena, &e.row) != CIV_OK)
    return no_memory(err);
  civ_status status = CIV_OK;
  for (uint64_t c = 0; status == CIV_OK && c < n; c++)
    status = describe_configuration(s->plan, c, arena, &configurations[c], err);
  e.configurations = configurations;
  return status == CIV_OK ? civ_store_begin(s->store, &e, &s->experiment, err) : status;
}

static civ_status begin(void *self, const civ_sweep_plan *plan, civ_error *err)
{
  civ_store_sweep *s = self;
  civ_arena arena = civ_arena_create(NULL);
  civ_buffer spec = { 0 };
  char *config, *text;
  size_t length;
  s->plan = plan;
  civ_status status = civ_config_json(civ_sweep_plan_base(plan), &config, &length, err);
  if (status != CIV_OK)
    return status;
  civ_sweep_spec_json(civ_sweep_plan_spec(plan), &spec);
  text = civ_buffer_take(&spec, &length);
  status = text != NULL ? begin_experiment(s, &arena, config, text, err) : no_memory(err);
  civ_free(text);
  civ_free(config);
  civ_arena_destroy(&arena);
  return status;
}

static civ_store_run place_of(const civ_sweep_row *row)
{
  return (civ_store_run){ .plan_index = row->place.index,
                          .run_index = row->place.run_index,
                          .seed = row->place.seed,
                          .configuration = (uint32_t)row->place.configuration };
}

static bool done(void *self, uint64_t index, civ_sweep_row *row)
{
  civ_store_sweep *s = self;
  civ_outcome outcome;
  const civ_store_run run = place_of(row);
  (void)index;
  if (!civ_store_done(s->store, &run, &row->judged, &outcome, row->values))
    return false;
  row->state = CIV_SWEEP_DONE;
  row->outcome = (uint8_t)outcome;
  row->error = NULL;
  s->known++;
  return true;
}

static civ_status keep(void *self, uint64_t index, const civ_sweep_row *row, const civ_run_record *record,
                       civ_error *err)
{
  civ_store_sweep *s = self;
  civ_store_run run = place_of(row);
  (void)index;
  run.judged = row->judged;
  run.outcome = (civ_outcome)row->outcome;
  run.error = record == NULL ? (row->error != NULL ? row->error : "the run failed") : NULL;
  run.record = record;
  run.row = row->values;
  return civ_store_put(s->store, &run, err);
}

static civ_status end(void *self, civ_error *err)
{
  return civ_store_flush(((civ_store_sweep *)self)->store, false, err);
}

civ_status civ_store_sweep_open(const char *path, civ_store_detail detail, civ_store_sweep **out, civ_error *err)
{
  static const char *const histories[] = { NULL, "none", "all" };
  civ_store_sweep *s = calloc(1, sizeof *s);
  if (s == NULL)
    return no_memory(err);
  s->detail = detail;
  s->receiver = (civ_sweep_receiver){
    .self = s, .begin = begin, .done = done, .run = keep, .end = end, .history = histories[detail]
  };
  const civ_status status = civ_store_open(path, CIV_STORE_CREATE, &s->store, err);
  if (status != CIV_OK)
    free(s);
  else
    *out = s;
  return status;
}

const civ_sweep_receiver *civ_store_sweep_receiver(const civ_store_sweep *s)
{
  return &s->receiver;
}

int64_t civ_store_sweep_experiment(const civ_store_sweep *s)
{
  return s->experiment;
}

uint64_t civ_store_sweep_known(const civ_store_sweep *s)
{
  return s->known;
}

civ_status civ_store_sweep_close(civ_store_sweep *s, bool finished, civ_error *err)
{
  civ_status status = CIV_OK;
  if (s == NULL)
    return CIV_OK;
  if (finished && s->experiment != 0)
    status = civ_store_flush(s->store, true, err);
  const civ_status closed = civ_store_close(s->store, status == CIV_OK ? err : NULL);
  free(s);
  return status == CIV_OK ? closed : status;
}

/* --- reading ------------------------------------------------------------------------------------------------------------------------ */

typedef struct finding {
  civ_stored_sweep *sweep;
  const civ_registry *registry;
  const char *path; /* of messages */
  uint64_t n_runs;
  civ_status status;
  civ_error *err;
} finding;

static civ_status make_plan(finding *f, const civ_store_entry *entry)
{
  civ_stored_sweep *s = f->sweep;
  civ_diagnostics found = { 0 };
  const char *name = civ_arena_text(&s->arena, entry->name, strlen(entry->name)),
             *text = civ_arena_text(&s->arena, entry->plan, strlen(entry->plan));
  if (name == NULL || text == NULL)
    return no_memory(f->err);
  civ_status status = civ_scenario_parse(f->registry, name, entry->config, strlen(entry->config),
                                         CIV_LOAD_LENIENT | CIV_LOAD_ALLOW_EMPTY, &s->base, &found, f->err);
  civ_diagnostics_free(&found);
  if (status == CIV_OK) {
    status = civ_sweep_parse(name, text, strlen(text), &s->arena, &s->spec, &found, f->err);
    civ_diagnostics_free(&found);
  }
  if (status == CIV_OK)
    status = civ_sweep_plan_create(&s->spec, s->base, name, &s->plan, f->err);
  if (status != CIV_OK)
    return status;
  if (civ_sweep_plan_runs(s->plan) != entry->n_runs)
    return civ_fail(f->err, CIV_E_FORMAT, f->path,
                    "experiment %lld was made by civitas %s, whose plans differ from this version's; use that version",
                    (long long)entry->id, entry->version);
  return civ_sweep_rows_create(s->plan, &s->rows, f->err);
}

static bool read_entry(void *arg, const civ_store_entry *entry)
{
  finding *f = arg;
  if (strcmp(entry->kind, "sweep") == 0)
    f->status = make_plan(f, entry);
  else
    f->status = civ_fail(f->err, CIV_E_STATE, f->path, "experiment %lld is no sweep but runs of one configuration",
                         (long long)entry->id);
  return false;
}

static bool read_row(void *arg, const civ_stored_run *run)
{
  finding *f = arg;
  if (run->plan_index >= civ_sweep_plan_runs(f->sweep->plan))
    return true;
  civ_sweep_row row = {
    .place = civ_sweep_plan_place(f->sweep->plan, run->plan_index),
    .state = run->error != NULL ? CIV_SWEEP_FAILED : CIV_SWEEP_DONE,
    .judged = run->judged,
    .outcome = (uint8_t)run->record.outcome,
    .error = run->error,
    .values = (double *)run->row,
  };
  if (civ_sweep_rows_keep(f->sweep->rows, &row) != CIV_OK)
    f->status = no_memory(f->err);
  return f->status == CIV_OK;
}

civ_status civ_stored_sweep_read(civ_store *store, int64_t experiment, const civ_registry *registry,
                                 civ_stored_sweep **out, civ_error *err)
{
  civ_stored_sweep *s = calloc(1, sizeof *s);
  civ_columns columns;
  finding f = { .sweep = s, .registry = registry, .path = civ_store_path(store), .err = err };
  if (s == NULL)
    return no_memory(err);
  s->arena = civ_arena_create(NULL);
  civ_status status = civ_store_experiments(store, experiment, read_entry, &f, err);
  if (status == CIV_OK)
    status = f.status;
  if (status == CIV_OK)
    status = civ_store_row_columns(store, experiment, &columns, err);
  if (status == CIV_OK && columns.n != civ_sweep_plan_columns(s->plan))
    status = civ_fail(err, CIV_E_FORMAT, f.path, "experiment %lld keeps columns that this version does not know",
                      (long long)experiment);
  if (status == CIV_OK)
    status = civ_store_runs(store, experiment, -1, read_row, &f, err);
  if (status == CIV_OK)
    status = f.status;
  if (status == CIV_OK)
    *out = s;
  else
    civ_stored_sweep_destroy(s);
  return status;
}

void civ_stored_sweep_destroy(civ_stored_sweep *s)
{
  if (s == NULL)
    return;
  civ_sweep_rows_destroy(s->rows);
  civ_sweep_plan_destroy(s->plan);
  civ_config_destroy(s->base);
  civ_arena_destroy(&s->arena);
  free(s);
}
