/* log_partial.h - interactions being put together from events, found by the text of their id; and names found by text. */
#ifndef CIV_RECORD_LOG_PARTIAL_H
#define CIV_RECORD_LOG_PARTIAL_H

#include "civitas/log.h"

/* --- texts to numbers ------------------------------------------------------------------------------------------------ */

typedef struct civ_interned {
  char **items; /* by number */
  uint32_t n;
  size_t capacity;
  uint32_t *slots; /* open addressing: number + 1 */
  uint32_t n_slots;
} civ_interned; /* all zero = empty; malloc memory */

void civ_interned_free(civ_interned *t);
uint32_t civ_interned_find(const civ_interned *t, const char *text);                       /* UINT32_MAX = not there */
CIV_MUST_CHECK bool civ_interned_add(civ_interned *t, const char *text, uint32_t *number); /* false: no memory */

/* --- partial records ------------------------------------------------------------------------------------------------- */

typedef struct civ_partial {
  struct civ_partial *next; /* of its bucket */
  uint64_t hash, order;     /* order = when first seen, from 0 */
  civ_interaction record;
  double payoff_a, payoff_b;
  int64_t decided_us;             /* time of the answer's event; INT64_MIN = none */
  bool completed;                 /* a payoff event was seen */
  bool unusable;                  /* an interaction type or number that cannot be */
  char *initiator, *counterparty; /* "" = none */
  char id[];
} civ_partial;

typedef struct civ_partials {
  civ_partial **buckets;
  size_t n_buckets, n;
  uint64_t seen; /* ids ever added */
} civ_partials;  /* all zero = empty; malloc memory */

void civ_partials_free(civ_partials *p);
/* Takes an event of interaction_id `record->interaction_id`. *touched = the partial it changed, NULL where there is none.
 * *wrong = what cannot be in it (static text), NULL = nothing. CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_partials_take(civ_partials *p, const civ_log_record *record, civ_partial **touched,
                                            const char **wrong, civ_error *err);
void civ_partials_drop(civ_partials *p, civ_partial *one);

#endif
