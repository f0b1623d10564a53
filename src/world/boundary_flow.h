/* boundary_flow.h - what crossed the boundary: counts, bytes, sensitivity, who with whom; and what is odd about it.
 *
 * Sums, not a list: they are those of a list that is never trimmed. */
#ifndef CIV_WORLD_BOUNDARY_FLOW_H
#define CIV_WORLD_BOUNDARY_FLOW_H

#include "civitas/bytes.h"
#include "world/boundary.h"
#include "world/boundary_pattern.h"

typedef struct civ_flow {
  uint8_t direction, type; /* civ_direction, civ_flow_type */
  civ_party source, destination;
  uint64_t bytes;
  double sensitivity;
  bool blocked, pii, credentials, code;
} civ_flow;

/* One party's part in the flows. */
typedef struct civ_party_flows {
  uint32_t as_source, as_destination;       /* flows, blocked ones too */
  uint32_t first_source, first_destination; /* number of the first such flow, from 1 */
  uint32_t initiated, received, blocked;    /* not blocked; not blocked; blocked, as source */
  uint64_t bytes_sent, bytes_received;      /* not blocked */
  double sensitivity_sent;                  /* sum over initiated */
} civ_party_flows;

enum { CIV_TOP = 5 };
typedef struct civ_top {
  civ_party party[CIV_TOP];
  uint32_t count[CIV_TOP];
  int n;
} civ_top; /* count descending, ties in order of first appearance */

typedef struct civ_flow_totals {
  uint64_t total, inbound, outbound, blocked, sensitive, pii, credentials, code;
  uint64_t bytes_in, bytes_out; /* of all flows; of blocked ones too */
  uint64_t bytes_kept_in;       /* bytes of blocked outbound flows: counted above, yet they never left */
  uint64_t by_type[CIV_FLOW_TYPES];
  double sum_open, sum_blocked; /* of sensitivity */
  double most_sensitive;
} civ_flow_totals;

typedef struct civ_flows {
  const civ_allocator *allocator;
  double threshold; /* sensitive from here on */
  uint32_t parties;
  civ_party_flows *of; /* per party */
  civ_flow_totals sum;
} civ_flows;

CIV_MUST_CHECK civ_status civ_flows_init(civ_flows *f, uint32_t parties, double threshold,
                                         const civ_allocator *allocator);
void civ_flows_fini(civ_flows *f);
void civ_flows_record(civ_flows *f, const civ_flow *flow);
double civ_flows_mean_sensitivity(const civ_flow_totals *sum); /* 0 without flows */
civ_top civ_flows_top_sources(const civ_flows *f);
civ_top civ_flows_top_destinations(const civ_flows *f);

typedef enum civ_anomaly_type {
  CIV_EXCESSIVE_OUTBOUND,
  CIV_HIGH_SENSITIVITY_RATIO,
  CIV_CREDENTIAL_EXPOSURE,
  CIV_CONCENTRATED_SOURCE,
  CIV_ANOMALIES
} civ_anomaly_type;
extern const char *const civ_anomaly_names[CIV_ANOMALIES + 1];
extern const char *const civ_anomaly_severities[CIV_ANOMALIES];
typedef struct civ_anomaly {
  uint8_t type;
  double value;    /* ratio or count */
  civ_party party; /* of concentrated_source */
} civ_anomaly;
/* How many, in the order of the types. O(parties). */
int civ_flows_anomalies(const civ_flows *f, civ_anomaly out[CIV_ANOMALIES]);

void civ_flows_save(const civ_flows *f, civ_bytes *out);
bool civ_flows_load(civ_flows *f, civ_bytes_reader *in);

/* The five parties with the largest counts. `count` and `first` are at these offsets of records of `stride` bytes. */
civ_top civ_top_of(const void *records, uint32_t n, size_t stride, size_t count, size_t first);

#endif
