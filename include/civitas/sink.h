/* sink.h - the fourth door: folds over the stream of records. Metrics, detectors, the log, exports, the live view. */
#ifndef CIVITAS_SINK_H
#define CIVITAS_SINK_H

#include "civitas/event.h"

CIV_BEGIN_DECLS

enum { CIV_PART_VERSION = 1 }; /* of the tables of part.h and of civ_sink: every table begins with it */

/* A number a part reports; `name` may have dots ("network_metrics.n_edges"), which nest in JSON. */
typedef struct civ_metric_decl {
  const char *name;
  bool integer;
  const char *doc;
} civ_metric_decl;

/* The columns of an epoch row: names in order; shared by events, CSV, JSON and the store. */
typedef struct civ_columns {
  uint32_t n;
  const civ_metric_decl *decls;
} civ_columns;

/* Who is in the run, for sinks that print names. */
typedef struct civ_roster {
  uint32_t n;
  const char *const *names;
  const uint8_t *types;
  const char *const *variants;
} civ_roster;

/* A fold over the record stream. Never changes the run; live and replayed runs feed the same sinks. */
typedef struct civ_sink {
  uint32_t version;
  const char *name;
  bool wants_events; /* otherwise `event` is not called and payloads are not made */
  bool wants_full;   /* also events of detail `full` */
  bool wants_digest; /* otherwise no digest is computed */
  civ_status (*begin)(void *self, const civ_roster *roster, const civ_columns *columns, civ_error *err);
  void (*interaction)(void *self, const civ_interaction *record, double payoff_a, double payoff_b);
  void (*event)(void *self, const civ_event *event);
  void (*step)(void *self, uint32_t epoch, uint32_t step, uint64_t digest);
  civ_status (*epoch)(void *self, uint32_t epoch, const double *row, civ_error *err); /* row of columns */
  civ_status (*end)(void *self, civ_error *err);
} civ_sink;

CIV_END_DECLS

#endif
