/* table.h - aligned columns on a terminal: numbers to the right, texts to the left, never wider than the screen. */
#ifndef CIV_CLI_TABLE_H
#define CIV_CLI_TABLE_H

#include <stdio.h>

#include "civitas/export.h"

typedef struct civ_table_column {
  const char *title;
  bool right;       /* aligned to the right: numbers */
  uint8_t priority; /* columns of the highest number go first when the screen is too narrow; 0 = never */
} civ_table_column;

typedef struct civ_table civ_table;

civ_table *civ_table_create(const civ_table_column *columns,
                            uint32_t n); /* `columns` must outlive it; NULL = no memory */
void civ_table_destroy(civ_table *table);
/* Cells are given one after the other, row by row. A lack of memory is remembered and makes the print say so. */
void civ_table_text(civ_table *table, const char *text);
void civ_table_integer(civ_table *table, int64_t value);
void civ_table_real(civ_table *table, double value, int decimals); /* not a number: "-" */
/* Prints title and rows, each line begun with `indent` blanks; width 0 = no limit. false = memory was lacking. */
bool civ_table_print(const civ_table *table, FILE *out, int indent, int width);

#endif
