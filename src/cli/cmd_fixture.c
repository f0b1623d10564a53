/* cmd_fixture.c - prints a batch of interactions made without a simulation. */
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "civitas/civitas.h"
#include "cli/cli.h"
#include "record/interaction_json.h"

typedef struct fixture_options {
  civ_opt_integer count, attacks, seed;
  civ_opt_real min_p, max_p, acceptance, band, toxic_fraction;
} fixture_options;

static const civ_option options[] = {
  CIV_OPTION_INTEGER_(fixture_options, count, 'n', "count", "N", 0, 100000000, "how many records"),
  CIV_OPTION_INTEGER_(fixture_options, attacks, 0, "attacks", "N", 0, 100000000,
                      "adversarial: records of the burst, after --count honest ones"),
  CIV_OPTION_INTEGER_(fixture_options, seed, 's', "seed", "S", 0, INT64_MAX, "seed of the draws (0)"),
  CIV_OPTION_REAL_(fixture_options, min_p, 0, "min-p", "P", "benign, toxic: least p"),
  CIV_OPTION_REAL_(fixture_options, max_p, 0, "max-p", "P", "benign, toxic: greatest p"),
  CIV_OPTION_REAL_(fixture_options, acceptance, 0, "acceptance", "SHARE", "benign, toxic: share accepted"),
  CIV_OPTION_REAL_(fixture_options, band, 0, "band", "B", "uncertain: p within 0.5 +- B"),
  CIV_OPTION_REAL_(fixture_options, toxic_fraction, 0, "toxic-fraction", "SHARE", "mixed: share of toxic records"),
  { 0 },
};

const civ_command civ_command_fixture = {
  .name = "fixture",
  .summary = "make a batch of interactions without a simulation",
  .arguments = "NAME",
  .least = 1,
  .most = 1,
  .options = options,
  .options_size = sizeof(fixture_options),
  .details = "NAME is one of benign, toxic, uncertain, mixed, adversarial. Prints one interaction record a line, as "
             "`civitas metrics` reads them. Equal options give equal records.",
  .example = "civitas fixture mixed --count 1000 --seed 7 > mixed.jsonl\ncivitas metrics mixed.jsonl",
  .run = civ_cmd_fixture,
};

static const char *fixture_name(const void *arg, size_t k)
{
  (void)arg;
  return k < CIV_FIXTURE_KINDS ? civ_fixture_names[k] : NULL;
}

/* -1 = none of that name, which is told. */
static int32_t find_kind(const char *name)
{
  for (int32_t k = 0; k < CIV_FIXTURE_KINDS; ++k)
    if (strcmp(civ_fixture_names[k], name) == 0)
      return k;
  const char *near = civ_nearest(name, fixture_name, NULL);
  if (near != NULL)
    civ_cli_misuse(&civ_command_fixture, "no fixture is called '%s'; did you mean '%s'?", name, near);
  else
    civ_cli_misuse(&civ_command_fixture,
                   "no fixture is called '%s'; there are benign, toxic, uncertain, mixed and adversarial", name);
  return -1;
}

static void take_real(double *to, civ_opt_real from)
{
  if (from.set)
    *to = from.value;
}

static civ_fixture_def def_of(int32_t kind, const fixture_options *o)
{
  civ_fixture_def def = civ_fixture_default((civ_fixture_kind)kind);
  if (o->count.set)
    def.count = (uint32_t)o->count.value;
  if (o->attacks.set)
    def.attacks = (uint32_t)o->attacks.value;
  if (o->seed.set)
    def.seed = (uint64_t)o->seed.value;
  take_real(&def.min_p, o->min_p);
  take_real(&def.max_p, o->max_p);
  take_real(&def.acceptance, o->acceptance);
  take_real(&def.band, o->band);
  take_real(&def.toxic_fraction, o->toxic_fraction);
  return def;
}

static bool print_batch(const civ_batch *batch)
{
  civ_buffer line = { 0 };
  bool good = true;
  for (size_t k = 0; k < batch->n && good; ++k) {
    line.length = 0;
    civ_interaction_write_json(&line, &batch->records[k], (const char *const *)batch->names);
    civ_buffer_text(&line, "\n");
    good = !line.failed && fwrite(line.data, 1, line.length, stdout) == line.length;
  }
  civ_buffer_free(&line);
  return good && fflush(stdout) == 0;
}

int civ_cmd_fixture(int argc, char **argv)
{
  fixture_options o = { 0 };
  int code;
  if (!civ_cli_parse(&civ_command_fixture, &argc, argv, &o, &code))
    return code;
  int32_t kind = find_kind(argv[1]);
  if (kind < 0)
    return CIV_EXIT_MISUSED;
  civ_fixture_def def = def_of(kind, &o);
  civ_batch batch = { 0 };
  civ_error err;
  if (civ_fixture_make(&def, &batch, &err) != CIV_OK)
    return civ_cli_fail(&err);
  bool printed = print_batch(&batch);
  civ_batch_free(&batch);
  if (!printed) {
    civ_cli_error("the records could not be written to standard output");
    return CIV_EXIT_FAILED;
  }
  return CIV_EXIT_DONE;
}
