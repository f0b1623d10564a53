/* find_data.h - files that come with the program, by name: in the working directory's folder, then in the installed one. */
#ifndef CIV_CLI_FIND_DATA_H
#define CIV_CLI_FIND_DATA_H

#include "civitas/status.h"

typedef struct civ_data_kind {
  const char *noun;       /* "scenario" */
  const char *folders[5]; /* looked into in this order; NULL-terminated */
  const char *hint;       /* behind the message that nothing is near: " ('civitas list')"; "" = none */
} civ_data_kind;
extern const civ_data_kind civ_data_scenarios, civ_data_kernels, civ_data_sweeps; /* sweeps: or what can be swept */

bool civ_is_file(const char *path);
/* `name` itself if such a file exists, otherwise NAME.yaml in the kind's folders. CIV_E_IO with the nearest known name. Free
 * *path with free. */
CIV_MUST_CHECK civ_status civ_cli_find_data(const civ_data_kind *kind, const char *name, char **path, civ_error *err);

#endif
