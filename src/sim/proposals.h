/* proposals.h - the open proposals of a run, in creation order, and each agent's own queue of those addressed to it. */
#ifndef CIV_SIM_PROPOSALS_H
#define CIV_SIM_PROPOSALS_H

#include "base/bytes.h"
#include "base/memory.h"
#include "civitas/part.h"

typedef struct proposals {
  const civ_allocator *allocator;
  civ_proposal *items;   /* creation order; closed ones stay until compact */
  uint32_t *next, *prev; /* queue of the same counterparty; CIV_NONE */
  uint8_t *open;
  size_t capacity;
  uint32_t n, n_open;
  uint32_t *head, *tail; /* per agent; CIV_NONE */
  uint32_t agents;
  char *texts; /* of proposals that came from a checkpoint */
  size_t texts_capacity;
} proposals;

CIV_MUST_CHECK civ_status civ_proposals_init(proposals *p, uint32_t agents, const civ_allocator *allocator);
void civ_proposals_fini(proposals *p);
CIV_MUST_CHECK civ_status civ_proposals_reserve(proposals *p, size_t more);
/* Appends; room was reserved. Fills index. Returns the stored proposal. */
const civ_proposal *civ_proposals_add(proposals *p, const civ_proposal *proposal);
/* Takes an open proposal out: it stays readable at its index until compact. */
void civ_proposals_close(proposals *p, uint32_t index);
/* Drops closed proposals; indices of the others change, order stays. */
void civ_proposals_compact(proposals *p);
static inline bool proposals_is_open(const proposals *p, uint32_t index)
{
  return index < p->n && p->open[index];
}

uint64_t civ_proposals_digest(const proposals *p, uint64_t seed);
/* Closed proposals must have been dropped. */
void civ_proposals_save(const proposals *p, civ_bytes *out);
CIV_MUST_CHECK civ_status civ_proposals_load(proposals *p, civ_bytes_reader *in, civ_error *err);

#endif
