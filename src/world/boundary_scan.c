#include "world/boundary_scan.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "world/boundary_text.h"
#include "world/boundary_words.h"

/* --- the built-in patterns, over bytes ------------------------------------------------------------------------------------- */

#define W     "A-Za-z0-9_\\x80-\\xff"
#define EDGE  "(?:(?<=[" W "])(?![" W "])|(?<![" W "])(?=[" W "]))"
#define SEP   "\\s*[:=]\\s*"
#define QUOTE "['\"]?"

/* (*SKIP) says that no other beginning within what was passed over can do better; it is what keeps these linear. */
#define EMAIL EDGE "[A-Za-z0-9._%+-]++(*SKIP)@[A-Za-z0-9.-]+\\.[A-Za-z|]{2,}" EDGE
#define PHONE EDGE "[0-9]{3}[-.]?[0-9]{3}[-.]?[0-9]{4}" EDGE
#define SSN   EDGE "[0-9]{3}-?[0-9]{2}-?[0-9]{4}" EDGE
#define CALL  "\\s+[" W "]+\\s*\\([^)]*+(*SKIP)\\)\\s*+"

enum { NO_WORD = 255 };

typedef struct own_pattern {
  const char *text;
  uint8_t word;
} own_pattern;

static const own_pattern own_pii[] = { { EMAIL, CIV_WORD_AT },
                                       { PHONE, CIV_WORD_10_DIGITS },
                                       { SSN, CIV_WORD_9_DIGITS },
                                       { EDGE "[0-9]{16}" EDGE, CIV_WORD_16_DIGITS } };
static const own_pattern own_credentials[] = { { "password" SEP QUOTE "[" W "!@#$%^&*]+" QUOTE, CIV_WORD_PASSWORD },
                                               { "api[_-]?key" SEP QUOTE "[" W "-]+" QUOTE, CIV_WORD_API },
                                               { "secret" SEP QUOTE "[" W "-]+" QUOTE, CIV_WORD_SECRET },
                                               { "token" SEP QUOTE "[" W "-]+" QUOTE, CIV_WORD_TOKEN },
                                               { "bearer\\s+[" W "-]+", CIV_WORD_BEARER },
                                               { "aws[_-]?access[_-]?key[_-]?id" SEP "[" W "]+", CIV_WORD_AWS },
                                               { "private[_-]?key", CIV_WORD_PRIVATE } };
static const own_pattern own_code[] = { { "def" CALL ":", CIV_WORD_DEF },
                                        { "function" CALL "\\{", CIV_WORD_FUNCTION },
                                        { "class\\s+[" W "]+\\s*[:{]", CIV_WORD_CLASS },
                                        { "import\\s+[" W ".]+", CIV_WORD_IMPORT } };
static const own_pattern own_refused[] = { { "password" SEP "\\S+", CIV_WORD_PASSWORD },
                                           { "api[_-]?key" SEP "\\S+", CIV_WORD_API },
                                           { "secret" SEP "\\S+", CIV_WORD_SECRET } };
/* In the order in which the estimate adds them up. */
static const own_pattern own_sensitive[] = { { "password" SEP "\\S", CIV_WORD_PASSWORD },
                                             { "api[_-]?key" SEP "\\S", CIV_WORD_API },
                                             { "secret" SEP "\\S", CIV_WORD_SECRET },
                                             { "token" SEP "\\S", CIV_WORD_TOKEN },
                                             { EMAIL, CIV_WORD_AT },
                                             { PHONE, CIV_WORD_10_DIGITS },
                                             { SSN, CIV_WORD_9_DIGITS },
                                             { EDGE "confidential" EDGE, CIV_WORD_CONFIDENTIAL },
                                             { EDGE "restricted" EDGE, CIV_WORD_RESTRICTED },
                                             { EDGE "proprietary" EDGE, CIV_WORD_PROPRIETARY } };
/* The last three are one rule: any of the words counts once. */
static const double sensitive_weights[] = { 0.6, 0.6, 0.5, 0.5, 0.3, 0.3, 0.4, 0.2, 0.2, 0.2 };
enum { FIRST_OF_WORDS = 7 };

static const char *const own_keywords[] = { "confidential", "secret",    "private",    "internal",
                                            "restricted",   "sensitive", "proprietary" };

