/* polity.h - citizens, money, offices and proposals under a law, one turn after the other.
 *
 * The struct is what citizens may look at (balances, offices, votes, law, breaches, all that happened); only the rooms that
 * apply the law write it. Nothing here takes memory during a turn beyond growing its own lists. */
#ifndef CIV_SELFPLAY_POLITY_H
#define CIV_SELFPLAY_POLITY_H

#include "civitas/draws.h"
#include "civitas/field.h"
#include "selfplay/trace.h"

/* --- physics: not law -------------------------------------------------------------------------------------------------- */

/* Section `polity` of a tournament, in credits and shares as a user writes them. */
typedef struct civ_polity_config {
  double start_balance, base_income, founding_works, norm_income, tax, consumption, public_gain;
  int64_t public_turns;
  double shock_probability, shock_size;
  int64_t actions_per_turn;
} civ_polity_config;
extern const civ_section civ_section_polity;

/* The same in micro-credits and parts per million. */
typedef struct civ_physics {
  int64_t start_balance, base_income, founding_works, norm_income, tax, consumption, public_gain, shock_size;
  double shock_probability;
  int32_t public_turns;
  uint32_t actions_per_turn;
} civ_physics;
civ_physics civ_physics_of(const civ_polity_config *config);

/* --- what a citizen does --------------------------------------------------------------------------------------------------- */

typedef enum civ_act_kind {
  CIV_ACT_PROPOSE_SPEND, /* the first four in the order of civ_motion_kind */
  CIV_ACT_PROPOSE_AMENDMENT,
  CIV_ACT_PROPOSE_DISENFRANCHISE,
  CIV_ACT_PROPOSE_ROLE_GRANT,
  CIV_ACT_CAST_VOTE,
  CIV_ACT_TRANSFER,
  CIV_ACT_CLOSE_VOTE,
  CIV_ACT_SUSPEND,
  CIV_ACT_PASS,
  CIV_ACTS
} civ_act_kind;
extern const char *const civ_act_names[CIV_ACTS + 1]; /* "propose_spend", ... */

/* The nth (from 0) proposal of this kind that this citizen opened in that turn; what is left open matches anything. */
typedef struct civ_motion_ref {
  uint8_t proposer, kind; /* CIV_NO_CITIZEN, CIV_MOTION_KINDS = any */
  int32_t turn;           /* < 0 = any */
  int32_t nth;
} civ_motion_ref;

typedef struct civ_act {
  uint8_t kind;   /* civ_act_kind */
  uint8_t choice; /* vote; CIV_NO_CHOICE = none of the three */
  uint8_t to;     /* transfer: receiver; suspend: target; CIV_NO_CITIZEN = unknown */
  bool from_treasury;
  int32_t proposal; /* vote, close: id; 0 = by `ref` */
  civ_motion_ref ref;
  int64_t amount; /* transfer */
  const char *memo;
  civ_motion_payload payload; /* proposals */
} civ_act;

/* --- the state -------------------------------------------------------------------------------------------------------------- */

typedef struct civ_motion {
  int32_t id, opened, closes; /* turns */
  uint8_t kind, proposer;
  bool open, passed;
  int64_t bond;
  civ_citizens yes, no, abstain; /* votes cast */
  civ_motion_payload payload;
} civ_motion;

typedef struct civ_officer {
  uint8_t holder;       /* CIV_NO_CITIZEN = vacant */
  int32_t since, until; /* since: turn of the grant's count; until: < 0 = no term */
} civ_officer;

typedef struct civ_pending_amendment {
  int32_t motion; /* id */
  int32_t due;    /* takes effect in this turn */
} civ_pending_amendment;

/* A private payment out of the treasury: a spend (giver = its proposer) or a treasurer's move (giver = the officer). */
typedef struct civ_payment {
  int32_t turn;
  uint8_t giver, receiver;
  bool needy, move;
  int64_t amount;
} civ_payment;

typedef struct civ_gift {
  int32_t turn;
  uint8_t from, to;
} civ_gift;

