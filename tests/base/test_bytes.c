#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

static void everything_reads_back(void **state)
{
  (void)state;
  static const uint32_t small[] = { 0, 1, UINT32_MAX };
  static const uint64_t large[] = { 0, UINT64_MAX, 1 };
  static const double reals[] = { -0.0, DBL_MAX, 5e-324 };
  civ_bytes b = { 0 };
  civ_bytes_open(&b, "ABCD");
  civ_bytes_put_u8(&b, 200);
  civ_bytes_put_u32(&b, 0x01020304);
  civ_bytes_put_u64(&b, UINT64_C(0x0102030405060708));
  civ_bytes_put_real(&b, 1.0 / 3);
  civ_bytes_put_block(&b, "text", 4);
  civ_bytes_put_u32s(&b, small, 3);
  civ_bytes_put_u64s(&b, large, 3);
  civ_bytes_put_reals(&b, reals, 3);
  civ_bytes_put_u32s(&b, NULL, 0);
  civ_bytes_close(&b);
  civ_bytes_open(&b, "NEXT");
  civ_bytes_close(&b);
  assert_false(b.failed);

  civ_bytes_reader r = { .data = b.data, .length = b.length };
  char text[4];
  uint32_t small_back[3];
  uint64_t large_back[3];
  double reals_back[3];
  assert_int_equal(civ_bytes_enter(&r, "ABCD", NULL), CIV_OK);
  assert_int_equal(civ_bytes_left(&r), 1 + 4 + 8 + 8 + 4 + 8 + 12 + 8 + 24 + 8 + 24 + 8);
  assert_int_equal(civ_bytes_u8(&r), 200);
  assert_int_equal(civ_bytes_u32(&r), 0x01020304);
  assert_true(civ_bytes_u64(&r) == UINT64_C(0x0102030405060708));
  assert_true(civ_bytes_real(&r) == 1.0 / 3);
  assert_true(civ_bytes_block(&r, text, 4));
  assert_memory_equal(text, "text", 4);
  assert_true(civ_bytes_u32s(&r, small_back, 3));
  assert_memory_equal(small, small_back, sizeof small);
  assert_true(civ_bytes_u64s(&r, large_back, 3));
  assert_memory_equal(large, large_back, sizeof large);
  assert_true(civ_bytes_reals(&r, reals_back, 3));
  assert_memory_equal(reals, reals_back, sizeof reals);
  assert_true(civ_bytes_u32s(&r, NULL, 0));
  assert_int_equal(civ_bytes_leave(&r, NULL), CIV_OK);
  assert_int_equal(civ_bytes_enter(&r, "NEXT", NULL), CIV_OK);
  assert_int_equal(civ_bytes_leave(&r, NULL), CIV_OK);
  assert_int_equal(r.at, r.length);
  civ_bytes_free(&b);
}

static void the_form_is_fixed(void **state)
{
  (void)state;
  static const uint8_t expected[] = { 'T', 'A', 'G', '!', 5, 0, 0, 0, 0, 0, 0, 0, 4, 3, 2, 1, 9 };
  civ_bytes b = { 0 };
  civ_bytes_open(&b, "TAG!");
  civ_bytes_put_u32(&b, 0x01020304);
  civ_bytes_put_u8(&b, 9);
  civ_bytes_close(&b);
  assert_int_equal(b.length, sizeof expected + 8);
  assert_memory_equal(b.data, expected, sizeof expected);
  civ_bytes_free(&b);
}

static void reading_stops_at_the_end_of_the_chunk(void **state)
{
  (void)state;
  civ_bytes b = { 0 };
  civ_bytes_open(&b, "ABCD");
  civ_bytes_put_u32(&b, 7);
  civ_bytes_put_u8(&b, 8);
  civ_bytes_close(&b);
  civ_bytes_reader r = { .data = b.data, .length = b.length };
  civ_error err;
  uint8_t block[8] = { 1 };
  assert_int_equal(civ_bytes_u8(&r), 0); /* outside of every chunk */
  assert_true(r.failed);

  r = (civ_bytes_reader){ .data = b.data, .length = b.length };
  assert_int_equal(civ_bytes_enter(&r, "ABCD", NULL), CIV_OK);
  assert_int_equal(civ_bytes_leave(&r, &err), CIV_E_FORMAT); /* something is left */

  r = (civ_bytes_reader){ .data = b.data, .length = b.length };
  assert_int_equal(civ_bytes_enter(&r, "ABCD", NULL), CIV_OK);
  assert_int_equal(civ_bytes_u32(&r), 7);
  assert_true(civ_bytes_u64(&r) == 0);   /* one byte is left, eight are asked for */
  assert_int_equal(civ_bytes_u8(&r), 0); /* failed for good */
  assert_false(civ_bytes_block(&r, block, 0));
  assert_int_equal(civ_bytes_left(&r), 0);
  assert_int_equal(civ_bytes_leave(&r, &err), CIV_E_FORMAT);
  assert_int_equal(civ_bytes_enter(&r, "ABCD", &err), CIV_E_FORMAT);
  civ_bytes_free(&b);
}