const char *const civ_severity_names[5] = { "critical", "high", "medium", "low", NULL };

int civ_severity_rank(double severity)
{
  return severity >= 0.9 ? 0 : severity >= 0.7 ? 1 : severity >= 0.4 ? 2 : 3;
}

/* --- lists of patterns -------------------------------------------------------------------------------------------------------- */

static bool make_room(civ_pattern_list *list, uint32_t n, const civ_allocator *allocator)
{
  list->items = civ_zeroed(allocator, (size_t)n + 1, sizeof *list->items);
  list->words = civ_zeroed(allocator, (size_t)n + 1, sizeof *list->words);
  list->n = n; /* what there is of them was taken for n */
  return list->items && list->words;
}

static bool make_own(civ_pattern_list *list, const own_pattern *from, uint32_t n, const civ_allocator *allocator)
{
  if (!make_room(list, n, allocator))
    return false;
  for (uint32_t k = 0; k < n; k++) {
    list->words[k] = from[k].word;
    if ((list->items[k] = civ_pattern_compile_own(from[k].text, allocator)) == NULL)
      return false;
  }
  return true;
}
#define OWN(list, table, allocator) make_own(list, table, sizeof table / sizeof *(table), allocator)

civ_status civ_pattern_list_make(civ_pattern_list *list, const civ_text_list *from, const char *where,
                                 const civ_allocator *allocator, civ_error *err)
{
  char place[192];
  if (from == NULL)
    return OWN(list, own_refused, allocator) ? CIV_OK : civ_fail(err, CIV_E_NOMEM, where, "out of memory for patterns");
  if (from->n > CIV_MOST_USER_PATTERNS)
    return civ_fail(err, CIV_E_LIMIT, where, "%u patterns are more than %d", from->n, CIV_MOST_USER_PATTERNS);
  if (!make_room(list, from->n, allocator))
    return civ_fail(err, CIV_E_NOMEM, where, "out of memory for patterns");
  for (uint32_t k = 0; k < from->n; k++) {
    list->words[k] = NO_WORD;
    snprintf(place, sizeof place, "%s[%u]", where, k);
    const civ_status status = civ_pattern_compile(from->items[k], place, allocator, &list->items[k], err);
    if (status != CIV_OK)
      return status;
  }
  return CIV_OK;
}

void civ_pattern_list_free(civ_pattern_list *list, const civ_allocator *allocator)
{
  for (uint32_t k = 0; list->items != NULL && k < list->n; k++)
    civ_pattern_destroy(list->items[k]);
  civ_release(allocator, list->items, ((size_t)list->n + 1) * sizeof *list->items);
  civ_release(allocator, list->words, ((size_t)list->n + 1) * sizeof *list->words);
  *list = (civ_pattern_list){ 0 };
}

static bool may_match(const civ_pattern_list *list, uint32_t k, uint32_t words)
{
  return list->words[k] == NO_WORD || (words >> list->words[k] & 1u) != 0;
}

int64_t civ_pattern_list_count(const civ_pattern_list *list, civ_matcher *m, const char *text, size_t length,
                               uint32_t words, const civ_pattern **at)
{
  int64_t sum = 0;
  for (uint32_t k = 0; k < list->n; k++) {
    const int64_t n = may_match(list, k, words) ? civ_pattern_count(m, list->items[k], text, length, 0) : 0;
    if (n == CIV_PATTERN_EXCEEDED) {
      *at = list->items[k];
      return CIV_PATTERN_EXCEEDED;
    }
    sum += n;
  }
  return sum;
}

const civ_pattern *civ_pattern_list_first(const civ_pattern_list *list, civ_matcher *m, const char *text, size_t length,
                                          uint32_t words, bool *exceeded)
{
  for (uint32_t k = 0; k < list->n; k++) {
    const int64_t n = may_match(list, k, words) ? civ_pattern_count(m, list->items[k], text, length, 1) : 0;
    *exceeded = n == CIV_PATTERN_EXCEEDED;
    if (n != 0)
      return list->items[k];
  }
  *exceeded = false;
  return NULL;
}

/* --- the scanner ----------------------------------------------------------------------------------------------------------------- */

typedef struct leak_class {
  uint8_t type;
  double severity;
  civ_pattern_list patterns;
} leak_class;

