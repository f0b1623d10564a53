/* The boundary's rooms: the chapter's texts and policies, limits on hostile input, and laws over random requests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/failing_allocator.h"
#include "world/boundary_activity.h"
#include "world/boundary_build.h"
#include "world/boundary_text.h"

static civ_scanner *scanner(const civ_list_map *patterns)
{
  civ_scanner *s = NULL;
  assert_int_equal(civ_scanner_create(patterns, NULL, &civ_allocator_malloc, &s, NULL), CIV_OK);
  return s;
}

/* --- texts: the table of the chapter ----------------------------------------------------------------------------------------- */

/* "pii: 2; credential: 1" */
static void describe(civ_scanner *s, const char *text, size_t length, char *out)
{
  civ_leak leaks[CIV_MOST_LEAKS];
  const civ_pattern *at = NULL;
  const int n = civ_scanner_leaks(s, text, length, leaks, &at);
  assert_true(n >= 0);
  out[0] = '\0';
  for (int k = 0; k < n; k++) {
    char one[128];
    civ_leak_describe(s, &leaks[k], one, sizeof one);
    char *space = strstr(one, " match");
    if (space != NULL)
      *space = '\0';
    sprintf(out + strlen(out), "%s%s", k > 0 ? "; " : "", one);
  }
}

static void texts_of_the_chapter(void **state)
{
  static const struct {
    const char *text;
    double sensitivity;
    const char *leaks;
  } rows[] = {
    { "a@b.co", 0.3, "pii: 1" },
    { "a@b.|x", 0.3, "pii: 1" },
    { "ann@x.y", 0, "" },
    { "5551234567", 0.3, "pii: 1" },
    { "555-123-4567 and 123-45-6789", 0.7, "pii: 2" },
    { "123456789", 0.4, "pii: 1" },
    { "1234567812345678", 0, "pii: 1" },
    { "api_key=abc", 0.6, "credential: 1" },
    { "apikey : 'x'", 0.6, "credential: 1" },
    { "api key = 3", 0, "" },
    { "password=", 0, "" },
    { "passwords = x", 0, "" },
    { "token=abc secret=def", 1, "credential: 2" },
    { "Bearer abc.def", 0, "credential: 1" },
    { "private_key", 0, "credential: 1" },
    { "Confidential restricted", 0.2, "unknown: confidential, restricted" },
    { "CONFIDENTIALITY", 0, "unknown: confidential" },
    { "user1@example.com, user2@example.com and password = hunter2", 0.8999999999999999, "pii: 2; credential: 1" },
    { "email me at joe@corp.example.org; api_key: 'sk-1'; def f(): pass", 0.8999999999999999,
      "pii: 1; credential: 1; code: 1" },
    { "class Foo:", 0, "code: 1" },
    { "class Foo(Bar):", 0, "" },
    { "we import goods", 0, "code: 1" },
    { "important things", 0, "" },
    { "sensitiveness", 0, "unknown: sensitive" },
    { "function go(a, b) {", 0, "code: 1" },
    { "mypassword=x", 0.6, "credential: 1" },
    { "\xc3\xa9"
      "a@b.co",
      0, "" }, /* a letter beyond ASCII is part of a word: no boundary before a */
    { ".a.b@c.de and x..y@c.de", 0.3, "pii: 2" },
    { "a@b.co-x@y.co", 0.3, "pii: 2" },
    { "def f(def g(x): y", 0, "code: 1" },
    { "aws_access_key_id=AKIA1", 0, "credential: 1" },
  };
  char found[512];
  civ_scanner *s = scanner(NULL);
  (void)state;
  for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
    const civ_pattern *at;
    describe(s, rows[k].text, strlen(rows[k].text), found);
    assert_string_equal(found, rows[k].leaks);
    assert_true(fabs(civ_scanner_sensitivity(s, rows[k].text, strlen(rows[k].text), &at) - rows[k].sensitivity) <
                1e-12);
  }
  civ_scanner_destroy(s);
}

static void payload_is(const char *json, const char *text, const char *hash)
{
  civ_buffer out = { 0 };
  size_t length, scanned;
  char found[CIV_HASH_TEXT];
  json_t *payload = json_loads(json, JSON_DECODE_ANY, NULL);
  assert_int_equal(civ_payload_text(payload, false, &out, &length, &scanned), CIV_OK);
  assert_int_equal(length, strlen(text));
  assert_memory_equal(out.data, text, length);
  civ_text_hash(out.data, length, found);
  if (hash)
    assert_string_equal(found, hash);
  json_decref(payload);
  civ_buffer_free(&out);
}

