/* Cases of collusion detection: the analyser by itself, and the lever at an epoch's start. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "conformance.h"
#include "court.h"
#include "govern/levers.h"
#include "metric/collusion.h"
#include "records.h"

/* --- records ---------------------------------------------------------------------------------------------------------------- */

static int by_value(const void *x, const void *y)
{
  const double a = *(const double *)x, b = *(const double *)y;
  return (a > b) - (a < b);
}

static bool same_pair(const civ_interaction *x, const civ_interaction *y)
{
  return (x->initiator == y->initiator && x->counterparty == y->counterparty) ||
         (x->initiator == y->counterparty && x->counterparty == y->initiator);
}

/* Of times only their order within a pair counts, and a run's never decrease: the k-th dealing of a pair gets its k-th time. */
static double time_of(const json_t *list, const civ_interaction *records, size_t at)
{
  double *times = calloc(at + json_array_size(list) + 1, sizeof *times);
  size_t n = 0, place = 0;
  for (size_t k = 0; k < json_array_size(list); k++)
    if (same_pair(&records[k], &records[at])) {
      place += k < at;
      times[n++] = civ_json_real(json_array_get(list, k), "t", 0);
    }
  qsort(times, n, sizeof *times, by_value);
  const double t = times[place];
  free(times);
  return t;
}

static json_t *report_json(const civ_collusion_report *r, const char *const *names)
{
  civ_buffer text = { 0 };
  civ_collusion_report_json(r, names, NULL, &text);
  json_t *tree = text.failed ? NULL : json_loadb(text.data, text.length, 0, NULL);
  civ_buffer_free(&text);
  return tree;
}

/* --- pure functions ------------------------------------------------------------------------------------------------------------ */

static conformance_outcome pair_score(const conformance_case *k)
{
  return conformance_answer(
      json_pack("{s:f}", "score",
                civ_collusion_score(civ_json_real(k->input, "z", 0), civ_json_real(k->input, "correlation", 0),
                                    civ_json_real(k->input, "acceptance", 0), civ_json_real(k->input, "avg_p", 0.5),
                                    (uint64_t)civ_json_integer(k->input, "n", 0),
                                    civ_json_real(k->input, "frequency_threshold", 2))));
}

static civ_status analyse(const json_t *list, const civ_interaction *records, const civ_collusion_params *params,
                          const conformance_roll *r, uint32_t listed, json_t **answer)
{
  civ_collusion *seen;
  civ_collusion_report report;
  civ_status status = civ_collusion_create(params, r->n, listed, false, &civ_allocator_malloc, &seen, NULL);
  if (status != CIV_OK)
    return status;
  status = civ_collusion_reserve(seen, json_array_size(list));
  for (size_t k = 0; status == CIV_OK && k < json_array_size(list); k++)
    civ_collusion_add(seen, &records[k], time_of(list, records, k));
  if (status == CIV_OK)
    status = civ_collusion_report_init(&report, r->n, &civ_allocator_malloc, NULL);
  if (status == CIV_OK) {
    status = civ_collusion_analyse(seen, &report);
    *answer = report_json(&report, r->names);
    civ_collusion_report_fini(&report);
  }
  civ_collusion_destroy(seen);
  return status;
}

static conformance_outcome collusion_analyze(const conformance_case *k)
{
  civ_collusion_params params = civ_collusion_defaults();
  json_t *list = conformance_written_out(json_object_get(k->input, "interactions")), *name, *answer = NULL;
  const json_t *agents = json_object_get(k->input, "agents");
  conformance_roll r = { 0 };
  size_t i;
  params.frequency_threshold = civ_json_real(k->input, "frequency_threshold", 2);
  params.score_threshold = civ_json_real(k->input, "score_threshold", 0.5);
  params.min_interactions = (uint32_t)civ_json_integer(k->input, "min_interactions", 3);
  json_array_foreach((json_t *)agents, i, name) conformance_number(&r, json_string_value(name));
  const uint32_t given = r.n;
  civ_interaction *records = calloc(json_array_size(list) + 1, sizeof *records);
  for (i = 0; i < json_array_size(list); i++)
    records[i] = conformance_record(&r, json_array_get(list, i), 0);
  const civ_status status = analyse(list, records, &params, &r, json_is_array(agents) ? given : r.n, &answer);
  free(records);
  free(r.names);
  json_decref(list);
  return status == CIV_OK ? conformance_answer(answer) : conformance_refuse();
}

static int by_time(const void *x, const void *y)
{
  const json_t *a = *(json_t *const *)x, *b = *(json_t *const *)y;
  const double s = civ_json_real(a, "t", 0), t = civ_json_real(b, "t", 0);
  return (s > t) - (s < t);
}

