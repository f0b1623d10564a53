#include "world/boundary_leaks.h"

const char *const civ_leak_advice_names[CIV_LEAK_ADVICES + 1] = { "rotate_credentials", "mask_pii",
                                                                  "tighten_policies",   "investigate_critical",
                                                                  "review_agent",       NULL };

civ_status civ_leaks_init(civ_leaks *l, uint32_t parties, const civ_allocator *allocator)
{
  *l = (civ_leaks){ .allocator = allocator, .parties = parties };
  l->of = civ_zeroed(allocator, (size_t)parties + 1, sizeof *l->of);
  l->hashes = civ_pairs_create_bare(UINT32_MAX, allocator);
  return l->of != NULL && l->hashes != NULL ? CIV_OK : CIV_E_NOMEM;
}

void civ_leaks_fini(civ_leaks *l)
{
  if (l->allocator == NULL)
    return;
  civ_release(l->allocator, l->of, ((size_t)l->parties + 1) * sizeof *l->of);
  civ_pairs_destroy(l->hashes);
  *l = (civ_leaks){ 0 };
}

civ_status civ_leaks_reserve(civ_leaks *l, size_t contents)
{
  return civ_pairs_reserve(l->hashes, contents);
}

void civ_leaks_record(civ_leaks *l, civ_party agent, civ_party destination, const civ_leak *leak, bool blocked,
                      uint64_t fingerprint)
{
  civ_leak_totals *s = &l->sum;
  civ_party_leaks *from = &l->of[agent], *to = &l->of[destination];
  s->total++;
  s->blocked += blocked;
  s->by_type[leak->type]++;
  s->by_severity[civ_severity_rank(leak->severity)]++;
  s->sum += leak->severity;
  s->most = leak->severity > s->most ? leak->severity : s->most;
  if (from->as_agent++ == 0)
    from->first_agent = (uint32_t)s->total;
  if (to->as_destination++ == 0)
    to->first_destination = (uint32_t)s->total;
  from->worst = leak->severity > from->worst ? leak->severity : from->worst;
  civ_pairs_touch(l->hashes, (uint32_t)(fingerprint >> 33), (uint32_t)fingerprint);
}

double civ_leaks_mean_severity(const civ_leak_totals *sum)
{
  return sum->total > 0 ? sum->sum / (double)sum->total : 0;
}

civ_top civ_leaks_top_agents(const civ_leaks *l)
{
  return civ_top_of(l->of, l->parties, sizeof *l->of, offsetof(civ_party_leaks, as_agent),
                    offsetof(civ_party_leaks, first_agent));
}

civ_top civ_leaks_top_destinations(const civ_leaks *l)
{
  return civ_top_of(l->of, l->parties, sizeof *l->of, offsetof(civ_party_leaks, as_destination),
                    offsetof(civ_party_leaks, first_destination));
}

int civ_leaks_advice(const civ_leaks *l, uint8_t out[CIV_LEAK_ADVICES], civ_party *whom)
{
  const civ_leak_totals *s = &l->sum;
  const civ_top top = civ_leaks_top_agents(l);
  int n = 0;
  *whom = CIV_NONE;
  if (s->by_type[CIV_LEAK_CREDENTIAL] > 0)
    out[n++] = CIV_ROTATE_CREDENTIALS;
  if (s->by_type[CIV_LEAK_PII] > 0)
    out[n++] = CIV_MASK_PII;
  if (s->total - s->blocked > s->blocked)
    out[n++] = CIV_TIGHTEN_POLICIES;
  if (s->most >= 0.9)
    out[n++] = CIV_INVESTIGATE_CRITICAL;
  if (top.n > 0 && top.count[0] > 0.5 * (double)s->total) {
    out[n++] = CIV_REVIEW_AGENT;
    *whom = top.party[0];
  }
  return n;
}

void civ_leaks_save(const civ_leaks *l, civ_bytes *out)
{
  civ_bytes_put_block(out, &l->sum, sizeof l->sum);
  for (uint32_t k = 0; k < l->parties; k++) {
    civ_bytes_put_u32(out, l->of[k].as_agent);
    civ_bytes_put_u32(out, l->of[k].as_destination);
    civ_bytes_put_u32(out, l->of[k].first_agent);
    civ_bytes_put_u32(out, l->of[k].first_destination);
    civ_bytes_put_real(out, l->of[k].worst);
  }
  civ_pairs_save(l->hashes, out);
}

civ_status civ_leaks_load(civ_leaks *l, civ_bytes_reader *in, civ_error *err)
{
  civ_bytes_block(in, &l->sum, sizeof l->sum);
  for (uint32_t k = 0; k < l->parties && !in->failed; k++) {
    l->of[k].as_agent = civ_bytes_u32(in);
    l->of[k].as_destination = civ_bytes_u32(in);
    l->of[k].first_agent = civ_bytes_u32(in);
    l->of[k].first_destination = civ_bytes_u32(in);
    l->of[k].worst = civ_bytes_real(in);
  }
  return civ_pairs_load(l->hashes, in, err);
}
