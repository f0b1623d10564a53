#include <string.h>

#include "base/number.h"

/* Days since 1970-01-01 of the proleptic Gregorian calendar and back (Hinnant 2013, "chrono-compatible low-level date
 * algorithms"): years start in March, so that the leap day is the last of its year. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

static void date_of(int64_t days, int64_t *year, int64_t *month, int64_t *day)
{
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const int64_t day_of_era = days - era * 146097;
  const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted = (5 * day_of_year + 2) / 153;
  *day = day_of_year - (153 * shifted + 2) / 5 + 1;
  *month = shifted < 10 ? shifted + 3 : shifted - 9;
  *year = year_of_era + era * 400 + (*month <= 2);
}

static const int64_t second = 1000000, day_length = 86400 * INT64_C(1000000);
static const int64_t first_moment = INT64_C(-62167219200000000); /* 0000-01-01T00:00:00 */
static const int64_t last_moment = INT64_C(253402300799999999);  /* 9999-12-31T23:59:59.999999 */

static char *put_digits(char *out, int64_t x, int digits)
{
  for (int i = digits - 1; i >= 0; i--, x /= 10)
    out[i] = (char)('0' + x % 10);
  return out + digits;
}

size_t civ_format_time(char *out, int64_t us)
{
  if (us < first_moment)
    us = first_moment;
  if (us > last_moment)
    us = last_moment;
  int64_t days = us / day_length, rest = us % day_length;
  if (rest < 0) {
    rest += day_length;
    days--;
  }
  int64_t year, month, day;
  date_of(days, &year, &month, &day);
  const int64_t seconds = rest / second, fraction = rest % second;
  char *p = put_digits(out, year, 4);
  *p++ = '-';
  p = put_digits(p, month, 2);
  *p++ = '-';
  p = put_digits(p, day, 2);
  *p++ = 'T';
  p = put_digits(p, seconds / 3600, 2);
  *p++ = ':';
  p = put_digits(p, seconds / 60 % 60, 2);
  *p++ = ':';
  p = put_digits(p, seconds % 60, 2);
  if (fraction != 0) {
    *p++ = '.';
    p = put_digits(p, fraction, 6);
  }
  return (size_t)(p - out);
}

/* The number of `digits` digits at *text, which moves on; -1 if they are not there. */
static int64_t take_digits(const char **text, const char *end, int digits)
{
  if (end - *text < digits)
    return -1;
  int64_t x = 0;
  for (int i = 0; i < digits; i++) {
    const char c = (*text)[i];
    if (c < '0' || c > '9')
      return -1;
    x = x * 10 + (c - '0');
  }
  *text += digits;
  return x;
}

static bool take(const char **text, const char *end, char c)
{
  if (*text == end || **text != c)
    return false;
  ++*text;
  return true;
}

static bool take_date(const char **text, const char *end, int64_t *days)
{
  static const int lengths[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  const int64_t year = take_digits(text, end, 4);
  if (year < 0 || !take(text, end, '-'))
    return false;
  const int64_t month = take_digits(text, end, 2);
  if (month < 1 || month > 12 || !take(text, end, '-'))
    return false;
  const int64_t day = take_digits(text, end, 2);
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  if (day < 1 || day > lengths[month - 1] || (month == 2 && day == 29 && !leap))
    return false;
  *days = days_of(year, month, day);
  return true;
}

static bool take_clock(const char **text, const char *end, int64_t *us)
{
  const int64_t hours = take_digits(text, end, 2);
  if (hours < 0 || hours > 23 || !take(text, end, ':'))
    return false;
  const int64_t minutes = take_digits(text, end, 2);
  if (minutes < 0 || minutes > 59 || !take(text, end, ':'))
    return false;
  const int64_t seconds = take_digits(text, end, 2);
  if (seconds < 0 || seconds > 59)
    return false;
  *us = ((hours * 60 + minutes) * 60 + seconds) * second;
  if (!take(text, end, '.'))
    return true;
  int64_t unit = second / 10;
  const char *start = *text;
  for (; *text < end && **text >= '0' && **text <= '9' && unit > 0; ++*text, unit /= 10)
    *us += unit * (**text - '0');
  return *text > start;
}

/* Minutes east of UTC; no zone is UTC. */
static bool take_zone(const char **text, const char *end, int64_t *minutes)
{
  *minutes = 0;
  if (*text == end || take(text, end, 'Z'))
    return true;
  const bool east = take(text, end, '+');
  if (!east && !take(text, end, '-'))
    return false;
  const int64_t h = take_digits(text, end, 2);
  if (h < 0 || h > 23 || !take(text, end, ':'))
    return false;
  const int64_t m = take_digits(text, end, 2);
  if (m < 0 || m > 59)
    return false;
  *minutes = (h * 60 + m) * (east ? 1 : -1);
  return true;
}

bool civ_parse_time(const char *text, size_t length, int64_t *us)
{
  const char *end = text + length;
  int64_t days, clock, zone;
  if (!take_date(&text, end, &days) || !take(&text, end, 'T') || !take_clock(&text, end, &clock) ||
      !take_zone(&text, end, &zone) || text != end)
    return false;
  const int64_t moment = days * day_length + clock - zone * 60 * second;
  if (moment < first_moment || moment > last_moment)
    return false;
  *us = moment;
  return true;
}
