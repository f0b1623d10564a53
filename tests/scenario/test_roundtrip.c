/* Laws of configurations over random ones: what is printed reads back, copies are equal, every failure of memory is clean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/field.h"
#include "base/file.h"
#include "base/number.h"
#include "civitas/draws.h"
#include "civitas/registry.h"
#include "civitas/scenario.h"
#include "scenario/schema.h"
#include "scenario/sections/sections.h"
#include "support/failing_allocator.h"

static civ_registry *registry;

static int make_registry(void **state)
{
  (void)state;
  return civ_registry_create_default(&registry, NULL) == CIV_OK ? 0 : -1;
}

static int drop_registry(void **state)
{
  (void)state;
  civ_registry_destroy(registry);
  return 0;
}

/* --- random values ---------------------------------------------------------------------------------------------------------- */

static const char *const texts[] = { "plain",
                                     "with blank",
                                     "yes",
                                     "\"1.5\"",
                                     "\"quoted\\\"\"",
                                     "\"\\u00e4\\U0001F600\"",
                                     "'it''s: #1'",
                                     "\"line\\nbreak\"",
                                     "\"tab\\t\\x07\"",
                                     "\"\\u2028\\ufeff\\u0085\"" };
enum { N_TEXTS = sizeof texts / sizeof texts[0] };

static void random_number(civ_buffer *out, const civ_field *f, civ_draws *d, bool integer)
{
  const double low = f->min > -1e6 ? f->min : -1e6, high = f->max < 1e6 ? f->max : 1e6;
  double x = civ_draw_between(d, low, high);
  if ((f->flags & CIV_FIELD_OPEN_MIN) && x == low)
    x = (low + high) / 2;
  if (integer)
    civ_buffer_integer(out, (int64_t)x < (int64_t)low ? (int64_t)low : (int64_t)x);
  else
    civ_buffer_real(out, x);
}

static void random_words(civ_buffer *out, const civ_field *f, civ_draws *d)
{
  uint32_t n = 0;
  while (f->choices && f->choices[n])
    n++;
  const uint32_t length = civ_draw_index(d, 4) + ((f->flags & CIV_FIELD_NON_EMPTY) ? 1 : 0);
  civ_buffer_text(out, "[");
  for (uint32_t k = 0; k < length; k++)
    civ_buffer_format(out, "%s%s", k ? ", " : "", n ? f->choices[civ_draw_index(d, n)] : k ? "b c" : "a");
  civ_buffer_text(out, "]");
}

/* YAML text that the field takes; false: leave it alone. */
static bool random_value(civ_buffer *out, const civ_field *f, civ_draws *d)
{
  uint32_t n = 0;
  while (f->choices && f->choices[n])
    n++;
  switch ((civ_field_kind)f->kind) {
  case CIV_FIELD_REAL:
    random_number(out, f, d, false);
    return true;
  case CIV_FIELD_INTEGER:
    random_number(out, f, d, true);
    return true;
  case CIV_FIELD_BOOLEAN:
    civ_buffer_text(out, civ_draw_chance(d, 0.5) ? "true" : "false");
    return true;
  case CIV_FIELD_CHOICE:
    civ_buffer_text(out, f->choices[civ_draw_index(d, n)]);
    return true;
  case CIV_FIELD_TEXT:
    civ_buffer_text(out, texts[civ_draw_index(d, N_TEXTS)]);
    return true;
  case CIV_FIELD_OPT_REAL:
  case CIV_FIELD_OPT_INTEGER:
    if (civ_draw_chance(d, 0.3))
      civ_buffer_text(out, "null");
    else
      random_number(out, f, d, f->kind == CIV_FIELD_OPT_INTEGER);
    return true;
  case CIV_FIELD_LIST:
    random_words(out, f, d);
    return true;
  case CIV_FIELD_MAP_REAL:
    civ_buffer_format(out, "{%s: ", n ? f->choices[civ_draw_index(d, n)] : "some name");
    random_number(out, f, d, false);
    civ_buffer_text(out, "}");
    return true;
  case CIV_FIELD_MAP_LIST:
    civ_buffer_format(out, "{%s: [x, y]}", n ? f->choices[civ_draw_index(d, n)] : "some name");
    return true;
  case CIV_FIELD_TREE:
    if (f->items)
      return false;
    civ_buffer_text(out, "{a: [1, 2.5, null, \"x \\u00e9\"], b: {c: true}}");
    return true;
  }
  return false;
}

