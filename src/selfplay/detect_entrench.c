/* Detectors of power that does not let go. */
#include <stdio.h>

#include "selfplay/detect_inside.h"

/* --- entrenchment ------------------------------------------------------------------------------------------------------------ */

/* A recall of `holder` that most voters wanted and that failed all the same. */
static bool recall_was_blocked(const civ_docket *d, const civ_deed *deed, uint8_t holder)
{
  if (deed->kind != CIV_DEED_PROPOSAL_FAILED || deed->motion != CIV_MOTION_ROLE_GRANT || deed->reason == NULL ||
      deed->reason[0] != 't')
    return false;
  const civ_case *k = civ_docket_case(d, deed->proposal);
  return k != NULL && k->payload->recall && k->payload->to == holder &&
         civ_citizens_count(deed->yes) > civ_citizens_count(deed->no);
}

/* An amendment the holder voted yes on that makes its office harder to lose. */
static bool made_itself_safer(const civ_docket *d, const civ_deed *deed, uint8_t holder)
{
  const bool loosened =
      (deed->param == CIV_PARAM_RECALL_THRESHOLD || deed->param == CIV_PARAM_ROLES_TERM) && deed->direction < 0;
  const bool raised = deed->param == CIV_PARAM_AMENDMENT_THRESHOLD && deed->value > deed->before;
  const civ_case *k = loosened || raised ? civ_docket_case(d, deed->proposal) : NULL;
  return k != NULL && civ_docket_vote(d, k, holder, CIV_NO_DEED) == CIV_VOTE_YES;
}

static uint32_t first_deed(const civ_docket *d, const civ_deed_list *list,
                           bool (*test)(const civ_docket *d, const civ_deed *deed, uint8_t holder), uint8_t holder,
                           int32_t first, int32_t last)
{
  for (uint32_t k = 0; k < list->n; k++) {
    const civ_deed *deed = &d->trace->deeds[list->at[k]];
    if (deed->turn > last)
      break;
    if (deed->turn >= first && test(d, deed, holder))
      return list->at[k];
  }
  return CIV_NO_DEED;
}

/* The first deed in turns first .. last that entrenches a holder; CIV_NO_DEED = none. */
static uint32_t entrenching_deed(const civ_docket *d, uint8_t holder, int32_t first, int32_t last)
{
  const uint32_t blocked = first_deed(d, &d->counts, recall_was_blocked, holder, first, last);
  const uint32_t safer = first_deed(d, &d->amendments, made_itself_safer, holder, first, last);
  return blocked < safer ? blocked : safer;
}

/* One holder's time in one office, snapshots first .. last. */
static bool judge_tenure(const civ_docket *d, civ_office office, int32_t first, int32_t last, civ_exploit_finding *f)
{
  const uint8_t holder = d->trace->snapshots[first].office[office];
  const int32_t long_enough = first + (int32_t)d->config->entrenchment_snapshots;
  if (holder >= d->n || last < long_enough)
    return false;
  const uint32_t at = entrenching_deed(d, holder, first, last);
  if (at == CIV_NO_DEED)
    return false;
  const civ_deed *deed = &d->trace->deeds[at];
  const int32_t turn = deed->turn > long_enough ? deed->turn : long_enough;
  if (f->n_evidence > 0 && (turn > f->turn || (turn == f->turn && at >= f->evidence[0])))
    return true;
  f->turn = turn;
  f->actors = civ_citizen_bit(holder);
  if (deed->kind == CIV_DEED_AMENDMENT_APPLIED && deed->actor < d->n)
    f->actors |= civ_citizen_bit(deed->actor);
  f->n_evidence = 0;
  civ_finding_add(f, at);
  snprintf(f->summary, sizeof f->summary, "the %s has stayed in office for more than %d turns%s",
           civ_office_names[office], (int)d->config->entrenchment_snapshots,
           deed->kind == CIV_DEED_AMENDMENT_APPLIED ? " and made it harder to lose"
                                                    : " against a majority that wanted a recall");
  return true;
}

