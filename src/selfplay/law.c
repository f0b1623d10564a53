/* The rules and their parameters, once: names, kinds, defaults, ranges, and which way a change tightens the law. */
#include <math.h>
#include <string.h>

#include "selfplay/kernel.h"

const char *const civ_rule_names[CIV_RULES + 1] = { "franchise",      "proposal", "quorum",   "spend", "amendment",
                                                    "disenfranchise", "roles",    "transfer", "floor", NULL };

static const char *const voters_words[] = { "all", NULL };
static const char *const base_words[] = { "enfranchised", "founding", NULL };
static const char *const dealing_words[] = { "allowed", "recuse", "forbidden", NULL };
static const char *const priority_words[] = { "after_spend", "before_spend", NULL };

#define FRACTION(rule_, name_, sign_, ppm, nullable_, doc_)                                                            \
  {                                                                                                                    \
    .name = name_, .rule = rule_, .kind = CIV_PARAM_FRACTION, .sign = sign_, .otherwise = ppm, .nullable = nullable_,  \
    .doc = doc_                                                                                                        \
  }
#define INTEGER(rule_, name_, sign_, default_, least_, nullable_, doc_)                                                \
  {                                                                                                                    \
    .name = name_, .rule = rule_, .kind = CIV_PARAM_INTEGER, .sign = sign_, .otherwise = default_, .least = least_,    \
    .nullable = nullable_, .doc = doc_                                                                                 \
  }
#define CREDITS(rule_, name_, sign_, default_, doc_)                                                                   \
  {                                                                                                                    \
    .name = name_, .rule = rule_, .kind = CIV_PARAM_CREDITS, .sign = sign_, .otherwise = (default_)*1000000,           \
    .doc = doc_                                                                                                        \
  }
#define BOOLEAN(rule_, name_, sign_, default_, doc_)                                                                   \
  {                                                                                                                    \
    .name = name_, .rule = rule_, .kind = CIV_PARAM_BOOL, .sign = sign_, .otherwise = default_, .doc = doc_            \
  }
#define WORD(rule_, name_, sign_, words_, doc_)                                                                        \
  {                                                                                                                    \
    .name = name_, .rule = rule_, .kind = CIV_PARAM_WORD, .sign = sign_, .words = words_, .doc = doc_                  \
  }

