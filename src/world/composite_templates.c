/* The three kinds of composite tasks, as tables. */
#include <string.h>

#include "world/composite.h"

#define RESEARCH      (1u << CIV_RESEARCH)
#define ANALYSIS      (1u << CIV_ANALYSIS)
#define PLANNING      (1u << CIV_PLANNING)
#define EXECUTION     (1u << CIV_EXECUTION)
#define VERIFICATION  (1u << CIV_VERIFICATION)
#define COORDINATION  (1u << CIV_COORDINATION)
#define CREATIVITY    (1u << CIV_CREATIVITY)
#define COMMUNICATION (1u << CIV_COMMUNICATION)
#define AFTER(part)   (1u << (part))

enum { PARTS = 5 };

static const struct {
  double bounty, bonus_share;
  uint8_t min_agents, max_agents;
  civ_capability_set required;
  struct {
    const char *name;
    civ_capability_set required;
    uint16_t dependencies;
    double share;
    uint32_t steps;
  } parts[PARTS];
} templates[CIV_COMPOSITE_TEMPLATES] = {
  [CIV_RESEARCH_SYNTHESIS] = { 25,
                               0.20,
                               2,
                               4,
                               RESEARCH | ANALYSIS | COMMUNICATION | VERIFICATION,
                               {
                                   { "Literature Review", RESEARCH, 0, 0.20, 8 },
                                   { "Data Collection", RESEARCH | ANALYSIS, AFTER(0), 0.20, 6 },
                                   { "Analysis", ANALYSIS, AFTER(1), 0.25, 10 },
                                   { "Synthesis Writing", COMMUNICATION | CREATIVITY, AFTER(2), 0.25, 8 },
                                   { "Quality Review", VERIFICATION, AFTER(3), 0.10, 4 },
                               } },
  [CIV_PLANNING_COORDINATION] = { 30,
                                  0.25,
                                  3,
                                  5,
                                  PLANNING | COORDINATION | ANALYSIS | VERIFICATION,
                                  {
                                      { "Requirements Gathering", RESEARCH | COMMUNICATION, 0, 0.15, 6 },
                                      { "Strategy Development", PLANNING | CREATIVITY, AFTER(0), 0.25, 10 },
                                      { "Resource Allocation", PLANNING | ANALYSIS, AFTER(0), 0.20, 6 },
                                      { "Task Breakdown", PLANNING | EXECUTION, AFTER(1) | AFTER(2), 0.25, 8 },
                                      { "Plan Review", VERIFICATION | COORDINATION, AFTER(3), 0.15, 4 },
                                  } },
  [CIV_PROBLEM_SOLVING] = { 35,
                            0.30,
                            3,
                            6,
                            ANALYSIS | CREATIVITY | PLANNING | EXECUTION | VERIFICATION,
                            {
                                { "Problem Analysis", ANALYSIS, 0, 0.15, 8 },
                                { "Solution Brainstorming", CREATIVITY, 0, 0.15, 6 },
                                { "Solution Design", PLANNING | CREATIVITY, AFTER(0) | AFTER(1), 0.25, 10 },
                                { "Implementation Planning", EXECUTION | PLANNING, AFTER(2), 0.25, 8 },
                                { "Solution Validation", VERIFICATION | ANALYSIS, AFTER(3), 0.20, 6 },
                            } },
};

const char *const civ_composite_template_names[CIV_COMPOSITE_TEMPLATES + 1] = { "research_synthesis",
                                                                                "planning_coordination",
                                                                                "problem_solving", NULL };

civ_composite_template civ_composite_template_of(const char *name)
{
  int k = 0;
  while (k < CIV_COMPOSITE_TEMPLATES && strcmp(civ_composite_template_names[k], name) != 0)
    k++;
  return (civ_composite_template)k;
}

/* Never in the middle of a character. */
static void copy_subject(char out[CIV_COMPOSITE_SUBJECT], const char *subject)
{
  size_t n = strlen(subject);
  if (n >= CIV_COMPOSITE_SUBJECT)
    for (n = CIV_COMPOSITE_SUBJECT - 1; n > 0 && ((unsigned char)subject[n] & 0xC0u) == 0x80u; n--)
      ;
  memcpy(out, subject, n);
  out[n] = '\0';
}

civ_composite_task civ_composite_make(civ_composite_template type, const char *subject, double bounty,
                                      int64_t deadline_epoch)
{
  civ_composite_task t = civ_composite_task_default();
  t.type = (uint8_t)type;
  copy_subject(t.subject, subject);
  t.total_bounty = bounty >= 0 ? bounty : templates[type].bounty;
  t.completion_bonus = templates[type].bonus_share * t.total_bounty;
  t.deadline_epoch = deadline_epoch;
  t.min_agents = templates[type].min_agents;
  t.max_agents = templates[type].max_agents;
  t.required = templates[type].required;
  t.n_subtasks = PARTS;
  for (uint32_t s = 0; s < PARTS; s++) {
    t.subtasks[s] = civ_composite_subtask_default();
    t.subtasks[s].name = templates[type].parts[s].name;
    t.subtasks[s].required = templates[type].parts[s].required;
    t.subtasks[s].dependencies = templates[type].parts[s].dependencies;
    t.subtasks[s].bounty_share = templates[type].parts[s].share;
    t.subtasks[s].estimated_steps = templates[type].parts[s].steps;
  }
  return t;
}
