/* policy.c - how the cases of policies and roles meet the library: one agent on a stage, memory and draws as prescribed. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/policies.h"
#include "agent/roles.h"
#include "base/memory.h"
#include "conformance.h"
#include "stage.h"

/* The stage with names for its agents: 0 is the agent under test. */
typedef struct scene {
  stage stage;
  stage_cast cast;
  const char *names[STAGE_AGENTS];
  uint32_t n;
  bool failed; /* the library refused what a case prescribes */
} scene;

static const char *text_of(const json_t *object, const char *key)
{
  return json_string_value(json_object_get(object, key));
}

static double number(const json_t *object, const char *key, double otherwise)
{
  const json_t *value = json_object_get(object, key);
  return json_is_number(value) ? json_number_value(value) : otherwise;
}

static civ_agent known(const scene *s, const char *name)
{
  for (civ_agent a = 0; a < s->n; a++)
    if (strcmp(s->names[a], name) == 0)
      return a;
  return CIV_NOBODY;
}

/* The agent of that name; new ones are visible until frozen. */
static civ_agent named(scene *s, const char *name)
{
  const civ_agent a = known(s, name);
  if (a != CIV_NOBODY)
    return a;
  if (s->n == STAGE_AGENTS)
    abort();
  s->names[s->n] = name;
  return s->n++;
}

static civ_agent absent(scene *s, const char *name)
{
  const bool is_new = known(s, name) == CIV_NOBODY;
  const civ_agent a = named(s, name);
  if (is_new)
    stage_freeze(&s->stage, a, true);
  return a;
}

static int32_t choice(const char *const *names, const char *name)
{
  for (int32_t k = 0; name && names[k]; k++)
    if (strcmp(names[k], name) == 0)
      return k;
  return -1;
}

/* Everybody is named before the policy is made, and nobody afterwards. */
static scene *scene_open(const char *self)
{
  scene *s = calloc(1, sizeof *s);
  if (!s)
    abort();
  stage_init(&s->stage, STAGE_AGENTS, &civ_allocator_malloc);
  named(s, self ? self : "me");
  return s;
}

static void scene_cast(scene *s, const civ_policy *policy, const json_t *config)
{
  unsigned char values[256];
  if (policy->config->size > sizeof values)
    abort();
  s->stage.population.n = s->n;
  stage_type(&s->stage, 0, (civ_agent_type)policy->agent_type);
  stage_defaults(policy->config, values);
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)config, key, value) s->failed |=
      !stage_set(policy->config, values, key, json_is_true(value) ? 1 : json_number_value(value));
  s->failed |= stage_create(&s->stage, policy, &s->cast, NULL) != CIV_OK ||
               policy->enrol(s->cast.self, 0, values, NULL) != CIV_OK || stage_ready(&s->cast, 1000) != CIV_OK;
  if (s->failed)
    abort();
}

static void set_config(json_t *config, const char *key, double value)
{
  json_object_set_new(config, key, json_real(value));
}

static conformance_outcome scene_answer(scene *s, json_t *actual)
{
  stage_destroy(&s->cast);
  stage_fini(&s->stage);
  free(s);
  return conformance_answer(actual);
}

/* Own turn with every uniform u, first choices; `done` included. */
static civ_action turn(scene *s, double u)
{
  stage_script script;
  civ_draws draws = stage_draws(&script, NULL, 0, u);
  civ_action action = civ_action_make(CIV_ACTION_NOOP);
  const civ_view view = stage_turn(&s->stage, 0);
  s->cast.policy->act(s->cast.self, &view, &draws, &action);
  if (s->cast.policy->done)
    s->cast.policy->done(s->cast.self, 0, &action, true);
  return action;
}

static json_t *action_name(const civ_action *action)
{
  return json_string(civ_action_names[action->kind]);
}

static bool accepts(scene *s, civ_agent initiator, civ_interaction_type type, double transfer, double u)
{
  stage_script script;
  civ_draws draws = stage_draws(&script, NULL, 0, u);
  const civ_proposal *p = stage_propose(&s->stage, initiator, 0, type, transfer);
  const civ_view view = stage_view(&s->stage, 0);
  const bool yes = s->cast.policy->accept(s->cast.self, &view, p, &draws) == CIV_YES;
  if (s->cast.policy->answered)
    s->cast.policy->answered(s->cast.self, 0, p, CIV_IN_RESOLUTION, yes);
  return yes;
}

