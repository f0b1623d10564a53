#include "lab/store_seeds.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct civ_store_seeds {
  civ_store *store;
  civ_store_detail detail;
  int64_t experiment;
  uint32_t n_agents, n_criteria;
  uint64_t first, n, n_known;
  const civ_run_record **known; /* by index; NULL = none was recalled */
  civ_arena arena;              /* of them */
};

static civ_status begin(civ_store_seeds *s, const civ_config *config, uint64_t first, uint64_t n, civ_error *err)
{
  char name[96], plan[128], digest[160];
  char *text;
  size_t length;
  const civ_scenario_config *scenario = civ_config_section(config, "");
  const char *id = scenario->scenario_id != NULL ? scenario->scenario_id : "";
  const unsigned long long from = first, to = first + (n - 1);
  civ_store_configuration configuration = { .name = "", .parameters = "{}" };
  civ_status status = civ_store_digest(config, configuration.sha256, err);
  if (status == CIV_OK)
    status = civ_config_json(config, &text, &length, err);
  if (status != CIV_OK)
    return status;
  snprintf(name, sizeof name, "%.40s %llu-%llu", id, from, to);
  snprintf(plan, sizeof plan, "{\"seeds\": [%llu, %llu]}", from, to);
  snprintf(digest, sizeof digest, "%s %llu-%llu", configuration.sha256, from, to);
  const civ_store_experiment e = {
    .digest = digest,
    .name = name,
    .kind = "seeds",
    .scenario_id = id,
    .config = text,
    .plan = plan,
    .detail = s->detail,
    .n_runs = n,
    .configurations = &configuration,
    .n_configurations = 1,
  };
  status = civ_store_begin(s->store, &e, &s->experiment, err);
  civ_free(text);
  return status;
}

civ_status civ_store_seeds_open(const char *path, civ_store_detail detail, const civ_config *config, uint64_t first,
                                uint64_t n, civ_store_seeds **out, civ_error *err)
{
  uint32_t n_entries;
  const civ_agent_entry *entries = civ_config_agents(config, &n_entries);
  civ_store_seeds *s = calloc(1, sizeof *s);
  if (s == NULL)
    return civ_fail(err, CIV_E_NOMEM, path, "out of memory");
  s->detail = detail;
  s->first = first;
  s->n = n;
  s->arena = civ_arena_create(NULL);
  (void)civ_config_criteria(config, &s->n_criteria);
  for (uint32_t k = 0; k < n_entries; k++)
    s->n_agents += entries[k].count;
  civ_status status = civ_store_open(path, CIV_STORE_CREATE, &s->store, err);
  if (status == CIV_OK)
    status = begin(s, config, first, n, err);
  if (status == CIV_OK) {
    *out = s;
    return CIV_OK;
  }
  civ_store_close(s->store, NULL);
  free(s);
  return status;
}

static civ_status receive(void *receiver, uint64_t index, const civ_run_record *record, const civ_error *failed,
                          civ_error *err)
{
  civ_store_seeds *s = receiver;
  char text[sizeof failed->where + sizeof failed->text + 4];
  civ_run_record counted = *record;
  civ_store_run run = { .plan_index = index,
                        .run_index = index,
                        .seed = record->seed,
                        .judged = record->n_findings > 0,
                        .outcome = record->outcome,
                        .record = &counted };
  counted.n_agents = s->n_agents; /* the record may have been made without its agents */
  if (failed != NULL) {
    snprintf(text, sizeof text, "%s: %s", failed->where, failed->text);
    run.error = text;
  }
  return civ_store_put(s->store, &run, err);
}

void civ_store_seeds_receive(civ_store_seeds *s, civ_experiment_options *options)
{
  static const char *const histories[] = { NULL, "none", "all" };
  options->receive = receive;
  options->receiver = s;
  options->history = histories[s->detail];
}

/* --- what was run before -------------------------------------------------------------------------------------------------------- */

static const void *copy(civ_arena *arena, const void *from, size_t n, size_t size)
{
  void *to = civ_arena_take(arena, n, size);
  if (to != NULL && n > 0)
    memcpy(to, from, n * size);
  return to;
}

static const char *copy_text(civ_arena *arena, const char *text)
{
  return text != NULL ? civ_arena_text(arena, text, strlen(text)) : NULL;
}

static const civ_run_record *copy_record(civ_arena *arena, const civ_run_record *from)
{
  civ_run_record *r = civ_arena_take(arena, 1, sizeof *r);
  civ_finding *findings = civ_arena_take(arena, from->n_findings, sizeof *findings);
  if (r == NULL || findings == NULL)
    return NULL;
  *r = *from; /* names of totals are the store's */
  r->totals = copy(arena, from->totals, from->total_columns.n, sizeof *from->totals);
  r->stop_reason = copy_text(arena, from->stop_reason);
  for (uint32_t k = 0; k < from->n_findings; k++) {
    findings[k] = from->findings[k];
    findings[k].name = copy_text(arena, findings[k].name);
    findings[k].reason = copy_text(arena, findings[k].reason);
  }
  r->findings = findings;
  r->n_epochs = r->n_agents = 0; /* their rows are not there */
  r->reports = NULL;
  r->reports_length = 0;
  return arena->failed ? NULL : r;
}

/* One whose findings an early version did not keep is made again. */
static bool recall(void *arg, const civ_stored_run *run)
{
  civ_store_seeds *s = arg;
  const civ_store_run place = { .plan_index = run->plan_index, .run_index = run->run_index, .seed = run->record.seed };
  if (run->record.n_findings != s->n_criteria || run->record.total_columns.n == 0)
    return true;
  const civ_run_record *record = copy_record(&s->arena, &run->record);
  if (record == NULL || !civ_store_take_up(s->store, &place))
    return false;
  s->known[run->plan_index] = record;
  s->n_known++;
  return true;
}

static const civ_run_record *known_at(void *receiver, uint64_t index)
{
  const civ_store_seeds *s = receiver;
  return s->known[index];
}

civ_status civ_store_seeds_recall(civ_store_seeds *s, civ_experiment_options *options, civ_error *err)
{
  s->known = calloc(s->n, sizeof *s->known);
  if (s->known == NULL)
    return civ_fail(err, CIV_E_NOMEM, civ_store_path(s->store), "out of memory");
  const civ_status status = civ_store_known(s->store, 0, s->first, s->n, recall, s, err);
  if (status == CIV_OK && s->arena.failed)
    return civ_fail(err, CIV_E_NOMEM, civ_store_path(s->store), "out of memory");
  options->known = known_at;
  return status;
}

uint64_t civ_store_seeds_known(const civ_store_seeds *s)
{
  return s->n_known;
}

int64_t civ_store_seeds_experiment(const civ_store_seeds *s)
{
  return s->experiment;
}

civ_status civ_store_seeds_close(civ_store_seeds *s, bool finished, civ_error *err)
{
  if (s == NULL)
    return CIV_OK;
  const civ_status status = civ_store_flush(s->store, finished, err);
  const civ_status closed = civ_store_close(s->store, status == CIV_OK ? err : NULL);
  civ_arena_destroy(&s->arena);
  free((void *)s->known);
  free(s);
  return status == CIV_OK ? closed : status;
}
