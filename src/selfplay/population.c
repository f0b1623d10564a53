#include "selfplay/population.h"

#include <stdio.h>

const civ_seat_kind civ_seat_kinds[CIV_SEAT_KINDS] = { { "honest", &civ_citizen_honest },
                                                       { "drainers", &civ_citizen_drainer },
                                                       { "entrenchers", &civ_citizen_entrencher },
                                                       { "suppressors", &civ_citizen_suppressor } };

uint32_t civ_composition_size(const civ_composition *composition)
{
  uint32_t n = 0;
  for (int k = 0; k < CIV_SEAT_KINDS; k++)
    n += composition->count[k];
  return n;
}

void civ_population_seat(const civ_composition *composition, civ_seating *out)
{
  civ_citizens capturers = 0;
  out->n = 0;
  for (int k = 0; k < CIV_SEAT_KINDS; k++)
    for (uint32_t i = 1; i <= composition->count[k]; i++) {
      const civ_citizen_policy *policy = civ_seat_kinds[k].policy;
      char *name = out->names[out->n];
      snprintf(name, sizeof out->names[0], "%s-%u", policy->name, i);
      if (k > 0)
        capturers |= civ_citizen_bit(out->n);
      out->seats[out->n++] = (civ_seat){ .name = name, .policy = policy };
    }
  for (uint32_t c = 0; c < out->n; c++)
    if ((capturers >> c & 1) != 0)
      out->seats[c].allies = capturers;
}
