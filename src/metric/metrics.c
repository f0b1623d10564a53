/* metrics.c - the soft metrics as one streaming fold: sums and second moments, read at any time. */
#include "civitas/metrics.h"

#include <math.h>
#include <string.h>

#include "label/check.h"
#include "metric/bins.h"

static const civ_field metrics_fields[] = {
  CIV_REAL(civ_metrics_config, quality_threshold, "0.5", 0, 1, "",
           "An interaction counts as of high quality from this p on, in the threshold-based metrics."),
  CIV_REAL(civ_metrics_config, uncertainty_band, "0.2", 0, 0.5, "",
           "An interaction counts as uncertain when p is closer to 0.5 than this."),
};
const civ_section civ_metrics_section = {
  .name = "metrics",
  .doc = "Thresholds of the reported metrics; they change reports, never the run.",
  .chapter = "metrics",
  .fields = metrics_fields,
  .n_fields = sizeof metrics_fields / sizeof metrics_fields[0],
  .size = sizeof(civ_metrics_config),
};

civ_metrics_config civ_metrics_default(void)
{
  civ_metrics_config config;
  civ_section_fill(&civ_metrics_section, &config);
  return config;
}

civ_status civ_metrics_check(const civ_metrics_config *config, civ_error *err)
{
  return civ_section_check_reals(&civ_metrics_section, config, err);
}

void civ_metrics_init(civ_metrics *m, const civ_payoff_config *payoff, const civ_metrics_config *config)
{
  memset(m, 0, sizeof *m);
  m->payoff = *payoff;
  m->config = *config;
}

/* `share` = 1 / n after counting x; shared by all quantities of a group, so that one division serves them. */
static void moments_add(civ_moments *m, double x, double share)
{
  double before = x - m->mean;
  m->mean += before * share;
  m->m2 += before * (x - m->mean);
}

static void add_truth(civ_metrics *m, const civ_interaction *i)
{
  static const double least = 1e-15;
  double y = i->ground_truth > 0 ? 1.0 : 0.0;
  double q = i->p < least ? least : i->p > 1.0 - least ? 1.0 - least : i->p;
  m->known += 1;
  m->positive += i->ground_truth > 0;
  m->sum_p_known += i->p;
  m->sum_brier += (i->p - y) * (i->p - y);
  m->sum_log_loss -= y * log(q) + (1.0 - y) * log(1.0 - q);
  int bin = civ_bin_index(i->p, CIV_METRIC_BINS);
  if (bin < 0)
    return;
  m->bin_count[bin] += 1;
  m->bin_positive[bin] += i->ground_truth > 0;
  m->bin_p[bin] += i->p;
}

static void add_accepted(civ_metrics *m, const civ_interaction *i, double surplus, double harm, double payoff_a,
                         double payoff_b)
{
  m->accepted += 1;
  m->sum_p_accepted += i->p;
  m->sum_payoff_a_accepted += payoff_a;
  m->sum_payoff_b_accepted += payoff_b;
  m->sum_welfare += payoff_a + payoff_b;
  m->sum_surplus_accepted += surplus;
  m->sum_harm_accepted += harm;
  m->sum_social_surplus += surplus - harm;
  m->sum_reputation_payoff_accepted += m->payoff.w_rep * i->r_a;
  m->p_accepted.n += 1.0;
  moments_add(&m->p_accepted, i->p, 1.0 / m->p_accepted.n);
}

void civ_metrics_add(civ_metrics *m, const civ_interaction *i, double payoff_a, double payoff_b)
{
  double surplus = civ_expected_surplus(&m->payoff, i->p);
  double harm = civ_expected_harm(&m->payoff, i->p);
  bool high = civ_interaction_high_quality(i, m->config.quality_threshold);
  m->total += 1;
  m->high_quality += high;
  m->high_quality_accepted += high & i->accepted;
  m->low_quality_accepted += !high & i->accepted;
  m->uncertain += civ_interaction_uncertain(i, m->config.uncertainty_band);
  m->sum_p += i->p;
  m->sum_payoff_a += payoff_a;
  m->sum_payoff_b += payoff_b;
  m->sum_surplus += surplus;
  double n = m->p_all.n + 1.0, share = 1.0 / n;
  m->p_all.n = m->payoff_a_all.n = m->payoff_b_all.n = n;
  moments_add(&m->p_all, i->p, share);
  moments_add(&m->payoff_a_all, payoff_a, share);
  moments_add(&m->payoff_b_all, payoff_b, share);
  if (i->accepted)
    add_accepted(m, i, surplus, harm, payoff_a, payoff_b);
  if (i->ground_truth != 0)
    add_truth(m, i);
}

