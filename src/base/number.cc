/* The one C++ file: std::to_chars is the only shortest-digits printer the distribution has. */
#include "base/number.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

namespace
{

size_t put(char *out, const char *text, size_t length) noexcept
{
  std::memcpy(out, text, length);
  return length;
}

/* Whole numbers below 2^53 are exact in both forms, and shorter digits than all of them cannot exist below 1e15. */
constexpr double whole_limit = 1e15;

size_t put_whole(char *out, int64_t x, bool negative) noexcept
{
  size_t n = 0;
  if (negative)
    out[n++] = '-';
  n += civ_format_unsigned(out + n, static_cast<uint64_t>(negative ? -x : x));
  out[n++] = '.';
  out[n++] = '0';
  return n;
}

/* Lays out digits d[0..count) with the point after the first and the given exponent of ten. */
size_t lay_out(char *out, const char *digits, int count, int exponent) noexcept
{
  char *p = out;
  if (exponent < -4 || exponent >= 16) {
    *p++ = digits[0];
    if (count > 1) {
      *p++ = '.';
      p += put(p, digits + 1, static_cast<size_t>(count - 1));
    }
    *p++ = 'e';
    *p++ = exponent < 0 ? '-' : '+';
    const int size = exponent < 0 ? -exponent : exponent;
    if (size < 10)
      *p++ = '0';
    p += civ_format_unsigned(p, static_cast<uint64_t>(size));
  } else if (exponent < 0) {
    p += put(p, "0.0000", static_cast<size_t>(1 - exponent));
    p += put(p, digits, static_cast<size_t>(count));
  } else if (count <= exponent + 1) {
    p += put(p, digits, static_cast<size_t>(count));
    for (int i = count; i <= exponent; i++)
      *p++ = '0';
    p += put(p, ".0", 2);
  } else {
    p += put(p, digits, static_cast<size_t>(exponent + 1));
    *p++ = '.';
    p += put(p, digits + exponent + 1, static_cast<size_t>(count - exponent - 1));
  }
  return static_cast<size_t>(p - out);
}

/* Of a number out of range, without its sign: is it next to zero, and not too large? Its first digit that is not 0
 * stands `place` places left of the point; the exponent counts on top, and stops growing once it settles the matter. */
bool too_small(const char *p, const char *end) noexcept
{
  const int64_t enough = int64_t{ 1 } << 40;
  int64_t place = 0, exponent = 0;
  bool seen = false, fraction = false;
  for (; p < end && *p != 'e' && *p != 'E'; p++) {
    if (*p == '.')
      fraction = true;
    else {
      seen = seen || *p != '0';
      place += fraction ? (seen ? 0 : -1) : (seen ? 1 : 0);
    }
  }
  const bool negative = p + 1 < end && p[1] == '-';
  for (; p < end; p++)
    if (*p >= '0' && *p <= '9' && exponent < enough)
      exponent = exponent * 10 + (*p - '0');
  return place + (negative ? -exponent : exponent) < 0;
}

bool whole(const std::from_chars_result &r, const char *end) noexcept
{
  return r.ec == std::errc() && r.ptr == end;
}

/* Shortest digits of a positive number, and the exponent of ten of the first; returns how many. */
int shortest_digits(char *digits, double x, int *exponent) noexcept
{
  char text[40]; /* d.dddddddddddddddde-ddd */
  const std::to_chars_result end = std::to_chars(text, text + sizeof text, x, std::chars_format::scientific);
  const char *mark = end.ptr - 1;
  while (*mark != 'e')
    mark--;
  int size = 0;
  for (const char *p = mark + 2; p < end.ptr; p++)
    size = size * 10 + (*p - '0');
  *exponent = mark[1] == '-' ? -size : size;
  digits[0] = text[0];
  const size_t more = mark - text > 2 ? static_cast<size_t>(mark - text) - 2 : 0;
  put(digits + 1, text + 2, more);
  return static_cast<int>(more) + 1;
}

/* The same for numbers of at most six decimals below 10^9, much faster; 0 for all others. A decimal of at most 15
 * digits that reads as x is the only one, so without its trailing zeros it is the shortest. */
int few_digits(char *digits, double x, int *exponent) noexcept
{
  constexpr double scale = 1e6;
  if (!(x < 1e9))
    return 0;
  const double scaled = x * scale;
  const int64_t nearest = static_cast<int64_t>(scaled + 0.5);
  const double whole_part = static_cast<double>(nearest);
  if (nearest < 1 || std::fabs(scaled - whole_part) > scaled * 0x1p-51 || whole_part / scale != x)
    return 0;
  int count = static_cast<int>(civ_format_unsigned(digits, static_cast<uint64_t>(nearest)));
  *exponent = count - 7;
  while (digits[count - 1] == '0')
    count--;
  return count;
}

} // namespace

extern "C" size_t civ_format_real(char *out, double x)
{
  if (!std::isfinite(x))
    return put(out, "null", 4);
  const bool negative = std::signbit(x);
  const double size = std::fabs(x);
  if (size < whole_limit) {
    const int64_t truncated = static_cast<int64_t>(x);
    if (static_cast<double>(truncated) == x)
      return put_whole(out, truncated, negative);
    if (x == 0.5)
      return put(out, "0.5", 3);
  }
  char digits[40];
  int exponent = 0;
  int count = few_digits(digits, size, &exponent);
  if (count == 0)
    count = shortest_digits(digits, size, &exponent);
  if (negative)
    *out = '-';
  return negative + lay_out(out + negative, digits, count, exponent);
}

extern "C" size_t civ_format_unsigned(char *out, uint64_t x)
{
  if (x < 10) {
    out[0] = static_cast<char>('0' + x);
    return 1;
  }
  return static_cast<size_t>(std::to_chars(out, out + CIV_NUMBER_MAX, x).ptr - out);
}

extern "C" size_t civ_format_integer(char *out, int64_t x)
{
  if (x >= 0)
    return civ_format_unsigned(out, static_cast<uint64_t>(x));
  out[0] = '-';
  return 1 + civ_format_unsigned(out + 1, uint64_t{ 0 } - static_cast<uint64_t>(x));
}

extern "C" size_t civ_format_hex16(char *out, uint64_t x)
{
  static const char digits[] = "0123456789abcdef";
  for (int i = 15; i >= 0; i--, x >>= 4)
    out[i] = digits[x & 15];
  return 16;
}

extern "C" bool civ_parse_real(const char *text, size_t length, double *out)
{
  const char *end = text + length;
  if (length > 1 && text[0] == '+' && text[1] != '-')
    text++;
  if (text == end)
    return false;
  const bool negative = text[0] == '-' && end - text > 1;
  const char first = text[negative];
  if (first != '.' && (first < '0' || first > '9'))
    return false; /* from_chars would take "inf" and "nan" */
  double x;
  const std::from_chars_result r = std::from_chars(text, end, x);
  if (r.ptr != end || (r.ec != std::errc() && r.ec != std::errc::result_out_of_range))
    return false;
  if (r.ec != std::errc()) {
    if (!too_small(text + negative, end))
      return false;
    x = negative ? -0.0 : 0.0;
  }
  *out = x;
  return true;
}

extern "C" bool civ_parse_integer(const char *text, size_t length, int64_t *out)
{
  const char *end = text + length;
  if (length > 1 && text[0] == '+' && text[1] != '-')
    text++;
  int64_t x;
  if (!whole(std::from_chars(text, end, x), end))
    return false;
  *out = x;
  return true;
}
