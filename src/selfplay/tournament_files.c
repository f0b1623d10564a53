#include "selfplay/tournament_files.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "civitas/version.h"
#include "selfplay/artifacts.h"
#include "selfplay/settings.h"
#include "selfplay/trace_log.h"

/* --- as JSON -------------------------------------------------------------------------------------------------------------- */

/* Rounded to so many decimals, as the leaderboard shows it. */
static json_t *rounded(double value, int decimals)
{
  const double scale = pow(10, decimals);
  return json_real(round(value * scale) / scale);
}

static json_t *interval_json(const civ_standing *s, double low, double high)
{
  return s->spread ? json_pack("[f, f]", low, high) : json_null();
}

json_t *civ_standing_json(const civ_standing *s)
{
  return json_pack("{s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:f, s:f}", "matchup", s->matchup, "episodes",
                   (json_int_t)s->episodes, "mean_governance_score", rounded(s->governance_score, 2),
                   "governance_score_ci95", interval_json(s, s->low, s->high), "mean_empathy_ratio",
                   rounded(s->empathy_ratio, 3), "empathy_ratio_ci95",
                   interval_json(s, s->empathy_low, s->empathy_high), "worst_empathy_trough",
                   rounded(s->worst_empathy_trough, 2), "mean_treasury_final", rounded(s->treasury_final, 1),
                   "treasury_final_ci95", interval_json(s, s->treasury_low, s->treasury_high), "total_findings",
                   (json_int_t)s->total_findings, "mean_toxicity", s->toxicity, "mean_quality_gap", s->quality_gap);
}

static json_t *matchups_json(const civ_tournament_setup *setup)
{
  json_t *object = json_object();
  for (uint32_t m = 0; m < setup->n_matchups; m++) {
    json_t *population = json_object();
    for (int k = 0; k < CIV_SEAT_KINDS; k++)
      json_object_set_new(population, civ_seat_kinds[k].plural, json_integer(setup->matchups[m].composition.count[k]));
    json_object_set_new(object, setup->matchups[m].name, population);
  }
  return object;
}

/* Everything that decides the tournament's result. */
static json_t *setup_json(const civ_tournament_setup *setup)
{
  const civ_kernel *kernel = setup->game.kernel;
  return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:i, s:f, s:o, s:o, s:o, s:i}", "engine_version", civ_version(),
                   "kernel", kernel->name, "kernel_version", kernel->version, "kernel_digest", kernel->digest,
                   "first_seed", (json_int_t)setup->first_seed, "seeds", (json_int_t)setup->n_seeds, "n_turns",
                   (int)setup->game.turns, "initial_treasury", (double)setup->game.initial_treasury / 1e6, "polity",
                   civ_section_json(&civ_section_polity, &setup->game.polity), "detectors",
                   civ_section_json(&civ_section_detectors, &setup->detect), "matchups", matchups_json(setup),
                   "exploit_id_start", (int)setup->exploit_id_start);
}

static json_t *leaderboard_json(const civ_tournament *t)
{
  const civ_standing *standings;
  const uint32_t n = civ_tournament_standings(t, &standings);
  json_t *list = json_array();
  for (uint32_t k = 0; k < n; k++)
    json_array_append_new(list, civ_standing_json(&standings[k]));
  return list;
}

json_t *civ_tournament_json(const civ_tournament_setup *setup, const civ_tournament *t)
{
  const civ_exploit *exploits;
  const uint32_t n = civ_tournament_exploits(t, &exploits);
  json_t *list = json_array();
  for (uint32_t k = 0; k < n; k++)
    json_array_append_new(list, civ_exploit_json(&exploits[k]));
  return json_pack("{s:o, s:o, s:o}", "setup", setup_json(setup), "leaderboard", leaderboard_json(t), "exploits", list);
}

/* --- as Markdown ------------------------------------------------------------------------------------------------------------ */