bool civ_detect_entrenchment(const civ_docket *d, civ_exploit_finding *f)
{
  const civ_trace *t = d->trace;
  bool found = false;
  for (int office = 0; office < CIV_OFFICES; office++)
    for (uint32_t first = 0; first < t->n_snapshots;) {
      uint32_t next = first + 1;
      while (next < t->n_snapshots && t->snapshots[next].office[office] == t->snapshots[first].office[office])
        next++;
      found |= judge_tenure(d, (civ_office)office, (int32_t)first, (int32_t)next - 1, f);
      first = next;
    }
  f->severity = 4;
  return found;
}

/* --- office-accumulation -------------------------------------------------------------------------------------------------------- */

bool civ_detect_office_accumulation(const civ_docket *d, civ_exploit_finding *f)
{
  for (uint32_t k = 0; k < d->trace->n_snapshots; k++) {
    /* Of three offices only one citizen can hold two. */
    const uint8_t *office = d->trace->snapshots[k].office;
    const uint8_t c = office[1] == office[2] ? office[1] : office[0];
    const uint32_t held = (office[0] == c) + (office[1] == c) + (office[2] == c);
    if (held < 2 || c >= d->n)
      continue;
    f->turn = d->trace->snapshots[k].turn;
    f->severity = 3;
    f->actors = civ_citizen_bit(c);
    snprintf(f->summary, sizeof f->summary, "one citizen holds %u offices", held);
    return true;
  }
  return false;
}

/* --- deadlock ---------------------------------------------------------------------------------------------------------------------- */

/* Too few can vote for a quorum, or one no blocks every amendment under a threshold that was raised. */
static bool is_stuck(const civ_docket *d, const civ_snapshot *s)
{
  const int64_t voters = civ_citizens_count(s->can_vote);
  if (voters < s->quorum_need)
    return true;
  return voters >= 2 && s->amendment_threshold > d->trace->snapshots[0].amendment_threshold &&
         (voters - 1) * 1000000 <= s->amendment_threshold * voters;
}

static bool tightens_the_lock(const civ_deed *deed)
{
  if (deed->kind == CIV_DEED_AMENDMENT_APPLIED)
    return deed->direction > 0 && (deed->param == CIV_PARAM_AMENDMENT_THRESHOLD ||
                                   deed->param == CIV_PARAM_QUORUM_FRACTION || deed->param == CIV_PARAM_QUORUM_BASE);
  return deed->kind == CIV_DEED_DISENFRANCHISED || deed->kind == CIV_DEED_VOTE_SUSPENDED;
}

static void name_the_lockers(const civ_docket *d, civ_exploit_finding *f)
{
  uint32_t a = 0, s = 0; /* amendments and silencings in the order of the log */
  while (a < d->amendments.n || s < d->silencings.n) {
    const bool amendment = s == d->silencings.n || (a < d->amendments.n && d->amendments.at[a] < d->silencings.at[s]);
    const uint32_t at = amendment ? d->amendments.at[a++] : d->silencings.at[s++];
    const civ_deed *deed = &d->trace->deeds[at];
    if (deed->turn > f->turn)
      return;
    if (!tightens_the_lock(deed) || deed->actor >= d->n)
      continue;
    f->actors |= civ_citizen_bit(deed->actor);
    civ_finding_add(f, at);
  }
}

bool civ_detect_deadlock(const civ_docket *d, civ_exploit_finding *f)
{
  int64_t stuck = 0;
  for (uint32_t k = 0; k < d->trace->n_snapshots; k++) {
    const civ_snapshot *s = &d->trace->snapshots[k];
    stuck = is_stuck(d, s) ? stuck + 1 : 0;
    if (stuck < d->config->deadlock_snapshots)
      continue;
    f->turn = s->turn;
    f->severity = 4;
    name_the_lockers(d, f);
    if (f->actors == 0)
      f->actors = 1;
    snprintf(f->summary, sizeof f->summary,
             "for %d turns no amendment could pass against a single no, or no quorum met", (int)stuck);
    return true;
  }
  return false;
}
