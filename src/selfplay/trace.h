/* trace.h - what an episode leaves behind: a snapshot per turn and every event, in order. Detectors read nothing else.
 *
 * Citizens are numbered in their listed order; sets of citizens are masks. Money is micro-credits. */
#ifndef CIV_SELFPLAY_TRACE_H
#define CIV_SELFPLAY_TRACE_H

#include "selfplay/kernel.h"

enum {
  CIV_CITIZENS_MOST = 64, /* in one polity: sets of citizens are masks of one word */
  CIV_PUBLIC = 253,       /* beneficiary of a public spend */
  CIV_TREASURY = 254,     /* giver of a treasurer's move */
  CIV_NO_CITIZEN = 255
};
#define CIV_CREDIT INT64_C(1000000)

typedef uint64_t civ_citizens; /* bit k: citizen k */

/* How many; where the processor's own instruction may not be relied on, the compiler's is a slow call. */
static inline int civ_citizens_count(civ_citizens set)
{
  set -= set >> 1 & UINT64_C(0x5555555555555555);
  set = (set & UINT64_C(0x3333333333333333)) + (set >> 2 & UINT64_C(0x3333333333333333));
  set = (set + (set >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
  return (int)(set * UINT64_C(0x0101010101010101) >> 56);
}

typedef enum civ_motion_kind {
  CIV_MOTION_SPEND,
  CIV_MOTION_AMENDMENT,
  CIV_MOTION_DISENFRANCHISE,
  CIV_MOTION_ROLE_GRANT,
  CIV_MOTION_KINDS
} civ_motion_kind;
extern const char *const civ_motion_kind_names[CIV_MOTION_KINDS + 1]; /* "spend", "amendment", ... */

typedef enum civ_office { CIV_TREASURER, CIV_SPEAKER, CIV_REGISTRAR, CIV_OFFICES, CIV_NO_OFFICE = 255 } civ_office;
extern const char *const civ_office_names[CIV_OFFICES + 1];

typedef enum civ_choice { CIV_VOTE_NO, CIV_VOTE_YES, CIV_VOTE_ABSTAIN, CIV_CHOICES, CIV_NO_CHOICE = 255 } civ_choice;
extern const char *const civ_choice_names[CIV_CHOICES + 1];

/* What a proposal asks for; members by kind. */
typedef struct civ_motion_payload {
  uint8_t beneficiary; /* spend: citizen, CIV_PUBLIC, or CIV_NO_CITIZEN = malformed */
  uint8_t rule, param; /* amendment */
  uint8_t target;      /* disenfranchise */
  uint8_t office, to;  /* role_grant */
  bool recall;         /* role_grant: `to` is the holder to be recalled */
  int64_t amount;      /* spend */
  int64_t value;       /* amendment, in the units of the parameter */
  const char *memo;    /* spend, amendment: memo; disenfranchise: reason; NULL = none was given */
} civ_motion_payload;

typedef enum civ_deed_kind {
  CIV_DEED_PROPOSAL_CREATED,
  CIV_DEED_VOTE_CAST,
  CIV_DEED_TRANSFER,
  CIV_DEED_VOTE_CLOSED,
  CIV_DEED_VOTE_SUSPENDED,
  CIV_DEED_ACTION_REFUSED,
  CIV_DEED_PROPOSAL_PASSED,
  CIV_DEED_PROPOSAL_FAILED,
  CIV_DEED_SPEND_PAID,
  CIV_DEED_AMENDMENT_APPLIED,
  CIV_DEED_AMENDMENT_LAPSED,
  CIV_DEED_DISENFRANCHISED,
  CIV_DEED_ENFRANCHISED,
  CIV_DEED_ROLE_GRANTED,
  CIV_DEED_ROLE_ENDED,
  CIV_DEED_BREACH_RECORDED,
  CIV_DEED_FLOOR_TOP_UP,
  CIV_DEED_FLOOR_BREACHED,
  CIV_DEEDS
} civ_deed_kind;
extern const char *const civ_deed_names[CIV_DEEDS + 1]; /* "proposal_created", ... */

/* One event of an episode. Members by kind, in the words of the kind's data. */
typedef struct civ_deed {
  int32_t turn;
  uint8_t kind;        /* civ_deed_kind */
  uint8_t actor;       /* citizen, or CIV_NO_CITIZEN where nobody acts */
  uint8_t citizen;     /* whom it befalls: voter, citizen, proposer of a count, giver (or CIV_TREASURY) of a transfer */
  uint8_t other;       /* beneficiary, receiver, by, proposer of a removal */
  uint8_t office;      /* role_granted, role_ended */
  uint8_t rule, param; /* amendment_applied, _lapsed; rule: clause of a refusal or failure */
  uint8_t motion;      /* civ_motion_kind: proposal_created, _passed, _failed */
  uint8_t choice;      /* vote_cast */
  bool needy;          /* transfer, spend_paid */
  bool cause;          /* vote_suspended, disenfranchised */
  int8_t direction;    /* amendment_applied */
  const char *text;    /* reason, memo, what, action refused: NULL = none */
  const char *reason;  /* of a refusal, a failure, a role's end */
  int32_t proposal;    /* id from 1; 0 = none */
  int32_t until;       /* vote_suspended: last turn without the vote */
  int64_t amount;      /* spend_paid, transfer, floor_top_up; floor_breached: balance */
  int64_t before;      /* spend_paid: treasury_before; floor_breached: floor; amendment: old value */
  int64_t value;       /* amendment: new value */
  civ_citizens yes, no, abstain;     /* counts: whose votes were counted */
  civ_citizens void_votes;           /* counts: whose were not, for having been paid */
  int32_t base, need;                /* counts */
  int64_t threshold;                 /* counts: parts per million */
  const civ_motion_payload *payload; /* proposal_created */
} civ_deed;

typedef struct civ_open_motion {
  int32_t id;
  uint8_t proposer, kind;
} civ_open_motion;

typedef struct civ_snapshot {
  int32_t turn;
  int64_t treasury;
  const int64_t *balances; /* per citizen */
  civ_citizens enfranchised, can_vote;
  uint8_t office[CIV_OFFICES]; /* holder or CIV_NO_CITIZEN */
  uint32_t n_open;
  const civ_open_motion *open; /* ascending id */
  int64_t floor_shortfall, floor_amount;
  int32_t quorum_need;
  int64_t amendment_threshold, recall_threshold; /* parts per million */
  int64_t output;                                /* per citizen, of that turn; 0 at the start */
  int64_t produced, consumed, sunk, bonds;       /* running */
} civ_snapshot;

typedef struct civ_trace {
  uint32_t n_citizens;
  const char *const *citizens; /* names */
  int64_t initial_treasury, norm_income;
  uint32_t n_snapshots; /* turn 0, then one per turn */
  const civ_snapshot *snapshots;
  uint32_t n_deeds;
  const civ_deed *deeds;
  const civ_kernel *kernel; /* the law at the start; NULL = the naive one with its default clause ids */
} civ_trace;

/* --- findings ----------------------------------------------------------------------------------------------------------- */

typedef enum civ_exploit_category {
  CIV_EXPLOIT_CAPTURE,
  CIV_EXPLOIT_DRAIN,
  CIV_EXPLOIT_ENTRENCH,
  CIV_EXPLOIT_SUPPRESS,
  CIV_EXPLOIT_CATEGORIES
} civ_exploit_category;
extern const char
    *const civ_exploit_category_names[CIV_EXPLOIT_CATEGORIES + 1]; /* alphabetical: records are ordered by it */

/* A change of the law that would stop an exploit. */
typedef struct civ_guard {
  uint8_t rule;
  uint8_t param; /* CIV_NO_PARAM: the clause becomes protected */
  int64_t value;
} civ_guard;

enum { CIV_EVIDENCE_MOST = 32, CIV_SUMMARY_MOST = 200 };

/* What one detector says of one episode. */
typedef struct civ_exploit_finding {
  uint8_t detector; /* place in the suite */
  uint8_t category; /* civ_exploit_category */
  uint8_t severity; /* 1 .. 5 */
  bool guarded;     /* `guard` exists: some rung of the detector's ladder tightens the kernel */
  int32_t turn;
  civ_citizens actors;
  uint16_t clauses; /* bit per rule */
  civ_guard guard;
  uint32_t n_evidence; /* exact count; the first CIV_EVIDENCE_MOST are kept */
  uint32_t evidence[CIV_EVIDENCE_MOST];
  char summary[CIV_SUMMARY_MOST];
} civ_exploit_finding;

#endif