void civ_tournament_markdown(civ_buffer *out, const civ_tournament_setup *setup, const civ_tournament *t)
{
  const civ_standing *rows;
  const civ_exploit *exploits;
  const uint32_t n = civ_tournament_standings(t, &rows), n_exploits = civ_tournament_exploits(t, &exploits);
  civ_buffer_format(out, "# Self-play under %s %s\n\n", setup->game.kernel->name, setup->game.kernel->version);
  civ_buffer_text(
      out, "| matchup | episodes | mean score | 95 % interval | mean empathy ratio | worst floor trough | findings |\n"
           "|---|---|---|---|---|---|---|\n");
  for (uint32_t k = 0; k < n; k++) {
    civ_buffer_format(out, "| %s | %llu | %.2f | ", rows[k].matchup, (unsigned long long)rows[k].episodes,
                      rows[k].governance_score);
    if (rows[k].spread)
      civ_buffer_format(out, "%.2f to %.2f", rows[k].low, rows[k].high);
    civ_buffer_format(out, " | %.3f | %.2f | %llu |\n", rows[k].empathy_ratio, rows[k].worst_empathy_trough,
                      (unsigned long long)rows[k].total_findings);
  }
  civ_buffer_text(out, "\n## Exploits\n\n");
  if (n_exploits == 0)
    civ_buffer_text(out, "Nothing was found.\n");
  for (uint32_t k = 0; k < n_exploits; k++)
    civ_buffer_format(out, "- %s (%s/%u) %s, %llu times: %s\n", exploits[k].id,
                      civ_exploit_category_names[exploits[k].finding.category], (unsigned)exploits[k].severity,
                      civ_detectors[exploits[k].detector].name, (unsigned long long)exploits[k].occurrences,
                      exploits[k].finding.summary);
}

/* --- files -------------------------------------------------------------------------------------------------------------------- */

/* The mark of a tournament: its setup, and whether it is finished. */
static json_t *mark_json(const civ_tournament_setup *setup, bool finished)
{
  json_t *mark = setup_json(setup);
  if (mark != NULL)
    json_object_set_new(mark, "finished", json_boolean(finished));
  return mark;
}

/* Whether the folder holds the same tournament; *finished from its mark. */
static bool holds_same(const char *path, const civ_tournament_setup *setup, bool *finished)
{
  char *text, *mark = civ_artifact_path(path, "tournament.json");
  size_t length;
  bool same = false;
  if (mark != NULL && civ_file_read(mark, 1 << 20, &text, &length, NULL) == CIV_OK) {
    json_t *theirs = json_loadb(text, length, 0, NULL), *ours = mark_json(setup, false);
    *finished = json_is_true(json_object_get(theirs, "finished"));
    json_object_del(theirs, "finished");
    json_object_del(ours, "finished");
    same = theirs != NULL && json_equal(theirs, ours);
    json_decref(theirs);
    json_decref(ours);
    civ_free(text);
  }
  free(mark);
  return same;
}

/* A resumed folder without what was being written when its process died. */
static void sweep(const char *path)
{
  static const char *const folders[] = { "episodes", "traces", "exploits" };
  civ_folder_sweep(path);
  for (size_t k = 0; k < sizeof folders / sizeof *folders; k++) {
    char *below = civ_artifact_path(path, "%s", folders[k]);
    if (below != NULL)
      civ_folder_sweep(below);
    free(below);
  }
}

civ_status civ_tournament_folder_open(civ_tournament_folder *folder, const civ_tournament_setup *setup, civ_error *err)
{
  bool finished = false;
  if (!civ_folder_is_empty(folder->path) && !folder->replace) {
    if (!holds_same(folder->path, setup, &finished))
      return civ_fail(err, CIV_E_STATE, folder->path,
                      "the folder is not empty and holds no tournament of this setup; choose another or add --force");
    if (finished)
      return civ_fail(err, CIV_E_STATE, folder->path,
                      "the folder holds this tournament, finished; choose another or add --force");
    folder->resumed = true;
    sweep(folder->path);
  }
  folder->game = &setup->game;
  civ_status status = civ_file_make_folder(folder->path, err);
  return status == CIV_OK
             ? civ_artifact_json(civ_artifact_path(folder->path, "tournament.json"), mark_json(setup, false), err)
             : status;
}

