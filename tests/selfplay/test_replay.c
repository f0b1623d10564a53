/* Exploits again: scripts recovered from the log alone bring about the identical episode, and records survive being written and
 * read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "playing.h"
#include "selfplay/exploit.h"

typedef struct fixture {
  playing playing;
  civ_replayer *replayer;
} fixture;

static int begin(void **state)
{
  static fixture f;
  playing_begin(&f.playing);
  f.replayer = civ_replayer_create();
  assert_non_null(f.replayer);
  *state = &f;
  return 0;
}

static int end(void **state)
{
  fixture *f = *state;
  civ_replayer_destroy(f->replayer);
  playing_end(&f->playing);
  return 0;
}

/* Plays one episode and takes down how the actors of a finding did it. */
static void take_down(fixture *f, const civ_matchup *matchup, uint64_t seed, civ_detector_id detector, civ_arena *arena,
                      civ_exploit *out)
{
  civ_trace trace;
  playing_play(&f->playing, &matchup->composition, seed, &trace);
  const civ_exploit_finding *found = playing_found(&f->playing, detector);
  assert_non_null(found);
  *out = (civ_exploit){ .id = "EXP-001",
                        .detector = (uint8_t)detector,
                        .severity = found->severity,
                        .finding = *found,
                        .occurrences = 1,
                        .reproduction = { .matchup = *matchup, .seed = seed, .game = f->playing.game } };
  civ_exploit_fingerprint(found, &f->playing.kernel, out->fingerprint);
  assert_int_equal(civ_exploit_recover(&trace, found, arena, &out->reproduction), CIV_OK);
}

/* The records a tournament over the default matchups keeps: per detector the gravest finding, the first among equals. */
static uint32_t records(fixture *f, uint64_t seeds, civ_arena *arena, civ_exploit out[CIV_DETECTORS])
{
  struct {
    uint8_t severity;
    int matchup;
    uint64_t seed;
  } gravest[CIV_DETECTORS] = { { 0 } };
  uint32_t n = 0;
  for (int m = 0; m < CIV_DEFAULT_MATCHUPS; m++)
    for (uint64_t seed = 0; seed < seeds; seed++) {
      civ_trace trace;
      playing_play(&f->playing, &civ_default_matchups[m].composition, seed, &trace);
      for (uint32_t k = 0; k < f->playing.n_found; k++) {
        const civ_exploit_finding *found = &f->playing.found[k];
        if (found->severity <= gravest[found->detector].severity)
          continue;
        gravest[found->detector].severity = found->severity;
        gravest[found->detector].matchup = m;
        gravest[found->detector].seed = seed;
      }
    }
  for (int d = 0; d < CIV_DETECTORS; d++)
    if (gravest[d].severity > 0)
      take_down(f, &civ_default_matchups[gravest[d].matchup], gravest[d].seed, (civ_detector_id)d, arena, &out[n++]);
  return n;
}

