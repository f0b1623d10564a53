#include "witness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct motion {
  uint8_t kind, proposer;
  bool open;
  int32_t opened, closes, due; /* due: of a delayed amendment that passed; 0 = none */
  int64_t bond;
  civ_citizens votes[CIV_CHOICES];
  const civ_motion_payload *payload;
} motion;

typedef struct gift {
  int32_t turn;
  uint8_t from, to;
} gift;

typedef struct witness {
  const civ_trace *trace;
  const civ_physics *physics;
  uint32_t n, n_motions, n_gifts;
  int32_t turn;
  civ_law law;
  motion *motions;
  gift *gifts;
  int64_t treasury, treasury_at_start, moved, bonds;
  int64_t balance[CIV_CITIZENS_MOST], lifted[CIV_CITIZENS_MOST];
  uint32_t acts[CIV_CITIZENS_MOST]; /* other than votes, this turn */
  civ_citizens enfranchised, cause;
  int32_t suspended_from[CIV_CITIZENS_MOST], suspended_until[CIV_CITIZENS_MOST], returns[CIV_CITIZENS_MOST];
  int32_t last_proposed[CIV_CITIZENS_MOST], last_suspension;
  civ_officer office[CIV_OFFICES];
} witness;

static int64_t law(const witness *w, civ_param param)
{
  return w->law.value[param];
}

static bool can_vote(const witness *w, uint32_t c)
{
  return (w->enfranchised >> c & 1) != 0 && (w->turn < w->suspended_from[c] || w->turn > w->suspended_until[c]);
}

static civ_citizens voters(const witness *w)
{
  civ_citizens all = 0;
  for (uint32_t c = 0; c < w->n; c++)
    all |= can_vote(w, c) ? civ_citizen_bit(c) : 0;
  return all;
}

static motion *meant(witness *w, const civ_deed *d)
{
  assert_true(d->proposal >= 1 && (uint32_t)d->proposal <= w->n_motions);
  return &w->motions[d->proposal - 1];
}

static uint32_t offices_of(const witness *w, uint8_t c)
{
  uint32_t n = 0;
  for (int k = 0; k < CIV_OFFICES; k++)
    n += w->office[k].holder == c;
  return n;
}

/* In office since an earlier turn: power begins the turn after the grant's count. */
static void has_power(const witness *w, civ_office office, uint8_t c)
{
  assert_int_equal(w->office[office].holder, c);
  assert_true(w->office[office].since < w->turn);
}

static bool needy(const witness *w, uint8_t c)
{
  return w->balance[c] < law(w, CIV_PARAM_FLOOR_AMOUNT);
}

/* --- acts ------------------------------------------------------------------------------------------------------------------ */

static void acts_once_more(witness *w, uint8_t c)
{
  assert_true(c < w->n);
  w->acts[c]++;
  assert_true(w->acts[c] <= w->physics->actions_per_turn);
}

static void created(witness *w, const civ_deed *d)
{
  const uint8_t c = d->citizen;
  uint32_t own = 0;
  acts_once_more(w, c);
  assert_int_equal(d->proposal, (int)w->n_motions + 1);
  assert_true((w->enfranchised >> c & 1) != 0);
  for (uint32_t k = 0; k < w->n_motions; k++)
    own += w->motions[k].open && w->motions[k].proposer == c;
  assert_true(law(w, CIV_PARAM_MAX_OPEN_PER_CITIZEN) == CIV_LAW_NULL || own < law(w, CIV_PARAM_MAX_OPEN_PER_CITIZEN));
  assert_true(w->last_proposed[c] < 0 || w->turn - w->last_proposed[c] >= law(w, CIV_PARAM_COOLDOWN));
  w->last_proposed[c] = w->turn;
  w->motions[w->n_motions++] = (motion){ .kind = d->motion,
                                         .proposer = c,
                                         .open = true,
                                         .opened = w->turn,
                                         .closes = w->turn + (int32_t)law(w, CIV_PARAM_VOTING_WINDOW),
                                         .bond = law(w, CIV_PARAM_BOND),
                                         .payload = d->payload };
  w->balance[c] -= law(w, CIV_PARAM_BOND);
  w->bonds += law(w, CIV_PARAM_BOND);
  assert_true(w->balance[c] >= 0);
  if (d->motion == CIV_MOTION_SPEND)
    assert_true(d->payload->amount > 0 && d->payload->amount <= w->treasury &&
                !(law(w, CIV_PARAM_SELF_DEALING) == 2 && d->payload->beneficiary == c));
}

