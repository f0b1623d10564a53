/* boundary_pattern.h - patterns over hostile text: compiled once by PCRE2, matched by its interpreter under limits.
 *
 * Built-in patterns see bytes and are written so that no text makes them slow. A user's pattern sees UTF-8 and may be anything
 * PCRE2 documents (letters in either case); what it may cost is bounded: 4096 bytes, 50 nested groups, no \C; per scan a
 * budget of work (items tried and characters passed over), per match limits of backtracking, depth and heap. */
#ifndef CIV_WORLD_BOUNDARY_PATTERN_H
#define CIV_WORLD_BOUNDARY_PATTERN_H

#include "base/memory.h"

enum {
  CIV_PATTERN_MOST_BYTES = 4096,
  CIV_PATTERN_MOST_NESTED = 50,
  CIV_PATTERN_MATCH_LIMIT = 100000,
  CIV_PATTERN_DEPTH_LIMIT = 2000,
  CIV_PATTERN_HEAP_KIB = 512,
  CIV_PATTERN_WORK = 20000000
};

typedef struct civ_pattern civ_pattern;

/* Where matching happens: one per thread of use. Matching takes no memory but what creation set aside. NULL: no memory. */
typedef struct civ_matcher civ_matcher;
civ_matcher *civ_matcher_create(const civ_allocator *allocator);
void civ_matcher_destroy(civ_matcher *m);

/* Compiles a user's pattern. CIV_E_SYNTAX or CIV_E_LIMIT with `where` as the place and a text of pattern and position. The
 * pattern keeps `text`, which must outlive it. */
CIV_MUST_CHECK civ_status civ_pattern_compile(const char *text, const char *where, const civ_allocator *allocator,
                                              civ_pattern **out, civ_error *err);
/* One of ours; over bytes. NULL: no memory. */
civ_pattern *civ_pattern_compile_own(const char *text, const civ_allocator *allocator);
void civ_pattern_destroy(civ_pattern *p);
const char *civ_pattern_text(const civ_pattern *p);

enum { CIV_PATTERN_EXCEEDED = -1 };
/* How often the pattern matches, not overlapping, at most `most` times (0 = all): CIV_PATTERN_EXCEEDED when it met a limit.
 * `text` is valid UTF-8 where the pattern is a user's. */
int64_t civ_pattern_count(civ_matcher *m, const civ_pattern *p, const char *text, size_t length, int64_t most);
/* Whether the bytes are UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF). Linear. */
bool civ_matcher_is_utf8(civ_matcher *m, const char *text, size_t length);

#endif