typedef struct civ_polity {
  const civ_kernel *kernel; /* as founded: clause ids and texts */
  civ_law law;              /* in force */
  civ_physics physics;
  uint64_t seed;
  uint32_t n;
  const char *const *names;
  int64_t initial_treasury;

  int32_t turn;
  int64_t treasury;
  int64_t treasury_at_start; /* of this turn */
  int64_t balance[CIV_CITIZENS_MOST];
  civ_citizens enfranchised;
  civ_citizens cause;                        /* a breach was recorded */
  int32_t suspended_from[CIV_CITIZENS_MOST]; /* the vote is lost from .. until, inclusive; from > until = not */
  int32_t suspended_until[CIV_CITIZENS_MOST];
  int32_t franchise_returns[CIV_CITIZENS_MOST]; /* turn; < 0 = never */
  int32_t last_proposed[CIV_CITIZENS_MOST];     /* turn; < 0 = never */
  int32_t last_failed[CIV_PARAMS];              /* amendments of it; turn, < 0 = never */
  int32_t last_suspension;                      /* by anyone; < 0 = never */
  civ_officer office[CIV_OFFICES];
  int64_t moved_this_turn; /* by the treasurer */

  civ_motion *motions; /* all, id - 1 */
  uint32_t n_motions, motions_capacity;
  int32_t *open; /* ids, ascending */
  uint32_t n_open, open_capacity;
  civ_pending_amendment *pending;
  uint32_t n_pending, pending_capacity;
  civ_payment *payments; /* in order */
  uint32_t n_payments, payments_capacity;
  civ_gift *gifts; /* between citizens, in order */
  uint32_t n_gifts, gifts_capacity;
  int64_t *treasury_after; /* end of turn 0 .. turn - 1 ... */
  int64_t *works;          /* income per citizen from public works in turn t, t = 0 .. turns + public_turns */
  uint32_t turns_capacity;
  int64_t output;                          /* per citizen, of the last tick */
  int64_t produced, consumed, sunk, bonds; /* running */

  civ_deed *deeds;
  uint32_t n_deeds, deeds_capacity;
  bool failed; /* memory lacked: the episode is worth nothing */
} civ_polity;

/* --- questions --------------------------------------------------------------------------------------------------------------- */

static inline civ_citizens civ_citizen_bit(uint32_t c)
{
  return UINT64_C(1) << c;
}

/* Enfranchised and not within a suspension. O(1). */
static inline bool civ_polity_can_vote(const civ_polity *p, uint32_t c)
{
  return (p->enfranchised >> c & 1) != 0 && !(p->suspended_from[c] <= p->turn && p->turn <= p->suspended_until[c]);
}
civ_citizens civ_polity_voters(const civ_polity *p); /* all who can vote now */
int32_t civ_polity_need(const civ_polity *p);        /* votes a count needs now */
static inline const civ_motion *civ_polity_motion(const civ_polity *p, int32_t id)
{
  return id >= 1 && (uint32_t)id <= p->n_motions ? &p->motions[id - 1] : NULL;
}
uint32_t civ_polity_offices(const civ_polity *p, uint32_t c); /* how many c holds */
/* Income per citizen from works that pay in turn t (chosen spends so far). */
int64_t civ_polity_works(const civ_polity *p, int32_t t);

/* --- citizens ------------------------------------------------------------------------------------------------------------------ */

/* How one kind of citizen decides. Its draws are streams of (seed, citizen, turn, purpose, item): what is decided about, never
 * a position in a list. `memory` is private, cleared at the start of an episode. */
typedef struct civ_citizen_policy {
  const char *name;      /* "honest", "drainer", "entrencher", "suppressor", "script", "search" */
  const char *objective; /* "steward", ... */
  size_t memory_size;
  /* Writes at most `most` acts (votes first); all decide on the same state. */
  uint32_t (*act)(void *memory, const civ_polity *p, uint8_t me, civ_citizens allies, civ_act *out, uint32_t most);
  /* The turn's deeds [from, p->n_deeds); refusals of others are not to be looked at. NULL = does not care. */
  void (*observe)(void *memory, const civ_polity *p, uint8_t me, uint32_t from);
  /* Applied or refused, in the order sent (own acts only). NULL = does not care. */
  void (*answered)(void *memory, const civ_polity *p, uint8_t me, const civ_act *act, bool done, const char *reason);
} civ_citizen_policy;

extern const civ_citizen_policy civ_citizen_honest;
extern const civ_citizen_policy civ_citizen_drainer;
extern const civ_citizen_policy civ_citizen_entrencher;
extern const civ_citizen_policy civ_citizen_suppressor;

typedef struct civ_seat {
  const char *name; /* "honest-1" */
  const civ_citizen_policy *policy;
  civ_citizens allies; /* of its own camp, itself included */
  const void *script;  /* of a scripted citizen (episode.h); NULL */
} civ_seat;

#endif