static void name_history(scene *s, const json_t *history)
{
  size_t k;
  json_t *h;
  json_array_foreach(history, k, h)
  {
    absent(s, text_of(h, "initiator"));
    absent(s, text_of(h, "counterparty"));
  }
}

static void learn_history(scene *s, const json_t *history)
{
  size_t k;
  json_t *h;
  json_array_foreach(history, k, h)
  {
    const civ_agent a = known(s, text_of(h, "initiator")), b = known(s, text_of(h, "counterparty"));
    if (a == 0 || b == 0)
      stage_learn(&s->cast, 0, a, b, json_is_true(json_object_get(h, "accepted")), number(h, "p", 0.5));
  }
}

static void learn_accepted(scene *s, civ_agent x, const json_t *list)
{
  size_t k;
  json_t *p;
  json_array_foreach(list, k, p) stage_learn(&s->cast, 0, x, 0, true, json_number_value(p));
}

/* Visible agents of a case: names, or objects with state. */
static void name_visible(scene *s, const json_t *list)
{
  size_t k;
  json_t *v;
  json_array_foreach(list, k, v)
  {
    const char *name = json_is_string(v) ? json_string_value(v) : text_of(v, "agent_id");
    const civ_agent a = named(s, name);
    const int32_t type = choice(civ_agent_type_names, text_of(v, "agent_type"));
    if (type >= 0)
      stage_type(&s->stage, a, (civ_agent_type)type);
    if (a == 0)
      continue;
    stage_resources(&s->stage, a, number(v, "resources", 100));
    stage_reputation(&s->stage, a, number(v, "reputation", 0));
  }
}

static json_t *name_or_empty(const scene *s, civ_agent a)
{
  return json_string(a == CIV_NOBODY ? "" : s->names[a]);
}

/* --- honest ------------------------------------------------------------------------------------------------------------------ */

static conformance_outcome counterparty_trust(const conformance_case *c)
{
  scene *s = scene_open(text_of(c->input, "self"));
  const json_t *history = json_object_get(c->input, "history");
  const civ_agent x = named(s, text_of(c->input, "other"));
  name_history(s, history);
  scene_cast(s, &civ_policy_honest, NULL);
  learn_history(s, history);
  return scene_answer(s, json_real(civ_honest_trust(s->cast.self, 0, x)));
}

static conformance_outcome honest_accept(const conformance_case *c)
{
  scene *s = scene_open(NULL);
  const civ_agent x = named(s, "x");
  scene_cast(s, &civ_policy_honest, json_object_get(c->input, "config"));
  learn_accepted(s, x, json_object_get(c->input, "accepted_p_with_initiator"));
  const int32_t type = choice(civ_interaction_type_names, text_of(c->input, "type"));
  return scene_answer(s, json_boolean(accepts(s, x, (civ_interaction_type)type, 0, 0)));
}

static conformance_outcome honest_turn_on_pending(const conformance_case *c)
{
  scene *s = scene_open(NULL);
  const civ_agent x = named(s, "x");
  scene_cast(s, &civ_policy_honest, json_object_get(c->input, "config"));
  learn_accepted(s, x, json_object_get(c->input, "accepted_p_with_initiator"));
  stage_propose(&s->stage, x, 0, CIV_TRADE, 0);
  const civ_action action = turn(s, 0);
  return scene_answer(s, action_name(&action));
}

static conformance_outcome honest_choose_partner(const conformance_case *c)
{
  scene *s = scene_open(NULL);
  const json_t *history = json_object_get(c->input, "history");
  name_visible(s, json_object_get(c->input, "visible_in_order"));
  name_history(s, history);
  json_t *config = json_object();
  set_config(config, "interact_probability", 1);
  scene_cast(s, &civ_policy_honest, config);
  json_decref(config);
  learn_history(s, history);
  const civ_action action = turn(s, 0.99);
  json_t *actual = json_object();
  json_object_set_new(actual, "action", action_name(&action));
  json_object_set_new(actual, "counterparty", name_or_empty(s, action.counterparty));
  json_object_set_new(actual, "type",
                      action.kind == CIV_ACTION_PROPOSE
                          ? json_string(civ_interaction_type_names[action.interaction_type])
                          : json_null());
  return scene_answer(s, actual);
}

