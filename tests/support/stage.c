#include "stage.h"

#include <stdlib.h>

static stage *of(const void *host)
{
  return (stage *)(uintptr_t)host;
}

/* --- population ----------------------------------------------------------------------------------------------------------- */

static void leave(stage *s, stage_watch *w, civ_agent a)
{
  if (!w->history)
    return;
  if (w->n_journal == w->journal_capacity) {
    w->journal_capacity = w->journal_capacity * 2 + 64;
    w->journal = realloc(w->journal, w->journal_capacity * sizeof *w->journal);
    if (!w->journal)
      abort();
  }
  w->journal[w->n_journal++] = (stage_departure){ a, w->entered[a], s->moment };
}

static void update(stage *s, stage_watch *w, civ_agent a)
{
  const bool is = !s->frozen[a] && w->test(&s->population, a, w->arg);
  if (is == w->member[a])
    return;
  w->member[a] = is;
  if (is)
    w->entered[a] = s->moment;
  else
    leave(s, w, a);
}

static void changed(stage *s, civ_agent a)
{
  for (uint32_t k = 0; k < s->n_watches; k++)
    update(s, &s->watches[k], a);
}

void stage_reputation(stage *s, civ_agent a, double reputation)
{
  s->reputation[a] = reputation;
  changed(s, a);
}

void stage_resources(stage *s, civ_agent a, double resources)
{
  s->resources[a] = resources;
  changed(s, a);
}

void stage_type(stage *s, civ_agent a, civ_agent_type type)
{
  s->type[a] = (uint8_t)type;
  changed(s, a);
}

bool stage_freeze(stage *s, civ_agent a, bool frozen)
{
  if ((s->frozen[a] != 0) == frozen)
    return false;
  s->frozen[a] = frozen;
  changed(s, a);
  return true;
}

/* --- what agents may ask --------------------------------------------------------------------------------------------------- */

static bool sees(const civ_view *view, civ_agent x)
{
  const stage *s = of(view->host);
  return x < s->population.n && x != view->self && !s->frozen[x] && (!s->restricted || s->permits[view->self][x]);
}

static civ_agent visible_from(const civ_view *view, civ_agent from)
{
  for (civ_agent x = from; x < view->population->n; x++)
    if (sees(view, x))
      return x;
  return CIV_NOBODY;
}

static uint32_t visible(const civ_view *view)
{
  uint32_t n = 0;
  for (civ_agent x = 0; x < view->population->n; x++)
    n += sees(view, x);
  return n;
}

static civ_agent visible_at(const civ_view *view, uint32_t k)
{
  for (civ_agent x = 0; x < view->population->n; x++)
    if (sees(view, x) && k-- == 0)
      return x;
  return CIV_NOBODY;
}

static double edge_weight(const civ_view *view, civ_agent x)
{
  return sees(view, x) ? 1 : 0;
}

static bool is_watched(const civ_view *view, uint32_t watch, civ_agent x)
{
  return sees(view, x) && of(view->host)->watches[watch].member[x];
}

static uint32_t watched(const civ_view *view, uint32_t watch)
{
  uint32_t n = 0;
  for (civ_agent x = 0; x < view->population->n; x++)
    n += is_watched(view, watch, x);
  return n;
}

static civ_agent watched_at(const civ_view *view, uint32_t watch, uint32_t k)
{
  for (civ_agent x = 0; x < view->population->n; x++)
    if (is_watched(view, watch, x) && k-- == 0)
      return x;
  return CIV_NOBODY;
}

static bool journal(const stage *s, uint32_t watch, uint64_t *cursor, civ_agent *x, uint64_t *entered, uint64_t *left)
{
  const stage_watch *w = &s->watches[watch];
  if (*cursor >= w->n_journal)
    return false;
  const stage_departure *d = &w->journal[(*cursor)++];
  *x = d->x;
  *entered = d->entered;
  *left = d->left;
  return true;
}

static bool watch_left(const civ_view *view, uint32_t watch, uint64_t *cursor, civ_agent *x, uint64_t *entered,
                       uint64_t *left)
{
  return journal(of(view->host), watch, cursor, x, entered, left);
}

