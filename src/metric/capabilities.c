#include "metric/capabilities.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/bits.h"
#include "base/digest.h"
#include "base/pairs.h"
#include "metric/composite_structure.h"

const char *const civ_capability_names[CIV_CAPABILITIES + 1] = { "research",   "analysis",      "planning",
                                                                 "execution",  "verification",  "coordination",
                                                                 "creativity", "communication", NULL };

civ_capability_set civ_capability_of(const char *name)
{
  for (int k = 0; k < CIV_CAPABILITIES; k++)
    if (strcmp(civ_capability_names[k], name) == 0)
      return (civ_capability_set)(1u << k);
  return 0;
}

uint32_t civ_capability_count(civ_capability_set set)
{
  uint32_t n = 0;
  for (; set != 0; set &= (civ_capability_set)(set - 1))
    n++;
  return n;
}

/* An agent that took part. `generation` tells what it met under an earlier profile from what it met since. */
typedef struct partaker {
  civ_agent agent;
  uint32_t generation;
  uint32_t subtasks, tasks, collaborations, collaborators;
  double average_quality;
  double scores[CIV_CAPABILITIES];
  uint32_t used[CIV_CAPABILITIES];
  civ_capability_set scored;
} partaker;

/* A mean in the making. */
typedef struct tally {
  double sum;
  uint64_t n;
} tally;

struct civ_capabilities {
  const civ_allocator *allocator;
  uint32_t agents;
  uint8_t *registered;
  civ_capability_set *sets;
  uint32_t *slot; /* 1 + place among the partakers; 0 = none */
  partaker *partakers;
  size_t n_partakers, room;
  civ_pairs *met; /* (agent, other); extra = generation of the agent's profile */
  uint64_t recorded;
  tally time, quality, coordination, synergy, flow, size, coverage, efficiency, parallel, complementarity, transfer;
  uint64_t digest; /* of every change so far */
};

civ_capabilities *civ_capabilities_create(uint32_t agents, const civ_allocator *allocator)
{
  civ_capabilities *c = civ_zeroed(allocator, 1, sizeof *c);
  if (c == NULL)
    return NULL;
  c->allocator = allocator;
  c->agents = agents;
  c->registered = civ_zeroed(allocator, (size_t)agents + 1, sizeof *c->registered);
  c->sets = civ_zeroed(allocator, (size_t)agents + 1, sizeof *c->sets);
  c->slot = civ_zeroed(allocator, (size_t)agents + 1, sizeof *c->slot);
  c->met = civ_pairs_create_bare(agents, allocator);
  if (c->registered == NULL || c->sets == NULL || c->slot == NULL || c->met == NULL) {
    civ_capabilities_destroy(c);
    return NULL;
  }
  return c;
}

void civ_capabilities_destroy(civ_capabilities *c)
{
  if (c == NULL)
    return;
  const civ_allocator *a = c->allocator;
  const size_t agents = (size_t)c->agents + 1;
  civ_release(a, c->registered, agents * sizeof *c->registered);
  civ_release(a, c->sets, agents * sizeof *c->sets);
  civ_release(a, c->slot, agents * sizeof *c->slot);
  civ_drop(a, (void **)&c->partakers, &c->room, sizeof *c->partakers);
  civ_pairs_destroy(c->met);
  civ_release(a, c, sizeof *c);
}

void civ_capabilities_register(civ_capabilities *c, civ_agent a, civ_capability_set capabilities)
{
  if (a >= c->agents)
    return;
  c->registered[a] = 1;
  c->sets[a] = capabilities;
  if (c->slot[a] != 0) {
    partaker *p = &c->partakers[c->slot[a] - 1];
    *p = (partaker){ .agent = a, .generation = p->generation + 1 };
  }
  c->digest = civ_digest_mix(c->digest, a, capabilities);
}

