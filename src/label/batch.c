/* batch.c - a growing list of records, and names for the agents in it. */
#include <string.h>

#include "base/digest.h"
#include "base/memory.h"
#include "civitas/fixture.h"

civ_interaction civ_interaction_default(void)
{
  civ_interaction record;
  memset(&record, 0, sizeof record);
  record.type = CIV_REPLY;
  record.p = 0.5;
  return record;
}

static const civ_allocator *const heap = &civ_allocator_malloc;

void civ_batch_free(civ_batch *batch)
{
  for (uint32_t k = 0; k < batch->n_names; ++k)
    civ_release(heap, batch->names[k], strlen(batch->names[k]) + 1);
  civ_drop(heap, (void **)&batch->names, &batch->names_room, sizeof *batch->names);
  civ_drop(heap, (void **)&batch->slots, &batch->slots_room, sizeof *batch->slots);
  civ_drop(heap, (void **)&batch->records, &batch->room, sizeof *batch->records);
  memset(batch, 0, sizeof *batch);
}

civ_status civ_batch_add(civ_batch *batch, const civ_interaction *record, civ_error *err)
{
  if (civ_grow(heap, (void **)&batch->records, &batch->room, batch->n + 1, sizeof *batch->records) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "batch", "no memory for %zu interactions", batch->n + 1);
  batch->records[batch->n++] = *record;
  return CIV_OK;
}

/* Slot of a name, or the empty slot where it belongs. */
static size_t find_slot(const civ_batch *batch, const char *name, size_t length)
{
  size_t mask = batch->slots_room - 1;
  size_t at = (size_t)civ_digest(0, name, length) & mask;
  for (; batch->slots[at] != 0; at = (at + 1) & mask) {
    const char *there = batch->names[batch->slots[at] - 1];
    if (strncmp(there, name, length) == 0 && there[length] == '\0')
      break;
  }
  return at;
}

/* Keeps at least every second slot empty. */
static civ_status widen(civ_batch *batch)
{
  if (2 * ((size_t)batch->n_names + 1) <= batch->slots_room)
    return CIV_OK;
  size_t room = batch->slots_room == 0 ? 32 : 2 * batch->slots_room;
  uint32_t *slots = civ_zeroed(heap, room, sizeof *slots);
  if (slots == NULL)
    return CIV_E_NOMEM;
  civ_drop(heap, (void **)&batch->slots, &batch->slots_room, sizeof *batch->slots);
  batch->slots = slots;
  batch->slots_room = room;
  for (uint32_t k = 0; k < batch->n_names; ++k)
    batch->slots[find_slot(batch, batch->names[k], strlen(batch->names[k]))] = k + 1;
  return CIV_OK;
}

civ_status civ_batch_name(civ_batch *batch, const char *name, size_t length, civ_agent *agent, civ_error *err)
{
  if (batch->slots_room != 0) {
    uint32_t known = batch->slots[find_slot(batch, name, length)];
    if (known != 0) {
      *agent = known - 1;
      return CIV_OK;
    }
  }
  char *copy = NULL;
  if (widen(batch) != CIV_OK ||
      civ_grow(heap, (void **)&batch->names, &batch->names_room, (size_t)batch->n_names + 1, sizeof *batch->names) !=
          CIV_OK ||
      (copy = civ_zeroed(heap, length + 1, 1)) == NULL)
    return civ_fail(err, CIV_E_NOMEM, "batch", "no memory for the names of %u agents", batch->n_names + 1);
  memcpy(copy, name, length);
  batch->names[batch->n_names] = copy;
  batch->slots[find_slot(batch, name, length)] = batch->n_names + 1;
  *agent = batch->n_names++;
  return CIV_OK;
}
