/* Field tables: defaults, checks, storing, printing, kind by kind; and the arena values live in. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/field.h"
#include "base/yaml.h"
#include "support/failing_allocator.h"

static const char *const modes[] = { "slow", "fast", "faster", NULL };
static const char *const automatic[] = { "auto", NULL };

typedef struct item {
  int32_t mode;
  double weight;
  const char *secret;
} item;
static const civ_field item_fields[] = {
  CIV_CHOICE(item, mode, "slow", modes, "how fast", .flags = CIV_FIELD_REQUIRED),
  CIV_REAL(item, weight, "1", 0, 10, "", "how heavy"),
  CIV_TEXT(item, secret, "null", "what nobody may see", .flags = CIV_FIELD_SECRET),
};
static const civ_section item_section = {
  .name = "x.items[]", .doc = "d", .chapter = "c", .fields = item_fields, .n_fields = 3, .size = sizeof(item)
};

typedef struct sample {
  double share;
  int64_t count;
  bool on;
  int32_t mode;
  const char *name;
  civ_opt_real limit;
  civ_opt_integer most;
  civ_text_list words, set;
  civ_real_map costs;
  civ_list_map lists;
  civ_tree tree, items, named, one;
  int64_t auto_count;
  double open;
} sample;

static const civ_field fields[] = {
  CIV_REAL(sample, share, "0.5", 0, 1, "share", "a share", .also = "part below.s", .hint = "portion"),
  CIV_INTEGER(sample, count, "3", 1, 100, "", "a count"),
  CIV_BOOLEAN(sample, on, "false", "a switch"),
  CIV_CHOICE(sample, mode, "fast", modes, "a choice", .flags = CIV_FIELD_ANY_CASE),
  CIV_TEXT(sample, name, "\"\"", "a text"),
  CIV_OPT_REAL(sample, limit, "null", 0, INFINITY, "", "a limit", .choices = automatic),
  CIV_OPT_INTEGER(sample, most, "7", 0, 0x1p63, "", "another"),
  CIV_LIST(sample, words, NULL, "texts"),
  { .name = "set",
    .unit = "",
    .doc = "words",
    .kind = CIV_FIELD_LIST,
    .fallback = "[fast, slow]",
    .choices = modes,
    .flags = CIV_FIELD_NON_EMPTY,
    .offset = CIV_FIELD_AT(sample, set) },
  { .name = "costs",
    .unit = "",
    .doc = "numbers",
    .kind = CIV_FIELD_MAP_REAL,
    .fallback = "{slow: 1, fast: 2}",
    .choices = modes,
    .min = 0,
    .max = 9,
    .flags = CIV_FIELD_MERGE,
    .offset = CIV_FIELD_AT(sample, costs) },
  { .name = "lists",
    .unit = "",
    .doc = "lists",
    .kind = CIV_FIELD_MAP_LIST,
    .fallback = "{a: [x]}",
    .offset = CIV_FIELD_AT(sample, lists) },
  CIV_TREE(sample, tree, "anything"),
  CIV_TREE(sample, items, "mappings", .items = &item_section),
  CIV_TREE(sample, named, "mappings by name", .items = &item_section, .flags = CIV_FIELD_NAMED),
  CIV_TREE(sample, one, "a mapping", .items = &item_section, .flags = CIV_FIELD_ONE),
  CIV_INTEGER(sample, auto_count, "4", 0, 9, "", "a count", .choices = automatic, .flags = CIV_FIELD_OFF_NULL),
  CIV_REAL(sample, open, "0.5", 0, 1, "", "an open interval", .flags = CIV_FIELD_OPEN_MIN | CIV_FIELD_OPEN_MAX),
};
enum { N_FIELDS = sizeof fields / sizeof fields[0] };
static const civ_section section = {
  .name = "x", .doc = "d", .chapter = "c", .fields = fields, .n_fields = N_FIELDS, .size = sizeof(sample)
};

static const civ_field *field(const char *name)
{
  const civ_field *f = civ_section_field(&section, name);
  assert_non_null(f);
  return f;
}

static civ_status try_set(sample *s, const char *name, const char *yaml, civ_arena *arena, civ_complaint *c)
{
  civ_node node;
  assert_int_equal(civ_yaml_read(yaml, strlen(yaml), arena, NULL, &node), CIV_OK);
  return civ_field_set(field(name), s, &node, arena, c);
}

static void values_print_as_they_were_set(void **state)
{
  static const struct {
    const char *name, *yaml, *json, *printed;
  } cases[] = {
    { "share", "1", "1.0", "1.0" },
    { "count", "1e2", "100", "100" },
    { "on", "true", "true", "true" },
    { "mode", "FASTER", "\"faster\"", "faster" },
    { "name", "'a: b'", "\"a: b\"", "\"a: b\"" },
    { "name", "\"\"", "\"\"", "\"\"" },
    { "name", "~", "null", "null" },
    { "limit", "2.5", "2.5", "2.5" },
    { "limit", "auto", "null", "null" },
    { "most", "9223372036854775807", "9223372036854775807", "9223372036854775807" },
    { "most", "null", "null", "null" },
    { "words", "[a, 'b c', a]", "[\"a\", \"b c\", \"a\"]", "[a, \"b c\", a]" },
    { "words", "null", "[]", "[]" },
    { "set", "[slow, slow, faster]", "[\"slow\", \"faster\"]", "[slow, faster]" },
    { "costs", "{faster: 3, slow: 4}", "{\"fast\": 2.0, \"faster\": 3.0, \"slow\": 4.0}",
      "{fast: 2.0, faster: 3.0, slow: 4.0}" },
    { "lists", "{b: [], c d: [e]}", "{\"b\": [], \"c d\": [\"e\"]}", "{b: [], \"c d\": [e]}" },
    { "tree", "{a: [1, {b: ~}]}", "{\"a\": [1, {\"b\": null}]}", "{a: [1, {b: null}]}" },
    { "items", "[{mode: slow}, {mode: fast, weight: 2}]", "[{\"mode\": \"slow\"}, {\"mode\": \"fast\", \"weight\": 2}]",
      "[{mode: slow}, {mode: fast, weight: 2}]" },
    { "one", "{mode: slow, secret: x}", "{\"mode\": \"slow\"}", "{mode: slow}" },
    { "named", "{a: {mode: slow, secret: x}}", "{\"a\": {\"mode\": \"slow\"}}", "{a: {mode: slow}}" },
    { "auto_count", "auto", "4", "4" },
    { "auto_count", "0", "0", "0" },
  };
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
    civ_arena arena = civ_arena_create(NULL);
    civ_complaint c = { 0 };
    sample s;
    civ_buffer json = { 0 }, yaml = { 0 };
    assert_int_equal(civ_section_set_defaults(&section, &s, &arena), CIV_OK);
    if (try_set(&s, cases[k].name, cases[k].yaml, &arena, &c) != CIV_OK)
      fail_msg("%s: %s: %s", cases[k].name, cases[k].yaml, c.text);
    civ_field_json(&json, field(cases[k].name), &s);
    civ_buffer_add(&json, "", 1);
    civ_field_yaml(&yaml, field(cases[k].name), &s);
    civ_buffer_add(&yaml, "", 1);
    assert_string_equal(json.data, cases[k].json);
    assert_string_equal(yaml.data, cases[k].printed);
    civ_buffer_free(&json);
    civ_buffer_free(&yaml);
    civ_arena_destroy(&arena);
  }
}

static void wrong_values_are_refused_and_change_nothing(void **state)
{
  static const struct {
    const char *name, *yaml;
    civ_status code;
    const char *below, *says;
  } cases[] = {
    { "share", "1.5", CIV_E_RANGE, "", "1.5 is outside [0, 1]" },
    { "share", "-0.001", CIV_E_RANGE, "", "-0.001 is outside [0, 1]" },
    { "share", ".nan", CIV_E_RANGE, "", ".nan is not a finite number" },
    { "share", "x", CIV_E_TYPE, "", "'x' is text; write a number" },
    { "share", "true", CIV_E_TYPE, "", "true is a truth value; write a number" },
    { "share", "[1]", CIV_E_TYPE, "", "a list stands here; write a number" },
    { "open", "0", CIV_E_RANGE, "", "0 is outside (0, 1)" },
    { "open", "1", CIV_E_RANGE, "", "1 is outside (0, 1)" },
    { "count", "0", CIV_E_RANGE, "", "0 is outside [1, 100]" },
    { "count", "2.5", CIV_E_TYPE, "", "2.5 is not a whole number" },
    { "count", "1e20", CIV_E_RANGE, "", "1e20 is too large" },
    { "count", "null", CIV_E_TYPE, "", "null stands here; write a whole number" },
    { "on", "1", CIV_E_TYPE, "", "1 is a number; write true or false" },
    { "on", "yes", CIV_E_TYPE, "", "'yes' is text; write true or false" },
    { "mode", "fsat", CIV_E_RANGE, "", "'fsat' is none of slow, fast or faster; did you mean 'fast'?" },
    { "mode", "7", CIV_E_TYPE, "", "7 is none of slow, fast or faster" },
    { "name", "5", CIV_E_TYPE, "", "5 is a number; write it in quotes" },
    { "name", "{a: 1}", CIV_E_TYPE, "", "a mapping stands here; write text" },
    { "limit", "-1", CIV_E_RANGE, "", "-1 is out of range; it must be at least 0" },
    { "limit", "never", CIV_E_TYPE, "", "'never' is text" },
    { "words", "a", CIV_E_TYPE, "", "a list, such as [a, b]" },
    { "words", "[a, 1]", CIV_E_TYPE, "[1]", "1 is a number; write text" },
    { "set", "[]", CIV_E_RANGE, "", "the list is empty" },
    { "set", "[slow, quick]", CIV_E_RANGE, "[1]", "'quick' is none of slow, fast or faster" },
    { "costs", "{quick: 1}", CIV_E_KEY, ".quick", "'quick' is none of" },
    { "costs", "{slow: 10}", CIV_E_RANGE, ".slow", "10 is outside [0, 9]" },
    { "costs", "3", CIV_E_TYPE, "", "a mapping" },
    { "lists", "{a: {}}", CIV_E_TYPE, ".a", "a list" },
    { "items", "{a: 1}", CIV_E_TYPE, "", "a list of mappings" },
    { "items", "[{weight: 1}]", CIV_E_KEY, "[0].mode", "the key is missing: how fast" },
    { "items", "[{mode: slow, wieght: 1}]", CIV_E_KEY, "[0].wieght", "did you mean 'weight'?" },
    { "items", "[{mode: slow}, {mode: slow, weight: 11}]", CIV_E_RANGE, "[1].weight", "11 is outside [0, 10]" },
    { "named", "{a: {mode: slow, weight: x}}", CIV_E_TYPE, ".a.weight", "'x' is text" },
    { "one", "[1]", CIV_E_TYPE, "", "a mapping" },
    { "auto_count", "automatic", CIV_E_TYPE, "", "'automatic' is text" },
  };
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
    civ_arena arena = civ_arena_create(NULL);
    civ_complaint c = { 0 };
    sample s, before;
    memset(&s, 0, sizeof s);
    assert_int_equal(civ_section_set_defaults(&section, &s, &arena), CIV_OK);
    memcpy(&before, &s, sizeof s);
    const civ_status status = try_set(&s, cases[k].name, cases[k].yaml, &arena, &c);
    if (status != cases[k].code || strcmp(c.below, cases[k].below) != 0 || !strstr(c.text, cases[k].says) ||
        c.line != 1)
      fail_msg("%s: %s: %s line %u '%s' %s", cases[k].name, cases[k].yaml, civ_status_name(status), c.line, c.below,
               c.text);
    assert_memory_equal(&s, &before, sizeof s);
    civ_arena_destroy(&arena);
  }
}

static void defaults_and_copies(void **state)
{
  (void)state;
  civ_arena one = civ_arena_create(NULL), two = civ_arena_create(NULL);
  civ_complaint c;
  sample s, copy;
  memset(&copy, 0, sizeof copy);
  assert_int_equal(civ_section_set_defaults(&section, &s, &one), CIV_OK);
  for (uint32_t k = 0; k < N_FIELDS; k++)
    assert_true(civ_field_is_default(&fields[k], &s));
  assert_int_equal(try_set(&s, "costs", "{slow: 5}", &one, &c), CIV_OK);
  assert_int_equal(try_set(&s, "lists", "{b: [c, d], e: []}", &one, &c), CIV_OK);
  assert_int_equal(try_set(&s, "tree", "[1, x]", &one, &c), CIV_OK);
  assert_int_equal(try_set(&s, "name", "some text", &one, &c), CIV_OK);
  assert_false(civ_field_is_default(field("costs"), &s));
  for (uint32_t k = 0; k < N_FIELDS; k++)
    assert_true(civ_field_copy(&fields[k], &copy, &s, &two));
  for (uint32_t k = 0; k < N_FIELDS; k++)
    assert_true(civ_field_equal(&fields[k], &s, &copy));
  civ_arena_destroy(&one); /* the copy must not lean on it */
  assert_string_equal(copy.name, "some text");
  assert_string_equal(copy.lists.lists[0].items[1], "d");
  assert_true(copy.costs.values[1] == 5);
  civ_arena_destroy(&two);
}

