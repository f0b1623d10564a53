/* One society: run with books kept, then again in every way that must make no difference. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/file.h"
#include "chaos.h"
#include "fold.h"
#include "record/log_replay.h"
#include "record/log_writer.h"
#include "sim/run_state.h"
#include "society.h"

enum { STREAM_CHECKS = 2000 };

/* What a run left behind. */
typedef struct outcome {
  uint64_t digest, steps, agent_steps;
  civ_end end;
  uint32_t epochs;
  int64_t time_us;
  double *rows, *totals;
  size_t cells, n_totals;
} outcome;

static void outcome_free(outcome *o)
{
  free(o->rows);
  free(o->totals);
  *o = (outcome){ 0 };
}

static double *copy(const double *values, size_t n)
{
  double *out = malloc((n + 1) * sizeof *out);
  if (!out)
    abort();
  if (n)
    memcpy(out, values, n * sizeof *out);
  return out;
}

static bool take_outcome(society *s, civ_run *run, outcome *o)
{
  civ_result r;
  civ_error err;
  if (civ_run_result(run, &r, &err) != CIV_OK)
    return society_fail(s, "no result: %s: %s", err.where, err.text);
  o->digest = r.digest;
  o->steps = r.steps;
  o->agent_steps = r.agent_steps;
  o->end = r.end;
  o->epochs = r.epochs;
  o->time_us = r.time_us;
  o->cells = (size_t)r.epochs * r.epoch_columns.n;
  o->rows = copy(r.rows, o->cells);
  o->n_totals = r.total_columns.n;
  o->totals = copy(r.totals, o->n_totals);
  if (run->refused_growth)
    return society_fail(s, "%llu requests for memory within steps", (unsigned long long)run->refused_growth);
  return true;
}

/* Bit for bit; `run` names the columns in the complaint. */
static bool same_outcome(society *s, const char *what, const outcome *a, const outcome *b, civ_run *run)
{
  civ_result r;
  if (civ_run_result(run, &r, NULL) != CIV_OK)
    return society_fail(s, "no result");
  if (a->end != b->end || a->epochs != b->epochs || a->steps != b->steps || a->agent_steps != b->agent_steps)
    return society_fail(s, "%s: ended %d after %u epochs, %llu steps, %llu turns, not %d, %u, %llu, %llu", what,
                        (int)b->end, b->epochs, (unsigned long long)b->steps, (unsigned long long)b->agent_steps,
                        (int)a->end, a->epochs, (unsigned long long)a->steps, (unsigned long long)a->agent_steps);
  for (size_t k = 0; k < a->cells; k++)
    if (memcmp(&a->rows[k], &b->rows[k], sizeof(double)) != 0)
      return society_fail(s, "%s: epoch %zu: %s is %.17g, not %.17g", what, k / r.epoch_columns.n,
                          r.epoch_columns.decls[k % r.epoch_columns.n].name, b->rows[k], a->rows[k]);
  for (size_t k = 0; k < a->n_totals; k++)
    if (memcmp(&a->totals[k], &b->totals[k], sizeof(double)) != 0)
      return society_fail(s, "%s: total %s is %.17g, not %.17g", what, r.total_columns.decls[k].name, b->totals[k],
                          a->totals[k]);
  if (a->digest != b->digest || a->time_us != b->time_us)
    return society_fail(s, "%s: final digest %016llx at %lld us, not %016llx at %lld us", what,
                        (unsigned long long)b->digest, (long long)b->time_us, (unsigned long long)a->digest,
                        (long long)a->time_us);
  return true;
}

/* --- a log in memory ------------------------------------------------------------------------------------------------------ */

static civ_status receive(void *self, const char *lines, size_t length, civ_error *err)
{
  civ_buffer *text = self;
  civ_buffer_add(text, lines, length);
  return text->failed ? civ_fail(err, CIV_E_NOMEM, "log", "out of memory") : CIV_OK;
}

