/* Traces from JSON, with the member that is wrong named. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "selfplay/trace_values.h"

/* --- events ------------------------------------------------------------------------------------------------------------------- */

static void read_creation(civ_reading *r, const json_t *data, civ_deed *d)
{
  d->citizen = civ_need_citizen(r, data, "proposer");
  d->motion = civ_read_motion_kind(json_object_get(data, "kind"));
  d->proposal = civ_need_count(r, data, "proposal_id");
  civ_motion_payload *payload = civ_reading_take(r, 1, sizeof *payload);
  if (d->motion == CIV_MOTION_KINDS)
    civ_reading_fail(r, CIV_E_KEY, "kind is no kind of proposal");
  if (r->status != CIV_OK)
    return;
  *payload = civ_read_payload(&r->roll, d->motion, json_object_get(data, "payload"));
  d->payload = payload;
}

static void read_count(civ_reading *r, const json_t *data, civ_deed *d)
{
  d->citizen = civ_need_citizen(r, data, "proposer");
  d->motion = civ_read_motion_kind(json_object_get(data, "kind"));
  if (d->motion == CIV_MOTION_KINDS)
    civ_reading_fail(r, CIV_E_KEY, "kind is no kind of proposal");
  d->proposal = civ_need_count(r, data, "proposal_id");
  d->yes = civ_need_citizens(r, json_object_get(data, "yes"));
  d->no = civ_need_citizens(r, json_object_get(data, "no"));
  d->abstain = civ_need_citizens(r, json_object_get(data, "abstain"));
  d->void_votes = civ_need_citizens(r, json_object_get(data, "void"));
  d->base = civ_need_count(r, data, "base");
  d->need = civ_need_count(r, data, "need");
  d->threshold = civ_need_micro(r, data, "threshold");
  d->reason = json_string_value(json_object_get(data, "reason"));
  d->rule = civ_read_rule(&r->roll, json_object_get(data, "clause"));
}

static void read_amendment(civ_reading *r, const json_t *data, civ_deed *d)
{
  d->citizen = d->actor;
  d->proposal = civ_need_count(r, data, "proposal_id");
  d->rule = civ_read_rule(&r->roll, json_object_get(data, "clause"));
  d->param = civ_read_param(d->rule, json_object_get(data, "param"));
  d->before = civ_read_law_value(d->param, json_object_get(data, "old"));
  d->value = civ_read_law_value(d->param, json_object_get(data, "value"));
  if (d->before == CIV_LAW_ILL || d->value == CIV_LAW_ILL)
    civ_reading_fail(r, CIV_E_RANGE, "clause, param, old and value are not an amendment of this kernel");
  else
    d->direction = (int8_t)civ_law_direction((civ_param)d->param, d->before, d->value);
  d->reason = json_string_value(json_object_get(data, "reason"));
}

static void read_office(civ_reading *r, const json_t *data, civ_deed *d)
{
  const int office = civ_read_name(civ_office_names, json_object_get(data, "role"));
  if (office < 0)
    civ_reading_fail(r, CIV_E_KEY, "role is none of treasurer, speaker, registrar");
  d->office = (uint8_t)office;
  d->citizen = civ_need_citizen(r, data, "citizen");
  d->reason = json_string_value(json_object_get(data, "reason"));
}

static void read_vote(civ_reading *r, const json_t *data, civ_deed *d)
{
  const int choice = civ_read_name(civ_choice_names, json_object_get(data, "choice"));
  if (choice < 0)
    civ_reading_fail(r, CIV_E_KEY, "choice is none of yes, no, abstain");
  d->choice = (uint8_t)choice;
  d->citizen = civ_need_citizen(r, data, "voter");
  d->proposal = civ_need_count(r, data, "proposal_id");
}

static void read_money(civ_reading *r, const json_t *data, civ_deed *d)
{
  d->needy = json_is_true(json_object_get(data, "needy"));
  if (d->kind == CIV_DEED_TRANSFER) {
    d->citizen = civ_need_citizen(r, data, "from");
    d->other = civ_need_citizen(r, data, "to");
    d->text = json_string_value(json_object_get(data, "memo"));
    d->amount = civ_need_micro(r, data, "amount");
  } else if (d->kind == CIV_DEED_SPEND_PAID) {
    d->proposal = civ_need_count(r, data, "proposal_id");
    d->citizen = civ_need_citizen(r, data, "proposer");
    d->other = civ_need_citizen(r, data, "beneficiary");
    d->amount = civ_need_micro(r, data, "amount");
    d->before = civ_need_micro(r, data, "treasury_before");
  } else if (d->kind == CIV_DEED_FLOOR_TOP_UP) {
    d->citizen = civ_need_citizen(r, data, "citizen");
    d->amount = civ_need_micro(r, data, "amount");
  } else {
    d->citizen = civ_need_citizen(r, data, "citizen");
    d->amount = civ_need_micro(r, data, "balance");
    d->before = civ_need_micro(r, data, "floor");
  }
}

