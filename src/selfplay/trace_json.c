#include "selfplay/trace_json.h"

#include <stdlib.h>
#include <string.h>

civ_roll civ_trace_roll(const civ_trace *trace)
{
  return (civ_roll){ .n = trace->n_citizens, .names = trace->citizens, .kernel = trace->kernel };
}

/* --- small values --------------------------------------------------------------------------------------------------------- */

static void put_text(civ_buffer *out, const char *text)
{
  if (text == NULL)
    civ_buffer_text(out, "null");
  else
    civ_buffer_json_text(out, text, strlen(text));
}

static void put_citizen(civ_buffer *out, const civ_roll *roll, uint8_t c)
{
  put_text(out, c < roll->n ? roll->names[c] : c == CIV_PUBLIC ? "public" : c == CIV_TREASURY ? "treasury" : NULL);
}

static void put_citizens(civ_buffer *out, const civ_roll *roll, civ_citizens set)
{
  bool first = true;
  civ_buffer_text(out, "[");
  for (uint32_t c = 0; c < roll->n; c++)
    if ((set >> c & 1) != 0) {
      if (!first)
        civ_buffer_text(out, ", ");
      first = false;
      put_citizen(out, roll, (uint8_t)c);
    }
  civ_buffer_text(out, "]");
}

static void put_clause(civ_buffer *out, const civ_roll *roll, uint8_t rule)
{
  put_text(out, rule < CIV_RULES ? civ_kernel_clause_id(roll->kernel, rule) : NULL);
}

static void put_bool(civ_buffer *out, bool value)
{
  civ_buffer_text(out, value ? "true" : "false");
}

static void put_share(civ_buffer *out, int64_t ppm)
{
  civ_micro_write(out, ppm);
}

/* --- payloads ---------------------------------------------------------------------------------------------------------------- */

static void put_memo(civ_buffer *out, const char *key, const char *text)
{
  if (text == NULL)
    return;
  civ_buffer_format(out, ", \"%s\": ", key);
  put_text(out, text);
}

/* Members of a proposal's payload, without braces. */
static void put_payload(civ_buffer *out, const civ_roll *roll, uint8_t kind, const civ_motion_payload *p)
{
  switch (kind) {
  case CIV_MOTION_SPEND:
    civ_buffer_text(out, "\"beneficiary\": ");
    put_citizen(out, roll, p->beneficiary);
    civ_buffer_text(out, ", \"amount\": ");
    civ_micro_write(out, p->amount);
    put_memo(out, "memo", p->memo);
    break;
  case CIV_MOTION_AMENDMENT:
    civ_buffer_text(out, "\"clause\": ");
    put_clause(out, roll, p->rule);
    civ_buffer_text(out, ", \"param\": ");
    put_text(out, p->param < CIV_PARAMS ? civ_param_forms[p->param].name : NULL);
    civ_buffer_text(out, ", \"value\": ");
    if (p->param < CIV_PARAMS)
      civ_param_write(out, (civ_param)p->param, p->value);
    else
      civ_buffer_text(out, "null");
    put_memo(out, "memo", p->memo);
    break;
  case CIV_MOTION_DISENFRANCHISE:
    civ_buffer_text(out, "\"target\": ");
    put_citizen(out, roll, p->target);
    put_memo(out, "reason", p->memo);
    break;
  default:
    civ_buffer_text(out, "\"role\": ");
    put_text(out, p->office < CIV_OFFICES ? civ_office_names[p->office] : NULL);
    civ_buffer_text(out, ", \"to\": ");
    put_citizen(out, roll, p->to);
    if (p->recall)
      civ_buffer_text(out, ", \"recall\": true");
  }
}

/* --- events ------------------------------------------------------------------------------------------------------------------- */

static void put_count(civ_buffer *out, const civ_roll *roll, const civ_deed *d)
{
  if (d->kind == CIV_DEED_PROPOSAL_FAILED) {
    civ_buffer_text(out, "\"reason\": ");
    put_text(out, d->reason);
    civ_buffer_text(out, ", \"clause\": ");
    put_clause(out, roll, d->rule);
    civ_buffer_text(out, ", ");
  }
  civ_buffer_format(out, "\"proposal_id\": %d, \"proposer\": ", (int)d->proposal);
  put_citizen(out, roll, d->citizen);
  civ_buffer_format(out, ", \"kind\": \"%s\", \"yes\": ", civ_motion_kind_names[d->motion]);
  put_citizens(out, roll, d->yes);
  civ_buffer_text(out, ", \"no\": ");
  put_citizens(out, roll, d->no);
  civ_buffer_text(out, ", \"abstain\": ");
  put_citizens(out, roll, d->abstain);
  civ_buffer_text(out, ", \"void\": ");
  put_citizens(out, roll, d->void_votes);
  civ_buffer_format(out, ", \"base\": %d, \"need\": %d, \"threshold\": ", (int)d->base, (int)d->need);
  put_share(out, d->threshold);
}

