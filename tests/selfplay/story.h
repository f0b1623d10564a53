/* story.h - for tests: a trace told deed by deed, not necessarily one that could happen. Ten citizens, 1000 credits, 60 quiet turns
 * in which everybody can vote, a quorum of 3, thresholds of a half, a floor of 10. Deeds are told in the order of their turns. */
#ifndef CIV_TESTS_SELFPLAY_STORY_H
#define CIV_TESTS_SELFPLAY_STORY_H

#include "selfplay/detect.h"
#include "selfplay/polity.h"

enum { STORY_CITIZENS = 10, STORY_TURNS = 60 };
enum { A, B, C, D, E, F, G, H, I, J }; /* its citizens */
#define BIT(c) civ_citizen_bit(c)
#define CR(x)  ((int64_t)(x)*CIV_CREDIT)

void story_begin(void);
civ_snapshot *story_snapshot(int32_t turn);
void story_open(int32_t turn, uint8_t proposer, uint32_t n); /* n open proposals of one citizen in a snapshot, added */
void story_office(civ_office office, uint8_t holder, int32_t first, int32_t last);

int32_t story_spend(int32_t turn, uint8_t proposer, uint8_t beneficiary); /* opened; its id */
int32_t story_amendment(int32_t turn, uint8_t proposer, civ_param param);
int32_t story_removal(int32_t turn, uint8_t proposer, uint8_t target);
int32_t story_recall(int32_t turn, uint8_t proposer, civ_office office, uint8_t holder);
int32_t story_grant(int32_t turn, uint8_t proposer, civ_office office, uint8_t to);
void story_vote(int32_t turn, int32_t id, uint8_t voter, civ_choice choice);
civ_deed *story_passed(int32_t turn, int32_t id, civ_citizens yes, civ_citizens no);
civ_deed *story_failed(int32_t turn, int32_t id, civ_citizens yes, civ_citizens no, const char *reason);

civ_deed *story_paid(int32_t turn, uint8_t proposer, uint8_t to, int64_t amount); /* treasury before: 1000 */
civ_deed *story_moved(int32_t turn, uint8_t officer, uint8_t to, int64_t amount);
void story_gift(int32_t turn, uint8_t from, uint8_t to);
void story_amended(int32_t turn, int32_t id, int64_t old, int64_t value);
civ_deed *story_suspended(int32_t turn, uint8_t by, uint8_t citizen, int32_t until);
civ_deed *story_removed(int32_t turn, uint8_t by, uint8_t citizen);
void story_returned(int32_t turn, uint8_t citizen);
void story_sank(int32_t turn, uint8_t citizen, int64_t balance);

/* Runs the suite; fails unless this detector finds exactly this. */
void story_fires(civ_detector_id detector, int32_t turn, uint8_t severity, civ_citizens actors);
void story_is_quiet(civ_detector_id detector); /* others may find something */

#endif
