/* Traces and scripts from JSON, with the member that is wrong named. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "selfplay/trace_json.h"

typedef struct reading {
  civ_roll roll;
  civ_arena *arena;
  const char *list; /* "snapshots", "events", "script" */
  size_t at;        /* place in it */
  civ_status status;
  civ_error *err;
} reading;

static void say(reading *r, civ_status code, const char *fmt, ...) CIV_PRINTF(3, 4);
static void say(reading *r, civ_status code, const char *fmt, ...)
{
  char where[96], text[sizeof((civ_error *)0)->text];
  va_list args;
  if (r->status != CIV_OK)
    return;
  snprintf(where, sizeof where, "%s[%zu]", r->list, r->at);
  va_start(args, fmt);
  vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  r->status = civ_fail(r->err, code, where, "%s", text);
}

static void *take(reading *r, size_t n, size_t size)
{
  void *block = civ_arena_take(r->arena, n, size);
  if (block == NULL)
    say(r, CIV_E_NOMEM, "out of memory");
  return block;
}

/* --- small values ---------------------------------------------------------------------------------------------------------- */

static int find_name(const char *const *names, const json_t *value)
{
  const char *text = json_string_value(value);
  for (int k = 0; text != NULL && names[k] != NULL; k++)
    if (strcmp(names[k], text) == 0)
      return k;
  return -1;
}

static uint8_t citizen_of(const civ_roll *roll, const json_t *value)
{
  const char *text = json_string_value(value);
  if (text == NULL)
    return CIV_NO_CITIZEN;
  for (uint32_t c = 0; c < roll->n; c++)
    if (strcmp(roll->names[c], text) == 0)
      return (uint8_t)c;
  return strcmp(text, "public") == 0 ? CIV_PUBLIC : strcmp(text, "treasury") == 0 ? CIV_TREASURY : CIV_NO_CITIZEN;
}

/* A member that is a citizen of the roll (or "public", "treasury"). */
static uint8_t need_citizen(reading *r, const json_t *object, const char *key)
{
  const uint8_t c = citizen_of(&r->roll, json_object_get(object, key));
  if (c == CIV_NO_CITIZEN)
    say(r, CIV_E_KEY, "%s is not a citizen of the trace", key);
  return c;
}

static const double money_most = 9e12; /* credits: as micro-credits below 2^63 */

static int64_t need_micro(reading *r, const json_t *object, const char *key)
{
  const json_t *value = json_object_get(object, key);
  const double x = json_number_value(value);
  if (!json_is_number(value) || !(fabs(x) <= money_most)) {
    say(r, CIV_E_TYPE, "%s must be a number", key);
    return 0;
  }
  return llround(x * 1e6);
}

static int64_t micro_or(const json_t *object, const char *key, int64_t otherwise)
{
  const json_t *value = json_object_get(object, key);
  const double x = json_number_value(value);
  return json_is_number(value) && fabs(x) <= money_most ? llround(x * 1e6) : otherwise;
}

static int32_t need_count(reading *r, const json_t *object, const char *key)
{
  const json_t *value = json_object_get(object, key);
  const json_int_t x = json_integer_value(value);
  if (!json_is_integer(value) || x < 0 || x > 1000000000) {
    say(r, CIV_E_TYPE, "%s must be a whole number of at least 0", key);
    return 0;
  }
  return (int32_t)x;
}

static uint8_t rule_of_id(const civ_roll *roll, const json_t *value)
{
  const char *id = json_string_value(value);
  for (int k = 0; id != NULL && k < CIV_RULES; k++)
    if (strcmp(roll->kernel->clauses[k].id, id) == 0)
      return roll->kernel->clauses[k].rule;
  return CIV_NO_RULE;
}

static uint8_t param_named(uint8_t rule, const json_t *value)
{
  const char *name = json_string_value(value);
  return rule < CIV_RULES && name != NULL ? (uint8_t)civ_param_find((civ_rule)rule, name) : (uint8_t)CIV_NO_PARAM;
}

static int64_t law_value(uint8_t param, const json_t *value)
{
  const civ_node node = civ_json_node(value);
  return param < CIV_PARAMS && value != NULL ? civ_param_read((civ_param)param, &node) : CIV_LAW_ILL;
}

