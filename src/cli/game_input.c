#include "cli/game_input.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/find_data.h"
#include "selfplay/settings.h"

enum { MOST_SEEDS = 10000000 };

civ_status civ_cli_open_kernel(const char *name, civ_arena *arena, civ_kernel *out, char **path, civ_error *err)
{
  *path = NULL;
  if (strcmp(name, "naive") == 0 && !civ_is_file(name))
    return civ_kernel_naive(out) == CIV_OK ? CIV_OK : civ_fail(err, CIV_E_NOMEM, "kernel", "out of memory");
  const bool hardened = strcmp(name, "hardened") == 0 && !civ_is_file(name);
  char *found;
  civ_status status = civ_cli_find_data(&civ_data_kernels, hardened ? "commonwealth-hardened" : name, &found, err);
  if (status != CIV_OK)
    return status;
  status = civ_kernel_load(found, arena, out, err);
  if (status == CIV_OK)
    *path = found;
  else
    free(found);
  return status;
}

civ_status civ_cli_open_detectors(const char *path, civ_arena *arena, civ_detect_config *out, civ_error *err)
{
  if (civ_section_set_defaults(&civ_section_detectors, out, arena) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "detectors", "out of memory");
  return path != NULL ? civ_section_load(&civ_section_detectors, out, path, arena, err) : CIV_OK;
}

static civ_status open_polity(const civ_texts *texts, civ_game_input *in, civ_error *err)
{
  civ_status status = CIV_OK;
  for (uint32_t k = 0; k < texts->n && status == CIV_OK; k++)
    status = civ_section_read_text(&civ_section_polity, &in->game.polity, texts->items[k], &in->arena, err);
  return status;
}

static civ_status read_matchups(const civ_texts *texts, civ_game_input *in, civ_error *err)
{
  in->matchups = civ_arena_take(&in->arena, texts->n, sizeof *in->matchups);
  if (in->matchups == NULL)
    return civ_fail(err, CIV_E_NOMEM, "matchup", "out of memory");
  in->n_matchups = texts->n;
  for (uint32_t k = 0; k < texts->n; k++) {
    const civ_status status = civ_matchup_read(texts->items[k], &in->matchups[k], err);
    if (status != CIV_OK)
      return status;
    for (uint32_t earlier = 0; earlier < k; earlier++)
      if (strcmp(in->matchups[earlier].name, in->matchups[k].name) == 0)
        return civ_fail(err, CIV_E_KEY, "matchup", "two matchups are called '%s'; give each a name of its own",
                        in->matchups[k].name);
  }
  return CIV_OK;
}

/* Those of the command line, else of the file, else the default ones. */
static civ_status open_matchups(const civ_texts *texts, civ_game_input *in, civ_error *err)
{
  if (texts->n > 0)
    return read_matchups(texts, in, err);
  if (in->n_matchups > 0)
    return CIV_OK;
  in->matchups = civ_arena_take(&in->arena, CIV_DEFAULT_MATCHUPS, sizeof *in->matchups);
  if (in->matchups == NULL)
    return civ_fail(err, CIV_E_NOMEM, "matchup", "out of memory");
  memcpy(in->matchups, civ_default_matchups, sizeof civ_default_matchups);
  in->n_matchups = CIV_DEFAULT_MATCHUPS;
  return CIV_OK;
}

static int open_numbers(const civ_command *command, const civ_game_options *o, const char *seeds, civ_game_input *in)
{
  const double treasury = o->treasury.set ? o->treasury.value : in->settings.initial_treasury;
  if (!civ_cli_seeds(seeds, &in->first_seed, &in->n_seeds))
    return o->seeds == NULL && o->config != NULL
               ? civ_cli_misuse(command, "%s: seeds takes A-B with 0 <= A <= B < 2^63, such as 0-7, not '%s'",
                                o->config, seeds)
               : civ_cli_misuse(command, "--seeds takes A-B with 0 <= A <= B < 2^63, such as 0-7, not '%s'", seeds);
  if (in->n_seeds > MOST_SEEDS)
    return civ_cli_misuse(command, "seeds %s are more than %d; play them in parts", seeds, (int)MOST_SEEDS);
  if (!(treasury >= 0 && treasury <= 1e9))
    return civ_cli_misuse(command, "--treasury takes an amount from 0 to 1000000000 credits, not %g", treasury);
  in->game.initial_treasury = llround(treasury * 1e6);
  in->game.turns = (int32_t)(o->turns.set ? o->turns.value : in->settings.n_turns);
  in->threads = o->threads.set ? (uint32_t)o->threads.value : 0;
  return CIV_EXIT_DONE;
}

/* What the file says, or all defaults. */
static civ_status open_config(const char *path, const char **seeds, civ_game_input *in, civ_error *err)
{
  civ_tournament_config config;
  civ_status status;
  if (path != NULL)
    status = civ_tournament_config_load(path, &in->arena, &config, err);
  else if ((status = civ_tournament_config_default(&in->arena, &config)) != CIV_OK)
    status = civ_fail(err, status, "tournament", "out of memory");
  if (status != CIV_OK)
    return status;
  in->settings = config.tournament;
  in->game.polity = config.polity;
  in->detect = config.detect;
  in->matchups = config.matchups;
  in->n_matchups = config.n_matchups;
  if (config.given_seeds)
    *seeds = config.tournament.seeds;
  return CIV_OK;
}

static civ_status open_rest(const civ_game_options *o, civ_game_input *in, civ_error *err)
{
  const char *kernel = o->kernel != NULL ? o->kernel : in->settings.kernel;
  civ_status status =
      civ_cli_open_kernel(kernel != NULL ? kernel : "naive", &in->arena, &in->kernel, &in->kernel_path, err);
  if (status == CIV_OK)
    status = open_matchups(&o->matchups, in, err);
  if (status == CIV_OK)
    status = open_polity(&o->polity, in, err);
  if (status == CIV_OK && o->detectors != NULL)
    status = civ_section_load(&civ_section_detectors, &in->detect, o->detectors, &in->arena, err);
  in->game.kernel = &in->kernel;
  return status;
}

int civ_cli_open_game(const civ_command *command, civ_game_options *o, const char *default_seeds, civ_game_input *in)
{
  civ_error err = { 0 };
  const char *seeds = default_seeds;
  int code = CIV_EXIT_DONE;
  *in = (civ_game_input){ .arena = civ_arena_create(NULL) };
  if (open_config(o->config, &seeds, in, &err) != CIV_OK)
    code = civ_cli_fail(&err);
  if (code == CIV_EXIT_DONE)
    code = open_numbers(command, o, o->seeds != NULL ? o->seeds : seeds, in);
  if (code == CIV_EXIT_DONE && open_rest(o, in, &err) != CIV_OK)
    code = civ_cli_fail(&err);
  civ_texts_free(&o->matchups);
  civ_texts_free(&o->polity);
  return code;
}

void civ_cli_close_game(civ_game_input *in)
{
  free(in->kernel_path);
  civ_arena_destroy(&in->arena);
}
