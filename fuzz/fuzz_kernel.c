/* fuzz_kernel.c - any bytes as a constitution: read, or refused with a sentence; what is read can be written, and says the same when
 * it is read again. */
#include <stdlib.h>
#include <string.h>

#include "selfplay/kernel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
const char *__lsan_default_suppressions(void);

/* libfyaml 0.7 leaks its growing buffer where a long quoted scalar ends in an error. The unit tests look for leaks of ours. */
const char *__lsan_default_suppressions(void)
{
  return "leak:libfyaml\n";
}

static void check(bool holds)
{
  if (!holds)
    abort();
}

static void read_again(const civ_kernel *kernel)
{
  civ_arena arena = civ_arena_create(NULL);
  civ_buffer text = { 0 };
  civ_kernel again;
  civ_error err = { 0 };
  civ_kernel_write(&text, kernel);
  check(!text.failed && civ_kernel_read(text.data, text.length, "again.yaml", &arena, &again, &err) == CIV_OK);
  check(strcmp(kernel->digest, again.digest) == 0 && strcmp(kernel->version, again.version) == 0);
  check(memcmp(&kernel->law.value, &again.law.value, sizeof again.law.value) == 0);
  civ_buffer_free(&text);
  civ_arena_destroy(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  civ_arena arena = civ_arena_create(NULL);
  civ_kernel kernel;
  civ_error err = { 0 };
  if (civ_kernel_read((const char *)data, size, "fuzz.yaml", &arena, &kernel, &err) == CIV_OK)
    read_again(&kernel);
  else
    check(err.code != CIV_OK && err.text[0] != '\0' && strncmp(err.where, "fuzz.yaml", 9) == 0);
  civ_arena_destroy(&arena);
  return 0;
}
