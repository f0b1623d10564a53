/* Composite tasks in random societies: what the world counts is what it told, and everybody was paid what it says. */
#include <math.h>

#include "society.h"

void draw_capabilities(civ_draws *d, civ_buffer *out)
{
  static const char *const names[] = { "research",     "analysis",     "planning",   "execution",
                                       "verification", "coordination", "creativity", "communication" };
  const uint32_t first = civ_draw_index(d, 8), n = civ_draw_index(d, 9);
  civ_buffer_text(out, "    capabilities: [");
  for (uint32_t k = 0; k < n; k++)
    civ_buffer_format(out, "%s%s", k > 0 ? ", " : "", names[(first + 3 * k) % 8]);
  civ_buffer_text(out, "]\n");
}

static void draw_initial(civ_draws *d, civ_buffer *out)
{
  static const char *const types[] = { "research_synthesis, topic", "planning_coordination, goal",
                                       "problem_solving, problem" };
  civ_buffer_text(out, "  initial_tasks:\n");
  for (uint32_t k = 1 + civ_draw_index(d, 5); k > 0; k--) {
    civ_buffer_format(out, "    - {type: %s: t%u", types[civ_draw_index(d, 3)], k);
    if (draw_maybe(d, 0.5))
      civ_buffer_format(out, ", deadline_offset: %u", 1 + civ_draw_index(d, 5));
    if (draw_maybe(d, 0.5)) {
      civ_buffer_text(out, ", bounty: ");
      civ_buffer_real(out, civ_draw_index(d, 400) / 10.0);
    }
    civ_buffer_text(out, "}\n");
  }
}

void draw_composite(civ_draws *d, civ_buffer *out)
{
  static const char *const modes[] = { "team", "solo", NULL };
  if (!draw_maybe(d, 0.7))
    return;
  civ_buffer_text(out, "composite_tasks:\n");
  if (draw_maybe(d, 0.8))
    draw_initial(d, out);
  put_real(out, d, "task_spawn_rate", 0, 1);
  put_integer(out, d, "max_concurrent_tasks", 1, 6);
  put_choice(out, d, "claim_mode", modes);
  if (draw_maybe(d, 0.6))
    put_limit(out, d, "spawn_deadline_offset", 1, 4);
}

/* Two totals that must be the same number. */
static bool same(society *s, const civ_result *r, const char *a, const char *b)
{
  const double x = result_total(r, a), y = result_total(r, b);
  return x == y || society_fail(s, "%s is %g, but %s is %g", a, x, b, y);
}

static bool add_up(society *s, const civ_result *r, const char *whole, const char *const *parts, double slack)
{
  const double told = result_total(r, whole);
  double sum = 0;
  for (; *parts != NULL; parts++)
    sum += result_total(r, *parts);
  return fabs(told - sum) <= slack || society_fail(s, "%s is %.17g, its parts are %.17g", whole, told, sum);
}

bool composite_end(society *s, const ledger *l, const civ_result *r)
{
  static const char *const statuses[] = {
    "composite.tasks_by_status.open",   "composite.tasks_by_status.in_progress", "composite.tasks_by_status.completed",
    "composite.tasks_by_status.failed", "composite.tasks_by_status.expired",     NULL
  };
  static const char *const earnings[] = { "composite.earnings.honest", "composite.earnings.opportunistic",
                                          "composite.earnings.deceptive", "composite.earnings.adversarial" };
  const civ_governance_config *rules = civ_config_section(s->config, "governance");
  double paid = 0;
  if (!rules->composite_tasks_enabled)
    return isnan(result_total(r, "composite.total_tasks")) || society_fail(s, "composite tasks were counted while off");
  for (int k = 0; k < 4; k++)
    paid += result_total(r, earnings[k]);
  if (fabs(paid - l->paid_for_teamwork) > 1e-9 * (1 + paid))
    return society_fail(s, "%.17g was earned, %.17g paid", paid, l->paid_for_teamwork);
  return (r->epochs == 0 || same(s, r, "composite.total_tasks", "events:composite_task_created")) &&
         same(s, r, "composite.tasks_completed", "events:composite_task_completed") &&
         same(s, r, "composite.tasks_by_status.completed", "composite.completed_composite_tasks") &&
         same(s, r, "composite.tasks_by_status.expired", "events:composite_task_expired") &&
         same(s, r, "composite.subtasks_completed", "events:subtask_completed") &&
         add_up(s, r, "composite.total_tasks", statuses, 0);
}
