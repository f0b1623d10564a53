/* What the security lever tells the log. */
#include <string.h>

#include "govern/security.h"

enum { MOST_NAMED = 1000 }; /* agents an event names */

static void put_flagged(const civ_security_report *r, const char *const *names, civ_buffer *out)
{
  uint32_t named = 0;
  civ_buffer_text(out, "[");
  for (civ_agent a = 0; a < r->n_agents && named < MOST_NAMED; a++)
    if (r->scores[a] >= r->flag_threshold) {
      civ_buffer_text(out, named++ > 0 ? ", " : "");
      civ_buffer_json_text(out, names[a], strlen(names[a]));
    }
  civ_buffer_text(out, "]");
  civ_buffer_add(out, "", 1);
}

/* Who pays, and how much reputation. */
static void put_penalised(const civ_monitor *m, uint32_t agents, const char *const *names, civ_buffer *out)
{
  uint32_t named = 0;
  civ_buffer_text(out, "{");
  for (civ_agent a = 0; a < agents && named < MOST_NAMED; a++) {
    const civ_security_penalty p = civ_monitor_penalty(m, a);
    if (!(p.reputation < 0))
      continue;
    civ_buffer_text(out, named++ > 0 ? ", " : "");
    civ_buffer_json_text(out, names[a], strlen(names[a]));
    civ_buffer_text(out, ": ");
    civ_buffer_real(out, -p.reputation);
  }
  civ_buffer_text(out, "}");
  civ_buffer_add(out, "", 1);
}

bool civ_security_fill_event(const civ_monitor *m, bool at_end, const civ_security_counts *scanned,
                             const char *const *names, civ_buffer *flagged, civ_buffer *penalised, civ_value *v)
{
  const civ_security_report *r = civ_monitor_report(m, at_end);
  const bool punishes = !at_end && v[CIV_SECURITY_PENALTIES].integer > 0;
  put_flagged(r, names, flagged);
  put_penalised(m, r->n_agents, names, penalised);
  v[0].integer = at_end;
  v[1].integer = (int64_t)r->interactions;
  v[2].real = r->ecosystem_threat_level;
  v[3].integer = (int64_t)r->active_threats;
  v[4].real = r->prompt_injection_rate;
  v[5].real = r->manipulation_rate;
  v[6].real = r->laundering_rate;
  v[7].integer = r->estimated;
  v[8].integer = r->contagion_depth;
  v[9].integer = (int64_t)r->counts[CIV_THREAT_EXFILTRATION];
  v[10].real = r->containment_success_rate;
  v[11].real = r->false_positive_rate;
  v[12].integer = r->n_flagged;
  v[13].text = flagged->data;
  v[16].text = punishes ? penalised->data : NULL;
  v[17].integer = scanned != NULL ? (int64_t)scanned->injecting : INT64_MIN;
  v[18].integer = scanned != NULL ? (int64_t)scanned->leaking : INT64_MIN;
  return !flagged->failed && !penalised->failed;
}

static const civ_member score_members[] = { { "threat_score", CIV_MEMBER_REAL, false }, { NULL, 0, false } };
static const civ_member trust_members[] = { { "trust", CIV_MEMBER_REAL, false }, { NULL, 0, false } };
static const civ_member report_members[] = { { "complete", CIV_MEMBER_BOOLEAN, false },
                                             { "interactions", CIV_MEMBER_INTEGER, false },
                                             { "ecosystem_threat_level", CIV_MEMBER_REAL, false },
                                             { "active_threat_count", CIV_MEMBER_INTEGER, false },
                                             { "prompt_injection_rate", CIV_MEMBER_REAL, false },
                                             { "manipulation_rate", CIV_MEMBER_REAL, false },
                                             { "laundering_rate", CIV_MEMBER_REAL, false },
                                             { "laundering_estimated", CIV_MEMBER_BOOLEAN, false },
                                             { "contagion_depth", CIV_MEMBER_INTEGER, false },
                                             { "exfiltration_attempts", CIV_MEMBER_INTEGER, false },
                                             { "containment_success_rate", CIV_MEMBER_REAL, false },
                                             { "false_positive_rate", CIV_MEMBER_REAL, false },
                                             { "n_flagged", CIV_MEMBER_INTEGER, false },
                                             { "agents_flagged", CIV_MEMBER_JSON, false },
                                             { "penalties", CIV_MEMBER_INTEGER, false },
                                             { "penalty_total", CIV_MEMBER_REAL, false },
                                             { "penalised", CIV_MEMBER_JSON, true },
                                             { "content_injection_matches", CIV_MEMBER_OPT_INTEGER, true },
                                             { "content_exfiltration_matches", CIV_MEMBER_OPT_INTEGER, true },
                                             { NULL, 0, false } };
const civ_event_form civ_security_events[] = {
  { "security_report", CIV_FORM_EPOCH | CIV_FORM_STEP, report_members,
    "after each analysis at an epoch's start, and, with `complete`, once more at the end of the run" },
  { "agent_quarantined", CIV_FORM_AGENT | CIV_FORM_EPOCH | CIV_FORM_STEP, score_members,
    "a threat score at the threshold brought an agent into quarantine" },
  { "agent_released", CIV_FORM_AGENT | CIV_FORM_EPOCH | CIV_FORM_STEP, score_members,
    "an agent was let out of quarantine" },
  { "security_trust", CIV_FORM_AGENT | CIV_FORM_EPOCH | CIV_FORM_STEP, trust_members,
    "before an analysis: the trust in an identity, where it is not what was told last" },
  { NULL, 0, NULL, NULL }
};
