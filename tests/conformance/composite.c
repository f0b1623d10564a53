/* composite.c - how the cases of chapter 04 about composite tasks and capabilities meet the library. */
#include <math.h>
#include <string.h>

#include "conformance.h"
#include "metric/capabilities.h"
#include "world/composite.h"

static const char *word(const json_t *object, const char *key)
{
  const char *text = json_string_value(json_object_get(object, key));
  return text == NULL ? "" : text;
}

static double number_or(const json_t *object, const char *key, double otherwise)
{
  const json_t *value = json_object_get(object, key);
  return json_is_number(value) ? json_number_value(value) : otherwise;
}

static json_t *real_or_null(double x)
{
  return isnan(x) ? json_null() : json_real(x);
}

/* --- people: numbers in order of first mention ------------------------------------------------------------------------- */

enum { MOST_PEOPLE = 64 };

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

static civ_capability_set set_of(const json_t *names)
{
  civ_capability_set set = 0;
  size_t k;
  const json_t *name;
  json_array_foreach(names, k, name)
  {
    set |= civ_capability_of(json_string_value(name));
  }
  return set;
}

static json_t *names_of(civ_capability_set set)
{
  json_t *list = json_array();
  for (int k = 0; k < CIV_CAPABILITIES; k++)
    if (set >> k & 1u)
      json_array_append_new(list, json_string(civ_capability_names[k]));
  return list;
}

/* --- tasks ---------------------------------------------------------------------------------------------------------------- */

static civ_composite_subtask part_of(const json_t *in)
{
  civ_composite_subtask part = civ_composite_subtask_default();
  part.name = word(in, "name");
  part.required = set_of(json_object_get(in, "required"));
  part.bounty_share = number_or(in, "share", 0);
  part.estimated_steps = (uint32_t)number_or(in, "estimated_steps", 5);
  size_t k;
  const json_t *dependency;
  json_array_foreach(json_object_get(in, "deps"), k, dependency)
  {
    part.dependencies |= (uint16_t)(1u << json_integer_value(dependency));
  }
  return part;
}

static civ_composite_task by_hand(const json_t *in)
{
  civ_composite_task t = civ_composite_task_default();
  const json_t *parts = json_object_get(in, "subtasks");
  t.min_agents = (uint8_t)number_or(in, "min_agents", t.min_agents);
  t.max_agents = (uint8_t)number_or(in, "max_agents", t.max_agents);
  t.required = set_of(json_object_get(in, "required_capabilities"));
  t.total_bounty = number_or(in, "total_bounty", t.total_bounty);
  t.completion_bonus = number_or(in, "completion_bonus", t.completion_bonus);
  t.deadline_epoch = (int64_t)number_or(in, "deadline_epoch", -1);
  for (size_t s = 0; s < json_array_size(parts) && s < CIV_MOST_SUBTASKS; s++)
    t.subtasks[t.n_subtasks++] = part_of(json_array_get(parts, s));
  return t;
}

static bool make_task(const json_t *in, civ_composite_task *t)
{
  if (!json_is_string(json_object_get(in, "template"))) {
    *t = by_hand(in);
    return json_array_size(json_object_get(in, "subtasks")) <= CIV_MOST_SUBTASKS &&
           civ_composite_check(t, NULL) == CIV_OK;
  }
  const civ_composite_template type = civ_composite_template_of(word(in, "template"));
  if (type == CIV_COMPOSITE_TEMPLATES)
    return false;
  *t = civ_composite_make(type, word(in, "subject"), number_or(in, "bounty", -1),
                          (int64_t)number_or(in, "deadline_epoch", -1));
  return true;
}

/* Joins in order, then each part by its change of status alone. */
static void perform(civ_composite_task *t, const json_t *in, people *p, json_t *joined)
{
  size_t k;
  const json_t *item;
  json_array_foreach(json_object_get(in, "participants"), k, item)
  {
    json_array_append_new(joined, json_boolean(civ_composite_join(t, person(p, json_string_value(item)))));
  }
  json_array_foreach(json_object_get(in, "work"), k, item)
  {
    if (!json_is_object(item) || k >= t->n_subtasks)
      continue;
    civ_composite_assign(t, (uint32_t)k, person(p, word(item, "agent")));
    civ_composite_start(t, (uint32_t)k);
    t->subtasks[k].actual_steps = (uint32_t)number_or(item, "steps", 0);
    civ_composite_finish(t, (uint32_t)k, number_or(item, "quality", 0), 0);
  }
}

