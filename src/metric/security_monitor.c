/* security_monitor.c - reports at epoch starts, quarantine, charges, and what they cost the innocent. */
#include "metric/security_monitor.h"

#include <math.h>
#include <string.h>

#include "base/digest.h"
#include "metric/security_monitor_inside.h"

civ_status civ_monitor_create(const civ_monitor_rules *rules, uint32_t agents, const uint8_t *benign, uint64_t seed,
                              const civ_allocator *allocator, civ_monitor **out, civ_error *err)
{
  civ_monitor *m = civ_zeroed(allocator, 1, sizeof *m);
  if (m == NULL)
    return civ_fail(err, CIV_E_NOMEM, "security", "out of memory");
  m->rules = *rules;
  m->allocator = allocator;
  m->agents = agents;
  m->seed = seed;
  const civ_status st = civ_security_create(&rules->analysis, agents, agents, allocator, &m->history, err);
  if (st == CIV_OK) {
    m->benign = civ_zeroed(allocator, (size_t)agents + 1, 1);
    m->quarantine = civ_zeroed(allocator, (size_t)agents + 1, 1);
    m->met = civ_zeroed(allocator, (size_t)agents + 1, 1);
    m->fresh = civ_zeroed(allocator, (size_t)agents + 1, sizeof *m->fresh);
    m->trust = civ_zeroed(allocator, (size_t)agents + 1, sizeof *m->trust);
  }
  if (st == CIV_OK && (!m->benign || !m->quarantine || !m->met || !m->fresh || !m->trust)) {
    civ_monitor_destroy(m);
    return civ_fail(err, CIV_E_NOMEM, "security", "out of memory for %u agents", agents);
  }
  if (st != CIV_OK) {
    civ_monitor_destroy(m);
    return st;
  }
  memcpy(m->benign, benign, agents);
  for (uint32_t a = 0; a < agents; a++)
    m->n_benign += benign[a] != 0;
  *out = m;
  return CIV_OK;
}

void civ_monitor_destroy(civ_monitor *m)
{
  if (m == NULL)
    return;
  const civ_allocator *a = m->allocator;
  const size_t n = (size_t)m->agents + 1;
  civ_monitor_drop_reports(m);
  civ_security_destroy(m->history);
  civ_release(a, m->benign, n);
  civ_release(a, m->quarantine, n);
  civ_release(a, m->met, n);
  civ_release(a, m->fresh, n * sizeof *m->fresh);
  civ_release(a, m->trust, n * sizeof *m->trust);
  civ_drop(a, (void **)&m->actions, &m->actions_capacity, sizeof *m->actions);
  civ_release(a, m, sizeof *m);
}

void civ_monitor_drop_reports(civ_monitor *m)
{
  for (int k = 0; k < 2; k++) {
    civ_security_report_free(&m->reports[k]);
    civ_buffer_free(&m->texts[k]);
    m->made[k] = false;
  }
}

civ_status civ_monitor_reserve(civ_monitor *m, size_t more)
{
  return civ_security_reserve(m->history, more);
}

/* --- interactions ----------------------------------------------------------------------------------------------------------------- */

double civ_monitor_score(const civ_monitor *m, civ_agent a)
{
  return m->made[0] && a < m->agents ? m->reports[0].scores[a] : 0;
}

static void count_charge(civ_monitor *m, civ_agent a, double cost)
{
  if (m->benign[a])
    m->fp_cost += cost;
}

civ_realtime_charge civ_realtime_charge_of(const civ_monitor_rules *rules, const civ_interaction *r,
                                           double initiator_threat)
{
  civ_realtime_charge charge = { .likely = CIV_THREAT_UNKNOWN };
  if (!rules->realtime)
    return charge;
  charge.score = civ_realtime_threat(r, initiator_threat, &charge.likely);
  if (!rules->enforced || charge.score < rules->realtime_threshold)
    return charge;
  charge.cost_a = rules->realtime_rate * charge.score;
  charge.cost_b = charge.cost_a / 2;
  return charge;
}

