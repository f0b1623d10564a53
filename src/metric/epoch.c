/* epoch.c - what one epoch amounts to. */
#include "metric/epoch.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "metric/sort.h"

#define REAL_COLUMN(name_, doc_)                                                                                       \
  {                                                                                                                    \
    .name = name_, .integer = false, .doc = doc_                                                                       \
  }
#define COUNT_COLUMN(name_, doc_)                                                                                      \
  {                                                                                                                    \
    .name = name_, .integer = true, .doc = doc_                                                                        \
  }
const civ_metric_decl civ_epoch_metric_decls[CIV_EPOCH_COLUMNS + 1] = {
  COUNT_COLUMN("epoch", "Number of the epoch, from 0."),
  COUNT_COLUMN("total_interactions", "Interactions completed in the epoch, accepted or refused."),
  COUNT_COLUMN("accepted_interactions", "Those that were accepted."),
  COUNT_COLUMN("total_posts", "Posts made since the start of the run, replies and hidden ones included."),
  COUNT_COLUMN("total_votes", "Votes in force at the end of the epoch: distinct pairs of voter and post."),
  REAL_COLUMN("toxicity_rate", "Mean of 1 - p over accepted interactions; 0 without any."),
  REAL_COLUMN("quality_gap",
              "Mean p of accepted less mean p of refused interactions; 0 if either group is empty. Negative: "
              "adverse selection."),
  REAL_COLUMN("avg_payoff", "Mean payoff of the initiator over accepted interactions."),
  REAL_COLUMN("total_welfare", "Sum of both payoffs over accepted interactions."),
  REAL_COLUMN("avg_payoff_both", "Mean over all credited payoffs, both sides of accepted interactions."),
  REAL_COLUMN("conditional_loss_initiator",
              "Mean initiator payoff over accepted less that over all interactions. Negative: adverse selection."),
  REAL_COLUMN("conditional_loss_counterparty", "The same for the counterparty."),
  REAL_COLUMN("spread",
              "(s_plus + s_minus) * (mean p over all less mean p over accepted). Positive: adverse selection."),
  REAL_COLUMN("average_quality", "Mean p over all interactions."),
  REAL_COLUMN("uncertain_fraction", "Share of interactions whose p is closer to 0.5 than metrics.uncertainty_band."),
  REAL_COLUMN("acceptance_rate", "Accepted as a share of all interactions."),
  REAL_COLUMN("total_social_surplus", "Sum of expected surplus less expected harm over accepted interactions."),
  REAL_COLUMN("participation_rate", "Share of agents that were a party to at least one completed interaction."),
  REAL_COLUMN("payoff_std", "Population standard deviation over all credited payoffs; 0 below two."),
  REAL_COLUMN("gini_coefficient",
              "Inequality of credited payoffs: mean absolute difference over twice the mean absolute "
              "payoff, in [0, 1]."),
  COUNT_COLUMN("rejected_interactions", "Completed interactions that were refused."),
  { .name = NULL },
};

/* What is summed over one group of records. */
typedef struct group {
  uint64_t n;
  double p, payoff_a, payoff_b;
} group;

struct civ_epoch_metrics {
  group all, accepted;
  double welfare, social_surplus;
  uint64_t uncertain;
  double *payoffs, *spare; /* of accepted interactions, both sides; spare is for sorting */
  size_t n_payoffs, room, spare_room;
  uint64_t *took_part; /* a bit per agent */
  uint32_t n_agents;
  civ_payoff_config payoff;
  double uncertainty_band;
  const civ_allocator *allocator;
};

static size_t words(const civ_epoch_metrics *m)
{
  return ((size_t)m->n_agents + 63) / 64;
}

civ_status civ_epoch_metrics_create(uint32_t n_agents, const civ_payoff_config *payoff,
                                    const civ_metrics_config *config, const civ_allocator *allocator,
                                    civ_epoch_metrics **out, civ_error *err)
{
  civ_epoch_metrics *m = civ_zeroed(allocator, 1, sizeof *m);
  if (m == NULL)
    return civ_fail(err, CIV_E_NOMEM, "epoch metrics", "no memory for the epoch's sums");
  m->allocator = allocator;
  m->n_agents = n_agents;
  m->payoff = *payoff;
  m->uncertainty_band = config->uncertainty_band;
  m->took_part = civ_zeroed(allocator, words(m) + 1, sizeof *m->took_part);
  if (m->took_part == NULL) {
    civ_release(allocator, m, sizeof *m);
    return civ_fail(err, CIV_E_NOMEM, "epoch metrics", "no memory for %u agents", n_agents);
  }
  *out = m;
  return CIV_OK;
}

