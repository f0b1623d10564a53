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
  atomic_uint_fast64_t passed, failed;
  char scratch[WORKERS][64];
} job;

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
  civ_config_destroy(s.config);
  civ_registry_destroy(s.registry);
  civ_buffer_free(&s.yaml);
  return good;
}

static bool take(void *arg, uint64_t k, uint32_t worker)
{
  job *j = arg;
  if (check_one(j->seed + k, j->scratch[worker % WORKERS], false))
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
  return longer ? 1000000 : 1000;
}

static int usage(void)
{
  fprintf(stderr, "usage: society [--seed S] [--count N] [--threads T] [--one SEED] [--show SEED]\n");
  return 2;
}

int main(int argc, char **argv)
{
  job j = { .seed = 1 };
  uint64_t count = usual_count(), threads = civ_cores();
  bool show = false;
  for (int k = 1; k < argc; k += 2) {
    uint64_t value;
    if (k + 1 >= argc || !number(argv[k + 1], &value))
      return usage();
    if (strcmp(argv[k], "--seed") == 0)
      j.seed = value;
    else if (strcmp(argv[k], "--count") == 0)
      count = value;
    else if (strcmp(argv[k], "--threads") == 0)
      threads = value;
    else if (strcmp(argv[k], "--one") == 0 || (show = strcmp(argv[k], "--show") == 0))
      j.seed = value, count = 1;
    else
      return usage();
  }
  threads = threads < 1 ? 1 : threads > WORKERS ? WORKERS : threads;
  for (uint64_t t = 0; t < threads; t++) {
    const char *folder = getenv("TMPDIR");
    snprintf(j.scratch[t], sizeof j.scratch[t], "%.40s/society-XXXXXX", folder ? folder : "/tmp");
    if (!mkdtemp(j.scratch[t])) {
      perror(j.scratch[t]);
      return 2;
    }
  }
  if (count == 1 && show) {
    const bool good = check_one(j.seed, j.scratch[0], true);
    atomic_store(good ? &j.passed : &j.failed, 1);
  } else {
    civ_parallel_for((uint32_t)threads, count, take, &j);
  }
  for (uint64_t t = 0; t < threads; t++)
    rmdir(j.scratch[t]);
  const unsigned long long passed = atomic_load(&j.passed), failed = atomic_load(&j.failed);
  printf("%llu passed, %llu failed\n", passed, failed);
  return failed > 0;
}
