/* Detectors of citizens who are kept from voting, or from knowing what they vote on. */
#include <stdio.h>

#include "selfplay/detect_inside.h"

/* --- franchise-suppression ----------------------------------------------------------------------------------------------------- */

/* Who has taken whose vote, without fault, and when. */
typedef struct removals {
  civ_citizens removed;                /* disenfranchised, and not enfranchised since */
  civ_citizens suspended;              /* at some time */
  uint32_t removal[CIV_CITIZENS_MOST]; /* the deed */
  int32_t suspended_until[CIV_CITIZENS_MOST];
  uint32_t suspension[CIV_CITIZENS_MOST]; /* the deed; CIV_NO_DEED = none */
} removals;

static void take_notice(removals *r, const civ_docket *d, uint32_t at)
{
  const civ_deed *deed = &d->trace->deeds[at];
  const uint8_t c = deed->citizen;
  if (c >= d->n)
    return;
  if (deed->kind == CIV_DEED_ENFRANCHISED) {
    r->removed &= ~civ_citizen_bit(c);
  } else if (deed->kind == CIV_DEED_DISENFRANCHISED && !deed->cause) {
    r->removed |= civ_citizen_bit(c);
    r->removal[c] = at;
  } else if (deed->kind == CIV_DEED_VOTE_SUSPENDED && !deed->cause) {
    r->suspended |= civ_citizen_bit(c);
    r->suspended_until[c] = deed->until;
    r->suspension[c] = at;
  }
}

/* Yes and no votes that removed and remover both cast before the removal, and on how many they stood apart. */
static void count_opposed(const civ_docket *d, uint32_t at, int64_t *shared, int64_t *opposed)
{
  const civ_deed *deed = &d->trace->deeds[at];
  for (uint32_t k = 0; k < d->n_cases && deed->actor < d->n; k++) {
    const uint8_t mine = civ_docket_vote(d, &d->cases[k], deed->actor, at);
    const uint8_t theirs = civ_docket_vote(d, &d->cases[k], deed->citizen, at);
    if (d->cases[k].public_spend || mine > CIV_VOTE_YES || theirs > CIV_VOTE_YES)
      continue;
    (*shared)++;
    *opposed += mine != theirs;
  }
}

static void tell_suppression(const civ_docket *d, const removals *r, civ_citizens silenced, civ_exploit_finding *f)
{
  int64_t shared = 0, opposed = 0;
  for (uint32_t c = 0; c < d->n; c++) {
    if ((silenced >> c & 1) == 0)
      continue;
    const uint32_t at = (r->removed >> c & 1) != 0 ? r->removal[c] : r->suspension[c];
    const uint8_t remover = d->trace->deeds[at].actor;
    count_opposed(d, at, &shared, &opposed);
    if (remover < d->n)
      f->actors |= civ_citizen_bit(remover);
    civ_finding_add(f, at);
  }
  f->severity = shared >= d->config->opposed_votes && civ_over(opposed, d->config->opposed_share, shared) ? 5 : 4;
  snprintf(f->summary, sizeof f->summary, "%u of %u founding citizens were without a vote and without fault",
           (unsigned)civ_citizens_count(silenced), d->n);
}

bool civ_detect_franchise_suppression(const civ_docket *d, civ_exploit_finding *f)
{
  removals r = { 0 };
  uint32_t next = 0;
  if (d->silencings.n == 0)
    return false;
  for (uint32_t k = 0; k < d->trace->n_snapshots; k++) {
    const int32_t t = d->trace->snapshots[k].turn;
    for (; next < d->silencings.n && d->trace->deeds[d->silencings.at[next]].turn <= t; next++)
      take_notice(&r, d, d->silencings.at[next]);
    civ_citizens silenced = r.removed;
    for (civ_citizens left = r.suspended; left != 0; left &= left - 1) {
      const uint32_t c = (uint32_t)__builtin_ctzll(left);
      if (r.suspended_until[c] >= t)
        silenced |= civ_citizen_bit(c);
    }
    if (!civ_under((int64_t)d->n - civ_citizens_count(silenced), d->config->franchise_share, d->n))
      continue;
    f->turn = t;
    tell_suppression(d, &r, silenced, f);
    return true;
  }
  return false;
}

/* --- registrar-abuse ---------------------------------------------------------------------------------------------------------------- */

/* Whether x had said no to over half of what the registrar said yes to. */
static bool opposed_registrar(const civ_docket *d, uint32_t x, uint32_t registrar, uint32_t before)
{
  int64_t shared = 0, against = 0;
  for (uint32_t k = 0; k < d->n_cases; k++) {
    const civ_case *c = &d->cases[k];
    const uint8_t theirs = civ_docket_vote(d, c, x, before);
    if (c->public_spend || civ_docket_vote(d, c, registrar, before) != CIV_VOTE_YES || theirs > CIV_VOTE_YES)
      continue;
    shared++;
    against += theirs == CIV_VOTE_NO;
  }
  return shared >= d->config->abuse_votes && 2 * against > shared;
}

