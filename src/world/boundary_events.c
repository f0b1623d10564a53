#include "world/boundary_events.h"

#include <string.h>

static const civ_member crossing_members[] = { { "entity_id", CIV_MEMBER_TEXT, false },
                                               { "action", CIV_MEMBER_TEXT, false },
                                               { "direction", CIV_MEMBER_TEXT, false },
                                               { "flow_type", CIV_MEMBER_TEXT, false },
                                               { "size_bytes", CIV_MEMBER_INTEGER, false },
                                               { "content_hash", CIV_MEMBER_TEXT, false },
                                               { "sensitivity", CIV_MEMBER_REAL, false },
                                               { "success", CIV_MEMBER_BOOLEAN, false },
                                               { "latency_ms", CIV_MEMBER_REAL, false },
                                               { "code", CIV_MEMBER_TEXT, true },
                                               { NULL, 0, false } };
static const civ_member blocked_members[] = { { "entity_id", CIV_MEMBER_TEXT, false },
                                              { "action", CIV_MEMBER_TEXT, false },
                                              { "by", CIV_MEMBER_TEXT, false },
                                              { "policy", CIV_MEMBER_TEXT, false },
                                              { "reason", CIV_MEMBER_TEXT, false },
                                              { "risk_score", CIV_MEMBER_REAL, false },
                                              { "sensitivity", CIV_MEMBER_REAL, false },
                                              { "direction", CIV_MEMBER_TEXT, false },
                                              { "size_bytes", CIV_MEMBER_INTEGER, false },
                                              { "detail", CIV_MEMBER_TEXT, true },
                                              { NULL, 0, false } };
static const civ_member leaked_members[] = {
  { "destination_id", CIV_MEMBER_TEXT, false }, { "leakage_type", CIV_MEMBER_TEXT, false },
  { "severity", CIV_MEMBER_REAL, false },       { "severity_label", CIV_MEMBER_TEXT, false },
  { "description", CIV_MEMBER_TEXT, false },    { "content_hash", CIV_MEMBER_TEXT, false },
  { "blocked", CIV_MEMBER_BOOLEAN, false },     { NULL, 0, false }
};

enum { AT = CIV_FORM_AGENT | CIV_FORM_EPOCH | CIV_FORM_STEP };
const civ_event_form civ_boundary_events[] = {
  { "boundary_crossing", AT, crossing_members, "something crossed the boundary; never the content itself" },
  { "boundary_blocked", AT, blocked_members, "a request or its reply was refused at the boundary" },
  { "leakage_detected", AT, leaked_members, "a request carried something that should stay inside" },
  { NULL, 0, NULL, NULL }
};

static const char *name_of(const civ_boundary_teller *t, const civ_request *r)
{
  return r->name != NULL ? r->name : r->entity < t->gate->outside.n ? t->gate->outside.entities[r->entity].id : NULL;
}

static civ_event about(civ_boundary_teller *t, uint16_t *type, const char *event_name, const civ_request *r)
{
  civ_event event = civ_host_event(t->host, type, event_name, r->agent);
  event.values[0].text = name_of(t, r);
  return event;
}

static void crossed(void *self, const civ_request *r, const civ_flow *flow, const char *hash, const civ_reply *reply)
{
  civ_boundary_teller *t = self;
  civ_event event = about(t, &t->crossing, "boundary_crossing", r);
  event.values[1].text = r->action;
  event.values[2].text = civ_direction_names[flow->direction];
  event.values[3].text = civ_flow_type_names[flow->type];
  event.values[4].integer = (int64_t)flow->bytes;
  event.values[5].text = hash;
  event.values[6].real = flow->sensitivity;
  event.values[7].integer = reply->success;
  event.values[8].real = reply->latency_ms;
  event.values[9].text = reply->success ? NULL : civ_boundary_code_names[reply->code];
  t->host->call->emit(t->host, &event);
}

static void blocked(void *self, const civ_request *r, const civ_answer *a, const civ_flow *flow)
{
  civ_boundary_teller *t = self;
  civ_event event = about(t, &t->blocked, "boundary_blocked", r);
  event.values[1].text = r->action;
  event.values[2].text = civ_blocked_by_names[a->by];
  event.values[3].text = a->policy;
  event.values[4].text = civ_boundary_code_names[a->code];
  event.values[5].real = a->risk;
  event.values[6].real = flow->sensitivity;
  event.values[7].text = civ_direction_names[flow->direction];
  event.values[8].integer = (int64_t)flow->bytes;
  event.values[9].text = a->detail;
  t->host->call->emit(t->host, &event);
}

static void leaked(void *self, const civ_request *r, const civ_leak *leak, const char *hash, bool stopped)
{
  civ_boundary_teller *t = self;
  char description[256];
  civ_event event = about(t, &t->leaked, "leakage_detected", r);
  civ_leak_describe(t->gate->scanner, leak, description, sizeof description);
  event.values[1].text = civ_leak_type_names[leak->type];
  event.values[2].real = leak->severity;
  event.values[3].text = civ_severity_names[civ_severity_rank(leak->severity)];
  event.values[4].text = description;
  event.values[5].text = hash;
  event.values[6].integer = stopped;
  t->host->call->emit(t->host, &event);
}

civ_gate_listener civ_boundary_telling(civ_boundary_teller *t)
{
  return (civ_gate_listener){ t, crossed, blocked, leaked };
}
