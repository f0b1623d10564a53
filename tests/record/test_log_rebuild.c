/* Interactions rebuilt from events: the rules one by one, and a round trip of made-up runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/number.h"
#include "sample_run.h"

/* --- streams of the documented table ------------------------------------------------------------------------------------ */

static int second;

static void add(civ_buffer *text, const char *type, const char *id, const char *initiator, const char *payload)
{
  civ_buffer_format(text,
                    "{\"event_id\": \"e\", \"timestamp\": \"2024-03-01T00:00:%02d\", \"event_type\": \"%s\", "
                    "\"interaction_id\": %s, \"initiator_id\": %s, \"counterparty_id\": \"b\", \"payload\": %s, "
                    "\"epoch\": 3, \"step\": %d}\n",
                    second, type, id, initiator, payload, second);
  second++;
}

static void add_token(civ_buffer *text, char token)
{
  static const char *const payoff = "{\"components\": {\"tau\": 1.0, \"c_a\": 0.1}}";
  if (token == 'P')
    add(text, "interaction_proposed", "\"x\"", "\"a\"",
        "{\"interaction_type\": \"trade\", \"v_hat\": 0.4, \"p\": 0.7}");
  else if (token == 'A')
    add(text, "interaction_accepted", "\"x\"", "null", "{}");
  else if (token == 'R')
    add(text, "interaction_rejected", "\"x\"", "null", "null");
  else if (token == 'Y')
    add(text, "payoff_computed", "\"x\"", "null", payoff);
  else if (token == 'y')
    add(text, "payoff_computed", "\"x\"", "null", "{\"components\": {\"c_b\": 0.2}}");
  else if (token == 'z')
    add(text, "payoff_computed", "\"x\"", "null", "{}");
  else if (token == 'Q')
    add(text, "interaction_proposed", "\"x\"", "\"c\"", "{\"interaction_type\": \"vote\"}");
  else if (token == 'C')
    add(text, "interaction_completed", "\"x\"", "null", "{\"accepted\": true}");
  else if (token == 'F')
    add(text, "payoff_computed", "\"x\"", "null",
        "{\"payoff_initiator\": 1.5, \"payoff_counterparty\": -2, \"components\": {\"p\": 0.9, \"v_hat\": -1, "
        "\"accepted\": true, \"r_b\": 4, \"task_progress_delta\": 0.25, \"rework_count\": 2, \"verifier_rejections\": "
        "1, "
        "\"tool_misuse_flags\": 3, \"counterparty_engagement_delta\": -0.5}}");
}

static civ_status rebuild(const char *text, size_t length, bool strict, civ_rebuilt *out, civ_error *err)
{
  civ_log_reader *reader;
  civ_status st = civ_log_open_text(text, length, strict, &reader, err);
  assert_int_equal(st, CIV_OK);
  st = civ_log_rebuild(reader, out, err);
  civ_log_reader_close(reader);
  return st;
}

static civ_rebuilt rebuild_tokens(const char *tokens)
{
  civ_buffer text = { 0 };
  civ_rebuilt out;
  for (second = 0; *tokens != '\0'; tokens++)
    add_token(&text, *tokens);
  assert_int_equal(rebuild(text.data, text.length, true, &out, NULL), CIV_OK);
  civ_buffer_free(&text);
  return out;
}

static void the_table_of_streams(void **state)
{
  (void)state;
  static const struct {
    const char *tokens;
    bool accepted, completed;
    double v_hat, p, tau, c_a, c_b;
  } cases[] = {
    { "PAY", true, true, 0.4, 0.7, 1.0, 0.1, 0.0 },  { "AP", false, false, 0.4, 0.7, 0, 0, 0 },
    { "PAR", false, false, 0.4, 0.7, 0, 0, 0 },      { "PRA", true, false, 0.4, 0.7, 0, 0, 0 },
    { "PAYy", true, true, 0.4, 0.7, 0.0, 0.0, 0.2 }, { "PAYz", true, true, 0.4, 0.7, 0, 0, 0 },
    { "PPA", true, false, 0.4, 0.7, 0, 0, 0 },       { "PC", true, false, 0.4, 0.7, 0, 0, 0 },
    { "PF", true, true, -1, 0.9, 0, 0, 0 },          { "YP", false, false, 0.4, 0.7, 0, 0, 0 },
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    civ_rebuilt r = rebuild_tokens(cases[k].tokens);
    assert_int_equal(r.n, 1);
    const civ_interaction *i = r.records;
    if (i->accepted != cases[k].accepted || r.completed[0] != cases[k].completed || i->v_hat != cases[k].v_hat ||
        i->p != cases[k].p || i->tau != cases[k].tau || i->c_a != cases[k].c_a || i->c_b != cases[k].c_b)
      fail_msg("stream %s: accepted %d, v_hat %g, p %g, tau %g, c_a %g, c_b %g", cases[k].tokens, i->accepted, i->v_hat,
               i->p, i->tau, i->c_a, i->c_b);
    assert_string_equal(r.ids[0], "x");
    assert_string_equal(r.names[i->initiator], "a");
    assert_int_equal(i->type, CIV_TRADE);
    civ_rebuilt_free(&r);
  }
}

