/* main.c - runs vector files against the library: conformance [--pending LIST] FILE...
 *
 * A vector file is {component, tolerance?, cases: [{function, input, expect, decision?, deviation?}]}. Every case passes,
 * fails, deviates by a named decision, or is pending on a part that is not built yet; the last two are listed by name and
 * are neither passes nor failures. The last line is "N passed, N failed"; the exit code is 1 when something failed. */
#include "conformance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"

static const conformance_adapter *const tables[] = {
  conformance_label,        conformance_log,     conformance_policy,    conformance_world,    conformance_run,
  conformance_scenario,     conformance_govern,  conformance_collusion, conformance_security, conformance_sybil,
  conformance_composite,    conformance_network, conformance_market,    conformance_analysis, conformance_selfplay,
  conformance_permeability, conformance_boundary
};

/* Chapters this version answers for: there an unknown function is a failure, elsewhere it is pending. */
static const char *const chapters_built[] = { "01", "02", "03", "07", "09" };
static const char *const chapters_known[] = { "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12" };

/* How often a function was pending or deviated, and why. */
typedef struct entry {
  char component[64], function[96], why[96];
  unsigned count;
} entry;

typedef struct listing {
  entry *entries;
  size_t n, capacity;
} listing;

typedef struct tally {
  unsigned passed, failed;
  listing pending, deviating;
} tally;

static void *grown(void *block, size_t bytes)
{
  block = realloc(block, bytes);
  if (block == NULL) {
    fputs("conformance: out of memory\n", stderr);
    exit(2);
  }
  return block;
}

static void list_add(listing *list, const char *component, const char *function, const char *why, unsigned count)
{
  for (size_t i = 0; i < list->n; i++) {
    entry *e = &list->entries[i];
    if (strcmp(e->component, component) == 0 && strcmp(e->function, function) == 0 && strcmp(e->why, why) == 0) {
      e->count += count;
      return;
    }
  }
  if (list->n == list->capacity) {
    list->capacity = list->capacity * 2 + 16;
    list->entries = grown(list->entries, list->capacity * sizeof *list->entries);
  }
  entry *e = &list->entries[list->n++];
  memset(e, 0, sizeof *e);
  snprintf(e->component, sizeof e->component, "%s", component);
  snprintf(e->function, sizeof e->function, "%s", function);
  snprintf(e->why, sizeof e->why, "%s", why);
  e->count = count;
}

static bool is_chapter(const char *const *chapters, size_t n, const char *component)
{
  for (size_t i = 0; i < n; i++) {
    if (strncmp(component, chapters[i], 2) == 0) {
      return true;
    }
  }
  return false;
}

static const conformance_adapter *find(const char *function)
{
  for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
    for (const conformance_adapter *a = tables[t]; a->function != NULL; a++) {
      if (strcmp(a->function, function) == 0) {
        return a;
      }
    }
  }
  return NULL;
}

static void print_value(const char *label, const json_t *value)
{
  enum { MOST = 1200 };
  char *text = conformance_text(value);
  size_t length = text == NULL ? 0 : strlen(text);
  printf("  %-8s  %.*s", label, (int)MOST, text == NULL ? "nothing" : text);
  if (length > MOST) {
    printf(" ... (%zu more)", length - MOST);
  }
  putchar('\n');
  free(text);
}

static bool judge(const json_t *one, const char *function, double tolerance, const conformance_outcome *outcome,
                  conformance_difference *difference)
{
  const json_t *expect = json_object_get(one, "expect");
  bool must_refuse = json_is_true(json_object_get(expect, "error"));
  bool must_reject = json_is_true(json_object_get(expect, "rejected"));
  if (must_refuse || (must_reject && outcome->refused)) {
    snprintf(difference->what, sizeof difference->what, "the call must be refused, but it answered");
    return outcome->refused;
  }
  if (outcome->refused) {
    snprintf(difference->what, sizeof difference->what, "the call was refused");
    return false;
  }
  if (must_reject) {
    return conformance_rejected(expect, outcome->actual, difference);
  }
  return conformance_equal(function, tolerance, expect, outcome->actual, difference);
}

static void report_failure(const char *component, const char *function, size_t number, const json_t *one,
                           const conformance_outcome *outcome, const conformance_difference *difference)
{
  printf("FAIL %s case %zu %s%s%s: %s\n", component, number, function, difference->where[0] != '\0' ? " at " : "",
         difference->where, difference->what);
  print_value("input", json_object_get(one, "input"));
  print_value("expected", json_object_get(one, "expect"));
  print_value("actual", outcome == NULL ? NULL : outcome->actual);
}

