/* network_bench.h - networks for tests: made from a few words, looked at in one line. */
#ifndef CIV_TESTS_NETWORK_BENCH_H
#define CIV_TESTS_NETWORK_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "support/failing_allocator.h"
#include "world/network_measure.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* The defaults of section `network`. */
static inline civ_network_config network_rules(civ_topology topology)
{
  return (civ_network_config){ .enabled = true,
                               .topology = topology,
                               .edge_probability = 0.5,
                               .k_neighbors = 4,
                               .rewire_probability = 0.1,
                               .m_edges = 2,
                               .edge_strengthen_rate = 0.1,
                               .edge_decay_rate = 0.05,
                               .min_edge_weight = 0.1,
                               .max_edge_weight = 1 };
}

static inline civ_draws network_stream(uint32_t number)
{
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ, .entity = number };
  return civ_draws_open(4711, &key);
}

static inline civ_network *network_drawn(const civ_network_config *rules, uint32_t n, uint32_t number)
{
  civ_network *net = NULL;
  civ_draws draws = network_stream(number);
  assert_int_equal(civ_network_create(rules, n, &civ_allocator_malloc, &net, NULL), CIV_OK);
  assert_int_equal(civ_network_generate(net, &draws, NULL, NULL), CIV_OK);
  return net;
}

static inline civ_network_metrics network_measured(const civ_network *net)
{
  const civ_network_metrics_config rules = { 2000, 256 };
  civ_draws draws = network_stream(1);
  civ_network_metrics m;
  assert_int_equal(civ_network_measure(net, &rules, &draws, &m, NULL), CIV_OK);
  return m;
}

static inline bool network_close(double a, double b)
{
  return fabs(a - b) <= 1e-12 * fmax(1, fabs(b));
}

#endif
