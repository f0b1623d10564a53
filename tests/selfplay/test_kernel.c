/* Constitutions as data: what is read, what is refused and with which sentence, and that writing gives back what was read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"
#include "selfplay/kernel.h"

static const char naive_digest[] = "ca91ed2a21cb443a59d820608c022f9f2ad1001fe0ebeed1e7fa72e659876661";
static const char hardened_digest[] = "8e6951bea30d2f344dbd3ca17f221e18a23d799e9f2ab5ba7202dd9cefefd69a";

static civ_kernel naive(void)
{
  civ_kernel k;
  assert_int_equal(civ_kernel_naive(&k), CIV_OK);
  return k;
}

static void set(civ_kernel *k, civ_param param, int64_t value)
{
  assert_true(k->law.value[param] != value);
  k->law.value[param] = value;
}

/* --- digest ------------------------------------------------------------------------------------------------------------ */

static void digests_are_the_golden_ones(void **state)
{
  (void)state;
  civ_kernel k = naive();
  assert_string_equal(k.digest, naive_digest);
  set(&k, CIV_PARAM_COOLDOWN, 1);
  set(&k, CIV_PARAM_QUORUM_BASE, 1);
  set(&k, CIV_PARAM_QUORUM_FRACTION, 500000);
  set(&k, CIV_PARAM_WINDOW_CAP_FRACTION, 50000);
  set(&k, CIV_PARAM_PRIVATE_CAP_FRACTION, 20000);
  set(&k, CIV_PARAM_SELF_DEALING, 2);
  set(&k, CIV_PARAM_AMENDMENT_THRESHOLD, 600000);
  set(&k, CIV_PARAM_PROTECTED_THRESHOLD, 750000);
  set(&k, CIV_PARAM_DELAY, 5);
  set(&k, CIV_PARAM_RETRY, 15);
  set(&k, CIV_PARAM_RATCHET, 1);
  set(&k, CIV_PARAM_CEILING, 750000);
  set(&k, CIV_PARAM_MAX_FRACTION, 200000);
  set(&k, CIV_PARAM_REQUIRES_FINDING, 1);
  set(&k, CIV_PARAM_ROLES_TERM, 15);
  set(&k, CIV_PARAM_MAX_PER_CITIZEN, 1);
  set(&k, CIV_PARAM_REGISTRAR_COOLDOWN, 15);
  set(&k, CIV_PARAM_REGISTRAR_TERM, 0);
  k.law.protected_rules |= 1u << CIV_RULE_ROLES;
  set(&k, CIV_PARAM_DISCLOSURE, 1);
  set(&k, CIV_PARAM_FLOOR_PRIORITY, 1);
  set(&k, CIV_PARAM_RESERVE_FRACTION, 200000);
  assert_int_equal(civ_kernel_digest(&k), CIV_OK);
  assert_string_equal(k.digest, hardened_digest);
}

static void words_and_comments_are_not_law(void **state)
{
  (void)state;
  civ_kernel k = naive();
  k.clauses[2].text = "Other words.";
  k.preamble = NULL;
  k.version = "9.9.9";
  assert_int_equal(civ_kernel_digest(&k), CIV_OK);
  assert_string_equal(k.digest, naive_digest);
  k.clauses[2].id = "Q";
  assert_int_equal(civ_kernel_digest(&k), CIV_OK);
  assert_string_not_equal(k.digest, naive_digest);
}

/* --- directions ------------------------------------------------------------------------------------------------------------ */

static void every_parameter_has_its_tighter_side(void **state)
{
  (void)state;
  assert_int_equal(civ_law_direction(CIV_PARAM_CAP_FRACTION, 300000, CIV_LAW_NULL), -1);
  assert_int_equal(civ_law_direction(CIV_PARAM_CAP_FRACTION, CIV_LAW_NULL, 999999), 1);
  assert_int_equal(civ_law_direction(CIV_PARAM_PROTECTED_THRESHOLD, CIV_LAW_NULL, 0), 1);
  assert_int_equal(civ_law_direction(CIV_PARAM_PROTECTED_THRESHOLD, 0, CIV_LAW_NULL), -1);
  assert_int_equal(civ_law_direction(CIV_PARAM_RECALL_THRESHOLD, 500000, 600000), -1);
  assert_int_equal(civ_law_direction(CIV_PARAM_SELF_DEALING, 0, 1), 1);
  assert_int_equal(civ_law_direction(CIV_PARAM_TRANSFER_ENABLED, 1, 0), 0);
  assert_int_equal(civ_law_direction(CIV_PARAM_BOND, 5000000, 0), -1);
  for (int p = 0; p < CIV_PARAMS; p++) {
    assert_int_equal(civ_law_direction((civ_param)p, 7, 7), 0);
    assert_int_equal(civ_law_direction((civ_param)p, 1, 2), -civ_law_direction((civ_param)p, 2, 1));
  }
}

/* --- writing and reading ------------------------------------------------------------------------------------------------------ */

