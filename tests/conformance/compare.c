/* compare.c - the rules of equality, and the few members that have a rule of their own. */
#include "compare.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/number.h"

/* Rules other than "numbers near, objects as subsets, lists in order". */
enum rule {
  RULE_NONE,
  RULE_MAP,     /* object whose keys are data: same key set */
  RULE_SET,     /* list without order: sorted as text before comparing */
  RULE_PREFIX,  /* ours must begin with the expected list */
  RULE_INSTANT, /* ISO 8601 text, compared as a moment */
  RULE_FIGURES, /* text of which only the numbers count, digit for digit */
  RULE_MOMENTS  /* figures of a distribution against a sample of it */
};

/* Which members follow them: path from the top of expect, "[]" for any element, "*" for any key. */
static const struct {
  const char *function, *path;
  enum rule rule;
} rules[] = {
  { "observable_moments", "", RULE_MOMENTS },
  { "reconstruct", "[].timestamp", RULE_INSTANT },
  { "replay_filter", "by_type", RULE_MAP },
  { "adversarial.update_targets", "targets", RULE_SET },
  { "adversarial.update_targets", "allies", RULE_SET },
  { "feed.script", "net", RULE_MAP },
  { "role.moderator.review", "warnings", RULE_MAP },
  { "role.moderator.review", "frozen", RULE_SET },
  { "role.moderator.review", "stats.action_counts", RULE_MAP },
  { "role.planner.plan", "assigned", RULE_MAP },
  { "runtime.complete_interaction", "frozen", RULE_SET },
  { "runtime.run", "agents", RULE_MAP },
  { "runtime.run", "frozen", RULE_SET },
  { "aggregate.epoch", "agents", RULE_MAP },
  { "collusion_analyze", "agent_collusion_risk", RULE_MAP },
  { "collusion_analyze", "suspicious_groups[].members", RULE_SET },
  { "collusion_lever", "report.agent_collusion_risk", RULE_MAP },
  { "collusion_lever", "report.suspicious_groups[].members", RULE_SET },
  { "temporal_clustering", "", RULE_MAP },
  { "composite.template", "required_capabilities", RULE_SET },
  { "leakage_scan", "events[].keywords", RULE_SET },
  { "composite.template", "subtasks[].required", RULE_SET },
  { "composite.complete", "contributions", RULE_MAP },
  { "composite.complete", "payouts", RULE_MAP },
  { "capability.metrics", "profiles", RULE_MAP },
  { "capability.metrics", "profiles.*.capability_scores", RULE_MAP },
  { "sweep.plan", "runs[].params", RULE_MAP },
  { "sweep.plan", "param_combinations[]", RULE_MAP },
  { "sweep.plan", "csv_columns", RULE_PREFIX },
  { "export.epoch_columns", "columns", RULE_PREFIX },
  { "report.summary", "*", RULE_FIGURES },
};

/* One comparison on its way down: the pattern of the path selects rules, the path itself goes into messages. */
typedef struct comparison {
  const char *function;
  double tolerance;
  conformance_difference *difference;
  char path[256], pattern[256];
} comparison;

static bool equal(comparison *c, const json_t *expect, const json_t *actual);

static void append(char *text, size_t size, const char *more)
{
  size_t length = strlen(text);
  snprintf(text + length, size - length, "%s", more);
}

static bool differs(comparison *c, const char *fmt, ...) CIV_PRINTF(2, 3);
static bool differs(comparison *c, const char *fmt, ...)
{
  va_list arguments;
  va_start(arguments, fmt);
  vsnprintf(c->difference->what, sizeof c->difference->what, fmt, arguments);
  va_end(arguments);
  snprintf(c->difference->where, sizeof c->difference->where, "%s", c->path);
  return false;
}

char *conformance_text(const json_t *value)
{
  civ_buffer out = { 0 };
  if (value != NULL) {
    civ_json_write(&out, value, 0);
  }
  return value == NULL ? NULL : civ_buffer_take(&out, NULL);
}

/* Short JSON of a value for messages. */
static const char *shown(const json_t *value, char *buffer, size_t size)
{
  char *text = conformance_text(value);
  snprintf(buffer, size, "%.*s%s", (int)size - 5, text == NULL ? "nothing" : text,
           text != NULL && strlen(text) > size - 5 ? "..." : "");
  free(text);
  return buffer;
}

static bool mismatch(comparison *c, const json_t *expect, const json_t *actual)
{
  char e[120], a[120];
  return differs(c, "expected %s, got %s", shown(expect, e, sizeof e), shown(actual, a, sizeof a));
}

