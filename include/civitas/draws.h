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

CIV_BEGIN_DECLS

/* What a stream is for. Order is part of the results (rng version): append, never reorder. */
typedef enum civ_purpose {
  CIV_PURPOSE_TURN = 1,    /* entity = agent */
  CIV_PURPOSE_ANSWER,      /* entity = counterparty, other = initiator, epoch2/step2/ordinal = of the proposal */
  CIV_PURPOSE_OBSERVABLES, /* entity = initiator, epoch/step/ordinal = of the proposal; numbers 0-4 are fixed slots */
  CIV_PURPOSE_SCHEDULE,    /* entity = 0 */
  CIV_PURPOSE_LEVER,       /* entity = number of the lever, other = initiator, epoch2/step2/ordinal = of the proposal */
  CIV_PURPOSE_WORLD,       /* entity = number of the world, other = agent or object */
  CIV_PURPOSE_ROLE,        /* entity = agent, other = number of the role */
  CIV_PURPOSE_FIXTURE,     /* entity = record */
  CIV_PURPOSE_SAMPLE,      /* choosing what to report, never what happens */
  CIV_PURPOSE_FUZZ         /* the society fuzzer */
} civ_purpose;

/* Names one stream of a run. Fields a purpose does not use are 0. */
typedef struct civ_draw_key {
  uint32_t purpose, entity, other, ordinal;
  uint32_t epoch, step, epoch2, step2;
} civ_draw_key;

/* Prescribed numbers, for tests: each question may be NULL, which makes asking it a programming error (abort). */
typedef struct civ_draw_script {
  double (*uniform)(void *self);                        /* a number in [0, 1) */
  uint32_t (*index)(void *self, uint32_t n);            /* a number in 0..n-1, n >= 1 */
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

/* The stream named by `key` in the run of `seed`, at its first number. Cannot fail; O(1), draws nothing yet. */
CIV_API civ_draws civ_draws_open(uint64_t seed, const civ_draw_key *key);

/* A stream that answers from `script`, which must outlive it. */
CIV_API civ_draws civ_draws_scripted(const civ_draw_script *script);

/* Next 64 random bits (not available on scripted streams). */
CIV_API uint64_t civ_draw_bits(civ_draws *draws);

/* Uniform on [0, 1), a multiple of 2^-53. */
CIV_API double civ_draw_uniform(civ_draws *draws);

/* Uniform on 0..n-1, exactly (Lemire 2019, multiply and reject); n >= 1. */
CIV_API uint32_t civ_draw_index(civ_draws *draws, uint32_t n);

/* low + (high - low) * uniform. */
CIV_API double civ_draw_between(civ_draws *draws, double low, double high);

/* True with probability q: uniform < q. */
static inline bool civ_draw_chance(civ_draws *draws, double q)
{
  return civ_draw_uniform(draws) < q;
}

CIV_END_DECLS

#endif
