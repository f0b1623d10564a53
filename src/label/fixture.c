/* fixture.c - batches of interactions made without a simulation. What a kind draws, and in which order, is part of its
 * results. */
#include "civitas/fixture.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"

const char *const civ_fixture_names[CIV_FIXTURE_KINDS + 1] = { "benign", "toxic",       "uncertain",
                                                               "mixed",  "adversarial", NULL };

static const int64_t second = 1000000;
static const int64_t year_2000 = INT64_C(946684800) * 1000000;

civ_fixture_def civ_fixture_default(civ_fixture_kind kind)
{
  civ_fixture_def def = {
    .kind = kind, .start_us = year_2000, .count = 50, .min_p = 0.7, .max_p = 0.95, .acceptance = 0.8, .band = 0.15
  };
  if (kind == CIV_FIXTURE_TOXIC) {
    def.min_p = 0.1;
    def.max_p = 0.4;
    def.acceptance = 0.6;
  } else if (kind == CIV_FIXTURE_MIXED) {
    def.count = 100;
    def.toxic_fraction = 0.3;
  } else if (kind == CIV_FIXTURE_ADVERSARIAL) {
    def.count = 30;
    def.attacks = 20;
  }
  return def;
}

typedef struct span {
  double low, high;
} span;
typedef struct counts {
  int32_t low, high;
} counts; /* both ends included */
typedef struct cast {
  const char *name;
  int32_t low, high;
} cast; /* "agent_", 1..10 */

/* How the records of one kind are drawn, in this order. */
typedef struct recipe {
  span p;
  double acceptance;
  cast initiator, counterparty;
  int32_t type; /* -1 = any, equally likely */
  span progress;
  counts rework, rejections, misuse;
  span engagement, tau, c_a, c_b, r_a, r_b;
  int8_t ground_truth;
} recipe;

static const recipe benign = {
  .acceptance = 0.8,
  .initiator = { "agent_", 1, 10 },
  .counterparty = { "agent_", 11, 20 },
  .type = -1,
  .progress = { 0.5, 1.0 },
  .engagement = { 0.3, 0.8 },
  .tau = { -0.1, 0.1 },
  .c_a = { 0.01, 0.05 },
  .c_b = { 0.01, 0.05 },
  .r_a = { 0.1, 0.3 },
  .r_b = { 0.05, 0.2 },
  .ground_truth = 1,
};
static const recipe toxic = {
  .acceptance = 0.6,
  .initiator = { "toxic_agent_", 1, 5 },
  .counterparty = { "victim_agent_", 1, 10 },
  .type = -1,
  .progress = { -0.5, 0.2 },
  .rework = { 2, 5 },
  .rejections = { 1, 3 },
  .misuse = { 0, 2 },
  .engagement = { -0.8, -0.2 },
  .tau = { -0.3, 0.5 },
  .c_a = { 0.05, 0.15 },
  .c_b = { 0.1, 0.2 },
  .r_a = { -0.2, 0.0 },
  .r_b = { -0.3, -0.1 },
  .ground_truth = -1,
};
static const recipe uncertain = {
  .acceptance = 0.5,
  .initiator = { "agent_", 1, 20 },
  .counterparty = { "agent_", 1, 20 },
  .type = -1,
  .progress = { -0.2, 0.2 },
  .rework = { 0, 2 },
  .rejections = { 0, 1 },
  .engagement = { -0.2, 0.2 },
};
static const recipe attack = {
  .p = { 0.2, 0.45 },
  .acceptance = 0.5,
  .initiator = { "adversary_", 1, 3 },
  .counterparty = { "honest_", 1, 10 },
  .type = CIV_TRADE,
  .progress = { -0.3, 0.1 },
  .rework = { 1, 3 },
  .rejections = { 0, 2 },
  .misuse = { 0, 1 },
  .engagement = { -0.5, -0.1 },
  .tau = { 0.2, 0.5 },
  .ground_truth = -1,
};