static void names_lead_to_fields(void **state)
{
  bool alias;
  (void)state;
  assert_ptr_equal(civ_section_field_or_alias(&section, "share", &alias), &fields[0]);
  assert_false(alias);
  assert_ptr_equal(civ_section_field_or_alias(&section, "part", &alias), &fields[0]);
  assert_true(alias);
  assert_null(civ_section_field_or_alias(&section, "below.s", &alias));
  assert_ptr_equal(civ_section_hint(&section, "portion"), &fields[0]);
  assert_null(civ_section_hint(&section, "part"));
  assert_null(civ_section_field(&section, "part"));
}

static void describe(const char *name, const char *type, const char *range)
{
  civ_buffer t = { 0 }, r = { 0 };
  civ_field_type(&t, field(name));
  civ_buffer_add(&t, "", 1);
  civ_field_range(&r, field(name));
  civ_buffer_add(&r, "", 1);
  assert_string_equal(t.data, type);
  assert_string_equal(r.data, range);
  civ_buffer_free(&t);
  civ_buffer_free(&r);
}

static void types_and_ranges_in_words(void **state)
{
  (void)state;
  describe("share", "number", "[0, 1]");
  describe("open", "number", "(0, 1)");
  describe("count", "integer", "[1, 100]");
  describe("limit", "number or null; null also as auto", "at least 0");
  describe("most", "integer or null", "[0, 9223372036854775807]");
  describe("mode", "slow, fast or faster", "");
  describe("set", "list of text: slow, fast or faster", "");
  describe("items", "list of mappings", "");
  describe("named", "mapping of mappings", "");
}

