/* check.h - a filled struct of real fields against its table, so that ranges stand in the table only. */
#ifndef CIV_LABEL_CHECK_H
#define CIV_LABEL_CHECK_H

#include "civitas/field.h"

/* CIV_E_RANGE naming "section.key" of the first CIV_FIELD_REAL of `values` that is not finite or outside the range of its
 * table; fields of other kinds are left alone. O(fields). */
CIV_MUST_CHECK civ_status civ_section_check_reals(const civ_section *section, const void *values, civ_error *err);
/* Fills every real and boolean field with its default: for programs and tests that have no config. */
void civ_section_fill_reals(const civ_section *section, void *values);

#endif
