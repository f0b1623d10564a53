#include "lab/replay_head.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "civitas/scenario.h"
#include "record/log_survey.h"

typedef struct head {
  char *config; /* JSON */
  int64_t seed; /* INT64_MIN = none */
  int32_t detail;
} head;

static civ_status take_start(const civ_log_record *r, head *out, civ_error *err)
{
  const json_t *config = json_object_get(r->payload, "config");
  civ_buffer text = { 0 };
  if (!json_is_object(config))
    return civ_fail(err, CIV_E_FORMAT, "event log", "the log does not say which configuration it was made with");
  civ_json_write(&text, config, 0);
  out->config = civ_buffer_take(&text, NULL);
  out->seed = civ_json_integer(r->payload, "seed", INT64_MIN);
  return out->config != NULL ? CIV_OK : civ_fail(err, CIV_E_NOMEM, "event log", "no memory for its configuration");
}

static civ_status find_start(civ_log_reader *reader, uint32_t k, head *out, civ_error *err)
{
  civ_run_finder finder = { 0 };
  for (;;) {
    civ_log_record record;
    bool got;
    const civ_status st = civ_log_next(reader, NULL, &record, &got, err);
    if (st != CIV_OK)
      return st;
    if (got)
      civ_run_finder_show(&finder, &record);
    if (!got && finder.run < k)
      return civ_fail(err, CIV_E_RANGE, "event log", "there is no run %u: the log holds %u", k, finder.run);
    if (!got || finder.run > k)
      return civ_fail(err, CIV_E_FORMAT, "event log", "run %u has no simulation_started event", k);
    if (finder.run == k && record.type == CIV_EVENT_LOG_OPENED &&
        strcmp(civ_json_text(record.payload, "detail", ""), "full") == 0)
      out->detail = CIV_DETAIL_FULL;
    if (finder.run == k && record.type == CIV_EVENT_SIMULATION_STARTED)
      return take_start(&record, out, err);
  }
}

civ_status civ_replay_head_read(const char *path, uint32_t k, const civ_registry *registry, civ_config **config,
                                int32_t *detail, civ_error *err)
{
  civ_log_reader *reader;
  civ_config *made = NULL;
  head found = { .seed = INT64_MIN };
  civ_status st = civ_log_open(path, false, &reader, err);
  if (st != CIV_OK)
    return st;
  st = find_start(reader, k, &found, err);
  civ_log_reader_close(reader);
  if (st == CIV_OK && found.config != NULL)
    st = civ_scenario_parse(registry, path, found.config, strlen(found.config), CIV_LOAD_LENIENT | CIV_LOAD_ALLOW_EMPTY,
                            &made, NULL, err);
  free(found.config);
  if (st == CIV_OK && found.seed >= 0)
    st = civ_config_set_seed(made, (uint64_t)found.seed, err);
  if (st != CIV_OK) {
    civ_config_destroy(made);
    return st;
  }
  *config = made;
  *detail = found.detail;
  return CIV_OK;
}
