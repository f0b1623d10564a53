/* fuzz_log.c - any bytes as an event log: read leniently and strictly, rebuilt, replayed to a sink that looks at everything. */
#include <stdlib.h>

#include "civitas/civitas.h"
#include "record/log_replay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
  if (!holds)
    abort();
}

static uint64_t seen; /* so that nothing is optimised away */

static void look_at_event(void *self, const civ_event *event)
{
  (void)self;
  seen += event->time_us != 0;
  check(event->form != NULL && event->form->name != NULL);
}

static void look_at_interaction(void *self, const civ_interaction *r, double a, double b)
{
  const uint32_t *agents = self;
  check(r->initiator < *agents && r->counterparty < *agents && r->type < CIV_INTERACTION_TYPES);
  check(r->p >= 0 && r->p <= 1 && r->v_hat >= -1 && r->v_hat <= 1 && r->observables.rework_count >= 0);
  seen += a > b;
}

static civ_status begin(void *self, const civ_roster *roster, const civ_columns *columns, civ_error *err)
{
  uint32_t *agents = self;
  (void)err;
  *agents = roster->n;
  for (uint32_t c = 0; c < columns->n; c++)
    seen += columns->decls[c].name[0] != '\0';
  for (uint32_t a = 0; a < roster->n; a++)
    check(roster->names[a][0] != '\0' && roster->types[a] < CIV_AGENT_TYPES && roster->variants[a] != NULL);
  return CIV_OK;
}

static void rebuild(const char *text, size_t size, bool strict)
{
  civ_log_reader *reader;
  civ_rebuilt rebuilt;
  civ_error err = { 0 };
  if (civ_log_open_text(text, size, strict, &reader, &err) != CIV_OK)
    return;
  if (civ_log_rebuild(reader, &rebuilt, &err) == CIV_OK) {
    for (size_t k = 0; k < rebuilt.n; k++)
      check(rebuilt.records[k].initiator < rebuilt.n_names && rebuilt.records[k].counterparty < rebuilt.n_names &&
            rebuilt.ids[k] != NULL && (k == 0 || rebuilt.records[k - 1].time_us <= rebuilt.records[k].time_us));
    civ_rebuilt_free(&rebuilt);
  } else
    check(err.code != CIV_OK && err.text[0] != '\0' && err.where[0] != '\0');
  civ_log_reader_close(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const civ_sink sink = { .version = CIV_PART_VERSION,
                                 .name = "look",
                                 .wants_events = true,
                                 .wants_full = true,
                                 .begin = begin,
                                 .interaction = look_at_interaction,
                                 .event = look_at_event };
  uint32_t agents = 0;
  const civ_replay_target target = { &sink, &agents };
  const civ_log_input in = { .text = (const char *)data, .length = size };
  for (int strict = 0; strict < 2; strict++) {
    bool complete;
    civ_log_counts counts;
    civ_error err = { 0 };
    rebuild(in.text, size, strict);
    if (civ_log_replay_input(&in, 1, strict, &target, 1, &complete, &counts, &err) != CIV_OK)
      check(err.code != CIV_OK && err.text[0] != '\0');
  }
  return 0;
}
