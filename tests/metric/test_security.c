/* The analysis of security against its definition over random histories; laws of the definition; state, memory, samples. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "metric/security.h"
#include "metric/security_graph.h"
#include "metric/security_inside.h"
#include "security_naive.h"
#include "support/failing_allocator.h"

static const civ_security_rules usual = { .injection_threshold = 0.3,
                                          .manipulation_threshold = 0.5,
                                          .laundering_gap = 0.3,
                                          .contagion_velocity = 2,
                                          .min_chain = 3,
                                          .exact_limit = 5000,
                                          .samples = 1024,
                                          .evidence = UINT32_MAX };

/* --- random histories ------------------------------------------------------------------------------------------------------- */

typedef struct story {
  uint32_t agents, listed, n;
  civ_security_rules rules;
  civ_interaction records[NAIVE_MOST];
  double seconds[NAIVE_MOST], trust[NAIVE_AGENTS];
} story;

static civ_draws stream(uint64_t seed)
{
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ };
  return civ_draws_open(seed, &key);
}

static civ_interaction random_record(civ_draws *d, uint32_t agents, uint64_t id)
{
  civ_interaction r;
  memset(&r, 0, sizeof r);
  r.id = id;
  r.initiator = civ_draw_index(d, agents);
  r.counterparty = (r.initiator + 1 + civ_draw_index(d, agents - 1)) % agents;
  r.accepted = civ_draw_chance(d, 0.7);
  r.p = civ_draw_index(d, 21) / 20.0;
  r.tau = civ_draw_chance(d, 0.3) ? civ_draw_between(d, -3, 1) : 0;
  r.r_a = civ_draw_chance(d, 0.3) ? civ_draw_between(d, -1, 1) : 0;
  r.observables.verifier_rejections = civ_draw_chance(d, 0.2) ? (int32_t)civ_draw_index(d, 4) : 0;
  r.observables.tool_misuse_flags = civ_draw_chance(d, 0.2) ? (int32_t)civ_draw_index(d, 5) : 0;
  return r;
}

static void tell(story *s, uint64_t seed)
{
  civ_draws d = stream(seed);
  memset(s, 0, sizeof *s);
  s->agents = 2 + civ_draw_index(&d, NAIVE_AGENTS - 1);
  s->listed = civ_draw_chance(&d, 0.2) ? 1 + civ_draw_index(&d, s->agents) : s->agents;
  s->n = civ_draw_index(&d, civ_draw_chance(&d, 0.5) ? 30 : 150);
  s->rules = usual;
  s->rules.min_chain = civ_draw_chance(&d, 0.5) ? 3 : 2 + civ_draw_index(&d, 5);
  s->rules.laundering_gap = civ_draw_index(&d, 4) * 0.15;
  s->rules.manipulation_threshold = civ_draw_index(&d, 6) * 0.2;
  s->rules.injection_threshold = civ_draw_index(&d, 5) * 0.15;
  s->rules.contagion_velocity = civ_draw_chance(&d, 0.5) ? 2 : 0.2;
  const bool in_order = civ_draw_chance(&d, 0.7);
  for (uint32_t k = 0; k < s->n; k++) {
    s->records[k] = random_record(&d, s->agents, k + 1);
    s->seconds[k] = in_order ? k / 3 * 7 : 10 * civ_draw_index(&d, 20);
  }
  for (uint32_t a = 0; a < s->agents; a++)
    s->trust[a] = civ_draw_index(&d, 9) / 4.0 - 1;
}

static civ_security *history_of(const story *s)
{
  civ_security *made;
  assert_int_equal(civ_security_create(&s->rules, s->agents, s->listed, &civ_allocator_malloc, &made, NULL), CIV_OK);
  for (uint32_t k = 0; k < s->n; k++)
    assert_int_equal(civ_security_note(made, &s->records[k], s->seconds[k]), CIV_OK);
  return made;
}

static civ_security_report report_of(const civ_security *history, const double *trust)
{
  civ_security_report report;
  civ_draws draws = stream(5);
  assert_int_equal(civ_security_analyse(history, trust, &draws, &report, NULL), CIV_OK);
  return report;
}