static double draw_span(civ_draws *draws, span s)
{
  return s.low == s.high ? s.low : civ_draw_between(draws, s.low, s.high);
}

static int32_t draw_count(civ_draws *draws, int32_t low, int32_t high)
{
  return low == high ? low : low + (int32_t)civ_draw_index(draws, (uint32_t)(high - low + 1));
}

/* Standard normal by the ratio of uniforms (Kinderman and Monahan 1977), accepted through our own exponential so that the
 * bits do not depend on the C library. */
static double draw_normal(civ_draws *draws)
{
  static const double width = 0x1.b72cd3f331398p+0; /* 2 sqrt(2 / e) */
  for (;;) {
    double u = 1.0 - civ_draw_uniform(draws);
    double x = width * (civ_draw_uniform(draws) - 0.5) / u;
    if (civ_exp(-x * x / 4.0) >= u)
      return x;
  }
}

static civ_status draw_agent(civ_draws *draws, cast who, civ_batch *batch, civ_agent *agent, civ_error *err)
{
  char name[32];
  int length = snprintf(name, sizeof name, "%s%d", who.name, (int)draw_count(draws, who.low, who.high));
  return civ_batch_name(batch, name, (size_t)length, agent, err);
}

static civ_draws open_stream(const civ_fixture_def *def, civ_fixture_kind kind, uint32_t entity, uint32_t ordinal)
{
  civ_draw_key key = { .purpose = CIV_PURPOSE_FIXTURE, .entity = entity, .other = (uint32_t)kind, .ordinal = ordinal };
  return civ_draws_open(def->seed, &key);
}

static civ_status add_by_recipe(const recipe *r, civ_draws *draws, civ_batch *batch, int64_t time_us, civ_error *err)
{
  civ_interaction i = civ_interaction_default();
  i.time_us = time_us;
  i.p = draw_span(draws, r->p);
  i.v_hat = 2.0 * (i.p - 0.5);
  i.accepted = civ_draw_chance(draws, r->acceptance);
  civ_status status = draw_agent(draws, r->initiator, batch, &i.initiator, err);
  if (status == CIV_OK)
    status = draw_agent(draws, r->counterparty, batch, &i.counterparty, err);
  if (status != CIV_OK)
    return status;
  i.type = (uint8_t)(r->type < 0 ? (int32_t)civ_draw_index(draws, CIV_INTERACTION_TYPES) : r->type);
  i.observables.task_progress_delta = draw_span(draws, r->progress);
  i.observables.rework_count = draw_count(draws, r->rework.low, r->rework.high);
  i.observables.verifier_rejections = draw_count(draws, r->rejections.low, r->rejections.high);
  i.observables.tool_misuse_flags = draw_count(draws, r->misuse.low, r->misuse.high);
  i.observables.counterparty_engagement_delta = draw_span(draws, r->engagement);
  i.tau = draw_span(draws, r->tau);
  i.c_a = draw_span(draws, r->c_a);
  i.c_b = draw_span(draws, r->c_b);
  i.r_a = draw_span(draws, r->r_a);
  i.r_b = draw_span(draws, r->r_b);
  i.ground_truth = r->ground_truth;
  return civ_batch_add(batch, &i, err);
}

/* `count` records of one recipe, one second apart. */
static civ_status make_simple(const civ_fixture_def *def, const recipe *r, civ_fixture_kind kind, uint32_t count,
                              civ_batch *out, civ_error *err)
{
  civ_status status = CIV_OK;
  for (uint32_t k = 0; k < count && status == CIV_OK; ++k) {
    civ_draws draws = open_stream(def, kind, k, 0);
    status = add_by_recipe(r, &draws, out, def->start_us + k * second, err);
  }
  return status;
}

static recipe with_range(const recipe *base, const civ_fixture_def *def)
{
  recipe r = *base;
  r.p = (span){ def->min_p, def->max_p };
  r.acceptance = def->acceptance;
  return r;
}