static bool same_text(society *s, const char *what, const civ_buffer *a, const civ_buffer *b)
{
  size_t at = 0, line = 1;
  while (at < a->length && at < b->length && a->data[at] == b->data[at])
    line += a->data[at++] == '\n';
  if (at == a->length && at == b->length)
    return true;
  return society_fail(s, "%s: the log differs in line %zu (byte %zu of %zu and %zu): %.120s", what, line, at, a->length,
                      b->length, b->data ? b->data + (at > 60 ? at - 60 : 0) : "");
}

/* --- one run -------------------------------------------------------------------------------------------------------------- */

typedef struct way {
  const char *name;
  uint32_t threads, recent;
  bool logged;
  int32_t detail;
  bool books; /* keep them, and hold every step against them */
} way;

static bool step_by_step(society *s, civ_run *run, ledger *l)
{
  civ_end end = CIV_RUNNING;
  civ_error err = { 0 };
  while (end == CIV_RUNNING) {
    civ_result r;
    if (civ_run_step(run, &end, &err) != CIV_OK || civ_run_result(run, &r, &err) != CIV_OK)
      return society_fail(s, "a step failed: %s: %s", err.where, err.text);
    for (uint32_t k = 0; society_worlds[k].name; k++)
      if (society_worlds[k].step && !society_worlds[k].step(s, l, &r))
        return false;
  }
  if (civ_run_finish(run, &err) != CIV_OK)
    return society_fail(s, "the run cannot be finished: %s: %s", err.where, err.text);
  civ_result r;
  if (civ_run_result(run, &r, &err) != CIV_OK)
    return society_fail(s, "no result: %s", err.text);
  for (uint32_t k = 0; society_worlds[k].name; k++)
    if (society_worlds[k].end && !society_worlds[k].end(s, l, &r))
      return false;
  return true;
}

static bool attach(society *s, civ_run *run, const civ_sink *sink, void *self)
{
  civ_error err = { 0 };
  return civ_run_attach(run, sink, self, &err) == CIV_OK ||
         society_fail(s, "cannot attach %s: %s", sink->name, err.text);
}

static bool keep_books(society *s, civ_run *run, ledger *l)
{
  const civ_run_hooks hooks = ledger_hooks(l);
  return attach(s, run, &ledger_sink, l) &&
         (civ_run_hook(run, &hooks, NULL) == CIV_OK || society_fail(s, "cannot add hooks"));
}

/* Runs once; `text` gets the log, `out` what is left. */
static bool run_once(society *s, const way *w, ledger *l, civ_buffer *text, civ_run **kept, outcome *out)
{
  const civ_run_options options = { .threads = w->threads, .recent_interactions = w->recent };
  civ_error err = { 0 };
  civ_run *run;
  civ_log *log = NULL;
  civ_end end;
  if (civ_run_create(s->config, &options, &run, &err) != CIV_OK)
    return society_fail(s, "%s: cannot be built: %s: %s", w->name, err.where, err.text);
  bool good = true;
  if (w->logged && civ_log_create_into(receive, text, w->detail, &log, &err) != CIV_OK)
    good = society_fail(s, "no log: %s", err.text);
  if (good && log)
    good = attach(s, run, civ_log_sink(log), log);
  if (good && w->books)
    good = keep_books(s, run, l) && step_by_step(s, run, l);
  else if (good && civ_run_all(run, &end, &err) != CIV_OK)
    good = society_fail(s, "%s: %s: %s", w->name, err.where, err.text);
  if (good && log && civ_log_close(log, &err) != CIV_OK)
    good = society_fail(s, "%s: the log: %s", w->name, err.text);
  good = good && take_outcome(s, run, out);
  civ_log_destroy(log);
  if (good && kept)
    *kept = run;
  else
    civ_run_destroy(run);
  return good;
}

/* --- the ways ------------------------------------------------------------------------------------------------------------- */

typedef struct base {
  civ_run *run;
  ledger books;
  civ_buffer log; /* full detail */
  outcome out;
} base;

