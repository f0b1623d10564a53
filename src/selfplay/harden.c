#include "selfplay/harden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

const char *const civ_exploit_fate_names[] = { "refused already", "closed", "open" };

/* The loop's own state. */
typedef struct loop {
  const civ_harden_setup *setup;
  civ_hardening *h;
  civ_kernel law; /* as patched so far */
  civ_replayer *replayer;
  size_t patches_capacity;
  uint32_t next_id;
  civ_error *err;
} loop;

/* --- versions ---------------------------------------------------------------------------------------------------------- */

/* The next patch version, in the arena. */
static const char *next_version(civ_arena *arena, const char *version)
{
  unsigned major = 0, minor = 0, patch = 0;
  char text[48];
  sscanf(version, "%u.%u.%u", &major, &minor, &patch);
  const int n = snprintf(text, sizeof text, "%u.%u.%u", major, minor, patch + 1);
  return civ_arena_text(arena, text, (size_t)n);
}

static civ_status no_memory(const loop *l)
{
  return civ_fail(l->err, CIV_E_NOMEM, "harden", "out of memory");
}

/* The law with one guard more, its provenance beside it. */
static civ_status with_guard(loop *l, const civ_guard *guard, const char *exploit_id, civ_kernel *out)
{
  civ_kernel k = l->law;
  const char *id = civ_arena_text(&l->h->arena, exploit_id, strlen(exploit_id));
  civ_guard_apply(&k.law, guard);
  k.version = next_version(&l->h->arena, k.version);
  if (guard->param == CIV_NO_PARAM)
    k.clauses[k.clause_of[guard->rule]].comment = id;
  else
    k.provenance[guard->param] = id;
  if (id == NULL || k.version == NULL || civ_kernel_digest(&k) != CIV_OK)
    return no_memory(l);
  *out = k;
  return CIV_OK;
}

/* --- what a law costs the honest ------------------------------------------------------------------------------------------ */

typedef struct honest_cost {
  double score;
  uint64_t findings;
} honest_cost;

static civ_status ask_honest(loop *l, const civ_kernel *kernel, honest_cost *out)
{
  civ_tournament *t;
  const civ_standing *standing;
  civ_tournament_setup setup = { .game = l->setup->game,
                                 .matchups = &civ_default_matchups[0],
                                 .n_matchups = 1,
                                 .first_seed = l->setup->first_seed,
                                 .n_seeds = l->setup->honest_seeds,
                                 .detect = l->setup->detect,
                                 .exploit_id_start = 1,
                                 .threads = l->setup->threads };
  setup.game.kernel = kernel;
  const civ_status status = civ_tournament_play(&setup, &t, l->err);
  if (status != CIV_OK)
    return status;
  civ_tournament_standings(t, &standing);
  *out = (honest_cost){ .score = standing->governance_score, .findings = standing->total_findings };
  civ_tournament_destroy(t);
  return CIV_OK;
}

/* --- one record --------------------------------------------------------------------------------------------------------------- */

static civ_status is_refused(loop *l, const civ_exploit *exploit, const civ_kernel *kernel, bool *refused)
{
  civ_replayed replayed;
  const civ_status status = civ_exploit_replay(l->replayer, exploit, kernel, &l->setup->detect, &replayed, l->err);
  if (status == CIV_OK)
    *refused = !replayed.found;
  return status;
}

static civ_status note_patch(loop *l, const civ_patch *patch)
{
  civ_hardening *h = l->h;
  if (civ_grow(&civ_allocator_malloc, (void **)&h->patches, &l->patches_capacity, (size_t)h->n_patches + 1,
               sizeof *h->patches) != CIV_OK)
    return no_memory(l);
  h->patches[h->n_patches++] = *patch;
  return CIV_OK;
}