static void run_case(const json_t *file, const char *component, double tolerance, size_t number, const json_t *one,
                     tally *t)
{
  conformance_difference difference = { 0 };
  const char *function = json_string_value(json_object_get(one, "function"));
  const char *deviation = json_string_value(json_object_get(one, "deviation"));
  if (function == NULL || json_object_get(one, "expect") == NULL) {
    snprintf(difference.what, sizeof difference.what, "a case needs `function` and `expect`");
    t->failed++;
    report_failure(component, function == NULL ? "?" : function, number, one, NULL, &difference);
    return;
  }
  if (deviation != NULL) {
    list_add(&t->deviating, component, function, deviation, 1);
    return;
  }
  const conformance_adapter *adapter = find(function);
  if (adapter == NULL && is_chapter(chapters_known, sizeof chapters_known / sizeof chapters_known[0], component) &&
      !is_chapter(chapters_built, sizeof chapters_built / sizeof chapters_built[0], component)) {
    list_add(&t->pending, component, function, "its chapter", 1);
    return;
  }
  if (adapter == NULL) {
    snprintf(difference.what, sizeof difference.what, "unknown function");
    t->failed++;
    report_failure(component, function, number, one, NULL, &difference);
    return;
  }
  conformance_case c = { .file = file,
                         .input = json_object_get(one, "input"),
                         .expect = json_object_get(one, "expect") };
  conformance_outcome outcome = adapter->run(&c);
  if (outcome.pending != NULL) {
    list_add(&t->pending, component, function, outcome.pending, 1);
  } else if (judge(one, function, tolerance, &outcome, &difference)) {
    t->passed++;
  } else {
    t->failed++;
    report_failure(component, function, number, one, &outcome, &difference);
  }
  json_decref(outcome.actual);
}

static void run_file(const char *path, tally *t)
{
  json_error_t error;
  json_t *file = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
  json_t *cases = json_object_get(file, "cases"), *one;
  const char *component = json_string_value(json_object_get(file, "component"));
  if (file == NULL || component == NULL || !json_is_array(cases)) {
    printf("FAIL %s: %s\n", path, file == NULL ? error.text : "needs `component` and a list `cases`");
    t->failed++;
    json_decref(file);
    return;
  }
  json_t *given = json_object_get(file, "tolerance");
  size_t i;
  json_array_foreach(cases, i, one)
  {
    run_case(file, component, given == NULL ? 1e-9 : json_number_value(given), i + 1, one, t);
  }
  json_decref(file);
}

static void print_listing(const char *title, const listing *list)
{
  for (size_t i = 0; i < list->n; i++) {
    const entry *e = &list->entries[i];
    printf("%s %s %s %u (%s)\n", title, e->component, e->function, e->count, e->why);
  }
}

/* Takes the entry's cases off the recorded ones of its function; what cannot be taken is new. */
static unsigned take(listing *recorded, const entry *now)
{
  unsigned left = now->count;
  for (size_t i = 0; i < recorded->n && left > 0; i++) {
    entry *r = &recorded->entries[i];
    if (strcmp(r->component, now->component) == 0 && strcmp(r->function, now->function) == 0) {
      unsigned taken = left < r->count ? left : r->count;
      r->count -= taken;
      left -= taken;
    }
  }
  return left;
}

/* The list of what may be pending ("component function count" a line) must match exactly, so that it can only shrink. */
static void check_pending(const char *path, tally *t)
{
  listing recorded = { 0 };
  FILE *in = fopen(path, "r");
  char line[256], component[64], function[96];
  unsigned count;
  if (in == NULL) {
    printf("FAIL pending: cannot read %s\n", path);
    t->failed++;
    return;
  }
  while (fgets(line, sizeof line, in) != NULL) {
    if (line[0] != '#' && sscanf(line, "%63s %95s %u", component, function, &count) == 3) {
      list_add(&recorded, component, function, "", count);
    }
  }
  fclose(in);
  unsigned before = t->failed;
  for (size_t i = 0; i < t->pending.n; i++) {
    unsigned more = take(&recorded, &t->pending.entries[i]);
    if (more > 0) {
      printf("FAIL pending: %s has %u more pending cases than %s records\n", t->pending.entries[i].function, more,
             path);
      t->failed++;
    }
  }
  for (size_t i = 0; i < recorded.n; i++) {
    if (recorded.entries[i].count > 0) {
      printf("FAIL pending: %u cases of %s are no longer pending: take them off %s\n", recorded.entries[i].count,
             recorded.entries[i].function, path);
      t->failed++;
    }
  }
  t->passed += t->failed == before;
  free(recorded.entries);
}

int main(int argc, char **argv)
{
  tally t = { 0 };
  const char *recorded = NULL;
  int first = 1;
  if (argc > 2 && strcmp(argv[1], "--pending") == 0) {
    recorded = argv[2];
    first = 3;
  }
  if (first >= argc) {
    fputs("usage: conformance [--pending LIST] FILE...\n", stderr);
    return 2;
  }
  for (int i = first; i < argc; i++) {
    run_file(argv[i], &t);
  }
  if (recorded != NULL) {
    check_pending(recorded, &t);
  }
  print_listing("pending", &t.pending);
  print_listing("deviates", &t.deviating);
  printf("%u passed, %u failed\n", t.passed, t.failed);
  free(t.pending.entries);
  free(t.deviating.entries);
  return t.failed == 0 ? 0 : 1;
}
