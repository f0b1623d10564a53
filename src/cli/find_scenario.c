/* find_scenario.c - from what somebody typed to the path of a scenario file. */
#include "cli/cli.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/names.h"
#include "cli/paths.h"

static const char *const folders[] = { "scenarios", CIV_DATA_FOLDER "/scenarios" };
enum { FOLDERS = sizeof folders / sizeof *folders };

static bool is_file(const char *path)
{
  struct stat info;
  return stat(path, &info) == 0 && !S_ISDIR(info.st_mode);
}

static civ_status out_of_memory(civ_error *err)
{
  return civ_fail(err, CIV_E_NOMEM, "scenario", "out of memory");
}

/* dir/NAME.yaml -> dir/reference/NAME.yaml; a file that lies in a folder `reference` already stays. */
static char *reference_of(const char *path)
{
  const char *slash = strrchr(path, '/');
  const int folder = slash != NULL ? (int)(slash - path) + 1 : 0;
  char *twin = NULL;
  if (folder >= 10 && strncmp(path + folder - 10, "reference/", 10) == 0)
    return strdup(path);
  return asprintf(&twin, "%.*sreference/%s", folder, path, path + folder) < 0 ? NULL : twin;
}

static civ_status use_path(const char *path, bool reference, char **out, civ_error *err)
{
  char *chosen = reference ? reference_of(path) : strdup(path);
  if (chosen == NULL)
    return out_of_memory(err);
  if (!is_file(chosen)) {
    civ_fail(err, CIV_E_IO, path, "there is no reference variant %s", chosen);
    free(chosen);
    return CIV_E_IO;
  }
  *out = chosen;
  return CIV_OK;
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

static civ_status unknown(const char *name, civ_error *err)
{
  char best[256] = "", word[256];
  int distance = 3;
  const char *slash = strrchr(name, '/');
  snprintf(word, sizeof word, "%s", slash != NULL ? slash + 1 : name);
  const size_t n = strlen(word);
  if (n > 5 && strcmp(word + n - 5, ".yaml") == 0)
    word[n - 5] = '\0';
  for (size_t k = 0; k < FOLDERS; k++)
    offer_names(folders[k], word, best, sizeof best, &distance);
  if (best[0] != '\0')
    return civ_fail(err, CIV_E_IO, name, "there is no such scenario; did you mean '%s'?", best);
  return civ_fail(err, CIV_E_IO, name, "there is no such file, and no built-in scenario of this name ('civitas list')");
}

civ_status civ_cli_find_scenario(const char *name, bool reference, char **path, civ_error *err)
{
  if (is_file(name))
    return use_path(name, reference, path, err);
  for (size_t k = 0; k < FOLDERS && strchr(name, '/') == NULL; k++) {
    char *candidate = NULL;
    if (asprintf(&candidate, "%s/%s.yaml", folders[k], name) < 0)
      return out_of_memory(err);
    const bool there = is_file(candidate);
    const civ_status status = there ? use_path(candidate, reference, path, err) : CIV_OK;
    free(candidate);
    if (there)
      return status;
  }
  return unknown(name, err);
}
