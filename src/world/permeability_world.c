/* Permeability as a world of the loop: the wall follows threat and trust from epoch to epoch, harm of accepted interactions may
 * spill over, and requests of the boundary must get across. */
#include "base/bits.h"
#include "base/buffer.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/memory.h"
#include "world/permeability.h"
#include "world/worlds.h"

/* Of one epoch. */
typedef struct epoch_account {
  uint64_t accepted, open, blocked;
  double one_minus_p, harm;
  civ_permeability_sums sums;
} epoch_account;

/* What epoch_report and total_report tell, in the order of the declarations. */
enum { EFFECTIVE, THREAT, SPILLOVERS, BLOCKED, CONTAINMENT, HARM, HARM_TOTAL, OPTIMAL, OPTIMAL_EXPECTED, FIGURES };

typedef struct wall_state {
  double effective, threat, last_x; /* last_x: what the threat follows, of the last epoch */
  uint64_t open, blocked, epochs;
  double harm, sums[FIGURES]; /* over epochs */
  uint64_t digest;
  epoch_account now;
} wall_state;

typedef struct permeability_world {
  civ_host *host;
  const civ_permeability_config *rules;
  const civ_identity_service *identity; /* NULL = trust is not theirs */
  uint16_t adjusted, spilled;           /* numbers of the events */
  uint32_t stream;
  wall_state s;
  civ_permeability_service service;
} permeability_world;

static bool wanted(const civ_host *host)
{
  const civ_permeability_config *rules = host->call->section(host, "permeability");
  return rules && host->call->section_given(host, "permeability") && rules->enabled;
}

/* --- trust and draws -------------------------------------------------------------------------------------------------------- */

static double clamped(double x)
{
  return x < 0 ? 0 : x > 1 ? 1 : x;
}

static double trust_of(const permeability_world *w, civ_agent a)
{
  if (w->identity != NULL)
    return clamped(w->identity->trust(w->identity->self, a));
  if (w->rules->trust_source == CIV_TRUST_CONSTANT)
    return 0.5;
  return clamped(w->host->call->population(w->host)->average_p_initiated[a]);
}

static double mean_trust(const permeability_world *w)
{
  const civ_population *people = w->host->call->population(w->host);
  double sum = 0;
  uint32_t n = 0;
  for (civ_agent a = 0; a < people->n; a++)
    if (!people->frozen[a]) {
      sum += trust_of(w, a);
      n++;
    }
  return n > 0 ? sum / n : 0.5;
}

enum { STREAM_SPILL = 1, STREAM_OUT, STREAM_IN };

static civ_draws draws_for(const permeability_world *w, civ_agent a, uint32_t what, uint32_t ordinal)
{
  civ_draw_key key = {
    .purpose = CIV_PURPOSE_WORLD, .entity = w->stream, .other = a, .ordinal = ordinal, .step2 = what
  };
  w->host->call->now(w->host, &key.epoch, &key.step);
  return civ_draws_open(w->host->call->seed(w->host), &key);
}

static bool cross(void *self, civ_agent a, double p, bool inbound, uint32_t ordinal, double *quality)
{
  permeability_world *w = self;
  civ_draws draws = draws_for(w, a, inbound ? STREAM_IN : STREAM_OUT, ordinal);
  return civ_permeability_cross(w->rules, civ_permeability_effective(w->rules, w->s.threat, trust_of(w, a)), p, &draws,
                                quality);
}

static const void *service(void *self, const char *name)
{
  permeability_world *w = self;
  return strcmp(name, "permeability") == 0 ? &w->service : NULL;
}

/* --- life --------------------------------------------------------------------------------------------------------------------- */

static void destroy(void *self)
{
  permeability_world *w = self;
  if (w != NULL)
    civ_release(w->host->call->allocator(w->host), w, sizeof *w);
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  permeability_world *w = civ_zeroed(host->call->allocator(host), 1, sizeof *w);
  if (w == NULL)
    return civ_fail(err, CIV_E_NOMEM, "permeability", "out of memory");
  w->host = host;
  w->rules = host->call->section(host, "permeability");
  w->stream = (uint32_t)civ_digest(0, "permeability", 12);
  w->s.effective = w->rules->base_permeability;
  w->s.threat = w->rules->threat_level;
  w->service = (civ_permeability_service){ w, cross };
  *self = w;
  return CIV_OK;
}

/* --- epochs ------------------------------------------------------------------------------------------------------------------- */

static void emit_adjusted(permeability_world *w, double previous, double trust)
{
  civ_event event = civ_host_event(w->host, &w->adjusted, "permeability_adjusted", CIV_NOBODY);
  event.values[0].real = previous;
  event.values[1].real = w->s.effective;
  event.values[2].real = w->s.threat;
  event.values[3].real = trust;
  w->host->call->emit(w->host, &event);
}

