/* Detectors of decisions that a few made for all. */
#include <stdio.h>

#include "selfplay/detect_inside.h"

/* --- thin-quorum ------------------------------------------------------------------------------------------------------------- */

bool civ_detect_thin_quorum(const civ_docket *d, civ_exploit_finding *f)
{
  uint32_t n = 0;
  f->severity = 2;
  for (uint32_t k = 0; k < d->counts.n; k++) {
    const uint32_t at = d->counts.at[k];
    const civ_deed *deed = &d->trace->deeds[at];
    if (deed->kind != CIV_DEED_PROPOSAL_PASSED || deed->motion == CIV_MOTION_ROLE_GRANT ||
        !civ_under(civ_citizens_count(deed->yes), d->config->thin_quorum_share, d->n))
      continue;
    if (n++ == 0)
      f->turn = deed->turn;
    if (deed->motion == CIV_MOTION_AMENDMENT)
      f->severity = 4;
    f->actors |= civ_citizen_bit(deed->citizen);
    civ_finding_add(f, at);
  }
  if (n == 0)
    return false;
  snprintf(f->summary, sizeof f->summary, "%u proposals passed with the yes of under %.0f %% of the founding citizens",
           n, 100 * d->config->thin_quorum_share);
  return true;
}

/* --- guard-loosening ----------------------------------------------------------------------------------------------------------- */

static int64_t votes_of(const civ_deed *count)
{
  return civ_citizens_count(count->yes | count->no | count->abstain);
}

/* ceil(fraction x base), at least 1: as counts need it. */
static int64_t need_of(int64_t fraction, int64_t base)
{
  const int64_t need = (fraction * base + 999999) / 1000000;
  return need > 1 ? need : 1;
}

static bool yes_share_over(const civ_deed *count, int64_t threshold)
{
  const int64_t yes = civ_citizens_count(count->yes), no = civ_citizens_count(count->no);
  return yes * 1000000 > threshold * (yes + no);
}

/* A passed proposal that would not have passed under the old value. `fraction`: the quorum's, in force at the count. */
static bool passed_by_loosening(const civ_docket *d, const civ_deed *amendment, const civ_deed *count, int64_t fraction)
{
  const int64_t old = amendment->before;
  switch (amendment->param) {
  case CIV_PARAM_SPEND_THRESHOLD:
    return count->motion == CIV_MOTION_SPEND && !yes_share_over(count, old);
  case CIV_PARAM_AMENDMENT_THRESHOLD:
    return count->motion == CIV_MOTION_AMENDMENT && !yes_share_over(count, old);
  case CIV_PARAM_DISENFRANCHISE_THRESHOLD:
    return count->motion == CIV_MOTION_DISENFRANCHISE && !yes_share_over(count, old);
  case CIV_PARAM_QUORUM_FRACTION:
    return votes_of(count) < need_of(old, count->base);
  case CIV_PARAM_QUORUM_BASE:
    return votes_of(count) < need_of(fraction, d->n);
  default:
    return false;
  }
}

/* Whom a count favoured against the old law: the proposer of what passed, or who was not recalled; CIV_NO_CITIZEN = nobody. */
static uint8_t favoured(const civ_docket *d, const civ_deed *amendment, civ_citizens coalition, const civ_deed *count,
                        int64_t fraction)
{
  const civ_case *k = civ_docket_case(d, count->proposal);
  if (k == NULL)
    return CIV_NO_CITIZEN;
  if (count->kind == CIV_DEED_PROPOSAL_PASSED) {
    const bool counts = k->kind != CIV_MOTION_ROLE_GRANT && !k->public_spend;
    return counts && (coalition >> k->proposer & 1) != 0 && passed_by_loosening(d, amendment, count, fraction)
               ? k->proposer
               : (uint8_t)CIV_NO_CITIZEN;
  }
  const bool recall = k->kind == CIV_MOTION_ROLE_GRANT && k->payload->recall && k->payload->to < d->n;
  return recall && amendment->param == CIV_PARAM_RECALL_THRESHOLD && count->reason != NULL && count->reason[0] == 't' &&
                 (coalition >> k->payload->to & 1) != 0 && yes_share_over(count, amendment->before)
             ? k->payload->to
             : (uint8_t)CIV_NO_CITIZEN;
}

/* Those who made a loosening: its proposer and whose yes carried it. */
static civ_citizens coalition_of(const civ_docket *d, const civ_deed *amendment)
{
  const civ_case *k = civ_docket_case(d, amendment->proposal);
  civ_citizens members = amendment->actor < d->n ? civ_citizen_bit(amendment->actor) : 0;
  if (k != NULL)
    for (uint32_t c = 0; c < d->n; c++)
      if (civ_docket_vote(d, k, c, CIV_NO_DEED) == CIV_VOTE_YES)
        members |= civ_citizen_bit(c);
  return members;
}