static void put_amendment(civ_buffer *out, const civ_roll *roll, const civ_deed *d)
{
  civ_buffer_format(out, "\"proposal_id\": %d, \"clause\": ", (int)d->proposal);
  put_clause(out, roll, d->rule);
  civ_buffer_format(out, ", \"param\": \"%s\", \"old\": ", civ_param_forms[d->param].name);
  civ_param_write(out, (civ_param)d->param, d->before);
  civ_buffer_text(out, ", \"value\": ");
  civ_param_write(out, (civ_param)d->param, d->value);
  if (d->kind == CIV_DEED_AMENDMENT_APPLIED) {
    civ_buffer_format(out, ", \"direction\": %d", (int)d->direction);
  } else {
    civ_buffer_text(out, ", \"reason\": ");
    put_text(out, d->reason);
  }
}

/* What a deed's data is made of, in the order in which it is written. */
typedef enum part {
  END,
  CITIZEN,
  VOTER,
  PROPOSER,
  OTHER_PROPOSER,
  BY,
  FROM,
  TO,
  BENEFICIARY,
  PROPOSAL,
  ROLE,
  CHOICE,
  AMOUNT,
  BALANCE,
  TREASURY_BEFORE,
  FLOOR,
  NEEDY,
  NEEDY_IF_MOVED,
  CAUSE,
  UNTIL,
  MEMO,
  ACTION,
  WHAT,
  CLAUSE,
  REASON
} part;

static const uint8_t parts[CIV_DEEDS][8] = {
  [CIV_DEED_VOTE_CAST] = { VOTER, PROPOSAL, CHOICE },
  [CIV_DEED_TRANSFER] = { FROM, TO, AMOUNT, MEMO, NEEDY_IF_MOVED },
  [CIV_DEED_VOTE_CLOSED] = { PROPOSAL },
  [CIV_DEED_VOTE_SUSPENDED] = { CITIZEN, BY, UNTIL, CAUSE },
  [CIV_DEED_ACTION_REFUSED] = { CITIZEN, ACTION, CLAUSE, REASON },
  [CIV_DEED_SPEND_PAID] = { PROPOSAL, PROPOSER, BENEFICIARY, AMOUNT, TREASURY_BEFORE, NEEDY },
  [CIV_DEED_DISENFRANCHISED] = { CITIZEN, OTHER_PROPOSER, CAUSE, PROPOSAL },
  [CIV_DEED_ENFRANCHISED] = { CITIZEN },
  [CIV_DEED_ROLE_GRANTED] = { ROLE, CITIZEN },
  [CIV_DEED_ROLE_ENDED] = { ROLE, CITIZEN, REASON },
  [CIV_DEED_BREACH_RECORDED] = { CITIZEN, WHAT },
  [CIV_DEED_FLOOR_TOP_UP] = { CITIZEN, AMOUNT },
  [CIV_DEED_FLOOR_BREACHED] = { CITIZEN, BALANCE, FLOOR },
};

static const char *const part_keys[] = {
  [CITIZEN] = "citizen",
  [VOTER] = "voter",
  [PROPOSER] = "proposer",
  [OTHER_PROPOSER] = "proposer",
  [BY] = "by",
  [FROM] = "from",
  [TO] = "to",
  [BENEFICIARY] = "beneficiary",
  [PROPOSAL] = "proposal_id",
  [ROLE] = "role",
  [CHOICE] = "choice",
  [AMOUNT] = "amount",
  [BALANCE] = "balance",
  [TREASURY_BEFORE] = "treasury_before",
  [FLOOR] = "floor",
  [NEEDY] = "needy",
  [NEEDY_IF_MOVED] = "needy",
  [CAUSE] = "cause",
  [UNTIL] = "until",
  [MEMO] = "memo",
  [ACTION] = "action",
  [WHAT] = "what",
  [CLAUSE] = "clause",
  [REASON] = "reason",
};

static bool part_absent(part which, const civ_deed *d)
{
  return (which == MEMO && d->text == NULL) || (which == NEEDY_IF_MOVED && d->citizen != CIV_TREASURY);
}

