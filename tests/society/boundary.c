/* Boundaries and permeability in random societies: what the books of the gate say is what was told, and no request is lost. */
#include <math.h>
#include <string.h>

#include "society.h"

static void draw_policies(civ_draws *d, civ_buffer *out)
{
  civ_buffer_text(out, "  policies:\n");
  if (draw_maybe(d, 0.5))
    civ_buffer_format(out, "    - {kind: rate_limit, max_crossings_per_minute: %u, per_agent: %s}\n",
                      civ_draw_index(d, 5), draw_maybe(d, 0.5) ? "true" : "false");
  if (draw_maybe(d, 0.5))
    civ_buffer_text(
        out, "    - {kind: content_filter, blocked_patterns: ['item \\d+7', '(a+)+$'], max_content_length: 35}\n");
  civ_buffer_format(out,
                    "    - {kind: composite, name: both, require_all: %s, policies: [{kind: sensitivity, "
                    "max_outbound_sensitivity: 0.2}, {kind: rate_limit, enabled: %s}]}\n",
                    draw_maybe(d, 0.5) ? "true" : "false", draw_maybe(d, 0.5) ? "true" : "false");
}

static void draw_activity(civ_draws *d, civ_buffer *out)
{
  civ_buffer_text(out, "  activity:\n");
  civ_buffer_text(out, "  ");
  put_real(out, d, "request_probability", 0, 1);
  if (draw_maybe(d, 0.3))
    civ_buffer_text(out, "    mix: {honest: {pii: 1, credential: 2}, adversarial: {keyword: 3, clean: 0.5}}\n");
}

static void draw_permeability(civ_draws *d, civ_buffer *out)
{
  static const char *const sources[] = { "toxicity", "frozen_share", "constant", NULL };
  static const char *const trusts[] = { "auto", "average_p", "constant", NULL };
  if (!draw_maybe(d, 0.5))
    return;
  civ_buffer_text(out, "permeability:\n  enabled: true\n");
  put_real(out, d, "base_permeability", 0, 1);
  put_real(out, d, "information_decay", 0, 1);
  put_real(out, d, "contagion_rate", 0, 1);
  put_real(out, d, "spillover_amplification", 0, 4);
  put_boolean(out, d, "adaptive");
  put_real(out, d, "threat_sensitivity", 0, 3);
  put_choice(out, d, "threat_source", sources);
  put_choice(out, d, "trust_source", trusts);
  put_real(out, d, "threat_level", 0, 1);
  put_real(out, d, "threat_smoothing", 0.1, 1);
  put_real(out, d, "external_harm_weight", 0, 5);
  put_real(out, d, "spillover_penalty", 0, 3);
}

void draw_boundary(civ_draws *d, civ_buffer *out)
{
  draw_permeability(d, out);
  if (!draw_maybe(d, 0.5))
    return;
  civ_buffer_text(out, "boundaries:\n");
  civ_buffer_format(out, "  enabled: %s\n", draw_maybe(d, 0.9) ? "true" : "false");
  put_real(out, d, "sensitivity_threshold", 0, 1);
  put_real(out, d, "minutes_per_step", 0.01, 2);
  put_integer(out, d, "max_interactions_per_epoch", 0, 60);
  put_boolean(out, d, "book_blocked");
  put_boolean(out, d, "charge_access_cost");
  put_boolean(out, d, "default_policies");
  if (draw_maybe(d, 0.5))
    civ_buffer_text(out, "  entities:\n    - {entity_id: db, name: DB, entity_type: data_source, access_cost: 2.5}\n"
                         "    - {entity_id: api, name: API, entity_type: service, rate_limit: 2, reliability: 0.5}\n");
  if (draw_maybe(d, 0.5))
    draw_policies(d, out);
  if (draw_maybe(d, 0.3))
    civ_buffer_text(out, "  clearances: {honest: 0.1, adversarial: 0.9}\n");
  if (draw_maybe(d, 0.4))
    civ_buffer_text(out, "  leakage: {block_severity: 0.5, patterns: {internal_data: [notes], health: ['\\d{4}']}}\n");
  draw_activity(d, out);
}

static double total(const civ_result *r, const char *name)
{
  return result_total(r, name);
}

static bool wall_agrees(society *s, const civ_result *r)
{
  const double open = total(r, "perm_spillovers"), stopped = total(r, "perm_blocked");
  if (isnan(open))
    return true;
  if (open + stopped != total(r, "events:spillover_detected"))
    return society_fail(s, "%g spillovers and %g stopped were counted, %g were told", open, stopped,
                        total(r, "events:spillover_detected"));
  const double share = open + stopped > 0 ? stopped / (open + stopped) : 1;
  if (fabs(share - total(r, "perm_containment")) > 1e-12)
    return society_fail(s, "containment is %g, counts say %g", total(r, "perm_containment"), share);
  return true;
}

bool boundary_end(society *s, const ledger *l, const civ_result *r)
{
  const civ_boundaries_config *rules = civ_config_section(s->config, "boundaries");
  const double blocked = total(r, "boundary_blocked_attempts"), flows = total(r, "boundary_flows");
  (void)l;
  if (!wall_agrees(s, r))
    return false;
  if (total(r, "boundaries_enabled") != 1)
    return flows == 0 || society_fail(s, "%g flows without a boundary", flows);
  /* What was neither refused nor failed was answered; flows inward may be more by booked replies that the wall stopped. */
  const double answered = total(r, "boundary.requests") - blocked - total(r, "boundary.failures");
  const double inward = total(r, "boundary.flows.inbound"), stopped = total(r, "boundary.blocked_by_permeability");
  if (answered < 0 || inward < answered || inward > answered + (rules->book_blocked ? stopped : 0))
    return society_fail(s, "%g requests, but %g were blocked, %g failed and %g were answered",
                        total(r, "boundary.requests"), blocked, total(r, "boundary.failures"), inward);
  if (total(r, "boundary.flows.blocked") != (rules->book_blocked ? blocked : 0) ||
      total(r, "events:boundary_blocked") != blocked)
    return society_fail(s, "%g were blocked, %g booked, %g told", blocked, total(r, "boundary.flows.blocked"),
                        total(r, "events:boundary_blocked"));
  if (total(r, "events:boundary_crossing") != flows - total(r, "boundary.flows.blocked") ||
      total(r, "events:leakage_detected") != total(r, "leakage_events"))
    return society_fail(s, "%g flows and %g leaks; %g and %g were told", flows, total(r, "leakage_events"),
                        total(r, "events:boundary_crossing"), total(r, "events:leakage_detected"));
  if (total(r, "boundary_external_interactions") >
      (double)rules->max_interactions_per_epoch * r->epochs + (double)rules->max_interactions_per_epoch)
    return society_fail(s, "%g requests were answered", total(r, "boundary_external_interactions"));
  return true;
}
