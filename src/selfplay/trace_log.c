#include "selfplay/trace_log.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/field.h"
#include "civitas/log.h"
#include "selfplay/labels.h"
#include "selfplay/trace_json.h"

enum { SNAPSHOT = CIV_DEEDS };

/* An event log being written: time is a counter of events. */
typedef struct telling {
  civ_log *log;
  const civ_sink *sink;
  civ_roll roll;
  int64_t time_us;
  civ_payoff_config payoff;
  civ_interaction *records; /* decided proposals, by their order in the log */
  uint32_t n_records, next;
} telling;

static const civ_member nothing[] = { { NULL, 0, false } };

/* Deeds are events of their own names; a refusal has the form that refusals have everywhere. */
static civ_event_form form_of(int kind)
{
  return (civ_event_form){ .name = kind == SNAPSHOT ? "polity_snapshot" : civ_deed_names[kind],
                           .flags = CIV_FORM_AGENT | CIV_FORM_EPOCH | CIV_FORM_STEP | CIV_FORM_FREE_PAYLOAD,
                           .members = nothing };
}

static civ_event event_of(telling *t, civ_event_type type, int32_t turn)
{
  civ_event e = { .type = (uint16_t)type,
                  .time_us = ++t->time_us,
                  .agent = CIV_NOBODY,
                  .initiator = CIV_NOBODY,
                  .counterparty = CIV_NOBODY,
                  .step = (uint32_t)turn };
  if (type < CIV_EVENT_BUILT_IN)
    e.form = &civ_event_forms[type];
  return e;
}

static void send(telling *t, const civ_event *e)
{
  t->sink->event(t->log, e);
}

/* --- the head ---------------------------------------------------------------------------------------------------------------- */

static void put_game(civ_buffer *out, const civ_game *game, const civ_played *played)
{
  civ_buffer_text(out, "{\"matchup\": ");
  civ_buffer_json_text(out, played->matchup->name, strlen(played->matchup->name));
  civ_buffer_text(out, ", \"kernel\": ");
  civ_buffer_json_text(out, game->kernel->name, strlen(game->kernel->name));
  civ_buffer_format(out, ", \"kernel_version\": \"%s\", \"kernel_digest\": \"%s\", \"n_turns\": %d",
                    game->kernel->version, game->kernel->digest, (int)game->turns);
  civ_buffer_text(out, ", \"initial_treasury\": ");
  civ_micro_write(out, game->initial_treasury);
  civ_buffer_text(out, ", \"norm_income\": ");
  civ_micro_write(out, played->trace->norm_income);
  civ_buffer_text(out, ", \"polity\": {");
  for (uint32_t k = 0; k < civ_section_polity.n_fields; k++) {
    civ_buffer_format(out, "%s\"%s\": ", k > 0 ? ", " : "", civ_section_polity.fields[k].name);
    civ_field_json(out, &civ_section_polity.fields[k], &game->polity);
  }
  civ_buffer_text(out, "}, \"agent_objectives\": {");
  civ_seating seating;
  civ_population_seat(&played->matchup->composition, &seating);
  for (uint32_t c = 0; c < seating.n; c++)
    civ_buffer_format(out, "%s\"%s\": \"%s\"", c > 0 ? ", " : "", seating.names[c], seating.seats[c].policy->objective);
  civ_buffer_text(out, "}}");
}

static void tell_head(telling *t, const civ_game *game, const civ_played *played, const char *config)
{
  char sha256[65];
  civ_event e = event_of(t, CIV_EVENT_LOG_OPENED, 0);
  e.values[0].integer = CIV_LOG_FORMAT;
  e.values[1].text = CIV_VERSION;
  e.values[2].integer = CIV_RESULTS_VERSION;
  e.values[3].integer = CIV_RNG_VERSION;
  e.values[4].text = "standard";
  send(t, &e);
  for (civ_agent a = 0; a <= t->roll.n; a++) {
    const bool honest = a < t->roll.n && strncmp(t->roll.names[a], "honest", 6) == 0;
    e = event_of(t, CIV_EVENT_AGENT_CREATED, 0);
    e.agent = a;
    e.values[0].text = civ_agent_type_names[honest || a == t->roll.n ? CIV_HONEST : CIV_ADVERSARIAL];
    e.values[1].text = "[\"worker\"]";
    e.values[2].text = NULL;
    send(t, &e);
  }
  civ_sha256_hex(config, strlen(config), sha256);
  e = event_of(t, CIV_EVENT_SIMULATION_STARTED, 0);
  e.values[0].integer = 1;
  e.values[1].integer = game->turns;
  e.values[2].integer = t->roll.n + 1;
  e.values[3].integer = (int64_t)played->seed;
  e.values[4].integer = INT64_MIN;
  e.values[5].text = config;
  e.values[6].text = sha256;
  e.values[7].text = CIV_VERSION;
  send(t, &e);
}