void civ_epoch_metrics_destroy(civ_epoch_metrics *m)
{
  if (m == NULL)
    return;
  const civ_allocator *a = m->allocator;
  civ_drop(a, (void **)&m->payoffs, &m->room, sizeof *m->payoffs);
  civ_drop(a, (void **)&m->spare, &m->spare_room, sizeof *m->spare);
  civ_release(a, m->took_part, (words(m) + 1) * sizeof *m->took_part);
  civ_release(a, m, sizeof *m);
}

civ_status civ_epoch_metrics_reserve(civ_epoch_metrics *m, uint32_t completions, civ_error *err)
{
  size_t need = m->n_payoffs + 2 * (size_t)completions;
  civ_status status = civ_grow(m->allocator, (void **)&m->payoffs, &m->room, need, sizeof *m->payoffs);
  if (status == CIV_OK)
    status = civ_grow(m->allocator, (void **)&m->spare, &m->spare_room, need, sizeof *m->spare);
  if (status != CIV_OK)
    return civ_fail(err, status, "epoch metrics", "no memory for %u more interactions in one epoch", completions);
  return CIV_OK;
}

static void mark(civ_epoch_metrics *m, civ_agent a)
{
  assert(a < m->n_agents);
  m->took_part[a / 64] |= UINT64_C(1) << a % 64;
}

static void group_add(group *g, double p, double payoff_a, double payoff_b)
{
  g->n += 1;
  g->p += p;
  g->payoff_a += payoff_a;
  g->payoff_b += payoff_b;
}

void civ_epoch_metrics_add(civ_epoch_metrics *m, const civ_interaction *record, double payoff_a, double payoff_b)
{
  group_add(&m->all, record->p, payoff_a, payoff_b);
  m->uncertain += civ_interaction_uncertain(record, m->uncertainty_band);
  mark(m, record->initiator);
  mark(m, record->counterparty);
  if (!record->accepted)
    return;
  assert(m->n_payoffs + 2 <= m->room);
  group_add(&m->accepted, record->p, payoff_a, payoff_b);
  m->welfare += payoff_a + payoff_b;
  m->social_surplus += civ_social_surplus(&m->payoff, record->p);
  m->payoffs[m->n_payoffs] = payoff_a;
  m->payoffs[m->n_payoffs + 1] = payoff_b;
  m->n_payoffs += 2;
}

static double mean(double sum, uint64_t n)
{
  return n == 0 ? 0.0 : sum / (double)n;
}

/* Both from the payoffs in ascending order, so that neither depends on the order in which they came. */
static void read_payoffs(civ_epoch_metrics *m, double *std, double *gini)
{
  size_t n = m->n_payoffs;
  *std = *gini = 0.0;
  if (n < 2)
    return;
  double *x = civ_sort_reals(m->payoffs, m->spare, n);
  if (x != m->payoffs) {
    double *values = m->payoffs;
    size_t room = m->room;
    m->payoffs = m->spare;
    m->room = m->spare_room;
    m->spare = values;
    m->spare_room = room;
  }
  double sum = 0.0, size = 0.0, differences = 0.0, squares = 0.0, count = (double)n;
  for (size_t i = 0; i < n; ++i) {
    sum += x[i];
    size += fabs(x[i]);
    differences += (2.0 * (double)i + 1.0 - count) * x[i]; /* sum over i < j of x_j - x_i */
  }
  for (size_t i = 0; i < n; ++i)
    squares += (x[i] - sum / count) * (x[i] - sum / count);
  *std = sqrt(squares / count);
  *gini = size == 0.0 ? 0.0 : fmin(fmax(differences / (count * size), 0.0), 1.0);
}

