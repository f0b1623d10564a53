#include "agent/sightings.h"

#include "base/digest.h"

civ_status civ_sightings_init(civ_sightings *s, civ_host *host, civ_agent_type type, civ_watch_test test,
                              civ_error *err)
{
  *s = (civ_sightings){ .host = host, .type = (uint8_t)type };
  const civ_status status = host->call->watch(host, test, NULL, &s->watch, err);
  return status == CIV_OK ? host->call->watch_history(host, s->watch, err) : status;
}

void civ_sightings_fini(civ_sightings *s)
{
  if (s->marks)
    civ_pairs_destroy(s->marks);
  if (s->standing)
    civ_release(s->owners->allocator, s->standing, ((size_t)s->owners->n_agents + 1) * sizeof *s->standing);
  *s = (civ_sightings){ 0 };
}

civ_status civ_sightings_make(civ_sightings *s, const civ_minds *owners)
{
  const civ_agent *list;
  s->owners = owners;
  if (s->made)
    return CIV_OK;
  s->everybody = !s->host->call->permitted || owners->n == 0 ||
                 s->host->call->permitted(s->host, owners->agents[0], &list) == UINT32_MAX;
  if (!s->marks)
    s->marks = civ_pairs_create(owners->n, NULL, owners->allocator);
  if (s->everybody && !s->standing)
    s->standing = civ_zeroed(owners->allocator, (size_t)owners->n_agents + 1, sizeof *s->standing);
  s->made = s->marks && (s->standing || !s->everybody);
  return s->made ? CIV_OK : CIV_E_NOMEM;
}

/* --- everybody sees everybody active --------------------------------------------------------------------------------------- */

static bool saw(const civ_turn_times *t, uint64_t entered, uint64_t left)
{
  return entered < (t->last <= left ? t->last : t->before);
}

typedef struct departure {
  civ_agent x;
  uint64_t entered, left;
} departure;

/* The extremes of all owners' last turns: where both lie in a membership, every owner has seen it. */
typedef struct turn_bounds {
  bool known;
  uint64_t first, last;
} turn_bounds;

static bool all_saw(const civ_sightings *s, const departure *d, turn_bounds *bounds)
{
  if (!bounds->known) {
    *bounds = (turn_bounds){ .known = true, .first = UINT64_MAX };
    for (uint32_t slot = 0; slot < s->owners->n; slot++) {
      const uint64_t last = s->times[slot].last;
      bounds->first = last < bounds->first ? last : bounds->first;
      bounds->last = last > bounds->last ? last : bounds->last;
    }
  }
  return d->entered < bounds->first && bounds->last <= d->left;
}

/* Writes down the owners that have not seen x. */
static civ_status first_departure(civ_sightings *s, const departure *d)
{
  uint32_t unseen = 0;
  for (uint32_t slot = 0; slot < s->owners->n; slot++)
    unseen += s->owners->agents[slot] != d->x && !saw(&s->times[slot], d->entered, d->left);
  const civ_status status = unseen ? civ_pairs_reserve(s->marks, unseen) : CIV_OK;
  if (status != CIV_OK)
    return status;
  for (uint32_t slot = 0; slot < s->owners->n && unseen; slot++)
    if (s->owners->agents[slot] != d->x && !saw(&s->times[slot], d->entered, d->left))
      civ_pairs_touch(s->marks, slot, d->x)->count = 0;
  s->standing[d->x] = 1 + unseen;
  return CIV_OK;
}

static void later_departure(civ_sightings *s, const departure *d)
{
  for (uint32_t slot = 0; slot < s->owners->n && s->standing[d->x] > 1; slot++) {
    const civ_pair *mark = civ_pairs_get(s->marks, slot, d->x);
    if (!mark || mark->count || !saw(&s->times[slot], d->entered, d->left))
      continue;
    civ_pairs_touch(s->marks, slot, d->x)->count = 1;
    s->standing[d->x]--;
  }
}

static civ_status account(civ_sightings *s)
{
  turn_bounds bounds = { 0 };
  departure d;
  for (uint64_t at = s->accounted; s->host->call->watch_left(s->host, s->watch, &at, &d.x, &d.entered, &d.left);
       s->accounted = at) {
    if (s->standing[d.x] > 1)
      later_departure(s, &d);
    else if (s->standing[d.x] == 0) {
      if (all_saw(s, &d, &bounds))
        s->standing[d.x] = 1;
      else if (first_departure(s, &d) != CIV_OK)
        return CIV_E_NOMEM;
    }
    s->digest = civ_digest_mix(s->digest, d.x, s->standing[d.x]);
  }
  return CIV_OK;
}

