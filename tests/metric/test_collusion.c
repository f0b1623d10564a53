/* Collusion: golden histories, everything recomputed from the dealings themselves, laws over random histories. */
#include "collusion_twin.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "civitas/fixture.h"

enum { TRIALS = 120 };

/* --- by hand ------------------------------------------------------------------------------------------------------------------ */

static void scores_by_hand(void **state)
{
  (void)state;
  near(civ_collusion_score(3, 1, 1, 0.2, 12, 2), 0.9);
  near(civ_collusion_score(1, 0.5, 0.9, 0.35, 6, 2), 0.306);
  near(civ_collusion_score(-0.5, 1, 1, 0.65, 20, 2), 0.5);
  near(civ_collusion_score(2, -1, 0.4, 0.1, 10, 2), 0.25);
  near(civ_collusion_score(0.5, 0, 0.75, 0.5, 4, 2), 0.065);
}

static void a_pair_by_hand(void **state)
{
  enum { A, B, C, D };
  history h = { .agents = 4 };
  civ_collusion_params params = civ_collusion_defaults();
  (void)state;
  params.score_threshold = 0.3;
  history_put(&h, A, B, 0.4, 0.02, 0, true);
  history_put(&h, A, B, 0.35, 0.01, 10, true);
  history_put(&h, B, A, 0.3, 0, 30, true);
  history_put(&h, A, B, 0.45, 0.03, 60, false);
  history_put(&h, A, B, 0.5, 0.05, 61, true);
  history_put(&h, B, A, 0.42, 0.02, 90, true);
  history_put(&h, C, A, 0.7, 0, 91, true);
  history_put(&h, D, C, 0.8, 0, 95, true);
  civ_collusion_report r = history_report(&h, &params);
  assert_int_equal(r.n_flagged_pairs, 1);
  assert_int_equal(r.n_flagged_groups, 0);
  assert_int_equal(r.pairs, 3);
  assert_int_equal(r.analysed, 1);
  near(r.ecosystem_risk, 0.05);
  near(r.average_score, 0.39831601717798215);
  near(r.max_score, 0.39831601717798215);
  near(r.risk[A], r.max_score);
  near(r.risk[B], r.max_score);
  assert_true(r.risk[C] == 0 && r.risk[D] == 0);
  const civ_collusion_pair *p = &r.suspicious[0];
  near(p->acceptance, 5.0 / 6);
  near(p->benefit_a, -0.021666666666666667);
  near(p->benefit_b, -0.021666666666666667);
  near(p->correlation, 1);
  near(p->p_a, 0.425);
  near(p->p_b, 0.36);
  near(p->gap, 18);
  near(p->burstiness, 0.619637488604386);
  assert_int_equal(p->signals, CIV_COLLUSION_CORRELATED | CIV_COLLUSION_AGREEABLE | CIV_COLLUSION_ASYMMETRIC);
  civ_collusion_report_fini(&r);
}

static void a_group_by_hand(void **state)
{
  enum { K1, K2, K3, O1, O2, O3 };
  history h = { .agents = 6 };
  civ_collusion_params params = civ_collusion_defaults();
  (void)state;
  params.score_threshold = 0.3;
  for (int k = 0; k < 10; k++)
    history_put(&h, K1, K2, 0.3, 0, 0, true);
  for (int k = 0; k < 10; k++)
    history_put(&h, K2, K3, 0.35, 0, 0, true);
  for (int k = 0; k < 4; k++)
    history_put(&h, K3, K1, 0.8, 0, 0, true);
  history_put(&h, O1, K1, 0.1, 0, 0, true);
  history_put(&h, K2, O2, 0.2, 0, 0, true);
  history_put(&h, O1, O2, 0.9, 0, 0, true);
  history_put(&h, O2, O3, 0.9, 0, 0, true);
  civ_collusion_report r = history_report(&h, &params);
  assert_int_equal(r.n_flagged_pairs, 2);
  near(r.suspicious[0].score, 0.4409406539564934);
  near(r.suspicious[1].score, 0.42844065395649333);
  near(r.average_score, 0.31646043597099555);
  assert_int_equal(r.n_flagged_groups, 1);
  const civ_collusion_group *g = &r.groups[0];
  assert_int_equal(g->size, 3);
  for (uint32_t k = 0; k < 3; k++)
    assert_int_equal(r.members[g->first + k], k);
  near(g->internal_rate, 0.92307692307692313);
  near(g->external_rate, 0.076923076923076927);
  near(g->p_internal, 0.40416666666666662);
  near(g->p_external, 0.15);
  near(g->score, 0.39276923076923076);
  near(r.ecosystem_risk, 0.34710769230769234);
  assert_true(g->target_overlap == 0); /* k1 met o1, k2 met o2, k3 nobody */
  civ_collusion_report_fini(&r);
}

