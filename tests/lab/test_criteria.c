#include "../support/check.h"

#include "lab/criteria.h"

static const civ_metric_decl columns[] = { { "toxicity_rate", false, "" }, { "total_welfare", false, "" } };
static const double rows[] = { .2, 4, .4, 5.5, .3, 1 };
static const civ_agent_row agents[] = { { .type = CIV_ADVERSARIAL, .payoff = 3 },
                                        { .type = CIV_ADVERSARIAL, .payoff = .5 },
                                        { .type = CIV_HONEST, .payoff = .5 } };
static const civ_metric_decl totals[] = { { "net_n_components", true, "" }, { "collusion.flagged_pairs", true, "" } };
static const double values[] = { 2, NAN };

static const civ_run_record record = { .epoch_columns = { 2, columns },
                                       .n_epochs = 3,
                                       .rows = rows,
                                       .n_agents = 3,
                                       .agents = agents,
                                       .total_columns = { 2, totals },
                                       .totals = values };

static civ_finding look(const char *name, double bound, const civ_history *history, civ_outcome *overall)
{
  const civ_criterion c = { .name = name, .bound = bound };
  civ_finding f;
  const civ_outcome o = civ_criteria_evaluate(&c, 1, &record, history, &f);
  if (overall != NULL)
    *overall = o;
  return f;
}

static void every_kind_by_hand(void **state)
{
  static const struct {
    const char *name;
    double bound;
    civ_outcome outcome;
    double measured;
  } cases[] = {
    { "min_epochs", 3, CIV_OUTCOME_PASS, 3 },
    { "min_epochs", 4, CIV_OUTCOME_FAIL, 3 },
    { "min_agents", 3, CIV_OUTCOME_PASS, 3 },
    { "toxicity_threshold", .3, CIV_OUTCOME_PASS, .3 }, /* 0.2 + 0.4 + 0.3 over 3 misses 0.3 by a rounding */
    { "max_toxicity", .2999, CIV_OUTCOME_FAIL, .3 },
    { "max_avg_toxicity", .31, CIV_OUTCOME_PASS, .3 },
    { "min_total_welfare", 10.5, CIV_OUTCOME_PASS, 10.5 },
    { "min_welfare", 10.51, CIV_OUTCOME_FAIL, 10.5 },
    { "max_adversary_payoff", 1.75, CIV_OUTCOME_PASS, 1.75 },
    { "min_honest_agent_payoff", 1, CIV_OUTCOME_FAIL, .5 },
    { "min_connected_components", 2, CIV_OUTCOME_PASS, 2 },
    { "max_connected_components", 1, CIV_OUTCOME_FAIL, 2 },
  };
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    civ_outcome overall;
    const civ_finding f = look(cases[k].name, cases[k].bound, NULL, &overall);
    assert_int_equal(f.outcome, cases[k].outcome);
    assert_int_equal(overall, cases[k].outcome);
    assert_near(f.measured, cases[k].measured, 1e-12);
    assert_null(f.reason);
  }
}

static void what_cannot_be_looked_at_never_passes(void **state)
{
  static const char *const names[] = { "max_avg_path_length", "min_flagged_pairs",  "min_detection_rate",
                                       "max_llm_cost_usd",    "max_final_n_frozen", "no_such_thing" };
  (void)state;
  for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
    civ_outcome overall;
    const civ_finding f = look(names[k], 1e9, NULL, &overall);
    assert_int_equal(f.outcome, CIV_OUTCOME_NOT_EVALUABLE);
    assert_int_equal(overall, CIV_OUTCOME_NOT_EVALUABLE);
    assert_non_null(f.reason);
  }
  assert_int_equal(civ_criteria_evaluate(NULL, 0, &record, NULL, NULL), CIV_OUTCOME_NOT_EVALUABLE);
}

/* A detector that was off, one that never reported, and one that did. */
static void detectors_must_have_reported(void **state)
{
  static const struct {
    const char *criterion, *total, *report;
    bool at_least;
    double least; /* reports, with the one made when the run is over */
  } cases[] = {
    { "min_flagged_pairs", "collusion.flagged_pairs", "events:collusion_report", true, 2 },
    { "max_ecosystem_collusion_risk", "collusion.ecosystem_risk", "events:collusion_report", false, 2 },
    { "max_ecosystem_threat_level", "security.ecosystem_threat_level", "security.reports", false, 1 },
    { "max_contagion_depth", "security.max_contagion_depth", "security.reports", false, 1 },
    { "min_containment_effectiveness", "security.containment_effectiveness", "security.reports", true, 1 },
  };
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
    const civ_metric_decl names[] = { { cases[k].total, false, "" }, { cases[k].report, true, "" } };
    for (int reports = -1; reports < 4; reports++) { /* 3: what it says is no number */
      const bool known = reports >= 0 && reports < 3 && reports >= cases[k].least;
      const double numbers[] = { reports == 3 ? NAN : 0.5, reports };
      const civ_run_record r = { .total_columns = { reports < 0 ? 0 : 2, names }, .totals = numbers };
      for (int way = 0; way < 2; way++) {
        const civ_criterion c = { .name = cases[k].criterion, .bound = way ? 0.4 : 0.6 };
        civ_finding f;
        const civ_outcome o = civ_criteria_evaluate(&c, 1, &r, NULL, &f);
        if (known)
          assert_int_equal(o, cases[k].at_least == (way == 1) ? CIV_OUTCOME_PASS : CIV_OUTCOME_FAIL);
        else
          assert_int_equal(o, CIV_OUTCOME_NOT_EVALUABLE);
        assert_true((f.reason == NULL) == known);
      }
    }
  }
}

