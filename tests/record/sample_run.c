#include "sample_run.h"

#include <ftw.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "record/log_writer.h"

enum { START_S = 946684800 };

const sample_run sample_small = { .seed = 1, .agents = 3, .epochs = 2, .steps = 2, .per_step = 2 };

static const char *const names[] = { "honest_1",        "na\xc3\xafve \"two\"",
                                     "adversarial_1",   "smile \xf0\x9f\x98\x80",
                                     "tab\tand\\slash", "honest_6",
                                     "honest_7",        "honest_8" };
static const uint8_t types[] = { CIV_HONEST, CIV_OPPORTUNISTIC, CIV_ADVERSARIAL, CIV_DECEPTIVE,
                                 CIV_HONEST, CIV_HONEST,        CIV_HONEST,      CIV_HONEST };
static const char *const variants[] = { "honest", "opportunistic", "adaptive_adversary", "deceptive", "honest", "llm",
                                        "honest", "honest" };
static const civ_metric_decl columns[] = { { "epoch", true, "" },
                                           { "total_interactions", true, "" },
                                           { "toxicity_rate", false, "" },
                                           { "network_metrics.n_edges", true, "" },
                                           { "network_metrics.density", false, "" } };
enum { N_COLUMNS = sizeof columns / sizeof *columns };

typedef struct playing {
  const sample_run *run;
  const civ_replay_target *targets;
  uint32_t n;
  uint64_t state, next_id;
  int64_t clock;
  uint32_t epoch, step, completed;
} playing;

static uint64_t bits(playing *p)
{
  p->state = p->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  uint64_t x = p->state ^ p->state >> 33;
  x *= UINT64_C(0xFF51AFD7ED558CCD);
  return x ^ x >> 29;
}

static double unit(playing *p)
{
  return (double)(bits(p) >> 11) * 0x1p-53;
}

static civ_event start(playing *p, civ_event_type type)
{
  civ_event e;
  memset(&e, 0, sizeof e);
  e.type = (uint16_t)type;
  e.form = &civ_event_forms[type];
  e.full_only = e.form->flags & CIV_FORM_FULL_ONLY;
  e.time_us = e.full_only ? p->clock : ++p->clock;
  e.agent = e.initiator = e.counterparty = CIV_NOBODY;
  e.epoch = p->epoch;
  e.step = p->step;
  return e;
}

static void send(const playing *p, const civ_event *e)
{
  for (uint32_t t = 0; t < p->n; t++) {
    const civ_sink *sink = p->targets[t].sink;
    if (sink->wants_events && (!e->full_only || sink->wants_full))
      sink->event(p->targets[t].self, e);
  }
}

static void open_run(playing *p)
{
  civ_event e = start(p, CIV_EVENT_LOG_OPENED);
  e.values[0].integer = 1;
  e.values[1].text = "0.1.0";
  e.values[2].integer = e.values[3].integer = 1;
  e.values[4].text = "standard";
  send(p, &e);
  for (civ_agent a = 0; a < p->run->agents; a++) {
    e = start(p, CIV_EVENT_AGENT_CREATED);
    e.agent = a;
    e.values[0].text = civ_agent_type_names[types[a]];
    e.values[1].text = a == 1 ? "[\"worker\", \"verifier\"]" : "[\"worker\"]";
    e.values[2].text = variants[a];
    send(p, &e);
  }
  e = start(p, CIV_EVENT_SIMULATION_STARTED);
  e.values[0].integer = p->run->epochs;
  e.values[1].integer = p->run->steps;
  e.values[2].integer = p->run->agents;
  e.values[3].integer = p->run->seed == 0 ? INT64_MIN : p->run->seed;
  e.values[4].integer = p->run->seed % 2 == 0;
  e.values[5].text = p->run->config != NULL ? p->run->config : "{}";
  e.values[6].text = "00ff";
  e.values[7].text = "0.1.0";
  send(p, &e);
}

static civ_event pair(playing *p, civ_event_type type, const civ_interaction *r)
{
  civ_event e = start(p, type);
  e.interaction = r->id;
  e.initiator = r->initiator;
  e.counterparty = r->counterparty;
  return e;
}

