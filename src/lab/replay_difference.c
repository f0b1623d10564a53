/* replay_difference.c - where two runs part, when their logs cannot tell: both are made again, step by step, and their turns
 * and states compared. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/number.h"
#include "civitas/replay.h"
#include "lab/replay_head.h"

enum { CONTENT_MAX = 80 };

/* What an agent did in its turn. */
typedef struct turn {
  civ_agent agent;
  bool ok;
  uint8_t kind, type;
  int8_t vote;
  uint32_t target;
  civ_agent counterparty;
  double amount, transfer;
  uint64_t events; /* of the run before this turn: its own lie behind them */
  char content[CONTENT_MAX];
} turn;

/* One of the two runs. */
typedef struct twin {
  civ_config *config;
  civ_run *run;
  civ_end end;
  turn *turns; /* of the step just made */
  size_t n, capacity;
  uint64_t events; /* of the log so far ... */
  uint64_t behind; /* ... and when the last turn was over */
  bool failed;
} twin;

static void count_event(void *self, const civ_event *event)
{
  (void)event;
  ((twin *)self)->events++;
}

/* Counts what a log of each detail holds. */
static const civ_sink counters[] = {
  [CIV_DETAIL_STANDARD] = { .version = CIV_PART_VERSION, .name = "count", .wants_events = true, .event = count_event },
  [CIV_DETAIL_FULL] = { .version = CIV_PART_VERSION,
                        .name = "count",
                        .wants_events = true,
                        .wants_full = true,
                        .event = count_event },
};

/* --- running ---------------------------------------------------------------------------------------------------------------- */

static void take_turn(void *self, uint32_t epoch, uint32_t step, civ_agent a, const civ_action *action, bool ok)
{
  twin *t = self;
  void *turns = t->turns;
  (void)epoch, (void)step;
  if (civ_grow(&civ_allocator_malloc, &turns, &t->capacity, t->n + 1, sizeof *t->turns) != CIV_OK) {
    t->failed = true;
    return;
  }
  t->turns = turns;
  turn *mine = &t->turns[t->n++];
  *mine = (turn){ .agent = a,
                  .ok = ok,
                  .kind = action->kind,
                  .type = action->interaction_type,
                  .vote = action->vote_direction,
                  .target = action->target,
                  .counterparty = action->counterparty,
                  .amount = action->amount,
                  .transfer = action->transfer,
                  .events = t->behind };
  t->behind = t->events;
  if (action->content.data != NULL)
    snprintf(mine->content, sizeof mine->content, "%.*s",
             (int)(action->content.length < CONTENT_MAX ? action->content.length : CONTENT_MAX), action->content.data);
}

static civ_status make_twin(twin *t, const char *path, const civ_registry *registry, civ_error *err)
{
  int32_t detail;
  const civ_run_hooks hooks = { .self = t, .turn = take_turn };
  civ_status st = civ_replay_head_read(path, 1, registry, &t->config, &detail, err);
  if (st == CIV_OK)
    st = civ_run_create(t->config, NULL, &t->run, err);
  if (st == CIV_OK)
    st = civ_run_attach(t->run, &counters[detail], t, err);
  return st == CIV_OK ? civ_run_hook(t->run, &hooks, err) : st;
}

static void free_twin(twin *t)
{
  civ_run_destroy(t->run);
  civ_config_destroy(t->config);
  free(t->turns);
}

static civ_status advance(twin *t, civ_error *err)
{
  t->n = 0;
  t->behind = t->events;
  const civ_status st = civ_run_step(t->run, &t->end, err);
  return st == CIV_OK && t->failed ? civ_fail(err, CIV_E_NOMEM, "run", "no memory to compare the runs") : st;
}

/* --- comparing --------------------------------------------------------------------------------------------------------------- */

static void say(civ_log_difference *out, const char *event, const char *agent, const char *field, const char *a,
                const char *b)
{
  snprintf(out->event, sizeof out->event, "%s", event);
  snprintf(out->agent, sizeof out->agent, "%s", agent);
  snprintf(out->field, sizeof out->field, "%s", field);
  snprintf(out->value_a, sizeof out->value_a, "%s", a);
  snprintf(out->value_b, sizeof out->value_b, "%s", b);
}