/* Sets about every eighth field to something; values that contradict another field are simply refused. */
static void scramble(civ_config *config, civ_draws *d)
{
  for (uint32_t k = 0; civ_config_section_at(config, k); k++) {
    const civ_section *s = civ_config_section_at(config, k);
    const bool often = civ_draw_chance(d, 0.2);
    for (uint32_t i = 0; i < s->n_fields; i++) {
      civ_buffer value = { 0 };
      char path[128];
      civ_error err;
      if (!civ_draw_chance(d, often ? 0.5 : 0.05) || !random_value(&value, &s->fields[i], d)) {
        civ_buffer_free(&value);
        continue;
      }
      civ_buffer_add(&value, "", 1);
      snprintf(path, sizeof path, "%s%s%s", s->name, *s->name ? "." : "", s->fields[i].name);
      const civ_status status = civ_config_set(config, path, value.data, CIV_ORIGIN_OVERRIDE, &err);
      if (status != CIV_OK && status != CIV_E_RANGE)
        fail_msg("%s=%s: %s", path, value.data, err.text);
      civ_buffer_free(&value);
    }
  }
}

static civ_config *random_config(uint64_t seed)
{
  static const char *const agents[] = {
    "agents: [{type: honest, count: 2}]\n",
    "agents: [{type: deceptive, roles: [planner, worker], config: {facade_probability: 0.25}}, {type: llm, llm: "
    "{persona: open}}]\n",
    "agents:\n  - {type: adaptive_adversary, config: {strategy: sybil, exploit_after_epochs: never}}\n"
    "  - {id_prefix: x.y-z, entity: \"q: #\", proof_of_personhood: true, puppets: 3, initial_reputation: -2.5}\n"
    "success_criteria: {max_toxicity: 0.125, min_final_avg_p: 1e-9}\n",
  };
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ, .entity = 7 };
  civ_draws d = civ_draws_open(seed, &key);
  civ_config *config = NULL;
  const char *text = agents[civ_draw_index(&d, 3)];
  assert_int_equal(civ_scenario_parse(registry, "r", text, strlen(text), 0, &config, NULL, NULL), CIV_OK);
  scramble(config, &d);
  return config;
}

static char *json_of(const civ_config *config)
{
  char *json;
  size_t length;
  assert_int_equal(civ_config_json(config, &json, &length, NULL), CIV_OK);
  return json;
}

/* --- laws --------------------------------------------------------------------------------------------------------------------- */

static void check_reads_back(uint64_t seed, const char *text, size_t length, const char *json)
{
  civ_config *again = NULL;
  civ_diagnostics found;
  civ_error err = { 0 };
  if (civ_scenario_parse(registry, "again", text, length, 0, &again, &found, &err) != CIV_OK)
    fail_msg("seed %llu: %s: %s", (unsigned long long)seed, err.where, err.text);
  char *json_again = json_of(again);
  if (strcmp(json, json_again) != 0)
    fail_msg("seed %llu reads back differently:\n%s\n%s", (unsigned long long)seed, json, json_again);
  civ_free(json_again);
  civ_diagnostics_free(&found);
  civ_config_destroy(again);
}

static void printed_configs_read_back(void **state)
{
  (void)state;
  const uint64_t n = getenv("CIV_LONG") && strcmp(getenv("CIV_LONG"), "0") != 0 ? 20000 : 400;
  for (uint64_t seed = 0; seed < n; seed++) {
    civ_config *config = random_config(seed), *copy = NULL;
    char *json = json_of(config), *yaml;
    size_t length;
    assert_int_equal(civ_config_dump(config, &yaml, &length, NULL), CIV_OK);
    check_reads_back(seed, yaml, length, json);
    check_reads_back(seed, json, strlen(json), json);
    assert_int_equal(civ_config_copy(config, &copy, NULL), CIV_OK);
    civ_config_destroy(config); /* the copy must not lean on it */
    char *json_copy = json_of(copy);
    assert_string_equal(json, json_copy);
    civ_config_destroy(copy);
    civ_free(json);
    civ_free(json_copy);
    civ_free(yaml);
  }
}

static void check_defaults(const civ_section *s, civ_arena *arena)
{
  void *values = civ_arena_take(arena, 1, s->size);
  for (uint32_t i = 0; i < s->n_fields; i++) {
    const civ_field *f = &s->fields[i];
    civ_buffer yaml = { 0 };
    assert_true(f->offset < s->size);
    assert_true(f->doc && *f->doc && f->unit && f->fallback);
    assert_int_equal(civ_field_set_default(f, values, arena), CIV_OK);
    assert_true(civ_field_is_default(f, values));
    civ_field_yaml(&yaml, f, values);
    assert_false(yaml.failed);
    civ_buffer_free(&yaml);
    assert_ptr_equal(civ_section_field(s, f->name), f);
    for (uint32_t k = 0; k < i; k++)
      assert_string_not_equal(s->fields[k].name, f->name);
    if (f->items)
      check_defaults(f->items, arena);
  }
}

