/* sanctions.c - what a program may undo between two steps: quarantine, and what the circuit breaker holds against an agent. */
#include "govern/levers.h"
#include "govern/security.h"
#include "sim/run_state.h"

/* NULL = off. From now on it is the lever that speaks. */
static void *lever_called(civ_run *run, const civ_lever *table)
{
  for (uint32_t k = 0; k < run->n_levers; k++)
    if (run->levers[k].table == table) {
      run->effect.lever = k;
      return run->levers[k].self;
    }
  return NULL;
}

static civ_status prepare(civ_run *run, civ_agent a, civ_error *err)
{
  if (a >= run->people.view.n)
    return civ_fail(err, CIV_E_RANGE, "agent", "there is no agent %u: the run has %u", a, run->people.view.n);
  if (civ_population_reserve(&run->people, 1) != CIV_OK || civ_effect_reserve(&run->effect, 1) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "run", "out of memory");
  civ_effect_clear(&run->effect);
  return CIV_OK;
}

bool civ_run_quarantined(civ_run *run, civ_agent a)
{
  void *security = lever_called(run, &civ_lever_security);
  return security != NULL && civ_monitor_quarantined(civ_security_monitor(security), a);
}

civ_status civ_run_release(civ_run *run, civ_agent a, bool *released, civ_error *err)
{
  const civ_status st = prepare(run, a, err);
  if (st != CIV_OK)
    return st;
  const void *breaker = lever_called(run, &civ_lever_circuit_breaker);
  const bool held = breaker != NULL && civ_circuit_breaker_status(breaker, a).freeze_until_epoch >= 0;
  void *security = lever_called(run, &civ_lever_security);
  *released = security != NULL && civ_security_release(security, a, held, &run->effect);
  civ_sim_apply_effect(run);
  return CIV_OK;
}

void civ_run_clear_security(civ_run *run)
{
  void *security = lever_called(run, &civ_lever_security);
  if (security != NULL)
    civ_monitor_clear(civ_security_monitor(security));
}

civ_status civ_run_reset_breaker(civ_run *run, civ_agent a, civ_error *err)
{
  const civ_status st = prepare(run, a, err);
  void *breaker = st == CIV_OK ? lever_called(run, &civ_lever_circuit_breaker) : NULL;
  if (breaker == NULL)
    return st;
  civ_circuit_breaker_release(breaker, a);
  if (!civ_run_quarantined(run, a)) {
    lever_called(run, &civ_lever_circuit_breaker);
    civ_effect_unfreeze(&run->effect, a);
  }
  civ_sim_apply_effect(run);
  return CIV_OK;
}