static void canonical_texts(void **state)
{
  (void)state;
  payload_is("{\"query\": \"test\"}", "{\"query\": \"test\"}", "a59686a9a4c2e8ad");
  payload_is("{}", "{}", "44136fa355b3678a");
  payload_is("{\"a\": [1, 2.5, true, null], \"b\": {\"c\": \"it's\"}}",
             "{\"a\": [1, 2.5, true, null], \"b\": {\"c\": \"it's\"}}", "67d0649e0e1cd8cc");
  payload_is("{\"path\": \"a\\\\b\\nc\", \"q\": \"say \\\"hi\\\" it's\"}",
             "{\"path\": \"a\\\\b\\nc\", \"q\": \"say \\\"hi\\\" it's\"}", "2af9fb9bc59238b7");
  payload_is("\"hello\"", "hello", "2cf24dba5fb0a30e");
  payload_is("{\"\\u0001\": 1.0, \"\\u00e9\": -3}", "{\"\\u0001\": 1.0, \"\xc3\xa9\": -3}", NULL);
}

/* A secret that only its key gives away is seen in the lines behind the text. */
static void keys_name_secrets(void **state)
{
  civ_buffer out = { 0 };
  size_t length, scanned;
  const civ_pattern *at;
  civ_scanner *s = scanner(NULL);
  json_t *payload = json_loads("{\"a\": {\"password\": [\"hunter2\", 4]}, \"n\": null}", 0, NULL);
  (void)state;
  assert_int_equal(civ_payload_text(payload, true, &out, &length, &scanned), CIV_OK);
  civ_buffer_add(&out, "", 1);
  assert_string_equal(out.data + length, "\na.password: hunter2\na.password: 4\nn: null");
  assert_true(civ_scanner_sensitivity(s, out.data, length, &at) == 0);
  assert_true(civ_scanner_sensitivity(s, out.data, scanned, &at) == 0.6);
  json_decref(payload);
  civ_buffer_free(&out);
  civ_scanner_destroy(s);
}

static void payloads_that_are_too_deep(void **state)
{
  civ_buffer text = { 0 }, out = { 0 };
  size_t length, scanned;
  (void)state;
  for (int depth = CIV_CONTENT_MOST_DEPTH; depth <= CIV_CONTENT_MOST_DEPTH + 1; depth++) {
    text.length = out.length = 0;
    for (int k = 0; k < depth; k++)
      civ_buffer_text(&text, "[");
    for (int k = 0; k < depth; k++)
      civ_buffer_text(&text, "]");
    json_t *payload = json_loadb(text.data, text.length, 0, NULL);
    assert_int_equal(civ_payload_text(payload, true, &out, &length, &scanned),
                     depth <= CIV_CONTENT_MOST_DEPTH ? CIV_OK : CIV_E_LIMIT);
    json_decref(payload);
  }
  civ_buffer_free(&text);
  civ_buffer_free(&out);
}

/* --- hostile texts and patterns -------------------------------------------------------------------------------------------------- */

/* A megabyte of what makes naive patterns quadratic: it is read to its end, or a limit says so, in no time. */
static void built_in_patterns_survive_a_megabyte(void **state)
{
  static const char *const pieces[] = { "a.",       "a.@",      "def a(",   "function a(", "password", "password ",
                                        "1-",       "123",      "a@a.",     "a@aaaaaaaa",  "api_key:", " \t",
                                        "import",   "class a ", "\xff",     "a",           "bearer ",  "aws_",
                                        "secret= ", "@.",       "def a(x)", "a|b@" };
  civ_scanner *s = scanner(NULL);
  char *text = malloc(CIV_CONTENT_MOST_BYTES);
  (void)state;
  for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++) {
    civ_leak leaks[CIV_MOST_LEAKS];
    const civ_pattern *at = NULL;
    const size_t n = strlen(pieces[k]);
    for (size_t i = 0; i < CIV_CONTENT_MOST_BYTES; i++)
      text[i] = pieces[k][i % n];
    const double x = civ_scanner_sensitivity(s, text, CIV_CONTENT_MOST_BYTES, &at);
    assert_true(isnan(x) ? at != NULL : x >= 0 && x <= 1);
    assert_true(civ_scanner_leaks(s, text, CIV_CONTENT_MOST_BYTES, leaks, &at) >= -1);
    text[CIV_CONTENT_MOST_BYTES - 1] = '@';
    civ_scanner_leaks(s, text, CIV_CONTENT_MOST_BYTES, leaks, &at);
  }
  free(text);
  civ_scanner_destroy(s);
}

