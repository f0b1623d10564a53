/* capture.h - what those who want to capture a polity have in common: votes, patience after refusals, ways to office. */
#ifndef CIV_SELFPLAY_CAPTURE_H
#define CIV_SELFPLAY_CAPTURE_H

#include "selfplay/polity.h"

/* What is tried separately, so that a refusal rests one thing only; amendments rest by parameter. */
typedef enum civ_tactic {
  CIV_TACTIC_SPEND,
  CIV_TACTIC_SELF_SPEND,
  CIV_TACTIC_REMOVAL,
  CIV_TACTIC_FIRST_OFFICE,
  CIV_TACTIC_FURTHER_OFFICE,
  CIV_TACTIC_MOVE,
  CIV_TACTIC_GIFT,
  CIV_TACTIC_SUSPENSION,
  CIV_TACTIC_CLOSING,
  CIV_TACTICS
} civ_tactic;

enum { CIV_TACTICS_SENT = 3 }; /* acts other than votes in a turn */

/* First member of a capturer's memory; all zero at the start. */
typedef struct civ_capturer {
  int32_t rests_until[CIV_TACTICS]; /* acts again in this turn */
  int32_t amendment_rests[CIV_PARAMS];
  uint8_t spends_halved, moves_halved; /* how often a refusal halved the size */
} civ_capturer;

/* What a capturer draws for in a turn: places in its block. Kinds of capturers share places: each has a block of its own. */
typedef enum civ_tactical {
  CIV_TACTICAL_SEEK,
  CIV_TACTICAL_STEP,
  /* a drainer's */
  CIV_TACTICAL_SPEND,
  CIV_TACTICAL_FOR_WHOM,
  CIV_TACTICAL_ALLY,
  CIV_TACTICAL_AMOUNT,
  CIV_TACTICAL_GIFT,
  /* an entrencher's */
  CIV_TACTICAL_STAND = CIV_TACTICAL_STEP + 1,
  CIV_TACTICAL_TERM,
  CIV_TACTICAL_THRESHOLD,
  /* a suppressor's */
  CIV_TACTICAL_REMOVE = CIV_TACTICAL_STEP + 1
} civ_tactical;

/* Acts of one turn being collected; beyond the first three other than votes nothing is kept. */
typedef struct civ_plan {
  civ_capturer *self;
  const civ_polity *p;
  uint8_t me;
  civ_citizens allies;
  civ_act *out;
  uint32_t n, others;
  bool drawn; /* the turn's numbers, made when first asked for */
  civ_numbers numbers;
} civ_plan;

/* Begins a turn: votes on everything it has not voted on. `thrifty`: no to what others spend. */
civ_plan civ_plan_begin(civ_capturer *self, const civ_polity *p, const civ_seat *seat, uint8_t me, civ_act *out,
                        bool thrifty);
static inline bool civ_plan_full(const civ_plan *plan)
{
  return plan->others >= CIV_TACTICS_SENT;
}
static inline bool civ_plan_ally(const civ_plan *plan, uint8_t c)
{
  return c < CIV_CITIZENS_MOST && (plan->allies >> c & 1) != 0;
}
bool civ_plan_rests(const civ_plan *plan, civ_tactic tactic);
void civ_plan_add(civ_plan *plan, const civ_act *act);
double civ_plan_number(civ_plan *plan, civ_tactical what); /* in [0, 1) */
/* An open proposal of this kind by an ally, whose payload `test` accepts (NULL = any). */
bool civ_plan_ally_opened(const civ_plan *plan, civ_motion_kind kind,
                          bool (*test)(const civ_motion_payload *payload, int64_t arg), int64_t arg);
uint32_t civ_plan_own_open(const civ_plan *plan, civ_motion_kind kind);

/* Holding no office and not standing, with probability 0.6: stands for the first vacant office of the list that no ally has a
 * proposal on. `offices` ends with CIV_NO_OFFICE. */
void civ_plan_seek(civ_plan *plan, const uint8_t *offices);
/* Stands for the first vacant office no ally has a proposal on. */
void civ_plan_stand(civ_plan *plan, const uint8_t *offices);
/* With probability q proposes the value in force + change, unless that lies beyond the limit or an ally has an amendment of it
 * open. */
void civ_plan_step(civ_plan *plan, civ_param param, int64_t change, int64_t limit, double q);
void civ_plan_amend(civ_plan *plan, civ_param param, int64_t value);

/* Of a capturer's table: learns from a refusal. */
void civ_capturer_refused(void *memory, const civ_polity *p, uint8_t me, const civ_act *act, const char *reason);
double civ_capturer_slice(const civ_capturer *self); /* factor of spends, 1 .. 0.05 */
double civ_capturer_move(const civ_capturer *self);  /* share of the treasury a treasurer moves, 0.05 .. 0.002 */
/* A share of the treasury, rounded down to 0.01 credits. */
int64_t civ_capturer_amount(const civ_polity *p, double share);

#endif
