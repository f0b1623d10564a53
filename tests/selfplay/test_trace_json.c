/* Traces, scripts and events as JSON: what is written reads back as what it was; what is wrong is named by its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "playing.h"
#include "selfplay/trace_json.h"

static int begin(void **state)
{
  static playing p;
  playing_begin(&p);
  *state = &p;
  return 0;
}

static int end(void **state)
{
  playing_end(*state);
  return 0;
}

static json_t *parsed(civ_buffer *text)
{
  json_error_t error;
  assert_false(text->failed);
  json_t *json = json_loadb(text->data, text->length, 0, &error);
  if (json == NULL)
    fail_msg("%s in %.*s", error.text, (int)text->length, text->data);
  civ_buffer_free(text);
  return json;
}

/* The document that civ_trace_read reads. */
static json_t *trace_json(const civ_trace *t)
{
  const civ_roll roll = civ_trace_roll(t);
  json_t *citizens = json_array(), *snapshots = json_array(), *events = json_array();
  for (uint32_t c = 0; c < t->n_citizens; c++)
    json_array_append_new(citizens, json_string(t->citizens[c]));
  for (uint32_t k = 0; k < t->n_snapshots; k++) {
    civ_buffer text = { 0 };
    civ_snapshot_write(&text, &roll, &t->snapshots[k]);
    json_array_append_new(snapshots, parsed(&text));
  }
  for (uint32_t k = 0; k < t->n_deeds; k++) {
    civ_buffer text = { 0 };
    civ_deed_write(&text, &roll, &t->deeds[k]);
    json_array_append_new(events, parsed(&text));
  }
  return json_pack("{s:o, s:f, s:f, s:o, s:o}", "citizens", citizens, "initial_treasury",
                   (double)t->initial_treasury / 1e6, "norm_income", (double)t->norm_income / 1e6, "snapshots",
                   snapshots, "events", events);
}

static void traces_survive_being_written(void **state)
{
  playing *p = *state;
  for (int m = 0; m < CIV_DEFAULT_MATCHUPS; m++)
    for (uint64_t seed = 40; seed < 40 + playing_times(10); seed++) {
      civ_trace t, again;
      civ_error err = { 0 };
      civ_exploit_finding found[CIV_DETECTORS];
      uint32_t n;
      civ_arena arena = civ_arena_create(NULL);
      playing_play(p, &civ_default_matchups[m].composition, seed, &t);
      json_t *json = trace_json(&t);
      if (civ_trace_read(json, t.kernel, &arena, &again, &err) != CIV_OK)
        fail_msg("%s: %s", err.where, err.text);
      json_t *twice = trace_json(&again);
      assert_true(json_equal(json, twice));
      const civ_score a = civ_score_of(&t), b = civ_score_of(&again);
      assert_memory_equal(&a, &b, sizeof a);
      assert_int_equal(civ_detect(&again, &p->detect, NULL, found, &n, NULL), CIV_OK);
      assert_int_equal(n, p->n_found);
      for (uint32_t k = 0; k < n; k++)
        assert_true(found[k].detector == p->found[k].detector && found[k].turn == p->found[k].turn &&
                    found[k].severity == p->found[k].severity && found[k].actors == p->found[k].actors);
      json_decref(twice);
      json_decref(json);
      civ_arena_destroy(&arena);
    }
}

/* --- scripts ----------------------------------------------------------------------------------------------------------- */

static const char *const names[] = { "ada", "bob", "public" };

static char *written(const civ_roll *roll, const civ_script *script)
{
  civ_buffer text = { 0 };
  civ_script_write(&text, roll, script);
  return civ_buffer_take(&text, NULL);
}

/* Reads a script and writes it; the caller frees. NULL and *err where it is refused. */
static char *through(const char *json, civ_error *err)
{
  civ_kernel kernel;
  civ_arena arena = civ_arena_create(NULL);
  civ_script script;
  char *out = NULL;
  assert_int_equal(civ_kernel_naive(&kernel), CIV_OK);
  const civ_roll roll = { .n = 2, .names = names, .kernel = &kernel };
  json_t *list = json_loads(json, JSON_DECODE_ANY, NULL);
  assert_non_null(list);
  if (civ_script_read(list, &roll, &arena, &script, err) == CIV_OK)
    out = written(&roll, &script);
  json_decref(list);
  civ_arena_destroy(&arena);
  return out;
}

