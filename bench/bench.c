/* bench.c - how fast and how large: one table of what this machine makes of the baseline mix.
 *
 * bench [--quick] [--program PATH]    --quick: a tenth of the work, for a check that everything still runs
 *
 * Societies are honest, opportunistic and deceptive agents 3:1:1, at the default settings of a scenario. Times are the best
 * of the repetitions (the least disturbed), measured around the run itself: processor time without a log, elapsed time
 * with one; whole-process times start the program. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/field.h"
#include "base/threads.h"
#include "civitas/civitas.h"
#include "lab/sweep.h"
#include "selfplay/tournament.h"

typedef struct settings {
  double scale; /* share of the full work */
  const char *program;
  char folder[64];
} settings;

typedef struct society {
  uint32_t agents;
  const char *turn_mode;
  uint32_t epochs, steps;
  uint64_t seed;
  const char *governance; /* flow mapping; NULL = none */
} society;

typedef struct sample {
  double seconds;
  uint64_t agent_steps, records;
} sample;

static double seconds_of(clockid_t clock)
{
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void must(civ_status status, const civ_error *err)
{
  if (status != CIV_OK) {
    fprintf(stderr, "bench: %s: %s\n", err->where, err->text);
    exit(1);
  }
}

static int scenario_text(const society *s, char *text, size_t size)
{
  uint32_t opportunistic = s->agents / 5, deceptive = s->agents / 5;
  return snprintf(text, size,
                  "scenario_id: bench\n"
                  "simulation: {n_epochs: %u, steps_per_epoch: %u, seed: %llu, turn_mode: %s}\n"
                  "agents:\n"
                  "  - {type: honest, count: %u}\n"
                  "  - {type: opportunistic, count: %u}\n"
                  "  - {type: deceptive, count: %u}\n"
                  "governance: %s\n",
                  s->epochs, s->steps, (unsigned long long)s->seed, s->turn_mode, s->agents - opportunistic - deceptive,
                  opportunistic, deceptive, s->governance != NULL ? s->governance : "{}");
}

static civ_config *configured(const civ_registry *registry, const society *s)
{
  char text[2048];
  civ_config *config = NULL;
  civ_diagnostics found = { 0 };
  civ_error err;
  int length = scenario_text(s, text, sizeof text);
  must(civ_scenario_parse(registry, "bench.yaml", text, (size_t)length, 0, &config, &found, &err), &err);
  civ_diagnostics_free(&found);
  return config;
}

/* One run from start to end; log_path NULL = no event log, and then it is the thread's own time that counts, which does not
 * depend on what else the machine is doing. */
static sample run_once(const civ_registry *registry, const society *s, const char *log_path)
{
  civ_config *config = configured(registry, s);
  civ_run_options options = { .threads = 1 };
  civ_run *run = NULL;
  civ_log *log = NULL;
  civ_error err;
  civ_end end;
  civ_result result;
  sample out = { 0 };
  must(civ_run_create(config, &options, &run, &err), &err);
  if (log_path != NULL) {
    civ_log_options log_options = { .durability = CIV_DURABILITY_NONE, .replace = true };
    must(civ_log_create(log_path, &log_options, &log, &err), &err);
    must(civ_run_attach(run, civ_log_sink(log), log, &err), &err);
  }
  clockid_t clock = log_path == NULL ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC;
  double start = seconds_of(clock);
  must(civ_run_all(run, &end, &err), &err);
  if (log != NULL) {
    must(civ_log_close(log, &err), &err);
    out.records = civ_log_records(log);
  }
  out.seconds = seconds_of(clock) - start;
  must(civ_run_result(run, &result, &err), &err);
  out.agent_steps = result.agent_steps;
  if (log != NULL)
    civ_log_destroy(log);
  civ_run_destroy(run);
  civ_config_destroy(config);
  return out;
}

static sample best_of(const civ_registry *registry, const society *s, const char *log_path, int repetitions)
{
  sample best = run_once(registry, s, log_path);
  for (int i = 1; i < repetitions; i++) {
    sample one = run_once(registry, s, log_path);
    if (one.seconds < best.seconds)
      best = one;
  }
  return best;
}

/* As best_of, in a process of its own, so that *peak is the memory of this run and nothing else. */
static sample run_apart(const civ_registry *registry, const society *s, double *peak_bytes)
{
  int channel[2];
  struct {
    sample sample;
    long before, after;
  } answer;
  if (pipe(channel) != 0) {
    perror("bench: pipe");
    exit(1);
  }
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    answer.before = usage.ru_maxrss;
    answer.sample = run_once(registry, s, NULL);
    getrusage(RUSAGE_SELF, &usage);
    answer.after = usage.ru_maxrss;
    _exit(write(channel[1], &answer, sizeof answer) == (ssize_t)sizeof answer ? 0 : 1);
  }
  close(channel[1]);
  bool told = read(channel[0], &answer, sizeof answer) == (ssize_t)sizeof answer;
  close(channel[0]);
  int status = 1;
  if (child < 0 || waitpid(child, &status, 0) != child || status != 0 || !told) {
    fprintf(stderr, "bench: the run of %u agents failed\n", s->agents);
    exit(1);
  }
  *peak_bytes = (double)(answer.after - answer.before) * 1024.0;
  return answer.sample;
}

