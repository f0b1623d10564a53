/* fuzz_boundary.c - any bytes as what an agent sends outside, and as the pattern a user guards it with: "PATTERN\0CONTENT". The
 * gate reads or refuses it, in bounded work, and its books add up. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "world/boundary_build.h"
#include "world/boundary_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { AGENTS = 2, MOST_JSON = 4096 };

static void ask(civ_gate *gate, const char *text, size_t length, size_t scanned)
{
  const civ_draw_key key = { .purpose = CIV_PURPOSE_FUZZ };
  civ_draws draws = civ_draws_open(1, &key);
  const civ_request request = { .agent = 1, .entity = 3, .action = "query", .content = { text, length, scanned } };
  civ_answer answer;
  if (civ_gate_reserve(gate, 1) != CIV_OK)
    abort();
  civ_gate_request(gate, &request, &draws, &answer);
  if (answer.success == answer.blocked || (answer.success && answer.sensitivity > 0.6))
    abort();
  if (gate->counts.requests != civ_gate_blocked(&gate->counts) + gate->flows.sum.inbound)
    abort();
}

/* The content as JSON, too: its canonical text is UTF-8, and passes or is refused like any other. */
static void ask_payload(civ_gate *gate, const char *text, size_t length)
{
  json_t *payload = length <= MOST_JSON ? json_loadb(text, length, JSON_DECODE_ANY, NULL) : NULL;
  civ_buffer out = { 0 };
  size_t own, all;
  if (payload != NULL && civ_payload_text(payload, true, &out, &own, &all) == CIV_OK) {
    if (own > all || out.length != all)
      abort();
    ask(gate, out.data ? out.data : "", own, all);
  }
  civ_buffer_free(&out);
  json_decref(payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  char *pattern = malloc(size + 1);
  if (pattern == NULL)
    abort();
  memcpy(pattern, data, size);
  pattern[size] = '\0';
  const size_t first = strlen(pattern), rest = first < size ? first + 1 : size;
  const char *const items[] = { pattern }, *const types[] = { "internal_data" };
  const civ_text_list list = { items, 1 };
  const civ_boundaries_config rules = { .enabled = true,
                                        .default_world = true,
                                        .default_policies = true,
                                        .max_interactions_per_epoch = 1000,
                                        .book_blocked = true };
  civ_boundary_leakage_config leakage = { .block_severity = 0.7, .patterns = { types, &list, 1 } };
  const civ_boundary_sections sections = { &rules, &leakage, NULL };
  const civ_boundary_who who = { .agents = AGENTS };
  civ_error err;
  civ_gate gate;
  if (civ_gate_build(&gate, &sections, &who, &civ_allocator_malloc, &err) != CIV_OK) {
    leakage.patterns.n = 0; /* no pattern; the content is looked at all the same */
    if (civ_gate_build(&gate, &sections, &who, &civ_allocator_malloc, &err) != CIV_OK)
      abort();
  }
  ask(&gate, pattern + rest, size - rest, size - rest);
  ask_payload(&gate, pattern + rest, size - rest);
  civ_gate_fini(&gate);
  free(pattern);
  return 0;
}
