/* cli.h - what every command shares: one option table per command, one parser, one way to fail, one way to print.
 *
 * A command is one file cmd_NAME.c with
 *   int civ_cmd_NAME(int argc, char **argv);      argv[0] is the command's name; returns an exit code
 *   const civ_command civ_command_NAME = { ... }; its table: help, completion and the manual page are made from it
 * and looks like this:
 *
 *   typedef struct list_options { const char *dir; bool json; } list_options;
 *   static const civ_option options[] = {
 *     CIV_OPTION_TEXT_(list_options, dir, 0, "dir", "DIR", "look in DIR instead of ./scenarios"),
 *     CIV_OPTION_FLAG_(list_options, json, 0, "json", "print JSON"),
 *     { 0 } };
 *   const civ_command civ_command_list = { .name = "list", .summary = "list the scenarios at hand",
 *     .options = options, .options_size = sizeof(list_options), .example = "civitas list --json", .run = civ_cmd_list };
 *   int civ_cmd_list(int argc, char **argv)
 *   {
 *     list_options o = { .dir = "scenarios" };
 *     int code;
 *     if (!civ_cli_parse(&civ_command_list, &argc, argv, &o, &code))
 *       return code;              (help was printed, or the misuse was told)
 *     ...                         (positional arguments are now argv[1] .. argv[argc - 1], within the table's counts)
 *     return CIV_EXIT_DONE;
 *   }
 */
#ifndef CIV_CLI_CLI_H
#define CIV_CLI_CLI_H

#include <jansson.h>
#include <stdio.h>

#include "civitas/field.h"
#include "civitas/status.h"

/* --- exit codes ----------------------------------------------------------------------------------------------------- */

enum {
  CIV_EXIT_DONE = 0,
  CIV_EXIT_FAILED = 1,  /* at work: files, memory, a run that broke */
  CIV_EXIT_MISUSED = 2, /* arguments or input that are wrong */
  CIV_EXIT_DIFFERS = 3, /* verification failed, or criteria under --check */
  CIV_EXIT_STOPPED = 4, /* by a budget or the kill switch */
  CIV_EXIT_INTERRUPTED = 130
};

/* --- options -------------------------------------------------------------------------------------------------------- */

typedef enum civ_option_kind {
  CIV_OPTION_FLAG,    /* bool */
  CIV_OPTION_TEXT,    /* const char * */
  CIV_OPTION_TEXTS,   /* civ_texts: may be given several times; free with civ_texts_free */
  CIV_OPTION_INTEGER, /* civ_opt_integer, min <= value <= max */
  CIV_OPTION_REAL,    /* civ_opt_real, min <= value <= max */
  CIV_OPTION_CHOICE   /* int32_t: index into choices */
} civ_option_kind;

typedef struct civ_texts {
  const char **items;
  uint32_t n;
} civ_texts;

typedef struct civ_option {
  const char *name;  /* without dashes; NULL ends the table */
  char letter;       /* 0 = none */
  uint8_t kind;      /* civ_option_kind */
  const char *value; /* how its value is called in help: "FILE", "N"; NULL for flags */
  const char *doc;
  size_t offset;              /* of the member in the command's options struct */
  int64_t min, max;           /* of numbers; both 0 = no bounds */
  const char *const *choices; /* NULL-terminated */
} civ_option;

#define CIV_OPTION_FLAG_(type, member, letter_, name_, doc_)                                                           \
  {                                                                                                                    \
    .name = name_, .letter = letter_, .kind = CIV_OPTION_FLAG, .doc = doc_, .offset = offsetof(type, member)           \
  }
#define CIV_OPTION_TEXT_(type, member, letter_, name_, value_, doc_)                                                   \
  {                                                                                                                    \
    .name = name_, .letter = letter_, .kind = CIV_OPTION_TEXT, .value = value_, .doc = doc_,                           \
    .offset = offsetof(type, member)                                                                                   \
  }
#define CIV_OPTION_TEXTS_(type, member, letter_, name_, value_, doc_)                                                  \
  {                                                                                                                    \
    .name = name_, .letter = letter_, .kind = CIV_OPTION_TEXTS, .value = value_, .doc = doc_,                          \
    .offset = offsetof(type, member)                                                                                   \
  }
#define CIV_OPTION_INTEGER_(type, member, letter_, name_, value_, min_, max_, doc_)                                    \
  {                                                                                                                    \
    .name = name_, .letter = letter_, .kind = CIV_OPTION_INTEGER, .value = value_, .doc = doc_,                        \
    .offset = offsetof(type, member), .min = min_, .max = max_                                                         \
  }
#define CIV_OPTION_REAL_(type, member, letter_, name_, value_, doc_)                                                   \
  {                                                                                                                    \
    .name = name_, .letter = letter_, .kind = CIV_OPTION_REAL, .value = value_, .doc = doc_,                           \
    .offset = offsetof(type, member)                                                                                   \
  }
