/* market.c - how the cases of chapter 04 about the marketplace meet the library: scripts on the market itself, and on the market
 * of a run whose agents do what the script says and nothing of themselves. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "civitas/civitas.h"
#include "civitas/scenario.h"
#include "conformance.h"
#include "sim/run_state.h"
#include "world/market_world.h"
#include "world/worlds.h"

enum { MOST_PEOPLE = 64, MOST_EVENTS = 4096 };

/* --- a configuration ---------------------------------------------------------------------------------------------------- */

typedef struct setting {
  civ_registry *registry;
  civ_config *config;
  civ_diagnostics found;
} setting;

static void fini(setting *s)
{
  civ_diagnostics_free(&s->found);
  civ_config_destroy(s->config);
  civ_registry_destroy(s->registry);
}

/* Takes the reference to `tree`, a scenario; JSON is YAML. */
static bool init(setting *s, json_t *tree)
{
  char *text = json_dumps(tree, 0);
  memset(s, 0, sizeof *s);
  const bool fine =
      text && civ_registry_create_default(&s->registry, NULL) == CIV_OK &&
      civ_scenario_parse(s->registry, "case", text, strlen(text), 0, &s->config, &s->found, NULL) == CIV_OK;
  free(text);
  json_decref(tree);
  if (!fine)
    fini(s);
  return fine;
}

static json_t *section_of(const json_t *input)
{
  json_t *section = json_deep_copy(json_object_get(input, "config"));
  if (!json_is_object(section))
    section = json_object();
  json_object_set_new(section, "enabled", json_true());
  return section;
}

/* --- people ------------------------------------------------------------------------------------------------------------- */

typedef struct people {
  const char *names[MOST_PEOPLE];
  uint32_t n;
} people;

static civ_agent person(people *p, const char *name)
{
  for (uint32_t k = 0; k < p->n; k++)
    if (strcmp(p->names[k], name) == 0)
      return k;
  if (p->n == MOST_PEOPLE)
    return CIV_NOBODY;
  p->names[p->n] = name;
  return p->n++;
}

static uint32_t number(const json_t *op, const char *key)
{
  const int64_t x = civ_json_integer(op, key, CIV_NONE);
  return x < 0 || x > CIV_NONE ? CIV_NONE : (uint32_t)x;
}

static int64_t deadline(const json_t *op)
{
  return civ_json_integer(op, "deadline_epoch", -1);
}

static json_t *index_or_null(uint32_t k)
{
  return k == CIV_NONE ? json_null() : json_integer(k);
}

static bool is(const json_t *op, const char *name)
{
  return strcmp(civ_json_text(op, "op", ""), name) == 0;
}

/* --- scripts ------------------------------------------------------------------------------------------------------------ */

static json_t *settlement_json(const people *p, const civ_escrow *e, bool success, double quality,
                               const civ_market_payment *x)
{
  json_t *o = json_pack("{s:b, s:f, s:s, s:s, s:f}", "success", success, "fee", civ_credits_of(x->fee), "worker_id",
                        p->names[e->worker], "poster_id", p->names[e->poster], "quality_score", quality);
  if (success) {
    json_object_set_new(o, "released_to_worker", json_real(civ_credits_of(x->worker)));
    json_object_set_new(o, "refund_to_poster", json_real(civ_credits_of(x->surplus)));
  } else
    json_object_set_new(o, "refunded_to_poster", json_real(civ_credits_of(x->poster)));
  return o;
}

static json_t *resolution_json(const people *p, const civ_escrow *e, const civ_market_payment *x)
{
  return json_pack("{s:f, s:f, s:f, s:f, s:s, s:s}", "worker_share", x->share, "worker_amount",
                   civ_credits_of(x->worker), "poster_amount", civ_credits_of(x->poster), "fee", civ_credits_of(x->fee),
                   "worker_id", p->names[e->worker], "poster_id", p->names[e->poster]);
}

static json_t *accept(civ_market *m, people *p, const json_t *op)
{
  const uint32_t escrow =
      civ_market_accept(m, number(op, "bounty"), number(op, "bid"), person(p, civ_json_text(op, "poster", "")));
  if (escrow == CIV_NONE)
    return json_null();
  const civ_escrow *e = civ_market_escrow_at(m, escrow);
  return json_pack("{s:i, s:f, s:s}", "escrow", (int)escrow, "amount", civ_credits_of(e->amount), "worker",
                   p->names[e->worker]);
}

