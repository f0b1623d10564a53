#include "world/boundary_gate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "world/boundary_text.h"

const char *const civ_blocked_by_names[CIV_BLOCKERS + 1] = { "policy", "leakage", "permeability", NULL };

const char civ_gate_name[] = "gate", civ_scan_name[] = "leakage";

/* One request on its way. */
typedef struct passage {
  civ_gate *g;
  const civ_request *request;
  civ_answer *answer;
  civ_flow out;
  char hash[CIV_HASH_TEXT];
} passage;

uint64_t civ_gate_blocked(const civ_gate_counts *counts)
{
  return counts->blocked[CIV_BY_POLICY] + counts->blocked[CIV_BY_LEAKAGE] + counts->blocked[CIV_BY_PERMEABILITY];
}

civ_status civ_gate_reserve(civ_gate *g, size_t requests)
{
  const civ_status status = civ_engine_reserve(&g->engine, requests);
  return status == CIV_OK ? civ_leaks_reserve(&g->leaks, requests) : status;
}

static void block(passage *p, civ_blocked_by by, civ_boundary_code code, const civ_flow *flow)
{
  civ_gate *g = p->g;
  p->answer->success = false;
  p->answer->blocked = true;
  p->answer->by = (uint8_t)by;
  p->answer->code = (uint8_t)code;
  g->counts.blocked[by]++;
  if (g->book_blocked) {
    civ_flow kept = *flow;
    kept.blocked = true;
    civ_flows_record(&g->flows, &kept);
  }
  if (g->listener.blocked)
    g->listener.blocked(g->listener.self, p->request, p->answer, flow);
}

/* --- before anything reads the text --------------------------------------------------------------------------------------- */

static bool refuse(passage *p, const char *who, civ_boundary_code code, const char *detail)
{
  p->answer->policy = who;
  p->answer->risk = 0.5;
  p->answer->detail = detail;
  block(p, CIV_BY_POLICY, code, &p->out);
  return false;
}

static bool readable(passage *p)
{
  const civ_content *c = &p->request->content;
  const civ_pattern *at = NULL;
  if (c->length > CIV_CONTENT_MOST_BYTES)
    return refuse(p, civ_gate_name, CIV_BOUNDARY_TOO_LONG, NULL);
  if (!civ_matcher_is_utf8(civ_scanner_matcher(p->g->scanner), c->text, c->scanned))
    return refuse(p, civ_gate_name, CIV_BOUNDARY_INVALID_TEXT, NULL);
  const double s = civ_scanner_sensitivity(p->g->scanner, c->text, c->scanned, &at);
  if (isnan(s))
    return refuse(p, civ_gate_name, CIV_BOUNDARY_PATTERN_LIMIT, civ_pattern_text(at));
  p->answer->sensitivity = p->out.sensitivity = s;
  return true;
}

static bool permitted(passage *p)
{
  const civ_crossing crossing = { .agent = p->request->agent,
                                  .direction = CIV_OUTBOUND,
                                  .content = p->request->content,
                                  .sensitivity = p->answer->sensitivity,
                                  .now_s = p->request->now_s };
  const civ_decision d = civ_engine_decide(&p->g->engine, civ_scanner_matcher(p->g->scanner), &crossing);
  if (d.allowed)
    return true;
  p->answer->policy = d.policy;
  p->answer->risk = d.risk;
  p->answer->detail = d.detail;
  block(p, CIV_BY_POLICY, (civ_boundary_code)d.code, &p->out);
  return false;
}

/* --- leaks ------------------------------------------------------------------------------------------------------------------ */

static void keep_leak(passage *p, const civ_leak *leak, bool blocked)
{
  civ_gate *g = p->g;
  const bool marked = blocked && g->book_blocked;
  civ_leaks_record(&g->leaks, p->request->agent, p->out.destination, leak, marked, strtoull(p->hash, NULL, 16));
  if (g->listener.leaked)
    g->listener.leaked(g->listener.self, p->request, leak, p->hash, marked);
}