static void penalties_need_a_lever(void **state)
{
  const civ_metric_decl names[] = { { "penalty_total_malicious", false, "" } };
  const double numbers[] = { 12.5 };
  const civ_run_record with = { .total_columns = { 1, names }, .totals = numbers }, without = { 0 };
  const civ_criterion c = { .name = "min_penalty_total", .bound = 12.5 };
  civ_finding f;
  (void)state;
  assert_int_equal(civ_criteria_evaluate(&c, 1, &with, NULL, &f), CIV_OUTCOME_PASS);
  assert_int_equal(civ_criteria_evaluate(&c, 1, &without, NULL, &f), CIV_OUTCOME_NOT_EVALUABLE);
  assert_non_null(strstr(f.reason, "sybil_detection_enabled"));
}

static void columns_of_the_history(void **state)
{
  civ_history h = civ_history_create();
  (void)state;
  for (uint32_t e = 0; e < 2; e++) {
    civ_epoch_snapshot s = civ_epoch_snapshot_blank(e);
    s.values[CIV_COLUMN_gini_coefficient] = e == 0 ? .2 : .6;
    assert_int_equal(civ_history_add_epoch(&h, &s), CIV_OK);
  }
  assert_int_equal(look("max_final_gini_coefficient", .6, &h, NULL).outcome, CIV_OUTCOME_PASS);
  assert_int_equal(look("max_final_gini_coefficient", .5, &h, NULL).outcome, CIV_OUTCOME_FAIL);
  assert_int_equal(look("max_mean_gini_coefficient", .4, &h, NULL).outcome, CIV_OUTCOME_PASS);
  assert_int_equal(look("min_mean_gini_coefficient", .41, &h, NULL).outcome, CIV_OUTCOME_FAIL);
  assert_int_equal(look("min_final_gini", .1, &h, NULL).outcome, CIV_OUTCOME_NOT_EVALUABLE);
  const civ_criterion with[] = { { .name = "min_epochs" }, { .name = "max_final_gini_coefficient" } };
  assert_true(civ_criteria_need_history(with, 2));
  assert_false(civ_criteria_need_history(with, 1));
  civ_history_destroy(&h);
}

static void overall_is_the_worst(void **state)
{
  const civ_criterion all[] = { { .name = "min_epochs", .bound = 1 },
                                { .name = "max_avg_path_length", .bound = 1 },
                                { .name = "min_agents", .bound = 99 },
                                { .name = "max_llm_cost_usd", .bound = 1 } };
  civ_finding f[4];
  (void)state;
  assert_int_equal(civ_criteria_evaluate(all, 1, &record, NULL, f), CIV_OUTCOME_PASS);
  assert_int_equal(civ_criteria_evaluate(all, 2, &record, NULL, f), CIV_OUTCOME_NOT_EVALUABLE);
  assert_int_equal(civ_criteria_evaluate(all, 4, &record, NULL, f), CIV_OUTCOME_FAIL);
}

static void a_run_without_epochs(void **state)
{
  const civ_run_record none = { .epoch_columns = { 2, columns } };
  const civ_criterion all[] = { { .name = "min_epochs", .bound = 10 }, { .name = "toxicity_threshold", .bound = .5 } };
  civ_finding f[2];
  (void)state;
  assert_int_equal(civ_criteria_evaluate(all, 2, &none, NULL, f), CIV_OUTCOME_FAIL);
  assert_int_equal(f[0].outcome, CIV_OUTCOME_FAIL);
  assert_int_equal(f[1].outcome, CIV_OUTCOME_PASS); /* no epochs count as 0 */
  assert_near(f[1].measured, 0, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_kind_by_hand),     cmocka_unit_test(what_cannot_be_looked_at_never_passes),
    cmocka_unit_test(columns_of_the_history), cmocka_unit_test(overall_is_the_worst),
    cmocka_unit_test(a_run_without_epochs),   cmocka_unit_test(detectors_must_have_reported),
    cmocka_unit_test(penalties_need_a_lever),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
