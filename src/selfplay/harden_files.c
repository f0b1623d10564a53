/* The hardening loop's result: lineage, a table round by round, the final law. */
#include <string.h>

#include "civitas/version.h"
#include "selfplay/artifacts.h"
#include "selfplay/harden.h"
#include "selfplay/tournament_files.h"

static json_t *guard_json(const civ_kernel *kernel, const civ_guard *guard)
{
  civ_buffer text = { 0 };
  civ_guard_write(&text, kernel, guard);
  json_t *json = text.failed ? NULL : json_stringn(text.data, text.length);
  civ_buffer_free(&text);
  return json;
}

static json_t *patches_json(const civ_hardening *h, uint32_t first, uint32_t n)
{
  json_t *list = json_array();
  for (uint32_t k = first; k < first + n; k++) {
    const civ_patch *p = &h->patches[k];
    json_t *patch =
        json_pack("{s:i, s:s, s:s, s:o, s:b, s:f, s:I}", "round", (int)p->round, "exploit_id", p->exploit_id,
                  "detector", civ_detectors[p->detector].name, "guard", guard_json(&h->final, &p->guard), "applied",
                  (int)p->applied, "honest_score", p->honest_score, "false_alarms", (json_int_t)p->false_alarms);
    json_object_set_new(patch, "version", p->applied ? json_string(p->version) : json_null());
    json_array_append_new(list, patch);
  }
  return list;
}

static json_t *exploits_json(const civ_harden_round *round)
{
  const civ_exploit *exploits;
  json_t *list = json_array();
  civ_tournament_exploits(round->tournament, &exploits);
  for (uint32_t k = 0; k < round->n_exploits; k++)
    json_array_append_new(list, json_pack("{s:s, s:s, s:i, s:I, s:s}", "exploit_id", exploits[k].id, "name",
                                          civ_detectors[exploits[k].detector].name, "severity",
                                          (int)exploits[k].severity, "occurrences", (json_int_t)exploits[k].occurrences,
                                          "fate", civ_exploit_fate_names[round->fate[k]]));
  return list;
}

static json_t *round_json(const civ_hardening *h, uint32_t at)
{
  const civ_harden_round *round = &h->rounds[at];
  const civ_standing *standings;
  const uint32_t n = civ_tournament_standings(round->tournament, &standings);
  json_t *leaderboard = json_array();
  for (uint32_t k = 0; k < n; k++)
    json_array_append_new(leaderboard, civ_standing_json(&standings[k]));
  return json_pack("{s:i, s:s, s:s, s:o, s:o, s:o, s:i, s:f, s:f}", "round", (int)at + 1, "kernel_version",
                   round->kernel->version, "kernel_digest", round->kernel->digest, "leaderboard", leaderboard,
                   "exploits", exploits_json(round), "guards", patches_json(h, round->first_patch, round->n_patches),
                   "open_after", (int)round->open_after, "honest_score", round->honest_score, "honest_share",
                   h->honest_before > 0 ? round->honest_score / h->honest_before : 0);
}

json_t *civ_hardening_json(const civ_harden_setup *setup, const civ_hardening *h)
{
  json_t *rounds = json_array();
  for (uint32_t k = 0; k < h->n_rounds; k++)
    json_array_append_new(rounds, round_json(h, k));
  return json_pack("{s:s, s:s, s:s, s:I, s:I, s:i, s:o, s:f, s:f, s:b, s:s, s:s}", "engine_version", civ_version(),
                   "first_version", setup->game.kernel->version, "first_digest", setup->game.kernel->digest,
                   "first_seed", (json_int_t)setup->first_seed, "seeds", (json_int_t)setup->n_seeds, "n_turns",
                   (int)setup->game.turns, "rounds", rounds, "honest_before", h->honest_before, "honest_after",
                   h->honest_after, "clean", (int)h->clean, "final_version", h->final.version, "final_digest",
                   h->final.digest);
}

/* --- as Markdown ------------------------------------------------------------------------------------------------------------ */

static void put_scores(civ_buffer *out, const civ_harden_setup *setup, const civ_harden_round *round)
{
  const civ_standing *standings;
  const uint32_t n = civ_tournament_standings(round->tournament, &standings);
  for (uint32_t m = 0; m < setup->n_matchups; m++)
    for (uint32_t k = 0; k < n; k++)
      if (strcmp(standings[k].matchup, setup->matchups[m].name) == 0)
        civ_buffer_format(out, " %.2f |", standings[k].governance_score);
}

