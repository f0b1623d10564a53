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

/* --- draws ------------------------------------------------------------------------------------------------------------- */

/* What a number decides. Order is part of the results: append, never reorder. */
typedef enum civ_polity_draw {
  CIV_DRAW_ORDER = 1,   /* citizen 0: who acts first in a turn */
  CIV_DRAW_SHOCK,       /* whom one hits */
  CIV_DRAW_ATTEND,      /* item: proposal / 2; quarters of numbers, see agenda.c */
  CIV_DRAW_JUDGE,       /* without turn; item: proposal */
  CIV_DRAW_DAILY,       /* item: what for, see citizen_honest.c */
  CIV_DRAW_RECALL,      /* item: office */
  CIV_DRAW_NOTICE,      /* item: proposal */
  CIV_DRAW_NOTICE_MOVE, /* item: ordinal among the turn's transfers */
  CIV_DRAW_TACTICS,     /* a capturer's turn: a block of its own, places: civ_tactical */
  CIV_DRAW_SEARCH       /* citizen 0, turn: generation, item: individual */
} civ_polity_draw;

enum { CIV_NUMBERS = 8, CIV_NUMBER_LINES = 32 };
/* A block of the generator as eight numbers of 32 bits: a turn of a polity asks for so many chances that half a number for each
 * must do. */
typedef struct civ_numbers {
  uint32_t of[CIV_NUMBERS];
} civ_numbers;
/* The k-th as a number in [0, 1), a multiple of 2^-32. */
static inline double civ_number(const civ_numbers *numbers, uint32_t k)
{
  return numbers->of[k] * 0x1p-32;
}

/* A block kept for whoever asks next. */
typedef struct civ_number_line {
  uint64_t what, about; /* purpose and entity, item and turn; all 0 = none */
  civ_numbers numbers;
} civ_number_line;

/* --- the state -------------------------------------------------------------------------------------------------------------- */