static void lack_of_memory_is_clean(void **state)
{
  (void)state;
  for (size_t k = 0;; k++) {
    failing_allocator f;
    sample s;
    failing_allocator_init(&f, k);
    civ_arena arena = civ_arena_create(&f.allocator);
    const civ_status status = civ_section_set_defaults(&section, &s, &arena);
    civ_arena_destroy(&arena);
    assert_int_equal(f.blocks, 0);
    if (status == CIV_OK)
      break;
    assert_int_equal(status, CIV_E_NOMEM);
  }
}

static void the_arena_aligns_clears_and_refuses(void **state)
{
  civ_arena arena = civ_arena_create(NULL);
  (void)state;
  for (size_t n = 0; n < 3000; n += 7) {
    unsigned char *block = civ_arena_take(&arena, n, 3);
    assert_non_null(block);
    assert_int_equal((uintptr_t)block % _Alignof(max_align_t), 0);
    for (size_t i = 0; i < 3 * n; i++)
      assert_int_equal(block[i], 0);
    memset(block, 0xAA, 3 * n);
  }
  assert_null(civ_arena_take(&arena, SIZE_MAX / 2, 4));
  assert_true(arena.failed);
  assert_string_equal(civ_arena_text(&arena, "hello", 4), "hell");
  civ_arena_destroy(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(values_print_as_they_were_set),
    cmocka_unit_test(wrong_values_are_refused_and_change_nothing),
    cmocka_unit_test(defaults_and_copies),
    cmocka_unit_test(names_lead_to_fields),
    cmocka_unit_test(types_and_ranges_in_words),
    cmocka_unit_test(lack_of_memory_is_clean),
    cmocka_unit_test(the_arena_aligns_clears_and_refuses),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
