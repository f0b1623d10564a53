/* The boundary as a world of the loop: a side channel after every executed turn. It draws from its own stream and changes nothing
 * of the society, but for the access cost where that is charged. */
#include "base/digest.h"
#include "base/memory.h"
#include "world/boundary_activity.h"
#include "world/boundary_build.h"
#include "world/boundary_events.h"
#include "world/boundary_report.h"
#include "world/worlds.h"

typedef struct boundary_world {
  civ_host *host;
  civ_boundary_sections sections;
  civ_gate gate;
  civ_boundary_teller teller;
  civ_activity_mix mix;
  uint32_t stream;
  double before[CIV_BOUNDARY_METRICS]; /* sums at the epoch's begin */
  uint64_t digest;
} boundary_world;

static bool wanted(const civ_host *host)
{
  const civ_boundaries_config *rules = host->call->section(host, "boundaries");
  return rules && host->call->section_given(host, "boundaries") && rules->enabled;
}

/* --- life -------------------------------------------------------------------------------------------------------------------- */

static void destroy(void *self)
{
  boundary_world *w = self;
  if (w == NULL)
    return;
  civ_gate_fini(&w->gate);
  civ_release(w->host->call->allocator(w->host), w, sizeof *w);
}

static civ_status begin(boundary_world *w, civ_error *err)
{
  const civ_population *people = w->host->call->population(w->host);
  const civ_boundary_who who = { people->n, people->name, people->variant, people->type };
  civ_status status = civ_activity_mix_read(&w->mix, &w->sections.activity->mix, err);
  if (status == CIV_OK)
    status = civ_gate_build(&w->gate, &w->sections, &who, w->host->call->allocator(w->host), err);
  if (status != CIV_OK)
    return status;
  w->teller = (civ_boundary_teller){ .host = w->host, .gate = &w->gate };
  w->gate.listener = civ_boundary_telling(&w->teller);
  w->gate.wall = w->host->call->service(w->host, "permeability");
  return CIV_OK;
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  boundary_world *w = civ_zeroed(host->call->allocator(host), 1, sizeof *w);
  if (w == NULL)
    return civ_fail(err, CIV_E_NOMEM, "boundaries", "out of memory");
  w->host = host;
  w->sections =
      (civ_boundary_sections){ host->call->section(host, "boundaries"), host->call->section(host, "boundaries.leakage"),
                               host->call->section(host, "boundaries.activity") };
  w->stream = (uint32_t)civ_digest(0, "boundaries", 10);
  const civ_status status = begin(w, err);
  if (status != CIV_OK) {
    destroy(w);
    return status;
  }
  *self = w;
  return CIV_OK;
}

static civ_status reserve(void *self, const civ_demand *demand)
{
  boundary_world *w = self;
  return civ_gate_reserve(&w->gate, demand->turns);
}

/* --- activity ------------------------------------------------------------------------------------------------------------------ */

static void send(boundary_world *w, civ_agent a, civ_draws *draws)
{
  const civ_population *people = w->host->call->population(w->host);
  char text[CIV_ACTIVITY_TEXT];
  civ_answer answer;
  const uint32_t entity = civ_draw_index(draws, w->gate.outside.n);
  const civ_content_kind kind =
      civ_activity_pick(civ_activity_mix_of(&w->mix, people->variant[a], people->type[a]), civ_draw_uniform(draws));
  const uint32_t k = civ_draw_index(draws, 10000);
  const civ_request request = { .agent = a,
                                .entity = entity,
                                .action = civ_activity_action(w->gate.outside.entities[entity].type),
                                .content = civ_activity_content(kind, k, text),
                                .now_s = (double)w->host->call->steps_done(w->host) *
                                         w->sections.rules->minutes_per_step * 60.0,
                                .own_p = people->average_p_initiated[a] };
  civ_gate_request(&w->gate, &request, draws, &answer);
  w->digest = civ_digest_mix(w->digest, (uint64_t)a << 32 | entity << 8 | (uint64_t)kind << 4 | answer.success,
                             (uint64_t)k << 32 | answer.code << 16 | answer.reply.number);
  if (answer.success && w->sections.rules->charge_access_cost && answer.reply.cost > 0)
    w->host->call->credit(w->host, a, -answer.reply.cost);
}

static void turn_done(void *self, civ_agent a, const civ_action *action, bool ok)
{
  boundary_world *w = self;
  civ_draw_key key = { .purpose = CIV_PURPOSE_WORLD, .entity = w->stream, .other = a };
  (void)action;
  (void)ok;
  if (w->gate.outside.n == 0)
    return;
  w->host->call->now(w->host, &key.epoch, &key.step);
  civ_draws draws = civ_draws_open(w->host->call->seed(w->host), &key);
  if (civ_draw_chance(&draws, w->sections.activity->request_probability))
    send(w, a, &draws);
}

static void epoch_begin(void *self)
{
  boundary_world *w = self;
  civ_outside_new_epoch(&w->gate.outside);
  civ_boundary_sums(&w->gate, w->before);
}

/* --- reports -------------------------------------------------------------------------------------------------------------------- */

static void epoch_report(void *self, double *values)
{
  const boundary_world *w = self;
  civ_boundary_sums(&w->gate, values);
  for (int k = 0; k < CIV_BOUNDARY_METRICS; k++)
    values[k] -= w->before[k];
}

static void total_report(void *self, double *values)
{
  const boundary_world *w = self;
  civ_boundary_totals(&w->gate, values);
}

static civ_status report(void *self, civ_bytes *out)
{
  const boundary_world *w = self;
  const civ_population *people = w->host->call->population(w->host);
  const civ_boundary_names names = { people->name, people->type };
  civ_buffer text = { 0 };
  civ_buffer_text(&text, "{\"boundary\": ");
  civ_boundary_report_json(&w->gate, &names, &text);
  civ_buffer_text(&text, "}");
  return civ_buffer_deliver(&text, out);
}

/* --- state ----------------------------------------------------------------------------------------------------------------------- */

static uint64_t digest(void *self)
{
  const boundary_world *w = self;
  return civ_digest_mix(w->digest, w->gate.counts.requests, w->gate.flows.sum.total);
}

static civ_status save(void *self, civ_bytes *out)
{
  const boundary_world *w = self;
  civ_gate_save(&w->gate, out);
  civ_bytes_put_reals(out, w->before, CIV_BOUNDARY_METRICS);
  civ_bytes_put_u64(out, w->digest);
  return CIV_OK;
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  boundary_world *w = self;
  const civ_status status = civ_gate_load(&w->gate, civ_activity_actions, in, err);
  if (status != CIV_OK)
    return status;
  civ_bytes_reals(in, w->before, CIV_BOUNDARY_METRICS);
  w->digest = civ_bytes_u64(in);
  return in->failed ? civ_fail(err, CIV_E_FORMAT, "boundaries", "the checkpoint's boundary is cut off") : CIV_OK;
}

const civ_world civ_world_boundaries = {
  .version = CIV_PART_VERSION,
  .name = "boundaries",
  .doc = "The world outside, and the gate through which agents reach it.",
  .events = civ_boundary_events,
  .epoch_metrics = civ_boundary_metric_decls,
  .totals = civ_boundary_total_decls,
  .totals_when_off = civ_boundary_totals_when_off,
  .wanted = wanted,
  .create = create,
  .destroy = destroy,
  .reserve = reserve,
  .turn_done = turn_done,
  .epoch_begin = epoch_begin,
  .epoch_report = epoch_report,
  .total_report = total_report,
  .report = report,
  .digest = digest,
  .save = save,
  .load = load,
};