static bool near(double a, double b)
{
  return fabs(a - b) <= 1e-12 * fmax(1, fabs(b));
}

static void same_lists(const story *s, const naive_report *n, const civ_security_report *r)
{
  static const char *const techniques[] = { "reputation_boosting", "resource_extraction", "targeted_influence" };
  assert_int_equal(r->n_manipulation, n->n_patterns);
  for (uint32_t k = 0; k < n->n_patterns; k++) {
    const civ_manipulation *m = &r->manipulation[k];
    uint32_t victims = 0;
    assert_int_equal(m->manipulator, n->patterns[k].manipulator);
    assert_true(near(m->success_rate, n->patterns[k].rate) && near(m->influence_delta, n->patterns[k].influence));
    assert_string_equal(m->technique, techniques[n->patterns[k].technique]);
    for (uint32_t a = 0; a < s->agents; a++)
      victims += n->patterns[k].victim[a];
    assert_int_equal(m->n_victims, victims);
    for (uint32_t v = 0; v < m->n_victims; v++)
      assert_true(n->patterns[k].victim[m->victims[v]]);
    assert_int_equal(m->n_ids, m->initiated);
  }
  assert_int_equal(r->n_laundering, n->n_paths);
  for (uint32_t k = 0; k < n->n_paths; k++) {
    const civ_laundering *l = &r->laundering[k];
    assert_true(l->source == n->paths[k].source && l->destination == n->paths[k].destination &&
                l->trust_gain == n->paths[k].gain && l->n_between == n->paths[k].n_between);
    for (uint32_t i = 0; i < l->n_between; i++)
      assert_int_equal(l->between[i], n->paths[k].between[i]);
    assert_true(l->n_ids >= 1);
  }
  for (uint32_t k = 0; k < n->n_chains; k++) {
    const civ_chain *a = &n->chains[k], *b = &r->chains[k];
    assert_true(a->number == b->number && a->origin == b->origin && a->n_path == b->n_path && a->depth == b->depth &&
                a->spread == b->spread && near(b->velocity, a->velocity) && a->n_ids == b->n_ids);
    assert_memory_equal(a->path, b->path, a->n_path * sizeof *a->path);
    assert_memory_equal(a->ids, b->ids, a->n_ids * sizeof *a->ids);
  }
}

static void the_analysis_is_the_definition(void **state)
{
  static story s;
  static naive_report n;
  (void)state;
  for (uint64_t seed = 0; seed < 3000; seed++) {
    tell(&s, seed);
    civ_security *history = history_of(&s);
    civ_security_report r = report_of(history, s.trust);
    naive_analyse(&s.rules, s.agents, s.listed, s.records, s.seconds, s.n, s.trust, &n);
    assert_int_equal(r.counts[CIV_THREAT_INJECTION], n.injections);
    assert_int_equal(r.counts[CIV_THREAT_EXFILTRATION], n.exfiltrations);
    assert_int_equal(r.counts[CIV_THREAT_MANIPULATION], n.n_patterns);
    assert_int_equal(r.counts[CIV_THREAT_LAUNDERING], n.n_paths);
    assert_int_equal(r.counts[CIV_THREAT_CONTAGION], n.n_chains);
    assert_int_equal(r.n_threats, r.active_threats);
    assert_int_equal(r.contagion_depth, n.depth);
    assert_int_equal(r.n_flagged, n.flagged);
    assert_true(near(r.ecosystem_threat_level, n.level) && !r.estimated);
    for (uint32_t a = 0; a < s.listed; a++)
      assert_true(near(r.scores[a], n.scores[a]));
    same_lists(&s, &n, &r);
    civ_security_report_free(&r);
    civ_security_destroy(history);
  }
}

/* --- laws --------------------------------------------------------------------------------------------------------------------- */

static bool is_instant(const civ_threat *t)
{
  return t->type == CIV_THREAT_INJECTION || t->type == CIV_THREAT_EXFILTRATION;
}