/* Once more in another way: the same results, and with the same detail the same bytes. */
static bool again(society *s, const base *b, const way *w, civ_buffer *log)
{
  outcome o = { 0 };
  civ_buffer text = { 0 };
  bool good = run_once(s, w, NULL, &text, NULL, &o) && same_outcome(s, w->name, &b->out, &o, b->run);
  if (good && w->logged && w->detail == CIV_DETAIL_FULL)
    good = same_text(s, w->name, &b->log, &text);
  if (log && good) {
    *log = text;
    text = (civ_buffer){ 0 };
  }
  civ_buffer_free(&text);
  outcome_free(&o);
  return good;
}

static bool replay(society *s, const base *b, const char *what, const civ_buffer *log)
{
  ledger books;
  civ_error err = { 0 };
  civ_log_counts counts = { 0 };
  bool complete = false;
  ledger_init(&books, s->config);
  books.resources_hidden = true;
  const civ_replay_target target = { &ledger_sink, &books };
  const civ_log_input in = { .text = log->data, .length = log->length };
  bool good = civ_log_replay_input(&in, 1, true, &target, 1, &complete, &counts, &err) == CIV_OK ||
              society_fail(s, "%s: replay: %s: %s", what, err.where, err.text);
  if (good && !complete)
    good = society_fail(s, "%s: the log has no end", what);
  if (good && !ledger_same(&books, &b->books))
    good = society_fail(s, "%s: replay: %s", what, books.complaint);
  if (good && !ledger_agrees(&books, &b->run->people.view, b->run->open.n_open))
    good = society_fail(s, "%s: replay: %s", what, books.complaint);
  ledger_free(&books);
  return good;
}

/* --- checkpoints ----------------------------------------------------------------------------------------------------------- */

static bool fail_at(society *s, const char *what, const civ_error *err)
{
  return society_fail(s, "checkpoint: %s: %s: %s", what, err->where, err->text);
}

/* Runs the first epochs with the log in a file; *state is the checkpoint after them. */
static bool first_part(society *s, const char *path, uint32_t epochs, civ_bytes *state, uint64_t *digest,
                       civ_log_options *resume)
{
  const civ_log_options options = { .detail = CIV_DETAIL_FULL, .replace = true };
  civ_error err = { 0 };
  civ_run *run = NULL;
  civ_log *log = NULL;
  civ_end end = CIV_RUNNING;
  bool good =
      (civ_run_create(s->config, NULL, &run, &err) == CIV_OK && civ_log_create(path, &options, &log, &err) == CIV_OK &&
       civ_run_attach(run, civ_log_sink(log), log, &err) == CIV_OK && civ_run_begin(run, &err) == CIV_OK) ||
      fail_at(s, "beginning", &err);
  for (uint32_t k = 0; good && k < epochs && end == CIV_RUNNING; k++)
    good = civ_run_epoch(run, &end, &err) == CIV_OK || fail_at(s, "running", &err);
  if (good)
    *digest = civ_run_digest(run);
  good = good && ((civ_run_save(run, state, &err) == CIV_OK && civ_log_sync(log, &err) == CIV_OK) ||
                  fail_at(s, "saving", &err));
  if (good && *digest != civ_run_digest(run))
    good = society_fail(s, "checkpoint: saving changed the state");
  if (good)
    *resume = (civ_log_options){
      .detail = CIV_DETAIL_FULL, .resume = true, .offset = civ_log_bytes(log), .events = civ_log_records(log)
    };
  civ_log_destroy(log);
  civ_run_destroy(run);
  return good;
}

static bool second_part(society *s, const base *b, const char *path, const civ_bytes *state, uint64_t digest,
                        const civ_log_options *resume)
{
  civ_bytes_reader in = { .data = state->data, .length = state->length };
  civ_error err = { 0 };
  civ_run *run = NULL;
  civ_log *log = NULL;
  civ_end end;
  outcome o = { 0 };
  bool good =
      (civ_run_create(s->config, NULL, &run, &err) == CIV_OK && civ_log_create(path, resume, &log, &err) == CIV_OK &&
       civ_run_attach(run, civ_log_sink(log), log, &err) == CIV_OK && civ_run_load(run, &in, &err) == CIV_OK) ||
      fail_at(s, "loading", &err);
  if (good && civ_run_digest(run) != digest)
    good = society_fail(s, "checkpoint: the state loaded is not the state saved");
  good = good && ((civ_run_all(run, &end, &err) == CIV_OK && civ_log_close(log, &err) == CIV_OK) ||
                  fail_at(s, "going on", &err));
  good = good && take_outcome(s, run, &o) && same_outcome(s, "checkpoint", &b->out, &o, b->run);
  civ_log_destroy(log);
  civ_run_destroy(run);
  outcome_free(&o);
  return good;
}