static civ_citizens set_of(reading *r, const json_t *list)
{
  civ_citizens set = 0;
  size_t k;
  json_t *item;
  json_array_foreach(list, k, item)
  {
    const uint8_t c = citizen_of(&r->roll, item);
    if (c < r->roll.n)
      set |= civ_citizen_bit(c);
    else
      say(r, CIV_E_KEY, "a voter is not a citizen of the trace");
  }
  return set;
}

/* --- payloads ---------------------------------------------------------------------------------------------------------------- */

static civ_motion_payload payload_of(const civ_roll *roll, uint8_t kind, const json_t *p)
{
  civ_motion_payload out = { .beneficiary = CIV_NO_CITIZEN,
                             .rule = CIV_NO_RULE,
                             .param = CIV_NO_PARAM,
                             .target = CIV_NO_CITIZEN,
                             .office = CIV_NO_OFFICE,
                             .to = CIV_NO_CITIZEN,
                             .value = CIV_LAW_ILL };
  out.memo = json_string_value(json_object_get(p, kind == CIV_MOTION_DISENFRANCHISE ? "reason" : "memo"));
  switch (kind) {
  case CIV_MOTION_SPEND:
    out.beneficiary = citizen_of(roll, json_object_get(p, "beneficiary"));
    out.amount = micro_or(p, "amount", 0);
    break;
  case CIV_MOTION_AMENDMENT:
    out.rule = rule_of_id(roll, json_object_get(p, "clause"));
    out.param = param_named(out.rule, json_object_get(p, "param"));
    out.value = law_value(out.param, json_object_get(p, "value"));
    break;
  case CIV_MOTION_DISENFRANCHISE:
    out.target = citizen_of(roll, json_object_get(p, "target"));
    break;
  default: {
    const int office = find_name(civ_office_names, json_object_get(p, "role"));
    out.office = office >= 0 ? (uint8_t)office : (uint8_t)CIV_NO_OFFICE;
    out.to = citizen_of(roll, json_object_get(p, "to"));
    out.recall = json_is_true(json_object_get(p, "recall"));
  }
  }
  return out;
}

static uint8_t motion_kind_of(const json_t *value)
{
  const char *text = json_string_value(value);
  const int kind = find_name(civ_motion_kind_names, value);
  if (kind >= 0)
    return (uint8_t)kind;
  return text != NULL && strcmp(text, "amend") == 0 ? CIV_MOTION_AMENDMENT : CIV_MOTION_KINDS; /* an old name */
}

/* --- events ------------------------------------------------------------------------------------------------------------------- */

static void read_creation(reading *r, const json_t *data, civ_deed *d)
{
  d->citizen = need_citizen(r, data, "proposer");
  d->motion = motion_kind_of(json_object_get(data, "kind"));
  d->proposal = need_count(r, data, "proposal_id");
  civ_motion_payload *payload = take(r, 1, sizeof *payload);
  if (d->motion == CIV_MOTION_KINDS)
    say(r, CIV_E_KEY, "kind is no kind of proposal");
  if (r->status != CIV_OK)
    return;
  *payload = payload_of(&r->roll, d->motion, json_object_get(data, "payload"));
  d->payload = payload;
}

static void read_count(reading *r, const json_t *data, civ_deed *d)
{
  d->citizen = need_citizen(r, data, "proposer");
  d->motion = motion_kind_of(json_object_get(data, "kind"));
  if (d->motion == CIV_MOTION_KINDS)
    say(r, CIV_E_KEY, "kind is no kind of proposal");
  d->proposal = need_count(r, data, "proposal_id");
  d->yes = set_of(r, json_object_get(data, "yes"));
  d->no = set_of(r, json_object_get(data, "no"));
  d->abstain = set_of(r, json_object_get(data, "abstain"));
  d->void_votes = set_of(r, json_object_get(data, "void"));
  d->base = need_count(r, data, "base");
  d->need = need_count(r, data, "need");
  d->threshold = need_micro(r, data, "threshold");
  d->reason = json_string_value(json_object_get(data, "reason"));
  d->rule = rule_of_id(&r->roll, json_object_get(data, "clause"));
}

