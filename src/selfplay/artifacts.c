#include "selfplay/artifacts.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"

char *civ_artifact_path(const char *folder, const char *fmt, ...)
{
  char name[160], *path = NULL;
  va_list args;
  va_start(args, fmt);
  vsnprintf(name, sizeof name, fmt, args);
  va_end(args);
  return asprintf(&path, "%s/%s", folder, name) >= 0 ? path : NULL;
}

civ_status civ_artifact_text(char *path, civ_buffer *text, civ_error *err)
{
  const civ_status status = path == NULL || text->failed
                                ? civ_fail(err, CIV_E_NOMEM, "artifacts", "out of memory while writing")
                                : civ_file_write_unsynced(path, text->data, text->length, err);
  civ_buffer_free(text);
  free(path);
  return status;
}

civ_status civ_artifact_json(char *path, json_t *tree, civ_error *err)
{
  civ_buffer text = { 0 };
  json_t *sorted = tree != NULL ? civ_json_sorted(tree) : NULL;
  civ_json_write_deep(&text, sorted, 2, 0);
  civ_buffer_text(&text, "\n");
  json_decref(sorted);
  return civ_artifact_text(path, &text, err);
}

bool civ_folder_is_empty(const char *path)
{
  DIR *dir = opendir(path);
  bool empty = true;
  if (dir == NULL)
    return true;
  for (struct dirent *entry = readdir(dir); entry != NULL && empty; entry = readdir(dir))
    empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
  closedir(dir);
  return empty;
}

void civ_folder_sweep(const char *path)
{
  DIR *dir = opendir(path);
  if (dir == NULL)
    return;
  for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
    const size_t length = strlen(entry->d_name);
    if (length > 4 && strncmp(entry->d_name, ".civitas-", 9) == 0 && strcmp(entry->d_name + length - 4, ".tmp") == 0)
      unlinkat(dirfd(dir), entry->d_name, 0);
  }
  closedir(dir);
}

civ_status civ_folder_claim(const char *path, bool replace, civ_error *err)
{
  if (!replace && !civ_folder_is_empty(path))
    return civ_fail(err, CIV_E_STATE, path, "the folder is not empty; choose another or add --force");
  return civ_file_make_folder(path, err);
}
