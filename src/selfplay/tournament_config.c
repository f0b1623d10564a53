#include "selfplay/tournament_config.h"

#include <stdio.h>
#include <string.h>

#include "base/field.h"
#include "base/file.h"
#include "base/yaml.h"
#include "selfplay/settings.h"

enum { MOST_BYTES = 1 << 20 };

#define T civ_tournament_section
static const civ_field fields[] = {
  CIV_TEXT(T, kernel, "naive", "law to play under: a file, or a name"),
  CIV_TEXT(T, seeds, "0-7", "seeds to play every matchup with, as A-B"),
  CIV_TEXT(T, out_dir, "null", "folder for exploits, episodes and the summary"),
  CIV_INTEGER(T, n_turns, "60", 1, 100000, "turns", "turns of an episode"),
  CIV_INTEGER(T, exploit_id_start, "1", 1, 999999, "", "number of the first record"),
  CIV_REAL(T, initial_treasury, "1000", 0, 1e9, "credits", "treasury at the founding"),
};
#undef T
const civ_section civ_section_tournament = { .name = "tournament",
                                             .doc = "Which law is attacked, how often, and where the results go.",
                                             .chapter = "self-play",
                                             .fields = fields,
                                             .n_fields = sizeof fields / sizeof *fields,
                                             .size = sizeof(civ_tournament_section) };

civ_status civ_tournament_config_default(civ_arena *arena, civ_tournament_config *out)
{
  *out = (civ_tournament_config){ .n_matchups = 0 };
  civ_status status = civ_section_set_defaults(&civ_section_tournament, &out->tournament, arena);
  if (status == CIV_OK)
    status = civ_section_set_defaults(&civ_section_polity, &out->polity, arena);
  if (status == CIV_OK)
    status = civ_section_set_defaults(&civ_section_detectors, &out->detect, arena);
  return status;
}

/* --- matchups -------------------------------------------------------------------------------------------------------------- */

typedef struct reading {
  const char *path;
  civ_arena *arena;
  civ_tournament_config *out;
  civ_error *err;
} reading;

static civ_status place(const reading *r, civ_status code, uint32_t line, uint32_t column, const char *text)
{
  char where[sizeof r->err->where];
  snprintf(where, sizeof where, "%s:%u:%u", r->path, line, column);
  return civ_fail(r->err, code, where, "%s", text);
}

/* NAME: {honest: 5, drainers: 2} as the text that the command line takes; what is wrong is said at its place. */
static civ_status read_matchup(const reading *r, const civ_key *name, const civ_node *who, civ_matchup *out)
{
  civ_buffer text = { 0 };
  civ_error err;
  if (who->kind != CIV_NODE_MAP && who->kind != CIV_NODE_NULL)
    return place(r, CIV_E_TYPE, who->line, who->column,
                 "a matchup is a mapping such as {honest: 5, drainers: 2}, or nothing behind a default one's name");
  civ_buffer_text(&text, name->text);
  for (uint32_t k = 0; who->kind == CIV_NODE_MAP && k < who->n; k++) {
    char shown[48];
    civ_node_describe(&who->items[k], shown, sizeof shown);
    civ_buffer_format(&text, "%s%s=%s", k == 0 ? ":" : ",", who->keys[k].text, shown);
  }
  civ_buffer_add(&text, "", 1);
  const civ_status status =
      text.failed ? civ_fail(&err, CIV_E_NOMEM, "", "out of memory") : civ_matchup_read(text.data, out, &err);
  civ_buffer_free(&text);
  return status == CIV_OK ? CIV_OK : place(r, status, name->line, name->column, err.text);
}

