/* report.h - the kinds of `civitas report`: what a log has to say about one subject.
 *
 * A kind is one file report_NAME.c with
 *   int civ_report_print_NAME(const civ_report_request *request);     on standard output; returns an exit code
 * and a line in CIV_REPORT_LIST. What it computes lives in src/lab: a sink over civ_log_replay. */
#ifndef CIV_CLI_REPORT_H
#define CIV_CLI_REPORT_H

#include "civitas/config.h"
#include "civitas/log.h"
#include "cli/table.h"

/* What was asked for. Borrowed for the call. */
typedef struct civ_report_request {
  const char *log; /* path of the log */
  uint32_t run;    /* which of its runs, from 1 */
  bool strict;     /* a malformed line is an error */
  bool json;
  const civ_config *config;     /* of that run, with the seed it ran with */
  const civ_registry *registry; /* outlives the call */
} civ_report_request;

/* Every kind in the order of help, with one line of what it tells, lower case, no full stop. */
// clang-format off
#define CIV_REPORT_LIST(X) \
  X(boundary, "what agents sent outside, what was refused, and what leaked") \
  X(capabilities, "composite tasks, what their teams were like, and who was paid") \
  X(collusion, "who deals with whom more often, and worse, than others do") \
  X(security, "who looks like an attacker, how threats spread, and what the defence cost the innocent") \
  X(market, "what was offered, bid for and awarded, who paid and who was paid") \
  X(network, "who is tied to whom at the end, and what became of the edges")
#define X(name, doc) int civ_report_print_##name(const civ_report_request *request);
CIV_REPORT_LIST(X)
#undef X
// clang-format on

/* --- what the kinds have in common ----------------------------------------------------------------------------------------- */

/* A table below its title, on standard output; then it is gone. false: memory was lacking (NULL = for the table itself). */
bool civ_report_table(civ_table *table, const char *title);
/* How many rows stand in no table. */
void civ_report_rest(uint64_t shown, uint64_t all);

#endif