static conformance_outcome select_task(const conformance_case *c, const civ_policy *policy)
{
  static const char *const difficulties[] = { "trivial", "easy", "medium", "hard", "expert", NULL };
  scene *s = scene_open(NULL);
  const json_t *tasks = json_object_get(c->input, "tasks_in_order");
  size_t k;
  json_t *t;
  json_array_foreach(tasks, k, t)
  {
    const int32_t difficulty = choice(difficulties, text_of(t, "difficulty"));
    stage_task(&s->stage, number(t, "bounty", 5), (civ_difficulty)(difficulty < 0 ? CIV_DIFFICULTIES : difficulty),
               number(t, "min_reputation", 0));
  }
  scene_cast(s, policy, NULL);
  stage_reputation(&s->stage, 0, number(c->input, "reputation", 0));
  const civ_action action = turn(s, 0.99);
  return scene_answer(s, action.kind == CIV_ACTION_CLAIM_TASK
                             ? json_string(text_of(json_array_get(tasks, action.target), "task_id"))
                             : json_null());
}

static conformance_outcome honest_select_task(const conformance_case *c)
{
  return select_task(c, &civ_policy_honest);
}
static conformance_outcome opportunistic_select_task(const conformance_case *c)
{
  return select_task(c, &civ_policy_opportunistic);
}
static conformance_outcome deceptive_select_task(const conformance_case *c)
{
  return select_task(c, &civ_policy_deceptive);
}

static conformance_outcome honest_vote_direction(const conformance_case *c)
{
  scene *s = scene_open(NULL);
  const civ_agent x = named(s, "x");
  stage_post(&s->stage, x, "some text", number(c->input, "net_votes", 0), (uint32_t)number(c->input, "reply_count", 0));
  json_t *config = json_object();
  set_config(config, "vote_probability", 1);
  scene_cast(s, &civ_policy_honest, config);
  json_decref(config);
  const civ_action action = turn(s, 0.99);
  return scene_answer(s,
                      action.kind == CIV_ACTION_VOTE ? json_integer(action.vote_direction > 0 ? 1 : -1) : json_null());
}

/* --- opportunistic ------------------------------------------------------------------------------------------------------------ */

static conformance_outcome opportunistic_accept(const conformance_case *c)
{
  scene *s = scene_open(NULL);
  const json_t *history = json_object_get(c->input, "history");
  const civ_agent x = named(s, text_of(c->input, "initiator"));
  name_history(s, history);
  scene_cast(s, &civ_policy_opportunistic, NULL);
  learn_history(s, history);
  return scene_answer(s, json_boolean(accepts(s, x, CIV_TRADE, number(c->input, "offered_transfer", 0), 0.99)));
}

static conformance_outcome opportunistic_turn_on_pending(const conformance_case *c)
{
  scene *s = scene_open(NULL);
  const civ_agent x = named(s, "x");
  stage_reputation(&s->stage, x, number(c->input, "initiator_reputation", 0));
  stage_freeze(&s->stage, x, !json_is_true(json_object_get(c->input, "initiator_visible")));
  scene_cast(s, &civ_policy_opportunistic, NULL);
  stage_propose(&s->stage, x, 0, CIV_TRADE, number(c->input, "offered_transfer", 0));
  const civ_action action = turn(s, number(c->input, "u", 0));
  return scene_answer(s, action_name(&action));
}

static void put_posts(scene *s, const json_t *posts)
{
  size_t k;
  json_t *p;
  json_array_foreach(posts, k, p)
  {
    const char *author = text_of(p, "author_id");
    stage_post(&s->stage, named(s, author ? author : "somebody"), "some text", number(p, "net_votes", 0), 0);
  }
}

static json_t *vote_of(const civ_action *action, const json_t *posts)
{
  json_t *actual = json_object();
  const bool voted = action->kind == CIV_ACTION_VOTE;
  json_object_set_new(actual, "post",
                      voted ? json_string(text_of(json_array_get(posts, action->target), "post_id")) : json_null());
  json_object_set_new(actual, "direction", json_integer(!voted ? 0 : action->vote_direction > 0 ? 1 : -1));
  return actual;
}

