/* Scripts from JSON: what no law could make sense of stays in them, what is no script is refused. */
#include "selfplay/trace_values.h"

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
  out->ref.proposer = civ_read_citizen(roll, proposer);
  out->ref.kind = civ_read_motion_kind(kind);
  out->ref.turn = whole_or(turn, -1);
  out->ref.nth = whole_or(nth, 0);
  /* A member that is missing matches anything; one that nothing can match makes the whole name nothing: no proposal is the
   * -1st. */
  if (!json_is_object(ref) || (proposer != NULL && out->ref.proposer == CIV_NO_CITIZEN) ||
      (kind != NULL && out->ref.kind == CIV_MOTION_KINDS) || (turn != NULL && out->ref.turn < 0) || out->ref.nth < 0)
    out->ref = (civ_motion_ref){ .proposer = CIV_NO_CITIZEN, .kind = CIV_MOTION_KINDS, .turn = -1, .nth = -1 };
}

static void read_act(civ_reading *r, const json_t *act, civ_act *out)
{
  const int kind = civ_read_name(civ_act_names, json_object_get(act, "type"));
  *out = (civ_act){ .choice = CIV_NO_CHOICE, .to = CIV_NO_CITIZEN };
  if (kind < 0) {
    civ_reading_fail(r, CIV_E_KEY, "type is none of the acts of a citizen");
    return;
  }
  out->kind = (uint8_t)kind;
  if (kind < (int)CIV_MOTION_KINDS) {
    out->payload = civ_read_payload(&r->roll, out->kind, act);
  } else if (kind == CIV_ACT_TRANSFER) {
    out->to = civ_read_citizen(&r->roll, json_object_get(act, "to"));
    out->amount = civ_read_micro(act, "amount", 0);
    out->memo = json_string_value(json_object_get(act, "memo"));
    out->from_treasury = civ_read_citizen(&r->roll, json_object_get(act, "from")) == CIV_TREASURY;
  } else if (kind == CIV_ACT_SUSPEND) {
    out->to = civ_read_citizen(&r->roll, json_object_get(act, "target"));
  } else {
    const int choice = civ_read_name(civ_choice_names, json_object_get(act, "choice"));
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
  civ_reading r = { .roll = *roll, .arena = arena, .list = "script", .err = err };
  const size_t n = json_array_size(list);
  if (!json_is_array(list))
    civ_reading_fail(&r, CIV_E_TYPE, "a script is a list of acts");
  civ_act *acts = civ_reading_take(&r, n, sizeof *acts);
  int32_t *turns = civ_reading_take(&r, n, sizeof *turns);
  for (; r.status == CIV_OK && r.at < n; r.at++) {
    const json_t *act = json_array_get(list, r.at);
    turns[r.at] = civ_need_count(&r, act, "turn");
    read_act(&r, act, &acts[r.at]);
  }
  if (r.status == CIV_OK)
    sort_by_turn(acts, turns, n);
  if (r.status == CIV_OK)
    *out = (civ_script){ .acts = acts, .turns = turns, .n = (uint32_t)n };
  return r.status;
}