/* Tries one rung: applies it unless the honest would suffer. */
static civ_status try_rung(loop *l, const civ_exploit *exploit, const civ_guard *guard, bool *applied)
{
  civ_kernel candidate;
  honest_cost cost;
  civ_status status = with_guard(l, guard, exploit->id, &candidate);
  if (status == CIV_OK)
    status = ask_honest(l, &candidate, &cost);
  if (status != CIV_OK)
    return status;
  civ_patch patch = { .round = l->h->n_rounds,
                      .detector = exploit->detector,
                      .guard = *guard,
                      .honest_score = cost.score,
                      .false_alarms = cost.findings,
                      .applied = cost.findings == 0 && l->h->honest_before - cost.score <= l->setup->honest_loss };
  memcpy(patch.exploit_id, exploit->id, sizeof patch.exploit_id);
  if (patch.applied) {
    snprintf(patch.version, sizeof patch.version, "%s", candidate.version);
    l->law = candidate;
  }
  *applied = patch.applied;
  return note_patch(l, &patch);
}

/* Climbs the ladder of the record's detector until its replay is refused. */
static civ_status climb(loop *l, const civ_exploit *exploit, civ_exploit_fate *fate)
{
  const civ_detector *detector = &civ_detectors[exploit->detector];
  bool refused = false, applied;
  civ_status status = is_refused(l, exploit, &l->law, &refused);
  *fate = CIV_FATE_REFUSED_ALREADY;
  for (uint32_t k = 0; status == CIV_OK && !refused && k < detector->n_rungs; k++) {
    if (!civ_guard_tightens(&l->law.law, &detector->ladder[k]))
      continue;
    status = try_rung(l, exploit, &detector->ladder[k], &applied);
    if (status == CIV_OK && applied)
      status = is_refused(l, exploit, &l->law, &refused);
    *fate = CIV_FATE_CLOSED;
  }
  if (!refused)
    *fate = CIV_FATE_OPEN;
  return status;
}

/* --- one round ------------------------------------------------------------------------------------------------------------------ */

static bool tell(const loop *l, const char *doing, uint64_t done, uint64_t of)
{
  return l->setup->progress == NULL || l->setup->progress(l->setup->arg, l->h->n_rounds, doing, done, of);
}

static bool tell_episode(void *arg, uint64_t done, uint64_t of)
{
  return tell(arg, "tournament", done, of);
}

static civ_status attack(loop *l, civ_harden_round *round)
{
  civ_kernel *kernel = civ_arena_take(&l->h->arena, 1, sizeof *kernel);
  const civ_exploit *exploits;
  if (kernel == NULL)
    return no_memory(l);
  *kernel = l->law;
  civ_tournament_setup setup = { .game = l->setup->game,
                                 .matchups = l->setup->matchups,
                                 .n_matchups = l->setup->n_matchups,
                                 .first_seed = l->setup->first_seed,
                                 .n_seeds = l->setup->n_seeds,
                                 .detect = l->setup->detect,
                                 .exploit_id_start = l->next_id,
                                 .threads = l->setup->threads,
                                 .progress = tell_episode,
                                 .arg = l };
  setup.game.kernel = kernel;
  const civ_status status = civ_tournament_play(&setup, &round->tournament, l->err);
  if (status != CIV_OK)
    return status;
  round->kernel = kernel;
  round->n_exploits = civ_tournament_exploits(round->tournament, &exploits);
  l->next_id += round->n_exploits;
  return CIV_OK;
}

/* Records of all rounds that the law does not refuse; a record that does not replay under its own kernel is a bug. */
static civ_status count_open(loop *l, uint32_t *open)
{
  const civ_exploit *exploits;
  bool refused;
  *open = 0;
  for (uint32_t r = 0; r < l->h->n_rounds; r++) {
    const uint32_t n = civ_tournament_exploits(l->h->rounds[r].tournament, &exploits);
    for (uint32_t k = 0; k < n; k++) {
      const civ_status status = is_refused(l, &exploits[k], &l->law, &refused);
      if (status != CIV_OK)
        return status;
      *open += !refused;
    }
  }
  return CIV_OK;
}

