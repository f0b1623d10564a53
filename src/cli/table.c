#include "cli/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"

struct civ_table {
  const civ_table_column *columns;
  uint32_t n;
  civ_buffer text; /* all cells, each terminated by NUL */
  uint32_t *width; /* of each column so far */
  size_t cells;
};

/* Room on the terminal. */
static uint32_t room_of(const char *text)
{
  return (uint32_t)civ_utf8_columns(text, strlen(text));
}

civ_table *civ_table_create(const civ_table_column *columns, uint32_t n)
{
  civ_table *table = calloc(1, sizeof *table);
  if (table == NULL)
    return NULL;
  table->columns = columns;
  table->n = n;
  table->width = calloc(n, sizeof *table->width);
  if (table->width == NULL) {
    free(table);
    return NULL;
  }
  for (uint32_t k = 0; k < n; k++)
    table->width[k] = room_of(columns[k].title);
  return table;
}

void civ_table_destroy(civ_table *table)
{
  if (table == NULL)
    return;
  civ_buffer_free(&table->text);
  free(table->width);
  free(table);
}

void civ_table_text(civ_table *table, const char *text)
{
  const uint32_t column = (uint32_t)(table->cells % table->n), width = room_of(text);
  if (width > table->width[column])
    table->width[column] = width;
  civ_buffer_add(&table->text, text, strlen(text) + 1);
  table->cells++;
}

void civ_table_integer(civ_table *table, int64_t value)
{
  char text[32];
  snprintf(text, sizeof text, "%lld", (long long)value);
  civ_table_text(table, text);
}

void civ_table_real(civ_table *table, double value, int decimals)
{
  char text[352]; /* the longest double in fixed notation has 309 digits before the point */
  if (isfinite(value))
    snprintf(text, sizeof text, "%.*f", decimals, value);
  else
    strcpy(text, "-");
  civ_table_text(table, text);
}

/* Hides whole columns, those of the highest priority number first, until a line fits. */
static void choose(const civ_table *table, bool *shown, int indent, int width)
{
  for (uint32_t k = 0; k < table->n; k++)
    shown[k] = true;
  while (width > 0) {
    uint32_t total = (uint32_t)indent, worst = UINT32_MAX;
    for (uint32_t k = 0; k < table->n; k++) {
      if (!shown[k])
        continue;
      total += table->width[k] + 2;
      if (table->columns[k].priority > 0 &&
          (worst == UINT32_MAX || table->columns[k].priority >= table->columns[worst].priority))
        worst = k;
    }
    if (total <= (uint32_t)width + 2 || worst == UINT32_MAX)
      return;
    shown[worst] = false;
  }
}

static void put_cell(const civ_table *table, uint32_t k, const char *text, bool first, civ_buffer *line)
{
  const int pad = (int)(table->width[k] - room_of(text));
  civ_buffer_text(line, first ? "" : "  ");
  if (table->columns[k].right)
    civ_buffer_format(line, "%*s%s", pad, "", text);
  else
    civ_buffer_format(line, "%s%*s", text, pad, "");
}

/* Without the blanks at its end. */
static void print_line(civ_buffer *line, FILE *out)
{
  while (line->length > 0 && line->data[line->length - 1] == ' ')
    line->length--;
  fwrite(line->data, 1, line->length, out);
  fputc('\n', out);
  line->length = 0;
}

bool civ_table_print(const civ_table *table, FILE *out, int indent, int width)
{
  bool *shown = calloc(table->n, sizeof *shown);
  if (shown == NULL || table->text.failed) {
    free(shown);
    return false;
  }
  choose(table, shown, indent, width);
  civ_buffer line = { 0 };
  bool first = true;
  const char *text = table->text.data;
  for (size_t cell = 0; !line.failed && cell < table->cells + table->n; cell++) {
    const uint32_t k = (uint32_t)(cell % table->n);
    const char *content = cell < table->n ? table->columns[k].title : text;
    if (k == 0) {
      civ_buffer_format(&line, "%*s", indent, "");
      first = true;
    }
    if (shown[k]) {
      put_cell(table, k, content, first, &line);
      first = false;
    }
    if (k + 1 == table->n && !line.failed)
      print_line(&line, out);
    if (cell >= table->n)
      text += strlen(text) + 1;
  }
  const bool ok = !line.failed;
  civ_buffer_free(&line);
  free(shown);
  return ok;
}