/* What the lists tell of single interactions, in the same order under other numbers. */
static void same_instants(const civ_security_report *a, const civ_security_report *b, uint32_t agents)
{
  size_t j = 0;
  for (size_t k = 0; k < a->n_threats; k++) {
    const civ_threat *x = &a->threats[k], *y;
    if (!is_instant(x))
      continue;
    while (j < b->n_threats && !is_instant(&b->threats[j]))
      j++;
    assert_true(j < b->n_threats);
    y = &b->threats[j++];
    assert_true(x->type == y->type && x->severity == y->severity && x->ids[0] == y->ids[0]);
    assert_int_equal(x->source, agents - 1 - y->source);
    assert_int_equal(x->targets[0], agents - 1 - y->targets[0]);
  }
}

/* Agents under other numbers: scores go with them, and so do all counts. */
static void names_do_not_matter(void **state)
{
  static story s, t;
  (void)state;
  for (uint64_t seed = 0; seed < 200; seed++) {
    tell(&s, seed);
    s.listed = s.agents;
    t = s;
    for (uint32_t k = 0; k < s.n; k++) {
      t.records[k].initiator = s.agents - 1 - s.records[k].initiator;
      t.records[k].counterparty = s.agents - 1 - s.records[k].counterparty;
    }
    for (uint32_t a = 0; a < s.agents; a++)
      t.trust[s.agents - 1 - a] = s.trust[a];
    civ_security *one = history_of(&s), *two = history_of(&t);
    civ_security_report a = report_of(one, s.trust), b = report_of(two, t.trust);
    assert_memory_equal(a.counts, b.counts, sizeof a.counts);
    assert_true(a.ecosystem_threat_level == b.ecosystem_threat_level);
    for (uint32_t k = 0; k < s.agents; k++)
      assert_true(a.scores[k] == b.scores[s.agents - 1 - k]);
    same_instants(&a, &b, s.agents);
    civ_security_report_free(&a);
    civ_security_report_free(&b);
    civ_security_destroy(one);
    civ_security_destroy(two);
  }
}

/* A higher bar never finds more. */
static void higher_thresholds_find_less(void **state)
{
  static story s;
  (void)state;
  for (uint64_t seed = 0; seed < 200; seed++) {
    uint64_t last[3] = { UINT64_MAX, UINT64_MAX, UINT64_MAX };
    tell(&s, seed);
    for (int step = 0; step < 5; step++) {
      s.rules.injection_threshold = step * 0.2;
      s.rules.laundering_gap = step * 0.2;
      s.rules.manipulation_threshold = step * 0.25;
      civ_security *history = history_of(&s);
      civ_security_report r = report_of(history, s.trust);
      const uint64_t now[] = { r.counts[CIV_THREAT_INJECTION], r.counts[CIV_THREAT_LAUNDERING],
                               r.counts[CIV_THREAT_MANIPULATION] };
      for (int k = 0; k < 3; k++)
        assert_true(now[k] <= last[k]);
      memcpy(last, now, sizeof last);
      civ_security_report_free(&r);
      civ_security_destroy(history);
    }
  }
}

static void two_rejections_alone_are_an_injection(void **state)
{
  civ_interaction r;
  civ_threat_type type;
  (void)state;
  memset(&r, 0, sizeof r);
  r.p = 0.6;
  r.observables.verifier_rejections = 2;
  assert_true(civ_injection_score(&r) >= 0.3);
  r.accepted = true;
  r.p = 0.15;
  r.observables.verifier_rejections = 1;
  r.observables.tool_misuse_flags = 2;
  assert_true(near(civ_injection_score(&r), 0.7));
  assert_true(near(civ_realtime_threat(&r, 1, &type), 1) && type == CIV_THREAT_EXFILTRATION);
}

static void trends(void **state)
{
  const double rising[] = { 0.1, 0.2, 0.3, 0.4, 0.5 }, wild[] = { 0.5, 0.1, 0.4, 0.2 }, flat[] = { 0.3, 0.3 };
  (void)state;
  civ_trend t = civ_threat_trend(rising, 5, 5);
  assert_true(t.known && near(t.trend, 0.1) && fabs(t.acceleration) < 1e-15 && t.max_level == 0.5);
  t = civ_threat_trend(wild, 4, 5);
  assert_true(near(t.trend, -0.06) && near(t.acceleration, 0.2) && t.current_level == 0.2 && t.max_level == 0.5);
  t = civ_threat_trend(flat, 2, 5);
  assert_true(t.known && t.trend == 0 && t.acceleration == 0 && t.current_level == 0.3);
  assert_false(civ_threat_trend(flat, 1, 5).known);
  assert_true(civ_threat_trend(rising, 5, 1).trend == 0);
}