static civ_status make_mixed(const civ_fixture_def *def, civ_batch *out, civ_error *err)
{
  civ_fixture_def good = civ_fixture_default(CIV_FIXTURE_BENIGN), bad = civ_fixture_default(CIV_FIXTURE_TOXIC);
  recipe benign_usual = with_range(&benign, &good), toxic_usual = with_range(&toxic, &bad);
  uint32_t n_toxic = (uint32_t)floor((double)def->count * def->toxic_fraction);
  civ_status status = make_simple(def, &benign_usual, CIV_FIXTURE_BENIGN, def->count - n_toxic, out, err);
  if (status == CIV_OK)
    status = make_simple(def, &toxic_usual, CIV_FIXTURE_TOXIC, n_toxic, out, err);
  if (status != CIV_OK)
    return status;
  civ_draws draws = open_stream(def, CIV_FIXTURE_MIXED, 0, 0);
  for (uint32_t left = def->count; left > 1; --left) {
    uint32_t pick = civ_draw_index(&draws, left);
    civ_interaction moved = out->records[pick];
    out->records[pick] = out->records[left - 1];
    out->records[left - 1] = moved;
  }
  for (uint32_t k = 0; k < def->count; ++k)
    out->records[k].time_us = def->start_us + k * second;
  return CIV_OK;
}

static civ_status add_honest(civ_draws *draws, civ_batch *out, int64_t time_us, civ_error *err)
{
  static const cast honest = { "honest_", 1, 10 };
  civ_interaction i = civ_interaction_default();
  i.time_us = time_us;
  i.p = fmin(fmax(0.75 + 0.1 * draw_normal(draws), 0.1), 0.95);
  i.v_hat = 2.0 * (i.p - 0.5);
  civ_status status = draw_agent(draws, honest, out, &i.initiator, err);
  if (status == CIV_OK)
    status = draw_agent(draws, honest, out, &i.counterparty, err);
  if (status != CIV_OK)
    return status;
  i.type = (uint8_t)civ_draw_index(draws, CIV_INTERACTION_TYPES);
  i.accepted = civ_draw_chance(draws, 0.7);
  i.observables.task_progress_delta = civ_draw_between(draws, 0.3, 0.8);
  i.observables.rework_count = draw_count(draws, 0, 1);
  i.observables.counterparty_engagement_delta = civ_draw_between(draws, 0.1, 0.5);
  i.ground_truth = i.p > 0.5 ? 1 : -1;
  return civ_batch_add(out, &i, err);
}

/* Times rise by construction, so the list needs no sorting. */
static civ_status make_adversarial(const civ_fixture_def *def, civ_batch *out, civ_error *err)
{
  int64_t time_us = def->start_us;
  civ_status status = CIV_OK;
  for (uint32_t k = 0; k < def->count && status == CIV_OK; ++k) {
    civ_draws draws = open_stream(def, CIV_FIXTURE_ADVERSARIAL, k, 0);
    int32_t pause = draw_count(&draws, 1, 3);
    status = add_honest(&draws, out, time_us, err);
    time_us += pause * second;
  }
  for (uint32_t k = 0; k < def->attacks && status == CIV_OK; ++k) {
    civ_draws draws = open_stream(def, CIV_FIXTURE_ADVERSARIAL, k, 1);
    status = add_by_recipe(&attack, &draws, out, time_us + k * (second / 2), err);
  }
  return status;
}

static civ_status refuse(civ_error *err, const char *where, double value, const char *right)
{
  char text[CIV_NUMBER_MAX + 1];
  text[civ_format_real(text, value)] = '\0';
  return civ_fail(err, CIV_E_RANGE, where, "%s is outside %s", text, right);
}

