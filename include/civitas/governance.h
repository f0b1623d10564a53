/* governance.h - asking and telling the levers of a run, between its steps.
 *
 * Every operation on a lever that is off fails with CIV_E_STATE naming the lever and the key that switches it on; on failure the
 * run and the outputs are untouched. What is ordered here goes through the same accounts and events as the levers' own orders,
 * but a log's replay and a checkpoint's configuration know nothing of it. The agents of a run are known to its levers from the
 * start: there is nothing to register. Reports of detectors are read with civ_run_report. */
#ifndef CIVITAS_GOVERNANCE_H
#define CIVITAS_GOVERNANCE_H

#include "civitas/run.h"

CIV_BEGIN_DECLS

/* Whether a lever is on: "transaction_tax", "staking", "circuit_breaker", "sybil_detection" ... (the L of totals cost.L). */
CIV_API bool civ_governance_is_on(const civ_run *run, const char *lever);

/* --- all levers together ---------------------------------------------------------------------------------------------------- */

/* Whether every lever lets `a` take turns; being frozen is another matter. CIV_E_RANGE for an unknown agent. O(levers). */
CIV_API CIV_MUST_CHECK civ_status civ_governance_admits(const civ_run *run, civ_agent a, bool *out, civ_error *err);
/* What the next vote of `a` weighs: the product over levers, 1 when none weighs. CIV_E_RANGE. */
CIV_API CIV_MUST_CHECK civ_status civ_governance_vote_weight(const civ_run *run, civ_agent a, double *out,
                                                             civ_error *err);
/* Starts the next epoch now: levers speak, their orders are applied. The next step then goes on within it. CIV_E_STATE when an
 * epoch is open or the run is over. */
CIV_API CIV_MUST_CHECK civ_status civ_governance_begin_epoch(civ_run *run, civ_error *err);
/* Has all levers judge an interaction that a program made up: costs are added to record->c_a and c_b, everything else they order
 * is applied, and what they remember moves. Nobody is paid. The draws of levers go by record->id. CIV_E_RANGE for agents that are
 * unknown or the same, CIV_E_STATE when the run is over. */
CIV_API CIV_MUST_CHECK civ_status civ_governance_judge(civ_run *run, civ_interaction *record, civ_error *err);

/* --- staking, circuit breaker, public ledger ---------------------------------------------------------------------------------- */

/* Takes governance.stake_slash_rate of what `a` has; *taken (may be NULL) is never negative. `reason` goes into the event
 * (NULL = "violation"). */
CIV_API CIV_MUST_CHECK civ_status civ_governance_slash(civ_run *run, civ_agent a, const char *reason, double *taken,
                                                       civ_error *err);

typedef struct civ_governance_breaker {
  uint32_t violations;
  int64_t freeze_until_epoch; /* -1 = not frozen by the breaker */
  double average_toxicity;    /* of the last 10 interactions it initiated; 0 without any */
  bool is_frozen;             /* by the breaker */
} civ_governance_breaker;
CIV_API CIV_MUST_CHECK civ_status civ_governance_breaker_status(const civ_run *run, civ_agent a,
                                                                civ_governance_breaker *out, civ_error *err);
/* Forgets violations, date and window of `a`, and thaws it unless the security lever holds it. */
CIV_API CIV_MUST_CHECK civ_status civ_governance_breaker_reset(civ_run *run, civ_agent a, civ_error *err);

/* Rows of the public ledger that `a` initiated and their mean p (0.5 without any). */
CIV_API CIV_MUST_CHECK civ_status civ_governance_ledger(const civ_run *run, civ_agent a, uint32_t *count,
                                                        double *mean_p, civ_error *err);

/* --- collusion --------------------------------------------------------------------------------------------------------------------- */

/* Risk of `a` in the latest report made at an epoch's start: at most 1; 0 before the first report. */
CIV_API CIV_MUST_CHECK civ_status civ_governance_collusion_risk(const civ_run *run, civ_agent a, double *out,
                                                                civ_error *err);
/* Forgets all dealings and votes, and the latest report with them. */
CIV_API CIV_MUST_CHECK civ_status civ_governance_collusion_clear(civ_run *run, civ_error *err);

/* --- agents that behave alike ---------------------------------------------------------------------------------------------------- */

/* Groups of the last detection. */
CIV_API CIV_MUST_CHECK civ_status civ_governance_sybil_clusters(const civ_run *run, uint32_t *n, civ_error *err);
/* Members of the k-th; borrowed until the next epoch begins. CIV_E_RANGE. */
CIV_API CIV_MUST_CHECK civ_status civ_governance_sybil_cluster(const civ_run *run, uint32_t k,
                                                               const civ_agent **members, uint32_t *n, civ_error *err);
CIV_API CIV_MUST_CHECK civ_status civ_governance_sybil_flagged(const civ_run *run, civ_agent a, bool *out,
                                                               civ_error *err);
/* Forgets who dealt with whom, groups and flags. */
CIV_API CIV_MUST_CHECK civ_status civ_governance_sybil_clear(civ_run *run, civ_error *err);

/* --- security ------------------------------------------------------------------------------------------------------------------------ */

/* Whether `a` is in quarantine. Trust is taken anew at every epoch's begin (governance.security_trust_source): there is nothing to
 * set in between. */
CIV_API CIV_MUST_CHECK civ_status civ_governance_quarantined(const civ_run *run, civ_agent a, bool *out,
                                                             civ_error *err);
/* Lets `a` out of quarantine and thaws it, unless the circuit breaker holds it. *released (may be NULL) = it was in quarantine. It
 * comes back at the next epoch's begin if its score persists. */
CIV_API CIV_MUST_CHECK civ_status civ_governance_release(civ_run *run, civ_agent a, bool *released, civ_error *err);
/* Forgets history, reports, quarantine and actions. Thaws nobody. */
CIV_API CIV_MUST_CHECK civ_status civ_governance_security_clear(civ_run *run, civ_error *err);

/* One measure of containment. */
typedef struct civ_governance_action {
  const char *kind; /* "quarantine", "contain_chain", "release"; static */
  uint32_t subject; /* agent, or number of the chain */
  uint32_t epoch;
  double score; /* threat score of a quarantine */
} civ_governance_action;
/* The k-th; *n (may be NULL) = how many there are to ask for. CIV_E_RANGE past them: *n is set all the same. */
CIV_API CIV_MUST_CHECK civ_status civ_governance_action_at(const civ_run *run, uint32_t k, civ_governance_action *out,
                                                           uint32_t *n, civ_error *err);

CIV_END_DECLS

#endif