static void pattern_bombs_meet_limits(void **state)
{
  static const char *const bombs[] = { "(a+)+$",       "(a|aa)+$",         "(a*)*b",          "(?:a?){30}a{30}x",
                                       "([a-z]+)*\\d", "(.*)*(.*)*(.*)*x", "a*a*a*a*a*a*a*x", "(?=(a+))a*b\\1" };
  enum { LONG = 200000 };
  civ_matcher *m = civ_matcher_create(&civ_allocator_malloc);
  char *text = malloc(LONG);
  (void)state;
  memset(text, 'a', LONG);
  for (size_t k = 0; k < sizeof bombs / sizeof *bombs; k++) {
    civ_pattern *p;
    assert_int_equal(civ_pattern_compile(bombs[k], "case", &civ_allocator_malloc, &p, NULL), CIV_OK);
    const int64_t n = civ_pattern_count(m, p, text, LONG, 0);
    assert_true(n >= CIV_PATTERN_EXCEEDED);
    assert_true(civ_pattern_count(m, p, "aab1", 4, 0) >= 0 || k == 3); /* the matcher is as good as new */
    civ_pattern_destroy(p);
  }
  free(text);
  civ_matcher_destroy(m);
}

static void patterns_that_are_none(void **state)
{
  static const struct {
    const char *text, *why;
  } rows[] = {
    { "a(b", "missing closing parenthesis" },
    { "[z-a]", "at its character" },
    { "a{2", NULL },
    { "*a", "at its character" },
    { "\\C", "at its character" },
    { "((((((((((((((((((((((((((((((((((((((((((((((((((((a))))))))))))))))))))))))))))))))))))))))))))))))))))",
      "nested" },
    { "(?:(?:(?:a{1,1000}){1,1000}){1,1000}){1,1000}", "at its character" }
  };
  (void)state;
  for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
    civ_pattern *p = NULL;
    civ_error err = { 0 };
    const civ_status status =
        civ_pattern_compile(rows[k].text, "boundaries.leakage.patterns.pii[0]", &civ_allocator_malloc, &p, &err);
    if (rows[k].why == NULL) {
      assert_int_equal(status, CIV_OK);
      civ_pattern_destroy(p);
      continue;
    }
    assert_int_equal(status, CIV_E_SYNTAX);
    assert_null(p);
    assert_string_equal(err.where, "boundaries.leakage.patterns.pii[0]");
    assert_non_null(strstr(err.text, rows[k].why));
  }
  char *huge = malloc(CIV_PATTERN_MOST_BYTES + 2);
  memset(huge, 'a', CIV_PATTERN_MOST_BYTES + 1);
  huge[CIV_PATTERN_MOST_BYTES + 1] = '\0';
  civ_pattern *p;
  assert_int_equal(civ_pattern_compile(huge, "x", &civ_allocator_malloc, &p, NULL), CIV_E_LIMIT);
  free(huge);
}

static void matches_do_not_overlap(void **state)
{
  static const struct {
    const char *pattern, *text;
    int64_t n;
  } rows[] = { { "aa", "aaaaa", 2 },     { "", "ab", 3 },    { "a*", "baac", 4 },
               { "(?<=a)b", "abab", 2 }, { "A", "aAbB", 2 }, { "\xc3\xa9", "\xc3\xa9\xc3\xa9", 2 },
               { "(?=a)", "aa", 2 } };
  civ_matcher *m = civ_matcher_create(&civ_allocator_malloc);
  (void)state;
  for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
    civ_pattern *p;
    assert_int_equal(civ_pattern_compile(rows[k].pattern, "case", &civ_allocator_malloc, &p, NULL), CIV_OK);
    assert_int_equal(civ_pattern_count(m, p, rows[k].text, strlen(rows[k].text), 0), rows[k].n);
    assert_int_equal(civ_pattern_count(m, p, rows[k].text, strlen(rows[k].text), 1), rows[k].n > 0);
    civ_pattern_destroy(p);
  }
  civ_matcher_destroy(m);
}

