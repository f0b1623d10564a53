#include "selfplay/matchup.h"

#include <stdio.h>
#include <string.h>

#include "base/names.h"
#include "base/number.h"

const civ_matchup civ_default_matchups[CIV_DEFAULT_MATCHUPS] = {
  { "baseline-honest", { { 6, 0, 0, 0 } } }, { "drain", { { 5, 2, 0, 0 } } },
  { "entrench", { { 5, 0, 2, 0 } } },        { "suppress", { { 5, 0, 0, 2 } } },
  { "mixed-capture", { { 5, 1, 1, 1 } } },
};

/* "drainers=2" into the composition. */
static civ_status read_count(const char *part, size_t length, const char *whole, civ_composition *out, civ_error *err)
{
  const char *equals = memchr(part, '=', length);
  char key[32];
  int64_t count;
  const size_t key_length = equals != NULL ? (size_t)(equals - part) : length;
  snprintf(key, sizeof key, "%.*s", (int)key_length, part);
  for (int k = 0; k < CIV_SEAT_KINDS; k++) {
    if (strcmp(civ_seat_kinds[k].plural, key) != 0)
      continue;
    if (equals == NULL || !civ_parse_integer(equals + 1, length - key_length - 1, &count) || count < 0 ||
        count > CIV_CITIZENS_MOST)
      return civ_fail(err, CIV_E_RANGE, "matchup", "'%s': %s needs a number from 0 to %d, such as %s=2", whole, key,
                      (int)CIV_CITIZENS_MOST, key);
    out->count[k] = (uint32_t)count;
    return CIV_OK;
  }
  static const char *const known[] = { "honest", "drainers", "entrenchers", "suppressors", NULL };
  const char *near = civ_name_nearest(key, known);
  return civ_fail(err, CIV_E_KEY, "matchup", "'%s' has no kind of citizen '%s'; %s%s", whole, key,
                  near != NULL ? "did you mean " : "known are honest, drainers, entrenchers, suppressors",
                  near != NULL ? near : "");
}

static civ_status read_composition(const char *text, const char *whole, civ_composition *out, civ_error *err)
{
  civ_status status = CIV_OK;
  while (status == CIV_OK && *text != '\0') {
    const size_t length = strcspn(text, ",");
    status = read_count(text, length, whole, out, err);
    text += length;
    text += *text == ',';
  }
  if (status != CIV_OK)
    return status;
  const uint32_t n = civ_composition_size(out);
  if (n < 1 || n > CIV_CITIZENS_MOST)
    return civ_fail(err, CIV_E_RANGE, "matchup", "'%s' has %u citizens; a polity has 1 to %d", whole, n,
                    (int)CIV_CITIZENS_MOST);
  return CIV_OK;
}

static bool is_name(const char *text, size_t length)
{
  bool good = length > 0 && length < CIV_MATCHUP_NAME && text[0] != '.';
  for (size_t k = 0; good && k < length; k++)
    good = strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", text[k]) != NULL;
  return good;
}

civ_status civ_matchup_read(const char *text, civ_matchup *out, civ_error *err)
{
  const char *colon = strchr(text, ':');
  const size_t length = colon != NULL ? (size_t)(colon - text) : strlen(text);
  for (int k = 0; colon == NULL && k < CIV_DEFAULT_MATCHUPS; k++)
    if (strcmp(civ_default_matchups[k].name, text) == 0) {
      *out = civ_default_matchups[k];
      return CIV_OK;
    }
  if (!is_name(text, length))
    return civ_fail(err, CIV_E_SYNTAX, "matchup",
                    "'%s' begins with no name of letters, digits, - _ . (at most %d); write NAME:honest=5,drainers=2",
                    text, (int)CIV_MATCHUP_NAME - 1);
  if (colon == NULL)
    return civ_fail(err, CIV_E_SYNTAX, "matchup",
                    "'%s' is none of the default matchups (baseline-honest, drain, entrench, suppress, mixed-capture); "
                    "say who takes part: %s:honest=5,drainers=2",
                    text, text);
  civ_matchup made = { .name = "" };
  memcpy(made.name, text, length);
  const civ_status status = read_composition(colon + 1, text, &made.composition, err);
  if (status == CIV_OK)
    *out = made;
  return status;
}

civ_episode_setup civ_game_episode(const civ_game *game, const civ_seating *seating, uint64_t seed)
{
  return (civ_episode_setup){ .kernel = game->kernel,
                              .physics = civ_physics_of(&game->polity),
                              .seats = seating->seats,
                              .n_seats = seating->n,
                              .turns = game->turns,
                              .initial_treasury = game->initial_treasury,
                              .seed = seed };
}
