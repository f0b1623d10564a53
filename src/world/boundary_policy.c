#include "world/boundary_policy.h"

#include <stdio.h>
#include <string.h>

#include "world/boundary_text.h"
#include "world/boundary_words.h"

static const double standard_clearance = 0.3, default_risk = 0.5;

static civ_decision allow(const civ_rule *r, civ_boundary_code code)
{
  return (civ_decision){ .allowed = true, .code = (uint8_t)code, .policy = r->name };
}

static civ_decision deny(const civ_rule *r, civ_boundary_code code, double risk, const char *detail)
{
  return (civ_decision){ .code = (uint8_t)code, .policy = r->name, .risk = risk, .detail = detail };
}

/* --- the four kinds --------------------------------------------------------------------------------------------------- */

static civ_decision limit_rate(civ_rule *r, const civ_crossing *c)
{
  const uint32_t key = r->rate.keys > 1 ? c->agent : 0;
  const civ_boundary_code code = civ_rate_ask(&r->rate, key, c->now_s, c->content.length);
  return code == CIV_BOUNDARY_ALLOWED ? allow(r, code) : deny(r, code, 0.3, NULL);
}

static civ_decision filter(const civ_rule *r, civ_matcher *m, const civ_crossing *c)
{
  const char *text = c->content.text;
  const size_t length = c->content.scanned;
  bool exceeded;
  if (c->content.length > (uint64_t)r->most_bytes)
    return deny(r, CIV_BOUNDARY_TOO_LONG, 0.4, NULL);
  if (r->patterns.n > 0) {
    const civ_pattern *p =
        civ_pattern_list_first(&r->patterns, m, text, length, civ_boundary_words(text, length), &exceeded);
    if (p != NULL)
      return exceeded ? deny(r, CIV_BOUNDARY_PATTERN_LIMIT, default_risk, civ_pattern_text(p))
                      : deny(r, CIV_BOUNDARY_BLOCKED_PATTERN, 0.7, civ_pattern_text(p));
  }
  for (uint32_t k = 0; k < r->keywords.n; k++)
    if (civ_text_has(text, length, r->lower[k], strlen(r->lower[k])))
      return deny(r, CIV_BOUNDARY_BLOCKED_KEYWORD, 0.6, r->keywords.items[k]);
  return allow(r, CIV_BOUNDARY_ALLOWED);
}

static civ_decision judge_sensitivity(civ_rule *r, const civ_crossing *c)
{
  const double s = c->sensitivity, clearance = r->clearance != NULL ? r->clearance[c->agent] : standard_clearance;
  if (c->direction == CIV_OUTBOUND && s > r->max_outbound)
    return deny(r, CIV_BOUNDARY_OUTBOUND_SENSITIVITY, s, NULL);
  if (s > clearance)
    return deny(r, CIV_BOUNDARY_CLEARANCE, s - clearance, NULL);
  if (s > r->approval_above) {
    r->pending_approvals++;
    return deny(r, CIV_BOUNDARY_APPROVAL, s, NULL);
  }
  return allow(r, CIV_BOUNDARY_ALLOWED);
}

/* All members are asked, so that each keeps its own account. */
static civ_decision compose(civ_rule *r, civ_matcher *m, const civ_crossing *c)
{
  uint32_t denials = 0;
  double risk = 0;
  const char *detail = NULL;
  if (r->n_members == 0)
    return allow(r, CIV_BOUNDARY_NO_POLICIES);
  for (uint32_t k = 0; k < r->n_members; k++) {
    const civ_decision d = civ_rule_decide(r->members[k], m, c);
    r->answers[k] = d;
    if (d.allowed)
      continue;
    if (denials++ == 0)
      detail = d.policy;
    risk = d.risk > risk ? d.risk : risk;
  }
  if (denials == 0 || (!r->require_all && denials < r->n_members))
    return allow(r, CIV_BOUNDARY_ALLOWED);
  return deny(r, CIV_BOUNDARY_COMPOSITE_DENIED, risk, detail);
}

