/* settings.h - the sections of self-play filled from what somebody wrote: a YAML file, a JSON object, KEY=VALUE. */
#ifndef CIV_SELFPLAY_SETTINGS_H
#define CIV_SELFPLAY_SETTINGS_H

#include <jansson.h>

#include "base/field.h"

/* Sets one setting by its name. What is wrong is said in `complaint`, an unknown name with the nearest known one. CIV_E_KEY,
 * CIV_E_TYPE, CIV_E_RANGE, CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_section_put(const civ_section *section, void *values, const char *key,
                                          const civ_node *value, civ_arena *arena, civ_complaint *complaint);
/* "tax=0.3". */
CIV_MUST_CHECK civ_status civ_section_read_text(const civ_section *section, void *values, const char *text,
                                                civ_arena *arena, civ_error *err);
/* Members of a JSON object (NULL = none); what is not given keeps its value. `where` is what messages call the object. */
CIV_MUST_CHECK civ_status civ_section_read_json(const civ_section *section, void *values, const json_t *object,
                                                const char *where, civ_arena *arena, civ_error *err);
/* A YAML file that is one map of settings, or holds it under the section's name; what is not given keeps its value. Errors
 * name file, line and column. */
CIV_MUST_CHECK civ_status civ_section_load(const civ_section *section, void *values, const char *path, civ_arena *arena,
                                           civ_error *err);
/* The same from a map that was read already; a null node changes nothing. */
CIV_MUST_CHECK civ_status civ_section_read_node(const civ_section *section, void *values, const civ_node *map,
                                                const char *path, civ_arena *arena, civ_error *err);
/* A YAML file as nodes, which live in the arena; an empty one is a null node. Errors name file, line and column. */
CIV_MUST_CHECK civ_status civ_settings_parse(const char *path, civ_arena *nodes, civ_node *root, civ_error *err);
/* All settings as a JSON object; NULL = no memory. */
json_t *civ_section_json(const civ_section *section, const void *values);

#endif