static void epoch_begin(void *self)
{
  permeability_world *w = self;
  uint32_t epoch, step;
  const double a = w->rules->threat_smoothing, previous = w->s.effective;
  const bool by_identity = w->rules->trust_source == CIV_TRUST_AUTO || w->rules->trust_source == CIV_TRUST_IDENTITY;
  if (by_identity && w->identity == NULL)
    w->identity = w->host->call->service(w->host, "identity");
  w->host->call->now(w->host, &epoch, &step);
  if (epoch > 0 && w->rules->threat_source != CIV_THREAT_CONSTANT)
    w->s.threat = (1 - a) * w->s.threat + a * w->s.last_x;
  w->s.now = (epoch_account){ 0 };
  const double trust = mean_trust(w);
  w->s.effective = civ_permeability_effective(w->rules, w->s.threat, trust);
  if (w->s.effective != previous)
    emit_adjusted(w, previous, trust);
}

static double frozen_share(const permeability_world *w)
{
  const civ_population *people = w->host->call->population(w->host);
  uint32_t frozen = 0;
  for (civ_agent a = 0; a < people->n; a++)
    frozen += people->frozen[a] != 0;
  return people->n > 0 ? (double)frozen / people->n : 0;
}

static void figures(const permeability_world *w, double *values)
{
  const epoch_account *e = &w->s.now;
  values[EFFECTIVE] = w->s.effective;
  values[THREAT] = w->s.threat;
  values[SPILLOVERS] = (double)e->open;
  values[BLOCKED] = (double)e->blocked;
  values[CONTAINMENT] = civ_permeability_containment(w->s.open, w->s.blocked);
  values[HARM] = e->harm;
  values[HARM_TOTAL] = w->s.harm;
  values[OPTIMAL] = civ_permeability_optimal(w->rules, &e->sums, w->rules->external_harm_weight);
  values[OPTIMAL_EXPECTED] = civ_permeability_optimal_expected(w->rules, &e->sums, w->rules->external_harm_weight);
}

static void epoch_end(void *self)
{
  permeability_world *w = self;
  double values[FIGURES];
  const epoch_account *e = &w->s.now;
  w->s.last_x = w->rules->threat_source == CIV_THREAT_FROZEN_SHARE ? frozen_share(w)
                : e->accepted > 0                                  ? e->one_minus_p / (double)e->accepted
                                                                   : 0;
  figures(w, values);
  for (int k = 0; k < FIGURES; k++)
    w->s.sums[k] += values[k];
  w->s.epochs++;
}

/* --- interactions --------------------------------------------------------------------------------------------------------------- */

static void emit_spilled(permeability_world *w, const civ_interaction *r, const civ_spillover *s, double permeability)
{
  civ_event event = civ_host_event(w->host, &w->spilled, "spillover_detected", r->initiator);
  event.interaction = r->id;
  event.values[0].real = r->p;
  event.values[1].text = "outbound";
  event.values[2].real = s->harm;
  event.values[3].integer = s->blocked;
  event.values[4].real = permeability;
  w->host->call->emit(w->host, &event);
}

static void completed(void *self, const civ_interaction *r, double payoff_a, double payoff_b)
{
  permeability_world *w = self;
  epoch_account *e = &w->s.now;
  (void)payoff_a;
  (void)payoff_b;
  if (!r->accepted)
    return;
  e->accepted++;
  e->one_minus_p += 1 - r->p;
  civ_permeability_sums_add(&e->sums, r->p);
  /* Its initiator's own count of accepted proposals names the draw: it depends on nobody else's. */
  civ_draws draws =
      draws_for(w, r->initiator, STREAM_SPILL, w->host->call->population(w->host)->initiated[r->initiator]);
  const double permeability = civ_permeability_effective(w->rules, w->s.threat, trust_of(w, r->initiator));
  const civ_spillover s = civ_permeability_spill(w->rules, r->p, permeability, &draws);
  if (!s.arises)
    return;
  w->s.digest = civ_digest_mix(w->s.digest, r->id, s.blocked);
  emit_spilled(w, r, &s, permeability);
  if (s.blocked) {
    e->blocked++;
    w->s.blocked++;
    return;
  }
  e->open++;
  e->harm += s.harm;
  w->s.open++;
  w->s.harm += s.harm;
  w->host->call->credit(w->host, r->initiator, -(w->rules->spillover_penalty * s.harm));
}

/* --- reports ---------------------------------------------------------------------------------------------------------------------- */