static void every_act_survives_being_written(void **state)
{
  static const char *const acts[] = {
    "{\"turn\": 1, \"type\": \"propose_spend\", \"beneficiary\": \"public\", \"amount\": 0.1, \"memo\": \"a "
    "\\\"memo\\\"\"}",
    "{\"turn\": 1, \"type\": \"propose_spend\", \"beneficiary\": \"bob\", \"amount\": 100}",
    "{\"turn\": 2, \"type\": \"propose_amendment\", \"clause\": \"K4.spend\", \"param\": \"self_dealing\", \"value\": "
    "\"recuse\", \"memo\": \"\"}",
    "{\"turn\": 2, \"type\": \"propose_amendment\", \"clause\": \"K7.roles\", \"param\": \"term\", \"value\": null}",
    "{\"turn\": 3, \"type\": \"propose_disenfranchise\", \"target\": \"bob\", \"reason\": \"r\"}",
    "{\"turn\": 3, \"type\": \"propose_role_grant\", \"role\": \"speaker\", \"to\": \"ada\"}",
    "{\"turn\": 3, \"type\": \"propose_role_grant\", \"role\": \"speaker\", \"to\": \"ada\", \"recall\": true}",
    "{\"turn\": 4, \"type\": \"cast_vote\", \"proposal_id\": 3, \"choice\": \"abstain\"}",
    "{\"turn\": 4, \"type\": \"cast_vote\", \"proposal_ref\": {\"proposer\": \"bob\", \"kind\": \"spend\", \"turn\": "
    "1, "
    "\"nth\": 2}, \"choice\": \"yes\"}",
    "{\"turn\": 5, \"type\": \"transfer\", \"to\": \"bob\", \"amount\": 2.000001, \"memo\": \"m\"}",
    "{\"turn\": 5, \"type\": \"transfer\", \"to\": \"bob\", \"amount\": 2, \"memo\": \"\", \"from\": \"treasury\"}",
    "{\"turn\": 6, \"type\": \"close_vote\", \"proposal_ref\": {\"nth\": 0}}",
    "{\"turn\": 7, \"type\": \"suspend\", \"target\": \"ada\"}",
    "{\"turn\": 8, \"type\": \"pass\"}",
  };
  (void)state;
  for (size_t k = 0; k < sizeof acts / sizeof *acts; k++) {
    civ_error err = { 0 };
    civ_buffer list = { 0 };
    civ_buffer_format(&list, "[%s]", acts[k]);
    char *text = civ_buffer_take(&list, NULL);
    char *once = through(text, &err);
    if (once == NULL)
      fail_msg("%s: %s", acts[k], err.text);
    char *twice = through(once, &err);
    assert_string_equal(once, twice);
    json_t *was = json_loads(text, 0, NULL), *is = json_loads(once, 0, NULL);
    json_t *act = json_array_get(was, 0), *value;
    const char *key;
    /* What was said is said again; a memo that was not given may be. */
    json_object_foreach(act, key, value)
    {
      const json_t *said = json_object_get(json_array_get(is, 0), key);
      if (json_is_number(value) && json_is_number(said) && json_number_value(value) == json_number_value(said))
        continue;
      if (!json_equal(value, said))
        fail_msg("%s of %s became %s", key, text, once);
    }
    json_decref(was);
    json_decref(is);
    free(text);
    free(once);
    free(twice);
  }
}

/* An act no law could make sense of stays in a script, as a malformed one; what is no script is refused. */
static void nonsense_stays_and_no_scripts_are_refused(void **state)
{
  static const char *const nonsense[] = {
    "[{\"turn\": 1, \"type\": \"propose_spend\", \"beneficiary\": \"nobody\", \"amount\": \"much\"}]",
    "[{\"turn\": 1, \"type\": \"propose_amendment\", \"clause\": \"K99\", \"param\": 3, \"value\": {}}]",
    "[{\"turn\": 1, \"type\": \"propose_role_grant\", \"role\": \"king\", \"to\": 7}]",
    "[{\"turn\": 1, \"type\": \"cast_vote\", \"choice\": \"perhaps\"}]",
    "[{\"turn\": 1, \"type\": \"cast_vote\", \"proposal_ref\": {\"proposer\": \"nobody\"}, \"choice\": \"yes\"}]",
    "[{\"turn\": 1, \"type\": \"cast_vote\", \"proposal_ref\": {\"nth\": -1, \"turn\": 1e3}, \"choice\": \"yes\"}]",
    "[{\"turn\": 1, \"type\": \"transfer\", \"to\": null, \"amount\": -5}]",
    "[{\"turn\": 1, \"type\": \"suspend\"}]",
  };
  static const struct {
    const char *json, *where;
  } refused[] = {
    { "7", "script" },
    { "[7]", "script[0]" },
    { "[{\"turn\": 1, \"type\": \"pass\"}, {\"turn\": 1}]", "script[1]" },
    { "[{\"turn\": 1, \"type\": \"dance\"}]", "script[0]" },
    { "[{\"turn\": -1, \"type\": \"pass\"}]", "script[0]" },
    { "[{\"turn\": \"1\", \"type\": \"pass\"}]", "script[0]" },
  };
  (void)state;
  for (size_t k = 0; k < sizeof nonsense / sizeof *nonsense; k++) {
    civ_error err = { 0 };
    char *once = through(nonsense[k], &err);
    if (once == NULL)
      fail_msg("%s: %s", nonsense[k], err.text);
    char *twice = through(once, &err);
    assert_string_equal(once, twice);
    free(once);
    free(twice);
  }
  for (size_t k = 0; k < sizeof refused / sizeof *refused; k++) {
    civ_error err = { 0 };
    if (through(refused[k].json, &err) != NULL)
      fail_msg("%s was read", refused[k].json);
    assert_non_null(strstr(err.where, refused[k].where));
    assert_true(err.text[0] != '\0');
  }
}

