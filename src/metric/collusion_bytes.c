/* The fold and its reports as bytes, within a chunk that the caller has open. */
#include "metric/collusion_inside.h"

enum { PAIR_BYTES = 5 * 4 + 10 * 8, RECENT_BYTES = 12 };

/* --- the fold -------------------------------------------------------------------------------------------------------------- */

static void save_pair(const pair_record *r, civ_bytes *out)
{
  const uint32_t counts[] = { r->low, r->high, r->n, r->accepted, r->from_low };
  const double reals[] = { r->p_low,   r->p_high, r->mean_low, r->mean_high, r->m2_low,
                           r->m2_high, r->co,     r->last,     r->gap_mean,  r->gap_m2 };
  for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
    civ_bytes_put_u32(out, counts[k]);
  for (size_t k = 0; k < sizeof reals / sizeof *reals; k++)
    civ_bytes_put_real(out, reals[k]);
}

static pair_record load_pair(civ_bytes_reader *in)
{
  pair_record r = { 0 };
  uint32_t *const counts[] = { &r.low, &r.high, &r.n, &r.accepted, &r.from_low };
  double *const reals[] = { &r.p_low,   &r.p_high, &r.mean_low, &r.mean_high, &r.m2_low,
                            &r.m2_high, &r.co,     &r.last,     &r.gap_mean,  &r.gap_m2 };
  for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
    *counts[k] = civ_bytes_u32(in);
  for (size_t k = 0; k < sizeof reals / sizeof *reals; k++)
    *reals[k] = civ_bytes_real(in);
  return r;
}

void civ_collusion_save(const civ_collusion *c, civ_bytes *out)
{
  civ_bytes_put_u32(out, c->agents);
  civ_bytes_put_u64(out, c->digest);
  civ_bytes_put_u64(out, c->n_pairs);
  for (size_t k = 0; k < c->n_pairs; k++)
    save_pair(&c->pairs[k], out);
  for (civ_agent a = 0; a < c->agents; a++) {
    civ_bytes_put_u64(out, c->people[a].near);
    civ_bytes_put_real(out, c->people[a].p);
    civ_bytes_put_u32(out, c->people[a].n);
    civ_bytes_put_u32(out, c->people[a].expired);
  }
  civ_bytes_put_u64(out, c->n_recent - c->first_recent);
  for (size_t k = c->first_recent; k < c->n_recent; k++) {
    civ_bytes_put_real(out, c->recent[k].seconds);
    civ_bytes_put_u32(out, c->recent[k].agent);
  }
  civ_bytes_put_u8(out, c->votes != NULL);
  if (c->votes != NULL)
    civ_idsets_save(c->votes, out);
}

static civ_status misfit(const civ_collusion *c, civ_error *err)
{
  return civ_fail(err, CIV_E_FORMAT, "collusion", "the saved pairs are cut off or not of %u agents", c->agents);
}

static civ_status load_pairs(civ_collusion *c, size_t n, civ_bytes_reader *in, civ_error *err)
{
  const civ_status status = civ_collusion_reserve(c, n);
  if (status != CIV_OK)
    return civ_fail(err, status, "collusion", "no memory for %llu pairs", (unsigned long long)n);
  for (; n > 0; n--) {
    const pair_record r = load_pair(in);
    if (in->failed || r.low > r.high || r.high >= c->agents || r.n == 0 || r.accepted > r.n || r.from_low > r.n)
      return misfit(c, err);
    civ_pair *entry = civ_pairs_touch(c->index, r.low, r.high);
    if (entry->count != 0)
      return civ_fail(err, CIV_E_FORMAT, "collusion", "a saved pair stands twice");
    c->pairs[c->n_pairs] = r;
    entry->count = (uint32_t)++c->n_pairs;
    c->interactions += r.n;
    c->squares += (uint64_t)r.n * r.n;
  }
  return CIV_OK;
}

