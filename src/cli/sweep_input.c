#include "cli/sweep_input.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/number.h"
#include "cli/find_data.h"

enum { MOST_BYTES = 10 << 20 };

static int no_memory(void)
{
  civ_cli_error("out of memory");
  return CIV_EXIT_FAILED;
}

/* --- finding ----------------------------------------------------------------------------------------------------------------- */

/* The base scenario: a path stands beside the sweep file, a name is looked for as everywhere. */
static char *base_of(const civ_sweep_input *in)
{
  const char *base = in->spec.base, *slash = strrchr(in->path, '/');
  char *beside = NULL;
  if (base[0] == '/' || (strchr(base, '/') == NULL && strstr(base, ".yaml") == NULL))
    return strdup(base);
  if (asprintf(&beside, "%.*s%s", slash != NULL ? (int)(slash - in->path) + 1 : 0, in->path, base) < 0)
    return NULL;
  return beside;
}

/* --- loading ------------------------------------------------------------------------------------------------------------------ */

static int load_spec(civ_sweep_input *in, const char *text, size_t length)
{
  civ_error err = { 0 };
  civ_diagnostics found = { 0 };
  const civ_status status = civ_sweep_parse(in->path, text, length, &in->arena, &in->spec, &found, &err);
  civ_cli_print_diagnostics(&found);
  const bool told = found.n_errors > 0;
  civ_diagnostics_free(&found);
  if (status == CIV_OK)
    return CIV_EXIT_DONE;
  return told ? CIV_EXIT_MISUSED : civ_cli_fail(&err);
}

static int open_base(const civ_command *command, const civ_sweep_request *r, civ_sweep_input *in)
{
  if (in->spec.base == NULL)
    return civ_cli_misuse(command, "%s names no scenario; give one with 'base', such as base: baseline", in->path);
  char *base = base_of(in);
  if (base == NULL)
    return no_memory();
  const int code = civ_cli_open_scenario(base, r->reference, r->lenient, NULL, &in->scenario);
  if (code != CIV_EXIT_DONE)
    civ_cli_error("%s:%u:%u: base: the scenario '%s' cannot be used", in->path, in->spec.base_line,
                  in->spec.base_column, in->spec.base);
  free(base);
  return code;
}

/* A scenario of its own: what --param varies is a sweep of this name. */
static int open_scenario(const char *name, const civ_sweep_request *r, civ_sweep_input *in)
{
  const int code = civ_cli_open_scenario(name, r->reference, r->lenient, NULL, &in->scenario);
  if (code == CIV_EXIT_DONE)
    in->spec.name = ((const civ_scenario_config *)civ_config_section(in->scenario.config, ""))->scenario_id;
  return code;
}

static int load(const civ_command *command, const civ_sweep_request *r, civ_sweep_input *in)
{
  civ_error err = { 0 };
  char *text = NULL;
  size_t length;
  if (civ_cli_find_data(&civ_data_sweeps, r->file, &in->path, &err) != CIV_OK ||
      civ_file_read(in->path, (size_t)MOST_BYTES + 1, &text, &length, &err) != CIV_OK)
    return civ_cli_fail(&err);
  const bool sweep = civ_sweep_is_sweep(text, length);
  int code = sweep ? load_spec(in, text, length) : open_scenario(r->file, r, in);
  if (code == CIV_EXIT_DONE && sweep)
    code = open_base(command, r, in);
  civ_free(text);
  return code;
}

/* --- what the command line adds ------------------------------------------------------------------------------------------------- */

/* Adds a parameter, or replaces the file's of the same path. */
static int add_parameter(const civ_command *command, civ_sweep_input *in, civ_sweep_parameter *all, const char *text)
{
  civ_error err = { 0 };
  civ_sweep_parameter p;
  const char *equals = strchr(text, '=');
  if (equals == NULL || equals == text || equals[1] == '\0')
    return civ_cli_misuse(command, "--param takes PATH=V1,V2,..., such as payoff.h=1,2,3, not '%s'", text);
  char *path = strndup(text, (size_t)(equals - text));
  if (path == NULL)
    return no_memory();
  const civ_status status = civ_sweep_parameter_parse(path, equals + 1, &in->arena, &p, &err);
  free(path);
  if (status != CIV_OK)
    return civ_cli_fail(&err);
  uint32_t k = 0;
  while (k < in->spec.n_parameters && strcmp(all[k].path, p.path) != 0)
    k++;
  all[k] = p;
  in->spec.n_parameters += k == in->spec.n_parameters;
  return CIV_EXIT_DONE;
}

