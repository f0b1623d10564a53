/* task_order.h - open tasks by bounty, so that an agent's ten best are found without looking at the others.
 *
 * A treap (Seidel, Aragon 1996) over the tasks' numbers, its priorities a hash of the number. Each subtree knows the least
 * reputation that any of its tasks asks for: what an agent may not claim is passed over whole. */
#ifndef CIV_WORLD_TASK_ORDER_H
#define CIV_WORLD_TASK_ORDER_H

#include "base/memory.h"

typedef struct civ_task_node {
  double bounty, asks, least; /* reputation asked for: by the task, by the most modest of the subtree */
  uint32_t left, right;
} civ_task_node;

typedef struct civ_task_order {
  civ_task_node *nodes; /* indexed by task */
  size_t room;
  uint32_t root;
  const civ_allocator *allocator;
} civ_task_order;

void civ_task_order_init(civ_task_order *o, const civ_allocator *allocator);
void civ_task_order_fini(civ_task_order *o);
/* Room for tasks 0 .. tasks - 1. CIV_E_NOMEM. */
CIV_MUST_CHECK civ_status civ_task_order_reserve(civ_task_order *o, size_t tasks);
/* The task is not in; numbers finite. O(log n) expected. */
void civ_task_order_add(civ_task_order *o, uint32_t task, double bounty, double asks);
/* The task is in. */
void civ_task_order_drop(civ_task_order *o, uint32_t task);
/* The first `most` tasks that ask for at most `reputation`: bounty descending, then oldest first. Returns how many.
 * O(most * log n). Changes nothing, also not from several threads. */
uint32_t civ_task_order_first(const civ_task_order *o, double reputation, uint32_t most, uint32_t *out);

#endif