static civ_status read_text(const char *text, size_t length, civ_arena *arena, civ_kernel *out, civ_error *err)
{
  return civ_kernel_read(text, length, "k.yaml", arena, out, err);
}

/* A value of the parameter that its range allows, by a number. */
static int64_t some_value(const civ_param_form *form, uint64_t x)
{
  if (form->nullable && x % 3 == 0)
    return CIV_LAW_NULL;
  switch (form->kind) {
  case CIV_PARAM_FRACTION:
    return (int64_t)(x % 1000000);
  case CIV_PARAM_INTEGER:
    return form->least + (int64_t)(x % (uint64_t)(1001 - form->least));
  case CIV_PARAM_CREDITS:
    return (int64_t)(x % 1000000000001u);
  case CIV_PARAM_BOOL:
    return (int64_t)(x % 2);
  default:
    return form->words[1] != NULL ? (int64_t)(x % 2) : 0;
  }
}

static void what_is_written_reads_back(void **state)
{
  (void)state;
  for (uint64_t round = 0; round < 300; round++) {
    civ_kernel k = naive(), back;
    civ_buffer text = { 0 };
    civ_arena arena = civ_arena_create(NULL);
    for (int p = 0; p < CIV_PARAMS; p++)
      k.law.value[p] = some_value(&civ_param_forms[p], civ_digest_mix(round, (uint64_t)p, 1) >> 8);
    k.law.protected_rules = (uint16_t)(civ_digest_mix(round, 0, 2) % 512);
    k.provenance[CIV_PARAM_DELAY] = "EXP-004";
    k.clauses[6].comment = "protected: EXP-005";
    k.clauses[3].text = "A text: with \"quotes\" and # signs";
    assert_int_equal(civ_kernel_digest(&k), CIV_OK);
    civ_kernel_write(&text, &k);
    civ_error err = { 0 };
    if (read_text(text.data, text.length, &arena, &back, &err) != CIV_OK)
      fail_msg("%s: %s\n%.*s", err.where, err.text, (int)text.length, text.data);
    assert_memory_equal(&back.law, &k.law, sizeof k.law);
    assert_string_equal(back.digest, k.digest);
    assert_string_equal(back.clauses[3].text, k.clauses[3].text);
    assert_string_equal(back.name, k.name);
    civ_buffer_free(&text);
    civ_arena_destroy(&arena);
  }
}

/* --- broken documents ---------------------------------------------------------------------------------------------------------- */

#define CLAUSE(id, rule, more) "  - {id: " id ", rule: " rule ", params: {" more "}}\n"
#define FIRST                  "name: n\nclauses:\n"
#define K1                     CLAUSE("K1", "franchise", "")
#define K2(more)               CLAUSE("K2", "proposal", more)
#define K3(more)               CLAUSE("K3", "quorum", more)
#define K4(more)               CLAUSE("K4", "spend", more)
#define K5(more)               CLAUSE("K5", "amendment", more)
#define K6(more)               CLAUSE("K6", "disenfranchise", more)
#define K7(more)               CLAUSE("K7", "roles", more)
#define K8(more)               CLAUSE("K8", "transfer", more)
#define K9(more)               CLAUSE("K9", "floor", more)
#define REST                   K5("") K6("") K7("") K8("") K9("")

