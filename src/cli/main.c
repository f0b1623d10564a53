/* main.c - the program: finds the command, runs it, makes sure that what was printed arrived. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "civitas/version.h"
#include "cli/cli.h"
#include "cli/terminal.h"

static void print_help(FILE *out)
{
  const char *bold = civ_terminal_style(out, CIV_BOLD), *plain = civ_terminal_style(out, CIV_PLAIN);
  fprintf(out, "civitas - societies of agents under rules, simulated and measured\n\n%sUsage%s\n", bold, plain);
  fputs("  civitas COMMAND [arguments] [options]\n", out);
  fprintf(out, "\n%sCommands%s\n", bold, plain);
  for (const civ_command *const *c = civ_commands; *c != NULL; c++)
    fprintf(out, "  %-12s %s\n", (*c)->name, (*c)->summary);
  fprintf(out, "\n%sExample%s\n", bold, plain);
  fputs("  $ civitas run scenarios/baseline.yaml --seed 42\n"
        "\n'civitas help COMMAND' explains one command; 'civitas --version' says which version this is.\n",
        out);
}

static void print_version(void)
{
  printf("civitas %s (results version %d, random numbers version %d, log format %d)\n", civ_version(),
         CIV_RESULTS_VERSION, CIV_RNG_VERSION, CIV_LOG_FORMAT);
}

static const char *command_name(const void *arg, size_t k)
{
  (void)arg;
  return civ_commands[k] != NULL ? civ_commands[k]->name : NULL;
}

static int unknown_command(const char *word)
{
  const char *near = civ_nearest(word, command_name, NULL);
  if (near != NULL)
    civ_cli_error("unknown command '%s'; did you mean '%s'?", word, near);
  else
    civ_cli_error("unknown command '%s'", word);
  fputs("Try 'civitas help'.\n", stderr);
  return CIV_EXIT_MISUSED;
}

static int help_command(int argc, char **argv)
{
  if (argc < 2) {
    print_help(stdout);
    return CIV_EXIT_DONE;
  }
  const civ_command *command = civ_command_find(argv[1]);
  if (command == NULL)
    return unknown_command(argv[1]);
  civ_command_help(command, stdout);
  return CIV_EXIT_DONE;
}

static bool is(const char *word, const char *letter, const char *name)
{
  return strcmp(word, letter) == 0 || strcmp(word, name) == 0;
}

static int dispatch(int argc, char **argv)
{
  if (argc < 2 || is(argv[1], "-h", "--help")) {
    print_help(stdout);
    return CIV_EXIT_DONE;
  }
  if (is(argv[1], "-V", "--version")) {
    print_version();
    return CIV_EXIT_DONE;
  }
  if (strcmp(argv[1], "help") == 0)
    return help_command(argc - 1, argv + 1);
  if (argv[1][0] == '-') {
    civ_cli_error("unknown option %s before the command", argv[1]);
    fputs("Try 'civitas help'.\n", stderr);
    return CIV_EXIT_MISUSED;
  }
  const civ_command *command = civ_command_find(argv[1]);
  return command != NULL ? command->run(argc - 1, argv + 1) : unknown_command(argv[1]);
}

int main(int argc, char **argv)
{
  /* A reader that went away shows as EPIPE: the run still finishes and writes its files. */
  signal(SIGPIPE, SIG_IGN);
  const int code = dispatch(argc, argv);
  errno = 0;
  const bool lost = ferror(stdout) != 0;
  if ((fflush(stdout) != 0 || lost) && errno != EPIPE && errno != 0) {
    civ_cli_error("standard output: %s", strerror(errno));
    return code == CIV_EXIT_DONE ? CIV_EXIT_FAILED : code;
  }
  return code;
}