struct civ_scanner {
  const civ_allocator *allocator;
  civ_matcher *matcher;
  civ_pattern_list sensitive;
  leak_class classes[CIV_LEAK_TYPES];
  uint32_t n_classes;
  civ_text_list keywords;
  char (*lower)[32]; /* keywords in lower case where they are short; NULL = ours, which are */
  size_t *lengths;
};

void civ_scanner_destroy(civ_scanner *s)
{
  if (s == NULL)
    return;
  for (uint32_t k = 0; k < s->n_classes; k++)
    civ_pattern_list_free(&s->classes[k].patterns, s->allocator);
  civ_pattern_list_free(&s->sensitive, s->allocator);
  civ_matcher_destroy(s->matcher);
  civ_release(s->allocator, s->lower, CIV_MOST_KEYWORDS * sizeof *s->lower);
  civ_release(s->allocator, s->lengths, CIV_MOST_KEYWORDS * sizeof *s->lengths);
  civ_release(s->allocator, s, sizeof *s);
}

static const civ_text_list *given_list(const civ_list_map *patterns, const char *type)
{
  for (uint32_t k = 0; patterns != NULL && k < patterns->n; k++)
    if (strcmp(patterns->names[k], type) == 0 && patterns->lists[k].n > 0)
      return &patterns->lists[k];
  return NULL;
}

static civ_status add_class(civ_scanner *s, civ_leak_type type, double severity, const civ_text_list *given,
                            const own_pattern *own, uint32_t n_own, civ_error *err)
{
  char where[96];
  leak_class *c = &s->classes[s->n_classes++];
  *c = (leak_class){ .type = (uint8_t)type, .severity = severity };
  snprintf(where, sizeof where, "boundaries.leakage.patterns.%s", civ_leak_type_names[type]);
  if (given != NULL)
    return civ_pattern_list_make(&c->patterns, given, where, s->allocator, err);
  return make_own(&c->patterns, own, n_own, s->allocator)
             ? CIV_OK
             : civ_fail(err, CIV_E_NOMEM, where, "out of memory for patterns");
}

static civ_status add_classes(civ_scanner *s, const civ_list_map *patterns, civ_error *err)
{
#define ADD(type, severity, own)                                                                                       \
  add_class(s, type, severity, given_list(patterns, civ_leak_type_names[type]), own, sizeof own / sizeof *(own), err)
  civ_status status = ADD(CIV_LEAK_PII, 0.7, own_pii);
  if (status == CIV_OK)
    status = ADD(CIV_LEAK_CREDENTIAL, 0.95, own_credentials);
  if (status == CIV_OK)
    status = ADD(CIV_LEAK_CODE, 0.5, own_code);
#undef ADD
  for (uint32_t k = 0; status == CIV_OK && patterns != NULL && k < patterns->n; k++)
    for (int type = 0; status == CIV_OK && type < CIV_LEAK_TYPES; type++)
      if (type != CIV_LEAK_PII && type != CIV_LEAK_CREDENTIAL && type != CIV_LEAK_CODE && patterns->lists[k].n > 0 &&
          strcmp(patterns->names[k], civ_leak_type_names[type]) == 0)
        status = add_class(s, (civ_leak_type)type, 0.6, &patterns->lists[k], NULL, 0, err);
  return status;
}

static civ_status add_keywords(civ_scanner *s, const civ_text_list *keywords, civ_error *err)
{
  static const char where[] = "boundaries.leakage.keywords";
  s->keywords = keywords != NULL && keywords->n > 0
                    ? *keywords
                    : (civ_text_list){ own_keywords, sizeof own_keywords / sizeof *own_keywords };
  if (s->keywords.n > CIV_MOST_KEYWORDS)
    return civ_fail(err, CIV_E_LIMIT, where, "%u keywords are more than %d", s->keywords.n, CIV_MOST_KEYWORDS);
  s->lower = civ_zeroed(s->allocator, CIV_MOST_KEYWORDS, sizeof *s->lower);
  s->lengths = civ_zeroed(s->allocator, CIV_MOST_KEYWORDS, sizeof *s->lengths);
  if (s->lower == NULL || s->lengths == NULL)
    return civ_fail(err, CIV_E_NOMEM, where, "out of memory for keywords");
  for (uint32_t k = 0; k < s->keywords.n; k++) {
    const char *word = s->keywords.items[k];
    s->lengths[k] = strlen(word);
    if (s->lengths[k] == 0 || s->lengths[k] >= sizeof *s->lower)
      return civ_fail(err, CIV_E_RANGE, where, "entry %u: '%.40s' must have 1 to %zu bytes", k, word,
                      sizeof *s->lower - 1);
    for (size_t i = 0; i < s->lengths[k]; i++)
      s->lower[k][i] = civ_text_lower(word[i]);
  }
  return CIV_OK;
}