static void moments_merge(civ_moments *a, const civ_moments *b)
{
  if (b->n == 0.0)
    return;
  double n = a->n + b->n, apart = b->mean - a->mean;
  a->m2 += b->m2 + apart * apart * (a->n * b->n / n);
  a->mean += apart * (b->n / n);
  a->n = n;
}

void civ_metrics_merge(civ_metrics *m, const civ_metrics *other)
{
  m->total += other->total;
  m->accepted += other->accepted;
  m->high_quality += other->high_quality;
  m->high_quality_accepted += other->high_quality_accepted;
  m->low_quality_accepted += other->low_quality_accepted;
  m->uncertain += other->uncertain;
  m->sum_p += other->sum_p;
  m->sum_p_accepted += other->sum_p_accepted;
  m->sum_payoff_a += other->sum_payoff_a;
  m->sum_payoff_b += other->sum_payoff_b;
  m->sum_payoff_a_accepted += other->sum_payoff_a_accepted;
  m->sum_payoff_b_accepted += other->sum_payoff_b_accepted;
  m->sum_welfare += other->sum_welfare;
  m->sum_social_surplus += other->sum_social_surplus;
  m->sum_harm_accepted += other->sum_harm_accepted;
  m->sum_reputation_payoff_accepted += other->sum_reputation_payoff_accepted;
  m->sum_surplus += other->sum_surplus;
  m->sum_surplus_accepted += other->sum_surplus_accepted;
  moments_merge(&m->p_all, &other->p_all);
  moments_merge(&m->p_accepted, &other->p_accepted);
  moments_merge(&m->payoff_a_all, &other->payoff_a_all);
  moments_merge(&m->payoff_b_all, &other->payoff_b_all);
  m->known += other->known;
  m->positive += other->positive;
  m->sum_p_known += other->sum_p_known;
  m->sum_brier += other->sum_brier;
  m->sum_log_loss += other->sum_log_loss;
  for (int k = 0; k < CIV_METRIC_BINS; ++k) {
    m->bin_count[k] += other->bin_count[k];
    m->bin_positive[k] += other->bin_positive[k];
    m->bin_p[k] += other->bin_p[k];
  }
}

/* sum / n, and 0 for an empty group. */
static double mean(double sum, uint64_t n)
{
  return n == 0 ? 0.0 : sum / (double)n;
}

static double share(uint64_t part, uint64_t n)
{
  return mean((double)part, n);
}

static double variance(const civ_moments *m)
{
  return m->n < 2.0 ? 0.0 : m->m2 / m->n;
}

static void read_quality(const civ_metrics *m, civ_metrics_values *v)
{
  v->average_quality = mean(m->sum_p, m->total);
  v->average_quality_accepted = mean(m->sum_p_accepted, m->accepted);
  v->average_quality_rejected = mean(m->sum_p - m->sum_p_accepted, v->rejected);
  v->toxicity_rate = m->accepted == 0 ? 0.0 : 1.0 - v->average_quality_accepted;
  v->toxicity_rate_all = m->total == 0 ? 0.0 : 1.0 - v->average_quality;
  if (m->accepted != 0 && v->rejected != 0)
    v->quality_gap = v->average_quality_accepted - v->average_quality_rejected;
  v->uncertain_fraction = share(m->uncertain, m->total);
  v->toxicity_hard = share(m->low_quality_accepted, m->accepted);
  v->acceptance_rate = share(m->accepted, m->total);
  v->high_quality_acceptance = share(m->high_quality_accepted, m->high_quality);
  v->low_quality_acceptance = share(m->low_quality_accepted, v->low_quality);
}

