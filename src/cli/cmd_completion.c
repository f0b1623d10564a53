/* cmd_completion.c - completion scripts for shells, and the manual page: all made from the option tables. */
#include <string.h>

#include "civitas/version.h"
#include "cli/cli.h"

static const char *const shells[] = { "bash", "zsh", "fish", NULL };

const civ_command civ_command_completion = {
  .name = "completion",
  .summary = "print a completion script for a shell",
  .arguments = "bash|zsh|fish|man",
  .least = 1,
  .most = 1,
  .details = "'man' prints the manual page, made from the same tables.",
  .example = "civitas completion bash > ~/.local/share/bash-completion/completions/civitas",
  .run = civ_cmd_completion,
};

/* --- bash -------------------------------------------------------------------------------------------------------------------- */

static void print_option_words(const civ_command *command)
{
  for (const civ_option *o = command->options; o != NULL && o->name != NULL; o++)
    printf("--%s ", o->name);
  fputs("--help", stdout);
}

/* Options whose value is a word of a list. */
static void print_bash_choices(const civ_command *command)
{
  for (const civ_option *o = command->options; o != NULL && o->name != NULL; o++) {
    if (o->choices == NULL)
      continue;
    printf("    %s:--%s) COMPREPLY=($(compgen -W \"", command->name, o->name);
    for (const char *const *choice = o->choices; *choice != NULL; choice++)
      printf("%s%s", choice != o->choices ? " " : "", *choice);
    puts("\" -- \"$word\")); return;;");
  }
}

static void print_bash(void)
{
  puts(
      "# completion of civitas for bash\n"
      "_civitas() {\n"
      "  local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\" command=\"${COMP_WORDS[1]}\"\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then");
  fputs("    COMPREPLY=($(compgen -W \"", stdout);
  for (const civ_command *const *c = civ_commands; *c != NULL; c++)
    printf("%s ", (*c)->name);
  puts("help --help --version\" -- \"$word\")); return\n  fi\n  case \"$command:$before\" in");
  for (const civ_command *const *c = civ_commands; *c != NULL; c++)
    print_bash_choices(*c);
  puts("  esac\n  case \"$word\" in -*) ;; *) COMPREPLY=($(compgen -f -- \"$word\")); return;; esac\n  case "
       "\"$command\" in");
  for (const civ_command *const *c = civ_commands; *c != NULL; c++) {
    printf("    %s) COMPREPLY=($(compgen -W \"", (*c)->name);
    print_option_words(*c);
    puts("\" -- \"$word\"));;");
  }
  puts("  esac\n}\ncomplete -o filenames -F _civitas civitas");
}

/* --- zsh --------------------------------------------------------------------------------------------------------------------- */

/* Text inside single quotes and brackets of an _arguments specification. */
static void print_zsh_text(const char *text)
{
  for (; *text != '\0'; text++) {
    if (*text == '\'')
      fputs("'\\''", stdout);
    else if (strchr("[]:\\", *text) != NULL)
      printf("\\%c", *text);
    else
      putchar(*text);
  }
}

static void print_zsh_option(const civ_option *o)
{
  printf("        '%s--%s%s[", o->kind == CIV_OPTION_TEXTS ? "*" : "", o->name, o->value != NULL ? "=" : "");
  print_zsh_text(o->doc);
  fputs("]", stdout);
  if (o->choices != NULL) {
    fputs(":value:(", stdout);
    for (const char *const *choice = o->choices; *choice != NULL; choice++)
      printf("%s%s", choice != o->choices ? " " : "", *choice);
    fputs(")", stdout);
  } else if (o->value != NULL) {
    printf(":%s:%s", o->value, strstr(o->value, "DIR") != NULL ? "_files -/" : "_files");
  }
  puts("' \\");
}

static void print_zsh(void)
{
  puts("#compdef civitas\n_civitas() {\n  local -a commands\n  commands=(");
  for (const civ_command *const *c = civ_commands; *c != NULL; c++) {
    printf("    '%s:", (*c)->name);
    print_zsh_text((*c)->summary);
    puts("'");
  }
  puts("    'help:explain a command'\n  )\n"
       "  if (( CURRENT == 2 )); then _describe command commands; return; fi\n"
       "  local command=$words[2]\n  shift words; (( CURRENT-- ))\n  case $command in");
  for (const civ_command *const *c = civ_commands; *c != NULL; c++) {
    printf("    %s)\n      _arguments -s \\\n", (*c)->name);
    for (const civ_option *o = (*c)->options; o != NULL && o->name != NULL; o++)
      print_zsh_option(o);
    puts("        '--help[show help]' \\\n        '*:file:_files';;");
  }
  puts("  esac\n}\n_civitas \"$@\"");
}

/* --- fish -------------------------------------------------------------------------------------------------------------------- */

static void print_fish_text(const char *text)
{
  putchar('\'');
  for (; *text != '\0'; text++) {
    if (*text == '\'' || *text == '\\')
      putchar('\\');
    putchar(*text);
  }
  putchar('\'');
}

