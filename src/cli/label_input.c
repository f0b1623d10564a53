/* label_input.c - input and rules of the commands label, metrics and fixture. */
#include "cli/label_input.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/field.h"
#include "base/file.h"
#include "base/names.h"

civ_cli_rules civ_cli_rules_default(void)
{
  return (civ_cli_rules){ civ_proxy_default(), civ_proxy_weights_default(), civ_payoff_default(),
                          civ_metrics_default() };
}

typedef struct target {
  const civ_section *section;
  void *values;
} target;
enum { TARGETS = 4 };

static void list_targets(civ_cli_rules *rules, target targets[TARGETS])
{
  targets[0] = (target){ &civ_proxy_section, &rules->proxy };
  targets[1] = (target){ &civ_proxy_weights_section, &rules->weights };
  targets[2] = (target){ &civ_payoff_section, &rules->payoff };
  targets[3] = (target){ &civ_metrics_section, &rules->metrics };
}

/* Field that a path names, or NULL with the nearest path in `nearest`. */
static const civ_field *find(const target *targets, const char *path, void **values, char *nearest, size_t size)
{
  civ_name_search search = civ_name_search_for(path);
  nearest[0] = '\0';
  for (int t = 0; t < TARGETS; ++t) {
    const civ_section *section = targets[t].section;
    for (uint32_t k = 0; k < section->n_fields; ++k) {
      char full[96];
      snprintf(full, sizeof full, "%s.%s", section->name, section->fields[k].name);
      if (strcmp(full, path) == 0) {
        *values = targets[t].values;
        return &section->fields[k];
      }
      civ_name_offer(&search, full);
      if (search.best == full) { /* the offered text lives only in this turn of the loop */
        snprintf(nearest, size, "%s", full);
        search.best = nearest;
      }
    }
  }
  return NULL;
}

civ_status civ_cli_rules_override(civ_cli_rules *rules, const char *setting, civ_error *err)
{
  const char *equals = strchr(setting, '=');
  char path[96], nearest[96];
  if (equals == NULL || equals == setting || (size_t)(equals - setting) >= sizeof path)
    return civ_fail(err, CIV_E_SYNTAX, setting, "not of the form PATH=VALUE, such as payoff.h=3");
  snprintf(path, sizeof path, "%.*s", (int)(equals - setting), setting);
  target targets[TARGETS];
  list_targets(rules, targets);
  void *values = NULL;
  const civ_field *field = find(targets, path, &values, nearest, sizeof nearest);
  if (field == NULL && nearest[0] != '\0')
    return civ_fail(err, CIV_E_KEY, path, "unknown here; did you mean '%s'?", nearest);
  if (field == NULL)
    return civ_fail(err, CIV_E_KEY, path,
                    "unknown here; known are the keys of proxy, proxy.weights, payoff and metrics");
  civ_arena arena = civ_arena_create(NULL);
  civ_complaint complaint = { 0 };
  civ_node node = civ_node_scalar(equals + 1, strlen(equals + 1), true);
  civ_status status = civ_field_set(field, values, &node, &arena, &complaint);
  civ_arena_destroy(&arena);
  if (status != CIV_OK)
    return civ_fail(err, status, path, "%s", complaint.text);
  if (values == &rules->payoff && strcmp(field->name, "sigmoid_k") == 0)
    rules->proxy.sigmoid_k = rules->payoff.sigmoid_k;
  return CIV_OK;
}

civ_status civ_cli_rules_set(civ_cli_rules *rules, const char *const *settings, uint32_t n, civ_error *err)
{
  civ_status status = CIV_OK;
  for (uint32_t k = 0; k < n && status == CIV_OK; ++k)
    status = civ_cli_rules_override(rules, settings[k], err);
  return status;
}

/* The object at a dotted name; NULL = none. */
static const json_t *object_at(const json_t *root, const char *name)
{
  char part[64];
  for (const char *at = name; root != NULL && *at != '\0';) {
    size_t length = strcspn(at, ".");
    snprintf(part, sizeof part, "%.*s", (int)length, at);
    root = json_object_get(root, part);
    at += length + (at[length] == '.');
  }
  return root;
}

civ_status civ_cli_rules_from_config(civ_cli_rules *rules, const json_t *config, civ_error *err)
{
  target targets[TARGETS];
  list_targets(rules, targets);
  for (int t = 0; t < TARGETS; ++t) {
    const json_t *values = object_at(config, targets[t].section->name);
    for (uint32_t k = 0; k < targets[t].section->n_fields; ++k) {
      const civ_field *field = &targets[t].section->fields[k];
      const json_t *value = json_object_get(values, field->name);
      if (field->kind != CIV_FIELD_REAL || !json_is_number(value))
        continue;
      double x = json_number_value(value);
      memcpy((char *)targets[t].values + field->offset, &x, sizeof x);
    }
  }
  civ_status status = civ_payoff_check(&rules->payoff, err);
  return status == CIV_OK ? civ_metrics_check(&rules->metrics, err) : status;
}

static civ_status read_stdin(char **text, size_t *length, civ_error *err)
{
  civ_buffer all = { 0 };
  char piece[65536];
  size_t got;
  while ((got = fread(piece, 1, sizeof piece, stdin)) > 0)
    civ_buffer_add(&all, piece, got);
  if (ferror(stdin)) {
    int code = errno;
    civ_buffer_free(&all);
    return civ_fail(err, CIV_E_IO, "standard input", "cannot be read: %s", strerror(code));
  }
  *text = civ_buffer_take(&all, length);
  if (*text == NULL) {
    civ_buffer_free(&all);
    return civ_fail(err, CIV_E_NOMEM, "standard input", "no memory to read it");
  }
  return CIV_OK;
}

civ_status civ_cli_read_input(const char *path, char **text, size_t *length, civ_error *err)
{
  if (strcmp(path, "-") == 0)
    return read_stdin(text, length, err);
  return civ_file_read(path, SIZE_MAX, text, length, err);
}