static uint64_t watch_entered(const civ_view *view, uint32_t watch, civ_agent x)
{
  return of(view->host)->watches[watch].entered[x];
}

static bool may(const civ_view *view, civ_quota quota)
{
  return !of(view->host)->may_not[quota];
}

static const civ_proposal *pending(const civ_view *view, const civ_proposal *after)
{
  const stage *s = of(view->host);
  for (uint32_t k = after ? (uint32_t)(after - s->open) + 1 : 0; k < s->n_open; k++)
    if (s->open[k].counterparty == view->self)
      return &s->open[k];
  return NULL;
}

static uint32_t recent(const civ_view *view, civ_interaction *out, uint32_t most)
{
  (void)view, (void)out, (void)most;
  return 0;
}

static const civ_view_table questions = { visible,    visible_at, visible_from,  sees, edge_weight, watched, watched_at,
                                          is_watched, watch_left, watch_entered, may,  pending,     recent };

civ_view stage_view(stage *s, civ_agent a)
{
  return (civ_view){ .self = a,
                     .epoch = s->epoch,
                     .step = s->step,
                     .moment = s->moment,
                     .population = &s->population,
                     .ask = &questions,
                     .feed = &s->feed,
                     .tasks = &s->task_service,
                     .market = s->market,
                     .host = s };
}

civ_view stage_turn(stage *s, civ_agent a)
{
  s->moment++;
  return stage_view(s, a);
}

/* --- services of the loop --------------------------------------------------------------------------------------------------- */

static const civ_population *host_population(const civ_host *host)
{
  return &of(host)->population;
}
static const civ_allocator *host_allocator(const civ_host *host)
{
  return of(host)->allocator;
}

static const void *host_section(const civ_host *host, const char *name)
{
  return strcmp(name, "simulation") == 0 ? &of(host)->simulation : NULL;
}

static void host_now(const civ_host *host, uint32_t *epoch, uint32_t *step)
{
  *epoch = of(host)->epoch;
  *step = of(host)->step;
}

static civ_status host_watch(civ_host *host, civ_watch_test test, const void *arg, uint32_t *watch, civ_error *err)
{
  stage *s = of(host);
  (void)err;
  if (s->n_watches == STAGE_WATCHES)
    abort();
  s->watches[s->n_watches] = (stage_watch){ .test = test, .arg = arg };
  for (civ_agent a = 0; a < s->population.n; a++)
    update(s, &s->watches[s->n_watches], a);
  *watch = s->n_watches++;
  return CIV_OK;
}

static civ_status host_watch_history(civ_host *host, uint32_t watch, civ_error *err)
{
  (void)err;
  of(host)->watches[watch].history = true;
  return CIV_OK;
}

static const void *host_service(const civ_host *host, const char *name)
{
  return strcmp(name, "feed") == 0    ? (const void *)&of(host)->feed
         : strcmp(name, "tasks") == 0 ? &of(host)->task_service
                                      : NULL;
}

static bool host_freeze(civ_host *host, civ_agent a, const char *by)
{
  stage *s = of(host);
  (void)by;
  s->n_freezes++;
  s->last_frozen = a;
  return stage_freeze(s, a, true);
}

static bool host_watch_left(const civ_host *host, uint32_t watch, uint64_t *cursor, civ_agent *x, uint64_t *entered,
                            uint64_t *left)
{
  return journal(of(host), watch, cursor, x, entered, left);
}

static uint32_t host_permitted(const civ_host *host, civ_agent a, const civ_agent **out)
{
  stage *s = of(host);
  if (!s->restricted)
    return UINT32_MAX;
  uint32_t n = 0;
  for (civ_agent x = 0; x < s->population.n; x++)
    if (s->permits[a][x])
      s->permitted[n++] = x;
  *out = s->permitted;
  return n;
}

