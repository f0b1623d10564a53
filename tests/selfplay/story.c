#include "story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/field.h"

enum { DEEDS_MOST = 600, OPEN_MOST = 32 };

static struct {
  civ_kernel kernel;
  civ_trace trace;
  civ_snapshot snapshots[STORY_TURNS + 1];
  int64_t balances[STORY_CITIZENS];
  civ_open_motion open[STORY_TURNS + 1][OPEN_MOST];
  civ_deed deeds[DEEDS_MOST];
  civ_motion_payload payloads[DEEDS_MOST];
  uint8_t kinds[DEEDS_MOST], proposers[DEEDS_MOST]; /* of proposals, by id */
  int32_t proposals;
} s;

void story_begin(void)
{
  static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j" };
  memset(&s, 0, sizeof s);
  assert_int_equal(civ_kernel_naive(&s.kernel), CIV_OK);
  for (int c = 0; c < STORY_CITIZENS; c++)
    s.balances[c] = CR(20);
  for (int32_t t = 0; t <= STORY_TURNS; t++)
    s.snapshots[t] = (civ_snapshot){ .turn = t,
                                     .treasury = CR(1000),
                                     .balances = s.balances,
                                     .enfranchised = BIT(STORY_CITIZENS) - 1,
                                     .can_vote = BIT(STORY_CITIZENS) - 1,
                                     .office = { CIV_NO_CITIZEN, CIV_NO_CITIZEN, CIV_NO_CITIZEN },
                                     .open = s.open[t],
                                     .floor_amount = CR(10),
                                     .quorum_need = 3,
                                     .amendment_threshold = 500000,
                                     .recall_threshold = 500000 };
  s.trace = (civ_trace){ .n_citizens = STORY_CITIZENS,
                         .citizens = names,
                         .initial_treasury = CR(1000),
                         .norm_income = CR(2),
                         .n_snapshots = STORY_TURNS + 1,
                         .snapshots = s.snapshots,
                         .deeds = s.deeds,
                         .kernel = &s.kernel };
}

civ_snapshot *story_snapshot(int32_t turn)
{
  return &s.snapshots[turn];
}

void story_open(int32_t turn, uint8_t proposer, uint32_t n)
{
  civ_snapshot *snapshot = &s.snapshots[turn];
  for (; n > 0; n--) {
    assert_true(snapshot->n_open < OPEN_MOST);
    s.open[turn][snapshot->n_open] = (civ_open_motion){ .id = (int32_t)snapshot->n_open + 1, .proposer = proposer };
    snapshot->n_open++;
  }
}

void story_office(civ_office office, uint8_t holder, int32_t first, int32_t last)
{
  for (int32_t t = first; t <= last; t++)
    s.snapshots[t].office[office] = holder;
}

static civ_deed *tell(int32_t turn, civ_deed_kind kind, uint8_t actor)
{
  assert_true(s.trace.n_deeds < DEEDS_MOST);
  assert_true(s.trace.n_deeds == 0 || s.deeds[s.trace.n_deeds - 1].turn <= turn);
  civ_deed *d = &s.deeds[s.trace.n_deeds++];
  *d = (civ_deed){ .turn = turn,
                   .kind = (uint8_t)kind,
                   .actor = actor,
                   .citizen = actor,
                   .other = CIV_NO_CITIZEN,
                   .office = CIV_NO_OFFICE,
                   .rule = CIV_NO_RULE,
                   .param = CIV_NO_PARAM };
  return d;
}

/* --- proposals ----------------------------------------------------------------------------------------------------------- */

static int32_t opened(int32_t turn, uint8_t proposer, civ_motion_kind kind, civ_motion_payload payload)
{
  const int32_t id = ++s.proposals;
  civ_deed *d = tell(turn, CIV_DEED_PROPOSAL_CREATED, proposer);
  s.payloads[id] = payload;
  s.kinds[id] = (uint8_t)kind;
  s.proposers[id] = proposer;
  d->proposal = id;
  d->motion = (uint8_t)kind;
  d->payload = &s.payloads[id];
  return id;
}

int32_t story_spend(int32_t turn, uint8_t proposer, uint8_t beneficiary)
{
  return opened(turn, proposer, CIV_MOTION_SPEND, (civ_motion_payload){ .beneficiary = beneficiary, .amount = 1 });
}

int32_t story_amendment(int32_t turn, uint8_t proposer, civ_param param)
{
  return opened(turn, proposer, CIV_MOTION_AMENDMENT,
                (civ_motion_payload){ .rule = civ_param_forms[param].rule, .param = (uint8_t)param });
}

int32_t story_removal(int32_t turn, uint8_t proposer, uint8_t target)
{
  return opened(turn, proposer, CIV_MOTION_DISENFRANCHISE, (civ_motion_payload){ .target = target });
}

int32_t story_recall(int32_t turn, uint8_t proposer, civ_office office, uint8_t holder)
{
  return opened(turn, proposer, CIV_MOTION_ROLE_GRANT,
                (civ_motion_payload){ .office = (uint8_t)office, .to = holder, .recall = true });
}

int32_t story_grant(int32_t turn, uint8_t proposer, civ_office office, uint8_t to)
{
  return opened(turn, proposer, CIV_MOTION_ROLE_GRANT, (civ_motion_payload){ .office = (uint8_t)office, .to = to });
}