static civ_status load_recent(civ_collusion *c, civ_bytes_reader *in, civ_error *err)
{
  const uint64_t n = civ_bytes_u64(in);
  if (in->failed || n > civ_bytes_left(in) / RECENT_BYTES)
    return misfit(c, err);
  if (civ_collusion_reserve(c, (size_t)n / 2 + 1) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "collusion", "no memory for %llu events", (unsigned long long)n);
  for (c->n_recent = 0; c->n_recent < n; c->n_recent++) {
    recent_event *e = &c->recent[c->n_recent];
    e->seconds = civ_bytes_real(in);
    e->agent = civ_bytes_u32(in);
    if (e->agent >= c->agents)
      return misfit(c, err);
  }
  return CIV_OK;
}

static civ_status load_all(civ_collusion *c, civ_bytes_reader *in, civ_error *err)
{
  const uint32_t agents = civ_bytes_u32(in);
  const uint64_t digest = civ_bytes_u64(in), n = civ_bytes_u64(in);
  if (in->failed || agents != c->agents || n > civ_bytes_left(in) / PAIR_BYTES)
    return misfit(c, err);
  civ_status status = load_pairs(c, (size_t)n, in, err);
  for (civ_agent a = 0; status == CIV_OK && a < agents; a++) {
    c->people[a].near = civ_bytes_u64(in);
    c->people[a].p = civ_bytes_real(in);
    c->people[a].n = civ_bytes_u32(in);
    c->people[a].expired = civ_bytes_u32(in);
    if (in->failed || c->people[a].expired > c->people[a].n)
      status = misfit(c, err);
  }
  if (status == CIV_OK)
    status = load_recent(c, in, err);
  c->digest = digest;
  if (status == CIV_OK && (civ_bytes_u8(in) != 0) != (c->votes != NULL))
    status = misfit(c, err);
  return status == CIV_OK && c->votes != NULL ? civ_idsets_load(c->votes, in, err) : status;
}

civ_status civ_collusion_load(civ_collusion *c, civ_bytes_reader *in, civ_error *err)
{
  civ_collusion *made;
  civ_status status =
      civ_collusion_create(&c->params, c->agents, c->listed, c->votes != NULL, c->allocator, &made, err);
  if (status != CIV_OK)
    return status;
  status = load_all(made, in, err);
  if (status == CIV_OK) {
    const civ_collusion old = *c;
    *c = *made;
    *made = old;
  }
  civ_collusion_destroy(made);
  return status;
}

/* --- reports ---------------------------------------------------------------------------------------------------------------- */

static void save_suspicious(const civ_collusion_pair *p, civ_bytes *out)
{
  const uint32_t counts[] = { p->a, p->b, p->interactions, p->signals, p->order };
  const double reals[] = { p->acceptance, p->benefit_a, p->benefit_b,  p->correlation, p->p_a,
                           p->p_b,        p->gap,       p->burstiness, p->frequency,   p->score };
  for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
    civ_bytes_put_u32(out, counts[k]);
  for (size_t k = 0; k < sizeof reals / sizeof *reals; k++)
    civ_bytes_put_real(out, reals[k]);
}

static civ_collusion_pair load_suspicious(civ_bytes_reader *in)
{
  civ_collusion_pair p = { 0 };
  uint32_t *const counts[] = { &p.a, &p.b, &p.interactions, &p.signals, &p.order };
  double *const reals[] = { &p.acceptance, &p.benefit_a, &p.benefit_b,  &p.correlation, &p.p_a,
                            &p.p_b,        &p.gap,       &p.burstiness, &p.frequency,   &p.score };
  for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
    *counts[k] = civ_bytes_u32(in);
  for (size_t k = 0; k < sizeof reals / sizeof *reals; k++)
    *reals[k] = civ_bytes_real(in);
  return p;
}

static void save_group(const civ_collusion_group *g, civ_bytes *out)
{
  const double reals[] = { g->internal_rate, g->external_rate, g->voting_alignment, g->target_overlap, g->p_internal,
                           g->p_external,    g->score };
  civ_bytes_put_u32(out, g->first);
  civ_bytes_put_u32(out, g->size);
  for (size_t k = 0; k < sizeof reals / sizeof *reals; k++)
    civ_bytes_put_real(out, reals[k]);
}

