#include "strangers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

scribe *strangers_tell;

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define TELL(...)                                                                                                      \
  do {                                                                                                                 \
    if (strangers_tell)                                                                                                \
      civ_buffer_format(&strangers_tell->text, __VA_ARGS__);                                                           \
  } while (0)

enum { MOST = 1024 };

/* --- policy ------------------------------------------------------------------------------------------------------------ */

typedef struct slow_config {
  int64_t patience;
  bool eager;
} slow_config;

typedef struct slow {
  slow_config config[MOST];
  int64_t waited[MOST]; /* in the present decision; not part of the state */
  uint64_t acts, learnt;
} slow;

static const civ_field slow_fields[] = {
  CIV_INTEGER(slow_config, patience, "0", 0, 1000, "", "how often it is pending before it answers"),
  CIV_BOOLEAN(slow_config, eager, "true", "whether it proposes"),
};
static const civ_section slow_section = { .name = "agents.slow",
                                          .doc = "A slow mind.",
                                          .chapter = "tests",
                                          .fields = slow_fields,
                                          .n_fields = COUNT(slow_fields),
                                          .size = sizeof(slow_config) };

static civ_status make(size_t size, void **self, civ_error *err)
{
  *self = calloc(1, size);
  return *self ? CIV_OK : civ_fail(err, CIV_E_NOMEM, "stranger", "out of memory");
}

static civ_status slow_create(civ_host *host, void **self, civ_error *err)
{
  (void)host;
  return make(sizeof(slow), self, err);
}

static civ_status slow_enrol(void *self, civ_agent a, const void *config, civ_error *err)
{
  slow *s = self;
  (void)err;
  s->config[a] = *(const slow_config *)config;
  return CIV_OK;
}

static bool still_thinking(slow *s, civ_agent a)
{
  if (s->waited[a] < s->config[a].patience) {
    s->waited[a]++;
    return true;
  }
  s->waited[a] = 0;
  return false;
}

static civ_verdict slow_act(void *self, const civ_view *view, civ_draws *draws, civ_action *out)
{
  slow *s = self;
  const uint32_t n = civ_view_visible(view);
  if (still_thinking(s, view->self))
    return CIV_PENDING;
  if (!s->config[view->self].eager || n == 0)
    return CIV_PASS;
  if (civ_draw_chance(draws, 0.2)) {
    *out = civ_action_make(CIV_ACTION_POST_BOUNTY);
    out->amount = 2;
    return CIV_ACT;
  }
  *out = civ_action_make(CIV_ACTION_PROPOSE);
  out->counterparty = civ_view_visible_at(view, civ_draw_index(draws, n));
  out->interaction_type = CIV_TRADE;
  return CIV_ACT;
}

static civ_verdict slow_accept(void *self, const civ_view *view, const civ_proposal *proposal, civ_draws *draws)
{
  slow *s = self;
  (void)proposal;
  if (still_thinking(s, view->self))
    return CIV_PENDING;
  return civ_draw_chance(draws, 0.8) ? CIV_YES : CIV_NO;
}

static bool slow_offer(void *self, const civ_view *view, civ_agent counterparty, civ_offer *out)
{
  (void)self;
  (void)view;
  (void)counterparty;
  *out = (civ_offer){ CIV_TRADE, 0.5 };
  return true;
}

static void slow_answered(void *self, civ_agent a, const civ_proposal *proposal, civ_decided_in where, bool accepted)
{
  (void)self;
  TELL("answered a%u i%llu %s %s\n", a, (unsigned long long)proposal->id, where == CIV_IN_TURN ? "turn" : "resolution",
       accepted ? "yes" : "no");
}

static void slow_done(void *self, civ_agent a, const civ_action *action, bool ok)
{
  slow *s = self;
  s->acts++;
  TELL("done a%u %s %d\n", a, civ_action_names[action->kind], ok);
}

static void slow_learn(void *self, civ_agent a, const civ_interaction *record, double payoff)
{
  slow *s = self;
  (void)payoff;
  s->learnt += record->id * (a + 1);
  TELL("learn a%u\n", a);
}

static uint64_t slow_digest(void *self)
{
  const slow *s = self;
  return s->acts * 31 + s->learnt;
}

static civ_status slow_save(void *self, civ_bytes *out)
{
  const slow *s = self;
  civ_bytes_put_u64(out, s->acts);
  civ_bytes_put_u64(out, s->learnt);
  return CIV_OK;
}