/* Whether the scenario uses the parts of chaos.h, which only our own registry knows. */
static bool is_chaotic(const society *s)
{
  uint32_t n;
  const civ_agent_entry *entries = civ_config_agents(s->config, &n);
  for (uint32_t k = 0; k < n; k++)
    if (strcmp(entries[k].type, "fool") == 0)
      return true;
  return civ_config_given(s->config, "tyrant") || civ_config_given(s->config, "ring") ||
         civ_config_given(s->config, "errands");
}

/* The proofs a user would ask for: epochs follow from interactions, and the configuration gives these very bytes. */
static bool prove(society *s, const base *b, const char *path)
{
  civ_error err = { 0 };
  uint32_t epochs = b->out.epochs;
  uint64_t records = 0;
  bool complete = true, again = false;
  if (!is_chaotic(s) && civ_log_verify(path, 1, &epochs, &complete, &err) != CIV_OK)
    return society_fail(s, "verify: %s: %s", err.where, err.text);
  if (!complete || epochs != b->out.epochs)
    return society_fail(s, "verify: %u epochs of %u, %s", epochs, b->out.epochs, complete ? "complete" : "no end");
  if (civ_log_reexecute(path, s->registry, 1, &records, &again, &err) != CIV_OK)
    return society_fail(s, "re-execute: %s: %s", err.where, err.text);
  return again || society_fail(s, "re-execute: %llu records and no end", (unsigned long long)records);
}

static bool checkpoint(society *s, const base *b, const char *scratch)
{
  char path[300];
  civ_draws d = society_draws(s, STREAM_CHECKS);
  const uint32_t epochs = civ_draw_index(&d, b->out.epochs + 1);
  civ_bytes state = { 0 };
  civ_log_options resume;
  uint64_t digest = 0;
  civ_buffer text = { 0 };
  civ_error err = { 0 };
  snprintf(path, sizeof path, "%s/events.jsonl", scratch);
  bool good = first_part(s, path, epochs, &state, &digest, &resume) && second_part(s, b, path, &state, digest, &resume);
  if (good)
    good = civ_file_read(path, SIZE_MAX / 2, &text.data, &text.length, &err) == CIV_OK || fail_at(s, "reading", &err);
  text.capacity = text.length + 1;
  good = good && same_text(s, "checkpoint", &b->log, &text) && prove(s, b, path);
  civ_free(text.data);
  civ_bytes_free(&state);
  unlink(path);
  return good;
}

/* --- everything ------------------------------------------------------------------------------------------------------------ */

static bool load(society *s)
{
  civ_error err = { 0 };
  civ_diagnostics found = { 0 };
  if (civ_registry_create_default(&s->registry, &err) != CIV_OK || chaos_register(s->registry, &err) != CIV_OK)
    return society_fail(s, "registry: %s: %s", err.where, err.text);
  society_draw(s);
  const civ_status st = civ_scenario_parse(s->registry, "society.yaml", s->yaml.data, s->yaml.length,
                                           CIV_LOAD_ALLOW_EMPTY, &s->config, &found, &err);
  civ_diagnostics_free(&found);
  if (st != CIV_OK)
    return society_fail(s, "the drawn scenario is refused: %s: %s", err.where, err.text);
  return civ_config_check_built(s->config, "society.yaml", &err) == CIV_OK || society_fail(s, "%s", err.text);
}

