#include "lab/run_folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/number.h"

static char *joined(const char *folder, const char *name)
{
  char *path = NULL;
  return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

static civ_status out_of_memory(civ_error *err)
{
  return civ_fail(err, CIV_E_NOMEM, "run folder", "out of memory");
}

civ_status civ_run_folder_make(const char *base, const char *id, char **path, civ_error *err)
{
  const civ_status status = civ_file_make_folder(base, err);
  if (status != CIV_OK)
    return status;
  for (uint64_t k = 1; k < UINT32_MAX; k++) {
    char *candidate = NULL;
    if (asprintf(&candidate, "%s/%s-%llu", base, id, (unsigned long long)k) < 0)
      return out_of_memory(err);
    if (mkdir(candidate, 0777) == 0) {
      *path = candidate;
      return CIV_OK;
    }
    if (errno != EEXIST) {
      civ_fail(err, CIV_E_IO, candidate, "cannot make the run folder: %s", strerror(errno));
      free(candidate);
      return CIV_E_IO;
    }
    free(candidate);
  }
  return civ_fail(err, CIV_E_LIMIT, base, "there are too many run folders for %s", id);
}

/* checkpoint-<epoch>.bin */
static bool checkpoint_epoch(const char *name, uint32_t *epoch)
{
  const size_t n = strlen(name), head = strlen("checkpoint-"), tail = strlen(".bin");
  int64_t k;
  if (n <= head + tail || strncmp(name, "checkpoint-", head) != 0 || strcmp(name + n - tail, ".bin") != 0)
    return false;
  if (!civ_parse_integer(name + head, n - head - tail, &k) || k < 0 || k > UINT32_MAX)
    return false;
  *epoch = (uint32_t)k;
  return true;
}

/* How civ_file_write calls a file it has not finished. */
static bool is_unfinished(const char *name)
{
  const size_t n = strlen(name);
  return strncmp(name, ".civitas-", 9) == 0 && n > 4 && strcmp(name + n - 4, ".tmp") == 0;
}

static bool is_ours(const char *name)
{
  static const char *const names[] = { CIV_FILE_EVENTS,   CIV_FILE_EVENTS ".zst", CIV_FILE_EPOCHS, CIV_FILE_AGENTS,
                                       CIV_FILE_SPREADS,  CIV_FILE_SUMMARY,       CIV_FILE_CONFIG, CIV_FILE_TIMING,
                                       CIV_FILE_UNDERWAY, CIV_FILE_RUNS };
  uint32_t epoch;
  for (size_t k = 0; k < sizeof names / sizeof *names; k++)
    if (strcmp(names[k], name) == 0)
      return true;
  return checkpoint_epoch(name, &epoch) || is_unfinished(name);
}

/* Removes what an earlier run left; other files make the folder somebody else's. */
static civ_status look_through(DIR *entries, const char *path, bool force, civ_error *err)
{
  for (const struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
    const char *name = entry->d_name;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
      continue;
    if (!force)
      return civ_fail(err, CIV_E_IO, path, "the folder is not empty; --force replaces the run in it");
    if (is_ours(name) && unlinkat(dirfd(entries), name, 0) != 0)
      return civ_fail(err, CIV_E_IO, path, "cannot remove %s: %s", name, strerror(errno));
  }
  return CIV_OK;
}

civ_status civ_run_folder_take(const char *path, bool force, civ_error *err)
{
  civ_status status = civ_file_make_folder(path, err);
  if (status != CIV_OK)
    return status;
  DIR *entries = opendir(path);
  if (entries == NULL)
    return civ_fail(err, CIV_E_IO, path, "cannot open the folder: %s", strerror(errno));
  status = look_through(entries, path, force, err);
  closedir(entries);
  return status;
}

void civ_run_folder_sweep(const char *folder)
{
  DIR *entries = opendir(folder);
  if (entries == NULL)
    return;
  for (const struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries))
    if (is_unfinished(entry->d_name))
      unlinkat(dirfd(entries), entry->d_name, 0); /* what cannot be removed only takes room */
  closedir(entries);
}

char *civ_run_folder_file(const char *folder, const char *name, const char *other)
{
  if (other == NULL)
    return joined(folder, name);
  return other[0] == '/' ? strdup(other) : joined(folder, other);
}

char *civ_run_folder_checkpoint(const char *folder, uint32_t epoch)
{
  char *path = NULL;
  return asprintf(&path, "%s/checkpoint-%u.bin", folder, epoch) < 0 ? NULL : path;
}

uint32_t civ_run_folder_checkpoints(const char *folder, uint32_t *epochs, uint32_t room)
{
  uint32_t n = 0;
  DIR *entries = opendir(folder);
  if (entries == NULL)
    return 0;
  for (const struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
    uint32_t epoch;
    if (!checkpoint_epoch(entry->d_name, &epoch))
      continue;
    uint32_t at = n < room ? n++ : room;
    while (at > 0 && epochs[at - 1] < epoch) {
      if (at < room)
        epochs[at] = epochs[at - 1];
      at--;
    }
    if (at < room)
      epochs[at] = epoch;
  }
  closedir(entries);
  return n;
}
