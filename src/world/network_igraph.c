/* igraph 0.10 as Debian builds it: not thread-safe, and aborting on errors unless told otherwise. */
#include "world/network_igraph.h"

#include <igraph/igraph.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* igraph's state is the process's, so this is too */

typedef struct session {
  igraph_error_handler_t *on_error;
  igraph_warning_handler_t *on_warning;
  igraph_attribute_table_t *attributes;
  igraph_rng_t generator;
} session;

/* --- randomness: ours ------------------------------------------------------------------------------------------------------- */

static igraph_error_t make_generator(void **state)
{
  *state = NULL;
  return IGRAPH_SUCCESS;
}

static void drop_generator(void *state)
{
  (void)state;
}

static igraph_error_t seed_generator(void *state, igraph_uint_t seed)
{
  (void)state;
  (void)seed;
  return IGRAPH_SUCCESS;
}

static igraph_uint_t next_bits(void *state)
{
  return civ_draw_bits(state);
}

static igraph_real_t next_real(void *state)
{
  return civ_draw_uniform(state);
}

/* Failures before the first success. The binary digits of such a number are independent, digit i being 1 with probability
 * q^(2^i) / (1 + q^(2^i)): exact, and without the logarithm whose last bits depend on the processor. */
static igraph_real_t next_geometric(void *state, igraph_real_t p)
{
  const double never = 1.0 / 18014398509481984.0; /* 2^-54: no uniform number is that small and not 0 */
  double q = 1 - p, digit = 1, sum = 0;
  while (q > never) {
    sum += civ_draw_uniform(state) < q / (1 + q) ? digit : 0;
    q *= q;
    digit *= 2;
  }
  return sum;
}

static const igraph_rng_type_t counter_based = { .name = "civitas",
                                                 .bits = 64,
                                                 .init = make_generator,
                                                 .destroy = drop_generator,
                                                 .seed = seed_generator,
                                                 .get = next_bits,
                                                 .get_real = next_real,
                                                 .get_geom = next_geometric };

/* --- entering and leaving --------------------------------------------------------------------------------------------------- */

static void enter(session *s, civ_draws *draws, const igraph_attribute_table_t *attributes)
{
  pthread_mutex_lock(&lock);
  s->on_error = igraph_set_error_handler(igraph_error_handler_ignore);
  s->on_warning = igraph_set_warning_handler(igraph_warning_handler_ignore);
  s->attributes = igraph_set_attribute_table(attributes);
  s->generator = *igraph_rng_default();
  if (draws) {
    igraph_rng_t ours = { .type = &counter_based, .state = draws, .is_seeded = 1 };
    igraph_rng_set_default(&ours);
  }
}

static void leave(session *s)
{
  igraph_rng_set_default(&s->generator);
  igraph_set_attribute_table(s->attributes);
  igraph_set_warning_handler(s->on_warning);
  igraph_set_error_handler(s->on_error);
  pthread_mutex_unlock(&lock);
}

static civ_status say(civ_error *err, igraph_error_t code, const char *what)
{
  if (code == IGRAPH_SUCCESS)
    return CIV_OK;
  if (code == IGRAPH_ENOMEM)
    return civ_fail(err, CIV_E_NOMEM, "network", "out of memory while %s", what);
  return civ_fail(err, CIV_E_STATE, "network", "igraph failed while %s: %s", what, igraph_strerror(code));
}

/* --- generating -------------------------------------------------------------------------------------------------------------- */

static igraph_error_t list_edges(const igraph_t *graph, civ_edge_list *out)
{
  const igraph_integer_t n = igraph_ecount(graph);
  civ_agent *ends = malloc(2 * sizeof *ends * (size_t)n + 1);
  if (!ends)
    return IGRAPH_ENOMEM;
  for (igraph_integer_t k = 0; k < n; k++) {
    ends[2 * k] = (civ_agent)IGRAPH_FROM(graph, k);
    ends[2 * k + 1] = (civ_agent)IGRAPH_TO(graph, k);
  }
  *out = (civ_edge_list){ ends, (uint64_t)n };
  return IGRAPH_SUCCESS;
}

civ_status civ_igraph_erdos_renyi(uint32_t n, double p, civ_draws *draws, civ_edge_list *out, civ_error *err)
{
  session s;
  igraph_t graph;
  enter(&s, draws, NULL);
  igraph_error_t code = igraph_erdos_renyi_game_gnp(&graph, n, p, IGRAPH_UNDIRECTED, IGRAPH_NO_LOOPS);
  if (code == IGRAPH_SUCCESS) {
    code = list_edges(&graph, out);
    igraph_destroy(&graph);
  }
  leave(&s);
  return say(err, code, "drawing a random network");
}

/* --- a network as igraph's graph --------------------------------------------------------------------------------------------- */

typedef struct copying {
  igraph_vector_int_t ends;
  igraph_integer_t at;
} copying;

static bool copy_edge(void *self, civ_agent a, civ_agent b, double weight)
{
  copying *c = self;
  (void)weight;
  VECTOR(c->ends)[c->at++] = a;
  VECTOR(c->ends)[c->at++] = b;
  return true;
}

