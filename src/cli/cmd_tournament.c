/* cmd_tournament.c - civitas tournament: every matchup against many seeds under one law; what was found, each exploit once. */
#include <stdlib.h>
#include <string.h>

#include "cli/game_input.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/search_report.h"
#include "cli/tournament_report.h"
#include "selfplay/repertoire.h"
#include "selfplay/tournament_files.h"

typedef struct tournament_options {
  civ_game_options game;
  const char *out;
  civ_opt_integer first_id, generations, restarts, search_seed;
  int32_t adversary;
  bool traces, force, json, progress, quiet;
} tournament_options;

enum { ADVERSARY_SCRIPTED, ADVERSARY_SEARCH };
static const char *const adversaries[] = { "scripted", "search", NULL };

static const civ_option options[] = {
  CIV_GAME_OPTIONS(tournament_options, "0-7"),
  CIV_OPTION_TEXT_(tournament_options, out, 'o', "out", "DIR",
                   "write exploits, episodes and a summary into DIR; the same command goes on with what is there"),
  CIV_OPTION_FLAG_(tournament_options, traces, 0, "traces", "with --out: also the event log of every episode"),
  CIV_OPTION_FLAG_(tournament_options, force, 'f', "force", "with --out: replace another tournament's files"),
  CIV_OPTION_INTEGER_(tournament_options, first_id, 0, "first-id", "N", 1, 999999, "number of the first record (1)"),
  CIV_OPTION_CHOICE_(tournament_options, adversary, 'a', "adversary", adversaries,
                     "'search' adds two allies whose programmes evolve towards damage"),
  CIV_OPTION_INTEGER_(tournament_options, generations, 0, "generations", "N", 0, 63,
                      "with --adversary search: generations of the evolution (40)"),
  CIV_OPTION_INTEGER_(tournament_options, restarts, 0, "restarts", "N", 1, 1000,
                      "with --adversary search: independent evolutions, of which the best one counts (8)"),
  CIV_OPTION_INTEGER_(tournament_options, search_seed, 0, "search-seed", "N", 0, INT64_MAX,
                      "with --adversary search: seed of the evolution (0)"),
  CIV_OPTION_FLAG_(tournament_options, json, 0, "json", "print one JSON object instead of tables"),
  CIV_OPTION_FLAG_(tournament_options, progress, 0, "progress",
                   "show progress even where standard error is no terminal"),
  CIV_OPTION_FLAG_(tournament_options, quiet, 'q', "quiet", "print errors only"),
  { 0 },
};

const civ_command civ_command_tournament = {
  .name = "tournament",
  .summary = "let adversarial citizens attack a constitution, and record every exploit found",
  .options = options,
  .options_size = sizeof(tournament_options),
  .details = "Five compositions of a polity (baseline-honest, drain, entrench, suppress, mixed-capture) live under the "
             "law for 60 turns with each seed. Every episode is scored from 0 to 100, fourteen detectors read its "
             "trace, and what they find is recorded once for each kind, with the most severe example and the scripts "
             "that bring it about again ('civitas exploit'). Interrupted with --out, the episodes that are finished "
             "stay, and the same command goes on (exit code 130).",
  .example = "civitas tournament\n"
             "civitas tournament --kernel hardened --seeds 0-99 --out attack\n"
             "civitas tournament --matchup siege:honest=4,drainers=2,suppressors=1 --turns 100\n"
             "civitas tournament --kernel hardened --adversary search",
  .run = civ_cmd_tournament,
};

/* What the threads are told through. */
typedef struct watch {
  civ_progress line;
  civ_tournament_folder folder;
  uint64_t done, of;
} watch;

static bool show_episodes(void *arg, uint64_t done, uint64_t of)
{
  watch *w = arg;
  w->done = done;
  w->of = of;
  civ_progress_count(&w->line, (double)done, (double)of, "episodes");
  return !civ_interrupted();
}

