/* boundary_scan.h - what a text gives away: its sensitivity, and the leaks in it. */
#ifndef CIV_WORLD_BOUNDARY_SCAN_H
#define CIV_WORLD_BOUNDARY_SCAN_H

#include "civitas/field.h"
#include "world/boundary.h"
#include "world/boundary_pattern.h"

/* Patterns of one kind, in order; own ones with the word without which they cannot match. */
typedef struct civ_pattern_list {
  civ_pattern **items;
  uint8_t *words; /* CIV_WORD_..., NO_WORD of a user's */
  uint32_t n;
} civ_pattern_list;

typedef struct civ_scanner civ_scanner;

/* What leaks a scanner knows. `patterns`: lists by type (pii, credential and code take the place of ours, the others are added
 * in their order); an empty list means ours. `keywords`: none means the seven. Texts must outlive the scanner. Errors of
 * civ_pattern_compile, with `where` as in "boundaries.leakage.patterns.pii[0]"; CIV_E_LIMIT for too many. */
CIV_MUST_CHECK civ_status civ_scanner_create(const civ_list_map *patterns, const civ_text_list *keywords,
                                             const civ_allocator *allocator, civ_scanner **out, civ_error *err);
void civ_scanner_destroy(civ_scanner *s);
civ_matcher *civ_scanner_matcher(civ_scanner *s);
/* A user's patterns compiled, or ours of content that is refused (`from` NULL). */
CIV_MUST_CHECK civ_status civ_pattern_list_make(civ_pattern_list *list, const civ_text_list *from, const char *where,
                                                const civ_allocator *allocator, civ_error *err);
void civ_pattern_list_free(civ_pattern_list *list, const civ_allocator *allocator);
/* How often all of them match in the text that has `words` (civ_boundary_words); CIV_PATTERN_EXCEEDED, and *at = the pattern,
 * when one meets a limit. */
int64_t civ_pattern_list_count(const civ_pattern_list *list, civ_matcher *m, const char *text, size_t length,
                               uint32_t words, const civ_pattern **at);
/* The first that matches; NULL = none. *exceeded: one met a limit, and is returned. */
const civ_pattern *civ_pattern_list_first(const civ_pattern_list *list, civ_matcher *m, const char *text, size_t length,
                                          uint32_t words, bool *exceeded);

/* Estimate in [0, 1] of how sensitive a text is; NaN, and *at = the pattern, when one met a limit. */
double civ_scanner_sensitivity(civ_scanner *s, const char *text, size_t length, const civ_pattern **at);

typedef struct civ_leak {
  uint8_t type; /* civ_leak_type */
  double severity;
  int64_t matches;   /* of patterns */
  uint64_t keywords; /* bits by the list, of type unknown without patterns */
} civ_leak;
enum { CIV_MOST_LEAKS = CIV_LEAK_TYPES + 1 };

/* What leaks in a text, in the order of the chapter. Number of events; -1, and *at = the pattern, when one met a limit. */
int civ_scanner_leaks(civ_scanner *s, const char *text, size_t length, civ_leak out[CIV_MOST_LEAKS],
                      const civ_pattern **at);
/* "pii: 2 matches", "unknown: internal, secret"; cut to fit. Never the content. */
void civ_leak_describe(const civ_scanner *s, const civ_leak *leak, char *out, size_t size);
const civ_text_list *civ_scanner_keywords(const civ_scanner *s);
/* "critical", "high", "medium", "low"; its rank from 0 = critical. */
int civ_severity_rank(double severity);
extern const char *const civ_severity_names[5];

#endif
