/* part.h - the four doors of the house: policy, world, lever, sink - and what a part may ask of the loop.
 *
 * Built-in parts and plug-ins register the very same tables (registry.h). A part never includes another part; siblings meet
 * in services that the loop hands out. Unused functions are NULL. Every table begins with CIV_PART_VERSION. */
#ifndef CIVITAS_PART_H
#define CIVITAS_PART_H

#include "civitas/allocator.h"
#include "civitas/draws.h"
#include "civitas/event.h"
#include "civitas/field.h"
#include "civitas/interaction.h"
#include "civitas/services.h"
#include "civitas/sink.h"

#include <string.h>

CIV_BEGIN_DECLS

/* --- population: columns to read ----------------------------------------------------------------------------------- */

/* State of all agents, one array per field, indexed by civ_agent. Read-only for parts; changes go through effects. */
typedef struct civ_population {
  uint32_t n;
  const uint8_t *type; /* civ_agent_type, as recorded */
  const double *reputation;
  const double *resources;
  const double *total_payoff;
  const double *average_p_initiated, *average_p_received;
  const uint32_t *initiated, *received, *accepted, *rejected;
  const uint8_t *frozen;      /* 0 or 1 */
  const uint8_t *policy;      /* index into the run's list of policies in use */
  const char *const *name;    /* "honest_1" */
  const char *const *variant; /* name of the policy: "honest", "adaptive_adversary", "llm", ... */
} civ_population;

/* A subset of the population that the loop keeps up to date: the agents that are not frozen and for which `test` holds.
 * `test` may read type, reputation and resources of agent `a`, nothing else. */
typedef bool (*civ_watch_test)(const civ_population *population, civ_agent a, const void *arg);

/* --- actions ------------------------------------------------------------------------------------------------------- */

typedef enum civ_action_kind {
  CIV_ACTION_NOOP,
  CIV_ACTION_POST,
  CIV_ACTION_REPLY,
  CIV_ACTION_VOTE,
  CIV_ACTION_PROPOSE,
  CIV_ACTION_ACCEPT,
  CIV_ACTION_REJECT,
  CIV_ACTION_CLAIM_TASK,
  CIV_ACTION_SUBMIT_OUTPUT,
  CIV_ACTION_VERIFY_OUTPUT,
  CIV_ACTION_POST_BOUNTY,
  CIV_ACTION_PLACE_BID,
  CIV_ACTION_ACCEPT_BID,
  CIV_ACTION_REJECT_BID,
  CIV_ACTION_WITHDRAW_BID,
  CIV_ACTION_FILE_DISPUTE,
  CIV_ACTION_KINDS
} civ_action_kind;

/* "noop", "post", ..., "propose_interaction", "accept_interaction" ... as in events; NULL-terminated. */
CIV_API extern const char *const civ_action_names[CIV_ACTION_KINDS + 1];

/* Quotas of section rate_limits, in this order. */
typedef enum civ_quota {
  CIV_QUOTA_POSTS,        /* posts and replies, per epoch */
  CIV_QUOTA_INTERACTIONS, /* proposals, per step */
  CIV_QUOTA_VOTES,        /* per epoch */
  CIV_QUOTA_TASKS,        /* claims, per epoch */
  CIV_QUOTA_BOUNTIES,     /* per epoch */
  CIV_QUOTA_BIDS,         /* per epoch */
  CIV_QUOTAS,
  CIV_NO_QUOTA = CIV_QUOTAS
} civ_quota;
CIV_API extern const uint8_t civ_action_quota[CIV_ACTION_KINDS]; /* civ_quota of each action, CIV_NO_QUOTA = none */

/* What an agent wants to do in its turn. */
typedef struct civ_action {
  uint8_t kind;             /* civ_action_kind */
  uint8_t interaction_type; /* of a proposal */
  int8_t vote_direction;    /* > 0 up, anything else down */
  uint8_t output_kind;      /* civ_output_kind of a submission */
  uint32_t target;          /* post, proposal (index as the view gave it), task, bounty, bid or escrow; CIV_NONE */
  civ_agent counterparty;   /* of a proposal; CIV_NOBODY */
  civ_text content;         /* post, reply, proposal, output, dispute reason */
  double amount;            /* bounty reward, bid; quality of a verification (< 0: rejected) */
  double min_reputation;    /* of a bounty */
  int64_t deadline_epoch;   /* of a bounty; < 0 = none */
  double transfer, claim;   /* of a proposal, shown; the transfer enters the payoffs, and moves resources when
                              * simulation.enable_transfers is on */
  double conduct, intent;   /* of a proposal, hidden: for the observable generator and audits only */
} civ_action;

