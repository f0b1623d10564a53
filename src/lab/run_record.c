#include "lab/run_record.h"

#include <math.h>
#include <string.h>

#include "base/bytes.h"
#include "base/json.h"

/* --- copying ------------------------------------------------------------------------------------------------------------ */

static civ_status copy_columns(const civ_columns *from, civ_arena *arena, civ_columns *out)
{
  civ_metric_decl *decls = civ_arena_take(arena, from->n, sizeof *decls);
  if (decls == NULL)
    return CIV_E_NOMEM;
  for (uint32_t k = 0; k < from->n; k++) {
    decls[k].integer = from->decls[k].integer;
    decls[k].name = civ_arena_text(arena, from->decls[k].name, strlen(from->decls[k].name));
    if (decls[k].name == NULL)
      return CIV_E_NOMEM;
  }
  *out = (civ_columns){ .n = from->n, .decls = decls };
  return CIV_OK;
}

static civ_status copy_reals(const double *from, size_t n, civ_arena *arena, const double **out)
{
  double *copy = civ_arena_take(arena, n, sizeof *copy);
  if (copy == NULL)
    return CIV_E_NOMEM;
  if (n > 0)
    memcpy(copy, from, n * sizeof *copy);
  *out = copy;
  return CIV_OK;
}

static civ_status copy_agents(const civ_result *result, const civ_run_record *like, bool borrow, civ_arena *arena,
                              civ_run_record *out)
{
  const civ_population *p = result->population;
  civ_agent_row *rows = civ_arena_take(arena, p->n, sizeof *rows);
  if (rows == NULL)
    return CIV_E_NOMEM;
  for (uint32_t a = 0; a < p->n; a++) {
    const char *name = NULL, *policy = NULL;
    if (like != NULL && a < like->n_agents) {
      name = like->agents[a].name;
      policy = like->agents[a].policy;
    } else if (borrow) {
      name = p->name[a];
      policy = p->variant[a];
    } else {
      name = civ_arena_text(arena, p->name[a], strlen(p->name[a]));
      policy = civ_arena_text(arena, p->variant[a], strlen(p->variant[a]));
    }
    if (name == NULL || policy == NULL)
      return CIV_E_NOMEM;
    rows[a] = (civ_agent_row){
      .name = name,
      .policy = policy,
      .type = p->type[a],
      .role = result->roles != NULL && result->roles[a] != 0 ? result->primary_role[a] : (uint8_t)CIV_ROLES,
      .frozen = p->frozen[a] != 0,
      .initiated = p->initiated[a],
      .received = p->received[a],
      .accepted = p->accepted[a],
      .rejected = p->rejected[a],
      .reputation = p->reputation[a],
      .resources = p->resources[a],
      .payoff = p->total_payoff[a],
      .average_p_initiated = p->average_p_initiated[a],
      .average_p_received = p->average_p_received[a],
    };
  }
  out->agents = rows;
  out->n_agents = p->n;
  return CIV_OK;
}

civ_status civ_run_record_copy(const civ_result *result, const civ_run_record *like, uint32_t keep, civ_arena *arena,
                               civ_run_record *out)
{
  civ_run_record r = {
    .seed = result->seed,
    .end = result->end,
    .stop_value = result->stop_value,
    .agent_steps = result->agent_steps,
    .n_epochs = result->epochs,
    .outcome = CIV_OUTCOME_NOT_EVALUABLE,
  };
  civ_status status = CIV_OK;
  if (like != NULL) {
    r.epoch_columns = like->epoch_columns;
    r.total_columns = like->total_columns;
  } else {
    status = copy_columns(&result->epoch_columns, arena, &r.epoch_columns);
    if (status == CIV_OK)
      status = copy_columns(&result->total_columns, arena, &r.total_columns);
  }
  if (status == CIV_OK && result->stop_reason != NULL) {
    r.stop_reason = civ_arena_text(arena, result->stop_reason, strlen(result->stop_reason));
    status = r.stop_reason != NULL ? CIV_OK : CIV_E_NOMEM;
  }
  if (status == CIV_OK)
    status = copy_reals(result->totals, result->total_columns.n, arena, &r.totals);
  if (status == CIV_OK && (keep & CIV_KEEP_EPOCHS) != 0)
    status = copy_reals(result->rows, (size_t)result->epochs * result->epoch_columns.n, arena, &r.rows);
  if (status == CIV_OK && (keep & CIV_KEEP_AGENTS) != 0)
    status = copy_agents(result, like, (keep & CIV_KEEP_BORROWED) != 0, arena, &r);
  if (status == CIV_OK)
    *out = r;
  return status;
}

civ_status civ_run_record_add_reports(civ_run *run, civ_arena *arena, civ_run_record *out, civ_error *err)
{
  civ_bytes text = { 0 };
  civ_status status = civ_run_report(run, &text, err);
  if (status == CIV_OK) {
    const char *copy = civ_arena_text(arena, (const char *)text.data, text.length);
    if (copy != NULL) {
      out->reports = copy;
      out->reports_length = text.length;
    } else {
      status = civ_fail(err, CIV_E_NOMEM, "run", "out of memory");
    }
  }
  civ_bytes_free(&text);
  return status;
}

/* --- asking ------------------------------------------------------------------------------------------------------------- */

static int find(const civ_columns *columns, const char *name)
{
  for (uint32_t k = 0; k < columns->n; k++)
    if (strcmp(columns->decls[k].name, name) == 0)
      return (int)k;
  return -1;
}

bool civ_run_record_total(const civ_run_record *r, const char *name, double *out)
{
  const int k = find(&r->total_columns, name);
  if (k < 0)
    return false;
  *out = r->totals[k];
  return true;
}

