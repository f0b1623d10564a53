/* draws.h - random numbers as a pure function of who asks, when, and for what.
 *
 * Counter-based streams (Philox4x64-10; Salmon, Moraes, Dror, Shaw 2011, through Random123). A stream is named by a key;
 * its n-th number depends on nothing but (run seed, key, n). So nobody's numbers depend on how many somebody else drew,
 * on the number of threads, or on which rooms are switched on. Nothing needs saving.
 *
 * Tests hand in a script instead: prescribed numbers by the same three questions (uniform, index, between). */
#ifndef CIVITAS_DRAWS_H
#define CIVITAS_DRAWS_H

#include "civitas/export.h"
#include "civitas/version.h"

CIV_BEGIN_DECLS

/* What a stream is for. Order is part of the results (rng version): append, never reorder. */
typedef enum civ_purpose {
  CIV_PURPOSE_TURN = 1,    /* entity = agent */
  CIV_PURPOSE_ANSWER,      /* entity = counterparty, other = initiator, epoch2/step2/ordinal = of the proposal */
  CIV_PURPOSE_OBSERVABLES, /* entity = initiator, epoch/step/ordinal = of the proposal; one block of four numbers */
  CIV_PURPOSE_SCHEDULE,    /* entity = 0 */
  CIV_PURPOSE_LEVER, /* entity = digest of the lever's name, other = initiator, epoch2/step2/ordinal = of the proposal */
  CIV_PURPOSE_WORLD,     /* entity = digest of the world's name, other = agent or object */
  CIV_PURPOSE_ROLE,      /* entity = agent, other = number of the role */
  CIV_PURPOSE_FIXTURE,   /* entity = record */
  CIV_PURPOSE_SAMPLE,    /* choosing what to report, never what happens */
  CIV_PURPOSE_FUZZ,      /* the society fuzzer */
  CIV_PURPOSE_BOOTSTRAP, /* entity, other = which quantity, ordinal = resample, epoch = sample */
  CIV_PURPOSE_DESIGN,    /* entity = axis, other = kind of design, ordinal = row or trajectory */
  CIV_PURPOSE_POLITY     /* entity = citizen, other = what for, epoch = turn, step = what is decided about */
} civ_purpose;

/* Names one stream of a run. Fields a purpose does not use are 0. */
typedef struct civ_draw_key {
  uint32_t purpose, entity, other, ordinal;
  uint32_t epoch, step, epoch2, step2;
} civ_draw_key;

/* Prescribed numbers, for tests: each question may be NULL, which makes asking it a programming error (abort). */
typedef struct civ_draw_script {
  double (*uniform)(void *self);             /* a number in [0, 1) */
  uint32_t (*index)(void *self, uint32_t n); /* a number in 0..n-1, n >= 1 */
  double (*between)(void *self, double low, double high);
  void *self;
} civ_draw_script;

/* One stream being read. 96 bytes, lives on the stack; numbers are made four at a time, when first needed. */
typedef struct civ_draws {
  uint64_t counter[4], key[2];
  uint64_t block[4];
  uint32_t next; /* position in block; 4 = used up */
  const civ_draw_script *script;
} civ_draws;

enum { CIV_DRAWS_BLOCK = 4 };

/* Makes the next block of a stream; aborts on a scripted one. Called by the questions below, not by users. */
CIV_API void civ_draws_refill(civ_draws *draws);
/* The three questions of a scripted stream, likewise. */
CIV_API double civ_draws_script_uniform(civ_draws *draws);
CIV_API uint32_t civ_draws_script_index(civ_draws *draws, uint32_t n);
CIV_API double civ_draws_script_between(civ_draws *draws, double low, double high);

/* The stream named by `key` in the run of `seed`, at its first number. Cannot fail; O(1), draws nothing yet.
 * A stream has 2^34 numbers before it runs into that of the next ordinal. */
CIV_API inline civ_draws civ_draws_open(uint64_t seed, const civ_draw_key *key)
{
  civ_draws draws;
  draws.counter[0] = (uint64_t)key->ordinal << 32;
  draws.counter[1] = key->entity | (uint64_t)key->other << 32;
  draws.counter[2] = key->epoch | (uint64_t)key->epoch2 << 32;
  draws.counter[3] = key->step | (uint64_t)key->step2 << 32;
  draws.key[0] = seed;
  draws.key[1] = key->purpose | (uint64_t)CIV_RNG_VERSION << 32;
  draws.next = CIV_DRAWS_BLOCK;
  draws.script = NULL;
  return draws; /* the block stays unset until the first question */
}

/* A stream that answers from `script`, which must outlive it. */
CIV_API civ_draws civ_draws_scripted(const civ_draw_script *script);

/* Next 64 random bits (not available on scripted streams). */
CIV_API inline uint64_t civ_draw_bits(civ_draws *draws)
{
  if (draws->next == CIV_DRAWS_BLOCK)
    civ_draws_refill(draws);
  return draws->block[draws->next++];
}

/* Uniform on [0, 1), a multiple of 2^-53. */
CIV_API inline double civ_draw_uniform(civ_draws *draws)
{
  if (CIV_UNLIKELY(draws->script != NULL))
    return civ_draws_script_uniform(draws);
  return (double)(civ_draw_bits(draws) >> 11) * (1.0 / 9007199254740992.0);
}

/* Uniform on 0..n-1, exactly (Lemire 2019, multiply and reject, on the upper 32 bits of a number); n >= 1. */
CIV_API inline uint32_t civ_draw_index(civ_draws *draws, uint32_t n)
{
  if (CIV_UNLIKELY(draws->script != NULL))
    return civ_draws_script_index(draws, n);
  uint64_t product = (civ_draw_bits(draws) >> 32) * n;
  if (CIV_UNLIKELY((uint32_t)product < n)) {
    const uint32_t surplus = (uint32_t)(0 - n) % n; /* 2^32 mod n: so many low parts would count twice */
    while ((uint32_t)product < surplus)
      product = (civ_draw_bits(draws) >> 32) * n;
  }
  return (uint32_t)(product >> 32);
}

/* low + (high - low) * uniform. */
CIV_API inline double civ_draw_between(civ_draws *draws, double low, double high)
{
  if (CIV_UNLIKELY(draws->script != NULL))
    return civ_draws_script_between(draws, low, high);
  return low + (high - low) * civ_draw_uniform(draws);
}

/* True with probability q: uniform < q. */
CIV_API inline bool civ_draw_chance(civ_draws *draws, double q)
{
  return civ_draw_uniform(draws) < q;
}

CIV_END_DECLS

#endif