static void say_reals(civ_log_difference *out, const char *event, const char *agent, const char *field, double a,
                      double b)
{
  char text_a[CIV_NUMBER_MAX + 1], text_b[CIV_NUMBER_MAX + 1];
  text_a[civ_format_real(text_a, a)] = '\0';
  text_b[civ_format_real(text_b, b)] = '\0';
  say(out, event, agent, field, text_a, text_b);
}

static void say_counts(civ_log_difference *out, const char *event, const char *agent, const char *field, int64_t a,
                       int64_t b)
{
  char text_a[CIV_NUMBER_MAX + 1], text_b[CIV_NUMBER_MAX + 1];
  text_a[civ_format_integer(text_a, a)] = '\0';
  text_b[civ_format_integer(text_b, b)] = '\0';
  say(out, event, agent, field, text_a, text_b);
}

static const char *name_of(const civ_population *p, civ_agent a)
{
  return a < p->n ? p->name[a] : "nobody";
}

static bool turn_differs(const turn *a, const turn *b, const civ_population *pa, const civ_population *pb,
                         civ_log_difference *out)
{
  const char *who = name_of(pa, a->agent);
  if (a->agent != b->agent)
    say(out, "turn", who, "agent", who, name_of(pb, b->agent));
  else if (a->kind != b->kind)
    say(out, "turn", who, "action", civ_action_names[a->kind], civ_action_names[b->kind]);
  else if (a->counterparty != b->counterparty)
    say(out, "turn", who, "counterparty", name_of(pa, a->counterparty), name_of(pb, b->counterparty));
  else if (a->target != b->target)
    say_counts(out, "turn", who, "target", a->target, b->target);
  else if (a->type != b->type)
    say_counts(out, "turn", who, "interaction_type", a->type, b->type);
  else if (a->vote != b->vote)
    say_counts(out, "turn", who, "vote_direction", a->vote, b->vote);
  else if (strcmp(a->content, b->content) != 0)
    say(out, "turn", who, "content", a->content, b->content);
  else if (a->amount != b->amount)
    say_reals(out, "turn", who, "amount", a->amount, b->amount);
  else if (a->transfer != b->transfer)
    say_reals(out, "turn", who, "transfer", a->transfer, b->transfer);
  else if (a->ok != b->ok)
    say(out, "turn", who, "success", a->ok ? "true" : "false", b->ok ? "true" : "false");
  else
    return false;
  return true;
}

static bool turns_differ(const twin *a, const twin *b, const civ_population *pa, const civ_population *pb,
                         civ_log_difference *out, uint64_t *events)
{
  for (size_t k = 0; k < a->n && k < b->n; k++) {
    *events = a->turns[k].events;
    if (turn_differs(&a->turns[k], &b->turns[k], pa, pb, out))
      return true;
  }
  if (a->n == b->n)
    return false;
  *events = a->n > b->n ? a->turns[b->n].events : a->behind;
  const twin *more = a->n > b->n ? a : b;
  const turn *t = &more->turns[a->n > b->n ? b->n : a->n];
  const char *action = civ_action_names[t->kind];
  say(out, "turn", name_of(more == a ? pa : pb, t->agent), "action", more == a ? action : "(none)",
      more == b ? action : "(none)");
  return true;
}

static bool agent_differs(const civ_population *a, const civ_population *b, civ_agent k, civ_log_difference *out)
{
  const struct {
    const char *field;
    double a, b;
  } reals[] = { { "reputation", a->reputation[k], b->reputation[k] },
                { "resources", a->resources[k], b->resources[k] },
                { "total_payoff", a->total_payoff[k], b->total_payoff[k] },
                { "average_p_initiated", a->average_p_initiated[k], b->average_p_initiated[k] },
                { "average_p_received", a->average_p_received[k], b->average_p_received[k] } };
  const struct {
    const char *field;
    int64_t a, b;
  } counts[] = { { "frozen", a->frozen[k], b->frozen[k] },
                 { "interactions_initiated", a->initiated[k], b->initiated[k] },
                 { "interactions_received", a->received[k], b->received[k] },
                 { "interactions_accepted", a->accepted[k], b->accepted[k] },
                 { "interactions_rejected", a->rejected[k], b->rejected[k] } };
  for (size_t f = 0; f < sizeof reals / sizeof *reals; f++)
    if (reals[f].a != reals[f].b && !(isnan(reals[f].a) && isnan(reals[f].b))) {
      say_reals(out, "state", a->name[k], reals[f].field, reals[f].a, reals[f].b);
      return true;
    }
  for (size_t f = 0; f < sizeof counts / sizeof *counts; f++)
    if (counts[f].a != counts[f].b) {
      say_counts(out, "state", a->name[k], counts[f].field, counts[f].a, counts[f].b);
      return true;
    }
  return false;
}