static json_t *episode_json(const civ_played *p)
{
  const civ_score *s = &p->result->score;
  json_t *findings = json_array();
  for (uint32_t k = 0; k < p->result->n_seen; k++)
    json_array_append_new(findings, civ_finding_json(&p->findings[k], p->trace));
  json_t *score = json_pack("{s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f}", "treasury_final", s->treasury_final,
                            "empathy_ratio", s->empathy_ratio, "empathy_floor_trough", s->empathy_floor_trough,
                            "franchise", s->franchise, "contestability", s->contestability, "solvency", s->solvency,
                            "prosperity", s->prosperity, "governance_score", s->governance_score);
  return json_pack("{s:s, s:I, s:o, s:o, s:f, s:f}", "matchup", p->matchup->name, "seed", (json_int_t)p->seed, "score",
                   score, "findings", findings, "toxicity_rate", p->result->toxicity, "quality_gap",
                   p->result->quality_gap);
}

/* Written beside its name and renamed: a log that is there is whole. */
static civ_status keep_trace(const civ_tournament_folder *folder, const civ_played *p, civ_error *err)
{
  const unsigned long long seed = (unsigned long long)p->seed;
  char *path = civ_artifact_path(folder->path, "traces/%s-seed%llu.jsonl", p->matchup->name, seed);
  char *beside = civ_artifact_path(folder->path, "traces/.civitas-%s-seed%llu.tmp", p->matchup->name, seed);
  civ_status status = CIV_OK;
  if (path == NULL || beside == NULL) {
    status = civ_fail(err, CIV_E_NOMEM, "tournament", "out of memory");
  } else if (!folder->resumed || !civ_file_exists(path)) {
    status = civ_trace_log_write(beside, folder->game, p, err);
    if (status == CIV_OK && rename(beside, path) != 0)
      status = civ_fail(err, CIV_E_IO, path, "cannot write it: %s", strerror(errno));
  }
  free(path);
  free(beside);
  return status;
}

civ_status civ_tournament_folder_episode(const civ_tournament_folder *folder, const civ_played *played, civ_error *err)
{
  const unsigned long long seed = (unsigned long long)played->seed;
  char *path = civ_artifact_path(folder->path, "episodes/%s-seed%llu.json", played->matchup->name, seed);
  if (path == NULL)
    return civ_fail(err, CIV_E_NOMEM, "tournament", "out of memory");
  civ_status status = CIV_OK;
  if (folder->resumed && civ_file_exists(path))
    free(path);
  else
    status = civ_artifact_json(path, episode_json(played), err);
  if (status != CIV_OK || !folder->traces)
    return status;
  return keep_trace(folder, played, err);
}

civ_status civ_tournament_folder_close(const civ_tournament_folder *folder, const civ_tournament_setup *setup,
                                       const civ_tournament *t, civ_error *err)
{
  const civ_exploit *exploits;
  const uint32_t n = civ_tournament_exploits(t, &exploits);
  civ_status status = CIV_OK;
  for (uint32_t k = 0; k < n && status == CIV_OK; k++)
    status = civ_artifact_json(civ_artifact_path(folder->path, "exploits/%s.json", exploits[k].id),
                               civ_exploit_json(&exploits[k]), err);
  if (status == CIV_OK)
    status = civ_artifact_json(civ_artifact_path(folder->path, "leaderboard.json"), leaderboard_json(t), err);
  if (status != CIV_OK)
    return status;
  civ_buffer text = { 0 };
  char *path = civ_artifact_path(folder->path, "summary.md");
  civ_tournament_markdown(&text, setup, t);
  status = civ_artifact_text(path, &text, err);
  return status == CIV_OK
             ? civ_artifact_json(civ_artifact_path(folder->path, "tournament.json"), mark_json(setup, true), err)
             : status;
}
