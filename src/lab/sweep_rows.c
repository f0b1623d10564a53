#include "lab/sweep_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "lab/run_record.h"

enum {
  TOTAL_INTERACTIONS,
  ACCEPTED_INTERACTIONS,
  AVG_TOXICITY,
  AVG_QUALITY_GAP,
  TOTAL_WELFARE,
  WELFARE_PER_EPOCH,
  N_AGENTS,
  N_FROZEN,
  AVG_REPUTATION,
  AVG_PAYOFF,
  MIN_PAYOFF,
  MAX_PAYOFF,
  HONEST,
  OPPORTUNISTIC,
  DECEPTIVE,
  ADVERSARIAL,
  ADAPTIVE_ADVERSARY,
  LLM
};
const civ_sweep_column civ_sweep_columns[CIV_SWEEP_COLUMNS] = {
  [TOTAL_INTERACTIONS] = { "total_interactions", true },
  [ACCEPTED_INTERACTIONS] = { "accepted_interactions", true },
  [AVG_TOXICITY] = { "avg_toxicity", false },
  [AVG_QUALITY_GAP] = { "avg_quality_gap", false },
  [TOTAL_WELFARE] = { "total_welfare", false },
  [WELFARE_PER_EPOCH] = { "welfare_per_epoch", false },
  [N_AGENTS] = { "n_agents", true },
  [N_FROZEN] = { "n_frozen", true },
  [AVG_REPUTATION] = { "avg_reputation", false },
  [AVG_PAYOFF] = { "avg_payoff", false },
  [MIN_PAYOFF] = { "min_payoff", false },
  [MAX_PAYOFF] = { "max_payoff", false },
  [HONEST] = { "honest_avg_payoff", false },
  [OPPORTUNISTIC] = { "opportunistic_avg_payoff", false },
  [DECEPTIVE] = { "deceptive_avg_payoff", false },
  [ADVERSARIAL] = { "adversarial_avg_payoff", false },
  [ADAPTIVE_ADVERSARY] = { "adaptive_adversary_avg_payoff", false },
  [LLM] = { "llm_avg_payoff", false },
};

/* --- a row from a run ------------------------------------------------------------------------------------------------------- */

static double sum_of(const civ_run_record *r, const char *column)
{
  const int k = civ_run_record_column(r, column);
  double sum = 0;
  for (uint32_t e = 0; k >= 0 && e < r->n_epochs; e++)
    sum += r->rows[(size_t)e * r->epoch_columns.n + (size_t)k];
  return sum;
}

static double per(double sum, double n)
{
  return n > 0 ? sum / n : 0.0;
}

/* Mean payoffs by recorded type and, of two kinds, by policy. */
static void extract_groups(const civ_run_record *r, double *values)
{
  double sum[LLM + 1] = { 0 }, n[LLM + 1] = { 0 };
  for (uint32_t a = 0; a < r->n_agents; a++) {
    const civ_agent_row *agent = &r->agents[a];
    const int by_type = agent->type == CIV_HONEST          ? HONEST
                        : agent->type == CIV_OPPORTUNISTIC ? OPPORTUNISTIC
                        : agent->type == CIV_DECEPTIVE     ? DECEPTIVE
                                                           : ADVERSARIAL;
    const int by_policy = strcmp(agent->policy, "adaptive_adversary") == 0 ? ADAPTIVE_ADVERSARY
                          : strcmp(agent->policy, "llm") == 0              ? LLM
                                                                           : by_type;
    sum[by_type] += agent->payoff;
    n[by_type]++;
    if (by_policy != by_type) {
      sum[by_policy] += agent->payoff;
      n[by_policy]++;
    }
  }
  for (int k = HONEST; k <= LLM; k++)
    values[k] = per(sum[k], n[k]);
}

static void extract_agents(const civ_run_record *r, double *values)
{
  double frozen = 0, reputation = 0, payoff = 0, least = 0, most = 0;
  for (uint32_t a = 0; a < r->n_agents; a++) {
    const civ_agent_row *agent = &r->agents[a];
    frozen += agent->frozen;
    reputation += agent->reputation;
    payoff += agent->payoff;
    least = a == 0 || agent->payoff < least ? agent->payoff : least;
    most = a == 0 || agent->payoff > most ? agent->payoff : most;
  }
  values[N_AGENTS] = r->n_agents;
  values[N_FROZEN] = frozen;
  values[AVG_REPUTATION] = per(reputation, r->n_agents);
  values[AVG_PAYOFF] = per(payoff, r->n_agents);
  values[MIN_PAYOFF] = least;
  values[MAX_PAYOFF] = most;
}