static uint64_t participants(const civ_epoch_metrics *m)
{
  uint64_t count = 0;
  for (size_t k = 0; k < words(m); ++k)
    count += (uint64_t)__builtin_popcountll(m->took_part[k]);
  return count;
}

/* What acceptance selects: 0 without accepted interactions. */
static void read_selection(const civ_epoch_metrics *m, double *row)
{
  const group *all = &m->all, *accepted = &m->accepted;
  double quality = mean(all->p, all->n), quality_accepted = mean(accepted->p, accepted->n);
  bool any = accepted->n != 0;
  row[CIV_EPOCH_TOXICITY_RATE] = any ? 1.0 - quality_accepted : 0.0;
  row[CIV_EPOCH_QUALITY_GAP] =
      any && accepted->n < all->n ? quality_accepted - mean(all->p - accepted->p, all->n - accepted->n) : 0.0;
  row[CIV_EPOCH_CONDITIONAL_LOSS_INITIATOR] =
      any ? mean(accepted->payoff_a, accepted->n) - mean(all->payoff_a, all->n) : 0.0;
  row[CIV_EPOCH_CONDITIONAL_LOSS_COUNTERPARTY] =
      any ? mean(accepted->payoff_b, accepted->n) - mean(all->payoff_b, all->n) : 0.0;
  row[CIV_EPOCH_SPREAD] = any ? (m->payoff.s_plus + m->payoff.s_minus) * (quality - quality_accepted) : 0.0;
  row[CIV_EPOCH_AVERAGE_QUALITY] = quality;
}

void civ_epoch_metrics_read(civ_epoch_metrics *m, uint32_t epoch, double *row)
{
  const group *all = &m->all, *accepted = &m->accepted;
  row[CIV_EPOCH_EPOCH] = epoch;
  row[CIV_EPOCH_TOTAL_INTERACTIONS] = (double)all->n;
  row[CIV_EPOCH_ACCEPTED_INTERACTIONS] = (double)accepted->n;
  row[CIV_EPOCH_REJECTED_INTERACTIONS] = (double)(all->n - accepted->n);
  row[CIV_EPOCH_AVG_PAYOFF] = mean(accepted->payoff_a, accepted->n);
  row[CIV_EPOCH_TOTAL_WELFARE] = m->welfare;
  row[CIV_EPOCH_AVG_PAYOFF_BOTH] = mean(m->welfare, 2 * accepted->n);
  row[CIV_EPOCH_UNCERTAIN_FRACTION] = mean((double)m->uncertain, all->n);
  row[CIV_EPOCH_ACCEPTANCE_RATE] = mean((double)accepted->n, all->n);
  row[CIV_EPOCH_TOTAL_SOCIAL_SURPLUS] = m->social_surplus;
  row[CIV_EPOCH_PARTICIPATION_RATE] = all->n == 0 ? 0.0 : mean((double)participants(m), m->n_agents);
  read_selection(m, row);
  read_payoffs(m, &row[CIV_EPOCH_PAYOFF_STD], &row[CIV_EPOCH_GINI_COEFFICIENT]);
}

void civ_epoch_metrics_reset(civ_epoch_metrics *m)
{
  if (m->all.n != 0)
    memset(m->took_part, 0, words(m) * sizeof *m->took_part);
  m->all = m->accepted = (group){ 0 };
  m->welfare = m->social_surplus = 0.0;
  m->uncertain = 0;
  m->n_payoffs = 0;
}

/* --- as bytes ------------------------------------------------------------------------------------------------------ */

static void group_save(const group *g, civ_bytes *out)
{
  civ_bytes_put_u64(out, g->n);
  civ_bytes_put_real(out, g->p);
  civ_bytes_put_real(out, g->payoff_a);
  civ_bytes_put_real(out, g->payoff_b);
}

static void group_load(group *g, civ_bytes_reader *in)
{
  g->n = civ_bytes_u64(in);
  g->p = civ_bytes_real(in);
  g->payoff_a = civ_bytes_real(in);
  g->payoff_b = civ_bytes_real(in);
}