const civ_param_form civ_param_forms[CIV_PARAMS] = {
  [CIV_PARAM_VOTERS] = WORD(CIV_RULE_FRANCHISE, "voters", 0, voters_words, "who may vote at the start"),

  [CIV_PARAM_MAX_OPEN_PER_CITIZEN] = INTEGER(CIV_RULE_PROPOSAL, "max_open_per_citizen", -1, CIV_LAW_NULL, 1, true,
                                             "own proposals open at once; null = any number"),
  [CIV_PARAM_VOTING_WINDOW] =
      INTEGER(CIV_RULE_PROPOSAL, "voting_window", 0, 3, 1, false, "turns of voting after the turn of opening"),
  [CIV_PARAM_COOLDOWN] = INTEGER(CIV_RULE_PROPOSAL, "cooldown", 1, 0, 0, false,
                                 "turns that must pass between two proposals of a citizen (1 = one a turn)"),
  [CIV_PARAM_BOND] = CREDITS(CIV_RULE_PROPOSAL, "bond", 1, 0,
                             "paid on opening, returned at the count, forfeit to the treasury without quorum"),

  [CIV_PARAM_QUORUM_FRACTION] = FRACTION(CIV_RULE_QUORUM, "fraction", 1, 300000, false,
                                         "share of the base that must have voted, abstentions counted"),
  [CIV_PARAM_QUORUM_BASE] =
      WORD(CIV_RULE_QUORUM, "base", 1, base_words, "those who can vote at the count, or all founding citizens"),

  [CIV_PARAM_SPEND_THRESHOLD] =
      FRACTION(CIV_RULE_SPEND, "threshold", 1, 500000, false, "the yes share of yes and no must exceed it"),
  [CIV_PARAM_CAP_FRACTION] =
      FRACTION(CIV_RULE_SPEND, "cap_fraction", -1, CIV_LAW_NULL, true, "most of the treasury that one spend may take"),
  [CIV_PARAM_WINDOW_CAP_FRACTION] =
      FRACTION(CIV_RULE_SPEND, "window_cap_fraction", -1, CIV_LAW_NULL, true,
               "most that one citizen may be paid within the window, as a share of the treasury at its start"),
  [CIV_PARAM_PRIVATE_CAP_FRACTION] = FRACTION(CIV_RULE_SPEND, "private_cap_fraction", -1, CIV_LAW_NULL, true,
                                              "the same for payments to all citizens together"),
  [CIV_PARAM_SPEND_WINDOW] = INTEGER(CIV_RULE_SPEND, "window", 1, 10, 1, false, "turns the two caps look back"),
  [CIV_PARAM_SELF_DEALING] =
      WORD(CIV_RULE_SPEND, "self_dealing", 1, dealing_words,
           "recuse: the beneficiary may not vote on it; forbidden: a proposer may not be the beneficiary"),

  [CIV_PARAM_AMENDMENT_THRESHOLD] =
      FRACTION(CIV_RULE_AMENDMENT, "threshold", 1, 500000, false, "the yes share must exceed it"),
  [CIV_PARAM_PROTECTED_THRESHOLD] = FRACTION(CIV_RULE_AMENDMENT, "protected_threshold", 1, CIV_LAW_NULL, true,
                                             "for protected clauses the larger of the two counts"),
  [CIV_PARAM_DELAY] = INTEGER(CIV_RULE_AMENDMENT, "delay", 1, 0, 0, false, "turns between passing and taking effect"),
  [CIV_PARAM_RETRY] = INTEGER(CIV_RULE_AMENDMENT, "retry", 1, 0, 0, false,
                              "turns after a failure in which the same parameter may not be proposed again"),
  [CIV_PARAM_RATCHET] =
      BOOLEAN(CIV_RULE_AMENDMENT, "ratchet", 1, 0, "protected clauses may be tightened, never loosened"),
  [CIV_PARAM_CEILING] = FRACTION(CIV_RULE_AMENDMENT, "ceiling", -1, CIV_LAW_NULL, true,
                                 "no threshold, nor the quorum, may be set above it"),

  [CIV_PARAM_DISENFRANCHISE_THRESHOLD] =
      FRACTION(CIV_RULE_DISENFRANCHISE, "threshold", 1, 500000, false, "the yes share must exceed it"),
  [CIV_PARAM_MAX_FRACTION] = FRACTION(CIV_RULE_DISENFRANCHISE, "max_fraction", -1, CIV_LAW_NULL, true,
                                      "most of the founding citizens that may be without franchise"),
  [CIV_PARAM_REQUIRES_FINDING] = BOOLEAN(CIV_RULE_DISENFRANCHISE, "requires_finding", 1, 0,
                                         "only a citizen with a recorded breach can be removed"),
  [CIV_PARAM_TARGET_VOTES] =
      BOOLEAN(CIV_RULE_DISENFRANCHISE, "target_votes", 0, 1, "false: the target's vote is refused"),
  [CIV_PARAM_DISENFRANCHISE_TERM] = INTEGER(CIV_RULE_DISENFRANCHISE, "term", -1, CIV_LAW_NULL, 1, true,
                                            "turns until the franchise returns; null = never"),

  [CIV_PARAM_ROLES_THRESHOLD] =
      FRACTION(CIV_RULE_ROLES, "threshold", 1, 500000, false, "granting an office: the yes share must exceed it"),
  [CIV_PARAM_RECALL_THRESHOLD] = FRACTION(CIV_RULE_ROLES, "recall_threshold", -1, 500000, false,
                                          "recalling a holder: raising it protects officers"),
  [CIV_PARAM_ROLES_TERM] = INTEGER(CIV_RULE_ROLES, "term", -1, CIV_LAW_NULL, 1, true, "turns in office; null = no end"),
  [CIV_PARAM_MAX_PER_CITIZEN] =
      INTEGER(CIV_RULE_ROLES, "max_per_citizen", -1, CIV_LAW_NULL, 1, true, "offices one citizen may hold"),
  [CIV_PARAM_TREASURER_LIMIT] = FRACTION(CIV_RULE_ROLES, "treasurer_limit", -1, 50000, false,
                                         "share of the treasury the treasurer may move in a turn without a vote"),
  [CIV_PARAM_REGISTRAR_TERM] = INTEGER(CIV_RULE_ROLES, "registrar_term", -1, 2, 0, false,
                                       "turns for which the registrar suspends a vote; 0 = no such power"),
  [CIV_PARAM_REGISTRAR_COOLDOWN] =
      INTEGER(CIV_RULE_ROLES, "registrar_cooldown", 1, 5, 0, false, "turns between two suspensions"),

  [CIV_PARAM_TRANSFER_ENABLED] = BOOLEAN(CIV_RULE_TRANSFER, "enabled", 0, 1, "citizens may give money to each other"),
  [CIV_PARAM_DISCLOSURE] = BOOLEAN(CIV_RULE_TRANSFER, "disclosure", 1, 0,
                                   "votes of people paid by those who profit from the proposal are void"),

  [CIV_PARAM_FLOOR_AMOUNT] =
      CREDITS(CIV_RULE_FLOOR, "amount", 0, 10, "the balance below which the polity lets nobody fall"),
  [CIV_PARAM_TOP_UP] = BOOLEAN(CIV_RULE_FLOOR, "top_up", 0, 1, "the treasury lifts those below the floor"),
  [CIV_PARAM_FLOOR_PRIORITY] = WORD(CIV_RULE_FLOOR, "priority", 1, priority_words,
                                    "before_spend: a payment may not touch what present shortfalls need"),
  [CIV_PARAM_RESERVE_FRACTION] = FRACTION(CIV_RULE_FLOOR, "reserve_fraction", 1, 0, false,
                                          "share of the initial treasury that payments may not touch"),
};

