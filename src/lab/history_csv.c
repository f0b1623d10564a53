/* history_csv.c - the tables of a history as comma-separated values (RFC 4180, with LF). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "civitas/label.h"
#include "lab/history_text.h"

/* --- writing ---------------------------------------------------------------------------------------------------------- */

static void put_number(civ_buffer *out, double value, bool integer)
{
  civ_buffer_text(out, ",");
  civ_buffer_csv_number(out, value, integer);
}

static void put_time(civ_buffer *out, int64_t us)
{
  char text[CIV_NUMBER_MAX];
  civ_buffer_add(out, text, civ_format_time(text, us));
}

static int column_at(const uint8_t *columns, uint32_t k)
{
  return columns != NULL ? columns[k] : (int)k;
}

void civ_history_epochs_csv(const civ_history *h, const uint8_t *columns, uint32_t n_columns, civ_buffer *out)
{
  const uint32_t n = columns != NULL ? n_columns : CIV_N_EPOCH_COLUMNS;
  civ_buffer_text(out, columns != NULL ? "simulation_id,epoch" : "simulation_id,epoch,timestamp");
  for (uint32_t k = 0; k < n; k++) {
    civ_buffer_text(out, ",");
    civ_buffer_text(out, civ_epoch_column_forms[column_at(columns, k)].name);
  }
  civ_buffer_text(out, "\n");
  for (size_t i = 0; i < h->n_epoch_snapshots; i++) {
    const civ_epoch_snapshot *s = &h->epochs[i];
    civ_buffer_csv_text(out, h->simulation_id);
    put_number(out, s->epoch, true);
    if (columns == NULL) {
      civ_buffer_text(out, ",");
      put_time(out, s->time_us);
    }
    for (uint32_t k = 0; k < n; k++)
      put_number(out, s->values[column_at(columns, k)], civ_epoch_column_forms[column_at(columns, k)].integer);
    civ_buffer_text(out, "\n");
  }
}

static void put_agent(civ_buffer *out, const civ_history *h, const civ_agent_snapshot *s)
{
  civ_buffer_csv_text(out, h->simulation_id);
  civ_buffer_text(out, ",");
  civ_buffer_csv_text(out, h->names[s->agent]);
  put_number(out, s->epoch, true);
  for (int k = 0; k < CIV_N_AGENT_COLUMNS; k++) {
    if (k == CIV_AGENT_TYPE) {
      civ_buffer_text(out, ",");
      civ_buffer_csv_text(out, h->types[s->agent]);
    } else if (k == CIV_AGENT_FROZEN || k == CIV_AGENT_QUARANTINED) {
      civ_buffer_text(out, (k == CIV_AGENT_FROZEN ? s->frozen : s->quarantined) ? ",true" : ",false");
    } else {
      put_number(out, civ_agent_snapshot_value(s, (civ_agent_column)k),
                 k == CIV_AGENT_INITIATED || k == CIV_AGENT_RECEIVED);
    }
  }
  civ_buffer_text(out, "\n");
}

void civ_history_agents_csv(const civ_history *h, civ_buffer *out)
{
  uint32_t *order = civ_history_by_agent(h);
  if (order == NULL) {
    out->failed = true;
    return;
  }
  civ_buffer_text(out, "simulation_id,agent_id,epoch");
  for (int k = 0; k < CIV_N_AGENT_COLUMNS; k++) {
    civ_buffer_text(out, ",");
    civ_buffer_text(out, civ_agent_column_names[k]);
  }
  civ_buffer_text(out, "\n");
  for (size_t i = 0; i < h->n_agent_snapshots; i++)
    put_agent(out, h, &h->agents[order[i]]);
  free(order);
}

void civ_history_spreads_csv(const civ_history *h, civ_buffer *out)
{
  static const char *const quantities[CIV_SPREAD_QUANTITIES] = { "reputation", "resources", "payoff", "interactions" };
  static const char *const parts[] = { "mean", "sd", "q01", "q05", "q25", "q50", "q75", "q95", "q99" };
  civ_buffer_text(out, "simulation_id,epoch,agent_type,count");
  for (int q = 0; q < CIV_SPREAD_QUANTITIES; q++)
    for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
      civ_buffer_format(out, ",%s_%s", quantities[q], parts[k]);
  civ_buffer_text(out, "\n");
  for (size_t i = 0; i < h->n_spreads; i++) {
    const civ_type_snapshot *s = &h->spreads[i];
    civ_buffer_csv_text(out, h->simulation_id);
    put_number(out, s->epoch, true);
    civ_buffer_text(out, ",");
    civ_buffer_text(out, civ_agent_type_names[s->type]);
    put_number(out, s->count, true);
    for (int q = 0; q < CIV_SPREAD_QUANTITIES; q++) {
      put_number(out, s->spreads[q].mean, false);
      put_number(out, s->spreads[q].sd, false);
      for (int k = 0; k < CIV_SPREAD_QUANTILES; k++)
        put_number(out, s->spreads[q].quantiles[k], false);
    }
    civ_buffer_text(out, "\n");
  }
}

