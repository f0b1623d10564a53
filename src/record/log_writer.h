/* log_writer.h - inside the writer: other places for its text to go. */
#ifndef CIV_RECORD_LOG_WRITER_H
#define CIV_RECORD_LOG_WRITER_H

#include "civitas/log.h"
#include "record/log_file.h"

/* civ_log_create over other system calls. */
CIV_MUST_CHECK civ_status civ_log_create_over(const civ_log_system *system, const char *path,
                                              const civ_log_options *options, civ_log **out, civ_error *err);

/* A log whose text goes to a function instead of a file, in pieces of whole lines, at least at every epoch end. */
typedef civ_status (*civ_log_receiver)(void *self, const char *lines, size_t length, civ_error *err);
CIV_MUST_CHECK civ_status civ_log_create_into(civ_log_receiver receive, void *self, int32_t detail, civ_log **out,
                                              civ_error *err);

#endif
