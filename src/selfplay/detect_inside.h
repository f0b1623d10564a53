/* detect_inside.h - a trace made ready for detectors: proposals with their votes, and payments out of the treasury. */
#ifndef CIV_SELFPLAY_DETECT_INSIDE_H
#define CIV_SELFPLAY_DETECT_INSIDE_H

#include "selfplay/detect.h"
#include "selfplay/polity.h"

enum { CIV_NO_DEED = UINT32_MAX };

/* A proposal as the log tells it. */
typedef struct civ_case {
  int32_t id, opened;
  uint8_t kind, proposer;
  bool public_spend;
  uint32_t created, counted; /* deeds; CIV_NO_DEED = not (yet) */
  const civ_motion_payload *payload;
} civ_case;

/* A private, not needy payment: a spend (giver = its proposer) or a treasurer's move. */
typedef struct civ_taking {
  int32_t turn;
  uint8_t giver, receiver;
  bool spend;
  int64_t amount, before;
  uint32_t deed;
} civ_taking;

typedef struct civ_docket {
  const civ_trace *trace;
  const civ_detect_config *config;
  uint32_t n; /* citizens */
  civ_case *cases;
  uint32_t n_cases;
  uint32_t *votes; /* cases x citizens: the deed that cast the vote, CIV_NO_DEED = none */
  civ_taking *takings;
  uint32_t n_takings;
  civ_citizens partners[CIV_CITIZENS_MOST];
} civ_docket;

const civ_case *civ_docket_case(const civ_docket *d, int32_t proposal); /* NULL = unknown */
/* The vote citizen c cast on a case before the deed `before`; CIV_NO_CHOICE = none. */
uint8_t civ_docket_vote(const civ_docket *d, const civ_case *k, uint32_t c, uint32_t before);
/* Money paid to members of `group` in turns first .. last. */
int64_t civ_docket_take(const civ_docket *d, civ_citizens group, int32_t first, int32_t last);

/* a over `share` of b, and under it: strictly, in integers (shares count in millionths). */
static inline bool civ_over(int64_t a, double share, int64_t b)
{
  return (__int128)a * 1000000 > (__int128)(int64_t)(share * 1e6 + 0.5) * b;
}
static inline bool civ_under(int64_t a, double share, int64_t b)
{
  return (__int128)a * 1000000 < (__int128)(int64_t)(share * 1e6 + 0.5) * b;
}

void civ_finding_add(civ_exploit_finding *f, uint32_t deed); /* evidence */

/* Each fills everything but detector, category, clauses and guard; false = nothing found. */
typedef bool (*civ_detector_rule)(const civ_docket *d, civ_exploit_finding *f);
bool civ_detect_treasury_drain(const civ_docket *d, civ_exploit_finding *f);
bool civ_detect_self_dealing(const civ_docket *d, civ_exploit_finding *f);
bool civ_detect_reciprocal_dealing(const civ_docket *d, civ_exploit_finding *f);
bool civ_detect_salami(const civ_docket *d, civ_exploit_finding *f);
bool civ_detect_floor_breach(const civ_docket *d, civ_exploit_finding *f);
bool civ_detect_thin_quorum(const civ_docket *d, civ_exploit_finding *f);
bool civ_detect_guard_loosening(const civ_docket *d, civ_exploit_finding *f);
bool civ_detect_vote_buying(const civ_docket *d, civ_exploit_finding *f);
bool civ_detect_entrenchment(const civ_docket *d, civ_exploit_finding *f);
bool civ_detect_office_accumulation(const civ_docket *d, civ_exploit_finding *f);
bool civ_detect_deadlock(const civ_docket *d, civ_exploit_finding *f);
bool civ_detect_franchise_suppression(const civ_docket *d, civ_exploit_finding *f);
bool civ_detect_registrar_abuse(const civ_docket *d, civ_exploit_finding *f);
bool civ_detect_agenda_flooding(const civ_docket *d, civ_exploit_finding *f);

#endif