static bool tight(passage *p)
{
  civ_gate *g = p->g;
  civ_leak leaks[CIV_MOST_LEAKS];
  const civ_pattern *at = NULL;
  const civ_content *c = &p->request->content;
  const int n = civ_scanner_leaks(g->scanner, c->text, c->scanned, leaks, &at);
  if (n < 0)
    return refuse(p, civ_scan_name, CIV_BOUNDARY_PATTERN_LIMIT, civ_pattern_text(at));
  const civ_leak *worst = NULL;
  for (int k = 0; k < n; k++) {
    if (worst == NULL && leaks[k].severity >= g->block_severity)
      worst = &leaks[k];
    if (g->plain_library)
      continue;
    p->out.pii |= leaks[k].type == CIV_LEAK_PII;
    p->out.credentials |= leaks[k].type == CIV_LEAK_CREDENTIAL;
    p->out.code |= leaks[k].type == CIV_LEAK_CODE;
  }
  for (int k = 0; k < n; k++)
    keep_leak(p, &leaks[k], worst != NULL);
  if (worst == NULL)
    return true;
  p->answer->leak = worst->type;
  p->answer->risk = worst->severity;
  p->answer->detail = civ_leak_type_names[worst->type];
  block(p, CIV_BY_LEAKAGE, CIV_BOUNDARY_LEAKAGE, &p->out);
  return false;
}

/* --- the wall, and what is behind it --------------------------------------------------------------------------------------------- */

static bool cross(passage *p, double quality, bool inbound, const civ_flow *flow)
{
  const civ_permeability_service *wall = p->g->wall;
  if (wall == NULL ||
      wall->cross(wall->self, p->request->agent, quality, inbound, p->request->ordinal, &p->answer->quality))
    return true;
  block(p, CIV_BY_PERMEABILITY, CIV_BOUNDARY_PERMEABILITY, flow);
  return false;
}

static void tell_crossed(passage *p, const civ_flow *flow, const char *hash)
{
  const civ_gate_listener *l = &p->g->listener;
  if (l->crossed)
    l->crossed(l->self, p->request, flow, hash, &p->answer->reply);
}

static void reply(passage *p)
{
  civ_gate *g = p->g;
  const civ_reply *r = &p->answer->reply;
  char hash[CIV_HASH_TEXT];
  const size_t length = strlen(r->text);
  const civ_flow in = { .direction = CIV_INBOUND,
                        .type = CIV_FLOW_RESPONSE,
                        .source = p->out.destination,
                        .destination = p->out.source,
                        .bytes = length,
                        .sensitivity = r->sensitivity };
  if (!cross(p, g->outside.entities[p->request->entity].trust, true, &in))
    return;
  civ_text_hash(r->text, length, hash);
  civ_flows_record(&g->flows, &in);
  p->answer->success = true;
  tell_crossed(p, &in, hash);
}

void civ_gate_request(civ_gate *g, const civ_request *request, civ_draws *draws, civ_answer *out)
{
  passage p = { .g = g,
                .request = request,
                .answer = out,
                .out = { .direction = CIV_OUTBOUND,
                         .type = CIV_FLOW_QUERY,
                         .source = request->agent,
                         .destination = civ_gate_party_outside(g, request->entity),
                         .bytes = request->content.length } };
  *out = (civ_answer){ .quality = 1 };
  g->counts.requests++;
  if (!readable(&p) || !permitted(&p))
    return;
  civ_text_hash(request->content.text, request->content.length, p.hash);
  if (!tight(&p) || !cross(&p, request->own_p, false, &p.out))
    return;
  civ_flows_record(&g->flows, &p.out);
  civ_outside_ask(&g->outside, request->entity, request->action, !g->plain_library, draws, &out->reply);
  out->code = out->reply.code;
  tell_crossed(&p, &p.out, p.hash);
  if (out->reply.success)
    reply(&p);
  else
    g->counts.failures++;
}

/* --- checkpoints -------------------------------------------------------------------------------------------------------------------- */

void civ_gate_save(const civ_gate *g, civ_bytes *out)
{
  civ_bytes_put_block(out, &g->counts, sizeof g->counts);
  civ_outside_save(&g->outside, out);
  civ_engine_save(&g->engine, out);
  civ_flows_save(&g->flows, out);
  civ_leaks_save(&g->leaks, out);
}

civ_status civ_gate_load(civ_gate *g, const char *const *actions, civ_bytes_reader *in, civ_error *err)
{
  civ_bytes_block(in, &g->counts, sizeof g->counts);
  if (!civ_outside_load(&g->outside, actions, in))
    return civ_fail(err, CIV_E_FORMAT, "boundaries", "the checkpoint's world outside is not this one");
  civ_status status = civ_engine_load(&g->engine, in, err);
  if (status == CIV_OK && !civ_flows_load(&g->flows, in))
    status = civ_fail(err, CIV_E_FORMAT, "boundaries", "the checkpoint's flows are cut off");
  return status == CIV_OK ? civ_leaks_load(&g->leaks, in, err) : status;
}