/* --- state, memory ---------------------------------------------------------------------------------------------------------------- */

static void text_of(const civ_security *history, const double *trust, civ_buffer *out)
{
  static const char *const names[NAIVE_AGENTS] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l" };
  civ_security_report r = report_of(history, trust);
  civ_security_report_json(out, &r, names);
  civ_security_report_free(&r);
}

static void a_loaded_history_goes_on(void **state)
{
  static story s;
  (void)state;
  for (uint64_t seed = 0; seed < 100; seed++) {
    tell(&s, seed);
    civ_security *straight = history_of(&s), *first, *second;
    const uint32_t all = s.n;
    s.n /= 2;
    first = history_of(&s);
    civ_bytes bytes = { 0 };
    civ_bytes_open(&bytes, "SECU");
    civ_security_save(first, &bytes);
    civ_bytes_close(&bytes);
    civ_bytes_reader in = { .data = bytes.data, .length = bytes.length };
    assert_int_equal(civ_security_create(&s.rules, s.agents, s.listed, &civ_allocator_malloc, &second, NULL), CIV_OK);
    assert_int_equal(civ_bytes_enter(&in, "SECU", NULL), CIV_OK);
    assert_int_equal(civ_security_load(second, &in, NULL), CIV_OK);
    assert_int_equal(civ_bytes_leave(&in, NULL), CIV_OK);
    for (uint32_t k = s.n; k < all; k++)
      assert_int_equal(civ_security_note(second, &s.records[k], s.seconds[k]), CIV_OK);
    assert_true(civ_security_digest(second) == civ_security_digest(straight));
    civ_buffer a = { 0 }, b = { 0 };
    text_of(straight, s.trust, &a);
    text_of(second, s.trust, &b);
    assert_int_equal(a.length, b.length);
    assert_memory_equal(a.data, b.data, a.length);
    civ_buffer_free(&a);
    civ_buffer_free(&b);
    civ_bytes_free(&bytes);
    civ_security_destroy(straight);
    civ_security_destroy(first);
    civ_security_destroy(second);
  }
}

/* Every broken byte is refused or read as something harmless. */
static void broken_states_do_no_harm(void **state)
{
  static story s;
  (void)state;
  tell(&s, 3);
  civ_security *history = history_of(&s), *other;
  civ_bytes bytes = { 0 };
  civ_bytes_open(&bytes, "SECU");
  civ_security_save(history, &bytes);
  civ_bytes_close(&bytes);
  civ_draws d = stream(9);
  for (int round = 0; round < 400; round++) {
    civ_bytes_reader in = { .data = bytes.data, .length = bytes.length };
    const size_t at = 24 + civ_draw_index(&d, (uint32_t)bytes.length - 24);
    const uint8_t was = bytes.data[at];
    assert_int_equal(civ_bytes_enter(&in, "SECU", NULL), CIV_OK);
    bytes.data[at] ^= (uint8_t)(1u << civ_draw_index(&d, 8));
    assert_int_equal(civ_security_create(&s.rules, s.agents, s.listed, &civ_allocator_malloc, &other, NULL), CIV_OK);
    if (civ_security_load(other, &in, NULL) == CIV_OK) {
      civ_security_report r = report_of(other, s.trust);
      civ_security_report_free(&r);
    }
    civ_security_destroy(other);
    bytes.data[at] = was;
  }
  civ_bytes_free(&bytes);
  civ_security_destroy(history);
}

