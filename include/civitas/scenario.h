/* scenario.h - scenario files: YAML in, config out, and every complaint with file, line, key, value and remedy. */
#ifndef CIVITAS_SCENARIO_H
#define CIVITAS_SCENARIO_H

#include "civitas/config.h"

CIV_BEGIN_DECLS

typedef enum civ_severity { CIV_NOTICE, CIV_WARNING, CIV_ERROR } civ_severity;

/* One complaint about a scenario. `key` is the dotted path as printed ("" where there is none). */
typedef struct civ_diagnostic {
  civ_severity severity;
  civ_status code;
  uint32_t line, column; /* 1-based; 0 = none */
  char *file, *key, *text;
} civ_diagnostic;

typedef struct civ_diagnostics {
  civ_diagnostic *items;
  uint32_t n; /* at most 1000 are kept; `dropped` counts the rest */
  uint32_t dropped, n_errors;
} civ_diagnostics;

CIV_API void civ_diagnostics_free(civ_diagnostics *d);
/* "FILE:LINE:COLUMN: error: key: text" into buffer; returns the length as snprintf does. */
CIV_API int civ_diagnostic_format(const civ_diagnostic *d, char *buffer, size_t size);

enum { CIV_LOAD_LENIENT = 1u << 0, CIV_LOAD_ALLOW_EMPTY = 1u << 1 };

/* Reads scenario text (any bytes). `file` is its name in messages. On any error returns the first one's code, fills
 * `found` with all of them, and *out stays untouched. */
CIV_API CIV_MUST_CHECK civ_status civ_scenario_parse(const civ_registry *registry, const char *file, const char *text,
                                                     size_t length, uint32_t flags, civ_config **out,
                                                     civ_diagnostics *found, civ_error *err);
CIV_API CIV_MUST_CHECK civ_status civ_scenario_load(const civ_registry *registry, const char *path, uint32_t flags,
                                                    civ_config **out, civ_diagnostics *found, civ_error *err);

/* Refuses a config that switches on something this version does not have: CIV_E_UNBUILT naming section, key and line. */
CIV_API CIV_MUST_CHECK civ_status civ_config_check_built(const civ_config *config, const char *file, civ_error *err);

/* --- looking at a config ------------------------------------------------------------------------------------------- */

/* The whole config as YAML that loads again to an equal one: every key, with its origin as a comment ("# default",
 * "# file:12", "# override", "# preset causal"). Secrets are left out. Free with civ_free. CIV_E_NOMEM. */
CIV_API CIV_MUST_CHECK civ_status civ_config_dump(const civ_config *config, char **out, size_t *length, civ_error *err);

/* What a path of the schema means, as text for people: a key ("governance.audit_probability"), a section ("network"),
 * "agents", "agents.TYPE", "success_criteria", or everything in short (NULL, ""). With `values` also what the config
 * holds there and where it comes from. CIV_E_KEY with the nearest known path; free with civ_free. */
CIV_API CIV_MUST_CHECK civ_status civ_explain(const civ_config *config, const char *path, bool values, char **out,
                                              civ_error *err);

/* The reference of all keys as Markdown, made from the tables alone. Free with civ_free. CIV_E_NOMEM. */
CIV_API CIV_MUST_CHECK civ_status civ_explain_reference(const civ_registry *registry, char **out, civ_error *err);

CIV_END_DECLS

#endif
