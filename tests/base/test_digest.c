#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/digest.h"

static void sha256_known_answers(void **state)
{
  (void)state;
  char hex[65];
  civ_sha256_hex("", 0, hex); /* FIPS 180-4 */
  assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  civ_sha256_hex("abc", 3, hex);
  assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void xxh3_known_answers(void **state)
{
  (void)state;
  assert_true(civ_digest(0, "", 0) == UINT64_C(0x2D06800538D394C2)); /* XXH3_64bits of nothing */
  assert_true(civ_digest(1, "abc", 3) != civ_digest(0, "abc", 3));
  assert_true(civ_digest(0, "abc", 3) != civ_digest(0, "abd", 3));
}

static void mixing_sees_order_and_every_bit(void **state)
{
  (void)state;
  assert_true(civ_digest_mix(1, 2, 3) != civ_digest_mix(1, 3, 2));
  assert_true(civ_digest_mix(1, 2, 3) != civ_digest_mix(2, 2, 3));
  const uint64_t base = civ_digest_mix(5, 6, 7);
  for (int bit = 0; bit < 64; bit++) {
    const uint64_t one = UINT64_C(1) << bit;
    assert_true(civ_digest_mix(5 ^ one, 6, 7) != base);
    assert_true(civ_digest_mix(5, 6 ^ one, 7) != base);
    assert_true(civ_digest_mix(5, 6, 7 ^ one) != base);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
    cmocka_unit_test(sha256_known_answers),
    cmocka_unit_test(xxh3_known_answers),
    cmocka_unit_test(mixing_sees_order_and_every_bit),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