static void nothing_says_nothing(void **state)
{
  history h = { .agents = 5 };
  civ_collusion_params params = civ_collusion_defaults();
  civ_buffer text = { 0 };
  (void)state;
  params.score_threshold = 0;
  civ_collusion_report r = history_report(&h, &params);
  assert_true(r.ecosystem_risk == 0 && r.n_flagged_pairs == 0 && r.n_flagged_agents == 0);
  civ_collusion_report_json(&r, NULL, NULL, &text);
  civ_buffer_add(&text, "", 1);
  assert_non_null(strstr(text.data, "\"agent_collusion_risk\": {}"));
  civ_buffer_free(&text);
  civ_collusion_report_fini(&r);
}

/* --- against the slow twin ---------------------------------------------------------------------------------------------- */

static void pairs_agree(const civ_collusion_report *r, const slow_report *slow)
{
  assert_int_equal(r->n_suspicious, slow->flagged);
  for (uint32_t k = 0; k < slow->flagged; k++) {
    const slow_pair *s = &slow->pairs[k];
    const civ_collusion_pair *p = NULL;
    for (uint32_t i = 0; i < r->n_suspicious; i++)
      if (r->suspicious[i].order == s->order)
        p = &r->suspicious[i];
    assert_non_null(p);
    near(p->score, s->score);
    near(r->suspicious[k].score, s->score); /* the order, but for the last bits */
    near(p->frequency, s->z);
    near(p->correlation, s->kappa);
    near(p->acceptance, s->acceptance);
    near(p->p_a, s->p_a);
    near(p->p_b, s->p_b);
    near(p->benefit_a, s->benefit_a);
    near(p->benefit_b, s->benefit_b);
    near(p->gap, s->gap);
    near(p->burstiness, s->burstiness);
  }
}

static void equals_what_is_recomputed(void **state)
{
  slow_report *slow = calloc(1, sizeof *slow);
  uint32_t groups = 0, flagged = 0;
  (void)state;
  for (uint32_t trial = 0; trial < TRIALS; trial++) {
    const history h = history_draw(trial);
    const civ_collusion_params params = history_params(trial);
    civ_collusion_report r = history_report(&h, &params);
    slow_analyse(&h, &params, slow);
    assert_int_equal(r.pairs, slow->n);
    assert_int_equal(r.analysed, slow->analysed);
    assert_int_equal(r.n_flagged_pairs, slow->flagged);
    pairs_agree(&r, slow);
    near(r.average_score, slow->analysed > 0 ? slow->sum / slow->analysed : 0);
    near(r.max_score, slow->most);
    near(r.ecosystem_risk, slow->ecosystem);
    assert_int_equal(r.n_flagged_groups, slow->n_groups);
    for (uint32_t g = 0; g < slow->n_groups; g++) {
      near(r.groups[g].score, slow->groups[g].score);
      near(r.groups[g].internal_rate, slow->groups[g].internal_rate);
      near(r.groups[g].p_internal, slow->groups[g].p_internal);
      near(r.groups[g].p_external, slow->groups[g].p_external);
      near(r.groups[g].target_overlap, slow->groups[g].overlap);
    }
    for (civ_agent a = 0; a < h.agents; a++) {
      near(r.risk[a], slow->risk[a]);
      near(r.clustering[a], slow_clustering(&h, a, params.window_seconds));
    }
    groups += slow->n_groups;
    flagged += slow->flagged;
    civ_collusion_report_fini(&r);
  }
  free(slow);
  assert_true(groups > 30 && flagged > 300); /* the histories show something */
}

/* --- laws ------------------------------------------------------------------------------------------------------------------------ */

/* Other numbers for the same agents change no score, nor which agents are in which group. */
static void numbers_of_agents_decide_nothing(void **state)
{
  (void)state;
  for (uint32_t trial = 0; trial < TRIALS; trial++) {
    const history h = history_draw(trial);
    history other = h;
    const civ_collusion_params params = history_params(trial);
    for (uint32_t k = 0; k < h.n; k++) {
      other.items[k].record.initiator = h.agents - 1 - h.items[k].record.initiator;
      other.items[k].record.counterparty = h.agents - 1 - h.items[k].record.counterparty;
    }
    civ_collusion_report r = history_report(&h, &params), s = history_report(&other, &params);
    assert_true(r.ecosystem_risk == s.ecosystem_risk || fabs(r.ecosystem_risk - s.ecosystem_risk) < 1e-12);
    assert_int_equal(r.n_flagged_pairs, s.n_flagged_pairs);
    assert_int_equal(r.n_flagged_groups, s.n_flagged_groups);
    for (uint32_t k = 0; k < r.n_suspicious; k++) {
      near(r.suspicious[k].score, s.suspicious[k].score);
      assert_int_equal(r.suspicious[k].order, s.suspicious[k].order);
    }
    for (civ_agent a = 0; a < h.agents; a++)
      near(r.risk[a], s.risk[h.agents - 1 - a]);
    civ_collusion_report_fini(&r);
    civ_collusion_report_fini(&s);
  }
}

