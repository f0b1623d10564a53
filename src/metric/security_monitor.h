/* security_monitor.h - the guard over a society: the history of security.h, the reports made of it, who is in quarantine, what
 * interactions are charged, and what all this did to the innocent.
 *
 * It decides and counts but touches nobody: the lever carries its decisions out, and a log that is read again drives the same
 * monitor, so that both say the same. */
#ifndef CIV_METRIC_SECURITY_MONITOR_H
#define CIV_METRIC_SECURITY_MONITOR_H

#include "metric/security.h"

typedef struct civ_monitor_rules {
  civ_security_rules analysis;
  uint32_t min_interactions;
  double penalty_threshold, quarantine_threshold, penalty_multiplier;
  bool realtime, clear_on_epoch, bounded_trust;
  bool enforced; /* the lever was on: agents are quarantined and pay */
  double realtime_threshold, realtime_rate;
} civ_monitor_rules;

/* What an interaction is charged at once. */
typedef struct civ_realtime_charge {
  double score, cost_a, cost_b;
  civ_threat_type likely;
} civ_realtime_charge;

/* Measures over the whole run (see docs/security.md). Money in credits, depths in hops. */
typedef struct civ_security_evaluation {
  uint64_t injection_attempts, exfiltration_attempts;
  double injection_success_rate, exfiltration_attempt_rate, exfiltration_leak_rate;
  double depth_before_containment_max, depth_before_containment_mean;
  uint64_t fp_suppressed_steps;
  double fp_lost_payoff, fp_cost_charged, fp_reputation_penalty, fp_resource_penalty, suppression_cost;
  double false_positive_rate, containment_success_rate;
  uint32_t max_contagion_depth; /* in any report */
  uint32_t n_quarantined;
  uint64_t reports; /* made at epoch starts */
  civ_trend trend;  /* of the last five levels */
} civ_security_evaluation;

typedef struct civ_monitor civ_monitor;

/* `benign`: one byte per agent, copied. `entity` and seed name the draws of samples. CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_monitor_create(const civ_monitor_rules *rules, uint32_t agents, const uint8_t *benign,
                                             uint64_t seed, const civ_allocator *allocator, civ_monitor **out,
                                             civ_error *err);
void civ_monitor_destroy(civ_monitor *m);
CIV_MUST_CHECK civ_status civ_monitor_reserve(civ_monitor *m, size_t more);

/* The rule by itself. */
civ_realtime_charge civ_realtime_charge_of(const civ_monitor_rules *rules, const civ_interaction *record,
                                           double initiator_threat);
/* What a completed interaction is charged; counts it. 0 unless the rules charge at once. */
civ_realtime_charge civ_monitor_charge(civ_monitor *m, const civ_interaction *record);
/* Takes it into the history. */
CIV_MUST_CHECK civ_status civ_monitor_note(civ_monitor *m, const civ_interaction *record, double seconds);
/* A step begins: benign agents in quarantine lose it. */
void civ_monitor_step(civ_monitor *m);

/* An epoch starts: analyses the history unless it is too short, quarantines, contains chains, counts penalties, forgets the history
 * where the rules say so. *analysed: a new report was made; its scores say who pays (civ_monitor_penalty). `fresh` agents came
 * into quarantine only now. */
CIV_MUST_CHECK civ_status civ_monitor_epoch(civ_monitor *m, uint32_t epoch, const double *trust, bool *analysed,
                                            const civ_agent **fresh, uint32_t *n_fresh, civ_error *err);
/* The run is over: the report of what the history holds now, without consequences. */
CIV_MUST_CHECK civ_status civ_monitor_finish(civ_monitor *m, uint32_t epoch, const double *trust, civ_error *err);

typedef struct civ_security_penalty {
  bool quarantine;
  double reputation, resources; /* changes; 0 = none */
} civ_security_penalty;
/* By the latest report. */
civ_security_penalty civ_monitor_penalty(const civ_monitor *m, civ_agent a);

bool civ_monitor_quarantined(const civ_monitor *m, civ_agent a);
const uint8_t *civ_monitor_quarantine(const civ_monitor *m); /* one byte per agent */
/* Lets an agent out; false = it was not in quarantine. Thawing it is the caller's. */
bool civ_monitor_release(civ_monitor *m, civ_agent a);
/* Forgets history, reports, quarantine and actions. */
void civ_monitor_clear(civ_monitor *m);

/* The latest report of an epoch start, or that of the end; NULL = none. Its lists of threats and laundering may be empty: they are
 * made when the report becomes text, and after a checkpoint was loaded all lists exist as text only. */
const civ_security_report *civ_monitor_report(const civ_monitor *m, bool at_end);
double civ_monitor_score(const civ_monitor *m, civ_agent a); /* in the latest report; 0 without one */
/* `benign_payoff`: sum of the total payoffs of benign agents; `steps` of the run so far. */
civ_security_evaluation civ_monitor_evaluate(const civ_monitor *m, double benign_payoff, uint64_t steps);
double civ_monitor_benign_payoff(const civ_monitor *m, const double *total_payoff);

/* {"security": REPORT, "security_end": REPORT, "security_evaluation": {...}}; reports that do not exist are null. `more` =
 * further members of the evaluation as text beginning with ", ", or "". */
void civ_monitor_json(const civ_monitor *m, const char *const *names, double benign_payoff, uint64_t steps,
                      const char *more, civ_buffer *out);

uint64_t civ_monitor_digest(const civ_monitor *m);
void civ_monitor_save(const civ_monitor *m, const char *const *names, civ_bytes *out);
CIV_MUST_CHECK civ_status civ_monitor_load(civ_monitor *m, civ_bytes_reader *in, civ_error *err);

/* One entry of the list of containment actions. */
typedef enum civ_containment { CIV_CONTAIN_QUARANTINE, CIV_CONTAIN_CHAIN, CIV_CONTAIN_RELEASE } civ_containment;
typedef struct civ_containment_action {
  uint8_t kind;  /* civ_containment */
  uint32_t what; /* agent, or number of the chain */
  uint32_t epoch;
  double score;
} civ_containment_action;
/* The first CIV_SECURITY_LIST of them; *count = of all. */
const civ_containment_action *civ_monitor_actions(const civ_monitor *m, uint32_t *n, uint64_t *count);

#endif