static civ_interaction draw(playing *p)
{
  civ_interaction r = { .id = p->next_id++,
                        .epoch = p->epoch,
                        .step = p->step,
                        .initiator = (civ_agent)(bits(p) % p->run->agents),
                        .counterparty = (civ_agent)(bits(p) % p->run->agents),
                        .type = (uint8_t)(bits(p) % CIV_INTERACTION_TYPES),
                        .accepted = unit(p) < 0.7,
                        .decided_in = (uint8_t)(bits(p) % 2),
                        .v_hat = unit(p) * 2 - 1,
                        .p = unit(p),
                        .tau = unit(p) < 0.5 ? 0 : unit(p),
                        .c_a = unit(p) < 0.5 ? 0 : unit(p) * 1e-9,
                        .r_b = unit(p) * 1e7 };
  r.observables = (civ_observables){ unit(p) - 0.5, unit(p) - 0.5, (int32_t)(bits(p) % 4), (int32_t)(bits(p) % 3),
                                     (int32_t)(bits(p) % 2) };
  return r;
}

static void put_observables(civ_value *v, const civ_observables *o)
{
  v[0].real = o->task_progress_delta;
  v[1].integer = o->rework_count;
  v[2].integer = o->verifier_rejections;
  v[3].integer = o->tool_misuse_flags;
  v[4].real = o->counterparty_engagement_delta;
}

static void propose(playing *p, const civ_interaction *r)
{
  civ_event e = pair(p, CIV_EVENT_INTERACTION_PROPOSED, r);
  e.values[0].text = civ_interaction_type_names[r->type];
  e.values[2].real = 0.5;
  send(p, &e);
}

static void measure(playing *p, const civ_interaction *r)
{
  civ_event e = pair(p, CIV_EVENT_PROXY_COMPUTED, r);
  put_observables(e.values, &r->observables);
  e.values[5].real = r->v_hat;
  e.values[6].real = r->p;
  send(p, &e);
  e = pair(p, r->accepted ? CIV_EVENT_INTERACTION_ACCEPTED : CIV_EVENT_INTERACTION_REJECTED, r);
  e.values[0].real = r->p;
  e.values[1].text = r->decided_in == CIV_IN_TURN ? "turn" : "resolution";
  send(p, &e);
  if (r->c_a > 0) {
    e = pair(p, CIV_EVENT_GOVERNANCE_COST_APPLIED, r);
    e.values[0].real = r->c_a;
    e.values[2].text = "[\"transaction_tax\"]";
    send(p, &e);
    e = start(p, CIV_EVENT_AGENT_FROZEN);
    e.agent = r->initiator;
    e.values[0].text = "circuit_breaker";
    e.values[1].integer = r->id % 2 ? INT64_MIN : (int64_t)p->epoch + 2;
    send(p, &e);
  }
}

static void pay(playing *p, const civ_interaction *r, double a, double b)
{
  civ_event e = start(p, CIV_EVENT_REPUTATION_UPDATED);
  e.agent = r->initiator;
  e.values[0].real = unit(p);
  e.values[1].real = unit(p) * 1e20;
  e.values[2].real = -unit(p);
  e.values[3].text = "interaction_outcome";
  send(p, &e);
  e = start(p, CIV_EVENT_INTERACTION_COMPLETED);
  e.interaction = r->id;
  e.values[0].integer = r->accepted;
  e.values[1].real = a;
  e.values[2].real = b;
  send(p, &e);
  e = pair(p, CIV_EVENT_PAYOFF_COMPUTED, r);
  const double parts[] = { a, b, r->p, r->v_hat, r->tau, 0, r->c_a, r->c_b, r->r_a, r->r_b };
  for (int k = 0; k < 10; k++)
    e.values[k].real = parts[k];
  e.values[5].integer = r->accepted;
  put_observables(e.values + 10, &r->observables);
  send(p, &e);
}

static void interact(playing *p, bool last)
{
  civ_interaction r = draw(p);
  propose(p, &r);
  if (unit(p) < 0.1)
    return; /* waits for ever */
  const double a = r.p * 2 - 1 + (last ? p->run->change : 0), b = r.p * 3;
  r.time_us = ++p->clock;
  measure(p, &r);
  pay(p, &r, a, b);
  p->completed++;
  for (uint32_t t = 0; t < p->n; t++)
    if (p->targets[t].sink->interaction != NULL)
      p->targets[t].sink->interaction(p->targets[t].self, &r, a, b);
}

static void play_step(playing *p, bool last)
{
  for (uint32_t k = 0; k < p->run->per_step; k++)
    interact(p, last && k + 1 == p->run->per_step);
  civ_event e = start(p, CIV_EVENT_STEP_COMPLETED);
  const uint64_t digest = bits(p) + (last && p->run->change_digest);
  e.values[0].integer = (int64_t)digest;
  send(p, &e);
  for (uint32_t t = 0; t < p->n; t++)
    if (p->targets[t].sink->step != NULL)
      p->targets[t].sink->step(p->targets[t].self, p->epoch, p->step, digest);
}

