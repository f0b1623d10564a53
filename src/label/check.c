/* check.c - a filled struct of real fields against its table. */
#include "label/check.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"

static const char *bound_text(double bound, char text[CIV_NUMBER_MAX + 1])
{
  if (isinf(bound))
    return bound > 0 ? "infinity" : "-infinity";
  text[civ_format_real(text, bound)] = '\0';
  return text;
}

static civ_status refuse(const civ_section *section, const civ_field *field, double value, civ_error *err)
{
  char where[192], given[CIV_NUMBER_MAX + 1], low[CIV_NUMBER_MAX + 1], high[CIV_NUMBER_MAX + 1];
  snprintf(where, sizeof where, "%s.%s", section->name, field->name);
  if (!isfinite(value))
    return civ_fail(err, CIV_E_RANGE, where, "%s is not a finite number",
                    isnan(value) ? "NaN" : bound_text(value, given));
  given[civ_format_real(given, value)] = '\0';
  return civ_fail(err, CIV_E_RANGE, where, "%s is outside %c%s, %s%c", given,
                  field->flags & CIV_FIELD_OPEN_MIN || isinf(field->min) ? '(' : '[', bound_text(field->min, low),
                  bound_text(field->max, high), field->flags & CIV_FIELD_OPEN_MAX || isinf(field->max) ? ')' : ']');
}

civ_status civ_section_check_reals(const civ_section *section, const void *values, civ_error *err)
{
  for (uint32_t k = 0; k < section->n_fields; ++k) {
    const civ_field *field = &section->fields[k];
    if (field->kind != CIV_FIELD_REAL)
      continue;
    double value;
    memcpy(&value, (const char *)values + field->offset, sizeof value);
    bool low = field->flags & CIV_FIELD_OPEN_MIN ? value > field->min : value >= field->min;
    bool high = field->flags & CIV_FIELD_OPEN_MAX ? value < field->max : value <= field->max;
    if (!isfinite(value) || !low || !high)
      return refuse(section, field, value, err);
  }
  return CIV_OK;
}

void civ_section_fill_reals(const civ_section *section, void *values)
{
  for (uint32_t k = 0; k < section->n_fields; ++k) {
    const civ_field *field = &section->fields[k];
    char *at = (char *)values + field->offset;
    if (field->kind == CIV_FIELD_BOOLEAN) {
      bool on = strcmp(field->fallback, "true") == 0;
      memcpy(at, &on, sizeof on);
    } else if (field->kind == CIV_FIELD_REAL) {
      double value = 0.0;
      bool read = civ_parse_real(field->fallback, strlen(field->fallback), &value);
      assert(read);
      (void)read;
      memcpy(at, &value, sizeof value);
    }
  }
}
