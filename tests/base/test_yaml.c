/* YAML text as a tree: values, places, aliases, and everything that is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/yaml.h"
#include "civitas/draws.h"
#include "support/failing_allocator.h"

static void expect_json(const char *yaml, const char *json)
{
  civ_arena arena = civ_arena_create(NULL);
  civ_node root;
  civ_buffer out = { 0 };
  assert_int_equal(civ_yaml_read(yaml, strlen(yaml), &arena, NULL, &root), CIV_OK);
  civ_node_json(&out, &root);
  civ_buffer_add(&out, "", 1);
  assert_string_equal(out.data, json);
  civ_buffer_free(&out);
  civ_arena_destroy(&arena);
}

static void values_are_typed_by_the_core_schema(void **state)
{
  (void)state;
  expect_json("[1, -2, +3, 0x10, 0o10, 0, -0]", "[1, -2, 3, 16, 8, 0, 0]");
  expect_json("[1.5, .5, 2., 1e3, -1E-2, +.5e1]", "[1.5, 0.5, 2.0, 1000.0, -0.01, 5.0]");
  expect_json("[true, True, TRUE, false, tRUE]", "[true, true, true, false, \"tRUE\"]");
  expect_json("[null, Null, NULL, ~, nULL]", "[null, null, null, null, \"nULL\"]");
  expect_json("[yes, no, on, off, 010, 1_000, 0x, 1e, '1', \"true\"]",
              "[\"yes\", \"no\", \"on\", \"off\", \"010\", \"1_000\", \"0x\", \"1e\", \"1\", \"true\"]");
  expect_json("[.inf, -.inf, .nan, 1e999, 9223372036854775807, 9223372036854775808]",
              "[null, null, null, null, 9223372036854775807, 9.223372036854776e+18]");
  expect_json("a: |\n  x\n  y\nb: >-\n  x\n  y\nc:\nd: ''\n",
              "{\"a\": \"x\\ny\\n\", \"b\": \"x y\", \"c\": null, \"d\": \"\"}");
  expect_json("", "null");
  expect_json("# only this\n", "null");
  expect_json("--- {a: 1} # here\n", "{\"a\": 1}");
}

static void aliases_repeat_their_anchor(void **state)
{
  (void)state;
  expect_json("a: &x {b: [1, 2]}\nc: *x\nd: [*x, *x]\n",
              "{\"a\": {\"b\": [1, 2]}, \"c\": {\"b\": [1, 2]}, \"d\": [{\"b\": [1, 2]}, {\"b\": [1, 2]}]}");
  expect_json("[&x 1, *x, &x 2, *x]", "[1, 1, 2, 2]"); /* the latest anchor of a name counts */
  expect_json("[&n null, *n, &s '', *s]", "[null, null, \"\", \"\"]");
}

static void places_are_remembered(void **state)
{
  (void)state;
  civ_arena arena = civ_arena_create(NULL);
  civ_node root;
  static const char text[] = "a: 1\nb:\n  - x\n  - {c: 2}\nd:\n";
  assert_int_equal(civ_yaml_read(text, strlen(text), &arena, NULL, &root), CIV_OK);
  const civ_node *b = civ_node_member(&root, "b"), *c = civ_node_member(&b->items[1], "c"),
                 *d = civ_node_member(&root, "d");
  assert_int_equal(root.line, 1);
  assert_int_equal(root.keys[1].line, 2);
  assert_int_equal(b->items[0].line, 3);
  assert_int_equal(b->items[0].column, 5);
  assert_int_equal(c->line, 4);
  assert_int_equal(c->column, 9);
  assert_int_equal(d->line, 5); /* an empty value stands where its key stands */
  assert_null(civ_node_member(&root, "nothing"));
  civ_arena_destroy(&arena);
}

/* --- refusals ------------------------------------------------------------------------------------------------------------ */

typedef struct heard {
  unsigned n;
  civ_status code;
  uint32_t line;
  char key[64], text[320];
} heard;

static void hear(void *self, civ_status code, uint32_t line, uint32_t column, const char *key, const char *text)
{
  heard *h = self;
  (void)column;
  if (h->n++ == 0) {
    h->code = code;
    h->line = line;
    snprintf(h->key, sizeof h->key, "%s", key);
    snprintf(h->text, sizeof h->text, "%s", text);
  }
}

