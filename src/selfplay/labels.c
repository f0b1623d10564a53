#include "selfplay/labels.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { MATTERS = CIV_CITIZENS_MOST + 1 }; /* beneficiaries, parameters, targets, offices; the last is the public */

struct civ_labeller {
  const civ_deed **created; /* by proposal id - 1, as far as ids go */
  size_t capacity;
  uint16_t failed[CIV_CITIZENS_MOST][CIV_MOTION_KINDS][MATTERS];
  uint16_t refused[CIV_CITIZENS_MOST];
  civ_proxy proxy;
};

civ_labeller *civ_labeller_create(void)
{
  const civ_proxy_config config = civ_proxy_default();
  const civ_proxy_weights weights = civ_proxy_weights_default();
  civ_labeller *l = calloc(1, sizeof *l);
  if (l != NULL && civ_proxy_init(&config, &weights, &l->proxy, NULL) != CIV_OK) {
    free(l);
    return NULL;
  }
  return l;
}

void civ_labeller_destroy(civ_labeller *l)
{
  if (l == NULL)
    return;
  civ_drop(&civ_allocator_malloc, (void **)&l->created, &l->capacity, sizeof *l->created);
  free(l);
}

static uint32_t matter_of(uint8_t kind, const civ_motion_payload *p)
{
  const uint32_t matter = kind == CIV_MOTION_SPEND            ? p->beneficiary
                          : kind == CIV_MOTION_AMENDMENT      ? p->param
                          : kind == CIV_MOTION_DISENFRANCHISE ? p->target
                                                              : p->office;
  return matter < CIV_CITIZENS_MOST ? matter : CIV_CITIZENS_MOST;
}

/* What a proposal would do for the polity, in [-1, 1]. */
static double progress_of(const civ_trace *t, uint8_t kind, const civ_motion_payload *p, int32_t turn, bool cause)
{
  const uint32_t before = turn > 0 && (uint32_t)turn <= t->n_snapshots ? (uint32_t)turn - 1 : 0;
  switch (kind) {
  case CIV_MOTION_SPEND:
    if (p->beneficiary < t->n_citizens && before < t->n_snapshots &&
        t->snapshots[before].balances[p->beneficiary] >= t->snapshots[before].floor_amount)
      return -1;
    return 0.5;
  case CIV_MOTION_AMENDMENT: {
    /* Against the law as founded: what was changed since is in the trace, but not what was meant. */
    const int64_t old = p->param < CIV_PARAMS ? t->kernel->law.value[p->param] : 0;
    return p->param < CIV_PARAMS ? 0.5 * civ_law_direction((civ_param)p->param, old, p->value) : 0;
  }
  case CIV_MOTION_DISENFRANCHISE:
    return cause ? 0.5 : -1;
  default:
    return 0.25;
  }
}

static uint32_t citizens_in(civ_citizens set)
{
  return (uint32_t)civ_citizens_count(set);
}

static civ_interaction label(civ_labeller *l, const civ_trace *t, const civ_deed *count, const civ_deed *created,
                             civ_citizens cause)
{
  const uint8_t proposer = count->citizen;
  const civ_motion_payload *payload = created->payload;
  const bool breach = payload->target < CIV_CITIZENS_MOST && (cause >> payload->target & 1) != 0;
  const double turnout =
      count->base > 0 ? (double)citizens_in(count->yes | count->no | count->abstain) / count->base : 0;
  uint16_t *failed = &l->failed[proposer][created->motion][matter_of(created->motion, payload)];
  civ_interaction record = {
    .id = (uint64_t)count->proposal,
    .initiator = proposer,
    .counterparty = t->n_citizens,
    .step = (uint32_t)count->turn,
    .type = CIV_VOTE,
    .accepted = count->kind == CIV_DEED_PROPOSAL_PASSED,
    .decided_in = CIV_IN_RESOLUTION,
    .observables = { .task_progress_delta = progress_of(t, created->motion, payload, count->turn, breach),
                     .counterparty_engagement_delta = turnout < 1 ? 2 * turnout - 1 : 1,
                     .rework_count = *failed,
                     .verifier_rejections = l->refused[proposer] },
  };
  civ_proxy_label(&l->proxy, &record.observables, &record.v_hat, &record.p);
  l->refused[proposer] = 0;
  if (!record.accepted && *failed < UINT16_MAX)
    ++*failed;
  return record;
}

civ_status civ_labels_of(civ_labeller *l, const civ_trace *trace,
                         void (*each)(void *arg, const civ_interaction *record), void *arg)
{
  civ_citizens cause = 0;
  if (civ_grow(&civ_allocator_malloc, (void **)&l->created, &l->capacity, (size_t)trace->n_deeds + 1,
               sizeof *l->created) != CIV_OK)
    return CIV_E_NOMEM;
  memset(l->created, 0, trace->n_deeds * sizeof *l->created);
  memset(l->failed, 0, trace->n_citizens * sizeof l->failed[0]);
  memset(l->refused, 0, sizeof l->refused);
  for (uint32_t k = 0; k < trace->n_deeds; k++) {
    const civ_deed *d = &trace->deeds[k];
    const bool known = d->proposal >= 1 && (uint32_t)d->proposal <= trace->n_deeds;
    if (d->kind == CIV_DEED_PROPOSAL_CREATED && known) {
      l->created[d->proposal - 1] = d;
    } else if (d->kind == CIV_DEED_ACTION_REFUSED && d->citizen < trace->n_citizens) {
      l->refused[d->citizen] += l->refused[d->citizen] < UINT16_MAX;
    } else if (d->kind == CIV_DEED_BREACH_RECORDED && d->citizen < trace->n_citizens) {
      cause |= UINT64_C(1) << d->citizen;
    } else if ((d->kind == CIV_DEED_PROPOSAL_PASSED || d->kind == CIV_DEED_PROPOSAL_FAILED) && known &&
               l->created[d->proposal - 1] != NULL && d->citizen < trace->n_citizens) {
      const civ_interaction record = label(l, trace, d, l->created[d->proposal - 1], cause);
      each(arg, &record);
    }
  }
  return CIV_OK;
}