static void print_fish_option(const civ_command *command, const civ_option *o)
{
  printf("complete -c civitas -n '__fish_seen_subcommand_from %s' -l %s", command->name, o->name);
  if (o->letter != 0)
    printf(" -s %c", o->letter);
  if (o->kind != CIV_OPTION_FLAG)
    fputs(" -r", stdout);
  if (o->choices != NULL) {
    fputs(" -f -a '", stdout);
    for (const char *const *choice = o->choices; *choice != NULL; choice++)
      printf("%s%s", choice != o->choices ? " " : "", *choice);
    putchar('\'');
  }
  fputs(" -d ", stdout);
  print_fish_text(o->doc);
  putchar('\n');
}

static void print_fish(void)
{
  puts("# completion of civitas for fish");
  for (const civ_command *const *c = civ_commands; *c != NULL; c++) {
    printf("complete -c civitas -n __fish_use_subcommand -f -a %s -d ", (*c)->name);
    print_fish_text((*c)->summary);
    putchar('\n');
    for (const civ_option *o = (*c)->options; o != NULL && o->name != NULL; o++)
      print_fish_option(*c, o);
  }
}

/* --- the manual page ---------------------------------------------------------------------------------------------------------- */

static void print_man_text(const char *text)
{
  if (*text == '.' || *text == '\'')
    fputs("\\&", stdout);
  for (; *text != '\0'; text++) {
    if (*text == '\\')
      fputs("\\e", stdout);
    else if (*text == '-')
      fputs("\\-", stdout);
    else
      putchar(*text);
  }
  putchar('\n');
}

static void print_man_option(const civ_option *o)
{
  fputs(".TP\n.B ", stdout);
  if (o->letter != 0)
    printf("\\-%c, ", o->letter);
  fputs("\\-\\-", stdout);
  for (const char *c = o->name; *c != '\0'; c++)
    printf("%s%c", *c == '-' ? "\\" : "", *c);
  if (o->value != NULL)
    printf(" \\fI%s\\fR", o->value);
  putchar('\n');
  print_man_text(o->doc);
  for (const char *const *choice = o->choices; choice != NULL && *choice != NULL; choice++)
    printf("%s%s", choice == o->choices ? "One of: " : ", ", *choice);
  if (o->choices != NULL)
    puts(".");
}

static void print_man_command(const civ_command *command)
{
  printf(".SS \"civitas %s", command->name);
  if (command->arguments != NULL)
    printf(" %s", command->arguments);
  puts("\"");
  print_man_text(command->summary);
  for (const civ_option *o = command->options; o != NULL && o->name != NULL; o++)
    print_man_option(o);
  if (command->details != NULL) {
    puts(".PP");
    print_man_text(command->details);
  }
  if (command->example == NULL)
    return;
  puts(".PP\nExample:\n.PP\n.nf\n.RS");
  for (const char *line = command->example; *line != '\0';) {
    char text[256];
    const size_t n = strcspn(line, "\n");
    snprintf(text, sizeof text, "%.*s", (int)n, line);
    print_man_text(text);
    line += n + (line[n] == '\n');
  }
  puts(".RE\n.fi");
}

static void print_man(void)
{
  printf(".\\\" made by 'civitas completion man': change the option tables, not this file\n"
         ".TH CIVITAS 1 \"\" \"civitas %s\" \"User Commands\"\n",
         civ_version());
  puts(".SH NAME\ncivitas \\- societies of agents under rules, simulated and measured\n"
       ".SH SYNOPSIS\n.B civitas\n.I COMMAND\n[arguments] [options]\n"
       ".SH DESCRIPTION\n"
       "civitas puts a society of agents under a set of rules, runs it, and reports what the rules did to harm, "
       "welfare and\n"
       "fairness. Every run leaves a folder with its event log, tables, summary and effective configuration; the same\n"
       "configuration and seed give the same bytes again.\n"
       ".SH COMMANDS");
  for (const civ_command *const *c = civ_commands; *c != NULL; c++)
    print_man_command(*c);
  puts(".SH \"EXIT STATUS\"\n"
       ".TP\n.B 0\nDone.\n.TP\n.B 1\nFailed at work: files, memory, a run that broke.\n"
       ".TP\n.B 2\nMisused: arguments or input that are wrong.\n"
       ".TP\n.B 3\nA verification failed, or success criteria under \\-\\-check were not all met.\n"
       ".TP\n.B 4\nStopped by the kill switch or a budget.\n"
       ".TP\n.B 130\nInterrupted: the step was finished and every file written first.\n"
       ".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nIf set and not empty, no colours are used.");
}

int civ_cmd_completion(int argc, char **argv)
{
  int code;
  if (!civ_cli_parse(&civ_command_completion, &argc, argv, NULL, &code))
    return code;
  if (strcmp(argv[1], shells[0]) == 0)
    print_bash();
  else if (strcmp(argv[1], shells[1]) == 0)
    print_zsh();
  else if (strcmp(argv[1], shells[2]) == 0)
    print_fish();
  else if (strcmp(argv[1], "man") == 0)
    print_man();
  else
    return civ_cli_misuse(&civ_command_completion, "'%s' is none of bash, zsh, fish, man", argv[1]);
  return CIV_EXIT_DONE;
}
