/* security_json.c - a report as one line of JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metric/security_inside.h"

static void put_key(civ_buffer *out, const char *key)
{
  if (out->length > 0 && out->data[out->length - 1] != '{')
    civ_buffer_text(out, ", ");
  civ_buffer_json_text(out, key, strlen(key));
  civ_buffer_text(out, ": ");
}

static void put_real(civ_buffer *out, const char *key, double x)
{
  put_key(out, key);
  civ_buffer_real(out, x);
}

static void put_count(civ_buffer *out, const char *key, uint64_t x)
{
  put_key(out, key);
  civ_buffer_integer(out, (int64_t)x);
}

static void put_text(civ_buffer *out, const char *key, const char *text)
{
  put_key(out, key);
  civ_buffer_json_text(out, text, strlen(text));
}

static void put_bool(civ_buffer *out, const char *key, bool x)
{
  put_key(out, key);
  civ_buffer_text(out, x ? "true" : "false");
}

static void put_agents(civ_buffer *out, const char *key, const civ_agent *agents, uint32_t n, const char *const *names)
{
  put_key(out, key);
  civ_buffer_text(out, "[");
  for (uint32_t k = 0; k < n; k++) {
    civ_buffer_text(out, k > 0 ? ", " : "");
    civ_buffer_json_text(out, names[agents[k]], strlen(names[agents[k]]));
  }
  civ_buffer_text(out, "]");
}

static void put_ids(civ_buffer *out, const uint64_t *ids, uint32_t n)
{
  put_key(out, "interaction_ids");
  civ_buffer_text(out, "[");
  for (uint32_t k = 0; k < n; k++)
    civ_buffer_format(out, "%s\"i%llu\"", k > 0 ? ", " : "", (unsigned long long)ids[k]);
  civ_buffer_text(out, "]");
}

static const char *description_of(uint8_t type)
{
  static const char *const texts[CIV_THREAT_TYPES] = { "an interaction with the signs of an injection",
                                                       "misuse of tools that moves data out",
                                                       "one agent works on others to its advantage",
                                                       "a chain of agreements from little trust to much",
                                                       "poor interactions that spread from one agent to many" };
  return texts[type];
}

static void put_threat(civ_buffer *out, const civ_threat *t, const char *const *names)
{
  civ_buffer_text(out, "{");
  put_text(out, "type", civ_threat_names[t->type]);
  put_real(out, "severity", t->severity);
  put_real(out, "confidence", t->confidence);
  put_real(out, "risk", t->risk);
  put_text(out, "source", names[t->source]);
  put_agents(out, "targets", t->targets, t->n_targets, names);
  put_ids(out, t->ids, t->n_ids);
  put_text(out, "description", description_of(t->type));
  put_real(out, "seconds", t->seconds);
  civ_buffer_text(out, "}");
}

static void put_manipulation(civ_buffer *out, const civ_manipulation *m, const char *const *names)
{
  civ_buffer_text(out, "{");
  put_text(out, "manipulator", names[m->manipulator]);
  put_agents(out, "victims", m->victims, m->n_victims, names);
  put_text(out, "technique", m->technique);
  put_real(out, "success_rate", m->success_rate);
  put_real(out, "influence_delta", m->influence_delta);
  put_count(out, "interactions", m->initiated);
  put_ids(out, m->ids, m->n_ids);
  civ_buffer_text(out, "}");
}

static void put_laundering(civ_buffer *out, const civ_laundering *l, const char *const *names)
{
  civ_buffer_text(out, "{");
  put_text(out, "source", names[l->source]);
  put_text(out, "destination", names[l->destination]);
  put_agents(out, "intermediaries", l->between, l->n_between, names);
  put_real(out, "trust_at_origin", l->trust_at_origin);
  put_real(out, "trust_at_destination", l->trust_at_destination);
  put_real(out, "trust_gain", l->trust_gain);
  put_ids(out, l->ids, l->n_ids);
  civ_buffer_text(out, "}");
}

static void put_chain(civ_buffer *out, const civ_chain *c, const char *const *names)
{
  char id[32];
  snprintf(id, sizeof id, "chain_%u", c->number);
  civ_buffer_text(out, "{");
  put_text(out, "chain_id", id);
  put_text(out, "origin", names[c->origin]);
  put_agents(out, "path", c->path, c->n_path, names);
  put_ids(out, c->ids, c->n_ids);
  put_count(out, "depth", c->depth);
  put_count(out, "spread", c->spread);
  put_real(out, "velocity", c->velocity);
  put_bool(out, "contained", c->contained);
  civ_buffer_text(out, "}");
}

/* Which agents the map of scores names: all of a small population, of a large one those with the highest scores. */
static double score_cut(const civ_security_report *r, uint32_t *room)
{
  *room = r->n_agents;
  if (r->n_agents <= CIV_SECURITY_LIST)
    return -1;
  security_top top = { 0 };
  security_instant *items = calloc(CIV_SECURITY_LIST, sizeof *items);
  top.items = items;
  for (uint32_t a = 0; items != NULL && a < r->n_agents; a++) {
    const security_instant item = { .risk = r->scores[a] };
    civ_security_top_offer(&top, &item);
  }
  const double cut = items == NULL ? 2 : items[0].risk;
  *room = 0;
  for (uint32_t k = 0; items != NULL && k < CIV_SECURITY_LIST; k++)
    *room += items[k].risk == cut;
  free(items);
  return cut;
}