#define CIV_OPTION_CHOICE_(type, member, letter_, name_, choices_, doc_)                                               \
  {                                                                                                                    \
    .name = name_, .letter = letter_, .kind = CIV_OPTION_CHOICE, .value = "WORD", .doc = doc_,                         \
    .offset = offsetof(type, member), .choices = choices_                                                              \
  }

typedef struct civ_command {
  const char *name;
  const char *summary;   /* one line, lower case, no full stop */
  const char *arguments; /* positional arguments as help shows them: "SCENARIO", "FILE..."; NULL = none */
  uint32_t least, most;  /* how many of them; most = UINT32_MAX: any number */
  const civ_option *options;
  size_t options_size; /* sizeof the options struct */
  const char *details; /* paragraphs of help after the options; NULL = none */
  const char *example; /* lines without "$ ", separated by LF */
  int (*run)(int argc, char **argv);
} civ_command;

/* Reads argv by the command's table into *values (defaults already there). Accepts --name VALUE, --name=VALUE, -x VALUE,
 * -xVALUE, bundled flags, and -- before arguments that begin with a dash; "-" is an argument. Positional arguments are
 * moved to argv[1] .. argv[*argc - 1]. false: --help was answered, or the misuse was told; *code is the exit code. */
bool civ_cli_parse(const civ_command *command, int *argc, char **argv, void *values, int *code);
void civ_texts_free(civ_texts *texts);
/* "A-B" with 0 <= A <= B < 2^63, or "A" alone: the first seed and how many. false: it is neither. */
bool civ_cli_seeds(const char *text, uint64_t *first, uint64_t *n);

/* All commands in the order of `civitas help`; NULL-terminated. */
extern const civ_command *const civ_commands[];
const civ_command *civ_command_find(const char *name);
void civ_command_help(const civ_command *command, FILE *out);

/* The candidate nearest to `word` by edit distance, or NULL if none is near; candidate(arg, k) gives NULL at the end. */
const char *civ_nearest(const char *word, const char *(*candidate)(const void *arg, size_t k), const void *arg);

/* Place of `name` among a command's actions ("results ls"), which candidate(arg, k) gives until NULL; -1: there is none, and
 * the misuse was told with the nearest or with all of them. */
int civ_cli_find_action(const civ_command *command, const char *name,
                        const char *(*candidate)(const void *arg, size_t k), const void *arg);

/* --- failing -------------------------------------------------------------------------------------------------------- */

/* "civitas: ..." on stderr, with LF. */
void civ_cli_error(const char *fmt, ...) CIV_PRINTF(1, 2);
/* The same with a hint at `civitas COMMAND --help`; returns CIV_EXIT_MISUSED. */
int civ_cli_misuse(const civ_command *command, const char *fmt, ...) CIV_PRINTF(2, 3);
/* Prints the error ("civitas: WHERE: TEXT"); returns the exit code that goes with its status: bad input 2, a difference 3,
 * an interrupt 130, everything else 1. */
int civ_cli_fail(const civ_error *err);

/* Tells that memory is out; CIV_EXIT_FAILED. */
int civ_cli_no_memory(void);

/* --- printing ------------------------------------------------------------------------------------------------------- */

/* Canonical JSON with indentation 2 and a final LF on stdout. Returns CIV_EXIT_DONE or _FAILED (told). */
int civ_cli_print_json(const json_t *value);
/* The same for a tree that is nobody's afterwards; NULL = there was no memory for it. */
int civ_cli_print_tree(json_t *tree);

/* Standard output as a receiver of text (lab/json_report.h): what it cannot take is told at the end of the program. */
bool civ_cli_receive(void *self, const char *data, size_t length);

/* --- finding things --------------------------------------------------------------------------------------------------- */

/* Path of a scenario: `name` itself if such a file exists, otherwise NAME.yaml in ./scenarios, then in the installed data
 * folder (`reference` = their reference/ variant; a path into a scenarios folder is mapped too). CIV_E_IO with the nearest
 * known name. Free *path with civ_free. */
CIV_MUST_CHECK civ_status civ_cli_find_scenario(const char *name, bool reference, char **path, civ_error *err);

/* Every command, each in its file, in the order of help: whoever adds a file adds its name here. */
// clang-format off
#define CIV_COMMAND_LIST(X) \
  X(run) X(resume) X(sweep) X(results) X(compare) \
  X(replay) X(report) X(diff) X(export) \
  X(list) X(validate) X(dump_config) X(explain) \
  X(label) X(metrics) X(fixture) \
  X(tournament) X(exploit) X(harden) X(kernel) \
  X(demo) X(completion)
#define X(name) extern const civ_command civ_command_##name; int civ_cmd_##name(int argc, char **argv);
CIV_COMMAND_LIST(X)
#undef X
// clang-format on

#endif