static enum rule rule_of(const comparison *c)
{
  for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
    bool any_key = strcmp(rules[i].path, "*") == 0 && c->pattern[0] != '\0' && strchr(c->pattern, '[') == NULL;
    if (strcmp(rules[i].function, c->function) == 0 && (any_key || strcmp(rules[i].path, c->pattern) == 0)) {
      return rules[i].rule;
    }
  }
  return RULE_NONE;
}

/* A number, or "inf" and "-inf" standing for one. */
static bool as_number(const json_t *value, double *out)
{
  if (json_is_number(value)) {
    *out = json_number_value(value);
    return true;
  }
  const char *text = json_string_value(value);
  if (text != NULL && (strcmp(text, "inf") == 0 || strcmp(text, "-inf") == 0)) {
    *out = text[0] == '-' ? -INFINITY : INFINITY;
    return true;
  }
  return false;
}

static bool near(double a, double b, double tolerance)
{
  if (a == b) {
    return true;
  }
  if (!isfinite(a) || !isfinite(b)) {
    return false;
  }
  double larger = fmax(fabs(a), fabs(b));
  return fabs(a - b) <= tolerance * fmax(1.0, larger);
}

static bool equal_member(comparison *c, const char *key, const json_t *expect, const json_t *actual)
{
  size_t path = strlen(c->path), pattern = strlen(c->pattern);
  if (key[0] != '[') {
    append(c->path, sizeof c->path, path == 0 ? "" : ".");
    append(c->pattern, sizeof c->pattern, pattern == 0 ? "" : ".");
  }
  append(c->path, sizeof c->path, key);
  append(c->pattern, sizeof c->pattern, key[0] == '[' ? "[]" : key);
  bool same = equal(c, expect, actual);
  c->path[path] = '\0';
  c->pattern[pattern] = '\0';
  return same;
}

static bool equal_object(comparison *c, const json_t *expect, const json_t *actual, bool same_keys)
{
  const char *key;
  json_t *value;
  if (!json_is_object(actual)) {
    return mismatch(c, expect, actual);
  }
  json_object_foreach((json_t *)expect, key, value)
  {
    if (!equal_member(c, key, value, json_object_get(actual, key))) {
      return false;
    }
  }
  json_object_foreach((json_t *)actual, key, value)
  {
    if (same_keys && json_object_get(expect, key) == NULL) {
      return differs(c, "the key \"%.80s\" is not expected", key);
    }
  }
  return true;
}

static bool equal_list(comparison *c, const json_t *expect, const json_t *actual, bool prefix)
{
  if (!json_is_array(actual)) {
    return mismatch(c, expect, actual);
  }
  size_t wanted = json_array_size(expect), got = json_array_size(actual);
  for (size_t i = 0; i < wanted && i < got; i++) {
    char index[32];
    snprintf(index, sizeof index, "[%zu]", i);
    if (!equal_member(c, index, json_array_get(expect, i), json_array_get(actual, i))) {
      return false;
    }
  }
  if (wanted > got || (wanted < got && !prefix)) {
    return differs(c, "expected %zu elements, got %zu", wanted, got);
  }
  return true;
}

static int by_text(const void *a, const void *b)
{
  const char *x = json_string_value(*(json_t *const *)a), *y = json_string_value(*(json_t *const *)b);
  return strcmp(x == NULL ? "" : x, y == NULL ? "" : y);
}

static bool equal_set(comparison *c, const json_t *expect, const json_t *actual)
{
  size_t n = json_array_size(actual);
  json_t **items = malloc((n + 1) * sizeof *items);
  json_t *sorted = json_array();
  for (size_t i = 0; i < n; i++) {
    items[i] = json_array_get(actual, i);
  }
  qsort(items, n, sizeof *items, by_text);
  for (size_t i = 0; i < n; i++) {
    json_array_append(sorted, items[i]);
  }
  bool same = json_is_array(actual) ? equal_list(c, expect, sorted, false) : mismatch(c, expect, actual);
  json_decref(sorted);
  free(items);
  return same;
}

static bool equal_instant(comparison *c, const json_t *expect, const json_t *actual)
{
  int64_t wanted, got;
  if (json_is_string(expect) && json_is_string(actual) &&
      civ_parse_time(json_string_value(expect), json_string_length(expect), &wanted) &&
      civ_parse_time(json_string_value(actual), json_string_length(actual), &got) && wanted == got) {
    return true;
  }
  return (json_is_null(expect) && (actual == NULL || json_is_null(actual))) || mismatch(c, expect, actual);
}

/* Next run of digits, points and signs that holds a digit; NULL at the end. */
static const char *next_figure(const char *text, size_t *length)
{
  for (; *text != '\0'; text++) {
    size_t sign = *text == '-' || *text == '+';
    if (isdigit((unsigned char)text[sign])) {
      *length = sign + strspn(text + sign, "0123456789.");
      return text;
    }
  }
  return NULL;
}

