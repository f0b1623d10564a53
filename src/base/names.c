#include "base/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { LONGEST = 63, FAR = 3, MOST_WORDS = 16 };

static int least(int a, int b)
{
  return a < b ? a : b;
}

/* Optimal string alignment (Levenshtein with swaps of neighbours), three rows. */
static int edits(const char *a, int m, const char *b, int n)
{
  int rows[3][LONGEST + 1], *older = rows[0], *old = rows[1], *now = rows[2];
  for (int j = 0; j <= n; j++)
    old[j] = j;
  for (int i = 1; i <= m; i++) {
    now[0] = i;
    for (int j = 1; j <= n; j++) {
      const int same = civ_text_lower(a[i - 1]) == civ_text_lower(b[j - 1]);
      now[j] = least(least(old[j] + 1, now[j - 1] + 1), old[j - 1] + !same);
      if (i > 1 && j > 1 && civ_text_lower(a[i - 1]) == civ_text_lower(b[j - 2]) &&
          civ_text_lower(a[i - 2]) == civ_text_lower(b[j - 1]))
        now[j] = least(now[j], older[j - 2] + 1);
    }
    int *spare = older;
    older = old;
    old = now;
    now = spare;
  }
  return old[n];
}

typedef struct words {
  const char *at[MOST_WORDS];
  int length[MOST_WORDS];
  int n;
} words;

static bool parts_words(char c)
{
  return c == '_' || c == '.' || c == '-' || c == ' ';
}

static int compare_words(const char *a, int m, const char *b, int n)
{
  for (int i = 0; i < m && i < n; i++)
    if (civ_text_lower(a[i]) != civ_text_lower(b[i]))
      return civ_text_lower(a[i]) < civ_text_lower(b[i]) ? -1 : 1;
  return m - n;
}

/* Splits and sorts (insertion: names have a handful of words). */
static words split(const char *name)
{
  words w = { .n = 0 };
  for (const char *p = name; *p && w.n < MOST_WORDS;) {
    const char *end = p;
    while (*end && !parts_words(*end))
      end++;
    if (end > p) {
      int k = w.n++;
      for (; k > 0 && compare_words(p, (int)(end - p), w.at[k - 1], w.length[k - 1]) < 0; k--) {
        w.at[k] = w.at[k - 1];
        w.length[k] = w.length[k - 1];
      }
      w.at[k] = p;
      w.length[k] = (int)(end - p);
    }
    p = *end ? end + 1 : end;
  }
  return w;
}

static bool same_words(const char *a, const char *b)
{
  const words x = split(a), y = split(b);
  if (x.n != y.n || x.n < 2)
    return false;
  for (int k = 0; k < x.n; k++)
    if (compare_words(x.at[k], x.length[k], y.at[k], y.length[k]) != 0)
      return false;
  return true;
}

int civ_name_distance(const char *a, const char *b)
{
  const size_t m = strlen(a), n = strlen(b);
  if (m > LONGEST || n > LONGEST)
    return strcmp(a, b) == 0 ? 0 : FAR;
  if (strcmp(a, b) == 0)
    return 0;
  if (same_words(a, b))
    return 1;
  if (abs((int)m - (int)n) >= FAR)
    return FAR;
  const int d = edits(a, (int)m, b, (int)n);
  /* Short names are all within two edits of each other: ask for half the letters to agree. */
  return d >= FAR || 2 * d > (int)(m > n ? m : n) ? FAR : d == 0 ? 1 : d;
}

void civ_name_offer(civ_name_search *s, const char *candidate)
{
  const int d = civ_name_distance(s->word, candidate);
  if (d < s->distance) {
    s->distance = d;
    s->best = candidate;
  }
}

const char *civ_name_nearest(const char *word, const char *const *candidates)
{
  civ_name_search s = civ_name_search_for(word);
  for (; *candidates; candidates++)
    civ_name_offer(&s, *candidates);
  return s.best;
}

int civ_words_find(const char *list, const char *word)
{
  const size_t length = strlen(word);
  for (int k = 0; list && *list; k++) {
    const size_t n = strcspn(list, " ");
    if (n == length && memcmp(list, word, n) == 0)
      return k;
    list += n;
    list += strspn(list, " ");
  }
  return -1;
}
