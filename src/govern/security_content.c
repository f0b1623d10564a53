/* Content scan: counts texts with phrases that injections and leaks are known for. It feeds no score. */
#include <string.h>

#include "base/text.h"
#include "govern/security.h"

static bool has_any(const char *text, size_t length, const char *const *phrases)
{
  for (const char *const *p = phrases; *p != NULL; p++)
    if (civ_text_has(text, length, *p, strlen(*p)))
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
