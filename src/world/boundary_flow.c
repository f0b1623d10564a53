#include "world/boundary_flow.h"

#include <string.h>

#include "base/memory.h"

const char *const civ_anomaly_names[CIV_ANOMALIES + 1] = { "excessive_outbound", "high_sensitivity_ratio",
                                                           "credential_exposure", "concentrated_source", NULL };
const char *const civ_anomaly_severities[CIV_ANOMALIES] = { "high", "medium", "critical", "low" };

civ_status civ_flows_init(civ_flows *f, uint32_t parties, double threshold, const civ_allocator *allocator)
{
  *f = (civ_flows){ .allocator = allocator, .threshold = threshold, .parties = parties };
  f->of = civ_zeroed(allocator, (size_t)parties + 1, sizeof *f->of);
  return f->of != NULL ? CIV_OK : CIV_E_NOMEM;
}

void civ_flows_fini(civ_flows *f)
{
  if (f->allocator != NULL)
    civ_release(f->allocator, f->of, ((size_t)f->parties + 1) * sizeof *f->of);
  f->of = NULL;
}

static void record_parties(civ_flows *f, const civ_flow *flow)
{
  civ_party_flows *from = &f->of[flow->source], *to = &f->of[flow->destination];
  if (from->as_source++ == 0)
    from->first_source = (uint32_t)f->sum.total;
  if (to->as_destination++ == 0)
    to->first_destination = (uint32_t)f->sum.total;
  if (flow->blocked) {
    from->blocked++;
    return;
  }
  from->initiated++;
  from->bytes_sent += flow->bytes;
  from->sensitivity_sent += flow->sensitivity;
  to->received++;
  to->bytes_received += flow->bytes;
}

void civ_flows_record(civ_flows *f, const civ_flow *flow)
{
  civ_flow_totals *s = &f->sum;
  s->total++;
  s->inbound += flow->direction == CIV_INBOUND;
  s->outbound += flow->direction == CIV_OUTBOUND;
  s->blocked += flow->blocked;
  s->sensitive += flow->sensitivity >= f->threshold;
  s->pii += flow->pii;
  s->credentials += flow->credentials;
  s->code += flow->code;
  s->by_type[flow->type]++;
  const uint64_t half = flow->direction == CIV_BIDIRECTIONAL ? flow->bytes / 2 : 0;
  s->bytes_in += flow->direction == CIV_INBOUND ? flow->bytes : half;
  s->bytes_out += flow->direction == CIV_OUTBOUND ? flow->bytes : half;
  s->bytes_kept_in += flow->blocked && flow->direction == CIV_OUTBOUND ? flow->bytes : 0;
  *(flow->blocked ? &s->sum_blocked : &s->sum_open) += flow->sensitivity;
  s->most_sensitive = flow->sensitivity > s->most_sensitive ? flow->sensitivity : s->most_sensitive;
  record_parties(f, flow);
}

double civ_flows_mean_sensitivity(const civ_flow_totals *sum)
{
  return sum->total > 0 ? (sum->sum_open + sum->sum_blocked) / (double)sum->total : 0;
}

/* --- the busiest --------------------------------------------------------------------------------------------------------- */

static uint32_t number_at(const void *record, size_t offset)
{
  uint32_t x;
  memcpy(&x, (const char *)record + offset, sizeof x);
  return x;
}

civ_top civ_top_of(const void *records, uint32_t n, size_t stride, size_t count, size_t first)
{
  civ_top top = { .n = 0 };
  uint32_t firsts[CIV_TOP] = { 0 };
  for (uint32_t k = 0; k < n; k++) {
    const void *record = (const char *)records + k * stride;
    const uint32_t c = number_at(record, count), f = number_at(record, first);
    int at = top.n;
    while (at > 0 && (c > top.count[at - 1] || (c == top.count[at - 1] && f < firsts[at - 1])))
      at--;
    if (c == 0 || at == CIV_TOP)
      continue;
    if (top.n < CIV_TOP)
      top.n++;
    for (int i = top.n - 1; i > at; i--) {
      top.party[i] = top.party[i - 1];
      top.count[i] = top.count[i - 1];
      firsts[i] = firsts[i - 1];
    }
    top.party[at] = k;
    top.count[at] = c;
    firsts[at] = f;
  }
  return top;
}

civ_top civ_flows_top_sources(const civ_flows *f)
{
  return civ_top_of(f->of, f->parties, sizeof *f->of, offsetof(civ_party_flows, as_source),
                    offsetof(civ_party_flows, first_source));
}

civ_top civ_flows_top_destinations(const civ_flows *f)
{
  return civ_top_of(f->of, f->parties, sizeof *f->of, offsetof(civ_party_flows, as_destination),
                    offsetof(civ_party_flows, first_destination));
}

/* --- anomalies ---------------------------------------------------------------------------------------------------------------- */

int civ_flows_anomalies(const civ_flows *f, civ_anomaly out[CIV_ANOMALIES])
{
  const civ_flow_totals *s = &f->sum;
  const double total = (double)(s->total > 0 ? s->total : 1);
  int n = 0;
  if (s->total == 0)
    return 0;
  if ((double)s->bytes_out > 10.0 * (double)s->bytes_in)
    out[n++] = (civ_anomaly){ CIV_EXCESSIVE_OUTBOUND,
                              (double)s->bytes_out / (double)(s->bytes_in > 0 ? s->bytes_in : 1), CIV_NONE };
  if ((double)s->sensitive > 0.3 * total)
    out[n++] = (civ_anomaly){ CIV_HIGH_SENSITIVITY_RATIO, (double)s->sensitive / total, CIV_NONE };
  if (s->credentials > 0)
    out[n++] = (civ_anomaly){ CIV_CREDENTIAL_EXPOSURE, (double)s->credentials, CIV_NONE };
  const civ_top top = civ_flows_top_sources(f);
  if (top.n > 0 && top.count[0] > 0.5 * total)
    out[n++] = (civ_anomaly){ CIV_CONCENTRATED_SOURCE, top.count[0] / total, top.party[0] };
  return n;
}

/* --- checkpoints ---------------------------------------------------------------------------------------------------------------- */

void civ_flows_save(const civ_flows *f, civ_bytes *out)
{
  civ_bytes_put_block(out, &f->sum, sizeof f->sum);
  for (uint32_t k = 0; k < f->parties; k++) {
    const civ_party_flows *p = &f->of[k];
    const uint32_t counts[] = { p->as_source, p->as_destination, p->first_source, p->first_destination,
                                p->initiated, p->received,       p->blocked };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
      civ_bytes_put_u32(out, counts[i]);
    civ_bytes_put_u64(out, p->bytes_sent);
    civ_bytes_put_u64(out, p->bytes_received);
    civ_bytes_put_real(out, p->sensitivity_sent);
  }
}

bool civ_flows_load(civ_flows *f, civ_bytes_reader *in)
{
  civ_bytes_block(in, &f->sum, sizeof f->sum);
  for (uint32_t k = 0; k < f->parties && !in->failed; k++) {
    civ_party_flows *p = &f->of[k];
    uint32_t *counts[] = { &p->as_source, &p->as_destination, &p->first_source, &p->first_destination,
                           &p->initiated, &p->received,       &p->blocked };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
      *counts[i] = civ_bytes_u32(in);
    p->bytes_sent = civ_bytes_u64(in);
    p->bytes_received = civ_bytes_u64(in);
    p->sensitivity_sent = civ_bytes_real(in);
  }
  return !in->failed;
}