static json_t *all_resolved(civ_market *m, const civ_marketplace_config *rules, uint32_t epoch)
{
  json_t *list = json_array();
  civ_market_payment payment;
  for (uint32_t k; (k = civ_market_overdue_dispute(m, epoch)) != CIV_NONE;)
    if (civ_market_resolve(m, k, rules->dispute_default_split, &payment))
      json_array_append_new(list, json_integer(k));
  return list;
}

static json_t *all_expired(civ_market *m, uint32_t epoch)
{
  json_t *list = json_array();
  for (uint32_t k; (k = civ_market_expire(m, epoch)) != CIV_NONE;)
    json_array_append_new(list, json_integer(k));
  return list;
}

static json_t *on_offer(const civ_market *m, const json_t *op)
{
  json_t *list = json_array();
  const double reputation = civ_json_real(op, "reputation", 1e300);
  for (uint32_t k = 0; k < civ_market_bounties(m); k++)
    if (civ_bounty_is_offered(civ_market_bounty_at(m, k), number(op, "epoch"), reputation))
      json_array_append_new(list, json_integer(k));
  return list;
}

static json_t *post(civ_market *m, people *p, const json_t *op)
{
  const uint32_t k = civ_market_post(m, person(p, civ_json_text(op, "poster", "")), civ_market_bounties(m),
                                     civ_json_real(op, "reward", 0), civ_json_real(op, "min_reputation", 0),
                                     deadline(op), number(op, "epoch"));
  return k == CIV_NONE ? json_string("rejected") : json_integer(k);
}

static json_t *settle(civ_market *m, const people *p, const json_t *op)
{
  civ_market_payment payment;
  const uint32_t escrow = number(op, "escrow");
  const bool success = civ_json_bool(op, "success", false);
  if (!civ_market_settle(m, escrow, success, &payment))
    return json_object();
  return settlement_json(p, civ_market_escrow_at(m, escrow), success, civ_json_real(op, "quality", 1), &payment);
}

static json_t *resolve(civ_market *m, const people *p, const json_t *op)
{
  civ_market_payment payment;
  const uint32_t dispute = number(op, "dispute");
  if (!civ_market_resolve(m, dispute, civ_json_real(op, "worker_share", 0.5), &payment))
    return json_object();
  return resolution_json(p, civ_market_escrow_at(m, civ_market_dispute_at(m, dispute)->escrow), &payment);
}

static json_t *script_op(civ_market *m, const civ_marketplace_config *rules, people *p, const json_t *op)
{
  if (is(op, "post"))
    return post(m, p, op);
  if (is(op, "bid"))
    return index_or_null(civ_market_bid(m, number(op, "bounty"), person(p, civ_json_text(op, "bidder", "")),
                                        civ_json_real(op, "amount", 0)));
  if (is(op, "accept"))
    return accept(m, p, op);
  if (is(op, "reject"))
    return json_boolean(civ_market_reject(m, number(op, "bid"), person(p, civ_json_text(op, "poster", ""))));
  if (is(op, "withdraw"))
    return json_boolean(civ_market_withdraw(m, number(op, "bid"), person(p, civ_json_text(op, "bidder", ""))));
  if (is(op, "settle"))
    return settle(m, p, op);
  if (is(op, "dispute"))
    return index_or_null(
        civ_market_dispute(m, number(op, "escrow"), person(p, civ_json_text(op, "by", "")), number(op, "epoch")));
  if (is(op, "resolve"))
    return resolve(m, p, op);
  if (is(op, "auto_resolve"))
    return all_resolved(m, rules, number(op, "epoch"));
  if (is(op, "expire"))
    return all_expired(m, number(op, "epoch"));
  return is(op, "open") ? on_offer(m, op) : NULL;
}

static json_t *bounty_statuses(const civ_market *m)
{
  json_t *list = json_array();
  for (uint32_t k = 0; k < civ_market_bounties(m); k++)
    json_array_append_new(list, json_string(civ_bounty_status_names[civ_market_bounty_at(m, k)->status]));
  return list;
}