civ_decision civ_rule_decide(civ_rule *r, civ_matcher *m, const civ_crossing *c)
{
  civ_decision d;
  if (!r->enabled)
    return allow(r, CIV_BOUNDARY_POLICY_DISABLED);
  switch ((civ_policy_kind)r->kind) {
  case CIV_POLICY_RATE_LIMIT:
    d = limit_rate(r, c);
    break;
  case CIV_POLICY_CONTENT_FILTER:
    d = filter(r, m, c);
    break;
  case CIV_POLICY_SENSITIVITY:
    d = judge_sensitivity(r, c);
    break;
  default:
    d = compose(r, m, c);
  }
  r->evaluations++;
  r->blocks += !d.allowed;
  return d;
}

civ_decision civ_engine_decide(civ_engine *e, civ_matcher *m, const civ_crossing *c)
{
  civ_decision answer = { .allowed = true, .code = CIV_BOUNDARY_NO_POLICIES, .policy = "engine" };
  if (e->n == 0)
    return answer;
  e->evaluations++;
  for (uint32_t k = 0; k < e->n; k++) {
    if (!e->rules[k]->enabled)
      continue;
    const civ_decision d = civ_rule_decide(e->rules[k], m, c);
    if (!d.allowed)
      return d;
  }
  answer.code = CIV_BOUNDARY_ALLOWED;
  return answer;
}

/* --- making rules ------------------------------------------------------------------------------------------------------------ */

enum { DEEPEST = 8 };

void civ_engine_init(civ_engine *e, const civ_allocator *allocator)
{
  *e = (civ_engine){ .arena = civ_arena_create(allocator), .allocator = allocator };
}

static void free_rule(civ_rule *r, const civ_allocator *allocator)
{
  civ_rate_fini(&r->rate);
  civ_pattern_list_free(&r->patterns, allocator);
  for (uint32_t k = 0; k < r->n_members; k++)
    if (r->members[k] != NULL)
      free_rule(r->members[k], allocator);
}

void civ_engine_fini(civ_engine *e)
{
  if (e->allocator == NULL)
    return;
  for (uint32_t k = 0; k < e->n; k++)
    free_rule(e->rules[k], e->allocator);
  size_t room = e->room;
  civ_drop(e->allocator, (void **)&e->rules, &room, sizeof(civ_rule *));
  civ_arena_destroy(&e->arena);
  *e = (civ_engine){ 0 };
}

civ_status civ_engine_add(civ_engine *e, civ_rule *rule)
{
  size_t room = e->room;
  const civ_status status = civ_grow(e->allocator, (void **)&e->rules, &room, e->n + 1u, sizeof(civ_rule *));
  if (status != CIV_OK) {
    free_rule(rule, e->allocator);
    return status;
  }
  e->room = (uint32_t)room;
  e->rules[e->n++] = rule;
  return CIV_OK;
}

static const double *level_of(const civ_real_map *map, const char *name)
{
  for (uint32_t k = 0; name != NULL && k < map->n; k++)
    if (strcmp(map->names[k], name) == 0)
      return &map->values[k];
  return NULL;
}

static double clearance_of(const civ_clearances *who, const civ_real_map *own, civ_agent a)
{
  const char *const names[] = { who->names != NULL ? who->names[a] : NULL,
                                who->variants != NULL ? who->variants[a] : NULL,
                                who->types != NULL ? civ_agent_type_names[who->types[a]] : NULL };
  const civ_real_map *const maps[] = { own, &who->levels };
  for (size_t m = 0; m < 2; m++)
    for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
      const double *level = level_of(maps[m], names[k]);
      if (level != NULL)
        return *level;
    }
  return standard_clearance;
}

static bool make_sensitivity(civ_engine *e, civ_rule *r, const civ_policy_settings *s, const civ_clearances *who)
{
  r->max_outbound = s->max_outbound_sensitivity;
  r->approval_above = s->require_approval_above;
  if (s->agent_clearance_levels.n == 0 && who->levels.n == 0)
    return true;
  r->clearance = civ_arena_take(&e->arena, (size_t)who->agents + 1, sizeof *r->clearance);
  if (r->clearance == NULL)
    return false;
  for (civ_agent a = 0; a < who->agents; a++)
    r->clearance[a] = clearance_of(who, &s->agent_clearance_levels, a);
  return true;
}

