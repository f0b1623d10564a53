/* repertoire.h - what scripted capturers do to a polity, to measure a searching adversary by. */
#ifndef CIV_SELFPLAY_REPERTOIRE_H
#define CIV_SELFPLAY_REPERTOIRE_H

#include "selfplay/damage.h"
#include "selfplay/matchup.h"

/* Mean damage that a matchup's capturers (everybody but the honest) do over the seeds. CIV_E_NOMEM, CIV_E_DIVERGED. */
CIV_MUST_CHECK civ_status civ_repertoire_damage(const civ_game *game, const civ_matchup *matchup, uint64_t first_seed,
                                                uint32_t n_seeds, civ_damage *out, civ_error *err);

#endif