static int add_parameters(const civ_command *command, const civ_sweep_request *r, civ_sweep_input *in)
{
  int code = CIV_EXIT_DONE;
  if (r->params.n == 0)
    return code;
  if (in->spec.n_configurations > 0)
    return civ_cli_misuse(command, "--param cannot be joined to the named configurations of %s", in->path);
  civ_sweep_parameter *all = civ_arena_take(&in->arena, in->spec.n_parameters + r->params.n, sizeof *all);
  if (all == NULL)
    return no_memory();
  if (in->spec.n_parameters > 0)
    memcpy(all, in->spec.parameters, in->spec.n_parameters * sizeof *all);
  for (uint32_t k = 0; code == CIV_EXIT_DONE && k < r->params.n; k++)
    code = add_parameter(command, in, all, r->params.items[k]);
  in->spec.parameters = all;
  return code;
}

static int set_metrics(const civ_command *command, const civ_sweep_request *r, civ_sweep_input *in)
{
  civ_sweep_metric *metrics = civ_arena_take(&in->arena, CIV_SWEEP_MOST_METRICS, sizeof *metrics);
  uint32_t n = 0;
  if (metrics == NULL)
    return no_memory();
  for (uint32_t k = 0; k < r->metrics.n; k++) {
    bool twice = false;
    for (uint32_t i = 0; i < n; i++)
      twice = twice || strcmp(metrics[i].name, r->metrics.items[k]) == 0;
    if (twice || *r->metrics.items[k] == '\0')
      continue;
    if (n == CIV_SWEEP_MOST_METRICS)
      return civ_cli_misuse(command, "more than %d metrics", CIV_SWEEP_MOST_METRICS);
    metrics[n++].name = r->metrics.items[k];
  }
  if (n > 0) {
    in->spec.metrics = metrics;
    in->spec.n_metrics = n;
  }
  return CIV_EXIT_DONE;
}

/* W for the only metric, METRIC=W for one by name. */
static int set_until(const civ_command *command, const civ_sweep_request *r, civ_sweep_input *in)
{
  const char *equals = strrchr(r->until, '='), *number = equals != NULL ? equals + 1 : r->until;
  double width;
  uint32_t m = 0;
  civ_sweep_metric *metrics = civ_arena_take(&in->arena, in->spec.n_metrics, sizeof *metrics);
  if (metrics == NULL)
    return no_memory();
  if (!civ_parse_real(number, strlen(number), &width) || !(width > 0))
    return civ_cli_misuse(command, "--until-ci takes a half-width above 0, or METRIC=W, not '%s'", r->until);
  if (equals == NULL && r->metrics.n != 1)
    return civ_cli_misuse(command, "--until-ci needs to know of what: add --metric NAME, or write --until-ci NAME=%s",
                          r->until);
  memcpy(metrics, in->spec.metrics, in->spec.n_metrics * sizeof *metrics);
  while (equals != NULL && m < in->spec.n_metrics &&
         (strncmp(metrics[m].name, r->until, (size_t)(equals - r->until)) != 0 ||
          strlen(metrics[m].name) != (size_t)(equals - r->until)))
    m++;
  if (m == in->spec.n_metrics)
    return civ_cli_misuse(command, "--until-ci names '%.*s', which is not among the metrics; add --metric for it",
                          (int)(equals - r->until), r->until);
  metrics[m].half_width = width;
  in->spec.metrics = metrics;
  if (!r->runs.set && in->spec.runs_per_config < 2)
    in->spec.runs_per_config = 1000;
  return CIV_EXIT_DONE;
}

static int set_seeds(const civ_command *command, const civ_sweep_request *r, civ_sweep_input *in)
{
  int64_t seed;
  if (r->seed_mode >= 0)
    in->spec.seed_mode = r->seed_mode;
  if (r->seed_base == NULL)
    return CIV_EXIT_DONE;
  in->spec.has_seed_base = strcmp(r->seed_base, "null") != 0;
  if (!in->spec.has_seed_base)
    return CIV_EXIT_DONE;
  if (!civ_parse_integer(r->seed_base, strlen(r->seed_base), &seed) || seed < 0)
    return civ_cli_misuse(command, "--seed-base takes a whole number from 0, or null for the scenario's seed, not '%s'",
                          r->seed_base);
  in->spec.seed_base = (uint64_t)seed;
  return CIV_EXIT_DONE;
}

