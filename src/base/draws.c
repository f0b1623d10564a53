#include "civitas/draws.h"

#include <Random123/philox.h>
#include <stdlib.h>

/* The library's own copies of what the header lets callers inline. */
extern inline civ_draws civ_draws_open(uint64_t seed, const civ_draw_key *key);
extern inline uint64_t civ_draw_bits(civ_draws *draws);
extern inline double civ_draw_uniform(civ_draws *draws);
extern inline uint32_t civ_draw_index(civ_draws *draws, uint32_t n);
extern inline double civ_draw_between(civ_draws *draws, double low, double high);
extern inline bool civ_draw_chance(civ_draws *draws, double q);

civ_draws civ_draws_scripted(const civ_draw_script *script)
{
  return (civ_draws){ .next = CIV_DRAWS_BLOCK, .script = script };
}

void civ_draws_refill(civ_draws *draws)
{
  if (draws->script != NULL)
    abort(); /* a script answers uniform, index and between, nothing else */
  const philox4x64_ctr_t counter = { { draws->counter[0], draws->counter[1], draws->counter[2], draws->counter[3] } };
  const philox4x64_key_t key = { { draws->key[0], draws->key[1] } };
  const philox4x64_ctr_t block = philox4x64_R(10, counter, key);
  for (int i = 0; i < CIV_DRAWS_BLOCK; i++)
    draws->block[i] = block.v[i];
  draws->counter[0]++;
  draws->next = 0;
}

double civ_draws_script_uniform(civ_draws *draws)
{
  if (draws->script->uniform == NULL)
    abort();
  return draws->script->uniform(draws->script->self);
}

uint32_t civ_draws_script_index(civ_draws *draws, uint32_t n)
{
  if (draws->script->index == NULL)
    abort();
  return draws->script->index(draws->script->self, n);
}

double civ_draws_script_between(civ_draws *draws, double low, double high)
{
  if (draws->script->between == NULL)
    abort();
  return draws->script->between(draws->script->self, low, high);
}
