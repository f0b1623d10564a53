/* population.h - the state of all agents: one array per field, the set of active agents, and the watches over it. */
#ifndef CIV_SIM_POPULATION_H
#define CIV_SIM_POPULATION_H

#include "base/indexset.h"
#include "civitas/part.h"

/* One departure from a watch with history: x was a member during the moments [entered, left). */
typedef struct watch_departure {
  civ_agent x;
  uint64_t entered, left;
} watch_departure;

typedef struct watch_state {
  civ_watch_test test;
  const void *arg;
  civ_indexset members;
  bool history;
  uint64_t *entered; /* per agent: moment of the last entry */
  watch_departure *departures;
  size_t n_departures, capacity;
} watch_state;

typedef struct population {
  civ_population view; /* what parts see; its arrays are the ones below */
  const civ_allocator *allocator;
  uint8_t *type, *frozen, *policy;
  double *reputation, *resources, *total_payoff, *average_p_initiated, *average_p_received;
  uint32_t *initiated, *received, *accepted, *rejected, *freezes;
  const char *const *name; /* borrowed */
  const char **variant;
  civ_indexset active; /* not frozen */
  watch_state *watches;
  size_t n_watches, watches_capacity;
  const uint64_t *moment; /* the run's clock of turns, for histories */
  uint64_t freezes_total;
} population;

CIV_MUST_CHECK civ_status civ_population_init(population *p, uint32_t n, const civ_allocator *allocator,
                                              const uint64_t *moment);
void civ_population_fini(population *p);

CIV_MUST_CHECK civ_status civ_population_watch(population *p, civ_watch_test test, const void *arg, uint32_t *id);
CIV_MUST_CHECK civ_status civ_population_watch_history(population *p, uint32_t id);
/* Room in the histories for `changes` more departures. */
CIV_MUST_CHECK civ_status civ_population_reserve(population *p, size_t changes);

/* One initiation (reception) with label p enters an agent's counters and running mean; the first replaces the prior 0.5.
 * A refused initiation counts as initiated and rejected, a reception counts whatever the answer was. */
void civ_population_record_initiated(population *p, civ_agent a, bool accepted, double label);
void civ_population_record_received(population *p, civ_agent a, double label);
/* accepted / (accepted + rejected), 0 before the first. */
double civ_population_acceptance_rate(const population *p, civ_agent a);

void civ_population_set_reputation(population *p, civ_agent a, double value);
void civ_population_set_resources(population *p, civ_agent a, double value);
bool civ_population_set_frozen(population *p, civ_agent a, bool frozen); /* true: the flag changed */
/* After fields were set directly (creation, load): brings active set and watches up to date. */
void civ_population_refresh(population *p);

uint64_t civ_population_digest(const population *p, uint64_t seed);
void civ_population_save(const population *p, civ_bytes *out);
CIV_MUST_CHECK civ_status civ_population_load(population *p, civ_bytes_reader *in, civ_error *err);

#endif