civ_realtime_charge civ_monitor_charge(civ_monitor *m, const civ_interaction *r)
{
  const civ_realtime_charge charge = civ_realtime_charge_of(&m->rules, r, civ_monitor_score(m, r->initiator));
  count_charge(m, r->initiator, charge.cost_a);
  count_charge(m, r->counterparty, charge.cost_b);
  return charge;
}

civ_status civ_monitor_note(civ_monitor *m, const civ_interaction *r, double seconds)
{
  const civ_status st = civ_security_note(m->history, r, seconds);
  if (st != CIV_OK)
    return st;
  m->interactions++;
  if (civ_injection_score(r) >= m->rules.analysis.injection_threshold) {
    m->injections++;
    m->injections_accepted += r->accepted;
  }
  if (r->observables.tool_misuse_flags >= 2) {
    m->exfiltrations++;
    m->exfiltrations_accepted += r->accepted;
  }
  return CIV_OK;
}

void civ_monitor_step(civ_monitor *m)
{
  m->fp_steps += m->benign_quarantined;
}

/* --- epochs ------------------------------------------------------------------------------------------------------------------------- */

static double least(double a, double b)
{
  return a < b ? a : b;
}

static civ_status analyse(civ_monitor *m, uint32_t epoch, const double *trust, int which, civ_error *err)
{
  const civ_draw_key key = { .purpose = CIV_PURPOSE_SAMPLE,
                             .entity = (uint32_t)civ_digest(0, "security", 8),
                             .epoch = epoch };
  civ_draws draws = civ_draws_open(m->seed, &key);
  civ_security_report report;
  for (uint32_t a = 0; a < m->agents; a++)
    m->trust[a] = m->rules.bounded_trust ? (least(1, fmax(-1, trust[a])) + 1) / 2 : trust[a];
  const civ_status st = civ_security_assess(m->history, m->trust, &draws, &report, err);
  if (st != CIV_OK)
    return st;
  uint32_t flagged = 0;
  for (uint32_t a = 0; a < m->agents; a++)
    flagged += m->benign[a] && report.scores[a] >= report.flag_threshold;
  report.false_positive_rate = m->n_benign > 0 ? (double)flagged / m->n_benign : 0;
  civ_security_report_free(&m->reports[which]);
  civ_buffer_free(&m->texts[which]);
  m->reports[which] = report;
  m->made[which] = true;
  if (report.contagion_depth > m->max_depth)
    m->max_depth = report.contagion_depth;
  return CIV_OK;
}

static civ_status act(civ_monitor *m, civ_containment kind, uint32_t what, uint32_t epoch, double score)
{
  if (m->n_actions++ >= CIV_SECURITY_LIST)
    return CIV_OK;
  const civ_status st =
      civ_grow(m->allocator, (void **)&m->actions, &m->actions_capacity, (size_t)m->n_actions, sizeof *m->actions);
  if (st == CIV_OK)
    m->actions[m->n_actions - 1] = (civ_containment_action){ (uint8_t)kind, what, epoch, score };
  return st;
}

civ_security_penalty civ_monitor_penalty(const civ_monitor *m, civ_agent a)
{
  const double score = civ_monitor_score(m, a), factor = m->rules.penalty_multiplier;
  civ_security_penalty p = { 0 };
  if (!m->made[0] || !m->rules.enforced)
    return p;
  p.quarantine = score >= m->rules.quarantine_threshold;
  if (score >= m->rules.penalty_threshold && score * factor > 0) {
    p.reputation = -score * factor;
    p.resources = 5 * p.reputation;
  }
  return p;
}

static void count_penalty(civ_monitor *m, civ_agent a, const civ_security_penalty *p)
{
  if (m->benign[a]) {
    m->fp_reputation -= p->reputation;
    m->fp_resources -= p->resources;
  }
}