static conformance_outcome opportunistic_vote(const conformance_case *c)
{
  scene *s = scene_open(NULL);
  const json_t *posts = json_object_get(c->input, "posts_in_rank_order");
  put_posts(s, posts);
  json_t *config = json_object();
  set_config(config, "vote_probability", 1);
  scene_cast(s, &civ_policy_opportunistic, config);
  json_decref(config);
  const civ_action action = turn(s, 0.99);
  return scene_answer(s, vote_of(&action, posts));
}

static conformance_outcome opportunistic_eligible_targets(const conformance_case *c)
{
  scene *s = scene_open(NULL);
  name_visible(s, json_object_get(c->input, "visible"));
  scene_cast(s, &civ_policy_opportunistic, NULL);
  const civ_view view = stage_view(&s->stage, 0);
  json_t *eligible = json_array();
  for (uint32_t k = 0; k < view.ask->watched(&view, 0); k++)
    json_array_append_new(eligible, json_string(s->names[view.ask->watched_at(&view, 0, k)]));
  const civ_action action = turn(s, 0.99);
  json_t *actual = json_object();
  json_object_set_new(actual, "eligible", eligible);
  json_object_set_new(actual, "action", action_name(&action));
  return scene_answer(s, actual);
}

static json_t *offer_of(scene *s, civ_agent x)
{
  civ_offer offer;
  const civ_view view = stage_turn(&s->stage, 0);
  if (!s->cast.policy->offer(s->cast.self, &view, x, &offer))
    return json_null();
  json_t *actual = json_object();
  json_object_set_new(actual, "type", json_string(civ_interaction_type_names[offer.type]));
  json_object_set_new(actual, "offered_transfer", json_real(offer.transfer));
  return actual;
}

static conformance_outcome opportunistic_propose(const conformance_case *c)
{
  scene *s = scene_open(NULL);
  name_visible(s, json_object_get(c->input, "visible"));
  const civ_agent x = absent(s, text_of(c->input, "counterparty"));
  scene_cast(s, &civ_policy_opportunistic, NULL);
  return scene_answer(s, offer_of(s, x));
}

/* --- deceptive ------------------------------------------------------------------------------------------------------------------ */

static double trust_or_none(const json_t *input)
{
  return number(input, "trust", NAN);
}

static void plant(scene *s, civ_agent x, double trust, uint32_t count)
{
  if (civ_deceptive_plant(s->cast.self, 0, x, trust, count) != CIV_OK)
    abort();
}

static conformance_outcome deceptive_trust_after(const conformance_case *c)
{
  scene *s = scene_open(NULL);
  const civ_agent x = named(s, "x");
  scene_cast(s, &civ_policy_deceptive, NULL);
  size_t k;
  json_t *accepted;
  json_array_foreach(json_object_get(c->input, "outcomes_accepted"), k, accepted)
      stage_learn(&s->cast, 0, x, 0, json_is_true(accepted), 0.5);
  const double trust = civ_deceptive_trust(s->cast.self, 0, x);
  return scene_answer(s, isnan(trust) ? json_null() : json_real(trust));
}

static void name_keys(scene *s, const json_t *map)
{
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)map, key, value) absent(s, key);
}

static conformance_outcome deceptive_should_exploit(const conformance_case *c)
{
  scene *s = scene_open(NULL);
  const json_t *trust = json_object_get(c->input, "trust"), *counts = json_object_get(c->input, "counts");
  name_keys(s, trust);
  name_keys(s, counts);
  scene_cast(s, &civ_policy_deceptive, json_object_get(c->input, "config"));
  for (civ_agent a = 0; a < s->n; a++)
    plant(s, a, number(trust, s->names[a], NAN), (uint32_t)number(counts, s->names[a], 0));
  return scene_answer(s, json_boolean(civ_deceptive_exploits(s->cast.self, 0)));
}

