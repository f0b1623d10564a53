/* outputs.c - section `outputs`: which files a run leaves behind. */
#include <math.h>

#include "civitas/log.h"

static const char *const modes[] = { "refuse", "fresh", NULL };
static const char *const details[] = { "standard", "full", NULL };
static const char *const durabilities[] = { "none", "epoch", "every", NULL };
static const char *const compressions[] = { "none", "zstd", NULL };

static const civ_field fields[] = {
  CIV_TEXT(civ_outputs_config, event_log, "null",
           "Path of the event log; inside the run folder unless absolute; replaces events.jsonl there."),
  CIV_CHOICE(civ_outputs_config, event_log_mode, "refuse", modes,
             "What happens to an existing event log: refuse it, or replace it (fresh, as --force does)."),
  CIV_CHOICE(civ_outputs_config, event_log_detail, "standard", details,
             "Whether the log also has measurements and the agents' states at every epoch end (full)."),
  CIV_CHOICE(
      civ_outputs_config, durability, "epoch", durabilities,
      "When records are handed to the system: each at once (every), at epoch ends, or when the buffer is full (none)."),
  CIV_CHOICE(civ_outputs_config, compression, "none", compressions,
             "Compresses the event log; its name then ends in .zst."),
  CIV_INTEGER(civ_outputs_config, checkpoint_every, "0", 0, INFINITY, "epochs",
              "Writes a checkpoint every so many epochs; 0 writes none."),
  CIV_TEXT(civ_outputs_config, metrics_csv, "null",
           "Path of a CSV of every epoch with the columns of metrics_to_track; replaces epochs.csv."),
  CIV_TEXT(civ_outputs_config, history_json, "null", "Path of the run's history as one JSON document."),
  CIV_TEXT(civ_outputs_config, agents_csv, "null", "Path of a CSV of the agents at the end; replaces agents.csv."),
  CIV_TEXT(civ_outputs_config, report_html, "null", "Path of a report as one HTML page."),
  CIV_TEXT(civ_outputs_config, agent_snapshots, "auto",
           "Which agents the history keeps at every epoch: all, sample:N, summary, none, or auto."),
};

const civ_section civ_outputs_section = {
  .name = "outputs",
  .doc = "Which files a run writes, and how carefully.",
  .chapter = "outputs",
  .fields = fields,
  .n_fields = sizeof fields / sizeof *fields,
  .size = sizeof(civ_outputs_config),
};
