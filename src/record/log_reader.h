/* log_reader.h - what the rooms built on the reader ask of it. */
#ifndef CIV_RECORD_LOG_READER_H
#define CIV_RECORD_LOG_READER_H

#include <jansson.h>
#include <stdio.h>

#include "civitas/log.h"

bool civ_log_reader_strict(const civ_log_reader *reader);
/* Lines for which skip(arg, line, length) holds are passed over unread and uncounted. NULL = none. */
void civ_log_reader_skip(civ_log_reader *reader, bool (*skip)(const void *arg, const char *line, size_t length),
                         const void *arg);
/* CIV_E_FORMAT with the place of the record read last. */
civ_status civ_log_reader_fail(const civ_log_reader *reader, civ_error *err, const char *text);

#endif
