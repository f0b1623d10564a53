/* json.h - Jansson trees as text in our number format. */
#ifndef CIV_BASE_JSON_H
#define CIV_BASE_JSON_H

#include <jansson.h>

#include "base/node.h"

/* Canonical text: separators ", " and ": ", keys in insertion order, indent = 0 for one line, else spaces per level. */
void civ_json_write(civ_buffer *out, const json_t *value, int indent);
/* The same for a value that is a member of something already written: its lines stand `depth` levels deep. NULL (a tree that
 * could not be made) makes the buffer fail. */
void civ_json_write_deep(civ_buffer *out, const json_t *value, int indent, int depth);
/* The tree of a finished JSON text, which is freed. NULL: the text failed, or no memory. */
json_t *civ_json_of(civ_buffer *text);
/* The same tree with the keys of every object in byte order; takes the reference. NULL: no memory. */
json_t *civ_json_sorted(json_t *value);
/* A scalar as the node that YAML would make of it; lists and maps become empty ones. Texts are borrowed. */
civ_node civ_json_node(const json_t *value);
/* Member shortcuts with defaults. */
double civ_json_real(const json_t *object, const char *key, double otherwise);
int64_t civ_json_integer(const json_t *object, const char *key, int64_t otherwise);
const char *civ_json_text(const json_t *object, const char *key, const char *otherwise);
bool civ_json_bool(const json_t *object, const char *key, bool otherwise);

#endif