static json_t *statistics_json(const civ_market *m)
{
  const civ_market_statistics s = civ_market_count(m);
  json_t *statuses = json_object();
  for (int k = 0; k < CIV_BOUNTY_STATUSES; k++)
    if (s.by_status[k] > 0)
      json_object_set_new(statuses, civ_bounty_status_names[k], json_integer(s.by_status[k]));
  return json_pack("{s:i, s:i, s:i, s:i, s:o, s:f, s:f, s:f, s:f}", "total_bounties", (int)s.bounties, "total_bids",
                   (int)s.bids, "total_escrows", (int)s.escrows, "total_disputes", (int)s.disputes, "bounty_statuses",
                   statuses, "total_reward_posted", civ_grain_sum_credits(&s.sums.posted), "total_escrowed",
                   civ_grain_sum_credits(&s.sums.escrowed), "total_released", civ_grain_sum_credits(&s.sums.released),
                   "total_refunded", civ_grain_sum_credits(&s.sums.refunded));
}

static json_t *script_answer(const civ_market *m, json_t *results)
{
  json_t *bids = json_array(), *escrows = json_array(), *disputes = json_array();
  for (uint32_t k = 0; k < civ_market_bids(m); k++)
    json_array_append_new(bids, json_string(civ_bid_status_names[civ_market_bid_at(m, k)->status]));
  for (uint32_t k = 0; k < civ_market_escrows(m); k++) {
    const civ_escrow *e = civ_market_escrow_at(m, k);
    json_array_append_new(escrows, json_pack("{s:s, s:f, s:f, s:f}", "status", civ_escrow_status_names[e->status],
                                             "amount", civ_credits_of(e->amount), "released",
                                             civ_credits_of(e->released), "refunded", civ_credits_of(e->refunded)));
  }
  for (uint32_t k = 0; k < civ_market_disputes(m); k++) {
    const civ_dispute *d = civ_market_dispute_at(m, k);
    json_array_append_new(disputes, json_pack("{s:s, s:f}", "status", civ_dispute_status_names[d->status],
                                              "worker_share", d->worker_share));
  }
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "results", results, "bounty_status", bounty_statuses(m),
                   "bid_status", bids, "escrows", escrows, "dispute_status", disputes, "stats", statistics_json(m));
}

static conformance_outcome script(const conformance_case *c)
{
  setting s;
  civ_market *m;
  people p = { .n = 0 };
  size_t k;
  json_t *op, *results;
  if (!init(&s, json_pack("{s:[{s:s}], s:o}", "agents", "type", "honest", "marketplace", section_of(c->input))))
    return conformance_refuse();
  const civ_marketplace_config *rules = civ_config_section(s.config, "marketplace");
  if (civ_market_create(rules, MOST_PEOPLE, &civ_allocator_malloc, &m, NULL) != CIV_OK) {
    fini(&s);
    return conformance_refuse();
  }
  results = json_array();
  json_array_foreach(json_object_get(c->input, "ops"), k, op)
      json_array_append_new(results, civ_market_reserve(m, 1) == CIV_OK ? script_op(m, rules, &p, op) : NULL);
  conformance_outcome outcome =
      civ_market_balances(m) ? conformance_answer(script_answer(m, results)) : conformance_refuse();
  if (outcome.refused)
    json_decref(results);
  civ_market_destroy(m);
  fini(&s);
  return outcome;
}

/* --- worlds --------------------------------------------------------------------------------------------------------------- */

static const char *const told[] = { "bounty_posted", "bid_placed",      "escrow_created",  "bid_rejected",
                                    "dispute_filed", "escrow_released", "escrow_refunded", "dispute_resolved" };

static void note(void *self, const civ_event *event)
{
  for (size_t k = 0; k < sizeof told / sizeof *told; k++)
    if (event->form && strcmp(event->form->name, told[k]) == 0)
      json_array_append_new(self, json_string(told[k]));
}

static const civ_sink note_sink = { .version = CIV_PART_VERSION, .name = "told", .wants_events = true, .event = note };

typedef struct stall {
  setting set;
  civ_run *run;
  people people;
  json_t *events;
  void *self; /* of the marketplace */
} stall;

