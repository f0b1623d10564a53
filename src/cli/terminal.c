#include "cli/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool civ_terminal(FILE *stream)
{
  const char *kind = getenv("TERM");
  return isatty(fileno(stream)) == 1 && (kind == NULL || strcmp(kind, "dumb") != 0);
}

int civ_terminal_width(FILE *stream)
{
  struct winsize size = { 0 };
  if (!civ_terminal(stream))
    return 0;
  if (ioctl(fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return 80;
  return size.ws_col;
}

const char *civ_terminal_style(FILE *stream, civ_style style)
{
  static const char *const codes[CIV_STYLES] = { "\033[0m", "\033[1m", "\033[2m", "\033[31m", "\033[32m", "\033[33m" };
  const char *refused = getenv("NO_COLOR");
  if ((refused != NULL && refused[0] != '\0') || !civ_terminal(stream))
    return "";
  return codes[style];
}
