/* sample_run.h - a small made-up run for tests of the log: the calls a loop would make, from one seed; and a sink that
 * writes down every call it gets. */
#ifndef CIV_TESTS_SAMPLE_RUN_H
#define CIV_TESTS_SAMPLE_RUN_H

#include "base/buffer.h"
#include "civitas/log.h"

enum { SAMPLE_MOST_SINKS = 4 };

typedef struct sample_run {
  uint32_t seed, agents, epochs, steps, per_step;
  uint32_t stop_after_epochs; /* 0 = none; then without closing events */
  const char *config;         /* JSON in simulation_started; NULL = {} */
  double change;              /* added to the payoffs of the last interaction: another run */
  bool change_digest;         /* of the last step */
} sample_run;

/* Plays the run to the sinks. Returns the first error of begin, epoch or end. */
civ_status sample_run_play(const sample_run *run, const civ_replay_target *targets, uint32_t n, civ_error *err);
/* The log of the run as text; free with free. */
char *sample_run_log(const sample_run *run, int32_t detail, size_t *length);
extern const sample_run sample_small;

/* Everything a sink hears, as text in the buffer that is its self. */
extern const civ_sink recorder_sink, recorder_full_sink;

/* A fresh folder under the temporary one; joined paths. Both static buffers of the test program. */
const char *test_folder(void);
const char *test_path(const char *name);
void test_write(const char *path, const void *data, size_t length);
char *test_read(const char *path, size_t *length); /* free with free */

#endif