static inline civ_action civ_action_make(civ_action_kind kind)
{
  civ_action action;
  memset(&action, 0, sizeof action);
  action.kind = (uint8_t)kind;
  action.target = CIV_NONE;
  action.counterparty = CIV_NOBODY;
  action.deadline_epoch = -1;
  return action;
}

/* An open proposal. */
typedef struct civ_proposal {
  uint64_t id; /* from 1 per run */
  civ_agent initiator, counterparty;
  uint8_t type;                  /* civ_interaction_type */
  uint32_t epoch, step, ordinal; /* when it was made; ordinal among its initiator's proposals of that step */
  uint32_t index;                /* what ACCEPT and REJECT name as target; valid until the end of the step */
  civ_text content;
  double transfer, claim;
  double conduct, intent;
} civ_proposal;

/* --- the view: questions an agent may ask on its turn ---------------------------------------------------------------- */

struct civ_view;

/* Questions about others. Only agents that are not frozen and that every world permits are visible; never oneself. */
typedef struct civ_view_table {
  uint32_t (*visible)(const struct civ_view *view);                       /* how many agents are visible */
  civ_agent (*visible_at)(const struct civ_view *view, uint32_t k);       /* the k-th, in index order */
  civ_agent (*visible_from)(const struct civ_view *view, civ_agent from); /* lowest visible >= from; CIV_NOBODY */
  bool (*sees)(const struct civ_view *view, civ_agent x);
  double (*edge_weight)(const struct civ_view *view, civ_agent x);                  /* 1 without a network */
  uint32_t (*watched)(const struct civ_view *view, uint32_t watch);                 /* visible members of a watch */
  civ_agent (*watched_at)(const struct civ_view *view, uint32_t watch, uint32_t k); /* the k-th, in index order */
  bool (*is_watched)(const struct civ_view *view, uint32_t watch, civ_agent x);     /* x visible and a member */
  /* Needs watch_history. Members that left the watch (also by freezing) since position *cursor of its journal, oldest first: false = no more.
   * `entered`, `left` are moments (civ_view.moment) bounding the membership that ended: what changes during and after
   * turn m carries m, so the turn at moment m saw the member if entered < m && m <= left. Advances *cursor. */
  bool (*watch_left)(const struct civ_view *view, uint32_t watch, uint64_t *cursor, civ_agent *x, uint64_t *entered,
                     uint64_t *left);
  uint64_t (*watch_entered)(const struct civ_view *view, uint32_t watch, civ_agent x); /* since when x is a member */
  bool (*may)(const struct civ_view *view, civ_quota quota);                           /* limit not yet reached */
  const civ_proposal *(*pending)(const struct civ_view *view,
                                 const civ_proposal *after); /* addressed to self, oldest first;
                                                                                            after = NULL: the oldest */
  uint32_t (*recent)(const struct civ_view *view, civ_interaction *out,
                     uint32_t most); /* own last completed ones, newest
                                                                                            first; needs the optional ring */
} civ_view_table;

/* An agent's eyes at one moment. Copied nowhere, valid for the call. */
typedef struct civ_view {
  civ_agent self;
  uint32_t epoch, step;
  uint64_t moment; /* counts own turns of all agents over the run; grows with every turn */
  const civ_population *population;
  const civ_view_table *ask;
  const civ_feed_service *feed;     /* never NULL */
  const civ_task_service *tasks;    /* never NULL */
  const civ_market_service *market; /* NULL without a marketplace */
  const civ_ledger_service *ledger; /* NULL without a public ledger */
  void *host;                       /* the loop's own */
} civ_view;

static inline uint32_t civ_view_visible(const civ_view *v)
{
  return v->ask->visible(v);
}
static inline civ_agent civ_view_visible_at(const civ_view *v, uint32_t k)
{
  return v->ask->visible_at(v, k);
}
static inline bool civ_view_sees(const civ_view *v, civ_agent x)
{
  return v->ask->sees(v, x);
}
static inline bool civ_view_may(const civ_view *v, civ_quota q)
{
  return v->ask->may(v, q);
}
static inline const civ_proposal *civ_view_oldest(const civ_view *v)
{
  return v->ask->pending(v, NULL);
}

/* --- effects: what a lever orders, applied by the loop in one place --------------------------------------------------- */

typedef struct civ_effect civ_effect; /* costs, freezes, thaws, reputation and resource changes, stop */

