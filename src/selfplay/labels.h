/* labels.h - the tie to soft labels: a decided proposal is an interaction between its proposer and the polity. */
#ifndef CIV_SELFPLAY_LABELS_H
#define CIV_SELFPLAY_LABELS_H

#include "civitas/label.h"
#include "civitas/metrics.h"
#include "selfplay/trace.h"

/* Memory kept from trace to trace. Not shared between threads. */
typedef struct civ_labeller civ_labeller;
civ_labeller *civ_labeller_create(void); /* NULL = no memory */
void civ_labeller_destroy(civ_labeller *l);

/* Calls `each` for every decided proposal in the order of counting. The record's initiator is the proposer, its counterparty
 * the number of citizens (the polity itself); epoch 0, step = turn. Observables:
 *   progress   what the proposal is for: public works, help for the needy, a tighter law +0.5; an office, +0.25; a change that
 *              is neither 0; a looser law -0.5; public money for who is not in need, the removal of who did no wrong -1;
 *   engagement 2 x turnout - 1;
 *   rework     earlier failures of its proposer in the same matter;
 *   rejections refusals its proposer met since its last decided proposal.
 * v_hat and p by the default proxy. CIV_E_NOMEM. O(deeds). */
CIV_MUST_CHECK civ_status civ_labels_of(civ_labeller *l, const civ_trace *trace,
                                        void (*each)(void *arg, const civ_interaction *record), void *arg);

#endif