static void put_guards(civ_buffer *out, const civ_hardening *h, const civ_harden_round *round)
{
  bool any = false;
  for (uint32_t k = 0; k < round->n_patches; k++) {
    const civ_patch *p = &h->patches[round->first_patch + k];
    civ_buffer_text(out, any ? "; " : " ");
    any = true;
    civ_guard_write(out, &h->final, &p->guard);
    if (!p->applied)
      civ_buffer_text(out, " (rejected)");
  }
  civ_buffer_text(out, any ? " |\n" : " none |\n");
}

void civ_hardening_markdown(civ_buffer *out, const civ_harden_setup *setup, const civ_hardening *h)
{
  civ_buffer_format(out, "# Hardening %s from %s to %s\n\nSeeds %llu to %llu, %d turns. %s\n\n| round | law |",
                    setup->game.kernel->name, setup->game.kernel->version, h->final.version,
                    (unsigned long long)setup->first_seed, (unsigned long long)(setup->first_seed + setup->n_seeds - 1),
                    (int)setup->game.turns, h->clean ? "The last round found nothing." : "Exploits remain.");
  for (uint32_t m = 0; m < setup->n_matchups; m++)
    civ_buffer_format(out, " %s |", setup->matchups[m].name);
  civ_buffer_text(out, " exploits | open after | honest score | guards |\n|---|---|");
  for (uint32_t m = 0; m < setup->n_matchups; m++)
    civ_buffer_text(out, "---|");
  civ_buffer_text(out, "---|---|---|---|\n");
  for (uint32_t k = 0; k < h->n_rounds; k++) {
    const civ_harden_round *round = &h->rounds[k];
    civ_buffer_format(out, "| %u | %s |", k + 1, round->kernel->version);
    put_scores(out, setup, round);
    civ_buffer_format(out, " %u | %u | %.2f |", round->n_exploits, round->open_after, round->honest_score);
    put_guards(out, h, round);
  }
  civ_buffer_format(out, "\nCost to honest government: %.2f before, %.2f after (%.1f %%).\n", h->honest_before,
                    h->honest_after, h->honest_before > 0 ? 100 * h->honest_after / h->honest_before : 0);
}

/* --- files -------------------------------------------------------------------------------------------------------------------- */

static civ_status save_exploits(const char *folder, const civ_hardening *h, civ_error *err)
{
  civ_status status = CIV_OK;
  for (uint32_t r = 0; r < h->n_rounds; r++) {
    const civ_exploit *exploits;
    civ_tournament_exploits(h->rounds[r].tournament, &exploits);
    for (uint32_t k = 0; k < h->rounds[r].n_exploits && status == CIV_OK; k++) {
      civ_exploit e = exploits[k];
      e.patched = h->rounds[r].fate[k] != CIV_FATE_OPEN;
      status = civ_artifact_json(civ_artifact_path(folder, "rounds/%u/exploits/%s.json", r + 1, e.id),
                                 civ_exploit_json(&e), err);
    }
  }
  return status;
}

/* The final law, with where it comes from written above it. */
static void put_kernel(civ_buffer *out, const civ_harden_setup *setup, const civ_hardening *h)
{
  civ_buffer_format(out,
                    "# Made by: civitas harden --seeds %llu-%llu --turns %d --rounds %u, from %s %s\n"
                    "# (digest %s), engine %s.\n"
                    "# A comment behind a parameter names the exploit its guard was added against.\n",
                    (unsigned long long)setup->first_seed, (unsigned long long)(setup->first_seed + setup->n_seeds - 1),
                    (int)setup->game.turns, setup->rounds, setup->game.kernel->name, setup->game.kernel->version,
                    setup->game.kernel->digest, civ_version());
  civ_kernel_write(out, &h->final);
}

civ_status civ_hardening_save(const char *folder, bool replace, const civ_harden_setup *setup, const civ_hardening *h,
                              civ_error *err)
{
  civ_buffer kernel = { 0 }, summary = { 0 };
  civ_status status = civ_folder_claim(folder, replace, err);
  if (status == CIV_OK)
    status = save_exploits(folder, h, err);
  if (status != CIV_OK)
    return status;
  put_kernel(&kernel, setup, h);
  civ_hardening_markdown(&summary, setup, h);
  status = civ_artifact_text(civ_artifact_path(folder, "kernel.yaml"), &kernel, err);
  if (status == CIV_OK)
    status = civ_artifact_json(civ_artifact_path(folder, "hardening.json"), civ_hardening_json(setup, h), err);
  if (status == CIV_OK)
    status = civ_artifact_text(civ_artifact_path(folder, "summary.md"), &summary, err);
  else
    civ_buffer_free(&summary);
  return status;
}
