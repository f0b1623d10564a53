/* log.h - the event log: one JSON object per line, append-only, byte-identical for equal runs; and everything that reads
 * it back. Line format and replay rules: docs/event-log.md. */
#ifndef CIVITAS_LOG_H
#define CIVITAS_LOG_H

#include "civitas/field.h"
#include "civitas/sink.h"

CIV_BEGIN_DECLS

/* --- configuration -------------------------------------------------------------------------------------------------- */

typedef enum civ_detail { CIV_DETAIL_STANDARD, CIV_DETAIL_FULL } civ_detail;
typedef enum civ_durability { CIV_DURABILITY_NONE, CIV_DURABILITY_EPOCH, CIV_DURABILITY_EVERY } civ_durability;
typedef enum civ_compression { CIV_COMPRESSION_NONE, CIV_COMPRESSION_ZSTD } civ_compression;

/* Section `outputs`. Paths are relative to the run folder; NULL = the standard file there. */
typedef struct civ_outputs_config {
  const char *event_log, *metrics_csv, *history_json, *agents_csv, *report_html;
  int32_t event_log_mode;      /* 0 refuse, 1 fresh */
  int32_t event_log_detail;    /* civ_detail */
  int32_t durability;          /* civ_durability */
  int32_t compression;         /* civ_compression */
  int64_t checkpoint_every;    /* epochs, 0 = none */
  const char *agent_snapshots; /* "auto", "all", "sample:N", "summary", "none" */
} civ_outputs_config;
CIV_API extern const civ_section civ_outputs_section;

/* --- writing --------------------------------------------------------------------------------------------------------- */

typedef struct civ_log_options {
  int32_t detail, durability, compression; /* civ_detail, civ_durability, civ_compression */
  bool replace;                            /* an existing file: false = CIV_E_IO naming --force */
  bool resume;             /* the file exists: its bytes from `offset` on must equal what is written now ... */
  uint64_t offset, events; /* ... then writing goes on behind them, completing a torn line or zstd frame;
                                              `events` were written before `offset`. CIV_E_DIVERGED names the line */
} civ_log_options;

typedef struct civ_log civ_log;

/* Opens `path` for a new log (parent directories are made; the file appears with the first event). With compression zstd
 * the name gets ".zst". CIV_E_IO names path and system error. */
CIV_API CIV_MUST_CHECK civ_status civ_log_create(const char *path, const civ_log_options *options, civ_log **out,
                                                 civ_error *err);
/* The sink to attach to a run, with the log as self. Errors while writing are kept and returned by epoch and end. */
CIV_API const civ_sink *civ_log_sink(const civ_log *log);
/* Flushes, syncs, closes. Returns the first error met since creation; the file still reads up to its last whole line. */
CIV_API CIV_MUST_CHECK civ_status civ_log_close(civ_log *log, civ_error *err);
/* Frees without writing more (after close, or to abandon). */
CIV_API void civ_log_destroy(civ_log *log);
/* Hands on and syncs what is buffered, whatever the durability: before a checkpoint names civ_log_bytes as its offset. */
CIV_API CIV_MUST_CHECK civ_status civ_log_sync(civ_log *log, civ_error *err);
CIV_API uint64_t civ_log_records(const civ_log *log); /* so far, with those before a resumed log's offset */
CIV_API uint64_t
civ_log_bytes(const civ_log *log); /* of the file so far; after civ_log_sync where the next line goes */
CIV_API uint64_t civ_log_nulls(const civ_log *log); /* numbers that were not finite, written as null: worth a warning */
CIV_API const char *civ_log_path(const civ_log *log); /* of the file, with .zst where it is compressed */

/* Cuts an uncompressed log back to its last whole line; *dropped = bytes that went. */
CIV_API CIV_MUST_CHECK civ_status civ_log_recover(const char *path, uint64_t *dropped, civ_error *err);

/* --- reading --------------------------------------------------------------------------------------------------------- */

/* One line read back. Texts are borrowed until the next read. `type` is UINT16_MAX for a type this version does not know. */
typedef struct civ_log_record {
  uint64_t line;    /* 1-based */
  const char *text; /* the line itself, without LF */
  size_t length;
  uint16_t type;
  const char *type_name, *event_id, *interaction_id, *agent_id, *initiator_id, *counterparty_id; /* NULL = null */
  int64_t time_us;
  bool has_epoch, has_step;
  uint32_t epoch, step;
  void *payload; /* json_t *, an object; borrowed */
} civ_log_record;