static const civ_metric_decl decls[] = {
  { "perm_effective", false, "permeability of the wall at mean trust; over a run its mean over epochs" },
  { "perm_threat", false, "threat the wall answers to; over a run its mean over epochs" },
  { "perm_spillovers", true, "accepted interactions whose harm got out" },
  { "perm_blocked", true, "those whose harm the wall stopped" },
  { "perm_containment", false, "share of all spillovers of the run so far that the wall stopped; 1 without any" },
  { "perm_harm", false, "harm that got out" },
  { "perm_harm_total", false, "harm that got out in the run so far" },
  { "perm_optimal", false, "best permeability when harm is linear in it: 0 or 1; over a run its mean" },
  { "perm_optimal_expected", false, "best permeability with the crossing test; over a run its mean over epochs" },
  { NULL, false, NULL }
};

static void epoch_report(void *self, double *values)
{
  figures(self, values);
}

static void total_report(void *self, double *values)
{
  const permeability_world *w = self;
  figures(w, values);
  for (int k = 0; k < FIGURES; k++)
    if (w->s.epochs > 0 && k != CONTAINMENT && k != HARM_TOTAL)
      values[k] = w->s.sums[k] / (double)w->s.epochs;
  values[SPILLOVERS] = (double)w->s.open;
  values[BLOCKED] = (double)w->s.blocked;
  values[HARM] = w->s.harm;
}

static civ_status report(void *self, civ_bytes *out)
{
  double values[FIGURES];
  civ_buffer text = { 0 };
  total_report(self, values);
  civ_buffer_text(&text, "{\"permeability\": {");
  for (int k = 0; k < FIGURES; k++) {
    civ_buffer_format(&text, "%s\"%s\": ", k > 0 ? ", " : "", decls[k].name + strlen("perm_"));
    if (decls[k].integer)
      civ_buffer_integer(&text, (int64_t)values[k]);
    else
      civ_buffer_real(&text, values[k]);
  }
  civ_buffer_text(&text, "}}");
  return civ_buffer_deliver(&text, out);
}

/* --- state ------------------------------------------------------------------------------------------------------------------------- */

static uint64_t digest(void *self)
{
  const permeability_world *w = self;
  return civ_digest_mix(w->s.digest, civ_real_bits(w->s.threat), civ_real_bits(w->s.harm) ^ w->s.blocked);
}

static civ_status save(void *self, civ_bytes *out)
{
  const permeability_world *w = self;
  civ_bytes_put_block(out, &w->s, sizeof w->s);
  return CIV_OK;
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  permeability_world *w = self;
  wall_state s;
  if (!civ_bytes_block(in, &s, sizeof s))
    return civ_fail(err, CIV_E_FORMAT, "permeability", "the checkpoint's wall is cut off");
  w->s = s;
  if (w->rules->trust_source == CIV_TRUST_AUTO || w->rules->trust_source == CIV_TRUST_IDENTITY)
    w->identity = w->host->call->service(w->host, "identity");
  return CIV_OK;
}

_Static_assert(sizeof(wall_state) == 8 * (9 + FIGURES + 7),
               "numbers of eight bytes only, without gaps: it is saved as it stands");

static const char *const services[] = { "permeability", NULL };
static const civ_member adjusted_members[] = { { "previous", CIV_MEMBER_REAL, false },
                                               { "effective_permeability", CIV_MEMBER_REAL, false },
                                               { "threat_level", CIV_MEMBER_REAL, false },
                                               { "trust", CIV_MEMBER_REAL, false },
                                               { NULL, 0, false } };
static const civ_member spilled_members[] = {
  { "source_p", CIV_MEMBER_REAL, false },       { "direction", CIV_MEMBER_TEXT, false },
  { "harm_magnitude", CIV_MEMBER_REAL, false }, { "blocked", CIV_MEMBER_BOOLEAN, false },
  { "permeability", CIV_MEMBER_REAL, false },   { NULL, 0, false }
};
static const civ_event_form events[] = {
  { "permeability_adjusted", CIV_FORM_EPOCH, adjusted_members, "at an epoch's start, when the wall has changed" },
  { "spillover_detected", CIV_FORM_INTERACTION | CIV_FORM_AGENT | CIV_FORM_EPOCH | CIV_FORM_STEP, spilled_members,
    "harm of an accepted interaction reached the wall, and got out or was stopped" },
  { NULL, 0, NULL, NULL }
};

const civ_world civ_world_permeability = {
  .version = CIV_PART_VERSION,
  .name = "permeability",
  .doc = "How much of inside harm reaches the outside, and what gets across the sandbox wall.",
  .services = services,
  .events = events,
  .epoch_metrics = decls,
  .totals = decls,
  .wanted = wanted,
  .create = create,
  .destroy = destroy,
  .service = service,
  .completed = completed,
  .epoch_begin = epoch_begin,
  .epoch_end = epoch_end,
  .epoch_report = epoch_report,
  .total_report = total_report,
  .report = report,
  .digest = digest,
  .save = save,
  .load = load,
};
