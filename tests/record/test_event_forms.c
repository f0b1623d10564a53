/* The table of event forms: whole, consistent, and documented. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "civitas/log.h"
#include "sample_run.h"

static void every_form_is_whole(void **state)
{
  (void)state;
  for (int t = 0; t < CIV_EVENT_BUILT_IN; t++) {
    const civ_event_form *f = &civ_event_forms[t];
    assert_non_null(f->name);
    assert_non_null(f->members);
    assert_true(f->doc[0] != '\0');
    assert_int_equal(civ_event_type_of(f->name), t); /* no name twice */
    int values = 0, depth = 0;
    for (const civ_member *m = f->members; m->name != NULL; m++) {
      values += m->kind != CIV_MEMBER_OPEN && m->kind != CIV_MEMBER_CLOSE;
      depth += (m->kind == CIV_MEMBER_OPEN) - (m->kind == CIV_MEMBER_CLOSE);
      assert_true(depth >= 0);
    }
    assert_int_equal(depth, 0);
    assert_true(values <= CIV_EVENT_MAX_VALUES);
    assert_true(!(f->flags & CIV_FORM_STEP) || (f->flags & CIV_FORM_EPOCH));
  }
}

static void names_of_parts_are_no_built_in_ones(void **state)
{
  (void)state;
  for (const char *const *n = civ_event_part_names; *n != NULL; n++)
    assert_int_equal(civ_event_type_of(*n), CIV_EVENT_OF_PART);
  assert_int_equal(civ_event_type_of("no_such_event"), CIV_EVENT_UNKNOWN);
  assert_int_equal(civ_event_type_of(""), CIV_EVENT_UNKNOWN);
}

/* The page says every event and every member by name. */
static void the_page_names_everything(void **state)
{
  (void)state;
  size_t length;
  char *page = test_read(CIV_DOCS "/event-log.md", &length), quoted[96];
  assert_non_null(page);
  for (int t = 0; t < CIV_EVENT_BUILT_IN; t++) {
    snprintf(quoted, sizeof quoted, "\n| `%s` | ", civ_event_forms[t].name);
    const char *row = strstr(page, quoted);
    if (row == NULL)
      fail_msg("docs/event-log.md has no row for %s", civ_event_forms[t].name);
    const char *end = strchr(row + 1, '\n');
    for (const civ_member *m = civ_event_forms[t].members; m->name != NULL; m++) {
      snprintf(quoted, sizeof quoted, "`%s`", m->name);
      const char *at = strstr(row, quoted);
      if (m->kind != CIV_MEMBER_CLOSE && (at == NULL || at > end))
        fail_msg("docs/event-log.md: the row of %s lacks %s", civ_event_forms[t].name, m->name);
    }
  }
  for (const char *const *n = civ_event_part_names; *n != NULL; n++) {
    snprintf(quoted, sizeof quoted, "`%s`", *n);
    assert_non_null(strstr(page, quoted));
  }
  free(page);
}

static void outputs_have_a_table(void **state)
{
  (void)state;
  assert_string_equal(civ_outputs_section.name, "outputs");
  assert_int_equal(civ_outputs_section.size, sizeof(civ_outputs_config));
  for (uint32_t k = 0; k < civ_outputs_section.n_fields; k++)
    assert_true(civ_outputs_section.fields[k].doc[0] != '\0');
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_form_is_whole),
    cmocka_unit_test(names_of_parts_are_no_built_in_ones),
    cmocka_unit_test(the_page_names_everything),
    cmocka_unit_test(outputs_have_a_table),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
