/* detect.h - the suite of fourteen detectors: pure functions of a trace, at most one finding each. */
#ifndef CIV_SELFPLAY_DETECT_H
#define CIV_SELFPLAY_DETECT_H

#include "civitas/field.h"
#include "selfplay/trace.h"

/* In the order in which findings are listed. */
typedef enum civ_detector_id {
  CIV_DETECT_TREASURY_DRAIN,
  CIV_DETECT_SELF_DEALING,
  CIV_DETECT_RECIPROCAL_DEALING,
  CIV_DETECT_SALAMI,
  CIV_DETECT_THIN_QUORUM,
  CIV_DETECT_GUARD_LOOSENING,
  CIV_DETECT_ENTRENCHMENT,
  CIV_DETECT_OFFICE_ACCUMULATION,
  CIV_DETECT_FRANCHISE_SUPPRESSION,
  CIV_DETECT_REGISTRAR_ABUSE,
  CIV_DETECT_AGENDA_FLOODING,
  CIV_DETECT_VOTE_BUYING,
  CIV_DETECT_FLOOR_BREACH,
  CIV_DETECT_DEADLOCK,
  CIV_DETECTORS
} civ_detector_id;

/* Thresholds of the suite: section `detectors`. Shares are of what the field's sentence says. */
typedef struct civ_detect_config {
  int64_t drain_window;
  double drain_share, drain_share_grave, drain_share_extreme;
  int64_t reciprocal_window;
  double reciprocal_share;
  int64_t salami_window, salami_payments;
  double salami_slice, salami_share;
  double thin_quorum_share;
  int64_t loosening_window;
  int64_t entrenchment_snapshots;
  double franchise_share, opposed_share;
  int64_t opposed_votes;
  int64_t abuse_window, abuse_votes;
  int64_t flooding_snapshots, flooding_open;
  double flooding_share, flooding_drop, flooding_usual;
  int64_t buying_window, buying_votes;
  double breach_share;
  int64_t deadlock_snapshots;
} civ_detect_config;
extern const civ_section civ_section_detectors;

typedef struct civ_detector {
  const char *name; /* "treasury-drain" */
  uint8_t category; /* civ_exploit_category */
  uint16_t clauses; /* bit per rule: what its findings cite */
  const civ_guard *ladder;
  uint32_t n_rungs; /* mild to strict */
  const char *doc;
} civ_detector;
extern const civ_detector civ_detectors[CIV_DETECTORS];

/* Whether a guard would tighten this law: a rung of a ladder that does not is skipped. */
bool civ_guard_tightens(const civ_law *law, const civ_guard *guard);
void civ_guard_apply(civ_law *law, const civ_guard *guard);
/* "set K4.spend.window_cap_fraction to 0.1", "set K7.roles protected". */
void civ_guard_write(civ_buffer *out, const civ_kernel *kernel, const civ_guard *guard);

/* Memory kept from trace to trace. Not shared between threads. */
typedef struct civ_detect_scratch civ_detect_scratch;
civ_detect_scratch *civ_detect_scratch_create(void); /* NULL = no memory */
void civ_detect_scratch_destroy(civ_detect_scratch *s);
/* Runs the suite. Writes at most CIV_DETECTORS findings in the suite's order; *n says how many. CIV_E_NOMEM; CIV_E_LIMIT for a
 * trace whose snapshots do not stand one per turn. O(deeds + motions x citizens + payments^2 + open proposals). */
CIV_MUST_CHECK civ_status civ_detect(const civ_trace *trace, const civ_detect_config *config,
                                     civ_detect_scratch *scratch, civ_exploit_finding *out, uint32_t *n,
                                     civ_error *err);

/* SHA-256, 64 hexadecimal digits, of "name|category|id,id..." with the clause ids sorted. */
void civ_exploit_fingerprint(const civ_exploit_finding *finding, const civ_kernel *kernel, char out[65]);

#endif
