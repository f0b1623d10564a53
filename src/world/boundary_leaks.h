/* boundary_leaks.h - the leaks that were seen: sums over events, and what to do about them. */
#ifndef CIV_WORLD_BOUNDARY_LEAKS_H
#define CIV_WORLD_BOUNDARY_LEAKS_H

#include "base/pairs.h"
#include "world/boundary_flow.h"
#include "world/boundary_scan.h"

typedef struct civ_party_leaks {
  uint32_t as_agent, as_destination, first_agent, first_destination;
  double worst; /* of those it caused */
} civ_party_leaks;

typedef struct civ_leak_totals {
  uint64_t total, blocked, by_type[CIV_LEAK_TYPES], by_severity[4];
  double sum, most; /* of severity */
} civ_leak_totals;

typedef struct civ_leaks {
  const civ_allocator *allocator;
  uint32_t parties;
  civ_party_leaks *of;
  civ_leak_totals sum;
  civ_pairs *hashes; /* of content, each once */
} civ_leaks;

CIV_MUST_CHECK civ_status civ_leaks_init(civ_leaks *l, uint32_t parties, const civ_allocator *allocator);
void civ_leaks_fini(civ_leaks *l);
CIV_MUST_CHECK civ_status civ_leaks_reserve(civ_leaks *l, size_t contents); /* so many more contents may leak */
/* `fingerprint`: the first 64 bits of the content's hash. */
void civ_leaks_record(civ_leaks *l, civ_party agent, civ_party destination, const civ_leak *leak, bool blocked,
                      uint64_t fingerprint);
double civ_leaks_mean_severity(const civ_leak_totals *sum); /* 0 without events */
civ_top civ_leaks_top_agents(const civ_leaks *l);
civ_top civ_leaks_top_destinations(const civ_leaks *l);

typedef enum civ_leak_advice {
  CIV_ROTATE_CREDENTIALS,
  CIV_MASK_PII,
  CIV_TIGHTEN_POLICIES,
  CIV_INVESTIGATE_CRITICAL,
  CIV_REVIEW_AGENT, /* its name follows a colon */
  CIV_LEAK_ADVICES
} civ_leak_advice;
extern const char *const civ_leak_advice_names[CIV_LEAK_ADVICES + 1];
/* Which advice applies, in order; *whom = the agent to review. O(parties). */
int civ_leaks_advice(const civ_leaks *l, uint8_t out[CIV_LEAK_ADVICES], civ_party *whom);

void civ_leaks_save(const civ_leaks *l, civ_bytes *out);
CIV_MUST_CHECK civ_status civ_leaks_load(civ_leaks *l, civ_bytes_reader *in, civ_error *err);

#endif