static void a_second_proposal_starts_anew(void **state)
{
  (void)state;
  civ_rebuilt r = rebuild_tokens("PAYQ");
  const civ_interaction *i = r.records;
  assert_true(!i->accepted && !r.completed[0] && i->v_hat == 0 && i->p == 0.5 && i->tau == 0);
  assert_int_equal(i->type, CIV_VOTE);
  assert_string_equal(r.names[i->initiator], "c");
  int64_t us;
  assert_true(civ_parse_time("2024-03-01T00:00:03", 19, &us) && i->time_us == us);
  civ_rebuilt_free(&r);
}

static void components_carry_everything(void **state)
{
  (void)state;
  civ_rebuilt r = rebuild_tokens("PF");
  const civ_observables *o = &r.records[0].observables;
  assert_true(o->task_progress_delta == 0.25 && o->counterparty_engagement_delta == -0.5);
  assert_true(o->rework_count == 2 && o->verifier_rejections == 1 && o->tool_misuse_flags == 3);
  assert_true(r.payoff_a[0] == 1.5 && r.payoff_b[0] == -2 && r.records[0].r_b == 4);
  assert_int_equal(r.records[0].epoch, 3);
  assert_int_equal(r.records[0].step, 1); /* of the payoff */
  civ_rebuilt_free(&r);
}

static void order_is_by_time_then_first_seen(void **state)
{
  (void)state;
  static const char *const ids[] = { "\"y\"", "\"z\"", "\"w\"" };
  static const int seconds[] = { 5, 2, 5 };
  civ_buffer text = { 0 };
  civ_rebuilt r;
  for (int k = 0; k < 3; k++) {
    second = seconds[k];
    add(&text, "interaction_proposed", ids[k], "\"a\"", "{}");
  }
  second = 1;
  add(&text, "interaction_proposed", "null", "\"a\"", "{}");
  add(&text, "interaction_proposed", "\"\"", "\"a\"", "{}");
  add(&text, "interaction_proposed", "\"n\"", "null", "null");
  assert_int_equal(rebuild(text.data, text.length, true, &r, NULL), CIV_OK);
  assert_int_equal(r.n, 4);
  assert_string_equal(r.ids[0], "z");
  assert_string_equal(r.ids[1], "n");
  assert_string_equal(r.names[r.records[1].initiator], "");
  assert_true(r.records[1].type == CIV_REPLY && r.records[1].p == 0.5 && r.records[1].v_hat == 0);
  assert_string_equal(r.ids[2], "y");
  assert_string_equal(r.ids[3], "w");
  civ_rebuilt_free(&r);
  civ_buffer_free(&text);
}