civ_status civ_scanner_create(const civ_list_map *patterns, const civ_text_list *keywords,
                              const civ_allocator *allocator, civ_scanner **out, civ_error *err)
{
  civ_scanner *s = civ_zeroed(allocator, 1, sizeof *s);
  if (s == NULL)
    return civ_fail(err, CIV_E_NOMEM, "boundaries.leakage", "out of memory");
  s->allocator = allocator;
  s->matcher = civ_matcher_create(allocator);
  civ_status status = CIV_OK;
  if (s->matcher == NULL || !OWN(&s->sensitive, own_sensitive, allocator))
    status = civ_fail(err, CIV_E_NOMEM, "boundaries.leakage", "out of memory for patterns");
  if (status == CIV_OK)
    status = add_classes(s, patterns, err);
  if (status == CIV_OK)
    status = add_keywords(s, keywords, err);
  if (status != CIV_OK) {
    civ_scanner_destroy(s);
    return status;
  }
  *out = s;
  return CIV_OK;
}

civ_matcher *civ_scanner_matcher(civ_scanner *s)
{
  return s->matcher;
}

const civ_text_list *civ_scanner_keywords(const civ_scanner *s)
{
  return &s->keywords;
}

/* --- scans -------------------------------------------------------------------------------------------------------------------------- */

double civ_scanner_sensitivity(civ_scanner *s, const char *text, size_t length, const civ_pattern **at)
{
  const uint32_t words = civ_boundary_words(text, length);
  double sum = 0;
  for (uint32_t k = 0; words != 0 && k < s->sensitive.n; k++) {
    const int64_t n =
        may_match(&s->sensitive, k, words) ? civ_pattern_count(s->matcher, s->sensitive.items[k], text, length, 1) : 0;
    if (n == CIV_PATTERN_EXCEEDED) {
      *at = s->sensitive.items[k];
      return NAN;
    }
    sum += n > 0 ? sensitive_weights[k] : 0;
    if (n > 0 && k >= FIRST_OF_WORDS)
      break;
  }
  return sum < 1.0 ? sum : 1.0;
}

int civ_scanner_leaks(civ_scanner *s, const char *text, size_t length, civ_leak out[CIV_MOST_LEAKS],
                      const civ_pattern **at)
{
  const uint32_t words = civ_boundary_words(text, length);
  int n = 0;
  for (uint32_t k = 0; k < s->n_classes; k++) {
    const leak_class *c = &s->classes[k];
    const int64_t m = civ_pattern_list_count(&c->patterns, s->matcher, text, length, words, at);
    if (m == CIV_PATTERN_EXCEEDED)
      return -1;
    if (m > 0)
      out[n++] = (civ_leak){ .type = c->type, .severity = c->severity, .matches = m };
  }
  if (n > 0)
    return n;
  civ_leak hint = { .type = CIV_LEAK_UNKNOWN, .severity = 0.3 };
  for (uint32_t k = 0; k < s->keywords.n; k++)
    if (civ_text_has(text, length, s->lower[k], s->lengths[k]))
      hint.keywords |= UINT64_C(1) << k;
  if (hint.keywords != 0)
    out[n++] = hint;
  return n;
}

void civ_leak_describe(const civ_scanner *s, const civ_leak *leak, char *out, size_t size)
{
  int n = snprintf(out, size, "%s:", civ_leak_type_names[leak->type]);
  if (leak->keywords == 0) {
    snprintf(out + n, size - (size_t)n, " %lld match%s", (long long)leak->matches, leak->matches == 1 ? "" : "es");
    return;
  }
  const char *between = " ";
  for (uint32_t k = 0; k < s->keywords.n && (size_t)n + 1 < size; k++)
    if (leak->keywords >> k & 1u) {
      n += snprintf(out + n, size - (size_t)n, "%s%s", between, s->keywords.items[k]);
      between = ", ";
    }
}
