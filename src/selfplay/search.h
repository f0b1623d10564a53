/* search.h - an adversary nobody scripted: two allies whose programmes evolve towards damage. */
#ifndef CIV_SELFPLAY_SEARCH_H
#define CIV_SELFPLAY_SEARCH_H

#include "selfplay/damage.h"
#include "selfplay/matchup.h"

typedef enum civ_gene_tactic {
  CIV_GENE_SPEND_SELF,
  CIV_GENE_SPEND_ALLY,
  CIV_GENE_TREASURER, /* moves money; stands for the office while somebody else, or nobody, holds it */
  CIV_GENE_STAND,
  CIV_GENE_AMEND,
  CIV_GENE_REMOVE,
  CIV_GENE_PETITION,
  CIV_GENE_SUSPEND,
  CIV_GENE_GIFT,
  CIV_GENE_WORKS,
  CIV_GENE_TACTICS
} civ_gene_tactic;
extern const char *const civ_gene_tactic_names[CIV_GENE_TACTICS + 1];

/* Acts in turns first, first + period, ... */
typedef struct civ_gene {
  uint8_t tactic;
  uint8_t first;       /* 1 .. 40 */
  uint8_t period;      /* 1 .. 20 */
  double size, target; /* [0, 1): amount 0.002 x 250^size of the treasury; whom or what */
} civ_gene;

enum { CIV_PROGRAMME_GENES = 8, CIV_SEARCHERS = 2 };
typedef struct civ_programme {
  civ_gene genes[CIV_PROGRAMME_GENES];
} civ_programme;

extern const civ_citizen_policy civ_citizen_search; /* seat->programme: a civ_programme */

typedef struct civ_search_setup {
  civ_game game;
  uint32_t honest; /* citizens beside the two searchers */
  uint64_t seed;   /* of the search; episodes use seeds from first_seed on */
  uint64_t first_seed;
  uint32_t episodes; /* per programme pair: fitness is their mean damage */
  uint32_t fresh;    /* episodes on seeds the search never saw, for the result */
  uint32_t mu, lambda, generations;
  uint32_t restarts; /* independent evolutions; the fittest pair of all is the result */
  civ_detect_config detect;
  uint32_t threads; /* 0 = all */
  bool (*progress)(void *arg, uint32_t generation, uint32_t of,
                   double best); /* over all restarts; false = stop here; NULL = nobody */
  void *arg;
} civ_search_setup;
/* mu 8, lambda 24, 40 generations, 8 restarts, 6 episodes, 60 fresh ones, 5 honest; game, detect and seeds are the caller's. */
civ_search_setup civ_search_default(void);

/* An episode whose damage no detector explains. */
typedef struct civ_unexplained {
  bool met;
  uint64_t episodes; /* how many, of all that were played */
  uint64_t seed;     /* of the worst one */
  civ_damage worst;
  uint8_t severity; /* 1 .. 5 by damage */
  civ_programme programmes[CIV_SEARCHERS];
} civ_unexplained;

typedef struct civ_search_result {
  civ_programme programmes[CIV_SEARCHERS]; /* the best pair */
  double fitness;                          /* on the seeds of the search */
  civ_damage fresh;                        /* means on fresh seeds */
  double governance_score;                 /* mean on fresh seeds */
  double found;                            /* share of fresh episodes with a finding */
  civ_unexplained unexplained;             /* damage of at least CIV_UNEXPLAINED_LEAST and no finding */
  uint32_t restart;                        /* whose best pair it is */
  double best[64];                         /* its fitness by generation, from 0 */
  uint32_t generations;                    /* entries of `best` */
  uint64_t played;                         /* episodes */
} civ_search_result;
#define CIV_UNEXPLAINED_LEAST 0.10

/* (mu + lambda) evolution strategy (Beyer & Schwefel 2002). The result does not depend on threads. CIV_E_NOMEM; CIV_E_RANGE for
 * settings out of range; CIV_E_INTERRUPTED when progress said so (then *out holds the best so far). */
CIV_MUST_CHECK civ_status civ_search(const civ_search_setup *setup, civ_search_result *out, civ_error *err);

/* The seating of a search: honest-1 .., searcher-1, searcher-2; programmes are borrowed. */
void civ_search_seat(uint32_t honest, const civ_programme programmes[CIV_SEARCHERS], civ_seating *out);
/* {"genes": [{"tactic", "first", "period", "size", "target"}, ..]} on one line. */
void civ_programme_write(civ_buffer *out, const civ_programme *programme);

#endif
