/* The marketplace in random societies: its counts are the log's, and every credit is where it says. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "society.h"

/* Whether the scenario so far has a section of that name. */
static bool has_section(const civ_buffer *yaml, const char *section)
{
  return memmem(yaml->data, yaml->length, section, strlen(section)) != NULL;
}

/* Paid work is judged by levers, whose own laws count interactions only: it is drawn where none of them is. */
void draw_market(civ_draws *d, civ_buffer *out)
{
  static const char *const settlements[] = { "none", "on_submission", NULL };
  if (!draw_maybe(d, 0.5))
    return;
  const bool judged = has_section(out, "\ngovernance:\n") || has_section(out, "\ntyrant:\n");
  civ_buffer_text(out, "marketplace:\n  enabled: true\n");
  put_real(out, d, "escrow_fee_rate", 0, 1);
  put_real(out, d, "min_bounty_amount", 0, 6);
  put_integer(out, d, "max_bids_per_bounty", 1, 12);
  put_integer(out, d, "dispute_resolution_epochs", 0, 3);
  put_boolean(out, d, "auto_expire_bounties");
  put_real(out, d, "dispute_default_split", 0, 1);
  put_boolean(out, d, "reserve_tasks");
  if (!judged)
    put_choice(out, d, "settlement", settlements);
}

double market_holds(const civ_result *r)
{
  static const char *const places[] = { "market.open_rewards", "market.awarded_rewards", "market.fees_burned" };
  double sum = 0;
  if (isnan(result_total(r, "market.total_bounties")))
    return 0;
  for (size_t k = 0; k < sizeof places / sizeof *places; k++)
    sum += result_total(r, places[k]);
  return sum;
}

static bool same(society *s, const civ_result *r, const char *what, double told)
{
  const double x = result_total(r, what);
  return x == told || society_fail(s, "%s is %g, and not %g", what, x, told);
}

/* Everything posted is somewhere, and nothing is there that was not posted. */
static bool sums_agree(society *s, const civ_result *r)
{
  static const char *const parts[] = { "market.total_released", "market.total_refunded", "market.surplus_returned",
                                       "market.expired_returned" };
  static const char *const statuses[] = {
    "open", "awarded", "completed", "failed", "disputed", "expired", "cancelled"
  };
  double where = market_holds(r), count = 0;
  char name[64];
  for (size_t k = 0; k < sizeof parts / sizeof *parts; k++)
    where += result_total(r, parts[k]);
  for (size_t k = 0; k < sizeof statuses / sizeof *statuses; k++) {
    snprintf(name, sizeof name, "market.bounty_statuses.%s", statuses[k]);
    count += result_total(r, name);
  }
  const double posted = result_total(r, "market.total_reward_posted");
  if (fabs(posted - where) > 1e-9 * (1 + posted))
    return society_fail(s, "%.17g was offered, %.17g is known of", posted, where);
  return same(s, r, "market.total_bounties", count);
}

bool market_step(society *s, const ledger *l, const civ_result *r)
{
  if (isnan(result_total(r, "market.total_bounties")))
    return !civ_config_given(s->config, "marketplace") || society_fail(s, "the market does not count");
  return same(s, r, "market.total_bounties", (double)l->succeeded[CIV_ACTION_POST_BOUNTY]) &&
         same(s, r, "market.total_bids", (double)l->succeeded[CIV_ACTION_PLACE_BID]) &&
         same(s, r, "market.total_escrows", (double)l->succeeded[CIV_ACTION_ACCEPT_BID]) &&
         same(s, r, "market.total_disputes", (double)l->succeeded[CIV_ACTION_FILE_DISPUTE]) && sums_agree(s, r);
}