static const struct {
  const char *text, *where, *message;
} broken[] = {
  { "", "k.yaml", "a kernel is a mapping with name, version and clauses, not null" },
  { "- a\n", "k.yaml:1:1", "a kernel is a mapping with name, version and clauses, not a list" },
  { "clauses: []\n", "k.yaml:1:1", "the kernel has no name; add a line such as name: commonwealth" },
  { "name: [n]\n", "k.yaml:1:7", "name is a text, not a list" },
  { "name: n\n", "k.yaml:1:1", "a kernel needs clauses: a list with one clause for each rule" },
  { "name: n\nclauses: 3\n", "k.yaml:2:10", "a kernel needs clauses: a list with one clause for each rule" },
  { "name: n\nclause: []\n", "k.yaml:2:1", "a kernel has no key 'clause'; did you mean 'clauses'?" },
  { "name: n\nname: m\n", "k.yaml:2:1", NULL },
  { "name: n\nversion: 0.1\n", "k.yaml:2:10", "the version 0.1 is not MAJOR.MINOR.PATCH, such as 0.1.0" },
  { "name: n\nversion: 1.02.3\n", "k.yaml:2:10", "the version 1.02.3 is not MAJOR.MINOR.PATCH, such as 0.1.0" },
  { "name: n\nversion: 1.2.3-beta\n", "k.yaml:2:10", "the version 1.2.3-beta is not MAJOR.MINOR.PATCH, such as 0.1.0" },
  { "name: n\nversion: 1.2.3\nsemver: 1.2.3\n", "k.yaml:3:9", "version is given already at line 2; drop semver" },
  { FIRST "  - 3\n", "k.yaml:3:5", "a clause is a mapping with id, rule and params, not 3" },
  { FIRST "  - {rule: spend}\n", "k.yaml:3:5", "clause 1 has no id; add one such as K1.name" },
  { FIRST K1 "  - {id: K1, rule: spend}\n", "k.yaml:4:5", "the id K1 stands twice; every clause has an id of its own" },
  { FIRST "  - {id: K1}\n", "k.yaml:3:5",
    "K1 has no rule; add one of franchise, proposal, quorum, spend, amendment, disenfranchise, roles, transfer, "
    "floor" },
  { FIRST "  - {id: K1, rule: franchize}\n", "k.yaml:3:20",
    "K1: there is no rule 'franchize'; did you mean 'franchise'?" },
  { FIRST "  - {id: K1, rule: 7}\n", "k.yaml:3:20", "K1: there is no rule 7" },
  { FIRST K1 K2("") "  - {id: K3, rule: proposal}\n", "k.yaml:4:20",
    "the rule proposal stands here and at line 5; each rule has exactly one clause" },
  { FIRST K1, "k.yaml:3:3", "the rule proposal has no clause; each of the nine rules has exactly one" },
  { FIRST K1 K2("") K3("") K4("") REST "  - {id: K10, rule: floor}\n", "k.yaml:12:5",
    "more than 9 clauses; each of the nine rules has exactly one" },
  { FIRST "  - {id: K1, rule: franchise, colour: red}\n", "k.yaml:3:31", "a clause has no key 'colour'" },
  { FIRST "  - {id: K1, rule: franchise, protected: 1}\n", "k.yaml:3:42", "K1: protected is true or false, not 1" },
  { FIRST "  - {id: K1, rule: franchise, params: [1]}\n", "k.yaml:3:39",
    "K1: params is a mapping of parameters, not a list" },
  { FIRST K1 K2("bnd: 1"), "k.yaml:4:39", "K2: the rule proposal has no parameter 'bnd'; did you mean 'bond'?" },
  { FIRST K1 K2("voting_window: 0"), "k.yaml:4:54",
    "K2: voting_window is 0; it must be a whole number from 1 to 1000" },
  { FIRST K1 K2("max_open_per_citizen: 1001"), "k.yaml:4:61",
    "K2: max_open_per_citizen is 1001; it must be a whole number from 1 to 1000, or null" },
  { FIRST K1 K2("bond: -1"), "k.yaml:4:45", "K2: bond is -1; it must be an amount from 0 to 1000000 credits" },
  { FIRST K1 K2("bond: .nan"), "k.yaml:4:45", "K2: bond is .nan; it must be an amount from 0 to 1000000 credits" },
  { FIRST K1 K2("") K3("fraction: 1"), "k.yaml:5:47",
    "K3: fraction is 1; it must be a share of at least 0 and below 1" },
  { FIRST K1 K2("") K3("fraction: null"), "k.yaml:5:47",
    "K3: fraction is null; it must be a share of at least 0 and below 1" },
  { FIRST K1 K2("") K3("base: everybody"), "k.yaml:5:43",
    "K3: base is 'everybody'; it must be one of: enfranchised, founding" },
  { FIRST K1 K2("") K3("") K4("cap_fraction: '0.1'"), "k.yaml:6:51",
    "K4: cap_fraction is '0.1'; it must be a share of at least 0 and below 1, or null" },
  { FIRST K1 K2("") K3("") K4("") K5("ratchet: 1"), "k.yaml:7:49", "K5: ratchet is 1; it must be true or false" },
};

static void every_broken_document_is_told_in_one_sentence(void **state)
{
  (void)state;
  for (size_t k = 0; k < sizeof broken / sizeof *broken; k++) {
    civ_arena arena = civ_arena_create(NULL);
    civ_kernel out = { .name = "untouched" };
    civ_error err = { 0 };
    const civ_status status = read_text(broken[k].text, strlen(broken[k].text), &arena, &out, &err);
    if (status == CIV_OK || strcmp(err.where, broken[k].where) != 0 ||
        (broken[k].message != NULL && strcmp(err.text, broken[k].message) != 0))
      fail_msg("document %zu: expected\n  %s: %s\ngot\n  %s: %s", k, broken[k].where, broken[k].message, err.where,
               err.text);
    assert_string_equal(out.name, "untouched");
    civ_arena_destroy(&arena);
  }
}

static void shares_are_whole_to_the_last_unit(void **state)
{
  (void)state;
  assert_int_equal(civ_share(1000000000, 50000), 50000000);
  assert_int_equal(civ_share(875500000, 50000), 43775000);
  assert_int_equal(civ_share(3, 333333), 0);
  assert_int_equal(civ_share(INT64_MAX, 1000000), INT64_MAX);
  assert_int_equal(civ_share(0, 999999), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(digests_are_the_golden_ones),
    cmocka_unit_test(words_and_comments_are_not_law),
    cmocka_unit_test(every_parameter_has_its_tighter_side),
    cmocka_unit_test(what_is_written_reads_back),
    cmocka_unit_test(every_broken_document_is_told_in_one_sentence),
    cmocka_unit_test(shares_are_whole_to_the_last_unit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