static int apply_request(const civ_command *command, const civ_sweep_request *r, civ_sweep_input *in)
{
  if (r->runs.set)
    in->spec.runs_per_config = (uint64_t)r->runs.value;
  if (r->samples.set)
    in->spec.samples = (uint64_t)r->samples.value;
  if (r->design_seed.set)
    in->spec.design_seed = (uint64_t)r->design_seed.value;
  if (r->design >= 0)
    in->spec.design = r->design;
  if (r->baseline != NULL)
    in->spec.baseline = r->baseline;
  if (in->spec.design == CIV_SWEEP_GRID && r->samples.set)
    return civ_cli_misuse(command, "--samples is for designs other than grid; add --design, such as --design sobol");
  int code = add_parameters(command, r, in);
  if (code == CIV_EXIT_DONE)
    code = set_metrics(command, r, in);
  if (code == CIV_EXIT_DONE && r->until != NULL)
    code = set_until(command, r, in);
  return code == CIV_EXIT_DONE ? set_seeds(command, r, in) : code;
}

/* --- the plan --------------------------------------------------------------------------------------------------------------------- */

/* Joins `common`, in place of what the file sets there. */
static int add_setting(civ_sweep_input *in, civ_sweep_setting *all, const char *path, const char *value)
{
  civ_error err = { 0 };
  civ_sweep_setting one;
  if (civ_sweep_setting_parse(path, value, &in->arena, &one, &err) != CIV_OK)
    return civ_cli_fail(&err);
  uint32_t k = 0;
  while (k < in->spec.n_common && !civ_sweep_same_field(in->scenario.config, all[k].path, path))
    k++;
  all[k] = one;
  in->spec.n_common += k == in->spec.n_common;
  return CIV_EXIT_DONE;
}

static int add_override(civ_sweep_input *in, civ_sweep_setting *all, const char *text)
{
  const char *equals = strchr(text, '=');
  if (equals == NULL || equals == text) {
    civ_cli_error("--override takes PATH=VALUE, such as payoff.theta=0.4, not '%s'", text);
    return CIV_EXIT_MISUSED;
  }
  char *path = strndup(text, (size_t)(equals - text));
  const int code = path != NULL ? add_setting(in, all, path, equals + 1) : no_memory();
  free(path);
  return code;
}

static int add_count(civ_sweep_input *in, civ_sweep_setting *all, const char *path, civ_opt_integer value)
{
  char text[CIV_NUMBER_MAX + 1];
  if (!value.set)
    return CIV_EXIT_DONE;
  text[civ_format_integer(text, value.value)] = '\0';
  return add_setting(in, all, path, text);
}

static int add_common(const civ_sweep_request *r, civ_sweep_input *in)
{
  int code = CIV_EXIT_DONE;
  civ_sweep_setting *all = civ_arena_take(&in->arena, in->spec.n_common + r->overrides.n + 2, sizeof *all);
  if (all == NULL)
    return no_memory();
  if (in->spec.n_common > 0)
    memcpy(all, in->spec.common, in->spec.n_common * sizeof *all);
  in->spec.common = all;
  for (uint32_t k = 0; code == CIV_EXIT_DONE && k < r->overrides.n; k++)
    code = add_override(in, all, r->overrides.items[k]);
  if (code == CIV_EXIT_DONE)
    code = add_count(in, all, "simulation.n_epochs", r->epochs);
  return code == CIV_EXIT_DONE ? add_count(in, all, "simulation.steps_per_epoch", r->steps) : code;
}

int civ_cli_open_sweep(const civ_command *command, const civ_sweep_request *request, civ_sweep_input *in)
{
  civ_error err = { 0 };
  *in = (civ_sweep_input){ .arena = civ_arena_create(NULL), .spec = civ_sweep_spec_default() };
  int code = load(command, request, in);
  if (code == CIV_EXIT_DONE)
    code = apply_request(command, request, in);
  if (code == CIV_EXIT_DONE)
    code = add_common(request, in);
  const char *file = in->path != NULL ? in->path : in->scenario.path;
  if (code == CIV_EXIT_DONE && civ_sweep_plan_create(&in->spec, in->scenario.config, file, &in->plan, &err) != CIV_OK)
    code = civ_cli_fail(&err);
  if (code != CIV_EXIT_DONE)
    civ_cli_close_sweep(in);
  return code;
}

void civ_cli_close_sweep(civ_sweep_input *input)
{
  civ_sweep_plan_destroy(input->plan);
  civ_cli_close_scenario(&input->scenario);
  civ_arena_destroy(&input->arena);
  free(input->path);
  *input = (civ_sweep_input){ 0 };
}