static void read_amendment(reading *r, const json_t *data, civ_deed *d)
{
  d->citizen = d->actor;
  d->proposal = need_count(r, data, "proposal_id");
  d->rule = rule_of_id(&r->roll, json_object_get(data, "clause"));
  d->param = param_named(d->rule, json_object_get(data, "param"));
  d->before = law_value(d->param, json_object_get(data, "old"));
  d->value = law_value(d->param, json_object_get(data, "value"));
  if (d->before == CIV_LAW_ILL || d->value == CIV_LAW_ILL)
    say(r, CIV_E_RANGE, "clause, param, old and value are not an amendment of this kernel");
  else
    d->direction = (int8_t)civ_law_direction((civ_param)d->param, d->before, d->value);
  d->reason = json_string_value(json_object_get(data, "reason"));
}

static void read_office(reading *r, const json_t *data, civ_deed *d)
{
  const int office = find_name(civ_office_names, json_object_get(data, "role"));
  if (office < 0)
    say(r, CIV_E_KEY, "role is none of treasurer, speaker, registrar");
  d->office = (uint8_t)office;
  d->citizen = need_citizen(r, data, "citizen");
  d->reason = json_string_value(json_object_get(data, "reason"));
}

static void read_vote(reading *r, const json_t *data, civ_deed *d)
{
  const int choice = find_name(civ_choice_names, json_object_get(data, "choice"));
  if (choice < 0)
    say(r, CIV_E_KEY, "choice is none of yes, no, abstain");
  d->choice = (uint8_t)choice;
  d->citizen = need_citizen(r, data, "voter");
  d->proposal = need_count(r, data, "proposal_id");
}

static void read_money(reading *r, const json_t *data, civ_deed *d)
{
  d->needy = json_is_true(json_object_get(data, "needy"));
  if (d->kind == CIV_DEED_TRANSFER) {
    d->citizen = need_citizen(r, data, "from");
    d->other = need_citizen(r, data, "to");
    d->text = json_string_value(json_object_get(data, "memo"));
    d->amount = need_micro(r, data, "amount");
  } else if (d->kind == CIV_DEED_SPEND_PAID) {
    d->proposal = need_count(r, data, "proposal_id");
    d->citizen = need_citizen(r, data, "proposer");
    d->other = need_citizen(r, data, "beneficiary");
    d->amount = need_micro(r, data, "amount");
    d->before = need_micro(r, data, "treasury_before");
  } else if (d->kind == CIV_DEED_FLOOR_TOP_UP) {
    d->citizen = need_citizen(r, data, "citizen");
    d->amount = need_micro(r, data, "amount");
  } else {
    d->citizen = need_citizen(r, data, "citizen");
    d->amount = need_micro(r, data, "balance");
    d->before = need_micro(r, data, "floor");
  }
}

static void read_fate(reading *r, const json_t *data, civ_deed *d)
{
  d->cause = json_is_true(json_object_get(data, "cause"));
  if (d->kind == CIV_DEED_VOTE_CLOSED) {
    d->proposal = need_count(r, data, "proposal_id");
    return;
  }
  d->citizen = need_citizen(r, data, "citizen");
  if (d->kind == CIV_DEED_DISENFRANCHISED) {
    d->other = need_citizen(r, data, "proposer");
    d->proposal = need_count(r, data, "proposal_id");
  } else if (d->kind == CIV_DEED_VOTE_SUSPENDED) {
    d->other = need_citizen(r, data, "by");
    d->until = need_count(r, data, "until");
  } else if (d->kind == CIV_DEED_BREACH_RECORDED) {
    d->text = json_string_value(json_object_get(data, "what"));
  } else if (d->kind == CIV_DEED_ACTION_REFUSED) {
    d->text = json_string_value(json_object_get(data, "action"));
    d->rule = rule_of_id(&r->roll, json_object_get(data, "clause"));
    d->reason = json_string_value(json_object_get(data, "reason"));
  }
}

