/* parse.c - arguments of a command read by its option table. */
#include "cli/cli.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/names.h"
#include "base/number.h"

typedef struct parser {
  const civ_command *command;
  char **argv;
  int argc, at;
  char *values; /* the options struct */
  int code;
} parser;

const char *civ_nearest(const char *word, const char *(*candidate)(const void *arg, size_t k), const void *arg)
{
  civ_name_search search = civ_name_search_for(word);
  for (size_t k = 0; candidate(arg, k) != NULL; k++)
    if (strncmp(candidate(arg, k), word, strlen(word)) == 0)
      return candidate(arg, k); /* a beginning of the name */
  for (size_t k = 0; candidate(arg, k) != NULL; k++)
    civ_name_offer(&search, candidate(arg, k));
  return search.best;
}

static const char *option_name(const void *arg, size_t k)
{
  const civ_option *options = arg;
  return options[k].name;
}

static bool refuse(parser *p, const char *fmt, ...) CIV_PRINTF(2, 3);
static bool refuse(parser *p, const char *fmt, ...)
{
  char text[512];
  va_list args;
  va_start(args, fmt);
  vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  p->code = civ_cli_misuse(p->command, "%s", text);
  return false;
}

static bool in_bounds(const civ_option *o, double x)
{
  return (o->min == 0 && o->max == 0) || (x >= (double)o->min && x <= (double)o->max);
}

static bool store_integer(parser *p, const civ_option *o, const char *text)
{
  int64_t x;
  if (!civ_parse_integer(text, strlen(text), &x))
    return refuse(p, "--%s takes a whole number, not '%s'", o->name, text);
  if (!in_bounds(o, (double)x))
    return refuse(p, "--%s %s is outside [%lld, %lld]", o->name, text, (long long)o->min, (long long)o->max);
  *(civ_opt_integer *)(void *)(p->values + o->offset) = (civ_opt_integer){ .set = true, .value = x };
  return true;
}

static bool store_real(parser *p, const civ_option *o, const char *text)
{
  double x;
  if (!civ_parse_real(text, strlen(text), &x))
    return refuse(p, "--%s takes a number, not '%s'", o->name, text);
  if (!in_bounds(o, x))
    return refuse(p, "--%s %s is outside [%lld, %lld]", o->name, text, (long long)o->min, (long long)o->max);
  *(civ_opt_real *)(void *)(p->values + o->offset) = (civ_opt_real){ .set = true, .value = x };
  return true;
}

static const char *choice_name(const void *arg, size_t k)
{
  return ((const char *const *)arg)[k];
}

static bool store_choice(parser *p, const civ_option *o, const char *text)
{
  for (int32_t k = 0; o->choices[k] != NULL; k++)
    if (strcmp(o->choices[k], text) == 0) {
      *(int32_t *)(void *)(p->values + o->offset) = k;
      return true;
    }
  const char *near = civ_nearest(text, choice_name, (const void *)o->choices);
  if (near != NULL)
    return refuse(p, "--%s '%s' is not known; did you mean '%s'?", o->name, text, near);
  char all[256] = "";
  for (size_t k = 0, n = 0; o->choices[k] != NULL && n < sizeof all; k++)
    n += (size_t)snprintf(all + n, sizeof all - n, "%s%s", k > 0 ? ", " : "", o->choices[k]);
  return refuse(p, "--%s '%s' is not known; there are %s", o->name, text, all);
}

static bool store_text(parser *p, const civ_option *o, const char *text)
{
  civ_texts *texts = (civ_texts *)(void *)(p->values + o->offset);
  if (o->kind == CIV_OPTION_TEXT) {
    *(const char **)(void *)(p->values + o->offset) = text;
    return true;
  }
  const char **grown = realloc((void *)texts->items, (texts->n + 1) * sizeof *grown);
  if (grown == NULL) {
    civ_cli_error("out of memory");
    p->code = CIV_EXIT_FAILED;
    return false;
  }
  texts->items = grown;
  texts->items[texts->n++] = text;
  return true;
}

static bool store(parser *p, const civ_option *o, const char *text)
{
  switch (o->kind) {
  case CIV_OPTION_INTEGER:
    return store_integer(p, o, text);
  case CIV_OPTION_REAL:
    return store_real(p, o, text);
  case CIV_OPTION_CHOICE:
    return store_choice(p, o, text);
  default:
    return store_text(p, o, text);
  }
}