/* One victim after the other: the first is taken out of sight to see the next. */
static conformance_outcome deceptive_targets(const conformance_case *c)
{
  scene *s = scene_open(NULL);
  const json_t *trust = json_object_get(c->input, "trust");
  name_visible(s, json_object_get(c->input, "visible_in_order"));
  name_keys(s, trust);
  scene_cast(s, &civ_policy_deceptive, NULL);
  for (civ_agent a = 0; a < s->n; a++)
    plant(s, a, number(trust, s->names[a], NAN), 0);
  json_t *list = json_array();
  for (;;) {
    const civ_view view = stage_view(&s->stage, 0);
    const civ_agent x = civ_deceptive_victim(s->cast.self, &view);
    if (x == CIV_NOBODY)
      break;
    json_array_append_new(list, json_string(s->names[x]));
    stage_freeze(&s->stage, x, true);
  }
  return scene_answer(s, list);
}

static conformance_outcome deceptive_accept(const conformance_case *c)
{
  scene *s = scene_open(NULL);
  const civ_agent x = named(s, "x");
  scene_cast(s, &civ_policy_deceptive, json_object_get(c->input, "config"));
  plant(s, x, trust_or_none(c->input), (uint32_t)number(c->input, "count", 0));
  json_t *actual = json_object();
  json_object_set_new(actual, "accept", json_boolean(accepts(s, x, CIV_TRADE, 0, number(c->input, "u", 0))));
  json_object_set_new(actual, "count_after", json_integer(civ_deceptive_encounters(s->cast.self, 0, x)));
  return scene_answer(s, actual);
}

static conformance_outcome deceptive_turn_on_pending(const conformance_case *c)
{
  scene *s = scene_open(NULL);
  const civ_agent x = named(s, "x");
  scene_cast(s, &civ_policy_deceptive, json_object_get(c->input, "config"));
  plant(s, x, NAN, (uint32_t)number(c->input, "count", 0));
  const civ_proposal *p = stage_propose(&s->stage, x, 0, CIV_TRADE, 0);
  const civ_action action = turn(s, number(c->input, "u", 0));
  s->cast.policy->answered(s->cast.self, 0, p, CIV_IN_TURN, action.kind == CIV_ACTION_ACCEPT);
  json_t *actual = json_object();
  json_object_set_new(actual, "action", action_name(&action));
  json_object_set_new(actual, "count_after", json_integer(civ_deceptive_encounters(s->cast.self, 0, x)));
  return scene_answer(s, actual);
}

static conformance_outcome deceptive_propose(const conformance_case *c)
{
  scene *s = scene_open(NULL);
  const civ_agent x = named(s, "x");
  scene_cast(s, &civ_policy_deceptive, json_object_get(c->input, "config"));
  plant(s, x, trust_or_none(c->input), (uint32_t)number(c->input, "count", 0));
  return scene_answer(s, offer_of(s, x));
}

/* --- adversarial ---------------------------------------------------------------------------------------------------------------- */

