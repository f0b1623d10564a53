#include "world/boundary_pattern.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/text.h"

struct civ_pattern {
  const civ_allocator *allocator;
  pcre2_general_context *general;
  pcre2_code *code;
  const char *text;
  bool own;
};

/* What PCRE2 may hold while it matches: its match data, and its stack of positions, of which it has two while that grows. */
enum { SMALL = 2048, LARGE = CIV_PATTERN_HEAP_KIB * 1024, LARGE_BLOCKS = 2 };

typedef struct pool {
  bool small_used, large_used[LARGE_BLOCKS];
  _Alignas(16) char small[SMALL];
  _Alignas(16) char large[LARGE_BLOCKS][LARGE];
} pool;

/* Work of one scan. */
typedef struct meter {
  size_t work, last;
} meter;

struct civ_matcher {
  const civ_allocator *allocator;
  pool *pool;
  pcre2_general_context *general, *pooled;
  pcre2_match_context *own, *users;
  pcre2_match_data *found;
  pcre2_code *anything; /* empty, over UTF-8: it matches every text that is one */
  meter meter;
};

/* --- memory for PCRE2 --------------------------------------------------------------------------------------------------- */

enum { HEAD = 16 }; /* in front of a block: its size */

static void *take(size_t size, void *arg)
{
  const civ_allocator *a = arg;
  char *block = size > SIZE_MAX - HEAD ? NULL : a->resize(a->ctx, NULL, 0, size + HEAD);
  if (block == NULL)
    return NULL;
  memcpy(block, &size, sizeof size);
  return block + HEAD;
}

static void give(void *block, void *arg)
{
  const civ_allocator *a = arg;
  size_t size;
  if (block == NULL)
    return;
  char *head = (char *)block - HEAD;
  memcpy(&size, head, sizeof size);
  a->resize(a->ctx, head, size + HEAD, 0);
}

static void *take_pooled(size_t size, void *arg)
{
  pool *p = arg;
  if (size <= SMALL && !p->small_used) {
    p->small_used = true;
    return p->small;
  }
  for (int k = 0; k < LARGE_BLOCKS && size <= LARGE; k++)
    if (!p->large_used[k]) {
      p->large_used[k] = true;
      return p->large[k];
    }
  return NULL;
}

static void give_pooled(void *block, void *arg)
{
  pool *p = arg;
  if (block == p->small)
    p->small_used = false;
  for (int k = 0; k < LARGE_BLOCKS; k++)
    if (block == p->large[k])
      p->large_used[k] = false;
}

/* --- the matcher -------------------------------------------------------------------------------------------------------- */

/* Called before every item of a user's pattern: what lies between two calls was passed over. */
static int measure(pcre2_callout_block *block, void *arg)
{
  meter *m = arg;
  const size_t at = block->current_position;
  m->work += 1 + (at > m->last ? at - m->last : m->last - at);
  m->last = at;
  return m->work > CIV_PATTERN_WORK ? PCRE2_ERROR_CALLOUT : 0;
}

static pcre2_match_context *make_context(pcre2_general_context *general)
{
  pcre2_match_context *context = pcre2_match_context_create(general);
  if (context != NULL) {
    pcre2_set_match_limit(context, CIV_PATTERN_MATCH_LIMIT);
    pcre2_set_depth_limit(context, CIV_PATTERN_DEPTH_LIMIT);
    pcre2_set_heap_limit(context, CIV_PATTERN_HEAP_KIB);
  }
  return context;
}

civ_matcher *civ_matcher_create(const civ_allocator *allocator)
{
  civ_matcher *m = civ_zeroed(allocator, 1, sizeof *m);
  int error;
  size_t at;
  if (m == NULL)
    return NULL;
  m->allocator = allocator;
  m->pool = allocator->resize(allocator->ctx, NULL, 0, sizeof *m->pool); /* not cleared: most of it is never touched */
  if (m->pool != NULL) {
    m->pool->small_used = m->pool->large_used[0] = m->pool->large_used[1] = false;
    m->general = pcre2_general_context_create(take, give, (void *)(uintptr_t)allocator);
    m->pooled = m->general ? pcre2_general_context_create(take_pooled, give_pooled, m->pool) : NULL;
  }
  if (m->pooled != NULL) {
    m->own = make_context(m->general);
    m->users = make_context(m->general);
    m->found = pcre2_match_data_create(1, m->pooled);
    pcre2_compile_context *compile = pcre2_compile_context_create(m->general);
    if (compile != NULL)
      m->anything = pcre2_compile((PCRE2_SPTR) "", 0, PCRE2_UTF | PCRE2_ANCHORED, &error, &at, compile);
    pcre2_compile_context_free(compile);
  }
  if (m->own == NULL || m->users == NULL || m->found == NULL || m->anything == NULL) {
    civ_matcher_destroy(m);
    return NULL;
  }
  pcre2_set_callout(m->users, measure, &m->meter);
  return m;
}

