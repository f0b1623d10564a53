/* security_monitor_state.c - the monitor's reports as text, and the monitor as bytes and back. */
#include "metric/security_monitor_inside.h"

#include <string.h>

/* --- text ------------------------------------------------------------------------------------------------------------------------ */

/* The lists are made for this text only. */
static void put_made(const civ_monitor *m, int which, const char *const *names, civ_buffer *out)
{
  civ_security_report listed = m->reports[which];
  listed.arena = civ_arena_create(m->allocator);
  if (civ_security_list(m->history, &listed) == CIV_OK)
    civ_security_report_json(out, &listed, names);
  else
    out->failed = true;
  civ_arena_destroy(&listed.arena);
}

static void put_report(const civ_monitor *m, int which, const char *const *names, civ_buffer *out)
{
  if (!m->made[which])
    civ_buffer_text(out, "null");
  else if (m->texts[which].length > 0)
    civ_buffer_add(out, m->texts[which].data, m->texts[which].length);
  else {
    /* the writer looks at what it has written: give it a page of its own */
    civ_buffer page = { 0 };
    put_made(m, which, names, &page);
    civ_buffer_add(out, page.data, page.length);
    out->failed |= page.failed;
    civ_buffer_free(&page);
  }
}

static void put_trend(const civ_trend *t, civ_buffer *out)
{
  civ_buffer_text(out, ", \"threat_trend\": {\"trend\": ");
  civ_buffer_real(out, t->trend);
  civ_buffer_text(out, ", \"acceleration\": ");
  civ_buffer_real(out, t->acceleration);
  if (t->known) {
    civ_buffer_text(out, ", \"current_level\": ");
    civ_buffer_real(out, t->current_level);
    civ_buffer_text(out, ", \"max_level\": ");
    civ_buffer_real(out, t->max_level);
  }
  civ_buffer_text(out, "}");
}

static void put_action(const civ_containment_action *a, const char *const *names, civ_buffer *out)
{
  if (a->kind == CIV_CONTAIN_CHAIN) {
    civ_buffer_format(out, "{\"action\": \"contain_chain\", \"chain_id\": \"chain_%u\", \"epoch\": %u}", a->what,
                      a->epoch);
    return;
  }
  civ_buffer_format(out,
                    "{\"action\": \"%s\", \"agent_id\": ", a->kind == CIV_CONTAIN_RELEASE ? "release" : "quarantine");
  civ_buffer_json_text(out, names[a->what], strlen(names[a->what]));
  civ_buffer_format(out, ", \"epoch\": %u", a->epoch);
  if (a->kind == CIV_CONTAIN_QUARANTINE) {
    civ_buffer_text(out, ", \"threat_score\": ");
    civ_buffer_real(out, a->score);
  }
  civ_buffer_text(out, "}");
}

static void put_actions(const civ_monitor *m, const char *const *names, civ_buffer *out)
{
  uint32_t n;
  uint64_t count;
  const civ_containment_action *actions = civ_monitor_actions(m, &n, &count);
  civ_buffer_format(out, ", \"containment_actions_count\": %llu, \"containment_actions\": [",
                    (unsigned long long)count);
  for (uint32_t k = 0; k < n; k++) {
    civ_buffer_text(out, k > 0 ? ", " : "");
    put_action(&actions[k], names, out);
  }
  civ_buffer_text(out, "]");
}

static void put_quarantined(const civ_monitor *m, const char *const *names, civ_buffer *out)
{
  uint32_t n = 0;
  civ_buffer_format(out, ", \"n_quarantined\": %u, \"quarantined\": [", m->n_quarantined);
  for (uint32_t a = 0; a < m->agents && n < CIV_SECURITY_LIST; a++)
    if (m->quarantine[a]) {
      civ_buffer_text(out, n++ > 0 ? ", " : "");
      civ_buffer_json_text(out, names[a], strlen(names[a]));
    }
  civ_buffer_text(out, "]");
}

