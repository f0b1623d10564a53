#include "selfplay/repertoire.h"

#include <stdlib.h>

static civ_citizens capturers(const civ_seating *seating)
{
  civ_citizens set = 0;
  for (uint32_t c = 0; c < seating->n; c++)
    if (seating->seats[c].policy != &civ_citizen_honest)
      set |= civ_citizen_bit(c);
  return set;
}

static civ_status add_episode(civ_episode *episode, const civ_game *game, const civ_seating *seating, uint64_t seed,
                              civ_damage *sum, civ_error *err)
{
  civ_trace trace;
  const civ_episode_setup setup = civ_game_episode(game, seating, seed);
  const civ_status status = civ_episode_play(episode, &setup, &trace, err);
  if (status != CIV_OK)
    return status;
  const civ_damage d = civ_damage_of(&trace, capturers(seating));
  sum->taken += d.taken;
  sum->silenced += d.silenced;
  sum->offices += d.offices;
  sum->damage += d.damage;
  return CIV_OK;
}

civ_status civ_repertoire_damage(const civ_game *game, const civ_matchup *matchup, uint64_t first_seed,
                                 uint32_t n_seeds, civ_damage *out, civ_error *err)
{
  civ_seating *seating = malloc(sizeof *seating);
  civ_episode *episode = civ_episode_create();
  civ_damage sum = { 0 };
  civ_status status = CIV_OK;
  if (seating == NULL || episode == NULL) {
    status = civ_fail(err, CIV_E_NOMEM, "repertoire", "out of memory");
  } else {
    civ_population_seat(&matchup->composition, seating);
    for (uint32_t k = 0; k < n_seeds && status == CIV_OK; k++)
      status = add_episode(episode, game, seating, first_seed + k, &sum, err);
  }
  free(seating);
  civ_episode_destroy(episode);
  if (status == CIV_OK)
    *out = (civ_damage){ sum.taken / n_seeds, sum.silenced / n_seeds, sum.offices / n_seeds, sum.damage / n_seeds };
  return status;
}