/* --- reading ---------------------------------------------------------------------------------------------------------- */

enum { MOST_CELLS = 256 };

/* One line taken apart. Cells are copies in `text`, terminated. */
typedef struct csv {
  const char *at, *end, *where;
  uint64_t line;
  char *text;
  size_t room;
  const char *cells[MOST_CELLS];
  uint32_t n;
} csv;

/* Copies one cell to `to`, unquoted; returns behind its terminator. */
static char *read_cell(csv *c, char *to)
{
  if (c->at < c->end && *c->at == '"') {
    for (c->at++; c->at < c->end; c->at++) {
      if (*c->at == '"' && (c->at + 1 >= c->end || c->at[1] != '"'))
        break;
      c->at += *c->at == '"';
      c->line += *c->at == '\n';
      *to++ = *c->at;
    }
    c->at += c->at < c->end;
  }
  while (c->at < c->end && *c->at != ',' && *c->at != '\n')
    *to++ = *c->at++;
  *to++ = '\0';
  return to;
}

/* Next line into cells; false at the end of the text. */
static bool next_line(csv *c)
{
  if (c->at >= c->end)
    return false;
  char *to = c->text;
  c->line++;
  c->n = 0;
  for (bool more = true; more;) {
    char *cell = to;
    to = read_cell(c, to);
    if (c->n < MOST_CELLS)
      c->cells[c->n] = cell;
    c->n++;
    more = c->at < c->end && *c->at == ',';
    c->at += c->at < c->end;
  }
  char *last = to - 1; /* a CR before LF is no part of the cell */
  if (last > c->text && last[-1] == '\r')
    last[-1] = '\0';
  return true;
}

static civ_status open_csv(csv *c, const char *where, const char *text, size_t length, civ_error *err)
{
  *c = (csv){ .at = text, .end = text + length, .where = where };
  c->text = malloc(2 * length + 2); /* a cell of no characters still takes its terminator */
  if (c->text == NULL)
    return civ_fail(err, CIV_E_NOMEM, where, "out of memory");
  if (!next_line(c) || c->n > MOST_CELLS)
    return civ_fail(err, CIV_E_FORMAT, where, "line 1: the title row is missing or has more than %d columns",
                    MOST_CELLS);
  return CIV_OK;
}

static civ_status bad_cell(const csv *c, const char *title, const char *cell, civ_error *err)
{
  return civ_fail(err, CIV_E_FORMAT, c->where, "line %llu: %s is '%s', not a number", (unsigned long long)c->line,
                  title, cell);
}

static bool read_number(const char *cell, double *out)
{
  return civ_parse_real(cell, strlen(cell), out);
}

typedef struct titles {
  char names[MOST_CELLS][40];
  uint32_t n;
} titles;

static void keep_titles(const csv *c, titles *t)
{
  t->n = c->n;
  for (uint32_t k = 0; k < c->n; k++) {
    strncpy(t->names[k], c->cells[k], sizeof t->names[k] - 1);
    t->names[k][sizeof t->names[k] - 1] = '\0';
  }
}

static civ_status read_epoch_cell(const csv *c, const char *title, const char *cell, civ_epoch_snapshot *s,
                                  civ_history *h, civ_error *err)
{
  double value;
  if (strcmp(title, "simulation_id") == 0) {
    if (h->n_epoch_snapshots == 0)
      h->simulation_id = civ_arena_text(&h->arena, cell, strlen(cell));
    return h->simulation_id != NULL ? CIV_OK : civ_fail(err, CIV_E_NOMEM, c->where, "out of memory");
  }
  if (strcmp(title, "timestamp") == 0)
    return civ_parse_time(cell, strlen(cell), &s->time_us) ? CIV_OK : bad_cell(c, title, cell, err);
  const int column = civ_epoch_column_of(title);
  const bool epoch = strcmp(title, "epoch") == 0;
  if ((column < 0 && !epoch) || cell[0] == '\0')
    return CIV_OK;
  if (!read_number(cell, &value) || (epoch && !(value >= 0 && value < UINT32_MAX)))
    return bad_cell(c, title, cell, err);
  if (epoch)
    s->epoch = (uint32_t)value;
  else
    s->values[column] = value;
  return CIV_OK;
}

static civ_status read_epochs(csv *c, const titles *t, civ_history *h, civ_error *err)
{
  civ_status status = CIV_OK;
  while (status == CIV_OK && next_line(c)) {
    civ_epoch_snapshot s = civ_epoch_snapshot_blank(0);
    if (c->n != t->n)
      return civ_fail(err, CIV_E_FORMAT, c->where, "line %llu has %u columns, the title row %u",
                      (unsigned long long)c->line, c->n, t->n);
    for (uint32_t k = 0; status == CIV_OK && k < c->n; k++)
      status = read_epoch_cell(c, t->names[k], c->cells[k], &s, h, err);
    if (status == CIV_OK && civ_history_add_epoch(h, &s) != CIV_OK)
      status = civ_fail(err, CIV_E_NOMEM, c->where, "out of memory");
  }
  h->n_epochs = h->n_epoch_snapshots;
  return status;
}