/* --- deeds ------------------------------------------------------------------------------------------------------------------- */

static civ_event pair_event(telling *t, civ_event_type type, const civ_interaction *r)
{
  civ_event e = event_of(t, type, (int32_t)r->step);
  e.interaction = r->id;
  e.initiator = r->initiator;
  e.counterparty = r->counterparty;
  return e;
}

static void tell_payoff(telling *t, const civ_interaction *r, double payoff_a, double payoff_b)
{
  civ_event e = pair_event(t, CIV_EVENT_PAYOFF_COMPUTED, r);
  civ_value *v = e.values;
  v[0].real = payoff_a;
  v[1].real = payoff_b;
  v[2].real = r->p;
  v[3].real = r->v_hat;
  v[5].integer = r->accepted;
  v[10].real = r->observables.task_progress_delta;
  v[11].integer = r->observables.rework_count;
  v[12].integer = r->observables.verifier_rejections;
  v[13].integer = r->observables.tool_misuse_flags;
  v[14].real = r->observables.counterparty_engagement_delta;
  send(t, &e);
}

static void tell_interaction(telling *t, const civ_interaction *r)
{
  const double payoff_a = civ_payoff_initiator(&t->payoff, r), payoff_b = civ_payoff_counterparty(&t->payoff, r);
  civ_event e = pair_event(t, CIV_EVENT_INTERACTION_PROPOSED, r);
  e.values[0].text = civ_interaction_type_names[r->type];
  e.values[1].real = 0;
  e.values[2].real = 0.5;
  send(t, &e);
  e = pair_event(t, r->accepted ? CIV_EVENT_INTERACTION_ACCEPTED : CIV_EVENT_INTERACTION_REJECTED, r);
  e.values[0].real = r->p;
  e.values[1].text = "resolution";
  send(t, &e);
  e = pair_event(t, CIV_EVENT_INTERACTION_COMPLETED, r);
  e.values[0].integer = r->accepted;
  e.values[1].real = payoff_a;
  e.values[2].real = payoff_b;
  send(t, &e);
  tell_payoff(t, r, payoff_a, payoff_b);
}

static void tell_refusal(telling *t, const civ_deed *d, civ_buffer *text)
{
  civ_event e = event_of(t, CIV_EVENT_ACTION_REFUSED, d->turn);
  text->length = 0;
  civ_buffer_format(text, "%s: %s", d->rule < CIV_RULES ? civ_kernel_clause_id(t->roll.kernel, (civ_rule)d->rule) : "",
                    d->reason);
  civ_buffer_add(text, "", 1);
  e.agent = d->citizen;
  e.values[0].text = d->text;
  e.values[1].text = text->data;
  if (!text->failed)
    send(t, &e);
}

static void tell_free(telling *t, int kind, uint8_t actor, int32_t turn, civ_buffer *payload)
{
  const civ_event_form form = form_of(kind);
  civ_event e =
      event_of(t, (civ_event_type)(CIV_EVENT_BUILT_IN + kind), turn); /* a form is compiled once for each type */
  civ_buffer_add(payload, "", 1);
  e.form = &form;
  e.agent = actor < t->roll.n ? actor : CIV_NOBODY;
  e.values[0].text = payload->data;
  if (!payload->failed)
    send(t, &e);
}

static void tell_deed(telling *t, const civ_deed *d, civ_buffer *text)
{
  if (d->kind == CIV_DEED_ACTION_REFUSED) {
    tell_refusal(t, d, text);
    return;
  }
  text->length = 0;
  civ_deed_data_write(text, &t->roll, d);
  tell_free(t, d->kind, d->actor, d->turn, text);
  const bool decided = d->kind == CIV_DEED_PROPOSAL_PASSED || d->kind == CIV_DEED_PROPOSAL_FAILED;
  if (decided && t->next < t->n_records)
    tell_interaction(t, &t->records[t->next++]);
}