civ_status civ_capabilities_reserve(civ_capabilities *c, size_t participants, size_t pairs)
{
  const civ_status status =
      civ_grow(c->allocator, (void **)&c->partakers, &c->room, c->n_partakers + participants, sizeof *c->partakers);
  return status == CIV_OK ? civ_pairs_reserve(c->met, pairs) : status;
}

/* --- taking in a task -------------------------------------------------------------------------------------------------- */

static bool is_registered(const civ_capabilities *c, civ_agent a)
{
  return a < c->agents && c->registered[a];
}

/* NULL for an agent without a profile. */
static partaker *partaker_of(civ_capabilities *c, civ_agent a)
{
  if (!is_registered(c, a))
    return NULL;
  if (c->slot[a] == 0) {
    assert(c->n_partakers < c->room && "civ_capabilities_reserve makes room before tasks are recorded");
    c->partakers[c->n_partakers++] = (partaker){ .agent = a };
    c->slot[a] = (uint32_t)c->n_partakers;
  }
  return &c->partakers[c->slot[a] - 1];
}

static void add(tally *t, double x)
{
  t->sum += x;
  t->n++;
}

static double mean(tally t)
{
  return t.n > 0 ? t.sum / (double)t.n : 0;
}

static void credit_worker(civ_capabilities *c, const civ_done_subtask *s)
{
  partaker *p = s->worker == CIV_NOBODY || isnan(s->quality) ? NULL : partaker_of(c, s->worker);
  if (p == NULL)
    return;
  p->average_quality = (p->average_quality * p->subtasks + s->quality) / ((double)p->subtasks + 1);
  p->subtasks++;
  const civ_capability_set exercised = s->required & c->sets[s->worker];
  for (int k = 0; k < CIV_CAPABILITIES; k++)
    if (exercised >> k & 1u) {
      const double before = p->scored >> k & 1u ? p->scores[k] : 0.5;
      p->scores[k] = 0.7 * before + 0.3 * s->quality;
      p->scored |= (civ_capability_set)(1u << k);
      p->used[k]++;
    }
}

/* Everybody of the team with a profile has worked with everybody else of it. */
static void acquaint(civ_capabilities *c, const civ_done_task *t)
{
  for (uint32_t i = 0; i < t->n_participants; i++) {
    partaker *p = partaker_of(c, t->participants[i]);
    if (p == NULL)
      continue;
    p->collaborations++;
    for (uint32_t j = 0; j < t->n_participants; j++) {
      if (j == i)
        continue;
      civ_pair *pair = civ_pairs_touch(c->met, t->participants[i], t->participants[j]);
      if (pair->count == 0 || pair->extra != p->generation)
        p->collaborators++;
      pair->count = 1;
      pair->extra = p->generation;
    }
    for (uint32_t s = 0; s < t->n_subtasks; s++)
      if (t->subtasks[s].worker == t->participants[i]) {
        p->tasks++;
        break;
      }
  }
}

static void add_coverage(civ_capabilities *c, const civ_done_task *t)
{
  civ_capability_set together = 0;
  if (t->required == 0)
    return;
  for (uint32_t i = 0; i < t->n_participants; i++)
    if (is_registered(c, t->participants[i]))
      together |= c->sets[t->participants[i]];
  add(&c->coverage, (double)civ_capability_count(together & t->required) / civ_capability_count(t->required));
}

/* Pairs of a team whose sets are both empty say nothing; a team of such pairs says nothing either. */
static void add_complementarity(civ_capabilities *c, const civ_done_task *t)
{
  tally team = { 0 };
  for (uint32_t i = 0; i < t->n_participants; i++)
    for (uint32_t j = i + 1; j < t->n_participants; j++) {
      const civ_agent a = t->participants[i], b = t->participants[j];
      if (!is_registered(c, a) || !is_registered(c, b) || (c->sets[a] | c->sets[b]) == 0)
        continue;
      add(&team, 1 - (double)civ_capability_count(c->sets[a] & c->sets[b]) /
                         civ_capability_count((civ_capability_set)(c->sets[a] | c->sets[b])));
    }
  if (team.n > 0)
    add(&c->complementarity, mean(team));
}