/* --- gates -------------------------------------------------------------------------------------------------------------------------- */

enum { AGENTS = 4 };

typedef struct setting {
  civ_boundaries_config rules;
  civ_boundary_leakage_config leakage;
  civ_boundary_activity_config activity;
  civ_boundary_sections sections;
} setting;

static void init(setting *s)
{
  *s = (setting){ .rules = { .enabled = true,
                             .sensitivity_threshold = 0.5,
                             .minutes_per_step = 1,
                             .default_world = true,
                             .default_policies = true,
                             .max_interactions_per_epoch = 1000,
                             .book_blocked = true },
                  .leakage = { .block_severity = 0.7 },
                  .activity = { .request_probability = 0.2 } };
  s->sections = (civ_boundary_sections){ &s->rules, &s->leakage, &s->activity };
}

static const civ_boundary_who crowd = { .agents = AGENTS };

static void build(civ_gate *g, const setting *s, const civ_allocator *allocator)
{
  assert_int_equal(civ_gate_build(g, &s->sections, &crowd, allocator, NULL), CIV_OK);
}

static civ_answer ask(civ_gate *g, civ_agent a, uint32_t entity, const char *text, size_t length, double now_s)
{
  static uint32_t n;
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ, .entity = n++ };
  civ_draws draws = civ_draws_open(3, &key);
  civ_answer answer;
  const civ_request r = {
    .agent = a, .entity = entity, .action = "call", .content = civ_content_plain(text, length), .now_s = now_s
  };
  assert_int_equal(civ_gate_reserve(g, 1), CIV_OK);
  civ_gate_request(g, &r, &draws, &answer);
  return answer;
}

static civ_answer say(civ_gate *g, civ_agent a, const char *text)
{
  return ask(g, a, 0, text, strlen(text), 0);
}

static void blocked_requests_are_booked(void **state)
{
  for (int book = 0; book < 2; book++) {
    setting s;
    civ_gate g;
    (void)state;
    init(&s);
    s.rules.book_blocked = book;
    build(&g, &s, &civ_allocator_malloc);
    g.outside.entities[0].reliability = 1;
    assert_true(say(&g, 0, "hello").success);
    assert_int_equal(say(&g, 1, "password = x").code, CIV_BOUNDARY_BLOCKED_PATTERN);
    assert_int_equal(say(&g, 1, "Bearer abcdef").code, CIV_BOUNDARY_LEAKAGE);
    assert_int_equal(say(&g, 2, "RM -RF /").code, CIV_BOUNDARY_BLOCKED_KEYWORD);
    assert_int_equal(ask(&g, 2, CIV_NONE, "x", 1, 0).code, CIV_BOUNDARY_UNKNOWN_ENTITY);
    assert_int_equal(g.flows.sum.total, 3 + 3 * book);
    assert_int_equal(g.flows.sum.blocked, 3 * book);
    assert_int_equal(g.flows.sum.credentials, book); /* the flag of a request that left no flow is nowhere */
    assert_int_equal(g.leaks.sum.total, 1);
    assert_int_equal(g.leaks.sum.blocked, book);
    assert_int_equal(civ_gate_blocked(&g.counts), 3);
    assert_int_equal(g.flows.of[1].blocked, 2 * book);
    assert_int_equal(g.counts.failures, 1);
    civ_gate_fini(&g);
  }
}

static void what_cannot_be_read_is_refused(void **state)
{
  setting s;
  civ_gate g;
  char *huge = malloc(CIV_CONTENT_MOST_BYTES + 1);
  (void)state;
  init(&s);
  build(&g, &s, &civ_allocator_malloc);
  memset(huge, ' ', CIV_CONTENT_MOST_BYTES + 1);
  assert_int_equal(ask(&g, 0, 0, huge, CIV_CONTENT_MOST_BYTES + 1, 0).code, CIV_BOUNDARY_TOO_LONG);
  assert_int_not_equal(ask(&g, 0, 0, huge, CIV_CONTENT_MOST_BYTES, 0).code, CIV_BOUNDARY_TOO_LONG);
  static const char *const broken[] = { "\xff", "\xc3", "a\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80" };
  for (size_t k = 0; k < sizeof broken / sizeof *broken; k++)
    assert_int_equal(say(&g, 1, broken[k]).code, CIV_BOUNDARY_INVALID_TEXT);
  assert_true(ask(&g, 1, 3, "\xf0\x9f\x98\x80 \0 fine", 12, 0).success); /* a zero byte is a character */
  assert_int_equal(g.engine.rules[0]->evaluations, 2);                   /* policies never saw what is no text */
  civ_gate_fini(&g);
  free(huge);
}