static void states(playing *p, bool full_only)
{
  for (civ_agent a = 0; a < p->run->agents; a++) {
    if (!full_only)
      p->clock++;
    civ_event e = { .type = CIV_EVENT_AGENT_STATE_UPDATED,
                    .form = &civ_event_forms[CIV_EVENT_AGENT_STATE_UPDATED],
                    .full_only = full_only,
                    .time_us = p->clock,
                    .agent = a,
                    .initiator = CIV_NOBODY,
                    .counterparty = CIV_NOBODY,
                    .epoch = p->epoch,
                    .step = p->step };
    e.values[0].text = names[a];
    e.values[1].text = civ_agent_type_names[types[a]];
    e.values[2].real = 0.25 * a;
    e.values[3].real = 100.0 - a;
    e.values[8].real = 1.0 / 3.0;
    e.values[12].integer = a == 2;
    send(p, &e);
  }
}

static civ_status close_epoch(playing *p, civ_error *err)
{
  const double row[N_COLUMNS] = { p->epoch, p->completed, p->epoch == 0 ? NAN : unit(p), 12, unit(p) };
  civ_buffer text = { 0 };
  civ_buffer_format(&text, "{\"epoch\": %u, \"total_interactions\": %u, \"toxicity_rate\": ", p->epoch, p->completed);
  civ_buffer_real(&text, row[2]);
  civ_buffer_text(&text, ", \"network_metrics\": {\"n_edges\": 12, \"density\": ");
  civ_buffer_real(&text, row[4]);
  civ_buffer_text(&text, "}}");
  civ_buffer_add(&text, "", 1);
  states(p, true);
  civ_event e = start(p, CIV_EVENT_EDGE_PRUNED);
  e.values[0].integer = 7;
  send(p, &e);
  e = start(p, CIV_EVENT_EPOCH_COMPLETED);
  e.values[0].text = text.data;
  send(p, &e);
  civ_buffer_free(&text);
  p->completed = 0;
  civ_status st = CIV_OK;
  for (uint32_t t = 0; t < p->n && st == CIV_OK; t++)
    if (p->targets[t].sink->epoch != NULL)
      st = p->targets[t].sink->epoch(p->targets[t].self, p->epoch, row, err);
  return st;
}

static void close_run(playing *p)
{
  states(p, false);
  civ_event e = start(p, CIV_EVENT_SIMULATION_ENDED);
  e.values[0].integer = p->run->epochs;
  e.values[1].text = "{\"epoch\": 1}";
  e.values[2].text = p->run->seed % 3 == 0 ? NULL : "{\"total_interactions\": 3, \"mean_toxicity\": 0.5}";
  send(p, &e);
}

civ_status sample_run_play(const sample_run *run, const civ_replay_target *targets, uint32_t n, civ_error *err)
{
  playing p = {
    .run = run, .targets = targets, .n = n, .state = run->seed, .next_id = 1, .clock = (int64_t)START_S * 1000000
  };
  const civ_roster roster = { run->agents, names, types, variants };
  const civ_columns cols = { N_COLUMNS, columns };
  const uint32_t epochs = run->stop_after_epochs != 0 ? run->stop_after_epochs : run->epochs;
  civ_status st = CIV_OK;
  for (uint32_t t = 0; t < n && st == CIV_OK; t++)
    if (targets[t].sink->begin != NULL)
      st = targets[t].sink->begin(targets[t].self, &roster, &cols, err);
  if (st == CIV_OK)
    open_run(&p);
  for (p.epoch = 0; p.epoch < epochs && st == CIV_OK; p.epoch++) {
    for (p.step = 0; p.step < run->steps; p.step++)
      play_step(&p, p.epoch + 1 == epochs && p.step + 1 == run->steps);
    st = close_epoch(&p, err);
  }
  if (st == CIV_OK && run->stop_after_epochs == 0)
    close_run(&p);
  for (uint32_t t = 0; t < n && st == CIV_OK; t++)
    if (targets[t].sink->end != NULL)
      st = targets[t].sink->end(targets[t].self, err);
  return st;
}

static civ_status receive(void *self, const char *lines, size_t length, civ_error *err)
{
  (void)err;
  civ_buffer_add(self, lines, length);
  return CIV_OK;
}