/* Agents whose own ways come to nothing: they never take a step of themselves, for no step has any turn. */
static json_t *scenario_of(const json_t *input, people *p)
{
  json_t *agents = json_array(), *agent, *tree;
  size_t k;
  json_array_foreach(json_object_get(input, "agents"), k, agent)
  {
    person(p, civ_json_text(agent, "id", ""));
    json_array_append_new(agents, json_pack("{s:s, s:f, s:f}", "type", "honest", "initial_resources",
                                            civ_json_real(agent, "resources", 100), "initial_reputation",
                                            civ_json_real(agent, "reputation", 0)));
  }
  tree = json_pack("{s:o, s:o, s:{s:i, s:i, s:i}}", "agents", agents, "marketplace", section_of(input), "simulation",
                   "n_epochs", 100, "steps_per_epoch", 1, "seed", 1);
  if (json_object_get(input, "governance") != NULL)
    json_object_set(tree, "governance", json_object_get(input, "governance"));
  if (json_object_get(input, "rate_limits") != NULL)
    json_object_set(tree, "rate_limits", json_object_get(input, "rate_limits"));
  return tree;
}

static bool open_stall(stall *s, const json_t *input)
{
  memset(s, 0, sizeof *s);
  if (!init(&s->set, scenario_of(input, &s->people)))
    return false;
  s->events = json_array();
  const civ_run_options options = { .names = s->people.names };
  if (civ_run_create(s->set.config, &options, &s->run, NULL) != CIV_OK ||
      civ_run_attach(s->run, &note_sink, s->events, NULL) != CIV_OK ||
      civ_governance_begin_epoch(s->run, NULL) != CIV_OK)
    return false;
  for (uint32_t k = 0; k < s->run->n_worlds; k++)
    if (s->run->worlds[k].table == &civ_world_marketplace)
      s->self = s->run->worlds[k].self;
  return s->self != NULL;
}

static void close_stall(stall *s)
{
  civ_run_destroy(s->run);
  fini(&s->set);
}

static json_t *observe(const stall *s, civ_agent a)
{
  json_t *bounties = json_array(), *amounts = json_array();
  const civ_market_service *m = s->run->market;
  const civ_task_service *t = s->run->tasks;
  civ_bid_view bid;
  for (uint32_t k = 0; k < m->available(m->self, a); k++)
    json_array_append_new(bounties, json_integer(m->available_at(m->self, a, k)));
  for (uint32_t k = 0; k < m->awaiting(m->self, a); k++) {
    m->awaiting_at(m->self, a, k, &bid);
    json_array_append_new(amounts, json_real(bid.amount));
  }
  return json_pack("{s:o, s:i, s:i, s:o, s:i, s:i}", "available_bounties", bounties, "n_active_bids",
                   (int)m->bids(m->self, a), "n_active_escrows", (int)m->escrows(m->self, a), "pending_bid_amounts",
                   amounts, "n_available_tasks", (int)t->available(t->self, a), "n_active_tasks",
                   (int)t->active(t->self, a));
}

static uint32_t task_of(const stall *s, const json_t *op)
{
  const civ_market *m = civ_market_world_market(s->self);
  const uint32_t bounty = number(op, "bounty");
  return bounty < civ_market_bounties(m) ? civ_market_bounty_at(m, bounty)->task : CIV_NONE;
}

static json_t *world_settle(stall *s, const json_t *op)
{
  const bool success = civ_json_bool(op, "success", false);
  const double quality = civ_json_real(op, "quality", 1);
  const uint32_t bounty = number(op, "bounty");
  const civ_market *m = civ_market_world_market(s->self);
  civ_marketplace_outcome o;
  if (civ_marketplace_settle(s->run, task_of(s, op), success, quality, &o, NULL) != CIV_OK)
    return json_null();
  const civ_market_payment x = { .worker = civ_grains_of(o.to_worker),
                                 .poster = civ_grains_of(o.to_poster),
                                 .fee = civ_grains_of(o.fee),
                                 .surplus = civ_grains_of(o.surplus) };
  return settlement_json(&s->people, civ_market_escrow_at(m, civ_market_bounty_at(m, bounty)->escrow), success, quality,
                         &x);
}