static civ_status check(const civ_fixture_def *def, civ_error *err)
{
  if (def->kind < 0 || def->kind >= CIV_FIXTURE_KINDS)
    return refuse(err, "kind", def->kind, "the list of fixtures");
  if (!(def->min_p >= 0.0 && def->min_p <= 1.0))
    return refuse(err, "min_p", def->min_p, "[0, 1]");
  if (!(def->max_p >= def->min_p && def->max_p <= 1.0))
    return refuse(err, "max_p", def->max_p, "[min_p, 1]");
  if (!(def->acceptance >= 0.0 && def->acceptance <= 1.0))
    return refuse(err, "acceptance", def->acceptance, "[0, 1]");
  if (!(def->band >= 0.0 && def->band <= 0.5))
    return refuse(err, "band", def->band, "[0, 0.5]");
  if (!(def->toxic_fraction >= 0.0 && def->toxic_fraction <= 1.0))
    return refuse(err, "toxic_fraction", def->toxic_fraction, "[0, 1]");
  return CIV_OK;
}

static civ_status make(const civ_fixture_def *def, civ_batch *out, civ_error *err)
{
  recipe r;
  switch ((civ_fixture_kind)def->kind) {
  case CIV_FIXTURE_BENIGN:
    r = with_range(&benign, def);
    break;
  case CIV_FIXTURE_TOXIC:
    r = with_range(&toxic, def);
    break;
  case CIV_FIXTURE_MIXED:
    return make_mixed(def, out, err);
  case CIV_FIXTURE_ADVERSARIAL:
    return make_adversarial(def, out, err);
  case CIV_FIXTURE_UNCERTAIN:
  default:
    r = uncertain;
    r.p = (span){ 0.5 - def->band, 0.5 + def->band };
    break;
  }
  return make_simple(def, &r, (civ_fixture_kind)def->kind, def->count, out, err);
}

static void number_records(civ_batch *batch)
{
  for (size_t k = 0; k < batch->n; ++k)
    batch->records[k].id = k + 1;
}

civ_status civ_fixture_make(const civ_fixture_def *def, civ_batch *out, civ_error *err)
{
  civ_status status = check(def, err);
  if (status != CIV_OK)
    return status;
  status = make(def, out, err);
  if (status != CIV_OK) {
    civ_batch_free(out);
    return status;
  }
  number_records(out);
  return CIV_OK;
}

static civ_status add_labelled(const civ_observables *o, size_t k, const civ_proxy *proxy,
                               bool (*accept)(void *arg, double p), void *arg, int64_t time_us, civ_batch *out,
                               civ_error *err)
{
  civ_draws none = { .next = 0 }; /* never asked: both ends of the range are the same */
  civ_interaction i = civ_interaction_default();
  int32_t from = (int32_t)(k % 10), to = (int32_t)((k + 5) % 10);
  civ_status status = draw_agent(&none, (cast){ "agent_", from, from }, out, &i.initiator, err);
  if (status == CIV_OK)
    status = draw_agent(&none, (cast){ "agent_", to, to }, out, &i.counterparty, err);
  if (status != CIV_OK)
    return status;
  i.type = CIV_COLLABORATION;
  i.time_us = time_us;
  i.observables = *o;
  civ_proxy_label(proxy, o, &i.v_hat, &i.p);
  i.accepted = accept != NULL ? accept(arg, i.p) : i.p > 0.5;
  return civ_batch_add(out, &i, err);
}

civ_status civ_fixture_from_observables(const civ_observables *observables, size_t n, const civ_proxy *proxy,
                                        bool (*accept)(void *arg, double p), void *arg, int64_t start_us,
                                        civ_batch *out, civ_error *err)
{
  civ_status status = CIV_OK;
  for (size_t k = 0; k < n && status == CIV_OK; ++k)
    status = add_labelled(&observables[k], k, proxy, accept, arg, start_us + (int64_t)k * second, out, err);
  if (status != CIV_OK) {
    civ_batch_free(out);
    return status;
  }
  number_records(out);
  return CIV_OK;
}
