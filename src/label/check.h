/* check.h - structs of real and boolean fields without a config around them: defaults and ranges from their table. */
#ifndef CIV_LABEL_CHECK_H
#define CIV_LABEL_CHECK_H

#include "civitas/field.h"

/* CIV_E_RANGE naming "section.key" of the first real field of `values` that is not finite or outside the range of its
 * table; fields of other kinds are left alone. O(fields). */
CIV_MUST_CHECK civ_status civ_section_check_reals(const civ_section *section, const void *values, civ_error *err);
/* Every field of a section of numbers and switches at its default. Takes no memory. */
void civ_section_fill(const civ_section *section, void *values);

#endif