static civ_status keep_episode(void *arg, const civ_played *played, civ_error *err)
{
  const watch *w = arg;
  return civ_tournament_folder_episode(&w->folder, played, err);
}

static int refuse_mixture(const tournament_options *o)
{
  if (o->out == NULL && (o->traces || o->force))
    return civ_cli_misuse(&civ_command_tournament, "--traces and --force go with --out");
  if (o->adversary != ADVERSARY_SEARCH && (o->generations.set || o->restarts.set || o->search_seed.set))
    return civ_cli_misuse(&civ_command_tournament,
                          "--generations, --restarts and --search-seed go with --adversary search");
  return CIV_EXIT_DONE;
}

/* --- the searching adversary ----------------------------------------------------------------------------------------------- */

static bool show_generations(void *arg, uint32_t generation, uint32_t of, double best)
{
  (void)best;
  civ_progress_count(arg, generation, of, "generations");
  return !civ_interrupted();
}

/* What scripted capturers of the tournament's matchups do on the fresh seeds of a search. */
static civ_status measure_rivals(const civ_game_input *in, const civ_search_setup *setup, civ_search_rival *rivals,
                                 uint32_t *n, civ_error *err)
{
  civ_status status = CIV_OK;
  for (uint32_t m = 0; m < in->n_matchups && status == CIV_OK; m++) {
    const civ_composition *who = &in->matchups[m].composition;
    if (who->count[0] == civ_composition_size(who))
      continue;
    rivals[*n].matchup = in->matchups[m].name;
    status = civ_repertoire_damage(&in->game, &in->matchups[m], setup->first_seed + setup->episodes, setup->fresh,
                                   &rivals[*n].damage, err);
    ++*n;
  }
  return status;
}

static civ_status search(const tournament_options *o, civ_game_input *in, civ_search_findings *out, civ_error *err)
{
  civ_search_rival *rivals = civ_arena_take(&in->arena, in->n_matchups, sizeof *rivals);
  civ_progress line = civ_progress_begin(o->quiet || (o->json && !o->progress), o->progress);
  civ_search_setup setup = civ_search_default();
  setup.game = in->game;
  setup.detect = in->detect;
  setup.first_seed = in->first_seed;
  setup.threads = in->threads;
  setup.seed = o->search_seed.set ? (uint64_t)o->search_seed.value : 0;
  setup.generations = o->generations.set ? (uint32_t)o->generations.value : setup.generations;
  setup.restarts = o->restarts.set ? (uint32_t)o->restarts.value : setup.restarts;
  setup.progress = show_generations;
  setup.arg = &line;
  *out = (civ_search_findings){ .rivals = rivals };
  civ_status status = rivals != NULL ? measure_rivals(in, &setup, rivals, &out->n_rivals, err)
                                     : civ_fail(err, CIV_E_NOMEM, "search", "out of memory");
  if (status == CIV_OK)
    status = civ_search(&setup, &out->result, err);
  civ_progress_end(&line);
  return status;
}

/* --- what came out ------------------------------------------------------------------------------------------------------------ */

static int print_json(const civ_tournament_setup *setup, const civ_tournament *t, const civ_search_findings *found)
{
  json_t *json = civ_tournament_json(setup, t);
  if (json != NULL && found != NULL)
    json_object_set_new(json, "search", civ_search_json(found));
  const int code = json != NULL ? civ_cli_print_json(json) : CIV_EXIT_FAILED;
  if (json == NULL)
    civ_cli_error("out of memory");
  json_decref(json);
  return code;
}

static int report(const tournament_options *o, const civ_tournament_setup *setup, const civ_tournament *t,
                  const civ_search_findings *found)
{
  if (o->json)
    return print_json(setup, t, found);
  if (o->quiet)
    return CIV_EXIT_DONE;
  if (!civ_report_tournament(stdout, setup, t, o->out) || (found != NULL && !civ_report_search(stdout, found))) {
    civ_cli_error("out of memory");
    return CIV_EXIT_FAILED;
  }
  return CIV_EXIT_DONE;
}

