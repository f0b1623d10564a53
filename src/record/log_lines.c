#include "record/log_lines.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

/* Slots beyond civ_member_kind: the shared fields of every line. */
enum {
  SLOT_NUMBER = 32,
  SLOT_TIME,
  SLOT_INTERACTION,
  SLOT_AGENT,
  SLOT_INITIATOR,
  SLOT_COUNTERPARTY,
  SLOT_EPOCH,
  SLOT_STEP,
  SLOT_NONE
};

enum { SECOND_LENGTH = 19, MOST_SLOTS = 16 + CIV_EVENT_MAX_VALUES };

/* A literal, then a value. */
typedef struct slot {
  uint32_t literal, literal_length; /* in civ_line_form.text */
  uint8_t kind;                     /* civ_member_kind or SLOT_ */
  uint8_t value;                    /* index into civ_event.values */
  bool optional;                    /* nothing is written when the value is absent */
  bool may_be_first;                /* follows an optional member: its comma may have to go */
} slot;

struct civ_line_form {
  slot slots[MOST_SLOTS];
  uint32_t n;
  uint32_t fixed;                            /* most bytes without names and texts */
  uint32_t n_names;                          /* slots that hold a name */
  uint8_t texts[CIV_EVENT_MAX_VALUES];       /* values that are text ... */
  uint8_t text_factor[CIV_EVENT_MAX_VALUES]; /* ... and how many bytes one of theirs may become */
  uint32_t n_texts;
  civ_buffer text; /* all literals */
};

/* --- compiling a form ------------------------------------------------------------------------------------------------- */

typedef struct compiler {
  civ_line_form *form;
  uint32_t literal; /* where the literal being written began */
  uint8_t values;   /* met so far */
  bool comma, after_optional;
} compiler;

static void close_slot(compiler *c, uint8_t kind, bool optional)
{
  civ_line_form *f = c->form;
  if (f->n == MOST_SLOTS) {
    f->text.failed = true;
    return;
  }
  slot *s = &f->slots[f->n++];
  *s = (slot){ .literal = c->literal,
               .literal_length = (uint32_t)f->text.length - c->literal,
               .kind = kind,
               .value = c->values,
               .optional = optional,
               .may_be_first = c->after_optional };
  c->literal = (uint32_t)f->text.length;
  c->after_optional = optional;
  f->fixed += s->literal_length + CIV_NUMBER_MAX;
  f->n_names += kind == CIV_MEMBER_AGENT || (kind >= SLOT_AGENT && kind <= SLOT_COUNTERPARTY);
}

static void compile_shared(compiler *c, const char *key, uint32_t wanted, uint8_t kind)
{
  civ_buffer_text(&c->form->text, ", \"");
  civ_buffer_text(&c->form->text, key);
  civ_buffer_text(&c->form->text, "\": ");
  if (wanted)
    close_slot(c, kind, false);
  else
    civ_buffer_text(&c->form->text, "null");
}

static void compile_member(compiler *c, const civ_member *m)
{
  civ_line_form *f = c->form;
  if (m->kind == CIV_MEMBER_CLOSE) {
    civ_buffer_text(&f->text, "}");
    c->comma = true;
    c->after_optional = false;
    return;
  }
  if (m->optional && f->text.length > c->literal)
    close_slot(c, SLOT_NONE, false); /* what stands before must be written even when the member is not */
  if (c->comma)
    civ_buffer_text(&f->text, ", ");
  civ_buffer_json_text(&f->text, m->name, strlen(m->name));
  civ_buffer_text(&f->text, ": ");
  if (m->kind == CIV_MEMBER_OPEN) {
    civ_buffer_text(&f->text, "{");
    c->comma = false;
    return;
  }
  close_slot(c, m->kind, m->optional);
  if (m->kind == CIV_MEMBER_TEXT || m->kind == CIV_MEMBER_JSON) {
    f->texts[f->n_texts] = c->values;
    f->text_factor[f->n_texts++] = m->kind == CIV_MEMBER_TEXT ? 6 : 1; /* one byte may become \u00XX */
  }
  c->values++;
  c->comma = true;
}

static void compile_payload(compiler *c, const civ_event_form *form)
{
  civ_line_form *f = c->form;
  civ_buffer_text(&f->text, ", \"payload\": ");
  c->after_optional = false;
  if (form->flags & CIV_FORM_FREE_PAYLOAD) {
    close_slot(c, CIV_MEMBER_JSON, false);
    f->texts[f->n_texts] = 0;
    f->text_factor[f->n_texts++] = 1;
    return;
  }
  civ_buffer_text(&f->text, "{");
  for (const civ_member *m = form->members; m->name != NULL && c->values < CIV_EVENT_MAX_VALUES; m++)
    compile_member(c, m);
  civ_buffer_text(&f->text, "}");
  c->after_optional = false;
}