static void read_deed(reading *r, const json_t *event, civ_deed *d)
{
  const json_t *data = json_object_get(event, "data");
  const int kind = find_name(civ_deed_names, json_object_get(event, "kind"));
  *d = (civ_deed){ .turn = need_count(r, event, "turn"),
                   .citizen = CIV_NO_CITIZEN,
                   .other = CIV_NO_CITIZEN,
                   .office = CIV_NO_OFFICE,
                   .rule = CIV_NO_RULE,
                   .param = CIV_NO_PARAM };
  d->actor = citizen_of(&r->roll, json_object_get(event, "actor"));
  if (kind < 0 || !json_is_object(data)) {
    say(r, CIV_E_KEY, "an event needs a known kind and data");
    return;
  }
  d->kind = (uint8_t)kind;
  switch (d->kind) {
  case CIV_DEED_PROPOSAL_CREATED:
    read_creation(r, data, d);
    break;
  case CIV_DEED_VOTE_CAST:
    read_vote(r, data, d);
    break;
  case CIV_DEED_PROPOSAL_PASSED:
  case CIV_DEED_PROPOSAL_FAILED:
    read_count(r, data, d);
    break;
  case CIV_DEED_AMENDMENT_APPLIED:
  case CIV_DEED_AMENDMENT_LAPSED:
    read_amendment(r, data, d);
    break;
  case CIV_DEED_ROLE_GRANTED:
  case CIV_DEED_ROLE_ENDED:
    read_office(r, data, d);
    break;
  case CIV_DEED_TRANSFER:
  case CIV_DEED_SPEND_PAID:
  case CIV_DEED_FLOOR_TOP_UP:
  case CIV_DEED_FLOOR_BREACHED:
    read_money(r, data, d);
    break;
  default:
    read_fate(r, data, d);
  }
}

static const civ_deed *read_deeds(reading *r, const json_t *events, uint32_t *n)
{
  r->list = "events";
  r->at = 0;
  if (!json_is_array(events))
    say(r, CIV_E_TYPE, "events must be a list");
  civ_deed *deeds = take(r, json_array_size(events), sizeof *deeds);
  for (; r->status == CIV_OK && r->at < json_array_size(events); r->at++) {
    read_deed(r, json_array_get(events, r->at), &deeds[r->at]);
    if (r->at > 0 && deeds[r->at].turn < deeds[r->at - 1].turn)
      say(r, CIV_E_RANGE, "turn %d stands behind turn %d; events are listed in the order of their turns",
          (int)deeds[r->at].turn, (int)deeds[r->at - 1].turn);
  }
  *n = (uint32_t)json_array_size(events);
  return deeds;
}

civ_status civ_deeds_read(const json_t *events, const civ_roll *roll, civ_arena *arena, const civ_deed **out,
                          uint32_t *n, civ_error *err)
{
  reading r = { .roll = *roll, .arena = arena, .err = err };
  uint32_t count;
  const civ_deed *deeds = read_deeds(&r, events, &count);
  if (r.status == CIV_OK) {
    *out = deeds;
    *n = count;
  }
  return r.status;
}

/* --- snapshots ----------------------------------------------------------------------------------------------------------------- */

static civ_citizens flags_of(reading *r, const json_t *s, const char *key)
{
  const json_t *list = json_object_get(s, key);
  civ_citizens set = 0;
  if (json_array_size(list) != r->roll.n)
    say(r, CIV_E_TYPE, "%s must be a list with one entry for each citizen", key);
  for (uint32_t c = 0; r->status == CIV_OK && c < r->roll.n; c++)
    if (json_is_true(json_array_get(list, c)))
      set |= civ_citizen_bit(c);
  return set;
}

static const int64_t *balances_of(reading *r, const json_t *s)
{
  const json_t *list = json_object_get(s, "balances");
  int64_t *balances = take(r, r->roll.n, sizeof *balances);
  if (json_array_size(list) != r->roll.n)
    say(r, CIV_E_TYPE, "balances must be a list with one entry for each citizen");
  for (uint32_t c = 0; r->status == CIV_OK && c < r->roll.n; c++) {
    const double x = json_number_value(json_array_get(list, c));
    if (!(fabs(x) <= money_most))
      say(r, CIV_E_RANGE, "balances must be numbers");
    else
      balances[c] = llround(x * 1e6);
  }
  return balances;
}

static const civ_open_motion *open_of(reading *r, const json_t *s, uint32_t *n)
{
  const json_t *list = json_object_get(s, "open");
  civ_open_motion *open = take(r, json_array_size(list), sizeof *open);
  *n = (uint32_t)json_array_size(list);
  for (uint32_t k = 0; r->status == CIV_OK && k < *n; k++) {
    const json_t *item = json_array_get(list, k);
    open[k].id = need_count(r, item, "id");
    open[k].proposer = need_citizen(r, item, "proposer");
    open[k].kind = motion_kind_of(json_object_get(item, "kind"));
    if (open[k].kind == CIV_MOTION_KINDS)
      say(r, CIV_E_KEY, "kind is no kind of proposal");
  }
  return open;
}