void civ_epoch_metrics_save(const civ_epoch_metrics *m, civ_bytes *out)
{
  group_save(&m->all, out);
  if (m->all.n == 0)
    return;
  group_save(&m->accepted, out);
  civ_bytes_put_real(out, m->welfare);
  civ_bytes_put_real(out, m->social_surplus);
  civ_bytes_put_u64(out, m->uncertain);
  civ_bytes_put_u64s(out, m->took_part, words(m));
  civ_bytes_put_reals(out, m->payoffs, m->n_payoffs);
}

civ_status civ_epoch_metrics_load(civ_epoch_metrics *m, civ_bytes_reader *in, civ_error *err)
{
  civ_epoch_metrics read = *m;
  group_load(&read.all, in);
  if (read.all.n == 0) {
    if (in->failed)
      return civ_fail(err, CIV_E_FORMAT, "epoch metrics", "the saved state is cut short");
    civ_epoch_metrics_reset(m);
    return CIV_OK;
  }
  group_load(&read.accepted, in);
  read.welfare = civ_bytes_real(in);
  read.social_surplus = civ_bytes_real(in);
  read.uncertain = civ_bytes_u64(in);
  if (in->failed || read.accepted.n > read.all.n || read.accepted.n > UINT32_MAX ||
      read.accepted.n * 2 * sizeof(double) > civ_bytes_left(in))
    return civ_fail(err, CIV_E_FORMAT, "epoch metrics", "the saved state does not hold what its counts say");
  civ_epoch_metrics_reset(m);
  civ_status status = civ_epoch_metrics_reserve(m, (uint32_t)read.accepted.n, err);
  if (status != CIV_OK)
    return status;
  if (!civ_bytes_u64s(in, m->took_part, words(m)) || !civ_bytes_reals(in, m->payoffs, 2 * (size_t)read.accepted.n)) {
    memset(m->took_part, 0, words(m) * sizeof *m->took_part);
    return civ_fail(err, CIV_E_FORMAT, "epoch metrics", "the saved state is of a run with other agents");
  }
  m->all = read.all;
  m->accepted = read.accepted;
  m->welfare = read.welfare;
  m->social_surplus = read.social_surplus;
  m->uncertain = read.uncertain;
  m->n_payoffs = 2 * (size_t)read.accepted.n;
  return CIV_OK;
}

/* --- as a sink ----------------------------------------------------------------------------------------------------- */

static civ_status feed_begin(void *self, const civ_roster *roster, const civ_columns *columns, civ_error *err)
{
  civ_epoch_metrics_feed *feed = self;
  (void)columns;
  if (roster->n > feed->metrics->n_agents)
    return civ_fail(err, CIV_E_STATE, "epoch metrics", "made for %u agents, the run has %u", feed->metrics->n_agents,
                    roster->n);
  civ_epoch_metrics_reset(feed->metrics);
  feed->status = CIV_OK;
  return CIV_OK;
}

static void feed_interaction(void *self, const civ_interaction *record, double payoff_a, double payoff_b)
{
  civ_epoch_metrics_feed *feed = self;
  if (feed->status == CIV_OK)
    feed->status = civ_epoch_metrics_reserve(feed->metrics, 1, NULL);
  if (feed->status == CIV_OK)
    civ_epoch_metrics_add(feed->metrics, record, payoff_a, payoff_b);
}

static civ_status feed_epoch(void *self, uint32_t epoch, const double *row, civ_error *err)
{
  civ_epoch_metrics_feed *feed = self;
  if (feed->status != CIV_OK)
    return civ_fail(err, feed->status, "epoch metrics", "no memory for the interactions of epoch %u", epoch);
  double computed[CIV_EPOCH_COLUMNS];
  computed[CIV_EPOCH_TOTAL_POSTS] = row != NULL ? row[CIV_EPOCH_TOTAL_POSTS] : 0.0;
  computed[CIV_EPOCH_TOTAL_VOTES] = row != NULL ? row[CIV_EPOCH_TOTAL_VOTES] : 0.0;
  civ_epoch_metrics_read(feed->metrics, epoch, computed);
  civ_epoch_metrics_reset(feed->metrics);
  return feed->closed(feed->arg, epoch, computed, row, err);
}

const civ_sink civ_epoch_metrics_sink = {
  .version = CIV_PART_VERSION,
  .name = "epoch_metrics",
  .begin = feed_begin,
  .interaction = feed_interaction,
  .epoch = feed_epoch,
};
