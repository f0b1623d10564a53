/* permeability.c - how the cases of chapter 05 about permeability meet the library. */
#include <math.h>
#include <string.h>

#include "conformance.h"
#include "world/permeability.h"

static double number(const json_t *object, const char *key, double otherwise)
{
  const json_t *value = json_object_get(object, key);
  return json_is_number(value) ? json_number_value(value) : otherwise;
}

static civ_permeability_config config_of(const json_t *input)
{
  const json_t *given = json_object_get(input, "config"), *adaptive = json_object_get(given, "adaptive");
  return (civ_permeability_config){ .enabled = true,
                                    .base_permeability = number(given, "base_permeability", 0.5),
                                    .information_decay = number(given, "information_decay", 0.1),
                                    .contagion_rate = number(given, "contagion_rate", 0.05),
                                    .spillover_amplification = number(given, "spillover_amplification", 1.5),
                                    .adaptive = adaptive == NULL || json_is_true(adaptive),
                                    .threat_sensitivity = number(given, "threat_sensitivity", 1.0) };
}

static conformance_outcome effective(const conformance_case *c)
{
  const civ_permeability_config config = config_of(c->input);
  return conformance_answer(json_real(
      civ_permeability_effective(&config, number(c->input, "threat_level", 0), number(c->input, "agent_trust", 0.5))));
}

static conformance_outcome contagion(const conformance_case *c)
{
  const civ_permeability_config config = config_of(c->input);
  return conformance_answer(
      json_real(civ_permeability_contagion(&config, number(c->input, "p", 0), number(c->input, "permeability", 0))));
}

/* A rejected interaction counts for nothing, so it is not even added. */
static civ_permeability_sums sums_of(const json_t *input)
{
  civ_permeability_sums sums = { 0, 0, 0 };
  const json_t *p;
  size_t k;
  json_array_foreach(json_object_get(input, "accepted_p"), k, p) civ_permeability_sums_add(&sums, json_number_value(p));
  return sums;
}

static conformance_outcome optimal(const conformance_case *c)
{
  const civ_permeability_config config = config_of(c->input);
  const civ_permeability_sums sums = sums_of(c->input);
  if (number(c->input, "n_samples", 10) < 1)
    return conformance_refuse();
  return conformance_answer(
      json_real(civ_permeability_optimal(&config, &sums, number(c->input, "external_harm_weight", 1))));
}

static conformance_outcome optimal_expected(const conformance_case *c)
{
  const civ_permeability_config config = config_of(c->input);
  const civ_permeability_sums sums = sums_of(c->input);
  return conformance_answer(
      json_real(civ_permeability_optimal_expected(&config, &sums, number(c->input, "external_harm_weight", 1))));
}

static conformance_outcome degraded(const conformance_case *c)
{
  const civ_permeability_config config = config_of(c->input);
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ };
  civ_draws draws = civ_draws_open(1, &key);
  double quality;
  civ_permeability_cross(&config, number(c->input, "permeability", 1), number(c->input, "p", 1), &draws, &quality);
  return conformance_answer(json_real(quality));
}

static conformance_outcome spillover_harm(const conformance_case *c)
{
  const json_t *event;
  size_t k;
  double sum = 0;
  json_array_foreach(json_object_get(c->input, "events"), k, event) if (!json_is_true(json_array_get(event, 1))) sum +=
      json_number_value(json_array_get(event, 0));
  return conformance_answer(json_real(sum));
}

const conformance_adapter conformance_permeability[] = { { "permeability.effective", effective },
                                                         { "permeability.contagion", contagion },
                                                         { "permeability.optimal", optimal },
                                                         { "permeability.optimal_expected", optimal_expected },
                                                         { "permeability.degraded", degraded },
                                                         { "permeability.spillover_harm", spillover_harm },
                                                         { NULL, NULL } };