/* Depths of the chains whose origin is caught for the first time. */
static void count_depths(civ_monitor *m)
{
  const civ_security_report *r = &m->reports[0];
  for (uint64_t k = 0; k < r->counts[CIV_THREAT_CONTAGION]; k++)
    if (r->chains[k].contained && !m->met[r->chains[k].origin]) {
      m->depth_sum += r->chains[k].depth;
      m->depth_count++;
      if (r->chains[k].depth > m->depth_max)
        m->depth_max = r->chains[k].depth;
    }
}

/* Quarantine first, chains behind: as the list of actions has it. */
static civ_status contain(civ_monitor *m, uint32_t epoch, uint32_t *n_fresh)
{
  civ_security_report *r = &m->reports[0];
  civ_status st = CIV_OK;
  for (civ_agent a = 0; st == CIV_OK && a < m->agents; a++) {
    const civ_security_penalty p = civ_monitor_penalty(m, a);
    count_penalty(m, a, &p);
    if (!p.quarantine)
      continue;
    if (!m->quarantine[a]) {
      m->quarantine[a] = 1;
      m->n_quarantined++;
      m->benign_quarantined += m->benign[a] != 0;
      m->fresh[(*n_fresh)++] = a;
    }
    st = act(m, CIV_CONTAIN_QUARANTINE, a, epoch, r->scores[a]);
  }
  for (uint64_t k = 0; st == CIV_OK && k < r->counts[CIV_THREAT_CONTAGION]; k++)
    if (m->rules.enforced && r->scores[r->chains[k].origin] >= m->rules.quarantine_threshold) {
      r->chains[k].contained = true;
      st = act(m, CIV_CONTAIN_CHAIN, r->chains[k].number, epoch, 0);
    }
  civ_security_report_count_contained(r);
  count_depths(m);
  for (uint32_t k = 0; k < *n_fresh; k++)
    m->met[m->fresh[k]] = 1;
  return st;
}

static void keep_level(civ_monitor *m, double level)
{
  memmove(m->levels, m->levels + 1, sizeof m->levels - sizeof *m->levels);
  m->levels[MONITOR_LEVELS - 1] = level;
  m->n_levels += m->n_levels < MONITOR_LEVELS;
}

civ_status civ_monitor_epoch(civ_monitor *m, uint32_t epoch, const double *trust, bool *analysed,
                             const civ_agent **fresh, uint32_t *n_fresh, civ_error *err)
{
  *analysed = false;
  *n_fresh = 0;
  *fresh = m->fresh;
  m->epoch = epoch;
  if (civ_security_count(m->history) < m->rules.min_interactions)
    return CIV_OK;
  civ_status st = analyse(m, epoch, trust, 0, err);
  if (st != CIV_OK)
    return st;
  *analysed = true;
  m->n_reports++;
  keep_level(m, m->reports[0].ecosystem_threat_level);
  st = contain(m, epoch, n_fresh);
  if (m->rules.clear_on_epoch) {
    st = st == CIV_OK ? civ_security_list(m->history, &m->reports[0]) : st;
    civ_security_clear(m->history);
  }
  m->digest = civ_digest_mix(m->digest, epoch, m->n_quarantined);
  return st == CIV_OK ? CIV_OK : civ_fail(err, st, "security", "out of memory at the start of epoch %u", epoch);
}

civ_status civ_monitor_finish(civ_monitor *m, uint32_t epoch, const double *trust, civ_error *err)
{
  return analyse(m, epoch, trust, 1, err);
}

/* --- quarantine ----------------------------------------------------------------------------------------------------------------------- */

bool civ_monitor_quarantined(const civ_monitor *m, civ_agent a)
{
  return a < m->agents && m->quarantine[a];
}

const uint8_t *civ_monitor_quarantine(const civ_monitor *m)
{
  return m->quarantine;
}

bool civ_monitor_release(civ_monitor *m, civ_agent a)
{
  if (!civ_monitor_quarantined(m, a) || act(m, CIV_CONTAIN_RELEASE, a, m->epoch, 0) != CIV_OK)
    return false;
  m->quarantine[a] = 0;
  m->n_quarantined--;
  m->benign_quarantined -= m->benign[a] != 0;
  m->digest = civ_digest_mix(m->digest, a, UINT64_MAX);
  return true;
}

