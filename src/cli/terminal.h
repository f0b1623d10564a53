/* terminal.h - is somebody looking, how wide is the screen, may there be colour. */
#ifndef CIV_CLI_TERMINAL_H
#define CIV_CLI_TERMINAL_H

#include <stdio.h>

#include "civitas/export.h"

bool civ_terminal(FILE *stream);      /* a terminal, and not TERM=dumb */
int civ_terminal_width(FILE *stream); /* columns; 0 = not a terminal, no limit */

typedef enum civ_style { CIV_PLAIN, CIV_BOLD, CIV_DIM, CIV_RED, CIV_GREEN, CIV_YELLOW, CIV_STYLES } civ_style;
/* Escape sequence for a style, "" where colour is not wanted (no terminal, NO_COLOR set and not empty). */
const char *civ_terminal_style(FILE *stream, civ_style style);

#endif