static const civ_host_table services = { .population = host_population,
                                         .allocator = host_allocator,
                                         .section = host_section,
                                         .now = host_now,
                                         .watch = host_watch,
                                         .watch_history = host_watch_history,
                                         .service = host_service,
                                         .freeze = host_freeze,
                                         .watch_left = host_watch_left,
                                         .permitted = host_permitted };

/* --- feed ---------------------------------------------------------------------------------------------------------------------- */

static uint32_t feed_visible(void *self)
{
  return of(self)->n_visible;
}
static const uint32_t *feed_ids(void *self)
{
  return of(self)->visible;
}
static uint64_t feed_generation(void *self)
{
  return of(self)->generation;
}
static void feed_post(void *self, uint32_t post, civ_post_view *out)
{
  *out = of(self)->posts[post];
}
static void feed_standing(void *self, uint32_t post, double *net_votes, uint32_t *replies)
{
  *net_votes = of(self)->posts[post].net_votes;
  *replies = of(self)->posts[post].replies;
}
static uint32_t feed_n_posts(void *self)
{
  return of(self)->n_posts;
}

static bool feed_hide(void *self, uint32_t post, const char *reason)
{
  stage *s = of(self);
  (void)reason;
  s->n_hidden++;
  s->posts[post].hidden = true;
  uint32_t n = 0;
  for (uint32_t k = 0; k < s->n_visible; k++)
    if (s->visible[k] != post)
      s->visible[n++] = s->visible[k];
  s->n_visible = n;
  s->generation++;
  return true;
}

static bool feed_flag(void *self, uint32_t post, civ_agent reporter)
{
  (void)post, (void)reporter;
  of(self)->n_flags++;
  return false;
}

uint32_t stage_post(stage *s, civ_agent author, const char *text, double net_votes, uint32_t replies)
{
  if (s->n_posts == STAGE_POSTS)
    abort();
  const uint32_t id = s->n_posts++;
  s->posts[id] = (civ_post_view){ .post = id,
                                  .author = author,
                                  .parent = CIV_NONE,
                                  .net_votes = net_votes,
                                  .replies = replies,
                                  .task = CIV_NONE,
                                  .content = { text, (uint32_t)strlen(text) } };
  if (s->n_visible < STAGE_VISIBLE) {
    s->visible[s->n_visible++] = id;
    s->generation++;
  }
  return id;
}

/* --- tasks --------------------------------------------------------------------------------------------------------------------- */

static bool is_active(const stage *s, uint32_t id, civ_agent a)
{
  const civ_task_view *t = &s->tasks[id];
  return t->claimer == a && (t->status == CIV_TASK_CLAIMED || t->status == CIV_TASK_IN_PROGRESS);
}

static uint32_t count_tasks(const stage *s, civ_agent a, bool active)
{
  uint32_t n = 0;
  for (uint32_t k = 0; k < s->n_tasks; k++)
    n += active ? is_active(s, k, a) : s->tasks[k].status == CIV_TASK_OPEN;
  return n;
}

static void nth_task(const stage *s, civ_agent a, bool active, uint32_t nth, civ_task_view *out)
{
  for (uint32_t k = 0; k < s->n_tasks; k++)
    if ((active ? is_active(s, k, a) : s->tasks[k].status == CIV_TASK_OPEN) && nth-- == 0) {
      *out = s->tasks[k];
      return;
    }
  abort();
}

static uint32_t tasks_available(void *self, civ_agent a)
{
  return count_tasks(of(self), a, false);
}
static uint32_t tasks_active(void *self, civ_agent a)
{
  return count_tasks(of(self), a, true);
}
static void tasks_available_at(void *self, civ_agent a, uint32_t k, civ_task_view *out)
{
  nth_task(of(self), a, false, k, out);
}
static void tasks_active_at(void *self, civ_agent a, uint32_t k, civ_task_view *out)
{
  nth_task(of(self), a, true, k, out);
}

static uint32_t tasks_next_submitted(void *self, uint32_t from)
{
  const stage *s = of(self);
  for (uint32_t k = from; k < s->n_tasks; k++)
    if (s->tasks[k].status == CIV_TASK_SUBMITTED)
      return k;
  return CIV_NONE;
}