static bool equal_figures(comparison *c, const json_t *expect, const json_t *actual)
{
  const char *e = json_string_value(expect), *a = json_string_value(actual);
  if (e == NULL || a == NULL) {
    return mismatch(c, expect, actual);
  }
  for (;;) {
    size_t e_length = 0, a_length = 0;
    e = next_figure(e, &e_length);
    a = next_figure(a, &a_length);
    if (e == NULL && a == NULL) {
      return true;
    }
    if (e == NULL || a == NULL || e_length != a_length || memcmp(e, a, e_length) != 0) {
      return mismatch(c, expect, actual);
    }
    e += e_length;
    a += a_length;
  }
}

/* Means within 5 standard errors of the exact ones, standard deviations within 1 %; `draws` is the sample's size. */
static bool equal_moments(comparison *c, const json_t *expect, const json_t *actual)
{
  double draws = json_number_value(json_object_get(actual, "draws"));
  const char *quantities[] = { "v_hat", "p" };
  for (size_t i = 0; i < 2; i++) {
    char mean[32], sd[32];
    snprintf(mean, sizeof mean, "mean_%s", quantities[i]);
    snprintf(sd, sizeof sd, "sd_%s", quantities[i]);
    double exact_mean = json_number_value(json_object_get(expect, mean));
    double exact_sd = json_number_value(json_object_get(expect, sd));
    double z = (json_number_value(json_object_get(actual, mean)) - exact_mean) / (exact_sd / sqrt(draws));
    double ratio = json_number_value(json_object_get(actual, sd)) / exact_sd;
    if (!(draws >= 200000) || !(fabs(z) < 5) || !(fabs(ratio - 1) <= 0.01)) {
      return differs(c, "%s: z = %g (below 5), sd ratio %g (within 1 %%), %g draws (200000 or more)", quantities[i], z,
                     ratio, draws);
    }
  }
  return true;
}

static bool equal(comparison *c, const json_t *expect, const json_t *actual)
{
  double wanted, got;
  switch (rule_of(c)) {
  case RULE_MAP:
    return json_is_object(expect) ? equal_object(c, expect, actual, true) : mismatch(c, expect, actual);
  case RULE_SET:
    return equal_set(c, expect, actual);
  case RULE_PREFIX:
    return equal_list(c, expect, actual, true);
  case RULE_INSTANT:
    return equal_instant(c, expect, actual);
  case RULE_FIGURES:
    return equal_figures(c, expect, actual);
  case RULE_MOMENTS:
    return equal_moments(c, expect, actual);
  case RULE_NONE:
    break;
  }
  if (json_is_null(expect)) {
    return actual == NULL || json_is_null(actual) || mismatch(c, expect, actual);
  }
  if (json_is_object(expect)) {
    return equal_object(c, expect, actual, false);
  }
  if (json_is_array(expect)) {
    return equal_list(c, expect, actual, false);
  }
  if (as_number(expect, &wanted) && as_number(actual, &got)) {
    return near(wanted, got, c->tolerance) || mismatch(c, expect, actual);
  }
  return (actual != NULL && json_equal(expect, actual)) || mismatch(c, expect, actual);
}

bool conformance_equal(const char *function, double tolerance, const json_t *expect, const json_t *actual,
                       conformance_difference *difference)
{
  comparison c = { .function = function, .tolerance = tolerance, .difference = difference };
  return equal(&c, expect, actual);
}

bool conformance_rejected(const json_t *expect, const json_t *actual, conformance_difference *difference)
{
  comparison c = { .function = "", .difference = difference };
  const char *key = json_string_value(json_object_get(expect, "key"));
  const json_t *line = json_object_get(expect, "line");
  if (!json_is_true(json_object_get(actual, "rejected"))) {
    return differs(&c, "it was accepted, but must be refused");
  }
  json_t *errors = json_object_get(actual, "errors"), *error;
  size_t i;
  json_array_foreach(errors, i, error)
  {
    const char *named = json_string_value(json_object_get(error, "key"));
    bool key_fits = key == NULL || (named != NULL && strcmp(named, key) == 0);
    bool line_fits = line == NULL || json_integer_value(line) == json_integer_value(json_object_get(error, "line"));
    if (key_fits && line_fits) {
      return true;
    }
  }
  if (key == NULL && line == NULL) {
    return true;
  }
  char said[160];
  return differs(&c, "no error names %s%s; errors: %s", key == NULL ? "the line" : key,
                 line == NULL ? "" : " and its line", shown(errors, said, sizeof said));
}