static civ_status slow_load(void *self, civ_bytes_reader *in, civ_error *err)
{
  slow *s = self;
  (void)err;
  s->acts = civ_bytes_u64(in);
  s->learnt = civ_bytes_u64(in);
  return CIV_OK;
}

static const civ_policy policy = { .version = CIV_PART_VERSION,
                                   .name = "slow",
                                   .doc = "Thinks before it speaks.",
                                   .agent_type = CIV_HONEST,
                                   .config = &slow_section,
                                   .create = slow_create,
                                   .destroy = free,
                                   .enrol = slow_enrol,
                                   .act = slow_act,
                                   .accept = slow_accept,
                                   .offer = slow_offer,
                                   .answered = slow_answered,
                                   .done = slow_done,
                                   .learn = slow_learn,
                                   .digest = slow_digest,
                                   .save = slow_save,
                                   .load = slow_load };

/* --- world ------------------------------------------------------------------------------------------------------------- */

typedef struct ferry_config {
  bool same_side;
} ferry_config;

typedef struct ferry {
  civ_host *host;
  const ferry_config *config;
  uint64_t crossings, before, completions;
  uint16_t event;
  civ_agent list[MOST];
} ferry;

static const civ_field ferry_fields[] = { CIV_BOOLEAN(ferry_config, same_side, "true", "who meets whom") };
static const civ_section ferry_section = { .name = "ferry",
                                           .doc = "Two banks of a river.",
                                           .chapter = "tests",
                                           .fields = ferry_fields,
                                           .n_fields = COUNT(ferry_fields),
                                           .absent_is_off = true,
                                           .size = sizeof(ferry_config) };
static const civ_section *const ferry_sections[] = { &ferry_section, NULL };

static civ_status ferry_create(civ_host *host, void **self, civ_error *err)
{
  const civ_status st = make(sizeof(ferry), self, err);
  if (st == CIV_OK) {
    ferry *f = *self;
    f->host = host;
    f->config = host->call->section(host, "ferry");
    f->event = UINT16_MAX;
  }
  return st;
}

static bool ferry_wanted(const civ_host *host)
{
  return host->call->section_given(host, "ferry");
}

static bool ferry_permits(void *self, civ_agent a, civ_agent b)
{
  const ferry *f = self;
  return a != b && (!f->config->same_side || a % 2 == b % 2);
}

static uint32_t ferry_neighbours(void *self, civ_agent a, const civ_agent **out)
{
  ferry *f = self;
  uint32_t n = 0;
  for (civ_agent b = 0; b < f->host->call->population(f->host)->n; b++)
    if (ferry_permits(f, a, b))
      f->list[n++] = b;
  *out = f->list;
  return n;
}

static bool ferry_apply(void *self, civ_agent a, const civ_action *action)
{
  ferry *f = self;
  if (f->event == UINT16_MAX)
    f->event = f->host->call->event_type(f->host, "ferry_left");
  civ_event event = { .type = f->event,
                      .agent = a,
                      .initiator = CIV_NOBODY,
                      .counterparty = CIV_NOBODY,
                      .values = { { .real = action->amount }, { .text = "bank" } } };
  f->crossings++;
  f->host->call->emit(f->host, &event);
  return true;
}

static void ferry_turn_done(void *self, civ_agent a, const civ_action *action, bool ok)
{
  (void)self;
  TELL("turn_done a%u %s %d\n", a, civ_action_names[action->kind], ok);
}

static void ferry_completed(void *self, const civ_interaction *record, double payoff_a, double payoff_b)
{
  ferry *f = self;
  (void)payoff_a;
  (void)payoff_b;
  f->completions++;
  TELL("world i%llu\n", (unsigned long long)record->id);
}

static void ferry_step_begin(void *self)
{
  (void)self;
  TELL("world step_begin\n");
}
static void ferry_step_end(void *self)
{
  (void)self;
  TELL("world step_end\n");
}
static void ferry_epoch_begin(void *self)
{
  ferry *f = self;
  f->before = f->crossings;
  TELL("world epoch_begin\n");
}
static void ferry_epoch_end(void *self)
{
  (void)self;
  TELL("world epoch_end\n");
}

static void ferry_epoch_report(void *self, double *values)
{
  const ferry *f = self;
  values[0] = (double)(f->crossings - f->before);
  values[1] = 0.5;
}

static void ferry_total_report(void *self, double *values)
{
  const ferry *f = self;
  values[0] = (double)f->crossings;
  values[1] = (double)f->completions;
}

