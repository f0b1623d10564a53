/* sightings.h - for each agent of a policy the growing set of those it has ever seen, on a turn of its own, as members of
 * a watch. "Seen" means: visible and a member at the moment of the turn. Nothing is ever removed.
 *
 * Where everybody sees everybody active, a set per agent would hold the same members over and over. What is kept instead:
 * the watch's own journal of departures (who was a member between which moments), the moments of each owner's last two
 * turns, and the exceptions. x belongs to the set of owner A exactly if A took a turn during some membership of x.
 *   - x is a member now: the membership began before A's last turn, or an earlier one counts (below). On A's own turn
 *     every visible member counts, because this is a turn during its membership.
 *   - x has left: when a departure is accounted for (between steps, where memory may grow) it is compared with the owners'
 *     turns. A departure lies in the step just past, in which an owner took at most one turn; so with e, l the moments of
 *     the membership and t' < t those of the owner's last two turns, A had a turn in (e, l] iff e < t (where t <= l) or
 *     e < t' (where t > l): t' lies before that step and so before l. Owners that saw no membership of x yet are written
 *     down as exceptions when x leaves for the first time, and taken off when it leaves after they have seen it.
 *   - departures of the running step that are not accounted for yet are looked up in the journal.
 * Mostly there are no exceptions, and an owner costs 16 bytes whatever the population.
 *
 * Where a world restricts who sees whom, the members seen differ from owner to owner and each owner has an explicit mark
 * for each agent it may see: room for the marks is made between steps from what the world permits, a turn only sets them.
 * That is exact because permissions given within a step were given before (civ_host_table.permitted), and marks stay. */
#ifndef CIV_AGENT_SIGHTINGS_H
#define CIV_AGENT_SIGHTINGS_H

#include "agent/minds.h"
#include "base/pairs.h"

/* Moments of the last two turns of one owner; 0 = none. */
typedef struct civ_turn_times {
  uint64_t last, before;
} civ_turn_times;

typedef struct civ_sightings {
  civ_host *host;
  const civ_minds *owners;
  const civ_turn_times *times; /* of each owner */
  uint8_t type;                /* civ_agent_type of all members */
  uint32_t watch;
  bool made, everybody;
  uint64_t accounted; /* departures of the journal that are */
  uint32_t *standing; /* everybody: per agent 0 = has not left yet, else 1 + owners that have not seen it */
  civ_pairs *marks;   /* owner, other, count 1 = seen, 0 = not */
  uint64_t digest;
} civ_sightings;

/* Sets up a watch of the agents of one type for which `test` holds (it must check the type). While creating only. */
CIV_MUST_CHECK civ_status civ_sightings_init(civ_sightings *s, civ_host *host, civ_agent_type type, civ_watch_test test,
                                             civ_error *err);
void civ_sightings_fini(civ_sightings *s);

/* Takes what memory there is to take; changes no answer and no digest. Not while creating: who sees whom is a matter of the
 * run's worlds, which must all be there. CIV_E_NOMEM: may be called again. */
CIV_MUST_CHECK civ_status civ_sightings_make(civ_sightings *s, const civ_minds *owners);

/* Once before every step: accounts for departures, makes room for marks. `times` must stay until the next call.
 * CIV_E_NOMEM: may be called again. O(departures) mostly; with exceptions O(owners) each. */
CIV_MUST_CHECK civ_status civ_sightings_reserve(civ_sightings *s, const civ_minds *owners, const civ_turn_times *times);

/* The owner takes its turn now: sets the marks of visible members. Changes nothing but marks of this owner; returns a
 * digest of them, 0 where no mark was set. */
uint64_t civ_sightings_look(civ_sightings *s, const civ_view *view, uint32_t slot);

/* Whether x is in the owner's set: on its own turn (after look), or as its last turn left it. */
bool civ_sightings_has_now(const civ_sightings *s, const civ_view *view, uint32_t slot, civ_agent x);
bool civ_sightings_had(const civ_sightings *s, const civ_view *view, uint32_t slot, civ_agent x);

/* Inside a chunk of the caller. */
void civ_sightings_save(const civ_sightings *s, civ_bytes *out);
CIV_MUST_CHECK civ_status civ_sightings_load(civ_sightings *s, const civ_minds *owners, const civ_turn_times *times,
                                             civ_bytes_reader *in, civ_error *err);

#endif
