/* threads.h - work taken from one atomic counter. */
#ifndef CIV_BASE_THREADS_H
#define CIV_BASE_THREADS_H

#include "civitas/status.h"

/* Calls job(arg, k, worker) for k = 0..n-1, each once, on up to `threads` threads (the caller is one of them). Which
 * worker takes which k is not determined: jobs write to their own place. Returns when all are done. If threads cannot be
 * started, fewer are used. job returns false to ask all workers to take nothing more. */
void civ_parallel_for(uint32_t threads, uint64_t n, bool (*job)(void *arg, uint64_t k, uint32_t worker), void *arg);
uint32_t civ_cores(void);

/* A pool that stays: for many short parallel loops within a run. The same contract. NULL = no memory (use 1 thread). */
typedef struct civ_pool civ_pool;
civ_pool *civ_pool_create(uint32_t threads);
void civ_pool_destroy(civ_pool *pool);
void civ_pool_for(civ_pool *pool, uint64_t n, bool (*job)(void *arg, uint64_t k, uint32_t worker), void *arg);

#endif
