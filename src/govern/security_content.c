/* Content scan: counts texts with phrases that injections and leaks are known for. It feeds no score. */
#include <string.h>

#include "govern/security.h"

static char lower(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool begins(const char *text, size_t length, const char *phrase)
{
  size_t k = 0;
  while (k < length && phrase[k] != '\0' && lower(text[k]) == phrase[k])
    k++;
  return phrase[k] == '\0';
}

static bool has_any(const char *text, size_t length, const char *const *phrases)
{
  for (size_t at = 0; at < length; at++)
    for (const char *const *p = phrases; *p != NULL; p++)
      if (begins(text + at, length - at, *p))
        return true;
  return false;
}

bool civ_content_injects(const char *text, size_t length)
{
  static const char *const phrases[] = { "ignore previous",
                                         "disregard instructions",
                                         "new task:",
                                         "system:",
                                         "override",
                                         "admin mode",
                                         "jailbreak",
                                         "{{",
                                         "eval(",
                                         "exec(",
                                         NULL };
  return has_any(text, length, phrases);
}

bool civ_content_exfiltrates(const char *text, size_t length)
{
  static const char *const phrases[] = { "api_key", "password", "secret", "credential", "token", "private_key", NULL };
  return has_any(text, length, phrases);
}