static void clearing_forgets(void **state)
{
  static story s;
  (void)state;
  tell(&s, 11);
  civ_security *history = history_of(&s);
  civ_security_clear(history);
  assert_int_equal(civ_security_count(history), 0);
  civ_security_report r = report_of(history, s.trust);
  assert_true(r.active_threats == 0 && r.ecosystem_threat_level == 0 && r.containment_success_rate == 1);
  civ_security_report_free(&r);
  civ_buffer a = { 0 }, b = { 0 };
  civ_security *fresh = history_of(&s);
  for (uint32_t k = 0; k < s.n; k++)
    assert_int_equal(civ_security_note(history, &s.records[k], s.seconds[k]), CIV_OK);
  text_of(history, s.trust, &a);
  text_of(fresh, s.trust, &b);
  assert_int_equal(a.length, b.length);
  assert_memory_equal(a.data, b.data, a.length);
  civ_buffer_free(&a);
  civ_buffer_free(&b);
  civ_security_destroy(history);
  civ_security_destroy(fresh);
}

static void reserved_notes_take_no_memory(void **state)
{
  static story s;
  failing_allocator f;
  civ_security *history;
  (void)state;
  tell(&s, 5);
  assert_true(s.n > 20);
  failing_allocator_init(&f, SIZE_MAX);
  assert_int_equal(civ_security_create(&s.rules, s.agents, s.listed, &f.allocator, &history, NULL), CIV_OK);
  for (uint32_t k = 0; k < s.n; k += 10) {
    assert_int_equal(civ_security_reserve(history, 10), CIV_OK);
    failing_allocator_seal(&f);
    for (uint32_t i = k; i < k + 10 && i < s.n; i++)
      assert_int_equal(civ_security_note(history, &s.records[i], s.seconds[i]), CIV_OK);
    failing_allocator_unseal(&f);
  }
  civ_security_destroy(history);
  assert_int_equal(f.blocks, 0);
}

static void want_of_memory_is_told(void **state)
{
  static story s;
  bool done = false;
  (void)state;
  tell(&s, 5);
  for (size_t allowed = 0; !done; allowed++) {
    failing_allocator f;
    failing_allocator_init(&f, allowed);
    civ_security *history = NULL;
    civ_security_report r;
    civ_error err = { 0 };
    civ_draws draws = stream(1);
    civ_status st = civ_security_create(&s.rules, s.agents, s.listed, &f.allocator, &history, &err);
    for (uint32_t k = 0; st == CIV_OK && k < s.n; k++)
      st = civ_security_note(history, &s.records[k], s.seconds[k]);
    if (st == CIV_OK && (st = civ_security_analyse(history, s.trust, &draws, &r, &err)) == CIV_OK) {
      civ_security_report_free(&r);
      done = true;
    }
    assert_true(st == CIV_OK || st == CIV_E_NOMEM);
    civ_security_destroy(history);
    assert_int_equal(f.blocks, 0);
  }
}

/* Whatever happens between: the lists tell of the history that was assessed. */
static void lists_can_be_made_later(void **state)
{
  static story s;
  static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p" };
  (void)state;
  _Static_assert(NAIVE_AGENTS <= sizeof names / sizeof *names, "everybody has a name");
  for (uint64_t seed = 0; seed < 300; seed++) {
    civ_buffer texts[2] = { { 0 } };
    tell(&s, seed);
    civ_security *history = history_of(&s);
    civ_security_report at_once = report_of(history, s.trust), later;
    civ_draws draws = stream(5), others = stream(seed + 1000);
    assert_int_equal(civ_security_assess(history, s.trust, &draws, &later, NULL), CIV_OK);
    for (uint32_t k = 0; k < 100; k++) {
      const civ_interaction r = random_record(&others, s.agents, 1000 + k);
      assert_int_equal(civ_security_note(history, &r, 2000), CIV_OK);
    }
    for (uint32_t a = 0; a < s.agents; a++)
      s.trust[a] = -s.trust[a];
    for (int twice = 0; twice < 2; twice++)
      assert_int_equal(civ_security_list(history, &later), CIV_OK);
    civ_security_report_json(&texts[0], &at_once, names);
    civ_security_report_json(&texts[1], &later, names);
    assert_int_equal(texts[0].length, texts[1].length);
    assert_memory_equal(texts[0].data, texts[1].data, texts[0].length);
    for (int k = 0; k < 2; k++)
      civ_buffer_free(&texts[k]);
    civ_security_report_free(&at_once);
    civ_security_report_free(&later);
    civ_security_destroy(history);
  }
}

