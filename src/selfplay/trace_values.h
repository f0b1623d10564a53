/* trace_values.h - members of traces and scripts, read one by one; what is wrong first is remembered with its place. */
#ifndef CIV_SELFPLAY_TRACE_VALUES_H
#define CIV_SELFPLAY_TRACE_VALUES_H

#include "selfplay/trace_json.h"

/* A list being read. */
typedef struct civ_reading {
  civ_roll roll;
  civ_arena *arena;
  const char *list; /* "snapshots", "events", "script" */
  size_t at;        /* place in it */
  civ_status status;
  civ_error *err;
} civ_reading;

/* The first error of the list, at the place that is being read; later ones are not said. */
void civ_reading_fail(civ_reading *r, civ_status code, const char *fmt, ...) CIV_PRINTF(3, 4);
/* Memory of the arena; NULL: none, said. */
void *civ_reading_take(civ_reading *r, size_t n, size_t size);

static const double civ_money_most = 9e12; /* credits: as micro-credits below 2^63 */

/* Members that must be there: what is wrong is said. Amounts are micro-credits. */
uint8_t civ_need_citizen(civ_reading *r, const json_t *object, const char *key); /* or "public", "treasury" */
int64_t civ_need_micro(civ_reading *r, const json_t *object, const char *key);
int32_t civ_need_count(civ_reading *r, const json_t *object, const char *key);
civ_citizens civ_need_citizens(civ_reading *r, const json_t *list);

/* Values that may be anything: what nothing matches is CIV_NO_..., CIV_MOTION_KINDS, CIV_LAW_ILL, -1 of a name. */
int civ_read_name(const char *const *names, const json_t *value);
uint8_t civ_read_citizen(const civ_roll *roll, const json_t *value);
int64_t civ_read_micro(const json_t *object, const char *key, int64_t otherwise);
uint8_t civ_read_rule(const civ_roll *roll, const json_t *id);
uint8_t civ_read_param(uint8_t rule, const json_t *name);
int64_t civ_read_law_value(uint8_t param, const json_t *value);
uint8_t civ_read_motion_kind(const json_t *value);
civ_motion_payload civ_read_payload(const civ_roll *roll, uint8_t kind, const json_t *p);

#endif
