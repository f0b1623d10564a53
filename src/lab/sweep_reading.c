#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/names.h"
#include "lab/sweep_reading.h"

void civ_sweep_complain(civ_sweep_reading *r, const civ_node *at, civ_status code, const char *key, const char *fmt,
                        ...)
{
  char text[448];
  va_list args;
  va_start(args, fmt);
  vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  civ_loading_say(&r->l, CIV_ERROR, code, at->line, at->column, key, "%s", text);
}

void *civ_sweep_take(civ_sweep_reading *r, size_t n, size_t size)
{
  void *block = civ_arena_take(r->arena, n, size);
  if (block == NULL)
    civ_loading_no_memory(&r->l);
  return block;
}

civ_dotted civ_sweep_below(const char *above, const char *name)
{
  civ_dotted p;
  if (snprintf(p.text, sizeof p.text, "%s%s%s", above, *above != '\0' ? "." : "", name) >= (int)sizeof p.text)
    p.text[sizeof p.text - 1] = '\0';
  return p;
}

civ_dotted civ_sweep_item_of(const char *list, uint32_t k)
{
  civ_dotted p;
  snprintf(p.text, sizeof p.text, "%.200s[%u]", list, k);
  return p;
}

/* --- scalars -------------------------------------------------------------------------------------------------------------- */

bool civ_sweep_read_text(civ_sweep_reading *r, const civ_node *node, const char *key, const char **out)
{
  char shown[96];
  if (node->kind == CIV_NODE_TEXT && node->length > 0) {
    *out = node->text;
    return true;
  }
  civ_node_describe(node, shown, sizeof shown);
  civ_sweep_complain(r, node, CIV_E_TYPE, key, "must be a text, not %s",
                     node->kind == CIV_NODE_TEXT ? "an empty one" : shown);
  return false;
}

bool civ_sweep_read_count(civ_sweep_reading *r, const civ_node *node, const char *key, int64_t least, int64_t most,
                          uint64_t *out)
{
  char shown[96];
  civ_node_describe(node, shown, sizeof shown);
  if (node->kind != CIV_NODE_INTEGER) {
    civ_sweep_complain(r, node, CIV_E_TYPE, key, "must be a whole number, not %s", shown);
    return false;
  }
  if (node->integer < least || node->integer > most) {
    civ_sweep_complain(r, node, CIV_E_RANGE, key, "%s is outside [%lld, %lld]", shown, (long long)least,
                       (long long)most);
    return false;
  }
  *out = (uint64_t)node->integer;
  return true;
}

bool civ_sweep_read_real(civ_sweep_reading *r, const civ_node *node, const char *key, double *out)
{
  char shown[96];
  const double x = node->kind == CIV_NODE_INTEGER ? (double)node->integer
                   : node->kind == CIV_NODE_REAL  ? node->real
                                                  : NAN;
  if (isfinite(x)) {
    *out = x;
    return true;
  }
  civ_node_describe(node, shown, sizeof shown);
  civ_sweep_complain(r, node, CIV_E_TYPE, key, "must be a finite number, not %s", shown);
  return false;
}

bool civ_sweep_read_bool(civ_sweep_reading *r, const civ_node *node, const char *key, bool *out)
{
  char shown[96];
  if (node->kind == CIV_NODE_BOOLEAN) {
    *out = node->boolean;
    return true;
  }
  civ_node_describe(node, shown, sizeof shown);
  civ_sweep_complain(r, node, CIV_E_TYPE, key, "must be true or false, not %s", shown);
  return false;
}

static void list_words(const char *const *words, char *out, size_t size)
{
  size_t n = 0;
  out[0] = '\0';
  for (uint32_t k = 0; words[k] != NULL && n < size; k++)
    n += (size_t)snprintf(out + n, size - n, "%s%s", k == 0 ? "" : words[k + 1] == NULL ? " or " : ", ", words[k]);
}

bool civ_sweep_read_choice(civ_sweep_reading *r, const civ_node *node, const char *key, const char *const *words,
                           int32_t *out)
{
  char shown[96], all[160];
  for (int32_t k = 0; node->kind == CIV_NODE_TEXT && words[k] != NULL; k++)
    if (strcmp(words[k], node->text) == 0) {
      *out = k;
      return true;
    }
  civ_node_describe(node, shown, sizeof shown);
  list_words(words, all, sizeof all);
  const char *near = node->kind == CIV_NODE_TEXT ? civ_name_nearest(node->text, words) : NULL;
  if (near != NULL)
    civ_sweep_complain(r, node, CIV_E_RANGE, key, "%s is not known; did you mean '%s'?", shown, near);
  else
    civ_sweep_complain(r, node, CIV_E_RANGE, key, "must be %s, not %s", all, shown);
  return false;
}

/* Values go into texts and back: what is not a number cannot. */
bool civ_sweep_all_finite(const civ_node *node)
{
  if (node->kind == CIV_NODE_REAL)
    return isfinite(node->real);
  for (uint32_t k = 0; (node->kind == CIV_NODE_LIST || node->kind == CIV_NODE_MAP) && k < node->n; k++)
    if (!civ_sweep_all_finite(&node->items[k]))
      return false;
  return true;
}