static void free_form(civ_line_form *f)
{
  if (f != NULL)
    civ_buffer_free(&f->text);
  free(f);
}

static civ_line_form *compile(const civ_event_form *form)
{
  civ_line_form *f = calloc(1, sizeof *f);
  compiler c = { .form = f };
  if (f == NULL)
    return NULL;
  civ_buffer_text(&f->text, "{\"event_id\": \"e");
  close_slot(&c, SLOT_NUMBER, false);
  civ_buffer_text(&f->text, "\", \"timestamp\": \"");
  close_slot(&c, SLOT_TIME, false);
  civ_buffer_text(&f->text, "\", \"event_type\": ");
  civ_buffer_json_text(&f->text, form->name, strlen(form->name));
  compile_shared(&c, "interaction_id", form->flags & CIV_FORM_INTERACTION, SLOT_INTERACTION);
  compile_shared(&c, "agent_id", form->flags & CIV_FORM_AGENT, SLOT_AGENT);
  compile_shared(&c, "initiator_id", form->flags & CIV_FORM_INITIATOR, SLOT_INITIATOR);
  compile_shared(&c, "counterparty_id", form->flags & CIV_FORM_COUNTERPARTY, SLOT_COUNTERPARTY);
  compile_payload(&c, form);
  compile_shared(&c, "epoch", form->flags & CIV_FORM_EPOCH, SLOT_EPOCH);
  compile_shared(&c, "step", form->flags & CIV_FORM_STEP, SLOT_STEP);
  civ_buffer_text(&f->text, "}\n");
  close_slot(&c, SLOT_NONE, false);
  if (!f->text.failed)
    return f;
  free_form(f);
  return NULL;
}

/* --- setting up ------------------------------------------------------------------------------------------------------- */

void civ_lines_init(civ_lines *l)
{
  memset(l, 0, sizeof *l);
  l->second = INT64_MIN;
}

void civ_lines_free(civ_lines *l)
{
  for (size_t t = 0; t < CIV_LINE_FORMS; t++)
    free_form(l->forms[t]);
  free(l->names);
  free(l->name_at);
  civ_buffer_free(&l->scratch);
  civ_lines_init(l);
}

civ_status civ_lines_names(civ_lines *l, const civ_roster *roster, civ_error *err)
{
  civ_buffer names = { 0 };
  uint32_t *at = malloc(((size_t)roster->n + 1) * sizeof *at);
  uint32_t longest = 4;
  if (at == NULL)
    return civ_fail(err, CIV_E_NOMEM, "event log", "no memory for the names of %u agents", roster->n);
  for (uint32_t a = 0; a < roster->n; a++) {
    at[a] = (uint32_t)names.length;
    civ_buffer_json_text(&names, roster->names[a], strlen(roster->names[a]));
    const uint32_t length = (uint32_t)names.length - at[a];
    longest = length > longest ? length : longest;
  }
  at[roster->n] = (uint32_t)names.length;
  if (names.failed || names.length > UINT32_MAX) {
    civ_buffer_free(&names);
    free(at);
    return civ_fail(err, CIV_E_NOMEM, "event log", "no memory for the names of %u agents", roster->n);
  }
  free(l->names);
  free(l->name_at);
  l->names = civ_buffer_take(&names, NULL);
  l->name_at = at;
  l->n_names = roster->n;
  l->longest_name = longest;
  return CIV_OK;
}

size_t civ_lines_bound(civ_lines *l, const civ_event *event)
{
  if (event->type >= CIV_LINE_FORMS)
    return 0;
  const civ_line_form *f = l->forms[event->type];
  if (CIV_UNLIKELY(f == NULL)) {
    f = l->forms[event->type] = compile(event->form);
    if (f == NULL)
      return 0;
  }
  size_t bound = f->fixed + (size_t)f->n_names * (l->longest_name + 4u);
  for (uint32_t k = 0; k < f->n_texts; k++) {
    const char *text = event->values[f->texts[k]].text;
    if (text != NULL)
      bound += strlen(text) * f->text_factor[k] + 2;
  }
  return bound;
}

/* --- writing ---------------------------------------------------------------------------------------------------------- */

static char *put(char *out, const char *text, size_t length)
{
  memcpy(out, text, length);
  return out + length;
}

static char *put_null(char *out)
{
  return put(out, "null", 4);
}

static char *put_time(civ_lines *l, char *out, int64_t us)
{
  int64_t second = us / 1000000, rest = us % 1000000;
  if (rest < 0)
    second--, rest += 1000000;
  if (second != l->second) {
    char text[CIV_NUMBER_MAX];
    civ_format_time(text, second * 1000000);
    memcpy(l->second_text, text, SECOND_LENGTH);
    l->second = second;
  }
  out = put(out, l->second_text, SECOND_LENGTH);
  if (rest == 0)
    return out;
  *out = '.';
  for (int digit = 6; digit >= 1; digit--, rest /= 10)
    out[digit] = (char)('0' + rest % 10);
  return out + 7;
}