static civ_status make_filter(civ_engine *e, civ_rule *r, const civ_policy_settings *s, bool own_patterns,
                              const char *where, civ_error *err)
{
  r->most_bytes = s->max_content_length;
  r->keywords = s->blocked_keywords;
  r->lower = civ_arena_take(&e->arena, r->keywords.n, sizeof *r->lower);
  for (uint32_t k = 0; r->lower != NULL && k < r->keywords.n; k++) {
    const char *word = r->keywords.items[k];
    if ((r->lower[k] = civ_arena_text(&e->arena, word, strlen(word))) == NULL)
      break;
    for (char *c = r->lower[k]; *c != '\0'; c++)
      *c = civ_text_lower(*c);
  }
  if (e->arena.failed)
    return civ_fail(err, CIV_E_NOMEM, where, "out of memory");
  char place[192] = "";
  strncat(place, where, sizeof place - 32);
  strcat(place, ".blocked_patterns");
  return civ_pattern_list_make(&r->patterns, own_patterns ? NULL : &s->blocked_patterns, place, e->allocator, err);
}

static civ_status make_members(civ_engine *e, civ_rule *r, const civ_policy_settings *s, const civ_clearances *who,
                               const char *where, int depth, civ_error *err)
{
  json_t *list = s->policies.json != NULL ? json_loads(s->policies.json, JSON_DECODE_ANY, NULL) : json_array();
  civ_status status = CIV_OK;
  char place[192];
  r->require_all = s->require_all;
  if (list == NULL || (!json_is_array(list) && !json_is_null(list)) || depth == DEEPEST) {
    json_decref(list);
    return civ_fail(err, CIV_E_TYPE, where, "write a list of policies, at most %d within each other", DEEPEST);
  }
  const size_t n = json_array_size(list);
  r->members = civ_arena_take(&e->arena, n, sizeof(civ_rule *));
  r->answers = civ_arena_take(&e->arena, n, sizeof *r->answers);
  if (r->members == NULL || r->answers == NULL)
    status = civ_fail(err, CIV_E_NOMEM, where, "out of memory");
  for (size_t k = 0; status == CIV_OK && k < n; k++) {
    civ_policy_settings member;
    civ_rule *made = NULL;
    snprintf(place, sizeof place, "%.150s.policies[%zu]", where, k);
    status = civ_settings_read(&civ_boundary_policy_section, json_array_get(list, k), place, &member, &e->arena, err);
    if (status == CIV_OK)
      status = civ_engine_make(e, &member, false, who, place, depth + 1, &made, err);
    if (status == CIV_OK)
      r->members[r->n_members++] = made;
  }
  json_decref(list);
  return status;
}

civ_status civ_engine_make(civ_engine *e, const civ_policy_settings *s, bool own_patterns, const civ_clearances *who,
                           const char *where, int depth, civ_rule **out, civ_error *err)
{
  civ_rule *r = civ_arena_take(&e->arena, 1, sizeof *r);
  civ_status status = CIV_OK;
  if (r == NULL)
    return civ_fail(err, CIV_E_NOMEM, where, "out of memory");
  r->kind = (uint8_t)s->kind;
  r->name = s->name != NULL ? s->name : civ_policy_kind_names[s->kind];
  r->enabled = s->enabled;
  if (s->kind == CIV_POLICY_RATE_LIMIT)
    status = civ_rate_init(&r->rate, s->max_crossings_per_minute, s->max_bytes_per_minute,
                           s->per_agent && who->agents > 0 ? who->agents : 1, e->allocator);
  else if (s->kind == CIV_POLICY_SENSITIVITY)
    status = make_sensitivity(e, r, s, who) ? CIV_OK : CIV_E_NOMEM;
  if (status != CIV_OK)
    civ_fail(err, status, where, "out of memory for a policy");
  else if (s->kind == CIV_POLICY_CONTENT_FILTER)
    status = make_filter(e, r, s, own_patterns, where, err);
  else if (s->kind == CIV_POLICY_COMPOSITE)
    status = make_members(e, r, s, who, where, depth, err);
  if (status == CIV_OK)
    *out = r;
  else
    free_rule(r, e->allocator);
  return status;
}

