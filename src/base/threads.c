#include "base/threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

typedef bool (*job_function)(void *arg, uint64_t k, uint32_t worker);

/* One loop being worked at. */
typedef struct loop {
  _Atomic uint64_t next; /* the first index nobody has taken */
  uint64_t n;
  job_function job;
  void *arg;
} loop;

static void work(loop *l, uint32_t worker)
{
  for (;;) {
    const uint64_t k = atomic_fetch_add_explicit(&l->next, 1, memory_order_relaxed);
    if (k >= l->n)
      return;
    if (!l->job(l->arg, k, worker)) {
      atomic_store_explicit(&l->next, l->n, memory_order_relaxed);
      return;
    }
  }
}

typedef struct hand {
  pthread_t thread;
  loop *loop;
  uint32_t worker;
} hand;

static void *work_once(void *arg)
{
  const hand *h = arg;
  work(h->loop, h->worker);
  return NULL;
}

void civ_parallel_for(uint32_t threads, uint64_t n, bool (*job)(void *arg, uint64_t k, uint32_t worker), void *arg)
{
  loop l = { .n = n, .job = job, .arg = arg };
  uint32_t others = threads > 1 ? threads - 1 : 0, started = 0;
  if (n <= others)
    others = n > 0 ? (uint32_t)n - 1 : 0;
  hand *hands = others > 0 ? calloc(others, sizeof *hands) : NULL;
  for (; hands != NULL && started < others; started++) {
    hands[started].loop = &l;
    hands[started].worker = started + 1;
    if (pthread_create(&hands[started].thread, NULL, work_once, &hands[started]) != 0)
      break;
  }
  work(&l, 0);
  for (uint32_t i = 0; i < started; i++)
    pthread_join(hands[i].thread, NULL);
  free(hands);
}

uint32_t civ_cores(void)
{
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
    return (uint32_t)CPU_COUNT(&set);
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (uint32_t)online : 1;
}

struct civ_pool {
  pthread_mutex_t lock;
  pthread_cond_t begun, ended;
  loop loop;
  uint64_t round;  /* number of the loop that runs; a worker that saw this number has joined it */
  uint32_t busy;   /* workers that have not finished this round */
  uint32_t others; /* threads beside the caller */
  bool closing;
  hand *hands;
  struct post {
    civ_pool *pool;
    uint32_t worker;
  } * posts;
};

static void *work_in_rounds(void *arg)
{
  const struct post *post = arg;
  civ_pool *pool = post->pool;
  uint64_t seen = 0;
  pthread_mutex_lock(&pool->lock);
  for (;;) {
    while (pool->round == seen && !pool->closing)
      pthread_cond_wait(&pool->begun, &pool->lock);
    if (pool->closing)
      break;
    seen = pool->round;
    pthread_mutex_unlock(&pool->lock);
    work(&pool->loop, post->worker);
    pthread_mutex_lock(&pool->lock);
    if (--pool->busy == 0)
      pthread_cond_signal(&pool->ended);
  }
  pthread_mutex_unlock(&pool->lock);
  return NULL;
}

civ_pool *civ_pool_create(uint32_t threads)
{
  const uint32_t wanted = threads > 1 ? threads - 1 : 0;
  civ_pool *pool = calloc(1, sizeof *pool);
  if (pool == NULL)
    return NULL;
  pool->hands = calloc(wanted + 1, sizeof *pool->hands);
  pool->posts = calloc(wanted + 1, sizeof *pool->posts);
  if (pool->hands == NULL || pool->posts == NULL) {
    free(pool->hands);
    free(pool->posts);
    free(pool);
    return NULL;
  }
  pthread_mutex_init(&pool->lock, NULL);
  pthread_cond_init(&pool->begun, NULL);
  pthread_cond_init(&pool->ended, NULL);
  for (; pool->others < wanted; pool->others++) {
    struct post *post = &pool->posts[pool->others];
    post->pool = pool;
    post->worker = pool->others + 1;
    if (pthread_create(&pool->hands[pool->others].thread, NULL, work_in_rounds, post) != 0)
      break;
  }
  return pool;
}

void civ_pool_destroy(civ_pool *pool)
{
  if (pool == NULL)
    return;
  pthread_mutex_lock(&pool->lock);
  pool->closing = true;
  pthread_cond_broadcast(&pool->begun);
  pthread_mutex_unlock(&pool->lock);
  for (uint32_t i = 0; i < pool->others; i++)
    pthread_join(pool->hands[i].thread, NULL);
  pthread_cond_destroy(&pool->ended);
  pthread_cond_destroy(&pool->begun);
  pthread_mutex_destroy(&pool->lock);
  free(pool->posts);
  free(pool->hands);
  free(pool);
}

void civ_pool_for(civ_pool *pool, uint64_t n, bool (*job)(void *arg, uint64_t k, uint32_t worker), void *arg)
{
  if (pool == NULL || pool->others == 0 || n <= 1) {
    civ_parallel_for(1, n, job, arg);
    return;
  }
  pthread_mutex_lock(&pool->lock);
  atomic_store_explicit(&pool->loop.next, 0, memory_order_relaxed);
  pool->loop.n = n;
  pool->loop.job = job;
  pool->loop.arg = arg;
  pool->busy = pool->others;
  pool->round++;
  pthread_cond_broadcast(&pool->begun);
  pthread_mutex_unlock(&pool->lock);
  work(&pool->loop, 0);
  pthread_mutex_lock(&pool->lock);
  while (pool->busy > 0)
    pthread_cond_wait(&pool->ended, &pool->lock);
  pthread_mutex_unlock(&pool->lock);
}
