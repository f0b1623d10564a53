/* roles.h - the five roles as pure functions, and the words they look for. The policies made of them are in policies.h. */
#ifndef CIV_AGENT_ROLES_H
#define CIV_AGENT_ROLES_H

#include "base/text.h"
#include "civitas/part.h"

/* Whether `word` (lower case) occurs in the text, letters A-Z read as a-z. O(text * word). */
static inline bool civ_text_holds(civ_text text, const char *word)
{
  return civ_text_has(text.data, text.length, word, strlen(word));
}
/* Length in characters (UTF-8). */
static inline uint32_t civ_text_characters(civ_text text)
{
  return (uint32_t)civ_utf8_characters(text.data, text.length);
}

/* --- planner --- */

/* Steps a task falls into, by what its prompt speaks of: 5 for research, plan, optimize, else 4. */
uint32_t civ_plan_steps(civ_text prompt);

/* How far a plan has come. An unknown plan has no steps: it is complete, its progress is 0. */
typedef struct civ_plan {
  uint32_t n_steps, current;
} civ_plan;

/* Who of `collaborators` in list order gets step k (dealt in turn); CIV_NONE when there are none. */
static inline uint32_t civ_plan_assignee(uint32_t step, uint32_t collaborators)
{
  return collaborators ? step % collaborators : CIV_NONE;
}
/* The step to do next; CIV_NONE when all are done. */
static inline uint32_t civ_plan_next(const civ_plan *plan)
{
  return plan->current < plan->n_steps ? plan->current : CIV_NONE;
}
static inline bool civ_plan_complete(const civ_plan *plan)
{
  return plan->current >= plan->n_steps;
}
static inline double civ_plan_progress(const civ_plan *plan)
{
  return plan->n_steps ? (double)plan->current / plan->n_steps : 0;
}
/* Finishes the step; whether steps remain. */
static inline bool civ_plan_advance(civ_plan *plan)
{
  plan->current += plan->current < plan->n_steps;
  return !civ_plan_complete(plan);
}

/* --- worker --- */

/* Quality of work after so many reworks: 1, 0.9, 0.81 ... */
double civ_work_quality(uint32_t reworks);
static inline bool civ_work_needs_help(uint32_t reworks)
{
  return reworks >= 3;
}
/* completed / (completed + queued); 0 if none. */
double civ_work_completion_rate(uint32_t completed, uint32_t queued);

/* --- verifier --- */

typedef struct civ_verification {
  double quality; /* [0, 1] */
  bool approved;
  uint32_t issues;
} civ_verification;

/* Quality needed at a strictness (clamped to [0, 1]): 0.6 to 0.9. */
double civ_verifier_threshold(double strictness);
/* Judges a text against requirements; `noise` is the draw from (-0.1, 0.1). */
civ_verification civ_verify(civ_text content, const civ_text *requirements, uint32_t n, double strictness,
                            double noise);

/* --- moderator --- */

/* 0 (harmless) to 5. */
uint32_t civ_text_severity(civ_text text);

typedef enum civ_moderation { CIV_LEAVE, CIV_FLAG, CIV_WARN, CIV_HIDE, CIV_MODERATIONS } civ_moderation;
extern const char *const civ_moderation_names[CIV_MODERATIONS + 1];
static inline civ_moderation civ_moderation_of(uint32_t severity)
{
  return severity >= 3 ? CIV_HIDE : (civ_moderation)severity;
}

#endif
