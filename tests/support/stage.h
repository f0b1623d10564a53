/* stage.h - a loop's place for one policy under test: prescribed population, posts, tasks, open proposals, scripted draws.
 *
 * Everything may be set by hand between two calls. Watches are evaluated over the population as in a run: after each change
 * of reputation, resources or freezing, with the moment of the last turn. */
#ifndef CIV_TESTS_STAGE_H
#define CIV_TESTS_STAGE_H

#include "civitas/config.h"

enum {
  STAGE_AGENTS = 256,
  STAGE_WATCHES = 8,
  STAGE_POSTS = 512,
  STAGE_VISIBLE = 20,
  STAGE_TASKS = 32,
  STAGE_OPEN = 64
};

typedef struct stage_departure {
  civ_agent x;
  uint64_t entered, left;
} stage_departure;

typedef struct stage_watch {
  civ_watch_test test;
  const void *arg;
  bool history, member[STAGE_AGENTS];
  uint64_t entered[STAGE_AGENTS];
  stage_departure *journal;
  size_t n_journal, journal_capacity;
} stage_watch;

typedef struct stage {
  civ_host host; /* must stay first; the stage must not move */
  const civ_allocator *allocator;
  civ_population population;
  uint8_t type[STAGE_AGENTS], frozen[STAGE_AGENTS];
  double reputation[STAGE_AGENTS], resources[STAGE_AGENTS];
  uint32_t epoch, step;
  uint64_t moment;
  civ_simulation_config simulation;
  const civ_market_service *market;
  bool may_not[CIV_QUOTAS]; /* limits reached */

  bool restricted; /* a world says who sees whom: */
  bool permits[STAGE_AGENTS][STAGE_AGENTS];
  civ_agent permitted[STAGE_AGENTS]; /* last list given out */

  stage_watch watches[STAGE_WATCHES];
  uint32_t n_watches;

  civ_feed_service feed;
  civ_post_view posts[STAGE_POSTS];
  uint32_t n_posts, visible[STAGE_VISIBLE], n_visible;
  uint64_t generation;
  uint32_t n_hidden, n_flags, n_freezes; /* orders received */
  civ_agent last_frozen;

  civ_task_service task_service;
  civ_task_view tasks[STAGE_TASKS];
  uint32_t n_tasks;

  civ_proposal open[STAGE_OPEN];
  uint32_t n_open;
  uint64_t next_proposal;
} stage;

/* `agents` honest ones with reputation 0 and resources 100, all visible; nothing else. */
void stage_init(stage *s, uint32_t agents, const civ_allocator *allocator);
void stage_fini(stage *s);
/* What a checkpoint would bring back: everything but the services, the allocator and who watches what. Both stages have the
 * same agents and the same watches. */
void stage_restore(stage *s, const stage *from);

void stage_reputation(stage *s, civ_agent a, double reputation);
void stage_resources(stage *s, civ_agent a, double resources);
void stage_type(stage *s, civ_agent a, civ_agent_type type); /* before a policy is made */
bool stage_freeze(stage *s, civ_agent a, bool frozen);       /* true: changed */

/* Eyes of `a`: now, or on its next turn (moment + 1). */
civ_view stage_view(stage *s, civ_agent a);
civ_view stage_turn(stage *s, civ_agent a);

/* A new post, best ranked so far last; visible while fewer than 20 are. */
uint32_t stage_post(stage *s, civ_agent author, const char *text, double net_votes, uint32_t replies);
uint32_t stage_task(stage *s, double bounty, civ_difficulty difficulty, double min_reputation);
const civ_proposal *stage_propose(stage *s, civ_agent initiator, civ_agent to, civ_interaction_type type,
                                  double transfer);
void stage_close(stage *s, uint64_t proposal);

/* A policy on the stage. */
typedef struct stage_cast {
  const civ_policy *policy;
  void *self;
} stage_cast;

/* Creates; then enrol, then ready (reserve) before anything is asked. */
civ_status stage_create(stage *s, const civ_policy *policy, stage_cast *cast, civ_error *err);
civ_status stage_ready(const stage_cast *cast, uint32_t completions);
void stage_destroy(stage_cast *cast);
/* An accepted or refused interaction of a with x is learned by a. */
void stage_learn(const stage_cast *cast, civ_agent a, civ_agent initiator, civ_agent counterparty, bool accepted,
                 double p);

/* Fills a config struct from its table's defaults; false = unknown member. */
void stage_defaults(const civ_section *section, void *config);
bool stage_set(const civ_section *section, void *config, const char *name, double value);

/* Draws by script: the listed uniforms one after the other, then `rest`; choices take the first, reals the middle. */
typedef struct stage_script {
  civ_draw_script table;
  const double *uniforms;
  uint32_t n, next;
  double rest;
  uint32_t asked; /* questions of any kind */
} stage_script;
civ_draws stage_draws(stage_script *script, const double *uniforms, uint32_t n, double rest);

#endif
