/* recycler.h - memory for one short run after the other: handed out from the front of big blocks, all taken back at once.
 * For one thread at a time. */
#ifndef CIV_LAB_RECYCLER_H
#define CIV_LAB_RECYCLER_H

#include "base/memory.h"

typedef struct civ_recycler civ_recycler;

civ_recycler *civ_recycler_create(void); /* NULL: no memory */
void civ_recycler_destroy(civ_recycler *r);
/* The allocator; valid as long as the recycler. Freed blocks come back at the next clear, the newest one at once. */
const civ_allocator *civ_recycler_allocator(civ_recycler *r);
/* Everything handed out is void. The next run finds one block as large as this one needed. */
void civ_recycler_clear(civ_recycler *r);

#endif