/* --- speed over sizes ------------------------------------------------------------------------------------------------ */

static void bench_sizes(const civ_registry *registry, const settings *set)
{
  static const uint32_t sizes[] = { 10, 100, 1000, 10000, 100000, 1000000 };
  static const char *const modes[] = { "sequential", "simultaneous" };
  puts("agent-steps, one thread, metrics on, log off");
  puts("  mode            agents    epochs x steps   M agent-steps/s   ns/agent-step   x next smaller   bytes/agent");
  for (size_t m = 0; m < 2; m++) {
    double before = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
      society s = { .agents = sizes[i], .turn_mode = modes[m], .epochs = 10, .steps = 10, .seed = 42 };
      double peak = 0, work = 4e6 * set->scale;
      if (sizes[i] >= 1000000 && set->scale < 1)
        continue;
      if (sizes[i] < 100000)
        s.epochs = (uint32_t)(work / (10.0 * sizes[i])) + 1;
      sample one = sizes[i] >= 100000 ? run_apart(registry, &s, &peak) : best_of(registry, &s, NULL, 3);
      double ns = one.seconds * 1e9 / (double)one.agent_steps;
      printf("  %-12s %9u   %8u x %-4u   %15.2f   %13.1f   ", modes[m], s.agents, s.epochs, s.steps, 1e3 / ns, ns);
      if (before > 0)
        printf("%14.2f   ", ns / before);
      else
        printf("%14s   ", "-");
      if (peak > 0)
        printf("%11.0f\n", peak / s.agents);
      else
        printf("%11s\n", "-");
      fflush(stdout);
      before = ns;
    }
  }
}

/* --- governance -------------------------------------------------------------------------------------------------------- */

/* Every lever at work, none keeping anybody from acting, so that as much is done as without them. */
#define DETECTORS_OFF_HAND                                                                                             \
  "collusion_penalty_multiplier: 0, security_penalty_multiplier: 0, security_quarantine_threshold: 1, "
#define PLAIN_LEVERS                                                                                                   \
  "transaction_tax_rate: 0.001, reputation_decay_rate: 0.99, staking_enabled: true, "                                  \
  "stake_slash_trigger: low_quality, stake_slash_rate: 0.001, circuit_breaker_enabled: true, "                         \
  "freeze_threshold_toxicity: 1, audit_enabled: true, audit_penalty_multiplier: 0.01, "                                \
  "bandwidth_cap_enabled: true, bandwidth_cap: 1000000, transparency_enabled: true, transparency_bonus_rate: 0.001, "  \
  "moderator_enabled: true, moderator_review_cost: 0.0001, moderator_penalty_multiplier: 0.01, "                       \
  "vote_normalization_enabled: true, vote_weight_in_ranking: true"
static const char plain_levers[] = "{" PLAIN_LEVERS "}";
static const char all_levers[] =
    "{" DETECTORS_OFF_HAND PLAIN_LEVERS ", collusion_detection_enabled: true, collusion_realtime_penalty: true, "
    "collusion_realtime_rate: 0.001, security_enabled: true, security_realtime_penalty: true, "
    "security_realtime_rate: 0.001, sybil_detection_enabled: true, sybil_penalty_multiplier: 0, "
    "sybil_max_cluster_size: 1000000}";