/* The value of an option: what follows '=' or the letter, otherwise the next argument. */
static bool take_value(parser *p, const civ_option *o, const char *attached)
{
  if (attached == NULL && p->at + 1 >= p->argc)
    return refuse(p, "--%s needs a value: --%s %s", o->name, o->name, o->value);
  return store(p, o, attached != NULL ? attached : p->argv[++p->at]);
}

static void set_flag(parser *p, const civ_option *o)
{
  *(bool *)(void *)(p->values + o->offset) = true;
}

static bool answer_help(parser *p)
{
  civ_command_help(p->command, stdout);
  p->code = CIV_EXIT_DONE;
  return false;
}

static bool read_long(parser *p, const char *text)
{
  const char *equals = strchr(text, '=');
  const size_t length = equals != NULL ? (size_t)(equals - text) : strlen(text);
  if (length == 4 && memcmp(text, "help", 4) == 0)
    return answer_help(p);
  for (const civ_option *o = p->command->options; o != NULL && o->name != NULL; o++) {
    if (strlen(o->name) != length || memcmp(o->name, text, length) != 0)
      continue;
    if (o->kind != CIV_OPTION_FLAG)
      return take_value(p, o, equals != NULL ? equals + 1 : NULL);
    if (equals != NULL)
      return refuse(p, "--%s takes no value", o->name);
    set_flag(p, o);
    return true;
  }
  char word[64];
  snprintf(word, sizeof word, "%.*s", (int)(length < sizeof word ? length : sizeof word - 1), text);
  const char *near = p->command->options != NULL ? civ_nearest(word, option_name, p->command->options) : NULL;
  if (near != NULL)
    return refuse(p, "unknown option --%s; did you mean --%s?", word, near);
  return refuse(p, "unknown option --%s", word);
}

static bool read_letters(parser *p, const char *letters)
{
  for (; *letters != '\0'; letters++) {
    if (*letters == 'h')
      return answer_help(p);
    const civ_option *o = p->command->options;
    while (o != NULL && o->name != NULL && o->letter != *letters)
      o++;
    if (o == NULL || o->name == NULL)
      return refuse(p, "unknown option -%c", *letters);
    if (o->kind != CIV_OPTION_FLAG)
      return take_value(p, o, letters[1] != '\0' ? letters + 1 : NULL);
    set_flag(p, o);
  }
  return true;
}

static bool check_count(parser *p, uint32_t n)
{
  const char *arguments = p->command->arguments;
  if (n < p->command->least)
    return refuse(p, "missing argument: civitas %s %s", p->command->name, arguments);
  if (n <= p->command->most)
    return true;
  if (p->command->most == 0)
    return refuse(p, "unexpected argument '%s'", p->argv[1]);
  return refuse(p, "unexpected argument '%s' after %s", p->argv[p->command->most + 1], arguments);
}

static void free_texts(const parser *p)
{
  for (const civ_option *o = p->command->options; o != NULL && o->name != NULL; o++)
    if (o->kind == CIV_OPTION_TEXTS)
      civ_texts_free((civ_texts *)(void *)(p->values + o->offset));
}

bool civ_cli_parse(const civ_command *command, int *argc, char **argv, void *values, int *code)
{
  parser p = { .command = command, .argv = argv, .argc = *argc, .values = values };
  int n = 1;
  bool only_arguments = false, ok = true;
  for (p.at = 1; ok && p.at < p.argc; p.at++) {
    char *text = argv[p.at];
    if (only_arguments || text[0] != '-' || text[1] == '\0')
      argv[n++] = text;
    else if (text[1] != '-')
      ok = read_letters(&p, text + 1);
    else if (text[2] == '\0')
      only_arguments = true;
    else
      ok = read_long(&p, text + 2);
  }
  ok = ok && check_count(&p, (uint32_t)(n - 1));
  if (ok) {
    *argc = n;
  } else {
    free_texts(&p);
    *code = p.code;
  }
  return ok;
}

void civ_texts_free(civ_texts *texts)
{
  free((void *)texts->items);
  texts->items = NULL;
  texts->n = 0;
}

bool civ_cli_seeds(const char *text, uint64_t *first, uint64_t *n)
{
  int64_t a, b;
  const char *dash = strchr(text, '-');
  const size_t length = dash != NULL ? (size_t)(dash - text) : strlen(text);
  if (!civ_parse_integer(text, length, &a) || a < 0)
    return false;
  b = a;
  if (dash != NULL && (!civ_parse_integer(dash + 1, strlen(dash + 1), &b) || b < a))
    return false;
  *first = (uint64_t)a;
  *n = (uint64_t)(b - a) + 1;
  return true;
}
