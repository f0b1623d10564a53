/* field.h - the mechanics of field tables: defaults, checking, storing, printing. See civitas/field.h for the tables. */
#ifndef CIV_BASE_FIELD_H
#define CIV_BASE_FIELD_H

#include "base/node.h"
#include "civitas/field.h"

/* What is wrong with a value: where (place in its file, path below the field: ".post", "[2].type", "" = the field) and
 * what, with the remedy. */
typedef struct civ_complaint {
  civ_status code;
  uint32_t line, column;
  char below[160];
  char text[400];
} civ_complaint;

/* --- one field ------------------------------------------------------------------------------------------------------- */

/* Checks `node` against the field and stores it in the struct `values`; texts and lists go to the arena. On failure
 * nothing is stored and `complaint` says why (CIV_E_TYPE, CIV_E_RANGE, CIV_E_KEY, CIV_E_NOMEM). */
CIV_MUST_CHECK civ_status civ_field_set(const civ_field *field, void *values, const civ_node *node, civ_arena *arena,
                                        civ_complaint *complaint);
/* The same check, storing nothing that anybody sees. */
CIV_MUST_CHECK civ_status civ_field_check(const civ_field *field, const civ_node *node, civ_arena *arena,
                                          civ_complaint *complaint);
/* Stores the default. Fails only for want of memory; a table whose default its own check refuses is a programming
 * error, which the tests of the tables rule out. */
CIV_MUST_CHECK civ_status civ_field_set_default(const civ_field *field, void *values, civ_arena *arena);
/* Stores a copy of another struct's value; false: no memory. */
CIV_MUST_CHECK bool civ_field_copy(const civ_field *field, void *values, const void *from, civ_arena *arena);
/* Whether the struct holds the field's default. */
bool civ_field_is_default(const civ_field *field, const void *values);
/* Whether two structs hold the same value. */
bool civ_field_equal(const civ_field *field, const void *a, const void *b);

/* The value as canonical JSON / as YAML flow text that reads back to it. Secrets are null. */
void civ_field_json(civ_buffer *out, const civ_field *field, const void *values);
void civ_field_yaml(civ_buffer *out, const civ_field *field, const void *values);

/* "number", "integer", "true or false", "one of a, b, c", "list of ..." */
void civ_field_type(civ_buffer *out, const civ_field *field);
/* "[0, 1]", "at least 0", "greater than 0"; adds nothing where any value goes. */
void civ_field_range(civ_buffer *out, const civ_field *field);

/* The field's doc as a sentence: a capital in front, a full stop behind. */
void civ_field_sentence(civ_buffer *out, const civ_field *field);

/* --- one section ----------------------------------------------------------------------------------------------------- */

CIV_MUST_CHECK civ_status civ_section_set_defaults(const civ_section *section, void *values, civ_arena *arena);
/* By canonical name; NULL = none. */
const civ_field *civ_section_field(const civ_section *section, const char *name);
/* By any accepted name that is not dotted; *alias = it is not the canonical one. */
const civ_field *civ_section_field_or_alias(const civ_section *section, const char *name, bool *alias);
/* The field whose message points from `name`, if that is a hint; NULL = none. */
const civ_field *civ_section_hint(const civ_section *section, const char *name);

#endif
