#include "sim/report_bytes.h"

void civ_interaction_save(const civ_interaction *i, civ_bytes *out)
{
  civ_bytes_put_u64(out, i->id);
  civ_bytes_put_u64(out, (uint64_t)i->time_us);
  civ_bytes_put_u32(out, i->initiator);
  civ_bytes_put_u32(out, i->counterparty);
  civ_bytes_put_u32(out, i->epoch);
  civ_bytes_put_u32(out, i->step);
  civ_bytes_put_u8(out, i->type);
  civ_bytes_put_u8(out, i->accepted);
  civ_bytes_put_u8(out, i->decided_in);
  civ_bytes_put_u8(out, (uint8_t)(i->ground_truth + 1));
  civ_bytes_put_real(out, i->observables.task_progress_delta);
  civ_bytes_put_real(out, i->observables.counterparty_engagement_delta);
  civ_bytes_put_u32(out, (uint32_t)i->observables.rework_count);
  civ_bytes_put_u32(out, (uint32_t)i->observables.verifier_rejections);
  civ_bytes_put_u32(out, (uint32_t)i->observables.tool_misuse_flags);
  const double reals[] = { i->v_hat, i->p, i->tau, i->c_a, i->c_b, i->r_a, i->r_b };
  for (size_t k = 0; k < sizeof reals / sizeof *reals; k++)
    civ_bytes_put_real(out, reals[k]);
}

void civ_interaction_load(civ_interaction *i, civ_bytes_reader *in)
{
  i->id = civ_bytes_u64(in);
  i->time_us = (int64_t)civ_bytes_u64(in);
  i->initiator = civ_bytes_u32(in);
  i->counterparty = civ_bytes_u32(in);
  i->epoch = civ_bytes_u32(in);
  i->step = civ_bytes_u32(in);
  i->type = civ_bytes_u8(in);
  i->accepted = civ_bytes_u8(in) != 0;
  i->decided_in = civ_bytes_u8(in);
  i->ground_truth = (int8_t)(civ_bytes_u8(in) - 1);
  i->observables.task_progress_delta = civ_bytes_real(in);
  i->observables.counterparty_engagement_delta = civ_bytes_real(in);
  i->observables.rework_count = (int32_t)civ_bytes_u32(in);
  i->observables.verifier_rejections = (int32_t)civ_bytes_u32(in);
  i->observables.tool_misuse_flags = (int32_t)civ_bytes_u32(in);
  double *reals[] = { &i->v_hat, &i->p, &i->tau, &i->c_a, &i->c_b, &i->r_a, &i->r_b };
  for (size_t k = 0; k < sizeof reals / sizeof *reals; k++)
    *reals[k] = civ_bytes_real(in);
}

/* One list of members for both directions. */
/* As many members on a line as fit, which clang-format would never settle on. */
/* clang-format off */
#define METRICS_COUNTS(X) \
  X(total) X(accepted) X(high_quality) X(high_quality_accepted) X(low_quality_accepted) X(uncertain) X(known) \
  X(positive)
#define METRICS_REALS(X) \
  X(sum_p) X(sum_p_accepted) X(sum_payoff_a) X(sum_payoff_b) X(sum_payoff_a_accepted) X(sum_payoff_b_accepted) \
  X(sum_welfare) X(sum_social_surplus) X(sum_harm_accepted) X(sum_reputation_payoff_accepted) X(sum_surplus) \
  X(sum_surplus_accepted) X(sum_p_known) X(sum_brier) X(sum_log_loss) X(p_all.n) X(p_all.mean) X(p_all.m2) \
  X(p_accepted.n) X(p_accepted.mean) X(p_accepted.m2) X(payoff_a_all.n) X(payoff_a_all.mean) X(payoff_a_all.m2) \
  X(payoff_b_all.n) X(payoff_b_all.mean) X(payoff_b_all.m2)
/* clang-format on */

void civ_metrics_save(const civ_metrics *m, civ_bytes *out)
{
#define COUNT(member) civ_bytes_put_u64(out, m->member);
#define REAL(member)  civ_bytes_put_real(out, m->member);
  METRICS_COUNTS(COUNT)
  METRICS_REALS(REAL)
#undef COUNT
#undef REAL
  for (int k = 0; k < CIV_METRIC_BINS; k++) {
    civ_bytes_put_u64(out, m->bin_count[k]);
    civ_bytes_put_u64(out, m->bin_positive[k]);
    civ_bytes_put_real(out, m->bin_p[k]);
  }
}

void civ_metrics_load(civ_metrics *m, civ_bytes_reader *in)
{
#define COUNT(member) m->member = civ_bytes_u64(in);
#define REAL(member)  m->member = civ_bytes_real(in);
  METRICS_COUNTS(COUNT)
  METRICS_REALS(REAL)
#undef COUNT
#undef REAL
  for (int k = 0; k < CIV_METRIC_BINS; k++) {
    m->bin_count[k] = civ_bytes_u64(in);
    m->bin_positive[k] = civ_bytes_u64(in);
    m->bin_p[k] = civ_bytes_real(in);
  }
}