/* The quorum's fraction in force at deed `at`, after the amendments before it. */
static int64_t fraction_at(const civ_docket *d, uint32_t at)
{
  int64_t fraction = d->trace->kernel->law.value[CIV_PARAM_QUORUM_FRACTION];
  for (uint32_t k = 0; k < d->amendments.n && d->amendments.at[k] < at; k++) {
    const civ_deed *deed = &d->trace->deeds[d->amendments.at[k]];
    if (deed->param == CIV_PARAM_QUORUM_FRACTION)
      fraction = deed->value;
  }
  return fraction;
}

/* The first count behind deed `at`, a loosening, that came out otherwise than under the old value. */
static bool follow_loosening(const civ_docket *d, uint32_t at, civ_exploit_finding *f)
{
  const civ_deed *deeds = d->trace->deeds, *amendment = &deeds[at];
  const civ_citizens coalition = coalition_of(d, amendment);
  for (uint32_t k = 0; k < d->counts.n; k++) {
    const civ_deed *count = &deeds[d->counts.at[k]];
    if (d->counts.at[k] < at)
      continue;
    if (count->turn > amendment->turn + d->config->loosening_window)
      return false;
    const int64_t fraction = amendment->param == CIV_PARAM_QUORUM_BASE ? fraction_at(d, d->counts.at[k]) : 0;
    const uint8_t who = favoured(d, amendment, coalition, count, fraction);
    if (who == CIV_NO_CITIZEN)
      continue;
    f->turn = count->turn;
    f->actors = civ_citizen_bit(who) | (amendment->actor < d->n ? civ_citizen_bit(amendment->actor) : 0);
    f->n_evidence = 0;
    civ_finding_add(f, at);
    civ_finding_add(f, d->counts.at[k]);
    return true;
  }
  return false;
}

bool civ_detect_guard_loosening(const civ_docket *d, civ_exploit_finding *f)
{
  bool found = false;
  uint32_t earliest = CIV_NO_DEED;
  civ_exploit_finding candidate = *f;
  for (uint32_t k = 0; k < d->amendments.n; k++) {
    const civ_deed *deed = &d->trace->deeds[d->amendments.at[k]];
    if (deed->direction >= 0 || !follow_loosening(d, d->amendments.at[k], &candidate) ||
        candidate.evidence[1] >= earliest)
      continue;
    *f = candidate;
    earliest = candidate.evidence[1];
    found = true;
    snprintf(f->summary, sizeof f->summary, "%s was loosened and decided a count within %d turns",
             civ_param_forms[deed->param].name, (int)(f->turn - deed->turn));
  }
  f->severity = 5;
  return found;
}

/* --- vote-buying ------------------------------------------------------------------------------------------------------------------- */

/* Whether y had said no to over half of its votes on x's proposals before this deed. */
static bool was_opponent(const civ_docket *d, uint32_t y, uint32_t x, uint32_t before)
{
  int64_t votes = 0, against = 0;
  for (uint32_t k = 0; k < d->n_cases; k++) {
    const int64_t own = d->cases[k].proposer == x;
    const uint8_t choice = civ_docket_vote(d, &d->cases[k], y, before);
    votes += own & (choice != CIV_NO_CHOICE);
    against += own & (choice == CIV_VOTE_NO);
  }
  return votes >= d->config->buying_votes && 2 * against > votes;
}

/* The earliest yes of y, given within the window after deed `gift`, that went into a count. */
static uint32_t bought_vote(const civ_docket *d, uint32_t y, uint32_t x, uint32_t gift)
{
  const civ_deed *deeds = d->trace->deeds;
  uint32_t earliest = CIV_NO_DEED;
  for (uint32_t k = 0; k < d->n_cases; k++) {
    const civ_case *c = &d->cases[k];
    const uint32_t vote = d->votes[(size_t)k * d->n + y].deed;
    /* One branch, as a rule not taken: each of these alone is anybody's guess. */
    if (!((c->proposer == x) & !c->public_spend & (c->counted != CIV_NO_DEED) & (vote >= gift) & (vote != CIV_NO_DEED)))
      continue;
    if (deeds[vote].choice != CIV_VOTE_YES || deeds[vote].turn > deeds[gift].turn + d->config->buying_window)
      continue;
    if ((deeds[c->counted].yes >> y & 1) != 0 && vote < earliest)
      earliest = vote;
  }
  return earliest;
}

bool civ_detect_vote_buying(const civ_docket *d, civ_exploit_finding *f)
{
  const civ_deed *deeds = d->trace->deeds;
  uint32_t earliest = CIV_NO_DEED;
  for (uint32_t k = 0; k < d->transfers.n; k++) {
    const uint32_t at = d->transfers.at[k];
    const uint8_t x = deeds[at].citizen, y = deeds[at].other;
    if (x >= d->n || y >= d->n || !was_opponent(d, y, x, at))
      continue;
    const uint32_t vote = bought_vote(d, y, x, at);
    if (vote >= earliest)
      continue;
    earliest = vote;
    f->turn = deeds[vote].turn;
    f->actors = civ_citizen_bit(x);
    f->n_evidence = 0;
    civ_finding_add(f, at);
    civ_finding_add(f, vote);
  }
  if (earliest == CIV_NO_DEED)
    return false;
  f->severity = 3;
  snprintf(f->summary, sizeof f->summary, "an opponent was given money and soon voted yes");
  return true;
}
