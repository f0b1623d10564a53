/* security_threats.c - what single interactions and single initiators show: injection, exfiltration, manipulation. */
#include <stdlib.h>

#include "metric/security_inside.h"

/* Which of two finds is worse, the earlier one where they are alike. */
static bool worse(const security_instant *a, const security_instant *b)
{
  return a->risk > b->risk || (a->risk == b->risk && a->sequence < b->sequence);
}

static void swap(security_instant *a, security_instant *b)
{
  const security_instant was = *a;
  *a = *b;
  *b = was;
}

static void sink_front(security_top *top)
{
  size_t at = 0;
  for (;;) {
    size_t least = at;
    for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < top->n; child++)
      if (worse(&top->items[least], &top->items[child]))
        least = child;
    if (least == at)
      return;
    swap(&top->items[at], &top->items[least]);
    at = least;
  }
}

/* Within reserved room. */
void civ_security_top_offer(security_top *top, const security_instant *item)
{
  security_instant mine = *item;
  mine.sequence = top->count++;
  if (top->n == CIV_SECURITY_LIST) {
    if (!worse(&mine, &top->items[0]))
      return;
    top->items[0] = mine;
    sink_front(top);
    return;
  }
  size_t at = top->n++;
  top->items[at] = mine;
  while (at > 0 && worse(&top->items[(at - 1) / 2], &top->items[at])) {
    swap(&top->items[(at - 1) / 2], &top->items[at]);
    at = (at - 1) / 2;
  }
}

/* What both scores have in common. */
static double signs(double score, const civ_observables *o)
{
  if (o->tool_misuse_flags > 0)
    score += security_least(0.4, 0.2 * o->tool_misuse_flags);
  if (o->verifier_rejections > 0)
    score += security_least(0.3, 0.15 * o->verifier_rejections);
  return score;
}

double civ_injection_score(const civ_interaction *r)
{
  const double low = r->accepted && r->p < 0.3 ? 0.3 * (0.3 - r->p) / 0.3 : 0;
  return security_least(1.0, signs(low, &r->observables));
}

double civ_realtime_threat(const civ_interaction *r, double initiator_threat, civ_threat_type *likely)
{
  const double score = signs(r->accepted && r->p < 0.3 ? 0.3 : 0, &r->observables) + 0.3 * initiator_threat;
  *likely = r->observables.tool_misuse_flags >= 2   ? CIV_THREAT_EXFILTRATION
            : r->observables.tool_misuse_flags == 1 ? CIV_THREAT_INJECTION
            : r->accepted && r->p < 0.2             ? CIV_THREAT_MANIPULATION
                                                    : CIV_THREAT_UNKNOWN;
  return security_least(1.0, score);
}

static void note_instant(civ_security *s, security_top *top, const civ_interaction *r, double severity,
                         double confidence, double seconds)
{
  const double risk = severity * confidence;
  security_actor *source = &s->actors[r->initiator], *target = &s->actors[r->counterparty];
  if (risk > source->direct)
    source->direct = risk;
  if (0.3 * risk > target->direct)
    target->direct = 0.3 * risk;
  const security_instant item = { .risk = risk,
                                  .severity = severity,
                                  .confidence = confidence,
                                  .seconds = seconds,
                                  .id = r->id,
                                  .source = r->initiator,
                                  .target = r->counterparty };
  civ_security_top_offer(top, &item);
}

void civ_security_note_instants(civ_security *s, const civ_interaction *r, double seconds)
{
  const double score = civ_injection_score(r);
  if (score >= s->rules.injection_threshold)
    note_instant(s, &s->injections, r, score, security_least(0.9, score + 0.2), seconds);
  if (r->observables.tool_misuse_flags >= 2)
    note_instant(s, &s->exfiltrations, r, security_least(1.0, 0.3 * r->observables.tool_misuse_flags), 0.6, seconds);
}

/* --- manipulation ------------------------------------------------------------------------------------------------------------ */

const uint64_t *civ_security_ids(const civ_security *s, size_t n_notes, civ_agent initiator, uint32_t with,
                                 civ_arena *arena, uint32_t *n)
{
  const uint32_t wanted = with | SECURITY_ACCEPTED;
  uint32_t count = 0;
  for (uint32_t at = s->actors[initiator].first_note; at < n_notes; at = s->notes[at].next)
    count += with == SECURITY_NONE || s->notes[at].counterparty == wanted;
  uint64_t *ids = civ_arena_take(arena, count, sizeof *ids);
  *n = 0;
  for (uint32_t at = s->actors[initiator].first_note; ids != NULL && at < n_notes; at = s->notes[at].next)
    if (with == SECURITY_NONE || s->notes[at].counterparty == wanted)
      ids[(*n)++] = s->notes[at].id;
  return ids;
}

static bool seen_before(const civ_agent *list, uint32_t n, civ_agent x)
{
  while (n > 0)
    if (list[--n] == x)
      return true;
  return false;
}

