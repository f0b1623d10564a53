/* society.h - the society fuzzer: from one seed a random valid scenario, run in many ways, and held to what must be true of
 * every run.
 *
 * A part of the library that the fuzzer is to cover gets one line in worlds.c: what it draws into the scenario, and what must
 * hold after every step. Everything else (repeats, threads, logs, replay, checkpoints) is checked of all of them alike. */
#ifndef CIV_TESTS_SOCIETY_H
#define CIV_TESTS_SOCIETY_H

#include "base/buffer.h"
#include "civitas/civitas.h"
#include "ledger.h"

/* What has been seen to happen, summed over all societies and shown at the end: a fuzzer that meets nothing finds nothing. */
enum {
  FACT_AGENTS,
  FACT_TURNS,
  FACT_ACCEPTED,
  FACT_REFUSED,
  FACT_EXPIRED,
  FACT_PENDING,
  FACT_POSTS,
  FACT_VOTES,
  FACT_CLAIMS,
  FACT_OUTPUTS,
  FACT_VERIFIED,
  FACT_TRANSFERS,
  FACT_COSTED,
  FACT_FREEZES,
  FACT_RAILS,
  FACT_KILLED,
  FACT_IN_PARALLEL,
  FACT_TEAMWORK,
  FACT_BIDS,
  FACT_AWARDS,
  FACT_OUTSIDE,
  SOCIETY_FACTS
};
extern const char *const society_fact_names[SOCIETY_FACTS];

/* One scenario and what is known of it. */
typedef struct society {
  uint64_t seed;
  civ_registry *registry; /* the built-in parts and those of chaos.h */
  civ_buffer yaml;
  civ_config *config;
  uint32_t agents; /* how many were drawn */
  uint64_t facts[SOCIETY_FACTS];
  bool failed;
  char complaint[1024]; /* the first one */
} society;

/* Notes what is wrong; the first complaint stays. Always false. */
bool society_fail(society *s, const char *fmt, ...) CIV_PRINTF(2, 3);

/* Random numbers of a society, one stream for each thing that draws. */
civ_draws society_draws(const society *s, uint32_t purpose);

/* --- drawing text (draw.c) --------------------------------------------------------------------------------------------- */

bool draw_maybe(civ_draws *d, double probability);
/* "  KEY: value" lines, each with the given probability (the default stands otherwise). */
void put_real(civ_buffer *out, civ_draws *d, const char *key, double low, double high);
void put_integer(civ_buffer *out, civ_draws *d, const char *key, uint32_t low, uint32_t high);
void put_limit(civ_buffer *out, civ_draws *d, const char *key, uint32_t low, uint32_t high); /* sometimes null */
void put_boolean(civ_buffer *out, civ_draws *d, const char *key);
void put_choice(civ_buffer *out, civ_draws *d, const char *key, const char *const *choices);
/* Writes the scenario of `seed`. */
void society_draw(society *s);

/* --- worlds.c: the table ------------------------------------------------------------------------------------------------- */

typedef struct society_world {
  const char *name;
  void (*draw)(civ_draws *d, civ_buffer *yaml);                   /* top-level sections; NULL */
  bool (*step)(society *s, const ledger *l, const civ_result *r); /* after every step; NULL */
  bool (*end)(society *s, const ledger *l, const civ_result *r);  /* when the run is over; NULL */
} society_world;
extern const society_world society_worlds[]; /* ended by a NULL name */

/* Composite tasks (composite.c). */
void draw_capabilities(civ_draws *d, civ_buffer *yaml); /* of one entry of agents */
void draw_composite(civ_draws *d, civ_buffer *yaml);
bool composite_end(society *s, const ledger *l, const civ_result *r);

/* Networks (network.c). */
void draw_network(civ_draws *d, civ_buffer *yaml);
bool network_end(society *s, const ledger *l, const civ_result *r);

/* Boundaries and permeability (boundary.c). */
void draw_boundary(civ_draws *d, civ_buffer *yaml);
bool boundary_end(society *s, const ledger *l, const civ_result *r);

/* The marketplace (market.c). */
void draw_market(civ_draws *d, civ_buffer *yaml);
bool market_step(society *s, const ledger *l, const civ_result *r);
double market_holds(const civ_result *r); /* credits that have left the agents' purses for the market; 0 without one */

/* Kinds of agents and what may stand in their `config:`. */
typedef struct society_policy {
  const char *type;
  void (*draw)(civ_draws *d, civ_buffer *yaml); /* lines of six blanks and "key: value" */
} society_policy;
extern const society_policy society_policies[]; /* ended by a NULL type */

/* A total by name; NaN when there is none. */
double result_total(const civ_result *r, const char *name);
/* A column of the epoch table by name; UINT32_MAX when there is none. */
uint32_t result_column(const civ_result *r, const char *name);

/* --- check.c: one society from beginning to end -------------------------------------------------------------------------- */

/* Runs everything. `scratch` is a folder to write into. False: s->complaint says why. */
bool society_check(society *s, const char *scratch);

#endif