static bool check_ways(society *s, const base *b, const char *scratch)
{
  const civ_simulation_config *simulation = civ_config_section(s->config, "simulation");
  const bool together = simulation->turn_mode == CIV_SIMULTANEOUS;
  const way repeat = { "repeated", .threads = together ? 2 : 1, .logged = true, .detail = CIV_DETAIL_FULL };
  const way standard = { "detail standard", .logged = true, .detail = CIV_DETAIL_STANDARD, .recent = 3 };
  const way silent = { "without a log", .threads = together ? 3 : 1 };
  civ_buffer log = { 0 };
  const bool good = again(s, b, &repeat, NULL) && again(s, b, &silent, NULL) && again(s, b, &standard, &log) &&
                    replay(s, b, "full", &b->log) && replay(s, b, "standard", &log) && checkpoint(s, b, scratch);
  civ_buffer_free(&log);
  return good;
}

const char *const society_fact_names[SOCIETY_FACTS] = {
  "agents",
  "turns",
  "accepted",
  "refused",
  "expired",
  "pending at the end",
  "posts",
  "votes",
  "claims",
  "outputs",
  "verified",
  "transfers",
  "costed",
  "freezes",
  "refused actions",
  "runs killed",
  "steps in parallel",
  "teams that did their task",
  "bids",
  "awards",
  "flows over the boundary",
};

static void take_facts(society *s, const base *b)
{
  const ledger *l = &b->books;
  uint64_t freezes = 0, costed = 0;
  for (civ_agent a = 0; a < l->roster.n; a++)
    freezes += l->agents[a].freezes;
  for (size_t k = 0; k < l->n_entries; k++)
    costed += l->entries[k].record.c_a > 0 || l->entries[k].record.c_b > 0;
  const civ_simulation_config *simulation = civ_config_section(s->config, "simulation");
  const uint64_t facts[SOCIETY_FACTS] = {
    [FACT_AGENTS] = l->roster.n,
    [FACT_TURNS] = l->turns,
    [FACT_ACCEPTED] = l->accepted,
    [FACT_REFUSED] = l->rejected,
    [FACT_EXPIRED] = l->expired,
    [FACT_PENDING] = l->n_open,
    [FACT_POSTS] = l->posts,
    [FACT_VOTES] = l->n_votes,
    [FACT_CLAIMS] = l->succeeded[CIV_ACTION_CLAIM_TASK],
    [FACT_OUTPUTS] = l->succeeded[CIV_ACTION_SUBMIT_OUTPUT],
    [FACT_VERIFIED] = l->succeeded[CIV_ACTION_VERIFY_OUTPUT],
    [FACT_TRANSFERS] = l->transfers,
    [FACT_COSTED] = costed,
    [FACT_FREEZES] = freezes,
    [FACT_RAILS] = l->refused,
    [FACT_KILLED] = l->paused,
    [FACT_IN_PARALLEL] = simulation->turn_mode == CIV_SIMULTANEOUS && l->roster.n > 512 ? l->steps : 0,
    [FACT_TEAMWORK] = l->teams_paid,
    [FACT_OUTSIDE] = l->crossings,
    [FACT_BIDS] = l->succeeded[CIV_ACTION_PLACE_BID],
    [FACT_AWARDS] = l->succeeded[CIV_ACTION_ACCEPT_BID],
  };
  memcpy(s->facts, facts, sizeof facts);
}

bool society_check(society *s, const char *scratch)
{
  const way first = { "first", .logged = true, .detail = CIV_DETAIL_FULL, .books = true };
  base b = { 0 };
  bool good = load(s);
  if (good) {
    ledger_init(&b.books, s->config);
    b.books.resources_hidden = civ_config_given(s->config, "tyrant") || civ_config_given(s->config, "marketplace");
    good = run_once(s, &first, &b.books, &b.log, &b.run, &b.out) && check_ways(s, &b, scratch);
    take_facts(s, &b);
  }
  if (b.run)
    civ_run_destroy(b.run);
  ledger_free(&b.books);
  civ_buffer_free(&b.log);
  outcome_free(&b.out);
  return good;
}
