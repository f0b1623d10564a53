/* run.h - one simulation: build it from a config, step it, attach sinks, read the result, save and load it. */
#ifndef CIVITAS_RUN_H
#define CIVITAS_RUN_H

#include "civitas/config.h"
#include "civitas/metrics.h"

CIV_BEGIN_DECLS

typedef struct civ_run civ_run;

/* Why a run is over. */
typedef enum civ_end { CIV_RUNNING, CIV_END_DONE, CIV_END_INTERRUPTED, CIV_END_KILLED } civ_end;

typedef struct civ_run_options {
  uint32_t threads;               /* for turn_mode simultaneous; 0 and 1 = one */
  uint32_t recent_interactions;   /* length of each agent's optional ring of own interactions; 0 = off */
  const civ_allocator *allocator; /* NULL = malloc */
  const char *const *names;       /* names of the agents; NULL = those of the config */
} civ_run_options;

/* Builds a run at epoch 0, step 0. The config must outlive it and must have a seed (see civ_config_set_seed). */
CIV_API CIV_MUST_CHECK civ_status civ_run_create(const civ_config *config, const civ_run_options *options,
                                                 civ_run **out, civ_error *err);
CIV_API void civ_run_destroy(civ_run *run);

/* Adds a sink; before the first step, or before civ_run_load. At most 16. `self` stays the caller's. */
CIV_API CIV_MUST_CHECK civ_status civ_run_attach(civ_run *run, const civ_sink *sink, void *self, civ_error *err);

/* Emits the opening events and calls `begin` of all sinks; called by the first step if not before. */
CIV_API CIV_MUST_CHECK civ_status civ_run_begin(civ_run *run, civ_error *err);
/* One step (and the epoch's begin or end around it where due). CIV_OK with *end != CIV_RUNNING when nothing is left. */
CIV_API CIV_MUST_CHECK civ_status civ_run_step(civ_run *run, civ_end *end, civ_error *err);
/* Steps until the current epoch is closed, the run is over, or an interrupt. */
CIV_API CIV_MUST_CHECK civ_status civ_run_epoch(civ_run *run, civ_end *end, civ_error *err);
/* Emits the closing events and calls `end` of all sinks. Idempotent. */
CIV_API CIV_MUST_CHECK civ_status civ_run_finish(civ_run *run, civ_error *err);
/* begin, epochs, finish. */
CIV_API CIV_MUST_CHECK civ_status civ_run_all(civ_run *run, civ_end *end, civ_error *err);

/* Asks the run to stop after the current step; safe from a signal handler and other threads. */
CIV_API void civ_run_interrupt(civ_run *run);
/* A paused run makes no step (civ_run_step returns CIV_E_STATE) until resumed. Ignored when the kill switch is disabled. */
CIV_API void civ_run_pause(civ_run *run);
CIV_API void civ_run_resume(civ_run *run);
CIV_API bool civ_run_paused(const civ_run *run);

/* Executes one action now through the ordinary executor, before the next step's schedule is made (programs, tests). */
CIV_API CIV_MUST_CHECK civ_status civ_run_execute(civ_run *run, civ_agent a, const civ_action *action, bool *ok,
                                                  civ_error *err);
CIV_API CIV_MUST_CHECK civ_status civ_run_freeze(civ_run *run, civ_agent a, bool frozen, civ_error *err);

/* Called after each completion / each executed turn / each closed epoch, in that order of registration. */
typedef struct civ_run_hooks {
  void *self;
  void (*completed)(void *self, const civ_interaction *record, double payoff_a, double payoff_b);
  void (*turn)(void *self, uint32_t epoch, uint32_t step, civ_agent a, const civ_action *action, bool ok);
  void (*epoch)(void *self, uint32_t epoch, const double *row);
} civ_run_hooks;
CIV_API CIV_MUST_CHECK civ_status civ_run_hook(civ_run *run, const civ_run_hooks *hooks, civ_error *err);

/* --- results ------------------------------------------------------------------------------------------------------- */

/* Everything a run reports. Borrowed from the run, valid until the next step. */
typedef struct civ_result {
  const civ_config *config;
  uint64_t seed;
  civ_end end;
  const char *stop_reason; /* of CIV_END_KILLED */
  double stop_value;
  uint32_t epochs; /* closed */
  uint64_t steps, agent_steps;
  int64_t time_us; /* simulated time now */
  civ_columns epoch_columns;
  const double *rows; /* epochs x columns, row by row */
  civ_columns total_columns;
  const double *totals;
  const civ_population *population;
  const uint32_t *roles; /* per agent, bits */
  const uint8_t *primary_role;
  uint64_t pending;           /* proposals open at the end */
  const civ_metrics *metrics; /* pooled over the run */
  uint64_t digest;            /* of the final state */
} civ_result;

CIV_API CIV_MUST_CHECK civ_status civ_run_result(civ_run *run, civ_result *out, civ_error *err);

/* Appends to `out` one JSON object with the reports of all parts that write one ("{}" if none does): what detectors and worlds
 * say beyond numbers. Between two epochs or at the end. CIV_E_NOMEM. */
CIV_API CIV_MUST_CHECK civ_status civ_run_report(civ_run *run, civ_bytes *out, civ_error *err);

/* Digest of the whole state now (xxHash, 64 bits). */
CIV_API uint64_t civ_run_digest(civ_run *run);
/* Where the run stands. */
CIV_API void civ_run_now(const civ_run *run, uint32_t *epoch, uint32_t *step);

/* --- checkpoints --------------------------------------------------------------------------------------------------- */

/* Writes the state between two epochs into `out`; a run of the same config that loads it goes on as if never stopped.
 * Load: CIV_E_FORMAT for bytes that are not a checkpoint of this version, config and seed; the run is then half loaded and
 * fit only to be destroyed. */
CIV_API CIV_MUST_CHECK civ_status civ_run_save(civ_run *run, civ_bytes *out, civ_error *err);
CIV_API CIV_MUST_CHECK civ_status civ_run_load(civ_run *run, civ_bytes_reader *in, civ_error *err);

CIV_END_DECLS

#endif
