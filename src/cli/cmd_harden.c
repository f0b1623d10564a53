/* cmd_harden.c - civitas harden: attack a law, add the guards its exploits call for, attack again, until nothing is found. */
#include <stdlib.h>
#include <string.h>

#include "cli/game_input.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "cli/table.h"
#include "cli/terminal.h"
#include "selfplay/artifacts.h"
#include "selfplay/harden.h"

typedef struct harden_options {
  civ_game_options game;
  const char *out;
  civ_opt_integer rounds, honest_seeds;
  civ_opt_real honest_loss;
  bool force, json, progress, quiet;
} harden_options;

static const civ_option options[] = {
  CIV_GAME_OPTIONS(harden_options, "0-99"),
  CIV_OPTION_INTEGER_(harden_options, rounds, 'n', "rounds", "N", 1, CIV_HARDEN_ROUNDS_MOST,
                      "stop after so many rounds at the latest (10)"),
  CIV_OPTION_TEXT_(harden_options, out, 'o', "out", "DIR",
                   "write the final law (kernel.yaml), its lineage and every record into DIR"),
  CIV_OPTION_FLAG_(harden_options, force, 'f', "force", "with --out: a folder that is not empty is used all the same"),
  CIV_OPTION_INTEGER_(harden_options, honest_seeds, 0, "honest-seeds", "N", 1, 1000000,
                      "episodes of honest citizens that a guard must not hurt (60)"),
  CIV_OPTION_REAL_(harden_options, honest_loss, 0, "honest-loss", "POINTS",
                   "governance score that guards may cost the honest at most (2)"),
  CIV_OPTION_FLAG_(harden_options, json, 0, "json", "print one JSON object instead of tables"),
  CIV_OPTION_FLAG_(harden_options, progress, 0, "progress", "show progress even where standard error is no terminal"),
  CIV_OPTION_FLAG_(harden_options, quiet, 'q', "quiet", "print errors only"),
  { 0 },
};

const civ_command civ_command_harden = {
  .name = "harden",
  .summary = "patch a constitution with guards, round by round, until attacks find nothing",
  .options = options,
  .options_size = sizeof(harden_options),
  .details =
      "A round is a tournament. For each exploit, gravest first, guards of its detector's ladder are added, mild "
      "to strict, until its replay is refused; a guard that costs honest citizens more than --honest-loss points, "
      "or makes a detector fire on them, is rejected. The loop ends when a round finds nothing or nothing is left "
      "to add. Each parameter of the final law says which exploit it stopped. Exits with 3 where exploits remain.",
  .example = "civitas harden\n"
             "civitas harden --kernel naive --rounds 10 --seeds 0-99 --out hardened\n"
             "civitas kernel diff naive hardened/kernel.yaml",
  .run = civ_cmd_harden,
};

typedef struct watch {
  civ_progress line;
  uint32_t round;
} watch;

static bool show_round(void *arg, uint32_t round, const char *doing, uint64_t done, uint64_t of)
{
  watch *w = arg;
  char unit[64];
  if (round != w->round) /* the time left is a round's, and begins anew */
    w->line.start = civ_seconds();
  w->round = round;
  snprintf(unit, sizeof unit, "(round %u, %s)", round, doing);
  civ_progress_count(&w->line, (double)done, (double)of, unit);
  return !civ_interrupted();
}

/* --- what came out ------------------------------------------------------------------------------------------------------------ */

static int no_memory(void)
{
  civ_cli_error("out of memory");
  return CIV_EXIT_FAILED;
}

static void put_scores(civ_table *table, const civ_harden_setup *setup, const civ_harden_round *round)
{
  const civ_standing *rows;
  const uint32_t n = civ_tournament_standings(round->tournament, &rows);
  for (uint32_t m = 0; m < setup->n_matchups; m++)
    for (uint32_t k = 0; k < n; k++)
      if (strcmp(rows[k].matchup, setup->matchups[m].name) == 0)
        civ_table_real(table, rows[k].governance_score, 2);
}

static bool print_rounds(FILE *out, const civ_harden_setup *setup, const civ_hardening *h, civ_table_column *columns)
{
  uint32_t n = 0;
  columns[n++] = (civ_table_column){ "round", true, 0 };
  columns[n++] = (civ_table_column){ "law", false, 0 };
  for (uint32_t m = 0; m < setup->n_matchups; m++)
    columns[n++] = (civ_table_column){ setup->matchups[m].name, true, 3 };
  columns[n++] = (civ_table_column){ "exploits", true, 0 };
  columns[n++] = (civ_table_column){ "guards", true, 0 };
  columns[n++] = (civ_table_column){ "open after", true, 0 };
  columns[n++] = (civ_table_column){ "honest score", true, 2 };
  civ_table *table = civ_table_create(columns, n);
  if (table == NULL)
    return false;
  for (uint32_t k = 0; k < h->n_rounds; k++) {
    const civ_harden_round *round = &h->rounds[k];
    civ_table_integer(table, k + 1);
    civ_table_text(table, round->kernel->version);
    put_scores(table, setup, round);
    civ_table_integer(table, round->n_exploits);
    civ_table_integer(table, round->n_patches);
    civ_table_integer(table, round->open_after);
    civ_table_real(table, round->honest_score, 2);
  }
  const bool printed = civ_table_print(table, out, 2, civ_terminal_width(out));
  civ_table_destroy(table);
  return printed;
}