void civ_sweep_row_extract(const civ_run_record *record, double *values)
{
  const double epochs = record->n_epochs;
  values[TOTAL_INTERACTIONS] = sum_of(record, "total_interactions");
  values[ACCEPTED_INTERACTIONS] = sum_of(record, "accepted_interactions");
  values[AVG_TOXICITY] = per(sum_of(record, "toxicity_rate"), epochs);
  values[AVG_QUALITY_GAP] = per(sum_of(record, "quality_gap"), epochs);
  values[TOTAL_WELFARE] = sum_of(record, "total_welfare");
  values[WELFARE_PER_EPOCH] = per(values[TOTAL_WELFARE], epochs);
  extract_agents(record, values);
  extract_groups(record, values);
}

/* --- the table ---------------------------------------------------------------------------------------------------------------- */

typedef struct cell {
  uint8_t state, judged, outcome;
} cell;

struct civ_sweep_rows {
  const civ_sweep_plan *plan;
  uint64_t n;
  uint32_t columns;
  cell *cells;
  char **errors;
  double *values;
};

civ_status civ_sweep_rows_create(const civ_sweep_plan *plan, civ_sweep_rows **out, civ_error *err)
{
  const uint64_t n = civ_sweep_plan_runs(plan);
  civ_sweep_rows *rows = calloc(1, sizeof *rows);
  if (rows != NULL) {
    *rows = (civ_sweep_rows){ .plan = plan, .n = n, .columns = civ_sweep_plan_columns(plan) };
    rows->cells = calloc(n + 1, sizeof *rows->cells);
    rows->errors = calloc(n + 1, sizeof *rows->errors);
    rows->values = calloc(n + 1, rows->columns * sizeof *rows->values);
  }
  if (rows == NULL || rows->cells == NULL || rows->errors == NULL || rows->values == NULL) {
    civ_sweep_rows_destroy(rows);
    return civ_fail(err, CIV_E_NOMEM, "sweep", "out of memory for %llu runs", (unsigned long long)n);
  }
  *out = rows;
  return CIV_OK;
}

void civ_sweep_rows_destroy(civ_sweep_rows *rows)
{
  if (rows == NULL)
    return;
  for (uint64_t k = 0; rows->errors != NULL && k < rows->n; k++)
    free(rows->errors[k]);
  free(rows->errors);
  free(rows->cells);
  free(rows->values);
  free(rows);
}

const civ_sweep_plan *civ_sweep_rows_plan(const civ_sweep_rows *rows)
{
  return rows->plan;
}

civ_sweep_row civ_sweep_rows_at(const civ_sweep_rows *rows, uint64_t index)
{
  const cell *c = &rows->cells[index];
  return (civ_sweep_row){ .place = civ_sweep_plan_place(rows->plan, index),
                          .state = c->state,
                          .judged = c->judged,
                          .outcome = c->outcome,
                          .error = rows->errors[index],
                          .values = rows->values + index * rows->columns };
}

civ_status civ_sweep_rows_keep(civ_sweep_rows *rows, const civ_sweep_row *row)
{
  const uint64_t k = row->place.index;
  if (row->state == CIV_SWEEP_FAILED && row->error != NULL) {
    char *copy = strdup(row->error);
    if (copy == NULL)
      return CIV_E_NOMEM;
    free(rows->errors[k]);
    rows->errors[k] = copy;
  }
  memmove(rows->values + k * rows->columns, row->values, rows->columns * sizeof *rows->values);
  rows->cells[k] = (cell){ row->state, row->judged, row->outcome };
  return CIV_OK;
}

uint64_t civ_sweep_rows_count(const civ_sweep_rows *rows, civ_sweep_state state)
{
  uint64_t n = 0;
  for (uint64_t k = 0; k < rows->n; k++)
    n += rows->cells[k].state == state;
  return n;
}

/* --- CSV ------------------------------------------------------------------------------------------------------------------------- */

typedef struct writer {
  civ_buffer *out;
  civ_csv_dialect dialect;
  bool begun; /* the line has a cell */
} writer;

