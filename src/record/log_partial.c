#include "record/log_partial.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/memory.h"

/* --- texts to numbers ------------------------------------------------------------------------------------------------ */

void civ_interned_free(civ_interned *t)
{
  for (uint32_t k = 0; k < t->n; k++)
    free(t->items[k]);
  free(t->items);
  free(t->slots);
  *t = (civ_interned){ 0 };
}

/* Slot that holds the text, or the free one where it belongs. */
static uint32_t slot_of(const civ_interned *t, const char *text)
{
  uint32_t at = (uint32_t)civ_digest(0, text, strlen(text)) & (t->n_slots - 1);
  while (t->slots[at] != 0 && strcmp(t->items[t->slots[at] - 1], text) != 0)
    at = (at + 1) & (t->n_slots - 1);
  return at;
}

uint32_t civ_interned_find(const civ_interned *t, const char *text)
{
  if (t->n_slots == 0)
    return UINT32_MAX;
  return t->slots[slot_of(t, text)] - 1; /* 0 - 1 = UINT32_MAX */
}

static bool widen(civ_interned *t)
{
  const uint32_t n_slots = t->n_slots == 0 ? 64 : t->n_slots * 2;
  uint32_t *slots = calloc(n_slots, sizeof *slots);
  if (slots == NULL || n_slots > UINT32_MAX / 4) {
    free(slots);
    return false;
  }
  free(t->slots);
  t->slots = slots;
  t->n_slots = n_slots;
  for (uint32_t k = 0; k < t->n; k++)
    t->slots[slot_of(t, t->items[k])] = k + 1;
  return true;
}

bool civ_interned_add(civ_interned *t, const char *text, uint32_t *number)
{
  *number = civ_interned_find(t, text);
  if (*number != UINT32_MAX)
    return true;
  if (((uint64_t)t->n + 1) * 2 > t->n_slots && !widen(t))
    return false;
  void *items = t->items;
  if (civ_grow(&civ_allocator_malloc, &items, &t->capacity, (size_t)t->n + 1, sizeof *t->items) != CIV_OK)
    return false;
  t->items = items;
  char *copy = strdup(text);
  if (copy == NULL)
    return false;
  t->slots[slot_of(t, text)] = t->n + 1;
  t->items[t->n] = copy;
  *number = t->n++;
  return true;
}

/* --- finding partials ------------------------------------------------------------------------------------------------ */

static void free_partial(civ_partial *one)
{
  free(one->initiator);
  free(one->counterparty);
  free(one);
}

void civ_partials_free(civ_partials *p)
{
  for (size_t b = 0; b < p->n_buckets; b++)
    for (civ_partial *one = p->buckets[b], *next; one != NULL; one = next) {
      next = one->next;
      free_partial(one);
    }
  free(p->buckets);
  *p = (civ_partials){ 0 };
}

static civ_partial **place_of(const civ_partials *p, uint64_t hash, const char *id)
{
  civ_partial **at = &p->buckets[hash & (p->n_buckets - 1)];
  while (*at != NULL && ((*at)->hash != hash || strcmp((*at)->id, id) != 0))
    at = &(*at)->next;
  return at;
}

static bool spread(civ_partials *p)
{
  const size_t n_buckets = p->n_buckets == 0 ? 64 : p->n_buckets * 2;
  civ_partial **buckets = calloc(n_buckets, sizeof *buckets);
  if (buckets == NULL)
    return false;
  for (size_t b = 0; b < p->n_buckets; b++)
    for (civ_partial *one = p->buckets[b], *next; one != NULL; one = next) {
      next = one->next;
      civ_partial **bucket = &buckets[one->hash & (n_buckets - 1)];
      one->next = *bucket;
      *bucket = one;
    }
  free(p->buckets);
  p->buckets = buckets;
  p->n_buckets = n_buckets;
  return true;
}

void civ_partials_drop(civ_partials *p, civ_partial *one)
{
  civ_partial **at = place_of(p, one->hash, one->id);
  *at = one->next;
  p->n--;
  free_partial(one);
}

static civ_partial *add(civ_partials *p, const char *id, uint64_t hash)
{
  if (p->n >= p->n_buckets && !spread(p))
    return NULL;
  const size_t length = strlen(id) + 1;
  civ_partial *one = calloc(1, sizeof *one + length);
  if (one == NULL)
    return NULL;
  memcpy(one->id, id, length);
  one->hash = hash;
  one->order = p->seen++;
  civ_partial **bucket = &p->buckets[hash & (p->n_buckets - 1)];
  one->next = *bucket;
  *bucket = one;
  p->n++;
  return one;
}

/* --- events into records --------------------------------------------------------------------------------------------- */

static bool in_range(double x, double low, double high)
{
  return x >= low && x <= high;
}

static const char *check_label(civ_partial *one)
{
  const char *wrong = NULL;
  if (!in_range(one->record.p, 0, 1))
    wrong = "p must lie in [0, 1]";
  else if (!in_range(one->record.v_hat, -1, 1))
    wrong = "v_hat must lie in [-1, 1]";
  one->unusable |= wrong != NULL;
  return wrong;
}

static bool find_type(const json_t *payload, uint8_t *type)
{
  const json_t *value = json_object_get(payload, "interaction_type");
  *type = CIV_REPLY;
  if (value == NULL || json_is_null(value))
    return true;
  if (!json_is_string(value))
    return false;
  for (uint8_t t = 0; t < CIV_INTERACTION_TYPES; t++)
    if (strcmp(civ_interaction_type_names[t], json_string_value(value)) == 0) {
      *type = t;
      return true;
    }
  return false;
}

