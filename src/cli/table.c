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
  uint32_t *width; /* of each column so far, in characters */
  size_t cells;
};

/* Room on the terminal: characters, not bytes. */
static uint32_t characters(const char *text)
{
  return (uint32_t)civ_utf8_characters(text, strlen(text));
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
    table->width[k] = characters(columns[k].title);
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
  const uint32_t column = (uint32_t)(table->cells % table->n), width = characters(text);
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

static void print_cell(const civ_table *table, uint32_t k, const char *text, bool first, bool last, FILE *out)
{
  const int pad = (int)(table->width[k] - characters(text));
  if (!first)
    fputs("  ", out);
  if (table->columns[k].right)
    fprintf(out, "%*s%s", pad, "", text);
  else
    fprintf(out, "%s%*s", text, last ? 0 : pad, "");
}

bool civ_table_print(const civ_table *table, FILE *out, int indent, int width)
{
  bool *shown = calloc(table->n, sizeof *shown);
  if (shown == NULL || table->text.failed) {
    free(shown);
    return false;
  }
  choose(table, shown, indent, width);
  uint32_t last = table->n;
  while (last > 0 && !shown[last - 1])
    last--;
  const char *text = table->text.data;
  for (size_t cell = 0; cell < table->cells + table->n; cell++) {
    const uint32_t k = (uint32_t)(cell % table->n);
    const char *content = cell < table->n ? table->columns[k].title : text;
    if (k == 0)
      fprintf(out, "%*s", indent, "");
    if (shown[k])
      print_cell(table, k, content, k == 0, k + 1 == last, out);
    if (k + 1 == table->n)
      fputc('\n', out);
    if (cell >= table->n)
      text += strlen(text) + 1;
  }
  free(shown);
  return true;
}