static void tell_turns(telling *t, const civ_trace *trace, civ_buffer *text)
{
  uint32_t at = 0;
  for (uint32_t k = 0; k < trace->n_snapshots; k++) {
    for (; at < trace->n_deeds && trace->deeds[at].turn <= trace->snapshots[k].turn; at++)
      tell_deed(t, &trace->deeds[at], text);
    text->length = 0;
    civ_snapshot_write(text, &t->roll, &trace->snapshots[k]);
    tell_free(t, SNAPSHOT, CIV_NO_CITIZEN, trace->snapshots[k].turn, text);
  }
}

static void tell_end(telling *t, const civ_played *played)
{
  civ_buffer score = { 0 };
  civ_event e = event_of(t, CIV_EVENT_SIMULATION_ENDED, 0);
  civ_buffer_text(&score, "{\"governance_score\": ");
  civ_buffer_real(&score, played->result->score.governance_score);
  civ_buffer_add(&score, "}", 2);
  e.values[0].integer = 1;
  e.values[1].text = score.failed ? NULL : score.data;
  e.values[2].text = NULL;
  send(t, &e);
  civ_buffer_free(&score);
}

/* --- the whole ---------------------------------------------------------------------------------------------------------------- */

static void keep(void *arg, const civ_interaction *record)
{
  telling *t = arg;
  t->records[t->n_records++] = *record;
}

static civ_status label(telling *t, const civ_trace *trace)
{
  civ_labeller *labeller = civ_labeller_create();
  t->records = calloc((size_t)trace->n_deeds + 1, sizeof *t->records);
  const civ_status status =
      labeller != NULL && t->records != NULL ? civ_labels_of(labeller, trace, keep, t) : CIV_E_NOMEM;
  civ_labeller_destroy(labeller);
  return status;
}

static civ_status tell(telling *t, const civ_game *game, const civ_played *played, civ_error *err)
{
  civ_buffer config = { 0 }, text = { 0 };
  const char *names[CIV_CITIZENS_MOST + 1];
  uint8_t types[CIV_CITIZENS_MOST + 1] = { 0 };
  for (uint32_t c = 0; c < t->roll.n; c++)
    names[c] = t->roll.names[c];
  names[t->roll.n] = "polity";
  const civ_roster roster = { .n = t->roll.n + 1, .names = names, .types = types, .variants = names };
  const civ_columns columns = { 0 };
  put_game(&config, game, played);
  civ_buffer_add(&config, "", 1);
  civ_status status = config.failed ? civ_fail(err, CIV_E_NOMEM, "trace", "out of memory")
                                    : t->sink->begin(t->log, &roster, &columns, err);
  if (status == CIV_OK) {
    tell_head(t, game, played, config.data);
    tell_turns(t, played->trace, &text);
    tell_end(t, played);
    if (text.failed)
      status = civ_fail(err, CIV_E_NOMEM, "trace", "out of memory");
  }
  if (status == CIV_OK)
    status = t->sink->end(t->log, err);
  civ_buffer_free(&config);
  civ_buffer_free(&text);
  return status;
}

civ_status civ_trace_log_write(const char *path, const civ_game *game, const civ_played *played, civ_error *err)
{
  const civ_log_options options = { .durability = CIV_DURABILITY_NONE, .replace = true };
  telling t = { .roll = civ_trace_roll(played->trace), .payoff = civ_payoff_default() };
  if (label(&t, played->trace) != CIV_OK) {
    free(t.records);
    return civ_fail(err, CIV_E_NOMEM, "trace", "out of memory");
  }
  civ_status status = civ_log_create(path, &options, &t.log, err);
  if (status == CIV_OK) {
    t.sink = civ_log_sink(t.log);
    status = tell(&t, game, played, err);
    const civ_status closed = civ_log_close(t.log, status == CIV_OK ? err : NULL);
    status = status == CIV_OK ? closed : status;
    civ_log_destroy(t.log);
  }
  free(t.records);
  return status;
}