static double depths(const civ_done_task *t)
{
  uint16_t dependencies[CIV_MOST_SUBTASKS];
  uint8_t depth[CIV_MOST_SUBTASKS];
  double sum = 0;
  for (uint32_t s = 0; s < t->n_subtasks; s++)
    dependencies[s] = t->subtasks[s].dependencies;
  civ_dependency_depths(dependencies, t->n_subtasks, depth);
  for (uint32_t s = 0; s < t->n_subtasks; s++)
    sum += depth[s];
  return sum / t->n_subtasks;
}

static void add_structure(civ_capabilities *c, const civ_done_task *t)
{
  double quality[CIV_MOST_SUBTASKS], steps = 0;
  for (uint32_t s = 0; s < t->n_subtasks; s++) {
    quality[s] = t->subtasks[s].quality;
    steps += t->subtasks[s].steps;
  }
  if (t->final_quality != 0)
    add(&c->quality, t->final_quality);
  if (steps > 0 && t->final_quality != 0)
    add(&c->efficiency, t->final_quality / steps);
  if (t->n_subtasks > 1)
    add(&c->parallel, 1 - depths(t) / (t->n_subtasks - 1.0));
  for (uint32_t s = 0; s < t->n_subtasks; s++) {
    const double gain = quality[s] - civ_quality_built_on(t->subtasks[s].dependencies, quality, t->n_subtasks);
    if (!isnan(gain))
      add(&c->transfer, fmax(-1, fmin(1, gain)));
  }
}

void civ_capabilities_record(civ_capabilities *c, const civ_done_task *t)
{
  c->recorded++;
  for (uint32_t s = 0; s < t->n_subtasks; s++)
    credit_worker(c, &t->subtasks[s]);
  acquaint(c, t);
  add(&c->time, t->epochs);
  add(&c->coordination, t->coordination);
  add(&c->synergy, t->synergy);
  add(&c->flow, t->information_flow);
  add(&c->size, t->n_participants);
  add_coverage(c, t);
  add_complementarity(c, t);
  add_structure(c, t);
  c->digest = civ_digest_mix(c->digest, civ_real_bits(t->final_quality), c->recorded);
  for (uint32_t s = 0; s < t->n_subtasks; s++)
    c->digest = civ_digest_mix(c->digest, civ_real_bits(t->subtasks[s].quality),
                               (uint64_t)t->subtasks[s].worker << 32 | t->subtasks[s].steps);
}

/* --- reading --------------------------------------------------------------------------------------------------------------- */

/* 1 - entropy of the shares over that of even ones; below two shares NaN. */
static double unevenness(const double *values, uint32_t n)
{
  double sum = 0, entropy = 0;
  for (uint32_t k = 0; k < n; k++)
    sum += values[k];
  if (n < 2 || !(sum > 0))
    return NAN;
  for (uint32_t k = 0; k < n; k++)
    if (values[k] / sum > 0)
      entropy -= values[k] / sum * log2(values[k] / sum + 1e-10);
  return 1 - entropy / log2(n);
}

static void read_skills(const civ_capabilities *c, civ_capability_metrics *m)
{
  tally skill = { 0 }, use = { 0 };
  for (size_t i = 0; i < c->n_partakers; i++) {
    const partaker *p = &c->partakers[i];
    double scores[CIV_CAPABILITIES], uses[CIV_CAPABILITIES];
    uint32_t scored = 0, used = 0;
    for (int k = 0; k < CIV_CAPABILITIES; k++) {
      if (p->scored >> k & 1u)
        scores[scored++] = p->scores[k];
      if (p->used[k] > 0)
        uses[used++] = p->used[k];
    }
    const double index = unevenness(scores, scored);
    if (!isnan(index))
      add(&skill, index);
    if (used > 0)
      add(&use, used == 1 ? 1 : unevenness(uses, used));
  }
  m->specialization_index = mean(skill);
  m->usage_specialization = mean(use);
}

