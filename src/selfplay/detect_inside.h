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

/* A vote: which deed cast it, and for what. */
typedef struct civ_cast {
  uint32_t deed;  /* CIV_NO_DEED = none */
  uint8_t choice; /* CIV_NO_CHOICE = none */
} civ_cast;

/* A private, not needy payment: a spend (giver = its proposer) or a treasurer's move. */
typedef struct civ_taking {
  int32_t turn;
  uint8_t giver, receiver;
  bool spend;
  int64_t amount, before;
  uint32_t deed;
} civ_taking;

/* Deeds of one sort, by their place in the log: most of a log is votes and proposals, which no rule looks through. */
typedef struct civ_deed_list {
  uint32_t *at;
  uint32_t n;
  size_t capacity;
} civ_deed_list;

typedef struct civ_docket {
  const civ_trace *trace;
  const civ_detect_config *config;
  uint32_t n; /* citizens */
  civ_case *cases;
  uint32_t n_cases;
  size_t cases_capacity;
  civ_cast *votes; /* cases x citizens */
  size_t votes_capacity;
  civ_taking *takings;
  uint32_t n_takings;
  size_t takings_capacity;
  civ_deed_list counts;     /* proposals passed and failed */
  civ_deed_list amendments; /* applied */
  civ_deed_list silencings; /* suspensions, removals, and franchises that return */
  civ_deed_list transfers;
  civ_deed_list breaches;                   /* of the floor */
  civ_citizens partners[CIV_CITIZENS_MOST]; /* who paid it or was paid by it, itself included */
  civ_citizens receivers;                   /* of takings */
} civ_docket;

const civ_case *civ_docket_case(const civ_docket *d, int32_t proposal); /* NULL = unknown */
/* The vote citizen c cast on a case before the deed `before`; CIV_NO_CHOICE = none. */
static inline uint8_t civ_docket_vote(const civ_docket *d, const civ_case *k, uint32_t c, uint32_t before)
{
  const civ_cast *vote = &d->votes[(size_t)(k - d->cases) * d->n + c];
  return vote->deed < before ? vote->choice : (uint8_t)CIV_NO_CHOICE;
}
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
