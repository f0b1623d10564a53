/* The suite as data: names, categories, clauses, ladders of guards from mild to strict, and thresholds. */
#include "selfplay/detect.h"

#define C(rule) (1u << (rule))
enum { K1 = CIV_RULE_FRANCHISE, K2, K3, K4, K5, K6, K7, K8, K9 };

#define LADDER(name) static const civ_guard name[]
#define PROTECT(rule_)                                                                                                 \
  {                                                                                                                    \
    .rule = rule_, .param = CIV_NO_PARAM                                                                               \
  }
#define SET(rule_, param_, value_)                                                                                     \
  {                                                                                                                    \
    .rule = rule_, .param = param_, .value = value_                                                                    \
  }

LADDER(drain) = { SET(K4, CIV_PARAM_WINDOW_CAP_FRACTION, 100000), SET(K7, CIV_PARAM_TREASURER_LIMIT, 10000),
                  SET(K4, CIV_PARAM_PRIVATE_CAP_FRACTION, 100000), SET(K7, CIV_PARAM_TREASURER_LIMIT, 0),
                  SET(K4, CIV_PARAM_PRIVATE_CAP_FRACTION, 50000) };
LADDER(self_dealing) = { SET(K4, CIV_PARAM_SELF_DEALING, 1), SET(K4, CIV_PARAM_SELF_DEALING, 2) };
LADDER(reciprocal) = { SET(K4, CIV_PARAM_WINDOW_CAP_FRACTION, 50000), SET(K4, CIV_PARAM_PRIVATE_CAP_FRACTION, 50000),
                       SET(K4, CIV_PARAM_PRIVATE_CAP_FRACTION, 20000) };
LADDER(salami) = { SET(K4, CIV_PARAM_WINDOW_CAP_FRACTION, 50000), SET(K4, CIV_PARAM_WINDOW_CAP_FRACTION, 20000) };
LADDER(thin_quorum) = { SET(K3, CIV_PARAM_QUORUM_BASE, 1), SET(K3, CIV_PARAM_QUORUM_FRACTION, 500000),
                        SET(K3, CIV_PARAM_QUORUM_FRACTION, 600000) };
LADDER(loosening) = { SET(K5, CIV_PARAM_AMENDMENT_THRESHOLD, 600000),
                      SET(K5, CIV_PARAM_PROTECTED_THRESHOLD, 750000),
                      PROTECT(K7),
                      SET(K5, CIV_PARAM_RETRY, 15),
                      SET(K5, CIV_PARAM_DELAY, 5),
                      SET(K5, CIV_PARAM_RATCHET, 1) };
LADDER(entrenchment) = { SET(K7, CIV_PARAM_ROLES_TERM, 15), SET(K5, CIV_PARAM_CEILING, 750000),
                         SET(K5, CIV_PARAM_AMENDMENT_THRESHOLD, 660000) };
LADDER(accumulation) = { SET(K7, CIV_PARAM_MAX_PER_CITIZEN, 1) };
LADDER(suppression) = { SET(K6, CIV_PARAM_MAX_FRACTION, 200000), SET(K6, CIV_PARAM_REQUIRES_FINDING, 1),
                        SET(K7, CIV_PARAM_REGISTRAR_TERM, 1), SET(K7, CIV_PARAM_REGISTRAR_TERM, 0) };
LADDER(abuse) = { SET(K7, CIV_PARAM_REGISTRAR_COOLDOWN, 15), SET(K7, CIV_PARAM_REGISTRAR_TERM, 1),
                  SET(K7, CIV_PARAM_REGISTRAR_TERM, 0) };
LADDER(flooding) = { SET(K2, CIV_PARAM_COOLDOWN, 1), SET(K2, CIV_PARAM_MAX_OPEN_PER_CITIZEN, 3),
                     SET(K2, CIV_PARAM_MAX_OPEN_PER_CITIZEN, 1), SET(K2, CIV_PARAM_BOND, 1000000) };
LADDER(buying) = { SET(K8, CIV_PARAM_DISCLOSURE, 1), SET(K8, CIV_PARAM_TRANSFER_ENABLED, 0) };
LADDER(breach) = { SET(K9, CIV_PARAM_FLOOR_PRIORITY, 1), SET(K9, CIV_PARAM_RESERVE_FRACTION, 200000),
                   SET(K9, CIV_PARAM_RESERVE_FRACTION, 500000) };
