#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/load.h"

enum { MOST_KEPT = 1000 };

void civ_diagnostics_free(civ_diagnostics *d)
{
  for (uint32_t k = 0; k < d->n; k++) {
    free(d->items[k].file);
    free(d->items[k].key);
    free(d->items[k].text);
  }
  free(d->items);
  *d = (civ_diagnostics){ 0 };
}

int civ_diagnostic_format(const civ_diagnostic *d, char *buffer, size_t size)
{
  static const char *const names[] = { [CIV_NOTICE] = "notice", [CIV_WARNING] = "warning", [CIV_ERROR] = "error" };
  char place[32] = "";
  if (d->line && d->column)
    snprintf(place, sizeof place, ":%u:%u", d->line, d->column);
  else if (d->line)
    snprintf(place, sizeof place, ":%u", d->line);
  return snprintf(buffer, size, "%s%s: %s: %s%s%s", d->file, place, names[d->severity], d->key, *d->key ? ": " : "",
                  d->text);
}

static bool keep(civ_diagnostics *found, const civ_diagnostic *d)
{
  civ_diagnostic copy = *d;
  if (found->n >= MOST_KEPT) {
    found->dropped++;
    return true;
  }
  if (found->n % 16 == 0) {
    civ_diagnostic *items = realloc(found->items, (found->n + 16) * sizeof *items);
    if (!items)
      return false;
    found->items = items;
  }
  copy.file = strdup(d->file);
  copy.key = strdup(d->key);
  copy.text = strdup(d->text);
  if (!copy.file || !copy.key || !copy.text) {
    free(copy.file);
    free(copy.key);
    free(copy.text);
    return false;
  }
  found->items[found->n++] = copy;
  return true;
}

void civ_loading_say(civ_loading *l, civ_severity severity, civ_status code, uint32_t line, uint32_t column,
                     const char *key, const char *fmt, ...)
{
  char text[448], where[192];
  va_list args;
  va_start(args, fmt);
  vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  const civ_diagnostic d = {
    severity, severity == CIV_ERROR ? code : CIV_OK, line, column, (char *)(uintptr_t)l->file, (char *)(uintptr_t)key,
    text
  };
  if (l->found && !keep(l->found, &d))
    l->status = CIV_E_NOMEM;
  if (severity != CIV_ERROR)
    return;
  if (l->found)
    l->found->n_errors++;
  if (l->status != CIV_OK)
    return;
  if (line && column)
    snprintf(where, sizeof where, "%s:%u:%u", l->file, line, column);
  else
    snprintf(where, sizeof where, "%s", l->file);
  l->status = civ_fail(&l->first, code, where, "%s%s%s", key, *key ? ": " : "", text);
}

void civ_loading_complain(civ_loading *l, const char *path, const civ_complaint *complaint)
{
  char key[320];
  if (complaint->code == CIV_E_NOMEM) {
    civ_loading_no_memory(l);
    return;
  }
  snprintf(key, sizeof key, "%s%s", path, complaint->below);
  civ_loading_say(l, CIV_ERROR, complaint->code, complaint->line, complaint->column, key, "%s", complaint->text);
}