static void put_part(civ_buffer *out, const civ_roll *roll, part which, const civ_deed *d)
{
  switch (which) {
  case CITIZEN:
  case VOTER:
  case PROPOSER:
  case FROM:
    put_citizen(out, roll, d->citizen);
    break;
  case OTHER_PROPOSER:
  case BY:
  case TO:
  case BENEFICIARY:
    put_citizen(out, roll, d->other);
    break;
  case PROPOSAL:
    civ_buffer_integer(out, d->proposal);
    break;
  case ROLE:
    put_text(out, civ_office_names[d->office]);
    break;
  case CHOICE:
    put_text(out, civ_choice_names[d->choice]);
    break;
  case AMOUNT:
  case BALANCE:
    civ_micro_write(out, d->amount);
    break;
  case TREASURY_BEFORE:
  case FLOOR:
    civ_micro_write(out, d->before);
    break;
  case NEEDY:
  case NEEDY_IF_MOVED:
    put_bool(out, d->needy);
    break;
  case CAUSE:
    put_bool(out, d->cause);
    break;
  case UNTIL:
    civ_buffer_integer(out, d->until);
    break;
  case CLAUSE:
    put_clause(out, roll, d->rule);
    break;
  case REASON:
    put_text(out, d->reason);
    break;
  default:
    put_text(out, d->text);
  }
}

static void put_parts(civ_buffer *out, const civ_roll *roll, const civ_deed *d)
{
  bool first = true;
  for (const uint8_t *which = parts[d->kind]; *which != END; which++) {
    if (part_absent((part)*which, d))
      continue;
    civ_buffer_format(out, "%s\"%s\": ", first ? "" : ", ", part_keys[*which]);
    first = false;
    put_part(out, roll, (part)*which, d);
  }
}

static void put_data(civ_buffer *out, const civ_roll *roll, const civ_deed *d)
{
  switch (d->kind) {
  case CIV_DEED_PROPOSAL_CREATED:
    civ_buffer_format(out, "\"proposal_id\": %d, \"proposer\": ", (int)d->proposal);
    put_citizen(out, roll, d->citizen);
    civ_buffer_format(out, ", \"kind\": \"%s\", \"payload\": {", civ_motion_kind_names[d->motion]);
    put_payload(out, roll, d->motion, d->payload);
    civ_buffer_text(out, "}");
    break;
  case CIV_DEED_PROPOSAL_PASSED:
  case CIV_DEED_PROPOSAL_FAILED:
    put_count(out, roll, d);
    break;
  case CIV_DEED_AMENDMENT_APPLIED:
  case CIV_DEED_AMENDMENT_LAPSED:
    put_amendment(out, roll, d);
    break;
  default:
    put_parts(out, roll, d);
  }
}

void civ_deed_data_write(civ_buffer *out, const civ_roll *roll, const civ_deed *deed)
{
  civ_buffer_text(out, "{");
  put_data(out, roll, deed);
  civ_buffer_text(out, "}");
}

void civ_deed_write(civ_buffer *out, const civ_roll *roll, const civ_deed *deed)
{
  civ_buffer_format(out, "{\"turn\": %d, \"kind\": \"%s\", \"actor\": ", (int)deed->turn, civ_deed_names[deed->kind]);
  put_citizen(out, roll, deed->actor);
  civ_buffer_text(out, ", \"data\": ");
  civ_deed_data_write(out, roll, deed);
  civ_buffer_text(out, "}");
}

/* --- snapshots ----------------------------------------------------------------------------------------------------------------- */

static void put_flags(civ_buffer *out, const civ_roll *roll, const char *key, civ_citizens set)
{
  civ_buffer_format(out, ", \"%s\": [", key);
  for (uint32_t c = 0; c < roll->n; c++)
    civ_buffer_format(out, "%s%s", c > 0 ? ", " : "", (set >> c & 1) != 0 ? "true" : "false");
  civ_buffer_text(out, "]");
}

static void put_money(civ_buffer *out, const char *key, int64_t micro)
{
  civ_buffer_format(out, ", \"%s\": ", key);
  civ_micro_write(out, micro);
}

static void put_lists(civ_buffer *out, const civ_roll *roll, const civ_snapshot *s)
{
  civ_buffer_text(out, ", \"balances\": [");
  for (uint32_t c = 0; c < roll->n; c++) {
    civ_buffer_text(out, c > 0 ? ", " : "");
    civ_micro_write(out, s->balances[c]);
  }
  civ_buffer_text(out, "]");
  put_flags(out, roll, "enfranchised", s->enfranchised);
  put_flags(out, roll, "can_vote", s->can_vote);
  civ_buffer_text(out, ", \"roles\": {");
  for (int k = 0; k < CIV_OFFICES; k++) {
    civ_buffer_format(out, "%s\"%s\": ", k > 0 ? ", " : "", civ_office_names[k]);
    put_citizen(out, roll, s->office[k]);
  }
  civ_buffer_text(out, "}, \"open\": [");
  for (uint32_t k = 0; k < s->n_open; k++) {
    civ_buffer_format(out, "%s{\"id\": %d, \"proposer\": ", k > 0 ? ", " : "", (int)s->open[k].id);
    put_citizen(out, roll, s->open[k].proposer);
    civ_buffer_format(out, ", \"kind\": \"%s\"}", civ_motion_kind_names[s->open[k].kind]);
  }
  civ_buffer_text(out, "]");
}