/* false: no memory. */
static bool propose(civ_partial *one, const civ_log_record *r, const char **wrong)
{
  const json_t *payload = r->payload;
  char *initiator = strdup(r->initiator_id != NULL ? r->initiator_id : "");
  char *counterparty = strdup(r->counterparty_id != NULL ? r->counterparty_id : "");
  if (initiator == NULL || counterparty == NULL) {
    free(initiator);
    free(counterparty);
    return false;
  }
  free(one->initiator);
  free(one->counterparty);
  one->initiator = initiator;
  one->counterparty = counterparty;
  one->completed = one->unusable = false;
  one->decided_us = INT64_MIN;
  one->payoff_a = one->payoff_b = 0;
  one->record = (civ_interaction){ .time_us = r->time_us,
                                   .initiator = CIV_NOBODY,
                                   .counterparty = CIV_NOBODY,
                                   .epoch = r->has_epoch ? r->epoch : 0,
                                   .step = r->has_step ? r->step : 0,
                                   .v_hat = civ_json_real(payload, "v_hat", 0.0),
                                   .p = civ_json_real(payload, "p", 0.5) };
  *wrong = check_label(one);
  if (!find_type(payload, &one->record.type)) {
    one->unusable = true;
    *wrong = "interaction_type must be reply, vote, trade or collaboration";
  }
  return true;
}

static const char *take_count(const json_t *components, const char *key, int32_t *count)
{
  const json_t *value = json_object_get(components, key);
  if (!json_is_number(value))
    return NULL;
  const double x = json_number_value(value);
  if (!in_range(x, 0, INT32_MAX))
    return "counts must be whole numbers from 0";
  *count = (int32_t)x;
  return NULL;
}

static const char *take_observables(const json_t *components, civ_observables *o)
{
  o->task_progress_delta = civ_json_real(components, "task_progress_delta", o->task_progress_delta);
  o->counterparty_engagement_delta =
      civ_json_real(components, "counterparty_engagement_delta", o->counterparty_engagement_delta);
  const char *wrong = take_count(components, "rework_count", &o->rework_count);
  if (wrong == NULL)
    wrong = take_count(components, "verifier_rejections", &o->verifier_rejections);
  return wrong != NULL ? wrong : take_count(components, "tool_misuse_flags", &o->tool_misuse_flags);
}

static const char *pay(civ_partial *one, const civ_log_record *r)
{
  const json_t *payload = r->payload, *components = json_object_get(payload, "components");
  civ_interaction *i = &one->record;
  i->tau = civ_json_real(components, "tau", 0.0);
  i->c_a = civ_json_real(components, "c_a", 0.0);
  i->c_b = civ_json_real(components, "c_b", 0.0);
  i->r_a = civ_json_real(components, "r_a", 0.0);
  i->r_b = civ_json_real(components, "r_b", 0.0);
  i->p = civ_json_real(components, "p", i->p);
  i->v_hat = civ_json_real(components, "v_hat", i->v_hat);
  i->accepted = civ_json_bool(components, "accepted", i->accepted);
  one->payoff_a = civ_json_real(payload, "payoff_initiator", 0.0);
  one->payoff_b = civ_json_real(payload, "payoff_counterparty", 0.0);
  one->completed = true;
  if (r->has_epoch)
    i->epoch = r->epoch;
  if (r->has_step)
    i->step = r->step;
  const char *wrong = take_observables(components, &i->observables);
  one->unusable |= wrong != NULL;
  const char *label = check_label(one);
  return wrong != NULL ? wrong : label;
}

static void decide(civ_partial *one, const civ_log_record *r)
{
  const char *where = civ_json_text(r->payload, "decided_in", "resolution");
  one->record.accepted = r->type == CIV_EVENT_INTERACTION_ACCEPTED;
  one->decided_us = r->time_us;
  one->record.decided_in = strcmp(where, "turn") == 0 ? CIV_IN_TURN : CIV_IN_RESOLUTION;
}

civ_status civ_partials_take(civ_partials *p, const civ_log_record *r, civ_partial **touched, const char **wrong,
                             civ_error *err)
{
  *touched = NULL;
  *wrong = NULL;
  if (r->interaction_id == NULL || r->interaction_id[0] == '\0')
    return CIV_OK;
  const bool proposal = r->type == CIV_EVENT_INTERACTION_PROPOSED;
  if (!proposal && r->type != CIV_EVENT_INTERACTION_ACCEPTED && r->type != CIV_EVENT_INTERACTION_REJECTED &&
      r->type != CIV_EVENT_INTERACTION_COMPLETED && r->type != CIV_EVENT_PAYOFF_COMPUTED)
    return CIV_OK;
  const uint64_t hash = civ_digest(0, r->interaction_id, strlen(r->interaction_id));
  civ_partial *one = p->n_buckets == 0 ? NULL : *place_of(p, hash, r->interaction_id);
  if (proposal) {
    if (one == NULL)
      one = add(p, r->interaction_id, hash);
    if (one == NULL || !propose(one, r, wrong))
      return civ_fail(err, CIV_E_NOMEM, "event log", "no memory for interaction %.80s", r->interaction_id);
  }
  *touched = one;
  if (one == NULL || proposal)
    return CIV_OK;
  if (r->type == CIV_EVENT_PAYOFF_COMPUTED)
    *wrong = pay(one, r);
  else if (r->type == CIV_EVENT_INTERACTION_COMPLETED)
    one->record.accepted = civ_json_bool(r->payload, "accepted", one->record.accepted);
  else
    decide(one, r);
  return CIV_OK;
}
