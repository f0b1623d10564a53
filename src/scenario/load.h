/* load.h - a scenario being read: what the pieces of the loader share. */
#ifndef CIV_SCENARIO_LOAD_H
#define CIV_SCENARIO_LOAD_H

#include "civitas/scenario.h"
#include "scenario/schema.h"

typedef struct civ_loading {
  civ_config *config;
  const char *file;       /* as printed */
  uint32_t flags;         /* CIV_LOAD_... */
  uint8_t origin;         /* civ_origin_kind of what is being read */
  civ_diagnostics *found; /* NULL = errors only */
  civ_status status;      /* of the first error */
  civ_error first;
} civ_loading;

/* Notes a complaint; the first error also becomes the loading's status. */
void civ_loading_say(civ_loading *l, civ_severity severity, civ_status code, uint32_t line, uint32_t column,
                     const char *key, const char *fmt, ...) CIV_PRINTF(7, 8);
/* A complaint of a field, at its own place below `path`. */
void civ_loading_complain(civ_loading *l, const char *path, const civ_complaint *complaint);
static inline bool civ_loading_no_memory(civ_loading *l)
{
  l->status = CIV_E_NOMEM;
  return false;
}

/* Reads the mapping `node` into a block. `path` is its dotted path ("" = top); keys in the NULL-terminated list `others`
 * are somebody else's. With `nested`, sections of the config below `path` are read too. */
void civ_assign_block(civ_loading *l, civ_block *block, const civ_node *node, const char *path,
                      const char *const *others, bool nested);
/* Reads the list of agents, the success criteria. */
void civ_assign_agents(civ_loading *l, const civ_node *node);
void civ_assign_criteria(civ_loading *l, const civ_node *node);
/* Whether success_criteria knows the name; the nearest known one otherwise (NULL = none). */
bool civ_criterion_known(const char *name, const char **nearest);

/* Values that follow from others: safety.kill_switch_enabled, proxy.sigmoid_k. After every change. */
void civ_config_link(civ_config *config);
/* Everything that no single field can see. */
void civ_check_config(civ_loading *l);
/* What the keys of language-model agents ask of each other. */
void civ_check_language_models(civ_loading *l);
/* Lays the preset of the config's model under what was given. CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_preset_apply(civ_config *config);

#endif