static civ_status verify_replays(loop *l, const civ_harden_round *round)
{
  const civ_exploit *exploits;
  const uint32_t n = civ_tournament_exploits(round->tournament, &exploits);
  for (uint32_t k = 0; k < n; k++) {
    civ_replayed replayed;
    const civ_status status = civ_exploit_replay(l->replayer, &exploits[k], NULL, &l->setup->detect, &replayed, l->err);
    if (status != CIV_OK)
      return status;
    if (!replayed.found || !replayed.identical)
      return civ_fail(l->err, CIV_E_DIVERGED, exploits[k].id,
                      "its replay under its own kernel is not the same episode (matchup %s, seed %llu)",
                      exploits[k].reproduction.matchup.name, (unsigned long long)exploits[k].reproduction.seed);
  }
  return CIV_OK;
}

static civ_status run_round(loop *l, civ_harden_round *round)
{
  const civ_exploit *exploits;
  honest_cost cost = { 0 };
  civ_status status = attack(l, round);
  if (status == CIV_OK)
    status = verify_replays(l, round);
  if (status != CIV_OK)
    return status;
  civ_tournament_exploits(round->tournament, &exploits);
  round->first_patch = l->h->n_patches;
  for (uint32_t k = 0; k < round->n_exploits && status == CIV_OK; k++) {
    if (!tell(l, "guards", k, round->n_exploits))
      return civ_fail(l->err, CIV_E_INTERRUPTED, "harden", "stopped on request");
    status = climb(l, &exploits[k], &round->fate[k]);
  }
  round->n_patches = l->h->n_patches - round->first_patch;
  if (status == CIV_OK)
    status = count_open(l, &round->open_after);
  if (status == CIV_OK)
    status = ask_honest(l, &l->law, &cost);
  round->honest_score = cost.score;
  return status;
}

/* Whether the round changed the law. */
static bool added_guards(const civ_hardening *h, const civ_harden_round *round)
{
  for (uint32_t k = 0; k < round->n_patches; k++)
    if (h->patches[round->first_patch + k].applied)
      return true;
  return false;
}

/* --- the loop --------------------------------------------------------------------------------------------------------------------- */

static civ_status go_round(loop *l)
{
  civ_hardening *h = l->h;
  honest_cost cost;
  civ_status status = ask_honest(l, &l->law, &cost);
  if (status != CIV_OK)
    return status;
  h->honest_before = h->honest_after = cost.score;
  while (status == CIV_OK && h->n_rounds < l->setup->rounds && h->n_rounds < CIV_HARDEN_ROUNDS_MOST) {
    civ_harden_round *round = &h->rounds[h->n_rounds++];
    status = run_round(l, round);
    if (status != CIV_OK)
      break;
    h->honest_after = round->honest_score;
    h->clean = round->n_exploits == 0;
    if (h->clean || !added_guards(h, round))
      break;
  }
  h->final = l->law;
  return status;
}

civ_status civ_harden(const civ_harden_setup *setup, civ_hardening **out, civ_error *err)
{
  civ_hardening *h = calloc(1, sizeof *h);
  loop l = {
    .setup = setup, .h = h, .law = *setup->game.kernel, .replayer = civ_replayer_create(), .next_id = 1, .err = err
  };
  civ_status status;
  if (h == NULL || l.replayer == NULL) {
    status = no_memory(&l);
  } else {
    h->arena = civ_arena_create(NULL);
    status = go_round(&l);
  }
  civ_replayer_destroy(l.replayer);
  if (status == CIV_OK)
    *out = h;
  else
    civ_hardening_destroy(h);
  return status;
}

void civ_hardening_destroy(civ_hardening *h)
{
  if (h == NULL)
    return;
  for (uint32_t k = 0; k < h->n_rounds; k++)
    civ_tournament_destroy(h->rounds[k].tournament);
  civ_arena_destroy(&h->arena);
  free(h->patches);
  free(h);
}