void civ_matcher_destroy(civ_matcher *m)
{
  if (m == NULL)
    return;
  pcre2_code_free(m->anything);
  pcre2_match_data_free(m->found);
  pcre2_match_context_free(m->own);
  pcre2_match_context_free(m->users);
  pcre2_general_context_free(m->pooled);
  pcre2_general_context_free(m->general);
  civ_release(m->allocator, m->pool, sizeof *m->pool);
  civ_release(m->allocator, m, sizeof *m);
}

bool civ_matcher_is_utf8(civ_matcher *m, const char *text, size_t length)
{
  return pcre2_match(m->anything, (PCRE2_SPTR)text, length, 0, 0, m->found, m->own) >= 0;
}

/* --- patterns ------------------------------------------------------------------------------------------------------------- */

static pcre2_code *compile(civ_pattern *p, uint32_t options, int *error, size_t *at)
{
  pcre2_compile_context *context = pcre2_compile_context_create(p->general);
  *error = PCRE2_ERROR_NOMEMORY;
  *at = 0;
  if (context == NULL)
    return NULL;
  pcre2_set_max_pattern_length(context, CIV_PATTERN_MOST_BYTES);
  pcre2_set_parens_nest_limit(context, CIV_PATTERN_MOST_NESTED);
  pcre2_code *code = pcre2_compile((PCRE2_SPTR)p->text, strlen(p->text), options | PCRE2_CASELESS, error, at, context);
  pcre2_compile_context_free(context);
  return code;
}

static civ_pattern *make(const char *text, const civ_allocator *allocator)
{
  civ_pattern *p = civ_zeroed(allocator, 1, sizeof *p);
  if (p == NULL)
    return NULL;
  p->allocator = allocator;
  p->text = text;
  p->general = pcre2_general_context_create(take, give, (void *)(uintptr_t)allocator);
  if (p->general == NULL) {
    civ_pattern_destroy(p);
    return NULL;
  }
  return p;
}

civ_status civ_pattern_compile(const char *text, const char *where, const civ_allocator *allocator, civ_pattern **out,
                               civ_error *err)
{
  int error;
  size_t at;
  unsigned char why[128];
  civ_pattern *p = make(text, allocator);
  if (p == NULL)
    return civ_fail(err, CIV_E_NOMEM, where, "out of memory for a pattern");
  p->code = compile(p, PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT, &error, &at);
  if (p->code != NULL) {
    *out = p;
    return CIV_OK;
  }
  civ_pattern_destroy(p);
  if (error == PCRE2_ERROR_NOMEMORY || error == PCRE2_ERROR_HEAP_FAILED)
    return civ_fail(err, CIV_E_NOMEM, where, "out of memory for a pattern");
  if (strlen(text) > CIV_PATTERN_MOST_BYTES)
    return civ_fail(err, CIV_E_LIMIT, where, "the pattern '%.40s...' has %zu bytes; at most %d are taken", text,
                    strlen(text), CIV_PATTERN_MOST_BYTES);
  pcre2_get_error_message(error, why, sizeof why);
  return civ_fail(err, CIV_E_SYNTAX, where, "the pattern '%.120s' is not one: %s, at its character %zu", text,
                  (const char *)why, at);
}

civ_pattern *civ_pattern_compile_own(const char *text, const civ_allocator *allocator)
{
  int error;
  size_t at;
  civ_pattern *p = make(text, allocator);
  if (p == NULL)
    return NULL;
  p->own = true;
  p->code = compile(p, 0, &error, &at);
  if (p->code == NULL) {
    civ_pattern_destroy(p);
    return NULL;
  }
  return p;
}

void civ_pattern_destroy(civ_pattern *p)
{
  if (p == NULL)
    return;
  pcre2_code_free(p->code);
  pcre2_general_context_free(p->general);
  civ_release(p->allocator, p, sizeof *p);
}

const char *civ_pattern_text(const civ_pattern *p)
{
  return p->text;
}

/* --- matching --------------------------------------------------------------------------------------------------------------- */

/* Behind a match that took nothing: one character on. */
static size_t step_on(const civ_pattern *p, const char *text, size_t length, size_t at)
{
  at++;
  while (!p->own && at < length && civ_utf8_continues(text[at]))
    at++;
  return at;
}

int64_t civ_pattern_count(civ_matcher *m, const civ_pattern *p, const char *text, size_t length, int64_t most)
{
  int64_t n = 0;
  m->meter = (meter){ 0 };
  for (size_t at = 0; at <= length && (most == 0 || n < most);) {
    m->meter.last = at;
    const int got = pcre2_match(p->code, (PCRE2_SPTR)text, length, at, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, m->found,
                                p->own ? m->own : m->users);
    if (got == PCRE2_ERROR_NOMATCH)
      break;
    if (got < 0)
      return CIV_PATTERN_EXCEEDED;
    n++;
    const size_t *span = pcre2_get_ovector_pointer(m->found);
    at = span[1] > at && span[1] > span[0] ? span[1] : step_on(p, text, length, span[1] > at ? span[1] : at);
  }
  return n;
}
