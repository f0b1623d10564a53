/* artifacts.h - files that self-play leaves: JSON with sorted keys, and folders that hold nothing else. */
#ifndef CIV_SELFPLAY_ARTIFACTS_H
#define CIV_SELFPLAY_ARTIFACTS_H

#include <jansson.h>

#include "base/buffer.h"

/* FOLDER/NAME, made by a format; free with free. NULL = no memory. */
char *civ_artifact_path(const char *folder, const char *fmt, ...) CIV_PRINTF(2, 3);
/* Writes a tree with sorted keys, indented by 2. Takes the reference and the path (either may be NULL: CIV_E_NOMEM). */
CIV_MUST_CHECK civ_status civ_artifact_json(char *path, json_t *tree, civ_error *err);
/* Writes and frees a text; takes the path. */
CIV_MUST_CHECK civ_status civ_artifact_text(char *path, civ_buffer *text, civ_error *err);
/* Whether a folder is absent or holds nothing. */
bool civ_folder_is_empty(const char *path);
/* Removes what a killed process was writing in a folder (.civitas-*.tmp). */
void civ_folder_sweep(const char *path);
/* Makes the folder; one that holds anything is refused, naming it, unless `replace`. CIV_E_STATE, CIV_E_IO. */
CIV_MUST_CHECK civ_status civ_folder_claim(const char *path, bool replace, civ_error *err);

#endif
