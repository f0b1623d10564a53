#include "selfplay/trace_values.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

void civ_reading_fail(civ_reading *r, civ_status code, const char *fmt, ...)
{
  char where[96], text[sizeof((civ_error *)0)->text];
  va_list args;
  if (r->status != CIV_OK)
    return;
  snprintf(where, sizeof where, "%s[%zu]", r->list, r->at);
  va_start(args, fmt);
  vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  r->status = civ_fail(r->err, code, where, "%s", text);
}

void *civ_reading_take(civ_reading *r, size_t n, size_t size)
{
  void *block = civ_arena_take(r->arena, n, size);
  if (block == NULL)
    civ_reading_fail(r, CIV_E_NOMEM, "out of memory");
  return block;
}

/* --- small values ---------------------------------------------------------------------------------------------------------- */

int civ_read_name(const char *const *names, const json_t *value)
{
  const char *text = json_string_value(value);
  for (int k = 0; text != NULL && names[k] != NULL; k++)
    if (strcmp(names[k], text) == 0)
      return k;
  return -1;
}

uint8_t civ_read_citizen(const civ_roll *roll, const json_t *value)
{
  const char *text = json_string_value(value);
  if (text == NULL)
    return CIV_NO_CITIZEN;
  for (uint32_t c = 0; c < roll->n; c++)
    if (strcmp(roll->names[c], text) == 0)
      return (uint8_t)c;
  return strcmp(text, "public") == 0 ? CIV_PUBLIC : strcmp(text, "treasury") == 0 ? CIV_TREASURY : CIV_NO_CITIZEN;
}

uint8_t civ_need_citizen(civ_reading *r, const json_t *object, const char *key)
{
  const uint8_t c = civ_read_citizen(&r->roll, json_object_get(object, key));
  if (c == CIV_NO_CITIZEN)
    civ_reading_fail(r, CIV_E_KEY, "%s is not a citizen of the trace", key);
  return c;
}

int64_t civ_need_micro(civ_reading *r, const json_t *object, const char *key)
{
  const json_t *value = json_object_get(object, key);
  const double x = json_number_value(value);
  if (!json_is_number(value) || !(fabs(x) <= civ_money_most)) {
    civ_reading_fail(r, CIV_E_TYPE, "%s must be a number", key);
    return 0;
  }
  return llround(x * 1e6);
}

int64_t civ_read_micro(const json_t *object, const char *key, int64_t otherwise)
{
  const json_t *value = json_object_get(object, key);
  const double x = json_number_value(value);
  return json_is_number(value) && fabs(x) <= civ_money_most ? llround(x * 1e6) : otherwise;
}

int32_t civ_need_count(civ_reading *r, const json_t *object, const char *key)
{
  const json_t *value = json_object_get(object, key);
  const json_int_t x = json_integer_value(value);
  if (!json_is_integer(value) || x < 0 || x > 1000000000) {
    civ_reading_fail(r, CIV_E_TYPE, "%s must be a whole number of at least 0", key);
    return 0;
  }
  return (int32_t)x;
}

uint8_t civ_read_rule(const civ_roll *roll, const json_t *value)
{
  const char *id = json_string_value(value);
  for (int k = 0; id != NULL && k < CIV_RULES; k++)
    if (strcmp(roll->kernel->clauses[k].id, id) == 0)
      return roll->kernel->clauses[k].rule;
  return CIV_NO_RULE;
}

uint8_t civ_read_param(uint8_t rule, const json_t *value)
{
  const char *name = json_string_value(value);
  return rule < CIV_RULES && name != NULL ? (uint8_t)civ_param_find((civ_rule)rule, name) : (uint8_t)CIV_NO_PARAM;
}

int64_t civ_read_law_value(uint8_t param, const json_t *value)
{
  const civ_node node = civ_json_node(value);
  return param < CIV_PARAMS && value != NULL ? civ_param_read((civ_param)param, &node) : CIV_LAW_ILL;
}

civ_citizens civ_need_citizens(civ_reading *r, const json_t *list)
{
  civ_citizens set = 0;
  size_t k;
  json_t *item;
  json_array_foreach(list, k, item)
  {
    const uint8_t c = civ_read_citizen(&r->roll, item);
    if (c < r->roll.n)
      set |= civ_citizen_bit(c);
    else
      civ_reading_fail(r, CIV_E_KEY, "a voter is not a citizen of the trace");
  }
  return set;
}

/* --- payloads ---------------------------------------------------------------------------------------------------------------- */

civ_motion_payload civ_read_payload(const civ_roll *roll, uint8_t kind, const json_t *p)
{
  civ_motion_payload out = { .beneficiary = CIV_NO_CITIZEN,
                             .rule = CIV_NO_RULE,
                             .param = CIV_NO_PARAM,
                             .target = CIV_NO_CITIZEN,
                             .office = CIV_NO_OFFICE,
                             .to = CIV_NO_CITIZEN,
                             .value = CIV_LAW_ILL };
  out.memo = json_string_value(json_object_get(p, kind == CIV_MOTION_DISENFRANCHISE ? "reason" : "memo"));
  switch (kind) {
  case CIV_MOTION_SPEND:
    out.beneficiary = civ_read_citizen(roll, json_object_get(p, "beneficiary"));
    out.amount = civ_read_micro(p, "amount", 0);
    break;
  case CIV_MOTION_AMENDMENT:
    out.rule = civ_read_rule(roll, json_object_get(p, "clause"));
    out.param = civ_read_param(out.rule, json_object_get(p, "param"));
    out.value = civ_read_law_value(out.param, json_object_get(p, "value"));
    break;
  case CIV_MOTION_DISENFRANCHISE:
    out.target = civ_read_citizen(roll, json_object_get(p, "target"));
    break;
  default: {
    const int office = civ_read_name(civ_office_names, json_object_get(p, "role"));
    out.office = office >= 0 ? (uint8_t)office : (uint8_t)CIV_NO_OFFICE;
    out.to = civ_read_citizen(roll, json_object_get(p, "to"));
    out.recall = json_is_true(json_object_get(p, "recall"));
  }
  }
  return out;
}

uint8_t civ_read_motion_kind(const json_t *value)
{
  const char *text = json_string_value(value);
  const int kind = civ_read_name(civ_motion_kind_names, value);
  if (kind >= 0)
    return (uint8_t)kind;
  return text != NULL && strcmp(text, "amend") == 0 ? CIV_MOTION_AMENDMENT : CIV_MOTION_KINDS; /* an old name */
}