LADDER(deadlock) = { SET(K5, CIV_PARAM_CEILING, 750000), SET(K5, CIV_PARAM_CEILING, 700000) };

#define DETECTOR(name_, category_, clauses_, ladder_, doc_)                                                            \
  {                                                                                                                    \
    .name = name_, .category = category_, .clauses = clauses_, .ladder = ladder_,                                      \
    .n_rungs = sizeof ladder_ / sizeof *ladder_, .doc = doc_                                                           \
  }

const civ_detector civ_detectors[CIV_DETECTORS] = {
  [CIV_DETECT_TREASURY_DRAIN] = DETECTOR("treasury-drain", CIV_EXPLOIT_DRAIN, C(K4) | C(K7), drain,
                                         "a circle of citizens who pay each other takes a quarter of the treasury"),
  [CIV_DETECT_SELF_DEALING] = DETECTOR("self-dealing", CIV_EXPLOIT_DRAIN, C(K4), self_dealing,
                                       "a spend pays its own proposer, who was not in need"),
  [CIV_DETECT_RECIPROCAL_DEALING] = DETECTOR("reciprocal-dealing", CIV_EXPLOIT_DRAIN, C(K4), reciprocal,
                                             "two citizens propose public money for each other"),
  [CIV_DETECT_SALAMI] = DETECTOR("salami", CIV_EXPLOIT_DRAIN, C(K4), salami,
                                 "many payments, each too small to be noticed, add up for one citizen"),
  [CIV_DETECT_THIN_QUORUM] =
      DETECTOR("thin-quorum", CIV_EXPLOIT_CAPTURE, C(K3), thin_quorum, "a handful of yes votes decides for everybody"),
  [CIV_DETECT_GUARD_LOOSENING] = DETECTOR("guard-loosening", CIV_EXPLOIT_CAPTURE, C(K5), loosening,
                                          "a guard is loosened and soon used by those who loosened it"),
  [CIV_DETECT_ENTRENCHMENT] =
      DETECTOR("entrenchment", CIV_EXPLOIT_ENTRENCH, C(K5) | C(K7), entrenchment,
               "an office is held against a majority, or its holder changed the law to keep it"),
  [CIV_DETECT_OFFICE_ACCUMULATION] =
      DETECTOR("office-accumulation", CIV_EXPLOIT_ENTRENCH, C(K7), accumulation, "one citizen holds two offices"),
  [CIV_DETECT_FRANCHISE_SUPPRESSION] = DETECTOR("franchise-suppression", CIV_EXPLOIT_SUPPRESS, C(K3) | C(K6),
                                                suppression, "citizens without fault lose their votes"),
  [CIV_DETECT_REGISTRAR_ABUSE] = DETECTOR("registrar-abuse", CIV_EXPLOIT_SUPPRESS, C(K7), abuse,
                                          "an opponent is suspended just before a proposal passes"),
  [CIV_DETECT_AGENDA_FLOODING] = DETECTOR("agenda-flooding", CIV_EXPLOIT_SUPPRESS, C(K2), flooding,
                                          "one citizen's proposals bury the agenda and turnout falls"),
  [CIV_DETECT_VOTE_BUYING] =
      DETECTOR("vote-buying", CIV_EXPLOIT_CAPTURE, C(K8), buying, "an opponent is paid and changes sides"),
  [CIV_DETECT_FLOOR_BREACH] = DETECTOR("floor-breach", CIV_EXPLOIT_DRAIN, C(K4) | C(K9), breach,
                                       "somebody sinks below half the floor while others took what would have helped"),
  [CIV_DETECT_DEADLOCK] = DETECTOR("deadlock", CIV_EXPLOIT_ENTRENCH, C(K3) | C(K5), deadlock,
                                   "nothing can pass any more, or one no blocks every amendment"),
};

/* --- guards --------------------------------------------------------------------------------------------------------------- */

bool civ_guard_tightens(const civ_law *law, const civ_guard *guard)
{
  if (guard->param == CIV_NO_PARAM)
    return (law->protected_rules >> guard->rule & 1) == 0;
  if (guard->param == CIV_PARAM_TRANSFER_ENABLED) /* neither by its sign, but as a guard off is the strict side */
    return law->value[guard->param] > guard->value;
  return civ_law_direction((civ_param)guard->param, law->value[guard->param], guard->value) > 0;
}

void civ_guard_apply(civ_law *law, const civ_guard *guard)
{
  if (guard->param == CIV_NO_PARAM)
    law->protected_rules |= (uint16_t)C(guard->rule);
  else
    law->value[guard->param] = guard->value;
}

