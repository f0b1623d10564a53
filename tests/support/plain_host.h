/* plain_host.h - the services of a loop without a loop: for tests of one world or lever. Everything may be set by hand
 * between two calls. It also stands in for the effects a lever orders, and remembers a stop. */
#ifndef CIV_TESTS_PLAIN_HOST_H
#define CIV_TESTS_PLAIN_HOST_H

#include "civitas/config.h"

enum { PLAIN_HOST_AGENTS = 64 };

typedef struct plain_host {
  civ_host host; /* must stay first and must not move */
  civ_population population;
  uint8_t type[PLAIN_HOST_AGENTS], frozen[PLAIN_HOST_AGENTS];
  double reputation[PLAIN_HOST_AGENTS], resources[PLAIN_HOST_AGENTS];
  uint32_t roles[PLAIN_HOST_AGENTS];
  const civ_allocator *allocator;
  const void *market; /* what service("market") answers */
  uint64_t steps_done;
  uint32_t epoch, step;
  civ_simulation_config simulation;
  civ_environment_config environment;
  civ_rate_limits_config rate_limits;
  civ_safety_config safety;
} plain_host;

/* `agents` honest ones with nothing; the sections at the defaults of the schema. */
void plain_host_init(plain_host *h, uint32_t agents, const civ_allocator *allocator);

struct civ_effect {
  uint32_t stops;
  const char *reason;
  double value;
};

#endif