/* --- broken traces ----------------------------------------------------------------------------------------------------------- */

typedef struct breakage {
  const char *list; /* NULL = of the trace itself */
  size_t at;
  const char *key;
  const char *value; /* JSON; NULL = taken away */
  const char *where;
} breakage;

static const breakage breakages[] = {
  { NULL, 0, "citizens", NULL, "citizens" },
  { NULL, 0, "citizens", "[\"a\", \"a\"]", "citizens" },
  { NULL, 0, "citizens", "[1]", "citizens" },
  { NULL, 0, "citizens", "[\"treasury\"]", "citizens" },
  { NULL, 0, "initial_treasury", "\"much\"", "trace" },
  { NULL, 0, "initial_treasury", "1e300", "trace" },
  { NULL, 0, "norm_income", NULL, "trace" },
  { NULL, 0, "events", "{}", "events" },
  { "snapshots", 1, "turn", "-1", "snapshots[1]" },
  { "snapshots", 2, "balances", "[1]", "snapshots[2]" },
  { "snapshots", 2, "can_vote", "7", "snapshots[2]" },
  { "snapshots", 0, "quorum_need", "0.5", "snapshots[0]" },
  { "snapshots", 3, "open", "[{\"id\": \"x\"}]", "snapshots[3]" },
  { "events", 0, "turn", "\"first\"", "events[0]" },
  { "events", 0, "kind", "\"dance\"", "events[0]" },
  { "events", 0, "data", "[]", "events[0]" },
  { "events", 5, "turn", "0", "events[5]" },
};

static void broken_traces_are_refused(void **state)
{
  playing *p = *state;
  civ_trace t;
  playing_play(p, &civ_default_matchups[1].composition, 3, &t);
  json_t *whole = trace_json(&t);
  for (size_t k = 0; k < sizeof breakages / sizeof *breakages; k++) {
    const breakage *b = &breakages[k];
    civ_trace read = { .n_citizens = 99 };
    civ_error err = { 0 };
    civ_arena arena = civ_arena_create(NULL);
    json_t *broken = json_deep_copy(whole);
    json_t *object = b->list != NULL ? json_array_get(json_object_get(broken, b->list), b->at) : broken;
    if (b->value != NULL)
      json_object_set_new(object, b->key, json_loads(b->value, JSON_DECODE_ANY, NULL));
    else
      json_object_del(object, b->key);
    if (civ_trace_read(broken, t.kernel, &arena, &read, &err) == CIV_OK)
      fail_msg("%s[%d].%s = %s was read", b->list, (int)b->at, b->key, b->value);
    if (strstr(err.where, b->where) == NULL || err.text[0] == '\0')
      fail_msg("%s[%d].%s: %s: %s", b->list, (int)b->at, b->key, err.where, err.text);
    assert_int_equal(read.n_citizens, 99); /* untouched */
    json_decref(broken);
    civ_arena_destroy(&arena);
  }
  json_decref(whole);
}

static void events_have_their_snapshots(void **state)
{
  playing *p = *state;
  civ_trace t, read;
  civ_error err = { 0 };
  playing_play(p, &civ_default_matchups[1].composition, 3, &t);
  t.n_snapshots = 20;
  json_t *json = trace_json(&t);
  civ_arena arena = civ_arena_create(NULL);
  assert_int_equal(civ_trace_read(json, t.kernel, &arena, &read, &err), CIV_E_RANGE);
  assert_non_null(strstr(err.text, "has no snapshot; there are 20"));
  json_decref(json);
  civ_arena_destroy(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(traces_survive_being_written),
    cmocka_unit_test(every_act_survives_being_written),
    cmocka_unit_test(nonsense_stays_and_no_scripts_are_refused),
    cmocka_unit_test(broken_traces_are_refused),
    cmocka_unit_test(events_have_their_snapshots),
  };
  return cmocka_run_group_tests_name("traces as JSON", tests, begin, end);
}