static void a_pattern_bomb_denies_and_is_named(void **state)
{
  static const char *const bomb[] = { "(a+)+$" };
  static const char *const types[] = { "pii" };
  const civ_text_list list = { bomb, 1 };
  setting s;
  civ_gate g;
  char text[4096];
  (void)state;
  init(&s);
  s.leakage.patterns = (civ_list_map){ types, &list, 1 };
  build(&g, &s, &civ_allocator_malloc);
  memset(text, 'a', sizeof text);
  text[sizeof text - 1] = '!';
  const civ_answer answer = ask(&g, 0, 0, text, sizeof text, 0);
  assert_true(answer.blocked && answer.by == CIV_BY_POLICY);
  assert_int_equal(answer.code, CIV_BOUNDARY_PATTERN_LIMIT);
  assert_string_equal(answer.detail, "(a+)+$");
  assert_int_equal(g.flows.sum.total - g.flows.sum.blocked, 0);
  civ_gate_fini(&g);
}

/* Whatever is asked: what left passed every policy, and no more of it than the limits allow in any minute. */
static void no_more_leaves_than_policies_allow(void **state)
{
  static const char *const texts[] = {
    "status",     "internal notes", "def f(x): x",       "mail a@b.co", "password = x",
    "token: abc", "\xff",           "confidential memo", "eval(1)",     ""
  };
  (void)state;
  for (uint32_t seed = 0; seed < 40; seed++) {
    const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ, .other = seed };
    civ_draws d = civ_draws_open(11, &key);
    setting s;
    civ_gate g;
    double now = 0;
    enum { REQUESTS = 400 };
    double when[AGENTS][REQUESTS];
    uint32_t out[AGENTS] = { 0 };
    init(&s);
    s.rules.max_interactions_per_epoch = 120;
    build(&g, &s, &civ_allocator_malloc);
    g.engine.rules[0]->rate.max_crossings = 1 + civ_draw_index(&d, 8);
    const uint32_t most = (uint32_t)g.engine.rules[0]->rate.max_crossings;
    for (int k = 0; k < REQUESTS; k++) {
      const civ_agent a = civ_draw_index(&d, AGENTS);
      const char *text = texts[civ_draw_index(&d, sizeof texts / sizeof *texts)];
      const uint64_t before = g.flows.sum.outbound - (g.flows.sum.blocked);
      now += civ_draw_index(&d, 4) == 0 ? 7 : 0;
      const civ_answer answer = ask(&g, a, civ_draw_index(&d, 6), text, strlen(text), now);
      const bool left = g.flows.sum.outbound - g.flows.sum.blocked > before;
      assert_true(left != answer.blocked);
      if (!left)
        continue;
      assert_true(answer.sensitivity <= 0.3);
      when[a][out[a]++] = now;
      assert_true(out[a] <= most || now - when[a][out[a] - 1 - most] >= 60);
    }
    assert_true(g.outside.sum.interactions <= 120);
    assert_int_equal(g.counts.requests, REQUESTS);
    assert_int_equal(g.counts.requests, civ_gate_blocked(&g.counts) + g.counts.failures + g.flows.sum.inbound);
    assert_int_equal(g.flows.sum.blocked, civ_gate_blocked(&g.counts));
    for (uint32_t k = 0; k < g.outside.n; k++)
      if (g.outside.entities[k].type == CIV_ENTITY_SERVICE)
        assert_true(g.outside.entities[k].asked <= g.outside.entities[k].rate_limit);
    civ_gate_fini(&g);
  }
}