static civ_replayed replay(const fixture *f, const civ_exploit *e, const civ_kernel *kernel)
{
  civ_replayed out;
  civ_error err = { 0 };
  if (civ_exploit_replay(f->replayer, e, kernel, &f->playing.detect, &out, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  return out;
}

static char *text_of(json_t *json)
{
  assert_non_null(json);
  char *text = json_dumps(json, JSON_INDENT(2) | JSON_SORT_KEYS);
  assert_non_null(text);
  json_decref(json);
  return text;
}

/* --- records ------------------------------------------------------------------------------------------------------------ */

static void survives_being_written(const fixture *f, const civ_exploit *e)
{
  civ_arena arena = civ_arena_create(NULL);
  civ_exploit read;
  civ_error err = { 0 };
  char *text = text_of(civ_exploit_json(e));
  json_t *root = json_loads(text, 0, NULL);
  if (civ_exploit_read(root, "record", &arena, &read, &err) != CIV_OK)
    fail_msg("%s: %s", err.where, err.text);
  char *again = text_of(civ_exploit_json(&read));
  assert_string_equal(again, text);
  const civ_replayed r = replay(f, &read, NULL);
  assert_true(r.found && r.identical);
  free(again);
  free(text);
  json_decref(root);
  civ_arena_destroy(&arena);
}

static void every_record_replays(void **state)
{
  fixture *f = *state;
  civ_exploit exploits[CIV_DETECTORS];
  civ_arena arena = civ_arena_create(NULL);
  const uint32_t n = records(f, playing_times(100), &arena, exploits);
  assert_true(n >= 10);
  for (uint32_t k = 0; k < n; k++) {
    const civ_replayed r = replay(f, &exploits[k], NULL);
    assert_true(r.found);
    assert_true(r.identical);
    assert_false(r.stopped);
    survives_being_written(f, &exploits[k]);
  }
  civ_arena_destroy(&arena);
}

/* --- all findings ----------------------------------------------------------------------------------------------------------- */

static void every_finding_replays(void **state)
{
  fixture *f = *state;
  uint32_t replayed = 0;
  for (int m = 1; m < CIV_DEFAULT_MATCHUPS; m++)
    for (uint64_t seed = 1000; seed < 1000 + playing_times(20); seed++) {
      civ_trace trace;
      playing_play(&f->playing, &civ_default_matchups[m].composition, seed, &trace);
      civ_arena arena = civ_arena_create(NULL);
      for (uint32_t k = 0; k < f->playing.n_found; k++) {
        const civ_exploit_finding *found = &f->playing.found[k];
        civ_exploit e = { .detector = found->detector,
                          .severity = found->severity,
                          .finding = *found,
                          .reproduction = {
                              .matchup = civ_default_matchups[m], .seed = seed, .game = f->playing.game } };
        assert_int_equal(civ_exploit_recover(&trace, found, &arena, &e.reproduction), CIV_OK);
        const civ_replayed r = replay(f, &e, NULL);
        if (!r.found || !r.identical)
          fail_msg("%s of %s, seed %d: %s", civ_detectors[found->detector].name, civ_default_matchups[m].name,
                   (int)seed, r.found ? "another episode" : "not found again");
        replayed++;
      }
      civ_arena_destroy(&arena);
    }
  assert_true(replayed >= 12 * playing_times(20));
}

/* --- a law that stops it ------------------------------------------------------------------------------------------------------ */

static const civ_exploit *record_of(const civ_exploit *exploits, uint32_t n, civ_detector_id detector)
{
  for (uint32_t k = 0; k < n; k++)
    if (exploits[k].detector == detector)
      return &exploits[k];
  fail_msg("no record of %s", civ_detectors[detector].name);
  return NULL;
}

static void a_refusal_names_the_clause(void **state)
{
  fixture *f = *state;
  civ_exploit exploits[CIV_DETECTORS];
  civ_arena arena = civ_arena_create(NULL);
  const uint32_t n = records(f, 40, &arena, exploits);
  static const struct {
    civ_detector_id detector;
    civ_param param;
    int64_t value;
    const char *clause, *reason;
  } guards[] = {
    { CIV_DETECT_SELF_DEALING, CIV_PARAM_SELF_DEALING, 2, "K4.spend", "self_dealing" },
    { CIV_DETECT_FRANCHISE_SUPPRESSION, CIV_PARAM_REQUIRES_FINDING, 1, "K6.disenfranchise", "no_finding" },
    { CIV_DETECT_AGENDA_FLOODING, CIV_PARAM_MAX_OPEN_PER_CITIZEN, 1, "K2.proposal", "max_open" },
    { CIV_DETECT_OFFICE_ACCUMULATION, CIV_PARAM_MAX_PER_CITIZEN, 1, "K7.roles", "max_per_citizen" },
    { CIV_DETECT_VOTE_BUYING, CIV_PARAM_TRANSFER_ENABLED, 0, "K8.transfer", "disabled" },
  };
  for (size_t k = 0; k < sizeof guards / sizeof *guards; k++) {
    civ_kernel law = f->playing.kernel;
    law.law.value[guards[k].param] = guards[k].value;
    assert_int_equal(civ_kernel_digest(&law), CIV_OK);
    const civ_replayed r = replay(f, record_of(exploits, n, guards[k].detector), &law);
    assert_false(r.found);
    assert_true(r.stopped);
    assert_string_equal(r.clause, guards[k].clause);
    assert_string_equal(r.reason, guards[k].reason);
  }
  civ_arena_destroy(&arena);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_record_replays),
    cmocka_unit_test(every_finding_replays),
    cmocka_unit_test(a_refusal_names_the_clause),
  };
  return cmocka_run_group_tests_name("replay", tests, begin, end);
}