void civ_guard_write(civ_buffer *out, const civ_kernel *kernel, const civ_guard *guard)
{
  civ_buffer_format(out, "set %s", civ_kernel_clause_id(kernel, (civ_rule)guard->rule));
  if (guard->param == CIV_NO_PARAM) {
    civ_buffer_text(out, " protected");
    return;
  }
  civ_buffer_format(out, ".%s to ", civ_param_forms[guard->param].name);
  civ_param_write(out, (civ_param)guard->param, guard->value);
}

/* --- thresholds ---------------------------------------------------------------------------------------------------------------- */

#define T civ_detect_config
static const civ_field fields[] = {
  CIV_INTEGER(T, drain_window, "15", 1, 1000, "turns", "turns over which a circle's takings add up"),
  CIV_REAL(T, drain_share, "0.25", 0, 1, "share", "of the initial treasury: a drain above it"),
  CIV_REAL(T, drain_share_grave, "0.5", 0, 1, "share", "of the initial treasury: severity 4 above it"),
  CIV_REAL(T, drain_share_extreme, "0.75", 0, 1, "share", "of the initial treasury: severity 5 above it"),
  CIV_INTEGER(T, reciprocal_window, "20", 1, 1000, "turns", "turns over which mutual spends add up"),
  CIV_REAL(T, reciprocal_share, "0.05", 0, 1, "share", "of the initial treasury that mutual spends must exceed"),
  CIV_INTEGER(T, salami_window, "20", 1, 1000, "turns", "turns over which slices add up"),
  CIV_INTEGER(T, salami_payments, "4", 1, 1000, "payments", "fewest slices"),
  CIV_REAL(T, salami_slice, "0.03", 0, 1, "share", "of the treasury before it: a payment under it is a slice"),
  CIV_REAL(T, salami_share, "0.1", 0, 1, "share", "of the initial treasury that the slices must exceed"),
  CIV_REAL(T, thin_quorum_share, "0.3", 0, 1, "share", "of founding citizens: fewer yes votes are thin"),
  CIV_INTEGER(T, loosening_window, "10", 0, 1000, "turns", "turns in which a loosened guard is still watched"),
  CIV_INTEGER(T, entrenchment_snapshots, "20", 1, 1000, "snapshots", "an office held in more than so many in a row"),
  CIV_REAL(T, franchise_share, "0.8", 0, 1, "share", "of founding citizens that must keep their vote"),
  CIV_REAL(T, opposed_share, "0.6", 0, 1, "share", "of shared votes that were opposed: severity 5 above it"),
  CIV_INTEGER(T, opposed_votes, "3", 1, 1000, "votes", "fewest shared votes for that"),
  CIV_INTEGER(T, abuse_window, "2", 0, 1000, "turns", "turns after a suspension in which a proposal must pass"),
  CIV_INTEGER(T, abuse_votes, "2", 1, 1000, "votes", "fewest earlier votes shared with the registrar"),
  CIV_INTEGER(T, flooding_snapshots, "5", 1, 1000, "snapshots", "how long the agenda must be flooded"),
  CIV_INTEGER(T, flooding_open, "8", 1, 100000, "proposals", "fewest open proposals"),
  CIV_REAL(T, flooding_share, "0.4", 0, 1, "share", "of the open proposals that must be one citizen's"),
  CIV_REAL(T, flooding_drop, "0.7", 0, 1, "ratio", "turnout of others must fall under so much of the usual one"),
  CIV_REAL(T, flooding_usual, "0.9", 0, 1, "share", "usual turnout where nothing was counted before"),
  CIV_INTEGER(T, buying_window, "3", 0, 1000, "turns", "turns from the gift to the changed vote"),
  CIV_INTEGER(T, buying_votes, "2", 1, 1000, "votes", "fewest earlier votes on the giver's proposals"),
  CIV_REAL(T, breach_share, "0.5", 0, 1, "share", "of the floor: a balance under it is a breach"),
  CIV_INTEGER(T, deadlock_snapshots, "10", 1, 1000, "snapshots", "how long nothing could pass"),
};
#undef T
const civ_section civ_section_detectors = { .name = "detectors",
                                            .doc = "Thresholds of the detectors of self-play.",
                                            .chapter = "self-play",
                                            .fields = fields,
                                            .n_fields = sizeof fields / sizeof *fields,
                                            .size = sizeof(civ_detect_config) };
