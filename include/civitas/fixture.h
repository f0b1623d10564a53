/* fixture.h - batches of interactions: read from files, or made without a simulation for tests, demos and benchmarks.
 *
 * Every number of a fixture is drawn from the streams of draws.h, so equal definitions give equal batches everywhere. */
#ifndef CIVITAS_FIXTURE_H
#define CIVITAS_FIXTURE_H

#include "civitas/interaction.h"

CIV_BEGIN_DECLS

/* --- batches --------------------------------------------------------------------------------------------------------- */

/* A list of records and the names their agents go by. All zero = empty; owns its memory (malloc). */
typedef struct civ_batch {
  civ_interaction *records;
  size_t n;
  char **names; /* of agents, in order of first appearance; records hold indices */
  uint32_t n_names;
  size_t room, names_room, slots_room; /* the rest is the batch's own */
  uint32_t *slots;                     /* open addressing from name to index + 1 */
} civ_batch;

CIV_API void civ_batch_free(civ_batch *batch);
/* Appends a copy of one record. CIV_E_NOMEM. O(1) amortised. */
CIV_API CIV_MUST_CHECK civ_status civ_batch_add(civ_batch *batch, const civ_interaction *record, civ_error *err);
/* Index of the agent called `name` (length bytes), new names at the end. CIV_E_NOMEM. O(length). */
CIV_API CIV_MUST_CHECK civ_status civ_batch_name(civ_batch *batch, const char *name, size_t length, civ_agent *agent,
                                                 civ_error *err);

/* A record with every field at its default: a refused reply, p = 0.5, everything else 0. */
CIV_API civ_interaction civ_interaction_default(void);

/* --- fixtures -------------------------------------------------------------------------------------------------------- */

typedef enum civ_fixture_kind {
  CIV_FIXTURE_BENIGN,      /* good work, mostly accepted */
  CIV_FIXTURE_TOXIC,       /* bad work, mostly accepted */
  CIV_FIXTURE_UNCERTAIN,   /* p close to 0.5 */
  CIV_FIXTURE_MIXED,       /* benign and toxic, shuffled */
  CIV_FIXTURE_ADVERSARIAL, /* honest dealings, then a burst of attacks half a second apart */
  CIV_FIXTURE_KINDS
} civ_fixture_kind;
/* "benign", "toxic", "uncertain", "mixed", "adversarial"; NULL-terminated. */
CIV_API extern const char *const civ_fixture_names[CIV_FIXTURE_KINDS + 1];

/* What to make. Fields a kind does not read are ignored. */
typedef struct civ_fixture_def {
  int32_t kind; /* civ_fixture_kind */
  uint64_t seed;
  int64_t start_us;      /* time of the first record; records are one second apart */
  uint32_t count;        /* records; of an adversarial fixture: of its honest part */
  uint32_t attacks;      /* adversarial: records of the burst */
  double min_p, max_p;   /* benign, toxic: p uniform between them; 0 <= min_p <= max_p <= 1 */
  double acceptance;     /* benign, toxic: share accepted, [0, 1] */
  double band;           /* uncertain: p within 0.5 +- band, [0, 0.5] */
  double toxic_fraction; /* mixed: floor(count * toxic_fraction) records are toxic, [0, 1] */
} civ_fixture_def;

/* The usual batch of a kind: benign 50 records with p in [0.7, 0.95], toxic 50 in [0.1, 0.4], uncertain 50 within 0.15 of
 * 0.5, mixed 100 of which 30 toxic, adversarial 30 honest and 20 attacks. Seed 0, start 2000-01-01. */
CIV_API civ_fixture_def civ_fixture_default(civ_fixture_kind kind);

/* Appends the records to an empty batch; ids from 1 in order. CIV_E_RANGE names the first field out of range, CIV_E_NOMEM;
 * the batch is empty after a failure. O(count). */
CIV_API CIV_MUST_CHECK civ_status civ_fixture_make(const civ_fixture_def *def, civ_batch *out, civ_error *err);

/* Labels `n` given sets of observables: record i goes from agent_(i mod 10) to agent_((i + 5) mod 10), a collaboration,
 * accepted where accept(arg, p) says so (NULL: p > 0.5), one second apart from start_us. Draws nothing. As above. */
CIV_API CIV_MUST_CHECK civ_status civ_fixture_from_observables(const civ_observables *observables, size_t n,
                                                               const civ_proxy *proxy,
                                                               bool (*accept)(void *arg, double p), void *arg,
                                                               int64_t start_us, civ_batch *out, civ_error *err);

CIV_END_DECLS

#endif
