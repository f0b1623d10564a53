#include "civitas/config.h"
#include "scenario/sections/sections.h"

#include <math.h>

#define MOST 2147483647
static const char *const templates[] = { "research_synthesis", "planning_coordination", "problem_solving", NULL };
static const char *const claim_modes[] = { "team", "solo", NULL };

typedef struct initial_task {
  int32_t type;
  const char *topic;
  const char *goal;
  const char *problem;
  civ_opt_integer deadline_offset;
  civ_opt_real bounty;
} initial_task;

#define T initial_task
static const civ_field initial_task_fields[] = {
  CIV_CHOICE(T, type, "research_synthesis", templates, "template of the task", .flags = CIV_FIELD_REQUIRED),
  CIV_TEXT(T, topic, "null", "subject of the task"),
  CIV_TEXT(T, goal, "null", "subject of the task"),
  CIV_TEXT(T, problem, "null", "subject of the task"),
  CIV_OPT_INTEGER(T, deadline_offset, "null", 1, MOST, "epochs", "epoch by which it must be done; null = none"),
  CIV_OPT_REAL(T, bounty, "null", 0, INFINITY, "credits", "reward; null = 25, 30 or 35 by template"),
};
#undef T

static const civ_section civ_initial_task_section = { .name = "composite_tasks.initial_tasks[]",
                                                      .doc = "A composite task of the start.",
                                                      .chapter = "composite tasks",
                                                      CIV_FIELDS(initial_task_fields),
                                                      .size = sizeof(initial_task) };

#define T civ_composite_tasks_config
static const civ_field composite_tasks_config_fields[] = {
  { .name = "initial_tasks",
    .unit = "",
    .kind = CIV_FIELD_TREE,
    .fallback = "[]",
    .offset = CIV_FIELD_AT(T, initial_tasks),
    .doc = "tasks that are open at the start",
    .items = &civ_initial_task_section },
  CIV_REAL(T, task_spawn_rate, "0.0", 0, 1, "probability", "chance per epoch of a new task while there is room"),
  CIV_INTEGER(T, max_concurrent_tasks, "5", 1, MOST, "tasks", "most tasks open at once"),
  { .name = "task_types",
    .unit = "",
    .kind = CIV_FIELD_LIST,
    .fallback = "[research_synthesis, planning_coordination, problem_solving]",
    .choices = templates,
    .offset = CIV_FIELD_AT(T, task_types),
    .doc = "templates new tasks are made from",
    .flags = CIV_FIELD_NON_EMPTY },
  CIV_OPT_INTEGER(T, spawn_deadline_offset, "10", 1, MOST, "epochs", "deadline of new tasks; null = none"),
  CIV_CHOICE(T, claim_mode, "team", claim_modes, "whether a task is done by a team or by one agent"),
};
#undef T

const civ_section civ_composite_tasks_section = {
  .name = "composite_tasks",
  .doc = "Tasks that need several capabilities; switched on by governance.composite_tasks_enabled.",
  .chapter = "composite tasks",
  CIV_FIELDS(composite_tasks_config_fields),
  .size = sizeof(civ_composite_tasks_config),
  .absent_is_off = true
};
