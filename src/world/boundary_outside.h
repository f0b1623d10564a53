/* boundary_outside.h - the world outside: who can be asked there, and what it answers. */
#ifndef CIV_WORLD_BOUNDARY_OUTSIDE_H
#define CIV_WORLD_BOUNDARY_OUTSIDE_H

#include "civitas/bytes.h"
#include "world/boundary.h"

typedef struct civ_entity {
  const char *id, *name;
  uint8_t type;       /* civ_entity_type */
  double trust;       /* [0, 1] */
  int64_t rate_limit; /* service: requests per epoch */
  double latency_ms, reliability;
  bool sensitive_data;
  const char *data_type; /* data source */
  double sensitivity, access_cost;
  int64_t asked; /* in this epoch */
} civ_entity;

enum { CIV_MOST_ACTIONS = 16 };
typedef struct civ_action_count {
  const char *name; /* borrowed */
  uint64_t n;
} civ_action_count;

typedef struct civ_outside_totals {
  uint64_t interactions, successes, inbound_data, by_type[CIV_ENTITY_TYPES];
  double trust; /* sum */
} civ_outside_totals;

typedef struct civ_outside {
  civ_entity *entities; /* borrowed, in order of their adding */
  uint32_t n;
  int64_t most_per_epoch; /* < 0 = any number */
  bool unlimited;         /* of services: the library's world, where rate limits are descriptive */
  int64_t asked;          /* in this epoch, by anybody */
  civ_outside_totals sum;
  civ_action_count actions[CIV_MOST_ACTIONS]; /* the last one also counts what has no place */
} civ_outside;

/* What comes back. */
typedef struct civ_reply {
  bool success;
  uint8_t code;      /* civ_boundary_code of a failure */
  double latency_ms; /* services; 0 otherwise */
  uint32_t number;   /* request_id of a service, rows of a data source */
  const char *text;  /* canonical text of `data`: a service's in `own`, "{}" where there is none, "null" */
  char own[64];
  double sensitivity; /* data sources; with sensitive data, services */
  double cost;
} civ_reply;

/* CIV_NONE = unknown. */
uint32_t civ_outside_find(const civ_outside *o, const char *id);
/* Asks the k-th entity (CIV_NONE or beyond: nobody knows it). Services draw whether they answer, then a request id and a
 * latency; data sources a number of rows. `mark_sensitive`: answers of services with sensitive data count as 0.8. */
void civ_outside_ask(civ_outside *o, uint32_t k, const char *action, bool mark_sensitive, civ_draws *draws,
                     civ_reply *out);
/* Keeps the books of one request that the k-th entity answered. */
void civ_outside_count(civ_outside *o, uint32_t k, const char *action, bool success);
void civ_outside_new_epoch(civ_outside *o);
double civ_outside_mean_trust(const civ_outside_totals *sum);
double civ_outside_success_rate(const civ_outside_totals *sum);

void civ_outside_save(const civ_outside *o, civ_bytes *out);
/* Names of actions are those of `known`, NULL-terminated. */
bool civ_outside_load(civ_outside *o, const char *const *known, civ_bytes_reader *in);

#endif
