/* cmd_label.c - from observables to a soft label, and on request to payoffs. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/number.h"
#include "civitas/civitas.h"
#include "cli/cli.h"
#include "cli/label_input.h"

typedef struct label_options {
  civ_opt_real progress, engagement, reputation, tau, c_a, c_b, r_a, r_b;
  civ_opt_integer rework, rejections, misuse;
  bool refused, payoff, json;
  civ_texts overrides;
} label_options;

static const civ_option options[] = {
  CIV_OPTION_REAL_(label_options, progress, 0, "task-progress", "X", "progress on the task, cut to [-1, 1] (0)"),
  CIV_OPTION_INTEGER_(label_options, rework, 0, "rework", "N", 0, INT32_MAX, "rework cycles (0)"),
  CIV_OPTION_INTEGER_(label_options, rejections, 0, "rejections", "N", 0, INT32_MAX, "rejections by a verifier (0)"),
  CIV_OPTION_INTEGER_(label_options, misuse, 0, "misuse", "N", 0, INT32_MAX, "flags of tool misuse (0)"),
  CIV_OPTION_REAL_(label_options, engagement, 0, "engagement", "X",
                   "engagement of the counterparty, cut to [-1, 1] (0)"),
  CIV_OPTION_REAL_(label_options, reputation, 0, "reputation", "R",
                   "scale the signals as a simulation does for an initiator of this reputation"),
  CIV_OPTION_FLAG_(label_options, refused, 0, "refused", "with --reputation: the interaction was refused"),
  CIV_OPTION_FLAG_(label_options, payoff, 'p', "payoff", "also payoffs of both sides, term by term"),
  CIV_OPTION_REAL_(label_options, tau, 0, "tau", "X", "transfer from initiator to counterparty (0)"),
  CIV_OPTION_REAL_(label_options, c_a, 0, "c-a", "X", "governance cost of the initiator (0)"),
  CIV_OPTION_REAL_(label_options, c_b, 0, "c-b", "X", "governance cost of the counterparty (0)"),
  CIV_OPTION_REAL_(label_options, r_a, 0, "r-a", "X", "reputation credited to the initiator (0)"),
  CIV_OPTION_REAL_(label_options, r_b, 0, "r-b", "X", "reputation credited to the counterparty (0)"),
  CIV_OPTION_TEXTS_(label_options, overrides, 0, "override", "PATH=VALUE",
                    "set proxy.KEY, proxy.weights.KEY or payoff.KEY, as in a scenario file"),
  CIV_OPTION_FLAG_(label_options, json, 0, "json", "print JSON"),
  { 0 },
};

const civ_command civ_command_label = {
  .name = "label",
  .summary = "turn observables into a soft label",
  .arguments = "[FILE]",
  .least = 0,
  .most = 1,
  .options = options,
  .options_size = sizeof(label_options),
  .details =
      "Without FILE the observables are those of the options. FILE (\"-\" = standard input) holds one JSON object a "
      "line with the five observables (task_progress_delta, rework_count, verifier_rejections, tool_misuse_flags, "
      "counterparty_engagement_delta) and, optionally, tau, c_a, c_b, r_a, r_b; each line is answered by one.",
  .example = "civitas label --task-progress 0.7 --rework 1 --engagement 0.4\n"
             "civitas label --task-progress 0.7 --payoff --override payoff.h=3 --json\n"
             "civitas label - --json < observables.jsonl",
  .run = civ_cmd_label,
};

/* --- one label ----------------------------------------------------------------------------------------------------- */

static json_t *breakdown_tree(const civ_payoff_breakdown *b)
{
  return json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "expected_surplus", b->expected_surplus, "expected_harm",
                   b->expected_harm, "surplus_share", b->surplus_share, "transfer", b->transfer, "governance_cost",
                   b->governance_cost, "externality_cost", b->externality_cost, "reputation_bonus", b->reputation_bonus,
                   "total", b->total);
}

static json_t *break_even(bool (*ask)(const civ_payoff_config *c, double *p), const civ_payoff_config *c)
{
  double p;
  return ask(c, &p) ? json_real(p) : json_null();
}

static json_t *label_tree(const civ_interaction *i, const civ_payoff_config *c, bool with_payoff)
{
  json_t *tree = json_pack("{s:f, s:f}", "v_hat", i->v_hat, "p", i->p);
  if (!with_payoff)
    return tree;
  civ_payoff_breakdown a = civ_payoff_explain_initiator(c, i), b = civ_payoff_explain_counterparty(c, i);
  json_t *payoff =
      json_pack("{s:f, s:f, s:f, s:f, s:o, s:o, s:o, s:o}", "payoff_initiator", a.total, "payoff_counterparty", b.total,
                "total_welfare", civ_total_welfare(c, i), "social_surplus", civ_social_surplus(c, i->p), "break_even_p",
                break_even(civ_break_even_p, c), "social_break_even_p", break_even(civ_social_break_even_p, c),
                "breakdown_initiator", breakdown_tree(&a), "breakdown_counterparty", breakdown_tree(&b));
  json_object_update(tree, payoff);
  json_decref(payoff);
  return tree;
}

