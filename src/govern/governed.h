/* governed.h - what the levers of section `governance` have in common: their rules, and memory for them and for each agent. */
#ifndef CIV_GOVERN_GOVERNED_H
#define CIV_GOVERN_GOVERNED_H

#include "civitas/config.h"

/* First member of a lever's state. */
typedef struct civ_governed {
  civ_host *host;
  const civ_governance_config *rules;
  uint32_t agents;
  void *columns; /* `column_size` bytes for each agent, cleared at first */
  size_t size, column_size;
} civ_governed;

/* Section `governance`; NULL in a host without it. */
const civ_governance_config *civ_governance_of(const civ_host *host);

/* A cleared state of `size` bytes that begins with a civ_governed, and `column_size` bytes for each agent (0 = none).
 * CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_governed_create(civ_host *host, const char *lever, size_t size, size_t column_size,
                                              void **self, civ_error *err);
void civ_governed_destroy(void *self);

/* What a checkpoint says when it belongs to another population. */
civ_status civ_governed_misfit(const civ_governed *g, const char *lever, civ_error *err);

#endif