typedef struct civ_log_counts {
  uint64_t records, malformed, unknown, truncated_tail, first_malformed_line;
} civ_log_counts;

typedef struct civ_log_filter {
  const char *const *types; /* NULL or empty = all */
  uint32_t n_types;
  const char *agent_id, *interaction_id; /* NULL or "" = all */
  bool has_start, has_end;
  int64_t start_us, end_us; /* inclusive */
} civ_log_filter;

typedef struct civ_log_reader civ_log_reader;
/* Opens a log, plain or zstd (told by its first bytes). A missing file is CIV_E_IO. */
CIV_API CIV_MUST_CHECK civ_status civ_log_open(const char *path, bool strict, civ_log_reader **out, civ_error *err);
/* Reads from memory instead; text must outlive the reader. */
CIV_API CIV_MUST_CHECK civ_status civ_log_open_text(const char *text, size_t length, bool strict, civ_log_reader **out,
                                                    civ_error *err);
/* Next record that passes `filter` (NULL = all); *got = false at the end. Strict: CIV_E_FORMAT with the line number. */
CIV_API CIV_MUST_CHECK civ_status civ_log_next(civ_log_reader *reader, const civ_log_filter *filter,
                                               civ_log_record *record, bool *got, civ_error *err);
CIV_API civ_log_counts civ_log_reader_counts(const civ_log_reader *reader);
CIV_API void civ_log_reader_close(civ_log_reader *reader);

/* Interactions rebuilt from a log. Names are interned: initiator and counterparty index `names`. */
typedef struct civ_rebuilt {
  civ_interaction *records; /* by proposal time, ties in first-seen order; id = number in the list of ids */
  char **ids;               /* text id of each record */
  bool *completed;          /* a payoff event was seen */
  double *payoff_a, *payoff_b;
  size_t n;
  char **names;
  uint32_t n_names;
  uint64_t dropped; /* records of unknown interaction type, left out (lenient) */
} civ_rebuilt;
CIV_API CIV_MUST_CHECK civ_status civ_log_rebuild(civ_log_reader *reader, civ_rebuilt *out, civ_error *err);
CIV_API void civ_rebuilt_free(civ_rebuilt *rebuilt);

/* Feeds the records of a log's k-th run (k from 1) to sinks as the live run did: begin, interactions, events, steps,
 * epochs with their rows, end. *complete = the log has its end event. */
typedef struct civ_replay_target {
  const civ_sink *sink;
  void *self;
} civ_replay_target;
CIV_API CIV_MUST_CHECK civ_status civ_log_replay(const char *path, uint32_t k, bool strict,
                                                 const civ_replay_target *targets, uint32_t n_targets, bool *complete,
                                                 civ_log_counts *counts, civ_error *err);

/* First difference of two logs, in words: step, agent, field, both values. *same = true where there is none. */
typedef struct civ_log_difference {
  bool same;
  uint64_t line_a, line_b;
  bool has_epoch, has_step;
  uint32_t epoch, step;
  char event[48], agent[96], field[96], value_a[160], value_b[160];
  bool only_digest;    /* everything but the state digests is equal up to here */
  bool config_differs; /* the runs had different configurations: then their heads, event numbers, times and digests
                                 are not compared, and the first differing key stands here */
  char config_field[96], config_a[160], config_b[160];
  bool digest_differs; /* the first step whose state digests differ, up to the difference above, if there is one */
  uint32_t digest_epoch, digest_step;
} civ_log_difference;
CIV_API CIV_MUST_CHECK civ_status civ_log_compare(const char *a, const char *b, civ_log_difference *out,
                                                  civ_error *err);

/* Removes a log (no error if absent); renames it to PATH.<suffix>.jsonl (suffix NULL = local time), refusing an
 * existing target; the new path is filled in even where there was nothing to rename. */
CIV_API CIV_MUST_CHECK civ_status civ_log_clear(const char *path, civ_error *err);
CIV_API CIV_MUST_CHECK civ_status civ_log_rotate(const char *path, const char *suffix, char *new_path, size_t size,
                                                 civ_error *err);

CIV_END_DECLS

#endif