/* Maintenance, and nobody's turn: the one step of the epoch is made while everybody is frozen. */
static json_t *end_epoch(stall *s)
{
  civ_end end;
  bool fine = true;
  for (civ_agent a = 0; a < s->people.n; a++)
    fine = fine && civ_run_freeze(s->run, a, true, NULL) == CIV_OK;
  fine = fine && civ_run_epoch(s->run, &end, NULL) == CIV_OK;
  for (civ_agent a = 0; a < s->people.n; a++)
    fine = fine && civ_run_freeze(s->run, a, false, NULL) == CIV_OK;
  fine = fine && civ_governance_begin_epoch(s->run, NULL) == CIV_OK;
  return fine ? json_integer(s->run->epoch) : NULL;
}

static bool action_of(const stall *s, const json_t *op, civ_action *action)
{
  static const struct {
    const char *op;
    civ_action_kind kind;
    const char *target;
  } kinds[] = { { "post", CIV_ACTION_POST_BOUNTY, "" },         { "bid", CIV_ACTION_PLACE_BID, "bounty" },
                { "accept", CIV_ACTION_ACCEPT_BID, "bid" },     { "reject", CIV_ACTION_REJECT_BID, "bid" },
                { "withdraw", CIV_ACTION_WITHDRAW_BID, "bid" }, { "dispute", CIV_ACTION_FILE_DISPUTE, "escrow" },
                { "claim", CIV_ACTION_CLAIM_TASK, "" },         { "submit", CIV_ACTION_SUBMIT_OUTPUT, "" } };
  const civ_market *m = civ_market_world_market(s->self);
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
    if (!is(op, kinds[k].op))
      continue;
    *action = civ_action_make(kinds[k].kind);
    action->target = kinds[k].target[0] ? number(op, kinds[k].target) : task_of(s, op);
    action->amount = civ_json_real(op, is(op, "post") ? "reward" : "amount", 0);
    action->min_reputation = civ_json_real(op, "min_reputation", 0);
    action->deadline_epoch = deadline(op);
    return !is(op, "accept") || (action->target < civ_market_bids(m) &&
                                 civ_market_bid_at(m, action->target)->bounty == number(op, "bounty"));
  }
  return false;
}

static json_t *world_op(stall *s, const json_t *op)
{
  civ_action action;
  bool ok = false;
  if (is(op, "settle"))
    return world_settle(s, op);
  if (is(op, "epoch_end"))
    return end_epoch(s);
  const civ_agent a = person(&s->people, civ_json_text(op, "agent", ""));
  if (is(op, "observe"))
    return observe(s, a);
  if (!action_of(s, op, &action))
    return json_false();
  return civ_run_execute(s->run, a, &action, &ok, NULL) == CIV_OK ? json_boolean(ok) : NULL;
}

static json_t *world_answer(const stall *s, json_t *results)
{
  json_t *resources = json_object(), *tasks = json_array();
  const civ_market *m = civ_market_world_market(s->self);
  uint32_t n = 0;
  for (civ_agent a = 0; a < s->people.n; a++)
    json_object_set_new(resources, s->people.names[a], json_real(s->run->people.resources[a]));
  for (uint32_t k = 0; k < civ_market_bounties(m); k++) {
    civ_task_view task;
    s->run->tasks->task(s->run->tasks->self, civ_market_bounty_at(m, k)->task, &task);
    json_array_append_new(tasks, json_string(civ_task_status_names[task.status]));
    n = task.task + 1; /* nobody else makes tasks */
  }
  return json_pack("{s:o, s:o, s:o, s:o, s:o, s:i}", "results", results, "events", s->events, "resources", resources,
                   "task_status", tasks, "bounty_status", bounty_statuses(m), "n_tasks", (int)n);
}

static conformance_outcome world(const conformance_case *c)
{
  stall s;
  size_t k;
  json_t *op;
  if (!open_stall(&s, c->input)) {
    json_decref(s.events);
    close_stall(&s);
    return conformance_refuse();
  }
  json_t *results = json_array();
  json_array_foreach(json_object_get(c->input, "ops"), k, op) json_array_append_new(results, world_op(&s, op));
  const conformance_outcome outcome = conformance_answer(world_answer(&s, results));
  close_stall(&s);
  return outcome;
}

const conformance_adapter conformance_market[] = {
  { "marketplace.script", script },
  { "marketplace.world", world },
  { NULL, NULL },
};