static void counts_that_lie_are_refused(void **state)
{
  (void)state;
  static const uint64_t lies[] = { 3, 1, UINT64_MAX, UINT64_MAX / 4, UINT64_C(1) << 61 };
  for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
    civ_bytes b = { 0 };
    civ_bytes_open(&b, "ABCD");
    civ_bytes_put_u64(&b, lies[i]);
    civ_bytes_put_u64(&b, 0);
    civ_bytes_close(&b);
    civ_bytes_reader r = { .data = b.data, .length = b.length };
    uint32_t out[4] = { 1, 2, 3, 4 };
    assert_int_equal(civ_bytes_enter(&r, "ABCD", NULL), CIV_OK);
    assert_false(civ_bytes_u32s(&r, out, 2));
    assert_true(r.failed);
    assert_int_equal(out[0], 1);
    civ_bytes_free(&b);
  }
}

/* Reads what `sample` wrote; true if all of it came back unharmed. */
static bool read_sample(const uint8_t *data, size_t length, civ_error *err)
{
  civ_bytes_reader r = { .data = data, .length = length };
  double x[2];
  bool same = true;
  if (civ_bytes_enter(&r, "ONE_", err) != CIV_OK)
    return false;
  same = civ_bytes_u32(&r) == 77 && same;
  same = civ_bytes_reals(&r, x, 2) && x[0] == 0.5 && x[1] == -2 && same;
  if (civ_bytes_leave(&r, err) != CIV_OK || civ_bytes_enter(&r, "TWO_", err) != CIV_OK)
    return false;
  same = civ_bytes_u64(&r) == 5 && same;
  return civ_bytes_leave(&r, err) == CIV_OK && same;
}

static void every_damaged_bit_and_every_cut_is_noticed(void **state)
{
  (void)state;
  civ_bytes b = { 0 };
  const double x[] = { 0.5, -2 };
  civ_bytes_open(&b, "ONE_");
  civ_bytes_put_u32(&b, 77);
  civ_bytes_put_reals(&b, x, 2);
  civ_bytes_close(&b);
  civ_bytes_open(&b, "TWO_");
  civ_bytes_put_u64(&b, 5);
  civ_bytes_close(&b);
  civ_error err = { 0 };
  assert_true(read_sample(b.data, b.length, &err));
  for (size_t at = 0; at < b.length; at++)
    for (int bit = 0; bit < 8; bit++) {
      b.data[at] ^= (uint8_t)(1 << bit);
      err.code = CIV_OK;
      assert_false(read_sample(b.data, b.length, &err));
      assert_int_equal(err.code, CIV_E_FORMAT);
      b.data[at] ^= (uint8_t)(1 << bit);
    }
  for (size_t length = 0; length < b.length; length++) {
    uint8_t *cut = malloc(length + 1); /* its own block, so that reading past it is seen by the sanitizers */
    memcpy(cut, b.data, length);
    uint8_t *exact = realloc(cut, length > 0 ? length : 1);
    assert_false(read_sample(exact, length, &err));
    assert_int_equal(err.code, CIV_E_FORMAT);
    free(exact);
  }
  assert_false(read_sample(NULL, 0, &err));
  civ_bytes_free(&b);
}

static void failed_memory_stays_failed(void **state)
{
  (void)state;
  civ_bytes b = { 0 };
  civ_bytes_put_u8(&b, 1);
  civ_bytes_put_block(&b, "x", SIZE_MAX / 2 + 1);
  assert_true(b.failed);
  civ_bytes_open(&b, "ABCD");
  civ_bytes_put_u64s(&b, NULL, 0);
  civ_bytes_close(&b);
  assert_true(b.failed);
  assert_int_equal(b.length, 1);
  civ_bytes_free(&b);
  assert_false(b.failed);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(everything_reads_back),
    cmocka_unit_test(the_form_is_fixed),
    cmocka_unit_test(reading_stops_at_the_end_of_the_chunk),
    cmocka_unit_test(counts_that_lie_are_refused),
    cmocka_unit_test(every_damaged_bit_and_every_cut_is_noticed),
    cmocka_unit_test(failed_memory_stays_failed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