static void voted(witness *w, const civ_deed *d)
{
  motion *m = meant(w, d);
  const uint8_t c = d->citizen;
  assert_true(c < w->n && can_vote(w, c));
  assert_true(m->open && m->opened < w->turn && w->turn <= m->closes);
  assert_true(((m->votes[0] | m->votes[1] | m->votes[2]) >> c & 1) == 0);
  assert_true(d->choice < CIV_CHOICES);
  assert_false(m->kind == CIV_MOTION_SPEND && m->payload->beneficiary == c && law(w, CIV_PARAM_SELF_DEALING) == 1);
  assert_false(m->kind == CIV_MOTION_DISENFRANCHISE && m->payload->target == c && !law(w, CIV_PARAM_TARGET_VOTES));
  m->votes[d->choice] |= civ_citizen_bit(c);
}

static void transferred(witness *w, const civ_deed *d)
{
  acts_once_more(w, d->actor);
  assert_true(d->other < w->n && d->amount > 0);
  if (d->citizen == CIV_TREASURY) {
    has_power(w, CIV_TREASURER, d->actor);
    assert_int_equal(d->needy, needy(w, d->other));
    w->moved += d->amount;
    assert_true(w->moved <= civ_share(w->treasury_at_start, law(w, CIV_PARAM_TREASURER_LIMIT)));
    w->treasury -= d->amount;
    assert_true(w->treasury >= 0);
  } else {
    assert_true(law(w, CIV_PARAM_TRANSFER_ENABLED) != 0 && d->citizen == d->actor && d->other != d->actor);
    w->balance[d->citizen] -= d->amount;
    assert_true(w->balance[d->citizen] >= 0);
    w->gifts[w->n_gifts++] = (gift){ w->turn, d->citizen, d->other };
  }
  w->balance[d->other] += d->amount;
}

static void closed(witness *w, const civ_deed *d)
{
  motion *m = meant(w, d);
  acts_once_more(w, d->actor);
  has_power(w, CIV_SPEAKER, d->actor);
  assert_true(m->open);
  m->closes = w->turn;
}

static void suspended(witness *w, const civ_deed *d)
{
  const uint8_t c = d->citizen;
  acts_once_more(w, d->actor);
  has_power(w, CIV_REGISTRAR, d->actor);
  assert_true(can_vote(w, c) && w->suspended_until[c] <= w->turn);
  assert_int_equal(d->until, w->turn + law(w, CIV_PARAM_REGISTRAR_TERM));
  assert_true(d->until > w->turn);
  assert_true(w->last_suspension < 0 || w->turn - w->last_suspension >= law(w, CIV_PARAM_REGISTRAR_COOLDOWN));
  assert_int_equal(d->cause, w->cause >> c & 1);
  w->last_suspension = w->turn;
  w->suspended_from[c] = w->turn + 1;
  w->suspended_until[c] = d->until;
}

/* --- counts ------------------------------------------------------------------------------------------------------------------ */

static civ_citizens paid_for(const witness *w, const motion *m)
{
  civ_citizens paid = 0;
  for (uint32_t k = 0; k < w->n_gifts; k++) {
    const gift *g = &w->gifts[k];
    const bool interested =
        g->from == m->proposer || (m->kind == CIV_MOTION_SPEND && g->from == m->payload->beneficiary);
    if (interested && g->turn >= m->opened - 3)
      paid |= civ_citizen_bit(g->to);
  }
  return paid;
}

