/* world.c - how the cases of chapter 02 about the feed, tasks and rate limits meet the library. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "civitas/civitas.h"
#include "conformance.h"
#include "govern/levers.h"
#include "world/feed.h"
#include "world/task_pool.h"

enum { UNKNOWN = INT32_MAX };

static double number_or(const json_t *object, const char *key, double otherwise)
{
  const json_t *value = json_object_get(object, key);
  return json_is_number(value) ? json_number_value(value) : otherwise;
}

static uint32_t count_of(const json_t *object, const char *key)
{
  return (uint32_t)number_or(object, key, 0);
}

static const char *word(const json_t *object, const char *key)
{
  const char *text = json_string_value(json_object_get(object, key));
  return text == NULL ? "" : text;
}

static civ_text text_of(const char *words)
{
  const civ_text text = { words, (uint32_t)strlen(words) };
  return text;
}

/* --- names as numbers ------------------------------------------------------------------------------------------------------ */

enum { MOST_NAMES = 4096 };

typedef struct names {
  const char *items[MOST_NAMES];
  uint32_t n;
} names;

static uint32_t find(const names *known, const char *name)
{
  for (uint32_t k = 0; k < known->n; k++)
    if (strcmp(known->items[k], name) == 0)
      return k;
  return UNKNOWN;
}

static uint32_t find_or_add(names *known, const char *name)
{
  const uint32_t k = find(known, name);
  if (k != UNKNOWN || known->n == MOST_NAMES)
    return k;
  known->items[known->n] = name;
  return known->n++;
}

/* --- feed ------------------------------------------------------------------------------------------------------------------ */

static conformance_outcome visibility_score(const conformance_case *c)
{
  const json_t *in = c->input;
  const double score = civ_feed_score(count_of(in, "upvotes"), count_of(in, "downvotes"), count_of(in, "reply_count"),
                                      number_or(in, "age_hours", 0), json_is_true(json_object_get(in, "hidden")),
                                      number_or(in, "reply_weight", 0.5), number_or(in, "age_decay", 0.01));
  return conformance_answer(isinf(score) ? json_string("-inf") : json_real(score));
}

/* Posts under their names; a name is taken when its post was made. */
typedef struct script {
  civ_feed *feed;
  names posts, people;
  uint32_t ids[MOST_NAMES];
} script;

static uint32_t post_named(const script *s, const char *name)
{
  const uint32_t k = find(&s->posts, name);
  return k == UNKNOWN ? UNKNOWN : s->ids[k];
}

static bool make_post(script *s, const json_t *op)
{
  const json_t *parent = json_object_get(op, "parent");
  const uint32_t above = json_is_string(parent) ? post_named(s, json_string_value(parent)) : CIV_NONE;
  const uint32_t post = civ_feed_post(s->feed, find_or_add(&s->people, word(op, "author")), text_of("text"), above);
  if (post == CIV_NONE)
    return false;
  const uint32_t k = find_or_add(&s->posts, word(op, "post"));
  if (k != UNKNOWN)
    s->ids[k] = post;
  return true;
}

static bool play(script *s, const json_t *op)
{
  const char *kind = word(op, "op");
  const uint32_t post = post_named(s, word(op, "post"));
  if (strcmp(kind, "post") == 0)
    return make_post(s, op);
  if (strcmp(kind, "vote") == 0)
    return civ_feed_vote(s->feed, find_or_add(&s->people, word(op, "voter")), post, number_or(op, "direction", 0) > 0);
  if (strcmp(kind, "unvote") == 0)
    return civ_feed_unvote(s->feed, find_or_add(&s->people, word(op, "voter")), post);
  if (strcmp(kind, "hide") == 0)
    return civ_feed_hide(s->feed, post, text_of("hidden"));
  return civ_feed_unhide(s->feed, post);
}

static json_t *ranked_names(const script *s, uint32_t limit)
{
  json_t *ranked = json_array();
  const uint32_t *ids;
  const uint32_t n = civ_feed_visible(s->feed, &ids);
  for (uint32_t k = 0; k < n && k < limit; k++)
    for (uint32_t i = 0; i < s->posts.n; i++)
      if (s->ids[i] == ids[k])
        json_array_append_new(ranked, json_string(s->posts.items[i]));
  return ranked;
}

static json_t *net_votes(const script *s)
{
  json_t *net = json_object();
  for (uint32_t i = 0; i < s->posts.n; i++) {
    civ_post_view view;
    civ_feed_view(s->feed, s->ids[i], &view);
    json_object_set_new(net, s->posts.items[i], json_real(view.net_votes));
  }
  return net;
}

static json_t *statistics(const civ_feed *feed)
{
  const civ_feed_statistics s = civ_feed_count_all(feed);
  return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "total_posts", (json_int_t)s.total_posts,
                   "top_level_posts", (json_int_t)s.top_level_posts, "replies", (json_int_t)s.replies, "hidden_posts",
                   (json_int_t)s.hidden_posts, "total_votes", (json_int_t)s.total_votes, "total_upvotes",
                   (json_int_t)s.total_upvotes, "total_downvotes", (json_int_t)s.total_downvotes, "unique_authors",
                   (json_int_t)s.unique_authors, "unique_voters", (json_int_t)s.unique_voters);
}