typedef struct civ_motion {
  int32_t id, opened, closes; /* turns */
  uint8_t kind, proposer;
  bool open, passed;
  uint32_t created; /* the deed that opened it */
  int64_t bond;
  civ_citizens yes, no, abstain; /* votes cast */
  civ_citizens attending;        /* who could vote on it when the turn began, has not, and has attention for it */
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

/* What is on the table in a turn, read once for all citizens: most of what they ask about open proposals is "none". */
typedef struct civ_agenda {
  civ_citizens voters;                      /* who can vote */
  civ_citizens attentive;                   /* who has attention for some open proposal it has not voted on */
  civ_citizens needy;                       /* below the floor */
  civ_citizens proposers[CIV_MOTION_KINDS]; /* of open proposals of this kind */
  civ_citizens standing;                    /* whom an open grant names */
  civ_citizens named;                       /* whom an open grant or recall names */
  civ_citizens targets;                     /* of open removals */
  uint8_t vacant;                           /* bit per office: nobody holds it */
  uint8_t granting, recalling;              /* bit per office: an open grant or recall of it */
  int64_t public_spend;                     /* the largest open one; 0 = none */
} civ_agenda;

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
  civ_citizens founding, enfranchised;
  civ_citizens cause;                        /* a breach was recorded */
  civ_citizens suspended;                    /* at some time: of the others the next two say nothing */
  int32_t suspended_from[CIV_CITIZENS_MOST]; /* the vote is lost from .. until, inclusive; from > until = not */
  int32_t suspended_until[CIV_CITIZENS_MOST];
  int32_t franchise_returns[CIV_CITIZENS_MOST]; /* turn; < 0 = never */
  int32_t last_proposed[CIV_CITIZENS_MOST];     /* turn; < 0 = never */
  int32_t last_failed[CIV_PARAMS];              /* amendments of it; turn, < 0 = never */
  int32_t last_suspension;                      /* by anyone; < 0 = never */
  civ_officer office[CIV_OFFICES];
  civ_citizens officers, officers_twice; /* who holds an office, or two */
  int64_t moved_this_turn;               /* by the treasurer */

  civ_motion *motions; /* all, id - 1 */
  uint32_t n_motions;
  size_t motions_capacity;
  int32_t *open; /* ids, ascending */
  uint32_t n_open;
  size_t open_capacity;
  uint32_t own_open[CIV_CITIZENS_MOST]; /* of them, by proposer */
  civ_agenda agenda;                    /* as the turn began: what citizens choose by */
  civ_pending_amendment *pending;
  uint32_t n_pending;
  size_t pending_capacity;
  civ_payment *payments; /* in order */
  uint32_t n_payments;
  size_t payments_capacity;
  civ_gift *gifts; /* between citizens, in order */
  uint32_t n_gifts;
  size_t gifts_capacity;
  int64_t *treasury_after; /* by turn, 0 .. the last one ended */
  size_t treasury_capacity;
  int64_t *works;   /* income per citizen from public works in turn t, t = 0 .. turns + public_turns */
  uint32_t n_works; /* turns that `works` covers */
  size_t works_capacity;
  int64_t output;                          /* per citizen, of the last tick */
  int64_t produced, consumed, sunk, bonds; /* running */

  civ_deed *deeds;
  uint32_t n_deeds;
  size_t deeds_capacity;
  uint32_t n_blank;     /* deeds cleared so far, to be written into */
  uint32_t *noticeable; /* deeds of this turn that the honest may notice: transfers, payments, removals, amendments */
  uint32_t n_noticeable;
  size_t noticeable_capacity;
  civ_number_line *lines; /* numbers asked for lately: no state, only time saved */
  size_t lines_capacity;
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
static inline civ_citizens civ_motion_voted(const civ_motion *m)
{
  return m->yes | m->no | m->abstain;
}
static inline const civ_motion *civ_polity_motion(const civ_polity *p, int32_t id)
{
  return id >= 1 && (uint32_t)id <= p->n_motions ? &p->motions[id - 1] : NULL;
}
uint32_t civ_polity_offices(const civ_polity *p, uint32_t c); /* how many c holds */
/* Income per citizen from works that pay in turn t (chosen spends so far). */
int64_t civ_polity_works(const civ_polity *p, int32_t t);

/* --- numbers ------------------------------------------------------------------------------------------------------------- */

/* The stream of `entity` for this purpose about `item`, in turn `turn`; turn 0 (they count from 1): the same in every turn. */
static inline civ_draws civ_polity_draws_at(const civ_polity *p, uint32_t entity, civ_polity_draw purpose,
                                            uint32_t item, uint32_t turn)
{
  const civ_draw_key key = {
    .purpose = CIV_PURPOSE_POLITY, .entity = entity, .other = purpose, .epoch = turn, .step = item
  };
  return civ_draws_open(p->seed, &key);
}
/* Its first block. */
civ_numbers civ_polity_numbers(const civ_polity *p, uint32_t entity, civ_polity_draw purpose, uint32_t item,
                               uint32_t turn);

/* Citizen c's number is the (c mod 8)-th of the block of entity c / 8: neighbours ask about the same things, and one block
 * serves them all. Their place is their own; nobody's number depends on whether others ask. */
void civ_polity_fill(const civ_polity *p, civ_number_line *line, uint64_t what, uint64_t about);
static inline const civ_numbers *civ_polity_block(const civ_polity *p, uint32_t group, civ_polity_draw purpose,
                                                  uint32_t item, uint32_t turn)
{
  const uint64_t what = (uint64_t)purpose << 32 | group, about = (uint64_t)turn << 32 | item;
  civ_number_line *line = &p->lines[(5 * (uint32_t)purpose + item) % CIV_NUMBER_LINES];
  if (line->what != what || line->about != about)
    civ_polity_fill(p, line, what, about);
  return &line->numbers;
}
static inline double civ_polity_draw_at(const civ_polity *p, uint32_t c, civ_polity_draw purpose, uint32_t item,
                                        uint32_t turn)
{
  return civ_number(civ_polity_block(p, c / CIV_NUMBERS, purpose, item, turn), c % CIV_NUMBERS);
}
static inline double civ_polity_draw_now(const civ_polity *p, uint32_t c, civ_polity_draw purpose, uint32_t item)
{
  return civ_polity_draw_at(p, c, purpose, item, (uint32_t)p->turn);
}
static inline double civ_polity_draw_once(const civ_polity *p, uint32_t c, civ_polity_draw purpose, uint32_t item)
{
  return civ_polity_draw_at(p, c, purpose, item, 0);
}
/* Those whose number of this turn is below q (to 2^-32). O(citizens). */
civ_citizens civ_polity_drawn(const civ_polity *p, civ_polity_draw purpose, uint32_t item, double q);

/* --- citizens ------------------------------------------------------------------------------------------------------------------ */

struct civ_seat;

/* How one kind of citizen decides. Its draws are keyed by (seed, citizen, turn, purpose, item): what is decided about, never
 * a position in a list. `memory` is private, cleared at the start of an episode. */
typedef struct civ_citizen_policy {
  const char *name;      /* "honest", "drainer", "entrencher", "suppressor", "script", "search" */
  const char *objective; /* "steward", ... */
  size_t memory_size;
  /* Writes at most `most` acts, votes first; there is room for a vote on every open proposal and 16 more. All decide on the
   * same state. */
  uint32_t (*act)(void *memory, const civ_polity *p, const struct civ_seat *seat, uint8_t me, civ_act *out,
                  uint32_t most);
  /* The turn's deeds [from, p->n_deeds); refusals of others are not to be looked at. NULL = does not care. */
  void (*observe)(void *memory, const civ_polity *p, uint8_t me, uint32_t from);
  /* An act of its own was refused. NULL = does not care. */
  void (*refused)(void *memory, const civ_polity *p, uint8_t me, const civ_act *act, const char *reason);
} civ_citizen_policy;

extern const civ_citizen_policy civ_citizen_honest;
extern const civ_citizen_policy civ_citizen_drainer;
extern const civ_citizen_policy civ_citizen_entrencher;
extern const civ_citizen_policy civ_citizen_suppressor;

/* What a scripted citizen does, by turn; everything else it lets pass. */
typedef struct civ_script {
  const civ_act *acts; /* in order of turn, then as sent */
  const int32_t *turns;
  uint32_t n;
} civ_script;
extern const civ_citizen_policy civ_citizen_scripted;
uint32_t civ_script_length(const civ_script *script); /* 0 for NULL */

typedef struct civ_seat {
  const char *name; /* "honest-1" */
  const civ_citizen_policy *policy;
  civ_citizens allies;      /* of its own camp, itself included; 0 = it has none */
  const civ_script *script; /* of a scripted citizen; NULL */
  const void *programme;    /* of a searching one; NULL */
} civ_seat;

#endif
