/* compare.h - when an answer counts as equal to what a vector file expects (rules: docs/conformance.md). */
#ifndef CIV_TESTS_CONFORMANCE_COMPARE_H
#define CIV_TESTS_CONFORMANCE_COMPARE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* What differed first. */
typedef struct conformance_difference {
  char where[256]; /* path inside expect, "" for the whole */
  char what[256];
} conformance_difference;

/* Compares by the rules of `function`: numbers within `tolerance` absolutely or relative to the larger magnitude, objects as
 * subsets (maps: same keys), lists element by element. `actual` NULL means none, as JSON null does. */
bool conformance_equal(const char *function, double tolerance, const json_t *expect, const json_t *actual,
                       conformance_difference *difference);

/* The form {"rejected": true, key?, line?}: one of actual.errors must name the key and, where given, the line. */
bool conformance_rejected(const json_t *expect, const json_t *actual, conformance_difference *difference);

/* The value as one line of JSON, NULL for NULL; free it with free(). */
char *conformance_text(const json_t *value);

#endif