CIV_API void civ_effect_cost(civ_effect *e, double cost_a, double cost_b);
CIV_API void civ_effect_freeze(civ_effect *e, civ_agent a, int64_t until_epoch); /* until_epoch < 0 = open */
CIV_API void civ_effect_unfreeze(civ_effect *e, civ_agent a);
CIV_API void civ_effect_reputation(civ_effect *e, civ_agent a, double delta);
CIV_API void civ_effect_resources(civ_effect *e, civ_agent a, double delta);
CIV_API void civ_effect_stop(civ_effect *e, const char *reason, double value); /* the run ends after this epoch */
/* What another lever ordered in this call: its cost to the initiator, and whether it froze `a`. 0 and false when it is off. */
CIV_API double civ_effect_cost_a_of(const civ_effect *e, const char *lever);
CIV_API bool civ_effect_freezes_of(const civ_effect *e, const char *lever, civ_agent a);

/* --- services of the loop, handed to every part at creation ------------------------------------------------------------ */

struct civ_agent_entry;
typedef struct civ_host civ_host;
typedef struct civ_host_table {
  const civ_population *(*population)(const civ_host *host);
  const civ_allocator *(*allocator)(const civ_host *host);
  uint64_t (*seed)(const civ_host *host);
  const void *(*section)(const civ_host *host, const char *name); /* values of a config section; NULL = unknown */
  bool (*section_given)(const civ_host *host, const char *name);  /* the scenario has the section at all */
  uint64_t (*steps_done)(const civ_host *host);                   /* steps since the start of the run */
  void (*now)(const civ_host *host, uint32_t *epoch, uint32_t *step);
  /* Keeps a subset up to date from now on (only while creating). `arg` must outlive the run. */
  civ_status (*watch)(civ_host *host, civ_watch_test test, const void *arg, uint32_t *watch, civ_error *err);
  /* From now on remembers who left the watch, for civ_view_table.watch_left and watch_entered (only while creating). */
  civ_status (*watch_history)(civ_host *host, uint32_t watch, civ_error *err);
  const void *(*service)(const civ_host *host, const char *name); /* "feed", "tasks", "network", "market" ...; NULL */
  bool (*admitted)(const civ_host *host, civ_agent a);            /* active and admitted by all levers */
  double (*vote_weight)(const civ_host *host, civ_agent a);       /* product over levers; 1 when none weighs */
  uint32_t (*quota_used)(const civ_host *host, civ_agent a, civ_quota quota);
  void (*emit)(civ_host *host, civ_event *event); /* fills time; counts; hands to sinks */
  /* All levers on a record that a world made; what they order is applied. Levers see and remember it without their costs,
   * which it carries afterwards: the world takes them from whomever it pleases. Its id, different for each record of an
   * initiator in a step, names the draws; levers see 0, for it is no interaction. Also between steps. */
  void (*judge)(civ_host *host, civ_interaction *record);
  void (*transfer)(civ_host *host, civ_agent from, civ_agent to, double amount); /* resources */
  bool (*freeze)(civ_host *host, civ_agent a, const char *by);                   /* through the effect path */
  uint16_t (*event_type)(const civ_host *host, const char *name); /* number of a registered event form; UINT16_MAX */
  uint32_t (*roles)(const civ_host *host, civ_agent a);           /* bits 1 << civ_role */
  /* The journal of a watch with history (civ_view_table.watch_left), for `reserve`: between steps, without a view. */
  bool (*watch_left)(const civ_host *host, uint32_t watch, uint64_t *cursor, civ_agent *x, uint64_t *entered,
                     uint64_t *left);
  /* Agents that the worlds let `a` see, frozen ones included (more may be named, none left out), for `reserve`;
   * UINT32_MAX = everybody, no world restricts. Within a step a world only gives back permissions that it once had given. */
  uint32_t (*permitted)(const civ_host *host, civ_agent a, const civ_agent **out);
  /* Entries of the scenario's list of agents (config.h): agents are numbered through the counts, in this order. */
  const struct civ_agent_entry *(*agents)(const civ_host *host, uint32_t *n);
  const civ_agent *(*schedule)(const civ_host *host); /* who comes first in this step; NULL = by number */
  /* Work that is no interaction, measured like one: observables of `record` by the run's generator from `draws` (the
   * proposal's initiator, and record->accepted, decide), then v_hat and p. Nothing is completed, judged or counted. */
  void (*measure)(const civ_host *host, const civ_proposal *proposal, civ_draws *draws, civ_interaction *record);
  void (*credit)(civ_host *host, civ_agent a, double amount); /* resources that are made (> 0) or destroyed (< 0) */
  /* Whether a sink takes events now: where not, they still have to be emitted, for they count, but their texts are not read. */
  bool (*listened)(const civ_host *host);
} civ_host_table;
struct civ_host {
  const civ_host_table *call;
};

