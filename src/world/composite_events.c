/* What the composite world tells. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "world/composite_inside.h"

static const civ_member created_members[] = {
  { "task_id", CIV_MEMBER_TEXT, false }, { "type", CIV_MEMBER_TEXT, false },
  { "bounty", CIV_MEMBER_REAL, false },  { "deadline_epoch", CIV_MEMBER_OPT_INTEGER, false },
  { "subject", CIV_MEMBER_TEXT, false }, { NULL, 0, false }
};
static const civ_member joined_members[] = { { "task_id", CIV_MEMBER_TEXT, false },
                                             { "n_participants", CIV_MEMBER_INTEGER, false },
                                             { NULL, 0, false } };
static const civ_member claimed_members[] = { { "task_id", CIV_MEMBER_TEXT, false },
                                              { "subtask_index", CIV_MEMBER_INTEGER, false },
                                              { "agent_id", CIV_MEMBER_AGENT, false },
                                              { "quality_score", CIV_MEMBER_JSON, false }, /* null: not known yet */
                                              { NULL, 0, false } };
static const civ_member part_members[] = {
  { "task_id", CIV_MEMBER_TEXT, false },         { "subtask_index", CIV_MEMBER_INTEGER, false },
  { "agent_id", CIV_MEMBER_AGENT, false },       { "quality_score", CIV_MEMBER_REAL, false },
  { "actual_steps", CIV_MEMBER_INTEGER, false }, { NULL, 0, false }
};
static const civ_member completed_members[] = { { "task_id", CIV_MEMBER_TEXT, false },
                                                { "final_quality", CIV_MEMBER_REAL, false },
                                                { "coordination_score", CIV_MEMBER_REAL, false },
                                                { "synergy_score", CIV_MEMBER_REAL, false },
                                                { "information_flow_score", CIV_MEMBER_REAL, false },
                                                { "payouts", CIV_MEMBER_JSON, false },
                                                { NULL, 0, false } };
static const civ_member expired_members[] = { { "task_id", CIV_MEMBER_TEXT, false }, { NULL, 0, false } };

enum { ES = CIV_FORM_EPOCH | CIV_FORM_STEP };
const civ_event_form civ_composite_events[] = {
  { "composite_task_created", CIV_FORM_EPOCH, created_members, "a task for a team is there" },
  { "composite_task_joined", CIV_FORM_AGENT | ES, joined_members, "an agent is one of a task's team" },
  { "subtask_claimed", CIV_FORM_AGENT | ES, claimed_members, "an agent begins a part of a task" },
  { "subtask_completed", CIV_FORM_AGENT | ES, part_members, "an agent has done its part" },
  { "composite_task_completed", ES, completed_members, "all parts of a task are done; who was paid what" },
  { "composite_task_expired", ES, expired_members, "a task was not done in time" },
  { NULL, 0, NULL, NULL }
};

/* --- sending ------------------------------------------------------------------------------------------------------------ */

enum { ID_TEXT = 16 };

/* An event about a task; `id` holds its text until the event is sent. */
static civ_event about(const composite_world *w, const char *name, const civ_composite_task *t, char id[ID_TEXT])
{
  civ_event event = civ_event_make(w->host->call->event_type(w->host, name), CIV_NOBODY);
  snprintf(id, ID_TEXT, "c%llu", (unsigned long long)t->id + 1);
  event.values[0].text = id;
  return event;
}

static void send(const composite_world *w, civ_event *event)
{
  w->host->call->emit(w->host, event);
}

void civ_composite_tell_created(const composite_world *w, const civ_composite_task *t)
{
  char id[ID_TEXT];
  civ_event event = about(w, "composite_task_created", t, id);
  event.values[1].text = civ_composite_template_names[t->type];
  event.values[2].real = t->total_bounty;
  event.values[3].integer = t->deadline_epoch < 0 ? INT64_MIN : t->deadline_epoch;
  event.values[4].text = t->subject;
  send(w, &event);
}

void civ_composite_tell_joined(const composite_world *w, const civ_composite_task *t, civ_agent a)
{
  char id[ID_TEXT];
  civ_event event = about(w, "composite_task_joined", t, id);
  event.agent = a;
  event.values[1].integer = t->n_participants;
  send(w, &event);
}

void civ_composite_tell_part(const composite_world *w, const civ_composite_task *t, uint32_t subtask, bool completed)
{
  char id[ID_TEXT];
  const civ_composite_subtask *part = &t->subtasks[subtask];
  civ_event event = about(w, completed ? "subtask_completed" : "subtask_claimed", t, id);
  event.agent = part->worker;
  event.values[1].integer = subtask;
  event.values[2].integer = part->worker;
  if (completed) {
    event.values[3].real = part->quality;
    event.values[4].integer = part->actual_steps;
  }
  send(w, &event);
}

/* In memory that was set aside: names are known from the start, so the room suffices and the buffer never grows. */
static const char *payouts_json(const composite_world *w, const civ_composite_task *t, const double *payouts)
{
  const char *const *names = w->host->call->population(w->host)->name;
  civ_buffer text = { .data = w->payouts, .capacity = w->payouts_room };
  civ_buffer_text(&text, "{");
  for (uint32_t k = 0; k < t->n_participants; k++) {
    const char *name = names[t->participants[k]];
    civ_buffer_text(&text, k > 0 ? ", " : "");
    civ_buffer_json_text(&text, name, strlen(name));
    civ_buffer_text(&text, ": ");
    civ_buffer_real(&text, payouts[k]);
  }
  civ_buffer_add(&text, "}", 2); /* with its end */
  return w->payouts;
}

void civ_composite_tell_completed(const composite_world *w, const civ_composite_task *t, const double *payouts)
{
  char id[ID_TEXT];
  civ_event event = about(w, "composite_task_completed", t, id);
  event.values[1].real = t->final_quality;
  event.values[2].real = t->coordination;
  event.values[3].real = t->synergy;
  event.values[4].real = t->information_flow;
  event.values[5].text = payouts_json(w, t, payouts);
  send(w, &event);
}

void civ_composite_tell_expired(const composite_world *w, const civ_composite_task *t)
{
  char id[ID_TEXT];
  civ_event event = about(w, "composite_task_expired", t, id);
  send(w, &event);
}
