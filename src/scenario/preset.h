/* preset.h - what each value of `model` sets. */
#ifndef CIV_SCENARIO_PRESET_H
#define CIV_SCENARIO_PRESET_H

#include "civitas/export.h"

typedef struct civ_preset_value {
  const char *path, *value;
} civ_preset_value;

/* Ended by a NULL path. */
const civ_preset_value *civ_preset_values(int32_t model);

#endif
