/* fuzz_trace.c - any bytes as the trace of an episode: read, or refused with a sentence; what is read is scored, labelled, written
 * and looked through by every detector, and everybody's script is recovered from it. */
#include <math.h>
#include <stdlib.h>

#include "base/field.h"
#include "selfplay/damage.h"
#include "selfplay/detect.h"
#include "selfplay/labels.h"
#include "selfplay/score.h"
#include "selfplay/trace_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
  if (!holds)
    abort();
}

static void look(const civ_trace *t)
{
  civ_detect_config config;
  civ_exploit_finding found[CIV_DETECTORS];
  civ_error err = { 0 };
  uint32_t n = 0;
  civ_arena arena = civ_arena_create(NULL);
  check(civ_section_set_defaults(&civ_section_detectors, &config, &arena) == CIV_OK);
  civ_arena_destroy(&arena);
  if (civ_detect(t, &config, NULL, found, &n, &err) != CIV_OK) {
    check(err.text[0] != '\0');
    return;
  }
  for (uint32_t k = 0; k < n; k++) {
    const civ_citizens all = t->n_citizens == CIV_CITIZENS_MOST ? ~UINT64_C(0) : (UINT64_C(1) << t->n_citizens) - 1;
    char fingerprint[65];
    check(found[k].severity >= 1 && found[k].severity <= 5 && (found[k].actors & ~all) == 0);
    check(found[k].turn >= 0 && (uint32_t)found[k].turn < t->n_snapshots);
    for (uint32_t i = 0; i < found[k].n_evidence && i < CIV_EVIDENCE_MOST; i++)
      check(found[k].evidence[i] < t->n_deeds);
    civ_exploit_fingerprint(&found[k], t->kernel, fingerprint);
  }
}

static void take_label(void *arg, const civ_interaction *record)
{
  uint64_t *labels = arg;
  check(record->p >= 0 && record->p <= 1);
  ++*labels;
}

static void label(const civ_trace *t)
{
  uint64_t labels = 0;
  civ_labeller *labeller = civ_labeller_create();
  check(labeller != NULL && civ_labels_of(labeller, t, take_label, &labels) == CIV_OK);
  check(labels <= t->n_deeds);
  civ_labeller_destroy(labeller);
}

static void tell(const civ_trace *t, civ_arena *arena)
{
  const civ_roll roll = civ_trace_roll(t);
  civ_buffer text = { 0 };
  for (uint32_t k = 0; k < t->n_snapshots; k++)
    civ_snapshot_write(&text, &roll, &t->snapshots[k]);
  for (uint32_t k = 0; k < t->n_deeds; k++)
    civ_deed_write(&text, &roll, &t->deeds[k]);
  for (uint32_t c = 0; c < t->n_citizens; c++) {
    civ_script script;
    check(civ_script_recover(t->deeds, t->n_deeds, (uint8_t)c, arena, &script) == CIV_OK);
    civ_script_write(&text, &roll, &script);
  }
  check(!text.failed);
  civ_buffer_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  civ_kernel kernel;
  civ_trace trace;
  civ_error err = { 0 };
  json_t *root = json_loadb((const char *)data, size, 0, NULL);
  if (root == NULL)
    return 0;
  civ_arena arena = civ_arena_create(NULL);
  check(civ_kernel_naive(&kernel) == CIV_OK);
  if (civ_trace_read(root, &kernel, &arena, &trace, &err) == CIV_OK) {
    look(&trace);
    label(&trace);
    tell(&trace, &arena);
    const civ_score score = civ_score_of(&trace);
    check(!isnan(score.governance_score));
    check(!isnan(civ_damage_of(&trace, 1).damage));
  } else
    check(err.code != CIV_OK && err.text[0] != '\0' && err.where[0] != '\0');
  civ_arena_destroy(&arena);
  json_decref(root);
  return 0;
}