void civ_monitor_clear(civ_monitor *m)
{
  civ_security_clear(m->history);
  civ_monitor_drop_reports(m);
  memset(m->quarantine, 0, m->agents);
  m->n_quarantined = m->benign_quarantined = 0;
  m->n_actions = 0;
  m->n_levels = 0;
  m->digest = civ_digest_mix(m->digest, m->epoch, UINT64_MAX);
}

const civ_security_report *civ_monitor_report(const civ_monitor *m, bool at_end)
{
  return m->made[at_end] ? &m->reports[at_end] : NULL;
}

const civ_containment_action *civ_monitor_actions(const civ_monitor *m, uint32_t *n, uint64_t *count)
{
  *count = m->n_actions;
  *n = m->n_actions < CIV_SECURITY_LIST ? (uint32_t)m->n_actions : CIV_SECURITY_LIST;
  return m->actions;
}

uint64_t civ_monitor_digest(const civ_monitor *m)
{
  return civ_digest_mix(m->digest, civ_security_digest(m->history), m->fp_steps);
}

/* --- what it came to --------------------------------------------------------------------------------------------------------------------- */

double civ_monitor_benign_payoff(const civ_monitor *m, const double *total_payoff)
{
  double sum = 0;
  for (uint32_t a = 0; a < m->agents; a++)
    if (m->benign[a])
      sum += total_payoff[a];
  return sum;
}

static double ratio(double part, double whole)
{
  return whole > 0 ? part / whole : 0;
}

/* With the chains that the last report still shows and whose origins were never caught. */
static void evaluate_depths(const civ_monitor *m, civ_security_evaluation *e)
{
  double sum = m->depth_sum;
  uint64_t n = m->depth_count;
  uint32_t most = m->depth_max;
  const civ_security_report *r = &m->reports[1];
  for (uint64_t k = 0; m->made[1] && r->chains != NULL && k < r->counts[CIV_THREAT_CONTAGION]; k++)
    if (!m->met[r->chains[k].origin]) {
      sum += r->chains[k].depth;
      n++;
      most = r->chains[k].depth > most ? r->chains[k].depth : most;
    }
  e->depth_before_containment_max = most;
  e->depth_before_containment_mean = ratio(sum, (double)n);
}

civ_security_evaluation civ_monitor_evaluate(const civ_monitor *m, double benign_payoff, uint64_t steps)
{
  civ_security_evaluation e = { .injection_attempts = m->injections,
                                .exfiltration_attempts = m->exfiltrations,
                                .fp_suppressed_steps = m->fp_steps,
                                .fp_cost_charged = m->fp_cost,
                                .fp_reputation_penalty = m->fp_reputation,
                                .fp_resource_penalty = m->fp_resources,
                                .max_contagion_depth = m->max_depth,
                                .n_quarantined = m->n_quarantined,
                                .reports = m->n_reports };
  e.injection_success_rate = ratio((double)m->injections_accepted, (double)m->injections);
  e.exfiltration_attempt_rate = ratio((double)m->exfiltrations, (double)m->interactions);
  e.exfiltration_leak_rate = ratio((double)m->exfiltrations_accepted, (double)m->exfiltrations);
  const double left = (double)m->n_benign * (double)steps - (double)m->fp_steps;
  e.fp_lost_payoff = left > 0 ? (double)m->fp_steps * benign_payoff / left : 0;
  e.suppression_cost = e.fp_lost_payoff + e.fp_cost_charged;
  e.false_positive_rate = m->made[0] ? m->reports[0].false_positive_rate : 0;
  e.containment_success_rate = m->made[0] ? m->reports[0].containment_success_rate : 1;
  e.trend = civ_threat_trend(m->levels + MONITOR_LEVELS - m->n_levels, m->n_levels, MONITOR_LEVELS);
  evaluate_depths(m, &e);
  return e;
}