static void impossible_values(void **state)
{
  (void)state;
  static const struct {
    const char *type, *payload, *says;
  } cases[] = {
    { "interaction_proposed", "{\"interaction_type\": \"gift\"}", "interaction_type must be" },
    { "interaction_proposed", "{\"interaction_type\": 4}", "interaction_type must be" },
    { "interaction_proposed", "{\"p\": 7}", "p must lie in [0, 1]" },
    { "interaction_proposed", "{\"v_hat\": -1.5}", "v_hat must lie in [-1, 1]" },
    { "payoff_computed", "{\"components\": {\"p\": -0.1}}", "p must lie in [0, 1]" },
    { "payoff_computed", "{\"components\": {\"rework_count\": -1}}", "counts must be" },
    { "payoff_computed", "{\"components\": {\"tool_misuse_flags\": 1e300}}", "counts must be" },
  };
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    civ_buffer text = { 0 };
    civ_rebuilt r;
    civ_error err;
    second = 0;
    add(&text, "interaction_proposed", "\"ok\"", "\"a\"", "{}");
    add_token(&text, 'P');
    add(&text, cases[k].type, "\"x\"", "\"a\"", cases[k].payload);
    assert_int_equal(rebuild(text.data, text.length, true, &r, &err), CIV_E_FORMAT);
    assert_string_equal(err.where, "line 3");
    assert_non_null(strstr(err.text, cases[k].says));
    assert_int_equal(rebuild(text.data, text.length, false, &r, &err), CIV_OK);
    assert_int_equal(r.n, 1);
    assert_int_equal(r.dropped, 1);
    assert_string_equal(r.ids[0], "ok");
    civ_rebuilt_free(&r);
    civ_buffer_free(&text);
  }
}

/* --- round trip ------------------------------------------------------------------------------------------------------------ */

typedef struct heard {
  civ_interaction records[4096];
  double a[4096], b[4096];
  size_t n;
} heard;

static void hear(void *self, const civ_interaction *r, double a, double b)
{
  heard *h = self;
  h->records[h->n] = *r;
  h->a[h->n] = a;
  h->b[h->n++] = b;
}

static void what_was_written_comes_back(void **state)
{
  (void)state;
  static const civ_sink sink = { .version = CIV_PART_VERSION, .name = "hear", .interaction = hear };
  heard *h = malloc(sizeof *h);
  for (uint32_t seed = 1; seed <= 20; seed++) {
    const sample_run run = { .seed = seed, .agents = 1 + seed % 8, .epochs = 3, .steps = 4, .per_step = 5 };
    const civ_replay_target target = { &sink, h };
    civ_rebuilt r;
    size_t length, met = 0;
    h->n = 0;
    assert_int_equal(sample_run_play(&run, &target, 1, NULL), CIV_OK);
    char *text = sample_run_log(&run, CIV_DETAIL_STANDARD, &length);
    assert_int_equal(rebuild(text, length, true, &r, NULL), CIV_OK);
    assert_int_equal(r.n, run.epochs * run.steps * run.per_step);
    for (size_t k = 0; k < r.n; k++) {
      if (!r.completed[k])
        continue;
      civ_interaction want = h->records[met];
      char id[32];
      snprintf(id, sizeof id, "i%llu", (unsigned long long)want.id);
      assert_string_equal(r.ids[k], id);
      const civ_interaction *have = &r.records[k];
      assert_true(r.payoff_a[k] == h->a[met] && r.payoff_b[k] == h->b[met]);
      assert_true(have->p == want.p && have->v_hat == want.v_hat && have->tau == want.tau && have->c_a == want.c_a &&
                  have->r_b == want.r_b && have->accepted == want.accepted && have->type == want.type &&
                  have->epoch == want.epoch && have->step == want.step && have->decided_in == want.decided_in);
      assert_true(have->observables.task_progress_delta == want.observables.task_progress_delta &&
                  have->observables.counterparty_engagement_delta == want.observables.counterparty_engagement_delta &&
                  have->observables.rework_count == want.observables.rework_count);
      met++;
    }
    assert_int_equal(met, h->n);
    civ_rebuilt_free(&r);
    free(text);
  }
  free(h);
}

static void many_interactions_are_found_again(void **state)
{
  (void)state;
  const sample_run run = { .seed = 9, .agents = 5, .epochs = 10, .steps = 20, .per_step = 50 };
  civ_rebuilt r;
  size_t length;
  char *text = sample_run_log(&run, CIV_DETAIL_STANDARD, &length);
  assert_int_equal(rebuild(text, length, true, &r, NULL), CIV_OK);
  assert_int_equal(r.n, 10000);
  for (size_t k = 0; k < r.n; k++)
    assert_int_equal(r.records[k].id, k + 1);
  civ_rebuilt_free(&r);
  free(text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_table_of_streams),
    cmocka_unit_test(a_second_proposal_starts_anew),
    cmocka_unit_test(components_carry_everything),
    cmocka_unit_test(order_is_by_time_then_first_seen),
    cmocka_unit_test(impossible_values),
    cmocka_unit_test(what_was_written_comes_back),
    cmocka_unit_test(many_interactions_are_found_again),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
