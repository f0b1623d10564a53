/* trace_json.h - traces and scripts as JSON: money in credits, citizens by name, clauses by id. */
#ifndef CIV_SELFPLAY_TRACE_JSON_H
#define CIV_SELFPLAY_TRACE_JSON_H

#include <jansson.h>

#include "selfplay/polity.h"

/* Whom numbers in a trace or an act mean. */
typedef struct civ_roll {
  uint32_t n;
  const char *const *names;
  const civ_kernel *kernel;
} civ_roll;
civ_roll civ_trace_roll(const civ_trace *trace);

/* {"turn": .., "kind": .., "actor": .., "data": {..}} on one line. */
void civ_deed_write(civ_buffer *out, const civ_roll *roll, const civ_deed *deed);
/* The data alone, an object. */
void civ_deed_data_write(civ_buffer *out, const civ_roll *roll, const civ_deed *deed);
void civ_snapshot_write(civ_buffer *out, const civ_roll *roll, const civ_snapshot *snapshot);

/* A trace {citizens, initial_treasury, norm_income, snapshots, events}; its lists live in the arena, its texts in `root`.
 * CIV_E_TYPE, CIV_E_KEY, CIV_E_RANGE naming the member; CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_trace_read(const json_t *root, const civ_kernel *kernel, civ_arena *arena, civ_trace *out,
                                         civ_error *err);
/* Events alone, as recovered scripts need them. */
CIV_MUST_CHECK civ_status civ_deeds_read(const json_t *events, const civ_roll *roll, civ_arena *arena,
                                         const civ_deed **out, uint32_t *n, civ_error *err);

/* --- scripts ----------------------------------------------------------------------------------------------------------- */

/* One citizen's script, a list of {turn, type, ...}. What no law could make sense of (an unknown citizen, an ill-typed
 * value) stays in it as a malformed act; what is no script at all is an error. Texts live in `list`. */
CIV_MUST_CHECK civ_status civ_script_read(const json_t *list, const civ_roll *roll, civ_arena *arena, civ_script *out,
                                          civ_error *err);
void civ_script_write(civ_buffer *out, const civ_roll *roll, const civ_script *script);

/* Every effective act of citizen `c` in a trace's events, in log order; refused ones changed nothing and are left out. O(events),
 * where proposals count from 1. CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_script_recover(const civ_deed *deeds, uint32_t n, uint8_t c, civ_arena *arena,
                                             civ_script *out);

#endif