static void rate_limits_of_the_chapter(void **state)
{
  static const struct {
    uint32_t key;
    double at;
    uint64_t bytes;
    civ_boundary_code code;
  } rows[] = { { 0, 0, 10, CIV_BOUNDARY_ALLOWED },      { 0, 30, 25, CIV_BOUNDARY_BANDWIDTH },
               { 0, 30, 20, CIV_BOUNDARY_ALLOWED },     { 1, 31, 30, CIV_BOUNDARY_ALLOWED },
               { 0, 59.9, 0, CIV_BOUNDARY_RATE_LIMIT }, { 0, 60, 11, CIV_BOUNDARY_BANDWIDTH },
               { 0, 60, 10, CIV_BOUNDARY_ALLOWED },     { 0, 91, 1, CIV_BOUNDARY_ALLOWED } };
  civ_rate_limiter r;
  (void)state;
  assert_int_equal(civ_rate_init(&r, 2, 30, 2, &civ_allocator_malloc), CIV_OK);
  for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
    assert_int_equal(civ_rate_ask(&r, rows[k].key, rows[k].at, rows[k].bytes), rows[k].code);
  civ_rate_fini(&r);
}

/* --- memory and checkpoints ------------------------------------------------------------------------------------------------------------ */

static void a_request_takes_no_memory(void **state)
{
  failing_allocator f;
  setting s;
  civ_gate g;
  civ_answer answer;
  char text[CIV_ACTIVITY_TEXT];
  (void)state;
  init(&s);
  failing_allocator_init(&f, SIZE_MAX);
  build(&g, &s, &f.allocator);
  for (uint32_t step = 0; step < 50; step++) {
    assert_int_equal(civ_gate_reserve(&g, AGENTS), CIV_OK);
    failing_allocator_seal(&f);
    for (civ_agent a = 0; a < AGENTS; a++) {
      const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ, .entity = a, .step = step };
      civ_draws draws = civ_draws_open(5, &key);
      const civ_request r = { .agent = a,
                              .entity = civ_draw_index(&draws, g.outside.n),
                              .action = "call",
                              .content = civ_activity_content((civ_content_kind)civ_draw_index(&draws, 5), step, text),
                              .now_s = step };
      civ_gate_request(&g, &r, &draws, &answer);
    }
    failing_allocator_unseal(&f);
  }
  civ_gate_fini(&g);
  assert_int_equal(f.blocks, 0);
}

static void building_survives_want_of_memory(void **state)
{
  static const char *const items[] = { "[0-9]+x", "b+" };
  static const char *const types[] = { "health" };
  const civ_text_list list = { items, 2 };
  failing_allocator probe;
  setting s;
  civ_gate g;
  (void)state;
  init(&s);
  s.leakage.patterns = (civ_list_map){ types, &list, 1 };
  s.rules.entities.json = "[{\"entity_id\": \"bot\", \"name\": \"Bot\", \"entity_type\": \"agent\"}]";
  s.rules.policies.json = "[{\"kind\": \"composite\", \"policies\": [{\"kind\": \"rate_limit\"}, {\"kind\": "
                          "\"content_filter\", \"blocked_patterns\": [\"x+\"]}]}]";
  failing_allocator_init(&probe, SIZE_MAX);
  build(&g, &s, &probe.allocator);
  assert_int_equal(g.engine.n, 4);
  assert_int_equal(g.engine.rules[3]->n_members, 2);
  civ_gate_fini(&g);
  assert_int_equal(probe.blocks, 0);
  for (size_t k = 0; k < probe.requests; k++) {
    failing_allocator f;
    civ_error err = { 0 };
    failing_allocator_init(&f, k);
    assert_int_equal(civ_gate_build(&g, &s.sections, &crowd, &f.allocator, &err), CIV_E_NOMEM);
    assert_int_equal(f.blocks, 0);
  }
}

static void gates_go_on_from_a_checkpoint(void **state)
{
  static const char *const actions[] = { "call", NULL };
  setting s;
  civ_gate a, b;
  civ_bytes bytes = { 0 }, again = { 0 };
  (void)state;
  init(&s);
  build(&a, &s, &civ_allocator_malloc);
  build(&b, &s, &civ_allocator_malloc);
  for (int k = 0; k < 60; k++)
    ask(&a, (civ_agent)k % AGENTS, (uint32_t)k % 6, k % 3 ? "status" : "mail a@b.co", k % 3 ? 6 : 11, k / 10);
  civ_bytes_open(&bytes, "GATE");
  civ_gate_save(&a, &bytes);
  civ_bytes_close(&bytes);
  civ_bytes_reader in = { .data = bytes.data, .length = bytes.length };
  assert_int_equal(civ_bytes_enter(&in, "GATE", NULL), CIV_OK);
  assert_int_equal(civ_gate_load(&b, actions, &in, NULL), CIV_OK);
  assert_int_equal(civ_bytes_leave(&in, NULL), CIV_OK);
  civ_bytes_open(&again, "GATE");
  civ_gate_save(&b, &again);
  civ_bytes_close(&again);
  assert_int_equal(bytes.length, again.length);
  assert_memory_equal(bytes.data, again.data, again.length);
  civ_bytes_free(&bytes);
  civ_bytes_free(&again);
  civ_gate_fini(&a);
  civ_gate_fini(&b);
}