static void print_pair(const char *label, double a, double b)
{
  printf("  %-18s %10.4f %12.4f\n", label, a + 0.0, b + 0.0); /* + 0.0: no "-0.0000" */
}

static void print_text(const civ_interaction *i, const civ_payoff_config *c, bool with_payoff)
{
  printf("v_hat  %7.4f   score of the observables, in [-1, 1]\n", i->v_hat);
  printf("p      %7.4f   probability that the interaction is good\n", i->p);
  if (!with_payoff)
    return;
  civ_payoff_breakdown a = civ_payoff_explain_initiator(c, i), b = civ_payoff_explain_counterparty(c, i);
  printf("\n  %-18s %10s %12s\n", "", "initiator", "counterparty");
  print_pair("surplus share", a.surplus_share, b.surplus_share);
  print_pair("transfer", a.transfer, b.transfer);
  print_pair("governance cost", -a.governance_cost, -b.governance_cost);
  print_pair("externality cost", -a.externality_cost, -b.externality_cost);
  print_pair("reputation bonus", a.reputation_bonus, b.reputation_bonus);
  print_pair("payoff", a.total, b.total);
  printf("\n  total welfare  %.4f, social surplus %.4f\n", civ_total_welfare(c, i), civ_social_surplus(c, i->p));
}

static int give(const civ_interaction *i, const civ_payoff_config *c, const label_options *o)
{
  if (!o->json) {
    print_text(i, c, o->payoff);
    return CIV_EXIT_DONE;
  }
  json_t *tree = label_tree(i, c, o->payoff);
  return civ_cli_print_tree(tree);
}

static void label(civ_interaction *i, const civ_proxy *proxy, const label_options *o)
{
  if (o->reputation.set)
    i->observables = civ_observables_settle(i->observables, o->reputation.value, !o->refused);
  i->accepted = !o->refused;
  civ_proxy_label(proxy, &i->observables, &i->v_hat, &i->p);
}

static civ_interaction from_options(const label_options *o)
{
  civ_interaction i = civ_interaction_default();
  i.observables.task_progress_delta = o->progress.value;
  i.observables.counterparty_engagement_delta = o->engagement.value;
  i.observables.rework_count = (int32_t)o->rework.value;
  i.observables.verifier_rejections = (int32_t)o->rejections.value;
  i.observables.tool_misuse_flags = (int32_t)o->misuse.value;
  i.tau = o->tau.value;
  i.c_a = o->c_a.value;
  i.c_b = o->c_b.value;
  i.r_a = o->r_a.value;
  i.r_b = o->r_b.value;
  return i;
}

/* --- a file of them ------------------------------------------------------------------------------------------------ */

static civ_status real_member(const json_t *object, const char *key, bool needed, const char *where, double *out,
                              civ_error *err)
{
  const json_t *value = json_object_get(object, key);
  if (value == NULL && !needed)
    return CIV_OK;
  if (value == NULL)
    return civ_fail(err, CIV_E_KEY, where, "the key \"%s\" is missing", key);
  if (!json_is_number(value))
    return civ_fail(err, CIV_E_TYPE, where, "%s is not a number", key);
  *out = json_number_value(value);
  return CIV_OK;
}

static civ_status count_member(const json_t *object, const char *key, const char *where, int32_t *out, civ_error *err)
{
  double x = 0.0;
  civ_status status = real_member(object, key, true, where, &x, err);
  if (status != CIV_OK)
    return status;
  if (!(x >= 0.0 && x <= INT32_MAX) || x != floor(x)) {
    char text[CIV_NUMBER_MAX + 1];
    text[civ_format_real(text, x)] = '\0';
    return civ_fail(err, CIV_E_RANGE, where, "%s: %s is not a whole number from 0 to 2147483647", key, text);
  }
  *out = (int32_t)x;
  return CIV_OK;
}