static void put_evaluation(const civ_monitor *m, const civ_security_evaluation *e, const char *const *names,
                           const char *more, civ_buffer *out)
{
  const struct {
    const char *name;
    double value;
  } reals[] = { { "prompt_injection_success_rate", e->injection_success_rate },
                { "exfiltration_attempt_rate", e->exfiltration_attempt_rate },
                { "exfiltration_leak_rate", e->exfiltration_leak_rate },
                { "fp_lost_payoff", e->fp_lost_payoff },
                { "fp_cost_charged", e->fp_cost_charged },
                { "fp_reputation_penalty", e->fp_reputation_penalty },
                { "fp_resource_penalty", e->fp_resource_penalty },
                { "false_positive_suppression_cost", e->suppression_cost },
                { "false_positive_rate", e->false_positive_rate },
                { "containment_success_rate", e->containment_success_rate } };
  civ_buffer_format(
      out,
      "{\"injection_attempts\": %llu, \"exfiltration_attempts_run\": %llu, \"fp_suppressed_steps\": %llu, "
      "\"max_contagion_depth\": %u, \"contagion_depth_before_containment\": {\"max\": ",
      (unsigned long long)e->injection_attempts, (unsigned long long)e->exfiltration_attempts,
      (unsigned long long)e->fp_suppressed_steps, e->max_contagion_depth);
  civ_buffer_real(out, e->depth_before_containment_max);
  civ_buffer_text(out, ", \"mean\": ");
  civ_buffer_real(out, e->depth_before_containment_mean);
  civ_buffer_text(out, "}");
  for (size_t k = 0; k < sizeof reals / sizeof *reals; k++) {
    civ_buffer_format(out, ", \"%s\": ", reals[k].name);
    civ_buffer_real(out, reals[k].value);
  }
  put_trend(&e->trend, out);
  put_quarantined(m, names, out);
  put_actions(m, names, out);
  civ_buffer_text(out, more);
  civ_buffer_text(out, "}");
}

void civ_monitor_json(const civ_monitor *m, const char *const *names, double benign_payoff, uint64_t steps,
                      const char *more, civ_buffer *out)
{
  const civ_security_evaluation e = civ_monitor_evaluate(m, benign_payoff, steps);
  civ_buffer_text(out, "{\"security\": ");
  put_report(m, 0, names, out);
  civ_buffer_text(out, ", \"security_end\": ");
  put_report(m, 1, names, out);
  civ_buffer_text(out, ", \"security_evaluation\": ");
  put_evaluation(m, &e, names, more, out);
  civ_buffer_text(out, "}");
}

/* --- bytes ------------------------------------------------------------------------------------------------------------------------- */

/* Members in one list, for both directions. */
/* clang-format off */
#define MONITOR_COUNTS(X) \
  X(interactions) X(injections) X(injections_accepted) X(exfiltrations) X(exfiltrations_accepted) X(fp_steps) \
  X(depth_count) X(n_reports) X(digest) X(n_actions)
#define MONITOR_REALS(X) X(fp_cost) X(fp_reputation) X(fp_resources) X(depth_sum)
#define MONITOR_WHOLES(X) X(epoch) X(n_levels) X(depth_max) X(max_depth)
#define REPORT_REALS(X) \
  X(ecosystem_threat_level) X(prompt_injection_rate) X(manipulation_rate) X(laundering_rate) \
  X(containment_success_rate) X(false_positive_rate) X(flag_threshold)
#define REPORT_WHOLES(X) X(contagion_depth) X(n_flagged)
/* clang-format on */

static void save_report(const civ_monitor *m, int which, const char *const *names, civ_bytes *out)
{
  const civ_security_report *r = &m->reports[which];
  civ_buffer text = { 0 };
  civ_bytes_put_u8(out, m->made[which]);
  if (!m->made[which])
    return;
#define REAL(x)  civ_bytes_put_real(out, r->x);
#define WHOLE(x) civ_bytes_put_u32(out, r->x);
  REPORT_REALS(REAL)
  REPORT_WHOLES(WHOLE)
#undef REAL
#undef WHOLE
  civ_bytes_put_u8(out, r->estimated);
  civ_bytes_put_u64(out, r->interactions);
  civ_bytes_put_u64(out, r->active_threats);
  for (int k = 0; k < CIV_THREAT_TYPES; k++)
    civ_bytes_put_u64(out, r->counts[k]);
  civ_bytes_put_reals(out, r->scores, m->agents);
  put_report(m, which, names, &text);
  out->failed |= text.failed;
  civ_bytes_put_u64(out, text.length);
  civ_bytes_put_block(out, text.data, text.length);
  civ_buffer_free(&text);
}

void civ_monitor_save(const civ_monitor *m, const char *const *names, civ_bytes *out)
{
  uint32_t n;
  uint64_t count;
  civ_security_save(m->history, out);
  civ_bytes_put_block(out, m->quarantine, m->agents);
  civ_bytes_put_block(out, m->met, m->agents);
#define COUNT(x) civ_bytes_put_u64(out, m->x);
#define REAL(x)  civ_bytes_put_real(out, m->x);
#define WHOLE(x) civ_bytes_put_u32(out, m->x);
  MONITOR_COUNTS(COUNT)
  MONITOR_REALS(REAL)
  MONITOR_WHOLES(WHOLE)
#undef COUNT
#undef REAL
#undef WHOLE
  for (int k = 0; k < MONITOR_LEVELS; k++)
    civ_bytes_put_real(out, m->levels[k]);
  const civ_containment_action *actions = civ_monitor_actions(m, &n, &count);
  for (uint32_t k = 0; k < n; k++) {
    civ_bytes_put_u8(out, actions[k].kind);
    civ_bytes_put_u32(out, actions[k].what);
    civ_bytes_put_u32(out, actions[k].epoch);
    civ_bytes_put_real(out, actions[k].score);
  }
  save_report(m, 0, names, out);
  save_report(m, 1, names, out);
}