static void read_snapshot(reading *r, const json_t *s, civ_snapshot *out)
{
  *out = (civ_snapshot){ .turn = need_count(r, s, "turn"),
                         .treasury = need_micro(r, s, "treasury"),
                         .balances = balances_of(r, s),
                         .enfranchised = flags_of(r, s, "enfranchised"),
                         .can_vote = flags_of(r, s, "can_vote"),
                         .gini = json_number_value(json_object_get(s, "gini")),
                         .floor_shortfall = need_micro(r, s, "floor_shortfall"),
                         .floor_amount = need_micro(r, s, "floor_amount"),
                         .quorum_need = need_count(r, s, "quorum_need"),
                         .amendment_threshold = need_micro(r, s, "amendment_threshold"),
                         .recall_threshold = need_micro(r, s, "recall_threshold"),
                         .output = need_micro(r, s, "output"),
                         .produced = micro_or(s, "produced", 0),
                         .consumed = micro_or(s, "consumed", 0),
                         .sunk = micro_or(s, "sunk", 0),
                         .bonds = micro_or(s, "bonds", 0) };
  const json_t *roles = json_object_get(s, "roles");
  for (int k = 0; k < CIV_OFFICES; k++)
    out->office[k] = citizen_of(&r->roll, json_object_get(roles, civ_office_names[k]));
  out->open = open_of(r, s, &out->n_open);
}

static void read_names(reading *r, const json_t *list)
{
  const size_t n = json_array_size(list);
  r->list = "citizens";
  if (n < 1 || n > CIV_CITIZENS_MOST) {
    say(r, CIV_E_RANGE, "citizens must be a list of 1 to %d names", (int)CIV_CITIZENS_MOST);
    return;
  }
  const char **names = take(r, n, sizeof *names);
  for (; r->status == CIV_OK && r->at < n; r->at++) {
    const json_t *name = json_array_get(list, r->at);
    names[r->at] = json_string_value(name);
    r->roll.names = names;
    r->roll.n = (uint32_t)r->at; /* those before */
    if (names[r->at] == NULL)
      say(r, CIV_E_TYPE, "a citizen is called by a text");
    else if (citizen_of(&r->roll, name) != CIV_NO_CITIZEN)
      say(r, CIV_E_KEY, "'%s' means somebody else already", names[r->at]);
  }
  r->roll.names = names;
  r->roll.n = (uint32_t)n;
}

civ_status civ_trace_read(const json_t *root, const civ_kernel *kernel, civ_arena *arena, civ_trace *out,
                          civ_error *err)
{
  reading r = { .roll = { .kernel = kernel }, .arena = arena, .list = "trace", .err = err };
  civ_trace t = { .kernel = kernel };
  t.initial_treasury = need_micro(&r, root, "initial_treasury");
  t.norm_income = need_micro(&r, root, "norm_income");
  read_names(&r, json_object_get(root, "citizens"));
  const json_t *list = json_object_get(root, "snapshots");
  civ_snapshot *snapshots = take(&r, json_array_size(list), sizeof *snapshots);
  r.list = "snapshots";
  for (r.at = 0; r.status == CIV_OK && r.at < json_array_size(list); r.at++)
    read_snapshot(&r, json_array_get(list, r.at), &snapshots[r.at]);
  if (r.status == CIV_OK)
    t.deeds = read_deeds(&r, json_object_get(root, "events"), &t.n_deeds);
  t.n_citizens = r.roll.n;
  t.citizens = r.roll.names;
  t.n_snapshots = (uint32_t)json_array_size(list);
  r.at = t.n_deeds - 1;
  if (r.status == CIV_OK && t.n_deeds > 0 && (uint32_t)t.deeds[r.at].turn >= t.n_snapshots)
    say(&r, CIV_E_RANGE, "turn %d has no snapshot; there are %u, one for each turn from 0", (int)t.deeds[r.at].turn,
        t.n_snapshots);
  t.snapshots = snapshots;
  if (r.status == CIV_OK)
    *out = t;
  return r.status;
}

/* --- scripts --------------------------------------------------------------------------------------------------------------------- */

/* A whole number that a turn or a place can be, -1 for any other value, `missing` where there is none. */
static int32_t whole_or(const json_t *value, int32_t missing)
{
  const json_int_t x = json_integer_value(value);
  if (value == NULL)
    return missing;
  return json_is_integer(value) && x >= 0 && x <= INT32_MAX ? (int32_t)x : -1;
}

