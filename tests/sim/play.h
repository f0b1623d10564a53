/* play.h - what the tests of the loop share: a run from scenario text, and a scribe that writes down what it is told. */
#ifndef CIV_TESTS_PLAY_H
#define CIV_TESTS_PLAY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/bytes.h"
#include "civitas/civitas.h"

typedef struct play {
  civ_registry *registry;
  civ_config *config;
  civ_run *run;
} play;

/* A config from text, with the built-in parts and those `add` (may be NULL) registers. Fails the test on any complaint. */
void play_load(play *p, const char *yaml, civ_status (*add)(civ_registry *registry, civ_error *err));
/* The same, and a run of it; options may be NULL. */
void play_open(play *p, const char *yaml, const civ_run_options *options);
/* A run of what was loaded; the one before is destroyed. */
void play_start(play *p, const civ_run_options *options);
void play_close(play *p);

civ_end play_all(play *p);
civ_result play_result(play *p);
double play_total(play *p, const char *name); /* fails the test when there is no such total */
double play_cell(play *p, uint32_t epoch, const char *column);
bool play_do(play *p, civ_agent a, const civ_action *action); /* executes now; whether it succeeded */

/* Writes one line per event and per call: "event interaction_proposed i1", "epoch 0", ... */
typedef struct scribe {
  civ_buffer text;
  bool only_completions; /* leave out everything that is no part of a completion */
} scribe;
extern const civ_sink scribe_sink; /* full detail */
void scribe_free(scribe *s);
const char *scribe_lines(scribe *s); /* so far, terminated */

/* A log kept in memory, full detail. */
civ_log *play_log(play *p, civ_buffer *text);
/* Runs everything with a log in memory: the run's text and final digest. */
uint64_t play_text(play *p, const civ_run_options *options, civ_buffer *text);
/* What parts report of the run so far; free(). */
char *play_reports(const play *p);

/* --- laws of whole runs of what was loaded (play_laws.c) ------------------------------------------------------------------- */

/* With two, three and four threads it writes the log and ends in the state that it does with one. */
void play_same_on_threads(play *p);
/* Stopped and loaded again at each of the first `epochs` ends of epochs (and before the first) it ends in the same state, and
 * its parts report the same. */
void play_resumes_anywhere(play *p, uint32_t epochs);
/* Whichever request for memory is refused, it says so and leaves nothing behind. */
void play_clean_without_memory(play *p);

/* Three honest agents that do nothing of themselves. */
#define IDLE                                                                                                           \
  "    config: {post_probability: 0, vote_probability: 0, interact_probability: 0}\n    initial_resources: 20\n"
#define SEED "scenario_id: test\nsimulation: {seed: 7"

#endif
