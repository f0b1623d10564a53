/* sweep_reading.h - a sweep file being read: what its pieces share. */
#ifndef CIV_LAB_SWEEP_READING_H
#define CIV_LAB_SWEEP_READING_H

#include "lab/sweep_file.h"
#include "scenario/load.h"

typedef struct civ_sweep_reading {
  civ_loading l; /* its complaints */
  civ_arena *arena;
  civ_sweep_spec spec;
  const civ_node *root;
} civ_sweep_reading;

/* "above.name", "list[k]": cut where it is absurdly long. */
typedef struct civ_dotted {
  char text[256];
} civ_dotted;
civ_dotted civ_sweep_below(const char *above, const char *name);
civ_dotted civ_sweep_item_of(const char *list, uint32_t k);

/* A complaint at a node. */
void civ_sweep_complain(civ_sweep_reading *r, const civ_node *at, civ_status code, const char *key, const char *fmt,
                        ...) CIV_PRINTF(5, 6);
/* Cleared; NULL: no memory, which is noted. */
void *civ_sweep_take(civ_sweep_reading *r, size_t n, size_t size);

/* Scalars. false: a complaint was made, *out is untouched. */
bool civ_sweep_read_text(civ_sweep_reading *r, const civ_node *node, const char *key, const char **out);
bool civ_sweep_read_count(civ_sweep_reading *r, const civ_node *node, const char *key, int64_t least, int64_t most,
                          uint64_t *out);
bool civ_sweep_read_real(civ_sweep_reading *r, const civ_node *node, const char *key, double *out);
bool civ_sweep_read_bool(civ_sweep_reading *r, const civ_node *node, const char *key, bool *out);
bool civ_sweep_read_choice(civ_sweep_reading *r, const civ_node *node, const char *key, const char *const *words,
                           int32_t *out);
/* Whether every number in it is finite. */
bool civ_sweep_all_finite(const civ_node *node);

/* Larger pieces, in files of their own. */
void civ_sweep_read_settings(civ_sweep_reading *r, const civ_node *node, const char *key, const civ_sweep_setting **out,
                             uint32_t *n);
void civ_sweep_read_parameters(civ_sweep_reading *r, const civ_node *node);
void civ_sweep_read_configurations(civ_sweep_reading *r, const civ_node *node);

#endif
