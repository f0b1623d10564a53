#include "playing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/field.h"

void playing_begin(playing *p)
{
  *p = (playing){ .arena = civ_arena_create(NULL), .game = { .kernel = &p->kernel, .turns = 60 } };
  p->game.initial_treasury = 1000 * CIV_CREDIT;
  p->episode = civ_episode_create();
  p->scratch = civ_detect_scratch_create();
  assert_non_null(p->episode);
  assert_non_null(p->scratch);
  assert_int_equal(civ_kernel_naive(&p->kernel), CIV_OK);
  assert_int_equal(civ_section_set_defaults(&civ_section_polity, &p->game.polity, &p->arena), CIV_OK);
  assert_int_equal(civ_section_set_defaults(&civ_section_detectors, &p->detect, &p->arena), CIV_OK);
}

void playing_end(playing *p)
{
  civ_episode_destroy(p->episode);
  civ_detect_scratch_destroy(p->scratch);
  civ_arena_destroy(&p->arena);
}

void playing_play(playing *p, const civ_composition *composition, uint64_t seed, civ_trace *trace)
{
  civ_error err = { 0 };
  civ_population_seat(composition, &p->seating);
  const civ_episode_setup setup = civ_game_episode(&p->game, &p->seating, seed);
  if (civ_episode_play(p->episode, &setup, trace, &err) != CIV_OK ||
      civ_detect(trace, &p->detect, p->scratch, p->found, &p->n_found, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
}

const civ_exploit_finding *playing_found(const playing *p, civ_detector_id detector)
{
  for (uint32_t k = 0; k < p->n_found; k++)
    if (p->found[k].detector == detector)
      return &p->found[k];
  return NULL;
}

uint32_t playing_times(uint32_t usual)
{
  const char *sanitized = getenv("CIV_SANITIZED"), *longer = getenv("CIV_LONG");
  if (longer != NULL && longer[0] != '\0' && longer[0] != '0')
    usual *= 10;
  return sanitized != NULL && sanitized[0] == '1' ? usual / 10 + 1 : usual;
}