char *sample_run_log(const sample_run *run, int32_t detail, size_t *length)
{
  civ_buffer text = { 0 };
  civ_log *log;
  if (civ_log_create_into(receive, &text, detail, &log, NULL) != CIV_OK)
    abort();
  const civ_replay_target target = { civ_log_sink(log), log };
  if (sample_run_play(run, &target, 1, NULL) != CIV_OK || civ_log_close(log, NULL) != CIV_OK)
    abort();
  civ_log_destroy(log);
  return civ_buffer_take(&text, length);
}

/* --- writing down --------------------------------------------------------------------------------------------------- */

static civ_status note_begin(void *self, const civ_roster *roster, const civ_columns *cols, civ_error *err)
{
  (void)err;
  for (uint32_t a = 0; a < roster->n; a++)
    civ_buffer_format(self, "agent %s %d %s\n", roster->names[a], roster->types[a], roster->variants[a]);
  for (uint32_t c = 0; c < cols->n; c++)
    civ_buffer_format(self, "column %s\n", cols->decls[c].name);
  return CIV_OK;
}

static void note_interaction(void *self, const civ_interaction *r, double a, double b)
{
  const civ_observables *o = &r->observables;
  civ_buffer_format(self, "interaction %" PRIu64 " %" PRId64 " %u %u %u.%u %d %d %d %d", r->id, r->time_us,
                    r->initiator, r->counterparty, r->epoch, r->step, r->type, r->accepted, r->decided_in,
                    r->ground_truth);
  civ_buffer_format(self, " %a %d %d %d %a %a %a %a %a %a %a %a %a %a\n", o->task_progress_delta, o->rework_count,
                    o->verifier_rejections, o->tool_misuse_flags, o->counterparty_engagement_delta, r->v_hat, r->p,
                    r->tau, r->c_a, r->c_b, r->r_a, r->r_b, a, b);
}

static void note_event(void *self, const civ_event *e)
{
  civ_buffer_format(self, "event %d %s %d %" PRId64 " %" PRIu64 " %d %d %d\n", e->type, e->form->name, e->full_only,
                    e->time_us, e->interaction, (int)e->agent, (int)e->initiator, (int)e->counterparty);
}

static void note_step(void *self, uint32_t epoch, uint32_t step, uint64_t digest)
{
  civ_buffer_format(self, "step %u.%u %" PRIx64 "\n", epoch, step, digest);
}

static civ_status note_epoch(void *self, uint32_t epoch, const double *row, civ_error *err)
{
  (void)err;
  civ_buffer_format(self, "epoch %u", epoch);
  for (uint32_t c = 0; c < N_COLUMNS; c++)
    civ_buffer_format(self, " %a", row[c]);
  civ_buffer_text(self, "\n");
  return CIV_OK;
}

static civ_status note_end(void *self, civ_error *err)
{
  (void)err;
  civ_buffer_text(self, "end\n");
  return CIV_OK;
}

const civ_sink recorder_sink = { .version = CIV_PART_VERSION,
                                 .name = "recorder",
                                 .wants_events = true,
                                 .begin = note_begin,
                                 .interaction = note_interaction,
                                 .event = note_event,
                                 .step = note_step,
                                 .epoch = note_epoch,
                                 .end = note_end };
const civ_sink recorder_full_sink = { .version = CIV_PART_VERSION,
                                      .name = "recorder",
                                      .wants_events = true,
                                      .wants_full = true,
                                      .begin = note_begin,
                                      .interaction = note_interaction,
                                      .event = note_event,
                                      .step = note_step,
                                      .epoch = note_epoch,
                                      .end = note_end };

/* --- files ------------------------------------------------------------------------------------------------------------ */

static char folder[64];

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
  (void)st, (void)kind, (void)at;
  return remove(path);
}

static void remove_folder(void)
{
  nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

const char *test_folder(void)
{
  if (folder[0] == '\0') {
    strcpy(folder, "/tmp/civitas-test-XXXXXX");
    if (mkdtemp(folder) == NULL)
      abort();
    atexit(remove_folder);
  }
  return folder;
}

const char *test_path(const char *name)
{
  static char paths[8][256];
  static int next;
  char *path = paths[next++ % 8];
  snprintf(path, sizeof paths[0], "%s/%s", test_folder(), name);
  return path;
}

void test_write(const char *path, const void *data, size_t length)
{
  FILE *f = fopen(path, "wb");
  if (f == NULL || fwrite(data, 1, length, f) != length || fclose(f) != 0)
    abort();
}

char *test_read(const char *path, size_t *length)
{
  char *data = NULL;
  return civ_file_read(path, (size_t)1 << 30, &data, length, NULL) == CIV_OK ? data : NULL;
}