int civ_run_record_column(const civ_run_record *r, const char *name)
{
  return find(&r->epoch_columns, name);
}

/* --- as JSON ------------------------------------------------------------------------------------------------------------ */

static json_t *number(double value, bool integer)
{
  if (!isfinite(value))
    return json_null();
  return integer ? json_integer((json_int_t)value) : json_real(value);
}

/* Sets object.a.b.c; objects on the way are made. */
static void set_nested(json_t *object, const char *name, json_t *value)
{
  const char *dot = strchr(name, '.');
  while (dot != NULL) {
    char key[128];
    const size_t length = (size_t)(dot - name);
    if (length >= sizeof key)
      break; /* no part has such names: keep the rest as one key */
    memcpy(key, name, length);
    key[length] = '\0';
    json_t *inner = json_object_get(object, key);
    if (!json_is_object(inner)) {
      inner = json_object();
      json_object_set_new_nocheck(object, key, inner);
    }
    object = inner;
    name = dot + 1;
    dot = strchr(name, '.');
  }
  json_object_set_new_nocheck(object, name, value);
}

/* Both sides of an accepted interaction are credited: the mean over all credits follows from the row. */
static double payoff_of_both(const civ_run_record *r, const double *row)
{
  const int welfare = civ_run_record_column(r, "total_welfare"),
            accepted = civ_run_record_column(r, "accepted_interactions");
  if (welfare < 0 || accepted < 0)
    return NAN;
  return row[accepted] > 0 ? row[welfare] / (2.0 * row[accepted]) : 0.0;
}

json_t *civ_run_record_epoch_json(const civ_run_record *r, uint32_t epoch)
{
  const double *row = r->rows + (size_t)epoch * r->epoch_columns.n;
  json_t *object = json_object();
  json_object_set_new_nocheck(object, "epoch", json_integer(epoch));
  for (uint32_t k = 0; k < r->epoch_columns.n; k++)
    set_nested(object, r->epoch_columns.decls[k].name, number(row[k], r->epoch_columns.decls[k].integer));
  json_object_set_new_nocheck(object, "avg_payoff_both", number(payoff_of_both(r, row), false));
  return object;
}

static void put_text(civ_buffer *out, const char *key, const char *text)
{
  civ_buffer_text(out, key);
  if (text != NULL)
    civ_buffer_json_text(out, text, strlen(text));
  else
    civ_buffer_text(out, "null");
}

static void put_real(civ_buffer *out, const char *key, double value)
{
  civ_buffer_text(out, key);
  civ_buffer_real(out, value);
}

static void put_count(civ_buffer *out, const char *key, uint32_t count)
{
  civ_buffer_text(out, key);
  civ_buffer_integer(out, count);
}

void civ_agent_row_json(const civ_agent_row *row, civ_buffer *out)
{
  put_text(out, "{\"id\": ", row->name);
  put_text(out, ", \"type\": ", civ_agent_type_names[row->type]);
  put_text(out, ", \"policy\": ", row->policy);
  put_text(out, ", \"role\": ", row->role < CIV_ROLES ? civ_role_names[row->role] : NULL);
  put_text(out, ", \"status\": ", row->frozen ? "frozen" : "active");
  put_real(out, ", \"reputation\": ", row->reputation);
  put_real(out, ", \"resources\": ", row->resources);
  put_real(out, ", \"payoff\": ", row->payoff);
  put_count(out, ", \"interactions_initiated\": ", row->initiated);
  put_count(out, ", \"interactions_received\": ", row->received);
  put_count(out, ", \"interactions_accepted\": ", row->accepted);
  put_count(out, ", \"interactions_rejected\": ", row->rejected);
  put_real(out, ", \"average_p_initiated\": ", row->average_p_initiated);
  put_real(out, ", \"average_p_received\": ", row->average_p_received);
  civ_buffer_text(out, "}");
}

json_t *civ_run_record_agents_json(const civ_run_record *r)
{
  civ_buffer text = { 0 };
  civ_buffer_text(&text, "[");
  for (uint32_t a = 0; a < r->n_agents; a++) {
    civ_buffer_text(&text, a > 0 ? ", " : "");
    civ_agent_row_json(&r->agents[a], &text);
  }
  civ_buffer_text(&text, "]");
  return civ_json_of(&text);
}

json_t *civ_run_record_totals_json(const civ_run_record *r)
{
  json_t *totals = json_object();
  for (uint32_t k = 0; k < r->total_columns.n; k++)
    json_object_set_new_nocheck(totals, r->total_columns.decls[k].name,
                                number(r->totals[k], r->total_columns.decls[k].integer));
  return totals;
}

json_t *civ_run_record_criteria_json(const civ_run_record *r)
{
  json_t *criteria = json_object();
  for (uint32_t k = 0; k < r->n_findings; k++) {
    const civ_finding *f = &r->findings[k];
    json_t *object = json_object();
    json_object_set_new_nocheck(object, "outcome", json_string(civ_outcome_names[f->outcome]));
    if (f->reason != NULL)
      json_object_set_new_nocheck(object, "reason", json_string(f->reason));
    else
      json_object_set_new_nocheck(object, "measured", number(f->measured, false));
    json_object_set_new_nocheck(object, "bound", number(f->bound, false));
    json_object_set_new_nocheck(criteria, f->name, object);
  }
  json_object_set_new_nocheck(criteria, "overall", json_string(civ_outcome_names[r->outcome]));
  return criteria;
}

json_t *civ_run_record_reports_json(const civ_run_record *r)
{
  return json_loadb(r->reports, r->reports_length, 0, NULL);
}
