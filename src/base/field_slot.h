/* field_slot.h - one value out of its struct: what the parts of the field mechanics share. */
#ifndef CIV_BASE_FIELD_SLOT_H
#define CIV_BASE_FIELD_SLOT_H

#include <string.h>

#include "base/field.h"

/* Room for one value of any kind. */
typedef union civ_slot {
  double real;
  int64_t integer;
  bool boolean;
  int32_t choice;
  const char *text;
  civ_opt_real opt_real;
  civ_opt_integer opt_integer;
  civ_text_list list;
  civ_real_map real_map;
  civ_list_map list_map;
  civ_tree tree;
} civ_slot;

/* Bytes of a kind in its struct. */
size_t civ_slot_size(const civ_field *field);

static inline civ_slot civ_slot_load(const civ_field *field, const void *values)
{
  civ_slot s;
  memset(&s, 0, sizeof s);
  memcpy(&s, (const char *)values + field->offset, civ_slot_size(field));
  return s;
}

static inline void civ_slot_store(const civ_field *field, void *values, const civ_slot *s)
{
  memcpy((char *)values + field->offset, s, civ_slot_size(field));
}

static inline bool civ_field_is_opt(const civ_field *f)
{
  return f->kind == CIV_FIELD_OPT_REAL || f->kind == CIV_FIELD_OPT_INTEGER;
}

static inline bool civ_field_is_integer(const civ_field *f)
{
  return f->kind == CIV_FIELD_INTEGER || f->kind == CIV_FIELD_OPT_INTEGER;
}

/* "[0, 1]", "(0, 1]", "at least 0", "greater than 0", "at most 5"; "" = any. */
void civ_field_range_text(const civ_field *f, char *out, size_t size);
/* "a, b or c" behind what is there. */
void civ_add_words(char *out, size_t size, const char *const *words);
/* The value, secrets included where nobody but a comparison looks. */
void civ_slot_json(civ_buffer *out, const civ_field *f, const civ_slot *s);

#endif
