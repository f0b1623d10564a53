#include "world/boundary_activity.h"

#include <stdio.h>

const char *const civ_activity_actions[4] = { "call", "query", "send", NULL };

const char *civ_activity_action(uint8_t entity_type)
{
  return civ_activity_actions[entity_type == CIV_ENTITY_SERVICE ? 0 : entity_type == CIV_ENTITY_DATA_SOURCE ? 1 : 2];
}

civ_content_kind civ_activity_pick(const civ_mix_settings *mix, double u)
{
  double sum = 0, below = 0;
  int last = 0;
  for (int k = 0; k < CIV_CONTENT_KINDS; k++)
    sum += mix->weight[k];
  for (int k = 0; k < CIV_CONTENT_KINDS; k++) {
    if (!(mix->weight[k] > 0))
      continue;
    last = k;
    below += mix->weight[k];
    if (u * sum < below)
      break;
  }
  return (civ_content_kind)last;
}

static const struct {
  const char *key, *before, *behind;
} texts[CIV_CONTENT_KINDS] = {
  [CIV_CONTENT_CLEAN] = { "query", "status of item ", "" },
  [CIV_CONTENT_KEYWORD] = { "data", "internal notes ", "" },
  [CIV_CONTENT_CODE] = { "data", "def f_", "(x): return x" },
  [CIV_CONTENT_PII] = { "data", "contact user_", "@example.com" },
  [CIV_CONTENT_CREDENTIAL] = { "data", "password = hunter_", "" },
};

civ_content civ_activity_content(civ_content_kind kind, uint32_t k, char text[CIV_ACTIVITY_TEXT])
{
  const char *key = texts[kind].key, *before = texts[kind].before, *behind = texts[kind].behind;
  const int n = snprintf(text, CIV_ACTIVITY_TEXT, "{\"%s\": \"%s%u%s\"}", key, before, k, behind);
  const int all = n + snprintf(text + n, CIV_ACTIVITY_TEXT - (size_t)n, "\n%s: %s%u%s", key, before, k, behind);
  return (civ_content){ text, (size_t)n, (size_t)all };
}