static void read_fate(civ_reading *r, const json_t *data, civ_deed *d)
{
  d->cause = json_is_true(json_object_get(data, "cause"));
  if (d->kind == CIV_DEED_VOTE_CLOSED) {
    d->proposal = civ_need_count(r, data, "proposal_id");
    return;
  }
  d->citizen = civ_need_citizen(r, data, "citizen");
  if (d->kind == CIV_DEED_DISENFRANCHISED) {
    d->other = civ_need_citizen(r, data, "proposer");
    d->proposal = civ_need_count(r, data, "proposal_id");
  } else if (d->kind == CIV_DEED_VOTE_SUSPENDED) {
    d->other = civ_need_citizen(r, data, "by");
    d->until = civ_need_count(r, data, "until");
  } else if (d->kind == CIV_DEED_BREACH_RECORDED) {
    d->text = json_string_value(json_object_get(data, "what"));
  } else if (d->kind == CIV_DEED_ACTION_REFUSED) {
    d->text = json_string_value(json_object_get(data, "action"));
    d->rule = civ_read_rule(&r->roll, json_object_get(data, "clause"));
    d->reason = json_string_value(json_object_get(data, "reason"));
  }
}

static void read_deed(civ_reading *r, const json_t *event, civ_deed *d)
{
  const json_t *data = json_object_get(event, "data");
  const int kind = civ_read_name(civ_deed_names, json_object_get(event, "kind"));
  *d = (civ_deed){ .turn = civ_need_count(r, event, "turn"),
                   .citizen = CIV_NO_CITIZEN,
                   .other = CIV_NO_CITIZEN,
                   .office = CIV_NO_OFFICE,
                   .rule = CIV_NO_RULE,
                   .param = CIV_NO_PARAM };
  d->actor = civ_read_citizen(&r->roll, json_object_get(event, "actor"));
  if (kind < 0 || !json_is_object(data)) {
    civ_reading_fail(r, CIV_E_KEY, "an event needs a known kind and data");
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

static const civ_deed *read_deeds(civ_reading *r, const json_t *events, uint32_t *n)
{
  r->list = "events";
  r->at = 0;
  if (!json_is_array(events))
    civ_reading_fail(r, CIV_E_TYPE, "events must be a list");
  civ_deed *deeds = civ_reading_take(r, json_array_size(events), sizeof *deeds);
  for (; r->status == CIV_OK && r->at < json_array_size(events); r->at++) {
    read_deed(r, json_array_get(events, r->at), &deeds[r->at]);
    if (r->at > 0 && deeds[r->at].turn < deeds[r->at - 1].turn)
      civ_reading_fail(r, CIV_E_RANGE, "turn %d stands behind turn %d; events are listed in the order of their turns",
                       (int)deeds[r->at].turn, (int)deeds[r->at - 1].turn);
  }
  *n = (uint32_t)json_array_size(events);
  return deeds;
}

civ_status civ_deeds_read(const json_t *events, const civ_roll *roll, civ_arena *arena, const civ_deed **out,
                          uint32_t *n, civ_error *err)
{
  civ_reading r = { .roll = *roll, .arena = arena, .err = err };
  uint32_t count;
  const civ_deed *deeds = read_deeds(&r, events, &count);
  if (r.status == CIV_OK) {
    *out = deeds;
    *n = count;
  }
  return r.status;
}

/* --- snapshots ----------------------------------------------------------------------------------------------------------------- */

static civ_citizens flags_of(civ_reading *r, const json_t *s, const char *key)
{
  const json_t *list = json_object_get(s, key);
  civ_citizens set = 0;
  if (json_array_size(list) != r->roll.n)
    civ_reading_fail(r, CIV_E_TYPE, "%s must be a list with one entry for each citizen", key);
  for (uint32_t c = 0; r->status == CIV_OK && c < r->roll.n; c++)
    if (json_is_true(json_array_get(list, c)))
      set |= civ_citizen_bit(c);
  return set;
}

static const int64_t *balances_of(civ_reading *r, const json_t *s)
{
  const json_t *list = json_object_get(s, "balances");
  int64_t *balances = civ_reading_take(r, r->roll.n, sizeof *balances);
  if (json_array_size(list) != r->roll.n)
    civ_reading_fail(r, CIV_E_TYPE, "balances must be a list with one entry for each citizen");
  for (uint32_t c = 0; r->status == CIV_OK && c < r->roll.n; c++) {
    const double x = json_number_value(json_array_get(list, c));
    if (!(fabs(x) <= civ_money_most))
      civ_reading_fail(r, CIV_E_RANGE, "balances must be numbers");
    else
      balances[c] = llround(x * 1e6);
  }
  return balances;
}

static const civ_open_motion *open_of(civ_reading *r, const json_t *s, uint32_t *n)
{
  const json_t *list = json_object_get(s, "open");
  civ_open_motion *open = civ_reading_take(r, json_array_size(list), sizeof *open);
  *n = (uint32_t)json_array_size(list);
  for (uint32_t k = 0; r->status == CIV_OK && k < *n; k++) {
    const json_t *item = json_array_get(list, k);
    open[k].id = civ_need_count(r, item, "id");
    open[k].proposer = civ_need_citizen(r, item, "proposer");
    open[k].kind = civ_read_motion_kind(json_object_get(item, "kind"));
    if (open[k].kind == CIV_MOTION_KINDS)
      civ_reading_fail(r, CIV_E_KEY, "kind is no kind of proposal");
  }
  return open;
}

static void read_snapshot(civ_reading *r, const json_t *s, civ_snapshot *out)
{
  *out = (civ_snapshot){ .turn = civ_need_count(r, s, "turn"),
                         .treasury = civ_need_micro(r, s, "treasury"),
                         .balances = balances_of(r, s),
                         .enfranchised = flags_of(r, s, "enfranchised"),
                         .can_vote = flags_of(r, s, "can_vote"),
                         .floor_shortfall = civ_need_micro(r, s, "floor_shortfall"),
                         .floor_amount = civ_need_micro(r, s, "floor_amount"),
                         .quorum_need = civ_need_count(r, s, "quorum_need"),
                         .amendment_threshold = civ_need_micro(r, s, "amendment_threshold"),
                         .recall_threshold = civ_need_micro(r, s, "recall_threshold"),
                         .output = civ_need_micro(r, s, "output"),
                         .produced = civ_read_micro(s, "produced", 0),
                         .consumed = civ_read_micro(s, "consumed", 0),
                         .sunk = civ_read_micro(s, "sunk", 0),
                         .bonds = civ_read_micro(s, "bonds", 0) };
  const json_t *roles = json_object_get(s, "roles");
  for (int k = 0; k < CIV_OFFICES; k++)
    out->office[k] = civ_read_citizen(&r->roll, json_object_get(roles, civ_office_names[k]));
  out->open = open_of(r, s, &out->n_open);
}

static void read_names(civ_reading *r, const json_t *list)
{
  const size_t n = json_array_size(list);
  r->list = "citizens";
  if (n < 1 || n > CIV_CITIZENS_MOST) {
    civ_reading_fail(r, CIV_E_RANGE, "citizens must be a list of 1 to %d names", (int)CIV_CITIZENS_MOST);
    return;
  }
  const char **names = civ_reading_take(r, n, sizeof *names);
  for (; r->status == CIV_OK && r->at < n; r->at++) {
    const json_t *name = json_array_get(list, r->at);
    names[r->at] = json_string_value(name);
    r->roll.names = names;
    r->roll.n = (uint32_t)r->at; /* those before */
    if (names[r->at] == NULL)
      civ_reading_fail(r, CIV_E_TYPE, "a citizen is called by a text");
    else if (civ_read_citizen(&r->roll, name) != CIV_NO_CITIZEN)
      civ_reading_fail(r, CIV_E_KEY, "'%s' means somebody else already", names[r->at]);
  }
  r->roll.names = names;
  r->roll.n = (uint32_t)n;
}

civ_status civ_trace_read(const json_t *root, const civ_kernel *kernel, civ_arena *arena, civ_trace *out,
                          civ_error *err)
{
  civ_reading r = { .roll = { .kernel = kernel }, .arena = arena, .list = "trace", .err = err };
  civ_trace t = { .kernel = kernel };
  t.initial_treasury = civ_need_micro(&r, root, "initial_treasury");
  t.norm_income = civ_need_micro(&r, root, "norm_income");
  read_names(&r, json_object_get(root, "citizens"));
  const json_t *list = json_object_get(root, "snapshots");
  civ_snapshot *snapshots = civ_reading_take(&r, json_array_size(list), sizeof *snapshots);
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
    civ_reading_fail(&r, CIV_E_RANGE, "turn %d has no snapshot; there are %u, one for each turn from 0",
                     (int)t.deeds[r.at].turn, t.n_snapshots);
  t.snapshots = snapshots;
  if (r.status == CIV_OK)
    *out = t;
  return r.status;
}
