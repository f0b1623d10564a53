/* one_agent.h - the usual start of a test: one agent of a policy on a stage, with some parameters changed. */
#ifndef CIV_TESTS_ONE_AGENT_H
#define CIV_TESTS_ONE_AGENT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "agent/policies.h"
#include "support/failing_allocator.h"
#include "support/stage.h"

typedef struct one_agent {
  stage stage;
  stage_cast cast;
  failing_allocator memory;
} one_agent;

/* A parameter that differs from its default; ended by a NULL name. */
typedef struct parameter {
  const char *name;
  double value;
} parameter;

static inline void enrol_with(stage_cast *cast, civ_agent a, const parameter *changed)
{
  unsigned char values[256];
  if (cast->policy->config) {
    assert_true(cast->policy->config->size <= sizeof values);
    stage_defaults(cast->policy->config, values);
    for (; changed && changed->name; changed++)
      assert_true(stage_set(cast->policy->config, values, changed->name, changed->value));
  }
  assert_int_equal(cast->policy->enrol(cast->self, a, cast->policy->config ? values : NULL, NULL), CIV_OK);
}

/* Agents 0..n-1 with resources 20 (too little for bounties); agent 0 belongs to the policy. Types must be set between. */
static inline one_agent *one_agent_open(uint32_t n)
{
  one_agent *t = calloc(1, sizeof *t);
  assert_non_null(t);
  failing_allocator_init(&t->memory, SIZE_MAX);
  stage_init(&t->stage, n, &t->memory.allocator);
  return t;
}

static inline void one_agent_cast(one_agent *t, const civ_policy *policy, const parameter *changed)
{
  if (policy->agent_type < CIV_AGENT_TYPES)
    stage_type(&t->stage, 0, (civ_agent_type)policy->agent_type);
  assert_int_equal(stage_create(&t->stage, policy, &t->cast, NULL), CIV_OK);
  enrol_with(&t->cast, 0, changed);
  assert_int_equal(stage_ready(&t->cast, 1000), CIV_OK);
  failing_allocator_seal(&t->memory);
}

static inline void one_agent_close(one_agent *t)
{
  failing_allocator_unseal(&t->memory);
  stage_destroy(&t->cast);
  stage_fini(&t->stage);
  assert_int_equal(t->memory.blocks, 0);
  assert_int_equal(t->memory.bytes, 0);
  free(t);
}

static inline void one_agent_ready(one_agent *t)
{
  failing_allocator_unseal(&t->memory);
  assert_int_equal(stage_ready(&t->cast, 1000), CIV_OK);
  failing_allocator_seal(&t->memory);
}

/* A turn of agent 0 without `done`. */
static inline civ_action one_agent_act(one_agent *t, civ_draws *draws)
{
  civ_action action = civ_action_make(CIV_ACTION_NOOP);
  const civ_view view = stage_turn(&t->stage, 0);
  t->cast.policy->act(t->cast.self, &view, draws, &action);
  return action;
}

/* The same by script: uniforms in order, then `rest`; asked = questions put. */
static inline civ_action one_agent_script(one_agent *t, const double *uniforms, uint32_t n, double rest,
                                          uint32_t *asked)
{
  stage_script script;
  civ_draws draws = stage_draws(&script, uniforms, n, rest);
  const civ_action action = one_agent_act(t, &draws);
  if (asked)
    *asked = script.asked;
  return action;
}

static inline bool one_agent_accepts(one_agent *t, civ_agent x, civ_interaction_type type, double transfer, double u,
                                     uint32_t *asked)
{
  stage_script script;
  civ_draws draws = stage_draws(&script, NULL, 0, u);
  const civ_proposal proposal = *stage_propose(&t->stage, x, 0, type, transfer);
  const civ_view view = stage_view(&t->stage, 0);
  const bool yes = t->cast.policy->accept(t->cast.self, &view, &proposal, &draws) == CIV_YES;
  if (t->cast.policy->answered)
    t->cast.policy->answered(t->cast.self, 0, &proposal, CIV_IN_RESOLUTION, yes);
  stage_close(&t->stage, proposal.id);
  if (asked)
    *asked = script.asked;
  return yes;
}

/* A plain generator for what tests vary: not the library's, so that it cannot hide the library's faults. */
static inline uint64_t chance_next(uint64_t *state)
{
  uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return z ^ (z >> 31);
}
static inline uint32_t chance_below(uint64_t *state, uint32_t n)
{
  return (uint32_t)(chance_next(state) % n);
}
static inline double chance_real(uint64_t *state)
{
  return (double)(chance_next(state) >> 11) * 0x1p-53;
}

#endif
