/* game_input.h - what the commands of self-play have in common: the law, the seeds, the matchups, the settings. */
#ifndef CIV_CLI_GAME_INPUT_H
#define CIV_CLI_GAME_INPUT_H

#include "cli/cli.h"
#include "selfplay/tournament_config.h"

typedef struct civ_game_options {
  const char *config, *kernel, *seeds, *detectors;
  civ_opt_integer turns, threads;
  civ_opt_real treasury;
  civ_texts matchups, polity;
} civ_game_options;

/* The rows of an option table whose struct has a civ_game_options `game`. */
// clang-format off
#define CIV_GAME_OPTIONS(type, seeds_)                                                                                \
  CIV_OPTION_TEXT_(type, game.config, 'c', "config", "FILE",                                                           \
                   "YAML: kernel, seeds, n_turns, initial_treasury, matchups, polity, detectors; options go before it"),  \
  CIV_OPTION_TEXT_(type, game.kernel, 'k', "kernel", "FILE", "the law: a file, or a name such as naive, hardened"),    \
  CIV_OPTION_TEXT_(type, game.seeds, 's', "seeds", "A-B", "play every matchup with each of these seeds (" seeds_ ")"), \
  CIV_OPTION_INTEGER_(type, game.turns, 0, "turns", "N", 1, 100000, "turns of an episode (60)"),                       \
  CIV_OPTION_REAL_(type, game.treasury, 0, "treasury", "CREDITS", "the treasury at the founding (1000)"),              \
  CIV_OPTION_TEXTS_(type, game.matchups, 'm', "matchup", "NAME[:WHO]",                                                 \
                    "a composition, as in siege:honest=5,drainers=2, or a default one by name; may be repeated "       \
                    "(default: all five)"),                                                                            \
  CIV_OPTION_TEXTS_(type, game.polity, 'p', "polity", "KEY=VALUE",                                                     \
                    "a setting of money and work, as in tax=0.3; may be repeated"),                                    \
  CIV_OPTION_TEXT_(type, game.detectors, 0, "detectors", "FILE", "thresholds of detectors: YAML, KEY: VALUE"),         \
  CIV_OPTION_INTEGER_(type, game.threads, 'j', "threads", "N", 1, 4096,                                                \
                      "threads (default: all processors); results do not depend on it")
// clang-format on

typedef struct civ_game_input {
  civ_arena arena;
  civ_kernel kernel;
  char *kernel_path; /* NULL: the built-in one */
  civ_game game;
  civ_detect_config detect;
  civ_matchup *matchups;
  uint32_t n_matchups, threads;
  uint64_t first_seed, n_seeds;
  civ_tournament_section settings; /* of the file, or defaults */
} civ_game_input;

/* Reads and checks all of it; the option texts are freed in any case. Returns an exit code, having told what was wrong. The
 * input must not move while its game is used, and is closed in any case. */
int civ_cli_open_game(const civ_command *command, civ_game_options *options, const char *default_seeds,
                      civ_game_input *out);
void civ_cli_close_game(civ_game_input *input);

/* A law by file or name; "naive" is built in, "hardened" stands for commonwealth-hardened. *path is NULL for the built-in one;
 * free it with free. */
CIV_MUST_CHECK civ_status civ_cli_open_kernel(const char *name, civ_arena *arena, civ_kernel *out, char **path,
                                              civ_error *err);
/* Thresholds of detectors: defaults, then the file (NULL = none). */
CIV_MUST_CHECK civ_status civ_cli_open_detectors(const char *path, civ_arena *arena, civ_detect_config *out,
                                                 civ_error *err);

#endif
