#include "lab/ledger_csv.h"

#include <string.h>

#include "base/json.h"
#include "record/log_survey.h"

static void put_row(const civ_log_record *record, civ_buffer *out)
{
  static const char *const members[] = { "p", "c_a", "c_b", "rep_delta" };
  civ_buffer_format(out, "%u,%u,", record->epoch, record->step);
  civ_buffer_csv_text(out, record->interaction_id);
  civ_buffer_text(out, ",");
  civ_buffer_csv_text(out, record->initiator_id);
  civ_buffer_text(out, ",");
  civ_buffer_csv_text(out, record->counterparty_id);
  for (size_t k = 0; k < sizeof members / sizeof *members; k++) {
    civ_buffer_text(out, ",");
    if (json_is_number(json_object_get(record->payload, members[k])))
      civ_buffer_real(out, civ_json_real(record->payload, members[k], 0));
  }
  civ_buffer_text(out, "\n");
}

civ_status civ_ledger_csv(const char *path, uint32_t k, bool strict, civ_buffer *out, uint64_t *rows, civ_error *err)
{
  civ_log_reader *reader;
  civ_log_record record;
  civ_run_finder runs = { 0 };
  uint64_t n = 0;
  bool got = true;
  civ_status st = civ_log_open(path, strict, &reader, err);
  if (st != CIV_OK)
    return st;
  civ_buffer_text(out, "epoch,step,interaction_id,initiator,counterparty,p,c_a,c_b,rep_delta\n");
  while (st == CIV_OK && got && runs.run <= k) {
    st = civ_log_next(reader, NULL, &record, &got, err);
    if (st != CIV_OK || !got)
      break;
    civ_run_finder_show(&runs, &record);
    if (runs.run != k || strcmp(record.type_name, "ledger_entry") != 0)
      continue;
    put_row(&record, out);
    n++;
  }
  civ_log_reader_close(reader);
  if (st == CIV_OK && runs.run < k)
    st = civ_fail(err, CIV_E_RANGE, path, "the log holds %u runs, not %u", runs.run, k);
  if (st == CIV_OK && out->failed)
    st = civ_fail(err, CIV_E_NOMEM, path, "out of memory");
  if (st == CIV_OK)
    *rows = n;
  return st;
}