static civ_status load_text(civ_monitor *m, int which, civ_bytes_reader *in)
{
  const uint64_t length = civ_bytes_u64(in);
  if (in->failed || length == 0 || length > civ_bytes_left(in))
    return CIV_E_FORMAT;
  if (!civ_buffer_reserve(&m->texts[which], (size_t)length + 1))
    return CIV_E_NOMEM;
  civ_bytes_block(in, m->texts[which].data, (size_t)length);
  m->texts[which].length = (size_t)length;
  return CIV_OK;
}

/* The lists of the report stay text. */
static civ_status load_report(civ_monitor *m, int which, civ_bytes_reader *in)
{
  const bool made = civ_bytes_u8(in) != 0;
  if (in->failed || !made)
    return in->failed ? CIV_E_FORMAT : CIV_OK;
  civ_security_report *r = &m->reports[which];
  r->arena = civ_arena_create(m->allocator);
  double *scores = civ_arena_take(&r->arena, m->agents, sizeof *scores);
  if (scores == NULL)
    return CIV_E_NOMEM;
  r->scores = scores;
  r->n_agents = m->agents;
  m->made[which] = true;
#define REAL(x)  r->x = civ_bytes_real(in);
#define WHOLE(x) r->x = civ_bytes_u32(in);
  REPORT_REALS(REAL)
  REPORT_WHOLES(WHOLE)
#undef REAL
#undef WHOLE
  r->estimated = civ_bytes_u8(in) != 0;
  r->interactions = civ_bytes_u64(in);
  r->active_threats = civ_bytes_u64(in);
  for (int k = 0; k < CIV_THREAT_TYPES; k++)
    r->counts[k] = civ_bytes_u64(in);
  if (!civ_bytes_reals(in, scores, m->agents))
    return CIV_E_FORMAT;
  return load_text(m, which, in);
}

static void count_quarantined(civ_monitor *m)
{
  m->n_quarantined = m->benign_quarantined = 0;
  for (uint32_t a = 0; a < m->agents; a++) {
    m->n_quarantined += m->quarantine[a] != 0;
    m->benign_quarantined += m->quarantine[a] && m->benign[a];
  }
}

static civ_status load_actions(civ_monitor *m, civ_bytes_reader *in)
{
  const uint32_t n = m->n_actions < CIV_SECURITY_LIST ? (uint32_t)m->n_actions : CIV_SECURITY_LIST;
  const civ_status st = civ_grow(m->allocator, (void **)&m->actions, &m->actions_capacity, n, sizeof *m->actions);
  for (uint32_t k = 0; st == CIV_OK && k < n; k++) {
    civ_containment_action *a = &m->actions[k];
    a->kind = civ_bytes_u8(in);
    a->what = civ_bytes_u32(in);
    a->epoch = civ_bytes_u32(in);
    a->score = civ_bytes_real(in);
    if (in->failed || a->kind > CIV_CONTAIN_RELEASE || (a->kind != CIV_CONTAIN_CHAIN && a->what >= m->agents))
      return CIV_E_FORMAT;
  }
  return st;
}

static civ_status load_own(civ_monitor *m, civ_bytes_reader *in)
{
  if (!civ_bytes_block(in, m->quarantine, m->agents) || !civ_bytes_block(in, m->met, m->agents))
    return CIV_E_FORMAT;
  count_quarantined(m);
#define COUNT(x) m->x = civ_bytes_u64(in);
#define REAL(x)  m->x = civ_bytes_real(in);
#define WHOLE(x) m->x = civ_bytes_u32(in);
  MONITOR_COUNTS(COUNT)
  MONITOR_REALS(REAL)
  MONITOR_WHOLES(WHOLE)
#undef COUNT
#undef REAL
#undef WHOLE
  for (int k = 0; k < MONITOR_LEVELS; k++)
    m->levels[k] = civ_bytes_real(in);
  if (in->failed || m->n_levels > MONITOR_LEVELS)
    return CIV_E_FORMAT;
  civ_status st = load_actions(m, in);
  civ_monitor_drop_reports(m);
  if (st == CIV_OK)
    st = load_report(m, 0, in);
  return st == CIV_OK ? load_report(m, 1, in) : st;
}

civ_status civ_monitor_load(civ_monitor *m, civ_bytes_reader *in, civ_error *err)
{
  civ_status st = civ_security_load(m->history, in, err);
  if (st != CIV_OK)
    return st;
  st = load_own(m, in);
  if (st == CIV_OK)
    return CIV_OK;
  return civ_fail(err, st, "security",
                  st == CIV_E_FORMAT ? "the checkpoint is broken or of another run" : "out of memory for the reports");
}
