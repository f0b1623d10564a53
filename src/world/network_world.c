/* The network as a world of the loop: it says who may meet whom, ties grow with accepted interactions and wear off with time. */
#include "base/bytes.h"
#include "base/digest.h"
#include "base/memory.h"
#include "civitas/config.h"
#include "world/network_measure.h"
#include "world/network_report.h"
#include "world/worlds.h"

typedef struct network_world {
  civ_host *host;
  civ_network *net;
  const civ_network_config *rules;
  const civ_network_metrics_config *measuring;
  bool lasting;          /* complete, and nothing can be lost in this run: everybody meets everybody */
  bool lost;             /* some edge is gone, so proposals may outlive theirs */
  bool lacked;           /* memory for measuring was lacking */
  uint16_t disconnected; /* number of its event, 0 = not asked yet */
  civ_network_totals totals;
  civ_network_metrics metrics; /* of `measured_version` */
  uint64_t measured_version;
  civ_network_service service;
} network_world;

static bool wanted(const civ_host *host)
{
  const civ_network_config *rules = host->call->section(host, "network");
  return rules && host->call->section_given(host, "network") && rules->enabled;
}

static double weight(void *self, civ_agent a, civ_agent b)
{
  return civ_network_weight(self, a, b);
}

static const void *service(void *self, const char *name)
{
  const network_world *w = self;
  return strcmp(name, "network") == 0 ? &w->service : NULL;
}

/* --- life ----------------------------------------------------------------------------------------------------------------- */

static void destroy(void *self)
{
  network_world *w = self;
  if (!w)
    return;
  civ_network_destroy(w->net);
  civ_release(w->host->call->allocator(w->host), w, sizeof *w);
}

static civ_status begin(network_world *w, civ_error *err)
{
  const civ_population *people = w->host->call->population(w->host);
  const civ_simulation_config *simulation = w->host->call->section(w->host, "simulation");
  civ_draws draws = civ_network_draws(w->host->call->seed(w->host));
  civ_status st = civ_network_create(w->rules, people->n, w->host->call->allocator(w->host), &w->net, err);
  if (st == CIV_OK)
    st = civ_network_generate(w->net, &draws, people->name, err);
  if (st != CIV_OK)
    return st;
  w->lasting = civ_network_is_everybody(w->net) && civ_network_is_lasting(w->net, simulation->n_epochs);
  w->service = (civ_network_service){ w->net, weight };
  w->totals.initial_edges = civ_network_edges(w->net);
  return CIV_OK;
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  network_world *w = civ_zeroed(host->call->allocator(host), 1, sizeof *w);
  if (!w)
    return civ_fail(err, CIV_E_NOMEM, "network", "out of memory");
  w->host = host;
  w->rules = host->call->section(host, "network");
  w->measuring = host->call->section(host, "network.metrics");
  w->measured_version = UINT64_MAX;
  const civ_status st = begin(w, err);
  if (st != CIV_OK) {
    destroy(w);
    return st;
  }
  *self = w;
  return CIV_OK;
}

/* Edges come into being where a proposal has outlived its own; that takes an edge that was lost, and a proposal kept from
 * an earlier step. */
static civ_status reserve(void *self, const civ_demand *demand)
{
  network_world *w = self;
  if (w->lacked)
    return CIV_E_NOMEM;
  return civ_network_reserve(w->net, w->lost && w->rules->dynamic ? demand->open : 0,
                             w->rules->dynamic ? demand->completions : 0);
}

/* --- during a step ---------------------------------------------------------------------------------------------------------- */

static bool permits(void *self, civ_agent a, civ_agent b)
{
  const network_world *w = self;
  return civ_network_has(w->net, a, b);
}

static uint32_t neighbours(void *self, civ_agent a, const civ_agent **out)
{
  const network_world *w = self;
  return w->lasting ? UINT32_MAX : civ_network_neighbours(w->net, a, out);
}

static void foresee(const void *self, civ_agent a)
{
  const network_world *w = self;
  civ_network_foresee(w->net, a);
}

static void completed(void *self, const civ_interaction *record, double payoff_a, double payoff_b)
{
  network_world *w = self;
  (void)payoff_a;
  (void)payoff_b;
  civ_network_follow(w->net, record->initiator, record->counterparty, record->accepted, &w->totals);
}

/* --- end of an epoch ---------------------------------------------------------------------------------------------------------- */

static void emit_disconnected(network_world *w, civ_agent a, double reputation, uint64_t edges)
{
  civ_host *host = w->host;
  civ_event event = civ_host_event(host, &w->disconnected, "network_agent_disconnected", a);
  event.values[0].integer = a;
  event.values[1].real = reputation;
  event.values[2].integer = (int64_t)edges;
  host->call->emit(host, &event);
}