/* In order of first meeting: everybody the initiator ever met stands in its evidence. */
static const civ_agent *victims_of(const civ_security *s, civ_agent m, civ_arena *arena, uint32_t *n)
{
  const uint32_t most = s->actors[m].victims;
  civ_agent *victims = civ_arena_take(arena, most, sizeof *victims);
  *n = 0;
  for (uint32_t at = s->actors[m].first_note; victims != NULL && at != SECURITY_NONE && *n < most;
       at = s->notes[at].next) {
    const civ_agent x = s->notes[at].counterparty & ~SECURITY_ACCEPTED;
    const civ_pair *pair = civ_pairs_get(s->pairs, m, x);
    if (pair != NULL && (pair->extra & SECURITY_HARMED) && !seen_before(victims, *n, x))
      victims[(*n)++] = x;
  }
  return victims;
}

static const char *technique_of(const security_actor *a)
{
  if (a->boosts >= a->extractions && a->boosts >= a->influences)
    return "reputation_boosting";
  return a->extractions >= a->influences ? "resource_extraction" : "targeted_influence";
}

static bool is_manipulator(const civ_security *s, civ_agent m, double *rate)
{
  const security_actor *a = &s->actors[m];
  if (a->initiated < 3 || a->victims == 0)
    return false;
  *rate = security_least(1.0, ((double)a->boosts + a->extractions) / a->initiated);
  return *rate >= s->rules.manipulation_threshold;
}

static void describe(const civ_security *s, civ_agent m, double rate, civ_security_report *out)
{
  civ_manipulation *p = &out->manipulation[out->n_manipulation++];
  const security_actor *a = &s->actors[m];
  *p = (civ_manipulation){ .manipulator = m,
                           .success_rate = rate,
                           .influence_delta = a->influence,
                           .initiated = a->initiated,
                           .technique = technique_of(a) };
  p->victims = victims_of(s, m, &out->arena, &p->n_victims);
  p->ids = civ_security_ids(s, s->n_notes, m, SECURITY_NONE, &out->arena, &p->n_ids);
}

static void raise_victims(const civ_security *s, civ_agent m, double risk, double *scores)
{
  for (uint32_t at = s->actors[m].first_note; at != SECURITY_NONE; at = s->notes[at].next) {
    const civ_agent x = s->notes[at].counterparty & ~SECURITY_ACCEPTED;
    const civ_pair *pair = x < s->listed && scores[x] < 0.3 * risk ? civ_pairs_get(s->pairs, m, x) : NULL;
    if (pair != NULL && (pair->extra & SECURITY_HARMED))
      scores[x] = 0.3 * risk;
  }
}

/* The list keeps the highest rates: `cut` is the lowest that still enters, of which `room` enter. */
typedef struct selection {
  double cut;
  uint32_t room;
} selection;

static int descending(const void *a, const void *b)
{
  const double x = *(const double *)a, y = *(const double *)b;
  return (x < y) - (x > y);
}

static selection select_rates(double *rates, uint32_t n)
{
  if (n <= CIV_SECURITY_LIST)
    return (selection){ -1, n };
  qsort(rates, n, sizeof *rates, descending);
  selection s = { rates[CIV_SECURITY_LIST - 1], 0 };
  for (uint32_t k = 0; k < CIV_SECURITY_LIST; k++)
    s.room += rates[k] == s.cut;
  return s;
}

civ_status civ_security_find_manipulation(const civ_security *s, double *scores, civ_security_report *out)
{
  double rate;
  uint32_t n = 0;
  civ_arena scratch = civ_arena_create(s->allocator);
  double *rates = civ_arena_take(&scratch, s->n_initiators, sizeof *rates);
  for (uint32_t k = 0; rates != NULL && k < s->n_initiators; k++)
    if (is_manipulator(s, s->initiators[k], &rate))
      rates[n++] = rate;
  out->counts[CIV_THREAT_MANIPULATION] = n;
  out->manipulation =
      civ_arena_take(&out->arena, n < CIV_SECURITY_LIST ? n : CIV_SECURITY_LIST, sizeof *out->manipulation);
  selection chosen = { 0, 0 };
  if (rates != NULL)
    chosen = select_rates(rates, n);
  for (uint32_t k = 0; rates != NULL && out->manipulation != NULL && k < s->n_initiators; k++) {
    const civ_agent m = s->initiators[k];
    if (!is_manipulator(s, m, &rate))
      continue;
    const double risk = rate * security_least(0.9, 0.5 + 0.4 * rate);
    civ_security_raise(s, scores, m, risk);
    raise_victims(s, m, risk, scores);
    if (rate > chosen.cut)
      describe(s, m, rate, out);
    else if (rate == chosen.cut && chosen.room > 0) {
      chosen.room--;
      describe(s, m, rate, out);
    }
  }
  const bool failed = rates == NULL || out->manipulation == NULL || out->arena.failed;
  civ_arena_destroy(&scratch);
  return failed ? CIV_E_NOMEM : CIV_OK;
}