static civ_status read_members(const json_t *object, const char *where, civ_interaction *i, civ_error *err)
{
  civ_observables *o = &i->observables;
  const struct {
    const char *key;
    bool needed;
    double *at;
  } reals[] = {
    { "task_progress_delta", true, &o->task_progress_delta },
    { "counterparty_engagement_delta", true, &o->counterparty_engagement_delta },
    { "tau", false, &i->tau },
    { "c_a", false, &i->c_a },
    { "c_b", false, &i->c_b },
    { "r_a", false, &i->r_a },
    { "r_b", false, &i->r_b },
  };
  civ_status status = count_member(object, "rework_count", where, &o->rework_count, err);
  if (status == CIV_OK)
    status = count_member(object, "verifier_rejections", where, &o->verifier_rejections, err);
  if (status == CIV_OK)
    status = count_member(object, "tool_misuse_flags", where, &o->tool_misuse_flags, err);
  for (size_t k = 0; k < sizeof reals / sizeof reals[0] && status == CIV_OK; ++k)
    status = real_member(object, reals[k].key, reals[k].needed, where, reals[k].at, err);
  return status;
}

static civ_status read_line(const char *line, size_t length, const char *where, civ_interaction *i, civ_error *err)
{
  json_error_t problem;
  json_t *object = json_loadb(line, length, JSON_REJECT_DUPLICATES, &problem);
  if (object == NULL)
    return civ_fail(err, CIV_E_SYNTAX, where, "not a JSON object on one line: %s (column %d)", problem.text,
                    problem.column);
  civ_status status = json_is_object(object) ? read_members(object, where, i, err)
                                             : civ_fail(err, CIV_E_TYPE, where, "not an object of observables");
  json_decref(object);
  return status;
}

/* One line of input, one line of output. */
static int answer_line(const civ_interaction *i, const civ_payoff_config *c, const label_options *o)
{
  civ_buffer text = { 0 };
  if (o->json) {
    json_t *tree = label_tree(i, c, o->payoff);
    civ_json_write(&text, tree, 0);
    json_decref(tree);
  } else {
    civ_buffer_format(&text, "%7.4f %7.4f", i->v_hat, i->p);
    if (o->payoff)
      civ_buffer_format(&text, " %9.4f %9.4f", civ_payoff_initiator(c, i), civ_payoff_counterparty(c, i));
  }
  civ_buffer_text(&text, "\n");
  bool good = !text.failed && fwrite(text.data, 1, text.length, stdout) == text.length;
  civ_buffer_free(&text);
  return good ? CIV_EXIT_DONE : CIV_EXIT_FAILED;
}

static int answer_file(const char *path, const civ_proxy *proxy, const civ_payoff_config *c, const label_options *o)
{
  char *text;
  size_t length;
  civ_error err;
  int code = CIV_EXIT_DONE;
  if (civ_cli_read_input(path, &text, &length, &err) != CIV_OK)
    return civ_cli_fail(&err);
  unsigned long long number = 0;
  for (size_t at = 0, size; at < length && code == CIV_EXIT_DONE; at += size + 1) {
    const char *end = memchr(text + at, '\n', length - at);
    size = end != NULL ? (size_t)(end - (text + at)) : length - at;
    ++number;
    if (strspn(text + at, " \t\r") >= size)
      continue;
    char where[192];
    snprintf(where, sizeof where, "%.160s:%llu", strcmp(path, "-") == 0 ? "standard input" : path, number);
    civ_interaction i = civ_interaction_default();
    if (read_line(text + at, size, where, &i, &err) != CIV_OK) {
      code = civ_cli_fail(&err);
      break;
    }
    label(&i, proxy, o);
    code = answer_line(&i, c, o);
  }
  free(text);
  return code;
}

static int run(const label_options *o, const char *path)
{
  civ_cli_rules rules = civ_cli_rules_default();
  civ_proxy proxy;
  civ_error err;
  civ_status status = civ_cli_rules_set(&rules, o->overrides.items, o->overrides.n, &err);
  if (status == CIV_OK)
    status = civ_proxy_init(&rules.proxy, &rules.weights, &proxy, &err);
  if (status == CIV_OK)
    status = civ_payoff_check(&rules.payoff, &err);
  if (status != CIV_OK)
    return civ_cli_fail(&err);
  if (path != NULL)
    return answer_file(path, &proxy, &rules.payoff, o);
  civ_interaction i = from_options(o);
  label(&i, &proxy, o);
  return give(&i, &rules.payoff, o);
}

int civ_cmd_label(int argc, char **argv)
{
  label_options o = { 0 };
  int code;
  if (!civ_cli_parse(&civ_command_label, &argc, argv, &o, &code))
    return code;
  const char *path = argc > 1 ? argv[1] : NULL;
  bool given = o.progress.set || o.rework.set || o.rejections.set || o.misuse.set || o.engagement.set;
  if (path == NULL && !given)
    code = civ_cli_misuse(&civ_command_label, "observables are needed: options such as --task-progress 0.7, or a FILE");
  else if (path != NULL && given)
    code = civ_cli_misuse(&civ_command_label, "observables come from options or from a FILE, not from both");
  else
    code = run(&o, path);
  civ_texts_free(&o.overrides);
  return code;
}