static void tasks_task(void *self, uint32_t task, civ_task_view *out)
{
  *out = of(self)->tasks[task];
}

static bool tasks_start(void *self, uint32_t task)
{
  stage *s = of(self);
  if (s->tasks[task].status != CIV_TASK_CLAIMED)
    return false;
  s->tasks[task].status = CIV_TASK_IN_PROGRESS;
  return true;
}

uint32_t stage_task(stage *s, double bounty, civ_difficulty difficulty, double min_reputation)
{
  if (s->n_tasks == STAGE_TASKS)
    abort();
  const uint32_t id = s->n_tasks++;
  s->tasks[id] = (civ_task_view){ .task = id,
                                  .status = CIV_TASK_OPEN,
                                  .difficulty = (uint8_t)difficulty,
                                  .bounty = bounty,
                                  .min_reputation = min_reputation,
                                  .deadline_epoch = -1,
                                  .claimer = CIV_NOBODY,
                                  .prompt = { "write it down", 13 },
                                  .last_output_by = CIV_NOBODY };
  return id;
}

/* --- proposals ----------------------------------------------------------------------------------------------------------------- */

const civ_proposal *stage_propose(stage *s, civ_agent initiator, civ_agent to, civ_interaction_type type,
                                  double transfer)
{
  if (s->n_open == STAGE_OPEN)
    abort();
  s->open[s->n_open] = (civ_proposal){ .id = ++s->next_proposal,
                                       .initiator = initiator,
                                       .counterparty = to,
                                       .type = (uint8_t)type,
                                       .epoch = s->epoch,
                                       .step = s->step,
                                       .index = s->n_open,
                                       .transfer = transfer };
  return &s->open[s->n_open++];
}

void stage_close(stage *s, uint64_t proposal)
{
  uint32_t n = 0;
  for (uint32_t k = 0; k < s->n_open; k++)
    if (s->open[k].id != proposal) {
      s->open[n] = s->open[k];
      s->open[n].index = n;
      n++;
    }
  s->n_open = n;
}

/* --- setting up ---------------------------------------------------------------------------------------------------------------- */

void stage_init(stage *s, uint32_t agents, const civ_allocator *allocator)
{
  if (agents > STAGE_AGENTS)
    abort();
  memset(s, 0, sizeof *s);
  s->host.call = &services;
  s->allocator = allocator;
  s->population = (civ_population){
    .n = agents, .type = s->type, .frozen = s->frozen, .reputation = s->reputation, .resources = s->resources
  };
  for (uint32_t a = 0; a < agents; a++)
    s->resources[a] = 100;
  s->feed = (civ_feed_service){ s,         feed_visible, feed_ids, feed_generation, feed_post, feed_n_posts,
                                feed_hide, feed_flag,    NULL,     feed_standing };
  s->task_service = (civ_task_service){ .self = s,
                                        .available = tasks_available,
                                        .available_at = tasks_available_at,
                                        .active = tasks_active,
                                        .active_at = tasks_active_at,
                                        .next_submitted = tasks_next_submitted,
                                        .task = tasks_task,
                                        .start = tasks_start };
}

void stage_fini(stage *s)
{
  for (uint32_t k = 0; k < s->n_watches; k++)
    free(s->watches[k].journal);
}

static void restore_watch(stage_watch *w, const stage_watch *from)
{
  const civ_watch_test test = w->test;
  const void *arg = w->arg;
  free(w->journal);
  *w = *from;
  w->test = test;
  w->arg = arg;
  w->journal = NULL;
  w->journal_capacity = from->n_journal;
  if (from->n_journal == 0)
    return;
  w->journal = malloc(from->n_journal * sizeof *w->journal);
  if (!w->journal)
    abort();
  memcpy(w->journal, from->journal, from->n_journal * sizeof *w->journal);
}

