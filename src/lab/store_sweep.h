/* store_sweep.h - a sweep whose runs are kept in a results store, and the sweep that a store keeps. */
#ifndef CIV_LAB_STORE_SWEEP_H
#define CIV_LAB_STORE_SWEEP_H

#include "lab/store.h"
#include "lab/sweep.h"

typedef struct civ_store_sweep civ_store_sweep;

/* Opens the store, making it if it is not there. Errors as civ_store_open. */
CIV_MUST_CHECK civ_status civ_store_sweep_open(const char *path, civ_store_detail detail, civ_store_sweep **out,
                                               civ_error *err);
/* For civ_sweep_options: begins the experiment (or takes it up), knows what is done, keeps what gets done, and at the end waits
 * until it is on disk. Lives as long as the store_sweep. */
const civ_sweep_receiver *civ_store_sweep_receiver(const civ_store_sweep *s);
int64_t civ_store_sweep_experiment(const civ_store_sweep *s); /* its number; 0 before it began */
uint64_t civ_store_sweep_known(const civ_store_sweep *s);     /* runs that were there and not made again */
/* Closes the store; `finished`: the sweep came to its end (civ_sweep_run gave CIV_OK), which the experiment then says. */
civ_status civ_store_sweep_close(civ_store_sweep *s, bool finished, civ_error *err);

/* A sweep as a store keeps it: the plan made again from what is written there, and every row. */
typedef struct civ_stored_sweep {
  civ_arena arena;
  civ_sweep_spec spec;
  civ_config *base;
  civ_sweep_plan *plan;
  civ_sweep_rows *rows;
} civ_stored_sweep;

/* CIV_E_KEY: no such experiment; CIV_E_STATE: it is no sweep; CIV_E_FORMAT: it was made by a version whose plans differ. The
 * registry must outlive *out. */
CIV_MUST_CHECK civ_status civ_stored_sweep_read(civ_store *store, int64_t experiment, const civ_registry *registry,
                                                civ_stored_sweep **out, civ_error *err);
void civ_stored_sweep_destroy(civ_stored_sweep *s);

/* The sweep's definition as JSON that civ_sweep_parse reads. */
void civ_sweep_spec_json(const civ_sweep_spec *spec, civ_buffer *out);

#endif