static conformance_outcome template(const conformance_case *c)
{
  civ_composite_task t;
  if (!make_task(c->input, &t))
    return conformance_refuse();
  json_t *parts = json_array();
  for (uint32_t s = 0; s < t.n_subtasks; s++) {
    json_t *dependencies = json_array();
    for (int k = 0; k < CIV_MOST_SUBTASKS; k++)
      if (t.subtasks[s].dependencies >> k & 1u)
        json_array_append_new(dependencies, json_integer(k));
    json_array_append_new(parts,
                          json_pack("{s:s, s:o, s:o, s:f, s:i}", "name", t.subtasks[s].name, "required",
                                    names_of(t.subtasks[s].required), "deps", dependencies, "share",
                                    t.subtasks[s].bounty_share, "estimated_steps", (int)t.subtasks[s].estimated_steps));
  }
  return conformance_answer(json_pack("{s:i, s:i, s:f, s:f, s:o, s:o, s:o}", "min_agents", t.min_agents, "max_agents",
                                      t.max_agents, "total_bounty", t.total_bounty, "completion_bonus",
                                      t.completion_bonus, "deadline_epoch",
                                      t.deadline_epoch < 0 ? json_null() : json_integer(t.deadline_epoch),
                                      "required_capabilities", names_of(t.required), "subtasks", parts));
}

static conformance_outcome complete(const conformance_case *c)
{
  civ_composite_task t;
  people p = { .n = 0 };
  double paid[CIV_MOST_TEAM];
  if (!make_task(json_object_get(c->input, "task"), &t))
    return conformance_refuse();
  json_t *joined = json_array(), *contributions = json_object(), *payouts = json_object();
  perform(&t, c->input, &p, joined);
  const bool is_paid = civ_composite_payouts(&t, paid);
  for (uint32_t k = 0; k < t.n_participants; k++) {
    json_object_set_new(contributions, p.names[t.participants[k]], json_real(t.contributions[k]));
    if (is_paid)
      json_object_set_new(payouts, p.names[t.participants[k]], json_real(paid[k]));
  }
  return conformance_answer(
      json_pack("{s:s, s:o, s:f, s:f, s:f, s:f, s:o, s:o, s:o}", "status", civ_composite_status_names[t.status],
                "final_quality", real_or_null(t.final_quality), "coordination_score", t.coordination, "synergy_score",
                t.synergy, "information_flow_score", t.information_flow, "completion_fraction",
                civ_composite_fraction(&t), "contributions", contributions, "payouts", payouts, "joined", joined));
}

static conformance_outcome join(const conformance_case *c)
{
  civ_composite_task t;
  people p = { .n = 0 };
  if (!make_task(json_object_get(c->input, "task"), &t))
    return conformance_refuse();
  json_t *list = json_array();
  size_t k;
  const json_t *name;
  json_array_foreach(json_object_get(c->input, "order"), k, name)
  {
    const bool in = civ_composite_join(&t, person(&p, json_string_value(name)));
    json_array_append_new(list, json_pack("{s:b, s:s, s:i}", "joined", in, "status",
                                          civ_composite_status_names[t.status], "participants", (int)t.n_participants));
  }
  return conformance_answer(json_pack("{s:o}", "joined", list));
}

static json_t *part_names(const civ_composite_task *t, uint16_t parts)
{
  json_t *list = json_array();
  for (uint32_t s = 0; s < t->n_subtasks; s++)
    if (parts >> s & 1u)
      json_array_append_new(list, json_string(t->subtasks[s].name));
  return list;
}

static json_t *part_statuses(const civ_composite_task *t)
{
  json_t *list = json_array();
  for (uint32_t s = 0; s < t->n_subtasks; s++)
    json_array_append_new(list, json_string(civ_subtask_status_names[t->subtasks[s].status]));
  return list;
}

