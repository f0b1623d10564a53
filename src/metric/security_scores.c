/* security_scores.c - all detectors put together: scores of agents, the level of the society, the list of threats. */
#include <stdlib.h>
#include <string.h>

#include "metric/security_inside.h"

void civ_security_report_free(civ_security_report *report)
{
  civ_arena_destroy(&report->arena);
  *report = (civ_security_report){ 0 };
}

double civ_containment_effectiveness(const bool *contained, size_t n)
{
  size_t count = 0;
  for (size_t k = 0; k < n; k++)
    count += contained[k];
  return n == 0 ? 1 : (double)count / (double)n;
}

void civ_security_report_count_contained(civ_security_report *report)
{
  const uint64_t n = report->counts[CIV_THREAT_CONTAGION];
  uint64_t contained = 0;
  for (uint64_t k = 0; k < n; k++)
    contained += report->chains[k].contained;
  report->containment_success_rate = n == 0 ? 1 : (double)contained / (double)n;
}

/* --- the list of threats ---------------------------------------------------------------------------------------------------------- */

/* A threat that may enter the list: where it stands among those of its type. */
typedef struct candidate {
  double risk;
  uint64_t order; /* in the whole list */
  uint32_t index;
  uint8_t type;
} candidate;

typedef struct candidates {
  candidate *items;
  size_t n;
} candidates;

static void add(candidates *c, civ_threat_type type, double risk, size_t index)
{
  c->items[c->n] = (candidate){ risk, c->n, (uint32_t)index, (uint8_t)type };
  c->n++;
}

