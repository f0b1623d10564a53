#include "chaos.h"

#include <math.h>
#include <stdlib.h>

/* What all of these parts keep: no state that moves, so nothing to save. */
typedef struct part {
  civ_host *host;
  const void *config;
  civ_agent *neighbours; /* of the ring: `reach2` per agent, as many as there are in `counts` */
  uint32_t *counts, reach2;
} part;

static void *part_memory(part *p, size_t n, size_t size)
{
  const civ_allocator *a = p->host->call->allocator(p->host);
  return a->resize(a->ctx, NULL, 0, n * size);
}

static void part_release(part *p, void *block, size_t bytes)
{
  const civ_allocator *a = p->host->call->allocator(p->host);
  if (block)
    a->resize(a->ctx, block, bytes, 0);
}

static civ_status make_part(civ_host *host, const char *section, void **self, civ_error *err)
{
  const civ_allocator *a = host->call->allocator(host);
  part *p = a->resize(a->ctx, NULL, 0, sizeof *p);
  if (!p)
    return civ_fail(err, CIV_E_NOMEM, "chaos", "out of memory");
  *p = (part){ .host = host, .config = section ? host->call->section(host, section) : NULL };
  *self = p;
  return CIV_OK;
}

static void destroy_part(void *self)
{
  part *p = self;
  const size_t n = p->host->call->population(p->host)->n;
  part_release(p, p->neighbours, n * p->reach2 * sizeof *p->neighbours);
  part_release(p, p->counts, n * sizeof *p->counts);
  part_release(p, p, sizeof *p);
}

