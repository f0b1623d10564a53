#include "lab/network_report.h"

#include <stdlib.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/memory.h"
#include "world/network_igraph.h"

enum { UPDATED_NEW = 1 }; /* of a reputation_updated event */

/* --- beginning ------------------------------------------------------------------------------------------------------------ */

static void know_agents(civ_network_story *s)
{
  const civ_environment_config *environment = civ_config_section(s->config, "environment");
  uint32_t n, a = 0;
  const civ_agent_entry *entries = civ_config_agents(s->config, &n);
  for (uint32_t k = 0; k < n; k++)
    for (uint32_t i = 0; i < entries[k].count && a < s->n_agents; i++, a++) {
      const civ_opt_real *given = &entries[k].initial_reputation;
      s->reputation[a] = given->set ? given->value : environment->initial_reputation;
      s->types[a] = entries[k].type;
    }
}

static civ_status generate(civ_network_story *s, civ_error *err)
{
  const civ_simulation_config *simulation = civ_config_section(s->config, "simulation");
  civ_draws draws = civ_network_draws((uint64_t)simulation->seed.value);
  civ_status st =
      civ_network_create(civ_config_section(s->config, "network"), s->n_agents, &civ_allocator_malloc, &s->net, err);
  if (st == CIV_OK)
    st = civ_network_generate(s->net, &draws, (const char *const *)s->names, err);
  if (st == CIV_OK)
    s->totals.initial_edges = civ_network_edges(s->net);
  return st;
}

civ_status civ_network_story_begin(const civ_config *config, civ_network_story *out, civ_error *err)
{
  const civ_network_config *rules = civ_config_section(config, "network");
  civ_network_story s = { .config = config, .edges_column = UINT32_MAX, .version = UINT64_MAX };
  if (!civ_config_given(config, "network") || !rules->enabled)
    return civ_fail(err, CIV_E_STATE, "network", "this run had no network: everybody could meet everybody");
  civ_status st = civ_config_agent_names(config, &s.names, &s.n_agents, err);
  if (st != CIV_OK)
    return st;
  s.reputation = calloc((size_t)s.n_agents + 1, sizeof *s.reputation);
  s.types = calloc((size_t)s.n_agents + 1, sizeof *s.types);
  if (s.reputation && s.types) {
    know_agents(&s);
    st = generate(&s, err);
  } else {
    st = civ_fail(err, CIV_E_NOMEM, "network", "out of memory");
  }
  if (st != CIV_OK)
    civ_network_story_free(&s);
  else
    *out = s;
  return st;
}

void civ_network_story_free(civ_network_story *s)
{
  civ_network_destroy(s->net);
  civ_free(s->names);
  free(s->types);
  free(s->reputation);
  free(s->epochs);
  *s = (civ_network_story){ 0 };
}

/* --- following ------------------------------------------------------------------------------------------------------------ */

static civ_status begin(void *self, const civ_roster *roster, const civ_columns *columns, civ_error *err)
{
  civ_network_story *s = self;
  if (roster->n != s->n_agents)
    return civ_fail(err, CIV_E_FORMAT, "event log", "it has %u agents, its configuration %u", roster->n, s->n_agents);
  for (uint32_t k = 0; k < columns->n; k++)
    if (strcmp(columns->decls[k].name, "network_metrics.n_edges") == 0)
      s->edges_column = k;
  return CIV_OK;
}

/* In a graph whose edges are counted one by one at most this one can be new; in a complete one at most this one is touched. */
static void interaction(void *self, const civ_interaction *record, double payoff_a, double payoff_b)
{
  civ_network_story *s = self;
  (void)payoff_a;
  (void)payoff_b;
  if (civ_network_reserve(s->net, 1, 1) == CIV_OK)
    civ_network_follow(s->net, record->initiator, record->counterparty, record->accepted, &s->totals);
}

static void event(void *self, const civ_event *e)
{
  civ_network_story *s = self;
  if (e->type == CIV_EVENT_REPUTATION_UPDATED && e->agent < s->n_agents)
    s->reputation[e->agent] = e->values[UPDATED_NEW].real;
}

static civ_status keep(civ_network_story *s, const civ_network_epoch *e, civ_error *err)
{
  void *epochs = s->epochs;
  if (civ_grow(&civ_allocator_malloc, &epochs, &s->room_epochs, s->n_epochs + 1, sizeof *s->epochs) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "network", "out of memory");
  s->epochs = epochs;
  s->epochs[s->n_epochs++] = *e;
  return CIV_OK;
}