static igraph_error_t make_graph(const civ_network *net, igraph_t *graph)
{
  copying c = { .at = 0 };
  igraph_error_t code = igraph_vector_int_init(&c.ends, 2 * (igraph_integer_t)civ_network_edges(net));
  if (code != IGRAPH_SUCCESS)
    return code;
  civ_network_each(net, copy_edge, &c);
  code = igraph_create(graph, &c.ends, civ_network_size(net), IGRAPH_UNDIRECTED);
  igraph_vector_int_destroy(&c.ends);
  return code;
}

/* --- measuring --------------------------------------------------------------------------------------------------------------- */

static igraph_error_t measure_clustering(const igraph_t *graph, civ_igraph_measures *out)
{
  igraph_vector_t each;
  igraph_error_t code = igraph_vector_init(&each, 0);
  if (code != IGRAPH_SUCCESS)
    return code;
  const igraph_integer_t n = igraph_vcount(graph);
  code = igraph_transitivity_local_undirected(graph, &each, igraph_vss_all(), IGRAPH_TRANSITIVITY_ZERO);
  double sum = 0;
  for (igraph_integer_t k = 0; code == IGRAPH_SUCCESS && k < n; k++) {
    sum += VECTOR(each)[k];
    if (out->clustering)
      out->clustering[k] = VECTOR(each)[k];
  }
  out->average_clustering = n > 0 ? sum / (double)n : 0;
  igraph_vector_destroy(&each);
  return code;
}

static igraph_error_t measure_components(const igraph_t *graph, civ_igraph_measures *out)
{
  igraph_vector_int_t membership;
  igraph_integer_t n = 0;
  igraph_error_t code = igraph_vector_int_init(&membership, 0);
  if (code != IGRAPH_SUCCESS)
    return code;
  code = igraph_connected_components(graph, &membership, NULL, &n, IGRAPH_WEAK);
  for (igraph_integer_t k = 0; code == IGRAPH_SUCCESS && out->component && k < igraph_vcount(graph); k++)
    out->component[k] = (uint32_t)VECTOR(membership)[k];
  out->n_components = (uint32_t)n;
  igraph_vector_int_destroy(&membership);
  return code;
}

civ_status civ_igraph_measure(const civ_network *net, civ_igraph_measures *out, civ_error *err)
{
  session s;
  igraph_t graph;
  enter(&s, NULL, NULL);
  igraph_error_t code = make_graph(net, &graph);
  if (code == IGRAPH_SUCCESS) {
    code = measure_clustering(&graph, out);
    if (code == IGRAPH_SUCCESS)
      code = measure_components(&graph, out);
    igraph_destroy(&graph);
  }
  leave(&s);
  return say(err, code, "measuring the network");
}

/* --- writing ----------------------------------------------------------------------------------------------------------------- */

typedef struct weighing {
  igraph_vector_t weights;
  igraph_integer_t at;
} weighing;

static bool copy_weight(void *self, civ_agent a, civ_agent b, double weight)
{
  weighing *w = self;
  (void)a;
  (void)b;
  VECTOR(w->weights)[w->at++] = weight;
  return true;
}

/* Edges keep the order in which they were given, so weights go with them. */
static igraph_error_t set_weights(const civ_network *net, igraph_t *graph)
{
  weighing w = { .at = 0 };
  igraph_error_t code = igraph_vector_init(&w.weights, (igraph_integer_t)civ_network_edges(net));
  if (code != IGRAPH_SUCCESS)
    return code;
  civ_network_each(net, copy_weight, &w);
  code = igraph_cattribute_EAN_setv(graph, "weight", &w.weights);
  igraph_vector_destroy(&w.weights);
  return code;
}

static igraph_error_t set_texts(igraph_t *graph, const char *attribute, const char *const *texts)
{
  igraph_error_t code = IGRAPH_SUCCESS;
  for (igraph_integer_t k = 0; code == IGRAPH_SUCCESS && texts && k < igraph_vcount(graph); k++)
    code = igraph_cattribute_VAS_set(graph, attribute, k, texts[k]);
  return code;
}

static igraph_error_t write_text(const igraph_t *graph, bool dot, char **text, size_t *length)
{
  FILE *out = open_memstream(text, length);
  if (!out)
    return IGRAPH_ENOMEM;
  const igraph_error_t code = dot ? igraph_write_graph_dot(graph, out) : igraph_write_graph_graphml(graph, out, true);
  return fclose(out) == 0 ? code : IGRAPH_ENOMEM;
}

civ_status civ_igraph_write(const civ_network *net, const char *const *names, const char *const *types, bool dot,
                            char **text, size_t *length, civ_error *err)
{
  session s;
  igraph_t graph;
  char *made = NULL;
  enter(&s, NULL, &igraph_cattribute_table);
  igraph_error_t code = make_graph(net, &graph);
  if (code == IGRAPH_SUCCESS) {
    code = set_weights(net, &graph);
    code = code == IGRAPH_SUCCESS ? set_texts(&graph, "name", names) : code;
    code = code == IGRAPH_SUCCESS ? set_texts(&graph, "type", types) : code;
    code = code == IGRAPH_SUCCESS ? write_text(&graph, dot, &made, length) : code;
    igraph_destroy(&graph);
  }
  leave(&s);
  if (code != IGRAPH_SUCCESS) {
    free(made);
    return say(err, code, "writing the network");
  }
  *text = made;
  return CIV_OK;
}
