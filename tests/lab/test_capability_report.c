/* What a log says of composite work: the same as the run itself; and logs that tell of what cannot be are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "base/json.h"
#include "civitas/civitas.h"
#include "lab/capability_report.h"

static char path[] = "/tmp/civitas-capability-XXXXXX";
static civ_registry *registry;

static civ_config *parse(const char *yaml)
{
  civ_config *config;
  civ_error err;
  if (civ_scenario_parse(registry, "test", yaml, strlen(yaml), 0, &config, NULL, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  return config;
}

/* Runs with a log at `path`; returns the run's own report. epochs < those of the scenario: stops there, without an end. */
static json_t *run(const civ_config *config, uint32_t epochs)
{
  const civ_log_options options = { .replace = true };
  civ_run *run;
  civ_log *log;
  civ_bytes bytes = { 0 };
  civ_end end = CIV_RUNNING;
  assert_int_equal(civ_run_create(config, NULL, &run, NULL), CIV_OK);
  assert_int_equal(civ_log_create(path, &options, &log, NULL), CIV_OK);
  assert_int_equal(civ_run_attach(run, civ_log_sink(log), log, NULL), CIV_OK);
  for (uint32_t e = 0; e < epochs && end == CIV_RUNNING; e++)
    assert_int_equal(civ_run_epoch(run, &end, NULL), CIV_OK);
  if (end == CIV_RUNNING)
    civ_run_interrupt(run);
  assert_int_equal(civ_run_finish(run, NULL), CIV_OK);
  assert_int_equal(civ_run_report(run, &bytes, NULL), CIV_OK);
  json_t *reports = json_loadb((const char *)bytes.data, bytes.length, 0, NULL);
  json_t *report = json_incref(json_object_get(reports, "capabilities"));
  json_decref(reports);
  civ_bytes_free(&bytes);
  assert_int_equal(civ_log_close(log, NULL), CIV_OK);
  civ_log_destroy(log);
  civ_run_destroy(run);
  return report;
}