void stage_restore(stage *s, const stage *from)
{
  memcpy(s->type, from->type, sizeof s->type);
  memcpy(s->frozen, from->frozen, sizeof s->frozen);
  memcpy(s->reputation, from->reputation, sizeof s->reputation);
  memcpy(s->resources, from->resources, sizeof s->resources);
  memcpy(s->permits, from->permits, sizeof s->permits);
  memcpy(s->posts, from->posts, sizeof s->posts);
  memcpy(s->visible, from->visible, sizeof s->visible);
  memcpy(s->tasks, from->tasks, sizeof s->tasks);
  memcpy(s->open, from->open, sizeof s->open);
  s->epoch = from->epoch;
  s->step = from->step;
  s->moment = from->moment;
  s->restricted = from->restricted;
  s->n_posts = from->n_posts;
  s->n_visible = from->n_visible;
  s->generation = from->generation;
  s->n_hidden = from->n_hidden;
  s->n_flags = from->n_flags;
  s->n_freezes = from->n_freezes;
  s->n_tasks = from->n_tasks;
  s->n_open = from->n_open;
  s->next_proposal = from->next_proposal;
  for (uint32_t k = 0; k < s->n_watches; k++)
    restore_watch(&s->watches[k], &from->watches[k]);
}

civ_status stage_create(stage *s, const civ_policy *policy, stage_cast *cast, civ_error *err)
{
  *cast = (stage_cast){ .policy = policy };
  return policy->create(&s->host, &cast->self, err);
}

civ_status stage_ready(const stage_cast *cast, uint32_t completions)
{
  const civ_demand demand = { .turns = completions, .open = 0, .completions = completions };
  return cast->policy->reserve ? cast->policy->reserve(cast->self, &demand) : CIV_OK;
}

void stage_destroy(stage_cast *cast)
{
  if (cast->self && cast->policy->destroy)
    cast->policy->destroy(cast->self);
  cast->self = NULL;
}

void stage_learn(const stage_cast *cast, civ_agent a, civ_agent initiator, civ_agent counterparty, bool accepted,
                 double p)
{
  const civ_interaction record = {
    .id = 1, .initiator = initiator, .counterparty = counterparty, .type = CIV_TRADE, .accepted = accepted, .p = p
  };
  if (cast->policy->learn)
    cast->policy->learn(cast->self, a, &record, 0);
}

static void set_field(const civ_field *f, void *config, double value)
{
  unsigned char *at = (unsigned char *)config + f->offset;
  if (f->kind == CIV_FIELD_REAL)
    *(double *)(void *)at = value;
  else if (f->kind == CIV_FIELD_INTEGER)
    *(int64_t *)(void *)at = (int64_t)value;
  else if (f->kind == CIV_FIELD_BOOLEAN)
    *(bool *)at = value != 0;
  else
    abort();
}

void stage_defaults(const civ_section *section, void *config)
{
  memset(config, 0, section->size);
  for (uint32_t k = 0; k < section->n_fields; k++) {
    const char *text = section->fields[k].fallback;
    set_field(&section->fields[k], config, strcmp(text, "true") == 0 ? 1 : strtod(text, NULL));
  }
}

bool stage_set(const civ_section *section, void *config, const char *name, double value)
{
  for (uint32_t k = 0; k < section->n_fields; k++)
    if (strcmp(section->fields[k].name, name) == 0) {
      set_field(&section->fields[k], config, value);
      return true;
    }
  return false;
}

/* --- draws --------------------------------------------------------------------------------------------------------------------- */

static double script_uniform(void *self)
{
  stage_script *script = self;
  script->asked++;
  return script->next < script->n ? script->uniforms[script->next++] : script->rest;
}

static uint32_t script_index(void *self, uint32_t n)
{
  (void)n;
  ((stage_script *)self)->asked++;
  return 0;
}

static double script_between(void *self, double low, double high)
{
  ((stage_script *)self)->asked++;
  return low + (high - low) / 2;
}

civ_draws stage_draws(stage_script *script, const double *uniforms, uint32_t n, double rest)
{
  *script = (stage_script){
    .table = { script_uniform, script_index, script_between, script }, .uniforms = uniforms, .n = n, .rest = rest
  };
  return civ_draws_scripted(&script->table);
}
