#include "play.h"

#include <string.h>

#include "record/log_writer.h"

void play_load(play *p, const char *yaml, civ_status (*add)(civ_registry *registry, civ_error *err))
{
  civ_error err = { 0 };
  civ_diagnostics found = { 0 };
  *p = (play){ 0 };
  assert_int_equal(civ_registry_create_default(&p->registry, &err), CIV_OK);
  if (add && add(p->registry, &err) != CIV_OK)
    fail_msg("registry: %s: %s", err.where, err.text);
  if (civ_scenario_parse(p->registry, "test.yaml", yaml, strlen(yaml), CIV_LOAD_ALLOW_EMPTY, &p->config, &found,
                         &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  civ_diagnostics_free(&found);
}

void play_start(play *p, const civ_run_options *options)
{
  civ_error err = { 0 };
  civ_run_destroy(p->run);
  p->run = NULL;
  if (civ_run_create(p->config, options, &p->run, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
}

void play_open(play *p, const char *yaml, const civ_run_options *options)
{
  play_load(p, yaml, NULL);
  play_start(p, options);
}

void play_close(play *p)
{
  civ_run_destroy(p->run);
  civ_config_destroy(p->config);
  civ_registry_destroy(p->registry);
  *p = (play){ 0 };
}

civ_end play_all(play *p)
{
  civ_error err = { 0 };
  civ_end end = CIV_RUNNING;
  if (civ_run_all(p->run, &end, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  return end;
}

civ_result play_result(play *p)
{
  civ_result r;
  assert_int_equal(civ_run_result(p->run, &r, NULL), CIV_OK);
  return r;
}

double play_total(play *p, const char *name)
{
  const civ_result r = play_result(p);
  for (uint32_t k = 0; k < r.total_columns.n; k++)
    if (strcmp(r.total_columns.decls[k].name, name) == 0)
      return r.totals[k];
  fail_msg("there is no total '%s'", name);
  return 0;
}

double play_cell(play *p, uint32_t epoch, const char *column)
{
  const civ_result r = play_result(p);
  for (uint32_t k = 0; epoch < r.epochs && k < r.epoch_columns.n; k++)
    if (strcmp(r.epoch_columns.decls[k].name, column) == 0)
      return r.rows[(size_t)epoch * r.epoch_columns.n + k];
  fail_msg("there is no column '%s' of epoch %u", column, epoch);
  return 0;
}

bool play_do(play *p, civ_agent a, const civ_action *action)
{
  civ_error err = { 0 };
  bool ok = false;
  if (civ_run_execute(p->run, a, action, &ok, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  return ok;
}

/* --- scribe ------------------------------------------------------------------------------------------------------------ */

static bool of_completion(uint16_t type)
{
  return (type >= CIV_EVENT_PROXY_COMPUTED && type <= CIV_EVENT_PAYOFF_COMPUTED) || type == CIV_EVENT_AGENT_FROZEN ||
         type == CIV_EVENT_AGENT_UNFROZEN;
}

static void write_event(void *self, const civ_event *e)
{
  scribe *s = self;
  if (s->only_completions && !of_completion(e->type))
    return;
  civ_buffer_format(&s->text, "%s", e->form->name);
  if (e->interaction)
    civ_buffer_format(&s->text, " i%llu", (unsigned long long)e->interaction);
  if (e->agent != CIV_NOBODY)
    civ_buffer_format(&s->text, " a%u", e->agent);
  if (e->type == CIV_EVENT_REPUTATION_UPDATED)
    civ_buffer_format(&s->text, " %s", e->values[3].text);
  civ_buffer_text(&s->text, "\n");
}

static void write_interaction(void *self, const civ_interaction *r, double payoff_a, double payoff_b)
{
  scribe *s = self;
  (void)payoff_a;
  (void)payoff_b;
  civ_buffer_format(&s->text, "sink i%llu\n", (unsigned long long)r->id);
}

static civ_status write_epoch(void *self, uint32_t epoch, const double *row, civ_error *err)
{
  scribe *s = self;
  (void)row;
  (void)err;
  if (!s->only_completions)
    civ_buffer_format(&s->text, "sink epoch %u\n", epoch);
  return CIV_OK;
}

const civ_sink scribe_sink = { .version = CIV_PART_VERSION,
                               .name = "scribe",
                               .wants_events = true,
                               .wants_full = true,
                               .interaction = write_interaction,
                               .event = write_event,
                               .epoch = write_epoch };

const char *scribe_lines(scribe *s)
{
  assert_true(civ_buffer_reserve(&s->text, 1));
  s->text.data[s->text.length] = '\0';
  return s->text.data;
}

void scribe_free(scribe *s)
{
  civ_buffer_free(&s->text);
}

/* --- logs -------------------------------------------------------------------------------------------------------------- */

static civ_status receive(void *self, const char *lines, size_t length, civ_error *err)
{
  (void)err;
  civ_buffer_add(self, lines, length);
  return CIV_OK;
}

civ_log *play_log(play *p, civ_buffer *text)
{
  civ_log *log;
  assert_int_equal(civ_log_create_into(receive, text, CIV_DETAIL_FULL, &log, NULL), CIV_OK);
  assert_int_equal(civ_run_attach(p->run, civ_log_sink(log), log, NULL), CIV_OK);
  return log;
}

uint64_t play_text(play *p, const civ_run_options *options, civ_buffer *text)
{
  play_start(p, options);
  civ_log *log = play_log(p, text);
  play_all(p);
  assert_int_equal(civ_log_close(log, NULL), CIV_OK);
  civ_log_destroy(log);
  return civ_run_digest(p->run);
}
