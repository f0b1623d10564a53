#include "world/boundary_outside.h"

#include <stdio.h>
#include <string.h>

static const double sensitive_answer = 0.8; /* of a service with sensitive data */

uint32_t civ_outside_find(const civ_outside *o, const char *id)
{
  for (uint32_t k = 0; k < o->n; k++)
    if (strcmp(o->entities[k].id, id) == 0)
      return k;
  return CIV_NONE;
}

static void count_action(civ_outside *o, const char *action)
{
  int k = 0;
  while (k < CIV_MOST_ACTIONS - 1 && o->actions[k].name != NULL && strcmp(o->actions[k].name, action) != 0)
    k++;
  if (o->actions[k].name == NULL)
    o->actions[k].name = k < CIV_MOST_ACTIONS - 1 ? action : "other";
  o->actions[k].n++;
}

static void ask_service(const civ_entity *e, bool mark_sensitive, civ_draws *draws, civ_reply *out)
{
  const double refused = civ_draw_uniform(draws);
  if (refused > e->reliability) {
    out->code = CIV_BOUNDARY_SERVICE_UNAVAILABLE;
    out->latency_ms = 2 * e->latency_ms;
    return;
  }
  out->success = true;
  out->number = 1000 + civ_draw_index(draws, 9000);
  out->latency_ms = e->latency_ms * (0.5 + civ_draw_uniform(draws));
  out->sensitivity = mark_sensitive && e->sensitive_data ? sensitive_answer : 0;
  snprintf(out->own, sizeof out->own, "{\"response\": \"ok\", \"request_id\": %u}", out->number);
  out->text = out->own;
}

static void answer(const civ_entity *e, bool mark_sensitive, civ_draws *draws, civ_reply *out)
{
  if (e->type == CIV_ENTITY_SERVICE) {
    ask_service(e, mark_sensitive, draws, out);
    return;
  }
  out->success = true;
  if (e->type == CIV_ENTITY_DATA_SOURCE) {
    out->number = civ_draw_index(draws, 101);
    out->sensitivity = e->sensitivity;
    out->cost = e->access_cost;
  } else {
    out->text = "null";
  }
}

void civ_outside_count(civ_outside *o, uint32_t k, const char *action, bool success)
{
  civ_outside_totals *s = &o->sum;
  const civ_entity *e = &o->entities[k];
  s->interactions++;
  s->successes += success;
  /* A data source's answer has no `data`, so it adds nothing; a service's text is always as long, others answer "null". */
  s->inbound_data += !success || e->type == CIV_ENTITY_DATA_SOURCE ? 0 : e->type == CIV_ENTITY_SERVICE ? 38 : 4;
  s->trust += e->trust;
  s->by_type[e->type]++;
  count_action(o, action);
}

void civ_outside_ask(civ_outside *o, uint32_t k, const char *action, bool mark_sensitive, civ_draws *draws,
                     civ_reply *out)
{
  *out = (civ_reply){ .code = CIV_BOUNDARY_ALLOWED, .text = "{}" };
  if (k >= o->n) {
    out->code = CIV_BOUNDARY_UNKNOWN_ENTITY;
    return;
  }
  civ_entity *e = &o->entities[k];
  if (o->most_per_epoch >= 0 && o->asked >= o->most_per_epoch) {
    out->code = CIV_BOUNDARY_EXTERNAL_LIMIT;
    return;
  }
  if (e->type == CIV_ENTITY_SERVICE && !o->unlimited && e->asked >= e->rate_limit) {
    out->code = CIV_BOUNDARY_SERVICE_RATE_LIMIT;
    return;
  }
  o->asked++;
  e->asked++;
  answer(e, mark_sensitive, draws, out);
  civ_outside_count(o, k, action, out->success);
}

void civ_outside_new_epoch(civ_outside *o)
{
  o->asked = 0;
  for (uint32_t k = 0; k < o->n; k++)
    o->entities[k].asked = 0;
}

double civ_outside_mean_trust(const civ_outside_totals *sum)
{
  return sum->interactions > 0 ? sum->trust / (double)sum->interactions : 0;
}

double civ_outside_success_rate(const civ_outside_totals *sum)
{
  return sum->interactions > 0 ? (double)sum->successes / (double)sum->interactions : 0;
}

void civ_outside_save(const civ_outside *o, civ_bytes *out)
{
  civ_bytes_put_block(out, &o->sum, sizeof o->sum);
  civ_bytes_put_u64(out, (uint64_t)o->asked);
  for (uint32_t k = 0; k < o->n; k++)
    civ_bytes_put_u64(out, (uint64_t)o->entities[k].asked);
  for (int k = 0; k < CIV_MOST_ACTIONS; k++) {
    char name[16] = { 0 };
    snprintf(name, sizeof name, "%s", o->actions[k].name != NULL ? o->actions[k].name : "");
    civ_bytes_put_block(out, name, sizeof name);
    civ_bytes_put_u64(out, o->actions[k].n);
  }
}

bool civ_outside_load(civ_outside *o, const char *const *known, civ_bytes_reader *in)
{
  civ_bytes_block(in, &o->sum, sizeof o->sum);
  o->asked = (int64_t)civ_bytes_u64(in);
  for (uint32_t k = 0; k < o->n; k++)
    o->entities[k].asked = (int64_t)civ_bytes_u64(in);
  for (int k = 0; k < CIV_MOST_ACTIONS && !in->failed; k++) {
    char name[16] = { 0 };
    civ_bytes_block(in, name, sizeof name);
    name[sizeof name - 1] = '\0';
    o->actions[k] = (civ_action_count){ NULL, civ_bytes_u64(in) };
    for (int i = 0; known[i] != NULL; i++)
      if (strcmp(known[i], name) == 0)
        o->actions[k].name = known[i];
    if (name[0] != '\0' && o->actions[k].name == NULL)
      return false;
  }
  return !in->failed;
}