/* An event of a form that the part registered, to be filled and emitted; `number` keeps the form's number, 0 at first. */
static inline civ_event civ_host_event(const civ_host *host, uint16_t *number, const char *name, civ_agent agent)
{
  if (*number == 0)
    *number = host->call->event_type(host, name);
  return civ_event_make(*number, agent);
}

typedef enum civ_role { CIV_PLANNER, CIV_WORKER, CIV_VERIFIER, CIV_POSTER, CIV_MODERATOR, CIV_ROLES } civ_role;
CIV_API extern const char *const civ_role_names[CIV_ROLES + 1];

/* The most that may happen in the coming step: what `reserve` must make room for. */
typedef struct civ_demand {
  uint32_t turns;       /* own turns: one post, one vote, one proposal, one claim ... each at most */
  uint32_t open;        /* proposals open now */
  uint32_t completions; /* at most: open + turns */
} civ_demand;

/* --- policy ---------------------------------------------------------------------------------------------------------- */

typedef enum civ_verdict { CIV_PASS = 0, CIV_ACT = 1, CIV_PENDING = 2, CIV_NO = 0, CIV_YES = 1 } civ_verdict;

typedef enum civ_foresight { CIV_FAR_AHEAD, CIV_NEAR_AHEAD } civ_foresight;

typedef struct civ_offer {
  uint8_t type;
  double transfer;
} civ_offer;

/* How an agent decides. One `self` serves all agents of its kind; state is indexed by agent. `act` and `accept` change
 * nothing but their own agent's state and take no memory, so that many agents may decide at the same time. */
typedef struct civ_policy {
  uint32_t version;
  const char *name; /* as in YAML `type:` */
  const char *doc;
  uint8_t agent_type;        /* what its agents are recorded as */
  const civ_section *config; /* of the agent's `config:` map; NULL = no keys */
  civ_status (*create)(civ_host *host, void **self, civ_error *err);
  void (*destroy)(void *self);
  civ_status (*enrol)(void *self, civ_agent a, const void *config, civ_error *err); /* every agent once, index order */
  civ_status (*reserve)(void *self, const civ_demand *demand);
  civ_verdict (*act)(void *self, const civ_view *view, civ_draws *draws, civ_action *out);
  civ_verdict (*accept)(void *self, const civ_view *view, const civ_proposal *proposal, civ_draws *draws);
  bool (*offer)(void *self, const civ_view *view, civ_agent counterparty, civ_offer *out);
  /* Hint in large populations: a will soon take its turn (x = CIV_NOBODY) or deal with x. Given twice: when there is time to
   * fetch what can be found without reading memory, and nearer, when that has arrived and leads on. Changes nothing. */
  void (*foresee)(const void *self, civ_agent a, civ_agent x, civ_foresight when);
  void (*answered)(void *self, civ_agent a, const civ_proposal *proposal, civ_decided_in where,
                   bool accepted);                                          /* a decided a proposal */
  void (*done)(void *self, civ_agent a, const civ_action *action, bool ok); /* own turn was executed */
  void (*learn)(void *self, civ_agent a, const civ_interaction *record,
                double payoff);                                            /* a is a party, accepted or not */
  void (*notice)(void *self, civ_agent a, const char *what, double value); /* detected, rework ... */
  uint64_t (*digest)(void *self);                                          /* of all private memory */
  civ_status (*save)(void *self, civ_bytes *out);
  civ_status (*load)(void *self, civ_bytes_reader *in, civ_error *err);
} civ_policy;

/* --- world ----------------------------------------------------------------------------------------------------------- */

