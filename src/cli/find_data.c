#include "cli/find_data.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/names.h"
#include "cli/paths.h"

const civ_data_kind civ_data_scenarios = { "scenario",
                                           { "scenarios", CIV_DATA_FOLDER "/scenarios" },
                                           " ('civitas list')" };
const civ_data_kind civ_data_sweeps = { "sweep or scenario",
                                        { "sweeps", CIV_DATA_FOLDER "/sweeps", "scenarios",
                                          CIV_DATA_FOLDER "/scenarios" },
                                        " ('civitas list')" };
const civ_data_kind civ_data_kernels = { "kernel", { "kernels", CIV_DATA_FOLDER "/kernels" }, "" };

bool civ_is_file(const char *path)
{
  struct stat info;
  return stat(path, &info) == 0 && !S_ISDIR(info.st_mode);
}

/* Offers the names in a folder, without .yaml, to the search; the best one is copied. */
static void offer_names(const char *folder, const char *word, char *best, size_t size, int *distance)
{
  DIR *entries = opendir(folder);
  if (entries == NULL)
    return;
  for (const struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
    const size_t n = strlen(entry->d_name);
    char name[256];
    if (n <= 5 || n >= sizeof name || strcmp(entry->d_name + n - 5, ".yaml") != 0)
      continue;
    memcpy(name, entry->d_name, n - 5);
    name[n - 5] = '\0';
    const int d = civ_name_distance(word, name);
    if (d < *distance || (d == *distance && d < 3 && strcmp(name, best) < 0)) {
      *distance = d;
      snprintf(best, size, "%s", name);
    }
  }
  closedir(entries);
}

static civ_status unknown(const civ_data_kind *kind, const char *name, civ_error *err)
{
  char best[256] = "", word[256];
  int distance = 3;
  const char *slash = strrchr(name, '/');
  snprintf(word, sizeof word, "%s", slash != NULL ? slash + 1 : name);
  const size_t n = strlen(word);
  if (n > 5 && strcmp(word + n - 5, ".yaml") == 0)
    word[n - 5] = '\0';
  for (const char *const *folder = kind->folders; *folder != NULL; folder++)
    offer_names(*folder, word, best, sizeof best, &distance);
  if (best[0] != '\0')
    return civ_fail(err, CIV_E_IO, name, "there is no such %s; did you mean '%s'?", kind->noun, best);
  return civ_fail(err, CIV_E_IO, name, "there is no such file, and no built-in %s of this name%s", kind->noun,
                  kind->hint);
}

civ_status civ_cli_find_data(const civ_data_kind *kind, const char *name, char **path, civ_error *err)
{
  char *candidate = NULL;
  if (civ_is_file(name)) {
    *path = strdup(name);
    return *path != NULL ? CIV_OK : civ_fail(err, CIV_E_NOMEM, kind->noun, "out of memory");
  }
  for (const char *const *folder = kind->folders; *folder != NULL && strchr(name, '/') == NULL; folder++) {
    if (asprintf(&candidate, "%s/%s.yaml", *folder, name) < 0)
      return civ_fail(err, CIV_E_NOMEM, kind->noun, "out of memory");
    if (civ_is_file(candidate)) {
      *path = candidate;
      return CIV_OK;
    }
    free(candidate);
  }
  return unknown(kind, name, err);
}