static civ_status epoch(void *self, uint32_t number, const double *row, civ_error *err)
{
  civ_network_story *s = self;
  civ_network_epoch e = { .epoch = number };
  for (civ_agent a = 0; a < s->n_agents; a++)
    e.disconnected += civ_network_disconnect(s->net, a, s->reputation[a]);
  if (civ_network_reserve(s->net, 0, 0) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "network", "out of memory in epoch %u", number);
  e.pruned = civ_network_decay(s->net);
  e.n_edges = civ_network_edges(s->net);
  e.weights = civ_network_weights(s->net);
  s->totals.pruned += e.pruned;
  s->totals.disconnected += e.disconnected;
  if (civ_network_version(s->net) != s->version)
    s->changed_in = number;
  s->version = civ_network_version(s->net);
  if (s->edges_column != UINT32_MAX && row[s->edges_column] != (double)e.n_edges)
    return civ_fail(err, CIV_E_DIVERGED, "event log",
                    "epoch %u ends with %.0f edges, but following its interactions gives %llu", number,
                    row[s->edges_column], (unsigned long long)e.n_edges);
  return keep(s, &e, err);
}

const civ_sink civ_network_story_sink = { .version = CIV_PART_VERSION,
                                          .name = "network",
                                          .wants_events = true,
                                          .begin = begin,
                                          .interaction = interaction,
                                          .event = event,
                                          .epoch = epoch };

/* --- telling ---------------------------------------------------------------------------------------------------------------- */

civ_status civ_network_story_measure(const civ_network_story *s, civ_network_metrics *out, civ_error *err)
{
  const civ_simulation_config *simulation = civ_config_section(s->config, "simulation");
  civ_draws draws = civ_network_sample_draws((uint64_t)simulation->seed.value, s->changed_in);
  return civ_network_measure(s->net, civ_config_section(s->config, "network.metrics"), &draws, out, err);
}

static void put_epochs(civ_buffer *out, const civ_network_story *s)
{
  civ_buffer_text(out, ", \"network_epochs\": [");
  for (size_t k = 0; k < s->n_epochs; k++) {
    const civ_network_epoch *e = &s->epochs[k];
    civ_buffer_format(out,
                      "%s{\"epoch\": %u, \"n_edges\": %llu, \"edges_pruned\": %llu, \"edges_disconnected\": %llu, ",
                      k ? ", " : "", e->epoch, (unsigned long long)e->n_edges, (unsigned long long)e->pruned,
                      (unsigned long long)e->disconnected);
    civ_buffer_text(out, "\"mean_weight\": ");
    civ_buffer_real(out, e->weights.mean);
    civ_buffer_text(out, ", \"least_weight\": ");
    civ_buffer_real(out, e->weights.least);
    civ_buffer_text(out, "}");
  }
  civ_buffer_text(out, "]");
}

civ_status civ_network_story_json(const civ_network_story *s, char **text, size_t *length, civ_error *err)
{
  civ_network_metrics metrics;
  civ_bytes report = { 0 };
  civ_buffer out = { 0 };
  civ_status st = civ_network_story_measure(s, &metrics, err);
  if (st == CIV_OK)
    st = civ_network_put_report(s->net, &metrics, &s->totals, &report);
  if (st == CIV_OK) {
    civ_buffer_add(&out, (const char *)report.data, report.length - 1); /* its last brace comes after the epochs */
    put_epochs(&out, s);
    civ_buffer_text(&out, "}");
    *text = civ_buffer_take(&out, length);
    st = *text ? CIV_OK : CIV_E_NOMEM;
  }
  civ_bytes_free(&report);
  return st == CIV_OK ? CIV_OK : civ_fail(err, st, "network", "out of memory");
}

/* --- the strongest -------------------------------------------------------------------------------------------------------------- */

typedef struct ranking {
  civ_tie *ties;
  uint32_t n, most;
} ranking;

static bool rank(void *self, civ_agent a, civ_agent b, double weight)
{
  ranking *r = self;
  if (r->n == r->most && !(weight > r->ties[r->n - 1].weight))
    return true;
  uint32_t at = r->n < r->most ? r->n++ : r->n - 1;
  for (; at > 0 && r->ties[at - 1].weight < weight; at--)
    r->ties[at] = r->ties[at - 1];
  r->ties[at] = (civ_tie){ a, b, weight };
  return true;
}

uint32_t civ_network_strongest(const civ_network *net, civ_tie *out, uint32_t most)
{
  ranking r = { out, 0, most };
  double rest;
  if (most > 0)
    civ_network_each_known(net, rank, &r, &rest);
  return r.n;
}

civ_status civ_network_story_write(const civ_network_story *s, const char *path, bool dot, civ_error *err)
{
  char *text = NULL;
  size_t length = 0;
  civ_status st = civ_igraph_write(s->net, (const char *const *)s->names, s->types, dot, &text, &length, err);
  if (st == CIV_OK)
    st = civ_file_write_unsynced(path, text, length, err);
  free(text);
  return st;
}