static bool play_all(script *s, const json_t *ops, json_t *results)
{
  size_t k;
  const json_t *op;
  json_array_foreach(ops, k, op)
  {
    if (civ_feed_reserve(s->feed, 1, 64) != CIV_OK)
      return false;
    civ_feed_set_step(s->feed, k);
    json_array_append_new(results, json_boolean(play(s, op)));
  }
  return true;
}

static conformance_outcome feed_script(const conformance_case *c)
{
  const uint32_t limit = (uint32_t)number_or(c->input, "limit", 50);
  civ_feed_options options = civ_feed_options_default(MOST_NAMES);
  options.visible = limit < 1 ? 1 : limit;
  options.seconds_per_step = 1;
  script *s = calloc(1, sizeof *s);
  json_t *results = json_array();
  if (s == NULL || civ_feed_create(&options, &civ_allocator_malloc, &s->feed, NULL) != CIV_OK ||
      !play_all(s, json_object_get(c->input, "ops"), results)) {
    json_decref(results);
    free(s);
    return conformance_refuse();
  }
  json_t *actual = json_pack("{s:o, s:o, s:o, s:o}", "results", results, "ranked", ranked_names(s, limit), "net",
                             net_votes(s), "stats", statistics(s->feed));
  civ_feed_destroy(s->feed);
  free(s);
  return conformance_answer(actual);
}

/* --- rate limits: the lever itself, in a host of one agent ---------------------------------------------------------------- */

typedef struct one_agent {
  civ_host host;
  civ_population population;
  civ_simulation_config simulation;
  civ_rate_limits_config limits;
} one_agent;

static const civ_population *population(const civ_host *host)
{
  return &((const one_agent *)host)->population;
}

static const civ_allocator *allocator(const civ_host *host)
{
  (void)host;
  return &civ_allocator_malloc;
}

static const void *section(const civ_host *host, const char *name)
{
  const one_agent *h = (const one_agent *)host;
  return strcmp(name, "simulation") == 0 ? (const void *)&h->simulation : &h->limits;
}

static const civ_host_table services = { .population = population, .allocator = allocator, .section = section };

static const struct {
  const char *limit, *used, *answer;
  int64_t otherwise;
  civ_action_kind action;
} quotas[CIV_QUOTAS] = {
  { "posts_per_epoch", "posts_used", "post", 10, CIV_ACTION_POST },
  { "interactions_per_step", "interactions_used", "interact", 5, CIV_ACTION_PROPOSE },
  { "votes_per_epoch", "votes_used", "vote", 50, CIV_ACTION_VOTE },
  { "tasks_per_epoch", "tasks_used", "claim_task", 3, CIV_ACTION_CLAIM_TASK },
  { "bounties_per_epoch", "bounties_used", "post_bounty", 3, CIV_ACTION_POST_BOUNTY },
  { "bids_per_epoch", "bids_used", "place_bid", 5, CIV_ACTION_PLACE_BID },
};

static conformance_outcome rate_limits_allow(const conformance_case *c)
{
  const civ_lever *lever = &civ_lever_rate_limits;
  one_agent h = { .host = { &services }, .population = { .n = 1 }, .simulation = { .enable_rate_limits = true } };
  civ_opt_integer *const limits[CIV_QUOTAS] = { &h.limits.posts_per_epoch,    &h.limits.interactions_per_step,
                                                &h.limits.votes_per_epoch,    &h.limits.tasks_per_epoch,
                                                &h.limits.bounties_per_epoch, &h.limits.bids_per_epoch };
  const json_t *given = json_object_get(c->input, "limits"), *used = json_object_get(c->input, "used");
  for (int q = 0; q < CIV_QUOTAS; q++) {
    limits[q]->set = true;
    limits[q]->value = (int64_t)number_or(given, quotas[q].limit, (double)quotas[q].otherwise);
  }
  void *self = NULL;
  if (lever->create(&h.host, &self, NULL) != CIV_OK)
    return conformance_refuse();
  json_t *actual = json_object();
  for (int q = 0; q < CIV_QUOTAS; q++) {
    const civ_action action = civ_action_make(quotas[q].action);
    for (uint32_t k = count_of(used, quotas[q].used); k > 0; k--)
      lever->charge(self, 0, &action);
    const bool allowed = lever->may(self, 0, (civ_quota)q) && lever->admits_action(self, 0, &action) == NULL;
    json_object_set_new(actual, quotas[q].answer, json_boolean(allowed));
  }
  lever->destroy(self);
  return conformance_answer(actual);
}

/* --- tasks ------------------------------------------------------------------------------------------------------------------ */