/* Every table of the schema, and of the parts: defaults pass their own checks, names are unique. */
static void defaults_pass_their_own_checks(void **state)
{
  (void)state;
  civ_config *config;
  civ_arena arena = civ_arena_create(NULL);
  const civ_policy *policy;
  assert_int_equal(civ_config_create(registry, &config, NULL), CIV_OK);
  for (uint32_t k = 0; civ_config_section_at(config, k); k++) {
    check_defaults(civ_config_section_at(config, k), &arena);
    for (uint32_t i = 0; i < k; i++)
      assert_string_not_equal(civ_config_section_at(config, i)->name, civ_config_section_at(config, k)->name);
  }
  check_defaults(&civ_agent_section, &arena);
  check_defaults(&civ_adaptive_adversary_section, &arena);
  for (uint32_t k = 0; (policy = civ_registry_policy(registry, k)); k++)
    if (policy->config)
      check_defaults(policy->config, &arena);
  civ_arena_destroy(&arena);
  civ_config_destroy(config);
}

static void every_key_can_be_explained(void **state)
{
  (void)state;
  civ_config *config;
  char path[128], *text;
  civ_error err;
  assert_int_equal(civ_config_create(registry, &config, NULL), CIV_OK);
  for (uint32_t k = 0; civ_config_section_at(config, k); k++) {
    const civ_section *s = civ_config_section_at(config, k);
    for (uint32_t i = 0; i < s->n_fields; i++) {
      snprintf(path, sizeof path, "%s%s%s", s->name, *s->name ? "." : "", s->fields[i].name);
      if (civ_explain(config, path, true, &text, &err) != CIV_OK)
        fail_msg("%s: %s", path, err.text);
      assert_int_equal(strncmp(text, path, strlen(path)), 0);
      assert_non_null(strstr(text, "(default)"));
      civ_free(text);
    }
    assert_int_equal(civ_explain(config, s->name, false, &text, &err), CIV_OK);
    civ_free(text);
  }
  static const char *const others[] = { "agents",           "agents.honest",
                                        "agents[]",         "agents.honest.config.trust_weight",
                                        "agents.count",     "agents.llm",
                                        "success_criteria", "success_criteria.min_epochs",
                                        "network.params.k" };
  for (size_t k = 0; k < sizeof others / sizeof others[0]; k++) {
    assert_int_equal(civ_explain(config, others[k], false, &text, &err), CIV_OK);
    civ_free(text);
  }
  static const char *const wrong[] = { "agents.nobody",         "agents[0]",   "agents[",
                                       "agents.honest.nothing", "payof.theta", "." };
  for (size_t k = 0; k < sizeof wrong / sizeof wrong[0]; k++)
    assert_int_equal(civ_explain(config, wrong[k], false, &text, &err), CIV_E_KEY);
  civ_config_destroy(config);
}

static void the_committed_reference_is_the_tables(void **state)
{
  (void)state;
  char *made, *committed;
  size_t length;
  assert_int_equal(civ_explain_reference(registry, &made, NULL), CIV_OK);
  assert_int_equal(civ_file_read(CIV_SOURCE_ROOT "/docs/scenario-reference.md", 1 << 22, &committed, &length, NULL),
                   CIV_OK);
  if (strlen(made) != length || memcmp(made, committed, length) != 0)
    fail_msg("docs/scenario-reference.md is not what `civitas explain --markdown` prints; write it again");
  civ_free(made);
  civ_free(committed);
}

/* Failing the k-th request for memory, for every k: an error or success, and nothing left behind. */
static void lack_of_memory_is_clean(void **state)
{
  (void)state;
  for (size_t k = 0;; k++) {
    failing_allocator f;
    civ_config *config = NULL, *copy = NULL;
    civ_error err;
    failing_allocator_init(&f, k);
    const civ_status status = civ_schema_create_config(registry, &f.allocator, &config, &err);
    if (status != CIV_OK) {
      assert_int_equal(status, CIV_E_NOMEM);
      assert_null(config);
      assert_int_equal(f.blocks, 0);
      continue;
    }
    const civ_status added = civ_config_set(config, "agents.honest.count", "3", CIV_ORIGIN_OVERRIDE, &err);
    const civ_status copied = added == CIV_OK ? civ_config_copy(config, &copy, &err) : CIV_E_NOMEM;
    assert_true(added == CIV_OK || added == CIV_E_NOMEM);
    assert_true(copied == CIV_OK || copied == CIV_E_NOMEM);
    civ_config_destroy(copy);
    civ_config_destroy(config);
    assert_int_equal(f.blocks, 0);
    assert_int_equal(f.bytes, 0);
    if (copied == CIV_OK && f.requests <= k)
      break;
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(printed_configs_read_back),  cmocka_unit_test(defaults_pass_their_own_checks),
    cmocka_unit_test(every_key_can_be_explained), cmocka_unit_test(the_committed_reference_is_the_tables),
    cmocka_unit_test(lack_of_memory_is_clean),
  };
  return cmocka_run_group_tests(tests, make_registry, drop_registry);
}