static civ_status read_matchups(const reading *r, const civ_node *map)
{
  if (map->kind != CIV_NODE_MAP || map->n == 0)
    return place(r, CIV_E_TYPE, map->line, map->column,
                 "matchups is a mapping of names, such as siege: {honest: 5, drainers: 2}");
  r->out->matchups = civ_arena_take(r->arena, map->n, sizeof *r->out->matchups);
  if (r->out->matchups == NULL)
    return civ_fail(r->err, CIV_E_NOMEM, r->path, "out of memory");
  r->out->n_matchups = map->n;
  for (uint32_t k = 0; k < map->n; k++) {
    const civ_status status = read_matchup(r, &map->keys[k], &map->items[k], &r->out->matchups[k]);
    if (status != CIV_OK)
      return status;
  }
  return CIV_OK;
}

/* --- the file ---------------------------------------------------------------------------------------------------------------- */

static civ_status read_member(const reading *r, const civ_key *key, const civ_node *value)
{
  civ_tournament_config *out = r->out;
  if (strcmp(key->text, "matchups") == 0)
    return read_matchups(r, value);
  if (strcmp(key->text, "polity") == 0)
    return civ_section_read_node(&civ_section_polity, &out->polity, value, r->path, r->arena, r->err);
  if (strcmp(key->text, "detectors") == 0)
    return civ_section_read_node(&civ_section_detectors, &out->detect, value, r->path, r->arena, r->err);
  civ_node text = *value;
  const bool seeds = strcmp(key->text, "seeds") == 0;
  if (seeds && value->kind == CIV_NODE_INTEGER) { /* a single seed needs no quotes */
    text = civ_node_scalar(value->text, value->length, false);
    text.line = value->line;
    text.column = value->column;
  }
  out->given_seeds = out->given_seeds || seeds;
  civ_key keys[] = { *key };
  const civ_node one = {
    .kind = CIV_NODE_MAP, .line = key->line, .column = key->column, .n = 1, .items = &text, .keys = keys
  };
  return civ_section_read_node(&civ_section_tournament, &out->tournament, &one, r->path, r->arena, r->err);
}

/* A kernel that is named by a path stands beside the file. */
static civ_status place_kernel(const reading *r)
{
  const char *kernel = r->out->tournament.kernel, *slash = strrchr(r->path, '/');
  civ_buffer text = { 0 };
  if (kernel == NULL || kernel[0] == '/' || slash == NULL ||
      (strchr(kernel, '/') == NULL && strstr(kernel, ".yaml") == NULL))
    return CIV_OK;
  civ_buffer_add(&text, r->path, (size_t)(slash - r->path) + 1);
  civ_buffer_text(&text, kernel);
  r->out->tournament.kernel = text.failed ? NULL : civ_arena_text(r->arena, text.data, text.length);
  civ_buffer_free(&text);
  return r->out->tournament.kernel != NULL ? CIV_OK : civ_fail(r->err, CIV_E_NOMEM, r->path, "out of memory");
}

static civ_status read_root(const reading *r, const civ_node *root)
{
  if (root->kind == CIV_NODE_NULL)
    return CIV_OK;
  if (root->kind != CIV_NODE_MAP)
    return place(
        r, CIV_E_TYPE, root->line, root->column,
        "a tournament is a mapping with kernel, seeds, n_turns, initial_treasury, matchups, polity, detectors");
  for (uint32_t k = 0; k < root->n; k++) {
    const civ_status status = read_member(r, &root->keys[k], &root->items[k]);
    if (status != CIV_OK)
      return status;
  }
  return place_kernel(r);
}

civ_status civ_tournament_config_load(const char *path, civ_arena *arena, civ_tournament_config *out, civ_error *err)
{
  civ_tournament_config made;
  const reading r = { .path = path, .arena = arena, .out = &made, .err = err };
  civ_arena nodes = civ_arena_create(NULL);
  civ_node root;
  civ_status status = civ_tournament_config_default(arena, &made);
  if (status != CIV_OK)
    status = civ_fail(err, status, path, "out of memory");
  if (status == CIV_OK)
    status = civ_settings_parse(path, &nodes, &root, err);
  if (status == CIV_OK)
    status = read_root(&r, &root);
  civ_arena_destroy(&nodes);
  if (status == CIV_OK)
    *out = made;
  return status;
}
