#include "world/task_order.h"

#include <string.h>

#define NONE UINT32_MAX

void civ_task_order_init(civ_task_order *o, const civ_allocator *allocator)
{
  memset(o, 0, sizeof *o);
  o->root = NONE;
  o->allocator = allocator;
}

void civ_task_order_fini(civ_task_order *o)
{
  civ_drop(o->allocator, (void **)&o->nodes, &o->room, sizeof *o->nodes);
  o->root = NONE;
}

civ_status civ_task_order_reserve(civ_task_order *o, size_t tasks)
{
  return civ_grow(o->allocator, (void **)&o->nodes, &o->room, tasks, sizeof *o->nodes);
}

/* Murmur3's finaliser: a permutation of the numbers, so priorities never tie. */
static uint32_t priority(uint32_t task)
{
  uint32_t x = task;
  x = (x ^ x >> 16) * 0x85EBCA6Bu;
  x = (x ^ x >> 13) * 0xC2B2AE35u;
  return x ^ x >> 16;
}

static bool before(const civ_task_order *o, uint32_t a, uint32_t b)
{
  const double x = o->nodes[a].bounty, y = o->nodes[b].bounty;
  return x > y || (x == y && a < b);
}

static void update(civ_task_order *o, uint32_t at)
{
  civ_task_node *node = &o->nodes[at];
  node->least = node->asks;
  if (node->left != NONE && o->nodes[node->left].least < node->least)
    node->least = o->nodes[node->left].least;
  if (node->right != NONE && o->nodes[node->right].least < node->least)
    node->least = o->nodes[node->right].least;
}

/* Parts the tree at `at` into what comes before `task` and what comes after. */
static void split(civ_task_order *o, uint32_t at, uint32_t task, uint32_t *left, uint32_t *right)
{
  if (at == NONE) {
    *left = *right = NONE;
    return;
  }
  uint32_t middle;
  if (before(o, at, task)) {
    split(o, o->nodes[at].right, task, &middle, right);
    o->nodes[at].right = middle;
    *left = at;
  } else {
    split(o, o->nodes[at].left, task, left, &middle);
    o->nodes[at].left = middle;
    *right = at;
  }
  update(o, at);
}

static uint32_t merge(civ_task_order *o, uint32_t left, uint32_t right)
{
  if (left == NONE || right == NONE)
    return left == NONE ? right : left;
  uint32_t top;
  if (priority(left) > priority(right)) {
    o->nodes[left].right = merge(o, o->nodes[left].right, right);
    top = left;
  } else {
    o->nodes[right].left = merge(o, left, o->nodes[right].left);
    top = right;
  }
  update(o, top);
  return top;
}

static uint32_t insert(civ_task_order *o, uint32_t at, uint32_t task)
{
  if (at == NONE || priority(task) > priority(at)) {
    uint32_t left, right;
    split(o, at, task, &left, &right);
    o->nodes[task].left = left;
    o->nodes[task].right = right;
    update(o, task);
    return task;
  }
  if (before(o, task, at))
    o->nodes[at].left = insert(o, o->nodes[at].left, task);
  else
    o->nodes[at].right = insert(o, o->nodes[at].right, task);
  update(o, at);
  return at;
}

void civ_task_order_add(civ_task_order *o, uint32_t task, double bounty, double asks)
{
  const civ_task_node node = { bounty, asks, asks, NONE, NONE };
  o->nodes[task] = node;
  o->root = insert(o, o->root, task);
}

static uint32_t erase(civ_task_order *o, uint32_t at, uint32_t task)
{
  if (at == task)
    return merge(o, o->nodes[at].left, o->nodes[at].right);
  if (before(o, task, at))
    o->nodes[at].left = erase(o, o->nodes[at].left, task);
  else
    o->nodes[at].right = erase(o, o->nodes[at].right, task);
  update(o, at);
  return at;
}

void civ_task_order_drop(civ_task_order *o, uint32_t task)
{
  o->root = erase(o, o->root, task);
}

static uint32_t collect(const civ_task_order *o, uint32_t at, double reputation, uint32_t most, uint32_t n,
                        uint32_t *out)
{
  if (at == NONE || n == most || o->nodes[at].least > reputation)
    return n;
  n = collect(o, o->nodes[at].left, reputation, most, n, out);
  if (n < most && o->nodes[at].asks <= reputation)
    out[n++] = at;
  return collect(o, o->nodes[at].right, reputation, most, n, out);
}

uint32_t civ_task_order_first(const civ_task_order *o, double reputation, uint32_t most, uint32_t *out)
{
  return collect(o, o->root, reputation, most, 0, out);
}