civ_capability_metrics civ_capabilities_read(const civ_capabilities *c)
{
  civ_capability_metrics m = { 0 };
  if (c->recorded == 0)
    return m;
  m.total_composite_tasks = m.completed_composite_tasks = (double)c->recorded;
  m.avg_completion_time = mean(c->time);
  m.avg_final_quality = mean(c->quality);
  m.avg_coordination_score = mean(c->coordination);
  m.avg_synergy_score = mean(c->synergy);
  m.avg_information_flow = mean(c->flow);
  m.avg_team_size = mean(c->size);
  m.capability_coverage = mean(c->coverage);
  m.task_efficiency = mean(c->efficiency);
  m.parallelization = mean(c->parallel);
  m.complementarity_score = mean(c->complementarity);
  m.knowledge_transfer = 0.5 + 0.5 * mean(c->transfer);
  read_skills(c, &m);
  return m;
}

civ_capability_profile civ_capabilities_profile(const civ_capabilities *c, civ_agent a)
{
  civ_capability_profile out = { 0 };
  if (!is_registered(c, a))
    return out;
  out.registered = true;
  out.capabilities = c->sets[a];
  if (c->slot[a] == 0)
    return out;
  const partaker *p = &c->partakers[c->slot[a] - 1];
  out.scored = p->scored;
  out.subtasks_completed = p->subtasks;
  out.tasks_completed = p->tasks;
  out.collaborations = p->collaborations;
  out.collaborators = p->collaborators;
  out.average_quality = p->average_quality;
  memcpy(out.scores, p->scores, sizeof out.scores);
  memcpy(out.used, p->used, sizeof out.used);
  return out;
}

uint64_t civ_capabilities_digest(const civ_capabilities *c)
{
  return c->digest;
}

#define X(name, integer, doc) { #name, integer, doc },
const civ_metric_decl civ_capability_metric_decls[CIV_N_CAPABILITY_METRICS] = { CIV_CAPABILITY_METRICS(X) };
#undef X

double civ_collective_intelligence(const civ_capability_metrics *m)
{
  return 0.2 * m->avg_final_quality + 0.15 * m->avg_coordination_score + 0.2 * m->avg_synergy_score +
         0.15 * m->avg_information_flow + 0.1 * fmin(1, 10 * m->task_efficiency) + 0.1 * m->complementarity_score +
         0.1 * m->knowledge_transfer;
}

civ_capability_distribution civ_capability_distribution_of(const civ_capability_set *sets, size_t n)
{
  civ_capability_distribution d = { 0 };
  size_t holders[CIV_CAPABILITIES] = { 0 }, total = 0, fewest = SIZE_MAX, most = 0;
  if (n == 0)
    return d;
  for (size_t i = 0; i < n; i++)
    for (int k = 0; k < CIV_CAPABILITIES; k++)
      holders[k] += sets[i] >> k & 1u;
  for (int k = 0; k < CIV_CAPABILITIES; k++) {
    if (holders[k] == 0)
      continue;
    d.n_capability_types++;
    total += holders[k];
    fewest = holders[k] < fewest ? holders[k] : fewest;
    most = holders[k] > most ? holders[k] : most;
  }
  d.n_agents = (double)n;
  d.avg_capabilities_per_agent = (double)total / (double)n;
  d.avg_agents_per_capability = d.n_capability_types > 0 ? (double)total / d.n_capability_types : 0;
  d.capability_coverage = d.n_capability_types / CIV_CAPABILITIES;
  d.capability_balance = most > 0 ? (double)fewest / (double)most : 0;
  return d;
}

/* --- checkpoints ------------------------------------------------------------------------------------------------------------ */

static void save_partaker(const partaker *p, civ_bytes *out)
{
  const uint32_t counts[] = { p->agent, p->generation, p->subtasks, p->tasks, p->collaborations, p->collaborators };
  for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
    civ_bytes_put_u32(out, counts[k]);
  civ_bytes_put_real(out, p->average_quality);
  civ_bytes_put_reals(out, p->scores, CIV_CAPABILITIES);
  civ_bytes_put_u32s(out, p->used, CIV_CAPABILITIES);
  civ_bytes_put_u8(out, p->scored);
}

