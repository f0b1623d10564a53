/* harden.h - the loop: attack a law, add the guards its exploits call for, attack again, until nothing is found. */
#ifndef CIV_SELFPLAY_HARDEN_H
#define CIV_SELFPLAY_HARDEN_H

#include "selfplay/tournament.h"

enum { CIV_HARDEN_ROUNDS_MOST = 64 };

typedef struct civ_harden_setup {
  civ_game game; /* its kernel is the first one, and the measure of what guards cost the honest */
  const civ_matchup *matchups;
  uint32_t n_matchups;
  uint64_t first_seed, n_seeds;
  uint32_t rounds;
  uint64_t honest_seeds; /* episodes of baseline-honest a guard must not hurt in; 60 */
  double honest_loss;    /* points of governance score a guard may cost the honest at most; 2 */
  civ_detect_config detect;
  uint32_t threads;
  /* Told as the loop goes on; false asks to stop after this round's tournament. NULL = nobody. */
  bool (*progress)(void *arg, uint32_t round, const char *doing, uint64_t done, uint64_t of);
  void *arg;
} civ_harden_setup;

/* A rung of a ladder that was tried. */
typedef struct civ_patch {
  uint32_t round;      /* from 1 */
  char exploit_id[16]; /* whose detector called for it */
  uint8_t detector;
  civ_guard guard;
  bool applied;          /* false: it would have hurt the honest */
  double honest_score;   /* mean governance score of baseline-honest with it */
  uint64_t false_alarms; /* findings among the honest with it */
  char version[32];      /* of the kernel with it; "" where rejected */
} civ_patch;

typedef enum civ_exploit_fate {
  CIV_FATE_REFUSED_ALREADY, /* by guards added before its turn came */
  CIV_FATE_CLOSED,          /* by its own ladder */
  CIV_FATE_OPEN             /* the ladder had nothing left */
} civ_exploit_fate;
extern const char *const civ_exploit_fate_names[]; /* "refused already", "closed", "open" */

/* One round: a tournament under the kernel as patched so far, and what was done about its exploits. */
typedef struct civ_harden_round {
  const civ_kernel *kernel; /* the tournament's */
  civ_tournament *tournament;
  uint32_t n_exploits;
  civ_exploit_fate fate[CIV_DETECTORS]; /* by exploit of the tournament */
  uint32_t first_patch, n_patches;      /* tried in this round */
  uint32_t open_after;                  /* records of all rounds that the kernel at the round's end does not refuse */
  double honest_score;                  /* of baseline-honest under the kernel at the round's end */
} civ_harden_round;

typedef struct civ_hardening {
  civ_arena arena;
  civ_harden_round rounds[CIV_HARDEN_ROUNDS_MOST];
  uint32_t n_rounds;
  civ_patch *patches;
  uint32_t n_patches;
  double honest_before, honest_after; /* mean governance score of baseline-honest, first and final kernel */
  civ_kernel final;
  bool clean; /* the last round found nothing */
} civ_hardening;

/* Runs the loop. Ends when a round finds nothing, when nothing is left to add, or after `rounds`. The result does not depend on
 * threads. CIV_E_NOMEM, CIV_E_DIVERGED (a record that does not replay), CIV_E_INTERRUPTED. */
CIV_MUST_CHECK civ_status civ_harden(const civ_harden_setup *setup, civ_hardening **out, civ_error *err);
void civ_hardening_destroy(civ_hardening *h);

/* --- files ------------------------------------------------------------------------------------------------------------ */

/* The whole as JSON: lineage, rounds, exploits and their fates, cost to the honest. NULL = no memory. */
json_t *civ_hardening_json(const civ_harden_setup *setup, const civ_hardening *h);
/* The table round by round, then the guards, as Markdown. */
void civ_hardening_markdown(civ_buffer *out, const civ_harden_setup *setup, const civ_hardening *h);
/* hardening.json, summary.md, kernel.yaml (the final law), rounds/N/exploits/EXP-NNN.json in a new or empty folder. */
CIV_MUST_CHECK civ_status civ_hardening_save(const char *folder, bool replace, const civ_harden_setup *setup,
                                             const civ_hardening *h, civ_error *err);

#endif