/* Whether the owner saw a membership of x that has ended. */
static bool saw_past(const civ_sightings *s, const civ_view *view, uint32_t slot, civ_agent x)
{
  const uint32_t standing = s->standing[x];
  if (standing == 1)
    return true;
  if (standing > 1) {
    const civ_pair *mark = civ_pairs_get(s->marks, slot, x);
    if (!mark || mark->count)
      return true;
  }
  uint64_t at = s->accounted;
  departure d;
  while (view->ask->watch_left(view, s->watch, &at, &d.x, &d.entered, &d.left))
    if (d.x == x && saw(&s->times[slot], d.entered, d.left))
      return true;
  return false;
}

/* --- a world restricts who sees whom ----------------------------------------------------------------------------------------- */

static civ_status make_marks(civ_sightings *s, uint32_t slot)
{
  const uint8_t *type = s->host->call->population(s->host)->type;
  const civ_agent *list;
  const uint32_t n = s->host->call->permitted(s->host, s->owners->agents[slot], &list);
  uint32_t missing = 0;
  for (uint32_t k = 0; k < n; k++)
    missing += type[list[k]] == s->type && !civ_pairs_get(s->marks, slot, list[k]);
  const civ_status status = missing ? civ_pairs_reserve(s->marks, missing) : CIV_OK;
  for (uint32_t k = 0; status == CIV_OK && k < n && missing; k++)
    if (type[list[k]] == s->type)
      civ_pairs_touch(s->marks, slot, list[k]);
  return status;
}

static bool marked(const civ_sightings *s, uint32_t slot, civ_agent x)
{
  const civ_pair *mark = civ_pairs_get(s->marks, slot, x);
  return mark && mark->count;
}

/* --- both -------------------------------------------------------------------------------------------------------------------- */

civ_status civ_sightings_reserve(civ_sightings *s, const civ_minds *owners, const civ_turn_times *times)
{
  s->times = times;
  civ_status status = civ_sightings_make(s, owners);
  if (status == CIV_OK && s->everybody)
    return account(s);
  for (uint32_t slot = 0; status == CIV_OK && slot < owners->n; slot++)
    status = make_marks(s, slot);
  return status;
}

uint64_t civ_sightings_look(civ_sightings *s, const civ_view *view, uint32_t slot)
{
  uint64_t seen = 0;
  if (s->everybody)
    return 0;
  for (const civ_pair *p = civ_pairs_first(s->marks, slot); p; p = civ_pairs_next(s->marks, p))
    if (p->count == 0 && view->ask->is_watched(view, s->watch, p->other)) {
      civ_pairs_touch(s->marks, slot, p->other)->count = 1;
      seen = civ_digest_mix(seen, slot + 1, p->other);
    }
  return seen;
}

bool civ_sightings_has_now(const civ_sightings *s, const civ_view *view, uint32_t slot, civ_agent x)
{
  if (view->population->type[x] != s->type)
    return false;
  if (!s->everybody)
    return marked(s, slot, x);
  return view->ask->is_watched(view, s->watch, x) || saw_past(s, view, slot, x);
}

bool civ_sightings_had(const civ_sightings *s, const civ_view *view, uint32_t slot, civ_agent x)
{
  if (view->population->type[x] != s->type)
    return false;
  if (!s->everybody)
    return marked(s, slot, x);
  return (view->ask->is_watched(view, s->watch, x) &&
          view->ask->watch_entered(view, s->watch, x) < s->times[slot].last) ||
         saw_past(s, view, slot, x);
}

void civ_sightings_save(const civ_sightings *s, civ_bytes *out)
{
  civ_bytes_put_u8(out, s->everybody);
  civ_bytes_put_u64(out, s->digest);
  civ_bytes_put_u64(out, s->accounted);
  civ_pairs_save(s->marks, out);
  if (s->everybody)
    civ_bytes_put_u32s(out, s->standing, s->owners->n_agents);
}

civ_status civ_sightings_load(civ_sightings *s, const civ_minds *owners, const civ_turn_times *times,
                              civ_bytes_reader *in, civ_error *err)
{
  s->times = times;
  if (civ_sightings_make(s, owners) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "checkpoint", "out of memory while loading what adversaries have seen");
  if ((civ_bytes_u8(in) != 0) != s->everybody)
    return civ_fail(err, CIV_E_FORMAT, "checkpoint", "it was made with other worlds restricting who sees whom");
  s->digest = civ_bytes_u64(in);
  s->accounted = civ_bytes_u64(in);
  const civ_status status = civ_pairs_load(s->marks, in, err);
  if (status == CIV_OK && s->everybody)
    civ_bytes_u32s(in, s->standing, owners->n_agents);
  return status;
}