static conformance_outcome temporal_clustering(const conformance_case *k)
{
  civ_collusion_params params = civ_collusion_defaults();
  json_t *list = conformance_written_out(json_object_get(k->input, "interactions")), *map = json_object();
  const size_t n = json_array_size(list);
  const json_t **sorted = calloc(n + 1, sizeof *sorted);
  conformance_roll r = { 0 };
  civ_collusion *seen;
  civ_collusion_report report;
  params.window_seconds = civ_json_real(k->input, "window_seconds", 60);
  for (size_t i = 0; i < n; i++) {
    sorted[i] = json_array_get(list, i);
    conformance_record(&r, sorted[i], 0);
  }
  qsort(sorted, n, sizeof *sorted, by_time);
  if (civ_collusion_create(&params, r.n, r.n, false, &civ_allocator_malloc, &seen, NULL) != CIV_OK ||
      civ_collusion_reserve(seen, n) != CIV_OK ||
      civ_collusion_report_init(&report, r.n, &civ_allocator_malloc, NULL) != CIV_OK)
    return conformance_refuse();
  for (size_t i = 0; i < n; i++) {
    const civ_interaction record = conformance_record(&r, sorted[i], 0);
    civ_collusion_add(seen, &record, civ_json_real(sorted[i], "t", 0));
  }
  const civ_status status = civ_collusion_analyse(seen, &report);
  for (uint32_t a = 0; a < r.n; a++)
    json_object_set_new(map, r.names[a], json_real(report.clustering[a]));
  civ_collusion_report_fini(&report);
  civ_collusion_destroy(seen);
  free(sorted);
  free(r.names);
  json_decref(list);
  return status == CIV_OK ? conformance_answer(map) : conformance_refuse();
}

static conformance_outcome vote_coordination(const conformance_case *k)
{
  civ_collusion_params params = civ_collusion_defaults();
  const json_t *votes = json_object_get(k->input, "votes");
  conformance_roll voters = { 0 }, targets = { 0 };
  civ_collusion *seen;
  civ_coordination found = { 0 };
  json_t *vote, *answer = json_array();
  size_t i;
  params.vote_alignment = civ_json_real(k->input, "threshold", 0.8);
  json_array_foreach((json_t *)votes, i, vote) conformance_number(&voters, civ_json_text(vote, "voter", ""));
  if (civ_collusion_create(&params, voters.n, voters.n, true, &civ_allocator_malloc, &seen, NULL) != CIV_OK)
    return conformance_refuse();
  civ_status status = CIV_OK;
  json_array_foreach((json_t *)votes, i, vote)
  {
    const char *voter = civ_json_text(vote, "voter", ""), *target = civ_json_text(vote, "target", "");
    if (voter[0] == '\0' || target[0] == '\0' || status != CIV_OK)
      continue;
    status = civ_collusion_reserve(seen, 0);
    if (status == CIV_OK)
      civ_collusion_vote(seen, conformance_number(&voters, voter), conformance_number(&targets, target),
                         civ_json_real(vote, "direction", 0) > 0);
  }
  if (status == CIV_OK)
    status = civ_collusion_coordination(seen, voters.names, NULL, &found);
  for (uint32_t p = 0; p < found.n; p++)
    json_array_append_new(answer, json_pack("{s:[s, s], s:f}", "pair", voters.names[found.pairs[p].a],
                                            voters.names[found.pairs[p].b], "alignment", found.pairs[p].alignment));
  civ_coordination_free(&found);
  civ_collusion_destroy(seen);
  free(voters.names);
  free(targets.names);
  return status == CIV_OK ? conformance_answer(answer) : conformance_refuse();
}

/* --- the lever ------------------------------------------------------------------------------------------------------------------- */

/* As it reaches the lever: with its costs, which are no other lever's here. */
static void hear(const court *c, const lever_slot *l, const json_t *o)
{
  civ_interaction record = court_record(c, o);
  court_judge(c, l, &record);
  record.c_a = civ_json_real(o, "c_a", 0) + c->run->effect.cost_a;
  record.c_b = civ_json_real(o, "c_b", 0) + c->run->effect.cost_b;
  l->table->judged(l->self, &record, &c->run->effect);
}

static json_t *try_lever(court *c, const conformance_case *k)
{
  json_t *history = conformance_written_out(json_object_get(k->input, "history")), *o, *answer;
  const lever_slot *l = court_lever(c, "collusion_penalty");
  size_t i;
  if (l == NULL ||
      l->table->reserve(l->self, &(civ_demand){ .completions = (uint32_t)json_array_size(history) + 1 }) != CIV_OK) {
    json_decref(history);
    return NULL;
  }
  json_array_foreach(history, i, o) hear(c, l, o);
  json_decref(history);
  civ_effect_clear(&c->run->effect);
  l->table->epoch_begin(l->self, 1, &c->run->effect);
  const civ_collusion_report *report = civ_collusion_penalty_report(l->self);
  answer = json_pack("{s:o, s:o, s:I}", "epoch_start", court_effect(c), "report",
                     report != NULL ? report_json(report, c->names) : json_null(), "history_left",
                     (json_int_t)civ_collusion_penalty_history(l->self));
  const json_t *then = json_object_get(k->input, "then");
  if (then != NULL) {
    hear(c, l, then);
    json_object_set_new(answer, "then", court_effect(c));
  }
  return answer;
}

static conformance_outcome collusion_lever(const conformance_case *k)
{
  json_t *agents = json_object(), *rules = json_deep_copy(json_object_get(k->input, "config")), *id, *answer = NULL;
  size_t i;
  court c;
  if (rules == NULL)
    rules = json_object();
  json_array_foreach(json_object_get(k->input, "agents"), i, id)
      json_object_set_new(agents, json_string_value(id), json_object());
  json_object_set_new(rules, "collusion_detection_enabled", json_true());
  if (court_open(&c, agents, rules, NULL))
    answer = try_lever(&c, k);
  court_close(&c);
  json_decref(agents);
  return answer != NULL ? conformance_answer(answer) : conformance_refuse();
}

const conformance_adapter conformance_collusion[] = {
  { "pair_collusion_score", pair_score },         { "collusion_analyze", collusion_analyze },
  { "collusion_lever", collusion_lever },         { "vote_coordination", vote_coordination },
  { "temporal_clustering", temporal_clustering }, { NULL, NULL },
};