static civ_capability_summary read_back(const civ_config *config)
{
  civ_capability_summary s;
  civ_error err;
  if (civ_capability_summary_read(path, 1, true, config, &s, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  return s;
}

/* --- the same as the run ------------------------------------------------------------------------------------------------------ */

static void draw_agents(civ_draws *d, civ_buffer *out)
{
  static const char *const types[] = { "honest", "opportunistic", "deceptive", "adversarial" };
  civ_buffer_text(out, "agents:\n");
  for (int k = 0; k < 6; k++) {
    civ_buffer_format(out, "  - {type: %s, count: %u, id_prefix: a%d, capabilities: [", types[civ_draw_index(d, 4)],
                      1 + civ_draw_index(d, 3), k);
    for (uint32_t n = 1 + civ_draw_index(d, 4), first = civ_draw_index(d, 8), i = 0; i < n; i++)
      civ_buffer_format(out, "%s%s", i > 0 ? ", " : "", civ_capability_names[(first + 3 * i) % 8]);
    civ_buffer_text(out, "]}\n");
  }
}

static char *draw_scenario(uint64_t seed)
{
  static const char *const schedules[] = { "round_robin", "random", "priority" };
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ, .entity = 9 };
  civ_draws d = civ_draws_open(seed, &key);
  civ_buffer out = { 0 };
  civ_buffer_format(&out,
                    "scenario_id: t\nsimulation: {seed: %llu, n_epochs: 8, steps_per_epoch: %u, schedule_mode: %s, "
                    "turn_mode: %s}\n",
                    (unsigned long long)seed, 4 + civ_draw_index(&d, 24), schedules[civ_draw_index(&d, 3)],
                    civ_draw_chance(&d, 0.5) ? "simultaneous" : "sequential");
  civ_buffer_format(&out, "governance: {composite_tasks_enabled: true, circuit_breaker_enabled: %s}\n",
                    civ_draw_chance(&d, 0.5) ? "true" : "false");
  civ_buffer_format(&out,
                    "composite_tasks:\n  initial_tasks: [{type: research_synthesis, deadline_offset: %u}, {type: "
                    "problem_solving, bounty: 12.5}]\n  task_spawn_rate: 0.6\n  claim_mode: %s\n"
                    "  spawn_deadline_offset: %u\n",
                    1 + civ_draw_index(&d, 6), civ_draw_chance(&d, 0.8) ? "team" : "solo", 1 + civ_draw_index(&d, 4));
  draw_agents(&d, &out);
  return civ_buffer_take(&out, NULL);
}

static void a_log_says_what_the_run_said(void **state)
{
  uint64_t completed = 0, expired = 0;
  (void)state;
  for (uint64_t seed = 0; seed < 40; seed++) {
    char *yaml = draw_scenario(seed);
    civ_config *config = parse(yaml);
    const bool whole = seed % 4 != 0;
    json_t *told = run(config, whole ? 8 : 5);
    civ_capability_summary s = read_back(config);
    json_t *read = civ_capability_summary_json(&s);
    assert_true(s.on && s.complete == whole);
    assert_non_null(told);
    if (!json_equal(json_object_get(read, "capabilities"), told))
      fail_msg("seed %llu: %s\n%s", (unsigned long long)seed, json_dumps(told, 0), json_dumps(read, 0));
    completed += s.figures.pool.by_status[CIV_COMPOSITE_COMPLETED];
    expired += s.figures.pool.by_status[CIV_COMPOSITE_EXPIRED];
    for (uint32_t k = 1; k < s.n_rows; k++)
      assert_true(s.rows[k - 1].earnings >= s.rows[k].earnings);
    json_decref(told);
    json_decref(read);
    civ_capability_summary_free(&s);
    civ_config_destroy(config);
    civ_free(yaml);
  }
  assert_true(completed > 40 && expired > 20);
}

static void without_composite_tasks_there_is_nothing_to_say(void **state)
{
  (void)state;
  civ_config *config = parse("scenario_id: t\nsimulation: {seed: 1, n_epochs: 1, steps_per_epoch: 2}\n"
                             "agents: [{type: honest, count: 2}]\n");
  assert_null(run(config, 1));
  civ_capability_summary s = read_back(config);
  json_t *read = civ_capability_summary_json(&s);
  assert_true(!s.on && s.n_rows == 0);
  assert_true(json_is_null(json_object_get(read, "capabilities")));
  json_decref(read);
  civ_capability_summary_free(&s);
  civ_config_destroy(config);
}

/* --- logs that lie -------------------------------------------------------------------------------------------------------------- */

static char *slurp(void)
{
  FILE *in = fopen(path, "r");
  civ_buffer text = { 0 };
  char block[4096];
  size_t n;
  while ((n = fread(block, 1, sizeof block, in)) > 0)
    civ_buffer_add(&text, block, n);
  fclose(in);
  civ_buffer_add(&text, "", 1);
  return civ_buffer_take(&text, NULL);
}

/* The log with the k-th line that holds `what` left out, or given twice, or changed from `what` to `with`. */
static void spoil(const char *text, const char *what, const char *with, bool twice)
{
  const char *at = strstr(text, what);
  assert_non_null(at);
  const char *line = at, *end = strchr(at, '\n') + 1;
  while (line > text && line[-1] != '\n')
    line--;
  FILE *out = fopen(path, "w");
  fwrite(text, 1, (size_t)(line - text), out);
  if (with != NULL) {
    fwrite(line, 1, (size_t)(at - line), out);
    fputs(with, out);
    fwrite(at + strlen(what), 1, (size_t)(end - at) - strlen(what), out);
  }
  for (int k = 0; twice && k < 2; k++)
    fwrite(line, 1, (size_t)(end - line), out);
  fputs(end, out);
  fclose(out);
}

static void what_cannot_be_is_refused(void **state)
{
  static const struct {
    const char *what, *with, *sentence;
    bool twice;
  } lies[] = {
    { "\"composite_task_created\"", NULL, "never creates", false },
    { "\"composite_task_joined\"", NULL, "could not be worked on", false },
    { "\"composite_task_joined\"", NULL, "has no room for it", true },
    { "\"subtask_claimed\"", NULL, "could not be worked on", false },
    { "\"subtask_claimed\"", NULL, "could not be worked on", true },
    { "\"subtask_index\": 0", "\"subtask_index\": 3", "could not be worked on", false }, /* its dependencies */
    { "\"subtask_index\": 0", "\"subtask_index\": 16", "could not be worked on", false },
    { "\"subtask_index\": 0", "\"subtask_index\": -1", "could not be worked on", false },
    { "\"task_id\": \"c1\", \"n_participants\"", "\"task_id\": \"c9\", \"n_participants\"", "never creates", false },
    { "\"task_id\": \"c1\", \"n_participants\"", "\"task_id\": \"x\", \"n_participants\"", "never creates", false },
    { "\"type\": \"research_synthesis\", \"bounty\"", "\"type\": \"cooking\", \"bounty\"", "does not know", false },
  };
  (void)state;
  civ_config *config = parse("scenario_id: t\nsimulation: {seed: 3, n_epochs: 3, steps_per_epoch: 30}\n"
                             "governance: {composite_tasks_enabled: true}\n"
                             "composite_tasks: {initial_tasks: [{type: research_synthesis}]}\n"
                             "agents:\n  - {type: honest, capabilities: [research, analysis, verification]}\n"
                             "  - {type: honest, id_prefix: b, capabilities: [creativity, communication]}\n");
  json_decref(run(config, 3));
  char *text = slurp();
  for (size_t k = 0; k < sizeof lies / sizeof *lies; k++) {
    civ_capability_summary s;
    civ_error err = { 0 };
    spoil(text, lies[k].what, lies[k].with, lies[k].twice);
    if (civ_capability_summary_read(path, 1, false, config, &s, &err) != CIV_E_FORMAT)
      fail_msg("lie %zu was believed", k);
    if (strstr(err.text, lies[k].sentence) == NULL)
      fail_msg("lie %zu: %s", k, err.text);
  }
  civ_free(text);
  civ_config_destroy(config);
}

static int begin(void **state)
{
  (void)state;
  const int file = mkstemp(path);
  if (file < 0)
    return -1;
  close(file);
  return civ_registry_create_default(&registry, NULL) == CIV_OK ? 0 : -1;
}

static int finish(void **state)
{
  (void)state;
  civ_registry_destroy(registry);
  return unlink(path);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(a_log_says_what_the_run_said),
    cmocka_unit_test(without_composite_tasks_there_is_nothing_to_say),
    cmocka_unit_test(what_cannot_be_is_refused),
  };
  return cmocka_run_group_tests(tests, begin, finish);
}
