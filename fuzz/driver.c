/* driver.c - drives a fuzz target without libFuzzer: TARGET [-runs=N] [-seed=N] [-max_total_time=SECONDS] FILE|FOLDER...
 *
 * Feeds every file to LLVMFuzzerTestOneInput, then N inputs made from them by a few simple mutations. It finds less than
 * libFuzzer, which knows coverage, but needs nothing but a C compiler, and the same seed makes the same inputs. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct input {
  uint8_t *data;
  size_t size;
} input;

typedef struct corpus {
  input *inputs;
  size_t n;
} corpus;

static void *grown(void *block, size_t bytes)
{
  block = realloc(block, bytes == 0 ? 1 : bytes);
  if (block == NULL) {
    fputs("driver: out of memory\n", stderr);
    exit(2);
  }
  return block;
}

/* SplitMix64 (Steele, Lea, Flood 2014): good enough to choose where to cut. */
static uint64_t draw(uint64_t *state)
{
  uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
  z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
  return z ^ (z >> 31);
}

static void add_file(corpus *c, const char *path)
{
  FILE *in = fopen(path, "rb");
  if (in == NULL) {
    perror(path);
    exit(2);
  }
  input one = { NULL, 0 };
  size_t got;
  do {
    one.data = grown(one.data, one.size + 65536);
    got = fread(one.data + one.size, 1, 65536, in);
    one.size += got;
  } while (got > 0);
  fclose(in);
  c->inputs = grown(c->inputs, (c->n + 1) * sizeof *c->inputs);
  c->inputs[c->n++] = one;
}

static int not_hidden(const struct dirent *entry)
{
  return entry->d_name[0] != '.';
}

static void add_path(corpus *c, const char *path)
{
  struct dirent **names = NULL;
  struct stat about;
  if (stat(path, &about) != 0 || !S_ISDIR(about.st_mode)) {
    add_file(c, path);
    return;
  }
  int n = scandir(path, &names, not_hidden, alphasort);
  for (int i = 0; i < n; i++) {
    char file[4096];
    snprintf(file, sizeof file, "%s/%s", path, names[i]->d_name);
    add_file(c, file);
    free(names[i]);
  }
  free(names);
}

/* One mutation in place: flip, overwrite, drop a piece, repeat a piece, or splice a piece of another input. */
static void mutate(input *m, const corpus *c, uint64_t *state)
{
  static const char interesting[] = "\0\xff\x80{}[]:,\"'-#&*!|>%@`\n\t 0919.eE+~<";
  const input *other = &c->inputs[draw(state) % c->n];
  size_t at = m->size == 0 ? 0 : draw(state) % m->size;
  size_t length = m->size == 0 ? 0 : draw(state) % (m->size - at < 64 ? m->size - at + 1 : 64);
  switch (draw(state) % 5) {
  case 0:
    if (m->size > 0)
      m->data[at] ^= (uint8_t)(1u << draw(state) % 8);
    break;
  case 1:
    if (m->size > 0)
      m->data[at] = (uint8_t)interesting[draw(state) % (sizeof interesting - 1)];
    break;
  case 2:
    memmove(m->data + at, m->data + at + length, m->size - at - length);
    m->size -= length;
    break;
  case 3:
    m->data = grown(m->data, m->size + length);
    memmove(m->data + at + length, m->data + at, m->size - at);
    m->size += length;
    break;
  default:
    if (other->size > 0) {
      size_t from = draw(state) % other->size;
      size_t piece = draw(state) % (other->size - from < 128 ? other->size - from + 1 : 128);
      m->data = grown(m->data, m->size + piece);
      memmove(m->data + at + piece, m->data + at, m->size - at);
      memcpy(m->data + at, other->data + from, piece);
      m->size += piece;
    }
  }
}

/* A copy of exactly its size, so that a sanitizer sees a read past the end. */
static void feed(const input *in)
{
  uint8_t *exact = grown(NULL, in->size);
  if (in->size > 0)
    memcpy(exact, in->data, in->size);
  LLVMFuzzerTestOneInput(exact, in->size);
  free(exact);
}

int main(int argc, char **argv)
{
  corpus c = { NULL, 0 };
  uint64_t runs = 10000, state = 1, done = 0;
  time_t most = 0, start = time(NULL);
  for (int i = 1; i < argc; i++) {
    if (strncmp(argv[i], "-runs=", 6) == 0)
      runs = strtoull(argv[i] + 6, NULL, 10);
    else if (strncmp(argv[i], "-seed=", 6) == 0)
      state = strtoull(argv[i] + 6, NULL, 10);
    else if (strncmp(argv[i], "-max_total_time=", 16) == 0)
      most = (time_t)strtoull(argv[i] + 16, NULL, 10);
    else if (argv[i][0] != '-')
      add_path(&c, argv[i]);
  }
  if (c.n == 0) {
    c.inputs = grown(NULL, sizeof *c.inputs);
    c.inputs[c.n++] = (input){ grown(NULL, 1), 0 };
  }
  for (size_t i = 0; i < c.n; i++)
    feed(&c.inputs[i]);
  for (; done < runs && (most == 0 || time(NULL) - start < most); done++) {
    const input *from = &c.inputs[draw(&state) % c.n];
    input m = { grown(NULL, from->size), from->size };
    if (from->size > 0)
      memcpy(m.data, from->data, from->size);
    for (uint64_t k = draw(&state) % 8; k < 8; k++)
      mutate(&m, &c, &state);
    feed(&m);
    free(m.data);
  }
  printf("%zu files, %llu mutations\n", c.n, (unsigned long long)done);
  for (size_t i = 0; i < c.n; i++)
    free(c.inputs[i].data);
  free(c.inputs);
  return 0;
}
