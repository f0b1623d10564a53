/* cli.c - help, complaints and output shared by all commands. */
#include "cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "base/buffer.h"
#include "base/json.h"
#include "civitas/config.h"
#include "cli/terminal.h"

static void complain(const char *fmt, va_list args)
{
  const char *red = civ_terminal_style(stderr, CIV_RED), *plain = civ_terminal_style(stderr, CIV_PLAIN);
  fprintf(stderr, "%scivitas:%s ", red, plain);
  vfprintf(stderr, fmt, args);
  fputc('\n', stderr);
}

void civ_cli_error(const char *fmt, ...)
{
  va_list args;
  va_start(args, fmt);
  complain(fmt, args);
  va_end(args);
}

int civ_cli_misuse(const civ_command *command, const char *fmt, ...)
{
  va_list args;
  va_start(args, fmt);
  complain(fmt, args);
  va_end(args);
  if (command != NULL)
    fprintf(stderr, "Try 'civitas %s --help'.\n", command->name);
  return CIV_EXIT_MISUSED;
}

int civ_cli_fail(const civ_error *err)
{
  if (err->where[0] != '\0')
    civ_cli_error("%s: %s", err->where, err->text);
  else
    civ_cli_error("%s", err->text);
  switch (err->code) {
  case CIV_E_RANGE:
  case CIV_E_TYPE:
  case CIV_E_KEY:
  case CIV_E_SYNTAX:
  case CIV_E_FORMAT:
  case CIV_E_UNBUILT:
    return CIV_EXIT_MISUSED;
  case CIV_E_DIVERGED:
    return CIV_EXIT_DIFFERS;
  case CIV_E_INTERRUPTED:
    return CIV_EXIT_INTERRUPTED;
  default:
    return CIV_EXIT_FAILED;
  }
}

int civ_cli_no_memory(void)
{
  civ_cli_error("out of memory");
  return CIV_EXIT_FAILED;
}

int civ_cli_print_json(const json_t *value)
{
  civ_buffer text = { 0 };
  civ_json_write(&text, value, 2);
  civ_buffer_text(&text, "\n");
  const bool failed = text.failed;
  if (!failed)
    fwrite(text.data, 1, text.length, stdout);
  civ_buffer_free(&text);
  return failed ? civ_cli_no_memory() : CIV_EXIT_DONE;
}

int civ_cli_print_tree(json_t *tree)
{
  const int code = tree != NULL ? civ_cli_print_json(tree) : civ_cli_no_memory();
  json_decref(tree);
  return code;
}

bool civ_cli_receive(void *self, const char *data, size_t length)
{
  (void)self;
  return fwrite(data, 1, length, stdout) == length;
}

/* --- help ------------------------------------------------------------------------------------------------------------- */

enum { DOC_COLUMN = 28, HELP_WIDTH = 100 };

/* Prints `text` from `column` on, broken at blanks before the width, later lines indented to `column`. */
static void print_wrapped(FILE *out, const char *text, int column, int width)
{
  int at = column;
  while (*text != '\0') {
    const size_t word = strcspn(text, " \n");
    if (at > column && at + 1 + (int)word > width) {
      fprintf(out, "\n%*s", column, "");
      at = column;
    } else if (at > column) {
      fputc(' ', out);
      at++;
    }
    fwrite(text, 1, word, out);
    at += (int)word;
    text += word;
    if (*text == '\n') {
      fprintf(out, "\n%*s", column, "");
      at = column;
    }
    if (*text != '\0')
      text++;
  }
  fputc('\n', out);
}

static void print_option(const civ_option *o, FILE *out, int width)
{
  char left[128], letter[8] = "    ";
  if (o->letter != 0)
    snprintf(letter, sizeof letter, "-%c, ", o->letter);
  const int n = snprintf(left, sizeof left, "  %s--%s%s%s", letter, o->name, o->value != NULL ? " " : "",
                         o->value != NULL ? o->value : "");
  fputs(left, out);
  if (n >= DOC_COLUMN)
    fprintf(out, "\n%*s", DOC_COLUMN, "");
  else
    fprintf(out, "%*s", DOC_COLUMN - n, "");
  print_wrapped(out, o->doc, DOC_COLUMN, width);
  if (o->choices == NULL)
    return;
  fprintf(out, "%*sone of:", DOC_COLUMN, "");
  for (const char *const *choice = o->choices; *choice != NULL; choice++)
    fprintf(out, " %s", *choice);
  fputc('\n', out);
}

static void print_example(const char *lines, FILE *out)
{
  while (*lines != '\0') {
    const size_t n = strcspn(lines, "\n");
    fprintf(out, "  $ %.*s\n", (int)n, lines);
    lines += n + (lines[n] == '\n');
  }
}

void civ_command_help(const civ_command *command, FILE *out)
{
  const char *bold = civ_terminal_style(out, CIV_BOLD), *plain = civ_terminal_style(out, CIV_PLAIN);
  const int screen = civ_terminal_width(out), width = screen > 40 && screen < HELP_WIDTH ? screen : HELP_WIDTH;
  static const civ_option help = { .name = "help", .letter = 'h', .doc = "show this text" };
  fprintf(out, "civitas %s - %s\n\n%sUsage%s\n  civitas %s%s%s [options]\n", command->name, command->summary, bold,
          plain, command->name, command->arguments != NULL ? " " : "",
          command->arguments != NULL ? command->arguments : "");
  fprintf(out, "\n%sOptions%s\n", bold, plain);
  for (const civ_option *o = command->options; o != NULL && o->name != NULL; o++)
    print_option(o, out, width);
  print_option(&help, out, width);
  if (command->details != NULL) {
    fputc('\n', out);
    print_wrapped(out, command->details, 0, width);
  }
  if (command->example != NULL) {
    fprintf(out, "\n%sExample%s\n", bold, plain);
    print_example(command->example, out);
  }
}

/* --- actions of a command ------------------------------------------------------------------------------------------------ */

/* "check, show and diff" */
static void list_actions(civ_buffer *out, const char *(*candidate)(const void *arg, size_t k), const void *arg)
{
  for (size_t k = 0; candidate(arg, k) != NULL; k++) {
    const bool last = candidate(arg, k + 1) == NULL;
    civ_buffer_text(out, k == 0 ? "" : last ? " and " : ", ");
    civ_buffer_text(out, candidate(arg, k));
  }
}

int civ_cli_find_action(const civ_command *command, const char *name,
                        const char *(*candidate)(const void *arg, size_t k), const void *arg)
{
  for (int k = 0; candidate(arg, (size_t)k) != NULL; k++)
    if (strcmp(candidate(arg, (size_t)k), name) == 0)
      return k;
  const char *nearest = civ_nearest(name, candidate, arg);
  if (nearest != NULL) {
    civ_cli_misuse(command, "there is no action '%s'; did you mean %s?", name, nearest);
    return -1;
  }
  civ_buffer all = { 0 };
  list_actions(&all, candidate, arg);
  civ_cli_misuse(command, "there is no action '%s'; there are %.*s", name, (int)all.length,
                 all.data != NULL ? all.data : "");
  civ_buffer_free(&all);
  return -1;
}
