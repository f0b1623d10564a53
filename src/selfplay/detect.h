/* detect.h - the suite of fourteen detectors: pure functions of a trace, at most one finding each. */
#ifndef CIV_SELFPLAY_DETECT_H
#define CIV_SELFPLAY_DETECT_H

#include "civitas/field.h"
#include "selfplay/trace.h"

enum { CIV_DETECTORS = 14 };

/* Thresholds of the suite; one field table beside it. */
typedef struct civ_detect_config civ_detect_config;
extern const civ_section civ_section_detectors;

typedef struct civ_detector {
  const char *name; /* "treasury-drain" */
  uint8_t category; /* civ_exploit_category */
  uint16_t clauses; /* bit per rule: what its findings cite */
  const civ_guard *ladder;
  uint32_t n_rungs; /* mild to strict */
  const char *doc;
} civ_detector;
extern const civ_detector civ_detectors[CIV_DETECTORS]; /* in the order in which findings are listed */

/* Runs the suite. `scratch` keeps memory from trace to trace (NULL = none kept). Writes at most CIV_DETECTORS findings in the
 * suite's order; *n says how many. CIV_E_NOMEM. */
typedef struct civ_detect_scratch civ_detect_scratch;
civ_detect_scratch *civ_detect_scratch_create(void);
void civ_detect_scratch_destroy(civ_detect_scratch *s);
CIV_MUST_CHECK civ_status civ_detect(const civ_trace *trace, const civ_detect_config *config,
                                     civ_detect_scratch *scratch, civ_exploit_finding *out, uint32_t *n,
                                     civ_error *err);

/* SHA-256, 64 hexadecimal digits, of "name|category|id,id..." with the clause ids sorted. */
void civ_exploit_fingerprint(const civ_exploit_finding *finding, const civ_kernel *kernel, char out[65]);

#endif
