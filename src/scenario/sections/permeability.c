#include "scenario/sections/sections.h"

#include <math.h>

#include "civitas/config.h"

static const char *const threat_sources[] = { "toxicity", "frozen_share", "constant", NULL };
static const char *const perm_trust_sources[] = { "auto", "identity", "average_p", "constant", NULL };

#define T civ_permeability_config
static const civ_field permeability_config_fields[] = {
  CIV_BOOLEAN(T, enabled, "true", "false switches the section off"),
  CIV_REAL(T, base_permeability, "0.5", 0, 1, "", "permeability without threat"),
  CIV_REAL(T, information_decay, "0.1", 0, 1, "share", "what quality loses in crossing"),
  CIV_REAL(T, contagion_rate, "0.05", 0, 1, "probability", "chance of harm to spill over"),
  CIV_REAL(T, spillover_amplification, "1.5", 0, INFINITY, "factor", "how much harm grows in spilling over"),
  CIV_BOOLEAN(T, adaptive, "true", "permeability follows threat and trust"),
  CIV_REAL(T, threat_sensitivity, "1.0", 0, INFINITY, "", "how strongly it follows"),
  CIV_CHOICE(T, threat_source, "toxicity", threat_sources, "what counts as threat"),
  CIV_REAL(T, threat_level, "0.0", 0, 1, "", "threat at the start, or always with constant"),
  CIV_REAL(T, threat_smoothing, "0.5", 0, 1, "share", "how fast the threat follows its source",
           .flags = CIV_FIELD_OPEN_MIN),
  CIV_CHOICE(T, trust_source, "auto", perm_trust_sources,
             "whose trust counts; auto = identity where that section is on, else average_p"),
  CIV_REAL(T, external_harm_weight, "1.0", 0, INFINITY, "factor", "weight of harm outside"),
  CIV_REAL(T, spillover_penalty, "0.0", 0, INFINITY, "credits", "what the initiator loses per point of harm"),
};
#undef T

const civ_section civ_permeability_section = { .name = "permeability",
                                               .doc = "How much of inside harm reaches the outside.",
                                               .chapter = "permeability",
                                               CIV_FIELDS(permeability_config_fields),
                                               .size = sizeof(civ_permeability_config),
                                               .absent_is_off = true,
                                               .part = "permeability" };
