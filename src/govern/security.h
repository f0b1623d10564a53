/* security.h - the security lever's operations and queries, beside what the loop asks of it. */
#ifndef CIV_GOVERN_SECURITY_H
#define CIV_GOVERN_SECURITY_H

#include "govern/governed.h"
#include "metric/security_monitor.h"

extern const civ_lever civ_lever_security;

/* What the rules of a scenario mean for the monitor; `bounded` = trust is reputation brought into [0, 1]. */
civ_monitor_rules civ_monitor_rules_of(const civ_governance_config *rules);
/* Whether agents of a type (civ_agent_type) count as benign. */
bool civ_security_benign(const civ_governance_config *rules, uint8_t type);

/* How texts look to the content scan. */
bool civ_content_injects(const char *text, size_t length);
bool civ_content_exfiltrates(const char *text, size_t length);

/* Its totals, and what they are; counts of the lever beside those of its monitor. */
typedef struct civ_security_counts {
  uint64_t charged, injecting, leaking;
} civ_security_counts;
extern const civ_metric_decl civ_security_totals[];
void civ_security_fill_totals(const civ_monitor *m, const civ_security_evaluation *e, const civ_security_counts *counts,
                              double *values);

/* Its events. Fills a security_report but for the two members named here, which must be set; the texts are held by the buffers,
 * which may be freed when the event was sent. `scanned` = what the content scan found, or NULL. false: no memory. */
enum { CIV_SECURITY_PENALTIES = 14, CIV_SECURITY_PENALTY_TOTAL = 15 };
extern const civ_event_form civ_security_events[];
bool civ_security_fill_event(const civ_monitor *m, bool at_end, const civ_security_counts *scanned,
                             const char *const *names, civ_buffer *flagged, civ_buffer *penalised, civ_value *values);

/* The monitor of a security lever. */
civ_monitor *civ_security_monitor(void *self);
/* Lets an agent out of quarantine, and thaws it unless `held` by somebody else; false = it was not in quarantine. */
bool civ_security_release(void *self, civ_agent a, bool held, civ_effect *effect);

#endif
