#include "selfplay/kernel.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"

/* --- the naive constitution -------------------------------------------------------------------------------------------- */

/* Texts hold for any parameters: guards and amendments change the numbers, not the words. */
static const civ_clause naive_clauses[CIV_RULES] = {
  { .rule = CIV_RULE_FRANCHISE,
    .id = "K1.franchise",
    .title = "Franchise",
    .text = "Every founding citizen may vote and may propose." },
  { .rule = CIV_RULE_PROPOSAL,
    .id = "K2.proposal",
    .title = "Proposals",
    .text = "Any citizen with the franchise may open proposals; each is voted on for a fixed number of turns." },
  { .rule = CIV_RULE_QUORUM,
    .id = "K3.quorum",
    .title = "Quorum",
    .text = "A proposal fails unless enough citizens have voted on it." },
  { .rule = CIV_RULE_SPEND,
    .id = "K4.spend",
    .title = "Public money",
    .text = "The treasury pays what the votes approve, to the public or to a citizen, within the bounds set here." },
  { .rule = CIV_RULE_AMENDMENT,
    .id = "K5.amendment",
    .title = "Amendments",
    .text = "Any parameter of this constitution may be changed by vote, within the bounds set here." },
  { .rule = CIV_RULE_DISENFRANCHISE,
    .id = "K6.disenfranchise",
    .title = "Loss of the franchise",
    .text = "A citizen may lose the franchise by vote, under the conditions set here." },
  { .rule = CIV_RULE_ROLES,
    .id = "K7.roles",
    .title = "Offices",
    .text =
        "A treasurer, a speaker and a registrar are granted and recalled by vote; their powers end where this says." },
  { .rule = CIV_RULE_TRANSFER,
    .id = "K8.transfer",
    .title = "Gifts",
    .text = "What citizens may give to each other, and what comes of votes that were paid for." },
  { .rule = CIV_RULE_FLOOR,
    .id = "K9.floor",
    .title = "Floor",
    .text =
        "The treasury lifts whoever falls below the floor, as far as it reaches and before or after its payments." },
};

civ_status civ_kernel_naive(civ_kernel *out)
{
  civ_kernel k = { .name = "commonwealth",
                   .version = "0.1.0",
                   .preamble = "We, the founding citizens, hold the treasury in common.",
                   .law = civ_law_default() };
  for (int r = 0; r < CIV_RULES; r++) {
    k.clauses[r] = naive_clauses[r];
    k.clause_of[r] = (uint8_t)r;
  }
  k.law.protected_rules = 1u << CIV_RULE_FRANCHISE | 1u << CIV_RULE_QUORUM | 1u << CIV_RULE_SPEND |
                          1u << CIV_RULE_AMENDMENT | 1u << CIV_RULE_DISENFRANCHISE | 1u << CIV_RULE_FLOOR;
  const civ_status status = civ_kernel_digest(&k);
  if (status == CIV_OK)
    *out = k;
  return status;
}

/* --- digest ----------------------------------------------------------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
  return strcmp(civ_param_forms[*(const uint8_t *)a].name, civ_param_forms[*(const uint8_t *)b].name);
}

/* The parameters of a rule in alphabetical order. */
static uint32_t sorted_params(civ_rule rule, uint8_t out[CIV_PARAMS])
{
  uint32_t n = 0;
  for (uint8_t p = 0; p < CIV_PARAMS; p++)
    if (civ_param_forms[p].rule == rule)
      out[n++] = p;
  qsort(out, n, sizeof *out, by_name);
  return n;
}

/* One clause of the law in canonical form: keys sorted, no spaces. */
static void write_canonical(civ_buffer *out, const civ_kernel *k, const civ_clause *clause)
{
  uint8_t params[CIV_PARAMS];
  const uint32_t n = sorted_params(clause->rule, params);
  civ_buffer_text(out, "{\"id\":");
  civ_buffer_json_text(out, clause->id, strlen(clause->id));
  civ_buffer_text(out, ",\"params\":{");
  for (uint32_t i = 0; i < n; i++) {
    civ_buffer_format(out, "%s\"%s\":", i > 0 ? "," : "", civ_param_forms[params[i]].name);
    civ_param_write(out, params[i], k->law.value[params[i]]);
  }
  civ_buffer_format(out, "},\"protected\":%s,\"rule\":\"%s\"}",
                    (k->law.protected_rules >> clause->rule & 1) != 0 ? "true" : "false", civ_rule_names[clause->rule]);
}

civ_status civ_kernel_digest(civ_kernel *kernel)
{
  civ_buffer text = { 0 };
  civ_buffer_text(&text, "[");
  for (int c = 0; c < CIV_RULES; c++) {
    if (c > 0)
      civ_buffer_text(&text, ",");
    write_canonical(&text, kernel, &kernel->clauses[c]);
  }
  civ_buffer_text(&text, "]");
  const bool failed = text.failed;
  if (!failed)
    civ_sha256_hex(text.data, text.length, kernel->digest);
  civ_buffer_free(&text);
  return failed ? CIV_E_NOMEM : CIV_OK;
}

/* --- the document ------------------------------------------------------------------------------------------------------------ */

static void write_text(civ_buffer *out, const char *key, const char *text)
{
  if (text == NULL)
    return;
  civ_buffer_format(out, "%s: ", key);
  civ_yaml_text(out, text, strlen(text));
  civ_buffer_text(out, "\n");
}

static void write_clause(civ_buffer *out, const civ_kernel *k, const civ_clause *clause)
{
  if (clause->comment != NULL)
    civ_buffer_format(out, "  # %s\n", clause->comment);
  write_text(out, "  - id", clause->id);
  write_text(out, "    title", clause->title);
  write_text(out, "    text", clause->text);
  civ_buffer_format(out, "    rule: %s\n", civ_rule_names[clause->rule]);
  civ_buffer_format(out, "    protected: %s\n", (k->law.protected_rules >> clause->rule & 1) != 0 ? "true" : "false");
  bool any = false;
  for (int p = 0; p < CIV_PARAMS; p++) {
    if (civ_param_forms[p].rule != clause->rule || k->law.value[p] == civ_param_forms[p].otherwise)
      continue;
    civ_buffer_format(out, "%s      %s: ", any ? "" : "    params:\n", civ_param_forms[p].name);
    civ_param_write(out, (civ_param)p, k->law.value[p]);
    if (k->provenance[p] != NULL)
      civ_buffer_format(out, " # %s", k->provenance[p]);
    civ_buffer_text(out, "\n");
    any = true;
  }
  if (!any)
    civ_buffer_text(out, "    params: {}\n");
}

void civ_kernel_write(civ_buffer *out, const civ_kernel *kernel)
{
  write_text(out, "name", kernel->name);
  write_text(out, "version", kernel->version);
  write_text(out, "preamble", kernel->preamble);
  civ_buffer_text(out, "clauses:\n");
  for (int c = 0; c < CIV_RULES; c++)
    write_clause(out, kernel, &kernel->clauses[c]);
}
