/* boundary_text.h - a payload as one text, its size and its fingerprint. */
#ifndef CIV_WORLD_BOUNDARY_TEXT_H
#define CIV_WORLD_BOUNDARY_TEXT_H

#include <jansson.h>

#include "base/buffer.h"
#include "base/text.h"
#include "world/boundary.h"

enum { CIV_HASH_TEXT = 17 };

/* Appends the canonical text of a payload (NULL = the empty map) to `out`; a text is itself. *length counts what was added.
 * With `lines` there follows, not counted, a line "key: value" for every scalar inside, nested keys joined by dots, elements of
 * a list under the list's own key; *scanned counts both. CIV_E_LIMIT deeper than CIV_CONTENT_MOST_DEPTH, CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_payload_text(const json_t *payload, bool lines, civ_buffer *out, size_t *length,
                                           size_t *scanned);

/* First 16 hexadecimal digits of the SHA-256. */
void civ_text_hash(const char *text, size_t length, char out[CIV_HASH_TEXT]);

#endif