/* The first proposal that passes soon after deed `at` with the registrar's yes and without x. */
static uint32_t passed_without(const civ_docket *d, uint32_t at, uint8_t x, uint8_t registrar)
{
  const civ_deed *deeds = d->trace->deeds;
  for (uint32_t k = 0; k < d->counts.n; k++) {
    const civ_deed *deed = &deeds[d->counts.at[k]];
    if (d->counts.at[k] < at)
      continue;
    if (deed->turn > deeds[at].turn + d->config->abuse_window)
      return CIV_NO_DEED;
    if (deed->kind != CIV_DEED_PROPOSAL_PASSED || (deed->yes >> registrar & 1) == 0)
      continue;
    const civ_case *c = civ_docket_case(d, deed->proposal);
    if (c != NULL && !c->public_spend && c->opened < deeds[at].turn &&
        civ_docket_vote(d, c, x, CIV_NO_DEED) == CIV_NO_CHOICE)
      return d->counts.at[k];
  }
  return CIV_NO_DEED;
}

bool civ_detect_registrar_abuse(const civ_docket *d, civ_exploit_finding *f)
{
  uint32_t earliest = CIV_NO_DEED;
  for (uint32_t k = 0; k < d->silencings.n; k++) {
    const uint32_t at = d->silencings.at[k];
    const civ_deed *deed = &d->trace->deeds[at];
    if (deed->kind != CIV_DEED_VOTE_SUSPENDED || deed->cause || deed->citizen >= d->n || deed->actor >= d->n ||
        !opposed_registrar(d, deed->citizen, deed->actor, at))
      continue;
    const uint32_t passed = passed_without(d, at, deed->citizen, deed->actor);
    if (passed >= earliest)
      continue;
    earliest = passed;
    f->turn = d->trace->deeds[passed].turn;
    f->actors = civ_citizen_bit(deed->actor);
    f->n_evidence = 0;
    civ_finding_add(f, at);
    civ_finding_add(f, passed);
  }
  if (earliest == CIV_NO_DEED)
    return false;
  f->severity = 4;
  snprintf(f->summary, sizeof f->summary, "an opponent was suspended and a proposal passed without that vote");
  return true;
}

/* --- agenda-flooding ------------------------------------------------------------------------------------------------------------------ */

/* Whose proposals make up more than their share of a full agenda. */
static civ_citizens flooders(const civ_docket *d, const civ_snapshot *s)
{
  uint32_t own[CIV_CITIZENS_MOST] = { 0 };
  civ_citizens found = 0;
  for (uint32_t k = 0; k < s->n_open; k++)
    if (s->open[k].proposer < d->n)
      own[s->open[k].proposer]++;
  for (uint32_t a = 0; a < d->n; a++)
    if (civ_over(own[a], d->config->flooding_share, s->n_open))
      found |= civ_citizen_bit(a);
  return found;
}

/* Mean share of citizens other than a that voted on the counts from place `from` on, back to turn `first`; < 0 = there were
 * none. */
static double turnout_of_others(const civ_docket *d, uint32_t a, int32_t first, uint32_t from)
{
  int64_t votes = 0, counts = 0;
  for (uint32_t k = from; k > 0; k--, counts++) {
    const civ_deed *deed = &d->trace->deeds[d->counts.at[k - 1]];
    if (deed->turn < first)
      break;
    votes += civ_citizens_count((deed->yes | deed->no | deed->abstain | deed->void_votes) & ~civ_citizen_bit(a));
  }
  return counts > 0 ? (double)votes / (double)(counts * (d->n > 1 ? d->n - 1 : 1)) : -1;
}

/* Somebody's run of flooded snapshots. */
typedef struct flood {
  int32_t length;
  uint32_t counts_before; /* counts there had been when it began */
  double usual;           /* their turnout, once it is asked for */
} flood;

static bool turnout_fell(const civ_docket *d, uint32_t a, flood *run, int32_t t, uint32_t counts)
{
  if (run->length == d->config->flooding_snapshots) {
    run->usual = turnout_of_others(d, a, 0, run->counts_before);
    run->usual = run->usual < 0 ? d->config->flooding_usual : run->usual;
  }
  const double now = turnout_of_others(d, a, t - (int32_t)d->config->flooding_snapshots + 1, counts);
  return now >= 0 && now < d->config->flooding_drop * run->usual;
}

bool civ_detect_agenda_flooding(const civ_docket *d, civ_exploit_finding *f)
{
  flood runs[CIV_CITIZENS_MOST] = { { 0 } };
  civ_citizens flooding = 0;
  uint32_t counts = 0, before = 0;
  for (uint32_t k = 0; k < d->trace->n_snapshots; k++, before = counts) {
    const civ_snapshot *s = &d->trace->snapshots[k];
    const civ_citizens now = s->n_open < d->config->flooding_open ? 0 : flooders(d, s);
    while (counts < d->counts.n && d->trace->deeds[d->counts.at[counts]].turn <= s->turn)
      counts++;
    for (civ_citizens left = now; left != 0; left &= left - 1) {
      const uint32_t a = (uint32_t)__builtin_ctzll(left);
      if ((flooding >> a & 1) == 0)
        runs[a] = (flood){ .counts_before = before };
      runs[a].length++;
      if (runs[a].length < d->config->flooding_snapshots || !turnout_fell(d, a, &runs[a], s->turn, counts))
        continue;
      f->turn = s->turn;
      f->severity = 2;
      f->actors = civ_citizen_bit(a);
      snprintf(f->summary, sizeof f->summary, "one citizen's proposals filled the agenda for %d turns and turnout fell",
               (int)runs[a].length);
      return true;
    }
    flooding = now;
  }
  return false;
}