enum { MILLION = 1000000, MOST_INTEGER = 1000 };

civ_law civ_law_default(void)
{
  civ_law law = { .protected_rules = 0 };
  for (int k = 0; k < CIV_PARAMS; k++)
    law.value[k] = civ_param_forms[k].otherwise;
  return law;
}

int civ_law_direction(civ_param param, int64_t old, int64_t value)
{
  const int sign = civ_param_forms[param].sign;
  if (sign == 0 || old == value)
    return 0;
  /* No limit is looser than any: null stands beyond the loose end. */
  const int64_t null_stands_for = sign < 0 ? INT64_MAX : INT64_MIN;
  const int64_t from = old == CIV_LAW_NULL ? null_stands_for : old;
  const int64_t to = value == CIV_LAW_NULL ? null_stands_for : value;
  return to > from ? sign : -sign;
}

civ_param civ_param_find(civ_rule rule, const char *name)
{
  for (int k = 0; k < CIV_PARAMS; k++)
    if (civ_param_forms[k].rule == rule && strcmp(civ_param_forms[k].name, name) == 0)
      return (civ_param)k;
  return CIV_NO_PARAM;
}

civ_rule civ_rule_find(const char *name)
{
  for (int k = 0; k < CIV_RULES; k++)
    if (strcmp(civ_rule_names[k], name) == 0)
      return (civ_rule)k;
  return CIV_NO_RULE;
}

static bool number_of(const civ_node *value, double *out)
{
  if (value->kind == CIV_NODE_INTEGER)
    *out = (double)value->integer;
  else if (value->kind == CIV_NODE_REAL)
    *out = value->real;
  else
    return false;
  return isfinite(*out);
}

static int64_t read_word(const char *const *words, const civ_node *value)
{
  if (value->kind == CIV_NODE_TEXT)
    for (int64_t k = 0; words[k] != NULL; k++)
      if (strcmp(words[k], value->text) == 0)
        return k;
  return CIV_LAW_ILL;
}

int64_t civ_param_read(civ_param param, const civ_node *value)
{
  const civ_param_form *form = &civ_param_forms[param];
  double x;
  if (value->kind == CIV_NODE_NULL)
    return form->nullable ? CIV_LAW_NULL : CIV_LAW_ILL;
  if (form->kind == CIV_PARAM_BOOL)
    return value->kind == CIV_NODE_BOOLEAN ? value->boolean : CIV_LAW_ILL;
  if (form->kind == CIV_PARAM_WORD)
    return read_word(form->words, value);
  if (!number_of(value, &x))
    return CIV_LAW_ILL;
  switch (form->kind) {
  case CIV_PARAM_FRACTION:
    /* A share that rounds to the whole is none. */
    return x >= 0 && x < 1 && llround(x * MILLION) < MILLION ? llround(x * MILLION) : CIV_LAW_ILL;
  case CIV_PARAM_CREDITS:
    return x >= 0 && x <= MILLION ? llround(x * MILLION) : CIV_LAW_ILL;
  default:
    return x >= (double)form->least && x <= MOST_INTEGER && x == floor(x) ? (int64_t)x : CIV_LAW_ILL;
  }
}

void civ_param_write(civ_buffer *out, civ_param param, int64_t value)
{
  const civ_param_form *form = &civ_param_forms[param];
  if (value == CIV_LAW_NULL || value == CIV_LAW_ILL)
    civ_buffer_text(out, "null");
  else if (form->kind == CIV_PARAM_BOOL)
    civ_buffer_text(out, value != 0 ? "true" : "false");
  else if (form->kind == CIV_PARAM_WORD)
    civ_buffer_json_text(out, form->words[value], strlen(form->words[value]));
  else if (form->kind == CIV_PARAM_INTEGER)
    civ_buffer_integer(out, value);
  else
    civ_micro_write(out, value);
}

void civ_micro_write(civ_buffer *out, int64_t micro)
{
  if (micro % MILLION == 0)
    civ_buffer_integer(out, micro / MILLION);
  else
    civ_buffer_real(out, (double)micro / MILLION);
}