static bool enters(double score, double cut, uint32_t *room)
{
  if (score != cut || *room == 0)
    return score > cut;
  (*room)--;
  return true;
}

static void put_scores(civ_buffer *out, const civ_security_report *r, const char *const *names)
{
  uint32_t room, again, n = 0;
  const double cut = score_cut(r, &room);
  again = room;
  put_key(out, "agent_threat_scores");
  civ_buffer_text(out, "{");
  for (uint32_t a = 0; a < r->n_agents; a++)
    if (enters(r->scores[a], cut, &room))
      put_real(out, names[a], r->scores[a]);
  civ_buffer_text(out, "}");
  put_key(out, "agents_flagged");
  civ_buffer_text(out, "[");
  for (uint32_t a = 0; a < r->n_agents; a++)
    if (enters(r->scores[a], cut, &again) && r->scores[a] >= r->flag_threshold) {
      civ_buffer_text(out, n++ > 0 ? ", " : "");
      civ_buffer_json_text(out, names[a], strlen(names[a]));
    }
  civ_buffer_text(out, "]");
  put_count(out, "n_flagged", r->n_flagged);
}

static void put_numbers(civ_buffer *out, const civ_security_report *r)
{
  put_real(out, "ecosystem_threat_level", r->ecosystem_threat_level);
  put_count(out, "active_threat_count", r->active_threats);
  put_count(out, "interactions", r->interactions);
  put_real(out, "prompt_injection_rate", r->prompt_injection_rate);
  put_real(out, "manipulation_rate", r->manipulation_rate);
  put_real(out, "laundering_rate", r->laundering_rate);
  put_bool(out, "laundering_estimated", r->estimated);
  put_count(out, "contagion_depth", r->contagion_depth);
  put_count(out, "exfiltration_attempts", r->counts[CIV_THREAT_EXFILTRATION]);
  put_real(out, "containment_success_rate", r->containment_success_rate);
  put_real(out, "false_positive_rate", r->false_positive_rate);
  put_key(out, "threat_counts");
  civ_buffer_text(out, "{");
  for (int k = 0; k < CIV_THREAT_TYPES; k++)
    put_count(out, civ_threat_names[k], r->counts[k]);
  civ_buffer_text(out, "}");
}

/* Chains keep the highest risk; they stand deepest first, so that the risks of one depth differ by pace alone. */
static void put_chains(civ_buffer *out, const civ_security_report *r, const char *const *names)
{
  bool first = true;
  put_key(out, "chains");
  civ_buffer_text(out, "[");
  uint64_t left = CIV_SECURITY_LIST;
  for (uint64_t k = 0; k < r->counts[CIV_THREAT_CONTAGION] && left > 0; k++, left--) {
    civ_buffer_text(out, first ? "" : ", ");
    put_chain(out, &r->chains[k], names);
    first = false;
  }
  civ_buffer_text(out, "]");
}

#define PUT_LIST(out, key, list, n, put, names)                                                                        \
  do {                                                                                                                 \
    put_key(out, key);                                                                                                 \
    civ_buffer_text(out, "[");                                                                                         \
    for (uint32_t at_ = 0; at_ < (n); at_++) {                                                                         \
      civ_buffer_text(out, at_ > 0 ? ", " : "");                                                                       \
      put(out, &(list)[at_], names);                                                                                   \
    }                                                                                                                  \
    civ_buffer_text(out, "]");                                                                                         \
  } while (0)

void civ_security_report_json(civ_buffer *out, const civ_security_report *r, const char *const *names)
{
  civ_buffer_text(out, "{");
  put_numbers(out, r);
  put_scores(out, r, names);
  PUT_LIST(out, "indicators", r->threats, r->n_threats, put_threat, names);
  PUT_LIST(out, "manipulation", r->manipulation, r->n_manipulation, put_manipulation, names);
  PUT_LIST(out, "laundering", r->laundering, r->n_laundering, put_laundering, names);
  put_chains(out, r, names);
  civ_buffer_text(out, "}");
}