static conformance_outcome available(const conformance_case *c)
{
  civ_composite_task t;
  size_t k;
  const json_t *part;
  if (!make_task(json_object_get(c->input, "task"), &t))
    return conformance_refuse();
  civ_composite_join(&t, 0);
  json_array_foreach(json_object_get(c->input, "completed"), k, part)
  {
    const uint32_t s = (uint32_t)json_integer_value(part);
    civ_composite_assign(&t, s, 0);
    civ_composite_start(&t, s);
    civ_composite_finish(&t, s, 1, 0);
  }
  json_t *now = part_names(&t, civ_composite_available(&t));
  json_t *mine = part_names(&t, civ_composite_claimable(&t, set_of(json_object_get(c->input, "capabilities"))));
  return conformance_answer(
      json_pack("{s:o, s:o, s:o}", "available", now, "claimable", mine, "status", part_statuses(&t)));
}

/* --- pool ----------------------------------------------------------------------------------------------------------------- */

static json_t *play(civ_composite_pool *pool, people *p, const json_t *op)
{
  const char *kind = word(op, "op");
  const size_t named = (size_t)number_or(op, "task", 0);
  if (strcmp(kind, "join") == 0)
    return json_boolean(named < pool->n && civ_composite_join(&pool->tasks[named], person(p, word(op, "agent"))));
  if (strcmp(kind, "fail") == 0 && named < pool->n) {
    civ_composite_fail(&pool->tasks[named]);
    return part_statuses(&pool->tasks[named]);
  }
  json_t *list = json_array();
  for (size_t i = 0; i < pool->n; i++) {
    civ_composite_task *t = &pool->tasks[i];
    bool in = false;
    if (strcmp(kind, "status") == 0)
      json_array_append_new(list, json_string(civ_composite_status_names[t->status]));
    else if (strcmp(kind, "open") == 0)
      in = t->status == CIV_COMPOSITE_OPEN;
    else if (strcmp(kind, "joinable") == 0)
      in = civ_composite_joinable(t, set_of(json_object_get(op, "capabilities")));
    else if (strcmp(kind, "expire") == 0)
      in = civ_composite_overdue(t, (uint32_t)number_or(op, "epoch", 0)) && civ_composite_expire(t);
    if (in)
      json_array_append_new(list, json_integer((json_int_t)i));
  }
  return list;
}

static conformance_outcome pool(const conformance_case *c)
{
  civ_composite_pool tasks;
  people p = { .n = 0 };
  const json_t *given = json_object_get(c->input, "tasks"), *item;
  json_t *results = json_array();
  bool made = true;
  size_t k;
  civ_composite_pool_init(&tasks, &civ_allocator_malloc);
  made = civ_composite_pool_reserve(&tasks, json_array_size(given)) == CIV_OK;
  json_array_foreach(given, k, item)
  {
    civ_composite_task t;
    made = made && make_task(item, &t) && civ_composite_pool_add(&tasks, &t) != NULL;
  }
  json_array_foreach(json_object_get(c->input, "ops"), k, item)
  {
    json_array_append_new(results, play(&tasks, &p, item));
  }
  civ_composite_pool_fini(&tasks);
  if (!made) {
    json_decref(results);
    return conformance_refuse();
  }
  return conformance_answer(json_pack("{s:o}", "results", results));
}

/* --- analyser -------------------------------------------------------------------------------------------------------------- */

static json_t *metrics_json(const civ_capability_metrics *m)
{
  json_t *out = json_object();
  for (int k = 0; k < CIV_N_CAPABILITY_METRICS; k++)
    json_object_set_new(out, civ_capability_metric_decls[k].name, json_real(((const double *)m)[k]));
  return out;
}