static void what_is_refused_is_told(void **state)
{
  static const struct {
    const char *text;
    civ_status code;
    uint32_t line;
    const char *key, *says;
  } cases[] = {
    { "a: 1\na: 2\n", CIV_E_KEY, 2, "a", "line 1 and in line 2" },
    { "- {b: {c: 1, d: 2, c: 3}}\n", CIV_E_KEY, 1, "[0].b.c", "twice" },
    { "a: !x 1\n", CIV_E_SYNTAX, 1, "a", "tags" },
    { "<<: {a: 1}\n", CIV_E_SYNTAX, 1, "", "merge keys" },
    { "1: a\n", CIV_E_SYNTAX, 1, "", "quotes" },
    { "[a]: b\n", CIV_E_SYNTAX, 1, "", "list or mapping" },
    { "a: 1\n--- \nb: 2\n", CIV_E_SYNTAX, 2, "", "second document" },
    { "a: *b\n", CIV_E_SYNTAX, 1, "a", "no anchor" },
    { "a: &a {b: *a}\n", CIV_E_SYNTAX, 1, "a.b", "never end" },
    { "a: \x01\n", CIV_E_SYNTAX, 1, "", "U+0001" },
    { "a: \xc2\x80\n", CIV_E_SYNTAX, 1, "", "U+0080" },
    { "a: \x80\n", CIV_E_SYNTAX, 1, "", "0x80" },
    { "a: \xf5\x80\x80\x80\n", CIV_E_SYNTAX, 1, "", "0xF5" },
    { "a: \xf4\x90\x80\x80\n", CIV_E_SYNTAX, 1, "", "0xF4" },
    { "a: \xe0\x9f\xbf\n", CIV_E_SYNTAX, 1, "", "0xE0" },
    { "a:\n\tb: 1\n", CIV_E_SYNTAX, 2, "a", "tab" },
    { "a: }\n", CIV_E_SYNTAX, 1, "a", "not YAML" },
  };
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
    civ_arena arena = civ_arena_create(NULL);
    civ_node root = { .line = 77 };
    heard h = { 0 };
    const civ_yaml_listener listener = { &h, hear };
    const civ_status status = civ_yaml_read(cases[k].text, strlen(cases[k].text), &arena, &listener, &root);
    if (status != cases[k].code || h.code != status || h.line != cases[k].line || strcmp(h.key, cases[k].key) != 0 ||
        !strstr(h.text, cases[k].says))
      fail_msg("case %zu: %s in line %u at '%s': %s", k, civ_status_name(status), h.line, h.key, h.text);
    assert_int_equal(root.line, 77);
    civ_arena_destroy(&arena);
  }
}

static void all_doubles_are_told(void **state)
{
  (void)state;
  civ_arena arena = civ_arena_create(NULL);
  civ_node root;
  heard h = { 0 };
  const civ_yaml_listener listener = { &h, hear };
  static const char text[] = "a: 1\nb: {c: 1, c: 2}\na: 2\na: 3\n";
  assert_int_equal(civ_yaml_read(text, strlen(text), &arena, &listener, &root), CIV_E_KEY);
  assert_int_equal(h.n, 3);
  civ_arena_destroy(&arena);
}

/* --- limits -------------------------------------------------------------------------------------------------------------- */

static civ_status read_nested(unsigned depth)
{
  char text[512];
  civ_arena arena = civ_arena_create(NULL);
  civ_node root;
  memset(text, '[', depth);
  memset(text + depth, ']', depth);
  const civ_status status = civ_yaml_read(text, 2 * (size_t)depth, &arena, NULL, &root);
  civ_arena_destroy(&arena);
  return status;
}

static void depth_has_a_limit(void **state)
{
  (void)state;
  assert_int_equal(read_nested(63), CIV_OK);
  assert_int_equal(read_nested(65), CIV_E_LIMIT);
  assert_int_equal(read_nested(200), CIV_E_LIMIT);
}

static void aliases_count_against_depth_and_nodes(void **state)
{
  char text[4096];
  civ_arena arena = civ_arena_create(NULL);
  civ_node root;
  size_t n = 0;
  (void)state;
  for (int k = 0; k < 5; k++) { /* 40 levels, then again 40 on top of an alias */
    n = (size_t)snprintf(text, sizeof text, "a: &a ");
    memset(text + n, '[', 40);
    memset(text + n + 40, ']', 40);
    n += 80;
    n += (size_t)snprintf(text + n, sizeof text - n, "\nb: ");
    memset(text + n, '[', 40);
    n += 40;
    n += (size_t)snprintf(text + n, sizeof text - n, "*a");
    memset(text + n, ']', 40);
    n += 40;
  }
  assert_int_equal(civ_yaml_read(text, n, &arena, NULL, &root), CIV_E_LIMIT);
  /* 1,000 aliases to 99 nodes fit, 1,100 do not */
  char *many = malloc(1 << 16);
  for (int aliases = 1000; aliases <= 1100; aliases += 100) {
    n = (size_t)sprintf(many, "- &a [");
    for (int k = 0; k < 98; k++)
      n += (size_t)sprintf(many + n, "%s1", k ? "," : "");
    n += (size_t)sprintf(many + n, "]\n");
    for (int k = 0; k < aliases; k++)
      n += (size_t)sprintf(many + n, "- *a\n");
    assert_int_equal(civ_yaml_read(many, n, &arena, NULL, &root), aliases == 1000 ? CIV_OK : CIV_E_LIMIT);
  }
  free(many);
  civ_arena_destroy(&arena);
}

