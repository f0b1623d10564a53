/* records.h - interactions as vectors write them. */
#ifndef CIV_TESTS_CONFORMANCE_RECORDS_H
#define CIV_TESTS_CONFORMANCE_RECORDS_H

#include <jansson.h>

#include "civitas/fixture.h"
#include "civitas/interaction.h"

/* Names by number: those listed first, then others as they are met. Free `names`; the texts are borrowed. */
typedef struct conformance_roll {
  const char **names;
  uint32_t n, room;
} conformance_roll;

uint32_t conformance_number(conformance_roll *r, const char *name);
/* A list of interactions with repetitions ({"repeat": [[times, interaction], ...]}) written out; new reference. */
json_t *conformance_written_out(const json_t *list);
/* An interaction; what the vector does not say is as by default. */
civ_interaction conformance_record(conformance_roll *r, const json_t *o, uint64_t id);

#endif