static json_t *profile_json(const civ_capability_profile *p)
{
  json_t *scores = json_object();
  for (int k = 0; k < CIV_CAPABILITIES; k++)
    if (p->scored >> k & 1u)
      json_object_set_new(scores, civ_capability_names[k], json_real(p->scores[k]));
  return json_pack("{s:i, s:f, s:i, s:i, s:o}", "subtasks_completed", (int)p->subtasks_completed, "avg_quality",
                   p->average_quality, "collaboration_count", (int)p->collaborations, "n_unique_collaborators",
                   (int)p->collaborators, "capability_scores", scores);
}

static bool perform_and_record(civ_capabilities *analyser, const json_t *in, people *p)
{
  civ_composite_task t;
  civ_done_subtask parts[CIV_MOST_SUBTASKS];
  json_t *joined = json_array();
  const bool made = make_task(json_object_get(in, "task"), &t) &&
                    civ_capabilities_reserve(analyser, CIV_MOST_TEAM, CIV_MOST_TEAM * CIV_MOST_TEAM) == CIV_OK;
  if (made) {
    perform(&t, in, p, joined);
    const civ_done_task done = civ_composite_done(&t, parts);
    if (t.status == CIV_COMPOSITE_COMPLETED)
      civ_capabilities_record(analyser, &done);
  }
  json_decref(joined);
  return made;
}

static conformance_outcome capability_metrics(const conformance_case *c)
{
  people p = { .n = 0 };
  civ_capabilities *analyser = civ_capabilities_create(MOST_PEOPLE, &civ_allocator_malloc);
  json_t *agents = json_object_get(c->input, "agents"), *item;
  json_t *profiles = json_object();
  const char *name;
  bool made = analyser != NULL;
  size_t k;
  json_object_foreach(agents, name, item)
  {
    if (made)
      civ_capabilities_register(analyser, person(&p, name), set_of(item));
  }
  json_array_foreach(json_object_get(c->input, "tasks"), k, item)
  {
    made = made && perform_and_record(analyser, item, &p);
  }
  if (!made) {
    json_decref(profiles);
    civ_capabilities_destroy(analyser);
    return conformance_refuse();
  }
  json_object_foreach(agents, name, item)
  {
    const civ_capability_profile profile = civ_capabilities_profile(analyser, person(&p, name));
    json_object_set_new(profiles, name, profile_json(&profile));
  }
  const civ_capability_metrics m = civ_capabilities_read(analyser);
  civ_capabilities_destroy(analyser);
  return conformance_answer(json_pack("{s:o, s:f, s:o}", "metrics", metrics_json(&m), "collective_intelligence",
                                      civ_collective_intelligence(&m), "profiles", profiles));
}

static conformance_outcome collective_intelligence(const conformance_case *c)
{
  civ_capability_metrics m = { 0 };
  for (int k = 0; k < CIV_N_CAPABILITY_METRICS; k++)
    ((double *)&m)[k] = number_or(c->input, civ_capability_metric_decls[k].name, 0);
  return conformance_answer(json_pack("{s:f}", "score", civ_collective_intelligence(&m)));
}

static conformance_outcome distribution(const conformance_case *c)
{
  civ_capability_set sets[MOST_PEOPLE];
  const json_t *agents = json_object_get(c->input, "agents");
  const size_t n = json_array_size(agents);
  if (n > MOST_PEOPLE)
    return conformance_refuse();
  for (size_t k = 0; k < n; k++)
    sets[k] = set_of(json_array_get(agents, k));
  const civ_capability_distribution d = civ_capability_distribution_of(sets, n);
  return conformance_answer(json_pack("{s:f, s:f, s:f, s:f, s:f, s:f}", "n_agents", d.n_agents, "n_capability_types",
                                      d.n_capability_types, "avg_capabilities_per_agent", d.avg_capabilities_per_agent,
                                      "avg_agents_per_capability", d.avg_agents_per_capability, "capability_coverage",
                                      d.capability_coverage, "capability_balance", d.capability_balance));
}

const conformance_adapter conformance_composite[] = {
  { "composite.template", template },
  { "composite.complete", complete },
  { "composite.join", join },
  { "composite.available", available },
  { "composite.pool", pool },
  { "capability.metrics", capability_metrics },
  { "capability.collective_intelligence", collective_intelligence },
  { "capability.distribution", distribution },
  { NULL, NULL },
};