static int64_t threshold_of(const witness *w, const motion *m)
{
  const int64_t strict = law(w, CIV_PARAM_PROTECTED_THRESHOLD), plain = law(w, CIV_PARAM_AMENDMENT_THRESHOLD);
  switch (m->kind) {
  case CIV_MOTION_SPEND:
    return law(w, CIV_PARAM_SPEND_THRESHOLD);
  case CIV_MOTION_DISENFRANCHISE:
    return law(w, CIV_PARAM_DISENFRANCHISE_THRESHOLD);
  case CIV_MOTION_ROLE_GRANT:
    return law(w, m->payload->recall ? CIV_PARAM_RECALL_THRESHOLD : CIV_PARAM_ROLES_THRESHOLD);
  default:
    return (w->law.protected_rules >> m->payload->rule & 1) != 0 && strict > plain ? strict : plain;
  }
}

static void counted(witness *w, const civ_deed *d)
{
  motion *m = meant(w, d);
  const civ_citizens cast = m->votes[0] | m->votes[1] | m->votes[2];
  const civ_citizens paid = law(w, CIV_PARAM_DISCLOSURE) != 0 ? paid_for(w, m) : 0;
  const civ_citizens valid = w->enfranchised & ~paid;
  const int64_t base = law(w, CIV_PARAM_QUORUM_BASE) == 1 ? w->n : __builtin_popcountll(voters(w));
  int64_t need = 1;
  while (need * 1000000 < law(w, CIV_PARAM_QUORUM_FRACTION) * base)
    need++;
  assert_true(m->open && m->closes == w->turn && d->citizen == m->proposer && d->motion == m->kind);
  assert_true(d->yes == (m->votes[CIV_VOTE_YES] & valid) && d->no == (m->votes[CIV_VOTE_NO] & valid) &&
              d->abstain == (m->votes[CIV_VOTE_ABSTAIN] & valid));
  assert_true(d->void_votes == (cast & paid & w->enfranchised));
  assert_int_equal(d->base, base);
  assert_int_equal(d->need, need);
  assert_int_equal(d->threshold, threshold_of(w, m));
  const int64_t yes = __builtin_popcountll(d->yes), no = __builtin_popcountll(d->no);
  const bool quorum = yes + no + __builtin_popcountll(d->abstain) >= need;
  const bool carried = quorum && yes * 1000000 > d->threshold * (yes + no);
  if (d->kind == CIV_DEED_PROPOSAL_PASSED) {
    assert_true(carried);
    m->due = m->kind == CIV_MOTION_AMENDMENT ? w->turn + (int32_t)law(w, CIV_PARAM_DELAY) : 0;
  } else {
    const char *reason = !quorum ? "quorum" : !carried ? "threshold" : "unlawful:";
    assert_memory_equal(d->reason, reason, strlen(reason));
  }
  m->open = false;
  w->bonds -= m->bond;
  *(quorum ? &w->balance[m->proposer] : &w->treasury) += m->bond;
}

static void paid(witness *w, const civ_deed *d)
{
  const motion *m = meant(w, d);
  assert_true(m->kind == CIV_MOTION_SPEND && d->amount == m->payload->amount && d->other == m->payload->beneficiary);
  assert_int_equal(d->before, w->treasury);
  w->treasury -= d->amount;
  assert_true(w->treasury >= civ_share(w->trace->initial_treasury, law(w, CIV_PARAM_RESERVE_FRACTION)));
  if (d->other == CIV_PUBLIC)
    return;
  assert_int_equal(d->needy, needy(w, d->other));
  w->balance[d->other] += d->amount;
}

static void amended(witness *w, const civ_deed *d)
{
  motion *m = meant(w, d);
  assert_int_equal(m->due, w->turn);
  m->due = 0;
  assert_int_equal(d->before, w->law.value[d->param]);
  if (d->kind == CIV_DEED_AMENDMENT_LAPSED)
    return;
  const int direction = civ_law_direction((civ_param)d->param, d->before, d->value);
  assert_int_equal(d->direction, direction);
  assert_false(law(w, CIV_PARAM_RATCHET) != 0 && (w->law.protected_rules >> d->rule & 1) != 0 && direction < 0);
  w->law.value[d->param] = d->value;
}

