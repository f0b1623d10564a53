/* yaml_bytes.h - whether bytes are text that YAML may consist of. */
#ifndef CIV_BASE_YAML_BYTES_H
#define CIV_BASE_YAML_BYTES_H

#include "civitas/export.h"

/* The first byte that does not belong. */
typedef struct civ_yaml_flaw {
  uint32_t line, column;
  char text[96]; /* what, and the remedy */
} civ_yaml_flaw;

/* Whether there is one: bytes that are not UTF-8, control characters. libfyaml stops silently at a NUL and reads broken UTF-8
 * as nothing, so bytes are looked at before it sees them. */
bool civ_yaml_find_flaw(const unsigned char *text, size_t length, civ_yaml_flaw *flaw);

#endif