civ_status civ_engine_add_default(civ_engine *e, const civ_clearances *who, civ_error *err)
{
  static const char *const refused_words[] = { "rm -rf", "DROP TABLE", "exec(", "eval(" };
  const civ_policy_settings defaults[] = {
    { .kind = CIV_POLICY_RATE_LIMIT,
      .enabled = true,
      .max_crossings_per_minute = 100,
      .max_bytes_per_minute = 10000000,
      .per_agent = true },
    { .kind = CIV_POLICY_CONTENT_FILTER,
      .enabled = true,
      .blocked_keywords = { refused_words, sizeof refused_words / sizeof *refused_words },
      .max_content_length = 1000000 },
    { .kind = CIV_POLICY_SENSITIVITY, .enabled = true, .max_outbound_sensitivity = 0.6, .require_approval_above = 0.8 }
  };
  for (size_t k = 0; k < sizeof defaults / sizeof *defaults; k++) {
    civ_rule *rule;
    const civ_status status = civ_engine_make(e, &defaults[k], true, who, "boundaries.default_policies", 0, &rule, err);
    if (status != CIV_OK)
      return status;
    if (civ_engine_add(e, rule) != CIV_OK)
      return civ_fail(err, CIV_E_NOMEM, "boundaries", "out of memory");
  }
  return CIV_OK;
}

/* --- state ----------------------------------------------------------------------------------------------------------------------- */

static civ_status reserve_rule(civ_rule *r, size_t crossings)
{
  civ_status status = r->kind == CIV_POLICY_RATE_LIMIT ? civ_rate_reserve(&r->rate, crossings) : CIV_OK;
  for (uint32_t k = 0; status == CIV_OK && k < r->n_members; k++)
    status = reserve_rule(r->members[k], crossings);
  return status;
}

civ_status civ_engine_reserve(civ_engine *e, size_t crossings)
{
  civ_status status = CIV_OK;
  for (uint32_t k = 0; status == CIV_OK && k < e->n; k++)
    status = reserve_rule(e->rules[k], crossings);
  return status;
}

static void save_rule(const civ_rule *r, civ_bytes *out)
{
  civ_bytes_put_u64(out, r->evaluations);
  civ_bytes_put_u64(out, r->blocks);
  civ_bytes_put_u64(out, r->pending_approvals);
  if (r->kind == CIV_POLICY_RATE_LIMIT)
    civ_rate_save(&r->rate, out);
  for (uint32_t k = 0; k < r->n_members; k++)
    save_rule(r->members[k], out);
}

static civ_status load_rule(civ_rule *r, civ_bytes_reader *in, civ_error *err)
{
  r->evaluations = civ_bytes_u64(in);
  r->blocks = civ_bytes_u64(in);
  r->pending_approvals = civ_bytes_u64(in);
  civ_status status = r->kind == CIV_POLICY_RATE_LIMIT ? civ_rate_load(&r->rate, in, err) : CIV_OK;
  for (uint32_t k = 0; status == CIV_OK && k < r->n_members; k++)
    status = load_rule(r->members[k], in, err);
  return status;
}

void civ_engine_save(const civ_engine *e, civ_bytes *out)
{
  civ_bytes_put_u64(out, e->evaluations);
  for (uint32_t k = 0; k < e->n; k++)
    save_rule(e->rules[k], out);
}

civ_status civ_engine_load(civ_engine *e, civ_bytes_reader *in, civ_error *err)
{
  civ_status status = CIV_OK;
  e->evaluations = civ_bytes_u64(in);
  for (uint32_t k = 0; status == CIV_OK && k < e->n; k++)
    status = load_rule(e->rules[k], in, err);
  return status;
}