/* --- large populations ---------------------------------------------------------------------------------------------------------------- */

static civ_security *crowd(uint32_t agents, uint32_t n, uint32_t exact_limit, uint32_t samples, uint32_t min_chain,
                           double *trust)
{
  civ_security_rules rules = usual;
  civ_security *s;
  civ_draws d = stream(agents);
  rules.exact_limit = exact_limit;
  rules.samples = samples;
  rules.min_chain = min_chain;
  assert_int_equal(civ_security_create(&rules, agents, agents, &civ_allocator_malloc, &s, NULL), CIV_OK);
  for (uint32_t k = 0; k < n; k++) {
    const civ_interaction r = random_record(&d, agents, k + 1);
    assert_int_equal(civ_security_note(s, &r, 0), CIV_OK);
  }
  for (uint32_t a = 0; a < agents; a++)
    trust[a] = civ_draw_between(&d, -1, 1);
  return s;
}

/* Scores do not depend on sampling; the number of paths is near the true one. */
static void samples_are_near_the_truth(void **state)
{
  enum { AGENTS = 2000 };
  static double trust[AGENTS];
  (void)state;
  for (uint32_t chain = 3; chain <= 5; chain += 2) { /* by components, and by searches */
    civ_security *exact = crowd(AGENTS, 6000, 5000, 100, chain, trust);
    civ_security *sampled = crowd(AGENTS, 6000, 1000, 400, chain, trust);
    civ_security_report a = report_of(exact, trust), b = report_of(sampled, trust);
    assert_true(!a.estimated && b.estimated);
    const double truth = (double)a.counts[CIV_THREAT_LAUNDERING], drawn = (double)b.counts[CIV_THREAT_LAUNDERING];
    assert_true(truth > 100000 && fabs(drawn - truth) < 0.12 * truth);
    for (uint32_t k = 0; k < AGENTS; k++)
      assert_true(a.scores[k] == b.scores[k]);
    assert_int_equal(a.n_laundering, CIV_SECURITY_LIST);
    assert_int_equal(a.n_threats, CIV_SECURITY_LIST);
    civ_security_report_free(&a);
    civ_security_report_free(&b);
    civ_security_destroy(exact);
    civ_security_destroy(sampled);
  }
}

/* The thousand worst of many paths, in the order of their sources. */
static void the_list_keeps_the_worst(void **state)
{
  enum { AGENTS = 300 };
  static double trust[AGENTS];
  (void)state;
  civ_security *s = crowd(AGENTS, 1200, 5000, 1, 3, trust);
  civ_security_report r = report_of(s, trust);
  assert_true(r.counts[CIV_THREAT_LAUNDERING] > CIV_SECURITY_LIST && r.n_laundering == CIV_SECURITY_LIST);
  for (uint32_t k = 0; k < r.n_laundering; k++) {
    assert_true(r.laundering[k].trust_gain >= 0.5); /* there are plenty of these, and nothing is worse */
    assert_true(k == 0 || r.laundering[k - 1].source <= r.laundering[k].source);
  }
  for (uint32_t k = 1; k < r.n_threats; k++)
    assert_true(r.threats[k - 1].type <= r.threats[k].type);
  civ_security_report_free(&r);
  civ_security_destroy(s);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(the_analysis_is_the_definition),
    cmocka_unit_test(names_do_not_matter),
    cmocka_unit_test(higher_thresholds_find_less),
    cmocka_unit_test(two_rejections_alone_are_an_injection),
    cmocka_unit_test(trends),
    cmocka_unit_test(a_loaded_history_goes_on),
    cmocka_unit_test(broken_states_do_no_harm),
    cmocka_unit_test(clearing_forgets),
    cmocka_unit_test(reserved_notes_take_no_memory),
    cmocka_unit_test(want_of_memory_is_told),
    cmocka_unit_test(lists_can_be_made_later),
    cmocka_unit_test(samples_are_near_the_truth),
    cmocka_unit_test(the_list_keeps_the_worst),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
