/* polity_inside.h - how the law is applied to a polity: for the rooms of this folder that write it. */
#ifndef CIV_SELFPLAY_POLITY_INSIDE_H
#define CIV_SELFPLAY_POLITY_INSIDE_H

#include "selfplay/polity.h"

extern const uint8_t civ_rule_of_kind[CIV_MOTION_KINDS]; /* civ_rule whose clause speaks of a kind of proposal */

/* Why something is not lawful; reason NULL = it is. */
typedef struct civ_refusal {
  const char *reason;
  uint8_t rule; /* whose clause says so */
} civ_refusal;

/* Founds a polity in a workspace whose lists keep their memory from the last one. Sets p->failed where memory lacks. */
void civ_polity_found(civ_polity *p, const civ_kernel *kernel, const civ_physics *physics, const char *const *names,
                      uint32_t n, int64_t initial_treasury, int32_t turns, uint64_t seed);
void civ_polity_release(civ_polity *p);

/* Appends a deed of this turn, cleared but for turn, kind and actor. Never NULL: where memory lacks p->failed is set and a
 * place to write into is given all the same. */
civ_deed *civ_polity_note(civ_polity *p, civ_deed_kind kind, uint8_t actor);

/* Reads the agenda, before anybody chooses. O(open proposals). */
void civ_polity_open_turn(civ_polity *p, int32_t turn);

/* The deed noted last is one that citizens may notice. */
void civ_polity_show(civ_polity *p);

/* What the law says of an act of citizen `c` now. */
civ_refusal civ_polity_refusal(const civ_polity *p, uint8_t c, const civ_act *act);
/* Conditions that hold at opening and again at the count. */
civ_refusal civ_polity_conditions(const civ_polity *p, civ_motion_kind kind, uint8_t proposer,
                                  const civ_motion_payload *payload);
/* The motion an act speaks of; NULL = there is none. O(1) by id, O(motions) by reference. */
const civ_motion *civ_polity_meant(const civ_polity *p, const civ_act *act);

/* Applies an act that is lawful, or notes its refusal. `others` counts the acts other than votes this citizen sent this turn
 * before. *reason: of a refusal. */
bool civ_polity_act(civ_polity *p, uint8_t c, const civ_act *act, uint32_t others, const char **reason);
/* Amendments whose delay ended, then the proposals that close, under the law in force at each moment. */
void civ_polity_count(civ_polity *p);
/* Offices and franchises that end or return, production, consumption, shocks, the floor. */
void civ_polity_tick(civ_polity *p);

/* After the holder of an office changed. */
void civ_polity_settle_offices(civ_polity *p);
void civ_polity_end_office(civ_polity *p, civ_office office, const char *reason);
/* Pays from the treasury: a public spend (receiver CIV_PUBLIC) or a private one; bookkeeping only, no deed. */
void civ_polity_pay(civ_polity *p, uint8_t giver, uint8_t receiver, int64_t amount, bool needy, bool move);
void civ_polity_breach(civ_polity *p, uint8_t c, const char *what);
int64_t civ_polity_shortfall(const civ_polity *p);      /* sum over citizens of what lacks to the floor */
civ_citizens civ_polity_all_needy(const civ_polity *p); /* who is below the floor */
static inline bool civ_polity_needy(const civ_polity *p, uint8_t c)
{
  return p->balance[c] < p->law.value[CIV_PARAM_FLOOR_AMOUNT];
}
typedef enum civ_tally_outcome { CIV_TALLY_PASSED, CIV_TALLY_QUORUM, CIV_TALLY_THRESHOLD } civ_tally_outcome;
/* What so many votes decide; threshold in parts per million of yes and no. */
civ_tally_outcome civ_tally(int32_t need, int64_t threshold, int64_t yes, int64_t no, int64_t abstain);
/* Of `base` citizens: max(1, ceil(fraction x base)). */
int32_t civ_quorum_need(int64_t fraction, uint32_t base);

#endif