static int tell_interrupted(const tournament_options *o, const watch *w)
{
  if (o->out != NULL)
    civ_cli_error("interrupted after %llu of %llu episodes; they are kept: the same command goes on with them",
                  (unsigned long long)w->done, (unsigned long long)w->of);
  else
    civ_cli_error("interrupted after %llu of %llu episodes; with --out DIR they would be kept",
                  (unsigned long long)w->done, (unsigned long long)w->of);
  return CIV_EXIT_INTERRUPTED;
}

/* The search comes after the tournament, and what it found stands beside its artifacts. */
static int search_and_report(const tournament_options *o, civ_game_input *in, const civ_tournament_setup *setup,
                             const civ_tournament *t)
{
  civ_search_findings found;
  civ_error err = { 0 };
  if (o->adversary != ADVERSARY_SEARCH)
    return report(o, setup, t, NULL);
  civ_status status = search(o, in, &found, &err);
  if (status != CIV_OK && status != CIV_E_INTERRUPTED)
    return civ_cli_fail(&err);
  const bool interrupted = status == CIV_E_INTERRUPTED;
  if (o->out != NULL && !interrupted && civ_search_save(o->out, &found, &err) != CIV_OK)
    return civ_cli_fail(&err);
  const int code = report(o, setup, t, &found);
  if (interrupted)
    civ_cli_error("the search was interrupted; this is its best so far");
  return interrupted ? CIV_EXIT_INTERRUPTED : code;
}

/* --- playing -------------------------------------------------------------------------------------------------------------------- */

static int play(const tournament_options *o, civ_game_input *in)
{
  civ_error err = { 0 };
  civ_tournament *t = NULL;
  watch w = { .line = civ_progress_begin(o->quiet || (o->json && !o->progress), o->progress),
              .folder = { .path = (char *)(uintptr_t)o->out, .replace = o->force, .traces = o->traces } };
  const civ_tournament_setup setup = { .game = in->game,
                                       .matchups = in->matchups,
                                       .n_matchups = in->n_matchups,
                                       .first_seed = in->first_seed,
                                       .n_seeds = in->n_seeds,
                                       .detect = in->detect,
                                       .exploit_id_start = (uint32_t)(o->first_id.set ? o->first_id.value
                                                                                      : in->settings.exploit_id_start),
                                       .threads = in->threads,
                                       .played = o->out != NULL ? keep_episode : NULL,
                                       .progress = show_episodes,
                                       .arg = &w };
  civ_status status = o->out != NULL ? civ_tournament_folder_open(&w.folder, &setup, &err) : CIV_OK;
  if (status == CIV_OK)
    status = civ_tournament_play(&setup, &t, &err);
  if (status == CIV_OK && o->out != NULL)
    status = civ_tournament_folder_close(&w.folder, &setup, t, &err);
  civ_progress_end(&w.line);
  int code = CIV_EXIT_DONE;
  if (status == CIV_E_INTERRUPTED)
    code = tell_interrupted(o, &w);
  else if (status != CIV_OK)
    code = civ_cli_fail(&err);
  else
    code = search_and_report(o, in, &setup, t);
  civ_tournament_destroy(t);
  return code;
}

int civ_cmd_tournament(int argc, char **argv)
{
  tournament_options o = { 0 };
  civ_game_input in;
  int code;
  if (!civ_cli_parse(&civ_command_tournament, &argc, argv, &o, &code))
    return code;
  code = civ_cli_open_game(&civ_command_tournament, &o.game, "0-7", &in);
  o.out = code != CIV_EXIT_DONE || o.out != NULL ? o.out : in.settings.out_dir;
  if (code == CIV_EXIT_DONE)
    code = refuse_mixture(&o);
  if (code == CIV_EXIT_DONE) {
    civ_interrupt_listen();
    code = play(&o, &in);
  }
  civ_cli_close_game(&in);
  return code;
}