static int by_sequence(const void *a, const void *b)
{
  const security_instant *x = a, *y = b;
  return (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

static security_instant *copy_of(const security_instant *instants, size_t n, civ_arena *arena)
{
  security_instant *items = civ_arena_take(arena, n, sizeof *items);
  if (items != NULL && n > 0)
    memcpy(items, instants, n * sizeof *items);
  return items;
}

static security_instant *sorted(const security_instant *instants, size_t n, civ_arena *arena)
{
  security_instant *items = copy_of(instants, n, arena);
  if (items != NULL && n > 0)
    qsort(items, n, sizeof *items, by_sequence);
  return items;
}

static int worst_first(const void *a, const void *b)
{
  const candidate *x = a, *y = b;
  if (x->risk != y->risk)
    return x->risk > y->risk ? -1 : 1;
  return (x->order > y->order) - (x->order < y->order);
}

static int in_order(const void *a, const void *b)
{
  const candidate *x = a, *y = b;
  return (x->order > y->order) - (x->order < y->order);
}

static void describe_instant(const security_instant *i, civ_threat *t, civ_arena *arena)
{
  civ_agent *target = civ_arena_take(arena, 1, sizeof *target);
  uint64_t *id = civ_arena_take(arena, 1, sizeof *id);
  if (target == NULL || id == NULL)
    return;
  *target = i->target;
  *id = i->id;
  t->source = i->source;
  t->severity = i->severity;
  t->confidence = i->confidence;
  t->seconds = i->seconds;
  t->targets = target;
  t->ids = id;
  t->n_targets = t->n_ids = 1;
}

static void describe_manipulation(const civ_manipulation *m, civ_threat *t)
{
  t->source = m->manipulator;
  t->severity = m->success_rate;
  t->confidence = security_least(0.9, 0.5 + 0.4 * m->success_rate);
  t->targets = m->victims;
  t->n_targets = m->n_victims;
  t->ids = m->ids;
  t->n_ids = m->n_ids;
}

static void describe_laundering(const civ_laundering *l, civ_threat *t)
{
  civ_laundering_risk(l->trust_gain, &t->severity, &t->confidence);
  t->source = l->source;
  t->targets = &l->destination;
  t->n_targets = 1;
  t->ids = l->ids;
  t->n_ids = l->n_ids;
}

static void describe_chain(const civ_chain *c, civ_threat *t, civ_arena *arena)
{
  civ_agent *targets = civ_arena_take(arena, c->n_path, sizeof *targets);
  for (uint32_t k = 0; targets != NULL && k < c->n_path; k++)
    if (c->path[k] != c->origin)
      targets[t->n_targets++] = c->path[k];
  civ_chain_risk(c, &t->severity, &t->confidence);
  t->source = c->origin;
  t->targets = targets;
  t->ids = c->ids;
  t->n_ids = c->n_ids;
}

static civ_status list_threats(const security_unlisted *of, civ_security_report *out, civ_arena *scratch)
{
  const security_instant *injections = sorted(of->injections, of->n_injections, scratch);
  const security_instant *exfiltrations = sorted(of->exfiltrations, of->n_exfiltrations, scratch);
  const size_t chains = (size_t)out->counts[CIV_THREAT_CONTAGION];
  candidates c = { 0 };
  double severity, confidence;
  c.items =
      civ_arena_take(scratch, of->n_injections + of->n_exfiltrations + out->n_manipulation + out->n_laundering + chains,
                     sizeof *c.items);
  if (injections == NULL || exfiltrations == NULL || c.items == NULL)
    return CIV_E_NOMEM;
  for (size_t k = 0; k < of->n_injections; k++)
    add(&c, CIV_THREAT_INJECTION, injections[k].risk, k);
  for (size_t k = 0; k < of->n_exfiltrations; k++)
    add(&c, CIV_THREAT_EXFILTRATION, exfiltrations[k].risk, k);
  for (size_t k = 0; k < out->n_manipulation; k++) {
    const double rate = out->manipulation[k].success_rate;
    add(&c, CIV_THREAT_MANIPULATION, rate * security_least(0.9, 0.5 + 0.4 * rate), k);
  }
  for (size_t k = 0; k < out->n_laundering; k++)
    add(&c, CIV_THREAT_LAUNDERING, civ_laundering_risk(out->laundering[k].trust_gain, &severity, &confidence), k);
  for (size_t k = 0; k < chains; k++)
    add(&c, CIV_THREAT_CONTAGION, civ_chain_risk(&out->chains[k], &severity, &confidence), k);
  if (c.n > CIV_SECURITY_LIST) {
    qsort(c.items, c.n, sizeof *c.items, worst_first);
    c.n = CIV_SECURITY_LIST;
    qsort(c.items, c.n, sizeof *c.items, in_order);
  }
  out->threats = civ_arena_take(&out->arena, c.n, sizeof *out->threats);
  for (size_t k = 0; out->threats != NULL && k < c.n; k++) {
    civ_threat *t = &out->threats[out->n_threats++];
    const uint32_t at = c.items[k].index;
    *t = (civ_threat){ .type = c.items[k].type, .risk = c.items[k].risk, .seconds = of->seconds };
    if (t->type == CIV_THREAT_INJECTION)
      describe_instant(&injections[at], t, &out->arena);
    else if (t->type == CIV_THREAT_EXFILTRATION)
      describe_instant(&exfiltrations[at], t, &out->arena);
    else if (t->type == CIV_THREAT_MANIPULATION)
      describe_manipulation(&out->manipulation[at], t);
    else if (t->type == CIV_THREAT_LAUNDERING)
      describe_laundering(&out->laundering[at], t);
    else
      describe_chain(&out->chains[at], t, &out->arena);
  }
  return out->arena.failed ? CIV_E_NOMEM : CIV_OK;
}

/* --- numbers ----------------------------------------------------------------------------------------------------------------------- */

static void sum_up(const civ_security *s, const double *scores, civ_security_report *out)
{
  const double agents = s->listed, m = (double)s->count;
  for (int k = 0; k < CIV_THREAT_TYPES; k++)
    out->active_threats += out->counts[k];
  for (uint32_t a = 0; a < s->listed; a++)
    out->n_flagged += scores[a] >= s->rules.manipulation_threshold;
  out->prompt_injection_rate = m > 0 ? (double)out->counts[CIV_THREAT_INJECTION] / m : 0;
  out->laundering_rate = m > 0 ? (double)out->counts[CIV_THREAT_LAUNDERING] / m : 0;
  out->manipulation_rate = (double)out->counts[CIV_THREAT_MANIPULATION] / (agents > 1 ? agents : 1);
  if (s->listed > 0) {
    const double density = (double)out->active_threats / (5 * agents);
    out->ecosystem_threat_level =
        security_least(1.0, 0.25 * density + 0.25 * out->n_flagged / agents +
                                0.30 * security_least(1.0, out->contagion_depth / 5.0) + 0.20 * out->manipulation_rate);
  }
  civ_security_report_count_contained(out);
}

/* --- all of it ------------------------------------------------------------------------------------------------------------------ */

/* Keeps what the lists will need of all that changes when the history grows. */
static civ_status put_off(const civ_security *s, const double *trust, const double *gains, civ_security_report *out)
{
  security_unlisted *u = civ_arena_take(&out->arena, 1, sizeof *u);
  double *trusts = civ_arena_take(&out->arena, s->agents, sizeof *trusts);
  if (u == NULL || trusts == NULL)
    return CIV_E_NOMEM;
  memcpy(trusts, trust, s->agents * sizeof *trusts);
  *u = (security_unlisted){ .seconds = s->last_seconds,
                            .n_notes = s->n_notes,
                            .n_edges = s->n_edges,
                            .trust = trusts,
                            .gains = gains,
                            .injections = copy_of(s->injections.items, s->injections.n, &out->arena),
                            .n_injections = s->injections.n,
                            .exfiltrations = copy_of(s->exfiltrations.items, s->exfiltrations.n, &out->arena),
                            .n_exfiltrations = s->exfiltrations.n };
  out->unlisted = u;
  return out->arena.failed ? CIV_E_NOMEM : CIV_OK;
}

static civ_status assess(const civ_security *s, const double *trust, civ_draws *draws, civ_security_report *out)
{
  double *scores = civ_arena_take(&out->arena, s->agents, sizeof *scores), *gains = NULL;
  if (scores == NULL)
    return CIV_E_NOMEM;
  out->scores = scores;
  if (s->count == 0) {
    out->containment_success_rate = 1;
    return CIV_OK;
  }
  for (uint32_t a = 0; a < s->listed; a++)
    scores[a] = s->actors[a].direct;
  out->counts[CIV_THREAT_INJECTION] = s->injections.count;
  out->counts[CIV_THREAT_EXFILTRATION] = s->exfiltrations.count;
  civ_status st = civ_security_find_manipulation(s, scores, out);
  if (st == CIV_OK && s->n_edges > 0) {
    gains = civ_arena_take(&out->arena, s->agents, sizeof *gains);
    st = gains == NULL ? CIV_E_NOMEM : civ_security_find_laundering(s, trust, draws, scores, gains, out);
  }
  if (st == CIV_OK)
    st = civ_security_find_contagion(s, scores, out);
  if (st == CIV_OK)
    st = put_off(s, trust, gains, out);
  if (st == CIV_OK)
    sum_up(s, scores, out);
  return st;
}

static civ_status refuse(const civ_security *s, civ_security_report *report, civ_error *err)
{
  civ_security_report_free(report);
  return civ_fail(err, CIV_E_NOMEM, "security", "out of memory while analysing %llu interactions",
                  (unsigned long long)s->count);
}

civ_status civ_security_assess(const civ_security *s, const double *trust, civ_draws *draws, civ_security_report *out,
                               civ_error *err)
{
  civ_security_report report = { .arena = civ_arena_create(s->allocator),
                                 .n_agents = s->listed,
                                 .interactions = s->count,
                                 .flag_threshold = s->rules.manipulation_threshold };
  if (assess(s, trust, draws, &report) != CIV_OK)
    return refuse(s, &report, err);
  *out = report;
  return CIV_OK;
}

civ_status civ_security_list(const civ_security *s, civ_security_report *report)
{
  const security_unlisted *of = report->unlisted;
  if (of == NULL)
    return CIV_OK;
  civ_status st = civ_security_list_paths(s, of, report);
  if (st != CIV_OK)
    return st;
  civ_arena scratch = civ_arena_create(s->allocator);
  st = list_threats(of, report, &scratch);
  civ_arena_destroy(&scratch);
  if (st == CIV_OK)
    report->unlisted = NULL;
  return st;
}

civ_status civ_security_analyse(const civ_security *s, const double *trust, civ_draws *draws, civ_security_report *out,
                                civ_error *err)
{
  civ_security_report report;
  const civ_status st = civ_security_assess(s, trust, draws, &report, err);
  if (st != CIV_OK)
    return st;
  if (civ_security_list(s, &report) != CIV_OK)
    return refuse(s, &report, err);
  *out = report;
  return CIV_OK;
}

/* --- trend ---------------------------------------------------------------------------------------------------------------------------- */

static double slope(const double *y, size_t n)
{
  double mean_x = ((double)n - 1) / 2, mean_y = 0, xy = 0, xx = 0;
  bool flat = true;
  for (size_t k = 0; k < n; k++) {
    mean_y += y[k] / (double)n;
    flat &= y[k] == y[0];
  }
  if (flat)
    return 0;
  for (size_t k = 0; k < n; k++) {
    xy += ((double)k - mean_x) * (y[k] - mean_y);
    xx += ((double)k - mean_x) * ((double)k - mean_x);
  }
  return xy / xx;
}

civ_trend civ_threat_trend(const double *levels, size_t n, size_t window)
{
  const size_t m = n < window ? n : window, half = m / 2;
  const double *last = levels + (n - m);
  civ_trend t = { .known = n >= 2 && m > 0 };
  if (!t.known)
    return t;
  t.trend = slope(last, m);
  t.acceleration = m < 4 ? 0 : slope(last + half, m - half) - slope(last, half);
  t.current_level = last[m - 1];
  t.max_level = last[0];
  for (size_t k = 1; k < m; k++)
    t.max_level = last[k] > t.max_level ? last[k] : t.max_level;
  return t;
}