/* Inequality of balances: sum over ranks k of (2k - n - 1) b_k, ascending, over n times their sum. The former is the sum of
 * the differences of all pairs. */
static double gini(const civ_snapshot *s, uint32_t n)
{
  int64_t sum = 0, differences = 0;
  for (uint32_t c = 0; c < n; c++) {
    sum += s->balances[c];
    for (uint32_t other = 0; other < c; other++)
      differences += llabs(s->balances[c] - s->balances[other]);
  }
  return sum > 0 ? (double)differences / ((double)n * (double)sum) : 0;
}

void civ_snapshot_write(civ_buffer *out, const civ_roll *roll, const civ_snapshot *s)
{
  civ_buffer_format(out, "{\"turn\": %d", (int)s->turn);
  put_money(out, "treasury", s->treasury);
  put_lists(out, roll, s);
  civ_buffer_text(out, ", \"gini\": ");
  civ_buffer_real(out, gini(s, roll->n));
  put_money(out, "floor_shortfall", s->floor_shortfall);
  put_money(out, "floor_amount", s->floor_amount);
  civ_buffer_format(out, ", \"quorum_need\": %d", (int)s->quorum_need);
  put_money(out, "amendment_threshold", s->amendment_threshold);
  put_money(out, "recall_threshold", s->recall_threshold);
  put_money(out, "output", s->output);
  put_money(out, "produced", s->produced);
  put_money(out, "consumed", s->consumed);
  put_money(out, "sunk", s->sunk);
  put_money(out, "bonds", s->bonds);
  civ_buffer_text(out, "}");
}

/* --- scripts --------------------------------------------------------------------------------------------------------------------- */

static void put_motion_meant(civ_buffer *out, const civ_roll *roll, const civ_act *act)
{
  if (act->proposal != 0) {
    civ_buffer_format(out, ", \"proposal_id\": %d", (int)act->proposal);
    return;
  }
  if (act->ref.nth < 0)
    return; /* names nothing */
  bool first = true;
  civ_buffer_text(out, ", \"proposal_ref\": {");
  if (act->ref.proposer != CIV_NO_CITIZEN) {
    civ_buffer_text(out, "\"proposer\": ");
    put_citizen(out, roll, act->ref.proposer);
    first = false;
  }
  if (act->ref.kind < CIV_MOTION_KINDS) {
    civ_buffer_format(out, "%s\"kind\": \"%s\"", first ? "" : ", ", civ_motion_kind_names[act->ref.kind]);
    first = false;
  }
  if (act->ref.turn >= 0) {
    civ_buffer_format(out, "%s\"turn\": %d", first ? "" : ", ", (int)act->ref.turn);
    first = false;
  }
  civ_buffer_format(out, "%s\"nth\": %d}", first ? "" : ", ", (int)act->ref.nth);
}

static void put_act(civ_buffer *out, const civ_roll *roll, int32_t turn, const civ_act *act)
{
  civ_buffer_format(out, "{\"turn\": %d, \"type\": \"%s\"", (int)turn, civ_act_names[act->kind]);
  switch (act->kind) {
  case CIV_ACT_CAST_VOTE:
    civ_buffer_text(out, ", \"choice\": ");
    put_text(out, act->choice < CIV_CHOICES ? civ_choice_names[act->choice] : NULL);
    put_motion_meant(out, roll, act);
    break;
  case CIV_ACT_TRANSFER:
    civ_buffer_text(out, ", \"to\": ");
    put_citizen(out, roll, act->to);
    put_money(out, "amount", act->amount);
    put_memo(out, "memo", act->memo);
    if (act->from_treasury)
      civ_buffer_text(out, ", \"from\": \"treasury\"");
    break;
  case CIV_ACT_CLOSE_VOTE:
    put_motion_meant(out, roll, act);
    break;
  case CIV_ACT_SUSPEND:
    civ_buffer_text(out, ", \"target\": ");
    put_citizen(out, roll, act->to);
    break;
  case CIV_ACT_PASS:
    break;
  default:
    civ_buffer_text(out, ", ");
    put_payload(out, roll, act->kind, &act->payload);
  }
  civ_buffer_text(out, "}");
}

void civ_script_write(civ_buffer *out, const civ_roll *roll, const civ_script *script)
{
  civ_buffer_text(out, "[");
  for (uint32_t k = 0; k < script->n; k++) {
    civ_buffer_text(out, k > 0 ? ", " : "");
    put_act(out, roll, script->turns[k], &script->acts[k]);
  }
  civ_buffer_text(out, "]");
}
