#include "civitas/status.h"

#include <stdarg.h>
#include <stdio.h>

civ_status civ_fail(civ_error *err, civ_status code, const char *where, const char *fmt, ...)
{
  if (err == NULL)
    return code;
  civ_error made; /* the arguments may lie in *err */
  made.code = code;
  snprintf(made.where, sizeof made.where, "%s", where == NULL ? "" : where);
  va_list args;
  va_start(args, fmt);
  if (vsnprintf(made.text, sizeof made.text, fmt, args) < 0)
    made.text[0] = '\0';
  va_end(args);
  *err = made;
  return code;
}

const char *civ_status_name(civ_status code)
{
  static const char *const names[CIV_STATUS_COUNT] = {
    [CIV_OK] = "CIV_OK",
    [CIV_E_NOMEM] = "CIV_E_NOMEM",
    [CIV_E_RANGE] = "CIV_E_RANGE",
    [CIV_E_TYPE] = "CIV_E_TYPE",
    [CIV_E_KEY] = "CIV_E_KEY",
    [CIV_E_SYNTAX] = "CIV_E_SYNTAX",
    [CIV_E_IO] = "CIV_E_IO",
    [CIV_E_FORMAT] = "CIV_E_FORMAT",
    [CIV_E_LIMIT] = "CIV_E_LIMIT",
    [CIV_E_STATE] = "CIV_E_STATE",
    [CIV_E_UNBUILT] = "CIV_E_UNBUILT",
    [CIV_E_DIVERGED] = "CIV_E_DIVERGED",
    [CIV_E_INTERRUPTED] = "CIV_E_INTERRUPTED",
  };
  const unsigned at = (unsigned)code;
  return at < CIV_STATUS_COUNT ? names[at] : "CIV_E_?";
}