static civ_status store_agent_cell(const csv *c, int column, const char *cell, civ_agent_snapshot *s, civ_error *err)
{
  double value;
  if (column == CIV_AGENT_FROZEN || column == CIV_AGENT_QUARANTINED) {
    const bool set = strcmp(cell, "true") == 0 || strcmp(cell, "True") == 0 || strcmp(cell, "1") == 0;
    if (column == CIV_AGENT_FROZEN)
      s->frozen = set;
    else
      s->quarantined = set;
    return CIV_OK;
  }
  if (cell[0] == '\0') {
    if (column == CIV_AGENT_RESOURCES)
      s->resources = NAN;
    return CIV_OK;
  }
  if (!read_number(cell, &value))
    return bad_cell(c, civ_agent_column_names[column], cell, err);
  double *const reals[CIV_N_AGENT_COLUMNS] = {
    [CIV_AGENT_REPUTATION] = &s->reputation,           [CIV_AGENT_RESOURCES] = &s->resources,
    [CIV_AGENT_AVG_P_INITIATED] = &s->avg_p_initiated, [CIV_AGENT_AVG_P_RECEIVED] = &s->avg_p_received,
    [CIV_AGENT_TOTAL_PAYOFF] = &s->total_payoff,       [CIV_AGENT_CUMULATIVE_PAYOFF] = &s->cumulative_payoff
  };
  if (reals[column] != NULL)
    *reals[column] = value;
  else if (!(value >= 0 && value <= UINT32_MAX))
    return bad_cell(c, civ_agent_column_names[column], cell, err);
  else if (column == CIV_AGENT_INITIATED)
    s->initiated = (uint32_t)value;
  else
    s->received = (uint32_t)value;
  return CIV_OK;
}

/* Agents come in blocks: the last name is nearly always the one meant. */
static civ_status find_agent(civ_history *h, const char *name, const char *type, uint32_t *index)
{
  for (uint32_t k = h->n_names; k-- > 0;)
    if (strcmp(h->names[k], name) == 0) {
      *index = k;
      return CIV_OK;
    }
  return civ_history_add_name(h, name, type, index);
}

static int agent_column_of(const char *title)
{
  for (int k = 0; k < CIV_N_AGENT_COLUMNS; k++)
    if (strcmp(civ_agent_column_names[k], title) == 0)
      return k;
  return -1;
}

static civ_status read_agents(csv *c, const titles *t, civ_history *h, civ_error *err)
{
  civ_status status = CIV_OK;
  while (status == CIV_OK && next_line(c)) {
    civ_agent_snapshot s = { .resources = 100.0, .avg_p_initiated = 0.5, .avg_p_received = 0.5 };
    const char *name = NULL, *type = NULL;
    if (c->n != t->n)
      return civ_fail(err, CIV_E_FORMAT, c->where, "line %llu has %u columns, the title row %u",
                      (unsigned long long)c->line, c->n, t->n);
    for (uint32_t k = 0; status == CIV_OK && k < c->n; k++) {
      const int column = agent_column_of(t->names[k]);
      double epoch;
      if (strcmp(t->names[k], "agent_id") == 0)
        name = c->cells[k];
      else if (column == CIV_AGENT_TYPE)
        type = c->cells[k][0] != '\0' ? c->cells[k] : NULL;
      else if (column >= 0)
        status = store_agent_cell(c, column, c->cells[k], &s, err);
      else if (strcmp(t->names[k], "epoch") == 0 && read_number(c->cells[k], &epoch) && epoch >= 0 &&
               epoch < UINT32_MAX)
        s.epoch = (uint32_t)epoch;
      else if (strcmp(t->names[k], "epoch") == 0)
        status = bad_cell(c, "epoch", c->cells[k], err);
    }
    if (status == CIV_OK && name == NULL)
      status = civ_fail(err, CIV_E_FORMAT, c->where, "the column agent_id is missing");
    if (status == CIV_OK && (find_agent(h, name, type, &s.agent) != CIV_OK || civ_history_add_agent(h, &s) != CIV_OK))
      status = civ_fail(err, CIV_E_NOMEM, c->where, "out of memory");
  }
  h->n_agents = h->n_names;
  return status;
}

civ_status civ_history_read_csv(const char *epochs, size_t n_epochs, const char *agents, size_t n_agents,
                                civ_history *h, civ_error *err)
{
  civ_status status = CIV_OK;
  csv c;
  titles *t = malloc(sizeof *t);
  if (t == NULL)
    return civ_fail(err, CIV_E_NOMEM, "csv", "out of memory");
  if (epochs != NULL) {
    status = open_csv(&c, "epochs", epochs, n_epochs, err);
    if (status == CIV_OK) {
      keep_titles(&c, t);
      status = read_epochs(&c, t, h, err);
    }
    free(c.text);
  }
  if (status == CIV_OK && agents != NULL) {
    status = open_csv(&c, "agents", agents, n_agents, err);
    if (status == CIV_OK) {
      keep_titles(&c, t);
      status = read_agents(&c, t, h, err);
    }
    free(c.text);
  }
  free(t);
  return status;
}