static void ferry_finish(void *self)
{
  (void)self;
  TELL("world finish\n");
}

static civ_status ferry_report(void *self, civ_bytes *out)
{
  char text[64];
  const int n = snprintf(text, sizeof text, "{\"ferry\": {\"crossings\": %llu}}",
                         (unsigned long long)((const ferry *)self)->crossings);
  civ_bytes_put_block(out, text, (size_t)n);
  return CIV_OK;
}

static uint64_t ferry_digest(void *self)
{
  const ferry *f = self;
  return f->crossings * 7 + f->completions;
}

static civ_status ferry_save(void *self, civ_bytes *out)
{
  const ferry *f = self;
  civ_bytes_put_u64(out, f->crossings);
  civ_bytes_put_u64(out, f->completions);
  return CIV_OK;
}

static civ_status ferry_load(void *self, civ_bytes_reader *in, civ_error *err)
{
  ferry *f = self;
  (void)err;
  f->crossings = civ_bytes_u64(in);
  f->completions = civ_bytes_u64(in);
  return CIV_OK;
}

static const uint8_t ferry_actions[] = { CIV_ACTION_POST_BOUNTY, CIV_ACTION_KINDS };
static const civ_member ferry_members[] = { { "fare", CIV_MEMBER_REAL, false },
                                            { "from", CIV_MEMBER_TEXT, false },
                                            { NULL, 0, false } };
static const civ_event_form ferry_events[] = { { "ferry_left", CIV_FORM_AGENT | CIV_FORM_EPOCH | CIV_FORM_STEP,
                                                 ferry_members, "the ferry leaves" },
                                               { NULL, 0, NULL, NULL } };
static const civ_metric_decl ferry_metrics[] = { { "ferry.crossings", true, "in the epoch" },
                                                 { "ferry.depth", false, "of the river" },
                                                 { NULL, false, NULL } };
static const civ_metric_decl ferry_totals[] = { { "ferry_crossings", true, "over the run" },
                                                { "ferry_completions", true, "over the run" },
                                                { NULL, false, NULL } };

static const civ_world world = { .version = CIV_PART_VERSION,
                                 .name = "ferry",
                                 .doc = "Two banks and a ferry.",
                                 .sections = ferry_sections,
                                 .actions = ferry_actions,
                                 .events = ferry_events,
                                 .epoch_metrics = ferry_metrics,
                                 .totals = ferry_totals,
                                 .wanted = ferry_wanted,
                                 .create = ferry_create,
                                 .destroy = free,
                                 .permits = ferry_permits,
                                 .neighbours = ferry_neighbours,
                                 .apply = ferry_apply,
                                 .turn_done = ferry_turn_done,
                                 .completed = ferry_completed,
                                 .step_begin = ferry_step_begin,
                                 .step_end = ferry_step_end,
                                 .epoch_begin = ferry_epoch_begin,
                                 .epoch_end = ferry_epoch_end,
                                 .epoch_report = ferry_epoch_report,
                                 .total_report = ferry_total_report,
                                 .finish = ferry_finish,
                                 .report = ferry_report,
                                 .digest = ferry_digest,
                                 .save = ferry_save,
                                 .load = ferry_load };

/* --- lever ------------------------------------------------------------------------------------------------------------- */

typedef struct toll_config {
  double price;
  int64_t freeze_after;
} toll_config;

typedef struct toll {
  civ_host *host;
  const toll_config *config;
  uint64_t judged, charged;
  double drawn;
} toll;

static const civ_field toll_fields[] = {
  CIV_REAL(toll_config, price, "0.25", 0, 100, "", "cost of the initiator"),
  CIV_INTEGER(toll_config, freeze_after, "1000000", 0, 1000000, "", "interactions until initiators are frozen"),
};
static const civ_section toll_section = { .name = "toll",
                                          .doc = "A toll.",
                                          .chapter = "tests",
                                          .fields = toll_fields,
                                          .n_fields = COUNT(toll_fields),
                                          .absent_is_off = true,
                                          .size = sizeof(toll_config) };
static const civ_section *const toll_sections[] = { &toll_section, NULL };

static bool toll_wanted(const civ_host *host)
{
  return host->call->section_given(host, "toll");
}

static civ_status toll_create(civ_host *host, void **self, civ_error *err)
{
  const civ_status st = make(sizeof(toll), self, err);
  if (st == CIV_OK)
    *(toll *)*self = (toll){ .host = host, .config = host->call->section(host, "toll") };
  return st;
}