static civ_collusion_group load_group(civ_bytes_reader *in)
{
  civ_collusion_group g = { 0 };
  double *const reals[] = { &g.internal_rate, &g.external_rate, &g.voting_alignment, &g.target_overlap, &g.p_internal,
                            &g.p_external,    &g.score };
  g.first = civ_bytes_u32(in);
  g.size = civ_bytes_u32(in);
  for (size_t k = 0; k < sizeof reals / sizeof *reals; k++)
    *reals[k] = civ_bytes_real(in);
  return g;
}

void civ_collusion_report_save(const civ_collusion_report *r, civ_bytes *out)
{
  const uint64_t counts[] = { r->interactions,     r->pairs,           r->analysed, r->n_flagged_pairs,
                              r->n_flagged_groups, r->n_flagged_agents };
  civ_bytes_put_u64s(out, counts, sizeof counts / sizeof *counts);
  civ_bytes_put_real(out, r->ecosystem_risk);
  civ_bytes_put_real(out, r->average_score);
  civ_bytes_put_real(out, r->max_score);
  civ_bytes_put_u32(out, r->n_suspicious);
  for (uint32_t k = 0; k < r->n_suspicious; k++)
    save_suspicious(&r->suspicious[k], out);
  civ_bytes_put_u32(out, r->n_groups);
  for (uint32_t k = 0; k < r->n_groups; k++)
    save_group(&r->groups[k], out);
  civ_bytes_put_u32(out, r->n_members);
  civ_bytes_put_u32s(out, r->members, r->n_members);
  civ_bytes_put_reals(out, r->risk, r->agents);
  civ_bytes_put_reals(out, r->clustering, r->agents);
}

static bool load_counts(civ_collusion_report *r, civ_bytes_reader *in)
{
  uint64_t counts[6];
  if (!civ_bytes_u64s(in, counts, 6))
    return false;
  r->interactions = counts[0];
  r->pairs = counts[1];
  r->analysed = counts[2];
  r->n_flagged_pairs = counts[3];
  r->n_flagged_groups = counts[4];
  r->n_flagged_agents = counts[5];
  r->ecosystem_risk = civ_bytes_real(in);
  r->average_score = civ_bytes_real(in);
  r->max_score = civ_bytes_real(in);
  return true;
}

static bool load_lists(civ_collusion_report *r, civ_bytes_reader *in)
{
  r->n_suspicious = civ_bytes_u32(in);
  if (r->n_suspicious > r->room_suspicious)
    return false;
  for (uint32_t k = 0; k < r->n_suspicious; k++) {
    r->suspicious[k] = load_suspicious(in);
    if (r->suspicious[k].a >= r->agents || r->suspicious[k].b >= r->agents)
      return false;
  }
  r->n_groups = civ_bytes_u32(in);
  if (r->n_groups > r->room_groups)
    return false;
  for (uint32_t k = 0; k < r->n_groups; k++)
    r->groups[k] = load_group(in);
  r->n_members = civ_bytes_u32(in);
  if (r->n_members > r->agents || !civ_bytes_u32s(in, r->members, r->n_members))
    return false;
  for (uint32_t k = 0; k < r->n_groups; k++)
    if (r->groups[k].size > r->n_members || r->groups[k].first > r->n_members - r->groups[k].size)
      return false;
  for (uint32_t k = 0; k < r->n_members; k++)
    if (r->members[k] >= r->agents)
      return false;
  return true;
}

civ_status civ_collusion_report_load(civ_collusion_report *r, civ_bytes_reader *in, civ_error *err)
{
  civ_collusion_report made;
  civ_status status = civ_collusion_report_init(&made, r->agents, r->allocator, err);
  if (status != CIV_OK)
    return status;
  if (load_counts(&made, in) && load_lists(&made, in) && civ_bytes_reals(in, made.risk, made.agents) &&
      civ_bytes_reals(in, made.clustering, made.agents) && !in->failed) {
    const civ_collusion_report old = *r;
    *r = made;
    made = old;
  } else {
    status = civ_fail(err, CIV_E_FORMAT, "collusion", "the saved report is cut off or not on %u agents", r->agents);
  }
  civ_collusion_report_fini(&made);
  return status;
}