static char *put_name(const civ_lines *l, char *out, uint64_t agent)
{
  if (agent >= l->n_names)
    return put_null(out);
  const uint32_t from = l->name_at[agent];
  return put(out, l->names + from, l->name_at[agent + 1] - from);
}

static char *put_real(civ_lines *l, char *out, double x)
{
  if (x == 0 && !signbit(x))
    return put(out, "0.0", 3);
  l->nulls += !isfinite(x);
  return out + civ_format_real(out, x);
}

static bool plain(unsigned char c)
{
  return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static char *put_text(civ_lines *l, char *out, const char *text)
{
  if (text == NULL)
    return put_null(out);
  char *at = out;
  *at++ = '"';
  const char *from = text;
  while (plain((unsigned char)*from))
    *at++ = *from++;
  if (*from == '\0') {
    *at++ = '"';
    return at;
  }
  l->scratch.length = 0;
  civ_buffer_json_text(&l->scratch, text, strlen(text));
  return l->scratch.failed ? NULL : put(out, l->scratch.data, l->scratch.length);
}

static bool absent(const slot *s, civ_value v)
{
  switch (s->kind) {
  case CIV_MEMBER_TEXT:
  case CIV_MEMBER_JSON:
    return v.text == NULL;
  case CIV_MEMBER_OPT_INTEGER:
    return v.integer == INT64_MIN;
  case CIV_MEMBER_BOOLEAN:
    return v.integer == 0 || v.integer == INT64_MIN;
  default:
    return false;
  }
}

static char *put_value(civ_lines *l, char *out, uint8_t kind, civ_value v)
{
  switch (kind) {
  case CIV_MEMBER_REAL:
    return put_real(l, out, v.real);
  case CIV_MEMBER_INTEGER:
    return out + civ_format_integer(out, v.integer);
  case CIV_MEMBER_OPT_INTEGER:
    return v.integer == INT64_MIN ? put_null(out) : out + civ_format_integer(out, v.integer);
  case CIV_MEMBER_BOOLEAN:
    return v.integer ? put(out, "true", 4) : put(out, "false", 5);
  case CIV_MEMBER_TEXT:
    return put_text(l, out, v.text);
  case CIV_MEMBER_JSON:
    return v.text == NULL ? put_null(out) : put(out, v.text, strlen(v.text));
  case CIV_MEMBER_AGENT:
    return put_name(l, out, (uint64_t)v.integer);
  case CIV_MEMBER_DIGEST:
    *out = '"';
    civ_format_hex16(out + 1, (uint64_t)v.integer);
    out[17] = '"';
    return out + 18;
  default:
    return out;
  }
}

static char *put_shared(civ_lines *l, char *out, uint8_t kind, const civ_event *e, uint64_t number)
{
  switch (kind) {
  case SLOT_NUMBER:
    return out + civ_format_unsigned(out, number);
  case SLOT_TIME:
    return put_time(l, out, e->time_us);
  case SLOT_INTERACTION:
    if (e->interaction == 0)
      return put_null(out);
    out = put(out, "\"i", 2);
    out += civ_format_unsigned(out, e->interaction);
    *out = '"';
    return out + 1;
  case SLOT_AGENT:
    return put_name(l, out, e->agent);
  case SLOT_INITIATOR:
    return put_name(l, out, e->initiator);
  case SLOT_COUNTERPARTY:
    return put_name(l, out, e->counterparty);
  case SLOT_EPOCH:
    return out + civ_format_unsigned(out, e->epoch);
  case SLOT_STEP:
    return out + civ_format_unsigned(out, e->step);
  default:
    return out;
  }
}

size_t civ_lines_write(civ_lines *l, const civ_event *event, uint64_t number, char *out)
{
  const civ_line_form *f = l->forms[event->type];
  char *at = out;
  for (const slot *s = f->slots, *end = s + f->n; s < end && at != NULL; s++) {
    if (s->optional && absent(s, event->values[s->value]))
      continue;
    const char *literal = f->text.data + s->literal;
    size_t length = s->literal_length;
    if (s->may_be_first && at[-1] == '{' && literal[0] == ',')
      literal += 2, length -= 2;
    at = put(at, literal, length);
    at = s->kind < SLOT_NUMBER ? put_value(l, at, s->kind, event->values[s->value])
                               : put_shared(l, at, s->kind, event, number);
  }
  return at == NULL ? 0 : (size_t)(at - out);
}
