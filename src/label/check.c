/* check.c - structs of real and boolean fields without a config around them. */
#include "label/check.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/field.h"
#include "base/number.h"

civ_status civ_section_check_reals(const civ_section *section, const void *values, civ_error *err)
{
  for (uint32_t k = 0; k < section->n_fields; ++k) {
    const civ_field *field = &section->fields[k];
    if (field->kind != CIV_FIELD_REAL)
      continue;
    char text[CIV_NUMBER_MAX + 1], where[192];
    civ_complaint complaint = { 0 };
    civ_arena arena = civ_arena_create(NULL);
    civ_node node = { .kind = CIV_NODE_REAL, .text = text };
    memcpy(&node.real, (const char *)values + field->offset, sizeof node.real);
    if (node.real - node.real != 0.0)
      strcpy(text, node.real != node.real ? ".nan" : node.real > 0.0 ? ".inf" : "-.inf");
    else
      text[civ_format_real(text, node.real)] = '\0';
    if (civ_field_check(field, &node, &arena, &complaint) == CIV_OK)
      continue;
    snprintf(where, sizeof where, "%s.%s", section->name, field->name);
    return civ_fail(err, complaint.code, where, "%s", complaint.text);
  }
  return CIV_OK;
}

void civ_section_fill(const civ_section *section, void *values)
{
  civ_arena arena = civ_arena_create(NULL);
  civ_status status = civ_section_set_defaults(section, values, &arena);
  assert(status == CIV_OK && arena.newest == NULL);
  (void)status;
}