static void disenfranchised(witness *w, const civ_deed *d)
{
  const uint8_t c = d->citizen;
  const int64_t term = law(w, CIV_PARAM_DISENFRANCHISE_TERM), most = law(w, CIV_PARAM_MAX_FRACTION);
  assert_true((w->enfranchised >> c & 1) != 0);
  assert_int_equal(d->cause, w->cause >> c & 1);
  assert_true(d->cause || law(w, CIV_PARAM_REQUIRES_FINDING) == 0);
  w->enfranchised &= ~civ_citizen_bit(c);
  w->returns[c] = term == CIV_LAW_NULL ? -1 : w->turn + (int32_t)term;
  const int64_t without = (int64_t)w->n - __builtin_popcountll(w->enfranchised);
  assert_true(most == CIV_LAW_NULL || without * 1000000 <= most * (int64_t)w->n);
}

static void granted(witness *w, const civ_deed *d)
{
  const int64_t term = law(w, CIV_PARAM_ROLES_TERM), most = law(w, CIV_PARAM_MAX_PER_CITIZEN);
  assert_int_equal(w->office[d->office].holder, CIV_NO_CITIZEN);
  assert_true((w->enfranchised >> d->citizen & 1) != 0);
  assert_true(most == CIV_LAW_NULL || offices_of(w, d->citizen) < most);
  w->office[d->office] = (civ_officer){ .holder = d->citizen,
                                        .since = w->turn,
                                        .until = term == CIV_LAW_NULL ? -1 : w->turn + (int32_t)term };
}

static void ended(witness *w, const civ_deed *d)
{
  assert_int_equal(w->office[d->office].holder, d->citizen);
  if (strcmp(d->reason, "term") == 0)
    assert_true(w->office[d->office].until >= 0 && w->office[d->office].until <= w->turn);
  else if (strcmp(d->reason, "disenfranchised") == 0)
    assert_true((w->enfranchised >> d->citizen & 1) == 0);
  else
    assert_string_equal(d->reason, "recall");
  w->office[d->office] = (civ_officer){ .holder = CIV_NO_CITIZEN, .until = -1 };
}

/* --- the tick ------------------------------------------------------------------------------------------------------------------ */

static void returned(witness *w, const civ_deed *d)
{
  assert_true((w->enfranchised >> d->citizen & 1) == 0 && w->returns[d->citizen] >= 0 &&
              w->returns[d->citizen] <= w->turn);
  w->enfranchised |= civ_citizen_bit(d->citizen);
}

static void testify(witness *w, const civ_deed *d)
{
  assert_int_equal(d->turn, w->turn);
  switch (d->kind) {
  case CIV_DEED_PROPOSAL_CREATED:
    created(w, d);
    break;
  case CIV_DEED_VOTE_CAST:
    voted(w, d);
    break;
  case CIV_DEED_TRANSFER:
    transferred(w, d);
    break;
  case CIV_DEED_VOTE_CLOSED:
    closed(w, d);
    break;
  case CIV_DEED_VOTE_SUSPENDED:
    suspended(w, d);
    break;
  case CIV_DEED_PROPOSAL_PASSED:
  case CIV_DEED_PROPOSAL_FAILED:
    counted(w, d);
    break;
  case CIV_DEED_SPEND_PAID:
    paid(w, d);
    break;
  case CIV_DEED_AMENDMENT_APPLIED:
  case CIV_DEED_AMENDMENT_LAPSED:
    amended(w, d);
    break;
  case CIV_DEED_DISENFRANCHISED:
    disenfranchised(w, d);
    break;
  case CIV_DEED_ENFRANCHISED:
    returned(w, d);
    break;
  case CIV_DEED_ROLE_GRANTED:
    granted(w, d);
    break;
  case CIV_DEED_ROLE_ENDED:
    ended(w, d);
    break;
  case CIV_DEED_BREACH_RECORDED:
    w->cause |= civ_citizen_bit(d->citizen);
    break;
  case CIV_DEED_FLOOR_TOP_UP:
    assert_true(d->amount > 0);
    w->lifted[d->citizen] += d->amount;
    break;
  case CIV_DEED_FLOOR_BREACHED:
    assert_true(d->amount < d->before && d->before == law(w, CIV_PARAM_FLOOR_AMOUNT));
    break;
  default: /* a refusal changed nothing */
    assert_int_equal(d->kind, CIV_DEED_ACTION_REFUSED);
    assert_true(d->rule < CIV_RULES && d->reason != NULL && d->citizen < w->n);
  }
}

