#include "cli/find_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "civitas/scenario.h"
#include "cli/cli.h"
#include "lab/run_folder.h"

static bool is_folder(const char *path)
{
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* `path` if there is such a file, or the same compressed; otherwise NULL. Takes the path. */
static char *as_it_is(char *path)
{
  char *packed = NULL;
  if (path == NULL || civ_file_exists(path))
    return path;
  if (asprintf(&packed, "%s.zst", path) < 0)
    packed = NULL;
  free(path);
  if (packed != NULL && civ_file_exists(packed))
    return packed;
  free(packed);
  return NULL;
}

/* Where the folder's own configuration puts the log; NULL = it says nothing, or cannot be read. */
static char *configured(const char *folder)
{
  civ_registry *registry;
  civ_config *config;
  char *path = NULL, *file = civ_run_folder_file(folder, CIV_FILE_CONFIG, NULL);
  if (file == NULL || civ_registry_create_default(&registry, NULL) != CIV_OK) {
    free(file);
    return NULL;
  }
  if (civ_scenario_load(registry, file, CIV_LOAD_LENIENT | CIV_LOAD_ALLOW_EMPTY, &config, NULL, NULL) == CIV_OK) {
    const civ_outputs_config *outputs = civ_config_section(config, "outputs");
    if (outputs->event_log != NULL)
      path = civ_run_folder_file(folder, CIV_FILE_EVENTS, outputs->event_log);
    civ_config_destroy(config);
  }
  civ_registry_destroy(registry);
  free(file);
  return path;
}

char *civ_cli_find_log(const char *path)
{
  if (!is_folder(path))
    return strdup(path);
  char *found = as_it_is(civ_run_folder_file(path, CIV_FILE_EVENTS, NULL));
  if (found == NULL)
    found = as_it_is(configured(path));
  return found != NULL ? found : civ_run_folder_file(path, CIV_FILE_EVENTS, NULL); /* its absence is then told */
}

void civ_cli_tell_flaws(const char *log, bool complete, const civ_log_counts *counts)
{
  if (!complete)
    civ_cli_error("%s: the log has no end; the report covers what it holds", log);
  if (counts->malformed > 0)
    civ_cli_error("%s: %llu malformed lines were skipped, the first is line %llu", log,
                  (unsigned long long)counts->malformed, (unsigned long long)counts->first_malformed_line);
  if (counts->unknown > 0)
    civ_cli_error("%s: %llu events are of a type this version does not know", log, (unsigned long long)counts->unknown);
  if (counts->truncated_tail > 0)
    civ_cli_error("%s: the last line is cut short and was left out", log);
}