void story_vote(int32_t turn, int32_t id, uint8_t voter, civ_choice choice)
{
  civ_deed *d = tell(turn, CIV_DEED_VOTE_CAST, voter);
  d->proposal = id;
  d->choice = (uint8_t)choice;
}

static civ_deed *counted(int32_t turn, int32_t id, civ_citizens yes, civ_citizens no, civ_deed_kind kind)
{
  civ_deed *d = tell(turn, kind, s.proposers[id]);
  d->proposal = id;
  d->motion = s.kinds[id];
  d->yes = yes;
  d->no = no;
  d->base = STORY_CITIZENS;
  d->need = 3;
  d->threshold = 500000;
  return d;
}

civ_deed *story_passed(int32_t turn, int32_t id, civ_citizens yes, civ_citizens no)
{
  return counted(turn, id, yes, no, CIV_DEED_PROPOSAL_PASSED);
}

civ_deed *story_failed(int32_t turn, int32_t id, civ_citizens yes, civ_citizens no, const char *reason)
{
  civ_deed *d = counted(turn, id, yes, no, CIV_DEED_PROPOSAL_FAILED);
  d->reason = reason;
  return d;
}

/* --- effects --------------------------------------------------------------------------------------------------------------- */

civ_deed *story_paid(int32_t turn, uint8_t proposer, uint8_t to, int64_t amount)
{
  civ_deed *d = tell(turn, CIV_DEED_SPEND_PAID, proposer);
  d->other = to;
  d->amount = amount;
  d->before = CR(1000);
  return d;
}

civ_deed *story_moved(int32_t turn, uint8_t officer, uint8_t to, int64_t amount)
{
  civ_deed *d = tell(turn, CIV_DEED_TRANSFER, officer);
  d->citizen = CIV_TREASURY;
  d->other = to;
  d->amount = amount;
  d->before = CR(1000);
  return d;
}

void story_gift(int32_t turn, uint8_t from, uint8_t to)
{
  civ_deed *d = tell(turn, CIV_DEED_TRANSFER, from);
  d->other = to;
  d->amount = CR(2);
}

void story_amended(int32_t turn, int32_t id, int64_t old, int64_t value)
{
  civ_deed *d = tell(turn, CIV_DEED_AMENDMENT_APPLIED, s.proposers[id]);
  d->proposal = id;
  d->rule = s.payloads[id].rule;
  d->param = s.payloads[id].param;
  d->before = old;
  d->value = value;
  d->direction = (int8_t)civ_law_direction((civ_param)d->param, old, value);
}

civ_deed *story_suspended(int32_t turn, uint8_t by, uint8_t citizen, int32_t until)
{
  civ_deed *d = tell(turn, CIV_DEED_VOTE_SUSPENDED, by);
  d->citizen = citizen;
  d->other = by;
  d->until = until;
  return d;
}

civ_deed *story_removed(int32_t turn, uint8_t by, uint8_t citizen)
{
  civ_deed *d = tell(turn, CIV_DEED_DISENFRANCHISED, by);
  d->citizen = citizen;
  d->other = by;
  return d;
}

void story_returned(int32_t turn, uint8_t citizen)
{
  tell(turn, CIV_DEED_ENFRANCHISED, citizen);
}

void story_sank(int32_t turn, uint8_t citizen, int64_t balance)
{
  civ_deed *d = tell(turn, CIV_DEED_FLOOR_BREACHED, citizen);
  d->amount = balance;
  d->before = CR(10);
}

/* --- verdicts ---------------------------------------------------------------------------------------------------------------- */

static bool found(civ_detector_id detector, civ_exploit_finding *out)
{
  civ_detect_config config;
  civ_exploit_finding all[CIV_DETECTORS];
  civ_error err = { 0 };
  uint32_t n = 0;
  civ_arena arena = civ_arena_create(NULL);
  assert_int_equal(civ_section_set_defaults(&civ_section_detectors, &config, &arena), CIV_OK);
  civ_arena_destroy(&arena);
  if (civ_detect(&s.trace, &config, NULL, all, &n, &err) != CIV_OK)
    fail_msg("%s", err.text);
  for (uint32_t k = 0; k < n; k++)
    if (all[k].detector == detector) {
      *out = all[k];
      return true;
    }
  return false;
}

void story_fires(civ_detector_id detector, int32_t turn, uint8_t severity, civ_citizens actors)
{
  civ_exploit_finding f;
  if (!found(detector, &f))
    fail_msg("%s found nothing", civ_detectors[detector].name);
  if (f.turn != turn || f.severity != severity || f.actors != actors)
    fail_msg("%s: turn %d severity %d actors %llx, not %d %d %llx", civ_detectors[detector].name, (int)f.turn,
             f.severity, (unsigned long long)f.actors, (int)turn, severity, (unsigned long long)actors);
  assert_int_equal(f.category, civ_detectors[detector].category);
  assert_int_equal(f.clauses, civ_detectors[detector].clauses);
  assert_true(f.summary[0] != '\0');
  for (uint32_t k = 0; k < f.n_evidence && k < CIV_EVIDENCE_MOST; k++)
    assert_true(f.evidence[k] < s.trace.n_deeds);
}

void story_is_quiet(civ_detector_id detector)
{
  civ_exploit_finding f;
  if (found(detector, &f))
    fail_msg("%s fired in turn %d: %s", civ_detectors[detector].name, (int)f.turn, f.summary);
}