static void many_keys_and_anchors_are_no_trouble(void **state)
{
  enum { N = 50000 };
  char *text = malloc(N * 40);
  civ_arena arena = civ_arena_create(NULL);
  civ_node root;
  size_t n = 0;
  (void)state;
  for (int k = 0; k < N; k++)
    n += (size_t)sprintf(text + n, "k%d: &a%d %d\n", k, k, k);
  for (int k = 0; k < N; k++)
    n += (size_t)sprintf(text + n, "l%d: *a%d\n", k, N - 1 - k);
  assert_int_equal(civ_yaml_read(text, n, &arena, NULL, &root), CIV_OK);
  assert_int_equal(root.n, 2 * N);
  assert_int_equal(root.items[N].integer, N - 1);
  free(text);
  civ_arena_destroy(&arena);
}

static void lack_of_memory_is_clean(void **state)
{
  static const char text[] = "a: &x {b: [1, 2, {c: d}]}\ne: *x\n";
  (void)state;
  for (size_t k = 0;; k++) {
    failing_allocator f;
    civ_node root = { .line = 77 };
    failing_allocator_init(&f, k);
    civ_arena arena = civ_arena_create(&f.allocator);
    const civ_status status = civ_yaml_read(text, strlen(text), &arena, NULL, &root);
    civ_arena_destroy(&arena);
    assert_int_equal(f.blocks, 0);
    if (status == CIV_OK)
      break;
    assert_int_equal(status, CIV_E_NOMEM);
    assert_int_equal(root.line, 77);
  }
}

/* --- texts ----------------------------------------------------------------------------------------------------------------- */

/* Any text, written as a YAML scalar, reads back as itself. */
static void texts_read_back(void **state)
{
  static const char *const pieces[] = { "a",
                                        "B7",
                                        " ",
                                        "  ",
                                        ":",
                                        ": ",
                                        "#",
                                        " #",
                                        "-",
                                        "- ",
                                        "?",
                                        "'",
                                        "\"",
                                        "\\",
                                        "\n",
                                        "\t",
                                        "\r",
                                        "\x01",
                                        "\x7f",
                                        "\xc2\x85",
                                        "\xc2\xa0",
                                        "\xe2\x80\xa8",
                                        "\xef\xbb\xbf",
                                        "\xf0\x9f\x98\x80",
                                        "{",
                                        "}",
                                        "[",
                                        "]",
                                        ",",
                                        "&",
                                        "*",
                                        "!",
                                        "|",
                                        ">",
                                        "%",
                                        "@",
                                        "`",
                                        "null",
                                        "true",
                                        "1.5",
                                        "~",
                                        "<<",
                                        ".inf",
                                        "0x1",
                                        "\xc3\xa4" };
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ };
  civ_draws d = civ_draws_open(11, &key);
  (void)state;
  for (int round = 0; round < 3000; round++) {
    civ_buffer text = { 0 }, yaml = { 0 };
    civ_arena arena = civ_arena_create(NULL);
    civ_node root;
    for (uint32_t n = civ_draw_index(&d, 6); n > 0; n--)
      civ_buffer_text(&text, pieces[civ_draw_index(&d, sizeof pieces / sizeof pieces[0])]);
    civ_buffer_text(&yaml, "k: ");
    civ_yaml_text(&yaml, text.data ? text.data : "", text.length);
    civ_buffer_text(&yaml, "  # comment\n");
    assert_int_equal(civ_yaml_read(yaml.data, yaml.length, &arena, NULL, &root), CIV_OK);
    assert_int_equal(root.items[0].kind, CIV_NODE_TEXT);
    assert_int_equal(root.items[0].length, text.length);
    if (text.length)
      assert_memory_equal(root.items[0].text, text.data, text.length);
    civ_arena_destroy(&arena);
    civ_buffer_free(&text);
    civ_buffer_free(&yaml);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(values_are_typed_by_the_core_schema),
    cmocka_unit_test(aliases_repeat_their_anchor),
    cmocka_unit_test(places_are_remembered),
    cmocka_unit_test(what_is_refused_is_told),
    cmocka_unit_test(all_doubles_are_told),
    cmocka_unit_test(depth_has_a_limit),
    cmocka_unit_test(aliases_count_against_depth_and_nodes),
    cmocka_unit_test(many_keys_and_anchors_are_no_trouble),
    cmocka_unit_test(lack_of_memory_is_clean),
    cmocka_unit_test(texts_read_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