typedef struct civ_world {
  uint32_t version;
  const char *name;
  const char *doc;
  const civ_section *const *sections;   /* its config sections, NULL-terminated */
  const uint8_t *actions;               /* kinds it owns, ended by CIV_ACTION_KINDS */
  const char *const *services;          /* names it answers in `service`, NULL-terminated */
  const civ_event_form *events;         /* forms it adds, ended by a NULL name */
  const civ_metric_decl *epoch_metrics; /* ended by a NULL name */
  const civ_metric_decl *totals;        /* ended by a NULL name */
  bool (*wanted)(const civ_host *host); /* switched on by this scenario? NULL = always */
  civ_status (*create)(civ_host *host, void **self, civ_error *err);
  void (*destroy)(void *self);
  const void *(*service)(void *self, const char *name);
  civ_status (*reserve)(void *self, const civ_demand *demand);
  bool (*permits)(void *self, civ_agent a, civ_agent b); /* may a see b, propose to b; NULL = always */
  /* With permits: all that a may meet, in index order; a itself may stand among them. A world that lets everybody meet
   * everybody throughout the run answers UINT32_MAX at its creation, once for all: it then costs the step nothing. */
  uint32_t (*neighbours)(void *self, civ_agent a, const civ_agent **out);
  void (*foresee)(const void *self, civ_agent a); /* hint: a will soon take its turn; may fetch memory ahead */
  bool (*apply)(void *self, civ_agent a, const civ_action *action);
  void (*turn_done)(void *self, civ_agent a, const civ_action *action, bool ok);
  void (*completed)(void *self, const civ_interaction *record, double payoff_a, double payoff_b);
  void (*step_begin)(void *self);
  void (*step_end)(void *self);
  void (*epoch_begin)(void *self);
  void (*epoch_end)(void *self);
  void (*epoch_report)(void *self, double *values); /* epoch_metrics, in order */
  void (*total_report)(void *self, double *values); /* totals, in order */
  const civ_metric_decl *totals_when_off; /* those of `totals` that a run without this world has too, as 0; or NULL */
  void (*finish)(void *self);             /* the run is over, nothing changes any more: may emit */
  civ_status (*report)(void *self, civ_bytes *out); /* see civ_lever.report */
  uint64_t (*digest)(void *self);
  civ_status (*save)(void *self, civ_bytes *out);
  civ_status (*load)(void *self, civ_bytes_reader *in, civ_error *err);
} civ_world;

/* --- lever ----------------------------------------------------------------------------------------------------------- */

typedef struct civ_lever {
  uint32_t version;
  const char *name;
  const char *doc;
  const civ_section *const *sections;
  const civ_event_form *events;
  const civ_metric_decl *epoch_metrics;
  const civ_metric_decl *totals;
  const civ_metric_decl *agent_totals; /* per kind of agent: the kind's name follows each name */
  const char *const *services;         /* names it answers in `service`, NULL-terminated; worlds are asked first */
  bool accounted;                      /* appears as cost.L, rep_delta.L, res_delta.L in totals */
  bool (*wanted)(const civ_host *host);
  civ_status (*create)(civ_host *host, void **self, civ_error *err);
  void (*destroy)(void *self);
  const void *(*service)(void *self, const char *name);
  civ_status (*reserve)(void *self, const civ_demand *demand);
  bool (*admits)(void *self, civ_agent a);
  const char *(*admits_action)(void *self, civ_agent a,
                               const civ_action *action);            /* NULL = ok, else the reason's name */
  void (*charge)(void *self, civ_agent a, const civ_action *action); /* after success */
  bool (*may)(void *self, civ_agent a, civ_quota quota);             /* answers civ_view.may; NULL = yes */
  uint32_t (*used)(void *self, civ_agent a, civ_quota quota);        /* answers host quota_used */
  void (*judge)(void *self, const civ_interaction *record, civ_draws *draws, civ_effect *effect);
  /* All levers have judged, the record carries their costs, nothing is applied yet: may look at what others ordered, and
   * order anything but further costs. */
  void (*judged)(void *self, const civ_interaction *record, civ_effect *effect);
  void (*step_begin)(void *self);
  void (*epoch_begin)(void *self, uint32_t epoch, civ_effect *effect);
  void (*epoch_end)(void *self, const double *epoch_metrics, civ_effect *effect); /* row of the run's columns */
  double (*vote_weight)(void *self, civ_agent a);
  void (*epoch_report)(void *self, double *values);
  void (*total_report)(void *self, double *values);
  double (*agent_total)(void *self, uint32_t k,
                        civ_agent a); /* k-th of agent_totals; summed over the agents of a kind */
  void (*finish)(void *self);         /* the run is over, nothing changes any more: may emit */
  /* Appends one JSON object (UTF-8, one line) whose members are the part's reports by name: what it has to say of the run
   * beyond numbers. Asked between epochs or at the end, changes nothing, may take memory. CIV_E_NOMEM. */
  civ_status (*report)(void *self, civ_bytes *out);
  uint64_t (*digest)(void *self);
  civ_status (*save)(void *self, civ_bytes *out);
  civ_status (*load)(void *self, civ_bytes_reader *in, civ_error *err);
} civ_lever;

/* --- observable generator: a part like the others --------------------------------------------------------------------- */

typedef struct civ_generator {
  uint32_t version;
  const char *name;
  civ_status (*create)(civ_host *host, void **self, civ_error *err);
  void (*destroy)(void *self);
  /* Fills observables (settled) and ground_truth of `record`; draws are the proposal's own stream. */
  void (*observe)(void *self, const civ_proposal *proposal, civ_draws *draws, civ_interaction *record);
} civ_generator;

CIV_END_DECLS

#endif