static int by_text(const void *a, const void *b)
{
  return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static json_t *set_of(const scene *s, bool (*has)(const void *self, const civ_view *view, civ_agent x),
                      const civ_view *view)
{
  const char *names[STAGE_AGENTS];
  size_t n = 0;
  for (civ_agent a = 1; a < s->n; a++)
    if (has(s->cast.self, view, a))
      names[n++] = s->names[a];
  qsort(names, n, sizeof *names, by_text);
  json_t *list = json_array();
  for (size_t k = 0; k < n; k++)
    json_array_append_new(list, json_string(names[k]));
  return list;
}

static conformance_outcome adversarial_update_targets(const conformance_case *c)
{
  scene *s = scene_open(NULL);
  name_visible(s, json_object_get(c->input, "visible"));
  scene_cast(s, &civ_policy_adversarial, json_object_get(c->input, "config"));
  turn(s, 0.99);
  const civ_view view = stage_view(&s->stage, 0);
  json_t *actual = json_object();
  json_object_set_new(actual, "targets", set_of(s, civ_adversarial_targets, &view));
  json_object_set_new(actual, "allies", set_of(s, civ_adversarial_allies, &view));
  return scene_answer(s, actual);
}

/* Whoever is listed becomes what the rules would have listed: an honest agent worth it, or one of its own kind. */
static void name_listed(scene *s, const json_t *input)
{
  size_t k;
  json_t *name;
  for (civ_agent a = 1; a < s->n; a++)
    stage_type(&s->stage, a, CIV_OPPORTUNISTIC);
  json_array_foreach(json_object_get(input, "targets"), k, name)
      stage_type(&s->stage, named(s, json_string_value(name)), CIV_HONEST);
  json_array_foreach(json_object_get(input, "allies"), k, name)
      stage_type(&s->stage, named(s, json_string_value(name)), CIV_ADVERSARIAL);
}

static conformance_outcome adversarial_vote(const conformance_case *c)
{
  scene *s = scene_open(NULL);
  const json_t *posts = json_object_get(c->input, "posts_in_rank_order");
  put_posts(s, posts);
  name_listed(s, c->input);
  scene_cast(s, &civ_policy_adversarial, NULL);
  const civ_action action = turn(s, 0.99);
  return scene_answer(s, vote_of(&action, posts));
}

static conformance_outcome adversarial_accept(const conformance_case *c)
{
  scene *s = scene_open(NULL);
  const civ_agent x = named(s, text_of(c->input, "initiator"));
  name_listed(s, c->input);
  scene_cast(s, &civ_policy_adversarial, NULL);
  turn(s, 0.99);
  const int32_t type = choice(civ_interaction_type_names, text_of(c->input, "type"));
  return scene_answer(s, json_boolean(accepts(s, x, (civ_interaction_type)type, 0, number(c->input, "u", 0))));
}

static conformance_outcome adversarial_schedule(const conformance_case *c)
{
  scene *s = scene_open(NULL);
  named(s, "h");
  scene_cast(s, &civ_policy_adversarial, json_object_get(c->input, "config"));
  s->stage.may_not[CIV_QUOTA_POSTS] = s->stage.may_not[CIV_QUOTA_VOTES] = s->stage.may_not[CIV_QUOTA_TASKS] = true;
  const double uniforms[] = { number(c->input, "u_bounty", 0), number(c->input, "u_attack", 0) };
  json_t *list = json_array();
  for (int k = 0; k < (int)number(c->input, "turns", 0); k++) {
    stage_script script;
    civ_draws draws = stage_draws(&script, uniforms, 2, 0.99);
    civ_action action = civ_action_make(CIV_ACTION_NOOP);
    const civ_view view = stage_turn(&s->stage, 0);
    s->cast.policy->act(s->cast.self, &view, &draws, &action);
    s->cast.policy->done(s->cast.self, 0, &action, true);
    const uint32_t cooldown = civ_adversarial_cooldown(s->cast.self, 0);
    json_t *one = json_object();
    json_object_set_new(one, "attack", json_boolean(cooldown == 2)); /* only an attack sets it */
    json_object_set_new(one, "action", action_name(&action));
    json_object_set_new(one, "cooldown_after", json_integer(cooldown));
    json_array_append_new(list, one);
  }
  return scene_answer(s, list);
}

/* --- observables ------------------------------------------------------------------------------------------------------------------ */

static conformance_outcome observables_generate(const conformance_case *c)
{
  const json_t *base = json_object_get(c->input, "base_signals");
  const civ_observables drawn = { .task_progress_delta = number(base, "task_progress_delta", 0),
                                  .counterparty_engagement_delta = number(base, "counterparty_engagement_delta", 0),
                                  .rework_count = (int32_t)number(base, "rework_count", 0),
                                  .verifier_rejections = (int32_t)number(base, "verifier_rejections", 0),
                                  .tool_misuse_flags = (int32_t)number(base, "tool_misuse_flags", 0) };
  const civ_observables o = civ_observables_settle(drawn, number(c->input, "reputation", 0),
                                                   json_is_true(json_object_get(c->input, "accepted")));
  json_t *actual = json_object();
  json_object_set_new(actual, "task_progress_delta", json_real(o.task_progress_delta));
  json_object_set_new(actual, "rework_count", json_integer(o.rework_count));
  json_object_set_new(actual, "verifier_rejections", json_integer(o.verifier_rejections));
  json_object_set_new(actual, "tool_misuse_flags", json_integer(o.tool_misuse_flags));
  json_object_set_new(actual, "counterparty_engagement_delta", json_real(o.counterparty_engagement_delta));
  return conformance_answer(actual);
}

/* --- roles ------------------------------------------------------------------------------------------------------------------------ */

static civ_text civ_text_of(const char *text)
{
  return (civ_text){ text, (uint32_t)strlen(text) };
}

static conformance_outcome moderator_severity(const conformance_case *c)
{
  return conformance_answer(json_integer(civ_text_severity(civ_text_of(text_of(c->input, "content")))));
}

/* What the moderator did over a list of reviews. */
typedef struct moderation_record {
  json_t *actions;
  uint32_t counts[CIV_MODERATIONS];
} moderation_record;

static void review(scene *s, const json_t *one, moderation_record *record)
{
  const char *content = text_of(one, "content");
  s->stage.n_visible = 0; /* only the post under review */
  stage_post(&s->stage, known(s, text_of(one, "author")), content, 0, 0);
  stage_script script;
  civ_draws draws = stage_draws(&script, NULL, 0, 0);
  civ_action action = civ_action_make(CIV_ACTION_NOOP);
  const civ_view view = stage_turn(&s->stage, 0);
  if (s->cast.policy->act(s->cast.self, &view, &draws, &action) == CIV_PASS) {
    json_array_append_new(record->actions, json_null());
    return;
  }
  s->cast.policy->done(s->cast.self, 0, &action, true);
  json_t *entry = json_object();
  json_object_set_new(entry, "action", json_stringn(action.content.data, action.content.length));
  json_object_set_new(entry, "severity", json_integer(civ_text_severity(civ_text_of(content))));
  json_array_append_new(record->actions, entry);
  record->counts[choice(civ_moderation_names, json_string_value(json_object_get(entry, "action")))]++;
}

static json_t *moderation_stats(const scene *s, const moderation_record *record, uint32_t warned, uint32_t frozen)
{
  json_t *stats = json_object(), *counts = json_object();
  uint32_t total = s->stage.n_freezes;
  for (int k = CIV_FLAG; k < CIV_MODERATIONS; k++) {
    total += record->counts[k];
    if (record->counts[k])
      json_object_set_new(counts, civ_moderation_names[k], json_integer(record->counts[k]));
  }
  if (s->stage.n_freezes)
    json_object_set_new(counts, "freeze", json_integer(s->stage.n_freezes));
  json_object_set_new(stats, "total_actions", json_integer(total));
  json_object_set_new(stats, "action_counts", counts);
  json_object_set_new(stats, "warned_agents", json_integer(warned));
  json_object_set_new(stats, "frozen_agents", json_integer(frozen));
  json_object_set_new(stats, "pending_flags", json_integer(0)); /* reports by others; the cases have none */
  return stats;
}

static conformance_outcome moderator_review(const conformance_case *c)
{
  scene *s = scene_open(NULL);
  const json_t *reviews = json_object_get(c->input, "reviews");
  moderation_record record = { .actions = json_array() };
  size_t k;
  json_t *one;
  json_array_foreach(reviews, k, one) named(s, text_of(one, "author"));
  s->stage.population.n = s->n;
  if (stage_create(&s->stage, &civ_role_moderator, &s->cast, NULL) != CIV_OK ||
      s->cast.policy->enrol(s->cast.self, 0, NULL, NULL) != CIV_OK)
    abort();
  json_array_foreach(reviews, k, one)
  {
    if (stage_ready(&s->cast, 1) != CIV_OK)
      abort();
    review(s, one, &record);
  }
  json_t *actual = json_object(), *warnings = json_object(), *frozen = json_array();
  const char *names[STAGE_AGENTS];
  size_t n_frozen = 0;
  for (civ_agent a = 1; a < s->n; a++) {
    const uint32_t n = civ_moderator_warnings(s->cast.self, 0, a);
    if (n)
      json_object_set_new(warnings, s->names[a], json_integer(n));
    if (s->stage.frozen[a])
      names[n_frozen++] = s->names[a];
  }
  qsort(names, n_frozen, sizeof *names, by_text);
  for (k = 0; k < n_frozen; k++)
    json_array_append_new(frozen, json_string(names[k]));
  json_object_set_new(actual, "stats",
                      moderation_stats(s, &record, (uint32_t)json_object_size(warnings), (uint32_t)n_frozen));
  json_object_set_new(actual, "actions", record.actions);
  json_object_set_new(actual, "warnings", warnings);
  json_object_set_new(actual, "frozen", frozen);
  return scene_answer(s, actual);
}

static conformance_outcome verifier_verify(const conformance_case *c)
{
  enum { MOST = 64 };
  civ_text requirements[MOST];
  const json_t *list = json_object_get(c->input, "requirements");
  size_t k;
  json_t *one;
  json_array_foreach(list, k, one)
  {
    if (k == MOST)
      abort();
    requirements[k] = civ_text_of(json_string_value(one));
  }
  const civ_verification v =
      civ_verify(civ_text_of(text_of(c->input, "content")), requirements, (uint32_t)json_array_size(list),
                 number(c->input, "strictness", 0.5), number(c->input, "noise", 0));
  json_t *actual = json_object();
  json_object_set_new(actual, "quality", json_real(v.quality));
  json_object_set_new(actual, "approved", json_boolean(v.approved));
  json_object_set_new(actual, "n_issues", json_integer(v.issues));
  return conformance_answer(actual);
}

static conformance_outcome planner_plan(const conformance_case *c)
{
  const json_t *collaborators = json_object_get(c->input, "collaborators");
  const uint32_t steps = civ_plan_steps(civ_text_of(text_of(c->input, "prompt")));
  json_t *assigned = json_object();
  for (uint32_t k = 0; k < steps; k++) {
    const uint32_t who = civ_plan_assignee(k, (uint32_t)json_array_size(collaborators));
    if (who == CIV_NONE)
      continue;
    const char *name = json_string_value(json_array_get(collaborators, who));
    if (!json_object_get(assigned, name))
      json_object_set_new(assigned, name, json_array());
    const char digit[2] = { (char)('0' + k), '\0' };
    json_array_append_new(json_object_get(assigned, name), json_string(digit));
  }
  json_t *actual = json_object();
  json_object_set_new(actual, "n_steps", json_integer(steps));
  json_object_set_new(actual, "assigned", assigned);
  return conformance_answer(actual);
}

static conformance_outcome worker_rework(const conformance_case *c)
{
  const uint32_t reworks = (uint32_t)number(c->input, "reworks", 0);
  json_t *actual = json_object();
  json_object_set_new(actual, "quality", json_real(civ_work_quality(reworks)));
  json_object_set_new(actual, "needs_help", json_boolean(civ_work_needs_help(reworks)));
  return conformance_answer(actual);
}

const conformance_adapter conformance_policy[] = {
  { "agent.counterparty_trust", counterparty_trust },
  { "honest.accept_interaction", honest_accept },
  { "honest.turn_on_pending", honest_turn_on_pending },
  { "honest.choose_partner", honest_choose_partner },
  { "honest.select_task", honest_select_task },
  { "honest.vote_direction", honest_vote_direction },
  { "opportunistic.select_task", opportunistic_select_task },
  { "opportunistic.accept_interaction", opportunistic_accept },
  { "opportunistic.turn_on_pending", opportunistic_turn_on_pending },
  { "opportunistic.vote", opportunistic_vote },
  { "opportunistic.eligible_targets", opportunistic_eligible_targets },
  { "opportunistic.propose_interaction", opportunistic_propose },
  { "deceptive.select_task", deceptive_select_task },
  { "deceptive.trust_after", deceptive_trust_after },
  { "deceptive.should_exploit", deceptive_should_exploit },
  { "deceptive.exploitation_targets", deceptive_targets },
  { "deceptive.accept_interaction", deceptive_accept },
  { "deceptive.turn_on_pending", deceptive_turn_on_pending },
  { "deceptive.propose_interaction", deceptive_propose },
  { "adversarial.update_targets", adversarial_update_targets },
  { "adversarial.vote", adversarial_vote },
  { "adversarial.accept_interaction", adversarial_accept },
  { "adversarial.attack_schedule", adversarial_schedule },
  { "observables.generate", observables_generate },
  { "role.moderator.severity", moderator_severity },
  { "role.moderator.review", moderator_review },
  { "role.verifier.verify", verifier_verify },
  { "role.planner.plan", planner_plan },
  { "role.worker.rework", worker_rework },
  { NULL, NULL },
};