/* Texts name the lower name first, by bytes, whatever the numbers. */
static void names_decide_who_is_first(void **state)
{
  static const char *const names[] = { "x_2", "x_10" };
  history h = { .agents = 2 };
  civ_collusion_params params = civ_collusion_defaults();
  civ_buffer text = { 0 };
  (void)state;
  params.score_threshold = 0;
  for (int k = 0; k < 4; k++) {
    history_put(&h, 0, 1, 0.25, 0, 0, true);
    h.items[h.n - 1].record.tau = 1;
  }
  civ_collusion_report r = history_report(&h, &params);
  civ_collusion_report_json(&r, names, NULL, &text);
  json_t *tree = json_loadb(text.data, text.length, 0, NULL);
  const json_t *pair = json_array_get(json_object_get(tree, "suspicious_pairs"), 0);
  assert_string_equal(json_string_value(json_object_get(pair, "agent_a")), "x_10");
  assert_string_equal(json_string_value(json_object_get(pair, "agent_b")), "x_2");
  near(json_number_value(json_object_get(pair, "avg_benefit_a")), 1);
  near(json_number_value(json_object_get(pair, "avg_benefit_b")), -1);
  near(json_number_value(json_object_get(pair, "avg_p_when_a_initiates")), 0.5);
  near(json_number_value(json_object_get(pair, "avg_p_when_b_initiates")), 0.25);
  json_decref(tree);
  civ_buffer_free(&text);
  civ_collusion_report_fini(&r);
}

/* Without transfers no benefit varies on the transfers' own basis: the correlation that taxes make is gone. */
static void taxes_correlate_only_where_they_count(void **state)
{
  history h = { .agents = 2 };
  civ_collusion_params params = civ_collusion_defaults();
  (void)state;
  params.score_threshold = 0;
  for (int k = 0; k < 12; k++)
    history_put(&h, 0, 1, 0.5, 0.01 * k, 0, true);
  civ_collusion_report with = history_report(&h, &params);
  params.transfer_only = true;
  civ_collusion_report without = history_report(&h, &params);
  near(with.suspicious[0].correlation, 1);
  assert_true(without.suspicious[0].correlation == 0);
  near(with.suspicious[0].score - without.suspicious[0].score, 0.3);
  civ_collusion_report_fini(&with);
  civ_collusion_report_fini(&without);
}

static void lists_are_cut_and_counts_are_not(void **state)
{
  enum { AGENTS = 60 };
  civ_collusion_params params = civ_collusion_defaults();
  civ_collusion *c;
  civ_draws d = history_stream(5000);
  (void)state;
  params.score_threshold = 0;
  assert_int_equal(civ_collusion_create(&params, AGENTS, AGENTS, false, &civ_allocator_malloc, &c, NULL), CIV_OK);
  for (civ_agent a = 0; a < AGENTS; a++)
    for (civ_agent b = a + 1; b < AGENTS; b++)
      for (uint32_t k = 3 + civ_draw_index(&d, 9); k > 0; k--) {
        civ_interaction record = civ_interaction_default();
        record.initiator = a;
        record.counterparty = b;
        record.accepted = civ_draw_chance(&d, 0.9);
        record.p = civ_draw_uniform(&d);
        assert_int_equal(civ_collusion_reserve(c, 1), CIV_OK);
        civ_collusion_add(c, &record, 0);
      }
  civ_collusion_report r = history_analyse(c, AGENTS);
  assert_int_equal(r.n_flagged_pairs, AGENTS * (AGENTS - 1) / 2);
  assert_int_equal(r.n_suspicious, CIV_COLLUSION_LISTED);
  near(r.suspicious[0].score, r.max_score);
  for (uint32_t k = 1; k < r.n_suspicious; k++)
    assert_true(
        r.suspicious[k - 1].score > r.suspicious[k].score ||
        (r.suspicious[k - 1].score == r.suspicious[k].score && r.suspicious[k - 1].order < r.suspicious[k].order));
  civ_collusion_report_fini(&r);
  civ_collusion_destroy(c);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(scores_by_hand),
    cmocka_unit_test(a_pair_by_hand),
    cmocka_unit_test(a_group_by_hand),
    cmocka_unit_test(nothing_says_nothing),
    cmocka_unit_test(equals_what_is_recomputed),
    cmocka_unit_test(numbers_of_agents_decide_nothing),
    cmocka_unit_test(names_decide_who_is_first),
    cmocka_unit_test(taxes_correlate_only_where_they_count),
    cmocka_unit_test(lists_are_cut_and_counts_are_not),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
