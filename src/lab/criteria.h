/* criteria.h - success criteria of a scenario, looked at after the run. What cannot be looked at is never a pass. */
#ifndef CIV_LAB_CRITERIA_H
#define CIV_LAB_CRITERIA_H

#include "civitas/experiment.h"
#include "lab/history.h"

/* Whether some criterion needs the history (max_final_X, min_mean_X ... of an epoch column). */
bool civ_criteria_need_history(const civ_criterion *criteria, uint32_t n);

/* Looks at all criteria: out[k] for criteria[k]. Rows and agents of the record must be there; history may be NULL. Bounds are
 * inclusive with a slack of 1e-12 max(1, |bound|). Returns the overall outcome: fail if one fails, else not evaluable if one
 * is (or if there are none), else pass. */
civ_outcome civ_criteria_evaluate(const civ_criterion *criteria, uint32_t n, const civ_run_record *record,
                                  const civ_history *history, civ_finding *out);

#endif