static void toll_judge(void *self, const civ_interaction *record, civ_draws *draws, civ_effect *effect)
{
  toll *t = self;
  t->judged++;
  t->drawn += civ_draw_uniform(draws);
  TELL("judge i%llu\n", (unsigned long long)record->id);
  civ_effect_cost(effect, t->config->price, t->config->price / 2);
  civ_effect_reputation(effect, record->initiator, -0.125);
  civ_effect_reputation(effect, record->counterparty, 0); /* nothing, but ordered */
  civ_effect_resources(effect, record->counterparty, 0.5);
  civ_effect_freeze(effect, CIV_NOBODY, -1); /* unknown agents are ignored */
  if (t->judged > (uint64_t)t->config->freeze_after)
    civ_effect_freeze(effect, record->initiator, -1);
}

static const char *toll_admits_action(void *self, civ_agent a, const civ_action *action)
{
  (void)self;
  return action->kind == CIV_ACTION_POST_BOUNTY && a == 1 ? "no_ticket" : NULL;
}

static void toll_charge(void *self, civ_agent a, const civ_action *action)
{
  toll *t = self;
  t->charged++;
  TELL("charge a%u %s\n", a, civ_action_names[action->kind]);
}

static void toll_step_begin(void *self)
{
  (void)self;
  TELL("lever step_begin\n");
}
static void toll_epoch_begin(void *self, uint32_t epoch, civ_effect *effect)
{
  (void)self;
  (void)effect;
  TELL("lever epoch_begin %u\n", epoch);
}
static void toll_epoch_end(void *self, const double *row, civ_effect *effect)
{
  (void)self;
  (void)effect;
  TELL("lever epoch_end %.0f\n", row[0]);
}

static void toll_total_report(void *self, double *values)
{
  const toll *t = self;
  values[0] = (double)t->judged;
  values[1] = t->drawn;
}

static void toll_finish(void *self)
{
  (void)self;
  TELL("lever finish\n");
}

static civ_status toll_report(void *self, civ_bytes *out)
{
  char text[96];
  const int n = snprintf(text, sizeof text, "{\"toll\": {\"judged\": %llu}, \"toll_end\": null}",
                         (unsigned long long)((const toll *)self)->judged);
  civ_bytes_put_block(out, text, (size_t)n);
  return CIV_OK;
}

static uint64_t toll_digest(void *self)
{
  const toll *t = self;
  return t->judged * 3 + t->charged;
}

static civ_status toll_save(void *self, civ_bytes *out)
{
  const toll *t = self;
  civ_bytes_put_u64(out, t->judged);
  civ_bytes_put_u64(out, t->charged);
  civ_bytes_put_real(out, t->drawn);
  return CIV_OK;
}

static civ_status toll_load(void *self, civ_bytes_reader *in, civ_error *err)
{
  toll *t = self;
  (void)err;
  t->judged = civ_bytes_u64(in);
  t->charged = civ_bytes_u64(in);
  t->drawn = civ_bytes_real(in);
  return CIV_OK;
}

static const civ_metric_decl toll_totals[] = { { "toll_judged", true, "interactions judged" },
                                               { "toll_drawn", false, "sum of its numbers" },
                                               { NULL, false, NULL } };
static const civ_lever lever = { .version = CIV_PART_VERSION,
                                 .name = "toll",
                                 .doc = "Takes its share.",
                                 .sections = toll_sections,
                                 .totals = toll_totals,
                                 .accounted = true,
                                 .wanted = toll_wanted,
                                 .create = toll_create,
                                 .destroy = free,
                                 .admits_action = toll_admits_action,
                                 .charge = toll_charge,
                                 .judge = toll_judge,
                                 .step_begin = toll_step_begin,
                                 .epoch_begin = toll_epoch_begin,
                                 .epoch_end = toll_epoch_end,
                                 .total_report = toll_total_report,
                                 .finish = toll_finish,
                                 .report = toll_report,
                                 .digest = toll_digest,
                                 .save = toll_save,
                                 .load = toll_load };

civ_status strangers_register(civ_registry *registry, civ_error *err)
{
  civ_status st = civ_registry_add_policy(registry, &policy, err);
  if (st == CIV_OK)
    st = civ_registry_add_world(registry, &world, err);
  return st == CIV_OK ? civ_registry_add_lever(registry, &lever, err) : st;
}
