/* sweep_case.h - sweeps from text over a small society, for tests. */
#ifndef CIV_TESTS_LAB_SWEEP_CASE_H
#define CIV_TESTS_LAB_SWEEP_CASE_H

#include "../support/check.h"

#include "lab/sweep.h"
#include "lab/sweep_summary.h"

typedef struct sweep_case {
  civ_arena arena;
  civ_registry *registry;
  civ_config *base;
  civ_sweep_spec spec;
  civ_sweep_plan *plan;
  civ_error err;
} sweep_case;

static const char sweep_case_scenario[] =
    "scenario_id: small\n"
    "simulation: {n_epochs: 2, steps_per_epoch: 4, seed: 5}\n"
    "agents: [{type: honest, count: 2}, {type: opportunistic}, {type: adversarial}]\n"
    "success_criteria: {min_epochs: 2}\n";

/* Plans `text` over `scenario` (NULL: the small one). */
static inline civ_status sweep_case_over(sweep_case *c, const char *scenario, const char *text)
{
  scenario = scenario != NULL ? scenario : sweep_case_scenario;
  *c = (sweep_case){ .arena = civ_arena_create(NULL) };
  civ_status status = civ_registry_create_default(&c->registry, &c->err);
  if (status == CIV_OK)
    status = civ_scenario_parse(c->registry, "small.yaml", scenario, strlen(scenario), 0, &c->base, NULL, &c->err);
  if (status == CIV_OK)
    status = civ_sweep_parse("s.yaml", text, strlen(text), &c->arena, &c->spec, NULL, &c->err);
  if (status == CIV_OK)
    status = civ_sweep_plan_create(&c->spec, c->base, "s.yaml", &c->plan, &c->err);
  return status;
}

static inline void sweep_case_open(sweep_case *c, const char *text)
{
  if (sweep_case_over(c, NULL, text) != CIV_OK)
    fail_msg("%s: %s", c->err.where, c->err.text);
}

static inline void sweep_case_close(sweep_case *c)
{
  civ_sweep_plan_destroy(c->plan);
  civ_config_destroy(c->base);
  civ_registry_destroy(c->registry);
  civ_arena_destroy(&c->arena);
}

/* Rows of the whole sweep as CSV, terminated; free it. */
static inline char *sweep_case_csv(const civ_sweep_rows *rows, civ_csv_dialect dialect)
{
  civ_buffer text = { 0 };
  civ_sweep_rows_csv(rows, dialect, &text);
  char *csv = civ_buffer_take(&text, NULL);
  assert_non_null(csv);
  return csv;
}

static inline civ_sweep_rows *sweep_case_run(sweep_case *c, const civ_sweep_options *options)
{
  const civ_sweep_options usual = { .workers = 2 };
  civ_sweep_rows *rows = NULL;
  const civ_status status = civ_sweep_run(c->plan, options != NULL ? options : &usual, &rows, &c->err);
  if (status != CIV_OK)
    fail_msg("%s: %s", c->err.where, c->err.text);
  return rows;
}

#endif