/* What acceptance selects: means over accepted less means over all. 0 without accepted records. */
static void read_selection(const civ_metrics *m, civ_metrics_values *v)
{
  if (m->accepted == 0)
    return;
  const civ_payoff_config *c = &m->payoff;
  v->conditional_loss_initiator = v->avg_initiator_payoff - mean(m->sum_payoff_a, m->total);
  v->conditional_loss_counterparty = v->avg_counterparty_payoff - mean(m->sum_payoff_b, m->total);
  v->spread = (c->s_plus + c->s_minus) * (v->average_quality - v->average_quality_accepted);
  v->conditional_surplus = mean(m->sum_surplus_accepted, m->accepted) - mean(m->sum_surplus, m->total);
  double harm = mean(m->sum_harm_accepted, m->accepted) - civ_expected_harm(c, v->average_quality);
  v->conditional_social_surplus = v->conditional_surplus - harm;
}

static void read_spread(const civ_metrics *m, civ_metrics_values *v)
{
  double mean_a = mean(m->sum_payoff_a, m->total), mean_b = mean(m->sum_payoff_b, m->total);
  v->quality_variance = variance(&m->p_all);
  v->quality_variance_accepted = variance(&m->p_accepted);
  v->quality_std = sqrt(v->quality_variance);
  v->quality_std_accepted = sqrt(v->quality_variance_accepted);
  v->payoff_variance_initiator = variance(&m->payoff_a_all);
  v->payoff_variance_counterparty = variance(&m->payoff_b_all);
  if (v->average_quality != 0.0)
    v->cv_p = v->quality_std / v->average_quality;
  if (mean_a != 0.0)
    v->cv_payoff_initiator = fabs(sqrt(v->payoff_variance_initiator) / mean_a);
  if (mean_b != 0.0)
    v->cv_payoff_counterparty = fabs(sqrt(v->payoff_variance_counterparty) / mean_b);
}

static void read_calibration(const civ_metrics *m, civ_metrics_values *v)
{
  if (m->known == 0)
    return;
  v->calibration_error = (civ_maybe){ true, mean(m->sum_p_known, m->known) - share(m->positive, m->known) };
  v->brier_score = (civ_maybe){ true, mean(m->sum_brier, m->known) };
  v->log_loss = (civ_maybe){ true, mean(m->sum_log_loss, m->known) };
  uint64_t binned = 0;
  for (int k = 0; k < CIV_METRIC_BINS; ++k)
    binned += m->bin_count[k];
  if (binned == 0)
    return;
  double expected = 0.0, most = 0.0;
  for (int k = 0; k < CIV_METRIC_BINS; ++k) {
    if (m->bin_count[k] == 0)
      continue;
    double error = fabs(mean(m->bin_p[k], m->bin_count[k]) - share(m->bin_positive[k], m->bin_count[k]));
    expected += share(m->bin_count[k], binned) * error;
    most = error > most ? error : most;
  }
  v->expected_calibration_error = (civ_maybe){ true, expected };
  v->maximum_calibration_error = (civ_maybe){ true, most };
}

void civ_metrics_read(const civ_metrics *m, civ_metrics_values *out)
{
  civ_metrics_values v;
  memset(&v, 0, sizeof v);
  v.total = m->total;
  v.accepted = m->accepted;
  v.rejected = m->total - m->accepted;
  v.high_quality = m->high_quality;
  v.low_quality = m->total - m->high_quality;
  v.uncertain = m->uncertain;
  v.total_welfare = m->sum_welfare;
  v.total_social_surplus = m->sum_social_surplus;
  v.total_expected_harm = m->sum_harm_accepted;
  v.avg_initiator_payoff = mean(m->sum_payoff_a_accepted, m->accepted);
  v.avg_counterparty_payoff = mean(m->sum_payoff_b_accepted, m->accepted);
  v.reputation_payoff_initiator = mean(m->sum_reputation_payoff_accepted, m->accepted);
  read_quality(m, &v);
  read_selection(m, &v);
  read_spread(m, &v);
  read_calibration(m, &v);
  *out = v;
}
