/* society [--seed S] [--count N] [--threads T] [--one SEED] [--show SEED] - random societies, held to what must be true of
 * every run. Society k has the seed S + k; a failure is printed as the one line that repeats it. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/threads.h"
#include "society.h"

enum { WORKERS = 64 };

typedef struct job {
  uint64_t seed;
  bool show; /* the scenarios too */
  atomic_uint_fast64_t passed, failed;
  char scratch[WORKERS][64];
} job;

static atomic_uint_fast64_t covered[SOCIETY_FACTS];

static void count_coverage(const society *s)
{
  for (int k = 0; k < SOCIETY_FACTS; k++)
    atomic_fetch_add(&covered[k], s->facts[k]);
}

static bool check_one(uint64_t seed, const char *scratch, bool show)
{
  society s = { .seed = seed };
  const bool good = society_check(&s, scratch);
  if (!good) {
    fprintf(stdout, "society --one %llu: %s\n", (unsigned long long)seed, s.complaint);
    fflush(stdout);
  }
  if (show)
    fwrite(s.yaml.data, 1, s.yaml.length, stdout);
  count_coverage(&s);
  civ_config_destroy(s.config);
  civ_registry_destroy(s.registry);
  civ_buffer_free(&s.yaml);
  return good;
}

static bool take(void *arg, uint64_t k, uint32_t worker)
{
  job *j = arg;
  if (check_one(j->seed + k, j->scratch[worker % WORKERS], j->show))
    atomic_fetch_add(&j->passed, 1);
  else
    atomic_fetch_add(&j->failed, 1);
  return atomic_load(&j->failed) < 20; /* enough to see a pattern */
}

static bool number(const char *text, uint64_t *out)
{
  char *end;
  *out = text ? strtoull(text, &end, 10) : 0;
  return text && *text && *end == '\0';
}

/* How many in a plain run: a thousand; under sanitizers fewer, in long tests as many as a night takes. */
static uint64_t usual_count(void)
{
  const char *many = getenv("CIV_LONG"), *slow = getenv("CIV_SANITIZED");
  const bool longer = many && strcmp(many, "0") != 0, sanitized = slow && strcmp(slow, "0") != 0;
  if (sanitized)
    return longer ? 5000 : 100;
  return longer ? 2000000 : 1000;
}

typedef struct arguments {
  uint64_t seed, count, threads;
  bool show;
} arguments;

static bool read_arguments(int argc, char **argv, arguments *a)
{
  for (int k = 1; k < argc; k += 2) {
    uint64_t value;
    if (k + 1 >= argc || !number(argv[k + 1], &value))
      return false;
    if (strcmp(argv[k], "--seed") == 0)
      a->seed = value;
    else if (strcmp(argv[k], "--count") == 0)
      a->count = value;
    else if (strcmp(argv[k], "--threads") == 0)
      a->threads = value < 1 ? 1 : value > WORKERS ? WORKERS : value;
    else if (strcmp(argv[k], "--one") == 0 || (a->show = strcmp(argv[k], "--show") == 0))
      a->seed = value, a->count = a->threads = 1;
    else
      return false;
  }
  return true;
}

/* Logs are synced, so they go where that costs nothing if there is such a place. */
static bool make_folders(job *j, uint64_t threads)
{
  const char *folder = getenv("TMPDIR");
  if (!folder)
    folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
  for (uint64_t t = 0; t < threads; t++) {
    snprintf(j->scratch[t], sizeof j->scratch[t], "%.40s/society-XXXXXX", folder);
    if (!mkdtemp(j->scratch[t])) {
      perror(j->scratch[t]);
      return false;
    }
  }
  return true;
}

int main(int argc, char **argv)
{
  const uint32_t cores = civ_cores();
  arguments a = { .seed = 1, .count = usual_count(), .threads = cores < WORKERS ? cores : WORKERS };
  if (!read_arguments(argc, argv, &a)) {
    fprintf(stderr, "usage: society [--seed S] [--count N] [--threads T] [--one SEED] [--show SEED]\n");
    return 2;
  }
  job j = { .seed = a.seed, .show = a.show };
  if (!make_folders(&j, a.threads))
    return 2;
  civ_parallel_for((uint32_t)a.threads, a.count, take, &j);
  for (uint64_t t = 0; t < a.threads; t++)
    rmdir(j.scratch[t]);
  for (int k = 0; k < SOCIETY_FACTS; k++)
    printf("%s %llu\n", society_fact_names[k], (unsigned long long)atomic_load(&covered[k]));
  const unsigned long long passed = atomic_load(&j.passed), failed = atomic_load(&j.failed);
  printf("%llu passed, %llu failed\n", passed, failed);
  return failed > 0;
}