/* --- sections that no gate can be made of ------------------------------------------------------------------------------------------------ */

static void refusals_name_the_place(void **state)
{
  static const struct {
    const char *entities, *policies, *mix, *where;
  } rows[] = {
    { "[{\"entity_id\": \"web_search\", \"name\": \"x\"}]", NULL, NULL, "boundaries.entities[0]" },
    { NULL, "[{\"kind\": \"content_filter\", \"blocked_patterns\": [\"fine\", \"(\"]}]", NULL,
      "boundaries.policies[0].blocked_patterns[1]" },
    { NULL, "[{\"kind\": \"composite\", \"policies\": [{\"kind\": \"rate_limit\", \"max\": 3}]}]", NULL,
      "boundaries.policies[0].policies[0].max" },
    { NULL, "[{\"kind\": \"composite\", \"policies\": [{\"name\": \"x\"}]}]", NULL,
      "boundaries.policies[0].policies[0].kind" },
    { NULL, "[{\"kind\": \"composite\", \"policies\": 3}]", NULL, "boundaries.policies[0]" },
    { NULL, NULL, "{\"honest\": {\"clean\": 0}}", "boundaries.activity.mix.honest" },
  };
  (void)state;
  for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
    setting s;
    civ_error err = { 0 };
    init(&s);
    s.rules.entities.json = rows[k].entities;
    s.rules.policies.json = rows[k].policies;
    s.activity.mix.json = rows[k].mix;
    assert_int_not_equal(civ_boundary_check(&s.sections, &err), CIV_OK);
    assert_string_equal(err.where, rows[k].where);
  }
}

static void clearances_by_name_and_type(void **state)
{
  static const char *const names[] = { "honest_1", "honest_2", "adaptive_adversary_1", "deceptive_1" };
  static const char *const variants[] = { "honest", "honest", "adaptive_adversary", "deceptive" };
  static const uint8_t types[] = { CIV_HONEST, CIV_HONEST, CIV_ADVERSARIAL, CIV_DECEPTIVE };
  static const char *const keys[] = { "honest", "honest_2", "adversarial" };
  static const double levels[] = { 0.5, 0.9, 0.1 };
  const civ_boundary_who who = { AGENTS, names, variants, types };
  setting s;
  civ_gate g;
  (void)state;
  init(&s);
  s.rules.clearances = (civ_real_map){ keys, levels, 3 };
  assert_int_equal(civ_gate_build(&g, &s.sections, &who, &civ_allocator_malloc, NULL), CIV_OK);
  const double *c = g.engine.rules[2]->clearance;
  assert_true(c[0] == 0.5 && c[1] == 0.9 && c[2] == 0.1 && c[3] == 0.3);
  civ_gate_fini(&g);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(texts_of_the_chapter),
    cmocka_unit_test(canonical_texts),
    cmocka_unit_test(keys_name_secrets),
    cmocka_unit_test(payloads_that_are_too_deep),
    cmocka_unit_test(built_in_patterns_survive_a_megabyte),
    cmocka_unit_test(pattern_bombs_meet_limits),
    cmocka_unit_test(patterns_that_are_none),
    cmocka_unit_test(matches_do_not_overlap),
    cmocka_unit_test(blocked_requests_are_booked),
    cmocka_unit_test(what_cannot_be_read_is_refused),
    cmocka_unit_test(a_pattern_bomb_denies_and_is_named),
    cmocka_unit_test(no_more_leaves_than_policies_allow),
    cmocka_unit_test(rate_limits_of_the_chapter),
    cmocka_unit_test(a_request_takes_no_memory),
    cmocka_unit_test(building_survives_want_of_memory),
    cmocka_unit_test(gates_go_on_from_a_checkpoint),
    cmocka_unit_test(refusals_name_the_place),
    cmocka_unit_test(clearances_by_name_and_type),
  };
  return cmocka_run_group_tests_name("boundary", tests, NULL, NULL);
}