static void read_meant(const civ_roll *roll, const json_t *act, civ_act *out)
{
  const json_t *id = json_object_get(act, "proposal_id"), *ref = json_object_get(act, "proposal_ref");
  out->ref = (civ_motion_ref){ .proposer = CIV_NO_CITIZEN, .kind = CIV_MOTION_KINDS, .turn = -1 };
  if (json_is_integer(id) && json_integer_value(id) > 0 && json_integer_value(id) <= INT32_MAX) {
    out->proposal = (int32_t)json_integer_value(id);
    return;
  }
  const json_t *proposer = json_object_get(ref, "proposer"), *kind = json_object_get(ref, "kind");
  const json_t *turn = json_object_get(ref, "turn"), *nth = json_object_get(ref, "nth");
  out->ref.proposer = citizen_of(roll, proposer);
  out->ref.kind = motion_kind_of(kind);
  out->ref.turn = whole_or(turn, -1);
  out->ref.nth = whole_or(nth, 0);
  /* A member that is missing matches anything; one that nothing can match makes the whole name nothing: no proposal is the
   * -1st. */
  if (!json_is_object(ref) || (proposer != NULL && out->ref.proposer == CIV_NO_CITIZEN) ||
      (kind != NULL && out->ref.kind == CIV_MOTION_KINDS) || (turn != NULL && out->ref.turn < 0) || out->ref.nth < 0)
    out->ref = (civ_motion_ref){ .proposer = CIV_NO_CITIZEN, .kind = CIV_MOTION_KINDS, .turn = -1, .nth = -1 };
}

static void read_act(reading *r, const json_t *act, civ_act *out)
{
  const int kind = find_name(civ_act_names, json_object_get(act, "type"));
  *out = (civ_act){ .choice = CIV_NO_CHOICE, .to = CIV_NO_CITIZEN };
  if (kind < 0) {
    say(r, CIV_E_KEY, "type is none of the acts of a citizen");
    return;
  }
  out->kind = (uint8_t)kind;
  if (kind < (int)CIV_MOTION_KINDS) {
    out->payload = payload_of(&r->roll, out->kind, act);
  } else if (kind == CIV_ACT_TRANSFER) {
    out->to = citizen_of(&r->roll, json_object_get(act, "to"));
    out->amount = micro_or(act, "amount", 0);
    out->memo = json_string_value(json_object_get(act, "memo"));
    out->from_treasury = citizen_of(&r->roll, json_object_get(act, "from")) == CIV_TREASURY;
  } else if (kind == CIV_ACT_SUSPEND) {
    out->to = citizen_of(&r->roll, json_object_get(act, "target"));
  } else {
    const int choice = find_name(civ_choice_names, json_object_get(act, "choice"));
    out->choice = choice >= 0 ? (uint8_t)choice : (uint8_t)CIV_NO_CHOICE;
    read_meant(&r->roll, act, out);
  }
}

/* Stable; scripts are nearly in order. */
static void sort_by_turn(civ_act *acts, int32_t *turns, size_t n)
{
  for (size_t k = 1; k < n; k++) {
    const civ_act act = acts[k];
    const int32_t turn = turns[k];
    size_t at = k;
    for (; at > 0 && turns[at - 1] > turn; at--) {
      acts[at] = acts[at - 1];
      turns[at] = turns[at - 1];
    }
    acts[at] = act;
    turns[at] = turn;
  }
}

civ_status civ_script_read(const json_t *list, const civ_roll *roll, civ_arena *arena, civ_script *out, civ_error *err)
{
  reading r = { .roll = *roll, .arena = arena, .list = "script", .err = err };
  const size_t n = json_array_size(list);
  if (!json_is_array(list))
    say(&r, CIV_E_TYPE, "a script is a list of acts");
  civ_act *acts = take(&r, n, sizeof *acts);
  int32_t *turns = take(&r, n, sizeof *turns);
  for (; r.status == CIV_OK && r.at < n; r.at++) {
    const json_t *act = json_array_get(list, r.at);
    turns[r.at] = need_count(&r, act, "turn");
    read_act(&r, act, &acts[r.at]);
  }
  if (r.status == CIV_OK)
    sort_by_turn(acts, turns, n);
  if (r.status == CIV_OK)
    *out = (civ_script){ .acts = acts, .turns = turns, .n = (uint32_t)n };
  return r.status;
}
