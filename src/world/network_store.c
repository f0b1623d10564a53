/* A network as bytes, for checkpoints. */
#include "base/bytes.h"
#include "world/network_inside.h"

static void save_rows(const civ_network *net, civ_bytes *out)
{
  for (civ_agent a = 0; a < net->n; a++) {
    const network_row *row = &net->rows[a];
    const uint32_t from = row->count ? civ_network_place(net, a, a) : 0, more = row->count - from;
    civ_bytes_put_u32s(out, net->ends + row->first + from, more); /* its own half: those above it */
    civ_bytes_put_reals(out, net->weights + row->first + from, more);
  }
}

void civ_network_save(const civ_network *net, civ_bytes *out)
{
  civ_bytes_put_u32(out, net->n);
  civ_bytes_put_u8(out, net->complete);
  civ_bytes_put_u64(out, net->n_edges);
  civ_bytes_put_u64(out, net->version);
  civ_bytes_put_u64(out, net->digest);
  if (net->complete) {
    civ_bytes_put_real(out, net->untouched);
    civ_pairs_save(net->touched, out);
  } else {
    save_rows(net, out);
  }
}

static civ_status misfit(const civ_network *net, civ_error *err)
{
  return civ_fail(err, CIV_E_FORMAT, "network", "the checkpoint's network is not one of %u agents", net->n);
}

static civ_status load_complete(civ_network *made, civ_bytes_reader *in, civ_error *err)
{
  civ_status st = civ_network_make_complete(made);
  if (st != CIV_OK)
    return civ_fail(err, st, "network", "out of memory while loading the network");
  const uint64_t edges = made->n_edges;
  made->untouched = civ_bytes_real(in);
  st = civ_pairs_load(made->touched, in, err);
  for (size_t k = 0; st == CIV_OK && k < civ_pairs_count(made->touched); k++) {
    const civ_pair *pair = civ_pairs_at(made->touched, k);
    if (pair->owner >= pair->other || pair->other >= made->n)
      return misfit(made, err);
  }
  return st == CIV_OK && civ_pairs_count(made->touched) > edges ? misfit(made, err) : st;
}

/* The own half of each agent, in two passes over the same bytes: first who is tied to whom, then how strongly. */
typedef struct halves {
  civ_agent *ends; /* a, b, a, b ... */
  double *weights;
  uint64_t n, at;
} halves;

static bool read_row(halves *h, uint32_t n, civ_agent a, civ_bytes_reader *in)
{
  const uint64_t count = civ_bytes_u64(in);
  const uint64_t from = h->at;
  if (in->failed || count > h->n - h->at)
    return false;
  for (uint64_t k = 0; k < count; k++, h->at++) {
    const civ_agent b = civ_bytes_u32(in);
    if (b >= n || b <= a || (k > 0 && b <= h->ends[2 * h->at - 1]))
      return false;
    h->ends[2 * h->at] = a;
    h->ends[2 * h->at + 1] = b;
  }
  return civ_bytes_reals(in, h->weights + from, count);
}

static civ_status load_rows(civ_network *made, uint64_t edges, civ_bytes_reader *in, civ_error *err)
{
  halves h = { .n = edges };
  if (edges > civ_bytes_left(in) / sizeof(double))
    return misfit(made, err);
  h.ends = civ_zeroed(made->allocator, 2 * edges + 1, sizeof *h.ends);
  h.weights = civ_zeroed(made->allocator, edges + 1, sizeof *h.weights);
  bool fits = true;
  civ_status st = h.ends && h.weights ? CIV_OK : CIV_E_NOMEM;
  for (civ_agent a = 0; st == CIV_OK && fits && a < made->n; a++)
    fits = read_row(&h, made->n, a, in);
  if (st == CIV_OK && fits && h.at == edges)
    st = civ_network_build(made, h.ends, edges);
  for (uint64_t k = 0; st == CIV_OK && fits && k < edges; k++)
    civ_network_add(made, h.ends[2 * k], h.ends[2 * k + 1], h.weights[k]);
  civ_release(made->allocator, h.ends, (2 * edges + 1) * sizeof *h.ends);
  civ_release(made->allocator, h.weights, (edges + 1) * sizeof *h.weights);
  if (st != CIV_OK)
    return civ_fail(err, st, "network", "out of memory while loading the network");
  return fits && h.at == edges ? CIV_OK : misfit(made, err);
}

civ_status civ_network_load(civ_network *net, civ_bytes_reader *in, civ_error *err)
{
  civ_network *made;
  const uint32_t n = civ_bytes_u32(in);
  const bool complete = civ_bytes_u8(in) != 0;
  const uint64_t edges = civ_bytes_u64(in), version = civ_bytes_u64(in), digest = civ_bytes_u64(in);
  if (in->failed || n != net->n)
    return misfit(net, err);
  civ_status st = civ_network_create(&net->rules, net->n, net->allocator, &made, err);
  if (st != CIV_OK)
    return st;
  st = complete ? load_complete(made, in, err) : load_rows(made, edges, in, err);
  if (st == CIV_OK && (in->failed || made->n_edges != edges))
    st = misfit(net, err);
  if (st == CIV_OK) {
    made->version = version;
    made->digest = digest;
    const civ_network old = *net;
    *net = *made;
    *made = old;
  }
  civ_network_destroy(made);
  return st;
}
