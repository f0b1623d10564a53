#include "selfplay/kernel_json.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"

json_t *civ_param_json(civ_param param, int64_t value)
{
  civ_buffer text = { 0 };
  civ_param_write(&text, param, value);
  json_t *json = text.failed ? NULL : json_loadb(text.data, text.length, JSON_DECODE_ANY, NULL);
  civ_buffer_free(&text);
  return json;
}

static json_t *clause_json(const civ_kernel *kernel, const civ_clause *clause)
{
  json_t *params = json_object();
  for (int p = 0; p < CIV_PARAMS; p++)
    if (civ_param_forms[p].rule == clause->rule)
      json_object_set_new(params, civ_param_forms[p].name, civ_param_json((civ_param)p, kernel->law.value[p]));
  return json_pack("{s:s, s:s, s:b, s:o}", "id", clause->id, "rule", civ_rule_names[clause->rule], "protected",
                   (int)(kernel->law.protected_rules >> clause->rule & 1), "params", params);
}

json_t *civ_kernel_json(const civ_kernel *kernel)
{
  json_t *clauses = json_array();
  for (int k = 0; k < CIV_RULES; k++)
    json_array_append_new(clauses, clause_json(kernel, &kernel->clauses[k]));
  return json_pack("{s:s, s:s, s:o}", "name", kernel->name, "version", kernel->version, "clauses", clauses);
}

civ_status civ_kernel_from_json(const json_t *json, const char *digest, const char *where, civ_arena *arena,
                                civ_kernel *out, civ_error *err)
{
  civ_buffer text = { 0 };
  civ_kernel kernel;
  if (!json_is_object(json))
    return civ_fail(err, CIV_E_FORMAT, where, "the law itself belongs here; there is none");
  civ_json_write(&text, json, 1); /* a JSON document is a YAML document: the kernel's own reader checks it */
  const civ_status status = text.failed ? civ_fail(err, CIV_E_NOMEM, where, "out of memory")
                                        : civ_kernel_read(text.data, text.length, where, arena, &kernel, err);
  civ_buffer_free(&text);
  if (status != CIV_OK)
    return status;
  if (strcmp(kernel.digest, digest) != 0)
    return civ_fail(err, CIV_E_FORMAT, where,
                    "its digest is %.16s and not the %.16s that stands beside it; one of "
                    "them was changed",
                    kernel.digest, *digest != '\0' ? digest : "(none)");
  *out = kernel;
  return CIV_OK;
}