static civ_draws moment_draws(const part *p, uint32_t entity, uint32_t other)
{
  uint32_t epoch, step;
  p->host->call->now(p->host, &epoch, &step);
  const civ_draw_key key = {
    .purpose = CIV_PURPOSE_FUZZ, .entity = entity, .other = other, .epoch = epoch, .step = step
  };
  return civ_draws_open(p->host->call->seed(p->host), &key);
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* --- the fool: any action, any target ------------------------------------------------------------------------------------ */

static civ_status create_fool(civ_host *host, void **self, civ_error *err)
{
  return make_part(host, NULL, self, err);
}

static civ_text any_text(civ_draws *draws)
{
  static const char *const texts[] = { "",
                                       "hello",
                                       "\"quoted\\ \n\x01 text\"",
                                       "caf\xC3\xA9 \xF0\x9F\x8C\x8D",
                                       "\xFF\xFE",
                                       "I will attack! spam scam exploit !!!!" };
  const char *text = texts[civ_draw_index(draws, COUNT(texts))];
  return (civ_text){ text, (uint32_t)strlen(text) };
}

static uint32_t any_number(civ_draws *draws, uint32_t usual)
{
  return civ_draw_chance(draws, 0.1) ? (uint32_t)civ_draw_bits(draws) : civ_draw_index(draws, usual + 2);
}

static civ_verdict act(void *self, const civ_view *view, civ_draws *draws, civ_action *out)
{
  const civ_proposal *oldest = civ_view_oldest(view);
  const uint32_t n = view->population->n;
  (void)self;
  if (civ_draw_chance(draws, 0.05))
    return CIV_PASS;
  *out = civ_action_make(civ_draw_chance(draws, 0.4) ? CIV_ACTION_PROPOSE
                                                     : (civ_action_kind)civ_draw_index(draws, CIV_ACTION_KINDS));
  out->interaction_type =
      (uint8_t)civ_draw_index(draws, CIV_INTERACTION_TYPES + (civ_draw_chance(draws, 0.02) ? 3 : 0));
  out->vote_direction = (int8_t)(civ_draw_index(draws, 3)) - 1;
  out->output_kind = (uint8_t)civ_draw_index(draws, CIV_OUTPUT_KINDS);
  out->target = any_number(draws, oldest ? oldest->index + 1 : 20);
  out->counterparty = any_number(draws, n);
  if (civ_view_visible(view) && civ_draw_chance(draws, 0.5))
    out->counterparty = civ_view_visible_at(view, civ_draw_index(draws, civ_view_visible(view)));
  out->content = any_text(draws);
  out->amount = civ_draw_between(draws, -2, 20);
  out->transfer = civ_draw_chance(draws, 0.5) ? civ_draw_between(draws, -200, 200) : 0;
  out->conduct = civ_draw_uniform(draws);
  return CIV_ACT;
}

static civ_verdict accept(void *self, const civ_view *view, const civ_proposal *proposal, civ_draws *draws)
{
  (void)self;
  (void)view;
  (void)proposal;
  return civ_draw_chance(draws, 0.6) ? CIV_YES : CIV_NO;
}

static bool offer(void *self, const civ_view *view, civ_agent counterparty, civ_offer *out)
{
  (void)self;
  *out = (civ_offer){ CIV_TRADE, (double)counterparty * 0.5 - view->self };
  return counterparty % 3 != 0;
}

static const civ_policy fool = { .version = CIV_PART_VERSION,
                                 .name = "fool",
                                 .doc = "Tries everything.",
                                 .agent_type = CIV_OPPORTUNISTIC,
                                 .create = create_fool,
                                 .destroy = destroy_part,
                                 .act = act,
                                 .accept = accept,
                                 .offer = offer };

/* --- the tyrant: orders of every kind ------------------------------------------------------------------------------------ */

typedef struct tyrant_config {
  double cost, freeze, thaw, reputation, resources, refuse, block, stop;
} tyrant_config;

static const civ_field tyrant_fields[] = {
  CIV_REAL(tyrant_config, cost, "0", 0, 1, "", "probability of costs on a completion"),
  CIV_REAL(tyrant_config, freeze, "0", 0, 1, "", "probability of freezing the initiator, and somebody else"),
  CIV_REAL(tyrant_config, thaw, "0", 0, 1, "", "probability of freeing somebody"),
  CIV_REAL(tyrant_config, reputation, "0", 0, 1, "", "probability of moving reputations"),
  CIV_REAL(tyrant_config, resources, "0", 0, 1, "", "probability of moving resources"),
  CIV_REAL(tyrant_config, refuse, "0", 0, 1, "", "probability of refusing an action"),
  CIV_REAL(tyrant_config, block, "0", 0, 1, "", "probability of not admitting an agent to a step"),
  CIV_REAL(tyrant_config, stop, "0", 0, 1, "", "probability of ending the run at an epoch's end"),
};
static const civ_section tyrant_section = { .name = "tyrant",
                                            .doc = "A lever that orders anything.",
                                            .chapter = "tests",
                                            .fields = tyrant_fields,
                                            .n_fields = COUNT(tyrant_fields),
                                            .absent_is_off = true,
                                            .size = sizeof(tyrant_config) };
static const civ_section *const tyrant_sections[] = { &tyrant_section, NULL };

static bool tyrant_wanted(const civ_host *host)
{
  return host->call->section_given(host, "tyrant");
}

static civ_status create_tyrant(civ_host *host, void **self, civ_error *err)
{
  return make_part(host, "tyrant", self, err);
}

static bool admits(void *self, civ_agent a)
{
  const part *p = self;
  const tyrant_config *c = p->config;
  civ_draws draws = moment_draws(p, 1, a);
  return c->block == 0 || !civ_draw_chance(&draws, c->block);
}

static const char *admits_action(void *self, civ_agent a, const civ_action *action)
{
  const part *p = self;
  const tyrant_config *c = p->config;
  civ_draws draws = moment_draws(p, 2, a);
  (void)action;
  return c->refuse > 0 && civ_draw_chance(&draws, c->refuse) ? "whim" : NULL;
}

static void judge(void *self, const civ_interaction *record, civ_draws *draws, civ_effect *effect)
{
  const part *p = self;
  const tyrant_config *c = p->config;
  const uint32_t n = p->host->call->population(p->host)->n;
  if (civ_draw_chance(draws, c->cost))
    civ_effect_cost(effect, civ_draw_between(draws, 0, 2), civ_draw_chance(draws, 0.5) ? 0.25 : 0);
  if (civ_draw_chance(draws, c->freeze)) {
    civ_effect_freeze(effect, record->initiator, -1);
    civ_effect_freeze(effect, civ_draw_index(draws, n + 1), record->epoch + 1);
    civ_effect_freeze(effect, civ_draw_index(draws, n), -1);
  }
  if (civ_draw_chance(draws, c->thaw))
    civ_effect_unfreeze(effect, civ_draw_index(draws, n + 1));
  if (civ_draw_chance(draws, c->reputation)) {
    civ_effect_reputation(effect, record->initiator, civ_draw_between(draws, -2, 1));
    civ_effect_reputation(effect, record->counterparty, 0);
    civ_effect_reputation(effect, record->initiator, 0.125);
  }
  if (civ_draw_chance(draws, c->resources))
    civ_effect_resources(effect, record->counterparty, civ_draw_between(draws, -30, 20));
}

static void tyrant_epoch_begin(void *self, uint32_t epoch, civ_effect *effect)
{
  const part *p = self;
  const tyrant_config *c = p->config;
  const uint32_t n = p->host->call->population(p->host)->n;
  (void)epoch;
  for (civ_agent a = 0; a < n; a++) {
    civ_draws draws = moment_draws(p, 3, a);
    if (civ_draw_chance(&draws, c->thaw))
      civ_effect_unfreeze(effect, a);
    else if (civ_draw_chance(&draws, c->freeze * 0.2))
      civ_effect_freeze(effect, a, -1);
    if (civ_draw_chance(&draws, c->reputation * 0.3))
      civ_effect_reputation(effect, a, -0.1);
  }
}

static void tyrant_epoch_end(void *self, const double *row, civ_effect *effect)
{
  const part *p = self;
  const tyrant_config *c = p->config;
  civ_draws draws = moment_draws(p, 4, 0);
  if (civ_draw_chance(&draws, c->stop))
    civ_effect_stop(effect, "whim", row[0]);
}

static double vote_weight(void *self, civ_agent a)
{
  (void)self;
  return 0.5 + a % 3;
}

static const civ_lever tyrant = { .version = CIV_PART_VERSION,
                                  .name = "tyrant",
                                  .doc = "Orders anything.",
                                  .sections = tyrant_sections,
                                  .accounted = true,
                                  .wanted = tyrant_wanted,
                                  .create = create_tyrant,
                                  .destroy = destroy_part,
                                  .admits = admits,
                                  .admits_action = admits_action,
                                  .judge = judge,
                                  .epoch_begin = tyrant_epoch_begin,
                                  .epoch_end = tyrant_epoch_end,
                                  .vote_weight = vote_weight };

/* --- the ring: only those near by are visible ------------------------------------------------------------------------------ */

typedef struct ring_config {
  int64_t reach;
} ring_config;
static const civ_field ring_fields[] = { CIV_INTEGER(ring_config, reach, "2", 0, 100, "", "how far agents see") };
static const civ_section ring_section = { .name = "ring",
                                          .doc = "A world that parts agents.",
                                          .chapter = "tests",
                                          .fields = ring_fields,
                                          .n_fields = COUNT(ring_fields),
                                          .absent_is_off = true,
                                          .size = sizeof(ring_config) };
static const civ_section *const ring_sections[] = { &ring_section, NULL };

static bool ring_wanted(const civ_host *host)
{
  return host->call->section_given(host, "ring");
}

static bool near_by(const ring_config *c, uint32_t n, civ_agent a, civ_agent b)
{
  const uint32_t distance = a > b ? a - b : b - a;
  return a != b && (distance <= (uint64_t)c->reach || n - distance <= (uint64_t)c->reach);
}

bool chaos_may_meet(const civ_config *config, uint32_t agents, civ_agent a, civ_agent b)
{
  return !civ_config_given(config, "ring") || near_by(civ_config_section(config, "ring"), agents, a, b);
}

static bool permits(void *self, civ_agent a, civ_agent b)
{
  const part *p = self;
  return near_by(p->config, p->host->call->population(p->host)->n, a, b);
}

static uint32_t neighbours(void *self, civ_agent a, const civ_agent **out)
{
  const part *p = self;
  *out = p->neighbours + (size_t)a * p->reach2;
  return p->counts[a];
}

static civ_status create_ring(civ_host *host, void **self, civ_error *err)
{
  const civ_status st = make_part(host, "ring", self, err);
  if (st != CIV_OK)
    return st;
  part *p = *self;
  const ring_config *c = p->config;
  const uint32_t n = host->call->population(host)->n;
  p->reach2 = 2 * (uint32_t)c->reach + 1;
  p->counts = part_memory(p, n, sizeof *p->counts);
  p->neighbours = p->counts || n == 0 ? part_memory(p, (size_t)n * p->reach2, sizeof *p->neighbours) : NULL;
  if (n && !p->neighbours)
    return civ_fail(err, CIV_E_NOMEM, "ring", "out of memory");
  for (civ_agent a = 0; a < n; a++) {
    p->counts[a] = 0;
    for (civ_agent b = 0; b < n; b++)
      if (permits(p, a, b))
        p->neighbours[(size_t)a * p->reach2 + p->counts[a]++] = b;
  }
  return CIV_OK;
}

static const civ_world ring = { .version = CIV_PART_VERSION,
                                .name = "ring",
                                .doc = "Agents see only those near by.",
                                .sections = ring_sections,
                                .wanted = ring_wanted,
                                .create = create_ring,
                                .destroy = destroy_part,
                                .permits = permits,
                                .neighbours = neighbours };

/* --- errands: tasks from nowhere ------------------------------------------------------------------------------------------- */

typedef struct errands_config {
  int64_t per_epoch;
} errands_config;
static const civ_field errands_fields[] = { CIV_INTEGER(errands_config, per_epoch, "1", 0, 1000, "",
                                                        "new tasks at the start of each epoch") };
static const civ_section errands_section = { .name = "errands",
                                             .doc = "A world that brings tasks.",
                                             .chapter = "tests",
                                             .fields = errands_fields,
                                             .n_fields = COUNT(errands_fields),
                                             .absent_is_off = true,
                                             .size = sizeof(errands_config) };
static const civ_section *const errands_sections[] = { &errands_section, NULL };

static bool errands_wanted(const civ_host *host)
{
  return host->call->section_given(host, "errands");
}

static civ_status create_errands(civ_host *host, void **self, civ_error *err)
{
  return make_part(host, "errands", self, err);
}

static void errands_epoch_begin(void *self)
{
  static const char *const prompts[] = { "research the market", "plan a trip", "optimize the route", "anything else",
                                         "" };
  const part *p = self;
  const errands_config *c = p->config;
  const civ_task_service *tasks = p->host->call->service(p->host, "tasks");
  for (uint32_t k = 0; k < (uint64_t)c->per_epoch; k++) {
    civ_draws draws = moment_draws(p, 5, k);
    const char *prompt = prompts[civ_draw_index(&draws, COUNT(prompts))];
    const civ_task_view task = { .difficulty = (uint8_t)civ_draw_index(&draws, CIV_DIFFICULTIES),
                                 .bounty = civ_draw_between(&draws, 0, 30),
                                 .budget = 10,
                                 .min_reputation = civ_draw_between(&draws, -1, 0.5),
                                 .deadline_epoch = (int64_t)civ_draw_index(&draws, 8) - 2,
                                 .claimer = CIV_NOBODY,
                                 .prompt = { prompt, (uint32_t)strlen(prompt) } };
    if (tasks->add(tasks->self, &task) == CIV_NONE)
      return;
  }
}

static const civ_world errands = { .version = CIV_PART_VERSION,
                                   .name = "errands",
                                   .doc = "Brings tasks.",
                                   .sections = errands_sections,
                                   .wanted = errands_wanted,
                                   .create = create_errands,
                                   .destroy = destroy_part,
                                   .epoch_begin = errands_epoch_begin };

civ_status chaos_register(civ_registry *registry, civ_error *err)
{
  civ_status st = civ_registry_add_policy(registry, &fool, err);
  if (st == CIV_OK)
    st = civ_registry_add_world(registry, &ring, err);
  if (st == CIV_OK)
    st = civ_registry_add_world(registry, &errands, err);
  return st == CIV_OK ? civ_registry_add_lever(registry, &tyrant, err) : st;
}
