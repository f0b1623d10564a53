#include "records.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

uint32_t conformance_number(conformance_roll *r, const char *name)
{
  for (uint32_t k = 0; k < r->n; k++)
    if (strcmp(r->names[k], name) == 0)
      return k;
  if (r->n == r->room) {
    r->room = r->room * 2 + 16;
    r->names = realloc(r->names, r->room * sizeof *r->names);
  }
  r->names[r->n] = name;
  return r->n++;
}

json_t *conformance_written_out(const json_t *list)
{
  json_t *all = json_array(), *entry;
  size_t i;
  const json_t *repeat = json_object_get(list, "repeat");
  if (repeat == NULL) {
    json_array_extend(all, (json_t *)list);
    return all;
  }
  json_array_foreach((json_t *)repeat, i, entry)
  {
    for (json_int_t k = json_integer_value(json_array_get(entry, 0)); k > 0; k--)
      json_array_append(all, json_array_get(entry, 1));
  }
  return all;
}

civ_interaction conformance_record(conformance_roll *r, const json_t *o, uint64_t id)
{
  civ_interaction record = civ_interaction_default();
  record.id = id;
  record.initiator = conformance_number(r, civ_json_text(o, "a", "a"));
  record.counterparty = conformance_number(r, civ_json_text(o, "b", "b"));
  record.accepted = civ_json_bool(o, "accepted", true);
  record.p = civ_json_real(o, "p", 0.5);
  record.tau = civ_json_real(o, "tau", 0);
  record.c_a = civ_json_real(o, "c_a", 0);
  record.c_b = civ_json_real(o, "c_b", 0);
  record.r_a = civ_json_real(o, "r_a", 0);
  record.observables.verifier_rejections = (int32_t)civ_json_integer(o, "rej", 0);
  record.observables.tool_misuse_flags = (int32_t)civ_json_integer(o, "mis", 0);
  return record;
}