static bool states_differ(const civ_population *a, const civ_population *b, civ_log_difference *out)
{
  if (a->n != b->n) {
    say_counts(out, "state", "", "n_agents", a->n, b->n);
    return true;
  }
  for (civ_agent k = 0; k < a->n; k++)
    if (agent_differs(a, b, k, out))
      return true;
  return false;
}

/* --- side by side -------------------------------------------------------------------------------------------------------------- */

/* Steps both runs up to and with the step (epoch, step); *found = they part there or before, which *out then says; *events =
 * how many of run a's events lie before that. */
static civ_status step_along(twin *a, twin *b, uint32_t epoch, uint32_t step, civ_log_difference *out, bool *found,
                             uint64_t *events, civ_error *err)
{
  *found = false;
  for (;;) {
    uint32_t at_epoch, at_step;
    civ_result now_a, now_b;
    civ_run_now(a->run, &at_epoch, &at_step);
    if (at_epoch > epoch || (at_epoch == epoch && at_step > step) || a->end != CIV_RUNNING || b->end != CIV_RUNNING)
      return CIV_OK;
    civ_status st = advance(a, err);
    if (st == CIV_OK)
      st = advance(b, err);
    if (st == CIV_OK)
      st = civ_run_result(a->run, &now_a, err);
    if (st == CIV_OK)
      st = civ_run_result(b->run, &now_b, err);
    if (st != CIV_OK)
      return st;
    *found = turns_differ(a, b, now_a.population, now_b.population, out, events);
    if (!*found) {
      *found = states_differ(now_a.population, now_b.population, out);
      *events = a->events;
    }
    if (*found) {
      out->same = out->only_digest = false;
      out->has_epoch = out->has_step = true;
      out->epoch = at_epoch;
      out->step = at_step;
      out->line_a = out->line_b = 0; /* no line says it */
      return CIV_OK;
    }
  }
}

/* Whether the logs name a difference that comes before the one found by running. */
static bool logs_say_more(const civ_log_difference *logs, const civ_log_difference *runs, uint64_t events)
{
  if (logs->same || logs->only_digest || !logs->has_epoch || logs->epoch != runs->epoch || !logs->has_step ||
      logs->step != runs->step)
    return false; /* running stops at the logs' difference: it found an earlier one */
  return logs->line_a <= events;
}

static civ_status run_both(const char *path_a, const char *path_b, const civ_registry *registry, civ_log_difference *d,
                           civ_error *err)
{
  twin a = { .end = CIV_RUNNING }, b = { .end = CIV_RUNNING };
  /* States need not part where digests do (these cover the seed and which rooms are on): look on to the logs' difference. */
  const bool bounded = !d->same && d->has_epoch;
  const uint32_t epoch = bounded ? d->epoch : UINT32_MAX, step = bounded && d->has_step ? d->step : UINT32_MAX;
  civ_log_difference deeper = *d;
  bool found = false;
  uint64_t events = 0;
  civ_status st = make_twin(&a, path_a, registry, err);
  if (st == CIV_OK)
    st = make_twin(&b, path_b, registry, err);
  if (st == CIV_OK)
    st = step_along(&a, &b, epoch, step, &deeper, &found, &events, err);
  if (st == CIV_OK && found && !logs_say_more(d, &deeper, events))
    *d = deeper;
  free_twin(&a);
  free_twin(&b);
  return st;
}

civ_status civ_log_explain_difference(const char *a, const char *b, const civ_registry *registry,
                                      civ_log_difference *out, civ_error *err)
{
  civ_log_difference d;
  civ_status st = civ_log_compare(a, b, &d, err);
  if (st == CIV_OK && d.only_digest)
    st = run_both(a, b, registry, &d, err);
  else if (st == CIV_OK && (d.digest_differs || (d.config_differs && !d.same)))
    (void)run_both(a, b, registry, &d,
                   NULL); /* an earlier difference, if these runs can be made again; else the logs' own */
  if (st == CIV_OK)
    *out = d;
  return st;
}
