/* What the keys of language-model agents ask of each other: ranges that hang on the provider, addresses, reserved names. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "scenario/load.h"

/* What the whole run gives where an entry says nothing. */
static json_t *run_defaults(const civ_config *config)
{
  civ_block *block = civ_config_block(config, "llm");
  const civ_field *field = block ? civ_section_field(block->table, "defaults") : NULL;
  civ_tree tree = { NULL, 0 };
  if (field && field->kind == CIV_FIELD_TREE)
    memcpy(&tree, (const char *)block->values + field->offset, sizeof tree);
  return tree.json ? json_loads(tree.json, 0, NULL) : NULL;
}

static void say(civ_loading *l, size_t entry, uint32_t line, const char *key, const char *text)
{
  char path[96];
  snprintf(path, sizeof path, "agents[%zu].llm.%s", entry, key);
  civ_loading_say(l, CIV_ERROR, CIV_E_RANGE, line, line ? 1 : 0, path, "%s", text);
}

static void check_provider(civ_loading *l, size_t k, uint32_t line, const json_t *llm, const json_t *defaults)
{
  const char *provider = civ_json_text(llm, "provider", civ_json_text(defaults, "provider", "anthropic"));
  char text[160];
  const double temperature = civ_json_real(llm, "temperature", 0);
  if (temperature > 1 && strcasecmp(provider, "anthropic") == 0) {
    snprintf(text, sizeof text, "%g is outside [0, 1], the range of provider anthropic", temperature);
    say(l, k, line, "temperature", text);
  }
}

static void check_address(civ_loading *l, size_t k, uint32_t line, const json_t *llm)
{
  char text[240];
  const char *url = civ_json_text(llm, "base_url", NULL);
  if (!url || (strncmp(url, "http://", 7) == 0 && url[7]) || (strncmp(url, "https://", 8) == 0 && url[8]))
    return;
  snprintf(text, sizeof text, "'%.120s' is no address; write http://HOST or https://HOST", url);
  say(l, k, line, "base_url", text);
}

static void check_options(civ_loading *l, size_t k, uint32_t line, const json_t *llm)
{
  static const char *const reserved[] = { "messages", "system", "model", "stream", NULL };
  char text[160];
  const json_t *options = json_object_get(llm, "provider_options");
  if (options && !json_is_null(options) && !json_is_object(options))
    say(l, k, line, "provider_options", "write a mapping, such as {top_k: 5}");
  for (int i = 0; reserved[i]; i++)
    if (json_object_get(options, reserved[i])) {
      snprintf(text, sizeof text, "'%s' is set by the program; remove it", reserved[i]);
      say(l, k, line, "provider_options", text);
    }
}

void civ_check_language_models(civ_loading *l)
{
  json_t *defaults = NULL;
  bool asked = false;
  for (size_t k = 0; k < l->config->n_agents; k++) {
    const civ_tree *tree = &l->config->entries[k].llm;
    json_t *llm = tree->json ? json_loads(tree->json, 0, NULL) : NULL;
    if (!llm)
      continue;
    if (!asked)
      defaults = run_defaults(l->config);
    asked = true;
    check_provider(l, k, tree->line, llm, defaults);
    check_address(l, k, tree->line, llm);
    check_options(l, k, tree->line, llm);
    json_decref(llm);
  }
  json_decref(defaults);
}