static bool print_guards(FILE *out, const civ_hardening *h)
{
  static const civ_table_column columns[] = {
    { "round", true, 0 },    { "law", false, 0 },    { "guard", false, 0 },
    { "against", false, 0 }, { "record", false, 2 }, { "honest score", true, 3 },
  };
  civ_table *table = civ_table_create(columns, sizeof columns / sizeof *columns);
  if (table == NULL)
    return false;
  for (uint32_t k = 0; k < h->n_patches; k++) {
    const civ_patch *p = &h->patches[k];
    char shown[96];
    civ_buffer text = { 0 };
    civ_guard_write(&text, &h->final, &p->guard);
    snprintf(shown, sizeof shown, "%.*s", (int)text.length, text.data != NULL ? text.data : "");
    civ_buffer_free(&text);
    civ_table_integer(table, p->round);
    civ_table_text(table, p->applied ? p->version : "rejected");
    civ_table_text(table, shown);
    civ_table_text(table, civ_detectors[p->detector].name);
    civ_table_text(table, p->exploit_id);
    civ_table_real(table, p->honest_score, 2);
  }
  const bool printed = civ_table_print(table, out, 2, civ_terminal_width(out));
  civ_table_destroy(table);
  return printed;
}

static int print_tables(const civ_harden_setup *setup, const civ_hardening *h, const char *folder)
{
  const char *bold = civ_terminal_style(stdout, CIV_BOLD), *plain = civ_terminal_style(stdout, CIV_PLAIN);
  civ_table_column *columns = calloc((size_t)setup->n_matchups + 6, sizeof *columns);
  if (columns == NULL)
    return no_memory();
  printf("%s %s, seeds %llu to %llu, %d turns\n\n%sRounds%s\n", setup->game.kernel->name, setup->game.kernel->version,
         (unsigned long long)setup->first_seed, (unsigned long long)(setup->first_seed + setup->n_seeds - 1),
         (int)setup->game.turns, bold, plain);
  bool printed = print_rounds(stdout, setup, h, columns);
  free(columns);
  printf("\n%sGuards%s\n", bold, plain);
  if (h->n_patches == 0)
    puts("  none was called for");
  else
    printed = print_guards(stdout, h) && printed;
  printf("\n%s\nHonest government: %.2f before, %.2f after (%.1f %%). The final law is %s %s, digest %.16s.\n",
         h->clean ? "The last round found nothing." : "Exploits remain.", h->honest_before, h->honest_after,
         h->honest_before > 0 ? 100 * h->honest_after / h->honest_before : 0, h->final.name, h->final.version,
         h->final.digest);
  if (folder != NULL)
    printf("%s/: kernel.yaml, hardening.json, summary.md, rounds/\n", folder);
  return printed ? CIV_EXIT_DONE : no_memory();
}

static int report(const harden_options *o, const civ_harden_setup *setup, const civ_hardening *h)
{
  int code = CIV_EXIT_DONE;
  if (o->json) {
    json_t *json = civ_hardening_json(setup, h);
    code = json != NULL ? civ_cli_print_json(json) : no_memory();
    json_decref(json);
  } else if (!o->quiet) {
    code = print_tables(setup, h, o->out);
  }
  return code == CIV_EXIT_DONE && !h->clean ? CIV_EXIT_DIFFERS : code;
}

/* --- the loop --------------------------------------------------------------------------------------------------------------------- */

static int harden(const harden_options *o, const civ_game_input *in)
{
  civ_error err = { 0 };
  civ_hardening *h = NULL;
  watch w = { .line = civ_progress_begin(o->quiet || (o->json && !o->progress), o->progress) };
  const civ_harden_setup setup = { .game = in->game,
                                   .matchups = in->matchups,
                                   .n_matchups = in->n_matchups,
                                   .first_seed = in->first_seed,
                                   .n_seeds = in->n_seeds,
                                   .rounds = o->rounds.set ? (uint32_t)o->rounds.value : 10,
                                   .honest_seeds = o->honest_seeds.set ? (uint64_t)o->honest_seeds.value : 60,
                                   .honest_loss = o->honest_loss.set ? o->honest_loss.value : 2,
                                   .detect = in->detect,
                                   .threads = in->threads,
                                   .progress = show_round,
                                   .arg = &w };
  civ_status status = CIV_OK;
  if (o->out != NULL && !o->force && !civ_folder_is_empty(o->out)) /* before the work, not after it */
    status = civ_folder_claim(o->out, false, &err);
  if (status == CIV_OK)
    status = civ_harden(&setup, &h, &err);
  if (status == CIV_OK && o->out != NULL)
    status = civ_hardening_save(o->out, o->force, &setup, h, &err);
  civ_progress_end(&w.line);
  int code;
  if (status == CIV_E_INTERRUPTED) {
    civ_cli_error("interrupted in round %u; nothing was written: the same command begins again, and comes to the same "
                  "law",
                  w.round);
    code = CIV_EXIT_INTERRUPTED;
  } else {
    code = status == CIV_OK ? report(o, &setup, h) : civ_cli_fail(&err);
  }
  civ_hardening_destroy(h);
  return code;
}

int civ_cmd_harden(int argc, char **argv)
{
  harden_options o = { 0 };
  civ_game_input in;
  int code;
  if (!civ_cli_parse(&civ_command_harden, &argc, argv, &o, &code))
    return code;
  code = civ_cli_open_game(&civ_command_harden, &o.game, "0-99", &in);
  if (code == CIV_EXIT_DONE && o.honest_loss.set && !(o.honest_loss.value >= 0 && o.honest_loss.value <= 100))
    code = civ_cli_misuse(&civ_command_harden, "--honest-loss takes 0 to 100 points, not %g", o.honest_loss.value);
  if (code == CIV_EXIT_DONE) {
    o.out = o.out != NULL ? o.out : in.settings.out_dir;
    civ_interrupt_listen();
    code = harden(&o, &in);
  }
  civ_cli_close_game(&in);
  return code;
}