static void separate(writer *w)
{
  if (w->begun)
    civ_buffer_text(w->out, ",");
  w->begun = true;
}

static void end_line(writer *w)
{
  civ_buffer_text(w->out, w->dialect == CIV_CSV_COMPAT ? "\r\n" : "\n");
  w->begun = false;
}

static void put_text(writer *w, const char *text)
{
  separate(w);
  civ_buffer_csv_text(w->out, text);
}

static void put_number(writer *w, double value, bool integer)
{
  separate(w);
  civ_buffer_csv_number(w->out, value, integer);
}

static void put_value(writer *w, const civ_node *value)
{
  civ_buffer json = { 0 };
  switch ((civ_node_kind)value->kind) {
  case CIV_NODE_NULL:
    separate(w);
    return;
  case CIV_NODE_BOOLEAN:
    separate(w);
    civ_buffer_text(w->out, w->dialect == CIV_CSV_COMPAT ? (value->boolean ? "True" : "False")
                                                         : (value->boolean ? "true" : "false"));
    return;
  case CIV_NODE_INTEGER:
    separate(w);
    civ_buffer_integer(w->out, value->integer);
    return;
  case CIV_NODE_REAL:
    put_number(w, value->real, false);
    return;
  case CIV_NODE_TEXT:
    put_text(w, value->text);
    return;
  case CIV_NODE_LIST:
  case CIV_NODE_MAP:
    civ_node_json(&json, value);
    civ_buffer_add(&json, "", 1);
    if (json.failed)
      w->out->failed = true;
    else
      put_text(w, json.data);
    civ_buffer_free(&json);
  }
}

static void put_header(writer *w, const civ_sweep_plan *plan)
{
  for (uint32_t k = 0; k < civ_sweep_plan_labels(plan); k++)
    put_text(w, civ_sweep_plan_label(plan, k));
  put_text(w, "run_index");
  put_text(w, "seed");
  for (uint32_t k = 0; k < CIV_SWEEP_COLUMNS; k++)
    put_text(w, civ_sweep_columns[k].name);
  put_text(w, "criteria");
  put_text(w, "error");
  for (uint32_t k = CIV_SWEEP_COLUMNS; k < civ_sweep_plan_columns(plan); k++)
    put_text(w, civ_sweep_plan_column(plan, k));
  end_line(w);
}

static void put_column(writer *w, const civ_sweep_plan *plan, const civ_sweep_row *row, uint32_t k)
{
  const bool mean = k == AVG_TOXICITY || k == AVG_QUALITY_GAP || k == WELFARE_PER_EPOCH;
  if (row->state != CIV_SWEEP_DONE)
    separate(w);
  else if (mean && w->dialect == CIV_CSV_COMPAT && civ_sweep_plan_epochs(plan, row->place.configuration) == 0)
    put_number(w, 0, true);
  else
    put_number(w, row->values[k], civ_sweep_plan_column_is_integer(plan, k));
}

static void put_row(writer *w, const civ_sweep_plan *plan, const civ_sweep_row *row)
{
  for (uint32_t k = 0; k < civ_sweep_plan_labels(plan); k++) {
    const civ_node value = civ_sweep_plan_value(plan, row->place.configuration, k);
    put_value(w, &value);
  }
  put_number(w, (double)row->place.run_index, true);
  separate(w);
  civ_buffer_integer(w->out, (int64_t)row->place.seed);
  for (uint32_t k = 0; k < CIV_SWEEP_COLUMNS; k++)
    put_column(w, plan, row, k);
  const char *outcome = row->state != CIV_SWEEP_DONE ? "" : row->judged ? civ_outcome_names[row->outcome] : "none";
  put_text(w, outcome);
  put_text(w, row->error);
  for (uint32_t k = CIV_SWEEP_COLUMNS; k < civ_sweep_plan_columns(plan); k++)
    put_column(w, plan, row, k);
  end_line(w);
}

void civ_sweep_rows_csv(const civ_sweep_rows *rows, civ_csv_dialect dialect, civ_buffer *out)
{
  writer w = { .out = out, .dialect = dialect };
  put_header(&w, rows->plan);
  for (uint64_t k = 0; k < rows->n && !out->failed; k++)
    if (rows->cells[k].state != CIV_SWEEP_NOT_RUN) {
      const civ_sweep_row row = civ_sweep_rows_at(rows, k);
      put_row(&w, rows->plan, &row);
    }
}