static conformance_outcome remaining_budget(const conformance_case *c)
{
  return conformance_answer(
      json_real(civ_task_remaining_budget(number_or(c->input, "budget", 10), count_of(c->input, "steps_used"))));
}

static conformance_outcome claimable(const conformance_case *c)
{
  const json_t *tasks = json_object_get(c->input, "tasks"), *given;
  const uint32_t limit = (uint32_t)number_or(c->input, "limit", 10);
  civ_task_pool *pool = NULL;
  size_t k;
  if (civ_task_pool_create(1, &civ_allocator_malloc, &pool, NULL) != CIV_OK)
    return conformance_refuse();
  json_array_foreach(tasks, k, given)
  {
    civ_task_def def = civ_task_def_default();
    def.bounty = number_or(given, "bounty", def.bounty);
    def.min_reputation = number_or(given, "min_reputation", 0);
    def.deadline_epoch = (int64_t)number_or(given, "deadline_epoch", -1);
    if (civ_task_pool_add(pool, &def) == CIV_NONE) {
      civ_task_pool_destroy(pool);
      return conformance_refuse();
    }
  }
  uint32_t *ids = calloc((size_t)limit + 1, sizeof *ids);
  json_t *actual = json_array();
  civ_task_pool_expire_open(pool, (int64_t)number_or(c->input, "epoch", 0));
  const uint32_t n = ids == NULL ? 0 : civ_task_pool_claimable(pool, number_or(c->input, "reputation", 0), limit, ids);
  for (uint32_t i = 0; i < n; i++)
    json_array_append(actual, json_object_get(json_array_get(tasks, ids[i]), "id"));
  free(ids);
  civ_task_pool_destroy(pool);
  return conformance_answer(actual);
}

/* One operation on task 0; null for those that answer nothing. */
static json_t *act(civ_task_pool *pool, names *people, const json_t *op)
{
  const char *kind = word(op, "op");
  const uint32_t agent = json_object_get(op, "agent") ? find_or_add(people, word(op, "agent")) : 0;
  civ_task_more more;
  civ_task_pool_more(pool, 0, &more);
  if (strcmp(kind, "claim") == 0)
    return json_boolean(civ_task_pool_claim(pool, 0, agent, 0));
  if (strcmp(kind, "start") == 0)
    return json_boolean(civ_task_pool_start(pool, 0));
  if (strcmp(kind, "collab") == 0)
    return json_boolean(civ_task_pool_collaborate(pool, 0, agent));
  if (strcmp(kind, "submit") == 0)
    return json_boolean(civ_task_pool_submit(pool, 0, agent, text_of(word(op, "content")), CIV_OUTPUT_NONE) !=
                        CIV_NONE);
  if (strcmp(kind, "accept") == 0)
    return json_boolean(civ_task_pool_accept(pool, more.last_output, number_or(op, "quality", 1)));
  if (strcmp(kind, "reject") == 0)
    return json_boolean(civ_task_pool_reject(pool, more.last_output, text_of(word(op, "reason"))));
  if (strcmp(kind, "fail") == 0)
    civ_task_pool_fail(pool, 0, text_of(word(op, "reason")));
  else
    civ_task_pool_expire(pool, 0);
  return json_null();
}

static conformance_outcome lifecycle(const conformance_case *c)
{
  static const names nobody;
  names people = nobody;
  const civ_task_def def = civ_task_def_default();
  civ_task_pool *pool = NULL;
  if (civ_task_pool_create(MOST_NAMES, &civ_allocator_malloc, &pool, NULL) != CIV_OK)
    return conformance_refuse();
  if (civ_task_pool_add(pool, &def) == CIV_NONE) {
    civ_task_pool_destroy(pool);
    return conformance_refuse();
  }
  json_t *after_each = json_array();
  const json_t *op;
  size_t k;
  civ_task_view view;
  json_array_foreach(json_object_get(c->input, "ops"), k, op)
  {
    json_t *result = act(pool, &people, op);
    civ_task_pool_view(pool, 0, &view);
    json_array_append_new(after_each,
                          json_pack("{s:o, s:s}", "result", result, "status", civ_task_status_names[view.status]));
  }
  civ_task_more more;
  civ_task_pool_more(pool, 0, &more);
  civ_task_pool_view(pool, 0, &view);
  json_t *quality = isnan(more.final_quality) ? json_null() : json_real(more.final_quality);
  json_t *claimer = view.claimer == CIV_NOBODY ? json_null() : json_string(people.items[view.claimer]);
  civ_task_pool_destroy(pool);
  return conformance_answer(
      json_pack("{s:o, s:o, s:o}", "after_each", after_each, "final_quality", quality, "claimed_by", claimer));
}

const conformance_adapter conformance_world[] = {
  { "feed.visibility_score", visibility_score },
  { "feed.script", feed_script },
  { "rate_limits.allow", rate_limits_allow },
  { "task.remaining_budget", remaining_budget },
  { "task_pool.claimable", claimable },
  { "task.lifecycle", lifecycle },
  { NULL, NULL },
};