static void emit_pruned(const network_world *w, uint64_t edges)
{
  civ_event event = civ_event_make(CIV_EVENT_EDGE_PRUNED, CIV_NOBODY);
  event.values[0].integer = (int64_t)edges;
  w->host->call->emit(w->host, &event);
}

/* Brings the metrics up to date with the topology. */
static void measure(network_world *w)
{
  if (w->measured_version == civ_network_version(w->net) || w->lacked)
    return;
  uint32_t epoch, step;
  w->host->call->now(w->host, &epoch, &step);
  civ_draws draws = civ_network_sample_draws(w->host->call->seed(w->host), epoch);
  w->lacked = civ_network_measure(w->net, w->measuring, &draws, &w->metrics, NULL) != CIV_OK;
  w->measured_version = civ_network_version(w->net);
}

static void epoch_end(void *self)
{
  network_world *w = self;
  const civ_population *people = w->host->call->population(w->host);
  for (civ_agent a = 0; w->rules->reputation_disconnect_threshold.set && a < people->n; a++) {
    const uint64_t edges = civ_network_disconnect(w->net, a, people->reputation[a]);
    w->totals.disconnected += edges;
    if (edges)
      emit_disconnected(w, a, people->reputation[a], edges);
  }
  const uint64_t pruned = civ_network_decay(w->net);
  w->totals.pruned += pruned;
  if (pruned)
    emit_pruned(w, pruned);
  w->lost = w->totals.pruned + w->totals.disconnected > 0;
  measure(w);
}

static void epoch_report(void *self, double *values)
{
  const network_world *w = self;
  memcpy(values, &w->metrics, sizeof w->metrics);
}

static void total_report(void *self, double *values)
{
  network_world *w = self;
  if (w->measured_version == UINT64_MAX)
    measure(w); /* no epoch has ended yet */
  civ_network_put_totals(w->net, &w->metrics, &w->totals, values);
}

static civ_status report(void *self, civ_bytes *out)
{
  const network_world *w = self;
  return civ_network_put_report(w->net, &w->metrics, &w->totals, out);
}

/* --- state ------------------------------------------------------------------------------------------------------------------ */

static uint64_t digest(void *self)
{
  const network_world *w = self;
  return civ_digest_mix(civ_network_digest(w->net), w->totals.pruned, w->totals.stale);
}

static civ_status save(void *self, civ_bytes *out)
{
  const network_world *w = self;
  civ_network_save(w->net, out);
  civ_network_totals_save(&w->totals, out);
  civ_bytes_put_u64(out, w->measured_version);
  civ_bytes_put_reals(out, (const double *)&w->metrics, CIV_NETWORK_METRICS);
  return CIV_OK;
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  network_world *w = self;
  const civ_status st = civ_network_load(w->net, in, err);
  if (st != CIV_OK)
    return st;
  civ_network_totals_load(&w->totals, in);
  w->measured_version = civ_bytes_u64(in);
  civ_bytes_reals(in, (double *)&w->metrics, CIV_NETWORK_METRICS);
  w->lost = w->totals.pruned + w->totals.disconnected > 0;
  return in->failed ? civ_fail(err, CIV_E_FORMAT, "network", "the checkpoint's network is cut off") : CIV_OK;
}

static const char *const services[] = { "network", NULL };
static const civ_member disconnected_members[] = { { "agent_id", CIV_MEMBER_AGENT, false },
                                                   { "reputation", CIV_MEMBER_REAL, false },
                                                   { "edges_removed", CIV_MEMBER_INTEGER, false },
                                                   { NULL, 0, false } };
static const civ_event_form events[] = {
  { "network_agent_disconnected", CIV_FORM_AGENT | CIV_FORM_EPOCH, disconnected_members,
    "at an epoch's end, an agent below the reputation threshold that lost its edges" },
  { NULL, 0, NULL, NULL }
};

const civ_world civ_world_network = {
  .version = CIV_PART_VERSION,
  .name = "network",
  .doc = "Who can see and propose to whom, and how strong the ties are.",
  .services = services,
  .events = events,
  .epoch_metrics = civ_network_metric_decls,
  .totals = civ_network_total_decls,
  .wanted = wanted,
  .create = create,
  .destroy = destroy,
  .service = service,
  .reserve = reserve,
  .permits = permits,
  .neighbours = neighbours,
  .foresee = foresee,
  .completed = completed,
  .epoch_end = epoch_end,
  .epoch_report = epoch_report,
  .total_report = total_report,
  .report = report,
  .digest = digest,
  .save = save,
  .load = load,
};
