/* fuzz_log.c - any bytes as an event log: every line is a record, counted as broken, or (strict) one clear error. */
#include <stdlib.h>

#include "civitas/civitas.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_through(const char *text, size_t size, bool strict)
{
  civ_log_reader *reader = NULL;
  civ_error err;
  civ_log_record record;
  bool got = true;
  if (civ_log_open_text(text, size, strict, &reader, &err) != CIV_OK)
    return;
  uint64_t records = 0;
  while (got) {
    civ_status status = civ_log_next(reader, NULL, &record, &got, &err);
    if (status != CIV_OK) {
      if (!strict && status == CIV_E_FORMAT)
        abort(); /* a lenient reader counts broken lines and goes on */
      break;
    }
    records += got;
  }
  if (records > civ_log_reader_counts(reader).records)
    abort();
  civ_log_reader_close(reader);
}

static void rebuild(const char *text, size_t size)
{
  civ_log_reader *reader = NULL;
  civ_rebuilt rebuilt = { 0 };
  civ_error err;
  if (civ_log_open_text(text, size, false, &reader, &err) != CIV_OK)
    return;
  if (civ_log_rebuild(reader, &rebuilt, &err) == CIV_OK) {
    for (size_t i = 0; i < rebuilt.n; i++) {
      if (rebuilt.records[i].initiator != CIV_NOBODY && rebuilt.records[i].initiator >= rebuilt.n_names)
        abort();
    }
    civ_rebuilt_free(&rebuilt);
  }
  civ_log_reader_close(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const char *text = size == 0 ? "" : (const char *)data;
  read_through(text, size, false);
  read_through(text, size, true);
  rebuild(text, size);
  return 0;
}
