/* Moderator: an institution that reviews accepted interactions, more often and more mildly than an audit, for a fee. */
#include "base/bytes.h"
#include "govern/governed.h"
#include "govern/levers.h"

typedef struct moderator {
  civ_governed base; /* must stay first */
  uint64_t reviews, fines;
  uint16_t review; /* number of the event form */
} moderator;

static bool wanted(const civ_host *host)
{
  const civ_governance_config *rules = civ_governance_of(host);
  return rules != NULL && rules->moderator_enabled;
}

static civ_status create(civ_host *host, void **self, civ_error *err)
{
  return civ_governed_create(host, civ_lever_moderator.name, sizeof(moderator), 0, self, err);
}

static void emit_review(moderator *l, const civ_interaction *record, double fine)
{
  civ_event event = civ_host_event(l->base.host, &l->review, "moderation_review", CIV_NOBODY);
  event.interaction = record->id;
  event.values[0].real = record->p;
  event.values[1].integer = fine > 0;
  event.values[2].real = fine;
  l->base.host->call->emit(l->base.host, &event);
}

static void judge(void *self, const civ_interaction *record, civ_draws *draws, civ_effect *effect)
{
  moderator *l = self;
  const civ_governance_config *rules = l->base.rules;
  if (!record->accepted || !civ_draw_chance(draws, rules->moderator_review_probability))
    return;
  const double excess = (rules->moderator_threshold_p - record->p) * rules->moderator_penalty_multiplier;
  const double fine = excess > 0 ? excess : 0, fee = rules->moderator_review_cost;
  l->reviews++;
  if (fee + fine > 0)
    civ_effect_cost(effect, fee + fine, fee);
  if (fine > 0) {
    l->fines++;
    civ_effect_reputation(effect, record->initiator, -fine);
  }
  emit_review(l, record, fine);
}

static void total_report(void *self, double *values)
{
  const moderator *l = self;
  values[0] = (double)l->reviews;
  values[1] = (double)l->fines;
}

static civ_status save(void *self, civ_bytes *out)
{
  const moderator *l = self;
  civ_bytes_put_u64(out, l->reviews);
  civ_bytes_put_u64(out, l->fines);
  return CIV_OK;
}

static civ_status load(void *self, civ_bytes_reader *in, civ_error *err)
{
  moderator *l = self;
  if (civ_bytes_left(in) != 16)
    return civ_governed_misfit(&l->base, civ_lever_moderator.name, err);
  l->reviews = civ_bytes_u64(in);
  l->fines = civ_bytes_u64(in);
  return CIV_OK;
}

static const civ_member review_members[] = { { "p", CIV_MEMBER_REAL, false },
                                             { "penalty_applied", CIV_MEMBER_BOOLEAN, false },
                                             { "penalty_amount", CIV_MEMBER_REAL, false },
                                             { NULL, 0, false } };
static const civ_event_form events[] = { { "moderation_review", CIV_FORM_INTERACTION | CIV_FORM_EPOCH | CIV_FORM_STEP,
                                           review_members, "the moderator looked at an accepted interaction" },
                                         { NULL, 0, NULL, NULL } };
static const civ_metric_decl totals[] = { { "lever_reviews", true, "interactions the moderator reviewed" },
                                          { "lever_review_penalties", true, "reviews that imposed a fine" },
                                          { NULL, false, NULL } };

const civ_lever civ_lever_moderator = {
  .version = CIV_PART_VERSION,
  .name = "moderator",
  .doc = "Reviews accepted interactions at random for a fee and fines bad ones mildly.",
  .events = events,
  .totals = totals,
  .accounted = true,
  .wanted = wanted,
  .create = create,
  .destroy = civ_governed_destroy,
  .judge = judge,
  .total_report = total_report,
  .save = save,
  .load = load,
};
