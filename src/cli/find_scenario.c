/* find_scenario.c - from what somebody typed to the path of a scenario file. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/find_data.h"

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

/* Takes `path`. */
static civ_status use_reference(char *path, char **out, civ_error *err)
{
  char *twin = reference_of(path);
  civ_status status = CIV_OK;
  if (twin == NULL)
    status = civ_fail(err, CIV_E_NOMEM, "scenario", "out of memory");
  else if (!civ_is_file(twin))
    status = civ_fail(err, CIV_E_IO, path, "there is no reference variant %s", twin);
  free(path);
  if (status == CIV_OK)
    *out = twin;
  else
    free(twin);
  return status;
}

civ_status civ_cli_find_scenario(const char *name, bool reference, char **path, civ_error *err)
{
  char *found;
  const civ_status status = civ_cli_find_data(&civ_data_scenarios, name, &found, err);
  if (status != CIV_OK)
    return status;
  if (reference)
    return use_reference(found, path, err);
  *path = found;
  return CIV_OK;
}
