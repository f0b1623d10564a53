/* kernel_json.h - the law as JSON, as records and tests carry it. */
#ifndef CIV_SELFPLAY_KERNEL_JSON_H
#define CIV_SELFPLAY_KERNEL_JSON_H

#include <jansson.h>

#include "selfplay/kernel.h"

/* The value of a parameter; NULL = no memory. */
json_t *civ_param_json(civ_param param, int64_t value);
/* {"name", "version", "clauses": [{"id", "rule", "protected", "params"}]} with all effective parameters: a document that
 * civ_kernel_from_json reads back to the same digest. NULL = no memory. */
json_t *civ_kernel_json(const civ_kernel *kernel);
/* Reads it by the checks of civ_kernel_read and compares its digest. `where` is what messages call it. Texts live in the
 * arena. CIV_E_FORMAT for another digest, and what civ_kernel_read refuses. */
CIV_MUST_CHECK civ_status civ_kernel_from_json(const json_t *json, const char *digest, const char *where,
                                               civ_arena *arena, civ_kernel *out, civ_error *err);

#endif
