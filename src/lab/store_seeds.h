/* store_seeds.h - the runs of one configuration over a range of seeds, kept in a results store. */
#ifndef CIV_LAB_STORE_SEEDS_H
#define CIV_LAB_STORE_SEEDS_H

#include "lab/store.h"

typedef struct civ_store_seeds civ_store_seeds;

/* Opens the store (makes it if it is not there) and begins the experiment: this configuration, seeds first .. first + n - 1.
 * Errors as civ_store_open. */
CIV_MUST_CHECK civ_status civ_store_seeds_open(const char *path, civ_store_detail detail, const civ_config *config,
                                               uint64_t first, uint64_t n, civ_store_seeds **out, civ_error *err);
/* Has the experiment's runs handed over to the store: sets receive, receiver and history. */
void civ_store_seeds_receive(civ_store_seeds *s, civ_experiment_options *options);
/* Has the experiment take what stands in the store instead of running it again: totals and criteria to the bit, but neither
 * epochs nor agents nor reports. Reads them now; sets known. CIV_E_IO, CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_store_seeds_recall(civ_store_seeds *s, civ_experiment_options *options, civ_error *err);
uint64_t civ_store_seeds_known(const civ_store_seeds *s);     /* runs that were recalled */
int64_t civ_store_seeds_experiment(const civ_store_seeds *s); /* its number */
/* Waits until all is on disk and closes, which ends what was recalled; `finished`: every seed was run. */
civ_status civ_store_seeds_close(civ_store_seeds *s, bool finished, civ_error *err);

#endif