/* ns per agent-step. */
static double step_cost(const civ_registry *registry, const society *s, int times)
{
  const sample one = best_of(registry, s, NULL, times);
  return one.seconds * 1e9 / (double)one.agent_steps;
}

/* Detectors analyse once per epoch, and the whole history at the end: in short epochs that is what is seen, in long ones what
 * the levers cost a step. */
static void bench_levers(const civ_registry *registry, const settings *set)
{
  static const uint32_t sizes[] = { 10, 100, 1000, 10000 };
  static const uint32_t lengths[] = { 10, 1000 };
  puts("\ngovernance, one thread: ns/agent-step without a lever, with all but the detectors, and with all");
  puts("      agents   steps/epoch           none        levers           all   x (levers)   x (all)");
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
    for (size_t k = 0; k < sizeof lengths / sizeof lengths[0]; k++) {
      society s = { .agents = sizes[i], .turn_mode = "sequential", .steps = lengths[k], .seed = 42 };
      s.epochs = lengths[k] == 10 ? 20 : sizes[i] < 10000 ? 2 : 1;
      const int times = sizes[i] < 1000 ? (int)(50 * set->scale) + 3 : 2;
      const double none = step_cost(registry, &s, times);
      s.governance = plain_levers;
      const double plain = step_cost(registry, &s, times);
      s.governance = all_levers;
      const double all = step_cost(registry, &s, times);
      printf("  %10u   %11u   %12.1f  %12.1f  %12.1f   %10.2f   %7.2f\n", sizes[i], lengths[k], none, plain, all,
             plain / none, all / none);
      fflush(stdout);
    }
}

/* What a detector adds to every epoch of a run: its records of each interaction, and the analysis at the epoch's start. */
static void bench_detectors(const civ_registry *registry, const settings *set)
{
  static const struct {
    const char *name, *rules;
  } detectors[] = { { "collusion", "{" DETECTORS_OFF_HAND "collusion_detection_enabled: true}" },
                    { "security", "{" DETECTORS_OFF_HAND "security_enabled: true}" } };
  society s = { .agents = 100000, .turn_mode = "sequential", .epochs = 10, .steps = 10, .seed = 42 };
  if (set->scale < 1)
    s.agents = 10000;
  const sample none = run_once(registry, &s, NULL);
  printf("\ndetectors, one thread, %u agents: ms that an epoch of 10 steps takes longer, analysis included\n",
         s.agents);
  for (size_t k = 0; k < sizeof detectors / sizeof detectors[0]; k++) {
    s.governance = detectors[k].rules;
    const sample with = run_once(registry, &s, NULL);
    printf("  %-38s %12.1f\n", detectors[k].name, (with.seconds - none.seconds) / s.epochs * 1e3);
    fflush(stdout);
  }
}

/* --- the log --------------------------------------------------------------------------------------------------------- */

static void bench_log(const civ_registry *registry, const settings *set)
{
  char path[128];
  snprintf(path, sizeof path, "%s/events.jsonl", set->folder);
  society s = {
    .agents = 1000, .turn_mode = "sequential", .epochs = (uint32_t)(100 * set->scale) + 1, .steps = 10, .seed = 42
  };
  sample off = best_of(registry, &s, NULL, 3);
  sample on = best_of(registry, &s, path, 3);
  struct stat file;
  double bytes = stat(path, &file) == 0 ? (double)file.st_size : 0;
  double records = (double)on.records;
  puts("\nevent log, JSONL, 1,000 agents");
  printf("  records                                %12.0f\n", records);
  printf("  whole run, M records/s                 %12.2f\n", records / on.seconds / 1e6);
  printf("  the log's own share, M records/s       %12.2f\n", records / (on.seconds - off.seconds) / 1e6);
  printf("  bytes per record                       %12.0f\n", bytes / records);
  unlink(path);
}

/* --- whole processes ------------------------------------------------------------------------------------------------- */