/* --- snapshots -------------------------------------------------------------------------------------------------------------------- */

/* Everybody's consumption is what lacks, within its bounds; all of it together is what the snapshot says. */
static void compare_money(witness *w, const civ_snapshot *before, const civ_snapshot *s)
{
  const civ_physics *physics = w->physics;
  const int64_t tax = civ_share(s->output, physics->tax);
  int64_t consumed = 0, sum = s->treasury + s->bonds + s->sunk + s->consumed - s->produced;
  for (uint32_t c = 0; c < w->n; c++) {
    const int64_t had = w->balance[c] + s->output - tax;
    const int64_t ate = had + w->lifted[c] - s->balances[c];
    assert_true(s->balances[c] >= 0);
    assert_true(ate >= (had < physics->consumption ? had : physics->consumption));
    assert_true(ate <= physics->consumption + physics->shock_size);
    consumed += ate;
    sum += s->balances[c];
    w->treasury += tax - w->lifted[c];
  }
  assert_int_equal(sum, w->trace->initial_treasury + (int64_t)w->n * physics->start_balance);
  assert_int_equal(s->consumed - before->consumed, consumed);
  assert_int_equal(s->produced - before->produced, s->output * (int64_t)w->n);
  assert_true(s->treasury >= 0);
  assert_int_equal(s->treasury, w->treasury);
  assert_int_equal(s->bonds, w->bonds);
}

static void compare(witness *w, const civ_snapshot *before, const civ_snapshot *s)
{
  uint32_t open = 0;
  compare_money(w, before, s);
  assert_int_equal(s->enfranchised, w->enfranchised);
  assert_int_equal(s->can_vote, voters(w));
  for (int k = 0; k < CIV_OFFICES; k++)
    assert_int_equal(s->office[k], w->office[k].holder);
  for (uint32_t k = 0; k < w->n_motions; k++) {
    if (!w->motions[k].open)
      continue;
    assert_true(w->motions[k].closes > w->turn); /* counted in the last turn of voting, never later */
    assert_true(open < s->n_open && s->open[open].id == (int32_t)k + 1);
    open++;
  }
  assert_int_equal(s->n_open, open);
  assert_int_equal(s->floor_amount, law(w, CIV_PARAM_FLOOR_AMOUNT));
  assert_int_equal(s->amendment_threshold, law(w, CIV_PARAM_AMENDMENT_THRESHOLD));
  assert_int_equal(s->recall_threshold, law(w, CIV_PARAM_RECALL_THRESHOLD));
}

static void begin_turn(witness *w, const civ_snapshot *before, int32_t turn)
{
  w->turn = turn;
  w->treasury = w->treasury_at_start = before->treasury;
  w->moved = 0;
  memcpy(w->balance, before->balances, w->n * sizeof *w->balance);
  memset(w->lifted, 0, sizeof w->lifted);
  memset(w->acts, 0, sizeof w->acts);
}

void witness_episode(const civ_trace *trace, const civ_physics *physics)
{
  witness w = { .trace = trace, .physics = physics, .n = trace->n_citizens, .law = trace->kernel->law };
  uint32_t at = 0;
  w.motions = calloc(trace->n_deeds + 1, sizeof *w.motions);
  w.gifts = calloc(trace->n_deeds + 1, sizeof *w.gifts);
  w.enfranchised = trace->snapshots[0].enfranchised;
  w.last_suspension = -1;
  for (uint32_t c = 0; c < w.n; c++)
    w.suspended_until[c] = w.returns[c] = w.last_proposed[c] = -1;
  for (int k = 0; k < CIV_OFFICES; k++)
    w.office[k] = (civ_officer){ .holder = CIV_NO_CITIZEN, .until = -1 };
  for (uint32_t t = 1; t < trace->n_snapshots; t++) {
    begin_turn(&w, &trace->snapshots[t - 1], (int32_t)t);
    while (at < trace->n_deeds && trace->deeds[at].turn <= (int32_t)t)
      testify(&w, &trace->deeds[at++]);
    compare(&w, &trace->snapshots[t - 1], &trace->snapshots[t]);
  }
  assert_int_equal(at, trace->n_deeds);
  free(w.motions);
  free(w.gifts);
}
