/* court.h - a run whose only purpose is its levers: each is called directly, by the tables the loop calls. */
#ifndef CIV_TESTS_COURT_H
#define CIV_TESTS_COURT_H

#include <jansson.h>

#include "civitas/civitas.h"
#include "sim/run_state.h"

typedef struct court {
  civ_registry *registry;
  civ_config *config;
  civ_run *run;
  const char **names;
  uint32_t n;
  bool pending; /* the rules switch on what is not there yet */
} court;

extern civ_observables court_observed; /* what is observed of every interaction; set before each */

/* `agents`: map from id to {reputation, resources}. Takes the reference to `governance`; payoff may be NULL. false: refused, or
 * pending. */
bool court_open(court *c, const json_t *agents, json_t *governance, const json_t *payoff);
void court_close(court *c);
civ_agent court_agent(const court *c, const char *id);           /* CIV_NOBODY */
const lever_slot *court_lever(const court *c, const char *name); /* NULL = off; it is the one that speaks from now on */
civ_interaction court_record(const court *c, const json_t *o);   /* from an object {a, b, p, accepted, tau} */
/* What one lever orders; the effect is the run's. */
void court_judge(const court *c, const lever_slot *l, const civ_interaction *record);
bool court_start_epoch(court *c, uint32_t epoch);

json_t *court_agents_json(const court *c, const effect_freeze *list, size_t n);
json_t *court_reputation_deltas(const court *c);
json_t *court_resource_deltas(const court *c);
json_t *court_effect(const court *c); /* all of it */

#endif