static double process_seconds(const char *const *arguments)
{
  posix_spawn_file_actions_t actions;
  pid_t child;
  int status = 1;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  double start = seconds_of(CLOCK_MONOTONIC);
  int failed = posix_spawn(&child, arguments[0], &actions, NULL, (char *const *)(uintptr_t)arguments, environ);
  if (failed != 0 || waitpid(child, &status, 0) != child || status != 0) {
    fprintf(stderr, "bench: %s %s failed\n", arguments[0], arguments[1]);
    exit(1);
  }
  double seconds = seconds_of(CLOCK_MONOTONIC) - start;
  posix_spawn_file_actions_destroy(&actions);
  return seconds;
}

static int by_size(const void *a, const void *b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void bench_process(const char *what, const char *const *arguments)
{
  enum { TIMES = 21 };
  double seconds[TIMES];
  for (int i = 0; i < TIMES; i++)
    seconds[i] = process_seconds(arguments);
  qsort(seconds, TIMES, sizeof seconds[0], by_size);
  printf("  %-52s %8.1f   %8.1f\n", what, seconds[0] * 1e3, seconds[TIMES / 2] * 1e3);
}

static void bench_processes(const civ_registry *registry, const settings *set)
{
  char scenario[128], folder[128], text[2048];
  (void)registry;
  society s = { .agents = 20, .turn_mode = "sequential", .epochs = 100, .steps = 100, .seed = 42 };
  snprintf(scenario, sizeof scenario, "%s/bench.yaml", set->folder);
  snprintf(folder, sizeof folder, "%s/run", set->folder);
  scenario_text(&s, text, sizeof text);
  FILE *out = fopen(scenario, "w");
  if (out == NULL || fputs(text, out) < 0 || fclose(out) != 0) {
    perror("bench: cannot write a scenario");
    exit(1);
  }
  const char *plain[] = { set->program, "run", scenario, "--seeds", "42-42", "--threads", "1", "-q", NULL };
  const char *baseline[] = { set->program, "run", "scenarios/baseline.yaml", "--output-dir", folder, "--force",
                             "-q",         NULL };
  const char *tournament[] = { set->program, "tournament", "-q", NULL };
  puts("\nwhole processes, ms                                          best     median");
  bench_process("20 agents x 100 epochs x 100 steps, no files", plain);
  bench_process("baseline scenario with log, report and run folder", baseline);
  bench_process("default tournament of self-play", tournament);
}

/* --- replicates on threads --------------------------------------------------------------------------------------------- */

typedef struct replicates {
  const civ_registry *registry;
  society society;
} replicates;

static bool replicate(void *arg, uint64_t k, uint32_t worker)
{
  const replicates *r = arg;
  society s = r->society;
  s.seed += k;
  (void)worker;
  run_once(r->registry, &s, NULL);
  return true;
}

static void bench_threads(const civ_registry *registry, const settings *set)
{
  replicates r = { registry, { .agents = 20, .turn_mode = "sequential", .epochs = 100, .steps = 10, .seed = 1 } };
  uint64_t runs = (uint64_t)(400 * set->scale) + 8;
  double seconds[2] = { 1e9, 1e9 };
  for (int i = 0; i < 3; i++) {
    for (uint32_t threads = 1; threads <= 2; threads++) {
      double start = seconds_of(CLOCK_MONOTONIC);
      civ_parallel_for(threads, runs, replicate, &r);
      double took = seconds_of(CLOCK_MONOTONIC) - start;
      if (took < seconds[threads - 1])
        seconds[threads - 1] = took;
    }
  }
  printf("\nreplicates, %llu runs of 20 agents x 100 x 10, on %u cores\n", (unsigned long long)runs, civ_cores());
  printf("  1 thread, runs/s                       %12.0f\n", (double)runs / seconds[0]);
  printf("  2 threads, runs/s                      %12.0f\n", (double)runs / seconds[1]);
  printf("  ratio                                  %12.2f\n", seconds[0] / seconds[1]);
}

/* --- sweeps -------------------------------------------------------------------------------------------------------------- */

/* Replicates of a governed society through the sweep engine, rows and criteria included. Both clocks: where somebody else has
 * the cores, the share of processor time spent beyond one thread's says more than elapsed time. */
static void bench_sweep(const civ_registry *registry, const settings *set)
{
  civ_sweep_spec spec = civ_sweep_spec_default();
  civ_config *base = NULL;
  civ_sweep_plan *plan = NULL;
  civ_error err;
  double elapsed[2] = { 1e9, 1e9 }, used[2] = { 1e9, 1e9 };
  spec.runs_per_config = (uint64_t)(10000 * set->scale);
  must(civ_scenario_load(registry, "scenarios/strict_governance.yaml", 0, &base, NULL, &err), &err);
  must(civ_sweep_plan_create(&spec, base, "bench", &plan, &err), &err);
  for (int i = 0; i < 3; i++)
    for (uint32_t workers = 1; workers <= 2; workers++) {
      const civ_sweep_options options = { .workers = workers };
      civ_sweep_rows *rows = NULL;
      const double start = seconds_of(CLOCK_MONOTONIC), begin = seconds_of(CLOCK_PROCESS_CPUTIME_ID);
      must(civ_sweep_run(plan, &options, &rows, &err), &err);
      const double took = seconds_of(CLOCK_MONOTONIC) - start, spent = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - begin;
      elapsed[workers - 1] = took < elapsed[workers - 1] ? took : elapsed[workers - 1];
      used[workers - 1] = spent < used[workers - 1] ? spent : used[workers - 1];
      civ_sweep_rows_destroy(rows);
    }
  const double runs = (double)spec.runs_per_config;
  printf("\nsweep, %.0f replicates of strict_governance\n", runs);
  printf("  1 thread, runs/s                       %12.0f\n", runs / elapsed[0]);
  printf("  2 threads, runs/s                      %12.0f\n", runs / elapsed[1]);
  printf("  parallel efficiency, elapsed           %12.2f\n", elapsed[0] / (2 * elapsed[1]));
  printf("  parallel efficiency, processor time    %12.2f\n", used[0] / used[1]);
  civ_sweep_plan_destroy(plan);
  civ_config_destroy(base);
}

/* --- self-play ------------------------------------------------------------------------------------------------------------ */

static civ_game default_game(civ_kernel *kernel, civ_arena *arena)
{
  civ_error err = { .where = "bench", .text = "out of memory" };
  civ_game game = { .kernel = kernel, .turns = 60, .initial_treasury = 1000 * CIV_CREDIT };
  must(civ_kernel_naive(kernel), &err);
  must(civ_section_set_defaults(&civ_section_polity, &game.polity, arena), &err);
  return game;
}

/* One thread's own time for an episode, detectors and score included. */
static double episode_seconds(const civ_game *game, const civ_detect_config *detect, const civ_matchup *matchup,
                              uint64_t episodes)
{
  static civ_seating seating;
  civ_exploit_finding found[CIV_DETECTORS];
  civ_episode *episode = civ_episode_create();
  civ_detect_scratch *scratch = civ_detect_scratch_create();
  civ_error err = { .where = "bench", .text = "out of memory" };
  uint32_t n;
  must(episode != NULL && scratch != NULL ? CIV_OK : CIV_E_NOMEM, &err);
  civ_population_seat(&matchup->composition, &seating);
  const double start = seconds_of(CLOCK_THREAD_CPUTIME_ID);
  for (uint64_t seed = 0; seed < episodes; seed++) {
    civ_trace trace;
    const civ_episode_setup setup = civ_game_episode(game, &seating, seed);
    must(civ_episode_play(episode, &setup, &trace, &err), &err);
    must(civ_detect(&trace, detect, scratch, found, &n, &err), &err);
    civ_score_of(&trace);
  }
  const double took = seconds_of(CLOCK_THREAD_CPUTIME_ID) - start;
  civ_episode_destroy(episode);
  civ_detect_scratch_destroy(scratch);
  return took / (double)episodes;
}

static double tournament_seconds(const civ_tournament_setup *setup)
{
  civ_tournament *t = NULL;
  civ_error err;
  const double start = seconds_of(CLOCK_MONOTONIC);
  must(civ_tournament_play(setup, &t, &err), &err);
  const double took = seconds_of(CLOCK_MONOTONIC) - start;
  civ_tournament_destroy(t);
  return took;
}

static void bench_selfplay(const civ_registry *registry, const settings *set)
{
  (void)registry;
  civ_kernel kernel;
  civ_detect_config detect;
  civ_error err = { .where = "bench", .text = "out of memory" };
  civ_arena arena = civ_arena_create(NULL);
  const civ_game game = default_game(&kernel, &arena);
  must(civ_section_set_defaults(&civ_section_detectors, &detect, &arena), &err);
  civ_arena_destroy(&arena);
  puts("\nself-play, episodes of 60 turns with detectors and score, one thread");
  for (int m = 0; m < CIV_DEFAULT_MATCHUPS; m++) {
    double best = 1e9;
    for (int i = 0; i < 3; i++) {
      const double one = episode_seconds(&game, &detect, &civ_default_matchups[m], (uint64_t)(4000 * set->scale));
      best = one < best ? one : best;
    }
    printf("  %-24s episodes/s    %12.0f\n", civ_default_matchups[m].name, 1 / best);
  }
  civ_tournament_setup setup = { .game = game,
                                 .matchups = civ_default_matchups,
                                 .n_matchups = CIV_DEFAULT_MATCHUPS,
                                 .n_seeds = (uint64_t)(1000 * set->scale),
                                 .detect = detect,
                                 .exploit_id_start = 1 };
  double seconds[2] = { 1e9, 1e9 };
  for (int i = 0; i < 3; i++)
    for (setup.threads = 1; setup.threads <= 2; setup.threads++) {
      const double took = tournament_seconds(&setup);
      seconds[setup.threads - 1] = took < seconds[setup.threads - 1] ? took : seconds[setup.threads - 1];
    }
  const double episodes = (double)(setup.n_seeds * setup.n_matchups);
  printf("  tournament, 1 thread, episodes/s       %12.0f\n", episodes / seconds[0]);
  printf("  tournament, 2 threads, episodes/s      %12.0f\n", episodes / seconds[1]);
  printf("  ratio                                  %12.2f\n", seconds[0] / seconds[1]);
}

static const struct {
  const char *name;
  void (*run)(const civ_registry *registry, const settings *set);
} sections[] = { { "sizes", bench_sizes },       { "levers", bench_levers },      { "detectors", bench_detectors },
                 { "log", bench_log },           { "threads", bench_threads },    { "sweep", bench_sweep },
                 { "selfplay", bench_selfplay }, { "processes", bench_processes } };

int main(int argc, char **argv)
{
  const char *only = NULL;
  settings set = { .scale = 1, .program = NULL };
  char program[512];
  civ_registry *registry = NULL;
  civ_error err;
  for (int i = 1; i < argc; i++) {
    if (strcmp(argv[i], "--quick") == 0) {
      set.scale = 0.1;
    } else if (strcmp(argv[i], "--program") == 0 && i + 1 < argc) {
      set.program = argv[++i];
    } else if (strcmp(argv[i], "--only") == 0 && i + 1 < argc) {
      only = argv[++i];
    } else {
      fputs("usage: bench [--quick] [--only SECTION] [--program PATH]\n", stderr);
      return 2;
    }
  }
  if (set.program == NULL) {
    const char *slash = strrchr(argv[0], '/');
    snprintf(program, sizeof program, "%.*s/../civitas", slash == NULL ? 1 : (int)(slash - argv[0]),
             slash == NULL ? "." : argv[0]);
    set.program = program;
  }
  snprintf(set.folder, sizeof set.folder, "/tmp/civitas-bench-XXXXXX");
  if (mkdtemp(set.folder) == NULL) {
    perror("bench: cannot make a folder");
    return 1;
  }
  must(civ_registry_create_default(&registry, &err), &err);
  printf("civitas %s\n\n", civ_version());
  for (size_t k = 0; k < sizeof sections / sizeof sections[0]; k++)
    if (only == NULL || strcmp(only, sections[k].name) == 0)
      sections[k].run(registry, &set);
  civ_registry_destroy(registry);
  const char *clean[] = { "/bin/rm", "-rf", set.folder, NULL };
  process_seconds(clean);
  return 0;
}
