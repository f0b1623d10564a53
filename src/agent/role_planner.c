/* The planner breaks tasks into steps. A plan follows from the task's prompt alone, so it is made wherever it is needed;
 * the role itself never acts and remembers nothing. */
#include "agent/policies.h"
#include "agent/roles.h"

enum { LONG_PLAN = 5, SHORT_PLAN = 4 };

uint32_t civ_plan_steps(civ_text prompt)
{
  return civ_text_holds(prompt, "research") || civ_text_holds(prompt, "plan") || civ_text_holds(prompt, "optimize")
             ? LONG_PLAN
             : SHORT_PLAN;
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  (void)err;
  *self = host;
  return CIV_OK;
}

static civ_verdict act(void *self, const civ_view *view, civ_draws *draws, civ_action *out)
{
  (void)self, (void)view, (void)draws, (void)out;
  return CIV_PASS;
}

const civ_policy civ_role_planner = { .version = CIV_PART_VERSION,
                                      .name = "planner",
                                      .doc = "Breaks tasks into steps; leaves the turn to the agent.",
                                      .agent_type = CIV_AGENT_TYPES,
                                      .create = create,
                                      .act = act };