static bool load_partaker(partaker *p, civ_bytes_reader *in)
{
  uint32_t *const counts[] = {
    &p->agent, &p->generation, &p->subtasks, &p->tasks, &p->collaborations, &p->collaborators
  };
  for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
    *counts[k] = civ_bytes_u32(in);
  p->average_quality = civ_bytes_real(in);
  const bool right = civ_bytes_reals(in, p->scores, CIV_CAPABILITIES) && civ_bytes_u32s(in, p->used, CIV_CAPABILITIES);
  p->scored = civ_bytes_u8(in);
  return right && !in->failed;
}

enum { TALLIES = 11 };

static void list_tallies(civ_capabilities *c, tally *out[TALLIES])
{
  tally *const all[TALLIES] = { &c->time,    &c->quality,  &c->coordination, &c->synergy,  &c->flow,
                                &c->size,    &c->coverage, &c->efficiency,   &c->parallel, &c->complementarity,
                                &c->transfer };
  memcpy(out, all, sizeof all);
}

void civ_capabilities_save(const civ_capabilities *c, civ_bytes *out)
{
  tally *tallies[TALLIES];
  list_tallies((civ_capabilities *)(uintptr_t)c, tallies);
  civ_bytes_put_block(out, c->registered, c->agents);
  civ_bytes_put_block(out, c->sets, c->agents);
  civ_bytes_put_u64(out, c->recorded);
  civ_bytes_put_u64(out, c->digest);
  for (int k = 0; k < TALLIES; k++) {
    civ_bytes_put_real(out, tallies[k]->sum);
    civ_bytes_put_u64(out, tallies[k]->n);
  }
  civ_bytes_put_u64(out, c->n_partakers);
  for (size_t i = 0; i < c->n_partakers; i++)
    save_partaker(&c->partakers[i], out);
  civ_pairs_save(c->met, out);
}

static civ_status misfit(civ_error *err)
{
  return civ_fail(err, CIV_E_FORMAT, "capabilities", "the checkpoint's profiles do not belong to this run");
}

static civ_status load_partakers(civ_capabilities *c, civ_bytes_reader *in, civ_error *err)
{
  const uint64_t n = civ_bytes_u64(in);
  if (n > c->agents)
    return misfit(err);
  c->n_partakers = 0;
  memset(c->slot, 0, c->agents * sizeof *c->slot);
  if (civ_grow(c->allocator, (void **)&c->partakers, &c->room, n, sizeof *c->partakers) != CIV_OK)
    return civ_fail(err, CIV_E_NOMEM, "capabilities", "out of memory for the profiles of %llu agents",
                    (unsigned long long)n);
  for (uint64_t i = 0; i < n; i++) {
    partaker p = { 0 };
    if (!load_partaker(&p, in) || !is_registered(c, p.agent) || c->slot[p.agent] != 0)
      return misfit(err);
    c->partakers[c->n_partakers++] = p;
    c->slot[p.agent] = (uint32_t)c->n_partakers;
  }
  return CIV_OK;
}

civ_status civ_capabilities_load(civ_capabilities *c, civ_bytes_reader *in, civ_error *err)
{
  tally *tallies[TALLIES];
  list_tallies(c, tallies);
  if (!civ_bytes_block(in, c->registered, c->agents) || !civ_bytes_block(in, c->sets, c->agents))
    return misfit(err);
  c->recorded = civ_bytes_u64(in);
  c->digest = civ_bytes_u64(in);
  for (int k = 0; k < TALLIES; k++) {
    tallies[k]->sum = civ_bytes_real(in);
    tallies[k]->n = civ_bytes_u64(in);
  }
  const civ_status status = in->failed ? misfit(err) : load_partakers(c, in, err);
  return status == CIV_OK ? civ_pairs_load(c->met, in, err) : status;
}
